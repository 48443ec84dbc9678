import { availableParallelism } from 'node:os';
import { type Readings, readingName } from '../bitemporal.ts';
import type { ComparisonOptions, Location, Side } from '../engine.ts';
import { LanePool } from '../lane-pool.ts';
import { sqlComment } from '../sql.ts';
import { type Row, Session, type Table, type Value } from './connection.ts';
import { explain, stateOf, withoutData } from './errors.ts';
import type { Workspace } from './gathered.ts';
import { literal, type Place, quote } from './names.ts';
import type { PostgresOptions } from './options.ts';
import { optionsAt } from './servers.ts';
import { storePlaceOf } from './store-place.ts';
import { columnsOfRelation, type Type, type TypeRow, typeOf, typesWithParts } from './types.ts';
import { createJson } from './values.ts';

/** More pairs at a time would take more of the server than a release may. */
const mostLanes = 4;

/** How many pairs are worked on at a time. */
export const lanesHere = Math.max(1, Math.min(mostLanes, availableParallelism()));

/** Two readers and a worker a lane; the two that hold the instants, the store and its hold. */
export const mostSessions = 3 * lanesHere + 4;

export type Sides = Pick<Workshop, 'places' | 'workSide' | 'versions'>;

/**
 * Where a comparison works: one instant of each side, and a few lanes in each of which one pair is worked on at a time.
 * Nothing is written but temporary tables in sessions on one side, `workSide`.
 */
export class Workshop {
  readonly parallel = lanesHere;
  readonly places: Readonly<Record<Side, Place>>;
  readonly workSide: Side;
  /** Of both servers; null: they are one. */
  readonly versions: Readonly<Record<Side, number>> | null;
  readonly #options: PostgresOptions;
  readonly #purpose: string;
  readonly #readings: Readonly<Record<Side, Readings>>;
  readonly #keepers: Partial<Record<Side, Promise<Keeper>>> = {};
  readonly #lanes = new LanePool(this.parallel, () => new Lane(this, this.#purpose));
  readonly #store: Location | null;

  constructor(
    { store, purpose }: ComparisonOptions,
    { places, workSide, versions }: Sides,
    options: PostgresOptions,
    readings: Readonly<Record<Side, Readings>>,
  ) {
    this.#readings = readings;
    this.workSide = workSide;
    this.places = places;
    this.versions = versions;
    this.#options = options;
    this.#purpose = purpose;
    this.#store = store;
  }

  laneOf(schema: string, name: string): Lane {
    return this.#lanes.laneOf(schema, name);
  }

  forget(schema: string, name: string): void {
    this.#lanes.forget(schema, name);
  }

  anyLane(): Lane {
    return this.#lanes.anyLane();
  }

  /** All or nothing of it is in the store. */
  async withStore<T>(work: (store: Session) => Promise<T>): Promise<T> {
    if (this.#store === null) throw new Error('This comparison records nothing');
    const { database, schema } = storePlaceOf(this.#store);
    const about = { purpose: this.#purpose, searchPath: [schema] };
    return Session.use(database, this.#options, about, (store) =>
      store.transaction(() => work(store)),
    );
  }

  /** For a FROM clause, with AS: a table, or what is read instead of it. */
  relation(side: Side, schema: string, name: string): string {
    const reading = this.#readings[side].get(readingName(schema, name));
    if (reading !== undefined) return reading;
    return this.table(side, schema, name);
  }

  /** Both sides as they stand. */
  isReadWhole(schema: string, name: string): boolean {
    const id = readingName(schema, name);
    return !this.#readings.old.has(id) && !this.#readings.new.has(id);
  }

  /** Quoted. A release's schemas have names of their own where live is a schema. */
  table(side: Side, schema: string, name: string): string {
    return `${quote(this.places[side].schema ?? schema)}.${quote(name)}`;
  }

  /** One statement can read both sides. */
  get isOneDatabase(): boolean {
    const { places, versions } = this;
    return versions === null && places.old.database === places.new.database;
  }

  /** How the server of this side is reached. */
  optionsOf(side: Side): PostgresOptions {
    return optionsAt(this.#options, this.places[side]);
  }

  /** From here on both sides are read as they are now. */
  async begin(): Promise<void> {
    try {
      await Promise.all([this.keeper('old'), this.keeper('new')]);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** The instant at which this side is read, for all of its sessions. */
  keeper(side: Side): Promise<Keeper> {
    if (this.isOneDatabase && side !== this.workSide) return this.keeper(this.workSide);
    this.#keepers[side] ??= Keeper.open(
      this.places[side].database,
      this.optionsOf(side),
      this.#purpose,
    );
    return this.#keepers[side];
  }

  async close(): Promise<void> {
    await this.#lanes.close();
    for (const keeper of Object.values(this.#keepers))
      await keeper.then((open) => open.close()).catch(() => undefined);
  }
}

/** Holds the instant at which a side is read; it locks no table. */
class Keeper {
  readonly #session: Session;
  readonly snapshot: string;

  private constructor(session: Session, snapshot: string) {
    this.#session = session;
    this.snapshot = snapshot;
  }

  static async open(database: string, options: PostgresOptions, purpose: string): Promise<Keeper> {
    const session = await Session.open(database, options, {
      purpose: `${purpose}: hold one instant`,
      readOnly: true,
    });
    try {
      await session.run('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      const { snapshot } = await session.row('SELECT pg_export_snapshot() AS snapshot');
      return new Keeper(session, String(snapshot));
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

/** Three sessions: one reads the old side, one the new side, and one works in temporary tables. */
export class Lane implements Workspace {
  readonly workshop: Workshop;
  /** How much is under way or waits. */
  busy = 0;
  readonly #purpose: string;
  readonly #readers: Partial<Record<Side, Promise<Session>>> = {};
  #worker: Promise<Session> | undefined;
  /** Of what is under way: no statement begins after it. */
  #signal: AbortSignal | undefined;
  #hasJson = false;
  #scratchTables = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #statement: Promise<unknown> = Promise.resolve();
  readonly #types: Record<Side, Map<string, TypeRow>> = { old: new Map(), new: new Map() };

  constructor(workshop: Workshop, purpose: string) {
    this.workshop = workshop;
    this.#purpose = purpose;
  }

  /**
   * One at a time. When `signal` ends it, the statements under way are cancelled and its reason is thrown. What else goes
   * wrong is told without values of the data.
   */
  async use<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    this.busy += 1;
    const done = this.#turn.then(() => this.#abortable(signal, work));
    this.#turn = done.catch(() => undefined);
    try {
      return await done;
    } catch (error) {
      throw explained(error, this.workshop.places[this.workshop.workSide].database);
    } finally {
      this.busy -= 1;
    }
  }

  async #abortable<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    this.#signal = signal;
    let cancelled: Promise<unknown> = Promise.resolve();
    const cancel = () => {
      cancelled = this.#cancel();
    };
    signal?.addEventListener('abort', cancel, { once: true });
    const tablesBefore = this.#scratchTables;
    let hasFailed = false;
    try {
      return await work();
    } catch (error) {
      hasFailed = true;
      // Whatever a cancelled statement says.
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', cancel);
      // The next statement must not be hit by it.
      await cancelled;
      this.#signal = undefined;
      if (hasFailed) await this.#dropScratchTables(tablesBefore);
    }
  }

  /** What failed in between is told to nobody who could drop its tables. */
  async #dropScratchTables(before: number): Promise<void> {
    const left = Array.from({ length: this.#scratchTables - before }, (_, at) =>
      scratchName(before + at + 1),
    );
    if (left.length === 0 || this.#worker === undefined) return;
    await this.run('drop what is left', `DROP TABLE IF EXISTS ${left.join(', ')}`).catch(
      () => undefined,
    );
  }

  /** @throws the reason of the signal that has ended what is under way. */
  goOn(): void {
    this.#signal?.throwIfAborted();
  }

  async #cancel(): Promise<void> {
    const sessions = [this.#readers.old, this.#readers.new, this.#worker];
    await Promise.allSettled(sessions.map(async (session) => (await session)?.cancel()));
  }

  // The worker ------------------------------------------------------------------------------------

  async ask(about: string, statement: string, values: readonly Value[] = []): Promise<Row> {
    const [first] = await this.rows(about, statement, values);
    if (first === undefined) throw new Error(`No row from: ${about}`);
    return first;
  }

  rows(about: string, statement: string, values: readonly Value[] = []): Promise<Row[]> {
    return this.#inTurn(async (worker) => worker.rows(this.#comment(about) + statement, values));
  }

  async run(about: string, statement: string, values: readonly Value[] = []): Promise<void> {
    await this.#inTurn(async (worker) => worker.run(this.#comment(about) + statement, values));
  }

  /** All or nothing, at the instant of its own side. Rows that it wrote at another instant are not seen. */
  async runAtInstant(about: string, statements: readonly string[]): Promise<void> {
    const { snapshot } = await this.workshop.keeper(this.workshop.workSide);
    await this.#inTurn((worker) =>
      worker.transaction(async () => {
        await worker.run(atInstant(snapshot));
        for (const statement of statements) {
          this.goOn();
          await worker.run(this.#comment(about) + statement);
        }
      }, 'ISOLATION LEVEL REPEATABLE READ'),
    );
  }

  /** The rows of one query with the types of its columns. */
  table(about: string, statement: string): Promise<Table> {
    return this.#inTurn(async (worker) => worker.table(this.#comment(about) + statement));
  }

  scratchTable(): string {
    this.#scratchTables += 1;
    return scratchName(this.#scratchTables);
  }

  worker(): Promise<Session> {
    const { places, workSide } = this.workshop;
    const about = { purpose: this.#purpose };
    this.#worker ??= Session.open(
      places[workSide].database,
      this.workshop.optionsOf(workSide),
      about,
    ).then(async (session) => {
      await session.run(`SET jit = off; SET row_security = off; SET work_mem = '64MB'`);
      return session;
    });
    return this.#worker;
  }

  /** Makes the function that gives the content of a JSON text. */
  async provideJson(): Promise<void> {
    if (this.#hasJson) return;
    await this.run('provide for JSON', createJson);
    this.#hasJson = true;
  }

  async #inTurn<T>(work: (worker: Session) => Promise<T>): Promise<T> {
    const worker = await this.worker();
    const done = this.#statement.then(() => {
      this.goOn();
      return work(worker);
    });
    this.#statement = done.catch(() => undefined);
    return done;
  }

  // The readers -----------------------------------------------------------------------------------

  /** In a transaction at the side's instant. */
  async read<T>(
    side: Side,
    kind: 'table' | 'view',
    work: (reader: Session) => Promise<T>,
  ): Promise<T> {
    const { snapshot } = await this.workshop.keeper(side);
    const reader = await this.#reader(side);
    this.goOn();
    await reader.run(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`);
    try {
      await reader.run(atInstant(snapshot));
      // Functions that a view calls look for names where the view's users do.
      if (kind === 'view') await reader.run(this.#searchPathOf(side));
      const result = await work(reader);
      await reader.run('COMMIT');
      return result;
    } catch (error) {
      await reader.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  #searchPathOf(side: Side): string {
    const { schema } = this.workshop.places[side];
    return schema === null
      ? 'SET LOCAL search_path TO DEFAULT'
      : `SET LOCAL search_path TO ${quote(schema)}`;
  }

  async readRow(
    side: Side,
    kind: 'table' | 'view',
    about: string,
    statement: string,
    values: readonly Value[] = [],
  ): Promise<Row> {
    return this.read(side, kind, (reader) => reader.row(this.#comment(about) + statement, values));
  }

  #reader(side: Side): Promise<Session> {
    const about = { purpose: this.#purpose, readOnly: true };
    this.#readers[side] ??= Session.open(
      this.workshop.places[side].database,
      this.workshop.optionsOf(side),
      about,
    ).then(async (session) => {
      // Rows that a policy hides must not be missing without a word.
      await session.run(`SET jit = off; SET row_security = off; SET work_mem = '64MB'`);
      return session;
    });
    return this.#readers[side];
  }

  // Types -----------------------------------------------------------------------------------------

  /** Name -> type, of the columns of a relation. */
  async columnTypes(side: Side, schema: string, name: string): Promise<Map<string, Type>> {
    const physical = this.workshop.places[side].schema ?? schema;
    return this.read(side, 'table', async (reader) => {
      const columns = await reader.rows(columnsOfRelation, [physical, name]);
      const known = this.#types[side];
      const missing = columns.map(({ type }) => String(type)).filter((oid) => !known.has(oid));
      if (missing.length > 0)
        for (const row of await reader.rows(typesWithParts, [missing]))
          known.set(String(row.oid), row as unknown as TypeRow);
      return new Map(
        columns.map((column) => [
          String(column.name),
          typeOf(known, String(column.type), Number(column.modifier)),
        ]),
      );
    });
  }

  /** The type of this name where rows are worked on; null when there is none. */
  async typeAtWork(name: string): Promise<Type | null> {
    const [found] = await this.rows('look for a type', 'SELECT to_regtype($1)::oid::text AS oid', [
      name,
    ]);
    const oid = found?.oid ?? null;
    if (oid === null) return null;
    const rows = await this.rows('look at a type', typesWithParts, [[String(oid)]]);
    return typeOf(
      new Map(rows.map((row) => [String(row.oid), row as unknown as TypeRow])),
      String(oid),
      -1,
    );
  }

  async close(): Promise<void> {
    await this.#turn;
    for (const session of [this.#readers.old, this.#readers.new, this.#worker])
      await session?.then((open) => open.close()).catch(() => undefined);
  }

  #comment(about: string): string {
    return sqlComment(about);
  }
}

function scratchName(nr: number): string {
  return `pg_temp.${quote(`greenlight ${nr}`)}`;
}

function atInstant(snapshot: string): string {
  return `SET TRANSACTION SNAPSHOT ${literal(snapshot)}`;
}

/** What PostgreSQL said of a statement that read data, without the data. */
export function explained(error: unknown, database: string): unknown {
  const told = explain(error, database);
  return stateOf(told) === null ? told : new Error(withoutData(told));
}
