/** What a person looks at: a table or a column with its deviations. */
interface Weighed {
  readonly explained: boolean;
  /** Rows. */
  readonly unexplained: number;
  readonly changed: number;
  readonly added?: number;
  readonly removed?: number;
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
