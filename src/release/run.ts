import { EXIT, GreenlightError, messageOf } from '../errors.ts';
import type { Host } from '../hosts/host.ts';
import type { Ledger, LedgerWriter } from './ledger.ts';
import type { LogicHash } from './logic-hash.ts';
import type { Release, StepName } from './records.ts';
import { requireNoOpenExchange } from './recover.ts';

export interface StepRun {
  readonly release: string;
  readonly step: StepName;
  /** Of the files in hand; null for a step that runs none of them. */
  readonly logic: LogicHash | null;
  /** The release as the step has read it; null for one that begins. */
  readonly seen: Release | null;
}

/** What a step writes together with its beginning and its end: all of it, or the step did not begin or end. */
export interface StepRecords<Begun, Found, Result> {
  begin(writer: LedgerWriter): Promise<Begun>;
  end(writer: LedgerWriter, found: Found): Promise<Result>;
}

/**
 * Runs a step of a release: one process at a time per release, the beginning and the end in the ledger.
 * `work` gives the step's result; what it throws is recorded and thrown on.
 */
export function runStep<T extends object>(
  parts: Parts,
  run: StepRun,
  work: () => Promise<T>,
): Promise<T> {
  return runRecordedStep(parts, run, work, {
    begin: async () => undefined,
    end: async (_, result) => result,
  });
}

interface Parts {
  readonly ledger: Ledger;
  readonly host: Host;
}

/** The same for a step that has records of its own. */
export async function runRecordedStep<Begun, Found, Result extends object>(
  { ledger, host }: Parts,
  run: StepRun,
  work: (begun: Begun) => Promise<Found>,
  records: StepRecords<Begun, Found, Result>,
): Promise<Result> {
  return withHold(ledger, `release-${run.release}`, `release ${run.release}`, async () => {
    const { id, begun } = await ledger.write(
      `${run.step} ${run.release}: begin`,
      async (writer) => {
        // Whoever ran before us is gone: we have the hold.
        requireUnchanged(await writer.release(run.release), run);
        if (run.step !== 'swap' && run.step !== 'rollback')
          requireNoOpenExchange(await writer.swaps(), run.release);
        await writer.interruptSteps(run.release);
        await writer.dropUnfinishedComparisons(run.release);
        const own = await records.begin(writer);
        const hash = run.logic?.hash ?? null;
        return { id: await writer.startStep(run.release, run.step, host.actor, hash), begun: own };
      },
    );
    try {
      const found = await work(begun);
      return await ledger.write(`${run.step} ${run.release}: done`, async (writer) => {
        const result = await records.end(writer, found);
        await writer.finishStep(id, 'done', { result, logic: run.logic });
        return result;
      });
    } catch (error) {
      const refused = error instanceof GreenlightError && error.exitCode === EXIT.refused;
      // The ledger may be what failed; then the run stays `running` and counts as interrupted.
      const state = refused ? 'refused' : 'failed';
      await ledger
        .write(`${run.step} ${run.release}: ${state}`, (writer) =>
          writer.finishStep(id, state, { error: messageOf(error) }),
        )
        .catch(() => undefined);
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
