import { createHash } from 'node:crypto';
import type { CompareConfig } from '../config/config.ts';
import type { StructurePart } from '../config/expectations.ts';
import type {
  ChangeDescription,
  ComparisonSession,
  RecordedRows,
  Relation,
  RowComparison,
  RowCounts,
  RowTarget,
  TablePair,
} from '../engines/engine.ts';
import { GreenlightError, messageOf, UsageError } from '../errors.ts';
import type { SpentBudget } from './budget.ts';
import { describeChange } from './changes.ts';
import { claimOf, judgeRows, type RowsExpectation } from './expectations.ts';
import type { ColumnOutcome, ExpectationOutcome, TableOutcome } from './outcome.ts';
import { type PlannedTable, pairOf, sides } from './plan.ts';
import { withColumnRenames } from './renames.ts';

interface TableOptions {
  /** Where deviating rows are written; null: they are only counted. */
  readonly target: RowTarget | null;
  /** Whether changes are described. */
  readonly patterns: boolean;
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
  { target, patterns, budget, expectations }: TableOptions,
  onShare: (share: number) => void,
): Promise<TableOutcome | ComparedTable> {
  const [before, after] = sides(planned);
  const gaps = incomparableColumns(session, planned);
  const isKeyed = !planned.key?.some((name) => gaps.has(name));
  const asked = pairOf(planned, config, isKeyed ? planned.key : null, gaps);
  refuseTolerances(session, asked, planned);
  let rows: RowCounts;
  try {
    rows = { old: await count(session, 'old', before), new: await count(session, 'new', after) };
  } catch (error) {
    return {
      found: unreadable(planned, messageOf(error)),
      outcomes: judgeRows(expectations, null).outcomes,
    };
  }
  let looked = 0;
  const compareRows = async (pair: TablePair) => {
    const onProgress = (more: number) => {
      looked += more;
      onShare(Math.min(1, looked / Math.max(1, rows.old)));
    };
    try {
      return await session.compareRows(pair, rows, onProgress, budget.signal);
    } catch (error) {
      if (budget.signal.aborted) return null;
      throw error;
    }
  };
  const first = await compareRows(asked);
  if (first === null) return endedEarly(session, planned, budget);
  const fault = 'fault' in first ? first : null;
  const pair = fault === null ? asked : pairOf(planned, config, null, gaps);
  const found = 'fault' in first ? await compareRows(pair) : first;
  if (found === null) return endedEarly(session, planned, budget);
  if ('fault' in found) throw new Error(`${planned.table} has no key that could be at fault`);
  const keyNote =
    fault === null
      ? null
      : `compared without its key (${asked.key?.join(', ')}): ${fault.count} ${
          fault.fault === 'null' ? 'NULL' : 'duplicate'
        } key values on the ${fault.side} side; name a key in compare.keys that is unique and never NULL`;
  const deviates = found.added + found.removed > 0 || found.cells.size > 0;
  const { recorded, descriptions, outcomes } =
    deviates && target !== null
      ? await recordRows(session, pair, found, target, { patterns, expectations })
      : { recorded: null, descriptions: none, ...judgeRows(expectations, null) };
  const columnsOfOneSide =
    target === null ? [] : await fingerprintsOfOneSide(session, planned, pair);
  const unexplainedCells = recorded?.unexplainedCells ?? found.cells;
  const structure = structureOf(planned, found.cells, unexplainedCells, descriptions);
  const columns = await withColumnRenames(session, planned, pair, structure.columns);
  await session.release(pair.schema, pair.name);
  requireReconciled(planned.table, rows, found, recorded);

  const changed = recorded?.changed ?? Math.max(0, ...found.cells.values());
  const outcome: TableOutcome = {
    table: planned.table,
    kind: after.kind,
    role: planned.role,
    status: deviates || structure.changed || gaps.size > 0 ? 'changed' : 'identical',
    skipped: null,
    reason:
      [keyNote, isKeyed ? null : keylessNote(planned), ...structure.notes, toleranceNote(pair)]
        .filter((note) => note !== null)
        .join('; ') || null,
    key: pair.key,
    old_rows: rows.old,
    new_rows: rows.new,
    added: found.added,
    removed: found.removed,
    changed,
    unexplained: recorded?.unexplained ?? found.added + found.removed + changed,
    explained: false,
    structure: structure.parts,
    proof: found.proof,
    way: found.way,
    fingerprint: joined([recorded?.fingerprint, ...columnsOfOneSide]),
    old_definition: structure.definitionChanged ? before.definition : null,
    new_definition: structure.definitionChanged ? after.definition : null,
    likely_rename: null,
    columns: columns.map((column) => withoutValues(column, gaps.get(column.column))),
  };
  return { found: outcome, outcomes };
}

const none: ReadonlyMap<string, ChangeDescription> = new Map();

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

/** Nobody knows what such a column hides: it keeps the verdict at `unexplained`. */
function withoutValues(column: ColumnOutcome, cause: string | undefined): ColumnOutcome {
  if (cause === undefined) return column;
  const help = 'compare a view that casts it, or name it in compare.ignore';
  return { ...column, status: 'incomparable', reason: `cannot be compared: ${cause}; ${help}` };
}

function keylessNote({ key }: PlannedTable): string {
  return `compared without its key (${key?.join(', ')}): its values cannot be compared`;
}

interface Recorded {
  readonly recorded: RecordedRows;
  readonly descriptions: ReadonlyMap<string, ChangeDescription>;
  readonly outcomes: readonly ExpectationOutcome[];
}

/** Gathers the deviating rows once; they are judged, written to the ledger and described. */
async function recordRows(
  session: ComparisonSession,
  pair: TablePair,
  found: RowComparison,
  target: RowTarget,
  { patterns, expectations }: Pick<TableOptions, 'patterns' | 'expectations'>,
): Promise<Recorded> {
  const claims = expectations.map(claimOf);
  const deviating = await session.gather(pair, found, { claims, privacy: target.privacy });
  try {
    const { outcomes, explaining } = judgeRows(expectations, await deviating.judge(claims));
    const recorded = await deviating.record(target, explaining);
    const values = target.privacy === 'keys' || target.privacy === 'full';
    const descriptions = patterns ? await deviating.describe({ values }) : none;
    return { recorded, descriptions, outcomes };
  } finally {
    await deviating.discard();
  }
}

/**
 * The values of columns that only one side has deviate in no row that both sides have; a digest over them, with the
 * key, makes an approval hold for these values and no others.
 */
async function fingerprintsOfOneSide(
  session: ComparisonSession,
  planned: PlannedTable,
  { schema, name, oldKind, newKind, key }: TablePair,
): Promise<string[]> {
  const [before, after] = sides(planned);
  const names = (relation: Relation) =>
    relation.columns.map((column) => column.name).filter((column) => !planned.ignored.has(column));
  const fingerprints: string[] = [];
  for (const [side, kind, own, other] of [
    ['old', oldKind, names(before), names(after)],
    ['new', newKind, names(after), names(before)],
  ] as const) {
    const alone = own.filter((column) => !other.includes(column));
    if (alone.length === 0) continue;
    const columns = key === null ? own : [...key, ...alone];
    fingerprints.push(`${side} ${await session.fingerprint(side, schema, name, kind, columns)}`);
  }
  return fingerprints;
}

/** One digest of several; null of none. */
function joined(fingerprints: readonly (string | undefined)[]): string | null {
  const present = fingerprints.filter((fingerprint) => fingerprint !== undefined);
  if (present.length < 2) return present[0] ?? null;
  return createHash('sha256').update(present.join('\n')).digest('hex');
}

/** A table or view that one side has: all its rows are added or removed; they are counted, not recorded one by one. */
export async function onOneSide(
  session: ComparisonSession,
  planned: PlannedTable,
): Promise<TableOutcome> {
  const side = planned.old === null ? 'new' : 'old';
  const relation = planned.old ?? planned.new;
  if (relation === null) throw new Error(`${planned.table} is on no side`);
  const { schema, name, kind } = relation;
  let rows: number;
  let fingerprint: string;
  try {
    rows = await session.countRows(side, schema, name, kind);
    fingerprint = await session.fingerprint(
      side,
      schema,
      name,
      kind,
      relation.columns.map((column) => column.name),
    );
    await session.release(schema, name);
  } catch (error) {
    return unreadable(planned, messageOf(error));
  }
  const status = side === 'new' ? 'added' : 'removed';
  return {
    ...describe(planned),
    status,
    old_rows: side === 'old' ? rows : 0,
    new_rows: side === 'new' ? rows : 0,
    added: side === 'new' ? rows : 0,
    removed: side === 'old' ? rows : 0,
    unexplained: rows,
    proof: 'exact',
    fingerprint,
    old_definition: planned.old?.definition ?? null,
    new_definition: planned.new?.definition ?? null,
    columns: relation.columns.map(({ name: column, type }) => ({
      ...unchanged(column, type),
      status,
      old_type: side === 'old' ? type : null,
      new_type: side === 'new' ? type : null,
    })),
  };
}

/** A table whose storage is proven equal: nothing is read but its number of rows. */
export async function identicalByLineage(
  session: ComparisonSession,
  planned: PlannedTable,
  evidence: string,
): Promise<TableOutcome> {
  const [before] = sides(planned);
  let rows: number | null = null;
  if (before.kind === 'table') rows = await count(session, 'old', before);
  return {
    ...describe(planned),
    status: 'identical',
    reason: null,
    key: planned.key,
    old_rows: rows,
    new_rows: rows,
    proof: 'lineage',
    way: evidence,
    columns: before.columns.map(({ name, type }) => unchanged(name, type)),
  };
}

/**
 * Left out by the configuration: its values are not looked at, and that keeps the verdict from being `identical`. Its
 * structure is: what the logic did to it would go live.
 */
export async function leftOut(
  session: ComparisonSession,
  planned: PlannedTable,
  reason: string,
): Promise<TableOutcome> {
  const [before, after] = sides(planned);
  const rows = async (side: 'old' | 'new', relation: Relation) =>
    relation.kind === 'table' ? count(session, side, relation) : null;
  const structure = structureOf(planned, new Map(), new Map(), none);
  return {
    ...describe(planned),
    status: structure.changed ? 'changed' : 'skipped',
    skipped: 'configured',
    reason: [
      structure.changed ? `values not compared: ${reason}` : reason,
      ...structure.notes,
    ].join('; '),
    proof: null,
    old_rows: await rows('old', before),
    new_rows: await rows('new', after),
    structure: structure.parts,
    old_definition: structure.definitionChanged ? before.definition : null,
    new_definition: structure.definitionChanged ? after.definition : null,
    columns: structure.columns.map((column) =>
      column.status === 'identical' ? { ...column, status: 'skipped', reason } : column,
    ),
  };
}

/** Nobody knows what it hides: the verdict is `unexplained`. */
export function unreadable(planned: PlannedTable, cause: string): TableOutcome {
  return { ...skip(planned, `cannot be read: ${cause.split('\n', 1)[0]}`), skipped: 'unreadable' };
}

/** **Not looked at any more:** the budget was used up before. Nobody knows what it hides. */
export function notLookedAt(planned: PlannedTable, spent: string): TableOutcome {
  return { ...skip(planned, `not looked at: ${spent}`), skipped: 'budget' };
}

async function endedEarly(
  session: ComparisonSession,
  planned: PlannedTable,
  budget: SpentBudget,
): Promise<TableOutcome> {
  await session.release(planned.new?.schema ?? '', planned.new?.name ?? '');
  return notLookedAt(planned, budget.spent ?? 'the comparison ended');
}

function skip(planned: PlannedTable, reason: string): TableOutcome {
  const columns = (planned.new ?? planned.old)?.columns ?? [];
  return {
    ...describe(planned),
    status: 'skipped',
    reason,
    proof: null,
    columns: columns.map(({ name, type }) => ({ ...unchanged(name, type), status: 'skipped' })),
  };
}

function describe(planned: PlannedTable): TableOutcome {
  return {
    table: planned.table,
    kind: (planned.new ?? planned.old)?.kind ?? 'table',
    role: planned.role,
    status: 'identical',
    skipped: null,
    reason: null,
    key: null,
    old_rows: null,
    new_rows: null,
    added: 0,
    removed: 0,
    changed: 0,
    unexplained: 0,
    explained: false,
    structure: [],
    proof: 'exact',
    way: null,
    fingerprint: null,
    old_definition: null,
    new_definition: null,
    likely_rename: null,
    columns: [],
  };
}

function unchanged(column: string, type: string): ColumnOutcome {
  return {
    column,
    status: 'identical',
    reason: null,
    old_type: type,
    new_type: type,
    changed: 0,
    unexplained: 0,
    explained: false,
    pattern: null,
    patterns: [],
    condition: null,
    likely_rename: null,
  };
}

function count(
  session: ComparisonSession,
  side: 'old' | 'new',
  relation: Relation,
): Promise<number> {
  return session.countRows(side, relation.schema, relation.name, relation.kind);
}

function refuseTolerances(
  session: ComparisonSession,
  pair: TablePair,
  { table }: PlannedTable,
): void {
  const wrong = pair.columns.find(
    ({ tolerance, oldType, newType }) =>
      tolerance !== null && !(session.takesTolerance(oldType) && session.takesTolerance(newType)),
  );
  if (wrong === undefined) return;
  throw new UsageError({
    what: `${table}.${wrong.name} cannot have a tolerance: its type is ${wrong.newType}.`,
    where: `greenlight.yml: compare.tolerance.${table}.${wrong.name}`,
    help: 'Remove the tolerance, or ignore the column.',
  });
}

/**
 * old rows - removed + added = new rows, and what was recorded is what was counted. A comparison that fails this is
 * wrong somewhere, and no verdict may be built on it.
 */
function requireReconciled(
  table: string,
  rows: RowCounts,
  found: RowComparison,
  recorded: RecordedRows | null,
): void {
  const cells = [...found.cells.values()];
  const most = cells.reduce((sum, count) => sum + count, 0);
  const faults = [
    rows.old - found.removed + found.added === rows.new ||
      `${rows.old} old rows - ${found.removed} removed + ${found.added} added is not ${rows.new} new rows`,
    recorded === null ||
      (recorded.added === found.added && recorded.removed === found.removed) ||
      `${found.added} added and ${found.removed} removed rows were counted, ${recorded.added} and ${recorded.removed} recorded`,
    recorded === null ||
      (recorded.changed >= Math.max(0, ...cells) && recorded.changed <= most) ||
      `${recorded.changed} changed rows were recorded for ${most} changed cells`,
  ].filter((fault) => fault !== true);
  if (faults.length === 0) return;
  throw new GreenlightError({
    what: 'The comparison does not reconcile, so there is no verdict.',
    where: table,
    cause: faults.join('; '),
    help: 'If another process changed the candidate meanwhile, run compare again; else please report this as a bug.',
  });
}

interface Structure {
  /** A column was added, removed, retyped or moved, or the text of a view is another one. */
  readonly changed: boolean;
  readonly definitionChanged: boolean;
  readonly parts: readonly StructurePart[];
  readonly notes: readonly string[];
  readonly columns: readonly ColumnOutcome[];
}

function structureOf(
  planned: PlannedTable,
  cells: ReadonlyMap<string, number>,
  unexplainedCells: ReadonlyMap<string, number>,
  descriptions: ReadonlyMap<string, ChangeDescription>,
): Structure {
  const [before, after] = sides(planned);
  const columns = columnOutcomes(planned, cells, unexplainedCells, descriptions);
  const shared = (from: Relation, other: Relation) =>
    from.columns
      .map(({ name }) => name)
      .filter((name) => other.columns.some((one) => one.name === name));
  const moved = shared(before, after).join('\0') !== shared(after, before).join('\0');
  const definitionChanged = before.definition !== after.definition;
  const becameOther = before.kind !== after.kind;
  const parts: StructurePart[] = [
    // A table that becomes a view has a text now; that says nothing more.
    ...(definitionChanged && !becameOther ? (['definition'] as const) : []),
    ...(moved ? (['order'] as const) : []),
    ...(becameOther ? (['kind'] as const) : []),
  ];
  return {
    changed:
      parts.length > 0 ||
      columns.some(
        ({ status }) => status !== 'identical' && status !== 'skipped' && status !== 'changed',
      ),
    definitionChanged,
    parts,
    notes: [
      ...(!becameOther ? [] : [`was a ${before.kind}, is a ${after.kind}`]),
      ...(moved ? ['its columns stand in another order'] : []),
    ],
    columns,
  };
}

function columnOutcomes(
  planned: PlannedTable,
  cells: ReadonlyMap<string, number>,
  unexplainedCells: ReadonlyMap<string, number>,
  descriptions: ReadonlyMap<string, ChangeDescription>,
): ColumnOutcome[] {
  const [before, after] = sides(planned);
  const oldTypes = new Map(before.columns.map(({ name, type }) => [name, type]));
  const newTypes = new Map(after.columns.map(({ name, type }) => [name, type]));
  const names = [...new Set([...newTypes.keys(), ...oldTypes.keys()])];
  return names.map((name): ColumnOutcome => {
    const [oldType, newType] = [oldTypes.get(name) ?? null, newTypes.get(name) ?? null];
    const changed = cells.get(name) ?? 0;
    const ignored = planned.ignored.has(name);
    const outcome = {
      column: name,
      reason: ignored ? 'in compare.ignore' : null,
      old_type: oldType,
      new_type: newType,
      changed,
      unexplained: unexplainedCells.get(name) ?? 0,
      explained: false,
      ...describeChange(descriptions.get(name)),
      likely_rename: null,
    };
    // Only values can be ignored: that a column is there, and of which type, always counts.
    if (oldType === null) return { ...outcome, status: 'added' };
    if (newType === null) return { ...outcome, status: 'removed' };
    if (oldType !== newType) return { ...outcome, status: 'retyped' };
    if (ignored) return { ...outcome, status: 'skipped' };
    return { ...outcome, status: changed > 0 ? 'changed' : 'identical' };
  });
}

function toleranceNote({ key, columns }: TablePair): string | null {
  const tolerated = columns.filter(({ tolerance }) => tolerance !== null);
  if (key !== null || tolerated.length === 0) return null;
  return `no tolerance applied to ${tolerated.map(({ name }) => name).join(', ')}: the table has no key`;
}
