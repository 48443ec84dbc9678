import type { Location, Physical, RehearsalPlaces } from '../engines/engine.ts';
import { GreenlightError } from '../errors.ts';
import { duration } from '../format.ts';
import { requireCandidate } from '../release/candidate.ts';
import { describeDrift, findDifferences } from '../release/drift.ts';
import { raiseFences } from '../release/exchange.ts';
import { verifySteps } from '../release/files.ts';
import { findRelease, requireState } from '../release/find.ts';
import { copyBaseline } from '../release/given.ts';
import { nextStep } from '../release/next.ts';
import { cloneTold, isUntouched } from '../release/physical.ts';
import type { ClonedRelease, RehearsalRecord } from '../release/records.ts';
import { clearRehearsals } from '../release/recover.ts';
import { runStep } from '../release/run.ts';
import type { StepContext } from './context.ts';
import { publishForRehearsal } from './publish.ts';
import { listFailures, type Verified, verifying } from './verify.ts';

export interface RehearseResult {
  readonly release: string;
  readonly rehearsed: true;
  /** In which the scratch database was exchanged for the candidate's copy, and back. */
  readonly exchange_ms: number;
  readonly rollback_ms: number;
  /** For `swap.verify`. */
  readonly verify_ms: number;
  /** Checks that held. */
  readonly verified: number;
}

/**
 * Does swap, verification and rollback with copies of baseline and candidate, by the very exchange that live goes
 * through, and measures them. Touches nothing of live; nothing of it stays.
 */
export async function rehearse(
  context: StepContext,
  options: { readonly release?: string },
): Promise<RehearseResult> {
  const { ledger, engine, config } = context;
  const found = await findRelease(ledger, options.release);
  const release = requireState(
    found,
    ['compared', 'approved'],
    `greenlight ${nextStep(found, config, null) ?? 'clone'} --release ${found.id}`,
  );
  const run = { release: release.id, step: 'rehearse', logic: null, seen: release } as const;
  return runStep(context, run, async () => {
    if ((await requireCandidate(context, release)) === 'changed') {
      throw new GreenlightError({
        what: 'Somebody changed the candidate since it was compared.',
        where: engine.places.describe(release.candidate),
        help: `Make it anew: greenlight simulate --release ${release.id}`,
      });
    }
    await clearRehearsals(context, release.id);
    const places = engine.places.rehearsal(release.id);
    const id = await begin(context, release, places);
    const end = (set: Partial<RehearsalRecord>) =>
      ledger.write(`rehearse ${release.id}: ${set.state}`, (writer) =>
        writer.finishRehearsal(id, set),
      );
    let performed: Performed;
    try {
      performed = await perform(context, release, places);
    } catch (error) {
      await drop(context, places);
      await end({ state: 'failed' }).catch(() => undefined); // the first error is the one to tell
      throw error;
    }
    // First, so that the ledger claims what is there as long as anything is.
    await drop(context, places);
    const { failures, ...measured } = performed;
    if (failures.length === 0) {
      await end({ state: 'done', ...measured });
      return { release: release.id, rehearsed: true, ...measured };
    }
    await end({ state: 'failed', ...measured, failures: failures.map(({ what }) => what) });
    throw new GreenlightError({
      what: `The verification fails; a swap would put the old database back:\n${listFailures(failures)}`,
      help: `Mend the logic or the check, then run the steps again with --release ${release.id}.`,
    });
  });
}

type Performed = Omit<RehearseResult, 'release' | 'rehearsed'> & Pick<Verified, 'failures'>;

async function perform(
  context: StepContext,
  release: ClonedRelease,
  { live, candidate, previous }: RehearsalPlaces,
): Promise<Performed> {
  const { engine, host, config } = context;
  const checks = await verifySteps(config);
  const { method } = config.clone;
  const parts = { engine, progress: host.progress };
  const doing = 'Copying for the rehearsal';
  await copyBaseline(parts, doing, release, { to: live, method });
  await cloneTold(parts, doing, { from: release.candidate, to: candidate, method });
  await publishForRehearsal(context, release, candidate);
  const before = await engine.databases.identify(candidate);
  const fence = await raiseFences(context, [live, candidate], config.swap.timeoutMs);
  try {
    const exchange_ms = await timed(() => engine.swap.exchange(live, candidate, previous));
    host.progress.note(`Exchanged in ${duration(exchange_ms)}.`);
    const started = performance.now();
    const verification = { release, at: live, checks };
    return await verifying(context, verification, async ({ failures }) => {
      const verify_ms = Math.ceil(performance.now() - started);
      const rollback_ms = await timed(() =>
        engine.swap.exchange(live, previous, candidate, 'back'),
      );
      host.progress.note(`Exchanged back in ${duration(rollback_ms)}.`);
      await requireSameContent(context, release.baseline, live);
      requireUntouched(candidate, before, await engine.databases.identify(candidate));
      return { exchange_ms, verify_ms, rollback_ms, verified: checks.length, failures };
    });
  } finally {
    await fence.release();
  }
}

/** After exchange and return, the scratch live holds what live held at the clone instant. */
async function requireSameContent(
  context: StepContext,
  baseline: Location,
  live: Location,
): Promise<void> {
  const sides = { old: baseline, new: live };
  const purpose = 'rehearse: nothing is lost on the way back';
  const different = await findDifferences(context, sides, purpose, context.host.progress);
  if (different.length > 0) throw notReturned(live, different.map(describeDrift));
}

function requireUntouched(at: Location, before: Physical | null, after: Physical | null): void {
  if (isUntouched(after, before)) return;
  throw notReturned(at, ['it is another database, or was written to']);
}

function notReturned(where: Location, found: readonly string[]): GreenlightError {
  return new GreenlightError({
    what: `After the rehearsed rollback, the database is not what it was:\n${found.map((line) => `  ${line}`).join('\n')}`,
    where,
    help: 'Find out what wrote to it. Do not swap before you know.',
  });
}

/** The ledger claims the places before anything is made there. */
async function begin(
  { engine, ledger, host }: StepContext,
  release: ClonedRelease,
  { live, candidate, previous }: RehearsalPlaces,
): Promise<number> {
  for (const place of [live, candidate, previous]) {
    if ((await engine.databases.glance(place)) === null) continue;
    throw new GreenlightError({
      what: 'Something else is where the swap would be rehearsed.',
      where: place,
      help: 'Move it away, then run the same command again.',
    });
  }
  return ledger.write(`rehearse ${release.id}: begin`, async (writer) => {
    const comparison = (await writer.comparisons(release.id)).at(-1);
    return writer.startRehearsal({
      release: release.id,
      comparison: comparison?.id ?? 0,
      live,
      incoming: candidate,
      kept: previous,
      actor: host.actor,
    });
  });
}

async function drop({ engine }: StepContext, places: RehearsalPlaces): Promise<void> {
  for (const place of Object.values(places)) await engine.databases.drop(place);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return Math.ceil(performance.now() - started);
}
