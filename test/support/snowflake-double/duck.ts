import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { messageOf } from '../../../src/errors.ts';
import { SnowflakeFault } from './errors.ts';
import { macros } from './functions.ts';
import { addJsonFunctions } from './json.ts';
import { typeOfResult, wireOf } from './types.ts';

export interface Rows {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** As they go over the wire. */
  readonly rows: readonly (readonly (string | null)[])[];
}

/** DuckDB, in which the rows are. It folds case, Snowflake does not: so lower-case letters are written apart. */
export class Duck {
  readonly #instance: DuckDBInstance;
  readonly #free: DuckDBConnection[] = [];
  #tables = 0;

  private constructor(instance: DuckDBInstance) {
    this.#instance = instance;
  }

  static async open(): Promise<Duck> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
    const duck = new Duck(instance);
    await duck.use(async (connection) => {
      await connection.run(
        "SET GLOBAL TimeZone = 'UTC'; SET GLOBAL default_null_order = 'nulls_last_on_asc_first_on_desc'; SET GLOBAL preserve_insertion_order = false",
      );
      addJsonFunctions(connection);
      for (const macro of macros) await connection.run(macro);
    });
    return duck;
  }

  /** A name for a table of its own. */
  name(): string {
    this.#tables += 1;
    return `p${this.#tables}`;
  }

  async use<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = this.#free.pop() ?? (await this.#instance.connect());
    try {
      return await work(connection);
    } finally {
      this.#free.push(connection);
    }
  }

  async run(sql: string): Promise<number> {
    return this.use(async (connection) => {
      try {
        return (await connection.run(sql)).rowsChanged;
      } catch (error) {
        throw faultOf(error);
      }
    });
  }

  async rows(sql: string, cancelled?: AbortSignal): Promise<Rows> {
    return this.use(async (connection) => {
      const end = () => connection.interrupt();
      cancelled?.addEventListener('abort', end, { once: true });
      try {
        const reader = await connection.runAndReadAll(sql);
        const names = reader.columnNames();
        const types = reader.columnTypes().map(typeOfResult);
        const columns = names.map((name, at) => ({ name: decode(name), type: types[at] ?? '' }));
        const rows = reader
          .getRows()
          .map((row) => row.map((value: DuckDBValue, at) => wireOf(value, types[at] ?? '')));
        return { columns, rows };
      } catch (error) {
        throw faultOf(error);
      } finally {
        cancelled?.removeEventListener('abort', end);
      }
    });
  }

  close(): void {
    for (const connection of this.#free.splice(0)) connection.closeSync();
    this.#instance.closeSync();
  }
}

/**
 * A letter that no test has in its names. The translation loses the quotes of some names: so it is one that needs none.
 */
const mark = '\ua78c';

/** `Name` -> `N.ame.` with the mark for the dots: names that differ in case only stay different. */
export function encode(name: string): string {
  return name.replace(/[a-z]+/g, `${mark}$&${mark}`);
}

export function decode(name: string): string {
  return name.replaceAll(mark, '');
}

export function encoded(name: string): string {
  return `"${encode(name).replaceAll('"', '""')}"`;
}

/** What DuckDB says, in the numbers of Snowflake's errors. */
function faultOf(error: unknown): unknown {
  const message = decode(messageOf(error));
  const known: readonly (readonly [RegExp, string, string, (found: RegExpExecArray) => string])[] =
    [
      [/INTERRUPT/, '000604', '57014', () => 'SQL execution canceled'],
      [
        /Referenced column "([^"]*)" not found|does not have a column named "([^"]*)"|Table "[^"]*" does not have a column named "([^"]*)"|Referenced table "([^"]*)" not found|column "([^"]*)" (?:referenced|must appear)/,
        '000904',
        '42000',
        (found) =>
          `SQL compilation error: error line 1 at position 0\ninvalid identifier '${found.slice(1).find(Boolean)}'`,
      ],
      [
        /Ambiguous reference to column name "([^"]*)"/,
        '000999',
        '42601',
        (found) => `SQL compilation error:\nambiguous column name '${found[1]}'`,
      ],
      [
        /(?:Scalar |Aggregate |Table )?Function with name (\S+) does not exist/i,
        '002140',
        '42601',
        (found) => `SQL compilation error:\nUnknown function ${found[1]?.toUpperCase()}`,
      ],
      [
        /No function matches the given name and argument types '([^(]+)\(([^)]*)\)'/,
        '001044',
        '42P13',
        (found) =>
          `SQL compilation error: error line 1 at position 0\nInvalid argument types for function '${found[1]?.toUpperCase()}': (${found[2]})`,
      ],
      [/[Dd]ivision by zero/, '100051', '22012', () => 'Division by zero'],
      [
        /Could not convert string ["']([^"]*)["'] to (?:DECIMAL|INT|DOUBLE|BIGINT)/,
        '100038',
        '22018',
        (found) => `Numeric value '${found[1]}' is not recognized`,
      ],
      [
        /Conversion Error: (?:Could not convert string|invalid timestamp field format|timestamp field value out of range|invalid date field format)[^"']*["']([^"']*)["']/i,
        '100035',
        '22007',
        (found) => `Timestamp '${found[1]}' is not recognized`,
      ],
      [/Conversion Error/, '100040', '22018', () => 'A value is not recognized'],
      [
        /Out of Range Error|Could not cast value .* to DECIMAL|overflow/i,
        '100039',
        '22003',
        () => 'Numeric value is out of range',
      ],
      [/Invalid Input Error: Malformed JSON/i, '100069', '22P02', () => 'Error parsing JSON'],
      [
        /more than one row returned|Scalar Error|used as an expression/i,
        '090150',
        '22000',
        () => 'Single-row subquery returns more than one row.',
      ],
      [
        /(?:Binder Error|Catalog Error|Parser Error): ([\s\S]*)/,
        '002010',
        '42601',
        (found) => `SQL compilation error:\n${found[1]}`,
      ],
    ];
  for (const [pattern, code, state, text] of known) {
    const found = pattern.exec(message);
    if (found !== null) return new SnowflakeFault(code, state, text(found));
  }
  return new SnowflakeFault('000603', 'XX000', `SQL execution internal error: ${message}`);
}
