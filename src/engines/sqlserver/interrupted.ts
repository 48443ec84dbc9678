import { Session } from './connection.ts';
import { type FoundDatabase, findDatabase, findDatabases } from './found.ts';
import { lockFor, unlock } from './hold.ts';
import {
  asyncStatistics,
  forgetIntent,
  type Intent,
  insist,
  multiUser,
  type Progress,
  progressOf,
  readIntent,
  rename,
} from './naming.ts';
import type { SqlserverOptions } from './options.ts';
import { readServer } from './server.ts';

/**
 * Ends an exchange of live that was cut off. Between its two renamings it is taken back: that is one statement, and
 * nobody has worked in the incoming database. After both, it has happened, and everybody is let in. False: there was none.
 * Another process that is in the middle of one is waited for. Runs on master.
 */
export async function finishInterrupted(
  session: Session,
  live: string,
  options: SqlserverOptions,
): Promise<boolean> {
  if ((await findIntent(session, live, options)) === null) return false;
  if (!(await lockFor(session, exchangeLock(live), patienceMs))) return false;
  try {
    // Whoever was waited for has brought it to its end.
    const found = await findIntent(session, live, options);
    return found !== null && (await settle(session, found, options)) !== 'other';
  } finally {
    await unlock(session, exchangeLock(live));
  }
}

/** Whether something of live looks as if an exchange of it had been cut off: it is not there, or a database is closed. */
export async function looksInterrupted(session: Session, live: string): Promise<boolean> {
  const databases = await databasesOf(session, live);
  const isThere = databases.some(({ name }) => name.toLowerCase() === live.toLowerCase());
  return !isThere || databases.some(({ access }) => access === 'SINGLE_USER');
}

/** Live, and what releases of it have made; not what only begins with the same letters. */
async function databasesOf(session: Session, live: string): Promise<FoundDatabase[]> {
  const own = live.toLowerCase();
  return (await findDatabases(session, live)).filter(
    ({ name }) => name.toLowerCase() === own || name.toLowerCase().startsWith(`${own}__`),
  );
}

/** Held by whoever exchanges live, for as long as that takes. */
export const exchangeLock = (live: string): string => `exchange ${live}`;

const patienceMs = 30_000;

async function findIntent(
  session: Session,
  live: string,
  options: SqlserverOptions,
): Promise<Intent | null> {
  for (const database of await databasesOf(session, live)) {
    if (!isReadable(database)) continue;
    const intent = await Session.use(
      database.name,
      options,
      { purpose: 'find what was cut off' },
      readIntent,
    ).catch(() => null); // somebody has the only session of it: not the one we look for, or asked again later
    if (intent?.live === live && (await progressOf(session, intent)) !== 'other') return intent;
  }
  return null;
}

function isReadable({ state, snapshotOf }: FoundDatabase): boolean {
  return state === 'ONLINE' && snapshotOf === null;
}

/** Brings the names to one of the two ends, and lets everybody in. Tells how far the exchange had come. */
export async function settle(
  session: Session,
  intent: Intent,
  options: SqlserverOptions,
): Promise<Progress> {
  const { live, incoming, kept } = intent;
  const progress = await progressOf(session, intent);
  if (progress === 'other') return progress;
  if (progress === 'half') await insist(session, kept, rename(kept, live));
  const [old, brought] = progress === 'both' ? [kept, live] : [live, incoming];
  const { kind } = await readServer(session);
  for (const [database, isAsync] of [
    [brought, intent.async.new],
    [old, intent.async.old],
  ] as const) {
    const access = (await findDatabase(session, database))?.access;
    if (access === 'SINGLE_USER' && kind === 'box')
      await insist(session, database, multiUser(database));
    if (isAsync) await session.run(asyncStatistics(database, true));
  }
  await Session.use(brought, options, { purpose: 'swap' }, (own) => own.run(forgetIntent));
  return progress;
}
