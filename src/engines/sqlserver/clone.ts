import { randomBytes } from 'node:crypto';
import { GreenlightError, UsageError } from '../../errors.ts';
import type { CloneOptions, CloneReport } from '../engine.ts';
import { copyInAzure } from './azure.ts';
import {
  backupStatement,
  filesOf,
  type Medium,
  mediumFor,
  restoreStatement,
  telling,
} from './backup.ts';
import { Session, toNumber } from './connection.ts';
import { mirrorContainer, readContainer, readTies } from './container.ts';
import { type FoundDatabase, findDatabase, findDatabases } from './found.ts';
import { lockFor, unlock } from './hold.ts';
import { identityOf, markWith, readContent, readPhysical } from './mark.ts';
import { digestOf, quote } from './names.ts';
import type { SqlserverOptions } from './options.ts';
import { may } from './rights.ts';
import { describeServer, readServer, type Server } from './server.ts';
import { beside } from './sessions.ts';
import { noSnapshots, snapshotStatement } from './snapshot.ts';

interface Context {
  readonly options: SqlserverOptions;
  readonly live: string;
}

/**
 * Makes the database `to`, which is not there, a copy of `from`. It is made under another name and gets its own when it
 * is whole: what a killed run leaves is never taken for a clone.
 */
export async function cloneDatabase(
  from: string,
  to: string,
  { method, onProgress = () => undefined }: CloneOptions,
  context: Context,
): Promise<CloneReport> {
  const { options } = context;
  // A copy takes as long as it takes.
  return beside({ ...options, statementTimeoutMs: 0 }, 'clone', async (session) => {
    const source = await requireSource(session, from);
    const server = await readServer(session);
    const way = wayOf(method, server);
    if (way.method === 'snapshot' && isOneRelease(from, to, context.live))
      return asSnapshot(session, source, to, { server, reason: way.reason, options });
    const scratch = `${leftoverPrefix(to)}${randomBytes(4).toString('hex')}`;
    const bytes = await sizeOf(session, from, options);
    const tell = (share: number) => onProgress(Math.round(share * bytes));
    try {
      if (way.method === 'copy') await copyInAzure(session, from, scratch, tell);
      else await byBackup(session, source, scratch, { server, tell, context });
      // A copy that Azure makes has what its service lets a database have.
      const lacks = way.method === 'copy' ? [] : await mirrorContainer(session, from, scratch);
      const { content, isOurs } = await Session.use(scratch, options, reading, async (own) => ({
        content: await readContent(own),
        isOurs: await may(own, scratch, 'CONTROL'),
      }));
      await session.run(`ALTER DATABASE ${quote(scratch)} MODIFY NAME = ${quote(to)}`);
      const clone = await Session.use(to, options, reading, readPhysical);
      const own = {
        id: await Session.use(from, options, reading, identityOf),
        // Nobody was in the copy: it shows what the source was.
        mark: markWith(content, await readContainer(session, from)),
      };
      const ties = from === context.live ? await readTies(options, from) : [];
      return {
        source: own,
        clone,
        method: way.method === 'copy' ? 'copy' : 'backup',
        reason: way.reason,
        bytes: await sizeOf(session, to, options),
        lacks: [...lacks, ...(isOurs ? [] : [notOurs]), ...ties],
      };
    } catch (error) {
      await dropUnfinished(session, scratch).catch(() => undefined);
      throw error;
    }
  });
}

const reading = { purpose: 'clone' };

/** It would show in the middle of a migration else. */
const notOurs =
  'control of the copy (the login of the connection may do no more in it than in live; migrations may need ALTER ROLE db_owner ADD MEMBER there)';

/**
 * From the baseline of a release to its candidate: no other database may ever change places with its copy. Not told by
 * names that had to be cut: these are copied twice.
 */
function isOneRelease(from: string, to: string, live: string): boolean {
  const release = releaseIn(from, 'baseline');
  return release?.startsWith(`${live}__`) === true && releaseIn(to, 'candidate') === release;
}

/** `shop__pr-42` of `shop__pr-42__baseline`, with or without a digest behind it. */
function releaseIn(name: string, role: string): string | undefined {
  return new RegExp(`^(.+)__${role}(?:~[0-9a-f]{10})?$`).exec(name)?.[1];
}

async function requireSource(session: Session, name: string): Promise<FoundDatabase> {
  const found = await findDatabase(session, name);
  if (found === null) {
    throw new GreenlightError({
      what: `There is no database ${name}.`,
      where: `database ${name}`,
      help: 'Check `live` in greenlight.yml.',
    });
  }
  return found;
}

// ---------------------------------------------------------------------------------------------
// Which way

interface Way {
  readonly method: 'backup' | 'copy' | 'snapshot';
  readonly reason: string;
}

/** @throws UsageError for a way that this kind of server has not. */
export function wayOf(method: string, server: Server): Way {
  const possible = { azure: ['copy'], instance: ['backup'], box: ['backup', 'snapshot'] }[
    server.kind
  ];
  const chosen = method === 'auto' ? possible[0] : method;
  if (chosen === undefined || !possible.includes(chosen)) {
    throw new UsageError({
      what: `${describeServer(server)} does not clone by ${method}.`,
      where: 'greenlight.yml: clone.method',
      help: `Write auto or ${possible.join(' or ')}.`,
    });
  }
  const why = method === 'auto' ? `this is ${describeServer(server)}` : 'as configured';
  const costs = {
    copy: 'the service copies by itself; each copy is billed like a database of its own from its first minute',
    backup:
      'a COPY_ONLY backup and a restore of it read live once, disturb no writer, and take the space of the database for the copy, and of the compressed backup, which stays until the next one',
    snapshot:
      'one copy by backup and restore becomes the candidate, and a database snapshot of it the baseline: every page that the release changes is written twice, and no control run is possible',
  };
  return { method: chosen as Way['method'], reason: `${why}; ${costs[chosen as Way['method']]}` };
}

// ---------------------------------------------------------------------------------------------
// By backup

async function byBackup(
  session: Session,
  source: FoundDatabase,
  scratch: string,
  {
    server,
    tell,
    context: { options, live },
  }: { readonly server: Server; readonly tell: (share: number) => void; readonly context: Context },
): Promise<void> {
  requireWholeDatabase(source);
  const name = `greenlight_${digestOf(live, 16)}`;
  const medium: Medium = mediumFor(name, server, options);
  // Two releases take turns: they have one backup.
  while (!(await lockFor(session, name, turnMs))) tell(0);
  try {
    const files = await filesOf(session, source.name);
    const backup = backupStatement(source.name, medium, server);
    await telling(
      session,
      options,
      (share) => tell(share * 0.4),
      () => session.run(backup),
    );
    const restore = restoreStatement(scratch, medium, files, server, options);
    await telling(
      session,
      options,
      (share) => tell(0.4 + share * 0.6),
      () => session.run(restore),
    );
  } finally {
    await unlock(session, name);
  }
}

const turnMs = 60_000;

function requireWholeDatabase({ name, snapshotOf }: FoundDatabase): void {
  if (snapshotOf === null) return;
  throw new GreenlightError({
    what: 'A database snapshot cannot be copied, and the baseline of this release is one.',
    where: `database ${name}`,
    help: 'Set clone.method to backup in greenlight.yml, and clone again.',
  });
}

// ---------------------------------------------------------------------------------------------
// By snapshot

/**
 * The copy that was made of live takes the name of what is wanted, and a snapshot of it the copy's own: both are of one
 * instant, and only one of them takes space.
 */
async function asSnapshot(
  session: Session,
  source: FoundDatabase,
  to: string,
  {
    server,
    reason,
    options,
  }: {
    readonly server: Server;
    readonly reason: string;
    readonly options: SqlserverOptions;
  },
): Promise<CloneReport> {
  requireWholeDatabase(source);
  const files = await filesOf(session, source.name);
  const obstacle = noSnapshots(server, files);
  if (obstacle !== null) {
    throw new GreenlightError({
      what: `There can be no snapshot of this database: ${obstacle}.`,
      where: `database ${source.name}`,
      help: 'Set clone.method to backup in greenlight.yml.',
    });
  }
  const [own, taken] = [quote(source.name), quote(to)];
  await session.run(`ALTER DATABASE ${own} MODIFY NAME = ${taken}`);
  try {
    await session.run(snapshotStatement(source.name, to, files, server, options));
  } catch (error) {
    await session.run(`ALTER DATABASE ${taken} MODIFY NAME = ${own}`);
    throw error;
  }
  return {
    source: await Session.use(source.name, options, reading, readPhysical),
    clone: await Session.use(to, options, reading, readPhysical),
    method: 'snapshot',
    reason,
    bytes: await sizeOf(session, to, options),
    lacks: [],
  };
}

// ---------------------------------------------------------------------------------------------
// What is left

/** What runs left that were killed while they made `to`. */
export async function dropLeftovers(session: Session, to: string): Promise<void> {
  for (const { name } of await findDatabases(session, leftoverPrefix(to)))
    await dropUnfinished(session, name);
}

/** One that is being restored has no sessions, and cannot be altered. */
async function dropUnfinished(session: Session, name: string): Promise<void> {
  await session.run(`DROP DATABASE IF EXISTS ${quote(name)}`);
}

/** Names a database by a digest of the name that it gets: both together could be too long. */
function leftoverPrefix(to: string): string {
  return `greenlight~${digestOf(to, 16)}~`;
}

/** Bytes of all files; 0 when there is no such database, or it may not be looked at. */
export async function sizeOf(
  session: Session,
  database: string,
  options: SqlserverOptions,
): Promise<number> {
  const files = await filesOf(session, database);
  if (files.length > 0) return files.reduce((sum, { bytes }) => sum + bytes, 0);
  if ((await findDatabase(session, database))?.state !== 'ONLINE') return 0;
  return Session.use(database, options, { purpose: 'size' }, async (own) => {
    const { bytes } = await own.row(
      `SELECT COALESCE(SUM(CONVERT(bigint, f.size)), 0) * 8192 AS bytes FROM sys.database_files AS f`,
    );
    return toNumber(bytes);
  });
}
