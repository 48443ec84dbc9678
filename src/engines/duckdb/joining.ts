import type { ComparedColumn, Side, TablePair } from '../engine.ts';
import { toNumber } from './connection.ts';
import * as counts from './counts.ts';
import type { DeviatingCells } from './deviating-cells.ts';
import { type Condition, within } from './reading.ts';
import { type NotedBatch, type RestRows, rowsInMemory } from './rest.ts';
import type { Workspace } from './workspace.ts';

/** What joining the rows of both sides by key has shown. */
export interface JoinedRest {
  readonly added: number;
  readonly removed: number;
  /** As many rows on each side as its key says. False: a key brought rows together twice. */
  readonly isConsistent: boolean;
  /** The same rest, with what finds its deviating rows again. */
  readonly deviating: RestRows;
}

interface Joining {
  readonly key: readonly ComparedColumn[];
  readonly values: readonly ComparedColumn[];
  readonly cells: DeviatingCells;
  readonly onProgress: (done: number) => void;
}

/** Brings rows of both sides together by key, of which the old side's is known to be unique, or enforced on both. */
export function joinRest(
  workspace: Workspace,
  pair: TablePair,
  rest: RestRows,
  joining: Joining,
): Promise<JoinedRest> {
  const groups = counts.columnGroups(joining.values);
  return rest.sources.hasRowid && !rest.isCopied && groups.length === 1
    ? noteDeviating(workspace, pair, rest, joining)
    : countDeviating(workspace, pair, rest, joining, groups);
}

/** Notes the row numbers of the rows that deviate while they are joined, so that they need not be joined again. */
async function noteDeviating(
  workspace: Workspace,
  pair: TablePair,
  rest: RestRows,
  { key, values, cells, onProgress }: Joining,
): Promise<JoinedRest> {
  const about = `join ${pair.schema}.${pair.name}`;
  const table = workspace.scratchTable();
  await workspace.run(about, counts.createNoted(table, values));
  const noted: NotedPiece[] = [];
  const total = { added: 0, removed: 0, old: 0, new: 0 };
  for (const [piece, condition] of rest.conditions.entries()) {
    await workspace.runJoin(
      about,
      counts.noteByJoin(table, piece, rest.sources, key, values, condition),
    );
    const found = await workspace.ask(about, counts.countNoted(table, piece, values));
    cells.add(values, found);
    if (toNumber(found.noted) > 0)
      noted.push({
        piece,
        rows: toNumber(found.noted),
        old: rangeOf(found.old_from, found.old_to),
        new: rangeOf(found.new_from, found.new_to),
      });
    total.added += toNumber(found.added);
    total.removed += toNumber(found.removed);
    const rows = await workspace.ask(about, counts.countSides(rest.sources, condition));
    total.old += toNumber(rows.old);
    total.new += toNumber(rows.new);
    onProgress(toNumber(rows.new));
  }
  // Each row is in one piece: else some were not looked at.
  if (total.old !== rest.rows.old || total.new !== rest.rows.new)
    throw new Error(`The pieces of ${pair.schema}.${pair.name} are not its rows`);
  const { added, removed } = total;
  // Each new row meets one old row or none, as the old side's keys are unique: what is left are pairs.
  const isConsistent = rest.rows.old - removed === rest.rows.new - added;
  const found = { added, removed, isConsistent };
  if (noted.length === 0) {
    await workspace.run(about, `DROP TABLE ${table}`);
    return { ...found, deviating: { ...rest, conditions: [] } };
  }
  return {
    ...found,
    deviating: {
      ...rest,
      conditions: [],
      noted: { table, batches: batchesOf(noted, rowsInMemory(workspace, pair)) },
      tables: [...rest.tables, table],
    },
  };
}

/** Where its noted rows lie on each side; null: it has none there. */
interface NotedPiece extends Readonly<Record<Side, { from: number; to: number } | null>> {
  readonly piece: number;
  readonly rows: number;
}

function rangeOf(from: unknown, to: unknown): { from: number; to: number } | null {
  return from === null || to === null ? null : { from: toNumber(from), to: toNumber(to) };
}

/** Neighbouring pieces together, as far as their noted rows fit into memory. */
function batchesOf(noted: readonly NotedPiece[], most: number): NotedBatch[] {
  const batches: NotedPiece[][] = [];
  let rows = 0;
  for (const piece of noted) {
    rows += piece.rows;
    const last = batches.at(-1);
    if (last === undefined || rows > most) {
      batches.push([piece]);
      rows = piece.rows;
    } else last.push(piece);
  }
  return batches.map((batch) => ({
    condition: `piece BETWEEN ${batch[0]?.piece} AND ${batch.at(-1)?.piece}`,
    within: { old: around(batch, 'old'), new: around(batch, 'new') },
  }));
}

/** One range for all: DuckDB skips what lies outside of it. */
function around(batch: readonly NotedPiece[], side: Side): Condition {
  const ranges = batch.flatMap((piece) => piece[side] ?? []);
  if (ranges.length === 0) return 'false';
  const from = Math.min(...ranges.map((range) => range.from));
  return within([{ from, to: Math.max(...ranges.map((range) => range.to)) }]);
}

/**
 * Counts only: the deviating rows are joined again to be gathered. Without a row number, with more columns than a
 * statement takes, or of copies, which are in memory already and are mostly rows that one side has.
 */
async function countDeviating(
  workspace: Workspace,
  pair: TablePair,
  rest: RestRows,
  { key, cells, onProgress }: Joining,
  groups: readonly (readonly ComparedColumn[])[],
): Promise<JoinedRest> {
  const total = { added: 0, removed: 0, matched: 0 };
  const deviating = new Set<Condition>();
  await workspace.oneByOne(
    rest.conditions.flatMap((condition) =>
      groups.map((group, nth) => ({ condition, group, isFirst: nth === 0 })),
    ),
    `join ${pair.schema}.${pair.name}`,
    ({ condition, group }) => counts.countByJoin(rest.sources, key, group, condition),
    (row, { condition, group, isFirst }) => {
      const any = cells.add(group, row);
      const [added, removed] = [toNumber(row.added), toNumber(row.removed)];
      if (any || added + removed > 0) deviating.add(condition);
      if (!isFirst) return;
      total.added += added;
      total.removed += removed;
      total.matched += toNumber(row.matched);
      onProgress(added + toNumber(row.matched));
    },
  );
  const { added, removed, matched } = total;
  return {
    added,
    removed,
    isConsistent: matched + removed === rest.rows.old && matched + added === rest.rows.new,
    deviating: { ...rest, conditions: [...deviating] },
  };
}
