import { open, stat } from 'node:fs/promises';
import type {
  Claim,
  Column,
  Comparer,
  ComparisonOptions,
  ComparisonSession,
  DeviatingRows,
  KeyFault,
  Location,
  RowComparison,
  RowCounts,
  Side,
  TablePair,
} from '../engine.ts';
import { findClaimFault, noneOf } from './claims.ts';
import { Duckdb, type DuckdbOptions, toNumber } from './connection.ts';
import { countRows } from './counts.ts';
import { exists, logOf } from './databases.ts';
import { gatherRows } from './deviating.ts';
import { fingerprintRows } from './fingerprints.ts';
import { Functions } from './functions.ts';
import { attached } from './reading.ts';
import { compareRows, type RowPlan } from './rows.ts';
import { isNumeric } from './values.ts';
import { Workspace } from './workspace.ts';

/** Both databases and the store are attached to one instance in memory: all comparing happens inside it. */
export function duckdbComparer(options: DuckdbOptions): Comparer {
  return { open: (comparison) => openSession(comparison, options), noneOf };
}

async function openSession(
  { old, new: candidate, store, purpose, lineage }: ComparisonOptions,
  options: DuckdbOptions,
): Promise<ComparisonSession> {
  // Before DuckDB opens the files: reading and closing them later would drop its locks.
  const evidence = lineage ? await sameBytes(old, candidate) : null;
  const duckdb = await Duckdb.open(null, options);
  try {
    await duckdb.attach(old, attached.old, 'read');
    await duckdb.attach(candidate, attached.new, 'read');
    // Instants and their texts must not depend on the machine's zone, in the workers' connections either.
    await duckdb.run("SET GLOBAL TimeZone = 'UTC'");
    return new Session(await Workspace.open(duckdb, store, purpose), evidence);
  } catch (error) {
    duckdb.close();
    throw error;
  }
}

class Session implements ComparisonSession {
  readonly sameBytes: string | null;
  readonly parallel: number;
  readonly #workspace: Workspace;
  readonly #functions: Functions;
  /** How the rows of each pair were brought together, for finding the deviating ones again. */
  readonly #plans = new Map<string, RowPlan>();

  constructor(workspace: Workspace, evidence: string | null) {
    this.sameBytes = evidence;
    this.parallel = workspace.threads;
    this.#workspace = workspace;
    this.#functions = new Functions(workspace);
  }

  incomparable(): string | null {
    return null; // what DuckDB cannot cast to a common type, it can cast to text
  }

  takesTolerance(type: string): boolean {
    return isNumeric(type);
  }

  async countRows(
    side: Side,
    schema: string,
    name: string,
    kind: 'table' | 'view',
  ): Promise<number> {
    const relation = await this.#workspace.relation(side, schema, name, kind);
    const { rows } = await this.#workspace.ask(`count ${schema}.${name}`, countRows(relation));
    return toNumber(rows);
  }

  async compareRows(
    pair: TablePair,
    rows: RowCounts,
    onProgress: (done: number) => void,
  ): Promise<RowComparison | KeyFault> {
    const found = await compareRows(this.#workspace, pair, rows, onProgress);
    if ('fault' in found) return found;
    const { plan, ...comparison } = found;
    this.#plans.set(planName(pair), plan);
    return comparison;
  }

  claimFault(
    claim: Claim,
    columns: Readonly<Record<Side, readonly Column[]>>,
  ): Promise<string | null> {
    return findClaimFault(this.#workspace, this.#functions, claim, columns);
  }

  async gather(
    pair: TablePair,
    found: RowComparison,
    claims: readonly Claim[],
  ): Promise<DeviatingRows> {
    const plan = this.#plans.get(planName(pair));
    if (plan === undefined) {
      throw new Error(`${pair.schema}.${pair.name} was not compared in this session`);
    }
    return gatherRows(this.#workspace, pair, found, plan, claims);
  }

  async fingerprint(
    side: Side,
    schema: string,
    name: string,
    kind: 'table' | 'view',
    columns: readonly string[],
  ): Promise<string> {
    const relation = await this.#workspace.relation(side, schema, name, kind);
    const row = await this.#workspace.ask(
      `fingerprint ${schema}.${name}`,
      fingerprintRows(relation, columns),
    );
    return String(row.fingerprint);
  }

  async countEqual(): Promise<number | null> {
    return null;
  }

  release(schema: string, name: string): Promise<void> {
    return this.#workspace.forgetView(schema, name);
  }

  async close(): Promise<void> {
    this.#workspace.close();
  }
}

function planName({ schema, name }: TablePair): string {
  return JSON.stringify([schema, name]);
}

/** Equal bytes and no log waiting: then every table, column and row is equal. */
async function sameBytes(old: Location, candidate: Location): Promise<string | null> {
  if ((await exists(logOf(old))) || (await exists(logOf(candidate)))) return null;
  const [a, b] = await Promise.all([stat(old), stat(candidate)]).catch(() => []);
  if (
    a === undefined ||
    b === undefined ||
    a.size !== b.size ||
    !(await sameContent(old, candidate))
  )
    return null;
  return `the files of both databases are equal, byte by byte (${a.size} bytes)`;
}

async function sameContent(a: Location, b: Location): Promise<boolean> {
  const [left, right] = [await open(a, 'r'), await open(b, 'r')];
  const [one, two] = [Buffer.allocUnsafe(1 << 20), Buffer.allocUnsafe(1 << 20)];
  try {
    for (;;) {
      const [read, other] = await Promise.all([
        left.read(one, 0, one.length),
        right.read(two, 0, two.length),
      ]);
      if (read.bytesRead !== other.bytesRead) return false;
      if (read.bytesRead === 0) return true;
      if (one.compare(two, 0, other.bytesRead, 0, read.bytesRead) !== 0) return false;
    }
  } finally {
    await left.close();
    await right.close();
  }
}
