import { DatabaseInUse } from '../../errors.ts';
import { list } from '../sql.ts';
import { type Row, Session } from './connection.ts';
import { stateBehind } from './errors.ts';
import { type Place, quote } from './names.ts';
import type { PostgresOptions } from './options.ts';
import { describeSessions } from './sessions.ts';

/**
 * A session that keeps writers off all tables of a database or schema, while readers go on: what it locks, SHARE ROW
 * EXCLUSIVE, excludes every lock that writing takes. It ends with the session, so also with this process.
 */
export interface Locked {
  readonly session: Session;
  readonly tables: readonly string[];
  /** Lets all go on. */
  end(): Promise<void>;
}

/**
 * Waits for writers a moment only: whoever wants to write waits behind us. Less than `deadlock_timeout`, so that the
 * server never ends a writer for a deadlock with us.
 * @throws DatabaseInUse that names who writes.
 */
export async function lockTables(
  place: Place,
  options: PostgresOptions,
  known?: readonly string[],
): Promise<Locked> {
  const session = await Session.open(place.database, options, { purpose: 'fence' });
  try {
    const { ms } = await session.row(
      `SELECT setting::integer AS ms FROM pg_settings WHERE name = 'deadlock_timeout'`,
    );
    const tables = known ?? (await tablesOf(session, place));
    await keepAlive(session);
    const patience = Number(ms) * 0.7;
    try {
      await lock(session, tables, patience, options);
    } catch (error) {
      if (!isRefused(error)) throw error;
      // A worker of autovacuum gives way to who has waited for as long as a deadlock takes to be looked for.
      const others = await lockHolders(place, options);
      const isVacuum =
        others.length > 0 && others.every(({ user }) => user === 'autovacuum worker');
      if (!isVacuum) throw stillWriting(place, others);
      await lock(session, tables, Number(ms) * 2, options);
    }
    const beating = setInterval(() => void session.run('SELECT 1').catch(() => undefined), beatMs);
    const end = async () => {
      clearInterval(beating);
      await session.close();
    };
    return { session, tables, end };
  } catch (error) {
    await session.close();
    throw isRefused(error) ? stillWriting(place, []) : error;
  }
}

/** Opens and locks at once: for a fence that has to stand again right after the exchange. */
async function lock(
  session: Session,
  tables: readonly string[],
  patienceMs: number,
  { statementTimeoutMs }: PostgresOptions,
): Promise<void> {
  if (tables.length === 0) return;
  try {
    await session.run(
      `BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${6 * beatMs};
       SET LOCAL statement_timeout = ${Math.ceil(patienceMs)};
       LOCK TABLE ${list(tables, (table) => `ONLY ${table}`)} IN SHARE ROW EXCLUSIVE MODE;
       SET LOCAL statement_timeout = ${statementTimeoutMs}`,
    );
  } catch (error) {
    await session.run('ROLLBACK');
    throw error;
  }
}

/** In one order, so that two fences do not stand in each other's way. Views hold nothing, and a partition is a table. */
async function tablesOf(session: Session, { schema }: Place): Promise<string[]> {
  const rows = await session.rows(
    `SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
        AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
        AND ($1::text IS NULL OR n.nspname = $1)
      ORDER BY 1, 2`,
    [schema],
  );
  return rows.map((row) => `${quote(String(row.schema))}.${quote(String(row.name))}`);
}

/**
 * So often the session of a fence says that its process is there. When it says nothing for six times as long, because the
 * process stands still, the server ends it, and all go on.
 */
const beatMs = 10_000;

/** When the machine of this process vanishes, the server finds out within half a minute. */
async function keepAlive(session: Session): Promise<void> {
  await session.run(
    'SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3',
  );
}

/** Lock or statement timeout, or a deadlock. */
function isRefused(error: unknown): boolean {
  return ['55P03', '57014', '40P01'].includes(stateBehind(error) ?? '');
}

async function lockHolders({ database }: Place, options: PostgresOptions): Promise<Row[]> {
  return Session.use(database, options, { purpose: 'fence', readOnly: true }, (session) =>
    session.rows(
      `SELECT DISTINCT coalesce(a.pid::text, 'prepared') AS pid, coalesce(a.usename, a.backend_type, 'a transaction') AS "user",
              nullif(a.application_name, '') AS application
         FROM pg_locks l JOIN pg_class c ON c.oid = l.relation LEFT JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.granted
          AND c.relkind IN ('r', 'p') AND c.oid >= 16384 AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
          AND l.pid IS DISTINCT FROM pg_backend_pid()`,
    ),
  );
}

function stillWriting({ database, schema }: Place, others: readonly Row[]): DatabaseInUse {
  return new DatabaseInUse({
    what: 'Somebody is writing, and did not let go in time.',
    where: schema === null ? `database ${database}` : `schema ${schema} of ${database}`,
    ...(others.length === 0 ? {} : { cause: describeSessions(others) }),
    help: 'Let those who write pause for the time of the swap, then run the same command again.',
  });
}
