import type { ComparedColumn, KeyFault, RowComparison, RowCounts, TablePair } from '../engine.ts';
import { type Row, toNumber } from './connection.ts';
import * as counts from './counts.ts';
import { DeviatingCells } from './deviating-cells.ts';
import { type JoinedRest, joinRest } from './joining.ts';
import { findKeyFault, isInOrder, isPlainKey, isUnique } from './keys.ts';
import { discardLoose, type Layout, layOut, type Section } from './layout.ts';
import { type Condition, within } from './reading.ts';
import { type RestRows, restOf } from './rest.ts';
import type { Sources } from './values.ts';
import type { Workspace } from './workspace.ts';

/** How the rows of a pair were brought together, for finding the deviating ones again. */
export interface RowPlan {
  readonly sources: Sources;
  /** Null: as multisets. */
  readonly key: readonly ComparedColumn[] | null;
  /** Rows that stand side by side and deviate. */
  readonly paired: readonly PairedRows[];
  /** Rows that are joined by key, or counted as multisets, and deviate. */
  readonly rest: RestRows;
}

export interface PairedRows {
  readonly condition: Condition;
  readonly by: counts.Pairing;
}

export type PlannedComparison = RowComparison & { readonly plan: RowPlan };

/** What is compared, and what was found so far. */
interface Work {
  readonly workspace: Workspace;
  readonly pair: TablePair;
  readonly about: string;
  readonly sources: Sources;
  readonly rows: RowCounts;
  readonly onProgress: (done: number) => void;
}

/**
 * Compares all rows of both sides, exactly: first what storage proves, then rows that stand side by side, and what is left
 * is joined by key or counted as a multiset.
 */
export async function compareRows(
  workspace: Workspace,
  pair: TablePair,
  rows: RowCounts,
  onProgress: (done: number) => void,
): Promise<PlannedComparison | KeyFault> {
  const sources = await workspace.sources(pair);
  const about = `${pair.schema}.${pair.name}`;
  const work = { workspace, pair, about, sources, rows, onProgress };
  const layout = await layOut(workspace, pair, sources, rows);
  try {
    return pair.key === null
      ? await compareMultisets(work, layout)
      : await compareKeyed(work, layout);
  } finally {
    await discardLoose(workspace, layout.loose);
  }
}

async function compareKeyed(
  work: Work,
  { sections, loose }: Layout,
): Promise<PlannedComparison | KeyFault> {
  const { workspace, pair, about, sources, rows } = work;
  const key = pair.columns.filter(({ name }) => pair.key?.includes(name));
  const values = pair.columns.filter(({ name }) => !pair.key?.includes(name));
  const isProven = (section: Section) => key.every(({ name }) => section.proven.has(name));
  const cells = new DeviatingCells();
  const [byStorage, byKey] = split(sections, isProven);
  const isEnforced = pair.keyEnforced && key.every(isPlainKey);
  // What the new side adds is checked where it is joined.
  if (!isEnforced && !(await isUnique(workspace, about, sources, 'old', key)))
    return (await findKeyFault(workspace, pair, sources, key)) ?? impossible();
  const paired = await compareProven(work, byStorage, values, cells);
  const aligned = await compareAligned(work, byKey, key, values, cells);
  const rest = await restOf(workspace, pair, sources, { ranges: aligned.rest, loose, rows, key });
  const found: JoinedRest = rest.isEmpty
    ? { added: 0, removed: 0, isConsistent: true, deviating: rest }
    : await joinRest(workspace, pair, rest, { key, values, cells, onProgress: work.onProgress });
  if (!found.isConsistent || (!isEnforced && found.added > 0 && (await hasStrayKeys()))) {
    const fault = await findKeyFault(workspace, pair, sources, key);
    if (fault !== null) return fault;
  }
  if (!found.isConsistent) impossible();
  return {
    added: found.added,
    removed: found.removed,
    cells: cells.counts,
    way: wayOf(sections, paired.read + aligned.read > 0, rest.isEmpty ? null : 'join'),
    proof: isAllProven(sections, pair.columns) && rest.isEmpty ? 'lineage' : 'exact',
    plan: {
      sources,
      key,
      paired: [...paired.deviating, ...aligned.deviating],
      rest: found.deviating,
    },
  };

  /** The old side's key is known to be unique; what the new side has beyond it is not. */
  async function hasStrayKeys(): Promise<boolean> {
    const check = `check the key of ${about}`;
    // Where the old side is in the order of its key, the new side is likely to be.
    if (
      (await isInOrder(workspace, check, sources, 'old', key)) &&
      (await isInOrder(workspace, check, sources, 'new', key))
    )
      return false;
    const isAll = aligned.rest.length === sections.length && !rest.isCopied;
    let found = false;
    await workspace.oneByOne(
      rest.conditions,
      check,
      (condition) =>
        counts.findStrayKeys(sources, key, { sources: rest.sources, condition, isAll }),
      (row) => {
        found ||= row.stray === true;
      },
    );
    return found;
  }
}

/** Sections in which storage proves the key: only what it does not prove is read. */
async function compareProven(
  { workspace, about, sources, onProgress }: Work,
  sections: readonly Section[],
  values: readonly ComparedColumn[],
  cells: DeviatingCells,
): Promise<{ deviating: PairedRows[]; read: number }> {
  const deviating = new Set<PairedRows>();
  const pieces = sections.flatMap((section) => {
    const unproven = values.filter(({ name }) => !section.proven.has(name));
    const by = section.rows === 'same' ? ('position' as const) : ('row number' as const);
    const rows = { condition: within([section]), by };
    if (unproven.length === 0) onProgress(lengthOf(section));
    return unproven.length === 0
      ? []
      : counts.columnGroups(unproven).map((group, _, all) => ({
          rows,
          group,
          done: lengthOf(section) / all.length,
        }));
  });
  await workspace.each(
    pieces,
    `compare ${about}`,
    ({ rows, group }) => counts.countPaired(sources, group, rows.condition, rows.by),
    (row, { rows, group, done }) => {
      if (cells.add(group, row)) deviating.add(rows);
      onProgress(done);
    },
  );
  return { deviating: [...deviating], read: pieces.length };
}

/** Sections in which rows may stand beside their own key. Those in which they do not are left for the rest. */
async function compareAligned(
  { workspace, about, sources, rows, onProgress }: Work,
  sections: readonly Section[],
  key: readonly ComparedColumn[],
  values: readonly ComparedColumn[],
  cells: DeviatingCells,
): Promise<{ deviating: PairedRows[]; rest: Section[]; read: number }> {
  const rest = new Set<Section>(
    sections.filter((section) => !sources.hasRowid || section.rows === 'numbered'),
  );
  const hopeful = sections.filter((section) => !rest.has(section));
  const isInStep = async (section: Section) => {
    // Their number, and a few rows at the end, tell whether it is worth reading.
    const end = within([endOf(section, rows)]);
    const out = await workspace.ask(
      `align ${about}`,
      counts.countOutOfStep(sources, key, within([section]), end),
    );
    return Object.values(out).every((count) => toNumber(count) === 0);
  };
  const inStep = await findInStep(hopeful, isInStep);
  for (const section of hopeful.slice(inStep)) rest.add(section);
  if (rows.old !== rows.new) {
    await workspace.each(
      hopeful.slice(0, inStep),
      `align ${about}`,
      (section) => counts.countUnpaired(sources, within([section])),
      (row, section) => {
        if (toNumber(row.unpaired) > 0) rest.add(section);
      },
    );
  }
  const deviating = new Map<Section, PairedRows>();
  const unprovenOf = (section: Section) =>
    counts.columnGroups(values.filter(({ name }) => !section.proven.has(name)));
  await workspace.each(
    hopeful.filter((section) => !rest.has(section)),
    `compare ${about}`,
    (section) => counts.countAligned(sources, key, unprovenOf(section)[0] ?? [], within([section])),
    (row, section) => {
      if (toNumber(row.misaligned) > 0) rest.add(section);
      else take(section, unprovenOf(section)[0] ?? [], row);
    },
  );
  const more = hopeful
    .filter((section) => !rest.has(section))
    .flatMap((section) =>
      unprovenOf(section)
        .slice(1)
        .map((group) => ({ section, group })),
    );
  await workspace.each(
    more,
    `compare ${about}`,
    ({ section, group }) => counts.countPaired(sources, group, within([section]), 'position'),
    (row, { section, group }) => take(section, group, row),
  );
  return {
    deviating: [...deviating.values()],
    rest: [...rest],
    read: hopeful.filter((section) => !rest.has(section)).length,
  };

  function take(section: Section, group: readonly ComparedColumn[], row: Row): void {
    onProgress(lengthOf(section) / unprovenOf(section).length);
    if (!cells.add(group, row)) return;
    deviating.set(section, { condition: within([section]), by: 'position' });
  }
}

/**
 * How many sections from the first one on are worth reading: a row that is missing moves all that come after it. The
 * last one tells for all; else the place where it begins is looked for by halves.
 */
async function findInStep<T>(
  sections: readonly T[],
  isInStep: (section: T) => Promise<boolean>,
): Promise<number> {
  const last = sections.at(-1);
  if (last === undefined || (await isInStep(last))) return sections.length;
  let [known, end] = [0, sections.length - 1];
  // In no order at all, the first one is out of step already.
  for (let next = 0; known < end; next = Math.floor((known + end) / 2)) {
    if (await isInStep(sections[next] as T)) known = next + 1;
    else end = next;
  }
  return known;
}

/** Sections that are equal row by row are out of the way; of the others, each row counts as often as it occurs. */
async function compareMultisets(
  work: Work,
  { sections, loose }: Layout,
): Promise<PlannedComparison> {
  const { workspace, pair, about, sources, rows, onProgress } = work;
  const columns = withoutTolerance(pair.columns);
  const unprovenOf = ({ proven }: Section) => columns.filter(({ name }) => !proven.has(name));
  const unequal = new Set<Section>();
  const [proven, read] = split(
    sections,
    (section) => unprovenOf(section).length === 0 && columns.length > 0,
  );
  for (const section of proven) onProgress(lengthOf(section));
  await workspace.each(
    read,
    `count ${about}`,
    (section) => counts.countUnpaired(sources, within([section])),
    (row, section) => {
      const isPaired = section.rows === 'same' && toNumber(row.unpaired) === 0;
      if (!isPaired) unequal.add(section);
    },
  );
  await workspace.each(
    read
      .filter((section) => !unequal.has(section))
      .flatMap((section) =>
        counts.columnGroups(unprovenOf(section)).map((group) => ({ section, group })),
      ),
    `compare ${about}`,
    ({ section, group }) => counts.countPaired(sources, group, within([section]), 'position'),
    (row, { section }) => {
      if (Object.values(row).some((count) => toNumber(count) > 0)) unequal.add(section);
      onProgress(lengthOf(section));
    },
  );
  const rest = await restOf(workspace, pair, sources, {
    ranges: [...unequal],
    loose,
    rows,
    key: null,
  });
  let [added, removed] = [0, 0];
  if (!rest.isEmpty) {
    await workspace.oneByOne(
      rest.conditions,
      `compare ${about} as multisets`,
      (condition) => counts.countMultiset(rest.sources, columns, condition),
      (row) => {
        added += toNumber(row.added);
        removed += toNumber(row.removed);
      },
    );
  }
  return {
    added,
    removed,
    cells: new Map(),
    way: wayOf(sections, read.length > unequal.size, rest.isEmpty ? null : 'multiset'),
    proof: read.length === 0 && rest.isEmpty ? 'lineage' : 'exact',
    plan: {
      sources,
      key: null,
      paired: [],
      rest: { ...rest, conditions: added + removed > 0 ? rest.conditions : [] },
    },
  };
}

/** Whether two rows without a key belong together, only their equality can tell. */
export function withoutTolerance(columns: readonly ComparedColumn[]): ComparedColumn[] {
  return columns.map((column) => ({ ...column, tolerance: null }));
}

function isAllProven(sections: readonly Section[], columns: readonly ComparedColumn[]): boolean {
  return sections.every(
    ({ proven, rows }) => rows === 'same' && columns.every(({ name }) => proven.has(name)),
  );
}

/** `storage, position and join`: each way that was taken, for people. */
function wayOf(
  sections: readonly Section[],
  byPosition: boolean,
  rest: 'join' | 'multiset' | null,
): string {
  const ways = [
    ...(sections.some(({ proven }) => proven.size > 0) ? ['storage'] : []),
    ...(byPosition ? ['position'] : []),
    ...(rest === null ? [] : [rest]),
  ];
  return ways.length < 3
    ? ways.join(' and ') || 'position'
    : `${ways[0]}, ${ways[1]} and ${ways[2]}`;
}

/** The last rows of a section. */
function endOf({ from, to }: Section, rows: RowCounts): { from: number; to: number | null } {
  const end = to ?? Math.max(rows.old, rows.new);
  return { from: Math.max(from, end - 64), to };
}

function lengthOf({ from, to }: Section): number {
  return to === null ? 0 : to - from;
}

function split<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

function impossible(): never {
  throw new Error('The key brings rows together twice, and yet it is unique');
}
