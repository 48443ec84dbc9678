import { GreenlightError } from '../../errors.ts';
import type { Location, Swapper } from '../engine.ts';
import { Session } from './connection.ts';
import { type Container, lackingGrants, levelOf, readContainer, seeingGrants } from './grants.ts';
import { HeldRights } from './held.ts';
import { idOf } from './mark.ts';
import { type Place, placeOf, quote, quotePlace } from './names.ts';
import type { SnowflakeOptions } from './options.ts';
import { carryRunning } from './running.ts';

/**
 * SWAP WITH is one statement: there is no moment without a live database, and readers' next statements find the new one.
 * Nothing of Snowflake's keeps writers off a database without taking rights away from them, which would be written to
 * live: so the fence does nothing, `fenceKeepsWriters` says so, and what was written in between is found after it.
 */
export function snowflakeSwap(options: SnowflakeOptions): Swapper {
  const within = <T>(work: (session: Session) => Promise<T>) =>
    Session.use(options, { purpose: 'swap' }, work);
  return {
    settle: async () => false,
    warm: async () => 0,
    fence: async () => ({ release: async () => undefined }),
    exchange: (live, incoming, kept) =>
      within((session) => exchange(session, places(live, incoming, kept), HeldRights.of(options))),
    finish: (live, incoming, kept) =>
      within((session) => finish(session, places(live, incoming, kept))),
    // Numbers that a sequence gave meanwhile are not taken along: see docs/snowflake.md.
    carryOn: async () => [],
  };
}

interface Exchange {
  readonly live: Place;
  readonly incoming: Place;
  readonly kept: Place;
}

function places(live: Location, incoming: Location, kept: Location): Exchange {
  return { live: placeOf(live), incoming: placeOf(incoming), kept: placeOf(kept) };
}

async function exchange(session: Session, exchanged: Exchange, rights: HeldRights): Promise<void> {
  const { live, incoming, kept } = exchanged;
  await requireRoom(session, exchanged);
  const before = await readContainer(session, live);
  requireGrants(before, await readContainer(session, incoming), exchanged);
  const level = levelOf(live);
  await rights.require();
  await session.run(`ALTER ${level} ${quotePlace(live)} SWAP WITH ${quotePlace(incoming)}`);
  const lacking = lackingGrants(before, await readContainer(session, live), live);
  if (lacking.length > 0) {
    await session.run(`ALTER ${level} ${quotePlace(live)} SWAP WITH ${quotePlace(incoming)}`);
    throw lacksGrants(
      lacking,
      exchanged,
      'After the swap, readers had lost rights, so it was taken back.',
    );
  }
  await carryRunning(session, { from: incoming, to: live });
  await session.run(`ALTER ${level} ${quotePlace(incoming)} RENAME TO ${quotePlace(kept)}`);
}

/** The swap itself is done: live is the new one. What is left is done now, once. */
async function finish(session: Session, { live, incoming, kept }: Exchange): Promise<void> {
  const hasNotMoved =
    (await idOf(session, kept)) === null && (await idOf(session, incoming)) !== null;
  if (!hasNotMoved) return;
  await carryRunning(session, { from: incoming, to: live });
  await session.run(`ALTER ${levelOf(live)} ${quotePlace(incoming)} RENAME TO ${quotePlace(kept)}`);
}

async function requireRoom(session: Session, { live, incoming, kept }: Exchange): Promise<void> {
  for (const place of [live, incoming]) {
    if ((await idOf(session, place)) !== null) continue;
    throw new GreenlightError({
      what: `There is no such ${levelOf(place).toLowerCase()} to exchange.`,
      where: quotePlace(place),
      help: 'Find out who renamed or dropped it, or whether the role of the connection may still use it.',
    });
  }
  if ((await idOf(session, kept)) !== null) {
    throw new GreenlightError({
      what: `Something else is where the old ${levelOf(kept).toLowerCase()} would be kept.`,
      where: quotePlace(kept),
      help: 'Rename it, then run the same command again.',
    });
  }
}

/** Grants travel with the objects: who may read live now reads the one that comes only where that has the same. */
function requireGrants(before: Container, coming: Container, exchanged: Exchange): void {
  if (before.future === null || coming.future === null) {
    throw new GreenlightError({
      what: 'Nobody can tell whether the swap would take future grants away: readers of tables to come would lose rights.',
      where: quotePlace(before.future === null ? exchanged.live : exchanged.incoming),
      cause: 'the role of the connection may not look at its future grants',
      live: 'live is unchanged',
      help: `Let an administrator run ${seeingGrants}; then run the same command again.`,
    });
  }
  const lacking = lackingGrants(before, coming, exchanged.incoming);
  if (lacking.length > 0)
    throw lacksGrants(lacking, exchanged, 'After the swap, readers of live would lose rights.');
}

function lacksGrants(
  lacking: readonly string[],
  { incoming }: Exchange,
  what: string,
): GreenlightError {
  return new GreenlightError({
    what,
    where: quote(incoming.schema ?? incoming.database),
    cause: lacking.join('\n'),
    help: 'Let somebody who may do so run these statements, or give the role of the connection MANAGE GRANTS; then run the same command again.',
  });
}
