import { GreenlightError } from '../../errors.ts';
import { list } from '../sql.ts';
import type { Session } from './connection.ts';
import { qualified, quote } from './names.ts';

interface TableName {
  readonly schema: string;
  readonly name: string;
}

/**
 * What acts when rows of these tables change is kept still for the length of the transaction: triggers, whose work is in
 * the rows already, and, with `keys`, foreign keys, which rows that come by sets would break for a moment. All of it is
 * part of the transaction; what it gives wakes it again, and then every key is checked.
 */
export async function keepStill(
  session: Session,
  tables: readonly TableName[],
  { keys }: { readonly keys: boolean },
): Promise<() => Promise<void>> {
  await refuseVersioned(session, tables);
  const found = await session.rows(
    `SELECT CASE WHEN o.type = N'F' THEN 'key' ELSE 'trigger' END AS kind, o.name, SCHEMA_NAME(t.schema_id) AS schema_name, t.name AS table_name,
       COALESCE(f.is_not_trusted, 0) AS is_not_trusted
     FROM sys.objects AS o JOIN sys.tables AS t ON t.object_id = o.parent_object_id
       LEFT OUTER JOIN sys.triggers AS g ON g.object_id = o.object_id LEFT OUTER JOIN sys.foreign_keys AS f ON f.object_id = o.object_id
     WHERE (g.object_id IS NOT NULL AND g.is_disabled = 0 AND t.object_id IN (${objects(tables)}))
        OR (${keys ? '1 = 1' : '1 = 0'} AND f.object_id IS NOT NULL AND f.is_disabled = 0
            AND (t.object_id IN (${objects(tables)}) OR f.referenced_object_id IN (${objects(tables)})))
     ORDER BY table_name, o.name`,
  );
  const things = found.map((row) => ({
    isKey: row.kind === 'key',
    name: quote(String(row.name)),
    table: qualified(String(row.schema_name), String(row.table_name)),
    isTrusted: row.is_not_trusted === false || Number(row.is_not_trusted) === 0,
  }));
  for (const { isKey, name, table } of things)
    await session.run(
      isKey
        ? `ALTER TABLE ${table} NOCHECK CONSTRAINT ${name}`
        : `DISABLE TRIGGER ${name} ON ${table}`,
    );
  return async () => {
    for (const { isKey, name, table, isTrusted } of things)
      await session.run(
        isKey
          ? `ALTER TABLE ${table} WITH ${isTrusted ? 'CHECK' : 'NOCHECK'} CHECK CONSTRAINT ${name}`
          : `ENABLE TRIGGER ${name} ON ${table}`,
      );
  };
}

/** SQL Server itself writes the history of such a table, with its own clock: rows cannot come as they are. */
async function refuseVersioned(session: Session, tables: readonly TableName[]): Promise<void> {
  const rows = await session.rows(
    `SELECT SCHEMA_NAME(schema_id) AS schema_name, name, temporal_type_desc AS kind FROM sys.tables
     WHERE temporal_type IN (1, 2) AND object_id IN (${objects(tables)}) ORDER BY name`,
  );
  if (rows.length === 0) return;
  throw new GreenlightError({
    what: 'SQL Server versions these tables itself: their rows, with their own validity, cannot be brought or set.',
    where: `database ${session.database}`,
    cause: list(
      rows,
      (row) => `${row.schema_name}.${row.name} (${String(row.kind).toLowerCase()})`,
    ),
    help: 'Leave tables with SYSTEM_VERSIONING and their history tables out, or take the drift policy `rebuild`.',
  });
}

function objects(tables: readonly TableName[]): string {
  if (tables.length === 0) return 'NULL';
  return list(
    tables,
    ({ schema, name }) => `OBJECT_ID(N'${qualified(schema, name).replaceAll("'", "''")}')`,
  );
}
