import type { CloneReport, Location, Physical } from '../engines/engine.ts';
import { GreenlightError, UsageError } from '../errors.ts';
import { requireReleaseId, requireSameLive } from '../release/find.ts';
import { givenBaseline, proveGiven } from '../release/given.ts';
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
  /** By what a swap will tell whether live was written to since, and why no other way. */
  readonly drift_told: { readonly by: string; readonly reason: string | null } | null;
  /** Of candidate and baseline together. */
  readonly bytes: number;
  readonly tables: number;
  readonly views: number;
  /** Objects of live that the clone does not have. */
  readonly missing: readonly string[];
}

/** Both, as they are once they are made, or proven. */
interface Made {
  readonly fromLive: CloneReport;
  readonly instant: string;
  readonly baseline: Physical & { readonly at: Location };
  readonly candidate: Physical & { readonly at: Location };
  readonly bytes: number;
}

/**
 * Makes candidate and baseline from live. The baseline comes from live, the candidate from the baseline: both are of
 * one instant, and live is read once. A baseline that is given is proven to be of that instant. Run again, it begins the release anew. A short writer of live is waited for, at
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
  const given = givenBaseline(context);
  await refuseWhenLive(context, id);
  await requireLive(context);

  return runStep(context, { release: id, step: 'clone', logic: null, seen: null }, () =>
    cloneAnew().catch(async (error) => {
      // Of a clone that is not whole, nothing on the server is kept.
      await engine.databases.dropTrail(id).catch(() => undefined);
      throw error;
    }),
  );

  async function cloneAnew(): Promise<CloneResult> {
    const author = await ledger.write(`clone ${id}`, async (writer) => {
      await writer.startRelease({ id, engine: engine.name, live: engine.places.live });
      await writer.updateRelease(id, { live_trail: null });
      // Cloned again by somebody who does not say, it is still the change of whoever was named first.
      const named = options.author?.trim() || null;
      if (named !== null) await writer.updateRelease(id, { author: named });
      return (await writer.release(id))?.author ?? null;
    });
    // It was made from a baseline that is about to go.
    await engine.databases.drop(engine.places.control(id));
    const { fromLive, instant, baseline, candidate, bytes } = await makeBoth();
    host.progress.note(`Copied by ${fromLive.method}: ${fromLive.reason}.`);

    const catalog = await engine.catalog.read(given === null ? baseline.at : candidate.at);
    const inventory = inventoryOf(catalog);
    const missing = [
      ...(fromLive.lacks ?? []),
      ...missingFrom(inventory, inventoryOf(await engine.catalog.read(candidate.at))),
    ];
    for (const name of missing) host.progress.warn(`The clone lacks ${name}.`);
    if (typeof fromLive.trail?.point === 'string')
      host.progress.note('From the clone instant on, the server keeps its log to tell drift by.');
    await ledger.write(`clone ${id}`, async (writer) =>
      writer.updateRelease(id, {
        state: 'cloned',
        live_id: fromLive.source.id,
        live_mark: fromLive.source.mark,
        live_trail: fromLive.trail?.point ?? null,
        live_release: releaseInLive(await writer.swaps(), fromLive.source),
        clone_instant: instant,
        clone_method: fromLive.method,
        candidate: candidate.at,
        candidate_id: candidate.id,
        candidate_mark: candidate.mark,
        baseline: baseline.at,
        baseline_id: baseline.id,
        baseline_mark: baseline.mark,
        inventory,
        migrated_inventory: inventory,
      }),
    );
    return {
      release: id,
      state: 'cloned',
      live: engine.places.live,
      candidate: candidate.at,
      baseline: baseline.at,
      method: fromLive.method,
      reason: fromLive.reason,
      clone_instant: instant,
      author,
      drift_told: toldOf(fromLive),
      bytes,
      tables: catalog.relations.filter(({ kind }) => kind === 'table').length,
      views: catalog.relations.filter(({ kind }) => kind === 'view').length,
      missing,
    };
  }

  /** The baseline comes from live, the candidate from the baseline; where that is given, from live. */
  async function makeBoth(): Promise<Made> {
    const { live, ...places } = engine.places;
    const [own, candidate] = [places.baseline(id), places.candidate(id)];
    if (given === null) {
      const fromLive = await copy(live, own, 'baseline', { trail: id });
      const instant = new Date().toISOString();
      const { source, clone: made, bytes } = await copy(own, candidate, 'candidate');
      // As it was when the candidate was made of it: an engine may have made it anew for that.
      const baseline = { at: own, ...source };
      return {
        ...{ fromLive, instant, baseline },
        candidate: { at: candidate, ...made },
        bytes: fromLive.bytes + bytes,
      };
    }
    // Of an earlier clone, which made one.
    await engine.databases.drop(own);
    const fromLive = await copy(live, candidate, 'candidate', { trail: id });
    const instant = new Date().toISOString();
    try {
      const proven = await proveGiven(context, id, { old: given, new: candidate }, host.progress);
      const baseline = { at: given, ...proven };
      return {
        ...{ fromLive, instant, baseline },
        candidate: { at: candidate, ...fromLive.clone },
        bytes: fromLive.bytes,
      };
    } catch (error) {
      await engine.databases.drop(candidate).catch(() => undefined); // the error is the one to tell
      throw error;
    }
  }

  function copy(
    from: Location,
    to: Location,
    role: string,
    more: { readonly trail?: string } = {},
  ): Promise<CloneReport> {
    const [{ method }, { patienceMs = 0 }] = [config.clone, options];
    const cloned = { from, to, method, patienceMs, ...more };
    return cloneTold({ engine, progress: host.progress }, `Cloning the ${role}`, cloned);
  }
}

/** Null: the engine has one way only. */
function toldOf({ trail }: CloneReport): CloneResult['drift_told'] {
  return trail === undefined ? null : { by: trail.by, reason: trail.reason };
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
