import type { CloneReport, Location } from '../engines/engine.ts';
import { GreenlightError, UsageError } from '../errors.ts';
import { requireReleaseId, requireSameLive } from '../release/find.ts';
import { inventoryOf, missingFrom } from '../release/inventory.ts';
import { releaseInLive } from '../release/lineage.ts';
import { cloneTold } from '../release/physical.ts';
import { runStep } from '../release/run.ts';
import type { StepContext } from './context.ts';

export interface CloneResult {
  readonly release: string;
  readonly state: 'cloned';
  readonly live: string;
  readonly candidate: string;
  readonly baseline: string;
  readonly method: string;
  readonly reason: string;
  readonly clone_instant: string;
  /** Whose change it is; null: nobody said. Approvals of the author do not count, unless the configuration says so. */
  readonly author: string | null;
  /** Of candidate and baseline together. */
  readonly bytes: number;
  readonly tables: number;
  readonly views: number;
  /** Objects of live that the clone does not have. */
  readonly missing: readonly string[];
}

/**
 * Makes candidate and baseline from live. The baseline comes from live, the candidate from the baseline: both are of
 * one instant, and live is read once. Run again, it begins the release anew. A short writer of live is waited for, at
 * most `patienceMs`.
 */
export async function clone(
  context: StepContext,
  options: {
    readonly release?: string;
    readonly author?: string;
    readonly patienceMs?: number;
  },
): Promise<CloneResult> {
  const { engine, ledger, host, config } = context;
  if (options.release === undefined) {
    throw new UsageError({
      what: 'A new release needs an id.',
      help: 'greenlight clone --release pr-42',
    });
  }
  const id = requireReleaseId(options.release);
  await refuseWhenLive(context, id);
  await requireLive(context);

  return runStep(context, { release: id, step: 'clone', logic: null, seen: null }, async () => {
    const author = await ledger.write(`clone ${id}`, async (writer) => {
      await writer.startRelease({ id, engine: engine.name, live: engine.places.live });
      // Cloned again by somebody who does not say, it is still the change of whoever was named first.
      const named = options.author?.trim() || null;
      if (named !== null) await writer.updateRelease(id, { author: named });
      return (await writer.release(id))?.author ?? null;
    });
    // It was made from a baseline that is about to go.
    await engine.databases.drop(engine.places.control(id));
    const [baseline, candidate] = [engine.places.baseline(id), engine.places.candidate(id)];
    const fromLive = await copy(engine.places.live, baseline, 'baseline');
    const instant = new Date().toISOString();
    const fromBaseline = await copy(baseline, candidate, 'candidate');
    host.progress.note(`Copied by ${fromLive.method}: ${fromLive.reason}.`);

    const catalog = await engine.catalog.read(baseline);
    const inventory = inventoryOf(catalog);
    const missing = [
      ...(fromLive.lacks ?? []),
      ...missingFrom(inventory, inventoryOf(await engine.catalog.read(candidate))),
    ];
    for (const name of missing) host.progress.warn(`The clone lacks ${name}.`);
    await ledger.write(`clone ${id}`, async (writer) =>
      writer.updateRelease(id, {
        state: 'cloned',
        live_id: fromLive.source.id,
        live_mark: fromLive.source.mark,
        live_release: releaseInLive(await writer.swaps(), fromLive.source),
        clone_instant: instant,
        clone_method: fromLive.method,
        candidate,
        candidate_id: fromBaseline.clone.id,
        candidate_mark: fromBaseline.clone.mark,
        baseline,
        baseline_id: fromLive.clone.id,
        baseline_mark: fromLive.clone.mark,
        inventory,
        migrated_inventory: inventory,
      }),
    );
    return {
      release: id,
      state: 'cloned',
      live: engine.places.live,
      candidate,
      baseline,
      method: fromLive.method,
      reason: fromLive.reason,
      clone_instant: instant,
      author,
      bytes: fromLive.bytes + fromBaseline.bytes,
      tables: catalog.relations.filter(({ kind }) => kind === 'table').length,
      views: catalog.relations.filter(({ kind }) => kind === 'view').length,
      missing,
    };
  });

  function copy(from: Location, to: Location, role: string): Promise<CloneReport> {
    const [{ method }, { patienceMs = 0 }] = [config.clone, options];
    const cloned = { from, to, method, patienceMs };
    return cloneTold({ engine, progress: host.progress }, `Cloning the ${role}`, cloned);
  }
}

/** A release that went live owns what is kept for its rollback: its id is used up. */
async function refuseWhenLive({ ledger }: StepContext, id: string): Promise<void> {
  const { release, exchanges } = await ledger.read(
    { release: null, exchanges: [] },
    async (reader) => ({
      release: await reader.release(id),
      exchanges: (await reader.swaps()).filter((swap) => swap.release === id),
    }),
  );
  if (release !== null) requireSameLive(ledger, release);
  if (release === null || !['swapped', 'rolled-back', 'retired'].includes(release.state)) return;
  // A pull request that was closed and is opened again: nothing of it is kept, and nothing of it was ever live.
  if (release.state === 'retired' && exchanges.length === 0) return;
  throw new UsageError({
    what: `Release ${id} is ${release.state}; its id cannot be used again.`,
    where: ledger.location,
    help: 'Take another id for the next release.',
  });
}

async function requireLive({ engine, config }: StepContext): Promise<void> {
  if ((await engine.databases.glance(engine.places.live)) !== null) return;
  throw new GreenlightError({
    what: 'There is no live database.',
    where: engine.places.live,
    live: 'there is none',
    help: `Check \`live\` in ${config.file}. Greenlight never makes it: the first one is yours.`,
  });
}
