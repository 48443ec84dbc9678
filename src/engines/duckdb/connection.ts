import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { loadDriver } from './driver.ts';
import { explain } from './errors.ts';

export { toNumber } from '../counts.ts';

export interface DuckdbOptions {
  readonly threads?: number;
  /** As DuckDB takes it: `4GB`. */
  readonly memory_limit?: string;
  readonly temp_directory?: string;
  /** Folder whose node_modules has the driver. */
  readonly packages?: string;
}

/** For work that is small: an instance with one thread starts and ends in half the time. */
export function small(options: DuckdbOptions): DuckdbOptions {
  return { ...options, threads: 1 };
}

export type Row = Record<string, unknown>;

export interface Table {
  readonly columns: readonly string[];
  readonly types: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/**
 * The names of the database in memory that `open(null)` starts with, and those under which ours are attached, hold a
 * character that no sane schema has: a view that says `store.orders` means a schema, and DuckDB refuses to guess.
 */
export const inMemory = 'greenlight: memory';

/** DuckDB itself calls it `memory`, which a schema may well be called. */
const renameMemory = `ATTACH ':memory:' AS "${inMemory}"; USE "${inMemory}"; DETACH memory`;

/** One statement at a time. */
export class Connection {
  readonly #connection: DuckDBConnection;
  readonly #onClose: () => void;

  constructor(connection: DuckDBConnection, onClose: () => void) {
    this.#connection = connection;
    this.#onClose = onClose;
  }

  /** Ends the statement that runs, with an error. */
  interrupt(): void {
    this.#connection.interrupt();
  }

  async rows(sql: string, values: readonly DuckDBValue[] = []): Promise<Row[]> {
    const reader = await this.#connection.runAndReadAll(sql, [...values]);
    return reader.getRowObjects() as Row[];
  }

  /** The same with names and types of the columns, also where two have one name. */
  async table(sql: string): Promise<Table> {
    const reader = await this.#connection.runAndReadAll(sql);
    return {
      columns: reader.columnNames(),
      types: reader.columnTypes().map(String),
      rows: reader.getRows(),
    };
  }

  async run(sql: string, values: readonly DuckDBValue[] = []): Promise<void> {
    await this.#connection.run(sql, [...values]);
  }

  async row(sql: string, values: readonly DuckDBValue[] = []): Promise<Row> {
    const [first] = await this.rows(sql, values);
    if (first === undefined) throw new Error(`No row from: ${sql}`);
    return first;
  }

  close(): void {
    this.#onClose();
    this.#connection.closeSync();
  }
}

/** One DuckDB instance with its connections, closed together. */
export class Duckdb {
  readonly #instance: DuckDBInstance;
  readonly #connections = new Set<Connection>();
  readonly #main: Connection;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#main = this.#keep(connection);
  }

  /**
   * Opens a database file for reading and writing as the only one in its instance, or an empty one in memory.
   * @throws GreenlightError when the file is no database or another process has it.
   */
  static async open(file: string | null, options: DuckdbOptions): Promise<Duckdb> {
    const { packages, ...given } = options;
    const { DuckDBInstance } = await loadDriver(packages);
    const settings: Record<string, string> = {};
    for (const [name, value] of Object.entries(given)) {
      if (value !== undefined) settings[name] = String(value);
    }
    try {
      const instance = await DuckDBInstance.create(file ?? ':memory:', settings);
      const duckdb = new Duckdb(instance, await instance.connect());
      if (file === null) await duckdb.run(renameMemory);
      return duckdb;
    } catch (error) {
      throw explain(error, file ?? 'memory');
    }
  }

  /** Attaches a database file under a name of ours. */
  async attach(file: string, as: string, access: 'read' | 'write'): Promise<void> {
    try {
      const option = access === 'read' ? ' (READ_ONLY)' : '';
      await this.run(`ATTACH ${literal(file)} AS ${quote(as)}${option}`);
    } catch (error) {
      throw explain(error, file);
    }
  }

  /** Runs one statement or several and gives the rows of the last. Values are bound as $1, $2, ... */
  rows(sql: string, values: readonly DuckDBValue[] = []): Promise<Row[]> {
    return this.#main.rows(sql, values);
  }

  table(sql: string): Promise<Table> {
    return this.#main.table(sql);
  }

  run(sql: string, values: readonly DuckDBValue[] = []): Promise<void> {
    return this.#main.run(sql, values);
  }

  /** The first row of a query that gives exactly one. */
  row(sql: string, values: readonly DuckDBValue[] = []): Promise<Row> {
    return this.#main.row(sql, values);
  }

  /** Another connection to the same instance, for work at the same time; closed with the instance, if not before. */
  async parallel(): Promise<Connection> {
    const connection = this.#keep(await this.#instance.connect());
    await connection.run(`USE ${quote(inMemory)}`);
    return connection;
  }

  #keep(connection: DuckDBConnection): Connection {
    const kept = new Connection(connection, () => this.#connections.delete(kept));
    this.#connections.add(kept);
    return kept;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
    this.#instance.closeSync();
  }
}

/** How long a step waits for another one that reads or writes the store right now. */
export const storePatienceMs = 20_000;

export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** For the few places where DuckDB takes no bound value (ATTACH, SET). */
export function literal(text: string): string {
  const quoted = (part: string) => `'${part.replaceAll("'", "''")}'`;
  // DuckDB's parser ends at a NUL.
  const parts = text.split('\0').map(quoted);
  return parts.length === 1 ? String(parts[0]) : `(${parts.join(' || chr(0) || ')})`;
}

/** What DuckDB asks for (docs: "How to tune workloads"). */
export const bytesPerThread = 125_000_000;

/** A size as DuckDB writes and reads it (`18.8 GiB`, `4GB`) as bytes; null when it is none. */
export function bytesOf(size: string): number | null {
  const [, number, unit = ''] = /^([\d.]+)\s*(bytes|[KMGTP]i?B)$/i.exec(size) ?? [];
  if (number === undefined) return null;
  const power = ['b', 'k', 'm', 'g', 't', 'p'].indexOf(unit.charAt(0).toLowerCase());
  return Number(number) * (/i/i.test(unit) ? 1024 : 1000) ** power;
}
