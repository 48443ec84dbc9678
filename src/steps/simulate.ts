import type { Location, ScriptReport } from '../engines/engine.ts';
import { UsageError } from '../errors.ts';
import { leaveCandidate, requireCandidate, restoreCandidate } from '../release/candidate.ts';
import { dropControl, leaveControl, makeControl } from '../release/control.ts';
import { refuseNamedDatabases } from '../release/definitions.ts';
import { type RunStep, runSteps } from '../release/files.ts';
import { findRelease, requireState } from '../release/find.ts';
import type { Ledger } from '../release/ledger.ts';
import { logicHash } from '../release/logic-hash.ts';
import { aboutOldLogic, type OldLogic, openOldLogic } from '../release/old-logic.ts';
import type { ClonedRelease, Release, SimulationRole, StepRecord } from '../release/records.ts';
import { runStep } from '../release/run.ts';
import { duration, plural } from '../report/format.ts';
import { runOn } from './command.ts';
import type { StepContext } from './context.ts';
import { applyMigrations, migrationIsPending } from './migrate.ts';

export interface SimulateResult {
  readonly release: string;
  readonly state: 'simulated';
  /** What the run saw as now. */
  readonly clock: string;
  readonly items: readonly {
    readonly item: string;
    readonly kind: 'sql' | 'command';
    readonly ms: number;
  }[];
  /** The run of the old logic; null: none was asked for. */
  readonly control: ControlRun | null;
}

export interface ControlRun {
  readonly database: string;
  /** Null when the old logic comes from a folder. */
  readonly commit: string | null;
  readonly items: SimulateResult['items'];
}

/**
 * Runs the new logic on the candidate and then, when asked, the old logic on a copy of the baseline. A candidate in which logic ran before is first made anew: the outcome is that
 * of one run on production's data, however often the step is called.
 */
export async function simulate(
  context: StepContext,
  options: { readonly release?: string },
): Promise<SimulateResult> {
  const { config, ledger, engine } = context;
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
  return runStep(
    context,
    { release: release.id, step: 'simulate', logic, seen: release },
    async () => {
      // First, because a missing commit should not show after hours of the new logic.
      const old = await findOldLogic(context, release);
      try {
        const ready = await freshCandidate(context, release, again);
        await refuseNamedDatabases(engine, ready);
        const clock = config.simulate?.clock ?? ready.clone_instant;
        const items = await runAll(context, candidateOf(context, ready), steps, clock);
        const control = old === null ? null : await runControl(context, ready, old, clock);
        await leaveCandidate(context, ready, 'simulated');
        return { release: release.id, state: 'simulated', clock, items, control };
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

/** The database that logic runs in. */
interface Place {
  readonly role: SimulationRole;
  readonly release: ClonedRelease;
  readonly at: Location;
  /** Databases that the logic must not reach. */
  readonly forbidden: readonly Location[];
}

function candidateOf({ engine, ledger }: StepContext, release: ClonedRelease): Place {
  const { live, control } = engine.places;
  const forbidden = [live, release.baseline, control(release.id), ledger.location];
  return { role: 'candidate', release, at: release.candidate, forbidden };
}

async function findOldLogic(
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
async function runControl(
  context: StepContext,
  release: ClonedRelease,
  old: OldLogic,
  clock: string,
): Promise<ControlRun> {
  const { engine, ledger, config, host } = context;
  const at = await makeControl(context, release, config.clone.method, host.progress);
  const forbidden = [engine.places.live, release.baseline, release.candidate, ledger.location];
  const place: Place = { role: 'control', release, at, forbidden };
  // Relative paths in SQL files start in the working directory.
  const here = process.cwd();
  process.chdir(old.config.root);
  try {
    const run = runAll({ ...context, config: old.config }, place, old.steps, clock);
    const items = await aboutOldLogic(old, run);
    await leaveControl(context, release, old.commit);
    return { database: at, commit: old.commit, items };
  } finally {
    process.chdir(here);
  }
}

const labels = { candidate: 'Simulating', control: 'Running the old logic as control' } as const;

async function runAll(
  context: StepContext,
  place: Place,
  steps: readonly RunStep[],
  clock: string,
): Promise<SimulateResult['items']> {
  const { ledger, host } = context;
  const { release, role } = place;
  const task = host.progress.task(labels[role], steps.length);
  const items = [];
  try {
    for (const [position, step] of steps.entries()) {
      task.advance(position, step.name);
      const { name, kind, checksum } = step;
      await ledger.write(`simulate ${release.id}: ${name}`, (writer) =>
        writer.startScript('simulation', {
          release: release.id,
          role,
          position,
          name,
          kind,
          checksum,
        }),
      );
      const started = performance.now();
      const report = await runOne(context, place, step, clock, (detail) =>
        task.advance(position, detail),
      );
      const ms = Math.round(performance.now() - started);
      await ledger.write(`simulate ${release.id}: ${name}`, (writer) =>
        writer.finishScript('simulation', { release: release.id, role, position }, report),
      );
      host.progress.note(`${name}: ${duration(ms)}`);
      items.push({ item: name, kind, ms });
    }
  } catch (error) {
    task.failed();
    throw error;
  }
  task.done(plural(steps.length, 'item'));
  return items;
}

/** Each item has the database for itself: a command opens it in a process of its own. Gives null for a command. */
async function runOne(
  context: StepContext,
  { release, at, forbidden }: Place,
  step: RunStep,
  clock: string,
  onDetail: (detail: string) => void,
): Promise<ScriptReport | null> {
  const { engine } = context;
  if (step.kind === 'command') {
    await runOn(at, context, release, step.command, onDetail, clock);
    return null;
  }
  const session = await engine.scripts.open(at, {
    write: true,
    variables: { greenlight_release: release.id, greenlight_now: clock },
    forbidden,
  });
  try {
    const report = await session.run(step.script, (done, total) =>
      onDetail(`${step.name}: statement ${done} of ${total}`),
    );
    await session.close();
    return report;
  } catch (error) {
    await session.close().catch(() => undefined); // the first error is the one to tell
    throw error;
  }
}
