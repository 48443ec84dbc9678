import { AsyncLocalStorage } from 'node:async_hooks';
import { type Readings, readingName } from '../bitemporal.ts';
import type { Column, ComparisonOptions, Side, TablePair } from '../engine.ts';
import { type ColumnOfResult, type Row, Session, type Table, type Value } from './connection.ts';
import { shownWithoutData } from './errors.ts';
import { placeOf, qualified } from './names.ts';
import type { SnowflakeOptions } from './options.ts';
import type { Sources } from './reading.ts';
import { createStore, isThere, type StorePlace } from './store-place.ts';

interface About {
  readonly comparison: ComparisonOptions;
  readonly options: SnowflakeOptions;
  /** Where temporary tables are made. */
  readonly ledger: StorePlace;
  readonly readings: Readonly<Record<Side, Readings>>;
}

/**
 * Where a comparison works: one session, in which statements run beside each other, and its temporary tables, which
 * stand in the ledger's schema and end with it. Neither side is written to.
 */
export class Workspace {
  readonly #about: About;
  /** Ends the statements of what runs inside `reading`. */
  readonly #signal = new AsyncLocalStorage<AbortSignal>();
  readonly #underWay = new Set<Promise<unknown>>();
  #session: Promise<Session> | undefined;
  #scratchTables = 0;

  constructor(about: About) {
    this.#about = about;
  }

  get parallel(): number {
    return this.#about.options.parallel;
  }

  /** Runs one statement and gives its only row. `about` goes into its comment. */
  async ask(about: string, statement: string, values: readonly Value[] = []): Promise<Row> {
    const [first] = await this.rows(about, statement, values);
    if (first === undefined) throw new Error(`No row from: ${about}`);
    return first;
  }

  async rows(about: string, statement: string, values: readonly Value[] = []): Promise<Row[]> {
    return rowsOf(await this.table(about, statement, values));
  }

  /** The rows of one query with the types of its columns. */
  table(about: string, statement: string, values: readonly Value[] = []): Promise<Table> {
    return this.#inSession((session, signal) =>
      session.table(commented(about, statement), values, { signal }),
    );
  }

  /** The same for what reads whole tables: the server goes on by itself, whatever the connection does. */
  askLater(about: string, statement: string): Promise<Row> {
    return this.#inSession(async (session, signal) => {
      const [row] = rowsOf(await session.later(commented(about, statement), [], { signal }));
      if (row === undefined) throw new Error(`No row from: ${about}`);
      return row;
    });
  }

  async runLater(about: string, statement: string, values: readonly Value[] = []): Promise<void> {
    await this.#inSession((session, signal) =>
      session.later(commented(about, statement), values, { signal }),
    );
  }

  async run(about: string, statement: string, values: readonly Value[] = []): Promise<void> {
    await this.table(about, statement, values);
  }

  /**
   * Runs `work`, which reads data: of its errors nobody sees values. When `signal` ends it, statements under way are ended
   * in the server and its reason is thrown.
   */
  async reading<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await (signal === undefined ? work() : this.#signal.run(signal, work));
    } catch (error) {
      signal?.throwIfAborted();
      throw shownWithoutData(error);
    }
  }

  /** A name for a temporary table, quoted, that nobody has. */
  scratchTable(): string {
    this.#scratchTables += 1;
    const { database, schema } = this.#about.ledger;
    return qualified(database, schema, `GREENLIGHT_SCRATCH_${this.#scratchTables}`);
  }

  /** The store's table, as SQL. */
  stored(table: string): string {
    if (this.#about.comparison.store === null) throw new Error('This comparison records nothing');
    const { database, schema } = this.#about.ledger;
    return qualified(database, schema, storedName(table));
  }

  sources({ schema, name, mode }: TablePair): Sources {
    return {
      old: this.relation('old', schema, name),
      new: this.relation('new', schema, name),
      mode,
    };
  }

  /** For a FROM clause: a table or view, or what is read instead of it. */
  relation(side: Side, schema: string, name: string): string {
    const reading = this.#about.readings[side].get(readingName(schema, name));
    if (reading !== undefined) return reading;
    const place = placeOf(this.#about.comparison[side]);
    // A release's schemas have names of their own where live is a schema.
    return qualified(place.database, place.schema ?? schema, name);
  }

  /** The columns of a relation, as the server would give its rows. */
  async columnsOf(side: Side, schema: string, name: string): Promise<Column[]> {
    const { columns } = await this.table(
      `look at the columns of ${schema}.${name}`,
      `SELECT * FROM ${this.relation(side, schema, name)} AS one LIMIT 0`,
    );
    return columns.map((column) => ({ name: column.name, type: typeOfResult(column) }));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await (await this.#session?.catch(() => undefined))?.close();
  }

  #inSession<T>(
    work: (session: Session, signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> {
    const signal = this.#signal.getStore();
    const done = this.#open().then((session) => {
      signal?.throwIfAborted();
      return work(session, signal);
    });
    this.#underWay.add(done);
    const forget = () => this.#underWay.delete(done);
    done.then(forget, forget);
    return done;
  }

  #open(): Promise<Session> {
    const { options, ledger, comparison } = this.#about;
    this.#session ??= Session.open(options, { purpose: comparison.purpose }).then(
      async (session) => {
        if (!(await isThere(session, ledger))) await createStore(session, ledger);
        return session;
      },
    );
    return this.#session;
  }
}

/** The server throws comments away that stand before a statement; those within it are kept for the query history. */
function commented(about: string, statement: string): string {
  const comment = `/* ${about.replaceAll('*/', '* /').replaceAll('/*', '/ *')} */`;
  return statement.replace(/^\s*(\w+)/, (word) => `${word} ${comment}`);
}

/** A name that our SQL writes without quotes comes back in upper case. */
export function rowsOf({ columns, rows }: Table): Row[] {
  const names = columns.map(({ name }) => (/^[A-Z0-9_]+$/.test(name) ? name.toLowerCase() : name));
  return rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at] ?? null])));
}

/** What people write without quotes is upper case in Snowflake; other names of the store stay as they are. */
export function storedName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name.toUpperCase() : name;
}

/** In SQL's words what the protocol says of a column. */
export function typeOfResult({ type, precision, scale }: ColumnOfResult): string {
  switch (type.toLowerCase()) {
    case 'fixed':
      return `NUMBER(${precision ?? 38},${scale ?? 0})`;
    case 'real':
      return 'FLOAT';
    case 'text':
      return 'VARCHAR';
    default:
      return type.toUpperCase();
  }
}
