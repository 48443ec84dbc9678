import type { ExitCode } from '../errors.ts';

/** What a step gives: its result for programs, and the same for people. */
export interface StepOutcome {
  readonly result: object;
  /** Pieces of a text that may be longer than memory. */
  readonly text: string | AsyncIterable<string>;
  /** Default: 0, done. */
  readonly exitCode?: ExitCode;
}

/** In place of a step's result: what started the job asks nothing of it. */
export interface SkippedResult {
  readonly release: string;
  /** Why there is nothing to do. */
  readonly skipped: string;
}

export function nothingDone(release: string, skipped: string): StepOutcome {
  const result: SkippedResult = { release, skipped };
  return { result, text: `Nothing to do: ${skipped}.` };
}
