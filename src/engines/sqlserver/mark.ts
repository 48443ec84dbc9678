import { createHash } from 'node:crypto';
import type { Physical } from '../engine.ts';
import { inGroups, list } from '../sql.ts';
import { readObjects } from './catalog-objects.ts';
import { readRelations } from './catalog-relations.ts';
import { type Row, type Session, toNumber } from './connection.ts';
import { readContainer } from './container.ts';
import { numberBehind } from './errors.ts';
import { literal, qualified, quote } from './names.ts';
import { requireAllVisible } from './visible.ts';

/** Which database this is, and what is in it. Runs in a session on it. */
export async function readPhysical(session: Session): Promise<Physical> {
  return markOf(session, await readContent(session), await identityOf(session));
}

/** The same by what the server has counted so far, and forgets when it restarts: it proves nothing. */
export async function glancePhysical(session: Session): Promise<Physical> {
  const { stored } = await session.row(
    `SELECT CONCAT_WS(N'/', SUM(p.rows), COUNT(*), (SELECT CONVERT(nvarchar(30), MAX(o.modify_date), 121) FROM sys.objects AS o)) AS stored
       FROM sys.partitions AS p JOIN sys.tables AS t ON t.object_id = p.object_id WHERE p.index_id IN (0, 1)`,
  );
  const written = await session
    .row(
      `SELECT CONVERT(nvarchar(40), SUM(u.user_updates)) AS written FROM sys.dm_db_index_usage_stats AS u WHERE u.database_id = DB_ID()`,
    )
    .then(({ written }) => written)
    .catch((error) => {
      // Without VIEW DATABASE STATE (300, 262, 297) the counts are not shown.
      if ([262, 297, 300].includes(numberBehind(error) ?? 0)) return null;
      throw error;
    });
  return { id: await identityOf(session), mark: `${stored}/${written}` };
}

/**
 * The database's own identity. RESTORE gives every copy a GUID of its own, and a snapshot, which has that of its source,
 * another number. Azure SQL Database tells a physical name, which no other database has.
 */
export async function identityOf(session: Session): Promise<string> {
  const { id } = await session.row(
    `IF CONVERT(int, SERVERPROPERTY('EngineEdition')) = 5
       SELECT CONVERT(nvarchar(20), DB_ID()) + N'/' + d.physical_database_name AS id FROM sys.databases AS d WHERE d.name = DB_NAME()
     ELSE
       EXECUTE sys.sp_executesql N'SELECT CONVERT(nvarchar(20), DB_ID()) + N''/'' + CONVERT(nvarchar(40), r.database_guid) AS id
         FROM sys.database_recovery_status AS r WHERE r.database_id = DB_ID()'`,
  );
  return String(id);
}

/** What stands in a database: the same for a copy that was made of its files. */
export interface Content {
  readonly parts: readonly unknown[];
  readonly rows: number;
}

/**
 * The content of all tables and all definitions. Of a table with change tracking the version of its last change stands
 * for its rows (exact: every commit that changes a row raises it; and so does the oldest version that is still valid, for
 * TRUNCATE). All others are read: the sum of a SHA2-256 over each row, in a form in which no two rows look alike.
 */
export async function readContent(session: Session): Promise<Content> {
  const tables = await storedTables(session);
  const tracked = tables.filter(({ tracked }) => tracked === true);
  const others = tables.filter(({ tracked }) => tracked !== true);
  // A policy hides no version of a change.
  await requireAllVisible(session, others);
  const versions = [
    ...(await trackedVersions(session, tracked)),
    ...(await rowSums(session, others)),
  ].sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const relations = await readRelations(session);
  const objects = await readObjects(session);
  return {
    parts: [versions, relations, objects],
    rows: tables.reduce((sum, { rows }) => sum + toNumber(rows), 0),
  };
}

/** The mark of this content; what stands outside of the database belongs to it. */
export async function markOf(session: Session, content: Content, id: string): Promise<Physical> {
  return { id, mark: markWith(content, await readContainer(session, session.database)) };
}

/** The mark that another database of the same content has, with what stands outside of that one. */
export function markWith({ parts }: Content, container: readonly unknown[]): string {
  return createHash('sha256')
    .update(JSON.stringify([parts, container]))
    .digest('hex');
}

async function storedTables(session: Session): Promise<Row[]> {
  return session.rows(
    `SELECT t.object_id AS id, s.name AS [schema], t.name AS name,
            CONVERT(bit, CASE WHEN c.object_id IS NULL THEN 0 ELSE 1 END) AS tracked,
            (SELECT SUM(p.rows) FROM sys.partitions AS p WHERE p.object_id = t.object_id AND p.index_id IN (0, 1)) AS rows
       FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id
       LEFT JOIN sys.change_tracking_tables AS c ON c.object_id = t.object_id
      WHERE t.is_ms_shipped = 0 AND t.is_external = 0 ORDER BY s.name, t.name`,
  );
}

/** So many tables are read by one statement. */
const atOnce = 50;

type Version = readonly [table: string, ...rest: unknown[]];

async function trackedVersions(session: Session, tables: readonly Row[]): Promise<Version[]> {
  const found: Version[] = [];
  for (const { schema, name } of tables) {
    const table = qualified(String(schema), String(name));
    const { least, last } = await session.row(
      `SELECT CHANGE_TRACKING_MIN_VALID_VERSION(OBJECT_ID(${literal(table)})) AS least, MAX(c.SYS_CHANGE_VERSION) AS last
         FROM CHANGETABLE(CHANGES ${table}, NULL) AS c`,
    );
    found.push([table, 'tracked', least, last]);
  }
  return found;
}

async function rowSums(session: Session, tables: readonly Row[]): Promise<Version[]> {
  const columns = await session.rows(
    `SELECT c.object_id AS id, c.name AS name, COALESCE(b.name, t.name) AS type
       FROM sys.columns AS c JOIN sys.tables AS o ON o.object_id = c.object_id
       JOIN sys.types AS t ON t.user_type_id = c.user_type_id
       LEFT JOIN sys.types AS b ON b.user_type_id = c.system_type_id
      WHERE o.is_ms_shipped = 0 AND c.is_column_set = 0 AND c.is_computed = 0 AND c.encryption_type IS NULL
        AND COALESCE(COLUMNPROPERTY(c.object_id, c.name, 'GraphType'), 0) NOT IN (1, 3, 4, 6, 7)
      ORDER BY c.object_id, c.column_id`,
  );
  const found: Version[] = [];
  for (const group of inGroups(tables, atOnce)) {
    const rows = await session.rows(
      list(
        group,
        ({ id, schema, name }, at) =>
          sumOf(
            at,
            qualified(String(schema), String(name)),
            columns.filter((column) => column.id === id),
          ),
        ' UNION ALL ',
      ) || `SELECT 0 AS at, N'' AS sum WHERE 1 = 0`,
    );
    for (const { at, sum } of rows) {
      const { schema, name } = group[Number(at)] ?? {};
      found.push([qualified(String(schema), String(name)), 'read', sum]);
    }
  }
  return found;
}

/** Four sums of eight bytes each of the SHA2-256: two rows that change places, or come twice, are counted as what they are. */
export function sumOf(at: number, table: string, columns: readonly Row[]): string {
  const bytes = columns.length === 0 ? '0x' : list(columns, lengthAndBytes, ' + ');
  const sums = list(
    [1, 9, 17, 25],
    (from) =>
      `CONVERT(nvarchar(50), SUM(CONVERT(decimal(38, 0), CONVERT(bigint, SUBSTRING(h.digest, ${from}, 8)))))`,
  );
  return `SELECT ${at} AS at, CONCAT_WS(N'/', COUNT_BIG(*), ${sums}) AS sum FROM ${table} AS t
    CROSS APPLY (SELECT HASHBYTES('SHA2_256', ${bytes}) AS digest) AS h`;
}

function lengthAndBytes({ name, type }: Row): string {
  const value = bytesOf(`t.${quote(String(name))}`, String(type));
  return `CASE WHEN t.${quote(String(name))} IS NULL THEN 0x00
    ELSE 0x01 + CONVERT(binary(8), CONVERT(bigint, DATALENGTH(${value}))) + ${value} END`;
}

/** The stored bytes of a value. Types that have none of their own go through a text that tells all of it. */
function bytesOf(value: string, type: string): string {
  switch (type) {
    case 'text':
      return `CONVERT(varbinary(max), CONVERT(varchar(max), ${value}))`;
    case 'ntext':
    case 'json':
    case 'vector':
      return `CONVERT(varbinary(max), CONVERT(nvarchar(max), ${value}))`;
    case 'sql_variant':
      return `CONVERT(varbinary(max), CONVERT(nvarchar(128), SQL_VARIANT_PROPERTY(${value}, 'BaseType'))) + CONVERT(varbinary(max), ${value})`;
    default:
      return `CONVERT(varbinary(max), ${value})`;
  }
}
