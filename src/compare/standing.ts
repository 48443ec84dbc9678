import { isDeepStrictEqual } from 'node:util';
import type { Standing } from '../engines/engine.ts';
import type { ColumnOutcome, ObjectOutcome, TableOutcome } from './outcome.ts';

/**
 * What became of tables, columns and objects since an earlier comparison. A table or column stands as `still` when it
 * deviated before as well, however it did: what was found then stands beside it. An object that deviates otherwise
 * than before is new, and the one of before gone.
 */

export interface TableStanding extends TableOutcome {
  /** Null: it does not deviate, was not compared, or there is nothing to hold it against. */
  readonly standing: Standing | null;
  /** What the earlier comparison found; null when it did not know the table, or there is none. */
  readonly before: TableBefore | null;
  readonly columns: readonly ColumnStanding[];
}

export interface TableBefore {
  readonly status: TableOutcome['status'];
  readonly old_rows: number | null;
  readonly new_rows: number | null;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** True when it deviated in exactly the same way: the same rows, columns and texts. */
  readonly same: boolean;
}

export interface ColumnStanding extends ColumnOutcome {
  readonly standing: Standing | null;
  /** What the earlier comparison found; null when the column did not deviate, or there is none. */
  readonly before: {
    readonly status: ColumnOutcome['status'];
    readonly old_type: string | null;
    readonly new_type: string | null;
    readonly changed: number;
  } | null;
}

export interface ObjectStanding extends ObjectOutcome {
  readonly standing: Standing | null;
}

/** True for what a person has to look at: it deviates, or nobody could read it. */
export function deviates({ status, skipped }: TableOutcome): boolean {
  return status === 'skipped' ? skipped !== 'configured' : status !== 'identical';
}

/** Tables of both comparisons by name. One that only `before` has shows as it was then. */
export function standingOfTables(
  now: readonly TableOutcome[],
  before: readonly TableOutcome[] | null,
): TableStanding[] {
  const earlier = new Map((before ?? []).map((table) => [table.table, table]));
  const known = new Set(now.map(({ table }) => table));
  const lost = [...earlier.values()].filter((table) => !known.has(table.table) && deviates(table));
  return [
    ...now.map((table) => standingOfTable(table, before, earlier.get(table.table) ?? null)),
    ...lost.map(
      (table): TableStanding => ({
        ...table,
        standing: 'gone',
        before: beforeOf(table, null),
        columns: standingOfColumns([], table.columns),
      }),
    ),
  ].sort((a, b) => (a.table < b.table ? -1 : 1));
}

function standingOfTable(
  table: TableOutcome,
  all: readonly TableOutcome[] | null,
  before: TableOutcome | null,
): TableStanding {
  const told = all !== null && table.skipped !== 'configured';
  const was = before !== null && deviates(before);
  const standing = deviates(table) ? (was ? 'still' : 'new') : was ? 'gone' : null;
  return {
    ...table,
    standing: told ? standing : null,
    before: before === null ? null : beforeOf(before, table),
    columns: standingOfColumns(
      table.columns,
      told && table.skipped === null ? (before?.columns ?? []) : null,
    ),
  };
}

function beforeOf(before: TableOutcome, now: TableOutcome | null): TableBefore {
  const { status, old_rows, new_rows, added, removed, changed } = before;
  const same = now !== null && isDeepStrictEqual(found(before), found(now));
  return { status, old_rows, new_rows, added, removed, changed, same };
}

function found(outcome: TableOutcome): unknown[] {
  const { kind, status, added, removed, changed, fingerprint, old_definition, new_definition } =
    outcome;
  return [
    [kind, status, added, removed, changed, fingerprint, old_definition, new_definition],
    outcome.columns.map((one) => [one.column, one.status, one.old_type, one.new_type, one.changed]),
  ];
}

function standingOfColumns(
  now: readonly ColumnOutcome[],
  before: readonly ColumnOutcome[] | null,
): ColumnStanding[] {
  const told = before !== null;
  const earlier = new Map((before ?? []).filter(isDeviating).map((one) => [one.column, one]));
  const known = new Set(now.map(({ column }) => column));
  const lost = [...earlier.values()].filter(({ column }) => !known.has(column));
  const was = (column: ColumnOutcome) => {
    const { status, old_type, new_type, changed } = column;
    return { status, old_type, new_type, changed };
  };
  return [
    ...now.map((column): ColumnStanding => {
      const then = earlier.get(column.column);
      const standing = then === undefined ? 'new' : 'still';
      return {
        ...column,
        standing: told && isDeviating(column) ? standing : null,
        before: then === undefined ? null : was(then),
      };
    }),
    ...lost.map((column): ColumnStanding => ({ ...column, standing: 'gone', before: was(column) })),
  ];
}

function isDeviating({ status }: ColumnOutcome): boolean {
  return status !== 'identical' && status !== 'skipped';
}

export function standingOfObjects(
  now: readonly ObjectOutcome[],
  before: readonly ObjectOutcome[] | null,
): ObjectStanding[] {
  if (before === null) return now.map((object) => ({ ...object, standing: null }));
  // Whether it was declared meanwhile does not make it another one.
  const itself = ({ explained: _, ...object }: ObjectOutcome) => object;
  const has = (all: readonly ObjectOutcome[], one: ObjectOutcome) =>
    all.some((other) => isDeepStrictEqual(itself(other), itself(one)));
  return [
    ...now.map(
      (object): ObjectStanding => ({ ...object, standing: has(before, object) ? 'still' : 'new' }),
    ),
    ...before
      .filter((object) => !has(now, object))
      .map((object): ObjectStanding => ({ ...object, standing: 'gone' })),
  ];
}
