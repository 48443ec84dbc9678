import { randomBytes } from 'node:crypto';
import { DatabaseInUse, GreenlightError } from '../../errors.ts';
import { patiently } from '../../patiently.ts';
import type { Fence, Location, Swapper } from '../engine.ts';
import { carryOn } from './carry-on.ts';
import { Session } from './connection.ts';
import { forgetCopied } from './copied.ts';
import { exchangeLimits, overLimit } from './exchange-limits.ts';
import { exchangeSchemas } from './exchange-schemas.ts';
import { type Locked, lockTables } from './fence.ts';
import { requireSameLargeObjects } from './large-objects.ts';
import { readLargeObjects, readPositions, type SequencePosition } from './mark.ts';
import { locationOf, type Place, placeOf, quote } from './names.ts';
import type { PostgresOptions } from './options.ts';
import { type Paused, pausePools, resumePools } from './pgbouncer.ts';
import { requireOwnServer } from './servers.ts';
import { openBeside, requireEndable, whileEnding } from './sessions.ts';

export function postgresSwap(options: PostgresOptions): Swapper {
  const held = new Set<HeldFence>();
  const before = new Map<Location, readonly SequencePosition[]>();
  return {
    settle: (live) => settle(ownPlaceOf(live), held, options),
    warm: (incoming) => warm(ownPlaceOf(incoming), options),
    fence: (at) => fence(ownPlaceOf(at), held, options),
    exchange: (live, incoming, kept) => {
      before.set(kept, [...held].find(({ place }) => locationOf(place) === live)?.positions ?? []);
      const places = {
        live: ownPlaceOf(live),
        incoming: ownPlaceOf(incoming),
        kept: ownPlaceOf(kept),
      };
      return exchange(places, held, options);
    },
    carryOn: (kept, live) =>
      carryOn({ kept: ownPlaceOf(kept), live: ownPlaceOf(live) }, before.get(kept) ?? [], options),
  };
}

function ownPlaceOf(at: Location): Place {
  const place = placeOf(at);
  requireOwnServer(place);
  return place;
}

/**
 * The server has nothing to finish; clients that a killed run left waiting in PgBouncer go on. Those that wait for a fence
 * of this run do not: let go now, they would wait in the server, where the exchange ends them.
 */
async function settle(
  { database, schema }: Place,
  held: ReadonlySet<HeldFence>,
  options: PostgresOptions,
): Promise<boolean> {
  if (schema === null && !isPausedFor(database, held)) await resumePools(database, options);
  return false;
}

function isPausedFor(database: string, held: ReadonlySet<HeldFence>): boolean {
  return [...held].some(({ place, paused }) => place.database === database && paused !== null);
}

/** Statistics of the tables that were written to since they were analysed last, or never were. */
async function warm({ database, schema }: Place, options: PostgresOptions): Promise<number> {
  return Session.use(database, options, { purpose: 'warm up before the swap' }, async (session) => {
    const stale = await session.rows(
      `SELECT s.schemaname AS schema, s.relname AS name
         FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
        WHERE (s.n_mod_since_analyze > 0 OR c.reltuples < 0) AND c.relpersistence <> 't'
          AND ($1::name IS NULL OR s.schemaname = $1)
        ORDER BY 1, 2`,
      [schema],
    );
    for (const { schema: owner, name } of stale)
      await session.run(`ANALYZE ${quote(String(owner))}.${quote(String(name))}`);
    return stale.length;
  });
}

/** A fence that stands, or that has to stand again under another name. */
interface HeldFence {
  place: Place;
  /** How often it was asked for and not yet let go: a fence within a fence is the same one. */
  holders: number;
  locked: Locked | null;
  readonly paused: Paused | null;
  /** Of sequences, when it was raised. */
  readonly positions: readonly SequencePosition[];
  /** As they were then; null: a schema has none. */
  readonly largeObjects: string | null;
}

/**
 * Behind PgBouncer its clients wait first, readers as well: a writer that waits in the server for the fence to go would
 * keep its connection, and live could not be renamed without ending it.
 */
async function fence(place: Place, held: Set<HeldFence>, options: PostgresOptions): Promise<Fence> {
  const standing = [...held].find((one) => locationOf(one.place) === locationOf(place));
  if (standing !== undefined) {
    standing.holders += 1;
    return { release: () => letGo(standing, held) };
  }
  const paused = place.schema === null ? await pausePools(place.database, options) : null;
  let locked: Locked | null = null;
  let own: HeldFence;
  try {
    locked = await lockTables(place, options);
    const positions = await readPositions(locked.session, place);
    const largeObjects = place.schema === null ? await readLargeObjects(locked.session) : null;
    own = { place, holders: 1, locked, paused, positions, largeObjects };
  } catch (error) {
    await locked?.end();
    await paused?.resume();
    throw error;
  }
  held.add(own);
  return { release: () => letGo(own, held) };
}

async function letGo(own: HeldFence, held: Set<HeldFence>): Promise<void> {
  own.holders -= 1;
  if (own.holders > 0) return;
  held.delete(own);
  await own.locked?.end();
  await own.paused?.resume();
}

interface Places {
  readonly live: Place;
  readonly incoming: Place;
  readonly kept: Place;
}

async function exchange(
  places: Places,
  held: ReadonlySet<HeldFence>,
  options: PostgresOptions,
): Promise<void> {
  // Locks stay on the tables of a schema whatever its name.
  if (places.live.schema !== null) {
    const own = [...held].find(({ place }) => locationOf(place) === locationOf(places.live));
    const fences = own?.locked ? [own.locked.session.pid] : [];
    await exchangeSchemas(places, options, (session) =>
      requireStanding(session, fences, places.live.database),
    );
    follow(places, held);
    return;
  }
  const { database } = places.live;
  const paused = isPausedFor(database, held) ? null : await pausePools(database, options);
  try {
    await exchangeDatabases(places, held, options);
  } finally {
    await paused?.resume();
  }
}

/**
 * One transaction gives both databases their new names. Each renaming locks new sessions out and waits for the last
 * session to go; they are ended from a second connection meanwhile, the fence's own at the very last: no writer gets in
 * between. When it fails, nothing has another name, and whoever was ended comes back.
 */
async function exchangeDatabases(
  places: Places,
  held: ReadonlySet<HeldFence>,
  options: PostgresOptions,
): Promise<void> {
  const names = {
    live: places.live.database,
    incoming: places.incoming.database,
    kept: places.kept.database,
  };
  const all = Object.values(names);
  const worker = await openBeside(all, options, 'swap');
  const ender = await openBeside(all, options, 'swap').catch(async (error) => {
    await worker.close();
    throw error;
  });
  const fences = [...held].filter(({ place }) => all.includes(place.database));
  try {
    const found = await find(ender, names);
    await requireEndable(ender, [names.live, names.incoming]);
    for (const { place, locked, largeObjects } of fences) {
      if (place.database !== names.live || locked === null || largeObjects === null) continue;
      // A fence that is gone is told below.
      if (await isOpen(locked.session))
        await requireSameLargeObjects(locked.session, largeObjects, names.live);
    }
    try {
      await rename({ worker, ender }, names, found, fences);
    } catch (error) {
      await worker.run('ROLLBACK').catch(() => undefined);
      // The connection may have broken right after the commit.
      const now = await oidOf(ender, names.live).catch(() => null);
      if (now !== found.incoming) {
        await raiseAgain(fences, options).catch(() => undefined); // the first error is the one to tell
        throw overLimit(error, `database ${names.live}`);
      }
    }
    follow(places, held);
    await raiseAgain(fences, options);
  } finally {
    await worker.close();
    await ender.close();
  }
}

/** Fences stand on what they stood on, under its new name. */
function follow({ live, incoming, kept }: Places, held: ReadonlySet<HeldFence>): void {
  for (const one of held) {
    const at = locationOf(one.place);
    if (at === locationOf(live)) one.place = kept;
    else if (at === locationOf(incoming)) one.place = live;
  }
}

interface Found {
  readonly live: string;
  readonly incoming: string;
}

async function rename(
  sessions: { readonly worker: Session; readonly ender: Session },
  names: { readonly live: string; readonly incoming: string; readonly kept: string },
  found: Found,
  fences: readonly HeldFence[],
): Promise<void> {
  const { worker } = sessions;
  const fencesOn = (database: string) =>
    fences.flatMap(({ place, locked }) =>
      place.database === database && locked !== null ? [locked.session.pid] : [],
    );
  const renameTo = (from: string, to: string) =>
    worker.run(`ALTER DATABASE ${quote(from)} RENAME TO ${quote(to)}`);
  // Of its own, so that live is down for one renaming only.
  const passing = `greenlight~${randomBytes(8).toString('hex')}`;
  await worker.run(`BEGIN; ${exchangeLimits}`);
  await whileEnding(sessions, found.incoming, fencesOn(names.incoming), () =>
    renameTo(names.incoming, passing),
  );
  await requireStanding(sessions.ender, fencesOn(names.live), names.live);
  await whileEnding(sessions, found.live, fencesOn(names.live), () =>
    renameTo(names.live, names.kept),
  );
  await renameTo(passing, names.live);
  await worker.run('COMMIT');
  await forgetCopied(worker, names.live).catch(() => undefined); // of no consequence for the swap
}

/**
 * Within the transaction, which the server ends when this process stands still for seconds: a fence that the server ended
 * for that reason let writers in.
 */
async function requireStanding(
  session: Session,
  fences: readonly number[],
  database: string,
): Promise<void> {
  const { standing } = await session.row(
    'SELECT count(*) AS standing FROM pg_stat_activity WHERE pid = ANY ($1::integer[]) AND datname = $2',
    [fences.map(String), database],
  );
  if (Number(standing) === fences.length) return;
  throw new DatabaseInUse({
    what: 'The fence is gone that kept writers off.',
    where: `database ${database}`,
    cause:
      'the server or somebody ended its session: this process may have stood still for a minute',
    help: 'Run the same command again.',
  });
}

/** @throws GreenlightError, before anybody is disturbed, when the exchange cannot be done. */
async function find(
  session: Session,
  {
    live,
    incoming,
    kept,
  }: { readonly live: string; readonly incoming: string; readonly kept: string },
): Promise<Found> {
  const [liveOid, incomingOid] = [await oidOf(session, live), await oidOf(session, incoming)];
  if (liveOid === null || incomingOid === null) {
    throw new GreenlightError({
      what: 'There is no such database to exchange.',
      where: `database ${liveOid === null ? live : incoming}`,
      help: 'Find out who renamed or dropped it.',
    });
  }
  if ((await oidOf(session, kept)) !== null) {
    throw new GreenlightError({
      what: 'Something else is where the old database would be kept.',
      where: `database ${kept}`,
      help: 'Rename it, then run the same command again.',
    });
  }
  const prepared = await session.rows(
    'SELECT gid, database FROM pg_prepared_xacts WHERE database = ANY ($1::name[]) ORDER BY gid',
    [[live, incoming]],
  );
  if (prepared.length > 0) {
    throw new DatabaseInUse({
      what: 'Prepared transactions are open, and a database with those cannot be renamed.',
      where: `database ${prepared[0]?.database}`,
      cause: prepared.map(({ gid }) => String(gid)).join(', '),
      help: 'Commit them or roll them back (COMMIT PREPARED, ROLLBACK PREPARED), then run the same command again.',
    });
  }
  return { live: liveOid, incoming: incomingOid };
}

async function oidOf(session: Session, database: string): Promise<string | null> {
  const [row] = await session.rows('SELECT oid FROM pg_database WHERE datname = $1', [database]);
  return row === undefined ? null : String(row.oid);
}

/** Locks the same tables under the name that the database has now, where the session of a fence was ended. */
async function raiseAgain(fences: readonly HeldFence[], options: PostgresOptions): Promise<void> {
  await Promise.all(
    fences.map(async (own) => {
      if (own.locked === null || (await isOpen(own.locked.session))) return;
      const { tables } = own.locked;
      await own.locked.end();
      own.locked = null;
      own.locked = await patiently(comingBackMs, () => lockTables(own.place, options, tables));
    }),
  );
}

/** Clients who come back write at once; each attempt lets them go on. */
const comingBackMs = 10_000;

async function isOpen(session: Session): Promise<boolean> {
  return session.run('SELECT 1').then(
    () => true,
    () => false,
  );
}
