import type { TablePair } from './comparison.ts';
import type { Location } from './places.ts';

/** Replay: rows of one database, brought into another. */

export interface Replayer {
  /**
   * Makes the rows of these tables at `to` equal to those at `from`, by key and by sets: rows that `from` has not go,
   * rows that it lacks, or that differ in the least, come. All or nothing; reads `from` only. Done again, it changes
   * nothing. `old` of each pair is `to`, `new` is `from`.
   * @throws GreenlightError in the engine's words when it does not take the rows.
   */
  bringOver(
    from: Location,
    to: Location,
    tables: readonly TablePair[],
    purpose: string,
  ): Promise<void>;
}
