import { pairOf, planComparison } from '../compare/plan.ts';
import type { TablePair } from '../engines/engine.ts';
import { EXIT, GreenlightError, messageOf } from '../errors.ts';
import { plural } from '../format.ts';
import { patiently } from '../patiently.ts';
import { beingMade, requireBaseline } from '../release/candidate.ts';
import {
  type Drifted,
  describeDrift,
  findDifferences,
  strictly,
  tablesWritten,
} from '../release/drift.ts';
import { hasGivenBaseline } from '../release/given.ts';
import { isUntouched } from '../release/physical.ts';
import type { ClonedRelease } from '../release/records.ts';
import { runStep } from '../release/run.ts';
import type { StepContext } from './context.ts';

export interface ReplayResult {
  readonly release: string;
  /** Tables whose rows were brought over. */
  readonly tables: readonly string[];
}

/** Thrown with nothing changed that could not be gone back to. */
export class CannotReplay extends GreenlightError {
  readonly reasons: readonly string[];
  /** True when nothing else is in the way but that live is written to all the time. */
  readonly isMoving: boolean;

  constructor(reasons: readonly string[], { isMoving = false } = {}) {
    super(
      {
        what: `What changed in live cannot be replayed:\n${reasons.map((reason) => `  ${reason}`).join('\n')}`,
        help: 'Begin again with a fresh clone, and the steps after it.',
      },
      EXIT.refused,
    );
    this.reasons = reasons;
    this.isMoving = isMoving;
  }
}

/** Live may be written to while its rows are brought over. */
const mostRounds = 3;

/**
 * Brings the changed rows of input tables from live into the baseline, by key, and proves that the baseline then is
 * what live is. The candidate has to be made anew from it: so both sides have the same rows. `found` is null when an
 * earlier attempt was cut off in the middle of this; when it was another run, nobody knows the baseline any more.
 */
export async function replay(
  context: StepContext,
  release: ClonedRelease,
  found: readonly Drifted[] | null,
  { knowsBaseline = found !== null } = {},
): Promise<ReplayResult> {
  if (hasGivenBaseline(context.engine, release))
    throw new CannotReplay(['the baseline is a given one, to which nothing is written']);
  const run = { release: release.id, step: 'replay', logic: null, seen: release } as const;
  return runStep(context, run, async () => {
    const isReplayed = found === null && release.baseline_mark !== beingMade;
    const tables = isReplayed
      ? []
      : await bringUpToLive(context, release, { found, knowsBaseline });
    return { release: release.id, tables };
  });
}

async function bringUpToLive(
  context: StepContext,
  release: ClonedRelease,
  {
    found,
    knowsBaseline,
  }: { readonly found: readonly Drifted[] | null; readonly knowsBaseline: boolean },
): Promise<string[]> {
  const { engine, ledger } = context;
  const brought = new Set<string>();
  let drift = found ?? (await differences(context, release, knowsBaseline));
  requireReplayable(drift);
  await invalidate(context, release);
  for (let round = 1; ; round++) {
    const tables = tablesOf(drift);
    await bringOver(context, release, tables);
    for (const { name } of tables) brought.add(name);
    const live = await engine.databases.identify(engine.places.live);
    drift = await differences(context, release, knowsBaseline);
    const after = await engine.databases.identify(engine.places.live);
    if (drift.length === 0 && live !== null && isUntouched(after, live)) {
      const baseline = await engine.databases.identify(release.baseline);
      await ledger.write(`replay ${release.id}: the baseline is what live is`, (writer) =>
        writer.updateRelease(release.id, {
          live_mark: live.mark,
          baseline_mark: baseline?.mark ?? '',
          clone_instant: new Date().toISOString(),
        }),
      );
      return [...brought].sort();
    }
    requireReplayable(drift);
    if (round === mostRounds) {
      throw new CannotReplay(
        [
          `after ${plural(mostRounds, 'time', 'times')}, the baseline is not what live is: live is written to all the time, or does not read the same twice`,
        ],
        { isMoving: true },
      );
    }
  }
}

/** From here on until the end, the ledger knows neither of a baseline nor of a candidate that could be used. */
async function invalidate({ ledger }: StepContext, release: ClonedRelease): Promise<void> {
  await ledger.write(`replay ${release.id}: begin`, (writer) =>
    writer.updateRelease(release.id, {
      state: 'cloned',
      baseline_mark: beingMade,
      candidate_mark: beingMade,
    }),
  );
}

async function bringOver(
  context: StepContext,
  release: ClonedRelease,
  drift: readonly Drifted[],
): Promise<void> {
  const { engine, ledger, config, host } = context;
  const { live } = engine.places;
  const task = host.progress.task('Bringing changed rows over from live', drift.length);
  try {
    const patience = config.swap.timeoutMs;
    const pairs = await patiently(patience, () => pairsOf(context, release, drift));
    await patiently(patience, () =>
      engine.replay.bringOver(live, release.baseline, pairs, `replay ${release.id}`),
    );
    task.done(plural(drift.length, 'table'));
  } catch (error) {
    task.failed();
    if (!(error instanceof GreenlightError)) throw error;
    // Nothing was brought over: then all is as it was before.
    if (await isAsBefore(context, release)) {
      const { state, baseline_mark, candidate_mark } = release;
      await ledger.write(`replay ${release.id}: nothing was brought over`, (writer) =>
        writer.updateRelease(release.id, { state, baseline_mark, candidate_mark }),
      );
    }
    throw new CannotReplay([`${messageOf(error)} ${error.problem.cause ?? ''}`.trim()]);
  }
}

async function isAsBefore(context: StepContext, release: ClonedRelease): Promise<boolean> {
  return requireBaseline(context, release).then(
    () => true,
    () => false,
  );
}

async function pairsOf(
  { engine, config }: StepContext,
  release: ClonedRelease,
  drift: readonly Drifted[],
): Promise<TablePair[]> {
  const baseline = await engine.catalog.read(release.baseline);
  const live = await engine.catalog.read(engine.places.live);
  const exact = strictly(config.compare.keys, [baseline, live]);
  const plan = planComparison(baseline, live, exact);
  return drift.map(({ name, key }) => {
    const planned = plan.find(({ table }) => table === name);
    if (planned === undefined) throw new Error(`${name} vanished while it was replayed`);
    return pairOf(planned, exact, key);
  });
}

/** Rows that nobody wrote in live since the clone are those of the baseline still, unless somebody wrote there. */
async function differences(
  context: StepContext,
  release: ClonedRelease,
  knowsBaseline: boolean,
): Promise<Drifted[]> {
  const { engine, host } = context;
  const sides = { old: release.baseline, new: engine.places.live };
  const tables = knowsBaseline ? await tablesWritten(engine, release, host.progress) : null;
  return findDifferences(context, sides, `replay ${release.id}`, host.progress, tables);
}

/** A view follows its tables. */
function tablesOf(drift: readonly Drifted[]): Drifted[] {
  return drift.filter(({ kind }) => kind === 'table');
}

function requireReplayable(drift: readonly Drifted[]): void {
  const reasons = drift.flatMap((drifted) => {
    const why = whyNot(drifted);
    return why === null ? [] : [`${describeDrift(drifted)}: ${why}`];
  });
  if (reasons.length > 0) throw new CannotReplay(reasons);
}

function whyNot({ kind, role, status, structural, key }: Drifted): string | null {
  // It comes with the rows, whichever table the numbers are for.
  if (kind === 'sequence position' && status === 'changed') return null;
  if (role === null || status === 'unknown') return 'it is not rows of an input table';
  if (status !== 'changed' || structural) return 'only rows can be brought over, no structure';
  if (kind === 'view') return null;
  if (role !== 'input') return 'it is not among compare.input';
  return key === null ? 'it has no key to bring rows over by; compare.keys can name one' : null;
}
