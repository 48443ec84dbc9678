import type { Physical } from '../engines/engine.ts';
import { type ApprovalStanding, judgeApprovals } from '../release/approvals.ts';
import { gatherEvidence } from '../release/evidence.ts';
import { findRelease } from '../release/find.ts';
import { decideGate, type Gate, gateBeforeClone } from '../release/gate.ts';
import type { Ledger, LedgerReader } from '../release/ledger.ts';
import { releaseInLive } from '../release/lineage.ts';
import { comparedLogic, type LogicHash } from '../release/logic-hash.ts';
import { type LogicInHand, logicInHand } from '../release/logic-in-hand.ts';
import { nextStep } from '../release/next.ts';
import { type ShownOverride, showOverride } from '../release/override.ts';
import type {
  ClonedRelease,
  Release,
  ReleaseState,
  StepName,
  SwapRecord,
  Verdict,
} from '../release/records.ts';
import {
  howFar,
  isOpen,
  type Settled,
  settleRehearsals,
  settleUnlessBusy,
} from '../release/recover.ts';
import type { StepContext } from './context.ts';

export interface StatusResult {
  readonly live: string;
  /** False when there is no database at `live`. */
  readonly live_exists: boolean;
  /** The release whose database live is; null before the first swap. */
  readonly live_release: string | null;
  readonly ledger: string;
  /** Exchanges and rehearsals that were cut off and are ended now: recorded as what they came to. */
  readonly settled: readonly Settled[];
  readonly releases: readonly ReleaseStatus[];
  /** With --gate: why this release may not be swapped. */
  readonly gate: (Gate & { readonly release: string }) | null;
}

export interface ReleaseStatus {
  readonly release: string;
  readonly state: ReleaseState;
  readonly created_at: string;
  /** Whose change it is; null: nobody said. */
  readonly author: string | null;
  readonly verdict: Verdict | null;
  readonly digest: string | null;
  /** Whose approvals of the latest digest count. */
  readonly approved_by: readonly string[];
  readonly approvals: readonly ShownApproval[];
  /** Swaps of this release against a closed gate. */
  readonly overrides: readonly ShownOverride[];
  /** Whether the files in hand are those that were compared; null without a comparison in force. */
  readonly logic: LogicInHand | null;
  /** The step that a process works on right now. */
  readonly running: string | null;
  /** A step that did not come to its end. */
  readonly unfinished: string | null;
  /** How far the exchange came that was cut off, in words; null when there is none. */
  readonly cut_off: string | null;
  /** The command that comes next; null when there is none. */
  readonly next: string | null;
}

/** An approval, and what it is worth for the comparison in force. */
export interface ShownApproval {
  readonly by: string;
  readonly standing: ApprovalStanding;
  readonly digest: string;
  readonly at: string;
  readonly place: string;
}

/**
 * Where every release stands, and what comes next. Reads only, but for what a cut-off swap, rollback or rehearsal has
 * left: what needs no decision is ended.
 */
export async function status(
  context: StepContext,
  options: { readonly release?: string; readonly gate?: boolean },
): Promise<StatusResult> {
  const { engine, ledger } = context;
  const settled = [...(await settleUnlessBusy(context)), ...(await settleRehearsals(context))];
  const live = await engine.databases.glance(engine.places.live);
  const known = await ledger.read(
    { releases: [] as ReleaseStatus[], swaps: [] as SwapRecord[] },
    async (reader) => {
      const swaps = await reader.swaps();
      const releases: ReleaseStatus[] = [];
      const inHand = logicInHand(context.config);
      for (const release of await reader.releases()) {
        if (options.release !== undefined && release.id !== options.release) continue;
        releases.push(await describe(context, { reader, live, swaps, inHand }, release));
      }
      return { releases, swaps };
    },
  );
  let gate: StatusResult['gate'] = null;
  if (options.gate === true || options.release !== undefined) {
    const release = await findRelease(ledger, options.release);
    if (options.gate === true) gate = { release: release.id, ...(await gateOf(context, release)) };
  }
  return {
    live: engine.places.live,
    live_exists: live !== null,
    live_release: releaseInLive(known.swaps, live),
    ledger: ledger.location,
    settled,
    releases: known.releases,
    gate,
  };
}

async function gateOf(context: StepContext, release: Release): Promise<Gate> {
  if (release.candidate_id === null) return gateBeforeClone(release);
  return decideGate(await gatherEvidence(context, release as ClonedRelease, context.host.progress));
}

/** What there is now, for all releases. */
interface Now {
  readonly reader: LedgerReader;
  readonly live: Physical | null;
  readonly swaps: readonly SwapRecord[];
  readonly inHand: (compared: LogicHash | null) => Promise<LogicInHand>;
}

async function describe(
  { config, ledger }: StepContext,
  { reader, live, swaps, inHand }: Now,
  release: Release,
): Promise<ReleaseStatus> {
  const comparison = (await reader.comparisons(release.id)).at(-1) ?? null;
  const approvals = await reader.approvals(release.id);
  const steps = await reader.steps(release.id);
  const last = steps.at(-1);
  const exchange = swaps.find((swap) => swap.release === release.id && isOpen(swap));
  const open =
    last !== undefined &&
    ['running', 'interrupted'].includes(last.state) &&
    endStates[last.step] !== release.state
      ? last.step
      : null;
  const running = open !== null && last?.state === 'running' && (await isHeld(ledger, release.id));
  const compared = ['compared', 'approved', 'swapped', 'rolled-back', 'retired'].includes(
    release.state,
  );
  const current = compared ? comparison : null;
  const judged = judgeApprovals(
    approvals,
    { digest: comparison?.digest ?? '', author: release.author },
    config.approvals,
  );
  // What goes back, or gives the release up, is gone on with, whatever else could come next.
  const goesOn = open === 'rollback' || open === 'retire' ? open : null;
  const next = exchange?.direction ?? goesOn ?? nextStep(release, config, current?.verdict ?? null);
  const cutOff = running ? undefined : exchange;
  return {
    release: release.id,
    state: release.state,
    created_at: release.created_at,
    author: release.author,
    verdict: current?.verdict ?? null,
    digest: current?.digest ?? null,
    approved_by: current === null ? [] : judged.persons,
    approvals: judged.given.map(({ approval, standing }) => ({
      by: approval.approver,
      standing,
      digest: approval.digest,
      at: approval.approved_at,
      place: approval.place,
    })),
    overrides: (await reader.overrides(release.id)).map(showOverride),
    logic:
      current === null || ['rolled-back', 'retired'].includes(release.state)
        ? null
        : await inHand(comparedLogic(steps)),
    running: running ? open : null,
    // Of a rehearsal nothing is left to be finished.
    unfinished: running ? null : (exchange?.direction ?? (open === 'rehearse' ? null : open)),
    cut_off: cutOff === undefined ? null : howFar(cutOff, live),
    next: running || next === null ? null : `greenlight ${next} --release ${release.id}`,
  };
}

/** A process works on the release: it holds it, and the system would have taken that from a dead one. */
async function isHeld(ledger: Ledger, release: string): Promise<boolean> {
  const hold = await ledger.hold(`release-${release}`, 0);
  if (hold.held) await hold.release();
  return !hold.held;
}

/** What was cut off after the release had come to this state lacks nothing but its own record. */
const endStates: Partial<Record<StepName, ReleaseState>> = {
  swap: 'swapped',
  rollback: 'rolled-back',
  retire: 'retired',
};
