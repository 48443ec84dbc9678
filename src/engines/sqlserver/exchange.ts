import { DatabaseInUse, GreenlightError } from '../../errors.ts';
import { Session } from './connection.ts';
import { type Locked, lockStatement, lockTables } from './fence.ts';
import { findDatabase } from './found.ts';
import { lockFor, unlock } from './hold.ts';
import { exchangeLock, settle } from './interrupted.ts';
import {
  asyncStatistics,
  enter,
  forgetIntent,
  type Intent,
  multiUser,
  progressOf,
  readIntent,
  rename,
  singleUser,
  writeIntent,
} from './naming.ts';
import type { SqlserverOptions } from './options.ts';
import { carrySequencesOn, goOnWhereAllowed, readPositions } from './sequences.ts';
import { readServer, type Server } from './server.ts';
import { beside, endSessions, sessionsOn } from './sessions.ts';
import type { HeldFence } from './swap.ts';
import { requireSwappable } from './swappable.ts';

type Names = Pick<Intent, 'live' | 'incoming' | 'kept'>;

/**
 * Two renamings, which SQL Server takes in no transaction (226): between them live has no database. What is under way
 * stands in the incoming database before anything is touched, and the names tell how far it came: whoever calls this
 * again after a crash, at whatever statement, goes on from there.
 */
export async function exchangeDatabases(
  names: Names,
  held: ReadonlySet<HeldFence>,
  options: SqlserverOptions,
): Promise<void> {
  await beside(options, 'swap', async (session) => {
    const lock = exchangeLock(names.live);
    if (!(await lockFor(session, lock, 5000))) throw atTheSameTime(names);
    try {
      const server = await readServer(session);
      const intent = await resume(session, names, options);
      if (intent === 'done') return;
      await requireSwappable(session, [names.live, names.incoming], server, options);
      await (server.kind === 'box' ? inServer : inAzure)(
        { session, names, held, options, server },
        await intend(session, names),
      );
    } finally {
      await unlock(session, lock).catch(() => undefined);
    }
  });
}

/** What an earlier run has left is brought to one of its ends first. */
async function resume(
  session: Session,
  names: Names,
  options: SqlserverOptions,
): Promise<'done' | 'to do'> {
  const progress = await progressOf(session, names);
  if (progress === 'other') throw await notExchangeable(session, names);
  const at = progress === 'both' ? names.live : names.incoming;
  const earlier = await Session.use(at, options, { purpose: 'swap' }, readIntent);
  const isSame = earlier?.live === names.live && earlier.kept === names.kept;
  if (isSame && earlier.incoming === names.incoming)
    return (await settle(session, earlier, options)) === 'both' ? 'done' : 'to do';
  if (progress !== 'neither') throw await notExchangeable(session, names);
  return 'to do';
}

async function intend(session: Session, names: Names): Promise<Intent> {
  const isAsync = async (database: string) => {
    const row = await session.row(
      `SELECT d.is_auto_update_stats_async_on AS async FROM sys.databases AS d WHERE d.name = @p1`,
      [database],
    );
    return row.async === true;
  };
  return {
    ...names,
    async: { old: await isAsync(names.live), new: await isAsync(names.incoming) },
  };
}

interface Work {
  readonly session: Session;
  readonly names: Names;
  readonly held: ReadonlySet<HeldFence>;
  readonly options: SqlserverOptions;
  readonly server: Server;
}

/** What stands on the two databases: sessions of ours inside of them, or the fences of the step. */
interface Both<T> {
  readonly live: T;
  readonly incoming: T;
}

/**
 * A session inside of each database is its only one from SINGLE_USER on, so nobody comes in between. The incoming
 * database goes first: live is closed for its own renaming and the other's only. The sessions then are the fences.
 */
async function inServer(work: Work, intent: Intent): Promise<void> {
  const { live, incoming, kept } = work.names;
  const inside = await enterBoth(work);
  const fences = { live: fenceOn(work, live), incoming: fenceOn(work, incoming) };
  try {
    await shutOthersOut(inside, intent);
    await goOnWhereAllowed(inside.incoming, await readPositions(inside.live, live));
    await inside.live.run(rename(live, kept));
    await inside.incoming.run(rename(incoming, live));
    await letOthersIn(inside, intent, fences);
  } catch (error) {
    await inside.live.close();
    await inside.incoming.close();
    return settleAfter(error, work, intent, fences);
  }
  await stand(fences.incoming, live, inside.incoming);
  await stand(fences.live, kept, inside.live);
  await Session.use(live, work.options, { purpose: 'swap' }, (own) => own.run(forgetIntent));
}

async function enterBoth({ session, names, options, server }: Work): Promise<Both<Session>> {
  const incoming = await enter(session, names.incoming, options, server);
  try {
    return { incoming, live: await enter(session, names.live, options, server) };
  } catch (error) {
    await incoming.close();
    throw error;
  }
}

async function shutOthersOut(inside: Both<Session>, intent: Intent): Promise<void> {
  const { live, incoming, async } = intent;
  await inside.incoming.run(writeIntent(intent));
  if (async.new) await inside.incoming.run(asyncStatistics(incoming, false));
  if (async.old) await inside.live.run(asyncStatistics(live, false));
  await inside.incoming.run(singleUser(incoming));
  await inside.live.run(singleUser(live));
}

/** Nobody may write before the fence stands again: with it, each is one batch. The databases have their new names. */
async function letOthersIn(
  inside: Both<Session>,
  { live, kept, async }: Intent,
  fences: Both<HeldFence | null>,
): Promise<void> {
  await inside.incoming.run(`${open(live, async.new)}; ${relock(fences.incoming)}`);
  await inside.live.run(`${open(kept, async.old)}; ${relock(fences.live)}`);
}

/** What was cut off is brought to one of its ends, and the fences are raised again. @throws the error, unless it has happened. */
async function settleAfter(
  error: unknown,
  { session, names: { live, kept }, options }: Work,
  intent: Intent,
  fences: Both<HeldFence | null>,
): Promise<void> {
  const raiseAgain = () => raise([fences.live, fences.incoming], options);
  if ((await settle(session, intent, options).catch(() => null)) !== 'both') {
    await raiseAgain().catch(() => undefined); // the first error is the one to tell
    throw error;
  }
  if (fences.live !== null) fences.live.database = kept;
  if (fences.incoming !== null) fences.incoming.database = live;
  await raiseAgain();
}

/** Its own session was ended by SINGLE_USER. */
async function stand(own: HeldFence | null, database: string, session: Session): Promise<void> {
  if (own === null) return session.close();
  await own.locked.session.close();
  own.database = database;
  own.locked = { session, tables: own.locked.tables };
}

function relock(own: HeldFence | null): string {
  return own === null ? 'SELECT 1 AS open_again' : lockStatement(own.locked.tables, 5000);
}

async function raise(
  fences: readonly (HeldFence | null)[],
  options: SqlserverOptions,
): Promise<void> {
  for (const own of fences) {
    if (own === null || (await isStanding(own.locked))) continue;
    own.locked = await lockTables(own.database, options);
  }
}

async function isStanding({ session }: Locked): Promise<boolean> {
  return session.row('SELECT @@TRANCOUNT AS open_transactions').then(
    (row) => row.open_transactions !== '0',
    () => false,
  );
}

function fenceOn({ held }: Work, database: string): HeldFence | null {
  return [...held].find((one) => one.database === database) ?? null;
}

/** SINGLE_USER goes last: while it is there, whoever looks knows that something is left to do. */
function open(database: string, isAsync: boolean): string {
  return `${isAsync ? `${asyncStatistics(database, true)}; ` : ''}${multiUser(database)}`;
}

/**
 * Azure SQL, Managed Instances included, has no SINGLE_USER, and gives a database a new name from master while nobody is on
 * it: sessions are ended from inside until it takes the name.
 */
async function inAzure(work: Work, intent: Intent): Promise<void> {
  const { session, names, held, options } = work;
  const { live, incoming, kept } = names;
  const fences = [fenceOn(work, live), fenceOn(work, incoming)];
  await Session.use(incoming, options, { purpose: 'swap' }, (own) => own.run(writeIntent(intent)));
  await carrySequencesOn(live, incoming, options);
  for (const own of fences) await own?.locked.session.close();
  try {
    await renameAlone(work, live, kept);
    await renameAlone(work, incoming, live);
  } catch (error) {
    if ((await settle(session, intent, options).catch(() => null)) !== 'both') {
      await raise(fences, options).catch(() => undefined); // the first error is the one to tell
      throw error;
    }
  }
  for (const own of held) {
    if (own.database === live) own.database = kept;
    else if (own.database === incoming) own.database = live;
  }
  await raise(fences, options);
  await Session.use(live, options, { purpose: 'swap' }, (own) => own.run(forgetIntent));
}

async function renameAlone({ session, options }: Work, from: string, to: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    await Session.use(from, options, { purpose: 'swap' }, async (own) =>
      endSessions(own, await sessionsOn(own, from)),
    );
    try {
      await session.run(rename(from, to));
      return;
    } catch (error) {
      if (!(error instanceof DatabaseInUse) || tries === 10) throw error;
    }
  }
}

async function notExchangeable(
  session: Session,
  { live, incoming, kept }: Names,
): Promise<GreenlightError> {
  const isThere = async (name: string) => (await findDatabase(session, name)) !== null;
  const missing = (await isThere(live)) ? incoming : live;
  return (await isThere(missing))
    ? new GreenlightError({
        what: 'Something else is where the old database would be kept.',
        where: `database ${kept}`,
        help: 'Rename it, then run the same command again.',
      })
    : new GreenlightError({
        what: 'There is no such database to exchange.',
        where: `database ${missing}`,
        help: 'Find out who renamed or dropped it.',
      });
}

function atTheSameTime({ live }: Names): DatabaseInUse {
  return new DatabaseInUse({
    what: 'Another process is exchanging this database.',
    where: `database ${live}`,
    help: 'Wait for it, then run the same command again.',
  });
}
