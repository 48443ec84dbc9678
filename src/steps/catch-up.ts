import type { Fence } from '../engines/engine.ts';
import { GreenlightError, messageOf } from '../errors.ts';
import { duration, plural } from '../format.ts';
import type { Drifted } from '../release/drift.ts';
import { raiseFences } from '../release/exchange.ts';
import { findRelease } from '../release/find.ts';
import { type FoundDrift, GateClosed } from '../release/gate-closed.ts';
import { logicHash } from '../release/logic-hash.ts';
import type { ClonedRelease, DriftRecord } from '../release/records.ts';
import { compare } from './compare.ts';
import type { StepContext } from './context.ts';
import { migrate } from './migrate.ts';
import { rebuild } from './rebuild.ts';
import { CannotReplay, replay } from './replay.ts';
import { simulate } from './simulate.ts';

/** How the release was brought up to what is live now, before it was swapped. */
export interface CaughtUp {
  readonly policy: 'rebuild' | 'replay';
  /** How often. */
  readonly rounds: number;
  /** What was found changed in live, round by round. */
  readonly drift: readonly Drifted[];
}

/** Somebody wrote to live or to the candidate after the gate was decided. */
export class DecisionOutdated extends GreenlightError {}

/** Who writes to live more often than this has to pause for the swap. */
const mostRounds = 3;

/**
 * Attempts a swap. Where drift alone keeps the gate closed, the policy brings the release up to what is live now, and
 * the gate decides anew: by what was compared now, and by the approvals of its digest. Where live was written to again
 * meanwhile, and the engine allows it, writers wait from then on until the swap is over.
 */
export async function catchingUp<T>(
  context: StepContext,
  id: string,
  attempt: (caughtUp: CaughtUp | null) => Promise<T>,
): Promise<T> {
  const writers = new Writers(context);
  try {
    return await attempts(context, id, attempt, writers);
  } finally {
    await writers.letGo();
  }
}

async function attempts<T>(
  context: StepContext,
  id: string,
  attempt: (caughtUp: CaughtUp | null) => Promise<T>,
  writers: Writers,
): Promise<T> {
  const { host, config } = context;
  let caughtUp = await finishCatchUp(context, id);
  for (let round = 1; ; round++) {
    try {
      writers.requirePatience();
      return await attempt(caughtUp);
    } catch (error) {
      if (error instanceof DecisionOutdated && round <= mostRounds) {
        host.progress.note(`${error.message} It is decided anew.`);
        if (round > 1 && config.swap.drift !== 'refuse') await writers.stop();
        continue;
      }
      if (!(error instanceof GateClosed)) throw error;
      if (config.swap.drift === 'refuse' || error.seen.drift === null || !isDriftAlone(error)) {
        throw caughtUp === null ? error : error.because(needsReview(id, caughtUp));
      }
      if (round > mostRounds) throw error.because(writtenTooOften(config.swap.drift));
      if (round > 1) await writers.stop();
      caughtUp = await catchUp(context, error, error.seen.drift, { before: caughtUp, writers });
    }
  }
}

function isDriftAlone({ gate }: GateClosed): boolean {
  return gate.reasons.every(({ condition }) => condition === 'drift');
}

/** Those who write to live: they wait as long as its fence stands. */
class Writers {
  readonly #context: StepContext;
  #fence: Fence | null = null;
  #stoppedAt = 0;
  #limit: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(context: StepContext) {
    this.#context = context;
  }

  /**
   * Gives false where the engine cannot work behind the fence of live.
   * @throws GreenlightError when they have waited for as long as they may.
   */
  async stop(): Promise<boolean> {
    const { engine, host, config } = this.#context;
    const { timeoutMs, longestHoldMs } = config.swap;
    if (!engine.capabilities.readsBehindFence) return false;
    this.requirePatience();
    if (this.#fence !== null) return true;
    this.#fence = await raiseFences(this.#context, [engine.places.live], timeoutMs);
    this.#stoppedAt = performance.now();
    this.#limit = setTimeout(() => {
      this.#isOver = true;
      this.letGo().catch((error) => host.progress.warn(messageOf(error)));
    }, longestHoldMs);
    host.progress.note(
      `Live is written to all the time: from now on writers wait until the swap is over, at most ${duration(longestHoldMs)}.`,
    );
    return true;
  }

  /** @throws GreenlightError when they were kept waiting for too long, and go on. */
  requirePatience(): void {
    if (!this.#isOver) return;
    const { engine, config } = this.#context;
    throw new GreenlightError({
      what: 'Those who write to live were kept waiting for as long as they may, and go on.',
      where: engine.places.live,
      cause: `swap.longest_hold is ${duration(config.swap.longestHoldMs)}, and the release was not brought up to live by then`,
      help: 'Swap when less is written, let the writers pause, or raise swap.longest_hold.',
    });
  }

  async letGo(): Promise<void> {
    clearTimeout(this.#limit);
    const fence = this.#fence;
    this.#fence = null;
    if (fence === null) return;
    await fence.release();
    const waited = duration(performance.now() - this.#stoppedAt);
    this.#context.host.progress.note(`Writers waited for ${waited} while the release caught up.`);
  }
}

async function catchUp(
  context: StepContext,
  refusal: GateClosed,
  found: FoundDrift,
  { before, writers }: { readonly before: CaughtUp | null; readonly writers: Writers },
): Promise<CaughtUp> {
  const { ledger, host } = context;
  const policy = context.config.swap.drift as CaughtUp['policy'];
  const release = (await findRelease(ledger, refusal.release)) as ClonedRelease;
  const mark = (state: DriftRecord['state']) =>
    ledger.write(`drift ${release.id}: ${state}`, (writer) =>
      writer.updateDrift({ release: release.id, found_at: found.found_at }, state),
    );
  const howMuch = plural(found.changed.length, 'thing has', 'things have');
  host.progress.note(`${howMuch} changed in live since the clone: ${policy}.`);
  await mark('catching-up');
  try {
    if (policy === 'rebuild') await rebuild(context, release, found.live_id);
    else await replayPatiently(context, release, found, writers);
  } catch (error) {
    if (!(error instanceof CannotReplay)) throw error;
    await mark('refused');
    throw refusal.because(notReplayable(error));
  }
  await remake(context, release.id);
  await mark('caught-up');
  return {
    policy,
    rounds: (before?.rounds ?? 0) + 1,
    drift: [...(before?.drift ?? []), ...found.changed],
  };
}

/** Who writes to live faster than rows can be brought over has to wait. */
async function replayPatiently(
  context: StepContext,
  release: ClonedRelease,
  found: FoundDrift,
  writers: Writers,
): Promise<void> {
  try {
    await replay(context, release, found.changed);
  } catch (error) {
    if (!(error instanceof CannotReplay && error.isMoving && (await writers.stop()))) throw error;
    const again = (await findRelease(context.ledger, release.id)) as ClonedRelease;
    await replay(context, again, null, { knowsBaseline: true });
  }
}

/** The steps after the clone. */
async function remake(context: StepContext, release: string): Promise<void> {
  if (context.config.migrate !== null) await migrate(context, { release });
  if (context.config.simulate !== null) await simulate(context, { release });
  await compare(context, { release });
}

/** An earlier swap was cut off while it brought the release up to live: what it had not reached is done now. */
async function finishCatchUp(context: StepContext, id: string): Promise<CaughtUp | null> {
  const { ledger, engine, host, config } = context;
  const release = await findRelease(ledger, id);
  if (!['new', 'cloned', 'migrated', 'simulated'].includes(release.state)) return null;
  const recorded = await ledger.read(null, async (reader) => ({
    drift: (await reader.drift(id)).filter(({ state }) => state === 'catching-up'),
    comparison: (await reader.comparisons(id)).at(-1),
  }));
  const [first] = recorded?.drift ?? [];
  if (first === undefined || first.policy === 'refuse') return null;
  // Nobody has reviewed other logic, nor this logic on another live.
  const live = await engine.databases.glance(engine.places.live);
  if (recorded?.comparison?.logic_hash !== (await logicHash(config)).hash) return null;
  if (live?.id !== first.live_id) return null;
  host.progress.note(`An earlier run was cut off while it did a ${first.policy}; it is done now.`);
  if (first.policy === 'rebuild') await rebuild(context, release as ClonedRelease, first.live_id);
  else await replay(context, release as ClonedRelease, null);
  await remake(context, id);
  await ledger.write(`drift ${id}: caught up`, (writer) =>
    writer.updateDrift({ release: id, state: 'catching-up' }, 'caught-up'),
  );
  const drift = (recorded?.drift ?? []).map(({ object_name: name, ...rest }) => ({
    name,
    ...rest,
  }));
  return { policy: first.policy, rounds: 1, drift };
}

function needsReview(id: string, { policy }: CaughtUp) {
  return {
    cause: `live had changed, so a ${policy} has brought the release up to what is live now: its new comparison waits for review`,
    help: `greenlight report --release ${id}`,
  };
}

function writtenTooOften(policy: CaughtUp['policy']) {
  return {
    cause: `live was written to during each of ${mostRounds} times ${policy}`,
    help: 'Let those who write to live pause for the time of the swap, then run it again.',
  };
}

function notReplayable({ reasons }: CannotReplay) {
  return {
    cause: `this cannot be replayed:\n${reasons.map((reason) => `    ${reason}`).join('\n')}`,
    help: '`swap.drift: rebuild` makes the release anew on whatever is live.',
  };
}
