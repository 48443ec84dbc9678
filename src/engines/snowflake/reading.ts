import type { ComparedColumn, Side, TablePair } from '../engine.ts';
import { list } from '../sql.ts';
import { quote } from './names.ts';
import { compared, deviates } from './values.ts';

/**
 * How the two sides are read. Each through a subquery that names what it gives:
 *
 *   (SELECT "AMOUNT" AS v0, "ID" AS v1 FROM "SHOP__PR_7__BASELINE"."MARTS"."DELAY" AS one)
 */

/** What is read on each side, as it stands after FROM, and how its values are compared. */
export interface Sources {
  readonly old: string;
  readonly new: string;
  readonly mode: TablePair['mode'];
}

/** A column whose values are read as they are stored, on the sides that have it. */
export interface RawColumn {
  readonly name: string;
  readonly old: boolean;
  readonly new: boolean;
}

export function read(
  sources: Sources,
  side: Side,
  columns: readonly ComparedColumn[],
  raw: readonly RawColumn[] = [],
): string {
  const values = columns.map((column, at) => `${compared(column, side, sources.mode)} AS v${at}`);
  const rawValues = raw.map(
    (column, at) => `${column[side] ? quote(column.name) : 'CAST(NULL AS VARCHAR)'} AS r${at}`,
  );
  return `(SELECT ${[...values, ...rawValues, 'TRUE AS here'].join(', ')} FROM ${sources[side]} AS one)`;
}

/** By key; the key columns follow the others: v<columns.length>, ... */
export function joined(
  sources: Sources,
  key: readonly ComparedColumn[],
  columns: readonly ComparedColumn[],
  raw: readonly RawColumn[] = [],
): string {
  const all = [...columns, ...key];
  const on = list(key, (_, at) => `o.v${columns.length + at} = n.v${columns.length + at}`, ' AND ');
  return `${read(sources, 'old', all, raw)} AS o FULL OUTER JOIN ${read(sources, 'new', all, raw)} AS n ON ${on}`;
}

/**
 * Distinct rows with the number by which the new side has them more often (or, negative, less often). Of rows that are
 * equal, any stands for all: `raw`.
 */
export function surplus(
  sources: Sources,
  columns: readonly ComparedColumn[],
  raw: readonly RawColumn[] = [],
): string {
  // A table without a column to compare is compared by its number of rows.
  const names = columns.length === 0 ? 'here' : list(columns, (_, at) => `v${at}`);
  const shown = raw.map((_, at) => `r${at}`);
  const side = (of: Side) => {
    const read_ = read(sources, of, columns, raw);
    const values = raw.flatMap((_, at) =>
      of === 'old'
        ? [`r${at} AS o${at}`, `NULL AS n${at}`]
        : [`NULL AS o${at}`, `r${at} AS n${at}`],
    );
    const sign = of === 'old' ? -1 : 1;
    return `SELECT ${[names, `${sign} AS side`, ...values].join(', ')} FROM ${read_} AS ${of}_side`;
  };
  const kept = shown.flatMap((_, at) => [
    `ANY_VALUE(o${at}) AS o${at}`,
    `ANY_VALUE(n${at}) AS n${at}`,
  ]);
  return `SELECT ${[names, 'SUM(side) AS surplus', ...kept].join(', ')}
    FROM (${side('new')} UNION ALL ${side('old')}) AS both_sides GROUP BY ${names} HAVING SUM(side) <> 0`;
}

export function anyDeviates(columns: readonly ComparedColumn[]): string {
  if (columns.length === 0) return 'FALSE';
  return `(${list(columns, (column, at) => deviates(column, at), ' OR ')})`;
}
