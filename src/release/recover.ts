import type { Engine } from '../engines/engine.ts';
import { GreenlightError } from '../errors.ts';
import type { Ledger } from './ledger.ts';
import type { RehearsalRecord, SwapRecord } from './records.ts';

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
  const live = await engine.databases.identify(open.live);
  if (live?.id === open.incoming_id) {
    return { ...open, state: open.state === 'returning' ? 'returning' : 'done' };
  }
  if (live?.id !== open.live_id) throw lostTrack(open);
  const state = open.state === 'returning' ? 'returned' : 'undone';
  // The old database may already have its second name; it is taken away so that nothing looks kept that is not.
  if (state === 'undone') await dropSecondName(engine, open);
  await ledger.write(`${open.direction} ${release.id}: ${state}`, (writer) =>
    writer.updateSwap(open.id, { state, finished_at: new Date().toISOString() }),
  );
  return { ...open, state };
}

/** Begun, and not recorded as ended. */
export function isOpen({ state }: SwapRecord): boolean {
  return state === 'intended' || state === 'returning';
}

/** A rehearsal that has begun and not ended: while nobody rehearses, its scratch databases may be left. */
export function isCutOff({ state }: RehearsalRecord): boolean {
  return state === 'running';
}

async function dropSecondName(engine: Engine, open: SwapRecord): Promise<void> {
  const kept = await engine.databases.identify(open.kept);
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
