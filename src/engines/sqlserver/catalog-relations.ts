import type { Column, Key, Relation } from '../engine.ts';
import { type Row, type Session, toNumber } from './connection.ts';

/** Tables and views of a database, with their columns and keys. Runs in a session on it. */
export async function readRelations(session: Session): Promise<Relation[]> {
  const relations = await session.rows(
    `SELECT o.object_id AS id, s.name AS [schema], o.name AS name, CASE o.type WHEN 'V' THEN 'view' ELSE 'table' END AS kind,
            m.definition AS definition
       FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id
       LEFT JOIN sys.sql_modules AS m ON m.object_id = o.object_id
      WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0 ORDER BY s.name, o.name`,
  );
  const columns = grouped(await session.rows(columnsOfAll), ({ type, name }) => ({
    name: String(name),
    type: String(type),
  }));
  const keys = keysOf(await session.rows(keysOfAll));
  return relations
    .map(({ id, schema, name, kind, definition }) => {
      const isView = kind === 'view';
      const own = columns.get(String(id)) ?? [];
      return {
        schema: String(schema),
        name: String(name),
        kind: isView ? ('view' as const) : ('table' as const),
        columns: own,
        keys: keys.get(String(id)) ?? [],
        definition: isView ? String(definition ?? 'encrypted') : null,
        fault: isView && own.length === 0 ? 'its columns cannot be read' : null,
      };
    })
    .sort((a, b) => byText(a.schema, b.schema) || byText(a.name, b.name));
}

/**
 * The type of column `c` in SQL Server's words. An alias stands for the type that it is made of; rowversion has the name
 * under which the product knows it. What the clients encrypt is told apart. The system's own columns of a graph table cannot be read, and a column set repeats others.
 */
export const typeText = `CASE
    WHEN t.is_assembly_type = 1 AND t.is_user_defined = 1 THEN QUOTENAME(SCHEMA_NAME(t.schema_id)) + N'.' + QUOTENAME(t.name)
    WHEN b.name = N'timestamp' THEN N'rowversion'
    WHEN b.name IN (N'varchar', N'char', N'varbinary', N'binary')
      THEN b.name + N'(' + CASE c.max_length WHEN -1 THEN N'max' ELSE CONVERT(nvarchar(10), c.max_length) END + N')'
    WHEN b.name IN (N'nvarchar', N'nchar')
      THEN b.name + N'(' + CASE c.max_length WHEN -1 THEN N'max' ELSE CONVERT(nvarchar(10), c.max_length / 2) END + N')'
    WHEN b.name IN (N'decimal', N'numeric')
      THEN b.name + N'(' + CONVERT(nvarchar(10), c.precision) + N',' + CONVERT(nvarchar(10), c.scale) + N')'
    WHEN b.name IN (N'datetime2', N'datetimeoffset', N'time') THEN b.name + N'(' + CONVERT(nvarchar(10), c.scale) + N')'
    WHEN b.name = N'float' AND c.precision < 25 THEN N'real'
    ELSE COALESCE(b.name, t.name) END`;

/** The type of a column, and the system's type behind it. */
export const typeJoins = `JOIN sys.types AS t ON t.user_type_id = c.user_type_id
       LEFT JOIN sys.types AS b ON b.user_type_id = CASE WHEN t.is_assembly_type = 1 THEN t.user_type_id ELSE c.system_type_id END`;

/** Of column `c`: a period's, a ledger's, or the same one in the table that keeps the history. Nobody else writes there. */
export const isWrittenByServer = `c.generated_always_type <> 0
         OR EXISTS (SELECT 1 FROM sys.tables AS w JOIN sys.columns AS g ON g.object_id = w.object_id AND g.name = c.name
                     WHERE w.history_table_id = c.object_id AND g.generated_always_type <> 0)`;

/** Behind its type stands what keeps the values of a column from being compared. */
const columnsOfAll = `SELECT c.object_id AS id, c.name AS name,
            ${typeText} + CASE WHEN c.encryption_type IS NOT NULL THEN N' encrypted' WHEN ${isWrittenByServer} THEN N' generated always' ELSE N'' END AS type
       FROM sys.columns AS c JOIN sys.objects AS o ON o.object_id = c.object_id ${typeJoins}
      WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0 AND c.is_column_set = 0
        AND COALESCE(COLUMNPROPERTY(c.object_id, c.name, 'GraphType'), 0) NOT IN (1, 3, 4, 6, 7)
      ORDER BY c.object_id, c.column_id`;

/** Unique indexes over plain columns of tables, whole, enabled and without a filter; the primary key first. */
const keysOfAll = `SELECT i.object_id AS id, i.index_id AS [index], i.is_primary_key AS [primary], c.name AS name, c.is_nullable AS nullable,
            c.is_computed AS computed
       FROM sys.indexes AS i
       JOIN sys.objects AS o ON o.object_id = i.object_id
       JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id
       JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id
      WHERE i.is_unique = 1 AND i.is_disabled = 0 AND i.is_hypothetical = 0 AND i.has_filter = 0
        AND o.type = 'U' AND o.is_ms_shipped = 0 AND k.is_included_column = 0 AND k.key_ordinal > 0
      ORDER BY i.object_id, i.is_primary_key DESC, i.index_id, k.key_ordinal`;

function keysOf(rows: readonly Row[]): Map<string, Key[]> {
  const tables = new Map<string, Map<number, Row[]>>();
  for (const row of rows) {
    const indexes = tables.get(String(row.id)) ?? new Map<number, Row[]>();
    tables.set(String(row.id), indexes);
    const index = toNumber(row.index);
    indexes.set(index, [...(indexes.get(index) ?? []), row]);
  }
  return new Map(
    [...tables].map(([id, indexes]) => [
      id,
      [...indexes.values()]
        .filter((columns) => columns.every(({ computed }) => computed !== true))
        .map((columns) => ({
          columns: columns.map(({ name }) => String(name)),
          primary: columns[0]?.primary === true,
          enforced: true,
          notNull: columns.every(({ nullable }) => nullable !== true),
        })),
    ]),
  );
}

function grouped(rows: readonly Row[], one: (row: Row) => Column): Map<string, Column[]> {
  const groups = new Map<string, Column[]>();
  for (const row of rows) {
    const id = String(row.id);
    groups.set(id, [...(groups.get(id) ?? []), one(row)]);
  }
  return groups;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
