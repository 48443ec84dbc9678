import { commandEnvironment, runCommand } from '../command.ts';
import type { Location, ScriptSession } from '../engines/engine.ts';
import { GreenlightError, type Problem } from '../errors.ts';
import { type RunStep, verifySteps } from '../release/files.ts';
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

/** Runs `swap.verify` on the database at `at`, and then `then` with what came of it. */
export async function verifying<T>(
  context: StepContext,
  release: { readonly id: string },
  at: Location,
  then: (verified: Verified) => Promise<T>,
): Promise<T> {
  const steps = await verifySteps(context.config);
  const session = await context.engine.scripts.open(at, {
    write: false,
    variables: {},
    forbidden: [],
  });
  try {
    return await then({
      checks: steps.length,
      failures: await failedChecks(context, release, at, session, steps),
    });
  } finally {
    // Only now: an engine may hold the fence by the same lock that it gives up with its last session on the database.
    await session.close();
  }
}

export function listFailures(failures: readonly Failure[]): string {
  return failures
    .map(({ what, output }) => `  ${what}${output === undefined ? '' : `\n${output}`}`)
    .join('\n');
}

async function failedChecks(
  context: StepContext,
  release: { readonly id: string },
  at: Location,
  session: ScriptSession,
  steps: readonly RunStep[],
): Promise<Failure[]> {
  const { host, engine } = context;
  const failures: Failure[] = [];
  const label = at === engine.places.live ? 'Verifying live' : 'Verifying the rehearsed database';
  const task = host.progress.task(label, steps.length);
  for (const [index, step] of steps.entries()) {
    task.advance(index, step.name);
    const onLine = (line: string) => task.advance(index, line);
    failures.push(
      ...(step.kind === 'sql'
        ? await failedQueries(session, step)
        : await failedCommand(context, release, at, step, onLine)),
    );
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
  release: { readonly id: string },
  at: Location,
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
