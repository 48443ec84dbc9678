import { DatabaseInUse, GreenlightError } from '../../errors.ts';
import { list } from '../sql.ts';
import { type Row, Session } from './connection.ts';
import { numberBehind } from './errors.ts';
import { qualified } from './names.ts';
import type { SqlserverOptions } from './options.ts';
import { describeSessions } from './sessions.ts';

/**
 * A session that keeps writers off all tables of a database, while readers go on: in a transaction that writes nothing
 * it holds a shared lock of each table, which excludes every lock that writing or defining takes. It ends with the
 * session, so also with this process.
 */
export interface Locked {
  readonly session: Session;
  readonly tables: readonly string[];
}

/**
 * Waits for writers a moment only: whoever wants to write waits behind us.
 * @throws DatabaseInUse that names who writes.
 */
export async function lockTables(database: string, options: SqlserverOptions): Promise<Locked> {
  const session = await Session.open(database, options, { purpose: 'fence' });
  try {
    const tables = await tablesOf(session);
    await session.run(lockStatement(tables, waitMs));
    return { session, tables };
  } catch (error) {
    const isRefused = [1222, 1205].includes(numberBehind(error) ?? 0);
    const others = isRefused ? await holdersOf(session).catch(() => []) : [];
    await session.close();
    throw isRefused ? stillWriting(database, others) : error;
  }
}

const waitMs = 2000;

/** Reads one row of each table, and keeps its lock. TOP (0) would be answered without looking at the table. */
export function lockStatement(tables: readonly string[], patienceMs: number): string {
  const locks = list(
    tables,
    (table) => `SELECT TOP (1) @row = 1 FROM ${table} WITH (TABLOCK, HOLDLOCK);`,
    ' ',
  );
  return `SET LOCK_TIMEOUT ${patienceMs}; BEGIN TRANSACTION; DECLARE @row int; ${locks}`;
}

/** In one order, so that two fences do not stand in each other's way. */
async function tablesOf(session: Session): Promise<string[]> {
  const rows = await session.rows(
    `SELECT s.name AS [schema], t.name AS name, t.is_memory_optimized AS in_memory
       FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id
      WHERE t.is_ms_shipped = 0 AND t.is_external = 0 AND t.temporal_type <> 1 ORDER BY s.name, t.name`,
  );
  const unlockable = rows.filter(({ in_memory }) => in_memory === true);
  if (unlockable.length > 0) {
    throw new GreenlightError({
      what: 'Writers cannot be kept off memory-optimized tables: SQL Server has no locks for them.',
      where: `database ${session.database}`,
      cause: list(unlockable, ({ schema, name }) => `${schema}.${name}`),
      live: 'live is unchanged',
      help: 'A database that has some cannot be swapped safely; see docs/sqlserver.md.',
    });
  }
  return rows.map(({ schema, name }) => qualified(String(schema), String(name)));
}

async function holdersOf(session: Session): Promise<Row[]> {
  return session.rows(
    `SELECT DISTINCT s.session_id AS id, s.login_name AS login, NULLIF(s.program_name, '') AS program
       FROM sys.dm_tran_locks AS l JOIN sys.dm_exec_sessions AS s ON s.session_id = l.request_session_id
      WHERE l.resource_database_id = DB_ID() AND l.resource_type = 'OBJECT' AND l.request_status = 'GRANT'
        AND l.request_mode IN ('IX', 'X', 'SIX', 'UIX', 'BU', 'Sch-M') AND s.session_id <> @@SPID`,
  );
}

function stillWriting(database: string, others: readonly Row[]): DatabaseInUse {
  return new DatabaseInUse({
    what: 'Somebody is writing, and did not let go in time.',
    where: `database ${database}`,
    ...(others.length === 0 ? {} : { cause: describeSessions(others) }),
    help: 'Let those who write pause for the time of the swap, then run the same command again.',
  });
}
