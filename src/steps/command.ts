import { type CommandResult, commandEnvironment, runCommand } from '../command.ts';
import type { CommandItem } from '../config/config.ts';
import type { Location } from '../engines/engine.ts';
import { GreenlightError } from '../errors.ts';
import { duration } from '../format.ts';
import type { ClonedRelease } from '../release/records.ts';
import type { StepContext } from './context.ts';

/** Runs a command of the project on the candidate. */
export function runOnCandidate(
  context: StepContext,
  release: ClonedRelease,
  item: CommandItem,
  onDetail: (line: string) => void,
): Promise<void> {
  return runOn(release.candidate, context, release, item, onDetail, release.clone_instant);
}

/**
 * Runs a command of the project. Its environment leads to the database at `at` and to no other: every variable that
 * shows live, or that the configuration used for its connection, is left out.
 */
export async function runOn(
  at: Location,
  { config, engine, host }: StepContext,
  release: ClonedRelease,
  { command, timeoutMs }: CommandItem,
  onDetail: (line: string) => void,
  now: string,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { env, dropped } = commandEnvironment(process.env, {
    add: {
      ...engine.commandEnvironment(at),
      GREENLIGHT_RELEASE: release.id,
      GREENLIGHT_NOW: now,
      ...more,
    },
    forbiddenValues: engine.traces(),
    forbiddenNames: config.variables,
  });
  if (dropped.length > 0) host.progress.note(`Kept from the command: ${dropped.join(', ')}.`);
  const before = await engine.databases.glance(engine.places.live);
  const result = await runCommand({
    command,
    cwd: config.root,
    env,
    timeoutMs,
    onLine: onDetail,
  });
  const after = await engine.databases.glance(engine.places.live);
  if (after?.id !== before?.id || after?.mark !== before?.mark) {
    host.progress.warn(
      'Live was written to while the command ran, by it or by production. The swap will look at what changed.',
    );
  }
  const failure = failureOf(result, timeoutMs);
  if (failure === null) return;
  throw new GreenlightError({
    what: `The command ${failure}:\n  ${command}`,
    cause: `its last lines:\n${lastLines(result)}`,
    help: 'Mend the command, or raise its `timeout`, then run the same step again.',
  });
}

/** How a command failed, in words; null when it did not. */
export function failureOf(
  { exitCode, signal, timedOut }: CommandResult,
  timeoutMs: number,
): string | null {
  if (timedOut) return `did not end within ${duration(timeoutMs)} and was stopped`;
  return exitCode === 0 ? null : `failed with ${signal ?? `exit code ${exitCode}`}`;
}

export function lastLines({ tail }: CommandResult): string {
  return tail.map((line) => `  | ${line}`).join('\n');
}
