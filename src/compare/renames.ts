import { distance } from 'fastest-levenshtein';
import type { Column, ComparisonSession, TablePair } from '../engines/engine.ts';
import { count, plural } from '../format.ts';
import type { ColumnOutcome, LikelyRename, TableOutcome } from './outcome.ts';
import { type PlannedTable, sides } from './plan.ts';

/**
 * A removed and an added column, or table, may be one that was renamed. That is told with what speaks for it; both
 * still count as removed and added, and no verdict changes.
 */

/** Each comparison of two columns may read the whole table. */
const mostPairs = 20;
/** Of a renamed column some values may have changed as well. */
const leastEqual = 0.9;
const leastAlike = 0.7;

interface Candidate {
  readonly old: string;
  readonly new: string;
  readonly evidence: string;
  /** The higher, the better; among equal ones the likeness of the names decides. */
  readonly weight: number;
}

/** The same columns, those that were probably renamed with the other name. */
export async function withColumnRenames(
  session: ComparisonSession,
  planned: PlannedTable,
  pair: TablePair,
  columns: readonly ColumnOutcome[],
): Promise<ColumnOutcome[]> {
  const [before, after] = sides(planned);
  const alone = (own: readonly Column[], other: readonly Column[]) =>
    own.filter(
      ({ name }) => !planned.ignored.has(name) && !other.some((column) => column.name === name),
    );
  const removed = alone(before.columns, after.columns);
  const added = alone(after.columns, before.columns);
  const pairs = removed
    .flatMap((from) => added.map((to) => ({ from, to, alike: likeness(from.name, to.name) })))
    .filter(({ from, to }) => isComparable(session, from.type, to.type))
    .sort((a, b) => b.alike - a.alike)
    .slice(0, mostPairs);
  const candidates: Candidate[] = [];
  for (const { from, to, alike } of pairs) {
    const evidence = await evidenceOf(session, pair, from, to, alike);
    if (evidence !== null) candidates.push({ old: from.name, new: to.name, ...evidence });
  }
  const renames = bestOf(candidates);
  return columns.map((column) => {
    const rename = renameOf(column.column, column.status, renames);
    return rename === undefined ? column : { ...column, likely_rename: rename };
  });
}

async function evidenceOf(
  session: ComparisonSession,
  pair: TablePair,
  from: Column,
  to: Column,
  alike: number,
): Promise<Pick<Candidate, 'evidence' | 'weight'> | null> {
  const found = await session.countEqual(pair, from, to);
  if (found === null) return byName(from, to, alike);
  if (found.isConstant) return found.equal === found.rows ? byName(from, to, alike) : null;
  const share = found.equal / found.rows;
  if (share < leastEqual) return null;
  return {
    evidence: `${count(found.equal)} of ${count(found.rows)} values are equal`,
    weight: 1 + share,
  };
}

/** Where no values can tell. */
function byName(
  from: Column,
  to: Column,
  alike: number,
): Pick<Candidate, 'evidence' | 'weight'> | null {
  if (from.type !== to.type || alike < leastAlike) return null;
  return { evidence: `the names are alike and the type is the same (${to.type})`, weight: alike };
}

function isComparable(session: ComparisonSession, from: string, to: string): boolean {
  if (session.incomparable(from, to) !== null) return false;
  return from === to || (session.takesTolerance(from) && session.takesTolerance(to));
}

/** The same tables, those that were probably renamed with the other name. */
export function withTableRenames(tables: readonly TableOutcome[]): TableOutcome[] {
  const of = (status: TableOutcome['status']) => tables.filter((table) => table.status === status);
  const candidates = of('removed').flatMap((from) =>
    of('added').flatMap((to): Candidate[] => {
      const evidence = evidenceOfTables(from, to);
      return evidence === null ? [] : [{ old: from.table, new: to.table, ...evidence }];
    }),
  );
  const renames = bestOf(candidates);
  return tables.map((table) => {
    const rename = renameOf(table.table, table.status, renames);
    return rename === undefined ? table : { ...table, likely_rename: rename };
  });
}

function evidenceOfTables(
  from: TableOutcome,
  to: TableOutcome,
): Pick<Candidate, 'evidence' | 'weight'> | null {
  const shape = ({ kind, columns }: TableOutcome) =>
    JSON.stringify([
      kind,
      columns.map(({ column, old_type, new_type }) => [column, old_type ?? new_type]),
    ]);
  if (shape(from) !== shape(to)) return null;
  const alike = likeness(from.table, to.table);
  const [oldRows, newRows] = [from.removed, to.added];
  if (oldRows > 0 && from.fingerprint === to.fingerprint)
    return { evidence: `same columns, same ${plural(oldRows, 'row')}`, weight: 2 + alike };
  const share = Math.min(oldRows, newRows) / Math.max(oldRows, newRows, 1);
  if (share < leastEqual || alike < leastAlike) return null;
  return {
    evidence: `same columns, ${count(oldRows)} and ${count(newRows)} rows, and the names are alike`,
    weight: alike,
  };
}

/** By the name on each side. */
interface Renames {
  readonly old: Map<string, LikelyRename>;
  readonly new: Map<string, LikelyRename>;
}

/** One to one, the strongest first. */
function bestOf(candidates: readonly Candidate[]): Renames {
  const renames: Renames = { old: new Map(), new: new Map() };
  const strongest = candidates.toSorted(
    (a, b) => b.weight - a.weight || likeness(b.old, b.new) - likeness(a.old, a.new),
  );
  for (const candidate of strongest) {
    const { old: from, new: to, evidence } = candidate;
    if (renames.old.has(from) || renames.new.has(to)) continue;
    renames.old.set(from, { other: to, evidence });
    renames.new.set(to, { other: from, evidence });
  }
  return renames;
}

function renameOf(name: string, status: string, renames: Renames): LikelyRename | undefined {
  if (status === 'removed') return renames.old.get(name);
  return status === 'added' ? renames.new.get(name) : undefined;
}

/** From 0, nothing in common, to 1, equal. */
function likeness(a: string, b: string): number {
  return 1 - distance(a.toLowerCase(), b.toLowerCase()) / Math.max(a.length, b.length, 1);
}
