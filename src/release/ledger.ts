import { hostname } from 'node:os';
import type {
  DeviationQuery,
  DeviationReader,
  Hold,
  Location,
  Store,
  StoreReader,
  StoreRow,
  Stores,
  StoreTable,
  StoreWriter,
} from '../engines/engine.ts';
import { GreenlightError } from '../errors.ts';
import { version } from '../version.ts';
import type {
  Approval,
  ComparisonRecord,
  DriftRecord,
  InputProof,
  NoiseSourceRecord,
  Override,
  Period,
  Publication,
  RehearsalRecord,
  Release,
  ReleaseState,
  ScriptRecord,
  SimulationRole,
  StepName,
  StepRecord,
  SwapRecord,
} from './records.ts';
import * as tables from './tables.ts';

/**
 * The memory of all releases. Steps share nothing but this. It is opened for each access and closed again, so that
 * other processes can look at it while a step works.
 */
export class Ledger {
  readonly #stores: Stores;
  readonly #upgrades: typeof tables.upgrades;
  /** The database whose releases these are; a ledger may serve several. */
  readonly live: Location;

  constructor(stores: Stores, live: Location, upgrades = tables.upgrades) {
    this.#stores = stores;
    this.live = live;
    this.#upgrades = upgrades;
  }

  get location(): string {
    return this.#stores.location;
  }

  /**
   * Whether what is there, if anything, is a ledger that this version can work with. Writes nothing.
   * @throws GreenlightError that says why not.
   */
  async examine(): Promise<'missing' | 'older' | 'current'> {
    const store = await this.#stores.open({ create: false, purpose: 'look at the ledger' });
    if (store === null) return 'missing';
    return closing(store, async () => {
      const known = this.#upgrades.length;
      return (await versionOf(store, known)) < known ? 'older' : 'current';
    });
  }

  /** Reads. Without a ledger yet, `nothing` is given. */
  async read<T>(nothing: T, work: (reader: LedgerReader) => Promise<T>): Promise<T> {
    const store = await this.#stores.open({ create: false, purpose: 'read the ledger' });
    if (store === null) return nothing;
    return closing(store, async () => {
      if ((await versionOf(store, this.#upgrades.length)) < this.#upgrades.length)
        await this.#upgrade(store);
      return work(new LedgerReader(store, this.live));
    });
  }

  /** Writes, all or nothing; makes the ledger, or brings it to this version, when needed. */
  async write<T>(purpose: string, work: (writer: LedgerWriter) => Promise<T>): Promise<T> {
    const store = await this.#stores.open({ create: true, purpose });
    if (store === null) throw new Error('The store was not created');
    return closing(store, async () => {
      if ((await versionOf(store, this.#upgrades.length)) < this.#upgrades.length)
        await this.#upgrade(store);
      return store.write((writer) => work(new LedgerWriter(writer, this.live)));
    });
  }

  /** Deviating rows that comparisons recorded; null without a ledger. To be closed. */
  deviations(query: Omit<DeviationQuery, 'table'>): Promise<DeviationReader | null> {
    return this.#stores.openDeviations({ ...query, table: tables.rowDeviationTable.name });
  }

  /** The right to change this release, or live, that one process has at a time. */
  hold(name: string, waitMs = 2_000): Promise<Hold> {
    return this.#stores.hold(name, waitMs);
  }

  async #upgrade(store: Store): Promise<void> {
    await store.write(async (writer) => {
      const from = await versionOf(writer, this.#upgrades.length);
      for (const [index, operations] of this.#upgrades.entries()) {
        if (index < from) continue;
        for (const operation of operations) await writer.apply(operation);
        await writer.insert(tables.ledgerTable, {
          version: index + 1,
          upgraded_at: new Date().toISOString(),
          tool_version: version,
        });
      }
    });
  }
}

/** 0 for a store without tables. */
async function versionOf(reader: StoreReader, known: number): Promise<number> {
  const existing = await reader.tables();
  if (!existing.includes(tables.ledgerTable.name)) {
    if (existing.length === 0) return 0;
    throw new GreenlightError({
      what: 'This database is not a Greenlight ledger: it holds other tables.',
      cause: `found ${existing.slice(0, 3).join(', ')}`,
      help: 'Give `ledger` in greenlight.yml a database of its own.',
    });
  }
  const found = (await reader.max(tables.ledgerTable, 'version')) ?? 0;
  if (found > known) {
    throw new GreenlightError({
      what: `The ledger has version ${found}; this Greenlight knows versions up to ${known}.`,
      help: 'Use the newer Greenlight that wrote it.',
    });
  }
  return found;
}

async function closing<T>(store: Store, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await store.close();
  }
}

/** What the ledger knows, as records. */
export class LedgerReader {
  protected readonly reader: StoreReader;
  readonly #live: Location;

  constructor(reader: StoreReader, live: Location) {
    this.reader = reader;
    this.#live = live;
  }

  /** Releases of this live. */
  async releases(): Promise<Release[]> {
    return this.#all<Release>(tables.releaseTable, { live: this.#live }, ['created_at', 'id']);
  }

  /** Releases of any live. */
  async allReleases(): Promise<Release[]> {
    return this.#all<Release>(tables.releaseTable, {}, ['created_at', 'id']);
  }

  /** A release of any live. */
  async release(id: string): Promise<Release | null> {
    const [release] = await this.#all<Release>(tables.releaseTable, { id });
    return release ?? null;
  }

  /** Runs of steps, oldest first. */
  async steps(release: string): Promise<StepRecord[]> {
    return this.#all<StepRecord>(tables.stepTable, { release }, ['id']);
  }

  async migrations(release: string): Promise<ScriptRecord[]> {
    return this.#all<ScriptRecord>(tables.migrationTable, { release }, ['position']);
  }

  /** What ran on the candidate, or as control. */
  async simulations(release: string, role: SimulationRole): Promise<StoreRow[]> {
    return this.reader.select(tables.simulationTable, { release, role }, ['position']);
  }

  async periods(release: string): Promise<Period[]> {
    const rows = await this.reader.select(tables.periodTable, { release }, ['position']);
    return rows.map(({ position, variables }) => ({ position, variables }) as Period);
  }

  /** The simulation over periods that the candidate is made by; null without one. */
  async simulationRun(release: string): Promise<string | null> {
    const [first] = await this.reader.select(tables.periodTable, { release, position: 0 });
    return (first?.run as string | undefined) ?? null;
  }

  /** Ordered by table; empty when nothing was proven. */
  async inputProofs(release: string, moment: 'before' | 'after'): Promise<InputProof[]> {
    const where = { release, moment };
    const rows = await this.reader.select(tables.inputProofTable, where, ['table_name']);
    return rows.map(
      ({ release: _release, moment: _moment, proven_at: _at, table_name: table, ...rest }) =>
        ({ table, ...rest }) as InputProof,
    );
  }

  async noiseSources(release: string): Promise<NoiseSourceRecord[]> {
    const rows = await this.reader.select(tables.noiseSourceTable, { release }, ['position']);
    return rows.map(
      ({ release: _release, position: _position, ...rest }) => rest as unknown as NoiseSourceRecord,
    );
  }

  /** Finished comparisons of the candidate with the old result, oldest first. */
  async comparisons(release: string): Promise<ComparisonRecord[]> {
    return this.#finished(release, 'deviations');
  }

  /** Finished comparisons of the baseline with its control, oldest first. */
  async noiseComparisons(release: string): Promise<ComparisonRecord[]> {
    return this.#finished(release, 'noise');
  }

  async tableDeviations(comparison: number): Promise<StoreRow[]> {
    return this.reader.select(tables.tableDeviationTable, { comparison }, ['table_name']);
  }

  /** Columns that deviate or were skipped. */
  async columnDeviations(comparison: number): Promise<StoreRow[]> {
    const order = ['table_name', 'column_name'];
    return this.reader.select(tables.columnDeviationTable, { comparison }, order);
  }

  async objectDeviations(comparison: number): Promise<StoreRow[]> {
    return this.reader.select(tables.objectDeviationTable, { comparison }, ['kind', 'object_name']);
  }

  async approvals(release: string): Promise<Approval[]> {
    return this.#all<Approval>(tables.approvalTable, { release }, ['id']);
  }

  /** What became of each declaration, in the order of the file. */
  async expectations(comparison: number): Promise<StoreRow[]> {
    return this.reader.select(tables.expectationTable, { comparison }, ['position']);
  }

  /** Swaps against a closed gate, oldest first. */
  async overrides(release: string): Promise<Override[]> {
    return this.#all<Override>(tables.overrideTable, { release }, ['id']);
  }

  async publication(release: string): Promise<Publication | null> {
    const [publication] = await this.#all<Publication>(tables.publicationTable, { release });
    return publication ?? null;
  }

  /** Exchanges of this live by all releases, oldest first. */
  async swaps(): Promise<SwapRecord[]> {
    return this.#all<SwapRecord>(tables.swapTable, { live: this.#live }, ['id']);
  }

  /** What swaps of this release found changed in live, oldest first. */
  async drift(release: string): Promise<DriftRecord[]> {
    return this.#all<DriftRecord>(tables.driftTable, { release }, [
      'found_at',
      'kind',
      'object_name',
    ]);
  }

  async rehearsals(release: string): Promise<RehearsalRecord[]> {
    return this.#all<RehearsalRecord>(tables.rehearsalTable, { release }, ['id']);
  }

  /** Of any release: under way, or cut off. */
  async unfinishedRehearsals(): Promise<RehearsalRecord[]> {
    return this.#all<RehearsalRecord>(tables.rehearsalTable, { state: 'running' }, ['id']);
  }

  async #finished(release: string, kind: ComparisonRecord['kind']): Promise<ComparisonRecord[]> {
    const where = { release, kind, state: 'done' };
    return this.#all<ComparisonRecord>(tables.comparisonTable, where, ['id']);
  }

  async #all<T>(table: StoreTable, where: StoreRow, order: string[] = []): Promise<T[]> {
    return (await this.reader.select(table, where, order)) as T[];
  }
}

export class LedgerWriter extends LedgerReader {
  readonly #writer: StoreWriter;

  constructor(writer: StoreWriter, live: Location) {
    super(writer, live);
    this.#writer = writer;
  }

  /** A release begins anew: whatever an earlier clone under this id had recorded of its candidate goes. */
  async startRelease(release: Pick<Release, 'id' | 'engine' | 'live'>): Promise<void> {
    const existing = await this.release(release.id);
    const now = new Date().toISOString();
    if (existing === null) {
      await this.#writer.insert(tables.releaseTable, {
        ...release,
        state: 'new',
        created_at: now,
        updated_at: now,
      });
    } else {
      await this.updateRelease(release.id, { state: 'new' });
    }
    await this.forgetCandidate(release.id);
    await this.forgetControl(release.id);
  }

  /** What ran on a candidate that is no more. */
  async forgetCandidate(release: string): Promise<void> {
    await this.#writer.delete(tables.migrationTable, { release });
    await this.#writer.delete(tables.simulationTable, { release, role: 'candidate' });
    for (const table of [tables.periodTable, tables.inputProofTable, tables.noiseSourceTable])
      await this.#writer.delete(table, { release });
  }

  /** Its commit stays: it tells later what the old logic was. */
  async forgetControl(release: string): Promise<void> {
    await this.#writer.delete(tables.simulationTable, { release, role: 'control' });
    await this.updateRelease(release, { control: null, control_id: null, control_mark: null });
  }

  async updateRelease(id: string, set: Partial<Release>): Promise<void> {
    await this.#writer.update(
      tables.releaseTable,
      { ...set, updated_at: new Date().toISOString() },
      { id },
    );
  }

  async setState(id: string, state: ReleaseState): Promise<void> {
    await this.updateRelease(id, { state });
  }

  async startStep(
    release: string,
    step: StepName,
    actor: string,
    logicHash: string | null,
  ): Promise<number> {
    const id = await this.#nextId(tables.stepTable);
    await this.#writer.insert(tables.stepTable, {
      id,
      release,
      step,
      state: 'running',
      started_at: new Date().toISOString(),
      actor,
      machine: hostname(),
      tool_version: version,
      logic_hash: logicHash,
    });
    return id;
  }

  async finishStep(id: number, state: StepRecord['state'], detail: unknown): Promise<void> {
    await this.#writer.update(
      tables.stepTable,
      { state, finished_at: new Date().toISOString(), detail },
      { id },
    );
  }

  /** Runs that nobody will finish: their process is gone, or it would hold the release. */
  async interruptSteps(release: string): Promise<void> {
    await this.#writer.update(
      tables.stepTable,
      { state: 'interrupted' },
      { release, state: 'running' },
    );
  }

  async startScript(
    table: 'migration' | 'simulation',
    row: Pick<ScriptRecord, 'release' | 'position' | 'kind' | 'checksum'> & {
      readonly name: string;
      readonly period?: number | null;
      readonly role?: SimulationRole;
    },
  ): Promise<void> {
    const { name, ...rest } = row;
    const definition = table === 'migration' ? tables.migrationTable : tables.simulationTable;
    await this.#writer.insert(definition, {
      ...rest,
      [table === 'migration' ? 'script' : 'item']: name,
      state: 'running',
      started_at: new Date().toISOString(),
    });
  }

  async finishScript(
    table: 'migration' | 'simulation',
    row: { readonly release: string; readonly position: number; readonly role?: SimulationRole },
    report: { readonly statements: number; readonly transactional: boolean } | null,
  ): Promise<void> {
    const definition = table === 'migration' ? tables.migrationTable : tables.simulationTable;
    await this.#writer.update(
      definition,
      {
        state: 'applied',
        finished_at: new Date().toISOString(),
        statements: report?.statements ?? null,
        transactional: report?.transactional ?? null,
      },
      row,
    );
  }

  /** What the runs of a simulation that was cut off became: the first `done` had come to their end. */
  async settleSimulation(release: string, done: number): Promise<void> {
    const role = 'candidate';
    for (const { position, state } of await this.simulations(release, role)) {
      if (state === 'applied') continue;
      if (Number(position) < done)
        await this.finishScript('simulation', { release, role, position: Number(position) }, null);
      else await this.#writer.delete(tables.simulationTable, { release, role, position });
    }
  }

  async recordPeriods(release: string, run: string, periods: readonly Period[]): Promise<void> {
    await this.#writer.delete(tables.periodTable, { release });
    for (const period of periods)
      await this.#writer.insert(tables.periodTable, { release, run, ...period });
  }

  async recordInputProofs(
    release: string,
    moment: 'before' | 'after',
    proofs: readonly InputProof[],
  ): Promise<void> {
    await this.#writer.delete(tables.inputProofTable, { release, moment });
    const proven_at = new Date().toISOString();
    for (const { table: table_name, ...proof } of proofs) {
      const row = { release, moment, table_name, ...proof, proven_at };
      await this.#writer.insert(tables.inputProofTable, row);
    }
  }

  async recordNoiseSources(release: string, sources: readonly NoiseSourceRecord[]): Promise<void> {
    await this.#writer.delete(tables.noiseSourceTable, { release });
    for (const [position, source] of sources.entries())
      await this.#writer.insert(tables.noiseSourceTable, { release, position, ...source });
  }

  async startComparison(row: Partial<ComparisonRecord>): Promise<number> {
    const id = await this.#nextId(tables.comparisonTable);
    await this.#writer.insert(tables.comparisonTable, {
      ...row,
      id,
      state: 'running',
      started_at: new Date().toISOString(),
    });
    return id;
  }

  async finishComparison(
    id: number,
    set: Partial<ComparisonRecord>,
    deviations: {
      readonly tables: StoreRow[];
      readonly columns: StoreRow[];
      readonly objects: StoreRow[];
      readonly expectations: StoreRow[];
    },
  ): Promise<void> {
    for (const row of deviations.tables)
      await this.#writer.insert(tables.tableDeviationTable, { comparison: id, ...row });
    for (const row of deviations.columns) {
      await this.#writer.insert(tables.columnDeviationTable, { comparison: id, ...row });
    }
    for (const row of deviations.objects) {
      await this.#writer.insert(tables.objectDeviationTable, { comparison: id, ...row });
    }
    for (const row of deviations.expectations) {
      await this.#writer.insert(tables.expectationTable, { comparison: id, ...row });
    }
    await this.#writer.update(
      tables.comparisonTable,
      { ...set, state: 'done', finished_at: new Date().toISOString() },
      { id },
    );
  }

  /** All that this comparison recorded of rows is explained. */
  async explainRows(comparison: number): Promise<void> {
    await this.#writer.update(tables.rowDeviationTable, { explained: true }, { comparison });
  }

  /** The rows of comparisons that did not come to an end: they would look whole. */
  async dropUnfinishedComparisons(release: string): Promise<void> {
    const unfinished = await this.reader.select(tables.comparisonTable, {
      release,
      state: 'running',
    });
    for (const { id } of unfinished) {
      await this.#writer.delete(tables.rowDeviationTable, { comparison: id });
      await this.#writer.delete(tables.comparisonTable, { id });
    }
  }

  async addApproval(approval: Omit<Approval, 'id' | 'approved_at'>): Promise<void> {
    await this.#writer.insert(tables.approvalTable, {
      ...approval,
      id: await this.#nextId(tables.approvalTable),
      approved_at: new Date().toISOString(),
    });
  }

  async addOverride(override: Omit<Override, 'id' | 'overridden_at'>): Promise<void> {
    await this.#writer.insert(tables.overrideTable, {
      ...override,
      id: await this.#nextId(tables.overrideTable),
      overridden_at: new Date().toISOString(),
    });
  }

  /** Anew: what an earlier attempt had recorded goes. */
  async startPublication(release: string, location: string): Promise<void> {
    await this.#writer.delete(tables.publicationTable, { release });
    await this.#writer.insert(tables.publicationTable, { release, location });
  }

  async updatePublication(release: string, set: Partial<Publication>): Promise<void> {
    await this.#writer.update(tables.publicationTable, { ...set }, { release });
  }

  async intendSwap(
    swap: Omit<
      SwapRecord,
      'id' | 'state' | 'intended_at' | 'finished_at' | 'exchange_ms' | 'live_mark_after'
    >,
  ): Promise<number> {
    const id = await this.#nextId(tables.swapTable);
    await this.#writer.insert(tables.swapTable, {
      ...swap,
      id,
      state: 'intended',
      intended_at: new Date().toISOString(),
    });
    return id;
  }

  async updateSwap(id: number, set: Partial<SwapRecord>): Promise<void> {
    await this.#writer.update(tables.swapTable, { ...set }, { id });
  }

  async addDrift(found: readonly DriftRecord[]): Promise<void> {
    for (const row of found) await this.#writer.insert(tables.driftTable, { ...row });
  }

  async updateDrift(
    where: Pick<DriftRecord, 'release'> & Partial<Pick<DriftRecord, 'found_at' | 'state'>>,
    state: DriftRecord['state'],
  ): Promise<void> {
    await this.#writer.update(tables.driftTable, { state }, { ...where });
  }

  async startRehearsal(
    row: Pick<RehearsalRecord, 'release' | 'comparison' | 'live' | 'incoming' | 'kept' | 'actor'>,
  ): Promise<number> {
    const id = await this.#nextId(tables.rehearsalTable);
    await this.#writer.insert(tables.rehearsalTable, {
      ...row,
      id,
      state: 'running',
      started_at: new Date().toISOString(),
    });
    return id;
  }

  /** What cut-off rehearsals had made is gone. */
  async clearRehearsals(release: string): Promise<void> {
    await this.#writer.update(
      tables.rehearsalTable,
      { state: 'interrupted', finished_at: new Date().toISOString() },
      { release, state: 'running' },
    );
  }

  async finishRehearsal(id: number, set: Partial<RehearsalRecord>): Promise<void> {
    const finished_at = new Date().toISOString();
    await this.#writer.update(tables.rehearsalTable, { ...set, finished_at }, { id });
  }

  async #nextId(table: StoreTable): Promise<number> {
    return ((await this.reader.max(table, 'id')) ?? 0) + 1;
  }
}
