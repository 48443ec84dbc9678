import type { TableOutcome } from '../compare/outcome.ts';

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
