import type {
  Claim,
  Column,
  Comparer,
  ComparisonSession,
  DeviatingRows,
  EqualValues,
  GatherOptions,
  KeyFault,
  Location,
  RowComparison,
  RowCounts,
  Side,
  TablePair,
} from '../engine.ts';
import { judgeClaims } from '../judging.ts';
import { cannotBeCarried } from './carrying.ts';
import { findClaimFault, noneOf } from './claims.ts';
import { toNumber } from './connection.ts';
import { gatherRows } from './deviating.ts';
import { fingerprintRows } from './fingerprints.ts';
import { judgeIn } from './judge.ts';
import { databaseOf } from './names.ts';
import type { SqlserverOptions } from './options.ts';
import { describeChanges } from './patterns.ts';
import { recordRows } from './recording.ts';
import { countEqual } from './renames.ts';
import { compareRows, type Differing } from './rows.ts';
import { isNumber, typeNamed } from './types.ts';
import { incomparable } from './values.ts';
import { Workshop } from './workspace.ts';

/**
 * The server joins both databases, by names of three parts; what differs is worked on in temporary tables. Where the new
 * side is live and the server joins no databases, the work is done beside the old one.
 */
export function sqlserverComparer(options: SqlserverOptions, live: Location): Comparer {
  return {
    open: async (comparison) => {
      const isLive = databaseOf(comparison.new) === databaseOf(live);
      const workshop = await Workshop.open(comparison, isLive ? 'old' : 'new', options);
      return new SqlserverSession(workshop);
    },
    noneOf,
  };
}

class SqlserverSession implements ComparisonSession {
  // Databases of a server have no bytes of their own that could be compared.
  readonly sameBytes = null;
  readonly parallel: number;
  readonly #workshop: Workshop;
  /** What differs in each pair, until it is released. */
  readonly #differing = new Map<string, Differing>();

  constructor(workshop: Workshop) {
    this.#workshop = workshop;
    this.parallel = workshop.parallel;
  }

  incomparable(oldType: string, newType: string): string | null {
    const types = [typeNamed(oldType), typeNamed(newType)];
    const carried = this.#workshop.joins ? [] : types.map(cannotBeCarried);
    return [...types.map(incomparable), ...carried].find((reason) => reason !== null) ?? null;
  }

  takesTolerance(type: string): boolean {
    return isNumber(typeNamed(type)) && type !== 'bit';
  }

  async countRows(
    side: Side,
    schema: string,
    name: string,
    kind: 'table' | 'view',
    signal?: AbortSignal,
  ): Promise<number> {
    const lane = this.#workshop.laneOf(schema, name);
    return lane.use(signal, async () => {
      const relation = await lane.relation(side, schema, name, kind);
      const row = await lane.ask(
        `count ${schema}.${name}`,
        `SELECT COUNT_BIG(*) AS counted FROM ${relation} AS one${lane.hint}`,
      );
      return toNumber(row.counted);
    });
  }

  async compareRows(
    pair: TablePair,
    rows: RowCounts,
    onProgress: (done: number) => void,
    signal?: AbortSignal,
  ): Promise<RowComparison | KeyFault> {
    const lane = this.#workshop.laneOf(pair.schema, pair.name);
    await this.#forget(pair.schema, pair.name);
    const found = await lane.use(signal, () => compareRows(lane, pair, rows, onProgress));
    if ('fault' in found) return found;
    const { differing, ...comparison } = found;
    this.#differing.set(nameOf(pair), differing);
    return comparison;
  }

  claimFault(
    claim: Claim,
    columns: Readonly<Record<Side, readonly Column[]>>,
  ): Promise<string | null> {
    const lane = this.#workshop.anyLane();
    return lane.use(undefined, () => findClaimFault(lane, claim, columns));
  }

  async gather(
    pair: TablePair,
    found: RowComparison,
    options: GatherOptions,
  ): Promise<DeviatingRows> {
    const differing = this.#differing.get(nameOf(pair));
    if (differing === undefined)
      throw new Error(`${pair.schema}.${pair.name} was not compared in this session`);
    const lane = this.#workshop.laneOf(pair.schema, pair.name);
    const gathered = await lane.use(options.signal, () =>
      gatherRows(lane, differing, found, options),
    );
    return {
      judge: (claims) => lane.use(undefined, () => judgeClaims(judgeIn(lane), gathered, claims)),
      record: (into, explaining) =>
        lane.use(undefined, () => recordRows(lane, gathered, into, explaining)),
      describe: ({ values, signal }) =>
        lane.use(signal, () => describeChanges(lane, gathered, found.cells, { values })),
      discard: () =>
        lane.use(undefined, () =>
          lane.run('discard the deviating rows', `DROP TABLE ${gathered.table}`),
        ),
    };
  }

  async fingerprint(
    side: Side,
    schema: string,
    name: string,
    kind: 'table' | 'view',
    columns: readonly string[],
  ): Promise<string> {
    const lane = this.#workshop.laneOf(schema, name);
    return lane.use(undefined, async () => {
      const types = await lane.columnTypes(side, schema, name);
      const relation = await lane.relation(side, schema, name, kind);
      const row = await lane.ask(
        `fingerprint ${schema}.${name}`,
        fingerprintRows(relation, columns, types) + lane.hint,
      );
      return String(row.fingerprint);
    });
  }

  countEqual(pair: TablePair, oldColumn: Column, newColumn: Column): Promise<EqualValues | null> {
    const lane = this.#workshop.laneOf(pair.schema, pair.name);
    return lane.use(undefined, () => countEqual(lane, pair, oldColumn, newColumn));
  }

  async release(schema: string, name: string): Promise<void> {
    await this.#forget(schema, name);
    await this.#workshop.forget(schema, name);
  }

  async close(): Promise<void> {
    await this.#workshop.close();
  }

  async #forget(schema: string, name: string): Promise<void> {
    const id = nameOf({ schema, name });
    const differing = this.#differing.get(id);
    if (differing === undefined) return;
    this.#differing.delete(id);
    const lane = this.#workshop.laneOf(schema, name);
    await lane.use(undefined, () =>
      lane.run(`forget ${schema}.${name}`, `DROP TABLE ${differing.table}`),
    );
  }
}

function nameOf({ schema, name }: Pick<TablePair, 'schema' | 'name'>): string {
  return JSON.stringify([schema, name]);
}
