import type { ComparisonSession, Relation, Side } from '../engines/engine.ts';
import { GreenlightError, messageOf } from '../errors.ts';
import { identicalColumn, identicalTable } from './identical.ts';
import type { TableOutcome } from './outcome.ts';
import { type PlannedTable, sides } from './plan.ts';
import { structureOf } from './structure.ts';

/**
 * Left out by the configuration: its values are not looked at, and that keeps the verdict from being `identical`. Its
 * structure is: what the logic did to it would go live.
 */
export async function leftOut(
  session: ComparisonSession,
  planned: PlannedTable,
  reason: string,
): Promise<TableOutcome> {
  const [before, after] = sides(planned);
  const structure = structureOf(planned);
  const [old, candidate] = [
    await countOf(session, 'old', before),
    await countOf(session, 'new', after),
  ];
  return {
    ...identicalTable(planned),
    status: structure.changed ? 'changed' : 'skipped',
    skipped: 'configured',
    reason: [
      structure.changed ? `values not compared: ${reason}` : reason,
      ...structure.notes,
      ...[old.fault, candidate.fault].filter((fault) => fault !== null),
    ].join('; '),
    proof: null,
    old_rows: old.rows,
    new_rows: candidate.rows,
    structure: structure.parts,
    old_definition: structure.definitionChanged ? before.definition : null,
    new_definition: structure.definitionChanged ? after.definition : null,
    columns: structure.columns.map((column) =>
      column.status === 'identical' ? { ...column, status: 'skipped', reason } : column,
    ),
  };
}

/** Nobody knows what it hides: the verdict is `unexplained`. */
export function unreadable(planned: PlannedTable, fault: unknown): TableOutcome {
  const { cause } = fault instanceof GreenlightError ? fault.problem : {};
  const [why] = (cause ?? messageOf(fault)).split('\n', 1);
  const help = 'make it readable, or leave it out by compare.result';
  return { ...skip(planned, `cannot be read: ${why}; ${help}`), skipped: 'unreadable' };
}

/** The budget was used up. Nobody knows what it hides; how many rows a table has is known at once. */
export async function notLookedAt(
  session: ComparisonSession,
  planned: PlannedTable,
  spent: string,
  what = 'not looked at',
): Promise<TableOutcome> {
  return {
    ...skip(planned, `${what}: ${spent}`),
    skipped: 'budget',
    old_rows: (await countOf(session, 'old', planned.old)).rows,
    new_rows: (await countOf(session, 'new', planned.new)).rows,
  };
}

/** Null for a view: counting its rows means to compute them. */
async function countOf(
  session: ComparisonSession,
  side: Side,
  relation: Relation | null,
): Promise<{ readonly rows: number | null; readonly fault: string | null }> {
  if (relation === null || relation.kind !== 'table') return { rows: null, fault: null };
  const { schema, name, kind } = relation;
  try {
    return { rows: await session.countRows(side, schema, name, kind), fault: null };
  } catch (error) {
    const [cause] = messageOf(error).split('\n', 1);
    return { rows: null, fault: `rows of the ${side} side not counted: ${cause}` };
  }
}

function skip(planned: PlannedTable, reason: string): TableOutcome {
  const columns = (planned.new ?? planned.old)?.columns ?? [];
  return {
    ...identicalTable(planned),
    status: 'skipped',
    reason,
    proof: null,
    columns: columns.map(({ name, type }) => ({
      ...identicalColumn(name, type),
      status: 'skipped',
    })),
  };
}
