import { createHash } from 'node:crypto';
import type { CompareConfig } from '../config/config.ts';
import type {
  ChangeDescription,
  ComparisonSession,
  KeyFault,
  RecordedRows,
  Relation,
  RowComparison,
  RowCounts,
  RowTarget,
  Side,
  TablePair,
} from '../engines/engine.ts';
import { UsageError } from '../errors.ts';
import { plural } from '../format.ts';
import type { SpentBudget } from './budget.ts';
import { claimOf, judgeRows, type RowsExpectation } from './expectations.ts';
import { fingerprintsOfOneSide } from './one-side.ts';
import type { ColumnOutcome, ExpectationOutcome, TableOutcome } from './outcome.ts';
import { type PlannedTable, pairOf, sides } from './plan.ts';
import { requireReconciled } from './reconcile.ts';
import { withColumnRenames } from './renames.ts';
import { notLookedAt, unreadable } from './skipped.ts';
import { structureOf } from './structure.ts';

interface TableOptions {
  /** Where deviating rows are written; null: they are only counted. */
  readonly target: RowTarget | null;
  /** Whether changes are described. */
  readonly patterns: boolean;
  /** Whether values are compared that tell only that their row was written. */
  readonly everyWrite: boolean;
  readonly budget: SpentBudget;
  /** What the author declares of its rows. */
  readonly expectations: readonly RowsExpectation[];
}

/** What was found of a table, and what became of the declarations about its rows. */
export interface ComparedTable {
  readonly found: TableOutcome;
  readonly outcomes: readonly ExpectationOutcome[];
}

/**
 * A table or view that both sides have: its structure, its rows, and the check that the counts agree.
 * `expectations` are those about its rows.
 */
export async function compareTable(
  session: ComparisonSession,
  planned: PlannedTable,
  config: CompareConfig,
  { target, patterns, everyWrite, budget, expectations }: TableOptions,
  onShare: (share: number) => void,
): Promise<TableOutcome | ComparedTable> {
  const [before, after] = sides(planned);
  const refused = incomparableColumns(session, planned);
  const writes = everyWrite ? columnsOfWrites(session, planned) : none;
  const gaps = new Map([...refused].filter(([name]) => !writes.has(name)));
  const isKeyed = !planned.key?.some((name) => gaps.has(name));
  const asked = pairOf(planned, config, isKeyed ? planned.key : null, gaps);
  refuseTolerances(session, asked, planned);
  let rows: RowCounts;
  try {
    rows = {
      old: await count(session, 'old', before, budget.signal),
      new: await count(session, 'new', after, budget.signal),
    };
  } catch (error) {
    if (budget.signal.aborted) return endedEarly(session, planned, budget);
    return {
      found: unreadable(planned, error),
      outcomes: judgeRows(expectations, null).outcomes,
    };
  }
  const keyless = pairOf(planned, config, null, gaps);
  let joined: JoinedRows | null;
  try {
    joined = await joinRows(session, asked, keyless, rows, budget, onShare);
  } catch (error) {
    const fault = await readingFault(session, planned, asked, budget.signal);
    if (fault === null) throw error;
    if (budget.signal.aborted) return endedEarly(session, planned, budget);
    await session.release(asked.schema, asked.name);
    return {
      found: unreadable(planned, fault),
      outcomes: judgeRows(expectations, null).outcomes,
    };
  }
  if (joined === null) return endedEarly(session, planned, budget);
  const { pair, found, fault } = joined;
  const deviates = found.added + found.removed > 0 || found.cells.size > 0;
  const deviating = found.added + found.removed + Math.max(0, ...found.cells.values());
  if (!budget.add(deviating) && target !== null) {
    // How many rows deviate in some column is known once they are recorded.
    const least = found.cells.size > 1 ? 'at least ' : '';
    const what = `${least}${plural(deviating, 'deviating row')} counted and not recorded`;
    return endedEarly(session, planned, budget, what);
  }
  const written =
    deviates && target !== null
      ? await recordRows(session, pair, found, target, { patterns, budget, expectations })
      : { recorded: null, descriptions: none, ...judgeRows(expectations, null) };
  if (written === null) return endedEarly(session, planned, budget);
  const { recorded, descriptions, outcomes } = written;
  const columnsOfOneSide =
    target === null ? [] : await fingerprintsOfOneSide(session, planned, pair);
  const unexplainedCells = recorded?.unexplainedCells ?? found.cells;
  const structure = structureOf(planned, { cells: found.cells, unexplainedCells, descriptions });
  const columns = await withColumnRenames(session, planned, pair, structure.columns);
  await session.release(pair.schema, pair.name);
  requireReconciled(planned.table, rows, found, recorded);

  const changed = recorded?.changed ?? Math.max(0, ...found.cells.values());
  const notes = [
    fault && keyFaultNote(asked, fault),
    isKeyed ? null : keylessNote(planned),
    ...structure.notes,
    toleranceNote(pair),
  ].filter((note) => note !== null);
  const outcome: TableOutcome = {
    table: planned.table,
    kind: after.kind,
    role: planned.role,
    status: deviates || structure.changed || gaps.size > 0 ? 'changed' : 'identical',
    skipped: null,
    reason: notes.join('; ') || null,
    key: pair.key,
    old_rows: rows.old,
    new_rows: rows.new,
    history: null,
    added: found.added,
    removed: found.removed,
    changed,
    unexplained: recorded?.unexplained ?? found.added + found.removed + changed,
    explained: false,
    structure: structure.parts,
    proof: found.proof,
    way: found.way,
    fingerprint: digestOf([recorded?.fingerprint, ...columnsOfOneSide]),
    old_definition: structure.definitionChanged ? before.definition : null,
    new_definition: structure.definitionChanged ? after.definition : null,
    likely_rename: null,
    columns: columns.map((column) =>
      asSeen(
        withoutValues(column, gaps.get(column.column)),
        writes.get(column.column) ?? found.hidden?.get(column.column),
      ),
    ),
  };
  return { found: outcome, outcomes };
}

const none: ReadonlyMap<string, never> = new Map<string, never>();

function count(
  session: ComparisonSession,
  side: Side,
  { schema, name, kind }: Relation,
  signal: AbortSignal,
): Promise<number> {
  return session.countRows(side, schema, name, kind, signal);
}

/** Rows can often be counted where values cannot be read. Null: each side can be read, so that something else is wrong. */
async function readingFault(
  session: ComparisonSession,
  planned: PlannedTable,
  { columns }: TablePair,
  signal: AbortSignal,
): Promise<unknown> {
  const names = columns.map(({ name }) => name);
  const [before, after] = sides(planned);
  try {
    await session.fingerprint('old', before.schema, before.name, before.kind, names, signal);
    await session.fingerprint('new', after.schema, after.name, after.kind, names, signal);
    return null;
  } catch (error) {
    return error;
  }
}

async function endedEarly(
  session: ComparisonSession,
  planned: PlannedTable,
  budget: SpentBudget,
  what?: string,
): Promise<TableOutcome> {
  await session.release(planned.new?.schema ?? '', planned.new?.name ?? '');
  return notLookedAt(session, planned, budget.spent ?? 'the comparison ended', what);
}

// ---------------------------------------------------------------------------------------------
// Rows

interface JoinedRows {
  readonly pair: TablePair;
  readonly found: RowComparison;
  /** Why they were not brought together by the key; null: they were, or there is none. */
  readonly fault: KeyFault | null;
}

/** As asked, and where the key turns out to be at fault without it. Null: the budget was used up. */
async function joinRows(
  session: ComparisonSession,
  asked: TablePair,
  keyless: TablePair,
  rows: RowCounts,
  budget: SpentBudget,
  onShare: (share: number) => void,
): Promise<JoinedRows | null> {
  let looked = 0;
  const onProgress = (more: number) => {
    looked += more;
    onShare(Math.min(1, looked / Math.max(1, rows.old)));
  };
  try {
    const first = await session.compareRows(asked, rows, onProgress, budget.signal);
    if (!('fault' in first)) return { pair: asked, found: first, fault: null };
    const found = await session.compareRows(keyless, rows, onProgress, budget.signal);
    if ('fault' in found)
      throw new Error(`${asked.schema}.${asked.name} has no key that could be at fault`);
    return { pair: keyless, found, fault: first };
  } catch (error) {
    if (budget.signal.aborted) return null;
    throw error;
  }
}

interface Recorded {
  readonly recorded: RecordedRows;
  readonly descriptions: ReadonlyMap<string, ChangeDescription>;
  readonly outcomes: readonly ExpectationOutcome[];
}

/**
 * Gathers the deviating rows once; they are judged, written to the ledger and described. Null when the budget was used
 * up before they were written; what is written stays, described or not.
 */
async function recordRows(
  session: ComparisonSession,
  pair: TablePair,
  found: RowComparison,
  target: RowTarget,
  { patterns, budget, expectations }: Pick<TableOptions, 'patterns' | 'budget' | 'expectations'>,
): Promise<Recorded | null> {
  const claims = expectations.map(claimOf);
  const { signal } = budget;
  const options = { claims, privacy: target.privacy, signal };
  const deviating = await within(budget, session.gather(pair, found, options));
  if (deviating === null) return null;
  try {
    const { outcomes, explaining } = judgeRows(expectations, await deviating.judge(claims));
    const recorded = await deviating.record(target, explaining);
    const values = target.privacy === 'keys' || target.privacy === 'full';
    const descriptions = patterns
      ? await within(budget, deviating.describe({ values, signal }))
      : none;
    return { recorded, descriptions: descriptions ?? none, outcomes };
  } finally {
    await deviating.discard();
  }
}

/** Null when the budget ended it. */
async function within<T>({ signal }: SpentBudget, work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

/** One digest of several; null of none. */
function digestOf(fingerprints: readonly (string | undefined)[]): string | null {
  const present = fingerprints.filter((fingerprint) => fingerprint !== undefined);
  if (present.length < 2) return present[0] ?? null;
  return createHash('sha256').update(present.join('\n')).digest('hex');
}

// ---------------------------------------------------------------------------------------------
// Columns

/** Columns whose values nobody can compare, with the reason. */
function incomparableColumns(
  session: ComparisonSession,
  planned: PlannedTable,
): Map<string, string> {
  const [before, after] = sides(planned);
  const newTypes = new Map(after.columns.map(({ name, type }) => [name, type]));
  const reasons = new Map<string, string>();
  for (const { name, type } of before.columns) {
    const newType = newTypes.get(name);
    if (newType === undefined || planned.ignored.has(name)) continue;
    const reason = session.incomparable(type, newType);
    if (reason !== null) reasons.set(name, reason);
  }
  return reasons;
}

/** Columns of the new side whose values tell only that their row was written, with the reason. */
function columnsOfWrites(session: ComparisonSession, planned: PlannedTable): Map<string, string> {
  const [, after] = sides(planned);
  return new Map(
    after.columns.flatMap(({ name, type }) => {
      const reason = session.tellsWrites?.(type) ?? null;
      return reason === null ? [] : [[name, reason] as const];
    }),
  );
}

/** Nobody knows what such a column hides: it keeps the verdict at `unexplained`. */
function withoutValues(column: ColumnOutcome, cause: string | undefined): ColumnOutcome {
  if (cause === undefined) return column;
  const help = 'compare a view that casts it, or name it in compare.ignore';
  return { ...column, status: 'incomparable', reason: `cannot be compared: ${cause}; ${help}` };
}

/** What was seen of it counts; but nobody knows whether it is all, so that the verdict is never `identical`. */
function asSeen(column: ColumnOutcome, hidden: string | undefined): ColumnOutcome {
  return hidden === undefined || column.reason !== null ? column : { ...column, reason: hidden };
}

export function refuseTolerances(
  session: ComparisonSession,
  pair: TablePair,
  { table }: PlannedTable,
): void {
  const wrong = pair.columns.find(
    ({ tolerance, oldType, newType }) =>
      tolerance !== null && !(session.takesTolerance(oldType) && session.takesTolerance(newType)),
  );
  const where = (column: string) => `greenlight.yml: compare.tolerance.${table}.${column}`;
  const ofKey = pair.columns.find(
    ({ name, tolerance }) => tolerance !== null && pair.key?.includes(name),
  );
  if (ofKey !== undefined) {
    throw new UsageError({
      what: `${table}.${ofKey.name} cannot have a tolerance: it is part of the key, by which rows are brought together.`,
      where: where(ofKey.name),
      help: 'Remove the tolerance, or name another key in compare.keys.',
    });
  }
  if (wrong === undefined) return;
  throw new UsageError({
    what: `${table}.${wrong.name} cannot have a tolerance: its type is ${wrong.newType}.`,
    where: where(wrong.name),
    help: 'Remove the tolerance, or ignore the column.',
  });
}

// ---------------------------------------------------------------------------------------------
// Notes

/** Why the key of a table whose rows are not compared is none, where nobody enforces it; null: nothing speaks against it. */
export async function findKeyNote(
  session: ComparisonSession,
  planned: PlannedTable,
  config: CompareConfig,
  rows: number,
  budget: SpentBudget,
): Promise<string | null> {
  const { key, keyEnforced } = planned;
  if (key === null || keyEnforced) return null;
  const gaps = incomparableColumns(session, planned);
  if (key.some((name) => gaps.has(name))) return keylessNote(planned);
  const whole = pairOf(planned, config, key);
  const pair = { ...whole, columns: whole.columns.filter(({ name }) => key.includes(name)) };
  const found = await within(
    budget,
    session.compareRows(pair, { old: rows, new: rows }, () => undefined, budget.signal),
  );
  await session.release(pair.schema, pair.name);
  return found !== null && 'fault' in found ? keyFaultNote(pair, found) : null;
}

function keyFaultNote({ key }: TablePair, { fault, count: values, side }: KeyFault): string {
  const what = fault === 'null' ? 'NULL' : 'duplicate';
  return `compared without its key (${key?.join(', ')}): ${plural(values, `${what} key value`)} on the ${side} side; name a key in compare.keys that is unique and never NULL`;
}

function keylessNote({ key }: PlannedTable): string {
  return `compared without its key (${key?.join(', ')}): its values cannot be compared`;
}

function toleranceNote({ key, columns }: TablePair): string | null {
  const tolerated = columns.filter(({ tolerance }) => tolerance !== null);
  if (key !== null || tolerated.length === 0) return null;
  return `no tolerance applied to ${tolerated.map(({ name }) => name).join(', ')}: the table has no key`;
}
