import type { ComparedColumn, KeyFault, RowComparison, RowCounts, TablePair } from '../engine.ts';
import { type Row, toNumber } from './connection.ts';
import * as counts from './counts.ts';
import type { Chunk } from './reading.ts';
import type { Sources } from './values.ts';
import type { Workspace } from './workspace.ts';

/** How the rows of a pair were brought together, for finding the deviating ones again. */
export interface RowPlan {
  readonly sources: Sources;
  /** Null: as multisets. */
  readonly key: readonly ComparedColumn[] | null;
  /** Chunks with deviating rows that stand side by side. */
  readonly aligned: readonly Chunk[];
  /** Chunks whose rows are joined, or counted as multisets. */
  readonly rest: readonly Chunk[];
}

export type PlannedComparison = RowComparison & { readonly plan: RowPlan };

/** Compares the values of all rows of both sides. Exact. */
export async function compareRows(
  workspace: Workspace,
  pair: TablePair,
  rows: RowCounts,
  onProgress: (done: number) => void,
): Promise<PlannedComparison | KeyFault> {
  const sources = await workspace.sources(pair);
  const chunks = counts.chunksOf(sources, Math.max(rows.old, rows.new));
  if (pair.key === null) return compareMultisets(workspace, pair, sources, chunks, onProgress);
  const fault = await findKeyFault(workspace, pair, sources);
  return fault ?? compareKeyed(workspace, pair, sources, chunks, onProgress);
}

async function findKeyFault(
  workspace: Workspace,
  pair: TablePair,
  sources: Sources,
): Promise<KeyFault | null> {
  const key = keyColumns(pair);
  if (pair.keyEnforced) return null;
  const about = `check the key of ${pair.schema}.${pair.name}`;
  for (const side of ['old', 'new'] as const) {
    const { nulls } = await workspace.ask(
      about,
      counts.countNullKeys(sources[side], pair.key ?? []),
    );
    if (toNumber(nulls) > 0) return { side, fault: 'null', count: toNumber(nulls) };
    if (await isIncreasing(side)) continue;
    const { duplicates } = await workspace.ask(
      about,
      counts.countDuplicateKeys(sources, side, key),
    );
    if (toNumber(duplicates) > 0) return { side, fault: 'duplicate', count: toNumber(duplicates) };
  }
  return null;

  /** Tables are mostly filled in the order of their key. */
  async function isIncreasing(side: 'old' | 'new'): Promise<boolean> {
    if (!sources.hasRowid) return false;
    const row = await workspace.ask(about, counts.countNotIncreasing(sources, side, key));
    return toNumber(row.not_increasing) === 0;
  }
}

/** Rows that stand beside their own key are compared there; the others are joined by key. */
async function compareKeyed(
  workspace: Workspace,
  pair: TablePair,
  sources: Sources,
  chunks: readonly Chunk[],
  onProgress: (done: number) => void,
): Promise<PlannedComparison> {
  const about = `${pair.schema}.${pair.name}`;
  const key = keyColumns(pair);
  const columns = pair.columns.filter(({ name }) => !key.some((column) => column.name === name));
  const cells = new Counter();
  const groups = counts.columnGroups(columns);
  const [aligned, rest]: [Chunk[], Chunk[]] = [[], []];
  await workspace.each(
    chunks,
    `align ${about}`,
    (chunk) => counts.countMisaligned(sources, key, chunk),
    (row, chunk) => {
      (toNumber(row.misaligned) === 0 ? aligned : rest).push(chunk);
    },
  );
  const dirty = new Set<Chunk>();
  await workspace.each(
    aligned.flatMap((chunk) => groups.map((group) => ({ chunk, group }))),
    `compare ${about}`,
    ({ chunk, group }) => counts.countByPosition(sources, group, chunk),
    (row, { chunk, group }) => {
      if (cells.add(group, row)) dirty.add(chunk);
      onProgress(counts.rowsPerChunk / groups.length);
    },
  );
  let [added, removed] = [0, 0];
  for (const group of rest.length > 0 ? groups : []) {
    const row = await workspace.ask(
      `join ${about}`,
      counts.countByJoin(sources, key, group, inOrder(rest)),
    );
    cells.add(group, row);
    [added, removed] = [toNumber(row.added), toNumber(row.removed)];
  }
  const way = rest.length === 0 ? 'position' : aligned.length === 0 ? 'join' : 'position and join';
  return {
    added,
    removed,
    cells: cells.counts,
    way,
    proof: 'exact',
    plan: { sources, key, aligned: inOrder([...dirty]), rest: inOrder(rest) },
  };
}

/** Chunks that are equal row by row are out of the way; of the others, each row counts as often as it occurs. */
async function compareMultisets(
  workspace: Workspace,
  pair: TablePair,
  sources: Sources,
  chunks: readonly Chunk[],
  onProgress: (done: number) => void,
): Promise<PlannedComparison> {
  const about = `${pair.schema}.${pair.name}`;
  const columns = withoutTolerance(pair.columns);
  const equal = new Set<Chunk>();
  await workspace.each(
    chunks,
    `count ${about}`,
    (chunk) => counts.countUnpaired(sources, chunk),
    (row, chunk) => {
      if (toNumber(row.unpaired) === 0) equal.add(chunk);
    },
  );
  const groups = counts.columnGroups(columns);
  await workspace.each(
    [...equal].flatMap((chunk) => groups.map((group) => ({ chunk, group }))),
    `compare ${about}`,
    ({ chunk, group }) => counts.countByPosition(sources, group, chunk),
    (row, { chunk }) => {
      if (Object.values(row).some((count) => toNumber(count) > 0)) equal.delete(chunk);
      onProgress(counts.rowsPerChunk / groups.length);
    },
  );
  const rest = inOrder(chunks.filter((chunk) => !equal.has(chunk)));
  const found = {
    cells: new Map<string, number>(),
    proof: 'exact',
    plan: { sources, key: null, aligned: [], rest },
  } as const;
  if (rest.length === 0) return { ...found, added: 0, removed: 0, way: 'position' };
  const row = await workspace.ask(
    `compare ${about} as multisets`,
    counts.countMultiset(sources, columns, rest),
  );
  return { ...found, added: toNumber(row.added), removed: toNumber(row.removed), way: 'multiset' };
}

/** Whether two rows without a key belong together, only their equality can tell. */
export function withoutTolerance(columns: readonly ComparedColumn[]): ComparedColumn[] {
  return columns.map((column) => ({ ...column, tolerance: null }));
}

/** Adds up c0, c1, ... over the statements of a table. */
class Counter {
  readonly counts = new Map<string, number>();

  /** Gives true when any column deviates in this row of counts. */
  add(columns: readonly ComparedColumn[], row: Row): boolean {
    let any = false;
    columns.forEach(({ name }, at) => {
      const count = toNumber(row[`c${at}`]);
      if (count === 0) return;
      any = true;
      this.counts.set(name, (this.counts.get(name) ?? 0) + count);
    });
    return any;
  }
}

function keyColumns({ key, columns }: TablePair): ComparedColumn[] {
  return columns.filter(({ name }) => key?.includes(name));
}

/** Chunks end in the order in which workers finish; statements are written in the order of the table. */
function inOrder(chunks: readonly Chunk[]): Chunk[] {
  return [...chunks].sort((a, b) => a.from - b.from);
}
