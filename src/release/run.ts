import { EXIT, GreenlightError, messageOf } from '../errors.ts';
import type { Host } from '../hosts/host.ts';
import type { Ledger } from './ledger.ts';
import type { LogicHash } from './logic-hash.ts';
import type { Release, StepName } from './records.ts';

export interface StepRun {
  readonly release: string;
  readonly step: StepName;
  /** Of the files in hand; null for a step that runs none of them. */
  readonly logic: LogicHash | null;
  /** The release as the step has read it; null for one that begins. */
  readonly seen: Release | null;
}

/**
 * Runs a step of a release: one process at a time per release, the beginning and the end in the ledger.
 * `work` gives the step's result; what it throws is recorded and thrown on.
 */
export async function runStep<T extends object>(
  { ledger, host }: { readonly ledger: Ledger; readonly host: Host },
  run: StepRun,
  work: () => Promise<T>,
): Promise<T> {
  return withHold(ledger, `release-${run.release}`, `release ${run.release}`, async () => {
    const id = await ledger.write(`${run.step} ${run.release}: begin`, async (writer) => {
      // Whoever ran before us is gone: we have the hold.
      requireUnchanged(await writer.release(run.release), run);
      await writer.interruptSteps(run.release);
      await writer.dropUnfinishedComparisons(run.release);
      return writer.startStep(run.release, run.step, host.actor, run.logic?.hash ?? null);
    });
    const finish = (state: 'done' | 'failed' | 'refused', detail: unknown) =>
      ledger.write(`${run.step} ${run.release}: ${state}`, (writer) =>
        writer.finishStep(id, state, detail),
      );
    try {
      const result = await work();
      await finish('done', { result, logic: run.logic });
      return result;
    } catch (error) {
      const refused = error instanceof GreenlightError && error.exitCode === EXIT.refused;
      // The ledger may be what failed; then the run stays `running` and counts as interrupted.
      await finish(refused ? 'refused' : 'failed', { error: messageOf(error) }).catch(
        () => undefined,
      );
      throw error;
    }
  });
}

/** The step was decided on what the release was before we had it for ourselves. */
function requireUnchanged(now: Release | null, { seen, release, step }: StepRun): void {
  if (seen === null || now?.updated_at === seen.updated_at) return;
  throw new GreenlightError({
    what: `Another greenlight has just changed release ${release}.`,
    cause: `it was ${seen.state}, now it is ${now?.state ?? 'gone'}`,
    help: `Look at greenlight status, then run ${step} again.`,
  });
}

/** One process at a time: `name` for the lock, `what` for people. */
export async function withHold<T>(
  ledger: Ledger,
  name: string,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  const hold = await ledger.hold(name);
  if (!hold.held) {
    throw new GreenlightError({
      what: `Another greenlight works on ${what} right now.`,
      cause: hold.holder,
      help: 'Wait until it has ended, then run the same command again.',
    });
  }
  try {
    return await work();
  } finally {
    await hold.release();
  }
}
