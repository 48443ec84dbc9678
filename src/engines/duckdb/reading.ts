import type { ComparedColumn, Side } from '../engine.ts';
import { list } from '../sql.ts';
import { quote } from './connection.ts';
import { compared, deviates, type Sources } from './values.ts';

/**
 * How the two sides are read. Each through a subquery that names what it gives:
 *
 *   (SELECT "amount" AS v0, "currency" AS v1 FROM "greenlight: old"."marts"."delay" WHERE rowid >= 0 AND rowid < 983040)
 */

/** The names under which the databases are attached. */
export const attached = {
  old: 'greenlight: old',
  new: 'greenlight: new',
  store: 'greenlight: store',
} as const;

/** Rows `from` up to but not `to` by DuckDB's row number; null: no bound. */
export interface RowRange {
  readonly from: number;
  readonly to: number | null;
}

/** A condition on the rows of either side, as SQL; null: all rows. */
export type Condition = string | null;

/** The same where it is another one for each side. */
export type Conditions = Readonly<Record<Side, Condition>>;

/** A column whose values are read as they are stored, on the sides that have it. */
export interface RawColumn {
  readonly name: string;
  readonly old: boolean;
  readonly new: boolean;
}

/** What a side gives besides v0, v1, ... */
interface Also {
  /** The values as they are stored: r0, r1, ...; NULL on a side without the column. */
  readonly raw?: readonly RawColumn[];
  /** `here`, true for each row: NULL beyond an outer join. Not free, so only where it is needed. */
  readonly here?: boolean;
  /** DuckDB's row number as `row`. */
  readonly row?: boolean;
  /** Rows are brought together by all their values. */
  readonly grouped?: boolean;
}

export function read(
  sources: Sources,
  side: Side,
  columns: readonly ComparedColumn[],
  condition: Condition,
  { raw = [], row = false, grouped = false, here = columns.length === 0 && !row }: Also = {},
): string {
  const values = columns.map(
    (column, at) => `${compared(column, side, sources, grouped)} AS v${at}`,
  );
  const rawValues = raw.map(
    (column, at) => `${column[side] ? quote(column.name) : 'NULL'} AS r${at}`,
  );
  const selected = [
    ...values,
    ...rawValues,
    ...(here ? ['true AS here'] : []),
    ...(row ? ['rowid AS row'] : []),
  ];
  return `(SELECT ${selected.join(', ')} FROM ${sources[side]}${where(condition)})`;
}

/** Row by row as they stand; the side that has fewer rows is filled up with NULL. */
export function beside(
  sources: Sources,
  columns: readonly ComparedColumn[],
  condition: Condition,
  also: Also = {},
): string {
  return `${read(sources, 'old', columns, condition, also)} AS o POSITIONAL JOIN ${read(sources, 'new', columns, condition, also)} AS n`;
}

/** By DuckDB's row number: where storage proves that it stands for the same row on both sides. */
export function numbered(
  sources: Sources,
  columns: readonly ComparedColumn[],
  condition: Condition,
  also: Also = {},
): string {
  const [old, candidate] = (['old', 'new'] as const).map((side) =>
    read(sources, side, columns, condition, { ...also, row: true }),
  );
  return `${old} AS o JOIN ${candidate} AS n ON o.row = n.row`;
}

/** By key; the key columns follow the others: v<columns.length>, ... */
export function joined(
  sources: Sources,
  key: readonly ComparedColumn[],
  columns: readonly ComparedColumn[],
  condition: Condition,
  also: Also = {},
): string {
  const all = [...columns, ...key];
  const on = list(key, (_, at) => `o.v${columns.length + at} = n.v${columns.length + at}`, ' AND ');
  const [old, candidate] = (['old', 'new'] as const).map((side) =>
    read(sources, side, all, condition, { here: also.row !== true, ...also }),
  );
  return `${old} AS o FULL JOIN ${candidate} AS n ON ${on}`;
}

/** By the row numbers in `rows`: old and new, of which one may be NULL. `condition`: where they lie. */
export function noted(
  sources: Sources,
  rows: string,
  columns: readonly ComparedColumn[],
  condition: Conditions,
  also: Also = {},
): string {
  const [old, candidate] = (['old', 'new'] as const).map((side) =>
    read(sources, side, columns, condition[side], { ...also, here: true, row: true }),
  );
  return `${rows} AS noted LEFT JOIN ${old} AS o ON o.row = noted.old LEFT JOIN ${candidate} AS n ON n.row = noted.new`;
}

/** Distinct rows with the number by which the new side has them more often (or, negative, less often). */
export function surplus(
  sources: Sources,
  columns: readonly ComparedColumn[],
  condition: Condition,
): string {
  // A table without a column to compare is compared by its number of rows.
  const names = columns.length === 0 ? ['here'] : columns.map((_, at) => `v${at}`);
  return `SELECT ${names.join(', ')}, sum(side) AS surplus FROM (
      SELECT ${names.join(', ')}, 1 AS side FROM ${read(sources, 'new', columns, condition, { grouped: true })}
      UNION ALL
      SELECT ${names.join(', ')}, -1 AS side FROM ${read(sources, 'old', columns, condition, { grouped: true })})
    GROUP BY ${names.join(', ')} HAVING sum(side) <> 0`;
}

export function anyDeviates(columns: readonly ComparedColumn[], sources: Sources): string {
  if (columns.length === 0) return 'false';
  return `(${list(columns, (column, at) => deviates(column, at, sources), ' OR ')})`;
}

/** The condition that is true for the rows of any of the ranges. */
export function within(ranges: readonly RowRange[]): Condition {
  const bounds = joinedUp(ranges).map(({ from, to }) =>
    both(from > 0 ? `rowid >= ${from}` : null, to === null ? null : `rowid < ${to}`),
  );
  if (bounds.includes(null)) return null;
  return bounds.length === 0 ? 'false' : `(${bounds.join(' OR ')})`;
}

/** In order, and those that touch each other as one: a condition of many parts keeps DuckDB from skipping storage. */
function joinedUp(ranges: readonly RowRange[]): RowRange[] {
  const joined: RowRange[] = [];
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last?.to === from) joined[joined.length - 1] = { from: last.from, to };
    else joined.push({ from, to });
  }
  return joined;
}

export function both(one: Condition, other: Condition): Condition {
  if (one === null || other === null) return one ?? other;
  return `${one} AND ${other}`;
}

/** ` WHERE ...`, or nothing. */
export function where(condition: Condition): string {
  return condition === null ? '' : ` WHERE ${condition}`;
}
