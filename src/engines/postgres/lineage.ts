import { setTimeout as sleep } from 'node:timers/promises';
import type { Side, TablePair } from '../engine.ts';
import { list } from '../sql.ts';
import { type Row, Session, toNumber } from './connection.ts';
import { type Copied, readCopied, summarisesLog } from './copied.ts';
import { stateBehind } from './errors.ts';
import type { Lane, Workshop } from './workspace.ts';

/**
 * What the server's summaries of its log prove. A block that was copied, and not written since on either side, holds the
 * same row versions on both, and the same transactions decide which of them are seen: they had all ended when it was
 * copied. Whoever changes, moves or deletes a row writes in the block where it stood and in the one where it stands. So of
 * a file of which nothing was written all rows are equal, and of others only rows in written blocks can differ.
 */
export class Lineage {
  readonly #written: ReadonlyMap<string, Written>;
  readonly #relation: Relation;
  readonly #storage = new Map<string, Promise<Storage | null>>();

  constructor(written: ReadonlyMap<string, Written>, relation: Relation) {
    this.#written = written;
    this.#relation = relation;
  }

  /** Without reading them all; null: that is not possible. */
  async countRows(lane: Lane, side: Side, schema: string, name: string): Promise<number | null> {
    const storage = await this.#storageOf(lane, schema, name);
    if (storage === null || storage.copied === null) return null;
    const { blocks, writers, copied } = storage;
    if (blocks === null) return copied;
    const other = side === 'old' ? 'new' : 'old';
    const oids = { own: this.#relation[side], other: this.#relation[other] };
    if ([...writers].some((oid) => oid !== oids.own && oid !== oids.other)) return null;
    if (!writers.has(oids.own)) return copied;
    if (writers.has(oids.other)) return null;
    // The other side stands as it was copied: what is in these blocks there, was in them then.
    const [then, now] = await Promise.all(
      [other, side].map(async (one) => {
        const rows = rowsIn(blocks, lane.workshop.table(one as Side, schema, name));
        const about = `count what was written of ${schema}.${name}`;
        const row = await lane.readRow(
          one as Side,
          'table',
          about,
          `SELECT count(*) AS rows FROM ${rows} AS part`,
        );
        return toNumber(row.rows);
      }),
    );
    return copied - (then ?? 0) + (now ?? 0);
  }

  /** All values of the columns to compare are the same ones, but for those in these blocks. Null: that is not proven. */
  async differsIn(lane: Lane, pair: TablePair): Promise<readonly Blocks[] | null> {
    const { schema, name, oldKind, newKind } = pair;
    if (oldKind !== 'table' || newKind !== 'table') return null;
    const storage = await this.#storageOf(lane, schema, name);
    if (storage === null) return null;
    const names = pair.columns.map((column) => column.name);
    const [before, after] = await ofBothSides(lane, pair, columnsOf, [names]);
    const isSame =
      before.plain === true && after.plain === true && before.meaning === after.meaning;
    return isSame ? (storage.blocks ?? []) : null;
  }

  #storageOf(lane: Lane, schema: string, name: string): Promise<Storage | null> {
    const id = JSON.stringify([schema, name]);
    const known = this.#storage.get(id) ?? this.#readStorage(lane, schema, name);
    this.#storage.set(id, known);
    return known;
  }

  async #readStorage(lane: Lane, schema: string, name: string): Promise<Storage | null> {
    if (!lane.workshop.isReadWhole(schema, name)) return null;
    const [before, after] = await ofBothSides(lane, { schema, name }, storageOf, []);
    if (before.logged !== true || after.logged !== true || before.files !== after.files)
      return null;
    const members = JSON.parse(String(after.files)) as Member[];
    const copied = this.#countedIn(members);
    const isWritten = members.some(
      ({ file, toast }) => this.#written.has(file) || this.#written.has(toast),
    );
    if (!isWritten) return { blocks: null, writers: new Set(), copied };
    const [only, ...others] = members;
    if (only?.kind !== 'r' || others.length > 0) return null;
    // Values of the table for large ones are never changed in their place: its blocks need not be looked at.
    const { blocks, writers } = this.#written.get(only.file) ?? nothingWritten;
    const size = Math.max(toNumber(before.blocks), toNumber(after.blocks));
    const count = (blocks ?? []).reduce(
      (sum, [first, last]) => sum + Math.max(0, Math.min(last, size - 1) - first + 1),
      0,
    );
    return blocks === null || count > few * size ? null : { blocks, writers, copied };
  }

  /** The root comes first: a count of it has what inherits from it; a partitioned one holds nothing by itself. */
  #countedIn([root, ...others]: readonly Member[]): number | null {
    if (root === undefined) return null;
    const counted = root.kind === 'p' ? others.filter(({ kind }) => kind === 'r') : [root];
    const counts = counted.map(({ oid, file }) => this.#relation.rows[`${oid}/${file}`] ?? null);
    return counts.reduce((sum, rows) => (sum === null || rows === null ? null : sum + rows), 0);
  }
}

/** A table whose rows stand where they stood, but for those in some blocks. */
interface Storage {
  /** Null: nothing was written. */
  readonly blocks: readonly Blocks[] | null;
  /** Oids of the databases in which it was. */
  readonly writers: ReadonlySet<string>;
  /** How many rows were copied; null: not known. */
  readonly copied: number | null;
}

/** Numbers of blocks, the last one included. */
export type Blocks = readonly [first: number, last: number];

/** What was written of one file, in any of the databases. */
interface Written {
  /** Null: too many. */
  readonly blocks: readonly Blocks[] | null;
  readonly writers: ReadonlySet<string>;
}

const nothingWritten: Written = { blocks: [], writers: new Set() };

/** Where more than this share of a table was written, it is read in its order. */
const few = 1 / 5;
/** One statement has room for so many. */
const rangesAtOnce = 20_000;
/** The last block that a table can have. */
const lastBlock = 0xff_ff_ff_fd;

/** For a FROM clause, with AS: the rows of a table in these blocks. Without OFFSET they would not be looked up by block. */
export function rowsIn(blocks: readonly Blocks[], table: string): string {
  const places = (one: (blocks: Blocks) => number) =>
    `'{${list(blocks, (range) => `"(${one(range)},0)"`, ',')}}'::tid[]`;
  return `(SELECT part.* FROM unnest(${places(([first]) => first)}, ${places(([, last]) => last + 1)}) AS written (first, behind),
    LATERAL (SELECT * FROM ${table} WHERE ctid >= written.first AND ctid < written.behind OFFSET 0) AS part)`;
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
         sum(pg_relation_size(c.oid)) / current_setting('block_size')::integer AS blocks,
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
export async function readLineage(workshop: Workshop, purpose: string): Promise<Lineage | null> {
  const { old, new: candidate } = workshop.places;
  if (
    workshop.versions !== null ||
    old.schema !== null ||
    candidate.schema !== null ||
    old.database === candidate.database
  )
    return null;
  const about = { purpose: `${purpose}: look at the log`, readOnly: true };
  try {
    // No database has another name as long as there are sessions on it.
    await Promise.all([workshop.keeper('old'), workshop.keeper('new')]);
    return await Session.use(
      candidate.database,
      workshop.optionsOf('new'),
      about,
      async (session) => {
        const copied = await relationOf(session, [old.database, candidate.database]);
        if (copied === null) return null;
        const written = await writtenSince(session, copied);
        return written === null ? null : new Lineage(written, copied);
      },
    );
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
  /** Those of both sides. */
  readonly old: string;
  readonly new: string;
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
  const [old = '', candidate = ''] = oids;
  const copies = await readCopied(session, oids);
  const [one, other] = copies;
  const direct = copies.find(({ source, copy }) => source !== copy && oids.includes(source));
  if (direct !== undefined)
    return { ...direct, sources: [direct.source], databases: oids, old, new: candidate };
  if (one === undefined || other === undefined || one.source !== other.source) return null;
  if (one.timeline !== other.timeline) return null;
  const first = positionOf(one.before) < positionOf(other.before) ? one : other;
  return {
    ...first,
    sources: [one.source],
    databases: [...oids, one.source],
    old,
    new: candidate,
  };
}

/** So long is waited for the checkpoint and for its summary, each. */
const patienceMs = 10_000;

/** By file, of these databases: null when it cannot be told. */
async function writtenSince(
  session: Session,
  { timeline, before, sources, databases }: Relation,
): Promise<ReadonlyMap<string, Written> | null> {
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
  const files = await session.rows(writtenBlocks, [
    timeline,
    covering.map(({ start }) => start),
    covering.map(({ end }) => end),
    databases,
  ]);
  const writersOf = ({ writers }: Row) => JSON.parse(String(writers)) as string[];
  // File 0: the whole database was made, moved or dropped. Of the copies themselves that is known.
  const whole = files.find(({ file }) => file === '0');
  if (whole !== undefined && writersOf(whole).some((oid) => sources.includes(oid))) return null;
  return new Map(
    files
      .filter(({ file }) => file !== '0')
      .map((row) => [
        String(row.file),
        {
          blocks: row.blocks === null ? null : (JSON.parse(String(row.blocks)) as Blocks[]),
          writers: new Set(writersOf(row)),
        },
      ]),
  );
}

/**
 * `$1`: the timeline, `$2`, `$3`: where summaries begin and end, `$4`: oids of databases. A file that was cut off at a block
 * is all new from there on.
 */
const writtenBlocks = `WITH written AS MATERIALIZED (
    SELECT DISTINCT c.reldatabase AS database, c.relfilenode AS file, c.relblocknumber AS block, c.is_limit_block AS is_cut
      FROM unnest($2::pg_lsn[], $3::pg_lsn[]) AS s (first, last),
           LATERAL pg_wal_summary_contents($1, s.first, s.last) AS c
     WHERE c.reldatabase = ANY ($4::oid[]) AND c.relforknumber = 0),
  cut AS (
    SELECT file, min(block) FILTER (WHERE is_cut) AS at, json_agg(DISTINCT database::text)::text AS writers
      FROM written GROUP BY file),
  island AS (
    SELECT file, min(block) AS first, max(block) AS last
      FROM (SELECT file, block, block - row_number() OVER (PARTITION BY file ORDER BY block) AS nr
              FROM (SELECT DISTINCT file, block FROM written JOIN cut USING (file)
                     WHERE NOT is_cut AND (cut.at IS NULL OR block < cut.at)) AS single) AS numbered
     GROUP BY file, nr
    UNION ALL
    SELECT file, at, ${lastBlock} FROM cut WHERE at IS NOT NULL)
  SELECT file::text AS file, cut.writers,
         CASE WHEN count(*) <= ${rangesAtOnce} THEN json_agg(json_build_array(first, last) ORDER BY first)::text END AS blocks
    FROM cut JOIN island USING (file) GROUP BY file, cut.writers`;

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
