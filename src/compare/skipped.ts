import type { ComparisonSession, Relation, Side } from '../engines/engine.ts';
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
  const rows = async (side: Side, { schema, name, kind }: Relation) =>
    kind === 'table' ? session.countRows(side, schema, name, kind) : null;
  const structure = structureOf(planned);
  return {
    ...identicalTable(planned),
    status: structure.changed ? 'changed' : 'skipped',
    skipped: 'configured',
    reason: [
      structure.changed ? `values not compared: ${reason}` : reason,
      ...structure.notes,
    ].join('; '),
    proof: null,
    old_rows: await rows('old', before),
    new_rows: await rows('new', after),
    structure: structure.parts,
    old_definition: structure.definitionChanged ? before.definition : null,
    new_definition: structure.definitionChanged ? after.definition : null,
    columns: structure.columns.map((column) =>
      column.status === 'identical' ? { ...column, status: 'skipped', reason } : column,
    ),
  };
}

/** Nobody knows what it hides: the verdict is `unexplained`. */
export function unreadable(planned: PlannedTable, cause: string): TableOutcome {
  return { ...skip(planned, `cannot be read: ${cause.split('\n', 1)[0]}`), skipped: 'unreadable' };
}

/** The budget was used up before. Nobody knows what it hides. */
export function notLookedAt(planned: PlannedTable, spent: string): TableOutcome {
  return { ...skip(planned, `not looked at: ${spent}`), skipped: 'budget' };
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
