import type { ConnectionPool, config as DriverConfig, IColumnMetadata, Request } from 'mssql';
import { sqlComment } from '../sql.ts';
import { loadDriver } from './driver.ts';
import { explain } from './errors.ts';
import { databaseOf } from './names.ts';
import type { Login, SqlserverOptions } from './options.ts';
import { type QueryTable, readQuery } from './query-table.ts';
import { type Received, textOf } from './received.ts';

export { toNumber } from '../counts.ts';

/** Values come as texts without a digit lost, bits as booleans, NULL as null, bytes as `0x..`. */
export type Row = Record<string, Received>;

export type Value = string | number | bigint | boolean | null | Uint8Array;

/** What one result set says, in the order of its columns; two may have one name. */
export interface RowSet {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Received[])[];
}

export interface SessionOptions {
  /** Goes into the comment of each statement and into `program_name` of `sys.dm_exec_sessions`. */
  readonly purpose: string;
  /** An error ends the transaction that it happens in. Default: true; scripts of people may want it otherwise. */
  readonly xactAbort?: boolean;
  /** Default: that of the options. */
  readonly lockTimeoutMs?: number;
}

/** One connection to one database of the server, with its SET options and temporary tables; one statement at a time. */
export class Session {
  /** `@@SPID`. */
  readonly id: number;
  readonly database: string;
  readonly #pool: ConnectionPool;
  readonly #comment: string;

  private constructor(pool: ConnectionPool, id: number, database: string, purpose: string) {
    this.#pool = pool;
    this.id = id;
    this.database = database;
    this.#comment = sqlComment(purpose);
  }

  /**
   * Texts of values never depend on the machine or on settings of the server.
   * @throws GreenlightError that says what to do: no server, wrong login, no such database, no trust in the certificate.
   */
  static async open(
    at: string,
    options: SqlserverOptions,
    { purpose, xactAbort = true, lockTimeoutMs = options.lockTimeoutMs }: SessionOptions,
  ): Promise<Session> {
    const database = databaseOf(at);
    const pool = await connect(database, options, purpose).catch((error) => {
      throw explain(error, database);
    });
    try {
      const { recordset } = await new (await loadDriver()).Request(pool).batch(
        `${sqlComment(`${purpose}: session`)}SET XACT_ABORT ${xactAbort ? 'ON' : 'OFF'}; SET LOCK_TIMEOUT ${lockTimeoutMs}; SET DEADLOCK_PRIORITY LOW; SELECT @@SPID AS id, DB_NAME() AS name`,
      );
      const [[id, name]] = recordset as unknown as [[number, string]];
      return new Session(pool, id, name, purpose);
    } catch (error) {
      await pool.close().catch(() => undefined);
      throw explain(error, database);
    }
  }

  /** Opens a session, works in it and closes it. */
  static async use<T>(
    at: string,
    options: SqlserverOptions,
    about: SessionOptions,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const session = await Session.open(at, options, about);
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  }

  /** The rows of one statement. Values are bound as @p1, @p2, ... */
  async rows(sql: string, values: readonly Value[] = [], signal?: AbortSignal): Promise<Row[]> {
    const { columns, rows } = await this.rowSet(sql, values, signal);
    return rows.map((row) => asRow(columns, row));
  }

  /** The first row of a query that gives at least one. */
  async row(sql: string, values: readonly Value[] = [], signal?: AbortSignal): Promise<Row> {
    const [first] = await this.rows(sql, values, signal);
    if (first === undefined) throw new Error(`No row from: ${sql}`);
    return first;
  }

  /** The same in the order of the columns. The last result set, where there are several. */
  async rowSet(sql: string, values: readonly Value[] = [], signal?: AbortSignal): Promise<RowSet> {
    return (await this.rowSets(sql, values, signal)).at(-1) ?? { columns: [], rows: [] };
  }

  /** All result sets of a batch. */
  async rowSets(
    sql: string,
    values: readonly Value[] = [],
    signal?: AbortSignal,
  ): Promise<RowSet[]> {
    const { recordsets } = await this.#send(sql, values, signal);
    return recordsets.map((rows) => ({
      columns: rows.columns.map(({ name }) => name),
      rows: rows.map((row) =>
        row.map((value, index) => textOf(value, rows.columns[index] as Column)),
      ),
    }));
  }

  /**
   * One statement, or a batch without values. Gives how many rows the last statement that counts touched. Only what runs
   * without values leaves temporary tables and SET options behind: with values, SQL Server gives them a scope of their own.
   */
  async run(sql: string, values: readonly Value[] = [], signal?: AbortSignal): Promise<number> {
    return (await this.#send(sql, values, signal)).rowsAffected.at(-1) ?? 0;
  }

  /** The rows of a query that a person wrote, with the types of its columns; every type comes without a digit lost. */
  async table(query: string, signal?: AbortSignal): Promise<QueryTable> {
    return readQuery(this, query, signal);
  }

  /** The rows of one query as they come, at most `size` at a time; reading slower slows the server. */
  async *stream(
    sql: string,
    values: readonly Value[] = [],
    { size = 1000, signal }: { readonly size?: number; readonly signal?: AbortSignal } = {},
  ): AsyncIterable<readonly (readonly Received[])[]> {
    const request = await this.#request(values);
    let columns: readonly Column[] = [];
    request.on('recordset', (found: readonly Column[]) => {
      columns = found;
    });
    const rows = request.toReadableStream({ highWaterMark: size });
    const cancel = () => request.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    const ended = this.#start(request, sql, values).catch(() => undefined); // its error comes through the rows
    let batch: Received[][] = [];
    let isWhole = false;
    try {
      signal?.throwIfAborted();
      for await (const row of rows as AsyncIterable<unknown[]>) {
        batch.push(row.map((value, index) => textOf(value, columns[index] as Column)));
        if (batch.length < size) continue;
        yield batch;
        batch = [];
      }
      signal?.throwIfAborted();
      isWhole = true;
    } catch (error) {
      signal?.throwIfAborted();
      throw explain(error, this.database);
    } finally {
      signal?.removeEventListener('abort', cancel);
      if (!isWhole) request.cancel();
      await ended;
    }
    if (batch.length > 0) yield batch;
  }

  /**
   * Brings rows of texts into a table of this connection's database (or `tempdb..#name`) by bulk load. The table is there
   * already, and all of its columns are nvarchar.
   */
  async load(
    table: string,
    columns: readonly string[],
    rows: Iterable<readonly (string | null)[]>,
  ): Promise<void> {
    const { Table, TYPES, MAX } = await loadDriver();
    const target = new Table(table);
    for (const name of columns) target.columns.add(name, TYPES.NVarChar(MAX), { nullable: true });
    for (const row of rows) target.rows.add(...row);
    const request = await this.#request([]);
    await request.bulk(target).catch((error) => {
      throw explain(error, this.database);
    });
  }

  /** Runs the work in a transaction: all or nothing. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.run('BEGIN TRANSACTION');
    try {
      const result = await work();
      await this.run('COMMIT TRANSACTION');
      return result;
    } catch (error) {
      await this.run('IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION').catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#pool.close().catch(() => undefined);
  }

  async #send(sql: string, values: readonly Value[], signal?: AbortSignal): Promise<Result> {
    signal?.throwIfAborted();
    const request = await this.#request(values);
    const cancel = () => request.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await this.#start(request, sql, values);
    } catch (error) {
      signal?.throwIfAborted();
      throw explain(error, this.database);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  async #request(values: readonly Value[]): Promise<Request> {
    const { Request, TYPES, MAX } = await loadDriver();
    const request = new Request(this.#pool);
    request.arrayRowMode = true;
    for (const [at, value] of values.entries()) {
      const name = `p${at + 1}`;
      if (typeof value === 'boolean') request.input(name, TYPES.Bit, value);
      else if (typeof value === 'bigint') request.input(name, TYPES.BigInt, value.toString());
      else if (typeof value === 'number')
        request.input(name, Number.isSafeInteger(value) ? TYPES.BigInt : TYPES.Float, value);
      else if (value instanceof Uint8Array)
        request.input(name, TYPES.VarBinary(MAX), Buffer.from(value));
      else request.input(name, TYPES.NVarChar(fitting(value, MAX)), value);
    }
    return request;
  }

  async #start(request: Request, sql: string, values: readonly Value[]): Promise<Result> {
    const text = this.#comment + sql;
    // A batch keeps its SET options and temporary tables; a query with values runs in sp_executesql.
    const result = values.length === 0 ? await request.batch(text) : await request.query(text);
    return result as unknown as Result;
  }
}

/** How long a step waits for another one that holds a lock right now. */
export const storePatienceMs = 20_000;

type Column = IColumnMetadata[string];

/** What the driver gives in its array mode; its types know the other mode only. Of a batch, `result.columns` is missing. */
interface Result {
  readonly recordsets: readonly (readonly unknown[][] & { readonly columns: readonly Column[] })[];
  readonly rowsAffected: readonly number[];
}

function asRow(columns: readonly string[], row: readonly Received[]): Row {
  return Object.fromEntries(columns.map((name, at) => [name, row[at] ?? null]));
}

/** Texts of one plan, not one for each length. */
function fitting(value: string | null, max: number): number {
  return value === null || value.length <= 4000 ? 4000 : max;
}

async function connect(
  database: string,
  options: SqlserverOptions,
  purpose: string,
): Promise<ConnectionPool> {
  const { ConnectionPool } = await loadDriver();
  let connections = 0;
  const refusals: Refusal[] = [];
  const pool = new ConnectionPool({
    server: options.host,
    port: options.port,
    database,
    ...loginOf(options.login),
    connectionTimeout: options.connectTimeoutMs,
    requestTimeout: options.statementTimeoutMs,
    arrayRowMode: true,
    validateConnection: false,
    // One connection that is never changed for another: its SET options and temporary tables would be gone with it.
    pool: { min: 1, max: 1, idleTimeoutMillis: never },
    beforeConnect: (connection: DriverConnection) => {
      connection.on('errorMessage', (message) => refusals.push(message));
      connections += 1;
      // The first one is the driver's own trial, which it closes again.
      if (connections > 2) connection.close();
    },
    options: {
      appName: `greenlight ${purpose}`.slice(0, 128),
      ...(options.instance === null ? {} : { instanceName: options.instance }),
      ...tlsOf(options),
      useUTC: true,
      abortTransactionOnError: true,
      enableArithAbort: true,
    },
  } as unknown as DriverConfig);
  // A session that the server ends while nothing runs in it: the next statement tells.
  pool.on('error', () => undefined);
  try {
    await pool.connect();
  } catch (error) {
    const [first] = refusals;
    // The driver tells the last message only, which is always `Login failed`.
    throw first === undefined
      ? error
      : Object.assign(new Error(first.message), {
          number: first.number,
          class: first.class,
          precedingErrors: refusals.slice(1),
        });
  }
  return pool;
}

/** What the server says while it is connected to. */
interface Refusal {
  readonly number: number;
  readonly class: number;
  readonly message: string;
}

/** What is used of the connection inside the driver. */
interface DriverConnection {
  on(event: 'errorMessage', listener: (message: Refusal) => void): void;
  close(): void;
}

/** Timers of Node end there. */
const never = 2 ** 31 - 1;

function tlsOf({ tls }: SqlserverOptions): Record<string, unknown> {
  return {
    encrypt: tls.encrypt,
    trustServerCertificate: tls.trustsCertificate,
    ...(tls.certificateName === null ? {} : { serverName: tls.certificateName }),
    ...(tls.authorities === null ? {} : { cryptoCredentialsDetails: { ca: tls.authorities } }),
  };
}

function loginOf(login: Login): Record<string, unknown> {
  const entra = (type: string, options: Record<string, unknown>) => ({
    authentication: { type: `azure-active-directory-${type}`, options },
  });
  switch (login.way) {
    case 'sql':
      return { user: login.user, password: login.password };
    case 'access-token':
      return entra('access-token', { token: login.token });
    case 'service-principal':
      return entra('service-principal-secret', {
        clientId: login.clientId,
        clientSecret: login.clientSecret,
        tenantId: login.tenantId,
      });
    case 'managed-identity':
      return entra('msi-vm', login.clientId === null ? {} : { clientId: login.clientId });
    case 'entra-default':
      return entra('default', login.clientId === null ? {} : { clientId: login.clientId });
  }
}
