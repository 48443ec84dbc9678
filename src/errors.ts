import { isNativeError } from 'node:util/types';

/** Exit codes of the command line: a contract (docs/cli.md). */
export const EXIT = { done: 0, error: 1, usage: 2, refused: 3 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What the person reads when something stops: what happened, where, what it means, what to do. */
export interface Problem {
  /** One sentence: what happened. Never holds a secret or a row value. */
  readonly what: string;
  /** File with line, table, database: where it happened. */
  readonly where?: string;
  /** The cause in the words of the engine, the file system or the tool. */
  readonly cause?: string;
  /** What it means for production; where it is not given, the command line looks at live and tells. */
  readonly live?: string;
  /** What to do next, best with the command to type. */
  readonly help?: string;
}

/** Every expected failure of the product. Anything else that is thrown is a bug and is shown as one. */
export class GreenlightError extends Error {
  override readonly name = 'GreenlightError';
  readonly problem: Problem;
  readonly exitCode: ExitCode;

  constructor(problem: Problem, exitCode: ExitCode = EXIT.error) {
    super(problem.what);
    this.problem = problem;
    this.exitCode = exitCode;
  }
}

/** A wrong command line or configuration: exit code 2. */
export class UsageError extends GreenlightError {
  constructor(problem: Problem) {
    super(problem, EXIT.usage);
  }
}

/** Another process holds the database, so that it cannot be opened now; later it may. */
export class DatabaseInUse extends GreenlightError {}

/** The message of anything that was thrown, without its stack. */
export function messageOf(thrown: unknown): string {
  return isNativeError(thrown) ? thrown.message : String(thrown);
}

/** The code of a Node system error (`ENOENT`, `ENOSPC`, ...), or undefined. */
export function systemCode(thrown: unknown): string | undefined {
  return isNativeError(thrown) && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}
