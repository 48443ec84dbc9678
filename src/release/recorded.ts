import type { ColumnOutcome, ObjectOutcome, TableOutcome } from '../compare/outcome.ts';
import type { StoreRow } from '../engines/engine.ts';
import type { LedgerReader } from './ledger.ts';

/** What a finished comparison found, as the ledger has it: of the columns those that deviate or were skipped. */
export interface RecordedOutcome {
  readonly tables: readonly TableOutcome[];
  readonly objects: readonly ObjectOutcome[];
}

export async function recordedOutcome(
  reader: LedgerReader,
  comparison: number,
): Promise<RecordedOutcome> {
  const columns = new Map<unknown, ColumnOutcome[]>();
  for (const row of await reader.columnDeviations(comparison)) {
    columns.set(row.table_name, [...(columns.get(row.table_name) ?? []), columnOf(row)]);
  }
  const tables = await reader.tableDeviations(comparison);
  const objects = await reader.objectDeviations(comparison);
  return {
    tables: tables.map(({ comparison: _comparison, table_name: table, ...rest }) => ({
      table,
      ...(rest as Omit<TableOutcome, 'table' | 'columns'>),
      columns: columns.get(table) ?? [],
    })) as TableOutcome[],
    objects: objects.map(({ comparison: _comparison, object_name: name, ...rest }) => ({
      name,
      ...rest,
    })) as unknown as ObjectOutcome[],
  };
}

function columnOf(row: StoreRow): ColumnOutcome {
  const { comparison: _comparison, table_name: _table, column_name: column, ...rest } = row;
  return { column, ...rest } as unknown as ColumnOutcome;
}
