import type { ComparedColumn, RowCounts, Side, TablePair } from '../engine.ts';
import type { CopyIn, CopyOut } from './copy.ts';
import { type Blocks, rowsIn } from './lineage.ts';
import { type Bytes, type Differing, firstColumns, Lines, walk } from './lines.ts';
import { quote } from './names.ts';
import { travels } from './two-servers.ts';
import { isBuiltIn, type Type, text } from './types.ts';
import {
  type KeyOrder,
  keyOrder,
  knowsLabels,
  type Meeting,
  needsJson,
  sameType,
  written,
} from './values.ts';
import type { Lane } from './workspace.ts';

/**
 * The rows that are not equal byte by byte on both sides, in a temporary table where their values decide:
 *
 *   with a key: kind ('changed', 'added', 'removed'), nr, o0, n0, o1, n1, ... in the order of `columns`
 *   without: surplus (how often the new side has it more often, or less often), v0, v1, ... as texts
 */
export interface Candidates {
  /** The table, quoted. */
  readonly table: string;
  readonly pair: TablePair;
  /** As they are read, quoted. */
  readonly relations: Readonly<Record<Side, string>>;
  /** Columns in the order in which they are read: the key, then the others. */
  readonly columns: readonly StoredColumn[];
  readonly keyed: boolean;
  /** How many rows there are of each kind; of rows without a key, `added` and `removed`. */
  readonly found: Readonly<Record<'changed' | 'added' | 'removed', number>>;
  /**
   * Brings the rows to the table that were only counted: of those that both sides have, the key and at least these columns.
   */
  keepCounted(columns: readonly string[]): Promise<void>;
}

/** The table has no rows yet. */
export type BegunCandidates = Omit<Candidates, 'found' | 'keepCounted'>;

/** A column with the types that its values have in the table of candidates. */
export interface StoredColumn extends Meeting {
  /** As they are on each side. */
  readonly own: Readonly<Record<Side, Type>>;
}

/** Makes the table. */
export async function beginCandidates(lane: Lane, pair: TablePair): Promise<BegunCandidates> {
  const { schema, name } = pair;
  const columns = await storedColumns(lane, pair);
  const relations = {
    old: lane.workshop.relation('old', schema, name),
    new: lane.workshop.relation('new', schema, name),
  };
  const table = lane.scratchTable();
  const candidates = { table, pair, relations, columns, keyed: pair.key !== null };
  await lane.run(`make room for the rows of ${schema}.${name} that differ`, create(candidates));
  return candidates;
}

/**
 * Reads both sides in one order, side by side, and keeps what differs. Of two databases as well: where little
 * differs, postgres_fdw and dblink take twice the processor time (docs/postgres.md), and need an extension. `blocks`: only
 * rows in these can differ; null: any.
 */
export async function findCandidates(
  lane: Lane,
  candidates: BegunCandidates,
  blocks: readonly Blocks[] | null,
  rows: RowCounts,
  onProgress: (done: number) => void,
): Promise<Candidates> {
  const { pair, columns } = candidates;
  const from = sourcesOf(lane, candidates, blocks);
  const read = pair.key === null ? readMultiset : readByKey;
  const queries = {
    old: read(candidates, 'old', from.old),
    new: read(candidates, 'new', from.new),
  };
  const order = pair.key === null ? columns.map(() => 'bytes' as const) : keyOrders(candidates);
  const found = await sideBySide(lane, candidates, queries, order, rows, onProgress);
  return { ...candidates, found, keepCounted: async () => undefined };
}

/** For a FROM clause, with AS. */
export function sourcesOf(
  lane: Lane,
  { pair: { schema, name }, relations }: BegunCandidates,
  blocks: readonly Blocks[] | null,
): Readonly<Record<Side, string>> {
  if (blocks === null) return relations;
  return {
    old: rowsIn(blocks, lane.workshop.table('old', schema, name)),
    new: rowsIn(blocks, lane.workshop.table('new', schema, name)),
  };
}

/** The columns of the key first, each with the types in which its values can be worked on. */
async function storedColumns(lane: Lane, pair: TablePair): Promise<StoredColumn[]> {
  const types = {
    old: await lane.columnTypes('old', pair.schema, pair.name),
    new: await lane.columnTypes('new', pair.schema, pair.name),
  };
  const isKey = ({ name }: ComparedColumn) => pair.key?.includes(name) ?? false;
  const columns: StoredColumn[] = [];
  for (const column of [
    ...pair.columns.filter(isKey),
    ...pair.columns.filter((one) => !isKey(one)),
  ]) {
    const own = {
      old: types.old.get(column.name) ?? text,
      new: types.new.get(column.name) ?? text,
    };
    // Whether rows without a key belong together, only equality can tell.
    const compared = pair.key === null ? { ...column, tolerance: null } : column;
    const stored = {
      old: await usable(lane, 'old', own.old),
      new: await usable(lane, 'new', own.new),
    };
    columns.push({ column: compared, own, ...stored });
  }
  if (columns.some(({ old, new: candidate }) => needsJson(old, candidate, pair.mode)))
    await lane.provideJson();
  return columns;
}

/** Types of a side that are not known where rows are worked on, or known otherwise, are worked on as texts. */
export async function usable(lane: Lane, side: Side, type: Type): Promise<Type> {
  if (side === lane.workshop.workSide) return type;
  if (lane.workshop.versions !== null && !travels(type)) return text;
  if (isBuiltIn(type)) return type;
  const there = await lane.typeAtWork(type.sql);
  return there !== null && sameType(type, there) && knowsLabels(type, there) ? type : text;
}

function create({
  table,
  columns,
  keyed,
}: Pick<Candidates, 'table' | 'columns' | 'keyed'>): string {
  const stored = keyed
    ? columns.flatMap(({ old, new: candidate }, at) => [
        `o${at} ${old.sql}`,
        `n${at} ${candidate.sql}`,
      ])
    : columns.map((_, at) => `v${at} text COLLATE "C"`);
  const first = keyed ? ['kind text', 'nr bigint'] : ['surplus bigint'];
  return `CREATE TEMPORARY TABLE ${table} (${[...first, ...stored].join(', ')})`;
}

/** Of rows with a key, `places` of columns if not all. */
export function targetOf(
  { table, columns, keyed }: BegunCandidates,
  places: readonly number[] = [...columns.keys()],
): string {
  const names = keyed
    ? ['kind', 'nr', ...places.map((at) => `o${at}`), ...places.map((at) => `n${at}`)]
    : ['surplus', ...places.map((at) => `v${at}`)];
  return `${table} (${names.join(', ')})`;
}

// ---------------------------------------------------------------------------------------------
// Reading

function values(
  { columns, pair }: Pick<BegunCandidates, 'columns' | 'pair'>,
  side: Side,
): string[] {
  const other = side === 'old' ? 'new' : 'old';
  return columns.map(({ column, own }) =>
    written(quote(column.name), own[side], own[other], pair.mode),
  );
}

/** Of the columns that are named, the first ones are the key. */
export function readByKey(
  candidates: Pick<BegunCandidates, 'columns' | 'pair'>,
  side: Side,
  from: string,
): string {
  const { columns, pair } = candidates;
  const other = side === 'old' ? 'new' : 'old';
  const key = columns
    .slice(0, pair.key?.length)
    .map(({ column, own }) => keyOrder(quote(column.name), own[side], own[other], pair.mode).by);
  return `SELECT ${values(candidates, side).join(', ')} FROM ${from} AS one ORDER BY ${key.join(', ')}`;
}

function keyOrders({ columns, pair }: BegunCandidates): KeyOrder[] {
  return columns
    .slice(0, pair.key?.length)
    .map(({ column, own }) => keyOrder(quote(column.name), own.old, own.new, pair.mode).order);
}

/** Each row once, and how often it is there. */
function readMultiset(candidates: BegunCandidates, side: Side, from: string): string {
  const texts = values(candidates, side).map((value) => `(${value})::text COLLATE "C"`);
  if (texts.length === 0) return `SELECT count(*) FROM ${from} AS one`;
  const places = texts.map((_, at) => at + 1).join(', ');
  return `SELECT ${[...texts, 'count(*)'].join(', ')} FROM ${from} AS one GROUP BY ${places} ORDER BY ${places}`;
}

async function sideBySide(
  lane: Lane,
  candidates: BegunCandidates,
  queries: Readonly<Record<Side, string>>,
  order: readonly KeyOrder[],
  rows: RowCounts,
  onProgress: (done: number) => void,
): Promise<Candidates['found']> {
  const { pair, keyed, columns } = candidates;
  return lane.read('old', pair.oldKind, (old) =>
    lane.read('new', pair.newKind, async (candidate) => {
      const worker = await lane.worker();
      const into = await worker.copyIn(targetOf(candidates));
      const streams: CopyOut[] = [];
      try {
        streams.push(old.copyOut(queries.old));
        streams.push(candidate.copyOut(queries.new));
        const kept = keyed
          ? new KeyedRows(into, columns.length)
          : new SurplusRows(into, columns.length);
        const progress = new Progress(rows, onProgress);
        const [before, after] = streams.map((stream) => new Lines(stream)) as [Lines, Lines];
        await walk(before, after, order, {
          both: (one, other) => kept.both(one, other),
          onlyOld: (line) => kept.onlyOld(line),
          onlyNew: (line) => kept.onlyNew(line),
          settled: (bytes) => {
            lane.goOn();
            progress.at(bytes);
            return into.settled();
          },
        });
        await into.end(kept.rows);
        progress.end();
        return kept.found;
      } catch (error) {
        await Promise.all([into.abandon(), ...streams.map((stream) => stream.cancel())]);
        throw error;
      }
    }),
  );
}

/** How many rows the bytes stand for is guessed until all are there. */
export class Progress {
  readonly #onProgress: (done: number) => void;
  readonly #total: number;
  #told = 0;

  constructor(rows: RowCounts, onProgress: (done: number) => void) {
    this.#total = Math.max(rows.old, rows.new);
    this.#onProgress = onProgress;
  }

  at(bytes: number): void {
    // A row of a hundred bytes on each side; never all of them.
    this.#tell(Math.min(Math.floor(bytes / 200), Math.floor(this.#total * 0.95)));
  }

  end(): void {
    this.#tell(this.#total);
  }

  #tell(done: number): void {
    if (done <= this.#told) return;
    this.#onProgress(done - this.#told);
    this.#told = done;
  }
}

// ---------------------------------------------------------------------------------------------
// Keeping what differs

/** With a key: a line has the old row and then the new one. */
class KeyedRows implements Omit<Differing, 'settled'> {
  readonly found = { changed: 0, added: 0, removed: 0 };
  readonly #into: CopyIn;
  readonly #nothing: Buffer;
  rows = 0;

  constructor(into: CopyIn, columns: number) {
    this.#into = into;
    this.#nothing = Buffer.from(Array.from({ length: columns }, () => '\\N').join('\t'));
  }

  both(old: Bytes, candidate: Bytes): void {
    this.#add('changed', partOf(old), partOf(candidate));
  }

  onlyOld(line: Bytes): void {
    this.#add('removed', partOf(line), this.#nothing);
  }

  onlyNew(line: Bytes): void {
    this.#add('added', this.#nothing, partOf(line));
  }

  #add(kind: keyof KeyedRows['found'], old: Buffer, candidate: Buffer): void {
    this.found[kind] += 1;
    this.rows += 1;
    this.#into.add(Buffer.from(`${kind}\t${this.rows}\t`), old, tab, candidate, lineEnd);
  }
}

/** Without: a line has the surplus and then the row. */
class SurplusRows implements Omit<Differing, 'settled'> {
  readonly found = { changed: 0, added: 0, removed: 0 };
  readonly #into: CopyIn;
  readonly #columns: number;
  rows = 0;

  constructor(into: CopyIn, columns: number) {
    this.#into = into;
    this.#columns = columns;
  }

  both(old: Bytes, candidate: Bytes): void {
    this.#add(candidate, this.#count(candidate) - this.#count(old));
  }

  onlyOld(line: Bytes): void {
    this.#add(line, -this.#count(line));
  }

  onlyNew(line: Bytes): void {
    this.#add(line, this.#count(line));
  }

  #count(line: Bytes): number {
    const { to } = firstColumns(line, this.#columns);
    return Number(line.buffer.toString('latin1', this.#columns === 0 ? to : to + 1, line.to));
  }

  #add(line: Bytes, surplus: number): void {
    this.found[surplus > 0 ? 'added' : 'removed'] += Math.abs(surplus);
    this.rows += 1;
    const values = this.#columns === 0 ? [] : [tab, partOf(firstColumns(line, this.#columns))];
    this.#into.add(Buffer.from(`${surplus}`), ...values, lineEnd);
  }
}

const [tab, lineEnd] = [Buffer.from('\t'), Buffer.from('\n')];

function partOf({ buffer, from, to }: Bytes): Buffer {
  return buffer.subarray(from, to);
}
