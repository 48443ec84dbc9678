import type { CatalogObject } from '../engine.ts';
import type { Row, Session } from './connection.ts';
import { numberBehind } from './errors.ts';
import { quote } from './names.ts';
import type { SqlserverOptions } from './options.ts';
import { beside } from './sessions.ts';

/**
 * What belongs to a database as a whole and stands outside of it: RESTORE resets a part of it, and gives the copy to
 * whoever restores. It stays with the database when that gets another name. Read in a session on any database.
 */
export async function readContainer(session: Session, database: string): Promise<CatalogObject[]> {
  const [row] = await session.rows(properties, [database]);
  if (row === undefined) return [];
  return Object.entries(row).map(([name, value]) => ({
    kind: 'database property',
    name: name.replaceAll('_', ' '),
    definition: value === null ? 'none' : String(value),
  }));
}

/**
 * The same without what no copy has in common with its original: whoever makes it owns it, and its Service Broker is off
 * while the original's is on.
 */
export async function readSettings(session: Session, database: string): Promise<CatalogObject[]> {
  const all = await readContainer(session, database);
  return all.filter(({ name }) => name !== 'owner' && name !== 'service broker');
}

/** Columns that every version from 2016 on has. Not: state, user access, log reuse, identifiers; they change by themselves. */
const properties = `SELECT SUSER_SNAME(d.owner_sid) AS owner,
    d.compatibility_level AS compatibility_level, d.collation_name AS collation, d.recovery_model_desc AS recovery_model,
    d.page_verify_option_desc AS page_verify, d.snapshot_isolation_state_desc AS snapshot_isolation,
    d.is_read_committed_snapshot_on AS read_committed_snapshot,
    CASE WHEN d.source_database_id IS NULL THEN d.is_read_only ELSE 0 END AS read_only,
    d.is_auto_close_on AS auto_close, d.is_auto_shrink_on AS auto_shrink,
    d.is_auto_create_stats_on AS auto_create_statistics, d.is_auto_update_stats_on AS auto_update_statistics,
    d.is_auto_update_stats_async_on AS auto_update_statistics_async,
    d.is_ansi_null_default_on AS ansi_null_default, d.is_ansi_nulls_on AS ansi_nulls, d.is_ansi_padding_on AS ansi_padding,
    d.is_ansi_warnings_on AS ansi_warnings, d.is_arithabort_on AS arithabort,
    d.is_concat_null_yields_null_on AS concat_null_yields_null, d.is_numeric_roundabort_on AS numeric_roundabort,
    d.is_quoted_identifier_on AS quoted_identifier, d.is_recursive_triggers_on AS recursive_triggers,
    d.is_cursor_close_on_commit_on AS cursor_close_on_commit, d.is_local_cursor_default AS local_cursor_default,
    d.is_parameterization_forced AS parameterization_forced, d.is_date_correlation_on AS date_correlation,
    d.is_fulltext_enabled AS fulltext, d.is_trustworthy_on AS trustworthy, d.is_db_chaining_on AS db_chaining,
    d.is_broker_enabled AS service_broker, d.is_honor_broker_priority_on AS honor_broker_priority,
    d.is_cdc_enabled AS change_data_capture, d.is_encrypted AS encrypted, d.is_query_store_on AS query_store,
    d.delayed_durability_desc AS delayed_durability, d.containment_desc AS containment,
    d.target_recovery_time_in_seconds AS target_recovery_time
  FROM sys.databases AS d WHERE d.name = @p1`;

/**
 * Gives `to` what `from` has and a restored copy has not: its owner, TRUSTWORTHY, DB_CHAINING. What the login of the
 * connection may not give is left, and listed; so is what a copy beside the original cannot have.
 */
export async function mirrorContainer(
  session: Session,
  from: string,
  to: string,
): Promise<string[]> {
  const [source, target] = [await read(session, from), await read(session, to)];
  const lacks: string[] = [];
  const give = async (what: string, sqlFor: (database: string) => string) => {
    try {
      await session.run(sqlFor(quote(to)));
    } catch (error) {
      if (!refusals.includes(numberBehind(error) ?? 0)) throw error;
      lacks.push(
        `${what} (not allowed to the login of the connection; after the swap: ${sqlFor(quote(from))})`,
      );
    }
  };
  if (source.owner !== null && source.owner !== target.owner) {
    await give(
      `owner ${source.owner} of the database`,
      (at) => `ALTER AUTHORIZATION ON DATABASE::${at} TO ${quote(String(source.owner))}`,
    );
  }
  if (source.trustworthy === true && target.trustworthy !== true)
    await give('TRUSTWORTHY of the database', (at) => `ALTER DATABASE ${at} SET TRUSTWORTHY ON`);
  if (source.db_chaining === true && target.db_chaining !== true)
    await give('DB_CHAINING of the database', (at) => `ALTER DATABASE ${at} SET DB_CHAINING ON`);
  if (source.service_broker === true && target.service_broker !== true) {
    lacks.push(
      'Service Broker (off in a copy beside the original; after the swap: ALTER DATABASE ... SET NEW_BROKER, which ends its conversations)',
    );
  }
  return lacks;
}

// Not allowed; not there, or not allowed; only a member of sysadmin may.
const refusals = [229, 262, 15151, 15247, 15517, 5011, 15404, 33162];

async function read(session: Session, database: string): Promise<Row> {
  return (await session.rows(properties, [database]))[0] ?? {};
}

/**
 * What names the database and belongs to the server: it goes on with whatever bears the name, before the swap and after
 * it. Told, because a person may want to look at it: jobs, default databases, log shipping.
 */
export async function readTies(
  options: SqlserverOptions,
  database: string,
): Promise<readonly string[]> {
  return beside(options, 'clone', async (session) => {
    const { known, seesJobs } = await tiesOf(session, database);
    const hidden = `jobs (the login may not look into msdb, so those that name ${database} are not told)`;
    return seesJobs ? known : [hidden, ...known];
  });
}

export interface Ties {
  /** Jobs, and default databases of those logins that are seen. */
  readonly known: readonly string[];
  readonly seesJobs: boolean;
}

export async function tiesOf(session: Session, database: string): Promise<Ties> {
  const logins = await namesFrom(
    session,
    `SELECT p.name AS name FROM sys.server_principals AS p WHERE p.default_database_name = @p1 ORDER BY p.name`,
    database,
  );
  const jobs = await namesFrom(
    session,
    `SELECT j.name + N', step ' + CONVERT(nvarchar(10), s.step_id) AS name
       FROM msdb.dbo.sysjobsteps AS s JOIN msdb.dbo.sysjobs AS j ON j.job_id = s.job_id
      WHERE s.database_name = @p1 OR CHARINDEX(@p1, s.command) > 0 ORDER BY j.name, s.step_id`,
    database,
  );
  return {
    known: [
      ...(jobs ?? []).map(
        (name) => `job ${name} (names ${database}, and runs in whatever bears the name)`,
      ),
      ...(logins ?? []).map(
        (name) => `default database of login ${name} (goes on with the name ${database})`,
      ),
    ],
    seesJobs: jobs !== null,
  };
}

/** Null where the login may not look. Nothing where there is no such thing: Azure SQL Database has no msdb. */
async function namesFrom(
  session: Session,
  sql: string,
  database: string,
): Promise<string[] | null> {
  try {
    return (await session.rows(sql, [database])).map(({ name }) => String(name));
  } catch (error) {
    const number = numberBehind(error) ?? 0;
    if ([208, 40515, 40510].includes(number)) return [];
    if ([229, 916].includes(number)) return null;
    throw error;
  }
}
