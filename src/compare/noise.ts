import type { CompareConfig } from '../config/config.ts';
import { formatName, parseName } from '../config/names.ts';
import type { Catalog, Column } from '../engines/engine.ts';
import { type CompareRequest, compareDatabases } from './compare.ts';
import type { ColumnOutcome, Comparison, ObjectOutcome, TableOutcome } from './outcome.ts';
import { deviates } from './standing.ts';

/** What the old logic made otherwise than production has it: with its own data, its own structure, under the clock of the run. */
export interface Noise {
  /** Tables and views that differ, or that nobody could read. */
  readonly tables: readonly NoisyTable[];
  readonly objects: readonly Pick<ObjectOutcome, 'kind' | 'name' | 'status'>[];
}

export interface NoisyTable
  extends Pick<
    TableOutcome,
    'table' | 'kind' | 'role' | 'status' | 'reason' | 'added' | 'removed' | 'changed'
  > {
  /** Those that differ. */
  readonly columns: readonly Pick<ColumnOutcome, 'column' | 'status' | 'changed' | 'pattern'>[];
}

/** Compares production's result with that of the control, by the same configuration. Nothing can be expected of it. */
export async function compareNoise(
  request: Omit<CompareRequest, 'expectations'>,
): Promise<Comparison> {
  const catalogs = await Promise.all([
    request.engine.catalog.read(request.old),
    request.engine.catalog.read(request.new),
  ]);
  const config = asFarAsKnown(request.config, catalogs);
  const { comparison } = await compareDatabases({ ...request, config });
  return {
    ...comparison,
    tables: comparison.tables.map(asNoise),
    objects: comparison.objects.map((object) => ({ ...object, explained: true })),
  };
}

/** Noise needs no declaration: only what nobody could look at stays open. */
function asNoise(table: TableOutcome): TableOutcome {
  if (table.skipped !== null) return table;
  const explained = { explained: true, unexplained: 0 };
  const columns = table.columns.map((column) => ({ ...column, ...explained }));
  return { ...table, ...explained, columns };
}

/** The configuration may speak of tables and columns that only the migration makes: neither of these sides has them. */
function asFarAsKnown(config: CompareConfig, catalogs: readonly Catalog[]): CompareConfig {
  const sides = catalogs.map(columnsByTable);
  const onSome = (table: string, column: string) =>
    sides.some((side) => has(side.get(table), column));
  const onAll = (table: string, column: string) =>
    sides.every((side) => !side.has(table) || has(side.get(table), column));
  const exists = (table: string) => sides.some((side) => side.has(table));
  return {
    ...config,
    keys: filtered(
      config.keys,
      (table, columns) => exists(table) && columns.every((column) => onAll(table, column)),
    ),
    ignore: config.ignore.filter((name) => {
      const parts = parseName(name);
      return onSome(formatName(parts.slice(0, -1)), parts.at(-1) ?? '');
    }),
    tolerance: Object.fromEntries(
      Object.entries(config.tolerance).flatMap(([table, columns]) => {
        const own = filtered(columns, (column) => onSome(table, column));
        return Object.keys(own).length === 0 ? [] : [[table, own]];
      }),
    ),
  };
}

/** Null for a table whose columns cannot be read: it may have any. */
function columnsByTable({ relations }: Catalog): Map<string, readonly Column[] | null> {
  return new Map(
    relations.map(({ schema, name, columns, fault }) => [
      formatName([schema, name]),
      fault === null ? columns : null,
    ]),
  );
}

function has(columns: readonly Column[] | null | undefined, name: string): boolean {
  return columns === null || (columns?.some((column) => column.name === name) ?? false);
}

function filtered<T>(
  all: Readonly<Record<string, T>>,
  keeps: (name: string, value: T) => boolean,
): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter(([name, value]) => keeps(name, value)));
}

export function noiseOf({ tables, objects }: Pick<Comparison, 'tables' | 'objects'>): Noise {
  return {
    tables: tables.filter(deviates).map((outcome): NoisyTable => {
      const { table, kind, role, status, reason, added, removed, changed } = outcome;
      const columns = outcome.columns
        .filter((column) => column.status !== 'identical' && column.status !== 'skipped')
        .map((one) => ({
          column: one.column,
          status: one.status,
          changed: one.changed,
          pattern: one.pattern,
        }));
      return { table, kind, role, status, reason, added, removed, changed, columns };
    }),
    objects: objects.map(({ kind, name, status }) => ({ kind, name, status })),
  };
}

export function isSilent({ tables, objects }: Noise): boolean {
  return tables.length === 0 && objects.length === 0;
}

/** Rows in which the old logic itself gives another value for a column than production has: who reads a deviation of it should know. */
export function noisyRows(noise: Noise | null, table: string, column: string): number {
  const noisy = noise?.tables.find((one) => one.table === table);
  return noisy?.columns.find((one) => one.column === column)?.changed ?? 0;
}
