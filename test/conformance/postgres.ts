import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Location } from '../../src/engines/engine.ts';
import { placeOf, quote } from '../../src/engines/postgres/names.ts';
import { createEngine } from '../../src/engines/registry.ts';
import type { PostgresServer, PostgresVersion } from '../support/postgres-server.ts';
import { clientsFor, runSql } from '../support/postgres-server.ts';
import type { Client, Feature, Harness, Scratch } from './harness.ts';

const features: ReadonlySet<Feature> = new Set([
  'not-a-number',
  'negative-zero',
  'timestamptz',
  'boolean',
  'typed-comparisons',
  'range',
  'uuid',
  'interval',
  'sequence',
  'comment',
  'enum',
  'list',
  'struct',
  'json',
  'json-text',
  'unicode-forms',
  'infinite-dates',
  'index',
  'check',
  'enforced-keys',
  'changing-defaults',
  'fence',
]);

let scratches = 0;

/**
 * Each scratch has databases of its own in one cluster. `level`: what a release takes live. A schema is copied by the
 * server; a database with sessions by pg_dump, where this machine has one that fits.
 */
export function postgres(
  server: () => PostgresServer,
  level: 'database' | 'schema',
  version: PostgresVersion,
): Harness {
  const clones = level === 'schema' || clientsFor(version) !== null;
  return {
    features: clones ? new Set([...features, 'clone-beside-readers']) : features,
    start: () => start(server(), level),
    translate,
    script: (text) => text,
    schemaOf: (name) => (level === 'schema' ? 'sales' : name),
  };
}

/** DuckDB's words on the left. */
const words: readonly (readonly [RegExp, string])[] = [
  [/\bTech_From\b/g, 'tech_from'],
  [/list_contains\((\w+), ('[^']*')\)/g, '$2 = ANY ($1)'],
  [/('[^']*') IN columns/g, '$1 = ANY (columns)'],
  [/\blen\(columns\)/g, 'cardinality(columns)'],
  [/\brange\((\d+)\) t\(i\)/g, 'generate_series(0, $1 - 1) AS t(i)'],
  [/\bhash\(/g, 'hashint4('],
  [/\bas struct\(/g, 'as ('],
  [/, i \+ 1000\b/g, ", lpad(to_hex(i + 1000), 32, '0')::uuid"],
  [
    /^INTEGER, VARCHAR, VARCHAR, DECIMAL\(3,2\)$/,
    'integer, character varying(20), character varying(5), numeric',
  ],
  [/^gives VARCHAR/, 'gives text'],
  [/^Binder Error$/, 'operator does not exist: text + integer'],
  [/^VARCHAR$/, 'operator does not exist: text > integer'],
  [/INTERVAL (\d+ \w+)/, "INTERVAL '$1'"],
  [/::UUID\b/, '::uuid'],
  [/^Conversion Error$/, 'invalid input syntax for type integer'],
];

function translate(text: string): string {
  return words.reduce((done, [from, to]) => done.replace(from, to), text);
}

async function start(server: PostgresServer, level: 'database' | 'schema'): Promise<Scratch> {
  scratches += 1;
  const prefix = `s${process.pid}_${scratches}`;
  const root = await mkdtemp(join(tmpdir(), 'greenlight-conformance-'));
  const database = `${prefix}_shop`;
  const settings = {
    root,
    live: level === 'database' ? database : `${database}.sales`,
    ledger: `${prefix}_ledger`,
    connection: server.connection,
  };
  const engine = await createEngine('postgres', settings);
  const own = new Set<string>();
  const sql = (at: Location, text: string) =>
    runSql(configFor(server, at), level === 'schema' ? withoutSchemas(text, own) : text);
  return {
    engine,
    recipe: { engine: 'postgres', settings },
    create: async (at, text) => {
      const place = placeOf(at);
      const [there] = await server.sql(
        'postgres',
        `select 1 from pg_database where datname = '${place.database.replaceAll("'", "''")}'`,
      );
      if (there === undefined)
        await server.sql('postgres', `create database ${quote(place.database)}`);
      if (place.schema !== null)
        await server.sql(place.database, `create schema ${quote(place.schema)}`);
      await sql(at, text);
    },
    sql,
    client: (at, access) => client(server, at, access),
    fingerprint: (at) => fingerprint(server, at),
    // There is no other kind of thing in a cluster that could bear a database's name.
    createSomethingElse: async () => undefined,
    nameWithin: (at) => {
      const { database, schema } = placeOf(at);
      return schema ?? database;
    },
    reaching: level === 'schema' ? reachingSchema : reachingDatabase,
    aliases: async () => [],
    dispose: async () => {
      const rows = await server.sql(
        'postgres',
        `select datname from pg_database where datname like '${prefix}\\_%'`,
      );
      for (const { datname } of rows)
        await server.sql('postgres', `drop database ${quote(String(datname))} with (force)`);
      await rm(root, { recursive: true, force: true });
    },
  };
}

function reachingDatabase(literal: string): string[] {
  return [
    `select dblink_connect(${literal}) <> ''`,
    `create server s foreign data wrapper postgres_fdw options (dbname ${literal})`,
    `copy t to program ${literal}`,
    `do $$ begin /* it's */ perform dblink_exec('dbname=' || ${literal}, 'delete from t'); end $$`,
  ];
}

function reachingSchema(literal: string): string[] {
  return [
    `select set_config('search_path', ${literal}, false) <> ''`,
    `set search_path = ${literal}`,
    `do $$ begin /* it's */ perform set_config('search_path', ${literal}, true); end $$`,
  ];
}

/** Schemas that a scenario makes in its database (`own`) stand for the one that is the place. */
function withoutSchemas(sql: string, own: Set<string>): string {
  const left = sql.replace(/create schema (\w+);?/gi, (_, name: string) => {
    own.add(name);
    return '';
  });
  return [...own].reduce(
    (text, name) => text.replaceAll(new RegExp(`\\b${name}\\.`, 'g'), ''),
    left,
  );
}

/** In a schema, unqualified names are those of the schema. */
function configFor(server: PostgresServer, at: Location): pg.ClientConfig {
  const { database, schema } = placeOf(at);
  // The tables of a ledger stand in a schema of their own.
  const path = schema === null ? 'greenlight,public' : quote(schema);
  return { ...server.connection, database, options: `-c search_path=${path}` };
}

/** A writer is in the middle of a transaction that has written; its statements are its own transactions all the same. */
async function client(
  server: PostgresServer,
  at: Location,
  access: 'read' | 'write',
): Promise<Client> {
  const opened = [await connect(server, at)];
  const [own] = opened;
  if (access === 'write') {
    const writing = await connect(server, at);
    opened.push(writing);
    await startWriting(writing, placeOf(at).schema).catch(async (error) => {
      for (const one of opened) await one.end();
      throw error;
    });
  }
  return {
    sql: async (statement) => (await own?.query(statement))?.rows ?? [],
    // A process that dies leaves its socket: the server notices and rolls back.
    kill: async () => {
      for (const one of opened)
        (
          one as unknown as { connection: { stream: { destroy(): void } } }
        ).connection.stream.destroy();
    },
    close: async () => {
      for (const one of opened) await one.end();
    },
  };
}

async function connect(server: PostgresServer, at: Location): Promise<pg.Client> {
  const client = new pg.Client({
    ...configFor(server, at),
    types: { getTypeParser: () => (text: string) => text },
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Takes the lock of every statement that writes; throws when somebody keeps writers away. */
async function startWriting(client: pg.Client, schema: string | null): Promise<void> {
  const { rows } = await client.query(
    `select n.nspname as s, c.relname as t from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and ($1::text is null or n.nspname = $1)`,
    [schema],
  );
  await client.query("set lock_timeout = '500ms'; begin");
  for (const { s, t } of rows)
    await client.query(`lock table ${quote(s)}.${quote(t)} in row exclusive mode`);
}

/** All rows of all tables with their physical versions, and all definitions. */
async function fingerprint(server: PostgresServer, at: Location): Promise<string> {
  const { database, schema } = placeOf(at);
  const hash = createHash('sha256');
  const within = (namespace: string) =>
    schema === null ? '' : `and ${namespace} = '${quote(schema)}'::regnamespace`;
  const tables = await server.sql(
    database,
    `select n.nspname as s, c.relname as t from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'S', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        ${within('n.oid')} order by 1, 2`,
  );
  for (const { s, t } of tables) {
    const rows = await server.sql(
      database,
      `select ctid, xmin, x.* from ${quote(String(s))}.${quote(String(t))} x order by ctid`,
    );
    hash.update(JSON.stringify([s, t, rows]));
  }
  hash.update(
    JSON.stringify(
      await server.sql(
        database,
        `select 'attribute' as kind, a.xmin::text, md5(string_agg(a::text, '' order by attrelid, attnum)) from pg_attribute a join pg_class c on c.oid = attrelid
          where attrelid >= 16384 ${within('relnamespace')} group by a.xmin::text
         union all select 'procedure', xmin::text, md5(string_agg(p::text, '' order by oid)) from pg_proc p
          where oid >= 16384 ${within('pronamespace')} group by xmin::text order by 1, 3`,
      ),
    ),
  );
  return hash.digest('hex');
}
