import { promisify } from 'node:util';
import type { Bind, Connection, RowStatement } from 'snowflake-sdk';
import { sqlComment } from '../sql.ts';
import { loadDriver } from './driver.ts';
import { explain, isOfTheNetwork } from './errors.ts';
import { HeldRights } from './held.ts';
import { loginOptions } from './login.ts';
import { likeLiteral, locationOf, type Place, plain, quote, quotePlace } from './names.ts';
import { type SnowflakeOptions, sizeOf } from './options.ts';
import { Slots } from './slots.ts';

export { toNumber } from '../counts.ts';

/** Values come as texts, numbers with all their digits; booleans as booleans, NULL as null. */
export type Row = Record<string, Cell>;
export type Cell = string | boolean | null;

/** Bound as `?`. Whole numbers beyond 2^53 and everything with a scale are bound as texts. */
export type Value = string | number | bigint | boolean | null;

/** The rows of one statement with the names and types of its columns, also where two have one name. */
export interface Table {
  readonly columns: readonly ColumnOfResult[];
  readonly rows: readonly (readonly Cell[])[];
  /** By which time travel and the query history know the statement. */
  readonly queryId: string;
}

export interface ColumnOfResult {
  readonly name: string;
  /** As the protocol has it: `fixed`, `text`, `timestamp_ntz`. */
  readonly type: string;
  readonly precision: number | null;
  readonly scale: number | null;
}

export interface SessionOptions {
  /** Goes into the comment and the tag of each statement. */
  readonly purpose: string;
  /** Where unqualified names are looked for. Default: nowhere, names are qualified. */
  readonly at?: Place;
  /**
   * Whether the session is set so that values and their texts are the same for every user, account and machine.
   * Default: true. False: as the user and the account have it, as scripts expect.
   */
  readonly neutral?: boolean;
  /** Nothing of the account is set, the size of the warehouse included. Default: false. */
  readonly looksOnly?: boolean;
  /** It waits for no turn, and goes on when a right is lost: what keeps such a right. Default: false. */
  readonly apart?: boolean;
}

export interface StatementOptions {
  /** Ends the statement in the server; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Seconds after which the server ends this one. */
  readonly timeoutS?: number;
}

/**
 * One login. Statements may run beside each other, as many as `options.parallel` of all sessions together; outside of a
 * transaction only, for a transaction belongs to the session.
 */
export class Session {
  static readonly #worked = new WeakSet<SnowflakeOptions>();
  readonly #connection: Connection;
  readonly #options: SnowflakeOptions;
  readonly #comment: string;
  readonly #where: string;
  readonly #apart: boolean;

  private constructor(
    connection: Connection,
    options: SnowflakeOptions,
    { purpose, at, apart = false }: SessionOptions,
  ) {
    this.#connection = connection;
    this.#options = options;
    this.#apart = apart;
    this.#comment = sqlComment(purpose);
    this.#where = at === undefined ? `account ${options.account}` : locationOf(at);
  }

  /** Whether any session was opened with these options: then there is something in the history. */
  static hasWorked(options: SnowflakeOptions): boolean {
    return Session.#worked.has(options);
  }

  /** @throws GreenlightError that says what to do: no account, wrong key, no such role or database, no warehouse. */
  static async open(options: SnowflakeOptions, about: SessionOptions): Promise<Session> {
    const connection = await connect(options, about.purpose);
    const session = new Session(connection, options, about);
    try {
      // Else each role that the user has adds its privileges (the default of users is ALL).
      await session.run('USE SECONDARY ROLES NONE');
      if (!Session.#worked.has(options) && about.looksOnly !== true) await session.sizeWarehouse();
      Session.#worked.add(options);
      await session.run(settings(options, about.neutral ?? true));
      if (about.at !== undefined) await session.enter(about.at);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** Opens a session, works in it and closes it. */
  static async use<T>(
    options: SnowflakeOptions,
    about: SessionOptions,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const session = await Session.open(options, about);
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  }

  /** The rows of one statement, by the names of its columns. */
  async rows(sql: string, values: readonly Value[] = [], how: StatementOptions = {}) {
    const { columns, rows } = await this.table(sql, values, how);
    return rows.map(
      (row): Row => Object.fromEntries(columns.map(({ name }, at) => [name, row[at] ?? null])),
    );
  }

  /** The first row of a query that gives at least one. */
  async row(sql: string, values: readonly Value[] = [], how: StatementOptions = {}): Promise<Row> {
    const [first] = await this.rows(sql, values, how);
    if (first === undefined) throw new Error(`No row from: ${sql}`);
    return first;
  }

  /** One statement. Gives how many rows it inserted, updated and deleted. */
  async run(
    sql: string,
    values: readonly Value[] = [],
    how: StatementOptions = {},
  ): Promise<number> {
    const { columns, rows } = await this.table(sql, values, how);
    return columns.reduce(
      (sum, { name }, at) =>
        /^number of rows /.test(name) ? sum + Number(rows[0]?.[at] ?? 0) : sum,
      0,
    );
  }

  /** One statement, waited for on the connection. */
  async table(
    sql: string,
    values: readonly Value[] = [],
    how: StatementOptions = {},
  ): Promise<Table> {
    return this.#inTurn(how, (own) => this.#execute(sql, values, own));
  }

  /** The columns of a query that is compiled and not run. */
  async describe(sql: string): Promise<readonly ColumnOfResult[]> {
    const { columns } = await this.#inTurn({}, (own) => this.#execute(sql, [], own, true));
    return columns;
  }

  /**
   * The same for what takes long: the server works on it by itself, and is asked whether it is done. A connection that
   * breaks in between ends nothing.
   */
  async later(
    sql: string,
    values: readonly Value[] = [],
    how: StatementOptions = {},
  ): Promise<Table> {
    return this.#inTurn(how, (own) => this.#executeDetached(sql, values, own));
  }

  /** The warehouse gets the size that is asked for, for everybody who works in it. */
  private async sizeWarehouse(): Promise<void> {
    const { warehouse, warehouseSize } = this.#options;
    if (warehouse === null || warehouseSize === null) return;
    const rows = await this.rows(`SHOW WAREHOUSES LIKE ${likeLiteral(warehouse)}`);
    const { size } = rows.find(({ name }) => name === warehouse) ?? { size: null };
    if (sizeOf(String(size)) === warehouseSize) return;
    await this.run(`ALTER WAREHOUSE ${quote(warehouse)} SET WAREHOUSE_SIZE = ${warehouseSize}`);
  }

  /** From now on, unqualified names are those of the place. */
  async enter(at: Place): Promise<void> {
    await this.run(`USE ${at.schema === null ? 'DATABASE' : 'SCHEMA'} ${quotePlace(at)}`);
  }

  /** Runs the work in a transaction: all or nothing. DDL ends it, so there is none of it within. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.run('BEGIN TRANSACTION');
    try {
      const result = await work();
      await this.run('COMMIT');
      return result;
    } catch (error) {
      await this.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /** Ends the session and what it has unfinished. */
  async close(): Promise<void> {
    await promisify(this.#connection.destroy.bind(this.#connection))().catch(() => undefined);
  }

  /** One of `options.parallel`, which ends when a right of this process is lost. */
  #inTurn<T>(how: StatementOptions, work: (own: StatementOptions) => Promise<T>): Promise<T> {
    if (this.#apart) return work(how);
    const { lost } = HeldRights.of(this.#options);
    const signal = how.signal === undefined ? lost : AbortSignal.any([how.signal, lost]);
    return Slots.of(this.#options).use(() => work({ ...how, signal }), signal);
  }

  #execute(
    sql: string,
    values: readonly Value[],
    how: StatementOptions,
    describeOnly = false,
  ): Promise<Table> {
    return new Promise((resolve, reject) => {
      const statement = this.#connection.execute({
        ...this.#statement(sql, values, how),
        ...(describeOnly ? { describeOnly } : {}),
        complete: (error, done, rows) => {
          settled();
          if (how.signal?.aborted) reject(how.signal.reason);
          else if (error) reject(explain(error, this.#where));
          else resolve(tableOf(done as RowStatement, rows ?? []));
        },
      });
      const settled = onAbort(how.signal, () => statement.cancel(() => undefined));
    });
  }

  async #executeDetached(
    sql: string,
    values: readonly Value[],
    how: StatementOptions,
  ): Promise<Table> {
    const started = await new Promise<RowStatement>((resolve, reject) => {
      this.#connection.execute({
        ...this.#statement(sql, values, how),
        asyncExec: true,
        complete: (error, statement) =>
          error ? reject(explain(error, this.#where)) : resolve(statement as RowStatement),
      });
    });
    const queryId = started.getQueryId();
    const settled = onAbort(how.signal, () => started.cancel(() => undefined));
    try {
      // Its own errors come with the result, in full.
      while (this.#connection.isStillRunning(await this.#statusOf(queryId, how.signal))) {
        await new Promise((resume) => setTimeout(resume, pollMs));
        how.signal?.throwIfAborted();
      }
      return await this.#result(queryId, how);
    } finally {
      settled();
    }
  }

  /** A connection that breaks is asked again for as long as a login may take: the statement goes on without it. */
  async #statusOf(
    queryId: string,
    signal: AbortSignal | undefined,
  ): Promise<Parameters<Connection['isStillRunning']>[0]> {
    const deadline = Date.now() + this.#options.connectTimeoutMs;
    for (;;) {
      try {
        const status = await this.#connection.getQueryStatus(queryId);
        return status as Parameters<Connection['isStillRunning']>[0];
      } catch (error) {
        if (!isOfTheNetwork(error) || Date.now() > deadline) throw explain(error, this.#where);
        await new Promise((resume) => setTimeout(resume, pollMs));
        signal?.throwIfAborted();
      }
    }
  }

  #result(queryId: string, how: StatementOptions): Promise<Table> {
    return new Promise((resolve, reject) => {
      this.#connection.fetchResult({
        queryId,
        rowMode: 'array',
        fetchAsString: [...asStrings],
        complete: (error, done, rows) => {
          if (how.signal?.aborted) reject(how.signal.reason);
          else if (error) reject(explain(error, this.#where));
          else resolve(tableOf(done as RowStatement, rows ?? []));
        },
      });
    });
  }

  #statement(sql: string, values: readonly Value[], { timeoutS }: StatementOptions) {
    return {
      sqlText: this.#comment + sql,
      binds: values.map(toDriver),
      rowMode: 'array' as const,
      fetchAsString: [...asStrings],
      parameters: {
        MULTI_STATEMENT_COUNT: 1,
        ...(timeoutS === undefined ? {} : { STATEMENT_TIMEOUT_IN_SECONDS: timeoutS }),
      },
    };
  }
}

const pollMs = 500;

/** A number would lose digits, a date would become one of the machine, a variant would be parsed. */
const asStrings = ['Number', 'Date', 'JSON', 'Buffer'] as const;

function toDriver(value: Value): Bind {
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'number' && !Number.isSafeInteger(value) ? String(value) : value;
}

function tableOf(statement: RowStatement, rows: readonly Cell[][]): Table {
  const columns = statement.getColumns() ?? [];
  return {
    columns: columns.map((column) => ({
      name: column.getName(),
      type: column.getType(),
      precision: column.getPrecision() ?? null,
      scale: column.getScale() ?? null,
    })),
    rows,
    queryId: statement.getQueryId(),
  };
}

/** Gives what is to be called when there is nothing to end any more. */
function onAbort(signal: AbortSignal | undefined, end: () => void): () => void {
  if (signal === undefined) return () => undefined;
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  return () => signal.removeEventListener('abort', end);
}

async function connect(options: SnowflakeOptions, purpose: string): Promise<Connection> {
  const where = `account ${options.account}`;
  try {
    const driver = await loadDriver(options.checksRevocation);
    const connection = driver.createConnection({
      account: options.account,
      ...(options.accessUrl === null ? {} : { accessUrl: options.accessUrl }),
      ...(options.user === null ? {} : { username: options.user }),
      ...(options.role === null ? {} : { role: plain(options.role) }),
      ...(options.warehouse === null ? {} : { warehouse: plain(options.warehouse) }),
      ...(await loginOptions(options.login, process.env, options.connectTimeoutMs)),
      application: 'Greenlight',
      queryTag: tagOf(options, purpose),
      clientSessionKeepAlive: true,
      representNullAsStringNull: false,
      retryTimeout: Math.ceil(options.connectTimeoutMs / 1000),
      sfRetryMaxLoginRetries: 3,
    });
    await connected(connection);
    return connection;
  } catch (error) {
    throw explain(error, where);
  }
}

/** The driver's promise tells only that the connection ended; its callback tells why. */
async function connected(connection: Connection): Promise<void> {
  let cause: unknown;
  try {
    await connection.connectAsync((error) => {
      cause = error;
    });
  } catch (error) {
    throw cause ?? error;
  }
  if (cause !== undefined && cause !== null) throw cause;
}

/** What the query history shows of each statement, as JSON so that it can be taken apart there. */
export function tagOf({ run, work }: SnowflakeOptions, purpose: string): string {
  return JSON.stringify({ app: 'greenlight', run, ...work, purpose: purpose.slice(0, 1000) });
}

/** The same for every user, account and machine; the user's own where scripts run. */
function settings({ statementTimeoutS }: SnowflakeOptions, neutral: boolean): string {
  const always = {
    MULTI_STATEMENT_COUNT: 1,
    QUOTED_IDENTIFIERS_IGNORE_CASE: false,
    AUTOCOMMIT: true,
    // Asked for by asynchronous queries, which outlive their connection; all others end with it in any case.
    ABORT_DETACHED_QUERY: false,
    ...(statementTimeoutS === 0 ? {} : { STATEMENT_TIMEOUT_IN_SECONDS: statementTimeoutS }),
  };
  const ours = {
    TIMEZONE: 'UTC',
    TIMESTAMP_TYPE_MAPPING: 'TIMESTAMP_NTZ',
    TIMESTAMP_NTZ_OUTPUT_FORMAT: 'YYYY-MM-DD"T"HH24:MI:SS.FF9',
    TIMESTAMP_LTZ_OUTPUT_FORMAT: 'YYYY-MM-DD"T"HH24:MI:SS.FF9TZH:TZM',
    TIMESTAMP_TZ_OUTPUT_FORMAT: 'YYYY-MM-DD"T"HH24:MI:SS.FF9TZH:TZM',
    DATE_OUTPUT_FORMAT: 'YYYY-MM-DD',
    TIME_OUTPUT_FORMAT: 'HH24:MI:SS.FF9',
    TIMESTAMP_INPUT_FORMAT: 'AUTO',
    DATE_INPUT_FORMAT: 'AUTO',
    TIME_INPUT_FORMAT: 'AUTO',
    BINARY_OUTPUT_FORMAT: 'HEX',
    BINARY_INPUT_FORMAT: 'HEX',
    STRICT_JSON_OUTPUT: true,
  };
  const all = Object.entries({ ...always, ...(neutral ? ours : {}) });
  const texts = all.map(
    ([name, value]) =>
      `${name} = ${typeof value === 'string' ? `'${value}'` : String(value).toUpperCase()}`,
  );
  return `ALTER SESSION SET ${texts.join(' ')}`;
}
