import { availableParallelism } from 'node:os';
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
import { compareBlocks } from './blocks.ts';
import { findClaimFault } from './claims.ts';
import { bytesOf, Duckdb, type DuckdbOptions, literal, toNumber } from './connection.ts';
import { countRows } from './counts.ts';
import { identify } from './databases.ts';
import { gatherRows } from './deviating.ts';
import { explainComparison } from './errors.ts';
import { fingerprintRows } from './fingerprints.ts';
import { type Portions, usualPortions } from './portions.ts';
import { attached } from './reading.ts';
import { countEqual } from './renames.ts';
import { compareRows, type RowPlan } from './rows.ts';
import { incomparable, isNumeric } from './values.ts';
import { Workspace } from './workspace.ts';

/** Both databases and the store are attached to one instance in memory: all comparing happens inside it. */
export function duckdbComparer(
  options: DuckdbOptions,
  portions: Portions = usualPortions,
): Comparer {
  return { open: (comparison) => openSession(comparison, options, portions), noneOf };
}

async function openSession(
  {
    old,
    new: candidate,
    store,
    purpose,
    lineage,
    readings = { old: [], new: [] },
  }: ComparisonOptions,
  options: DuckdbOptions,
  portions: Portions,
): Promise<ComparisonSession> {
  // Before DuckDB opens the files: reading and closing them later would drop its locks.
  const before = await marksOf(old, candidate);
  const compared = lineage ? await compareBlocks(old, candidate) : null;
  const duckdb = await Duckdb.open(null, fitting(options));
  try {
    await duckdb.attach(old, attached.old, 'read');
    await duckdb.attach(candidate, attached.new, 'read');
    // From here on the files are locked. Who wrote to one before that has made the comparison of its blocks void.
    const isSame = before === (await marksOf(old, candidate));
    const blocks = isSame && (await hasBlocksOf(duckdb, compared?.blockSize)) ? compared : null;
    // Instants and their texts must not depend on the machine's zone, in the workers' connections either.
    await duckdb.run("SET GLOBAL TimeZone = 'UTC'");
    // DuckDB takes an expression that occurs twice out of TRY(...), and then its errors are not caught.
    await duckdb.run("SET GLOBAL disabled_optimizers = 'common_subexpressions'");
    // Texts that are recorded are written once and seldom read: to try all compressions takes half of the time to write.
    if (store !== null) await duckdb.run("SET GLOBAL force_compression = 'fsst'");
    return new Session(
      await Workspace.open(duckdb, { blocks, readings, store, purpose, portions }),
    );
  } catch (error) {
    duckdb.close();
    throw error;
  }
}

/** DuckDB asks for 125 MB a thread (docs: "How to tune workloads"); with less, joins fail for want of memory. */
function fitting(options: DuckdbOptions): DuckdbOptions {
  const bytes = bytesOf(options.memory_limit ?? '');
  if (options.threads !== undefined || bytes === null) return options;
  const threads = Math.max(1, Math.min(availableParallelism(), Math.floor(bytes / 125_000_000)));
  return { ...options, threads };
}

/** Whether DuckDB counts the blocks of both files as they were counted. */
async function hasBlocksOf(duckdb: Duckdb, size: number | undefined): Promise<boolean> {
  const sizes = await duckdb.rows(
    `SELECT block_size FROM pragma_database_size() WHERE database_name IN (${[attached.old, attached.new].map(literal).join(', ')})`,
  );
  return sizes.length === 2 && sizes.every(({ block_size }) => toNumber(block_size) === size);
}

async function marksOf(...files: readonly Location[]): Promise<string> {
  return JSON.stringify(await Promise.all(files.map(identify)));
}

class Session implements ComparisonSession {
  readonly sameBytes: string | null;
  readonly parallel: number;
  readonly #workspace: Workspace;
  /** How the rows of each pair were brought together, for finding the deviating ones again. */
  readonly #plans = new Map<string, RowPlan>();

  constructor(workspace: Workspace) {
    const whole = workspace.blocks?.wholeFile ?? null;
    this.sameBytes =
      whole && `the files of both databases are equal, byte by byte (${whole.bytes} bytes)`;
    this.parallel = workspace.threads;
    this.#workspace = workspace;
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
    kind: 'table' | 'view',
    signal?: AbortSignal,
  ): Promise<number> {
    return this.#workspace.abortable(signal, async () => {
      const relation = await this.#workspace.relation(side, schema, name, kind);
      const { rows } = await this.#workspace.ask(`count ${schema}.${name}`, countRows(relation));
      return toNumber(rows);
    });
  }

  async compareRows(
    pair: TablePair,
    rows: RowCounts,
    onProgress: (done: number) => void,
    signal?: AbortSignal,
  ): Promise<RowComparison | KeyFault> {
    const found = await this.#workspace
      .abortable(signal, () => compareRows(this.#workspace, pair, rows, onProgress))
      .catch((error: unknown) => {
        throw signal?.aborted === true ? error : explainComparison(error, pair);
      });
    if ('fault' in found) return found;
    const { plan, ...comparison } = found;
    this.#plans.set(planName(pair), plan);
    return comparison;
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
    const plan = this.#plans.get(planName(pair));
    if (plan === undefined) {
      throw new Error(`${pair.schema}.${pair.name} was not compared in this session`);
    }
    return gatherRows(this.#workspace, pair, found, plan, options);
  }

  async fingerprint(
    side: Side,
    schema: string,
    name: string,
    kind: 'table' | 'view',
    columns: readonly string[],
    signal?: AbortSignal,
  ): Promise<string> {
    return this.#workspace.abortable(signal, async () => {
      const relation = await this.#workspace.relation(side, schema, name, kind);
      const about = `fingerprint ${schema}.${name}`;
      const described = await this.#workspace.rows(about, `DESCRIBE SELECT * FROM ${relation}`);
      const types = new Map(
        described.map((row) => [String(row.column_name), String(row.column_type)]),
      );
      const row = await this.#workspace.ask(about, fingerprintRows(relation, columns, types));
      return String(row.fingerprint);
    });
  }

  countEqual(pair: TablePair, oldColumn: Column, newColumn: Column): Promise<EqualValues | null> {
    return countEqual(this.#workspace, pair, oldColumn, newColumn);
  }

  async release(schema: string, name: string): Promise<void> {
    const plan = this.#plans.get(planName({ schema, name }));
    this.#plans.delete(planName({ schema, name }));
    for (const table of plan?.rest.tables ?? []) {
      await this.#workspace.run(`forget ${schema}.${name}`, `DROP TABLE ${table}`);
    }
    await this.#workspace.forgetView(schema, name);
  }

  async close(): Promise<void> {
    await this.#workspace.close();
  }
}

function planName({ schema, name }: Pick<TablePair, 'schema' | 'name'>): string {
  return JSON.stringify([schema, name]);
}
