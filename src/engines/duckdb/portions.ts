/** How many rows are worked on at a time. What is found does not depend on it: tests take a few rows. */
export interface Portions {
  /** Rows that are compared where they stand, side by side. */
  readonly section: number;
  /** Rows of a side that are joined, at most: fewer where memory is scarce. */
  readonly piece: number;
  /** Rows that were copied because they lie scattered: whole rows, and in memory already. */
  readonly copied: number;
  /** Rows that fit into memory with their texts, at most. */
  readonly inMemory: number;
}

/** Of DuckDB's storage. */
const rowGroup = 122_880;

export const usualPortions: Portions = {
  section: 8 * rowGroup,
  piece: 16 * rowGroup,
  copied: 65_536,
  inMemory: Number.POSITIVE_INFINITY,
};
