import type { ComparisonSession } from '../engines/engine.ts';
import type { ColumnOutcome, TableOutcome } from './outcome.ts';
import { type PlannedTable, sides } from './plan.ts';

/**
 * A table whose storage is proven equal: nothing is read but its number of rows, and what `keyNote` reads to say what is
 * wrong with its key.
 */
export async function identicalByLineage(
  session: ComparisonSession,
  planned: PlannedTable,
  evidence: string,
  keyNote: (rows: number) => Promise<string | null>,
): Promise<TableOutcome> {
  const [{ schema, name, kind, columns }] = sides(planned);
  const rows = kind === 'table' ? await session.countRows('old', schema, name, kind) : null;
  const reason = rows === null ? null : await keyNote(rows);
  return {
    ...identicalTable(planned),
    reason,
    key: reason === null ? planned.key : null,
    old_rows: rows,
    new_rows: rows,
    proof: 'lineage',
    way: evidence,
    columns: columns.map((column) => identicalColumn(column.name, column.type)),
  };
}

/** With nothing counted; what is found otherwise takes its place. */
export function identicalTable(planned: PlannedTable): TableOutcome {
  return {
    table: planned.table,
    kind: (planned.new ?? planned.old)?.kind ?? 'table',
    role: planned.role,
    status: 'identical',
    skipped: null,
    reason: null,
    key: null,
    old_rows: null,
    new_rows: null,
    history: null,
    added: 0,
    removed: 0,
    changed: 0,
    unexplained: 0,
    explained: false,
    structure: [],
    proof: 'exact',
    way: null,
    fingerprint: null,
    old_definition: null,
    new_definition: null,
    likely_rename: null,
    columns: [],
  };
}

export function identicalColumn(column: string, type: string): ColumnOutcome {
  return {
    column,
    status: 'identical',
    reason: null,
    old_type: type,
    new_type: type,
    changed: 0,
    unexplained: 0,
    explained: false,
    pattern: null,
    patterns: [],
    condition: null,
    likely_rename: null,
  };
}
