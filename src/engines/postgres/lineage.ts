import { setTimeout as sleep } from 'node:timers/promises';
import type { TablePair } from '../engine.ts';
import { type Row, Session } from './connection.ts';
import { type Copied, readCopied, summarisesLog } from './copied.ts';
import { stateBehind } from './errors.ts';
import type { PostgresOptions } from './options.ts';
import type { Lane, Workshop } from './workspace.ts';

/**
 * What the server's summaries of its log prove: a file that was copied, and of which no block was written since on either
 * side, holds the same row versions on both, and the same transactions decide which of them are seen.
 */
export class Lineage {
  readonly #written: ReadonlySet<string>;
  readonly #rows: Copied['rows'];
  readonly #storage = new Map<string, Promise<Storage | null>>();

  constructor(written: ReadonlySet<string>, rows: Copied['rows']) {
    this.#written = written;
    this.#rows = rows;
  }

  /** Null: nothing is proven of this table. */
  storage(lane: Lane, schema: string, name: string): Promise<Storage | null> {
    const id = JSON.stringify([schema, name]);
    const known = this.#storage.get(id) ?? this.#readStorage(lane, schema, name);
    this.#storage.set(id, known);
    return known;
  }

  /** All values of the columns to compare are the same ones. */
  async proves(lane: Lane, pair: TablePair): Promise<boolean> {
    const { schema, name, oldKind, newKind } = pair;
    if (oldKind !== 'table' || newKind !== 'table') return false;
    if ((await this.storage(lane, schema, name)) === null) return false;
    const names = pair.columns.map((column) => column.name);
    const [before, after] = await ofBothSides(lane, pair, columnsOf, [names]);
    return before.plain === true && after.plain === true && before.meaning === after.meaning;
  }

  async #readStorage(lane: Lane, schema: string, name: string): Promise<Storage | null> {
    if (!lane.workshop.isReadWhole(schema, name)) return null;
    const [before, after] = await ofBothSides(lane, { schema, name }, storageOf, []);
    if (before.logged !== true || after.logged !== true || before.files !== after.files)
      return null;
    const members = JSON.parse(String(after.files)) as Member[];
    if (members.some(({ file, toast }) => this.#written.has(file) || this.#written.has(toast)))
      return null;
    return { rows: this.#countedIn(members) };
  }

  /** The root comes first: a count of it has what inherits from it; a partitioned one holds nothing by itself. */
  #countedIn([root, ...others]: readonly Member[]): number | null {
    if (root === undefined) return null;
    const counted = root.kind === 'p' ? others.filter(({ kind }) => kind === 'r') : [root];
    const counts = counted.map(({ oid, file }) => this.#rows[`${oid}/${file}`] ?? null);
    return counts.reduce((sum, rows) => (sum === null || rows === null ? null : sum + rows), 0);
  }
}

/** The rows of a table stand where they stood in the other one. */
interface Storage {
  /** How many; null: not known without counting. */
  readonly rows: number | null;
}

interface Member {
  readonly oid: string;
  readonly kind: string;
  readonly file: string;
  /** '0': it has no table for large values. */
  readonly toast: string;
}

async function ofBothSides(
  lane: Lane,
  { schema, name }: Pick<TablePair, 'schema' | 'name'>,
  query: string,
  values: readonly (readonly string[])[],
): Promise<[Row, Row]> {
  const about = `look at the storage of ${schema}.${name}`;
  const read = (side: 'old' | 'new') =>
    lane.readRow(side, 'table', about, query, [schema, name, ...values]);
  return Promise.all([read('old'), read('new')]);
}

/** `$1`, `$2`: schema and name of a table. It and all whose rows belong to it. */
const members = `RECURSIVE member (oid, detaching, depth) AS (
    SELECT c.oid, false, 0 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2
    UNION
    SELECT i.inhrelid, i.inhdetachpending, depth + 1 FROM member m JOIN pg_inherits i ON i.inhparent = m.oid)`;

/** Unlogged tables have no log; other access methods may write what they like; what is catalogued otherwise has no file. */
const storageOf = `WITH ${members}
  SELECT bool_and(c.relkind = 'p' OR c.relkind = 'r' AND c.relpersistence = 'p' AND c.relam = 2 AND c.relfilenode <> 0) AS logged,
         json_agg(json_build_object('oid', c.oid::text, 'detaching', m.detaching, 'kind', c.relkind::text,
           'file', c.relfilenode::text, 'toast', coalesce(t.relfilenode, 0)::text, 'toast_oid', c.reltoastrelid)
           ORDER BY m.depth, c.oid)::text AS files
    FROM member m JOIN pg_class c ON c.oid = m.oid LEFT JOIN pg_class t ON t.oid = c.reltoastrelid`;

/**
 * `$3`: names of columns. What makes values of stored bytes: place and type of each column, the value of rows that were
 * written before it was added, and the labels of enums. Plain are types of the server's own (none with an oid from 16384
 * on) and what is made of them; not names of objects, nor what is computed when it is read.
 */
const columnsOf = `WITH ${members},
  stored AS (
    SELECT a.* FROM member m JOIN pg_attribute a ON a.attrelid = m.oid
     WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attname = ANY ($3::name[])),
  used (oid) AS (
    SELECT atttypid FROM stored
    UNION
    SELECT part.oid FROM used JOIN pg_type t ON t.oid = used.oid CROSS JOIN LATERAL (
      SELECT t.typbasetype UNION ALL SELECT t.typelem WHERE t.typcategory = 'A'
      UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)
    ) AS part (oid) WHERE part.oid <> 0)
  SELECT (SELECT coalesce(bool_and(attgenerated IN ('', 's')), true) FROM stored)
         AND (SELECT coalesce(bool_and(t.typtype IN ('d', 'e', 'r', 'm') OR t.typtype = 'b' AND t.typcategory = 'A'
                OR t.typtype = 'b' AND t.oid < 16384 AND t.typname !~ '^reg'), true)
                FROM pg_type t JOIN used ON used.oid = t.oid) AS plain,
         json_build_array(
           (SELECT json_agg(json_build_array(attrelid, attnum, attname, atttypid, atttypmod, attgenerated::text, atthasmissing,
              attmissingval::text) ORDER BY attrelid, attnum) FROM stored),
           (SELECT json_agg(json_build_array(e.oid, e.enumlabel, e.enumsortorder) ORDER BY e.oid)
              FROM pg_enum e JOIN used ON used.oid = e.enumtypid))::text AS meaning`;

/**
 * What was written since one of both databases was copied from the other one, or both from a third. Null: that is not so,
 * or the summaries do not cover all of it. The instants at which both sides are read are held before the log is looked at.
 */
export async function readLineage(
  workshop: Workshop,
  options: PostgresOptions,
  purpose: string,
): Promise<Lineage | null> {
  const { old, new: candidate } = workshop.places;
  if (old.schema !== null || candidate.schema !== null || old.database === candidate.database)
    return null;
  const about = { purpose: `${purpose}: look at the log`, readOnly: true };
  try {
    // No database has another name as long as there are sessions on it.
    await Promise.all([workshop.keeper('old'), workshop.keeper('new')]);
    return await Session.use(candidate.database, options, about, async (session) => {
      const copied = await relationOf(session, [old.database, candidate.database]);
      if (copied === null) return null;
      const written = await writtenSince(session, copied);
      return written === null ? null : new Lineage(written, copied.rows);
    });
  } catch (error) {
    // The server does not allow it, or has removed a summary meanwhile.
    if (stateBehind(error) === null) throw error;
    return null;
  }
}

type Relation = Pick<Copied, 'timeline' | 'before' | 'rows'> & {
  /** Of the databases from which the others were copied. */
  readonly sources: readonly string[];
  /** Oids of all databases whose files must be as they were. */
  readonly databases: readonly string[];
};

async function relationOf(
  session: Session,
  names: readonly [string, string],
): Promise<Relation | null> {
  const found = await session.rows(
    'SELECT oid, datname AS name FROM pg_database WHERE datname = ANY ($1::name[])',
    [names],
  );
  const oids = names.map((name) => String(found.find((row) => row.name === name)?.oid));
  const copies = await readCopied(session, oids);
  const [one, other] = copies;
  const direct = copies.find(({ source, copy }) => source !== copy && oids.includes(source));
  if (direct !== undefined) return { ...direct, sources: [direct.source], databases: oids };
  if (one === undefined || other === undefined || one.source !== other.source) return null;
  if (one.timeline !== other.timeline) return null;
  const first = positionOf(one.before) < positionOf(other.before) ? one : other;
  return { ...first, sources: [one.source], databases: [...oids, one.source] };
}

/** So long is waited for the checkpoint and for its summary, each. */
const patienceMs = 10_000;

/** The files of these databases of which something was written: null when that cannot be told. */
async function writtenSince(
  session: Session,
  { timeline, before, sources, databases }: Relation,
): Promise<ReadonlySet<string> | null> {
  const { now } = await session.row('SELECT pg_current_wal_insert_lsn() AS now');
  await session.run(`SET statement_timeout = ${patienceMs}`);
  if (!(await summarisedUpTo(session, String(now)))) return null;
  const summaries = (
    await session.rows(
      'SELECT start_lsn AS start, end_lsn AS end FROM pg_available_wal_summaries() WHERE tli = $1',
      [timeline],
    )
  ).map(({ start, end }) => ({ start: String(start), end: String(end) }));
  const covering = withoutGap(summaries, before, String(now));
  if (covering === null) return null;
  const files = await session.rows(
    `SELECT DISTINCT c.reldatabase AS database, c.relfilenode AS file
       FROM unnest($2::pg_lsn[], $3::pg_lsn[]) AS s (first, last),
            LATERAL pg_wal_summary_contents($1, s.first, s.last) AS c
      WHERE c.reldatabase = ANY ($4::oid[]) AND c.relforknumber = 0`,
    [timeline, covering.map(({ start }) => start), covering.map(({ end }) => end), databases],
  );
  // File 0: the whole database was made, moved or dropped. Of the copies themselves that is known.
  if (files.some(({ database, file }) => file === '0' && sources.includes(String(database))))
    return null;
  return new Set(files.map(({ file }) => String(file)).filter((file) => file !== '0'));
}

/** A summary ends where a checkpoint begins. */
async function summarisedUpTo(session: Session, position: string): Promise<boolean> {
  if (!(await summarisesLog(session))) return false;
  await session.run('CHECKPOINT');
  for (const until = Date.now() + patienceMs; Date.now() < until; await sleep(20)) {
    const { done } = await session.row(
      'SELECT summarized_lsn >= $1::pg_lsn AS done FROM pg_get_wal_summarizer_state()',
      [position],
    );
    if (done === true) return true;
  }
  return false;
}

export interface Summary {
  readonly start: string;
  readonly end: string;
}

/**
 * The summaries from the first checkpoint after `before` up to `now`; null when one is missing. The one that `before` lies
 * in ends at that checkpoint, which the server made before it copied: it tells what was written earlier.
 */
export function withoutGap(
  summaries: readonly Summary[],
  before: string,
  now: string,
): readonly Summary[] | null {
  const [from, to] = [positionOf(before), positionOf(now)];
  const all = summaries
    .map((summary) => ({
      ...summary,
      first: positionOf(summary.start),
      last: positionOf(summary.end),
    }))
    .sort((a, b) => (a.first < b.first ? -1 : 1));
  const around = all.filter(({ first, last }) => first <= from && from < last);
  if (around.length === 0) return null;
  let covered = around.map(({ last }) => last).reduce((a, b) => (a < b ? a : b));
  const since = all.filter(({ last }) => last > covered);
  for (const { first, last } of since) {
    if (first > covered) return null;
    if (last > covered) covered = last;
  }
  return covered >= to ? since.map(({ start, end }) => ({ start, end })) : null;
}

/** `1/6B3F0A8` as a number. */
function positionOf(lsn: string): bigint {
  const [high = '', low = ''] = lsn.split('/');
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}
