import type { ScriptReport } from '../engines/engine.ts';
import { UsageError } from '../errors.ts';
import { leaveCandidate, requireCandidate, restoreCandidate } from '../release/candidate.ts';
import { refuseNamedDatabases } from '../release/definitions.ts';
import { type RunStep, runSteps } from '../release/files.ts';
import { findRelease, requireState } from '../release/find.ts';
import type { Ledger } from '../release/ledger.ts';
import { logicHash } from '../release/logic-hash.ts';
import type { ClonedRelease, Release, StepRecord } from '../release/records.ts';
import { runStep } from '../release/run.ts';
import { duration, plural } from '../report/format.ts';
import { runOnCandidate } from './command.ts';
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
}

/**
 * Runs the new logic on the candidate. A candidate in which logic ran before is first made anew: the outcome is that
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
      const ready = await freshCandidate(context, release, again);
      await refuseNamedDatabases(engine, ready);
      const clock = config.simulate?.clock ?? ready.clone_instant;
      const items = await runAll(context, ready, steps, clock);
      await leaveCandidate(context, ready, 'simulated');
      return { release: release.id, state: 'simulated', clock, items };
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
    async (reader) => (await reader.simulations(release.id)).length > 0,
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

async function runAll(
  context: StepContext,
  release: ClonedRelease,
  steps: readonly RunStep[],
  clock: string,
): Promise<SimulateResult['items']> {
  const { ledger, host } = context;
  const task = host.progress.task('Simulating', steps.length);
  const items = [];
  try {
    for (const [position, step] of steps.entries()) {
      task.advance(position, step.name);
      const { name, kind, checksum } = step;
      await ledger.write(`simulate ${release.id}: ${name}`, (writer) =>
        writer.startScript('simulation', { release: release.id, position, name, kind, checksum }),
      );
      const started = performance.now();
      const report = await runOne(context, release, step, clock, (detail) =>
        task.advance(position, detail),
      );
      const ms = Math.round(performance.now() - started);
      await ledger.write(`simulate ${release.id}: ${name}`, (writer) =>
        writer.finishScript('simulation', { release: release.id, position }, report),
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

/** Each item has the candidate for itself: a command opens it in a process of its own. Gives null for a command. */
async function runOne(
  context: StepContext,
  release: ClonedRelease,
  step: RunStep,
  clock: string,
  onDetail: (detail: string) => void,
): Promise<ScriptReport | null> {
  const { engine, ledger } = context;
  if (step.kind === 'command') {
    await runOnCandidate(context, release, step.command, onDetail, clock);
    return null;
  }
  const session = await engine.scripts.open(release.candidate, {
    write: true,
    variables: { greenlight_release: release.id, greenlight_now: clock },
    forbidden: [engine.places.live, release.baseline, ledger.location],
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
