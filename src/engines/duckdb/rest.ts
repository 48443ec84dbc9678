import type { ComparedColumn, RowCounts, Side, TablePair } from '../engine.ts';
import { literal, quote, toNumber } from './connection.ts';
import * as counts from './counts.ts';
import { countNotIncreasing, hasRanges, isPlainKey } from './keys.ts';
import type { LooseRows } from './layout.ts';
import { both, type Condition, type Conditions, type RowRange, within } from './reading.ts';
import type { Sources } from './values.ts';
import type { Workspace } from './workspace.ts';

/** Rows that do not stand side by side: they are brought together by key, or counted as multisets. */
export interface RestRows {
  readonly isEmpty: boolean;
  /** Where they are read: the tables themselves, or copies of just these rows. */
  readonly sources: Sources;
  /** Pieces that can be compared one by one, because no row of one belongs to a row of another. */
  readonly conditions: readonly Condition[];
  /** How many there are. */
  readonly rows: RowCounts;
  /** Deviating rows by their row numbers; null where they were not noted: then `conditions` lead to them. */
  readonly noted: NotedRows | null;
  /** Not the tables themselves are read. */
  readonly isCopied: boolean;
  /** Tables in memory that hold the copies, and what was noted. */
  readonly tables: readonly string[];
}

/** See `createNoted`. */
export interface NotedRows {
  /** Quoted. */
  readonly table: string;
  /** Each has as many rows as fit into memory. */
  readonly batches: readonly NotedBatch[];
}

export interface NotedBatch {
  /** On the table of the noted rows. */
  readonly condition: Condition;
  /** Of each side, where its rows lie. */
  readonly within: Conditions;
}

export async function restOf(
  workspace: Workspace,
  pair: TablePair,
  sources: Sources,
  {
    ranges,
    loose,
    rows,
    key,
  }: {
    readonly ranges: readonly RowRange[];
    readonly loose: LooseRows | null;
    readonly rows: RowCounts;
    readonly key: readonly ComparedColumn[] | null;
  },
): Promise<RestRows> {
  if (ranges.length === 0 && loose === null) {
    return {
      isEmpty: true,
      sources,
      conditions: [],
      rows: { old: 0, new: 0 },
      noted: null,
      isCopied: false,
      tables: [],
    };
  }
  const about = `${pair.schema}.${pair.name}`;
  const condition = within(ranges);
  if (loose !== null) return copyRest(workspace, about, sources, { condition, loose, key });
  const counted = {
    old: await countWithin('old'),
    new: await countWithin('new'),
  };
  const most = Math.max(counted.old, counted.new);
  const rowsPerPiece = Math.min(workspace.portions.piece, rowsInMemory(workspace, pair));
  const pieces =
    key === null || most <= rowsPerPiece
      ? [null]
      : ((await cutByKey(workspace, about, sources, { key, rows, rowsPerPiece })) ??
        cutByHash(key, piecesFor(workspace, pair, most)));
  return {
    isEmpty: false,
    sources,
    conditions: pieces.map((piece) => both(condition, piece)),
    rows: counted,
    noted: null,
    isCopied: false,
    tables: [],
  };

  async function countWithin(side: Side): Promise<number> {
    if (condition === null) return rows[side];
    const row = await workspace.ask(`count ${about}`, counts.countRows(sources[side], condition));
    return toNumber(row.rows);
  }
}

/** Rows that lie scattered are read once and kept. */
async function copyRest(
  workspace: Workspace,
  about: string,
  sources: Sources,
  {
    condition,
    loose,
    key,
  }: {
    readonly condition: Condition;
    readonly loose: LooseRows;
    readonly key: readonly ComparedColumn[] | null;
  },
): Promise<RestRows> {
  const tables = { old: workspace.scratchTable(), new: workspace.scratchTable() };
  // Rows of one side may lie within the ranges as well: each is copied once.
  const elsewhere = condition === null ? 'false' : `NOT ${condition}`;
  const copy = async (side: Side) => {
    await workspace.run(
      `copy the rows of ${about} that moved`,
      `CREATE TABLE ${tables[side]} AS
        SELECT * FROM ${sources[side]} WHERE ${condition ?? 'true'}
        UNION ALL SELECT * FROM ${sources[side]} WHERE ${elsewhere} AND rowid IN (SELECT "row" FROM ${loose.tables[side]})`,
    );
    const row = await workspace.ask(`count ${about}`, counts.countRows(tables[side]));
    return toNumber(row.rows);
  };
  // One after the other: whole rows take much memory.
  const old = await copy('old');
  const candidate = await copy('new');
  return {
    isEmpty: old + candidate === 0,
    sources: { ...sources, ...tables },
    conditions: cutByHash(key, Math.ceil(Math.max(old, candidate) / workspace.portions.copied)),
    rows: { old, new: candidate },
    noted: null,
    isCopied: true,
    tables: [tables.old, tables.new],
  };
}

/**
 * DuckDB joins what does not fit into memory by way of the disk, and still needs a part of it at once. Each piece reads
 * both sides, so there are only as many as it takes.
 */
function piecesFor({ memoryLimit, portions }: Workspace, pair: TablePair, rows: number): number {
  return Math.ceil(Math.max((rows * bytesPerRow(pair)) / memoryLimit, rows / portions.inMemory));
}

/** A join holds one side with its texts, while both are read. */
export function rowsInMemory({ memoryLimit, portions }: Workspace, pair: TablePair): number {
  return Math.min(portions.inMemory, Math.ceil(memoryLimit / (6 * bytesPerRow(pair))));
}

function bytesPerRow({ columns }: TablePair): number {
  return columns.reduce(
    (sum, { oldType }) => sum + (/INT|DATE|BOOLEAN/.test(oldType) ? 8 : 16),
    16,
  );
}

/** Rows of one key are in one piece: the hash only says in which. */
function cutByHash(key: readonly ComparedColumn[] | null, count: number): Condition[] {
  if (key === null || count < 2 || !key.every(isPlainKey)) return [null];
  const hash = `hash(${key.map(({ name }) => quote(name)).join(', ')})`;
  return Array.from({ length: count }, (_, at) => `${hash} % ${count} = ${at}`);
}

/**
 * Ranges of the key's first column. They are right whatever the order of the rows; they are quick when both sides are
 * mostly in the order of the key, so that each range lies in few row groups. Else null.
 */
async function cutByKey(
  workspace: Workspace,
  about: string,
  sources: Sources,
  {
    key,
    rows,
    rowsPerPiece,
  }: {
    readonly key: readonly ComparedColumn[];
    readonly rows: RowCounts;
    readonly rowsPerPiece: number;
  },
): Promise<Condition[] | null> {
  const [first] = key;
  if (first === undefined || !sources.hasRowid || !hasRanges(first)) return null;
  const most = Math.max(rows.old, rows.new) / rowsPerPiece;
  for (const side of ['old', 'new'] as const) {
    const disorder = await countNotIncreasing(workspace, about, sources, side, key);
    if (disorder > most) return null;
  }
  // The other side may have too few rows to be cut.
  const larger = rows.old >= rows.new ? 'old' : 'new';
  const starts = Array.from({ length: Math.floor(rows[larger] / rowsPerPiece) }, (_, at) =>
    String((at + 1) * rowsPerPiece),
  );
  const found = await workspace.rows(
    `cut ${about} by its key`,
    `SELECT DISTINCT ${quote(first.name)}::VARCHAR AS bound, ${quote(first.name)} AS value FROM ${sources[larger]}
     WHERE rowid IN (${starts.join(', ')}) ORDER BY value`,
  );
  const bounds = found.map(({ bound }) => `${literal(String(bound))}::${first.oldType}`);
  const name = quote(first.name);
  if (bounds.length === 0) return [null];
  return [
    `${name} < ${bounds[0]}`,
    ...bounds.map((bound, at) =>
      at === bounds.length - 1
        ? `(${name} >= ${bound} OR ${name} IS NULL)`
        : `${name} >= ${bound} AND ${name} < ${bounds[at + 1]}`,
    ),
  ];
}
