import type {
  ChangeDescription,
  Claim,
  Column,
  ComparisonSession,
  DeviatingRows,
  EqualValues,
  GatherOptions,
  KeyFault,
  RecordedRows,
  RowComparison,
  RowCounts,
  RowTarget,
  Side,
  TablePair,
} from './engine.ts';
import { type Judge, type JudgedRows, judgeClaims } from './judging.ts';

/** A session of the engine with temporary tables, in which one thing is done at a time. */
export interface Lane {
  /** When `signal` ends it, its statement is cancelled. */
  use<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T>;
  run(about: string, statement: string): Promise<unknown>;
}

/** Several lanes; everything of one pair happens in one of them. */
export interface Lanes<OwnLane> {
  readonly parallel: number;
  laneOf(schema: string, name: string): OwnLane;
  /** For what belongs to no pair. */
  anyLane(): OwnLane;
  forget(schema: string, name: string): void | Promise<void>;
  close(): Promise<void>;
}

/** A temporary table that says what differs in a pair. */
export interface Differing {
  /** Quoted. */
  readonly table: string;
}

/** What an engine does in a lane. */
export interface WorkInLane<OwnLane, Found extends Differing, Gathered extends JudgedRows> {
  findClaimFault(
    lane: OwnLane,
    claim: Claim,
    columns: Readonly<Record<Side, readonly Column[]>>,
  ): Promise<string | null>;
  gatherRows(
    lane: OwnLane,
    differing: Found,
    found: RowComparison,
    options: GatherOptions,
  ): Promise<Gathered>;
  judgeIn(lane: OwnLane): Judge;
  recordRows(
    lane: OwnLane,
    gathered: Gathered,
    into: RowTarget,
    explaining: readonly Claim[],
  ): Promise<RecordedRows>;
  describeChanges(
    lane: OwnLane,
    gathered: Gathered,
    cells: RowComparison['cells'],
    options: { readonly values: boolean },
  ): Promise<Map<string, ChangeDescription>>;
  countEqual(
    lane: OwnLane,
    pair: TablePair,
    oldColumn: Column,
    newColumn: Column,
  ): Promise<EqualValues | null>;
}

/**
 * A comparison whose work is done in lanes: what differs in a pair stays in a temporary table of the pair's lane, from
 * when it is compared until it is released.
 */
export abstract class SessionInLanes<
  OwnLane extends Lane,
  Found extends Differing,
  Gathered extends JudgedRows,
> implements ComparisonSession
{
  /** Databases of one server have no bytes of their own that all could be compared. */
  readonly sameBytes = null;
  readonly parallel: number;
  readonly #lanes: Lanes<OwnLane>;
  readonly #work: WorkInLane<OwnLane, Found, Gathered>;
  readonly #differing = new Map<string, Found>();

  constructor(lanes: Lanes<OwnLane>, work: WorkInLane<OwnLane, Found, Gathered>) {
    this.#lanes = lanes;
    this.#work = work;
    this.parallel = lanes.parallel;
  }

  abstract incomparable(oldType: string, newType: string): string | null;

  abstract takesTolerance(type: string): boolean;

  abstract countRows(
    side: Side,
    schema: string,
    name: string,
    kind: 'table' | 'view',
    signal?: AbortSignal,
  ): Promise<number>;

  abstract fingerprint(
    side: Side,
    schema: string,
    name: string,
    kind: 'table' | 'view',
    columns: readonly string[],
    signal?: AbortSignal,
  ): Promise<string>;

  /** Rows of a pair, and the table in which what differs stays. */
  protected abstract compareIn(
    lane: OwnLane,
    pair: TablePair,
    rows: RowCounts,
    onProgress: (done: number) => void,
  ): Promise<KeyFault | (RowComparison & { readonly differing?: Found })>;

  async compareRows(
    pair: TablePair,
    rows: RowCounts,
    onProgress: (done: number) => void,
    signal?: AbortSignal,
  ): Promise<RowComparison | KeyFault> {
    const lane = this.#lanes.laneOf(pair.schema, pair.name);
    await this.#forget(pair.schema, pair.name);
    const found = await lane.use(signal, () => this.compareIn(lane, pair, rows, onProgress));
    if (!('differing' in found) || found.differing === undefined) return found;
    const { differing, ...comparison } = found;
    this.#differing.set(nameOf(pair), differing);
    return comparison;
  }

  claimFault(
    claim: Claim,
    columns: Readonly<Record<Side, readonly Column[]>>,
  ): Promise<string | null> {
    const lane = this.#lanes.anyLane();
    return lane.use(undefined, () => this.#work.findClaimFault(lane, claim, columns));
  }

  async gather(
    pair: TablePair,
    found: RowComparison,
    options: GatherOptions,
  ): Promise<DeviatingRows> {
    const { gatherRows, judgeIn, recordRows, describeChanges } = this.#work;
    const differing = this.#differing.get(nameOf(pair));
    if (differing === undefined)
      throw new Error(`${pair.schema}.${pair.name} was not compared in this session`);
    const lane = this.#lanes.laneOf(pair.schema, pair.name);
    const gathered = await lane.use(options.signal, () =>
      gatherRows(lane, differing, found, options),
    );
    return {
      judge: (claims) => lane.use(undefined, () => judgeClaims(judgeIn(lane), gathered, claims)),
      record: (into, explaining) =>
        lane.use(undefined, () => recordRows(lane, gathered, into, explaining)),
      describe: ({ values, signal }) =>
        lane.use(signal, () => describeChanges(lane, gathered, found.cells, { values })),
      discard: async () => {
        await lane.use(undefined, () =>
          lane.run('discard the deviating rows', `DROP TABLE ${gathered.table}`),
        );
      },
    };
  }

  countEqual(pair: TablePair, oldColumn: Column, newColumn: Column): Promise<EqualValues | null> {
    const lane = this.#lanes.laneOf(pair.schema, pair.name);
    return lane.use(undefined, () => this.#work.countEqual(lane, pair, oldColumn, newColumn));
  }

  async release(schema: string, name: string): Promise<void> {
    await this.#forget(schema, name);
    await this.#lanes.forget(schema, name);
  }

  async close(): Promise<void> {
    await this.#lanes.close();
  }

  async #forget(schema: string, name: string): Promise<void> {
    const id = nameOf({ schema, name });
    const differing = this.#differing.get(id);
    if (differing === undefined) return;
    this.#differing.delete(id);
    const lane = this.#lanes.laneOf(schema, name);
    await lane.use(undefined, () =>
      lane.run(`forget ${schema}.${name}`, `DROP TABLE ${differing.table}`),
    );
  }
}

function nameOf({ schema, name }: Pick<TablePair, 'schema' | 'name'>): string {
  return JSON.stringify([schema, name]);
}
