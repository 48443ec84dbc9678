import { GreenlightError } from '../../errors.ts';
import type { CloneOptions, CloneReport, Databases, Location, Physical } from '../engine.ts';
import { untrailed } from '../untrailed.ts';
import { cloneDatabase, dropLeftovers, sizeOf } from './clone.ts';
import { Session } from './connection.ts';
import { type FoundDatabase, findDatabase, snapshotsOf } from './found.ts';
import { finishInterrupted, looksInterrupted } from './interrupted.ts';
import { glancePhysical, readPhysical } from './mark.ts';
import { databaseOf, quote } from './names.ts';
import { singleUser } from './naming.ts';
import type { SqlserverOptions } from './options.ts';
import { readServer, type Server } from './server.ts';
import { beside, endSessions, sessionsOn } from './sessions.ts';

/** Databases of one server. */
export function sqlserverDatabases(options: SqlserverOptions, live: Location): Databases {
  const look = async (at: Location, read: (session: Session) => Promise<Physical>) => {
    const database = databaseOf(at);
    const found = await beside(options, 'identify', async (session) => {
      if (database === live && (await looksInterrupted(session, live)))
        await finishInterrupted(session, live, options);
      return findDatabase(session, database);
    });
    if (found === null) return null;
    requireOnline(found);
    return Session.use(database, options, { purpose: 'identify' }, read);
  };
  return {
    identify: (at) => look(at, readPhysical),
    glance: (at) => look(at, glancePhysical),
    clone: (from, to, how) => clone(databaseOf(from), databaseOf(to), how, { options, live }),
    drop: (at) => drop(databaseOf(at), options),
    size: (at) => size(databaseOf(at), options),
    ...untrailed('change tracking, or hashes of all rows where it is off'),
  };
}

function requireOnline({ name, state }: FoundDatabase): void {
  if (state === 'ONLINE') return;
  throw new GreenlightError({
    what: `The database is not online: it is ${state}.`,
    where: `database ${name}`,
    help: 'See the log of the server; what is restored or recovered comes back by itself.',
  });
}

async function clone(
  from: string,
  to: string,
  how: CloneOptions,
  context: { readonly options: SqlserverOptions; readonly live: string },
): Promise<CloneReport> {
  await drop(to, context.options);
  return cloneDatabase(from, to, how, context);
}

/** With its snapshots, which belong to it and would keep it. Sessions on it are ended. */
async function drop(database: string, options: SqlserverOptions): Promise<void> {
  await beside(options, 'drop', async (session) => {
    await dropLeftovers(session, database);
    const found = await findDatabase(session, database);
    if (found === null) return;
    for (const { name } of await snapshotsOf(session, database))
      await session.run(`DROP DATABASE ${quote(name)}`);
    const { kind } = await readServer(session);
    if (found.snapshotOf === null && found.state === 'ONLINE') await clear(session, database, kind);
    await session.run(`DROP DATABASE IF EXISTS ${quote(database)}`);
  });
}

/** In Azure SQL Database DROP ends the sessions itself; a Managed Instance has no SINGLE_USER. */
async function clear(session: Session, database: string, kind: Server['kind']): Promise<void> {
  if (kind === 'box') await session.run(singleUser(database));
  if (kind === 'instance') await endSessions(session, await sessionsOn(session, database));
}

async function size(database: string, options: SqlserverOptions): Promise<number> {
  return beside(options, 'size', (session) => sizeOf(session, database, options));
}
