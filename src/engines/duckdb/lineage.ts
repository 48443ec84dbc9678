import type { ComparedColumn, RowCounts, Side, TablePair } from '../engine.ts';
import { list } from '../sql.ts';
import type { ComparedBlocks } from './blocks.ts';
import { literal, quote, type Row, toNumber } from './connection.ts';
import { attached } from './reading.ts';
import type { Sources } from './values.ts';
import type { Workspace } from './workspace.ts';

/**
 * What a table's storage proves. A copy of a database file keeps where each column's values lie: in which block, at
 * which offset, in which encoding. A segment that lies at the same place on both sides, in blocks that hold the same
 * bytes, holds the same values.
 *
 * Neither alone is a proof: a block's number is used again for other values, and equal bytes elsewhere say nothing
 * about this column. DuckDB's own checksums of blocks are not looked at: they miss swapped values.
 */
export interface Lineage {
  /** Ranges of DuckDB's row numbers that both sides have, in order and without a gap between them, from 0 on. */
  readonly sections: readonly StoredSection[];
  /** From here on, the two sides have nothing in common that storage could prove. */
  readonly end: number;
  /** Row numbers before `end` at which a row was deleted, by side: they may still be stored. */
  readonly hasDeleted: Readonly<Record<Side, boolean>>;
}

export interface StoredSection {
  readonly from: number;
  readonly to: number;
  /** Columns of which all values are proven equal, row number by row number. */
  readonly proven: ReadonlySet<string>;
}

/** Null where nothing can be proven. */
export async function readLineage(
  workspace: Workspace,
  pair: TablePair,
  { hasRowid }: Sources,
  rows: RowCounts,
): Promise<Lineage | null> {
  const { blocks } = workspace;
  const isStored = workspace.readsStored(pair) && hasRowid;
  // DuckDB's pragma does not find a name with a quote in it.
  const isNamed = !`${pair.schema}${pair.name}`.includes('"');
  if (blocks === null || !isStored || !isNamed) return null;
  const columns = pair.columns.filter(isProvable);
  if (columns.length === 0) return null;
  const groups = await readRowGroups(workspace, pair, columns, blocks);
  return groups === null ? null : lineageOf(groups, rows);
}

/** Of these types a segment says all there is to a value. Nested ones are compared by value. */
function isProvable({ oldType, newType }: ComparedColumn): boolean {
  return (
    oldType === newType &&
    /^(BOOLEAN|U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)|VARCHAR|JSON|BLOB|UUID|DATE|TIME|TIMESTAMP(_NS|_MS|_S| WITH TIME ZONE)?|INTERVAL|ENUM\([^[\]]*\))$/.test(
      oldType,
    )
  );
}

interface RowGroup {
  readonly oldRows: number;
  readonly newRows: number;
  readonly proven: ReadonlySet<string>;
}

async function readRowGroups(
  workspace: Workspace,
  pair: TablePair,
  columns: readonly ComparedColumn[],
  blocks: ComparedBlocks,
): Promise<RowGroup[] | null> {
  const about = `look at how ${pair.schema}.${pair.name} is stored`;
  const segments = { old: workspace.scratchTable(), new: workspace.scratchTable() };
  await Promise.all(
    (['old', 'new'] as const).map((side) =>
      workspace.run(about, readSegments(segments[side], pair, side)),
    ),
  );
  const differs = await workspace.differentBlocks(blocks);
  const rows = await workspace.rows(about, matchSegments(segments, columns, differs, blocks.end));
  await workspace.run(about, `DROP TABLE ${segments.old}; DROP TABLE ${segments.new}`);
  return rows.some(({ old_rows, new_rows }) => old_rows === null && new_rows === null)
    ? null
    : rows.map(toRowGroup);
}

function readSegments(into: string, { schema, name }: TablePair, side: Side): string {
  const table = [attached[side], schema, name].map(quote).join('.');
  // The path begins with the column's number, which another one's removal changes.
  return `CREATE TABLE ${into} AS
    SELECT row_group_id AS row_group, column_name AS name, ltrim(column_path, '[0123456789') AS path, segment_id AS segment,
      segment_type AS type, count, compression, stats, block_id, block_offset, segment_info,
      additional_block_ids AS further, persistent AND NOT has_updates AS settled
    FROM pragma_storage_info(${literal(table)})`;
}

/**
 * Per row group the rows of both sides (from the validity of one column), and the columns of which each segment lies at
 * the same place in blocks with the same bytes. A constant segment has no block: its value stands in its statistics.
 */
function matchSegments(
  segments: Readonly<Record<Side, string>>,
  columns: readonly ComparedColumn[],
  differs: string,
  end: number,
): string {
  const names = list(columns, ({ name }) => literal(name));
  const isSame = (block: string) => `(${block} < ${end} AND ${block} NOT IN (FROM ${differs}))`;
  const rowsOf = (side: Side) => `(
      SELECT row_group, sum(count) AS rows FROM ${segments[side]}
      WHERE name = ${literal(columns[0]?.name ?? '')} AND type = 'VALIDITY' AND path = ', 0]' GROUP BY row_group)`;
  return `WITH moved AS (
      SELECT DISTINCT row_group, name, segment FROM (
        SELECT row_group, name, segment, unnest(further) AS block FROM ${segments.old})
      WHERE NOT ${isSame('block')}),
    matched AS (
      SELECT row_group, name, bool_and(coalesce(o.settled AND n.settled AND o.type = n.type AND o.count = n.count
          AND o.compression = n.compression AND o.stats = n.stats AND o.segment_info = n.segment_info
          AND o.block_id = n.block_id AND o.block_offset = n.block_offset AND o.further = n.further
          AND (o.block_id >= 0 AND ${isSame('o.block_id')} OR o.block_id < 0 AND o.compression = 'Constant' AND o.type <> 'VARCHAR')
          AND (row_group, name, o.segment) NOT IN (FROM moved), false)) AS proven
      FROM (FROM ${segments.old} WHERE name IN (${names})) AS o
        FULL JOIN (FROM ${segments.new} WHERE name IN (${names})) AS n USING (row_group, name, path, segment)
      GROUP BY row_group, name)
    SELECT row_group, any_value(o.rows) AS old_rows, any_value(n.rows) AS new_rows, list(name) FILTER (proven) AS proven
    FROM matched LEFT JOIN ${rowsOf('old')} AS o USING (row_group) LEFT JOIN ${rowsOf('new')} AS n USING (row_group)
    GROUP BY row_group ORDER BY row_group`;
}

function toRowGroup({ old_rows, new_rows, proven }: Row): RowGroup {
  return {
    oldRows: toNumber(old_rows ?? 0),
    newRows: toNumber(new_rows ?? 0),
    proven: new Set((proven as { items: string[] } | null)?.items ?? []),
  };
}

/** Row groups belong together as long as both sides have the same number of rows in each. */
function lineageOf(groups: readonly RowGroup[], rows: RowCounts): Lineage | null {
  const stored = { old: 0, new: 0 };
  for (const { oldRows, newRows } of groups) {
    stored.old += oldRows;
    stored.new += newRows;
  }
  // Fewer stored rows than there are: then this is not how DuckDB stores tables.
  if (stored.old < rows.old || stored.new < rows.new) return null;
  const sections: StoredSection[] = [];
  let from = 0;
  for (const { oldRows, newRows, proven } of groups) {
    if (oldRows !== newRows) break;
    sections.push({ from, to: from + oldRows, proven });
    from += oldRows;
  }
  return {
    sections,
    end: from,
    hasDeleted: { old: stored.old > rows.old, new: stored.new > rows.new },
  };
}
