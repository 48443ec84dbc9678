import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../errors.ts';
import type {
  Catalog,
  CatalogObject,
  CatalogReader,
  Column,
  Key,
  Location,
  Relation,
} from '../engine.ts';
import { splitStatements } from '../script.ts';
import { Duckdb, type DuckdbOptions, literal, quote, type Row, small } from './connection.ts';
import { firstLine } from './errors.ts';
import { columns, functions, readDefinitions } from './references.ts';

export function duckdbCatalog(options: DuckdbOptions): CatalogReader {
  return { read: (at) => readCatalog(at, options) };
}

async function readCatalog(at: Location, options: DuckdbOptions): Promise<Catalog> {
  const duckdb = await Duckdb.open(null, small(options));
  try {
    await duckdb.attach(at, 'catalog_of', 'read');
    // Macros inside views are looked up in the default database only.
    await duckdb.run('USE catalog_of');
    await keepLists(duckdb);
    return {
      relations: await readRelations(duckdb),
      objects: await readObjects(duckdb),
      definitions: await readDefinitions(duckdb),
    };
  } finally {
    duckdb.close();
  }
}

/** DuckDB makes these lists anew for each question, with thousands of functions of its own. */
async function keepLists(duckdb: Duckdb): Promise<void> {
  await duckdb.run(`
    CREATE TEMP TABLE ${functions} AS FROM duckdb_functions() WHERE database_name = 'catalog_of' AND NOT internal;
    CREATE TEMP TABLE ${columns} AS FROM duckdb_columns() WHERE database_name = 'catalog_of' AND NOT internal`);
}

async function readRelations(duckdb: Duckdb): Promise<Relation[]> {
  const found = await duckdb.rows(`
    SELECT schema_name, table_name AS name, 'table' AS kind, NULL AS definition,
      contains(sql, ' GENERATED ALWAYS AS') AS computed FROM duckdb_tables()
    WHERE database_name = 'catalog_of' AND NOT internal
    UNION ALL
    SELECT schema_name, view_name, 'view', sql, NULL FROM duckdb_views()
    WHERE database_name = 'catalog_of' AND NOT internal
    ORDER BY 1, 2`);
  const tableColumns = groupBy(
    await duckdb.rows(`
      SELECT schema_name, table_name, column_name, data_type FROM ${columns} ORDER BY column_index`),
  );
  const constraints = groupBy(
    await duckdb.rows(`
      SELECT schema_name, table_name, constraint_type, constraint_column_names::VARCHAR[] AS columns
      FROM duckdb_constraints() WHERE database_name = 'catalog_of' ORDER BY constraint_index`),
  );
  const uniqueIndexes = groupBy(
    await duckdb.rows(`
      SELECT schema_name, table_name, expressions::VARCHAR[] AS columns FROM duckdb_indexes()
      WHERE database_name = 'catalog_of' AND is_unique ORDER BY index_name`),
  );
  const relations: Relation[] = [];
  for (const row of found) {
    const schema = String(row.schema_name);
    const name = String(row.name);
    const own = { schema, name, definition: (row.definition as string | null) ?? null };
    const id = JSON.stringify([schema, name]);
    const columnsOfTable = (tableColumns.get(id) ?? []).map(toColumn);
    relations.push(
      row.kind === 'view'
        ? { ...own, kind: 'view', keys: [], ...(await viewColumns(duckdb, schema, name)) }
        : {
            ...own,
            kind: 'table',
            columns: columnsOfTable,
            keys: toKeys(constraints.get(id) ?? [], uniqueIndexes.get(id) ?? [], columnsOfTable),
            fault: null,
            computed: row.computed === true,
          },
    );
  }
  return relations;
}

/** DuckDB keeps a view's columns as they were when it was made; only binding it tells what they are now. */
async function viewColumns(
  duckdb: Duckdb,
  schema: string,
  name: string,
): Promise<{ columns: Column[]; fault: string | null }> {
  try {
    const rows = await duckdb.rows(`DESCRIBE SELECT * FROM ${quote(schema)}.${quote(name)}`);
    return { columns: rows.map((row) => toColumn(row)), fault: null };
  } catch (error) {
    return { columns: [], fault: firstLine(messageOf(error)) };
  }
}

function toColumn(row: Row): Column {
  return {
    name: String(row.column_name),
    type: String(row.data_type ?? row.column_type),
  };
}

function toKeys(
  constraints: readonly Row[],
  uniqueIndexes: readonly Row[],
  columns: readonly Column[],
): Key[] {
  const itemsOf = (row: Row) => (row.columns as { items: string[] }).items;
  const notNull = new Set(
    constraints.filter((row) => row.constraint_type === 'NOT NULL').flatMap(itemsOf),
  );
  const keyOf = (names: readonly string[], primary: boolean): Key => ({
    columns: names,
    primary,
    enforced: true,
    notNull: names.every((name) => notNull.has(name)),
  });
  const ofType = (type: string) => constraints.filter((row) => row.constraint_type === type);
  return [
    ...ofType('PRIMARY KEY').map((row) => keyOf(itemsOf(row), true)),
    ...ofType('UNIQUE').map((row) => keyOf(itemsOf(row), false)),
    ...uniqueIndexes.flatMap((row) => {
      const names = itemsOf(row).map((expression) => columnNamed(expression, columns));
      return names.some((name) => name === undefined) ? [] : [keyOf(names as string[], false)];
    }),
  ];
}

/** The column that an expression of an index is, as DuckDB writes it; undefined for any other expression. */
function columnNamed(expression: string, columns: readonly Column[]): string | undefined {
  const [, quoted, bare] = /^(?:"((?:[^"]|"")+)"|(\w+))$/.exec(expression) ?? [];
  const written = (bare ?? quoted?.replaceAll('""', '"'))?.toLowerCase();
  return columns.find(({ name }) => name.toLowerCase() === written)?.name;
}

/** All that is neither table nor view, each with the text that tells two of them apart. */
async function readObjects(duckdb: Duckdb): Promise<CatalogObject[]> {
  const rows = await duckdb.rows(`
    SELECT kind, name, definition FROM (
      SELECT 'schema' AS kind, schema_name AS name, '' AS definition
        FROM duckdb_schemas() WHERE database_name = 'catalog_of' AND NOT internal
      UNION ALL
      SELECT 'sequence', ${named('schema_name', 'sequence_name')}, sql
        FROM duckdb_sequences() WHERE database_name = 'catalog_of'
      UNION ALL
      SELECT CASE function_type WHEN 'macro' THEN 'macro' ELSE 'table macro' END,
             ${named('schema_name', 'function_name')} || '(' || array_to_string(list_transform(list_zip(parameters, parameter_types),
               p -> concat_ws(' ', p[1], p[2])), ', ') || ')', macro_definition
        FROM ${functions}
      UNION ALL
      SELECT 'index', ${named('schema_name', 'index_name')}, sql
        FROM duckdb_indexes() WHERE database_name = 'catalog_of'
      UNION ALL
      SELECT 'constraint',
             ${named('schema_name', 'table_name')} || ': ' || constraint_text
               || CASE constraint_type WHEN 'NOT NULL' THEN ' ' || constraint_column_names[1] ELSE '' END, ''
        FROM duckdb_constraints() WHERE database_name = 'catalog_of'
      UNION ALL
      SELECT 'default', ${named('schema_name', 'table_name', 'column_name')},
             CASE WHEN ${isGenerated} THEN 'GENERATED ALWAYS AS ' ELSE '' END || column_default
        FROM ${columns} JOIN (SELECT table_oid, sql FROM duckdb_tables() WHERE database_name = 'catalog_of') USING (table_oid)
        WHERE column_default IS NOT NULL
      UNION ALL
      SELECT 'collation', ${named('schema_name', 'table_name')},
             array_to_string(regexp_extract_all(sql, '("(?:[^"]|"")+"|[\\w$]+) VARCHAR COLLATE [\\w.]+'), ', ')
        FROM duckdb_tables() WHERE database_name = 'catalog_of' AND NOT internal AND sql ILIKE '% COLLATE %'
      UNION ALL
      SELECT 'comment', 'column ' || ${named('schema_name', 'table_name', 'column_name')}, comment
        FROM ${columns} WHERE comment IS NOT NULL
      UNION ALL
      SELECT 'comment', 'table ' || ${named('schema_name', 'table_name')}, comment
        FROM duckdb_tables() WHERE database_name = 'catalog_of' AND NOT internal AND comment IS NOT NULL
      UNION ALL
      SELECT 'comment', 'view ' || ${named('schema_name', 'view_name')}, comment
        FROM duckdb_views() WHERE database_name = 'catalog_of' AND NOT internal AND comment IS NOT NULL
      UNION ALL
      SELECT 'comment', 'schema ' || schema_name, comment
        FROM duckdb_schemas() WHERE database_name = 'catalog_of' AND NOT internal AND comment IS NOT NULL
      UNION ALL
      SELECT 'comment', 'sequence ' || ${named('schema_name', 'sequence_name')}, comment
        FROM duckdb_sequences() WHERE database_name = 'catalog_of' AND comment IS NOT NULL
      UNION ALL
      SELECT 'comment', 'index ' || ${named('schema_name', 'index_name')}, comment
        FROM duckdb_indexes() WHERE database_name = 'catalog_of' AND comment IS NOT NULL
      UNION ALL
      SELECT 'comment', 'type ' || ${named('schema_name', 'type_name')}, comment
        FROM duckdb_types() WHERE database_name = 'catalog_of' AND NOT internal AND comment IS NOT NULL
      UNION ALL
      SELECT DISTINCT 'comment', CASE function_type WHEN 'macro' THEN 'macro ' ELSE 'table macro ' END || ${named('schema_name', 'function_name')}, comment
        FROM ${functions} WHERE comment IS NOT NULL
    ) ORDER BY kind, name, definition`);
  const objects = rows.map((row) => ({
    kind: String(row.kind),
    name: String(row.name),
    definition: String(row.definition ?? ''),
  }));
  return [...objects, ...(await readTypes(duckdb)), ...(await readMacroTexts(duckdb))];
}

/** SQL for a name of several parts, which a part with a dot in it does not make another one. */
function named(...parts: readonly string[]): string {
  const shown = (part: string) =>
    `(CASE WHEN regexp_matches(${part}, '[."]') THEN '"' || replace(${part}, '"', '""') || '"' ELSE ${part} END)`;
  return parts.map(shown).join(" || '.' || ");
}

/** DuckDB tells the expression of a generated column as a default; only the text of the table says which it is. */
const isGenerated = ['(', ', ']
  .flatMap((before) => [
    `'${before}' || column_name`,
    `'${before}"' || replace(column_name, '"', '""') || '"'`,
  ])
  .map((name) => `contains(sql, ${name} || ' ' || data_type || ' GENERATED ALWAYS AS')`)
  .join(' OR ');

/** What a type is made of stands in no catalog table; a NULL of it tells. */
async function readTypes(duckdb: Duckdb): Promise<CatalogObject[]> {
  const types = await duckdb.rows(`
    SELECT schema_name, type_name, ${named('schema_name', 'type_name')} AS name FROM duckdb_types()
    WHERE database_name = 'catalog_of' AND NOT internal ORDER BY 1, 2`);
  const objects: CatalogObject[] = [];
  for (const row of types) {
    const type = [row.schema_name, row.type_name].map((part) => quote(String(part))).join('.');
    const { definition } = await duckdb.row(`SELECT typeof(NULL::${type}) AS definition`);
    objects.push({ kind: 'type', name: String(row.name), definition: String(definition) });
  }
  return objects;
}

/**
 * Defaults of parameters stand in no catalog table either: only an export writes a macro whole. The structure is
 * copied into memory without its rows, and exported from there.
 */
async function readMacroTexts(duckdb: Duckdb): Promise<CatalogObject[]> {
  const { macros } = await duckdb.row(`
    SELECT count(*) AS macros FROM ${functions} WHERE len(parameters) > 0`);
  if (Number(macros) === 0) return [];
  const folder = await mkdtemp(join(tmpdir(), 'greenlight-catalog-'));
  try {
    await duckdb.run(`ATTACH ':memory:' AS structure`);
    await duckdb.run('COPY FROM DATABASE catalog_of TO structure (SCHEMA)');
    await duckdb.run(`USE structure; EXPORT DATABASE ${literal(folder)}; USE catalog_of`);
    const statements = splitStatements(await readFile(join(folder, 'schema.sql'), 'utf8'));
    return statements.flatMap(({ text }) => {
      const name = /^CREATE MACRO ((?:"(?:[^"]|"")*"|[^" ])+) \(/.exec(text)?.[1];
      if (name === undefined) return [];
      // One name may stand for a macro and for a table macro.
      const outside = text.replaceAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, '');
      const kind = outside.includes(') AS TABLE (') ? 'table macro text' : 'macro text';
      return [{ kind, name, definition: text }];
    });
  } finally {
    await duckdb.run('USE catalog_of; DETACH DATABASE IF EXISTS structure');
    await rm(folder, { recursive: true, force: true });
  }
}

function groupBy(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const id = JSON.stringify([row.schema_name, row.table_name]);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [row]);
    else group.push(row);
  }
  return groups;
}
