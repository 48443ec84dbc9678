import { GreenlightError } from '../../errors.ts';
import type { BitemporalReading, ComparisonOptions, Location, Side } from '../engine.ts';
import { LanePool } from '../lane-pool.ts';
import { list, sqlComment } from '../sql.ts';
import { readingOf } from './bitemporal.ts';
import { carryRows } from './carrying.ts';
import { type Row, Session, type Value } from './connection.ts';
import { explain, numberOf, withoutData } from './errors.ts';
import { databaseOf, qualified, quote } from './names.ts';
import type { SqlserverOptions } from './options.ts';
import { readServer } from './server.ts';
import { columnsOfRelation, encrypted, stored, type Type, typeOf } from './types.ts';
import { hiddenBy, requireVisible } from './visible.ts';

/** Tables at a time, each in a session of its own; a statement may take several processors by itself. */
const usualLanes = 2;

/**
 * Where a comparison works: in temporary tables of a few sessions, in each of which one pair is worked on at a time.
 * Both sides are named by their databases, so that the server joins them; neither is written to.
 */
export class Workshop {
  readonly parallel: number;
  readonly databases: Readonly<Record<Side, string>>;
  readonly options: SqlserverOptions;
  readonly purpose: string;
  readonly readings: Readonly<Record<Side, readonly BitemporalReading[]>>;
  readonly store: Location | null;
  /** False: the server joins no databases, as Azure SQL Database does; then `workSide` is where rows meet. */
  readonly joins: boolean;
  readonly workSide: Side;
  readonly #lanes: LanePool<Lane>;

  private constructor(
    { old, new: candidate, store, purpose, readings }: ComparisonOptions,
    workSide: Side,
    options: SqlserverOptions,
    joins: boolean,
  ) {
    this.databases = { old: databaseOf(old), new: databaseOf(candidate) };
    this.workSide = workSide;
    this.options = options;
    this.purpose = purpose;
    this.readings = readings ?? { old: [], new: [] };
    this.store = store;
    this.joins = joins;
    this.parallel = options.parallel ?? usualLanes;
    this.#lanes = new LanePool(this.parallel, () => new Lane(this));
  }

  static async open(
    comparison: ComparisonOptions,
    workSide: Side,
    options: SqlserverOptions,
  ): Promise<Workshop> {
    const at = workSide === 'old' ? comparison.old : comparison.new;
    const { purpose } = comparison;
    const { kind } = await Session.use(at, options, { purpose }, readServer);
    return new Workshop(comparison, workSide, options, kind !== 'azure');
  }

  laneOf(schema: string, name: string): Lane {
    return this.#lanes.laneOf(schema, name);
  }

  anyLane(): Lane {
    return this.#lanes.anyLane();
  }

  async forget(schema: string, name: string): Promise<void> {
    const lane = this.#lanes.forget(schema, name);
    await lane?.use(undefined, () => lane.forget(schema, name));
  }

  async close(): Promise<void> {
    await this.#lanes.close();
  }
}

/** One session, and the temporary tables in it. */
export class Lane {
  readonly workshop: Workshop;
  /** How much is under way or waits. */
  busy = 0;
  #session: Promise<Session> | undefined;
  /** Of what is under way: its statements are cancelled with it. */
  #signal: AbortSignal | undefined;
  #scratchTables = 0;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #types = new Map<string, Promise<Map<string, Type>>>();
  /** Rows that are read from a table of ours, because what they come from could give others the next time. */
  readonly #taken = new Map<string, Promise<string>>();

  /** Tables of which nothing is hidden. */
  readonly #visible = new Set<string>();

  constructor(workshop: Workshop) {
    this.workshop = workshop;
  }

  /**
   * One at a time. When `signal` ends it, the statement under way is cancelled and its reason is thrown. What else goes
   * wrong is told without values of the data.
   */
  async use<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    this.busy += 1;
    const done = this.#turn.then(async () => {
      signal?.throwIfAborted();
      this.#signal = signal;
      try {
        return await work();
      } finally {
        this.#signal = undefined;
      }
    });
    this.#turn = done.catch(() => undefined);
    try {
      return await done;
    } catch (error) {
      signal?.throwIfAborted();
      throw shownWithoutData(error, this.workshop.databases[this.workshop.workSide]);
    } finally {
      this.busy -= 1;
    }
  }

  async ask(about: string, statement: string, values: readonly Value[] = []): Promise<Row> {
    const [first] = await this.rows(about, statement, values);
    if (first === undefined) throw new Error(`No row from: ${about}`);
    return first;
  }

  async rows(about: string, statement: string, values: readonly Value[] = []): Promise<Row[]> {
    const session = await this.session();
    return session.rows(sqlComment(about) + statement, values, this.#signal);
  }

  /** A statement with values leaves no temporary table behind. */
  async run(about: string, statement: string, values: readonly Value[] = []): Promise<void> {
    const session = await this.session();
    await session.run(sqlComment(about) + statement, values, this.#signal);
  }

  /** A name for a temporary table, quoted, that nobody has. */
  scratchTable(): string {
    this.#scratchTables += 1;
    return quote(`#greenlight ${this.#scratchTables}`);
  }

  /** Behind a statement that reads tables whole. */
  get hint(): string {
    const { maxdop } = this.workshop.options;
    return maxdop === null ? '' : ` OPTION (MAXDOP ${maxdop})`;
  }

  /** In `tempdb`, whose collation and settings no release changes; in a database of Azure, in that of the work. */
  session(): Promise<Session> {
    const { joins, databases, workSide, options, purpose } = this.workshop;
    this.#session ??= Session.open(joins ? 'tempdb' : databases[workSide], options, { purpose });
    return this.#session;
  }

  // Relations ---------------------------------------------------------------------------------------

  /** Name -> type, of the columns of a relation, those that are hidden as well. */
  columnTypes(side: Side, schema: string, name: string): Promise<Map<string, Type>> {
    const id = JSON.stringify([side, schema, name]);
    const known = this.#types.get(id) ?? this.#readTypes(side, schema, name);
    this.#types.set(id, known);
    return known;
  }

  async #readTypes(side: Side, schema: string, name: string): Promise<Map<string, Type>> {
    const statement = columnsOfRelation(this.workshop.databases[side], schema, name);
    const rows = await this.#onSide(side, (session) => session.rows(statement, [], this.#signal));
    return new Map(rows.map((row) => [String(row.name), typeOf(row)]));
  }

  /**
   * As it stands after FROM. A table is read where it is; the rows of a view, or of a part of a table, are taken once, so
   * that every statement sees the same ones.
   */
  async relation(
    side: Side,
    schema: string,
    name: string,
    kind: 'table' | 'view',
  ): Promise<string> {
    const { databases, readings, joins, workSide } = this.workshop;
    const reading = readings[side].find((one) => one.schema === schema && one.name === name);
    const table = qualified(databases[side], schema, name);
    const isHere = joins || side === workSide;
    if (kind === 'table') await this.#requireVisible(side, schema, name);
    if (kind === 'table' && reading === undefined && isHere) return table;
    const id = JSON.stringify([side, schema, name]);
    const known = this.#taken.get(id) ?? this.#take(side, schema, name, reading);
    this.#taken.set(id, known);
    return known;
  }

  async #requireVisible(side: Side, schema: string, name: string): Promise<void> {
    const id = JSON.stringify([side, schema, name]);
    if (this.#visible.has(id)) return;
    const database = this.workshop.databases[side];
    const count = `SELECT COUNT_BIG(*) AS counted FROM ${qualified(database, schema, name)} AS one`;
    await this.#onSide(side, async (session) => {
      const [found] = await session.rows(hiddenBy(database, schema, name), [], this.#signal);
      await requireVisible(
        found,
        `${schema}.${name}`,
        async () => (await session.row(count, [], this.#signal)).counted,
      );
    });
    this.#visible.add(id);
  }

  async #take(
    side: Side,
    schema: string,
    name: string,
    reading: BitemporalReading | undefined,
  ): Promise<string> {
    const all = [...(await this.columnTypes(side, schema, name))];
    const types = all.filter(([, type]) => type !== encrypted);
    const table = qualified(this.workshop.databases[side], schema, name);
    const names = types.map(([own]) => own);
    const from = reading === undefined ? table : `(${readingOf(reading, table, names)})`;
    const about = `take the rows of ${schema}.${name}`;
    const target = this.scratchTable();
    if (this.workshop.joins || side === this.workshop.workSide) {
      const columns = list(
        types,
        ([own, type]) => `${stored(`one.${quote(own)}`, type)} AS ${quote(own)}`,
      );
      await this.run(about, `SELECT ${columns} INTO ${target} FROM ${from} AS one${this.hint}`);
      return target;
    }
    const worker = await this.session();
    await this.#onSide(side, (reader) =>
      carryRows(reader, worker, { about, from, target, types, signal: this.#signal }),
    );
    return target;
  }

  /** On the session of the work, where that reaches the side. */
  async #onSide<T>(side: Side, work: (session: Session) => Promise<T>): Promise<T> {
    const { joins, workSide, databases, options, purpose } = this.workshop;
    if (joins || side === workSide) return work(await this.session());
    return Session.use(databases[side], options, { purpose }, work);
  }

  async forget(schema: string, name: string): Promise<void> {
    for (const side of ['old', 'new'] as const) {
      const id = JSON.stringify([side, schema, name]);
      this.#types.delete(id);
      const table = await this.#taken.get(id)?.catch(() => undefined);
      this.#taken.delete(id);
      if (table !== undefined) await this.run(`forget ${schema}.${name}`, `DROP TABLE ${table}`);
    }
  }

  // The store ---------------------------------------------------------------------------------------

  /**
   * All or nothing of the work is in the store. It gets a session, and the relation in that session's reach that holds
   * the rows of `select`.
   */
  async withStore<T>(
    about: string,
    select: { readonly sql: string; readonly columns: readonly (readonly [string, Type])[] },
    work: (session: Session, rows: string, database: string) => Promise<T>,
  ): Promise<T> {
    const { store, joins, options, purpose } = this.workshop;
    if (store === null) throw new Error('This comparison records nothing');
    const own = await this.session();
    const database = databaseOf(store);
    if (joins) return own.transaction(() => work(own, `(${select.sql})`, database));
    return Session.use(database, options, { purpose }, async (session) => {
      const target = quote('#greenlight rows');
      const from = `(${select.sql})`;
      const types = select.columns;
      await carryRows(own, session, { about, from, target, types, signal: undefined });
      return session.transaction(() => work(session, target, database));
    });
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#session?.then((open) => open.close()).catch(() => undefined);
  }
}

/** What SQL Server said of a statement that read data, without the data. */
function shownWithoutData(error: unknown, database: string): unknown {
  const told = explain(error, database);
  if (told instanceof GreenlightError || numberOf(told) === null) return told;
  return new Error(withoutData(told));
}
