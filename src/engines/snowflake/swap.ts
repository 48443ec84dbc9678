import { GreenlightError } from '../../errors.ts';
import type { Location, Swapper } from '../engine.ts';
import { Session } from './connection.ts';
import {
  type Container,
  lackingGrants,
  levelOf,
  managingGrants,
  mirrorGrants,
  readContainer,
} from './grants.ts';
import { HeldRights } from './held.ts';
import { idOf } from './mark.ts';
import { type Place, placeOf, quote, quotePlace } from './names.ts';
import type { SnowflakeOptions } from './options.ts';
import { lostReaders, readReaders } from './readers.ts';
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
    exchange: (live, incoming, kept, direction) =>
      within((session) =>
        (direction === 'back' ? exchangeBack : exchange)(
          session,
          places(live, incoming, kept),
          HeldRights.of(options),
        ),
      ),
    finish: (live, incoming, kept) =>
      within((session) => finish(session, places(live, incoming, kept), HeldRights.of(options))),
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
  const { live, incoming } = exchanged;
  await requireRoom(session, exchanged);
  const before = await readContainer(session, live);
  requireGrants(before, await readContainer(session, incoming), exchanged);
  const readers = await readReaders(session, incoming);
  await rights.require();
  await swapWith(session, exchanged);
  const lacking = [
    ...lackingGrants(before, await readContainer(session, live), live),
    ...lostReaders(readers, await readReaders(session, live), live),
  ];
  if (lacking.length > 0) {
    await swapWith(session, exchanged);
    throw lacksGrants(
      lacking,
      exchanged,
      'After the swap, readers had lost rights, so it was taken back.',
    );
  }
  const failed = await carryRunning(session, { from: incoming, to: live });
  if (failed.length > 0) {
    await swapWith(session, exchanged);
    const rests = await carryRunning(session, { from: incoming, to: live });
    throw doesNotRun(
      [...failed, ...rests],
      live,
      'After the swap, not all that works by itself in live went on, so it was taken back.',
    );
  }
  await keep(session, exchanged);
}

/**
 * The database that was live before has what its readers had then. Who was given rights on live since gets them there
 * as well, where the role may give them; nothing of that holds the way back up.
 */
async function exchangeBack(
  session: Session,
  exchanged: Exchange,
  rights: HeldRights,
): Promise<void> {
  const { live, incoming } = exchanged;
  await requireRoom(session, exchanged);
  await mirrorGrants(session, live, incoming);
  await rights.require();
  await swapWith(session, exchanged);
  await settle(session, exchanged);
}

/** The swap itself is done: live is the new one. What is left is done now, once. */
async function finish(session: Session, exchanged: Exchange, rights: HeldRights): Promise<void> {
  const { incoming, kept } = exchanged;
  const hasNotMoved =
    (await idOf(session, kept)) === null && (await idOf(session, incoming)) !== null;
  if (!hasNotMoved) return;
  await rights.require();
  await settle(session, exchanged);
}

/** What does not go on is told when all else is done: whoever comes next must not be kept from it. */
async function settle(session: Session, exchanged: Exchange): Promise<void> {
  const { live, incoming } = exchanged;
  const failed = await carryRunning(session, { from: incoming, to: live });
  await keep(session, exchanged);
  if (failed.length === 0) return;
  throw doesNotRun(failed, live, 'Live is exchanged, but not all that works by itself went on.');
}

async function swapWith(session: Session, { live, incoming }: Exchange): Promise<void> {
  await session.run(`ALTER ${levelOf(live)} ${quotePlace(live)} SWAP WITH ${quotePlace(incoming)}`);
}

async function keep(session: Session, { live, incoming, kept }: Exchange): Promise<void> {
  await session.run(`ALTER ${levelOf(live)} ${quotePlace(incoming)} RENAME TO ${quotePlace(kept)}`);
}

function doesNotRun(failed: readonly string[], live: Place, what: string): GreenlightError {
  return new GreenlightError({
    what,
    where: quotePlace(live),
    cause: failed.join('\n'),
    help: 'It takes OPERATE on the task, alert or dynamic table, ownership of a clustered table, and for the role that owns a task EXECUTE TASK on the account, an alert EXECUTE ALERT.',
  });
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
      help: `Let an administrator run ${managingGrants}; then run the same command again.`,
    });
  }
  const lacking = lackingGrants(before, coming, exchanged.incoming);
  if (lacking.length > 0)
    throw lacksGrants(
      lacking,
      exchanged,
      lacking.some((sql) => sql.startsWith('GRANT'))
        ? 'After the swap, readers of live would lose rights.'
        : 'After the swap, live would lose tags.',
    );
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
