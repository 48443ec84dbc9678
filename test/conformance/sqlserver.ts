import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mssql from 'mssql';
import type { Location } from '../../src/engines/engine.ts';
import { createEngine } from '../../src/engines/registry.ts';
import { splitStatements } from '../../src/engines/script.ts';
import { databaseOf, literal, quote } from '../../src/engines/sqlserver/names.ts';
import { readOptions } from '../../src/engines/sqlserver/options.ts';
import type { Client, Feature, Harness, Scratch } from './harness.ts';
import type { Section } from './suite.ts';

/** A real server, and what it can do of that which some compatible servers cannot. */
export interface Server {
  /** `sqlserver://user:password@host:1433?trust_server_certificate=true` */
  readonly url: string;
  /** Of `sys` itself: `Microsoft SQL Server 2022 ...`. */
  readonly version: string;
  /** Section -> why the server cannot run it, in its own words. */
  readonly lacking: Readonly<Partial<Record<Section, string>>>;
}

/** Tries, in a database of its own, what clone and swap are made of. */
export async function probe(url: string): Promise<Server> {
  const name = `greenlight_probe_${process.pid}`;
  const master = await connect(url, 'master');
  try {
    const { recordset } = await master.batch('SELECT @@VERSION AS version');
    await master.batch(`CREATE DATABASE ${quote(name)}`);
    try {
      const refusal = (sql: string) =>
        master.batch(sql).then(
          () => null,
          (error: Error) => error.message.split('\n', 1)[0] ?? '',
        );
      const backup = await refusal(
        `BACKUP DATABASE ${quote(name)} TO DISK = ${literal(`${name}.bak`)} WITH COPY_ONLY, FORMAT, INIT`,
      );
      const singleUser = await refusal(
        `ALTER DATABASE ${quote(name)} SET SINGLE_USER WITH ROLLBACK IMMEDIATE`,
      );
      await refusal(`ALTER DATABASE ${quote(name)} SET MULTI_USER`);
      return {
        url,
        version: String(recordset[0]?.version).split('\n', 1)[0] ?? '',
        lacking: {
          ...(backup === null ? {} : { databases: `no BACKUP: ${backup}` }),
          ...(singleUser === null ? {} : { swap: `no SINGLE_USER: ${singleUser}` }),
        },
      };
    } finally {
      await master.batch(`DROP DATABASE ${quote(name)}`).catch(() => undefined);
    }
  } finally {
    await master.close();
  }
}

/** What is not run, and whether that is a failure: of what a server is said to have, nothing may be skipped. */
export function absencesOf(
  { lacking }: Pick<Server, 'lacking'>,
  required: string | undefined,
): { readonly section: string; readonly reason: string; readonly isFailure: boolean }[] {
  const known: readonly string[] = ['databases', 'swap'] satisfies Section[];
  const named = (required ?? '').split(/[,\s]+/).filter((section) => section !== '');
  const unknown = named.filter((section) => !known.includes(section));
  if (unknown.length > 0)
    throw new Error(`GREENLIGHT_TEST_SQLSERVER_REQUIRED knows ${known.join(' and ')} only`);
  return Object.entries(lacking).map(([section, reason]) => ({
    section,
    reason,
    isFailure: named.includes(section),
  }));
}

// Not: NaN and the infinities, negative zero, intervals, enums, JSON as a type, infinite dates, a write that puts back
// what was there (nothing but a rowversion column tells it).
const features: ReadonlySet<Feature> = new Set([
  'timestamptz',
  'boolean',
  'uuid',
  'sequence',
  'clone-beside-readers',
  'fence',
]);

let scratches = 0;

/** Each scratch has databases of its own on the one server. */
export function sqlserver({ url }: Pick<Server, 'url'>): Harness {
  return {
    features,
    start: () => start(url),
    translate,
    script: (text) => text,
    schemaOf: (name) => name,
  };
}

/** DuckDB's words on the left. */
const words: readonly (readonly [RegExp, string])[] = [
  [/\bcreate or replace view\b/gi, 'create or alter view'],
  [/\btimestamptz\b/gi, 'datetimeoffset(6)'],
  [/\btimestamp with time zone\b/gi, 'datetimeoffset(6)'],
  [/\btimestamp '/gi, "'"],
  [/\bdate '/gi, "'"],
  [/\btimestamp\b/gi, 'datetime2(6)'],
  [/\bdouble\b/gi, 'float'],
  [/\bboolean\b/gi, 'bit'],
  [/\buuid\b/gi, 'uniqueidentifier'],
  [/\btrue\b/gi, '1'],
  [/\bfalse\b/gi, '0'],
  [/\b(?:varchar|text)\b(?!\s*\()/gi, 'nvarchar(max)'],
  [/\bvarchar\s*\(/gi, 'nvarchar('],
  // A condition takes no subquery.
  [/\blen\(columns\)/g, `((LEN(columns) - LEN(REPLACE(columns, '"', ''))) / 2)`],
  [/list_contains\((\w+), ('[^']*')\)/g, `CHARINDEX('"' + $2 + '"', $1) > 0`],
  [/('[^']*') IN columns/g, `CHARINDEX('"' + $1 + '"', columns) > 0`],
  [
    /\brange\((\d+)\) t\(i\)/g,
    '(SELECT TOP ($1) ROW_NUMBER() OVER (ORDER BY (SELECT NULL)) - 1 FROM sys.all_columns a CROSS JOIN sys.all_columns b) AS t(i)',
  ],
  [/\|\|/g, '+'],
  [/^INTEGER, VARCHAR, VARCHAR, DECIMAL\(3,2\)$/, 'int, nvarchar(20), nvarchar(5), decimal(3,2)'],
];

function translate(text: string): string {
  return words.reduce((done, [from, to]) => done.replace(from, to), text);
}

async function start(url: string): Promise<Scratch> {
  scratches += 1;
  const prefix = `s${process.pid}_${scratches}`;
  const root = await mkdtemp(join(tmpdir(), 'greenlight-conformance-'));
  const settings = {
    root,
    live: `${prefix}_shop`,
    ledger: `${prefix}_ledger`,
    connection: { url },
  };
  const engine = await createEngine('sqlserver', settings);
  const sql = (at: Location, text: string) => run(url, databaseOf(at), text);
  return {
    engine,
    recipe: { engine: 'sqlserver', settings },
    create: async (at, text) => {
      const name = databaseOf(at);
      await run(url, 'master', `IF DB_ID(${literal(name)}) IS NULL CREATE DATABASE ${quote(name)}`);
      await sql(at, text);
    },
    sql,
    client: (at, access) => client(url, at, access),
    fingerprint: (at) => fingerprint(url, databaseOf(at)),
    // There is no other kind of thing on a server that could bear a database's name.
    createSomethingElse: async () => undefined,
    nameWithin: databaseOf,
    reaching: (literal) => [
      `EXECUTE (N'USE ' + ${literal})`,
      `EXECUTE sys.sp_executesql ${literal}`,
      `SELECT * FROM OPENROWSET('MSOLEDBSQL', ${literal}, 'select 1') AS o`,
    ],
    aliases: async () => [],
    dispose: async () => {
      const rows = await run(
        url,
        'master',
        `SELECT name FROM sys.databases WHERE LEFT(name, ${prefix.length + 1}) = ${literal(`${prefix}_`)} ORDER BY source_database_id DESC`,
      );
      for (const { name } of rows) {
        const own = quote(String(name));
        await run(
          url,
          'master',
          `ALTER DATABASE ${own} SET SINGLE_USER WITH ROLLBACK IMMEDIATE`,
        ).catch(() => undefined);
        await run(url, 'master', `DROP DATABASE ${own}`);
      }
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Each statement is a batch: CREATE SCHEMA and CREATE VIEW have to be the first of theirs. Rows of the last one. */
async function run(url: string, database: string, sql: string): Promise<Record<string, unknown>[]> {
  const connection = await connect(url, database);
  try {
    let rows: Record<string, unknown>[] = [];
    for (const { text } of splitStatements(translate(sql))) rows = await query(connection, text);
    return rows;
  } finally {
    await connection.close();
  }
}

/** Each text is a batch, in SQL Server's own words. Rows of the last one. */
export async function runBatches(
  url: string,
  database: string,
  texts: readonly string[],
): Promise<Record<string, unknown>[]> {
  const connection = await connect(url, database);
  try {
    let rows: Record<string, unknown>[] = [];
    for (const text of texts) rows = (await connection.batch(text)).recordset ?? [];
    return rows;
  } finally {
    await connection.close();
  }
}

async function query(
  connection: mssql.ConnectionPool,
  sql: string,
): Promise<Record<string, unknown>[]> {
  const { recordset } = await connection.batch<Record<string, unknown>>(national(sql));
  return (recordset ?? []).map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
    ),
  );
}

/** Texts keep their characters, whatever the code page of the server. */
function national(sql: string): string {
  return sql.replace(/(?<![\w'])'(?:[^']|'')*'/g, 'N$&');
}

async function connect(url: string, database: string): Promise<mssql.ConnectionPool> {
  const { host, port, login, tls } = readOptions({ connection: { url }, root: '/' }, process.env);
  if (login.way !== 'sql') throw new Error('The tests log in with user and password');
  const pool = new mssql.ConnectionPool({
    server: host,
    port,
    database,
    user: login.user,
    password: login.password,
    options: {
      encrypt: tls.encrypt !== false,
      trustServerCertificate: tls.trustsCertificate,
      enableArithAbort: true,
    },
    pool: { min: 1, max: 1 },
  });
  pool.on('error', () => undefined);
  return pool.connect();
}

/** A writer is in the middle of a transaction that holds what writing takes; its statements are its own all the same. */
async function client(url: string, at: Location, access: 'read' | 'write'): Promise<Client> {
  const own = await connect(url, databaseOf(at));
  const opened = [own];
  if (access === 'write') {
    const writing = await connect(url, databaseOf(at));
    opened.push(writing);
    await startWriting(writing).catch(async (error) => {
      for (const one of opened) await one.close();
      throw error;
    });
  }
  const close = async () => {
    for (const one of opened) await one.close();
  };
  // The server rolls back what an ended connection has not committed, however it ended.
  return { sql: (statement) => query(own, translate(statement)), kill: close, close };
}

async function startWriting(writing: mssql.ConnectionPool): Promise<void> {
  const { recordset } = await writing.batch<{ s: string; t: string }>(
    `SELECT s.name AS s, t.name AS t FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id WHERE t.is_ms_shipped = 0`,
  );
  const locks = recordset.map(
    ({ s, t }) =>
      `SELECT TOP (1) @row = 1 FROM ${quote(s)}.${quote(t)} WITH (UPDLOCK, ROWLOCK, HOLDLOCK);`,
  );
  await writing.batch(
    `SET XACT_ABORT ON; SET LOCK_TIMEOUT 500; BEGIN TRANSACTION; DECLARE @row int; ${locks.join(' ')}`,
  );
}

/** All rows of all tables, and all definitions with the time of their last change. */
async function fingerprint(url: string, database: string): Promise<string> {
  const hash = createHash('sha256');
  const tables = await run(
    url,
    database,
    `SELECT s.name AS s, t.name AS t FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id WHERE t.is_ms_shipped = 0 ORDER BY 1, 2`,
  );
  for (const { s, t } of tables) {
    const rows = await run(
      url,
      database,
      `SELECT x.* FROM ${quote(String(s))}.${quote(String(t))} AS x`,
    );
    hash.update(JSON.stringify([s, t, rows.map((row) => JSON.stringify(row)).sort()]));
  }
  const definitions = await run(
    url,
    database,
    `SELECT name, type, CONVERT(nvarchar(30), modify_date, 121) AS modified FROM sys.objects WHERE is_ms_shipped = 0 ORDER BY 1, 2`,
  );
  return hash.update(JSON.stringify(definitions)).digest('hex');
}
