import type { Engine } from '../engines/engine.ts';
import { GreenlightError } from '../errors.ts';
import type { Ledger } from './ledger.ts';
import type { SwapRecord } from './records.ts';

interface Parts {
  readonly engine: Engine;
  readonly ledger: Ledger;
}

/**
 * Brings an exchange of this release that was cut off to an end that is known. Which database is live tells how far
 * it came. Gives the record as it is then, or null when no exchange was under way:
 * - `undone`: it had not happened;
 * - `done`: it had; verification and the release's state are still to be done by the caller;
 * - `returned`: it was on its way back, and is back.
 */
export async function recoverExchange(
  { engine, ledger }: Parts,
  release: { readonly id: string },
): Promise<SwapRecord | null> {
  const swaps = await ledger.read<SwapRecord[]>([], (reader) => reader.swaps());
  const open = swaps.find(
    (swap) => swap.release === release.id && ['intended', 'returning'].includes(swap.state),
  );
  if (open === undefined) return null;
  const live = await engine.databases.identify(open.live);
  const settle = async (state: SwapRecord['state']) => {
    await ledger.write(`${open.direction} ${release.id}: ${state}`, (writer) =>
      writer.updateSwap(open.id, { state, finished_at: new Date().toISOString() }),
    );
    return { ...open, state };
  };
  if (open.state === 'intended') {
    if (live?.id === open.incoming_id) return { ...open, state: 'done' };
    if (live?.id !== open.live_id) throw lostTrack(open);
    // The old database may already have its second name; it is taken away so that nothing looks kept that is not.
    await dropSecondName(engine, open);
    return settle('undone');
  }
  if (live?.id === open.incoming_id)
    await engine.swap.exchange(open.live, open.kept, open.incoming);
  else if (live?.id !== open.live_id) throw lostTrack(open);
  return settle('returned');
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
