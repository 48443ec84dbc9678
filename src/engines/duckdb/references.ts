import { resolve } from 'node:path';
import type { Definition } from '../engine.ts';
import type { Duckdb } from './connection.ts';

/** What `duckdb_functions()` and `duckdb_columns()` say of `catalog_of`, as tables. */
export const functions = '"greenlight: functions"';
export const columns = '"greenlight: columns"';

/**
 * Which databases the stored texts name. A view that says `warehouse.marts.delay` keeps saying so in a clone: it reads
 * whatever is called `warehouse` where it is used. DuckDB's own parser finds the names; where it cannot serialise a
 * statement, every `a.b.c` in it counts.
 */
export async function readDefinitions(duckdb: Duckdb): Promise<Definition[]> {
  const rows = await duckdb.rows(`
    SELECT 'view' AS kind, schema_name || '.' || view_name AS name, sql AS text
      FROM duckdb_views() WHERE database_name = 'catalog_of' AND NOT internal
    UNION ALL
    SELECT 'macro', schema_name || '.' || function_name, 'SELECT ' || macro_definition
      FROM ${functions} WHERE function_type = 'macro'
    UNION ALL
    SELECT 'table macro', schema_name || '.' || function_name, macro_definition
      FROM ${functions} WHERE function_type = 'table_macro'
    UNION ALL
    SELECT 'default', schema_name || '.' || table_name || '.' || column_name, 'SELECT ' || column_default
      FROM ${columns} WHERE column_default IS NOT NULL
    ORDER BY 1, 2`);
  const schemas = new Set(
    (
      await duckdb.rows(
        `SELECT lower(schema_name) AS name FROM duckdb_schemas() WHERE database_name = 'catalog_of'`,
      )
    ).map((row) => String(row.name)),
  );
  const definitions: Definition[] = [];
  for (const row of rows) {
    const text = String(row.text);
    const query = row.kind === 'view' ? queryOfView(text) : text;
    definitions.push({
      kind: String(row.kind),
      name: String(row.name),
      text,
      databases: [...new Set(await databasesIn(duckdb, query, schemas))].sort(),
    });
  }
  return definitions;
}

async function databasesIn(
  duckdb: Duckdb,
  query: string,
  schemas: ReadonlySet<string>,
): Promise<string[]> {
  const { tree } = await duckdb.row('SELECT json_serialize_sql($1::VARCHAR) AS tree', [
    query.replace(/;\s*$/, ''),
  ]);
  const parsed: unknown = JSON.parse(String(tree));
  if (!isNode(parsed) || parsed.error === true) return qualifiersIn(query);
  const found: string[] = [];
  walk(parsed, (node) => {
    found.push(...fileIn(node));
    const table = node.type === 'BASE_TABLE';
    if (!table && node.class !== 'FUNCTION') return;
    const catalog = String(node[table ? 'catalog_name' : 'catalog'] ?? '');
    const schema = String(node[table ? 'schema_name' : 'schema'] ?? '');
    if (catalog !== '') found.push(catalog);
    // `a.t` is table t of database a when there is no schema a.
    else if (schema !== '' && !schemas.has(schema.toLowerCase())) found.push(schema);
    found.push(...sequenceDatabase(node, schemas));
  });
  return found;
}

/** A database file that a function reads: `read_duckdb('warehouse.duckdb')`. */
function fileIn(node: Node): string[] {
  if (node.class !== 'CONSTANT' || !isNode(node.value)) return [];
  const text = String(node.value.value ?? '');
  return /\.(duckdb|ddb|db)$/i.test(text) ? [resolve(text)] : [];
}

/** `nextval('warehouse.main.ids')` names its database in a text. */
function sequenceDatabase(node: Node, schemas: ReadonlySet<string>): string[] {
  if (!['nextval', 'currval'].includes(String(node.function_name))) return [];
  const texts: string[] = [];
  walk(node.children, (child) => {
    if (child.class === 'CONSTANT' && isNode(child.value)) texts.push(String(child.value.value));
  });
  return texts.flatMap((text) => {
    const [first = '', ...rest] = text.split('.').map((part) => part.replaceAll('"', ''));
    // `a.ids` is sequence ids of database a when there is no schema a.
    return rest.length === 2 || (rest.length === 1 && !schemas.has(first.toLowerCase()))
      ? [first]
      : [];
  });
}

/** `CREATE VIEW name (columns) AS query`: the query, found outside of quoted names. */
function queryOfView(text: string): string {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') quoted = !quoted;
    else if (!quoted && /^\sAS\s/i.test(text.slice(at, at + 4))) return text.slice(at + 4);
  }
  return text;
}

function qualifiersIn(text: string): string[] {
  const part = `(?:"(?:[^"]|"")+"|[\\p{L}_][\\p{L}\\p{N}_$]*)`;
  const chains = text.matchAll(new RegExp(`(${part})\\s*\\.\\s*${part}\\s*\\.\\s*${part}`, 'gu'));
  return [...chains].map(([, first = '']) => first.replace(/^"|"$/g, '').replaceAll('""', '"'));
}

type Node = Record<string, unknown>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

function walk(value: unknown, visit: (node: Node) => void): void {
  if (!isNode(value)) return;
  visit(value);
  for (const child of Object.values(value)) walk(child, visit);
}
