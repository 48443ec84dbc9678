import { open, stat } from 'node:fs/promises';
import { messageOf } from '../../errors.ts';
import { patiently } from '../../patiently.ts';
import type {
  ComparedColumn,
  Comparer,
  ComparisonOptions,
  ComparisonSession,
  KeyFault,
  Location,
  RecordedRows,
  RowComparison,
  RowCounts,
  RowTarget,
  Side,
  TablePair,
} from '../engine.ts';
import { sqlComment } from '../sql.ts';
import * as sql from './comparison-sql.ts';
import {
  Duckdb,
  type DuckdbOptions,
  inMemory,
  quote,
  type Row,
  storePatienceMs,
  toNumber,
} from './connection.ts';
import { exists, logOf } from './databases.ts';
import { withoutData } from './errors.ts';

/** Both databases and the store are attached to one instance in memory: all comparing happens inside it. */
export function duckdbComparer(options: DuckdbOptions): Comparer {
  return { open: (comparison) => openSession(comparison, options) };
}

async function openSession(
  { old, new: candidate, store, purpose }: ComparisonOptions,
  options: DuckdbOptions,
): Promise<ComparisonSession> {
  // Before DuckDB opens the files: reading and closing them later would drop its locks.
  const evidence = await sameBytes(old, candidate);
  const duckdb = await Duckdb.open(null, options);
  try {
    await duckdb.attach(old, sql.attached.old, 'read');
    await duckdb.attach(candidate, sql.attached.new, 'read');
    // Instants and their texts must not depend on the machine's zone, in the workers' connections either.
    await duckdb.run("SET GLOBAL TimeZone = 'UTC'");
    return new Session(duckdb, { evidence, store, purpose });
  } catch (error) {
    duckdb.close();
    throw error;
  }
}

class Session implements ComparisonSession {
  readonly sameBytes: string | null;
  readonly #duckdb: Duckdb;
  readonly #store: Location | null;
  readonly #purpose: string;
  /** Side and view -> the table in memory that holds its rows for the length of the session. */
  readonly #viewRows = new Map<string, string>();
  /** How the rows of each pair were brought together, for finding the deviating ones again. */
  readonly #plans = new Map<string, Plan>();
  #workers: ((statement: string) => Promise<Row>)[] = [];

  constructor(
    duckdb: Duckdb,
    about: { evidence: string | null; store: Location | null; purpose: string },
  ) {
    this.sameBytes = about.evidence;
    this.#duckdb = duckdb;
    this.#store = about.store;
    this.#purpose = about.purpose;
  }

  incomparable(): string | null {
    return null; // what DuckDB cannot cast to a common type, it can cast to text
  }

  takesTolerance(type: string): boolean {
    return sql.isNumeric(type);
  }

  async countRows(
    side: Side,
    schema: string,
    name: string,
    kind: 'table' | 'view',
  ): Promise<number> {
    const relation = await this.#relation(side, schema, name, kind);
    const { rows } = await this.#ask(`count ${schema}.${name}`, sql.countRows(relation));
    return toNumber(rows);
  }

  async keyFault(pair: TablePair): Promise<KeyFault | null> {
    const key = keyColumns(pair);
    if (key === null || pair.keyEnforced) return null;
    const sources = await this.#sources(pair);
    for (const side of ['old', 'new'] as const) {
      const about = `check the key of ${pair.schema}.${pair.name}`;
      const { nulls } = await this.#ask(about, sql.countNullKeys(sources[side], pair.key ?? []));
      if (toNumber(nulls) > 0) return { side, kind: 'null', count: toNumber(nulls) };
      if (await this.#isIncreasing(sources, side, key, about)) continue;
      const { duplicates } = await this.#ask(about, sql.countDuplicateKeys(sources, side, key));
      if (toNumber(duplicates) > 0) return { side, kind: 'duplicate', count: toNumber(duplicates) };
    }
    return null;
  }

  /** Tables are mostly filled in the order of their key. */
  async #isIncreasing(
    sources: sql.Sources,
    side: Side,
    key: readonly ComparedColumn[],
    about: string,
  ): Promise<boolean> {
    if (!sources.hasRowid) return false;
    const row = await this.#ask(about, sql.countNotIncreasing(sources, side, key));
    return toNumber(row.not_increasing) === 0;
  }

  async compareRows(
    pair: TablePair,
    rows: RowCounts,
    onProgress: (done: number) => void,
  ): Promise<RowComparison> {
    const sources = await this.#sources(pair);
    const chunks = sql.chunksOf(sources, Math.max(rows.old, rows.new));
    const found =
      pair.key === null
        ? await this.#compareMultisets(pair, sources, chunks, onProgress)
        : await this.#compareKeyed(pair, sources, chunks, onProgress);
    this.#plans.set(planName(pair), found.plan);
    return found;
  }

  /** Rows that stand beside their own key are compared there; the others are joined by key. */
  async #compareKeyed(
    pair: TablePair,
    sources: sql.Sources,
    chunks: readonly sql.Chunk[],
    onProgress: (done: number) => void,
  ): Promise<RowComparison & { plan: Plan }> {
    const about = `${pair.schema}.${pair.name}`;
    const key = keyColumns(pair) ?? [];
    const columns = pair.columns.filter(({ name }) => !key.some((column) => column.name === name));
    const cells = new Counter();
    const groups = sql.columnGroups(columns);
    const [aligned, rest]: [sql.Chunk[], sql.Chunk[]] = [[], []];
    await this.#each(
      chunks,
      `align ${about}`,
      (chunk) => sql.countMisaligned(sources, key, chunk),
      (row, chunk) => {
        (toNumber(row.misaligned) === 0 ? aligned : rest).push(chunk);
      },
    );
    const dirty = new Set<sql.Chunk>();
    await this.#each(
      aligned.flatMap((chunk) => groups.map((group) => ({ chunk, group }))),
      `compare ${about}`,
      ({ chunk, group }) => sql.countByPosition(sources, group, chunk),
      (row, { chunk, group }) => {
        if (cells.add(group, row)) dirty.add(chunk);
        onProgress(sql.rowsPerChunk / groups.length);
      },
    );
    let [added, removed] = [0, 0];
    for (const group of rest.length > 0 ? groups : []) {
      const row = await this.#ask(
        `join ${about}`,
        sql.countByJoin(sources, key, group, inOrder(rest)),
      );
      cells.add(group, row);
      [added, removed] = [toNumber(row.added), toNumber(row.removed)];
    }
    const way =
      rest.length === 0 ? 'position' : aligned.length === 0 ? 'join' : 'position and join';
    return {
      added,
      removed,
      cells: cells.counts,
      way,
      plan: { aligned: inOrder([...dirty]), rest: inOrder(rest) },
    };
  }

  /** Chunks that are equal row by row are out of the way; of the others, each row counts as often as it occurs. */
  async #compareMultisets(
    pair: TablePair,
    sources: sql.Sources,
    chunks: readonly sql.Chunk[],
    onProgress: (done: number) => void,
  ): Promise<RowComparison & { plan: Plan }> {
    const about = `${pair.schema}.${pair.name}`;
    // Whether two rows without a key belong together, only their equality can tell: no tolerance.
    const columns = pair.columns.map((column) => ({ ...column, tolerance: null }));
    const equal = new Set<sql.Chunk>();
    await this.#each(
      chunks,
      `count ${about}`,
      (chunk) => sql.countUnpaired(sources, chunk),
      (row, chunk) => {
        if (toNumber(row.unpaired) === 0) equal.add(chunk);
      },
    );
    const groups = sql.columnGroups(columns);
    await this.#each(
      [...equal].flatMap((chunk) => groups.map((group) => ({ chunk, group }))),
      `compare ${about}`,
      ({ chunk, group }) => sql.countByPosition(sources, group, chunk),
      (row, { chunk }) => {
        if (Object.values(row).some((count) => toNumber(count) > 0)) equal.delete(chunk);
        onProgress(sql.rowsPerChunk / groups.length);
      },
    );
    const rest = inOrder(chunks.filter((chunk) => !equal.has(chunk)));
    const none = { cells: new Map<string, number>(), plan: { aligned: [], rest } };
    if (rest.length === 0) return { added: 0, removed: 0, way: 'position', ...none };
    const row = await this.#ask(
      `compare ${about} as multisets`,
      sql.countMultiset(sources, columns, rest),
    );
    return {
      added: toNumber(row.added),
      removed: toNumber(row.removed),
      way: 'multiset',
      ...none,
    };
  }

  async recordRows(
    pair: TablePair,
    found: RowComparison,
    target: RowTarget,
  ): Promise<RecordedRows> {
    const plan = this.#plans.get(planName(pair));
    if (plan === undefined) throw new Error(`${planName(pair)} was not compared in this session`);
    const about = `record the deviating rows of ${pair.schema}.${pair.name}`;
    const dirty = pair.columns.filter(({ name }) => found.cells.has(name));
    const deviating = {
      sources: await this.#sources(pair),
      key: keyColumns(pair),
      columns: pair.columns,
      dirty,
      ...plan,
    };
    const address = [BigInt(target.comparison), target.tableName];
    await this.#duckdb.run(this.#comment(about) + sql.collectDeviating(deviating));
    const recorded = await this.#withStore(async () => {
      await this.#duckdb.run(this.#comment(about) + sql.recordDeviating(dirty, target), address);
      const summary = this.#comment(about) + sql.summariseRecorded(target.table);
      const row = await this.#duckdb.row(summary, address);
      if (target.privacy === 'none') {
        await this.#duckdb.run(
          this.#comment(about) + sql.forgetFingerprints(target.table),
          address,
        );
      }
      return row;
    });
    const patterns = dirty.length > 0 ? await this.#patterns(dirty) : new Map<string, string>();
    await this.#duckdb.run('DROP TABLE deviating');
    return {
      added: toNumber(recorded.added),
      removed: toNumber(recorded.removed),
      changed: toNumber(recorded.changed),
      fingerprint: String(recorded.fingerprint),
      patterns,
    };
  }

  /** The store is open for moments only: other steps, and `status`, want it as well. */
  async #withStore<T>(work: () => Promise<T>): Promise<T> {
    const store = this.#store;
    if (store === null) throw new Error('This comparison records nothing');
    await patiently(storePatienceMs, () => this.#duckdb.attach(store, sql.attached.store, 'write'));
    try {
      return await work();
    } finally {
      await this.#duckdb.run(`DETACH ${quote(sql.attached.store)}`);
    }
  }

  async #patterns(dirty: readonly ComparedColumn[]): Promise<Map<string, string>> {
    const patterns = new Map<string, string>();
    for (const from of dirty.keys()) {
      // DuckDB's planning time grows with the square of the number of aggregates: few columns a statement.
      if (from % sql.describedAtOnce !== 0) continue;
      const columns = dirty.slice(from, from + sql.describedAtOnce);
      const row = await this.#ask('describe the changes', sql.describeChanges(columns, from));
      columns.forEach((column, index) => {
        const pattern = patternOf(column, from + index, row);
        if (pattern !== null) patterns.set(column.name, pattern);
      });
    }
    return patterns;
  }

  async fingerprint(
    side: Side,
    schema: string,
    name: string,
    kind: 'table' | 'view',
    columns: readonly string[],
  ): Promise<string> {
    const relation = await this.#relation(side, schema, name, kind);
    const row = await this.#ask(
      `fingerprint ${schema}.${name}`,
      sql.fingerprintRows(relation, columns),
    );
    return String(row.fingerprint);
  }

  async release(schema: string, name: string): Promise<void> {
    for (const side of ['old', 'new'] as const) {
      const held = this.#viewRows.get(JSON.stringify([side, schema, name]));
      if (held === undefined) continue;
      await this.#duckdb.run(`DROP TABLE ${held}`);
      this.#viewRows.delete(JSON.stringify([side, schema, name]));
    }
  }

  async close(): Promise<void> {
    this.#duckdb.close();
  }

  async #sources(pair: TablePair): Promise<sql.Sources> {
    const { schema, name } = pair;
    const relations = {
      old: await this.#relation('old', schema, name, pair.oldKind),
      new: await this.#relation('new', schema, name, pair.newKind),
    };
    // The table that holds a view's rows keeps the collations of the columns that the view reads.
    const { collated } = await this.#duckdb.row(
      `SELECT count(*) > 0 AS collated FROM duckdb_tables()
       WHERE sql ILIKE '%COLLATE%' AND ((schema_name = $1 AND table_name = $2) OR table_name IN ($3, $4))`,
      [schema, name, rowsOfView('old', schema, name), rowsOfView('new', schema, name)],
    );
    const columns = pair.columns.map((column) => column.name.toLowerCase());
    const shadowed = await this.#duckdb.row(
      `SELECT count(*) > 0 AS shadowed FROM duckdb_columns()
       WHERE schema_name = $1 AND table_name = $2 AND lower(column_name) = 'rowid'`,
      [schema, name],
    );
    return {
      ...relations,
      hasRowid: shadowed.shadowed !== true && !columns.includes('rowid'),
      collated: collated === true,
      mode: pair.mode,
    };
  }

  /**
   * A table is read where it is. The rows of a view are taken once, so that every statement sees the same ones, with
   * the view's own database as the default one, because macros in it are looked up there.
   */
  async #relation(
    side: Side,
    schema: string,
    name: string,
    kind: 'table' | 'view',
  ): Promise<string> {
    if (kind === 'table') return `${quote(sql.attached[side])}.${quote(schema)}.${quote(name)}`;
    const id = JSON.stringify([side, schema, name]);
    const known = this.#viewRows.get(id);
    if (known !== undefined) return known;
    const table = `${quote(inMemory)}.main.${quote(rowsOfView(side, schema, name))}`;
    await this.#duckdb.run(`USE ${quote(sql.attached[side])}`);
    try {
      const about = this.#comment(`take the rows of view ${schema}.${name}`);
      await this.#duckdb.run(
        `${about}CREATE TABLE ${table} AS SELECT * FROM ${quote(schema)}.${quote(name)}`,
      );
    } catch (error) {
      throw new Error(withoutData(messageOf(error)));
    } finally {
      await this.#duckdb.run(`USE ${quote(inMemory)}`);
    }
    this.#viewRows.set(id, table);
    return table;
  }

  /** One statement a piece, as many at a time as DuckDB has threads: a positional join uses one thread only. */
  async #each<T>(
    pieces: readonly T[],
    about: string,
    statement: (piece: T) => string,
    take: (row: Row, piece: T) => void,
  ): Promise<void> {
    const queue = [...pieces];
    const { threads } = await this.#duckdb.row("SELECT current_setting('threads') AS threads");
    while (this.#workers.length < Math.min(toNumber(threads), pieces.length)) {
      this.#workers.push(await this.#duckdb.parallel());
    }
    const work = async (ask: (text: string) => Promise<Row>) => {
      for (let piece = queue.shift(); piece !== undefined; piece = queue.shift()) {
        take(await ask(this.#comment(about) + statement(piece)), piece);
      }
    };
    await Promise.all(this.#workers.slice(0, pieces.length).map(work));
  }

  #ask(about: string, statement: string): Promise<Row> {
    return this.#duckdb.row(this.#comment(about) + statement);
  }

  #comment(about: string): string {
    return sqlComment(`${this.#purpose}: ${about}`);
  }
}

interface Plan {
  /** Chunks with deviating rows that stand side by side. */
  readonly aligned: readonly sql.Chunk[];
  readonly rest: readonly sql.Chunk[];
}

/** Adds up c0, c1, ... over the statements of a table. */
class Counter {
  readonly counts = new Map<string, number>();

  /** Gives true when any column deviates in this row of counts. */
  add(columns: readonly ComparedColumn[], row: Row): boolean {
    let any = false;
    columns.forEach(({ name }, at) => {
      const count = toNumber(row[`c${at}`]);
      if (count === 0) return;
      any = true;
      this.counts.set(name, (this.counts.get(name) ?? 0) + count);
    });
    return any;
  }
}

/** What all changes of the column with number `at` have in common; null when nothing that has a name. */
function patternOf(column: ComparedColumn, at: number, row: Row): string | null {
  const total = toNumber(row[`total_${at}`]);
  const fitting = sql
    .descriptionsOf(column)
    .find((_, index) => total > 0 && toNumber(row[`p${at}_${index}`]) === total);
  if (fitting !== undefined) return fitting.pattern;
  const [low, high] = [row[`low_${at}`], row[`high_${at}`]];
  const isConstant = low != null && low === high && toNumber(row[`distances_${at}`]) === total;
  return isConstant ? `constant offset: new - old = ${String(low)}` : null;
}

function keyColumns({ key, columns }: TablePair): ComparedColumn[] | null {
  return key && columns.filter(({ name }) => key.includes(name));
}

function rowsOfView(side: Side, schema: string, name: string): string {
  return `${side} ${schema}.${name}`;
}

function planName({ schema, name }: TablePair): string {
  return JSON.stringify([schema, name]);
}

/** Chunks end in the order in which workers finish; statements are written in the order of the table. */
function inOrder(chunks: readonly sql.Chunk[]): sql.Chunk[] {
  return [...chunks].sort((a, b) => a.from - b.from);
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
