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
  Preview,
  RowComparison,
  RowCounts,
  Side,
  TablePair,
} from '../engine.ts';
import { type BegunBlocks, beginBlocks, type ComparedBlocks, type WholeFile } from './blocks.ts';
import { findClaimFault } from './claims.ts';
import {
  bytesOf,
  bytesPerThread,
  Duckdb,
  type DuckdbOptions,
  literal,
  toNumber,
} from './connection.ts';
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
  return {
    preview: (old, candidate) => new StoragePreview(old, candidate),
    open: (comparison) => openSession(comparison, options, portions),
    noneOf,
  };
}

/** The bytes of both files, and the marks that they had before. */
class StoragePreview implements Preview {
  readonly marks: Promise<string>;
  readonly #blocks: Promise<BegunBlocks>;

  constructor(old: Location, candidate: Location) {
    this.marks = marksOf(old, candidate);
    this.#blocks = this.marks.then(() => beginBlocks(old, candidate));
    this.#blocks.catch(() => undefined);
  }

  async compared(): Promise<ComparedBlocks | null> {
    return (await this.#blocks).compared;
  }

  async close(): Promise<void> {
    await this.#blocks.then(
      (blocks) => blocks.close(),
      () => undefined,
    );
  }
}

async function openSession(
  comparison: ComparisonOptions,
  options: DuckdbOptions,
  portions: Portions,
): Promise<ComparisonSession> {
  const { old, new: candidate, store, purpose, readings = { old: [], new: [] } } = comparison;
  const looking = lookAt(comparison);
  const duckdb = await Duckdb.open(null, fitting(options)).catch(async (error) => {
    await looking.catch(() => undefined);
    throw error;
  });
  try {
    const before = await looking;
    await duckdb.attach(old, attached.old, 'read');
    await duckdb.attach(candidate, attached.new, 'read');
    // From here on the files are locked. Who wrote to one before that has made the comparison of its blocks void.
    const isSame = before.marks === (await marksOf(old, candidate));
    const isCounted = await hasBlocksOf(duckdb, before.blocks?.blockSize);
    const blocks = isSame && isCounted ? before.blocks : null;
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

/** Before DuckDB opens the files: reading and closing them later would drop its locks. */
async function lookAt({
  old,
  new: candidate,
  lineage,
  preview: given,
}: ComparisonOptions): Promise<{ marks: string; blocks: ComparedBlocks | null }> {
  if (!lineage) return { marks: await marksOf(old, candidate), blocks: null };
  const preview = given instanceof StoragePreview ? given : new StoragePreview(old, candidate);
  try {
    return { marks: await preview.marks, blocks: await preview.compared() };
  } finally {
    await preview.close();
  }
}

/** With less than DuckDB asks for, joins fail for want of memory. */
function fitting(options: DuckdbOptions): DuckdbOptions {
  const bytes = bytesOf(options.memory_limit ?? '');
  if (options.threads !== undefined || bytes === null) return options;
  const threads = Math.max(1, Math.min(availableParallelism(), Math.floor(bytes / bytesPerThread)));
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
    this.sameBytes = whole && saidOf(whole);
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

function saidOf({ bytes, shared }: WholeFile): string {
  const ofThem = shared === 0 ? '' : `, ${shared} of them in blocks of the disk that both share`;
  return `the files of both databases are equal, byte by byte (${bytes} bytes${ofThem})`;
}

function planName({ schema, name }: Pick<TablePair, 'schema' | 'name'>): string {
  return JSON.stringify([schema, name]);
}
