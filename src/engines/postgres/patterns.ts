import type { ChangeDescription } from '../engine.ts';
import type { GatheredRows, Workspace } from './gathered.ts';

/** What the changes of each column look like that deviates in rows of both sides; `cells` tells in how many. */
export async function describeChanges(
  _workspace: Workspace,
  { dirty }: GatheredRows,
  cells: ReadonlyMap<string, number>,
  _options: { readonly values: boolean },
): Promise<Map<string, ChangeDescription>> {
  return new Map(
    dirty.map(({ name }) => {
      const all = { pattern: 'free change', detail: null, relation: null };
      return [name, { patterns: [{ ...all, rows: cells.get(name) ?? 0 }], condition: null }];
    }),
  );
}
