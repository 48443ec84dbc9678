/** What a person looks at: a table or a column with its deviations. */
interface Weighed {
  readonly explained: boolean;
  /** Rows. */
  readonly unexplained: number;
  readonly changed: number;
  readonly added?: number;
  readonly removed?: number;
}

/** Tables: those of one weight by their names. */
export function byWeightAndTable<T extends Weighed & { readonly table: string }>(
  a: T,
  b: T,
): number {
  return byWeight(a, b) || (a.table < b.table ? -1 : 1);
}

/** Unexplained first, biggest first. */
export function byWeight(a: Weighed, b: Weighed): number {
  return (
    Number(a.explained) - Number(b.explained) ||
    b.unexplained - a.unexplained ||
    deviatingRows(b) - deviatingRows(a)
  );
}

function deviatingRows({ changed, added = 0, removed = 0 }: Weighed): number {
  return changed + added + removed;
}
