import { checkPlaceholders, placeholderOf } from '../engines/placeholders.ts';
import { plural } from '../format.ts';
import { requireCandidate } from '../release/candidate.ts';
import type { RunClock } from '../release/clock.ts';
import { refuseNamedDatabases } from '../release/definitions.ts';
import type { RunStep } from '../release/files.ts';
import { proveInput, refuseUnequalInput } from '../release/input-proof.ts';
import type { LogicHash } from '../release/logic-hash.ts';
import { findNoiseSources } from '../release/noise-sources.ts';
import { type Parking, requireRoomToPark } from '../release/parked.ts';
import { findUnfinished, listPeriods, runIdOf, scriptVariables } from '../release/periods.ts';
import type { ClonedRelease, Period } from '../release/records.ts';
import type { StepContext } from './context.ts';
import { type RunPlace, type RunPlan, writeMark } from './run-list.ts';

/** What is to run, as the files and the configuration in hand say it. */
export interface AskedRun {
  readonly steps: readonly RunStep[];
  readonly logic: LogicHash;
  readonly clock: RunClock;
}

/**
 * What an earlier run over periods, which was cut off, has left to do. Null: all of it is to run, on a candidate made
 * anew; the reason is told when that run had begun.
 */
export async function planWhatIsMissing(
  context: StepContext,
  release: ClonedRelease,
  { steps, logic, clock }: AskedRun,
): Promise<RunPlan | null> {
  const { config, ledger, host } = context;
  if (config.simulate?.forEach == null) return null;
  await requireCandidate(context, release);
  const unfinished = await findUnfinished(context, release, logic, clock, steps.length);
  if (unfinished === null) return null;
  if ('cannot' in unfinished) {
    host.progress.note(
      `The simulation that was cut off cannot go on where it stopped: ${unfinished.cannot}.`,
    );
    return null;
  }
  const { run, periods, done } = unfinished;
  await ledger.write(`simulate ${release.id}: go on`, (writer) =>
    writer.settleSimulation(release.id, done),
  );
  host.progress.note(
    `An earlier run finished ${Math.floor(done / steps.length)} of ${plural(periods.length, 'period')}; this one goes on with what is missing.`,
  );
  return { place: candidateOf(context, release), steps, clock, periods, run, done };
}

/** Whatever must be known before the logic changes anything: it is recorded, and nothing ran when something is wrong. */
export async function planRun(
  context: StepContext,
  release: ClonedRelease,
  { steps, logic, clock }: AskedRun,
): Promise<RunPlan> {
  const { config, engine, ledger, host } = context;
  const { definitions } = await engine.catalog.read(release.candidate);
  refuseNamedDatabases(engine, release, definitions);
  const proofs = await proveInput(context, release, host.progress);
  const noise = await findNoiseSources(engine, steps, definitions);
  await ledger.write(`simulate ${release.id}: input`, async (writer) => {
    await writer.recordInputProofs(release.id, 'before', proofs ?? []);
    await writer.recordNoiseSources(release.id, noise);
  });
  if (proofs === null) {
    host.progress.note(
      'compare.input names no table, so nothing proves that old and new logic have the same input.',
    );
  } else refuseUnequalInput(release, proofs);
  const parking = parkingOf(context);
  if (parking !== null) await requireRoomToPark(parking, release);
  const place = candidateOf(context, release);
  const query = config.simulate?.forEach ?? null;
  const periods = query === null ? null : await listPeriods(context, release, place, query, clock);
  checkFiles(context, release, steps, clock, periods?.[0]);
  if (periods === null) return { place, steps, clock, periods, run: null, done: 0 };
  const run = runIdOf(logic, clock, periods);
  await ledger.write(`simulate ${release.id}: periods`, (writer) =>
    writer.recordPeriods(release.id, run, periods),
  );
  await writeMark(context, place, { run, done: 0, begun: false });
  return { place, steps, clock, periods, run, done: 0 };
}

/** A placeholder that is misspelt is found now, and not after hours. */
function checkFiles(
  { engine, host }: StepContext,
  release: ClonedRelease,
  steps: readonly RunStep[],
  clock: RunClock,
  period: Period | undefined,
): void {
  const names = Object.keys(scriptVariables(release, clock, period ?? null)).map(placeholderOf);
  for (const step of steps) {
    if (step.kind !== 'sql') continue;
    for (const place of checkPlaceholders(step.script, names, engine.scripts.lexis))
      host.progress.warn(`${place} stands in a text and is no placeholder: it stays as it is.`);
  }
}

/** Null: the configuration names no technical validity. */
export function parkingOf({ config, engine, host }: StepContext): Parking | null {
  const bitemporal = config.simulate?.bitemporal ?? null;
  return bitemporal && { engine, progress: host.progress, bitemporal };
}

function candidateOf({ engine, ledger }: StepContext, release: ClonedRelease): RunPlace {
  const { live, control } = engine.places;
  const forbidden = [live, release.baseline, control(release.id), ledger.location];
  return { role: 'candidate', at: release.candidate, forbidden };
}
