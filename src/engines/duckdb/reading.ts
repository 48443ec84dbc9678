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
export interface Chunk {
  readonly from: number;
  readonly to: number | null;
}

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
  /** Rows are brought together by all their values. */
  readonly grouped?: boolean;
}

export function read(
  sources: Sources,
  side: Side,
  columns: readonly ComparedColumn[],
  chunks: readonly Chunk[],
  { raw = [], here = columns.length === 0, grouped = false }: Also = {},
): string {
  const values = columns.map(
    (column, at) => `${compared(column, side, sources, grouped)} AS v${at}`,
  );
  const rawValues = raw.map(
    (column, at) => `${column[side] ? quote(column.name) : 'NULL'} AS r${at}`,
  );
  const selected = [...values, ...rawValues, ...(here ? ['true AS here'] : [])];
  return `(SELECT ${selected.join(', ')} FROM ${sources[side]}${whereChunks(chunks)})`;
}

/** Row by row as they stand; the side that has fewer rows is filled up with NULL. */
export function beside(
  sources: Sources,
  columns: readonly ComparedColumn[],
  chunks: readonly Chunk[],
  also: Also = {},
): string {
  return `${read(sources, 'old', columns, chunks, also)} AS o POSITIONAL JOIN ${read(sources, 'new', columns, chunks, also)} AS n`;
}

/** By key; the key columns follow the others: v<columns.length>, ... */
export function joined(
  sources: Sources,
  key: readonly ComparedColumn[],
  columns: readonly ComparedColumn[],
  chunks: readonly Chunk[],
  also: Also = {},
): string {
  const all = [...columns, ...key];
  const on = list(key, (_, at) => `o.v${columns.length + at} = n.v${columns.length + at}`, ' AND ');
  return `${read(sources, 'old', all, chunks, { ...also, here: true })} AS o FULL JOIN ${read(sources, 'new', all, chunks, { ...also, here: true })} AS n ON ${on}`;
}

/** Distinct rows with the number by which the new side has them more often (or, negative, less often). */
export function surplus(
  sources: Sources,
  columns: readonly ComparedColumn[],
  chunks: readonly Chunk[],
): string {
  // A table without a column to compare is compared by its number of rows.
  const names = columns.length === 0 ? ['here'] : columns.map((_, at) => `v${at}`);
  return `SELECT ${names.join(', ')}, sum(side) AS surplus FROM (
      SELECT ${names.join(', ')}, 1 AS side FROM ${read(sources, 'new', columns, chunks, { grouped: true })}
      UNION ALL
      SELECT ${names.join(', ')}, -1 AS side FROM ${read(sources, 'old', columns, chunks, { grouped: true })})
    GROUP BY ${names.join(', ')} HAVING sum(side) <> 0`;
}

export function anyDeviates(columns: readonly ComparedColumn[], sources: Sources): string {
  if (columns.length === 0) return 'false';
  return `(${list(columns, (column, at) => deviates(column, at, sources), ' OR ')})`;
}

function whereChunks(chunks: readonly Chunk[]): string {
  const bounds = chunks.map(({ from, to }) => {
    const tests = [
      ...(from > 0 ? [`rowid >= ${from}`] : []),
      ...(to === null ? [] : [`rowid < ${to}`]),
    ];
    return tests.length === 0 ? null : tests.join(' AND ');
  });
  if (bounds.length === 0 || bounds.includes(null)) return '';
  return ` WHERE ${bounds.map((bound) => `(${bound})`).join(' OR ')}`;
}
