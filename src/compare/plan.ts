import type { CompareConfig } from '../config/config.ts';
import { formatName, nameMatcher, parseName } from '../config/names.ts';
import type { Catalog, Column, Relation, TablePair } from '../engines/engine.ts';
import { UsageError } from '../errors.ts';
import type { Slice } from './slices.ts';

/** One table or view that exists on either side, and what is to be done with it. */
export interface PlannedTable {
  readonly table: string;
  readonly old: Relation | null;
  readonly new: Relation | null;
  readonly role: 'input' | 'result';
  /** Why it is not looked at; null when it is. */
  readonly skip: string | null;
  /** Null: as a multiset. */
  readonly key: readonly string[] | null;
  /** Both engines' sides guarantee that the key is unique and never null. */
  readonly keyEnforced: boolean;
  readonly ignored: ReadonlySet<string>;
  /** Every value counts, by its exact representation: neither mode nor tolerance applies. */
  readonly whole: boolean;
  /** The part of it that is compared; null: the whole table. */
  readonly slice: Slice | null;
}

/**
 * Pairs the tables and views of both sides by name, all of them: what the configuration leaves out is planned as
 * skipped, so that it shows. Input tables that are to be compared `whole` are, whatever it says.
 * @throws UsageError when the configuration names a table or column that neither side has.
 */
export function planComparison(
  old: Catalog,
  candidate: Catalog,
  config: CompareConfig,
  whole: ReadonlySet<string> = new Set(),
  slices: ReadonlyMap<string, Slice> = new Map(),
): PlannedTable[] {
  const oldRelations = byName(old);
  const newRelations = byName(candidate);
  const names = [...new Set([...oldRelations.keys(), ...newRelations.keys()])].sort();
  refuseUnknownNames(config, oldRelations, newRelations);
  refuseTechnicalKeys(config, slices);
  const isInput = matcher(config.input);
  const isResult = config.result === null ? () => true : matcher(config.result);
  return names.map((table) => {
    const [before, after] = [oldRelations.get(table) ?? null, newRelations.get(table) ?? null];
    const isWhole = whole.has(table);
    const role = isWhole || isInput(table) ? 'input' : 'result';
    const ignored = new Set(isWhole ? [] : ignoredColumns(config, table));
    const slice = slices.get(table) ?? null;
    return {
      table,
      old: before,
      new: after,
      role,
      skip: role === 'input' || isResult(table) ? null : 'not in compare.result',
      ...chooseKey(config.keys[table] ?? null, before, after, ignored, slice),
      ignored,
      whole: isWhole,
      slice,
    };
  });
}

/** Old and new side of a table that both have. */
export function sides({ table, old: before, new: after }: PlannedTable): [Relation, Relation] {
  if (before === null || after === null) throw new Error(`${table} is on one side only`);
  return [before, after];
}

/** What the engine is told about a table that both sides have; `without` these columns. */
export function pairOf(
  planned: PlannedTable,
  config: CompareConfig,
  key: readonly string[] | null,
  without: ReadonlyMap<string, string> = new Map(),
): TablePair {
  const { table, ignored, whole, slice } = planned;
  const [before, after] = sides(planned);
  const newTypes = new Map(after.columns.map(({ name, type }) => [name, type]));
  const tolerance = (whole ? undefined : config.tolerance[table]) ?? {};
  return {
    schema: after.schema,
    name: after.name,
    oldKind: before.kind,
    newKind: after.kind,
    key,
    keyEnforced: key !== null && planned.keyEnforced,
    columns: before.columns.flatMap(({ name, type }) => {
      const newType = newTypes.get(name);
      if (newType === undefined || ignored.has(name) || without.has(name)) return [];
      if (slice?.technical.has(name)) return [];
      return [{ name, oldType: type, newType, tolerance: tolerance[name] ?? null }];
    }),
    mode: whole ? 'strict' : config.mode,
  };
}

function matcher(patterns: readonly string[]): (table: string) => boolean {
  const matches = nameMatcher(patterns, { ignoreCase: false });
  return (table) => matches(parseName(table));
}

function byName(catalog: Catalog): Map<string, Relation> {
  return new Map(
    catalog.relations.map((relation) => [formatName([relation.schema, relation.name]), relation]),
  );
}

/**
 * The configured key, else a primary key, else a unique one that is never null, of columns that both sides have. In a
 * slice it is what is left of it without the technical validity.
 */
function chooseKey(
  configured: readonly string[] | null,
  before: Relation | null,
  after: Relation | null,
  ignored: ReadonlySet<string>,
  slice: Slice | null,
): Pick<PlannedTable, 'key' | 'keyEnforced'> {
  const candidates = [...(before?.keys ?? []), ...(after?.keys ?? [])]
    .map(({ notNull, columns }) => ({
      notNull,
      columns: columns.filter((column) => !slice?.technical.has(column)),
    }))
    .filter(
      ({ notNull, columns }) =>
        notNull && columns.length > 0 && !columns.some((column) => ignored.has(column)),
    );
  const key =
    configured ??
    candidates.find(({ columns }) => hasAll(before, columns) && hasAll(after, columns))?.columns;
  if (key === undefined) return { key: null, keyEnforced: false };
  const enforces = (relation: Relation | null) =>
    relation?.keys.some((own) => own.enforced && own.notNull && sameColumns(own.columns, key)) ??
    true;
  return { key, keyEnforced: enforces(before) && enforces(after) };
}

function hasAll(relation: Relation | null, columns: readonly string[]): boolean {
  return (
    relation === null ||
    columns.every((name) => relation.columns.some((column) => column.name === name))
  );
}

function sameColumns(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}

function ignoredColumns(config: CompareConfig, table: string): string[] {
  return config.ignore.flatMap((name) => {
    const { table: of, column } = splitColumn(name);
    return of === table ? [column] : [];
  });
}

/** `marts.delay.loaded_at` -> `marts.delay` and `loaded_at`; names are in canonical form. */
function splitColumn(name: string): { table: string; column: string } {
  const parts = parseName(name);
  return { table: formatName(parts.slice(0, -1)), column: parts.at(-1) ?? '' };
}

function refuseUnknownNames(
  config: CompareConfig,
  old: ReadonlyMap<string, Relation>,
  candidate: ReadonlyMap<string, Relation>,
): void {
  const names = [...new Set([...old.keys(), ...candidate.keys()])].sort();
  const check = (key: string, table: string, columns: readonly string[]) => {
    const sides = [old.get(table), candidate.get(table)].filter(
      (relation) => relation !== undefined,
    );
    if (sides.length === 0) {
      throw new UsageError({
        what: `There is no table or view ${table}, neither in the baseline nor in the candidate.`,
        where: `greenlight.yml: ${key}`,
        help: `Write schema.table. There are ${shortList(names)}.`,
      });
    }
    for (const column of columns) {
      if (sides.some((relation) => relation.fault !== null || has(relation.columns, column)))
        continue;
      throw new UsageError({
        what: `${table} has no column ${column}.`,
        where: `greenlight.yml: ${key}`,
        help: `Its columns are ${shortList(sides.flatMap((relation) => relation.columns.map(({ name }) => name)))}.`,
      });
    }
  };
  for (const [key, patterns] of Object.entries({
    input: config.input,
    result: config.result ?? [],
  })) {
    for (const pattern of patterns) {
      if (names.some(matcher([pattern]))) continue;
      throw new UsageError({
        what: `No table or view matches ${pattern}, neither in the baseline nor in the candidate.`,
        where: `greenlight.yml: compare.${key}`,
        help: `Write schema.table, with * for any text. There are ${shortList(names)}.`,
      });
    }
  }
  for (const [table, columns] of Object.entries(config.keys)) {
    check(`compare.keys.${table}`, table, columns);
    refuseHalfKeys(table, columns, old.get(table), candidate.get(table));
  }
  for (const [table, columns] of Object.entries(config.tolerance)) {
    check(`compare.tolerance.${table}`, table, Object.keys(columns));
  }
  for (const name of config.ignore) {
    const { table, column } = splitColumn(name);
    check(`compare.ignore.${name}`, table, [column]);
    if (config.keys[table]?.includes(column)) {
      throw new UsageError({
        what: `${table}.${column} is part of the key and cannot be ignored.`,
        where: `greenlight.yml: compare.ignore.${name}`,
        help: 'Take it out of compare.keys or of compare.ignore.',
      });
    }
  }
}

/** A slice has one version of each row: its technical validity tells no two of them apart. */
function refuseTechnicalKeys(config: CompareConfig, slices: ReadonlyMap<string, Slice>): void {
  for (const [table, { technical }] of slices) {
    const column = config.keys[table]?.find((name) => technical.has(name));
    if (column === undefined) continue;
    throw new UsageError({
      what: `${table}.${column} belongs to the technical validity and cannot be part of the key.`,
      where: `greenlight.yml: compare.keys.${table}`,
      help: 'Name the columns that tell the rows apart at one instant: the business key and the business validity.',
    });
  }
}

/** Rows are brought together by columns that both sides have. */
function refuseHalfKeys(
  table: string,
  key: readonly string[],
  before: Relation | undefined,
  after: Relation | undefined,
): void {
  if (before === undefined || after === undefined) return;
  if (before.fault !== null || after.fault !== null) return;
  const isOnBoth = (column: string) => has(before.columns, column) && has(after.columns, column);
  const missing = key.find((column) => !isOnBoth(column));
  if (missing === undefined) return;
  const both = before.columns.map(({ name }) => name).filter(isOnBoth);
  throw new UsageError({
    what: `${table} has no column ${missing} in the ${has(after.columns, missing) ? 'baseline' : 'candidate'}: it cannot be a key.`,
    where: `greenlight.yml: compare.keys.${table}`,
    help: both.length === 0 ? 'Remove the key.' : `Both sides have ${shortList(both)}.`,
  });
}

function has(columns: readonly Column[], name: string): boolean {
  return columns.some((column) => column.name === name);
}

function shortList(names: readonly string[]): string {
  const unique = [...new Set(names)];
  return unique.length > 12 ? `${unique.slice(0, 12).join(', ')}, ...` : unique.join(', ');
}
