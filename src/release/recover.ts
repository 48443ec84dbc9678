import type { Engine, Physical } from '../engines/engine.ts';
import { EXIT, GreenlightError } from '../errors.ts';
import type { Ledger } from './ledger.ts';
import type { RehearsalRecord, SwapRecord } from './records.ts';
import { writtenBehind } from './unfenced.ts';

interface Parts {
  readonly engine: Engine;
  readonly ledger: Ledger;
}

/**
 * Finds an exchange of this release that was cut off, and how far it came: which database is live tells. Gives its
 * record, or null when none was under way:
 * - `undone`: it had not happened, and its traces are gone;
 * - `done`: live is the incoming database; verification and the end in the ledger are still to be done by the caller;
 * - `returning`: the verification failed, and live is still the incoming database;
 * - `returned`: the old database is back.
 */
export async function recoverExchange(
  { engine, ledger }: Parts,
  release: { readonly id: string },
): Promise<SwapRecord | null> {
  const swaps = await ledger.read<SwapRecord[]>([], (reader) => reader.swaps());
  const open = swaps.find((swap) => swap.release === release.id && isOpen(swap));
  if (open === undefined) return null;
  const live = await engine.databases.glance(open.live);
  if (live?.id === open.incoming_id) {
    await engine.swap.finish?.(open.live, open.incoming, open.kept);
    return { ...open, state: open.state === 'returning' ? 'returning' : 'done' };
  }
  if (live?.id !== open.live_id) throw lostTrack(open);
  const state = open.state === 'returning' ? 'returned' : 'undone';
  if (state === 'returned') await engine.swap.finish?.(open.live, open.kept, open.incoming);
  // The old database may already have its second name; it is taken away so that nothing looks kept that is not.
  if (state === 'undone') await dropSecondName(engine, open);
  await ledger.write(`${open.direction} ${release.id}: ${state}`, (writer) =>
    writer.updateSwap(open.id, { state, finished_at: new Date().toISOString() }),
  );
  return { ...open, state };
}

/** An exchange, or a rehearsal of one, that was cut off and is recorded as ended now. */
export interface Settled {
  readonly release: string;
  readonly direction: SwapRecord['direction'] | 'rehearsal';
  /** undone: it had not happened. returned: the verification had failed. done: it had happened. */
  readonly outcome: 'undone' | 'returned' | 'done';
}

/**
 * Ends in the ledger every exchange that was cut off and needs neither a decision nor live: one that had not happened,
 * one that had been taken back, a rollback that had happened. A swap that had happened is left: live has to be verified.
 * So is one after which somebody else replaced live. Whoever calls this holds live.
 *
 * @param except the release whose own command goes on with what it finds.
 */
export async function settleCutOff(parts: Parts, except: string | null = null): Promise<Settled[]> {
  const settled: Settled[] = [];
  for (const open of await openExchanges(parts)) {
    const ended = open.release === except ? null : await settle(parts, open);
    if (ended !== null) settled.push(ended);
  }
  return settled;
}

/** The same for whoever does not hold live; nothing is done while another process works on it. */
export async function settleUnlessBusy(parts: Parts): Promise<Settled[]> {
  if ((await openExchanges(parts)).length === 0) return [];
  const hold = await parts.ledger.hold('live', 0);
  if (!hold.held) return [];
  try {
    return await settleCutOff(parts);
  } finally {
    await hold.release();
  }
}

async function openExchanges({ ledger }: Parts): Promise<SwapRecord[]> {
  return (await ledger.read<SwapRecord[]>([], (reader) => reader.swaps())).filter(isOpen);
}

async function settle(parts: Parts, open: SwapRecord): Promise<Settled | null> {
  const live = await parts.engine.databases.glance(open.live);
  const isLost = live?.id !== open.live_id && live?.id !== open.incoming_id;
  const recovered = isLost ? null : await recoverExchange(parts, { id: open.release });
  if (recovered === null) return null;
  const { release, direction, state } = recovered;
  if (state === 'undone' || state === 'returned') return { release, direction, outcome: state };
  if (state !== 'done' || direction === 'swap') return null;
  const written = await writtenBehind(parts.engine, recovered);
  await recordRolledBack(parts, recovered, written.length === 0 ? null : written);
  return { release, direction, outcome: 'done' };
}

/** The end of a rollback in the ledger. */
export async function recordRolledBack(
  { ledger }: Pick<Parts, 'ledger'>,
  { id, release, exchange_ms, incoming_mark }: SwapRecord,
  written: readonly string[] | null,
): Promise<void> {
  await ledger.write(`rollback ${release}: done`, async (writer) => {
    await writer.updateSwap(id, {
      state: 'done',
      finished_at: new Date().toISOString(),
      exchange_ms,
      live_mark_after: incoming_mark,
      detail: { written_since_swap: written },
    });
    await writer.setState(release, 'rolled-back');
  });
}

/**
 * As long as it is not settled which database is live, nothing of the release is made anew, judged or dropped.
 * @throws GreenlightError (refused) when an exchange of this release has begun and not ended.
 */
export function requireNoOpenExchange(swaps: readonly SwapRecord[], release: string): void {
  const open = swaps.find((swap) => swap.release === release && isOpen(swap));
  if (open === undefined) return;
  throw new GreenlightError(
    {
      what: `The ${open.direction} of ${release} has not come to its end.`,
      where: open.live,
      help: `greenlight status tells how far it came, and ends it where nothing is to be decided; greenlight ${open.direction} --release ${release} ends it.`,
    },
    EXIT.refused,
  );
}

/** How far an exchange came that was cut off, in words. */
export function howFar(
  { direction, state, live_id, incoming_id }: SwapRecord,
  live: Physical | null,
) {
  if (live?.id === live_id) return 'live is as it was before';
  if (live?.id !== incoming_id) return 'live is neither the old database nor the new one';
  if (state === 'returning')
    return 'the verification failed, and the old database is not back in its place yet';
  return direction === 'swap'
    ? 'live is the new database already, and is not verified yet'
    : 'the old database is live again';
}

/** Begun, and not recorded as ended. */
export function isOpen({ state }: SwapRecord): boolean {
  return state === 'intended' || state === 'returning';
}

/** Ends every rehearsal that was cut off; one that another process works on is left alone. */
export async function settleRehearsals(parts: Parts): Promise<Settled[]> {
  const { ledger } = parts;
  const open = await ledger.read<string[]>([], async (reader) => {
    const own = new Set((await reader.releases()).map(({ id }) => id));
    const running = await reader.unfinishedRehearsals();
    return [...new Set(running.map(({ release }) => release))].filter((id) => own.has(id));
  });
  const settled: Settled[] = [];
  for (const release of open) {
    const hold = await ledger.hold(`release-${release}`, 0);
    if (!hold.held) continue;
    try {
      if (await clearRehearsals(parts, release))
        settled.push({ release, direction: 'rehearsal', outcome: 'undone' });
    } finally {
      await hold.release();
    }
  }
  return settled;
}

/** Drops what cut-off rehearsals have left. False: there is nothing. Whoever calls this holds the release. */
export async function clearRehearsals(
  { engine, ledger }: Parts,
  release: string,
): Promise<boolean> {
  const known = await ledger.read<RehearsalRecord[]>([], (reader) => reader.rehearsals(release));
  const cutOff = known.filter(isCutOff);
  if (cutOff.length === 0) return false;
  for (const { live, incoming, kept } of cutOff) {
    for (const place of [live, incoming, kept]) await engine.databases.drop(place);
  }
  await ledger.write(`rehearse ${release}: clear`, (writer) => writer.clearRehearsals(release));
  return true;
}

/** A rehearsal that has begun and not ended: while nobody rehearses, its scratch databases may be left. */
export function isCutOff({ state }: RehearsalRecord): boolean {
  return state === 'running';
}

async function dropSecondName(engine: Engine, open: SwapRecord): Promise<void> {
  const kept = await engine.databases.glance(open.kept);
  if (kept?.id === open.live_id) await engine.databases.drop(open.kept);
}

function lostTrack({ live, release, live_id, incoming_id }: SwapRecord): GreenlightError {
  return new GreenlightError({
    what: `An exchange of ${release} was cut off, and live is now neither the old database nor the new one.`,
    where: live,
    cause: `old ${live_id}, new ${incoming_id}`,
    live: 'live was replaced by somebody else',
    help: 'Find out what is live. Greenlight will not touch it.',
  });
}
