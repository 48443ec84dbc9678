import { AsyncLocalStorage } from 'node:async_hooks';
import type { DuckDBValue } from '@duckdb/node-api';
import { messageOf } from '../../errors.ts';
import { patiently } from '../../patiently.ts';
import type { BitemporalReading, Location, Side, TablePair } from '../engine.ts';
import { sqlComment } from '../sql.ts';
import { readingOf } from './bitemporal.ts';
import type { ComparedBlocks } from './blocks.ts';
import {
  bytesOf,
  bytesPerThread,
  type Connection,
  type Duckdb,
  inMemory,
  quote,
  type Row,
  storePatienceMs,
  toNumber,
} from './connection.ts';
import { explainMemory, withoutData } from './errors.ts';
import { type Portions, usualPortions } from './portions.ts';
import { attached } from './reading.ts';
import type { Sources } from './values.ts';

interface About {
  readonly blocks: ComparedBlocks | null;
  readonly readings: Readonly<Record<Side, readonly BitemporalReading[]>>;
  readonly store: Location | null;
  readonly purpose: string;
  readonly portions?: Portions;
}

type PeculiarTables = Readonly<Record<'collated' | 'shadowed' | 'computed', ReadonlySet<string>>>;

/**
 * Where a comparison works: both databases attached for reading to one instance in memory, the connections to it, and
 * the tables that hold rows for a while.
 */
export class Workspace {
  readonly threads: number;
  /** Bytes that DuckDB may use. */
  readonly memoryLimit: number;
  readonly portions: Portions;
  /** What both files share; null when that is not known, or not asked for. */
  readonly blocks: ComparedBlocks | null;
  readonly #duckdb: Duckdb;
  readonly #store: Location | null;
  readonly #purpose: string;
  /** Ends the statements of what runs inside `abortable`. */
  readonly #signal = new AsyncLocalStorage<AbortSignal>();
  readonly #idle: Connection[] = [];
  readonly #waiting: ((connection: Connection) => void)[] = [];
  readonly #underWay = new Set<Promise<unknown>>();
  #opened = 0;
  /** Parts of the work that run on the threads of those who ask, and what makes DuckDB's own threads rest. */
  #narrow = 0;
  #narrowing: Promise<void> | undefined;
  #scratchTables = 0;
  #differentBlocks: Promise<string> | undefined;
  #peculiarTables: Promise<PeculiarTables> | undefined;
  #storeQueue: Promise<unknown> = Promise.resolve();
  #joins: Promise<unknown> = Promise.resolve();
  readonly #answers = new Map<string, Promise<Row>>();
  readonly #readings: About['readings'];
  /** Side and view (or part of a table) -> the table in memory that holds its rows for the length of the session. */
  readonly #viewRows = new Map<string, Promise<string>>();

  private constructor(
    duckdb: Duckdb,
    { threads, memory }: { readonly threads: number; readonly memory: number },
    { blocks, readings, store, purpose, portions = usualPortions }: About,
  ) {
    this.#duckdb = duckdb;
    this.threads = threads;
    this.memoryLimit = memory;
    this.blocks = blocks;
    this.#readings = readings;
    this.#store = store;
    this.#purpose = purpose;
    this.portions = portions;
  }

  /** `duckdb` has both sides attached; it is closed with the workspace. */
  static async open(duckdb: Duckdb, about: About): Promise<Workspace> {
    const { threads, memory } = await duckdb.row(
      "SELECT current_setting('threads') AS threads, current_setting('memory_limit') AS memory",
    );
    return new Workspace(
      duckdb,
      { threads: toNumber(threads), memory: bytesOf(String(memory)) ?? Number.POSITIVE_INFINITY },
      about,
    );
  }

  /** Runs one statement on a connection of its own and gives its only row. `about` goes into its comment. */
  ask(about: string, statement: string, values: readonly DuckDBValue[] = []): Promise<Row> {
    return this.#borrow((connection) => connection.row(this.#comment(about) + statement, values));
  }

  /** The same, for a statement that several ask for: it runs once in a session, unless it fails. */
  askOnce(about: string, statement: string): Promise<Row> {
    const known = this.#answers.get(statement);
    if (known !== undefined) return known;
    const asked = this.ask(about, statement);
    this.#answers.set(statement, asked);
    asked.catch(() => this.#answers.delete(statement));
    return asked;
  }

  rows(about: string, statement: string, values: readonly DuckDBValue[] = []): Promise<Row[]> {
    return this.#borrow((connection) => connection.rows(this.#comment(about) + statement, values));
  }

  run(about: string, statement: string, values: readonly DuckDBValue[] = []): Promise<void> {
    return this.#borrow((connection) => connection.run(this.#comment(about) + statement, values));
  }

  /** One statement a piece, as many at a time as DuckDB has threads: a positional join uses one thread only. */
  each<T>(
    pieces: readonly T[],
    about: string,
    statement: (piece: T) => string,
    take: (row: Row, piece: T) => void,
  ): Promise<void> {
    const work = () => this.#each(this.threads, pieces, about, statement, take);
    return pieces.length < this.threads ? work() : this.#onCallersThreads(work);
  }

  /** The same, one after the other: a join uses all threads, and a large part of the memory. */
  async oneByOne<T>(
    pieces: readonly T[],
    about: string,
    statement: (piece: T) => string,
    take: (row: Row, piece: T) => void,
  ): Promise<void> {
    for (const piece of pieces)
      take(await this.#joining(() => this.ask(about, statement(piece))), piece);
  }

  /** A statement that joins, and gives nothing. */
  runJoin(about: string, statement: string): Promise<void> {
    return this.#joining(() => this.run(about, statement));
  }

  /** Where memory is scarce, the tables that are compared at the same time join in turn. */
  #joining<T>(work: () => Promise<T>): Promise<T> {
    if (this.memoryLimit >= this.threads * bytesPerThread) return work();
    const done = this.#joins.then(work);
    this.#joins = done.catch(() => undefined);
    return done;
  }

  /**
   * Each statement runs in the thread that asks for it, and DuckDB's own threads rest: a statement of one thread that
   * they hand to each other takes a fifth more time.
   */
  async #onCallersThreads<T>(work: () => Promise<T>): Promise<T> {
    // To end DuckDB's threads waits for what they do; it would be something large.
    if (this.#narrow === 0 && (this.#underWay.size > 0 || this.threads === 1)) return work();
    this.#narrow += 1;
    try {
      this.#narrowing ??= this.#setThreads(1);
      await this.#narrowing;
      return await work();
    } finally {
      this.#narrow -= 1;
      if (this.#narrow === 0) {
        this.#narrowing = undefined;
        // Also after an abort: others go on with this workspace.
        await this.#signal.exit(() => this.#setThreads(this.threads));
      }
    }
  }

  #setThreads(count: number): Promise<void> {
    return this.run('share the processors', `SET GLOBAL threads = ${count}`);
  }

  async #each<T>(
    most: number,
    pieces: readonly T[],
    about: string,
    statement: (piece: T) => string,
    take: (row: Row, piece: T) => void,
  ): Promise<void> {
    const queue = [...pieces];
    const work = async () => {
      for (let piece = queue.shift(); piece !== undefined; piece = queue.shift()) {
        take(await this.ask(about, statement(piece)), piece);
      }
    };
    await Promise.all(Array.from({ length: Math.min(most, pieces.length) }, work));
  }

  /** The table of the numbers of the blocks that differ. */
  differentBlocks({ different }: ComparedBlocks): Promise<string> {
    this.#differentBlocks ??= (async () => {
      const table = this.scratchTable();
      const numbers = different.map((block) => `(${block})`).join(', ');
      await this.run('note which blocks differ', `CREATE TABLE ${table} (block BIGINT)`);
      if (different.length > 0) {
        await this.run('note which blocks differ', `INSERT INTO ${table} VALUES ${numbers}`);
      }
      return table;
    })();
    return this.#differentBlocks;
  }

  /** Runs `work`; when `signal` ends it, statements under way are interrupted and its reason is thrown. */
  async abortable<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    if (signal === undefined) return work();
    try {
      return await this.#signal.run(signal, work);
    } catch (error) {
      // Whatever an interrupted statement says.
      signal.throwIfAborted();
      throw error;
    }
  }

  /** A name for a table in memory, quoted, that nobody has. */
  scratchTable(): string {
    this.#scratchTables += 1;
    return `${quote(inMemory)}.main.${quote(`scratch ${this.#scratchTables}`)}`;
  }

  /** The store is open for moments only: other steps, and `status`, want it as well. One table at a time. */
  withStore<T>(work: () => Promise<T>): Promise<T> {
    const store = this.#store;
    if (store === null) throw new Error('This comparison records nothing');
    const inTurn = async () => {
      await patiently(storePatienceMs, () => this.#duckdb.attach(store, attached.store, 'write'));
      try {
        return await work();
      } finally {
        await this.#duckdb.run(`DETACH ${quote(attached.store)}`);
      }
    };
    const done = this.#storeQueue.then(inTurn);
    this.#storeQueue = done.catch(() => undefined);
    return done;
  }

  async sources(pair: TablePair): Promise<Sources> {
    const { schema, name } = pair;
    const relations = {
      old: await this.relation('old', schema, name, pair.oldKind),
      new: await this.relation('new', schema, name, pair.newKind),
    };
    const { collated, shadowed, computed } = await this.#peculiar();
    const named = JSON.stringify([schema, name]);
    const columns = pair.columns.map((column) => column.name.toLowerCase());
    return {
      ...relations,
      isStored: this.readsStored(pair) && !computed.has(named),
      hasRowid: !shadowed.has(named) && !columns.includes('rowid'),
      // What a view gives keeps the collation of what it reads, or has one of its own.
      collated: collated.has(named) || !this.readsStored(pair),
      mode: pair.mode,
      key: pair.key,
    };
  }

  /** Tables with a collation, with columns that are not stored, and with one that hides DuckDB's own row number. */
  #peculiar(): Promise<PeculiarTables> {
    this.#peculiarTables ??= (async () => {
      const rows = await this.rows(
        'look for peculiar tables',
        `SELECT 'collated' AS what, schema_name, table_name FROM duckdb_tables() WHERE sql ILIKE '%COLLATE%'
         UNION ALL SELECT 'computed', schema_name, table_name FROM duckdb_tables() WHERE sql ILIKE '% GENERATED ALWAYS AS%'
         UNION ALL SELECT 'shadowed', schema_name, table_name FROM duckdb_columns() WHERE lower(column_name) = 'rowid'`,
      );
      const of = (what: string) =>
        new Set(
          rows
            .filter((row) => row.what === what)
            .map((row) => JSON.stringify([row.schema_name, row.table_name])),
        );
      return { collated: of('collated'), shadowed: of('shadowed'), computed: of('computed') };
    })();
    return this.#peculiarTables;
  }

  /**
   * A table is read where it is. The rows of a view, or of a part of a table, are taken once, so that every statement
   * sees the same ones, with the view's own database as the default one, because macros in it are looked up there.
   */
  async relation(
    side: Side,
    schema: string,
    name: string,
    kind: 'table' | 'view',
  ): Promise<string> {
    const reading = this.#readingOf(side, schema, name);
    if (kind === 'table' && reading === undefined)
      return `${quote(attached[side])}.${quote(schema)}.${quote(name)}`;
    const id = JSON.stringify([side, schema, name]);
    const select =
      reading === undefined ? `SELECT * FROM ${quote(schema)}.${quote(name)}` : readingOf(reading);
    const known =
      this.#viewRows.get(id) ?? this.#takeRows(side, `take the rows of ${schema}.${name}`, select);
    this.#viewRows.set(id, known);
    return known;
  }

  /** Whether both sides are read as they are stored. */
  readsStored({ schema, name, oldKind, newKind }: TablePair): boolean {
    return (
      oldKind === 'table' &&
      newKind === 'table' &&
      this.#readingOf('old', schema, name) === undefined &&
      this.#readingOf('new', schema, name) === undefined
    );
  }

  #readingOf(side: Side, schema: string, name: string): BitemporalReading | undefined {
    return this.#readings[side].find((one) => one.schema === schema && one.name === name);
  }

  async #takeRows(side: Side, about: string, select: string): Promise<string> {
    const table = this.scratchTable();
    const comment = this.#comment(about);
    await this.#borrow(async (connection) => {
      await connection.run(`USE ${quote(attached[side])}`);
      try {
        await connection.run(`${comment}CREATE TABLE ${table} AS ${select}`);
      } catch (error) {
        throw new Error(withoutData(messageOf(error)));
      } finally {
        await connection.run(`USE ${quote(inMemory)}`);
      }
    });
    return table;
  }

  async forgetView(schema: string, name: string): Promise<void> {
    for (const side of ['old', 'new'] as const) {
      const id = JSON.stringify([side, schema, name]);
      const table = await this.#viewRows.get(id)?.catch(() => undefined);
      this.#viewRows.delete(id);
      if (table !== undefined)
        await this.run(`forget view ${schema}.${name}`, `DROP TABLE ${table}`);
    }
  }

  /** Waits for statements that are still being interrupted. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    this.#duckdb.close();
  }

  #borrow<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const done = this.#useConnection(work);
    this.#underWay.add(done);
    const forget = () => this.#underWay.delete(done);
    done.then(forget, forget);
    return done;
  }

  async #useConnection<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.#freeConnection();
    const signal = this.#signal.getStore();
    const interrupt = () => connection.interrupt();
    try {
      signal?.throwIfAborted();
      signal?.addEventListener('abort', interrupt);
      return await work(connection);
    } catch (error) {
      throw explainMemory(error);
    } finally {
      signal?.removeEventListener('abort', interrupt);
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(connection);
      else next(connection);
    }
  }

  /** Two connections more than threads: small questions need not wait for the long statements. */
  async #freeConnection(): Promise<Connection> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#opened < this.threads + 2) {
      this.#opened += 1;
      return this.#duckdb.parallel();
    }
    return new Promise((free) => this.#waiting.push(free));
  }

  #comment(about: string): string {
    return sqlComment(`${this.#purpose}: ${about}`);
  }
}
