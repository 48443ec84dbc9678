import type { Client, ClientConfig, QueryArrayResult } from 'pg';
import { GreenlightError } from '../../errors.ts';
import { sqlComment } from '../sql.ts';
import { CopyIn, CopyOut } from './copy.ts';
import { loadDriver } from './driver.ts';
import { explain, stateOf, withHelp } from './errors.ts';
import { grantsFor } from './grants.ts';
import { quote } from './names.ts';
import type { PostgresOptions, Tls } from './options.ts';
import { passwordFor } from './passfile.ts';

export { toNumber } from '../counts.ts';

/** Values come as texts in PostgreSQL's own words, booleans as booleans, NULL as null. */
export type Row = Record<string, string | boolean | null>;

export type Value = string | number | bigint | boolean | null | readonly string[];

export interface Table {
  readonly columns: readonly string[];
  /** In PostgreSQL's words: `numeric`, `timestamp with time zone`. */
  readonly types: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface SessionOptions {
  /** Goes into the comment of each statement and, shortened, into `pg_stat_activity`. */
  readonly purpose: string;
  /** The whole session cannot write, whatever runs in it. Default: false. */
  readonly readOnly?: boolean;
  /** Schemas in which unqualified names are looked for. Default: none but PostgreSQL's own. */
  readonly searchPath?: readonly string[];
  /** Whether a second session finds out which GRANT would help when something is refused. Default: true. */
  readonly looksUpGrants?: boolean;
}

/** One connection to one database of the cluster; one statement at a time. */
export class Session {
  readonly pid: number;
  readonly database: string;
  readonly #client: Client;
  readonly #options: PostgresOptions;
  readonly #comment: string;
  readonly #looksUp: boolean;

  private constructor(
    client: Client,
    { pid, database }: { readonly pid: number; readonly database: string },
    options: PostgresOptions,
    { purpose, looksUpGrants = true }: SessionOptions,
  ) {
    this.#client = client;
    this.pid = pid;
    this.database = database;
    this.#options = options;
    this.#comment = sqlComment(purpose);
    this.#looksUp = looksUpGrants;
  }

  /**
   * Texts of values never depend on the machine or on settings of the server: UTC, ISO dates, floats with all digits.
   * @throws GreenlightError that says what to do: no server, wrong password, no such database, too many connections.
   */
  static async open(
    database: string,
    options: PostgresOptions,
    about: SessionOptions,
  ): Promise<Session> {
    const { purpose, readOnly = false, searchPath = [] } = about;
    const client = await connect(database, options, `greenlight ${purpose}`);
    try {
      const path = searchPath.map((schema) => client.escapeIdentifier(schema)).join(', ');
      await client.query(`${sqlComment(`${purpose}: session`)}
        SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET bytea_output = 'hex';
        SET extra_float_digits = 1; SET xmloption = 'content'; SET lc_monetary = 'C';
        SET search_path = ${path === '' ? "''" : path};
        SET statement_timeout = ${options.statementTimeoutMs}; SET idle_in_transaction_session_timeout = 0;
        SET idle_session_timeout = 0; SET row_security = off;
        SET default_transaction_read_only = ${readOnly ? 'on' : 'off'};
        -- Some of what the server says is told apart by its words; not everybody may choose their language.
        SELECT set_config('lc_messages', 'C', false) WHERE has_parameter_privilege('lc_messages', 'SET');
        -- 17 and newer have it
        SELECT set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name = 'transaction_timeout'`);
      const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
      return new Session(client, { pid: Number(rows[0].pid), database }, options, about);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw explain(error, nameOf(database, options), options.user);
    }
  }

  /** Opens a session, works in it and closes it. */
  static async use<T>(
    database: string,
    options: PostgresOptions,
    about: SessionOptions,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const session = await Session.open(database, options, about);
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  }

  /** The user of the connection, as SQL. */
  get role(): string {
    return quote(this.#options.user);
  }

  /** The rows of one statement. Values are bound as $1, $2, ... */
  async rows(sql: string, values: readonly Value[] = []): Promise<Row[]> {
    return (await this.#query(sql, values)).rows;
  }

  /** The first row of a query that gives at least one. */
  async row(sql: string, values: readonly Value[] = []): Promise<Row> {
    const [first] = await this.rows(sql, values);
    if (first === undefined) throw new Error(`No row from: ${sql}`);
    return first;
  }

  /** One statement, or several without values. Gives how many rows the last one touched. */
  async run(sql: string, values: readonly Value[] = []): Promise<number> {
    const result = await this.#query(sql, values);
    const last = Array.isArray(result) ? result.at(-1) : result;
    return last?.rowCount ?? 0;
  }

  /** The rows of one query with the names and types of its columns, also where two have one name. */
  async table(sql: string): Promise<Table> {
    const result = (await this.#client
      .query({ text: this.#comment + sql, rowMode: 'array', types: asTexts })
      .catch((error) => this.#refused(error, sql))) as QueryArrayResult<(string | null)[]>;
    const oids = result.fields.map(({ dataTypeID, dataTypeModifier }) => [
      String(dataTypeID),
      String(dataTypeModifier),
    ]);
    const types = await this.rows(
      'SELECT format_type(t::oid, m::integer) AS type FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS c (t, m, at) ORDER BY at',
      [oids.map(([oid]) => String(oid)), oids.map(([, modifier]) => String(modifier))],
    );
    return {
      columns: result.fields.map(({ name }) => name),
      types: types.map(({ type }) => String(type)),
      rows: result.rows,
    };
  }

  /** Runs the work in a transaction: all or nothing. */
  async transaction<T>(work: () => Promise<T>, mode = ''): Promise<T> {
    await this.run(`BEGIN ${mode}`);
    try {
      const result = await work();
      await this.run('COMMIT');
      return result;
    } catch (error) {
      await this.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /** The rows of a query as text; reading slower slows the server. */
  copyOut(query: string): CopyOut {
    const text = `${this.#comment}COPY (${query}) TO STDOUT`;
    return this.#client.query(new CopyOut(text, 'content', () => this.cancel()));
  }

  /** The same in the server's binary form, in whole messages with one row each. */
  copyBinaryOut(query: string): CopyOut {
    const text = `${this.#comment}COPY (${query}) TO STDOUT (FORMAT binary)`;
    return this.#client.query(new CopyOut(text, 'messages', () => this.cancel()));
  }

  /** Takes rows, as text unless another format is named, into a table; they are in when it has ended. */
  async copyIn(target: string, format: 'text' | 'binary' = 'text'): Promise<CopyIn> {
    const { from } = await loadDriver();
    const text = `${this.#comment}COPY ${target} FROM STDIN (FORMAT ${format})`;
    return new CopyIn(this.#client.query(from(text)));
  }

  /** Brings the rows of a query of this session into a table of another one; memory stays bounded. */
  async pour(query: string, other: Session, target: string): Promise<void> {
    const into = await other.copyIn(target);
    const rows = this.copyOut(query);
    try {
      for (let chunk = await rows.next(); chunk !== null; chunk = await rows.next()) {
        into.add(chunk);
        await into.settled();
      }
      await into.end(null);
    } catch (error) {
      await Promise.all([into.abandon(), rows.cancel()]);
      throw explain(error, nameOf(this.database, this.#options), this.#options.user);
    }
  }

  /** Ends the statement that runs, with an error. */
  async cancel(): Promise<void> {
    await Session.use(this.database, this.#options, { purpose: 'cancel' }, async (other) => {
      await other.run('SELECT pg_cancel_backend($1::integer)', [this.pid]);
    });
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }

  async #query(sql: string, values: readonly Value[]) {
    const config = { text: this.#comment + sql, types: asValues };
    return this.#client
      .query(values.length === 0 ? config : { ...config, values: values.map(toDriver) })
      .catch((error) => this.#refused(error, sql));
  }

  async #refused(error: unknown, sql: string): Promise<never> {
    const explained = explain(error, nameOf(this.database, this.#options), this.#options.user);
    if (stateOf(error) !== '42501' || !(explained instanceof GreenlightError) || !this.#looksUp)
      throw explained;
    const about = { purpose: 'explain a refusal', readOnly: true, looksUpGrants: false };
    const refusal = {
      message: explained.problem.cause ?? '',
      database: this.database,
      statements: [sql, ...innerStatements(error)],
    };
    const help = await grantsFor(refusal, (question, values) =>
      Session.use(this.database, this.#options, about, (other) => other.rows(question, values)),
    ).catch(() => null); // the refusal is the error to tell
    throw help === null ? explained : withHelp(explained, help);
  }
}

/** The statements that functions ran for one that failed. */
function innerStatements(error: unknown): string[] {
  const { where } = error as { readonly where?: unknown };
  return [...String(where ?? '').matchAll(/^SQL statement "(.*?)"$/gms)].map(([, sql]) =>
    String(sql),
  );
}

function toDriver(value: Value): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

const asTexts = { getTypeParser: () => (value: string) => value } as ClientConfig['types'] & {};

const boolean = 16;
const asValues = {
  getTypeParser: (oid: number) => (value: string) => (oid === boolean ? value === 't' : value),
} as ClientConfig['types'] & {};

/** For people. */
function nameOf(database: string, { server }: PostgresOptions): string {
  return server === null ? database : `${database} of server ${server}`;
}

async function connect(
  database: string,
  options: PostgresOptions,
  applicationName: string,
): Promise<Client> {
  try {
    return await byTls(options.tls, (ssl) => connectOnce(database, options, ssl, applicationName));
  } catch (error) {
    throw explain(error, nameOf(database, options), options.user);
  }
}

/** As libpq does: with `prefer` and `allow` the other way is tried when the first is refused. */
export async function byTls<T>(
  { mode, options }: Tls,
  connectOnce: (ssl: Tls['options'] | false) => Promise<T>,
): Promise<T> {
  const [first, second] = ways[mode].map((withTls) => (withTls ? options : false));
  try {
    return await connectOnce(first ?? false);
  } catch (error) {
    if (second === undefined || !isAboutTls(error)) throw error;
    return connectOnce(second);
  }
}

const ways: Readonly<Record<Tls['mode'], readonly [boolean, boolean?]>> = {
  disable: [false],
  allow: [false, true],
  prefer: [true, false],
  require: [true],
  'verify-ca': [true],
  'verify-full': [true],
};

async function connectOnce(
  database: string,
  options: PostgresOptions,
  ssl: Tls['options'] | false,
  applicationName: string,
): Promise<Client> {
  const { Client } = await loadDriver();
  const { host, port, user, settings, connectTimeoutMs } = options;
  const client = new Client({
    host,
    port,
    user,
    database,
    password: passwordFor(options, database),
    ssl: host.startsWith('/') ? false : ssl,
    application_name: applicationName.slice(0, 63),
    options: settings,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    types: asValues,
  });
  // A session that the server ends while nothing runs in it: the next statement tells.
  client.on('error', () => undefined);
  await client.connect().catch((error) => {
    // What failed on this side leaves a connection that waits for a login.
    void client.end().catch(() => undefined);
    throw error;
  });
  return client;
}

/** The server offers no TLS, or insists on it. */
function isAboutTls(error: unknown): boolean {
  return (
    /does not support SSL|no encryption|SSL off|SSL on|SSL encryption/i.test(String(error)) ||
    stateOf(error) === '28000'
  );
}
