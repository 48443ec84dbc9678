import { hostname } from 'node:os';
import type { Review } from './review.ts';

/**
 * Where a step runs and who watches: a terminal, GitHub Actions, GitLab CI.
 * A host knows no engine and no release; steps speak to it and never to a stream.
 */
export interface Host {
  /** What goes on, for people. Never the result: that is returned by the step. */
  readonly progress: Progress;
  /** Who runs this: for the ledger (`alice`, `github:octocat`). */
  readonly actor: string;
  /** Where this change is meant to go, as git revisions, the best first; empty: nobody says. */
  readonly target: readonly string[];
  /** The log hides these texts from now on, where it can. */
  hide(secrets: readonly string[]): void;
  /** The text as it can be printed: what the log would take for a command is told in another way. JSON stays equal. */
  printable(text: string): string;
  /** Gives values to the jobs and steps that follow, where there are any. */
  outputs(values: Readonly<Record<string, string>>): Promise<void>;
  /** Where the change is reviewed; null: nowhere. */
  readonly review: Review | null;
}

/** Where a decision was given, and who typed it: for the ledger. */
export function placeOf({ actor, review }: Pick<Host, 'actor' | 'review'>): string {
  return review === null
    ? `command line on ${hostname()}, by ${actor}`
    : `${review.run}, by ${actor}`;
}

export interface Progress {
  /** Begins a piece of work. `total` (same unit as `advance`) allows a share and an estimate. */
  task(label: string, total?: number): Task;
  /** A line that stays: a fact that the reader needs (a choice made, something skipped). */
  note(text: string): void;
  /** A line that stays and stands out. */
  warn(text: string): void;
}

/** One piece of work under way. Exactly one of `done` and `failed` ends it. */
export interface Task {
  /** Sets how much of `total` is done, and what is being worked on now. */
  advance(done: number, detail?: string): void;
  done(summary?: string): void;
  failed(summary?: string): void;
}
