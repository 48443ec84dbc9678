import type { Location } from '../engines/engine.ts';
import type { RunClock } from '../release/clock.ts';
import { dropControl, leaveControl, makeControl } from '../release/control.ts';
import { aboutOldLogic, type OldLogic, openOldLogic } from '../release/old-logic.ts';
import { lookAtParked } from '../release/parked.ts';
import { listPeriods } from '../release/periods.ts';
import type { ClonedRelease } from '../release/records.ts';
import type { StepContext } from './context.ts';
import { type ItemTime, type RunPlace, runList } from './run-list.ts';

export interface ControlRun {
  readonly database: string;
  /** Null when the old logic comes from a folder. */
  readonly commit: string | null;
  readonly items: readonly ItemTime[];
}

/** The old logic that is to run as control; to be closed. Null: none is asked for, and one that ran before is dropped. */
export async function findOldLogic(
  { config, host, ledger, engine }: StepContext,
  release: ClonedRelease,
): Promise<OldLogic | null> {
  const control = config.simulate?.control ?? null;
  if (control === null) {
    if (release.control !== null) await dropControl({ engine, ledger }, release);
    return null;
  }
  const { target } = host;
  const old = await openOldLogic({ config, control, target, lastCommit: release.control_commit });
  host.progress.note(
    `The old logic is that of ${old.named}${old.isSame ? ': the same as the new one' : ''}.`,
  );
  return old;
}

/** Runs the old logic on a copy of the baseline, in its own folder, under the conditions of the new logic. */
export async function runControl(
  context: StepContext,
  release: ClonedRelease,
  old: OldLogic,
  clock: RunClock,
): Promise<ControlRun> {
  const { engine, ledger, config, host } = context;
  const at = await makeControl(context, release, config.clone.method, host.progress);
  const forbidden = [engine.places.live, release.baseline, release.candidate, ledger.location];
  const place: RunPlace = { role: 'control', at, forbidden };
  // Relative paths in SQL files start in the working directory.
  const here = process.cwd();
  process.chdir(old.config.root);
  try {
    const items = await aboutOldLogic(old, run());
    await warnOfUnparked(context, release, at);
    await leaveControl(context, release, old.commit);
    return { database: at, commit: old.commit, items };
  } finally {
    process.chdir(here);
  }

  async function run(): Promise<ItemTime[]> {
    const itsContext = { ...context, config: old.config };
    const query = old.config.simulate?.forEach ?? null;
    const periods =
      query === null ? null : await listPeriods(itsContext, release, place, query, clock);
    return runList(itsContext, release, {
      place,
      steps: old.steps,
      clock,
      periods,
      run: null,
      done: 0,
    });
  }
}

/** What the old logic did to the known past is noise: the comparison takes what is visible, and does not show it. */
async function warnOfUnparked(
  { config, engine, host }: StepContext,
  release: ClonedRelease,
  control: Location,
): Promise<void> {
  const bitemporal = config.simulate?.bitemporal ?? null;
  if (bitemporal === null) return;
  const { faults } = await lookAtParked(
    { engine, progress: host.progress, bitemporal },
    release,
    control,
  );
  for (const fault of faults)
    host.progress.warn(`In the control, the old logic did more than to park its rows: ${fault}.`);
}
