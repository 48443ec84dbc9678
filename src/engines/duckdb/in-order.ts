import type { ComparedColumn, RowCounts, TablePair } from '../engine.ts';
import { list } from '../sql.ts';
import { toNumber } from './connection.ts';
import type { LooseRows } from './layout.ts';
import { both, type Condition, type RowRange, read, within } from './reading.ts';
import { cutByKey, rowsThatFit } from './rest.ts';
import type { Sources } from './values.ts';
import type { Workspace } from './workspace.ts';

/** Both sides without the rows that only one of them has, in pieces of the key. */
export interface InOrder {
  readonly sources: Sources;
  readonly conditions: readonly Condition[];
  readonly loose: LooseRows;
}

/**
 * Finds the rows of these ranges of which the other side has no row with the same key. Only the key is read. Null where
 * both sides are not mostly in the order of the key, or too many rows were found.
 */
export async function leaveOutLoose(
  workspace: Workspace,
  pair: TablePair,
  sources: Sources,
  {
    ranges,
    rows,
    key,
  }: {
    readonly ranges: readonly RowRange[];
    readonly rows: RowCounts;
    readonly key: readonly ComparedColumn[];
  },
): Promise<InOrder | null> {
  const about = `${pair.schema}.${pair.name}`;
  if (!sources.hasRowid) return null;
  const rowsPerPiece = rowsThatFit(workspace, pair);
  // A table of one piece is joined as quickly.
  if (Math.max(rows.old, rows.new) <= rowsPerPiece) return null;
  const pieces = await cutByKey(workspace, about, sources, { key, rows, rowsPerPiece });
  if (pieces === null) return null;
  const conditions = pieces.map((piece) => both(within(ranges), piece));
  const found = workspace.scratchTable();
  const purpose = `find the rows of ${about} that one side has`;
  await workspace.run(purpose, `CREATE TABLE ${found} (old BIGINT, new BIGINT)`);
  let count = 0;
  for (const condition of conditions) {
    const row = await workspace.ask(purpose, noteLoose(found, sources, key, condition));
    count += toNumber(row.Count);
    if (count <= mostLoose(rows)) continue;
    await workspace.run(purpose, `DROP TABLE ${found}`);
    return null;
  }
  const loose = { tables: { old: workspace.scratchTable(), new: workspace.scratchTable() }, count };
  for (const side of ['old', 'new'] as const) {
    await workspace.run(
      purpose,
      `CREATE TABLE ${loose.tables[side]} AS SELECT ${side} AS "row" FROM ${found} WHERE ${side} IS NOT NULL`,
    );
  }
  await workspace.run(purpose, `DROP TABLE ${found}`);
  const without = (side: 'old' | 'new') =>
    `(SELECT *, rowid FROM ${sources[side]} WHERE rowid NOT IN (SELECT "row" FROM ${loose.tables[side]}))`;
  return { sources: { ...sources, old: without('old'), new: without('new') }, conditions, loose };
}

/** Where most rows moved, joining all by key is quicker. */
function mostLoose({ old, new: candidate }: RowCounts): number {
  return Math.max(old, candidate) / 5;
}

/** Row numbers of the rows that have no counterpart. */
function noteLoose(
  into: string,
  sources: Sources,
  key: readonly ComparedColumn[],
  condition: Condition,
): string {
  const [old, candidate] = (['old', 'new'] as const).map((side) =>
    read(sources, side, key, condition, { row: true }),
  );
  const on = list(key, (_, at) => `o.v${at} = n.v${at}`, ' AND ');
  return `INSERT INTO ${into} SELECT o."row", n."row" FROM ${old} AS o FULL JOIN ${candidate} AS n ON ${on}
    WHERE o."row" IS NULL OR n."row" IS NULL`;
}
