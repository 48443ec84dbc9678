import type { Comparer, Location, RowCounts, Side, TablePair } from '../engine.ts';
import { SessionInLanes } from '../session-in-lanes.ts';
import { cannotBeCarried } from './carrying.ts';
import { findClaimFault, noneOf } from './claims.ts';
import { toNumber } from './connection.ts';
import { type GatheredRows, gatherRows } from './deviating.ts';
import { fingerprintRows } from './fingerprints.ts';
import { judgeIn } from './judge.ts';
import { databaseOf } from './names.ts';
import type { SqlserverOptions } from './options.ts';
import { describeChanges } from './patterns.ts';
import { recordRows } from './recording.ts';
import { countEqual } from './renames.ts';
import { compareRows, type Differing } from './rows.ts';
import { isNumber, typeNamed } from './types.ts';
import { incomparable, tellsWrites } from './values.ts';
import { type Lane, Workshop } from './workspace.ts';

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

const work = { findClaimFault, gatherRows, judgeIn, recordRows, describeChanges, countEqual };

class SqlserverSession extends SessionInLanes<Lane, Differing, GatheredRows> {
  readonly #workshop: Workshop;

  constructor(workshop: Workshop) {
    super(workshop, work);
    this.#workshop = workshop;
  }

  incomparable(oldType: string, newType: string): string | null {
    const types = [typeNamed(oldType), typeNamed(newType)];
    const carried = this.#workshop.joins ? [] : types.map(cannotBeCarried);
    return [...types.map(incomparable), ...carried].find((reason) => reason !== null) ?? null;
  }

  tellsWrites(type: string): string | null {
    return tellsWrites(typeNamed(type));
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

  protected compareIn(
    lane: Lane,
    pair: TablePair,
    rows: RowCounts,
    onProgress: (done: number) => void,
  ) {
    return compareRows(lane, pair, rows, onProgress);
  }

  async fingerprint(
    side: Side,
    schema: string,
    name: string,
    kind: 'table' | 'view',
    columns: readonly string[],
    signal?: AbortSignal,
  ): Promise<string> {
    const lane = this.#workshop.laneOf(schema, name);
    return lane.use(signal, async () => {
      const types = await lane.columnTypes(side, schema, name);
      const relation = await lane.relation(side, schema, name, kind);
      const row = await lane.ask(
        `fingerprint ${schema}.${name}`,
        fingerprintRows(relation, columns, types) + lane.hint,
      );
      return String(row.fingerprint);
    });
  }
}
