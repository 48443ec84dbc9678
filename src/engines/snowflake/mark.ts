import { createHash } from 'node:crypto';
import type { Physical } from '../engine.ts';
import { inGroups, list } from '../sql.ts';
import { typeOf } from './catalog.ts';
import { readGrants } from './catalog-grants.ts';
import { readObjects } from './catalog-objects.ts';
import { guardedBy, readPolicies } from './catalog-policies.ts';
import { Scope } from './catalog-scope.ts';
import { readTags } from './catalog-tags.ts';
import { type Row, type Session, toNumber } from './connection.ts';
import { likeLiteral, literal, type Place, qualified, quote } from './names.ts';
import { defaultOf, queryOf } from './references.ts';

/**
 * What database or schema is there: since when it exists is told to a fraction of a second, stays with it through
 * renames and swaps, and no two of a name have it in common. Null: there is none.
 */
export async function idOf(session: Session, { database, schema }: Place): Promise<string | null> {
  const databases = await session.rows(`SHOW DATABASES LIKE ${likeLiteral(database)}`);
  const found = databases.find(({ name }) => name === database);
  if (found === undefined || schema === null) return found === undefined ? null : idFrom(found);
  const schemas = await session.rows(
    `SHOW SCHEMAS LIKE ${likeLiteral(schema)} IN DATABASE ${quote(database)}`,
  );
  const own = schemas.find(({ name }) => name === schema);
  return own === undefined ? null : idFrom(own);
}

function idFrom({ created_on }: Row): string {
  return `created ${created_on}`;
}

/** What stands in a database or schema: the same for a clone of it, and under another name. */
type Lines = readonly (readonly unknown[])[];

/**
 * A scan of every table: the price of knowing that nothing was written, whatever wrote it. LAST_ALTERED would be free,
 * but is promised to be nothing more than a hint.
 */
export async function readContent(session: Session, place: Place): Promise<Lines> {
  const scope = new Scope(session, place);
  const columns = await scope.informed('COLUMNS', 'TABLE_SCHEMA', columnsOfColumns);
  const tables = await tablesOf(scope);
  const hashes = await Promise.all(
    inGroups(tables, 50).map((group) => hashesOf(session, place, group, columns)),
  );
  const views = await scope.informed(
    'VIEWS',
    'TABLE_SCHEMA',
    'TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION',
  );
  return [
    ...hashes.flat(),
    ...columns.map(({ TABLE_SCHEMA, COLUMN_DEFAULT, ...row }) => [
      'column',
      schemaWithin(place, TABLE_SCHEMA),
      typeOf(row),
      defaultOf(COLUMN_DEFAULT === null ? null : String(COLUMN_DEFAULT), place),
      ...Object.values(row),
    ]),
    ...views.map((row) => [
      'view',
      schemaWithin(place, row.TABLE_SCHEMA),
      row.TABLE_NAME,
      queryOf(String(row.VIEW_DEFINITION ?? '')),
    ]),
  ];
}

/**
 * All else that would be lost if it came to live after the clone: routines, tasks, pipes, policies, and who may do what. Not
 * all of it comes along into a clone, so a clone has a mark of its own.
 */
export async function readAround(session: Session, place: Place): Promise<Lines> {
  const scope = new Scope(session, place, place.schema === null ? null : '');
  const tables = await scope.informed(
    'TABLES',
    'TABLE_SCHEMA',
    'TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE',
  );
  const [rest, grants, policies, tags] = await Promise.all([
    readObjects(scope),
    readGrants(scope),
    readPolicies(scope, tables.map(guardedBy)),
    readTags(scope, tables.map(guardedBy)),
  ]);
  return [...rest.objects, ...grants, ...policies.objects, ...tags].map(
    ({ kind, name, definition }) => [kind, name, definition],
  );
}

/** The mark of a database or schema with this content and this around it. */
export function markOf(content: Lines, around: Lines): string {
  return digestOf([...content, ...around]);
}

/** The same at once, for what people are told: by when each table was last altered. */
export async function glanceMark(session: Session, place: Place): Promise<string> {
  const rows = await new Scope(session, place).informed(
    'TABLES',
    'TABLE_SCHEMA',
    'TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, LAST_ALTERED, LAST_DDL, ROW_COUNT, BYTES',
  );
  return digestOf(rows.map((row) => Object.values(row)));
}

export async function readMark(session: Session, place: Place): Promise<string> {
  return markOf(await readContent(session, place), await readAround(session, place));
}

export async function readPhysical(session: Session, place: Place): Promise<Physical | null> {
  const id = await idOf(session, place);
  return id === null ? null : { id, mark: await readMark(session, place) };
}

/** As queries read it: a clone shares what it has in common with its source, and takes none of it. */
export async function sizeOf(session: Session, place: Place): Promise<number> {
  if ((await idOf(session, place)) === null) return 0;
  const rows = await new Scope(session, place).informed('TABLES', 'TABLE_SCHEMA', 'BYTES');
  return rows.reduce((sum, { BYTES }) => sum + (BYTES === null ? 0 : toNumber(BYTES)), 0);
}

const columnsOfColumns = `TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, COLUMN_DEFAULT, IS_NULLABLE, DATA_TYPE,
  CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION, COLLATION_NAME`;

interface TableName {
  readonly schema: string;
  readonly name: string;
}

async function tablesOf(scope: Scope): Promise<TableName[]> {
  const rows = await scope.informed(
    'TABLES',
    'TABLE_SCHEMA',
    'TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE',
  );
  return rows
    .filter(({ TABLE_TYPE }) => TABLE_TYPE === 'BASE TABLE')
    .map((row) => ({ schema: String(row.TABLE_SCHEMA), name: String(row.TABLE_NAME) }));
}

/** Types that HASH_AGG does not take, in ones that it does. */
const hashable: Readonly<Record<string, (column: string) => string>> = {
  GEOGRAPHY: (column) => `ST_ASWKB(${column})`,
  GEOMETRY: (column) => `ST_ASWKB(${column})`,
  VECTOR: (column) => `${column}::ARRAY`,
};

async function hashesOf(
  session: Session,
  place: Place,
  tables: readonly TableName[],
  columns: readonly Row[],
): Promise<(readonly unknown[])[]> {
  if (tables.length === 0) return [];
  const hashed = ({ schema, name }: TableName) => {
    const own = columns.filter((row) => row.TABLE_SCHEMA === schema && row.TABLE_NAME === name);
    if (!own.some(({ DATA_TYPE }) => String(DATA_TYPE) in hashable)) return '*';
    return list(own, ({ COLUMN_NAME, DATA_TYPE }) => {
      const column = quote(String(COLUMN_NAME));
      return hashable[String(DATA_TYPE)]?.(column) ?? column;
    });
  };
  const result = await session.later(
    list(
      tables,
      (table, at) =>
        `SELECT ${literal(String(at))} AS N, COUNT(*) AS R, HASH_AGG(${hashed(table)}) AS H FROM ${qualified(place.database, table.schema, table.name)}`,
      '\nUNION ALL ',
    ),
  );
  return result.rows.map(([at, rows, hash]) => {
    const { schema, name } = tables[Number(at)] as TableName;
    return ['table', schemaWithin(place, schema), name, rows, hash];
  });
}

/** Where a schema is the place, its clone has another name. */
function schemaWithin({ schema }: Place, name: unknown): unknown {
  return schema === null ? name : '';
}

/** Whatever the order in which it was read. */
function digestOf(all: readonly (readonly unknown[])[]): string {
  const lines = all.map((one) => JSON.stringify(one)).sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
