import type { Lexis } from '../lexis.ts';
import type { Location } from './places.ts';

/** Scripts: SQL files that run on one database. */

export interface ScriptRunner {
  /** Opens `at` alone: no other database of the release, nor live or the ledger, is within reach of what runs in it. */
  open(at: Location, options: ScriptOptions): Promise<ScriptSession>;
  /** How its SQL falls into pieces. */
  readonly lexis: Lexis;
  /** What in this SQL gives another value in another run, in the order of the text. Texts and comments are not looked at. */
  noiseIn(sql: string): Promise<readonly NoiseSource[]>;
}

/** A function of the engine that looks at its own clock, at chance, at a sequence or at the session. */
export interface NoiseSource {
  /** As people know it: `now()`, `current_date`. */
  readonly function: string;
  readonly source: 'clock' | 'random' | 'sequence' | 'session';
  /** Counts from 1. */
  readonly line: number;
}

/** A value as text, with the engine's word for its type. */
export interface TypedText {
  readonly text: string;
  readonly type: string;
}

export interface ScriptOptions {
  readonly write: boolean;
  /** Session variables that scripts may read; a plain text is a text, but for `greenlight_now`: an instant. */
  readonly variables: Readonly<Record<string, string | TypedText>>;
  /** Whether `{{ name }}` in a script stands for the variable `greenlight_name`. Default: false, they are not looked at. */
  readonly placeholders?: boolean;
  /** Locations that no script may name. */
  readonly forbidden: readonly Location[];
  /** The session's time zone is UTC, not that of the machine. */
  readonly utc?: boolean;
}

export interface ScriptSession {
  /**
   * Runs the statements of a file in order, in one transaction where the engine and the statements allow.
   * Throws a GreenlightError that names file, line and statement; then nothing of a transactional script has happened.
   * With `mark`, the database remembers that the script has run: in the script's own transaction, or else right after it.
   */
  run(
    script: Script,
    onStatement?: (done: number, total: number) => void,
    mark?: RunMark,
  ): Promise<ScriptReport>;
  /**
   * Runs a query file of checks: each query gives rows, and every column of every row is true.
   * Gives one line of text for each that is not.
   */
  check(script: Script): Promise<string[]>;
  /**
   * The rows of one query, as texts, with the columns' types.
   * @throws GreenlightError, with file and line, when it fails or is more than one statement.
   */
  query(script: Script): Promise<QueryRows>;
  /** What the database remembers; null: nothing. */
  readMark(): Promise<RunMark | null>;
  writeMark(mark: RunMark): Promise<void>;
  /** Leaves no trace of a mark in the database. */
  dropMark(): Promise<void>;
  close(): Promise<void>;
}

export interface QueryRows {
  readonly columns: readonly string[];
  readonly types: readonly string[];
  readonly rows: readonly (string | null)[][];
}

/** How far a run of many items has come, kept inside the database that they change: neither can be without the other. */
export interface RunMark {
  /** Tells the run from others. */
  readonly run: string;
  /** Items that have come to their end. */
  readonly done: number;
  /** The next item has begun, and would not be undone if it were cut off. */
  readonly begun: boolean;
}

export interface Script {
  /** As shown to people: relative to the project. */
  readonly file: string;
  readonly text: string;
}

export interface ScriptReport {
  readonly statements: number;
  /** False when the script could not run in a transaction; `reason` says which statement. */
  readonly transactional: boolean;
  readonly reason: string | null;
}
