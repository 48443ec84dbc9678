import { EXIT, GreenlightError } from '../errors.ts';
import { findRelease } from '../release/find.ts';
import type { ClonedRelease } from '../release/records.ts';
import { clone } from './clone.ts';
import type { StepContext } from './context.ts';

/**
 * Clones again what is live now. It must be the database that the release was made from: another one in its place is
 * no drift, and nobody has decided to release onto it.
 */
export async function rebuild(
  context: StepContext,
  { id }: ClonedRelease,
  liveId: string,
): Promise<void> {
  const { ledger, engine, config } = context;
  await clone(context, { release: id, patienceMs: config.swap.timeoutMs });
  if ((await findRelease(ledger, id)).live_id === liveId) return;
  throw new GreenlightError(
    {
      what: 'Live was replaced by another database while the release was made anew.',
      where: engine.places.live,
      help: `Find out what is live. To release onto it: greenlight clone --release ${id}, and the steps after it.`,
    },
    EXIT.refused,
  );
}
