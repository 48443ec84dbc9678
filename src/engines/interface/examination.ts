import type { Location } from './places.ts';

/** Examination: what would go wrong, before anything is started. */

export interface Examiner {
  /**
   * Looks at connection, version, privileges, retention, edition and limits. Writes to no database and leaves nothing
   * behind. Throws nothing that the database says: what cannot be reached or looked at is a finding like others. Gives
   * them as they are made, those of one part together.
   */
  examine(options: ExaminationOptions): AsyncIterable<Finding>;
}

export interface ExaminationOptions {
  /** How candidate and baseline are to be made, as in CloneOptions. */
  readonly method: string;
  /** How many databases as large as live one release makes beside it: candidate, baseline, and control where one runs. */
  readonly copies: number;
  /** Whether rows are to be brought over that were written to live since the clone. */
  readonly replays: boolean;
  /** The baseline, where one is given. Default: none is. */
  readonly baseline?: Location;
}

export interface Finding {
  /** The part of the engine that it is about. */
  readonly part:
    | 'connection'
    | 'databases'
    | 'catalog'
    | 'scripts'
    | 'comparison'
    | 'swap'
    | 'replay'
    | 'stores';
  /** What was looked at, for people, in lower case: `the right to make databases`. */
  readonly subject: string;
  /** fault: a release would fail. warning: it would do less, or take longer. unknown: it could not be looked at. */
  readonly verdict: 'good' | 'warning' | 'fault' | 'unknown';
  /** What is so, in whole sentences. Names no secret and no row value. */
  readonly found: string;
  /** What to do, with the statement to run where there is one, one a line; null when all is good. */
  readonly help: string | null;
}
