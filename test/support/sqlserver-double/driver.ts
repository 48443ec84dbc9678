import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import type { IColumnMetadata } from 'mssql';
import { closed, type Refused } from './refused.ts';
import { type Double, doubleAt, type ServerSession } from './server.ts';

const real = createRequire(import.meta.url)('mssql') as typeof import('mssql');

export const { TYPES, MAX, Table } = real;

interface Config {
  readonly server: string;
  readonly database: string;
  readonly user?: string;
  readonly authentication?: { readonly type: string };
  readonly options: { readonly appName: string };
  beforeConnect?(connection: EventEmitter & { close(): void }): void;
}

/** As the driver's pool of one connection: a trial connection first, then the one that stays. */
export class ConnectionPool extends EventEmitter {
  readonly #config: Config;
  session: ServerSession | null = null;
  readonly double: Double;

  constructor(config: Config) {
    super();
    this.#config = config;
    this.double = doubleAt(config.server);
  }

  async connect(): Promise<this> {
    for (const isTrial of [true, false]) {
      const connection = Object.assign(new EventEmitter(), { close: () => undefined });
      this.#config.beforeConnect?.(connection);
      try {
        const session = this.double.login(this.#config);
        if (isTrial) this.double.logout(session);
        else this.session = session;
      } catch (error) {
        const { refusals } = error as Refused;
        for (const refusal of refusals ?? []) connection.emit('errorMessage', refusal);
        // The driver tells the last message only, and no number with it.
        throw Object.assign(new Error((error as Error).message), {
          code: refusals === undefined ? (error as { code?: string }).code : 'ELOGIN',
        });
      }
    }
    return this;
  }

  async close(): Promise<void> {
    if (this.session !== null) this.double.logout(this.session);
    this.session = null;
  }
}

export class Request extends EventEmitter {
  arrayRowMode = false;
  readonly #pool: ConnectionPool;
  readonly #values: unknown[] = [];

  constructor(pool: ConnectionPool) {
    super();
    this.#pool = pool;
  }

  input(name: string, _type: unknown, value: unknown): this {
    if (name !== `p${this.#values.length + 1}`) throw new Error(`Values are not in order: ${name}`);
    this.#values.push(value);
    return this;
  }

  async batch(text: string): Promise<unknown> {
    if (this.#values.length > 0) throw new Error('A batch takes no values');
    return this.#run(text);
  }

  async query(text: string): Promise<unknown> {
    return this.#run(text);
  }

  cancel(): void {
    throw new Error('The double ends no statement: each is done at once');
  }

  async #run(text: string): Promise<unknown> {
    const { session, double } = this.#pool;
    if (session === null) throw closed();
    try {
      const { rows, touched } = double.run(session, text, this.#values);
      const names = Object.keys(rows[0] ?? {});
      const recordset = Object.assign(
        rows.map((row) => names.map((name) => row[name])),
        { columns: names.map((name) => columnOf(name, rows)) },
      );
      const recordsets = names.length === 0 ? [] : [recordset];
      return { recordsets, recordset: recordsets[0], rowsAffected: [touched] };
    } catch (error) {
      const { refusals } = error as Refused;
      if (refusals === undefined) throw error;
      const [last, ...earlier] = [...refusals].reverse();
      const told = (refusal: Refused['refusals'][number] | undefined) =>
        Object.assign(new Error(refusal?.message), {
          code: 'EREQUEST',
          number: refusal?.number,
          class: refusal?.class,
        });
      throw Object.assign(told(last), { precedingErrors: earlier.map(told).reverse() });
    }
  }
}

/** Of the type that the server would give it: a whole number is an int, a truth a bit. */
function columnOf(name: string, rows: readonly Record<string, unknown>[]): IColumnMetadata[string] {
  const value = rows.map((row) => row[name]).find((one) => one !== null && one !== undefined);
  const type =
    typeof value === 'boolean'
      ? TYPES.Bit
      : typeof value === 'number'
        ? TYPES.Float
        : TYPES.NVarChar;
  return { name, type } as unknown as IColumnMetadata[string];
}
