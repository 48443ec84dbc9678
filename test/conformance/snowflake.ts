import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Location } from '../../src/engines/engine.ts';
import { createEngine } from '../../src/engines/registry.ts';
import { Session } from '../../src/engines/snowflake/connection.ts';
import { contentOf, tokensOf as snowflakeTokens } from '../../src/engines/snowflake/lexis.ts';
import { placeOf, qualified, quote, quotePlace } from '../../src/engines/snowflake/names.ts';
import { readOptions, type SnowflakeOptions } from '../../src/engines/snowflake/options.ts';
import { statementsOf } from '../support/snowflake-double/server.ts';
import { tokensOf } from '../support/snowflake-double/tokens.ts';
import type { Client, Feature, Harness, Scratch } from './harness.ts';

const features: ReadonlySet<Feature> = new Set([
  'not-a-number',
  'negative-zero',
  'timestamptz',
  'boolean',
  'json',
  'clone-beside-readers',
  'stored-names',
]);

type Connection = Readonly<Record<string, string | number | boolean>>;

let scratches = 0;

/** Each scratch has databases of its own in one account. `level`: what a release takes live. */
export function snowflake(connection: () => Connection, level: 'database' | 'schema'): Harness {
  return {
    features: level === 'schema' ? without('stored-names') : features,
    start: () => start(connection(), level),
    translate,
    script,
    inScenario,
    schemaOf: (name) => (level === 'schema' ? 'SALES' : name),
  };
}

function without(feature: Feature): ReadonlySet<Feature> {
  return new Set([...features].filter((one) => one !== feature));
}

async function start(connection: Connection, level: 'database' | 'schema'): Promise<Scratch> {
  scratches += 1;
  const prefix = `S${process.pid}_${scratches}`;
  const root = await mkdtemp(join(tmpdir(), 'greenlight-conformance-'));
  const database = `${prefix}_SHOP`;
  const settings = {
    root,
    live: level === 'database' ? database : `${database}.SALES`,
    ledger: `${prefix}_LEDGER`,
    connection,
  };
  const options = readOptions(settings, {});
  const engine = await createEngine('snowflake', settings);
  const own = new Set<string>();
  const sql = (at: Location, text: string) =>
    runSql(options, at, level === 'schema' ? withoutSchemas(text, own) : text);
  return {
    engine,
    recipe: { engine: 'snowflake', settings },
    create: async (at, text) => {
      const place = placeOf(at);
      await Session.use(options, { purpose: 'test' }, async (session) => {
        await session.run(`CREATE DATABASE IF NOT EXISTS ${quote(place.database)}`);
        if (place.schema !== null) await session.run(`CREATE SCHEMA ${quotePlace(place)}`);
      });
      await sql(at, text);
    },
    sql,
    client: (at) => client(options, at),
    fingerprint: (at) => fingerprint(options, at),
    // There is no other kind of thing in an account that could bear a database's name.
    createSomethingElse: async () => undefined,
    nameWithin: (at) => {
      const { database: name, schema } = placeOf(at);
      return schema ?? name;
    },
    reaching: (literal) => [
      `use database identifier(${literal})`,
      `execute immediate 'select * from ' || ${literal} || '.public.t'`,
    ],
    aliases: async (at) => [at.toLowerCase()],
    dispose: async () => {
      await Session.use(options, { purpose: 'test' }, async (session) => {
        const rows = await session.rows(
          `SHOW DATABASES LIKE '${prefix.replaceAll('_', '\\\\_')}%'`,
        );
        for (const { name } of rows) await session.run(`DROP DATABASE ${quote(String(name))}`);
      });
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Where unqualified names of a scenario are those of. */
function enteredAt(at: Location) {
  const { database, schema } = placeOf(at);
  return { database, schema: schema ?? 'PUBLIC' };
}

async function runSql(
  options: SnowflakeOptions,
  at: Location,
  text: string,
): Promise<Record<string, unknown>[]> {
  return Session.use(options, { purpose: 'test', at: enteredAt(at) }, async (session) => {
    let rows: Record<string, unknown>[] = [];
    for (const statement of inSnowflake(text)) rows = await rowsOf(session, statement);
    return rows;
  });
}

/**
 * Scenarios put texts into columns of JSON, which Snowflake refuses: there it is to be told that the text is to be read. A
 * column at a time, as Snowflake names it.
 */
async function rowsOf(
  session: Session,
  statement: string,
  read: readonly string[] = [],
): Promise<Record<string, unknown>[]> {
  try {
    return await session.rows(statement);
  } catch (error) {
    const cause = (error as { problem?: { cause?: string } }).problem?.cause;
    const said = `${cause ?? ''} ${(error as Error).message}`;
    const [, column] = /expecting VARIANT but got .* for column "?([^"\s]+)/.exec(said) ?? [];
    if (column === undefined || read.includes(column)) throw error;
    return rowsOf(session, await readingJson(session, statement, column), [...read, column]);
  }
}

const noName = {
  catalog: null,
  schema: null,
  name: { name: 'X', quoted: false, trailing_comments: [] },
};

async function readingJson(session: Session, statement: string, column: string): Promise<string> {
  const [parsed] = polyglot.parse(statement, 'snowflake').ast ?? [];
  const write = (node: Node) => polyglot.generate([node], 'snowflake').sql?.[0] ?? '';
  const { insert, update } = (parsed ?? {}) as Record<'insert' | 'update', Node | undefined>;
  if (update !== undefined) {
    const set = (update.set as [{ name: string }, Node][]).map(([name, value]) => [
      name,
      name.name === column ? { parse_json: { this: value } } : value,
    ]);
    return write({ update: { ...update, set } });
  }
  if (insert === undefined) throw new Error(`A text for ${column}: ${statement}`);
  const table = ['catalog', 'schema', 'name']
    .map((part) => (insert.table as Record<string, { name: string } | null>)[part]?.name ?? null)
    .filter((name) => name !== null);
  const at = qualified(...table);
  const listed = (insert.columns as { name: string }[]).map(({ name }) => name);
  const columns =
    listed.length > 0
      ? listed
      : (await session.rows(`DESCRIBE TABLE ${at}`)).map(({ name }) => String(name));
  const bare = { ...insert, table: { ...(insert.table as Node), ...noName }, columns: [] };
  const source = write({ insert: bare }).replace(/^INSERT INTO X /, '');
  const names = columns.map((_, n) => `C${n}`);
  const read = names.map((name, n) =>
    columns[n] === column ? `PARSE_JSON(${name}::VARCHAR)` : name,
  );
  return `INSERT INTO ${at}${listed.length === 0 ? '' : ` (${listed.map(quote).join(', ')})`} SELECT ${read.join(', ')} FROM (${source}) AS s (${names.join(', ')})`;
}

async function client(options: SnowflakeOptions, at: Location): Promise<Client> {
  const session = await Session.open(options, { purpose: 'client', at: enteredAt(at) });
  return {
    sql: async (text) => {
      let rows: Record<string, unknown>[] = [];
      for (const statement of inSnowflake(text)) rows = await rowsOf(session, statement);
      return rows;
    },
    kill: () => session.close(),
    close: () => session.close(),
  };
}

async function fingerprint(options: SnowflakeOptions, at: Location): Promise<string> {
  const place = placeOf(at);
  return Session.use(options, { purpose: 'test' }, async (session) => {
    const hash = createHash('sha256');
    const only = place.schema === null ? '' : `AND TABLE_SCHEMA = '${place.schema}'`;
    for (const view of ['TABLES', 'COLUMNS', 'VIEWS']) {
      const rows = await session.rows(
        `SELECT * FROM ${qualified(place.database, 'INFORMATION_SCHEMA', view)}
          WHERE TABLE_SCHEMA <> 'INFORMATION_SCHEMA' ${only} ORDER BY TABLE_SCHEMA, TABLE_NAME`,
      );
      hash.update(JSON.stringify(rows.map((row) => JSON.stringify(row)).sort()));
    }
    const tables = await session.rows(
      `SELECT TABLE_SCHEMA AS S, TABLE_NAME AS T FROM ${qualified(place.database, 'INFORMATION_SCHEMA', 'TABLES')}
        WHERE TABLE_TYPE = 'BASE TABLE' ${only} ORDER BY 1, 2`,
    );
    for (const { S, T } of tables) {
      const rows = await session.rows(
        `SELECT * FROM ${qualified(place.database, String(S), String(T))}`,
      );
      hash.update(JSON.stringify([S, T, rows.map((row) => JSON.stringify(row)).sort()]));
    }
    return hash.digest('hex');
  });
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

type Node = Record<string, unknown>;
interface Polyglot {
  init(): Promise<void>;
  parse(sql: string, dialect: string): { ast: Node[] | null; error: string | null };
  generate(ast: Node[], dialect: string): { sql: string[] | null; error: string | null };
  transpile(sql: string, from: string, to: string): { sql: string[] | null; error: string | null };
}
const polyglot = createRequire(import.meta.url)('@polyglot-sql/sdk') as Polyglot;
await polyglot.init();

/**
 * Statements of a scenario, which are DuckDB's, in Snowflake's words. Names are quoted as they are written: else Snowflake
 * would put them in upper case.
 */
export function inSnowflake(text: string): string[] {
  return statementsOf(text).map((written) => {
    // The grammar takes `old` and `new` for words of triggers here.
    const statement = written.replace(/^(create schema) (\w+)$/i, '$1 "$2"');
    const { ast, error } = polyglot.parse(statement, 'duckdb');
    // What DuckDB does not know is Snowflake's already.
    if (ast === null || ast.some((one) => 'raw' in one || 'command' in one)) return statement;
    const quotedNames = polyglot.generate(quoted(ast) as Node[], 'duckdb').sql?.[0];
    const translated = polyglot.transpile(quotedNames ?? '', 'duckdb', 'snowflake').sql?.[0];
    if (translated === undefined) throw new Error(`${error ?? 'untranslatable'}: ${statement}`);
    // The translation leaves these to Snowflake, which calls them otherwise. No list of VALUES takes PARSE_JSON: a text
    // that stands there is read when Snowflake says that it has to be.
    const isList = /^INSERT INTO [^']*\bVALUES\b/.test(translated);
    return translated
      .replace(/\bBLOB\b/g, 'BINARY')
      .replace(/\bCAST\(('(?:[^'\\]|''|\\.)*') AS VARIANT\)/g, isList ? '$1' : 'PARSE_JSON($1)')
      .replace(SERIES, (_, first: string, last: string, table: string, column: string) => {
        const rows = Number(last) - Number(first) + 1;
        return `(SELECT ROW_NUMBER() OVER (ORDER BY NULL) - 1 + ${first} AS "${column}" FROM TABLE(GENERATOR(ROWCOUNT => ${rows}))) AS ${table}`;
      });
  });
}

const SERIES = /\bGENERATE_SERIES\((\d+), (\d+)\) AS ("[^"]+")\((\w+)\)/gi;

function quoted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(quoted);
  if (typeof value !== 'object' || value === null) return value;
  const node = value as Node;
  const isName =
    typeof node.name === 'string' && typeof node.quoted === 'boolean' && !('args' in node);
  return {
    ...Object.fromEntries(Object.entries(node).map(([key, one]) => [key, quoted(one)])),
    ...(isName ? { quoted: true } : {}),
  };
}

/** A backslash is an escape in Snowflake's texts only. */
function inScenario(condition: string): string {
  return snowflakeTokens(condition)
    .map(({ kind, text }) =>
      kind === 'text' ? `'${contentOf(text).replaceAll("'", "''")}'` : text,
    )
    .join('');
}

/** Names are quoted where they stand; what the grammar does not take for DuckDB's stays as it is. */
function script(text: string): string {
  const ends = tokensOf(text).flatMap(({ kind, text: word, end }) =>
    kind === 'sign' && word === ';' ? [end] : [],
  );
  const starts = [0, ...ends];
  return (
    starts
      .map((from, at) => withQuotedNames(text.slice(from, starts[at + 1])))
      .join('')
      // It has literals of DATE, TIME and TIMESTAMP only.
      .replace(/\btimestamptz ('[^']*')/gi, '$1::TIMESTAMP_TZ')
  );
}

function withQuotedNames(statement: string): string {
  // A placeholder may stand for anything that is one operand.
  const readable = statement.replace(/\{\{.*?\}\}/g, (one) => 'x'.repeat(one.length));
  const { ast } = polyglot.parse(readable, 'duckdb');
  const places = spansOf(ast)
    .filter(({ start, end, name }) => statement.slice(start, end) === name)
    .toSorted((a, b) => b.start - a.start);
  return places.reduce(
    (done, { start, end, name }) => `${done.slice(0, start)}"${name}"${done.slice(end)}`,
    statement,
  );
}

interface NamePlace {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Where names stand that are not quoted. */
function spansOf(value: unknown): NamePlace[] {
  if (Array.isArray(value)) return value.flatMap(spansOf);
  if (typeof value !== 'object' || value === null) return [];
  const { name, quoted: isQuoted, span } = value as Node & { span?: NamePlace };
  const own =
    typeof name === 'string' && isQuoted === false && span
      ? [{ name, start: span.start, end: span.end }]
      : [];
  return [...own, ...Object.values(value).flatMap(spansOf)];
}

/** DuckDB's words on the left: expressions and messages of scenarios. */
const words: readonly (readonly [RegExp, string])[] = [
  [/list_contains\((\w+), ('[^']*')\)/g, 'ARRAY_CONTAINS($2::VARIANT, $1)'],
  [/\blen\(columns\)/g, 'ARRAY_SIZE(columns)'],
  [/\bTech_From\b/g, 'tech_from'],
  [/^(9999-12-31 00:00:00\+00)$/, '$1:00'],
  [/('[^']*') IN columns/g, 'ARRAY_CONTAINS($1::VARIANT, columns)'],
  [/\bINTERVAL (\d+) (\w+)\b/g, "INTERVAL '$1 $2'"],
  [/^Conversion Error$/, 'is not recognized'],
  [/^INTEGER, VARCHAR, VARCHAR, DECIMAL\(3,2\)$/, 'NUMBER(38,0), VARCHAR, VARCHAR, NUMBER(3,2)'],
];

function translate(text: string): string {
  return words.reduce((done, [from, to]) => done.replace(from, to), text);
}
