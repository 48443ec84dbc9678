import type { RowCounts, Side } from '../engine.ts';
import { list } from '../sql.ts';
import {
  type BegunCandidates,
  type Candidates,
  type StoredColumn,
  targetOf,
} from './candidates.ts';
import { type Session, toNumber } from './connection.ts';
import type { CopyIn } from './copy.ts';
import { Lines } from './lines.ts';
import { literal, quote } from './names.ts';
import { deviates, needsJson, parts } from './values.ts';
import type { Lane } from './workspace.ts';

/**
 * Both sides in one database: the server joins them by key, in ranges of the key on two connections. Of a range in which
 * little differs, the rows that do are kept at once; of one in which much does, they are counted, and only brought
 * together when they are asked for.
 */
export interface Join {
  readonly candidates: BegunCandidates;
  /** Per column of the key, the value that is the same on both sides where the key is, in SQL. */
  readonly key: readonly Readonly<Record<Side, string>>[];
}

/** What was counted and not kept, and the candidates. */
export interface Joined {
  readonly added: number;
  readonly removed: number;
  /** By the place of the column. */
  readonly cells: ReadonlyMap<number, number>;
  readonly candidates: Candidates;
}

/** About so many rows are joined at a time, where an index leads to them. */
const rowsOfRange = 25_000;
/** From this share of its rows on, those of a range are only counted. */
const much = 1 / 8;
const connections = ['old', 'new'] as const;

/** Null: the server cannot, or there is nothing that lets it join in parts. */
export function joinOf({ workshop }: Lane, candidates: BegunCandidates): Join | null {
  const { pair, columns } = candidates;
  const { schema, name, oldKind, newKind, mode } = pair;
  if (!workshop.isOneDatabase || pair.key === null || !workshop.isReadWhole(schema, name))
    return null;
  // Of a view, each range would compute all; two streams at least compute both sides at the same time.
  if (oldKind === 'view' || newKind === 'view') return null;
  // The function for JSON is known to the session that works only.
  if (columns.some(({ old, new: candidate }) => needsJson(old, candidate, mode))) return null;
  const key = columns.slice(0, pair.key.length);
  if (key.some(({ own }) => own.old.kind !== 'base' || own.new.kind !== 'base')) return null;
  const values = key.map(({ column, own }) => ({
    old: parts(quote(column.name), own.old, own.new, mode),
    new: parts(quote(column.name), own.new, own.old, mode),
  }));
  // A second part may be NULL, and NULLs do not join.
  if (values.some((one) => one.old.length !== 1)) return null;
  return {
    candidates,
    key: values.map((one) => ({ old: String(one.old[0]), new: String(one.new[0]) })),
  };
}

export async function findByJoin(
  lane: Lane,
  join: Join,
  rows: RowCounts,
  onProgress: (done: number) => void,
): Promise<Joined> {
  const ranges = await rangesOf(lane, join, rows);
  const work = new JoinWork(lane, join, ranges, Math.max(rows.old, rows.new), onProgress);
  const counted = await work.done();
  const { candidates } = join;
  const kept = await lane.ask(
    `count what differs in ${candidates.pair.schema}.${candidates.pair.name}`,
    `SELECT ${list(['changed', 'added', 'removed'], (kind) => `count(*) FILTER (WHERE kind = '${kind}') AS ${kind}`)}
      FROM ${candidates.table}`,
  );
  const found = {
    changed: toNumber(kept.changed),
    added: toNumber(kept.added),
    removed: toNumber(kept.removed),
  };
  return {
    ...counted,
    candidates: {
      ...candidates,
      found,
      keepCounted: () => keepPending(lane, candidates, work.pending),
    },
  };
}

// ---------------------------------------------------------------------------------------------
// Ranges

/** A condition on the first value of the key, of either side. */
type KeyRange = (value: string) => string;

/** As many as connections, unless an index leads to each and its rows stand together: else each would read the whole table. */
async function rangesOf(lane: Lane, join: Join, rows: RowCounts): Promise<KeyRange[]> {
  const wanted = Math.ceil(Math.max(rows.old, rows.new) / rowsOfRange);
  const [first] = join.key;
  if (wanted <= 1 || first === undefined) return [() => 'true'];
  const [old, candidate] = await Promise.all(connections.map((side) => sample(lane, join, side)));
  const sampled = JSON.parse(String(old?.values ?? '[]')) as string[];
  const { columns, pair } = join.candidates;
  const column = quote(columns[0]?.column.name ?? '');
  const isIndexed = pair.keyEnforced && first.old === column && first.new === column;
  const isInOrder = old?.in_order === true && candidate?.in_order === true;
  const count = isIndexed && isInOrder ? wanted : connections.length;
  const cuts = Array.from(
    { length: count - 1 },
    (_, at) => sampled[Math.floor(((at + 1) * sampled.length) / count)],
  );
  return between(
    [...new Set(cuts)].filter((cut) => cut !== undefined),
    String(old?.type),
  );
}

/** Some values of the key in their order, and whether rows stand in that order, of one block in a hundred. */
function sample(lane: Lane, { key, candidates: { pair, relations } }: Join, side: Side) {
  const value = key[0]?.[side];
  return lane.readRow(
    side,
    'table',
    `look for ranges of ${pair.schema}.${pair.name}`,
    `SELECT json_agg(value::text ORDER BY place)::text AS values, min(pg_typeof(value)::text) AS type,
        coalesce(abs(corr(block, place)) > 0.7, false) AS in_order
      FROM (SELECT ${value} AS value, (ctid::text::point)[0] AS block, row_number() OVER (ORDER BY ${value}) AS place
        FROM ${relations[side]} AS one TABLESAMPLE SYSTEM (1) REPEATABLE (1)) AS sampled`,
  );
}

/** Without a gap, and each value in one of them: the ends are open. */
function between(cuts: readonly string[], type: string): KeyRange[] {
  const at = (cut: string) => `${literal(cut)}::${type}`;
  return Array.from({ length: cuts.length + 1 }, (_, nr) => (value) => {
    const [from, to] = [cuts[nr - 1], cuts[nr]];
    const ends = [
      ...(from === undefined ? [] : [`${value} >= ${at(from)}`]),
      ...(to === undefined ? [] : [`${value} < ${at(to)}`]),
    ];
    return ends.join(' AND ') || 'true';
  });
}

// ---------------------------------------------------------------------------------------------
// Work

/** Each connection takes the next range that nobody has. */
class JoinWork {
  /** Ranges whose rows were only counted: statements that bring them to the candidates. */
  readonly pending: string[] = [];
  readonly #lane: Lane;
  readonly #join: Join;
  readonly #ranges: readonly KeyRange[];
  readonly #rows: number;
  readonly #onProgress: (done: number) => void;
  readonly #counted = { added: 0, removed: 0, cells: new Map<number, number>() };
  #kept = 0;
  #taken = 0;
  #done = 0;
  #told = 0;
  #failed = false;

  constructor(
    lane: Lane,
    join: Join,
    ranges: readonly KeyRange[],
    rows: number,
    onProgress: (done: number) => void,
  ) {
    this.#lane = lane;
    this.#join = join;
    this.#ranges = ranges;
    this.#rows = rows;
    this.#onProgress = onProgress;
  }

  async done(): Promise<Omit<Joined, 'candidates'>> {
    const worker = await this.#lane.worker();
    const into = await worker.copyIn(targetOf(this.#join.candidates));
    const works = connections
      .slice(0, this.#ranges.length)
      .map((side) => this.#lane.read(side, 'table', (reader) => this.#takeRanges(reader, into)));
    const [failed] = (await Promise.allSettled(works)).filter(
      ({ status }) => status === 'rejected',
    );
    try {
      if (failed?.status === 'rejected') throw failed.reason;
      await into.end(this.#kept);
    } catch (error) {
      await into.abandon();
      throw error;
    }
    return this.#counted;
  }

  async #takeRanges(reader: Session, into: CopyIn): Promise<void> {
    try {
      // The connections are what works at the same time; sorted runs beat a table of hashes that does not fit.
      await reader.run(
        'SET LOCAL enable_hashjoin = off; SET LOCAL max_parallel_workers_per_gather = 0',
      );
      let isMuch = false;
      while (!this.#failed && this.#taken < this.#ranges.length) {
        this.#lane.goOn();
        const at = this.#taken++;
        const differing: number = isMuch
          ? await this.#count(reader, at)
          : await this.#keep(reader, at, into);
        isMuch = differing > (much * this.#rows) / this.#ranges.length;
        this.#tell();
      }
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  /** Gives how many rows it has kept. */
  async #keep(reader: Session, at: number, into: CopyIn): Promise<number> {
    const rows = reader.copyOut(differingRows(this.#join, this.#range(at), at));
    const lines = new Lines(rows);
    let kept = 0;
    try {
      for (await lines.fill(); !lines.isEmpty; await lines.fill()) {
        const from = lines.at;
        for (; !lines.isEmpty; kept++) lines.pass(lines.line());
        into.add(lines.buffer.subarray(from, lines.end));
        this.#lane.goOn();
        await into.settled();
      }
      this.#kept += kept;
      return kept;
    } catch (error) {
      await rows.cancel();
      throw error;
    }
  }

  /** Gives about how many rows differ: at least so many. */
  async #count(reader: Session, at: number): Promise<number> {
    const range = this.#range(at);
    const row = await reader.row(countedRows(this.#join, range));
    const [added, removed] = [toNumber(row.added), toNumber(row.removed)];
    this.#counted.added += added;
    this.#counted.removed += removed;
    let most = 0;
    for (const [place] of valuesOf(this.#join)) {
      const cells = toNumber(row[`c${place}`]);
      if (cells > 0) this.#counted.cells.set(place, (this.#counted.cells.get(place) ?? 0) + cells);
      most = Math.max(most, cells);
    }
    const differing = added + removed + most;
    if (differing > 0)
      this.pending.push(
        `INSERT INTO ${targetOf(this.#join.candidates)} ${differingRows(this.#join, range, at)}`,
      );
    return differing;
  }

  #range(at: number): KeyRange {
    return this.#ranges[at] ?? (() => 'true');
  }

  #tell(): void {
    this.#done += 1;
    const told = Math.floor((this.#rows * this.#done) / this.#ranges.length);
    if (told > this.#told) this.#onProgress(told - this.#told);
    this.#told = told;
  }
}

/** Brings those rows to the candidates that were only counted, with all columns. */
async function keepPending(
  lane: Lane,
  { pair }: BegunCandidates,
  pending: string[],
): Promise<void> {
  if (pending.length === 0) return;
  await lane.runAtInstant(`bring together the rows of ${pair.schema}.${pair.name} that differ`, [
    'SET LOCAL enable_hashjoin = off',
    ...pending.splice(0),
  ]);
}

// ---------------------------------------------------------------------------------------------
// Statements

function valuesOf({ candidates: { columns, pair } }: Join): [number, StoredColumn][] {
  return [...columns.entries()].slice(pair.key?.length);
}

/** The rows of a range, as the table of candidates has them. */
function differingRows(join: Join, range: KeyRange, at: number): string {
  const { columns, pair } = join.candidates;
  const deviating = valuesOf(join).map(([place, column]) =>
    deviates(column, `o.v${place}`, `n.v${place}`, pair.mode),
  );
  return `SELECT CASE WHEN o.there IS NULL THEN 'added' WHEN n.there IS NULL THEN 'removed' ELSE 'changed' END,
      ${at * 2 ** 40}::bigint + row_number() OVER (),
      ${[...columns.map((_, nr) => `o.v${nr}`), ...columns.map((_, nr) => `n.v${nr}`)].join(', ')}
    FROM ${joined(join, range)}
    WHERE ${['o.there IS NULL', 'n.there IS NULL', ...deviating].join(' OR ')}`;
}

function countedRows(join: Join, range: KeyRange): string {
  const cells = valuesOf(join).map(
    ([place, column]) =>
      `, count(*) FILTER (WHERE o.there AND n.there AND ${deviates(column, `o.v${place}`, `n.v${place}`, join.candidates.pair.mode)}) AS c${place}`,
  );
  return `SELECT count(*) FILTER (WHERE o.there IS NULL) AS added, count(*) FILTER (WHERE n.there IS NULL) AS removed${cells.join('')}
    FROM ${joined(join, range)}`;
}

function joined(join: Join, range: KeyRange): string {
  const on = list(join.key, (_, at) => `o.k${at} = n.k${at}`, ' AND ');
  return `(${rowsOf(join, range, 'old')}) AS o FULL JOIN (${rowsOf(join, range, 'new')}) AS n ON ${on}`;
}

function rowsOf({ key, candidates: { columns, relations } }: Join, range: KeyRange, side: Side) {
  return `SELECT true AS there, ${list(key, (one, at) => `${one[side]} AS k${at}`)},
      ${list(columns, ({ column, own }, at) => `${quote(column.name)}::${own[side].sql} AS v${at}`)}
    FROM ${relations[side]} AS one WHERE ${range(key[0]?.[side] ?? '')}`;
}
