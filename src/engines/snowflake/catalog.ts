import type {
  Catalog,
  CatalogObject,
  CatalogReader,
  Column,
  Definition,
  Key,
  Places,
  Relation,
} from '../engine.ts';
import { readGrants } from './catalog-grants.ts';
import { readObjects } from './catalog-objects.ts';
import { type Guarded, readPolicies } from './catalog-policies.ts';
import { Scope } from './catalog-scope.ts';
import { readTags } from './catalog-tags.ts';
import { type Row, Session } from './connection.ts';
import { codeBehind, withoutData } from './errors.ts';
import { placeOf, qualified } from './names.ts';
import type { SnowflakeOptions } from './options.ts';
import { defaultOf, namesWithin, queryOf } from './references.ts';

/**
 * What the role of the connection may see of a database or schema. Reads the information schema and SHOW; no rows. A place
 * that is a schema reads as if it held one that has live's name, wherever it really stands.
 */
export function snowflakeCatalog(options: SnowflakeOptions, places: Places): CatalogReader {
  return {
    read: (at) =>
      Session.use(options, { purpose: 'catalog' }, (session) =>
        readCatalog(new Scope(session, placeOf(at), placeOf(places.live).schema)),
      ),
  };
}

async function readCatalog(scope: Scope): Promise<Catalog> {
  const [tables, columns, views, keys, rest, grants] = await Promise.all([
    readTables(scope),
    readColumns(scope),
    readViews(scope),
    readKeys(scope),
    readObjects(scope),
    readGrants(scope),
  ]);
  const [policies, tags] = await Promise.all([
    readPolicies(scope, tables.map(guarded)),
    readTags(scope, tables.map(guarded)),
  ]);
  const columnsOf = grouped(columns, ({ schema, table }) => key(schema, table));
  const relations = await Promise.all(
    tables.filter(isRelation).map(async ({ schema, name, type, isHybrid }): Promise<Relation> => {
      const own = columnsOf.get(key(schema, name)) ?? [];
      const isView = /VIEW$/.test(type);
      return {
        schema,
        name,
        kind: isView ? 'view' : 'table',
        columns: own.map((column): Column => ({ name: column.name, type: column.type })),
        keys: isView
          ? []
          : keysOf(
              keys.filter((one) => one.schema === schema && one.table === name),
              own,
              isHybrid,
            ),
        definition: isView ? (views.get(key(schema, name)) ?? '') : null,
        fault: isView ? await faultOf(scope, schema, name) : null,
      };
    }),
  );
  return {
    relations: relations.sort(byName),
    objects: [
      ...objectsOf(tables, columns, keys),
      ...rest.objects,
      ...policies.objects,
      ...tags,
      ...grants,
    ].sort(byKind),
    definitions: [
      ...relations.flatMap(({ kind, schema, name, definition }) =>
        definition === null ? [] : [definitionOf(scope, kind, `${schema}.${name}`, definition)],
      ),
      ...columns.flatMap(({ schema, table, name, default: text }) =>
        text === null ? [] : [definitionOf(scope, 'default', `${schema}.${table}.${name}`, text)],
      ),
      ...[...rest.definitions, ...policies.definitions].map(({ kind, name, text, isProgram }) =>
        definitionOf(scope, kind, name, text, isProgram),
      ),
    ],
  };
}

function definitionOf(
  { place }: Scope,
  kind: string,
  name: string,
  text: string,
  isProgram = false,
): Definition {
  return { kind, name, text, databases: namesWithin(text, place, isProgram) };
}

interface TableFacts {
  readonly schema: string;
  readonly name: string;
  /** `BASE TABLE`, `VIEW`, `EXTERNAL TABLE`. */
  readonly type: string;
  readonly isHybrid: boolean;
  readonly comment: string | null;
  readonly clustering: string | null;
  readonly isTransient: boolean;
}

function guarded({ schema, name, type }: TableFacts): Guarded {
  return { schema, name, isView: /VIEW$/.test(type) };
}

/** External and event tables hold nothing that a clone could hold. */
function isRelation({ type }: TableFacts): boolean {
  return /^(BASE TABLE|VIEW|MATERIALIZED VIEW)$/.test(type);
}

async function readTables(scope: Scope): Promise<TableFacts[]> {
  const rows = await scope.informed(
    'TABLES',
    'TABLE_SCHEMA',
    'TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, IS_HYBRID, COMMENT, CLUSTERING_KEY, IS_TRANSIENT',
  );
  return rows.map((row) => ({
    schema: String(row.TABLE_SCHEMA),
    name: String(row.TABLE_NAME),
    type: String(row.TABLE_TYPE),
    isHybrid: row.IS_HYBRID === 'YES',
    comment: textOf(row.COMMENT),
    clustering: textOf(row.CLUSTERING_KEY),
    isTransient: row.IS_TRANSIENT === 'YES',
  }));
}

interface ColumnFacts extends Column {
  readonly schema: string;
  readonly table: string;
  readonly nullable: boolean;
  readonly default: string | null;
  readonly comment: string | null;
}

async function readColumns(scope: Scope): Promise<ColumnFacts[]> {
  const rows = await scope.informed(
    'COLUMNS',
    'TABLE_SCHEMA',
    `TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, COLUMN_DEFAULT, IS_NULLABLE, DATA_TYPE, COMMENT,
     CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION, COLLATION_NAME`,
  );
  return rows
    .sort((a, b) => Number(a.ORDINAL_POSITION) - Number(b.ORDINAL_POSITION))
    .map((row) => ({
      schema: String(row.TABLE_SCHEMA),
      table: String(row.TABLE_NAME),
      name: String(row.COLUMN_NAME),
      type: typeOf(row),
      nullable: row.IS_NULLABLE === 'YES',
      default: defaultOf(textOf(row.COLUMN_DEFAULT), scope.place),
      comment: textOf(row.COMMENT),
    }));
}

/** As it would be written in CREATE TABLE. */
export function typeOf(row: Row): string {
  const type = String(row.DATA_TYPE);
  const collation = textOf(row.COLLATION_NAME);
  if (type === 'TEXT')
    return `VARCHAR(${row.CHARACTER_MAXIMUM_LENGTH})${collation === null ? '' : ` COLLATE '${collation}'`}`;
  if (type === 'NUMBER') return `NUMBER(${row.NUMERIC_PRECISION},${row.NUMERIC_SCALE})`;
  if (type === 'BINARY') return `BINARY(${row.CHARACTER_MAXIMUM_LENGTH})`;
  if (/^TIME/.test(type)) return `${type}(${row.DATETIME_PRECISION})`;
  return type;
}

async function readViews(scope: Scope): Promise<Map<string, string>> {
  const rows = await scope.informed(
    'VIEWS',
    'TABLE_SCHEMA',
    'TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION',
  );
  return new Map(
    rows.map((row) => [
      key(String(row.TABLE_SCHEMA), String(row.TABLE_NAME)),
      queryOf(textOf(row.VIEW_DEFINITION) ?? ''),
    ]),
  );
}

/** Compiles it, and reads nothing. */
async function faultOf({ session, place }: Scope, schema: string, name: string) {
  try {
    await session.describe(
      `SELECT * FROM ${qualified(place.database, place.schema ?? schema, name)}`,
    );
    return null;
  } catch (error) {
    if (codeBehind(error) === null) throw error;
    const cause = (error as { problem?: { cause?: string } }).problem?.cause;
    return cause ?? withoutData(error);
  }
}

interface KeyFacts {
  readonly schema: string;
  readonly table: string;
  readonly constraint: string;
  readonly kind: 'primary key' | 'unique' | 'foreign key';
  readonly columns: readonly string[];
  /** Of a foreign key: where it leads. */
  readonly to: string;
}

async function readKeys(scope: Scope): Promise<KeyFacts[]> {
  const kinds = [
    ['PRIMARY KEYS', 'primary key', ''],
    ['UNIQUE KEYS', 'unique', ''],
    ['IMPORTED KEYS', 'foreign key', 'fk_'],
  ] as const;
  const found = await Promise.all(
    kinds.map(async ([plural, kind, prefix]) => {
      const rows = await scope.shown(plural);
      const of = (row: Row, name: string) => String(row[`${prefix}${name}`] ?? row[name] ?? '');
      const groups = grouped(rows, (row) =>
        JSON.stringify([
          of(row, 'schema_name'),
          of(row, 'table_name'),
          row.fk_name ?? row.constraint_name,
        ]),
      );
      return [...groups].map(([group, columns]): KeyFacts => {
        const [schema, table, constraint] = JSON.parse(group) as [string, string, string];
        const ordered = columns.sort((a, b) => Number(a.key_sequence) - Number(b.key_sequence));
        return {
          schema,
          table,
          constraint,
          kind,
          columns: ordered.map((row) => of(row, 'column_name')),
          to:
            kind === 'foreign key'
              ? `${ordered[0]?.pk_schema_name}.${ordered[0]?.pk_table_name} (${ordered.map((row) => row.pk_column_name).join(', ')})`
              : '',
        };
      });
    }),
  );
  return found.flat();
}

/** Snowflake enforces keys of hybrid tables only; of the others they are what somebody said. */
function keysOf(
  keys: readonly KeyFacts[],
  columns: readonly ColumnFacts[],
  enforced: boolean,
): Key[] {
  const isNotNull = (name: string) => columns.find((one) => one.name === name)?.nullable === false;
  return keys
    .filter(({ kind }) => kind !== 'foreign key')
    .map(({ kind, columns: own }) => ({
      columns: own,
      primary: kind === 'primary key',
      enforced,
      notNull: kind === 'primary key' || own.every(isNotNull),
    }))
    .sort((a, b) => Number(b.primary) - Number(a.primary));
}

function objectsOf(
  tables: readonly TableFacts[],
  columns: readonly ColumnFacts[],
  keys: readonly KeyFacts[],
): CatalogObject[] {
  const own = new Set(
    tables.filter(({ type }) => type === 'BASE TABLE').map(({ schema, name }) => key(schema, name)),
  );
  return [
    ...tables.flatMap(({ schema, name, type, comment, clustering, isTransient, isHybrid }) => {
      const at = `${schema}.${name}`;
      const kind = /VIEW$/.test(type) ? 'view' : 'table';
      return [
        ...(comment === null
          ? []
          : [{ kind: 'comment', name: `${kind} ${at}`, definition: comment }]),
        ...(clustering === null ? [] : [{ kind: 'clustering', name: at, definition: clustering }]),
        ...(isTransient || isHybrid
          ? [
              {
                kind: 'table property',
                name: at,
                definition: [isTransient && 'transient', isHybrid && 'hybrid']
                  .filter(Boolean)
                  .join(' '),
              },
            ]
          : []),
      ];
    }),
    ...columns.flatMap(({ schema, table, name, default: text, comment, nullable }) => {
      const at = `${schema}.${table}.${name}`;
      return [
        ...(text === null ? [] : [{ kind: 'default', name: at, definition: text }]),
        ...(comment === null
          ? []
          : [{ kind: 'comment', name: `column ${at}`, definition: comment }]),
        ...(nullable || !own.has(key(schema, table))
          ? []
          : [{ kind: 'constraint', name: `${at} not null`, definition: 'not null' }]),
      ];
    }),
    // Names that Snowflake made differ from clone to clone: what a constraint says tells it, said twice or not.
    ...new Map(
      keys.map(({ schema, table, kind, columns: of, to }) => [
        JSON.stringify([schema, table, kind, of, to]),
        {
          kind: 'constraint',
          name: `${schema}.${table} ${kind} (${of.join(', ')})`,
          definition: to === '' ? kind : `${kind} to ${to}`,
        },
      ]),
    ).values(),
  ];
}

function grouped<T>(all: readonly T[], by: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(by(one), [...(groups.get(by(one)) ?? []), one]);
  return groups;
}

function textOf(value: Row[string] | undefined): string | null {
  return value === null || value === undefined || value === '' ? null : String(value);
}

function key(schema: string, name: string): string {
  return JSON.stringify([schema, name]);
}

function byName(a: Relation, b: Relation): number {
  return compare(a.schema, b.schema) || compare(a.name, b.name);
}

/** Those that share a name are in the same order in every clone. */
function byKind(a: CatalogObject, b: CatalogObject): number {
  return compare(a.kind, b.kind) || compare(a.name, b.name) || compare(a.definition, b.definition);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
