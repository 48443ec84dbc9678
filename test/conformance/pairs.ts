import type {
  Catalog,
  ComparedColumn,
  ComparisonSession,
  Engine,
  Location,
  RecordedRows,
  Relation,
  RowComparison,
  RowCounts,
  RowTarget,
  StoreRow,
  TablePair,
} from '../../src/engines/engine.ts';
import { rowDeviationTable } from '../../src/release/tables.ts';

export type Tolerance = NonNullable<ComparedColumn['tolerance']>;

export interface PairOptions {
  readonly key?: readonly string[] | null;
  readonly mode?: TablePair['mode'];
  readonly ignore?: readonly string[];
  readonly tolerance?: Readonly<Record<string, Tolerance>>;
}

/** Pairs a relation of both catalogs as the product does: the columns that both sides have. */
export function pairOf(
  old: Catalog,
  candidate: Catalog,
  schema: string,
  name: string,
  { key = null, mode = 'semantic', ignore = [], tolerance = {} }: PairOptions = {},
): TablePair {
  const [before, after] = [find(old, schema, name), find(candidate, schema, name)];
  const newTypes = new Map(after.columns.map((column) => [column.name, column.type]));
  return {
    schema,
    name,
    oldKind: before.kind,
    newKind: after.kind,
    key,
    keyEnforced: false,
    mode,
    columns: before.columns.flatMap((column) => {
      const newType = newTypes.get(column.name);
      if (newType === undefined || ignore.includes(column.name)) return [];
      const { name: own, type: oldType } = column;
      return [{ name: own, oldType, newType, tolerance: tolerance[own] ?? null }];
    }),
  };
}

function find(catalog: Catalog, schema: string, name: string): Relation {
  const there = catalog.relations.filter((relation) => relation.schema === schema);
  // Where a release takes a schema live, its relations are shown in that one, whatever a scenario calls it.
  const found = (there.length > 0 ? there : catalog.relations).find(
    (relation) => relation.name === name,
  );
  if (found === undefined) throw new Error(`There is no ${schema}.${name}`);
  if (found.fault !== null) throw new Error(`${schema}.${name}: ${found.fault}`);
  return found;
}

export async function countBoth(session: ComparisonSession, pair: TablePair): Promise<RowCounts> {
  return {
    old: await session.countRows('old', pair.schema, pair.name, pair.oldKind),
    new: await session.countRows('new', pair.schema, pair.name, pair.newKind),
  };
}

/** Counts and compares; what must hold for every comparison is checked here. */
export async function compare(
  session: ComparisonSession,
  pair: TablePair,
): Promise<RowComparison & { rows: RowCounts }> {
  const rows = await countBoth(session, pair);
  const found = await session.compareRows(pair, rows, () => undefined);
  if ('fault' in found) throw new Error(`The key is at fault: ${JSON.stringify(found)}`);
  if (rows.old - found.removed + found.added !== rows.new)
    throw new Error(`Does not reconcile: ${JSON.stringify({ ...found, rows })}`);
  for (const [column, count] of found.cells)
    if (count <= 0) throw new Error(`${column} is listed with ${count} deviating cells`);
  return { ...found, rows };
}

/** Gathers, records and describes the deviating rows. */
export async function recordRows(
  session: ComparisonSession,
  pair: TablePair,
  found: RowComparison,
  into: RowTarget,
): Promise<RecordedRows & { patterns: ReadonlyMap<string, string> }> {
  const deviating = await session.gather(pair, found, { claims: [], privacy: into.privacy });
  try {
    const recorded = await deviating.record(into, []);
    for (const name of new Set([...found.cells.keys(), ...recorded.cells.keys()]))
      if (found.cells.get(name) !== recorded.cells.get(name))
        throw new Error(
          `${name} deviates in ${found.cells.get(name)} rows: ${recorded.cells.get(name)} are recorded`,
        );
    const patterns = [...(await deviating.describe({ values: true }))].map(
      ([name, { patterns: found }]) =>
        [
          name,
          found
            .map(({ pattern, detail, rows }) => {
              const text = detail === null ? pattern : `${pattern} (${detail})`;
              return found.length === 1 ? text : `${text} in ${rows}`;
            })
            .join(', '),
        ] as const,
    );
    return { ...recorded, patterns: new Map(patterns) };
  } finally {
    await deviating.discard();
  }
}

/** The store's table for deviating rows, empty. */
export async function createRowStore(engine: Engine): Promise<Location> {
  const store = await engine.stores.open({ create: true, purpose: 'test' });
  if (store === null) throw new Error('no store');
  await store.write((writer) => writer.apply({ createTable: rowDeviationTable }));
  await store.close();
  return engine.stores.location;
}

export function target(comparison: number, privacy: RowTarget['privacy']): RowTarget {
  return { table: rowDeviationTable.name, comparison, tableName: 'public.t', privacy };
}

export interface RecordedRow extends StoreRow {
  comparison: number;
  kind: string;
  row_key: string | null;
  columns: string | null;
  old_values: string | null;
  new_values: string | null;
  occurrences: number;
  fingerprint: string;
}

/** Rows that a comparison recorded (null: all), ordered by kind and content. The session must be closed. */
export async function recordedRows(
  engine: Engine,
  comparison: number | null,
): Promise<RecordedRow[]> {
  const store = await engine.stores.open({ create: false, purpose: 'test' });
  if (store === null) throw new Error('no store');
  try {
    return (await store.select(rowDeviationTable, comparison === null ? {} : { comparison }, [
      'comparison',
      'kind',
      'row_key',
      'old_values',
      'new_values',
    ])) as RecordedRow[];
  } finally {
    await store.close();
  }
}

export function totals({ added, removed, changed }: RecordedRows) {
  return { added, removed, changed };
}
