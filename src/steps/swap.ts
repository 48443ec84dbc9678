import { placeOf } from '../hosts/host.ts';
import { patiently } from '../patiently.ts';
import { gatherEvidence } from '../release/evidence.ts';
import { exchangeLive, raiseFences } from '../release/exchange.ts';
import { findRelease, requireState } from '../release/find.ts';
import { decideGate, type Evidence, type Gate } from '../release/gate.ts';
import { type FoundDrift, GateClosed } from '../release/gate-closed.ts';
import {
  isOpenedBy,
  type OverrideRequest,
  recordOverride,
  requireOverride,
  type ShownOverride,
  showOverride,
} from '../release/override.ts';
import { isUntouched } from '../release/physical.ts';
import type { ClonedRelease, Release, SwapRecord } from '../release/records.ts';
import { recoverExchange, settleCutOff } from '../release/recover.ts';
import { runStep, withHold } from '../release/run.ts';
import { duration } from '../report/format.ts';
import { type CaughtUp, catchingUp, DecisionOutdated } from './catch-up.ts';
import type { StepContext } from './context.ts';
import { copyToPublish, dropCopy, publish } from './publish.ts';
import { type Failure, listFailures, VerificationFailed, verifying } from './verify.ts';

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
  return runStep(
    context,
    { release: release.id, step: 'swap', logic: null, seen: release },
    async () => {
      let opened = await requireOpenGate(context, release, request);
      const { live } = engine.places;
      if (await patiently(config.swap.timeoutMs, () => engine.swap.settle(live))) {
        // The log was worked in: other bytes, and the content has to be proven unchanged again.
        opened = await requireOpenGate(context, release, request);
      }
      await copyToPublish(context, release, opened.evidence.candidate);
      try {
        return await exchange(context, release, opened, caughtUp);
      } finally {
        await dropCopy(context, release.id);
      }
    },
  );
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
  return { evidence, overridden: { request, reasons } };
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

/** Both databases are fenced until the verification has ended: nothing is written that a return would lose. */
async function exchange(
  context: StepContext,
  release: ClonedRelease,
  { evidence, overridden }: Opened,
  caughtUp: CaughtUp | null,
): Promise<SwapResult> {
  const { engine, host, config } = context;
  const { live } = engine.places;
  const fence = await raiseFences(context, [live, release.candidate], config.swap.timeoutMs);
  try {
    await requireUnmoved(context, release, evidence);
    return await publish(context, release, evidence.candidate, (incoming) => {
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
      };
      return exchangeLive(
        context,
        intent,
        (record) => {
          host.progress.note(`Exchanged in ${duration(record.exchange_ms ?? 0)}.`);
          return verify(context, release, record, caughtUp);
        },
        async (writer, swap) => {
          if (overridden === null) return;
          const { request, reasons } = overridden;
          await recordOverride(writer, swap, evidence, request, { reasons, place: placeOf(host) });
        },
      );
    });
  } finally {
    await fence.release();
  }
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
  const fence = await raiseFences(context, [cutOff.live], context.config.swap.timeoutMs);
  try {
    if (cutOff.state === 'returning') {
      return await putBack(context, cutOff, [{ what: 'it failed in the run that was cut off' }]);
    }
    return await verify(context, release, cutOff, null);
  } finally {
    await fence.release();
  }
}

/** Asks live whether it is as it should be; if not, the old database goes back into its place at once. */
async function verify(
  context: StepContext,
  release: { readonly id: string },
  record: SwapRecord,
  caughtUp: CaughtUp | null,
): Promise<SwapResult> {
  const { engine, ledger, host } = context;
  const { live } = engine.places;
  return verifying(context, release, live, async ({ checks, failures }) => {
    if (failures.length > 0) return putBack(context, record, failures);
    await ledger.write(`swap ${release.id}: done`, async (writer) => {
      await writer.updateSwap(record.id, {
        state: 'done',
        finished_at: new Date().toISOString(),
        live_mark_after: record.incoming_mark,
        detail: { verified: checks },
      });
      await writer.setState(release.id, 'swapped');
    });
    const publication = await ledger.read(null, (reader) => reader.publication(release.id));
    host.progress.note(
      `Live is the database of ${release.id}; the old one is kept at ${engine.places.describe(record.kept)}.`,
    );
    return {
      release: release.id,
      state: 'swapped',
      live,
      previous: record.kept,
      exchange_ms: record.exchange_ms ?? 0,
      verified: checks,
      caught_up: caughtUp,
      // Else it is of an earlier release of this name.
      go_live: publication?.database_id === record.incoming_id ? publication.go_live : null,
      override: await overrideOf(context, record),
    };
  });
}

/** The one that this swap went live by; null when the gate was open. */
async function overrideOf(
  { ledger }: StepContext,
  { id, release }: SwapRecord,
): Promise<ShownOverride | null> {
  const overrides = await ledger.read([], (reader) => reader.overrides(release));
  const own = overrides.find(({ swap }) => swap === id);
  return own === undefined ? null : showOverride(own);
}

/**
 * Exchanges back, and always throws: the verification failed. A row that somebody wrote since the exchange (only
 * possible when a run was cut off) is not given up for that: then people decide.
 */
async function putBack(
  { engine, ledger }: StepContext,
  record: SwapRecord,
  failures: readonly Failure[],
): Promise<never> {
  const { id, release, live, incoming, kept } = record;
  const listed = listFailures(failures);
  if ((await engine.databases.identify(live))?.mark !== record.incoming_mark) {
    throw new VerificationFailed(
      { failures, returned: false },
      {
        what: `The verification failed, but somebody has written to live since the exchange, so the old database was not put back:\n${listed}`,
        where: live,
        live: `live is the database of ${release}; the old one is kept at ${kept}`,
        help: `greenlight rollback --release ${release} puts the old one back, tells what was written and keeps it.`,
      },
    );
  }
  const set = (state: SwapRecord['state'], detail: object) =>
    ledger.write(`swap ${release}: ${state}`, (writer) =>
      writer.updateSwap(id, { state, finished_at: new Date().toISOString(), ...detail }),
    );
  await set('returning', { detail: { failures: failures.map(({ what }) => what) } });
  await engine.swap.exchange(live, kept, incoming);
  await set('returned', {});
  throw new VerificationFailed(
    { failures, returned: true },
    {
      what: `The verification failed, so the old database was put back:\n${listed}`,
      where: live,
      live: 'live is the old database again; it was exchanged for the time of the verification',
      help: `Mend the logic or the check, then run the steps again with --release ${release}.`,
    },
  );
}
