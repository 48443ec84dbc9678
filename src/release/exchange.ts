import type { Engine, Fence, Location } from '../engines/engine.ts';
import { GreenlightError, messageOf } from '../errors.ts';
import { patiently } from '../patiently.ts';
import type { Ledger, LedgerWriter } from './ledger.ts';
import type { SwapRecord } from './records.ts';

interface Parts {
  readonly engine: Engine;
  readonly ledger: Ledger;
}

export type Intent = Pick<
  SwapRecord,
  | 'release'
  | 'direction'
  | 'live'
  | 'live_id'
  | 'incoming'
  | 'incoming_id'
  | 'incoming_mark'
  | 'kept'
  | 'actor'
  | 'detail'
>;

/**
 * Exchanges live for another database: the intent goes into the ledger first, so that whoever finds it after a crash
 * knows what was under way. `then` does what belongs to the exchange (verification, the end in the ledger);
 * `withIntent` records what is to stand there with the intent or not at all.
 * An error from here on says which database is live.
 */
export async function exchangeLive<T>(
  parts: Parts,
  intent: Intent,
  then: (record: SwapRecord) => Promise<T>,
  withIntent?: (writer: LedgerWriter, id: number) => Promise<void>,
): Promise<T> {
  const { engine, ledger } = parts;
  const { direction, release } = intent;
  const id = await ledger.write(`${direction} ${release}: intent`, async (writer) => {
    const intended = await writer.intendSwap(intent);
    await withIntent?.(writer, intended);
    return intended;
  });
  try {
    const started = performance.now();
    const back = direction === 'rollback' ? 'back' : undefined;
    await engine.swap.exchange(intent.live, intent.incoming, intent.kept, back);
    const exchange_ms = Math.ceil(performance.now() - started);
    await ledger.write(`${direction} ${release}: exchanged`, (writer) =>
      writer.updateSwap(id, { exchange_ms }),
    );
    return await then({ ...intent, id, exchange_ms } as SwapRecord);
  } catch (error) {
    throw await tellingLive(parts, intent, error);
  }
}

async function tellingLive({ engine }: Parts, intent: Intent, error: unknown): Promise<unknown> {
  if (error instanceof GreenlightError && error.problem.live !== undefined) return error;
  const live = await engine.databases.glance(intent.live).catch(() => null);
  if (live?.id === intent.live_id) return error;
  const problem =
    error instanceof GreenlightError
      ? error.problem
      : { what: messageOf(error), where: intent.live };
  return new GreenlightError({
    ...problem,
    live:
      live?.id === intent.incoming_id
        ? `live was exchanged already: it is ${intent.incoming_id}, the old one is at ${intent.kept}`
        : 'live is neither the old database nor the new one',
    help: `Run greenlight ${intent.direction} --release ${intent.release} again: it finishes what is left.`,
  });
}

/** Keeps writers off all of the locations; a short one is waited for, at most `patienceMs`. */
export async function raiseFences(
  { engine }: Parts,
  locations: readonly Location[],
  patienceMs: number,
): Promise<Fence> {
  const deadline = Date.now() + patienceMs;
  const fences: Fence[] = [];
  const release = async () => {
    const failures: unknown[] = [];
    // One that does not go away does not keep the others up.
    for (const fence of fences) await fence.release().catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  for (const location of locations) {
    try {
      fences.push(await patiently(deadline - Date.now(), () => engine.swap.fence(location)));
    } catch (error) {
      await release();
      throw error;
    }
  }
  return { release };
}
