import type { Coverage, TableOutcome } from '../compare/outcome.ts';
import { plural } from '../format.ts';

/** What an overview of tables counts, in the order of its columns. */
const shown = {
  'old rows': 'old_rows',
  'new rows': 'new_rows',
  removed: 'removed',
  added: 'added',
  changed: 'changed',
  unexplained: 'unexplained',
} as const satisfies Readonly<Record<string, keyof TableOutcome>>;

export const countHeads: readonly string[] = Object.keys(shown);

export function countCells(table: TableOutcome): (number | null)[] {
  return Object.values(shown).map((counted) => table[counted]);
}

/** What of bitemporal tables was compared, and what not. */
export function historyText({ tables, rows }: Coverage['history']): string[] {
  if (tables === 0) return [];
  return [
    `Of ${plural(tables, 'bitemporal table')}, what is visible at the parked instant; the ${plural(rows, 'row')} of history ${rows === 1 ? 'is' : 'are'} proven unchanged by simulate.`,
  ];
}

/** What was only hashed is told apart from what was compared. */
export function hashedText(tables: readonly string[]): string[] {
  if (tables.length === 0) return [];
  return [
    `Of ${plural(tables.length, 'table')} nothing but a hash of 64 bits was compared (compare.proof: hash).`,
  ];
}
