import { commandEnvironment, runCommand } from '../command.ts';
import type { Location, ScriptSession } from '../engines/engine.ts';
import { GreenlightError, messageOf, type Problem } from '../errors.ts';
import type { RunStep } from '../release/files.ts';
import { failureOf, lastLines } from './command.ts';
import type { StepContext } from './context.ts';

export interface Verified {
  readonly checks: number;
  readonly failures: readonly Failure[];
}

export interface Failure {
  /** One line: goes into the ledger. */
  readonly what: string;
  /** What a command said at its end: for the person only. */
  readonly output?: string;
}

/** Thrown when the database that was swapped in is not as it should be. */
export class VerificationFailed extends GreenlightError {
  readonly verification: { readonly failures: readonly string[]; readonly returned: boolean };

  constructor(
    { failures, returned }: { readonly failures: readonly Failure[]; readonly returned: boolean },
    problem: Problem,
  ) {
    super(problem);
    this.verification = { failures: failures.map(({ what }) => what), returned };
  }
}

/** What is verified, by which checks. They are read beforehand: nothing of that may fail once live is exchanged. */
export interface Verification {
  readonly release: { readonly id: string };
  readonly at: Location;
  readonly checks: readonly RunStep[];
}

/** Runs `swap.verify` on a database, and then `then` with what came of it, whatever that is. */
export async function verifying<T>(
  context: StepContext,
  verification: Verification,
  then: (verified: Verified) => Promise<T>,
): Promise<T> {
  const { engine, ledger } = context;
  const { at, checks } = verification;
  let session: ScriptSession | null = null;
  let failures: readonly Failure[];
  try {
    // At a rehearsal live is another database than the one that is verified: no check may reach it by its path.
    const forbidden = [engine.places.live, at, ledger.location];
    session = await engine.scripts.open(at, { write: false, variables: {}, forbidden });
    failures = await failedChecks(context, verification, session);
  } catch (error) {
    failures = [{ what: `the verification broke off: ${reasonOf(error)}` }];
  }
  try {
    return await then({ checks: checks.length, failures });
  } finally {
    // Only now: an engine may hold the fence by the same lock that it gives up with its last session on the database.
    await session?.close();
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof GreenlightError ? error.problem.cause : undefined;
  const reason = cause === undefined ? messageOf(error) : `${messageOf(error)} ${cause}`;
  return reason.split('\n', 1)[0] ?? '';
}

export function listFailures(failures: readonly Failure[]): string {
  return failures
    .map(({ what, output }) => `  ${what}${output === undefined ? '' : `\n${output}`}`)
    .join('\n');
}

async function failedChecks(
  context: StepContext,
  verification: Verification,
  session: ScriptSession,
): Promise<Failure[]> {
  const { host, engine } = context;
  const { at, checks } = verification;
  const failures: Failure[] = [];
  const label = at === engine.places.live ? 'Verifying live' : 'Verifying the rehearsed database';
  const task = host.progress.task(label, checks.length);
  try {
    for (const [index, check] of checks.entries()) {
      task.advance(index, check.name);
      const onLine = (line: string) => task.advance(index, line);
      failures.push(
        ...(check.kind === 'sql'
          ? await failedQueries(session, check)
          : await failedCommand(context, verification, check, onLine)),
      );
    }
  } catch (error) {
    task.failed();
    throw error;
  }
  if (failures.length > 0) task.failed(`${failures.length} failed`);
  else task.done();
  return failures;
}

/** A check that cannot run is a check that failed. */
async function failedQueries(
  session: ScriptSession,
  { script }: RunStep & { readonly kind: 'sql' },
): Promise<Failure[]> {
  try {
    return (await session.check(script)).map((what) => ({ what }));
  } catch (error) {
    if (!(error instanceof GreenlightError)) throw error;
    const { where, cause } = error.problem;
    return [{ what: `${where ?? script.file}: ${cause ?? error.message}` }];
  }
}

/** The command finds the way to this database in its environment; that of a rehearsal shows it nothing of live. */
async function failedCommand(
  { config, engine }: StepContext,
  { release, at }: Verification,
  { command }: RunStep & { readonly kind: 'command' },
  onLine: (line: string) => void,
): Promise<Failure[]> {
  const { env } = commandEnvironment(process.env, {
    add: { ...engine.commandEnvironment(at), GREENLIGHT_RELEASE: release.id },
    forbiddenValues: at === engine.places.live ? [] : engine.traces(),
    forbiddenNames: config.variables,
  });
  const { command: text, timeoutMs } = command;
  const result = await runCommand({ command: text, cwd: config.root, env, timeoutMs, onLine });
  const failure = failureOf(result, timeoutMs);
  if (failure === null) return [];
  return [{ what: `${text}: ${failure}`, output: lastLines(result) }];
}
