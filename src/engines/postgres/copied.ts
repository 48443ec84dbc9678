import { Session } from './connection.ts';
import { withinCopyTimeout } from './copy-limit.ts';
import { stateBehind } from './errors.ts';
import { literal, quote } from './names.ts';
import type { PostgresOptions } from './options.ts';

/**
 * That a database is a copy of another one, file by file: what the server's summaries of its log are asked about later.
 * It is kept as a setting of the copy, which goes when the database goes and is nobody else's.
 */
export interface Copied {
  readonly system: string;
  readonly timeline: string;
  /** The oids of both databases. */
  readonly source: string;
  readonly copy: string;
  /** In the log, before the copy began: the server made a checkpoint after it, and then copied. */
  readonly before: string;
  /** How many rows the copy had, by `oid/file` of the table. Large tables only. */
  readonly rows: Readonly<Record<string, number>>;
}

export type CopyBegun = Pick<Copied, 'system' | 'timeline' | 'before'>;

/** Right before the copy. Null: this server does not summarise its log, so there is nothing to ask it about. */
export async function beginCopy(session: Session): Promise<CopyBegun | null> {
  if (!(await summarisesLog(session))) return null;
  const row = await session.row(
    `SELECT (SELECT system_identifier FROM pg_control_system()) AS system,
            (SELECT timeline_id FROM pg_control_checkpoint()) AS timeline, pg_current_wal_insert_lsn() AS before`,
  );
  return {
    system: String(row.system),
    timeline: String(row.timeline),
    before: String(row.before),
  };
}

/** From 17 on, when it is told to. */
export async function summarisesLog(session: Session): Promise<boolean> {
  const row = await session.row(
    `SELECT coalesce(current_setting('summarize_wal', true), 'off') = 'on' AS summarises`,
  );
  return row.summarises === true;
}

/**
 * To rows that were just loaded, autovacuum writes in each block within minutes: of a copy made before that, nothing could
 * be proven. What belongs to others than the user of the connection is left.
 */
export async function vacuumLoaded(database: string, options: PostgresOptions): Promise<void> {
  await Session.use(database, options, { purpose: 'clone' }, async (session) => {
    if (!(await summarisesLog(session))) return;
    await withinCopyTimeout(session, options, () => session.run('VACUUM (FREEZE)'));
  });
}

/** So many tables, of so many rows each, are not counted again: the setting is told to every session. */
const [countedTables, countedRows] = [100, 10_000];

/** Right after the copy, before anybody knows it. Where it is not allowed, every value will be compared. */
export async function recordCopy(
  session: Session,
  database: string,
  copied: Omit<Copied, 'copy'>,
): Promise<void> {
  const { oid } = await session.row('SELECT oid FROM pg_database WHERE datname = $1', [database]);
  const large = Object.entries(copied.rows)
    .filter(([, rows]) => rows >= countedRows)
    .sort(([, a], [, b]) => b - a)
    .slice(0, countedTables);
  const all: Copied = { ...copied, copy: String(oid), rows: Object.fromEntries(large) };
  try {
    await session.run(
      `ALTER DATABASE ${quote(database)} SET ${copiedSetting} TO ${literal(JSON.stringify(all))}`,
    );
  } catch (error) {
    if (stateBehind(error) !== '42501') throw error;
  }
}

/** Whoever restores a dump of live would meet it. */
export async function forgetCopied(session: Session, database: string): Promise<void> {
  const there = await session.rows(
    `SELECT FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) AS c (setting)
      WHERE d.datname = $1 AND s.setrole = 0 AND NOT ${isOfTheDatabase('setting')}`,
    [database],
  );
  if (there.length === 0) return;
  await session.run(
    `SET LOCAL lock_timeout = '1s'; ALTER DATABASE ${quote(database)} RESET ${copiedSetting}`,
  );
}

const copiedSetting = 'greenlight.copied';

/** Of settings in `pg_db_role_setting`: what Greenlight keeps there is no part of what a database is. */
export const isOfTheDatabase = (setting: string) =>
  `NOT starts_with(${setting}, '${copiedSetting}=')`;

/** Of the databases with these oids, as far as they are copies by file on this server. */
export async function readCopied(
  session: Session,
  databases: readonly string[],
): Promise<readonly Copied[]> {
  const rows = await session.rows(
    `SELECT setdatabase AS database, (SELECT system_identifier FROM pg_control_system()) AS system,
            substr(setting, ${copiedSetting.length + 2}) AS copied
       FROM pg_db_role_setting, unnest(setconfig) AS s (setting)
      WHERE setdatabase = ANY ($1::oid[]) AND setrole = 0 AND starts_with(setting, '${copiedSetting}=')`,
    [databases],
  );
  return rows
    .map(({ database, system, copied }) => ({ database, system, copied: parse(String(copied)) }))
    .flatMap(({ database, system, copied }) =>
      copied !== null && copied.copy === database && copied.system === system ? [copied] : [],
    );
}

/** Null: somebody else wrote it. */
function parse(text: string): Copied | null {
  try {
    const { system, timeline, source, copy, before, rows } = JSON.parse(text);
    const texts = [system, timeline, source, copy, before];
    const isWhole = texts.every((one) => typeof one === 'string') && typeof rows === 'object';
    return isWhole && rows !== null ? { system, timeline, source, copy, before, rows } : null;
  } catch {
    return null;
  }
}
