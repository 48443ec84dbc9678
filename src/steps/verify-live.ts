import type { Physical } from '../engines/engine.ts';
import { messageOf } from '../errors.ts';
import { type ShownOverride, showOverride } from '../release/override.ts';
import { isUntouched } from '../release/physical.ts';
import type { SwapRecord } from '../release/records.ts';
import { isWrittenBehind, keptMarkOf } from '../release/unfenced.ts';
import type { CaughtUp } from './catch-up.ts';
import type { StepContext } from './context.ts';
import type { SwapResult } from './swap.ts';
import {
  type Failure,
  listFailures,
  type Verification,
  VerificationFailed,
  verifying,
} from './verify.ts';

/** Asks live whether it is as it should be; if not, the old database goes back into its place at once. */
export async function verifyLive(
  context: StepContext,
  verification: Verification,
  record: SwapRecord,
  { caughtUp, drift_told }: BeforeExchange,
): Promise<Swapped> {
  const { engine, ledger, host } = context;
  const { release, at: live } = verification;
  return verifying(context, verification, async ({ checks, failures }) => {
    if (failures.length > 0) return putBack(context, record, failures);
    if (await isWrittenBehind(engine, record)) {
      const what = 'the old database was written to while the swap was under way';
      return putBack(context, record, [{ what }]);
    }
    const keptMark = keptMarkOf(record);
    await ledger.write(`swap ${release.id}: done`, async (writer) => {
      await writer.updateSwap(record.id, {
        state: 'done',
        finished_at: new Date().toISOString(),
        live_mark_after: record.incoming_mark,
        detail: {
          verified: checks,
          ...(keptMark === null ? {} : { kept_mark: keptMark }),
          ...(drift_told === null ? {} : { drift_told }),
        },
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
      drift_told,
      // Else it is of an earlier release of this name.
      go_live: publication?.database_id === record.incoming_id ? publication.go_live : null,
      override: await overrideOf(context, record),
    };
  });
}

/** A swap whose fence still stands. */
export type Swapped = Omit<SwapResult, 'fenced_ms'>;

/** What the run that exchanged had done and been told. */
type BeforeExchange = Pick<Swapped, 'drift_told'> & { readonly caughtUp: CaughtUp | null };

/**
 * When all can go on: a fence keeps writers off, and not all else. What went on in the old database in the moment before
 * the exchange is told, and sequences go on from there. `seen` is live as it was looked at last. Of no consequence for
 * the swap, which has happened.
 */
export async function lookAtKept(
  { engine, ledger, host }: StepContext,
  { release, previous, live, verified, drift_told }: Swapped,
  seen: Physical | null,
): Promise<void> {
  try {
    await engine.databases.dropTrail(release);
    const kept = await engine.databases.identify(previous);
    if (kept === null) return;
    await ledger.write(`swap ${release}: the old database`, async (writer) => {
      const swaps = (await writer.swaps()).filter((swap) => swap.release === release);
      const { id } = swaps.at(-1) ?? {};
      const detail = {
        verified,
        kept_mark: kept.mark,
        ...(drift_told === null ? {} : { drift_told }),
      };
      if (id !== undefined) await writer.updateSwap(id, { detail });
    });
    if (seen === null || isUntouched(kept, seen)) return;
    const moved = await engine.swap.carryOn(previous, live);
    const isFenced = engine.capabilities.fenceKeepsWriters !== false;
    const what = isFenced
      ? 'something went on in the old database that is no row of a table (a sequence, a new object, a refreshed view)'
      : 'something was written to the old database';
    const sequences =
      moved.length === 0 ? '' : ` Sequences go on from there in live: ${moved.join(', ')}.`;
    host.progress.warn(
      `In the moment before the exchange ${what}. It stays in ${engine.places.describe(previous)}.${sequences}`,
    );
  } catch (error) {
    host.progress.warn(`The old database could not be looked at: ${messageOf(error)}`);
  }
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
 * possible when a run was cut off) is not given up for that: then people decide. Numbers that sequences gave out
 * meanwhile are not given out again.
 */
export async function putBack(
  { engine, ledger, host }: StepContext,
  record: SwapRecord,
  failures: readonly Failure[],
): Promise<never> {
  const { id, release, live, incoming, kept } = record;
  const listed = listFailures(failures);
  const mark = (await engine.databases.identify(live))?.mark;
  const isUnwritten =
    mark === record.incoming_mark ||
    engine.databases.isSameButSequences?.(mark ?? '', record.incoming_mark) === true;
  if (!isUnwritten) {
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
  await engine.swap.exchange(live, kept, incoming, 'back');
  const isLeft =
    engine.capabilities.fenceKeepsWriters === false &&
    (await engine.databases.identify(incoming))?.mark !== record.incoming_mark;
  await set('returned', {});
  try {
    const moved = await engine.swap.carryOn(incoming, live);
    if (moved.length > 0)
      host.progress.note(
        `Sequences that were drawn from during the verification go on from there in live: ${moved.join(', ')}.`,
      );
  } catch (error) {
    host.progress.warn(`The sequences could not be looked at: ${messageOf(error)}`);
  }
  throw new VerificationFailed(
    { failures, returned: true },
    {
      what: `The verification failed, so the old database was put back:\n${listed}`,
      ...(isLeft
        ? {
            cause: `what was written to live meanwhile stays in ${engine.places.describe(incoming)}`,
          }
        : {}),
      where: live,
      live: 'live is the old database again; it was exchanged for the time of the verification',
      help: `Mend the logic or the check, then run the steps again with --release ${release}.`,
    },
  );
}
