import { GreenlightError, messageOf } from '../../errors.ts';
import { plural } from '../../report/format.ts';
import { noneOf } from '../claims.ts';
import type {
  Claim,
  Column,
  Comparer,
  ComparisonOptions,
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
import { type Readings, readingsOf } from './bitemporal.ts';
import type { Candidates } from './candidates.ts';
import { findClaimFault } from './claims.ts';
import { toNumber } from './connection.ts';
import { gatherRows } from './deviating.ts';
import { firstLine, isTooWide } from './errors.ts';
import { fingerprintRows } from './fingerprints.ts';
import { judgeIn } from './judge.ts';
import { type Lineage, readLineage } from './lineage.ts';
import type { PostgresOptions } from './options.ts';
import { describeChanges } from './patterns.ts';
import { recordRows } from './recording.ts';
import { countEqual } from './renames.ts';
import { compareRows } from './rows.ts';
import { isNumeric } from './types.ts';
import { Workshop } from './workspace.ts';

/**
 * Both sides are read in order and side by side; what differs is decided in the new side's database, or in the old one's
 * where the new side is live: temporary tables leave traces in the catalog, and live is read only.
 */
export function postgresComparer(options: PostgresOptions, live: Location): Comparer {
  return {
    open: async (comparison) => {
      const { old, new: candidate, readings = { old: [], new: [] } } = comparison;
      const workSide = candidate === live ? 'old' : 'new';
      return new PostgresSession(comparison, workSide, options, {
        old: await readingsOf(old, readings.old, options),
        new: await readingsOf(candidate, readings.new, options),
      });
    },
    noneOf,
  };
}

class PostgresSession implements ComparisonSession {
  // Databases of a cluster have no bytes of their own that all could be compared.
  readonly sameBytes = null;
  readonly parallel: number;
  readonly #workshop: Workshop;
  readonly #readLineage: () => Promise<Lineage | null>;
  #lineage: Promise<Lineage | null> | undefined;
  /** What differs in each pair, until it is released. */
  readonly #candidates = new Map<string, Candidates>();

  constructor(
    comparison: ComparisonOptions,
    workSide: Side,
    options: PostgresOptions,
    readings: Readonly<Record<Side, Readings>>,
  ) {
    this.#workshop = new Workshop(comparison, workSide, options, readings);
    this.parallel = this.#workshop.parallel;
    this.#readLineage = async () =>
      comparison.lineage ? readLineage(this.#workshop, options, comparison.purpose) : null;
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

  async compareRows(
    pair: TablePair,
    rows: RowCounts,
    onProgress: (done: number) => void,
    signal?: AbortSignal,
  ): Promise<RowComparison | KeyFault> {
    const lane = this.#workshop.laneOf(pair.schema, pair.name);
    await this.#forget(pair.schema, pair.name);
    const lineage = await this.#proofs();
    const found = await lane.use(signal, () =>
      namingTooWide(pair, () => compareRows(lane, pair, rows, onProgress, lineage)),
    );
    if (!('candidates' in found)) return found;
    const { candidates, ...comparison } = found;
    this.#candidates.set(nameOf(pair), candidates);
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
    const candidates = this.#candidates.get(nameOf(pair));
    if (candidates === undefined)
      throw new Error(`${pair.schema}.${pair.name} was not compared in this session`);
    const lane = this.#workshop.laneOf(pair.schema, pair.name);
    const gathered = await lane.use(options.signal, () =>
      namingTooWide(pair, () => gatherRows(lane, candidates, found, options)),
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

  countEqual(pair: TablePair, oldColumn: Column, newColumn: Column): Promise<EqualValues | null> {
    const lane = this.#workshop.laneOf(pair.schema, pair.name);
    return lane.use(undefined, () => countEqual(lane, pair, oldColumn, newColumn));
  }

  async release(schema: string, name: string): Promise<void> {
    await this.#forget(schema, name);
    this.#workshop.forget(schema, name);
  }

  /** Asked for once, when the first table is looked at. */
  #proofs(): Promise<Lineage | null> {
    this.#lineage ??= this.#readLineage();
    return this.#lineage;
  }

  async close(): Promise<void> {
    await this.#workshop.close();
  }

  async #forget(schema: string, name: string): Promise<void> {
    const id = nameOf({ schema, name });
    const candidates = this.#candidates.get(id);
    if (candidates === undefined) return;
    this.#candidates.delete(id);
    const lane = this.#workshop.laneOf(schema, name);
    await lane.use(undefined, () =>
      lane.run(`forget ${schema}.${name}`, `DROP TABLE ${candidates.table}`),
    );
  }
}

function nameOf({ schema, name }: Pick<TablePair, 'schema' | 'name'>): string {
  return JSON.stringify([schema, name]);
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
