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
import { readingsOf } from './bitemporal.ts';
import { findClaimFault } from './claims.ts';
import { noneOf } from './conditions.ts';
import { toNumber } from './connection.ts';
import { gatherRows } from './deviating.ts';
import { fingerprintRows } from './fingerprints.ts';
import { type HiddenColumns, readHidden } from './hidden.ts';
import { judgeIn } from './judge.ts';
import type { SnowflakeOptions } from './options.ts';
import { describeChanges } from './patterns.ts';
import { recordRows } from './recording.ts';
import { countEqual } from './renames.ts';
import { compareRows, nameOf } from './rows.ts';
import { storePlaceOf } from './store-place.ts';
import { isNumeric } from './types.ts';
import { incomparable } from './values.ts';
import { Workspace } from './workspace.ts';

/**
 * Both sides are databases (or schemas) of one account: all comparing happens inside its warehouse, and what deviates
 * goes from there into the ledger without ever leaving it.
 *
 * There is no lineage: a clone and its source share their storage, but nothing that Snowflake documents proves two
 * tables equal without reading them. LAST_ALTERED also moves when nothing was changed, and is not said to be kept by
 * clones. CHANGES needs change tracking: to switch it on is to write to live, or to the clone, and what it tells begins
 * there; that it tells nothing is no statement about a table that was made anew. CLONE_GROUP_ID says where a table comes
 * from, not what was written since. HASH_AGG is a hash of 64 bits: equal ones prove nothing, and unequal ones lead to the
 * join that would be made anyway, so that it does not route either.
 */
export function snowflakeComparer(options: SnowflakeOptions, ledger: Location): Comparer {
  return {
    open: async (comparison) => {
      const { old, new: candidate, store, readings = { old: [], new: [] } } = comparison;
      return new SnowflakeSession(
        comparison,
        new Workspace({
          comparison,
          options,
          ledger: storePlaceOf(store ?? ledger),
          readings: {
            old: await readingsOf(old, readings.old, options),
            new: await readingsOf(candidate, readings.new, options),
          },
        }),
        once(() => readHidden(options, [old, candidate])),
      );
    },
    noneOf,
  };
}

function once<T>(work: () => T): () => T {
  let made: { readonly result: T } | undefined;
  return () => {
    made ??= { result: work() };
    return made.result;
  };
}

class SnowflakeSession implements ComparisonSession {
  /** What a database is stored in has no bytes that anybody could compare. */
  readonly sameBytes = null;
  readonly parallel: number;
  readonly #workspace: Workspace;
  readonly #proof: NonNullable<ComparisonOptions['proof']>;

  readonly #hidden: () => Promise<HiddenColumns>;

  constructor(
    { proof = 'exact' }: ComparisonOptions,
    workspace: Workspace,
    hidden: () => Promise<HiddenColumns>,
  ) {
    this.#hidden = hidden;
    this.#workspace = workspace;
    this.#proof = proof;
    this.parallel = workspace.parallel;
  }

  incomparable(oldType: string, newType: string): string | null {
    return incomparable(oldType) ?? incomparable(newType);
  }

  takesTolerance(type: string): boolean {
    return isNumeric(type);
  }

  async countRows(
    side: Side,
    schema: string,
    name: string,
    _kind: 'table' | 'view',
    signal?: AbortSignal,
  ): Promise<number> {
    return this.#workspace.reading(signal, async () => {
      const relation = this.#workspace.relation(side, schema, name);
      const row = await this.#workspace.ask(
        `count ${schema}.${name}`,
        `SELECT COUNT(*) AS counted FROM ${relation} AS one`,
      );
      return toNumber(row.counted);
    });
  }

  compareRows(
    pair: TablePair,
    rows: RowCounts,
    onProgress: (done: number) => void,
    signal?: AbortSignal,
  ): Promise<RowComparison | KeyFault> {
    return this.#workspace.reading(signal, async () => {
      const hidden = (await this.#hidden())(pair);
      const found = await compareRows(this.#workspace, pair, rows, onProgress, this.#proof);
      return 'fault' in found || hidden.size === 0 ? found : { ...found, hidden };
    });
  }

  claimFault(
    claim: Claim,
    columns: Readonly<Record<Side, readonly Column[]>>,
  ): Promise<string | null> {
    return findClaimFault(this.#workspace, claim, columns);
  }

  async gather(
    pair: TablePair,
    found: RowComparison,
    options: GatherOptions,
  ): Promise<DeviatingRows> {
    const workspace = this.#workspace;
    const gathered = await workspace.reading(options.signal, () =>
      gatherRows(workspace, pair, found, options),
    );
    return {
      judge: (claims) => judgeClaims(judgeIn(workspace), gathered, claims),
      record: (into, explaining) => recordRows(workspace, gathered, into, explaining),
      describe: ({ values, signal }) =>
        workspace.reading(signal, () =>
          describeChanges(workspace, gathered, found.cells, { values }),
        ),
      discard: () =>
        workspace.run(
          `discard the deviating rows of ${nameOf(pair)}`,
          `DROP TABLE ${gathered.table}`,
        ),
    };
  }

  async fingerprint(
    side: Side,
    schema: string,
    name: string,
    _kind: 'table' | 'view',
    columns: readonly string[],
    signal?: AbortSignal,
  ): Promise<string> {
    return this.#workspace.reading(signal, async () => {
      const known = await this.#workspace.columnsOf(side, schema, name);
      const row = await this.#workspace.askLater(
        `fingerprint ${schema}.${name}`,
        fingerprintRows(
          this.#workspace.relation(side, schema, name),
          columns.flatMap((column) => known.filter((one) => one.name === column)),
        ),
      );
      return String(row.fingerprint);
    });
  }

  countEqual(pair: TablePair, oldColumn: Column, newColumn: Column): Promise<EqualValues | null> {
    return countEqual(this.#workspace, pair, oldColumn, newColumn);
  }

  /** Nothing is kept of a pair but what was gathered, which is discarded by itself. */
  async release(): Promise<void> {}

  async close(): Promise<void> {
    await this.#workspace.close();
  }
}
