import type { ComparisonSession, Relation, RowCounts } from '../engines/engine.ts';
import type { ColumnOutcome, TableOutcome } from './outcome.ts';
import { type PlannedTable, sides } from './plan.ts';
import { requireReconciled } from './reconcile.ts';

/**
 * A table whose storage is proven equal: nothing is read but its number of rows on both sides, and what `keyNote` reads
 * to say what is wrong with its key.
 */
export async function identicalByLineage(
  session: ComparisonSession,
  planned: PlannedTable,
  evidence: string,
  keyNote: (rows: number) => Promise<string | null>,
): Promise<TableOutcome> {
  const [{ schema, name, kind, columns }] = sides(planned);
  const found = { added: 0, removed: 0, cells: none, way: evidence, proof: 'lineage' } as const;
  // To count the rows of a view is to compute them.
  const rows = kind === 'view' ? null : await countBoth(session, { schema, name, kind });
  if (rows !== null) requireReconciled(planned.table, rows, found, null);
  const reason = rows === null ? null : await keyNote(rows.old);
  await session.release(schema, name);
  return {
    ...identicalTable(planned),
    reason,
    key: reason === null ? planned.key : null,
    old_rows: rows?.old ?? null,
    new_rows: rows?.new ?? null,
    proof: found.proof,
    way: found.way,
    columns: columns.map((column) => identicalColumn(column.name, column.type)),
  };
}

async function countBoth(
  session: ComparisonSession,
  { schema, name, kind }: Pick<Relation, 'schema' | 'name' | 'kind'>,
): Promise<RowCounts> {
  return {
    old: await session.countRows('old', schema, name, kind),
    new: await session.countRows('new', schema, name, kind),
  };
}

const none: ReadonlyMap<string, number> = new Map();

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
