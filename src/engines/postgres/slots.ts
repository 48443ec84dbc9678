import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../errors.ts';
import type { Session } from './connection.ts';
import { firstLine, stateBehind } from './errors.ts';

/**
 * A logical replication slot: from when it is made on, the server keeps its log, and decodes what committed transactions
 * wrote to the tables of one database. Nothing is ever taken from it, so that it can be asked again.
 */

/** What lies between two points of a database is exactly what was written in between. */
export interface Point {
  /** Transactions that this snapshot saw had been written before. */
  readonly snapshot: string;
  /** Transactions of which the slot may have missed the end, although the snapshot did not see them. */
  readonly doubtful: readonly string[];
  /** Over all that logical decoding does not show. */
  readonly undecoded: string;
}

/** Comes with the server in the packages of Debian and the PostgreSQL project, and with those who run it for others. */
const plugin = 'test_decoding';

/** A slot waits for all transactions that write right now, anywhere in the cluster: longer is not worth it. */
const patienceMs = 10_000;

/**
 * Makes a slot for the database of the session. Gives the reason when the server has none for us.
 * @param temporary it goes with the session.
 */
export async function makeSlot(
  session: Session,
  slot: string,
  { temporary }: { readonly temporary: boolean },
): Promise<{ readonly reason: string | null }> {
  try {
    await session.transaction(async () => {
      await session.run(`SET LOCAL statement_timeout = ${patienceMs}`);
      await session.rows('SELECT pg_create_logical_replication_slot($1, $2, $3)', [
        slot,
        plugin,
        temporary,
      ]);
    });
    return { reason: null };
  } catch (error) {
    return { reason: whyNone(error, session.role) };
  }
}

/** One that is in use by another session stays. Gives whether there was one. */
export async function dropSlots(session: Session, slots: readonly string[]): Promise<boolean> {
  const dropped = await session.rows(
    'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = ANY ($1::name[]) AND NOT active',
    [slots],
  );
  return dropped.length > 0;
}

/** Of one release of one live, in all clusters. */
export function slotOf(live: string, release: string): string {
  const shown = release
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 30);
  const digest = createHash('sha256').update(`${live}/${release}`).digest('hex').slice(0, 12);
  return `${slotPrefix}${shown}_${digest}`;
}

/** All that Greenlight makes. */
export const slotPrefix = 'greenlight_';

/**
 * The transactions that were not over when the slot was made: one that had written its end before the slot began, and was
 * not seen as ended yet, would be neither in the slot nor in a snapshot. Most are over in a moment; the rest is doubtful.
 */
export async function settleBeginning(session: Session): Promise<string[]> {
  // From then on, a snapshot names every older transaction that is not over.
  await session.rows('SELECT pg_current_xact_id()');
  const { xids } = await session.row(
    `SELECT coalesce(string_agg(xid::text, ','), '') AS xids FROM pg_snapshot_xip(pg_current_snapshot()) AS xid`,
  );
  let open = String(xids)
    .split(',')
    .filter((xid) => xid !== '');
  for (const until = Date.now() + settlingMs; open.length > 0 && Date.now() < until; ) {
    await sleep(20);
    const left = await session.rows(
      `SELECT xid FROM unnest($1::text[]) AS xid WHERE NOT pg_visible_in_snapshot(xid::xid8, pg_current_snapshot())`,
      [open],
    );
    open = left.map(({ xid }) => String(xid));
  }
  return open;
}

const settlingMs = 2_000;

/**
 * Whether the slot proves that no table of the database (of the schema, if one is given) was written to since the point.
 * Null, with the reason: the slot cannot tell any more. Called right after a snapshot that saw what is there now.
 */
export async function askSlot(
  session: Session,
  slot: string,
  { snapshot, doubtful }: Point,
  schema: string | null,
): Promise<{ readonly isUnwritten: boolean | null; readonly reason: string | null }> {
  try {
    const reason = await whyNotAsked(session, slot);
    if (reason !== null) return { isUnwritten: null, reason };
    if (await anyCommitted(session, doubtful)) return { isUnwritten: false, reason: null };
    for (let atMost = 1_000; ; atMost *= 16) {
      const { all, written } = await session.row(peek, [slot, atMost, snapshot, schema]);
      if (written === true) return { isUnwritten: false, reason: null };
      if (Number(all) < atMost) return { isUnwritten: true, reason: null };
    }
  } catch (error) {
    return { isUnwritten: null, reason: whyNone(error, session.role) };
  }
}

/**
 * The tables that were written to since the point, partitions by themselves, as SQL. Null: that cannot be told, or too
 * much was written. A TRUNCATE names the first of its tables only; what it did stands in the catalog as well.
 */
export async function askTables(
  session: Session,
  slot: string,
  { snapshot, doubtful }: Point,
): Promise<readonly string[] | null> {
  try {
    if ((await whyNotAsked(session, slot)) !== null) return null;
    if (await anyCommitted(session, doubtful)) return null;
    const rows = await session.rows(peekTables, [slot, mostChanges, snapshot]);
    const [{ all } = { all: null }] = rows;
    if (Number(all) >= mostChanges) return null;
    return rows.flatMap(({ name }) => (name === null || name === undefined ? [] : [String(name)]));
  } catch {
    // Then all tables are looked at.
    return null;
  }
}

/** The server keeps what it decodes until all of it is read: with more than this, it does not pay. */
const mostChanges = 1_000_000;

/** Null: it can be asked now. */
async function whyNotAsked(session: Session, slot: string): Promise<string | null> {
  if (!(await isWhole(session, slot)))
    return 'the replication slot is gone or in use, or the server has dropped log that it needs';
  return (await flushed(session)) ? null : 'the server did not write its log to disk in time';
}

/**
 * `table public.orders: INSERT: ...`: only the name is looked at, in the server. The numbers of transactions have 32 bits
 * here, and 64 in a snapshot: they are never further apart than half of that.
 */
const changes = (name: string) => `
  WITH change AS MATERIALIZED (
    SELECT xid::text::bigint AS short, ${name} AS name
      FROM pg_logical_slot_peek_changes($1, NULL, $2::integer, 'skip-empty-xacts', '1', 'include-timestamp', '0')
  ), whole AS (
    SELECT name, short, pg_snapshot_xmax($3::pg_snapshot)::text::bigint AS near FROM change
  ), full_xid AS (
    SELECT name, near, near - near % 4294967296 + short AS xid FROM whole
  )`;

const isSince = `NOT pg_visible_in_snapshot((CASE WHEN xid - near > 2147483648 THEN xid - 4294967296
             WHEN near - xid > 2147483648 THEN xid + 4294967296 ELSE xid END)::text::xid8, $3::pg_snapshot)`;

const peek = `${changes(`regexp_match(data, '^table (?:"((?:[^"]|"")+)"|([a-z_][a-z0-9_$]*))[.]')`)}
  SELECT count(*) AS all,
         coalesce(bool_or(name IS NOT NULL
           AND ($4::text IS NULL OR coalesce(replace(name[1], '""', '"'), name[2]) = $4) AND ${isSince}), false) AS written
    FROM full_xid`;

const written = '(?:"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)';

const peekTables = `${changes(`(regexp_match(data, '^table (${written}[.]${written})'))[1]`)}
  SELECT (SELECT count(*) FROM change) AS all, name
    FROM (SELECT) AS one LEFT JOIN (SELECT DISTINCT name FROM full_xid WHERE name IS NOT NULL AND ${isSince}) AS since ON true`;

/** Made by us for this database, and with all the log that it began with. */
async function isWhole(session: Session, slot: string): Promise<boolean> {
  const rows = await session.rows(
    `SELECT FROM pg_replication_slots
      WHERE slot_name = $1 AND plugin = '${plugin}' AND database = current_database()
        AND wal_status IS DISTINCT FROM 'lost' AND (NOT active OR active_pid = pg_backend_pid())`,
    [slot],
  );
  return rows.length > 0;
}

async function anyCommitted(session: Session, xids: readonly string[]): Promise<boolean> {
  if (xids.length === 0) return false;
  const { any } = await session.row(
    `SELECT coalesce(bool_or(pg_xact_status(xid::xid8) IS DISTINCT FROM 'aborted' AND pg_xact_status(xid::xid8) IS DISTINCT FROM 'in progress'), false) AS any
       FROM unnest($1::text[]) AS xid`,
    [xids],
  );
  return any === true;
}

/**
 * What was committed with `synchronous_commit = off` is seen before it is on disk, and only what is on disk is decoded.
 * The end of a transaction that wrote nothing has the server write it.
 */
async function flushed(session: Session): Promise<boolean> {
  const { goal, done } = await session.row(
    `SELECT pg_current_wal_insert_lsn() AS goal, pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn() AS done`,
  );
  if (done === true) return true;
  await session.rows('SELECT pg_current_xact_id()');
  for (const until = Date.now() + flushMs; Date.now() < until; await sleep(5)) {
    const now = await session.row('SELECT pg_current_wal_flush_lsn() >= $1::pg_lsn AS done', [
      goal ?? null,
    ]);
    if (now.done === true) return true;
  }
  return false;
}

/** `wal_writer_delay` is a fifth of a second, and ten at most. */
const flushMs = 15_000;

/** In words, without data: what the server decodes could be quoted in its messages. */
function whyNone(error: unknown, role: string): string {
  const state = stateBehind(error) ?? '';
  if (state === '42501')
    return `the user of the connection has no REPLICATION (ALTER ROLE ${role} REPLICATION)`;
  return (
    reasons[state] ??
    (/^(42|53|55|57|58)/.test(state) ? firstLine(messageOf(error)) : `SQLSTATE ${state}`)
  );
}

const reasons: Readonly<Record<string, string>> = {
  '53400': 'all replication slots of the server are in use (max_replication_slots)',
  '55000': 'the log of the server does not say enough, or not any more (wal_level = logical)',
  '57014':
    'the server did not come to it in time: transactions that write go on for long, or statement_timeout is short',
  '58P01': 'the server has no plugin test_decoding',
};
