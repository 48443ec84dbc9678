import type { Expectation, StructurePart } from '../config/expectations.ts';
import { nearest } from '../config/names.ts';
import type { Catalog, Column, ComparisonSession, Side } from '../engines/engine.ts';
import { UsageError } from '../errors.ts';
import { claimOf, isAboutRows, type RowsExpectation } from './expectations.ts';
import type { PlannedTable } from './plan.ts';

/**
 * Finds declarations that make no sense for these two databases, before anything is compared.
 * @throws UsageError that lists all of them, each with its line.
 */
export async function refuseWrongExpectations(
  session: ComparisonSession,
  plan: readonly PlannedTable[],
  { old, new: candidate }: Readonly<Record<Side, Catalog>>,
  expectations: readonly Expectation[],
): Promise<void> {
  const tables = new Map(plan.map((planned) => [planned.table, planned]));
  const objects = [...old.objects, ...candidate.objects].map(({ kind, name }) => `${kind} ${name}`);
  const faults: string[] = [];
  for (const expectation of expectations) {
    const fault =
      expectation.table === null
        ? objectFault(expectation, objects)
        : await tableFault(session, expectation, expectation.table, tables);
    if (fault !== null) faults.push(`${expectation.file}:${expectation.line} ${fault}`);
  }
  if (faults.length === 0) return;
  const file = expectations[0]?.file ?? '';
  throw new UsageError({
    what: faults.length === 1 ? `${file} has a mistake.` : `${file} has ${faults.length} mistakes.`,
    cause: faults.join('\n'),
  });
}

function objectFault({ declares }: Expectation, objects: readonly string[]): string | null {
  if (declares.kind !== 'object' || objects.includes(declares.object)) return null;
  return `there is no ${declares.object}, neither in the baseline nor in the candidate.${hint(declares.object, objects)}`;
}

async function tableFault(
  session: ComparisonSession,
  expectation: Expectation,
  table: string,
  tables: ReadonlyMap<string, PlannedTable>,
): Promise<string | null> {
  const planned = tables.get(table);
  if (planned === undefined)
    return `there is no table or view ${table}, neither in the baseline nor in the candidate.${hint(table, [...tables.keys()])}`;
  const { declares } = expectation;
  if (declares.kind === 'table') return null;
  if (planned.old === null || planned.new === null) {
    const [side, status] = planned.old === null ? ['new', 'added'] : ['old', 'removed'];
    return `only the ${side} side has ${table}. Write \`${table}: ${status}\`: that explains all of it.`;
  }
  // What cannot be read deviates as a whole, and nothing explains it.
  if (planned.old.fault !== null || planned.new.fault !== null) return null;
  if (declares.kind === 'structure') return partFault(planned, declares.part);
  if (declares.kind === 'column') return columnFault(planned, declares.column);
  return isAboutRows(expectation) ? rowsFault(session, expectation, planned) : null;
}

function partFault({ table, old, new: after }: PlannedTable, part: StructurePart): string | null {
  const isView = old?.kind === 'view' || after?.kind === 'view';
  return part === 'definition' && !isView
    ? `${table} is a table: only a view has a definition.`
    : null;
}

function columnFault({ table, old, new: after }: PlannedTable, column: string): string | null {
  const names = [...(after?.columns ?? []), ...(old?.columns ?? [])].map(({ name }) => name);
  return names.includes(column) ? null : `${table} has no column ${column}.${hint(column, names)}`;
}

async function rowsFault(
  session: ComparisonSession,
  expectation: RowsExpectation,
  planned: PlannedTable,
): Promise<string | null> {
  const { table, skip, key, ignored } = planned;
  const { column } = expectation.declares;
  const columns = { old: planned.old?.columns ?? [], new: planned.new?.columns ?? [] };
  if (column !== null) {
    const unknown = columnFault(planned, column);
    if (unknown !== null) return unknown;
  }
  if (skip !== null)
    return `the values of ${table} are not compared: it is ${skip}. Only its structure can be declared.`;
  if (column !== null) {
    if (ignored.has(column))
      return `the values of ${table}.${column} are not compared: it is in compare.ignore.`;
    for (const [side, status] of [
      ['old', 'removed'],
      ['new', 'added'],
    ] as const) {
      const other = side === 'old' ? 'new' : 'old';
      if (has(columns[side], column) && !has(columns[other], column))
        return `only the ${side} side has ${table}.${column}. Write \`${column}: ${status}\`: that explains all its values.`;
    }
    if (key === null)
      return `${table} has no key, so that no change of a value is known: a changed row is one removed and one added. Give it a key in compare.keys, or declare \`rows\`.`;
    if (key.includes(column))
      return `${table}.${column} is part of the key: a row with another key is one removed and one added. Declare \`rows\`.`;
  }
  return session.claimFault(
    claimOf(expectation),
    key === null ? comparedOnly(columns, ignored) : columns,
  );
}

/** Without a key, nothing is known of a row but what is compared. */
function comparedOnly(
  columns: Readonly<Record<Side, readonly Column[]>>,
  ignored: ReadonlySet<string>,
): Record<Side, Column[]> {
  const shared = (side: Side, other: Side) =>
    columns[side].filter(({ name }) => has(columns[other], name) && !ignored.has(name));
  return { old: shared('old', 'new'), new: shared('new', 'old') };
}

function has(columns: readonly Column[], column: string): boolean {
  return columns.some(({ name }) => name === column);
}

function hint(written: string, known: readonly string[]): string {
  const names = [...new Set(known)];
  const meant = nearest(written, names);
  if (meant !== null) return ` Did you mean ${meant}?`;
  if (names.length === 0) return '';
  return ` There are ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', ...' : ''}.`;
}
