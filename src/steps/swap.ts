import type { Location, Watch } from '../engines/engine.ts';
import { EXIT, GreenlightError } from '../errors.ts';
import { duration, indented, plural } from '../format.ts';
import { placeOf } from '../hosts/host.ts';
import { patiently } from '../patiently.ts';
import { gatherEvidence } from '../release/evidence.ts';
import { exchangeLive, raiseFences } from '../release/exchange.ts';
import { type RunStep, verifySteps } from '../release/files.ts';
import { findRelease, requireState } from '../release/find.ts';
import { decideGate, type Evidence, type Gate } from '../release/gate.ts';
import { type FoundDrift, GateClosed } from '../release/gate-closed.ts';
import { changedParts, comparedLogic, logicHash } from '../release/logic-hash.ts';
import {
  isOpenedBy,
  type OverrideRequest,
  recordOverride,
  requireOverride,
  type ShownOverride,
} from '../release/override.ts';
import { isUntouched } from '../release/physical.ts';
import type { ClonedRelease, Release, SwapRecord } from '../release/records.ts';
import { recoverExchange, settleCutOff } from '../release/recover.ts';
import { runStep, withHold } from '../release/run.ts';
import { type DriftTold, describeTold, type Told, trailOf, watching } from '../release/watch.ts';
import { type CaughtUp, catchingUp, DecisionOutdated } from './catch-up.ts';
import type { StepContext } from './context.ts';
import { copyToPublish, dropCopy, publish } from './publish.ts';
import { lookAtKept, putBack, verifyLive } from './verify-live.ts';

export interface SwapResult {
  readonly release: string;
  readonly state: 'swapped';
  readonly live: string;
  /** Where the old live is kept for a rollback. */
  readonly previous: string;
  /** The time in which live was exchanged. */
  readonly exchange_ms: number;
  /** Checks that held. */
  readonly verified: number;
  /** How drift was dealt with before; null: there was none. */
  readonly caught_up: CaughtUp | null;
  /** By what it was told that live had not been written to; null: an earlier run was told, and was cut off. */
  readonly drift_told: DriftTold | null;
  /** How long writers had to wait. */
  readonly fenced_ms: number;
  /** From when on the new logic's rows are in force in bitemporal tables; null where there are none. */
  readonly go_live: string | null;
  /** Who opened the gate against its reasons, and why; null when it was open. */
  readonly override: ShownOverride | null;
}

export interface SwapOptions {
  readonly release?: string;
  /** Why it goes live although the gate is closed; with `by`. */
  readonly override?: string;
  readonly by?: string;
}

/**
 * Takes the candidate live: the only step that changes production. It refuses unless everything is as it was
 * reviewed; then it exchanges the databases at one instant, verifies, and returns by itself when that fails.
 */
export async function swap(context: StepContext, options: SwapOptions): Promise<SwapResult> {
  const request = requireOverride(options);
  const { id } = await findRelease(context.ledger, options.release);
  return catchingUp(context, id, (caughtUp) =>
    withHold(context.ledger, 'live', 'live', () => attempt(context, id, request, caughtUp)),
  );
}

async function attempt(
  context: StepContext,
  id: string,
  request: OverrideRequest | null,
  caughtUp: CaughtUp | null,
): Promise<SwapResult> {
  const { engine, ledger, host, config } = context;
  await settleCutOff(context);
  const found = await findRelease(ledger, id);
  const cutOff = await recoverExchange(context, found);
  if (cutOff?.direction === 'swap' && ['done', 'returning'].includes(cutOff.state)) {
    host.progress.note('An earlier run was cut off after the exchange; the rest is done now.');
    return runStep(context, { release: found.id, step: 'swap', logic: null, seen: found }, () =>
      finishCutOff(context, found, cutOff),
    );
  }
  const release = requireState(
    found,
    ['cloned', 'migrated', 'simulated', 'compared', 'approved'],
    found.state === 'swapped' ? 'It is live already.' : `greenlight clone --release ${found.id}`,
  );
  return runStep(context, { release: release.id, step: 'swap', logic: null, seen: release }, () =>
    watching(engine, { live: trailOf(release), other: release.candidate }, attemptWatched),
  );

  async function attemptWatched(watch: Watch): Promise<SwapResult> {
    let opened = await requireOpenGate(context, release, request);
    const sinceClone = watch.told();
    host.progress.note(
      `Whether live was written to since the clone was told ${describeTold(sinceClone)}.`,
    );
    const { live } = engine.places;
    if (await patiently(config.swap.timeoutMs, () => engine.swap.settle(live))) {
      // The log was worked in: other bytes, and the content has to be proven unchanged again.
      opened = await requireOpenGate(context, release, request);
    }
    const warmed = await engine.swap.warm(release.candidate);
    if (warmed > 0) host.progress.note(`${plural(warmed, 'table')} of the candidate analysed.`);
    await copyToPublish(context, release, opened.evidence.candidate);
    try {
      const told = { sinceClone, behindFence: () => watch.told() };
      return await exchange(context, release, opened, { caughtUp, told });
    } finally {
      await dropCopy(context, release.id);
    }
  }
}

/** What the gate was opened on; by whom, when it was opened against its reasons. */
interface Opened {
  readonly evidence: Evidence;
  readonly overridden: {
    readonly request: OverrideRequest;
    readonly reasons: Gate['reasons'];
  } | null;
}

async function requireOpenGate(
  context: StepContext,
  release: ClonedRelease,
  request: OverrideRequest | null,
): Promise<Opened> {
  const { progress } = context.host;
  const evidence = await gatherEvidence(context, release, progress);
  const drift = await recordDrift(context, release, evidence);
  const gate = decideGate(evidence);
  if (gate.open) {
    if (request !== null) progress.note('The gate is open: nothing has to be overridden.');
    return { evidence, overridden: null };
  }
  if (request === null || !isOpenedBy(request, gate))
    throw new GateClosed(release.id, gate, { drift, request });
  const { reasons } = gate;
  for (const { condition, found } of reasons)
    progress.warn(`${request.by} overrides the gate, ${condition}: ${found}`);
  if (drift !== null) await leaveBehind(context, release, drift);
  return { evidence, overridden: { request, reasons } };
}

/** A person has decided that what was written to live since the clone does not hold the release up. */
async function leaveBehind(
  { ledger, host, engine, config }: StepContext,
  { id }: ClonedRelease,
  { found_at }: FoundDrift,
): Promise<void> {
  const kept = engine.places.describe(engine.places.previous(id));
  const policy = config.swap.drift === 'refuse' ? '' : ` No ${config.swap.drift} is done.`;
  host.progress.warn(
    `What was written to live since the clone is not in the database that goes live. It stays in ${kept}.${policy}`,
  );
  await ledger.write(`drift ${id}: overridden`, (writer) =>
    writer.updateDrift({ release: id, found_at }, 'overridden'),
  );
}

/** What changed in live belongs to the release's history, whatever becomes of it. */
async function recordDrift(
  { ledger, config }: StepContext,
  { id: release }: ClonedRelease,
  { live, drift }: Evidence,
): Promise<FoundDrift | null> {
  if (live === null || drift.length === 0) return null;
  const found_at = new Date().toISOString();
  const common = { release, found_at, live_id: live.id, live_mark: live.mark };
  await ledger.write(`drift ${release}`, (writer) =>
    writer.addDrift(
      drift.map(({ name, ...rest }) => ({
        ...common,
        ...rest,
        object_name: name,
        policy: config.swap.drift,
        state: 'refused',
      })),
    ),
  );
  return { found_at, live_id: live.id, changed: drift };
}

/** What was done and told before the exchange. */
interface Prepared {
  readonly caughtUp: CaughtUp | null;
  readonly told: { readonly sinceClone: Told; behindFence(): Told };
}

/** Both databases are fenced until the verification has ended: nothing is written that a return would lose. */
async function exchange(
  context: StepContext,
  release: ClonedRelease,
  { evidence, overridden }: Opened,
  { caughtUp, told }: Prepared,
): Promise<SwapResult> {
  const { engine, host, config } = context;
  const { live } = engine.places;
  const checks = await verifySteps(config);
  const { result, fenced_ms } = await fenced(context, [live, release.candidate], async () => {
    await requireUnmoved(context, release, evidence);
    const drift_told = { since_clone: told.sinceClone, behind_fence: told.behindFence() };
    const before = { caughtUp, drift_told };
    return publish(context, release, evidence.candidate, (incoming) => {
      const intent = {
        release: release.id,
        direction: 'swap' as const,
        live,
        live_id: release.live_id,
        incoming: incoming.at,
        incoming_id: incoming.id,
        incoming_mark: incoming.mark,
        kept: engine.places.previous(release.id),
        actor: host.actor,
        detail: evidence.live === null ? null : { kept_mark: evidence.live.mark },
      };
      return exchangeLive(
        context,
        intent,
        (record) => {
          host.progress.note(`Exchanged in ${duration(record.exchange_ms ?? 0)}.`);
          return verifyLive(context, { release, at: live, checks }, record, before);
        },
        async (writer, swap) => {
          if (overridden === null) return;
          const { request, reasons } = overridden;
          await recordOverride(writer, swap, evidence, request, { reasons, place: placeOf(host) });
        },
      );
    });
  });
  host.progress.note(`Writers had to wait for ${duration(fenced_ms)}.`);
  await lookAtKept(context, result, evidence.live);
  return { ...result, fenced_ms };
}

/** While nobody writes to any of these. */
async function fenced<T>(
  context: StepContext,
  places: readonly Location[],
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly fenced_ms: number }> {
  const fence = await raiseFences(context, places, context.config.swap.timeoutMs);
  const raised = performance.now();
  let result: T;
  try {
    result = await work();
  } finally {
    await fence.release();
  }
  return { result, fenced_ms: Math.ceil(performance.now() - raised) };
}

/** Behind the fence nobody writes any more: what the gate saw must be what is there. */
async function requireUnmoved(
  { engine }: StepContext,
  release: ClonedRelease,
  seen: Evidence,
): Promise<void> {
  const live = await engine.databases.identify(engine.places.live);
  const candidate = await engine.databases.identify(release.candidate);
  if (isUntouched(live, seen.live) && isUntouched(candidate, seen.candidate)) return;
  throw new DecisionOutdated({
    what: 'Live or the candidate was written to while the gate was decided.',
    where: engine.places.live,
    help: 'Let those who write pause for the time of the swap, then run it again.',
  });
}

/** Writers may have come since the run was cut off: they are fenced off again before anything is decided. */
async function finishCutOff(
  context: StepContext,
  release: Release,
  cutOff: SwapRecord,
): Promise<SwapResult> {
  const isVerified = cutOff.state === 'returning';
  const checks = isVerified ? [] : await reviewedChecks(context, cutOff);
  const { result, fenced_ms } = await fenced(context, [cutOff.live], async () => {
    if (isVerified)
      return putBack(context, cutOff, [{ what: 'it failed in the run that was cut off' }]);
    const before = { caughtUp: null, drift_told: null };
    return verifyLive(context, { release, at: cutOff.live, checks }, cutOff, before);
  });
  await lookAtKept(context, result, null);
  return { ...result, fenced_ms };
}

/**
 * The run that was cut off had found the files as they were reviewed, or somebody had overridden that. Others that
 * are in hand now would ask live something else.
 */
async function reviewedChecks(
  { ledger, config }: StepContext,
  { id, release }: SwapRecord,
): Promise<readonly RunStep[]> {
  const known = await ledger.read(null, async (reader) => ({
    comparison: (await reader.comparisons(release)).at(-1),
    compared: comparedLogic(await reader.steps(release)),
    override: (await reader.overrides(release)).find(({ swap: own }) => own === id),
  }));
  const isOverridden = known?.override?.reasons.some(({ condition }) => condition === 'logic');
  const { hash, parts } = await logicHash(config);
  if (isOverridden === true || known?.comparison?.logic_hash === hash) return verifySteps(config);
  const changed = changedParts(known?.compared?.parts ?? {}, parts);
  throw new GreenlightError(
    {
      what: `An earlier run was cut off before it had verified live, and the files in hand are not those that were reviewed:\n${indented(changed)}`,
      where: config.file,
      live: `live is the database of ${release}, and is not verified yet`,
      help: `Check out what was compared and run greenlight swap --release ${release} again, or go back: greenlight rollback --release ${release}`,
    },
    EXIT.refused,
  );
}
