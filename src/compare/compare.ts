import type { Bitemporal, CompareConfig } from '../config/config.ts';
import type { Expectation } from '../config/expectations.ts';
import type {
  Catalog,
  CatalogObject,
  ComparisonSession,
  Engine,
  Location,
  RowTarget,
  Side,
} from '../engines/engine.ts';
import { objectsByName } from '../engines/objects.ts';
import { UsageError } from '../errors.ts';
import { plural } from '../format.ts';
import type { Progress, Task } from '../hosts/host.ts';
import { patiently } from '../patiently.ts';
import { type Budget, SpentBudget } from './budget.ts';
import { refuseWrongExpectations } from './expectation-faults.ts';
import {
  explainObjects,
  explainTable,
  isAboutRows,
  judgeRows,
  type RowsExpectation,
} from './expectations.ts';
import { identicalByLineage } from './identical.ts';
import { onOneSide } from './one-side.ts';
import type {
  Comparison,
  ExpectationOutcome,
  ObjectOutcome,
  TableOutcome,
  Tolerated,
} from './outcome.ts';
import { type PlannedTable, pairOf, planComparison, sides } from './plan.ts';
import { withTableRenames } from './renames.ts';
import { leftOut, notLookedAt, unreadable } from './skipped.ts';
import { findSlices, toldAsSlice } from './slices.ts';
import { type ComparedTable, compareTable, findKeyNote, refuseTolerances } from './table.ts';

export interface CompareRequest {
  readonly engine: Engine;
  readonly old: Location;
  readonly new: Location;
  readonly config: CompareConfig;
  /** Set: of bitemporal tables, slices are compared. Default: all tables are compared whole. */
  readonly bitemporal?: Bitemporal | null;
  /** What the author of the change intends; default: nothing. */
  readonly expectations?: readonly Expectation[];
  /** Where deviating rows are written; null: they are only counted. */
  readonly record: Omit<RowTarget, 'tableName'> | null;
  /** For the comments in the SQL: `compare pr-42`. */
  readonly purpose: string;
  readonly progress: Progress;
  /** What the work is called while it goes on. Default: Comparing. */
  readonly title?: string;
  /** Tables and views of this role only. Default: all. */
  readonly only?: 'input' | 'result';
  /** These tables and views only; definitions are compared all the same. Null: all. Default: all. */
  readonly tables?: ReadonlySet<string> | null;
  /** Input tables that are compared strictly and whole, whatever the configuration leaves out. Default: none. */
  readonly whole?: ReadonlySet<string>;
  /** False: no table is taken as equal because its storage is. Default: true. */
  readonly lineage?: boolean;
  /** False: changes are not described. Default: true. */
  readonly patterns?: boolean;
  /**
   * True: what is asked is whether anything was written to either side. What tells of writes only is compared as well, and
   * equal files are equal, whatever their views give. Default: false.
   */
  readonly everyWrite?: boolean;
  /** When to end early; null members: never. Default: never. */
  readonly budget?: Budget;
  /** How long a short writer of a side is waited for. Default: not at all. */
  readonly patienceMs?: number;
}

export interface ComparedDatabases {
  readonly comparison: Comparison;
  /** Of the new side, as it was compared. */
  readonly newCatalog: Catalog;
}

/**
 * Compares every table and view that exists on either side. Exact: values are compared, or storage is proven equal.
 * What cannot be compared is in the result as skipped, with the reason.
 * @throws GreenlightError when counts do not reconcile, and UsageError when the configuration or an
 *   expectation names what is not there, and when two expectations claim the same row.
 */
export async function compareDatabases(request: CompareRequest): Promise<ComparedDatabases> {
  const { config, expectations = [] } = request;
  const { old: oldCatalog, new: newCatalog, plan, session } = await openSides(request);
  const budget = new SpentBudget(request.budget ?? { seconds: null, deviations: null });
  const task = request.progress.task(request.title ?? 'Comparing', plan.length);
  try {
    if (session.sameBytes !== null)
      request.progress.note(
        `All that is stored is proven equal without reading it: ${session.sameBytes}.`,
      );
    await refuseWrongExpectations(
      session,
      plan,
      { old: oldCatalog, new: newCatalog },
      expectations,
    );
    for (const kind of request.only === undefined ? untoldBy(oldCatalog, newCatalog) : [])
      request.progress.note(`Not compared: each ${kind}. One of the sides cannot tell it.`);
    const compared = await inParallel(plan, session.parallel, task, async (planned, onShare) => {
      return compareAndExplain(session, planned, request, budget, onShare);
    });
    task.done(plural(plan.length, 'table or view', 'tables and views'));
    const { objects, outcomes } = explainObjects(
      compareObjects(oldCatalog, newCatalog),
      expectations,
    );
    const tables = compared.map(({ table }) => table);
    const comparison: Comparison = {
      mode: config.mode,
      tolerated: toleratedBy(config),
      // Only when it left something out: what was compared before the end is compared.
      stopped: tables.some(({ skipped }) => skipped === 'budget') ? budget.spent : null,
      tables: withTableRenames(tables),
      objects,
      expectations: [...compared.flatMap((table) => table.outcomes), ...outcomes].sort(
        (a, b) => a.line - b.line,
      ),
    };
    return { comparison, newCatalog };
  } catch (error) {
    task.failed();
    throw error;
  } finally {
    budget.end();
    await session.close();
  }
}

interface OpenSides extends Readonly<Record<Side, Catalog>> {
  readonly plan: readonly PlannedTable[];
  readonly session: ComparisonSession;
}

/** How both sides are stored is looked at while their catalogs are read. */
async function openSides(request: CompareRequest): Promise<OpenSides> {
  const { engine, config, only, tables: wanted = null, lineage = true, patienceMs = 0 } = request;
  const proof = proofOf(request);
  let preview = lineage ? (engine.comparison.preview?.(request.old, request.new) ?? null) : null;
  try {
    const [oldCatalog, newCatalog] = await Promise.all([
      patiently(patienceMs, () => engine.catalog.read(request.old)),
      patiently(patienceMs, () => engine.catalog.read(request.new)),
    ]);
    const catalogs = { old: oldCatalog, new: newCatalog };
    const { bitemporal = null, whole = new Set<string>() } = request;
    const slices = await findSlices(engine, request, catalogs, bitemporal, whole);
    const plan = planComparison(oldCatalog, newCatalog, config, whole, slices.byTable).filter(
      ({ table, role }) =>
        (only === undefined || role === only) && (wanted === null || wanted.has(table)),
    );
    const session = await patiently(patienceMs, () => {
      const own = preview;
      // Whatever comes of it, it is closed: who tries again looks again.
      preview = null;
      return engine.comparison.open({
        old: request.old,
        new: request.new,
        store: request.record === null ? null : engine.stores.location,
        purpose: request.purpose,
        lineage,
        proof,
        readings: slices.readings,
        preview: own,
      });
    });
    return { ...catalogs, plan, session };
  } finally {
    await preview?.close();
  }
}

/** Input is proven whole, by its values. */
function proofOf({ engine, config, only }: CompareRequest): 'exact' | 'hash' {
  if (config.proof !== 'hash') return 'exact';
  if (engine.capabilities.comparesHashes !== true) {
    throw new UsageError({
      what: `With ${engine.name}, tables are not compared by hashes: their values are, at hardly more cost.`,
      where: 'greenlight.yml: compare.proof',
      help: 'Remove `proof`, or write `proof: exact`.',
    });
  }
  return only === 'input' ? 'exact' : 'hash';
}

function toleratedBy({ tolerance }: CompareConfig): Tolerated[] {
  return Object.entries(tolerance).flatMap(([table, columns]) =>
    Object.entries(columns).map(([column, limit]) => ({
      table,
      column,
      within: Object.entries(limit)
        .map(([kind, most]) => `${kind} ${most}`)
        .join(', '),
    })),
  );
}

/** Several tables at a time; what they give is in the order of the plan. The first error ends all that has not begun. */
async function inParallel<T>(
  plan: readonly PlannedTable[],
  most: number,
  task: Task,
  compare: (planned: PlannedTable, onShare: (share: number) => void) => Promise<T>,
): Promise<T[]> {
  const outcomes: T[] = [];
  const shares = new Map<string, number>();
  const queue = [...plan.entries()];
  let failure: { readonly error: unknown } | null = null;
  const advance = (table: string, share: number) => {
    shares.set(table, share);
    task.advance(
      [...shares.values()].reduce((sum, one) => sum + one, 0),
      table,
    );
  };
  const work = async () => {
    for (let next = queue.shift(); next !== undefined && failure === null; next = queue.shift()) {
      const [at, planned] = next;
      advance(planned.table, 0);
      try {
        outcomes[at] = await compare(planned, (share) => advance(planned.table, share));
      } catch (error) {
        failure ??= { error };
      }
      advance(planned.table, 1);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(most, plan.length)) }, work));
  if (failure !== null) throw (failure as { readonly error: unknown }).error;
  return outcomes;
}

interface ExplainedTable {
  readonly table: TableOutcome;
  readonly outcomes: readonly ExpectationOutcome[];
}

async function compareAndExplain(
  session: ComparisonSession,
  planned: PlannedTable,
  request: CompareRequest,
  budget: SpentBudget,
  onShare: (share: number) => void,
): Promise<ExplainedTable> {
  const own = (request.expectations ?? []).filter(({ table }) => table === planned.table);
  const aboutRows = own.filter(isAboutRows);
  const compared = await comparePlanned(session, planned, request, aboutRows, budget, onShare);
  // Where no row was looked at, nothing was there to be claimed.
  const { found, outcomes } =
    'found' in compared
      ? compared
      : { found: compared, outcomes: judgeRows(aboutRows, null).outcomes };
  const explained = explainTable(toldAsSlice(planned, found), own);
  return { table: explained.table, outcomes: [...outcomes, ...explained.outcomes] };
}

async function comparePlanned(
  session: ComparisonSession,
  planned: PlannedTable,
  { config, record, patterns = true, everyWrite = false }: CompareRequest,
  expectations: readonly RowsExpectation[],
  budget: SpentBudget,
  onShare: (share: number) => void,
): Promise<TableOutcome | ComparedTable> {
  const fault = planned.old?.fault ?? planned.new?.fault ?? null;
  // A view that is left out and was broken before is no news.
  const isNews = planned.skip === null || planned.old?.fault !== planned.new?.fault;
  if (fault !== null && isNews) return unreadable(planned, fault);
  const isProven = session.sameBytes !== null && (everyWrite || isStored(planned));
  if (isProven && planned.skip === null) {
    refuseTolerances(session, pairOf(planned, config, planned.key), planned);
    const keyNote = (rows: number) => findKeyNote(session, planned, config, rows, budget);
    return identicalByLineage(session, planned, session.sameBytes, keyNote);
  }
  if (budget.spent !== null) return notLookedAt(session, planned, budget.spent);
  if (planned.old === null || planned.new === null) return onOneSide(session, planned, budget);
  if (planned.skip !== null) return leftOut(session, planned, planned.skip);
  const target = record && { ...record, tableName: planned.table };
  const options = { target, patterns, everyWrite, budget, expectations };
  return compareTable(session, planned, config, options, onShare);
}

/** What is computed when it is read can fail, and be another value each time, whatever is stored. */
function isStored(planned: PlannedTable): boolean {
  return sides(planned).every(({ kind, computed }) => kind === 'table' && computed !== true);
}

function compareObjects(old: Catalog, candidate: Catalog): ObjectOutcome[] {
  const untold = untoldBy(old, candidate);
  const told = ({ objects }: Catalog) => objects.filter(({ kind }) => !untold.includes(kind));
  const [before, after] = [objectsByName(told(old)), objectsByName(told(candidate))];
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((id): ObjectOutcome[] => {
    const [from, to] = [before.get(id), after.get(id)];
    if (from === undefined && to !== undefined)
      return [objectOutcome(to, 'added', null, to.definition)];
    if (from !== undefined && to === undefined)
      return [objectOutcome(from, 'removed', from.definition, null)];
    if (from === undefined || from.definition === to?.definition) return [];
    return [objectOutcome(from, 'changed', from.definition, to?.definition ?? null)];
  });
}

function untoldBy(...catalogs: readonly Catalog[]): string[] {
  return [...new Set(catalogs.flatMap(({ untold = [] }) => untold))].sort();
}

function objectOutcome(
  { kind, name }: CatalogObject,
  status: ObjectOutcome['status'],
  old_definition: string | null,
  new_definition: string | null,
): ObjectOutcome {
  return { kind, name, status, explained: false, old_definition, new_definition };
}
