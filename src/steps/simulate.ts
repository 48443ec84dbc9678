import { UsageError } from '../errors.ts';
import { leaveCandidate, requireCandidate, restoreCandidate } from '../release/candidate.ts';
import { clockOf } from '../release/clock.ts';
import { type RunStep, runSteps } from '../release/files.ts';
import { findRelease, requireState } from '../release/find.ts';
import { judgeAfterRun, proveInput } from '../release/input-proof.ts';
import type { Ledger } from '../release/ledger.ts';
import { logicHash } from '../release/logic-hash.ts';
import { type ParkedTable, proveParked } from '../release/parked.ts';
import type {
  ClonedRelease,
  InputProof,
  NoiseSourceRecord,
  Release,
  StepRecord,
} from '../release/records.ts';
import { runStep } from '../release/run.ts';
import type { StepContext } from './context.ts';
import { type ControlRun, findOldLogic, runControl } from './control.ts';
import { applyMigrations, migrationIsPending } from './migrate.ts';
import { type ItemTime, runList, writeMark } from './run-list.ts';
import { parkingOf, planRun, planWhatIsMissing } from './run-plan.ts';

export interface SimulateResult {
  readonly release: string;
  readonly state: 'simulated';
  /** What the run saw as now. */
  readonly clock: string;
  readonly items: readonly ItemTime[];
  /** Null: no table has a technical validity. */
  readonly bitemporal: {
    readonly parked: string;
    readonly tables: readonly ParkedTable[];
  } | null;
  /** The run of the old logic; null: none was asked for. */
  readonly control: ControlRun | null;
  /** Of `simulate.for each`: how many there are, and how many of them an earlier run had finished. Null without it. */
  readonly periods: { readonly total: number; readonly before: number } | null;
  /** The input tables after the run; null: the configuration names none, so nothing is proven. */
  readonly input: readonly InputProof[] | null;
  readonly noise_sources: readonly NoiseSourceRecord[];
}

/**
 * Runs the new logic on the candidate and then, when asked, the old logic on a copy of the baseline. A candidate in
 * which logic ran before is first made anew: the outcome is that of one run on production's data, however often the
 * step is called. Only a simulation over periods that was cut off goes on where it stopped.
 */
export async function simulate(
  context: StepContext,
  options: { readonly release?: string },
): Promise<SimulateResult> {
  const { config, ledger } = context;
  if (config.simulate === null) {
    throw new UsageError({
      what: 'This project has nothing to simulate.',
      where: `${config.file}: simulate`,
      help: 'Compare what the migration made: greenlight compare',
    });
  }
  const found = await findRelease(ledger, options.release);
  const again = await isCutOff(ledger, found);
  const release = requireState(
    found,
    [
      ...(config.migrate === null || again ? (['cloned'] as const) : []),
      'migrated',
      'simulated',
      'compared',
      'approved',
    ],
    found.state === 'cloned'
      ? `greenlight migrate --release ${found.id}`
      : `greenlight clone --release ${found.id}`,
  );
  const steps = await runSteps(config);
  const logic = await logicHash(config);
  const clock = clockOf(config.simulate, release);
  const asked = { steps, logic, clock };
  return runStep(
    context,
    { release: release.id, step: 'simulate', logic, seen: release },
    async () => {
      // First, because a missing commit should not show after hours of the new logic.
      const old = await findOldLogic(context, release);
      try {
        const missing = again ? await planWhatIsMissing(context, release, asked) : null;
        const ready = missing === null ? await freshCandidate(context, release, again) : release;
        const plan = missing ?? (await planRun(context, ready, asked));
        const items = await runList(context, ready, plan);
        if (plan.run !== null) await writeMark(context, plan.place, null);
        const bitemporal = await proveHistory(context, ready);
        const input = await proveInputAgain(context, ready, steps);
        const control = old === null ? null : await runControl(context, ready, old, clock);
        await leaveCandidate(context, ready, 'simulated');
        const noise_sources = await ledger.read<NoiseSourceRecord[]>([], (reader) =>
          reader.noiseSources(release.id),
        );
        return {
          release: release.id,
          state: 'simulated',
          clock: clock.now,
          items,
          bitemporal,
          control,
          periods: plan.periods && {
            total: plan.periods.length,
            before: Math.floor(plan.done / steps.length),
          },
          input,
          noise_sources,
        };
      } finally {
        await old?.close();
      }
    },
  );
}

/** An earlier simulation did not come to its end: it may have left the candidate anew, and not migrated again. */
async function isCutOff(ledger: Ledger, release: Release): Promise<boolean> {
  const steps = await ledger.read<StepRecord[]>([], (reader) => reader.steps(release.id));
  const last = steps.findLast(({ step }) => ['clone', 'migrate', 'simulate'].includes(step));
  return last?.step === 'simulate' && last.state !== 'done';
}

/** Migrated, and nothing has run in it since. */
async function freshCandidate(
  context: StepContext,
  release: ClonedRelease,
  again: boolean,
): Promise<ClonedRelease> {
  const { ledger, config, host } = context;
  const state = await requireCandidate(context, release);
  const halfway = again && release.state === 'cloned' && config.migrate !== null;
  if (!halfway && (await migrationIsPending(context, release))) {
    throw new UsageError({
      what: 'There are migration scripts that have not run on the candidate.',
      help: `greenlight migrate --release ${release.id}`,
    });
  }
  const ran = await ledger.read(
    false,
    async (reader) => (await reader.simulations(release.id, 'candidate')).length > 0,
  );
  if (!halfway && !ran && state === 'as-left') return release;
  host.progress.note(
    ran || halfway
      ? 'Logic ran on this candidate before, so it is made anew and migrated again.'
      : 'The candidate was changed since the last step left it, so it is made anew and migrated again.',
  );
  const restored = await restoreCandidate(context, release, config.clone.method, host.progress);
  await applyMigrations(context, restored);
  return restored;
}

/** What the run did to bitemporal tables, proven to be no more than to park its rows. */
async function proveHistory(
  context: StepContext,
  release: ClonedRelease,
): Promise<SimulateResult['bitemporal']> {
  const parking = parkingOf(context);
  if (parking === null) return null;
  return { parked: parking.bitemporal.parked, tables: await proveParked(parking, release) };
}

/** The same input after the run; what the logic wrote to is told, and the comparison will show it. */
async function proveInputAgain(
  context: StepContext,
  release: ClonedRelease,
  steps: readonly RunStep[],
): Promise<InputProof[] | null> {
  const { engine, ledger, host } = context;
  const after = await proveInput(context, release, host.progress);
  if (after === null) return null;
  const before = await ledger.read<InputProof[]>([], (reader) =>
    reader.inputProofs(release.id, 'before'),
  );
  const proofs = judgeAfterRun(before, after, steps, engine.scripts.lexis);
  await ledger.write(`simulate ${release.id}: input`, (writer) =>
    writer.recordInputProofs(release.id, 'after', proofs),
  );
  for (const { table, outcome, reason, suspects } of proofs) {
    if (outcome !== 'unequal') continue;
    const by = suspects.length === 0 ? 'no SQL file names it' : `look at ${suspects.join(', ')}`;
    host.progress.warn(`The logic wrote to its input ${table} (${reason}); ${by}.`);
  }
  return proofs;
}
