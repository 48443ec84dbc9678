import { GreenlightError, messageOf } from '../../errors.ts';
import { plural } from '../../format.ts';
import type { Readings } from '../bitemporal.ts';
import { noneOf } from '../claims.ts';
import type {
  Comparer,
  ComparisonOptions,
  ComparisonSession,
  Location,
  RowCounts,
  Side,
  TablePair,
} from '../engine.ts';
import { SessionInLanes } from '../session-in-lanes.ts';
import { readingsOf } from './bitemporal.ts';
import type { Candidates } from './candidates.ts';
import { findClaimFault } from './claims.ts';
import { toNumber } from './connection.ts';
import { type DeviatingTable, gatherRows } from './deviating.ts';
import { firstLine, isTooWide } from './errors.ts';
import { fingerprintRows } from './fingerprints.ts';
import { judgeIn } from './judge.ts';
import { type Lineage, readLineage } from './lineage.ts';
import { placeOf } from './names.ts';
import type { PostgresOptions } from './options.ts';
import { describeChanges } from './patterns.ts';
import { recordRows } from './recording.ts';
import { countEqual } from './renames.ts';
import { compareRows, fastestWays, type Ways } from './rows.ts';
import { readVersions } from './two-servers.ts';
import { isNumeric } from './types.ts';
import { type Lane, type Sides, Workshop } from './workspace.ts';

/**
 * Both sides are read in order and side by side; what differs is decided in the new side's database, or in the old one's
 * where the new side is live: temporary tables leave traces in the catalog, and live is read only, as other servers are.
 */
export function postgresComparer(
  options: PostgresOptions,
  live: Location,
  ways: Ways = fastestWays,
): Comparer {
  return {
    open: async (comparison) => {
      const { old, new: candidate, readings = { old: [], new: [] } } = comparison;
      const sides = await sidesOf(comparison, live, options);
      return new PostgresSession(comparison, sides, options, ways, {
        old: await readingsOf(old, readings.old, options),
        new: await readingsOf(candidate, readings.new, options),
      });
    },
    noneOf,
  };
}

/** @throws GreenlightError when nothing may be written on either side, or the servers do not hold the same texts. */
async function sidesOf(
  { old, new: candidate, purpose }: ComparisonOptions,
  live: Location,
  options: PostgresOptions,
): Promise<Sides> {
  const places = { old: placeOf(old), new: placeOf(candidate) };
  const workSide = candidate === live || places.new.server !== null ? 'old' : 'new';
  if (places[workSide].server !== null) {
    throw new GreenlightError({
      what: 'A comparison keeps what differs in temporary tables, and may make them on neither side: live is only read, and so are other servers.',
      where: `${old} and ${candidate}`,
      help: 'What is on the other server can be compared with a candidate.',
    });
  }
  const isOneServer = places.old.server === places.new.server;
  const versions = isOneServer ? null : await readVersions(places, options, purpose);
  return { places, workSide, versions };
}

const work = {
  findClaimFault,
  gatherRows: (...asked: Parameters<typeof gatherRows>) =>
    namingTooWide(asked[1].pair, () => gatherRows(...asked)),
  judgeIn,
  recordRows,
  describeChanges,
  countEqual,
};

class PostgresSession extends SessionInLanes<Lane, Candidates, DeviatingTable> {
  readonly #workshop: Workshop;
  readonly #ways: Ways;
  readonly #readLineage: () => Promise<Lineage | null>;
  #lineage: Promise<Lineage | null> | undefined;

  constructor(
    comparison: ComparisonOptions,
    sides: Sides,
    options: PostgresOptions,
    ways: Ways,
    readings: Readonly<Record<Side, Readings>>,
  ) {
    const workshop = new Workshop(comparison, sides, options, readings);
    super(workshop, work);
    this.#workshop = workshop;
    this.#ways = ways;
    this.#readLineage = async () =>
      comparison.lineage ? readLineage(workshop, comparison.purpose) : null;
  }

  /** Every type has texts that tell its values apart. */
  incomparable(): string | null {
    return null;
  }

  takesTolerance(type: string): boolean {
    return isNumeric(type);
  }

  async countRows(
    side: Side,
    schema: string,
    name: string,
    kind: 'table' | 'view',
    signal?: AbortSignal,
  ): Promise<number> {
    const lane = this.#workshop.laneOf(schema, name);
    const lineage = kind === 'table' ? await this.#proofs() : null;
    return lane.use(signal, async () => {
      const known = await lineage?.countRows(lane, side, schema, name);
      if (typeof known === 'number') return known;
      const relation = lane.workshop.relation(side, schema, name);
      const row = await lane.readRow(
        side,
        kind,
        `count ${schema}.${name}`,
        `SELECT count(*) AS rows FROM ${relation} AS counted`,
      );
      return toNumber(row.rows);
    });
  }

  override async compareRows(...asked: Parameters<ComparisonSession['compareRows']>) {
    // Not while the lane is taken: it may be the one that is asked.
    await this.#proofs();
    return super.compareRows(...asked);
  }

  protected async compareIn(
    lane: Lane,
    pair: TablePair,
    rows: RowCounts,
    onProgress: (done: number) => void,
  ) {
    const lineage = await this.#proofs();
    const found = await namingTooWide(pair, () =>
      compareRows(lane, pair, rows, onProgress, { lineage, ways: this.#ways }),
    );
    if (!('candidates' in found)) return found;
    const { candidates, ...comparison } = found;
    return { ...comparison, differing: candidates };
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
      const relation = lane.workshop.relation(side, schema, name);
      const row = await lane.readRow(
        side,
        kind,
        `fingerprint ${schema}.${name}`,
        fingerprintRows(relation, columns),
      );
      return String(row.fingerprint);
    });
  }

  /** Asked for once, when the first table is looked at. */
  #proofs(): Promise<Lineage | null> {
    this.#lineage ??= this.#readLineage();
    return this.#lineage;
  }
}

/** Both sides' columns stand beside each other in one table, which has room for 1,600, and for 8 kB a row. */
async function namingTooWide<T>(
  { schema, name, columns }: TablePair,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isTooWide(error)) throw error;
    throw new GreenlightError({
      what: `${schema}.${name} is too wide to be compared.`,
      where: plural(columns.length, 'column'),
      cause: firstLine(messageOf(error)),
      help: `Name columns that need not be compared in compare.ignore of greenlight.yml: ${schema}.${name}.column.`,
    });
  }
}
