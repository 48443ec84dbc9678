import type { ComparisonSession, Relation, TablePair } from '../engines/engine.ts';
import type { SpentBudget } from './budget.ts';
import { identicalColumn, identicalTable } from './identical.ts';
import type { TableOutcome } from './outcome.ts';
import { type PlannedTable, sides } from './plan.ts';
import { notLookedAt, unreadable } from './skipped.ts';

/** A table or view that one side has: all its rows are added or removed; they are counted, not recorded one by one. */
export async function onOneSide(
  session: ComparisonSession,
  planned: PlannedTable,
  budget: SpentBudget,
): Promise<TableOutcome> {
  const side = planned.old === null ? 'new' : 'old';
  const relation = planned.old ?? planned.new;
  if (relation === null) throw new Error(`${planned.table} is on no side`);
  const { schema, name, kind } = relation;
  let rows: number;
  let fingerprint: string;
  try {
    rows = await session.countRows(side, schema, name, kind, budget.signal);
    fingerprint = await session.fingerprint(
      side,
      schema,
      name,
      kind,
      relation.columns.map((column) => column.name),
      budget.signal,
    );
    await session.release(schema, name);
  } catch (error) {
    if (budget.spent !== null) return notLookedAt(session, planned, budget.spent);
    return unreadable(planned, error);
  }
  const status = side === 'new' ? 'added' : 'removed';
  return {
    ...identicalTable(planned),
    status,
    old_rows: side === 'old' ? rows : 0,
    new_rows: side === 'new' ? rows : 0,
    added: side === 'new' ? rows : 0,
    removed: side === 'old' ? rows : 0,
    unexplained: rows,
    proof: 'exact',
    fingerprint,
    old_definition: planned.old?.definition ?? null,
    new_definition: planned.new?.definition ?? null,
    columns: relation.columns.map(({ name: column, type }) => ({
      ...identicalColumn(column, type),
      status,
      old_type: side === 'old' ? type : null,
      new_type: side === 'new' ? type : null,
    })),
  };
}

/**
 * The values of columns that only one side has deviate in no row that both sides have; a digest over them, with the
 * key, makes an approval hold for these values and no others.
 */
export async function fingerprintsOfOneSide(
  session: ComparisonSession,
  planned: PlannedTable,
  { schema, name, oldKind, newKind, key }: TablePair,
): Promise<string[]> {
  const [before, after] = sides(planned);
  const names = (relation: Relation) =>
    relation.columns.map((column) => column.name).filter((column) => !planned.ignored.has(column));
  const fingerprints: string[] = [];
  for (const [side, kind, own, other] of [
    ['old', oldKind, names(before), names(after)],
    ['new', newKind, names(after), names(before)],
  ] as const) {
    const alone = own.filter((column) => !other.includes(column));
    if (alone.length === 0) continue;
    const columns = key === null ? own : [...key, ...alone];
    fingerprints.push(`${side} ${await session.fingerprint(side, schema, name, kind, columns)}`);
  }
  return fingerprints;
}
