import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GreenlightError, UsageError } from '../../errors.ts';
import { bytes } from '../../format.ts';
import type { CloneOptions, CloneReport } from '../engine.ts';
import { type Clients, findClients } from './clients.ts';
import { Session, toNumber } from './connection.ts';
import { giveOwner, mirrorContainer, readTies } from './container.ts';
import { beginCopy, recordCopy, vacuumLoaded } from './copied.ts';
import { withinCopyTimeout } from './copy-limit.ts';
import { type Copy, copyByDump } from './dump.ts';
import { markOf, oneSnapshot, readContent, readPhysical, undecodedMarkOf } from './mark.ts';
import { literal, locationOf, quote } from './names.ts';
import type { PostgresOptions } from './options.ts';
import { inUse, openBeside, requireEndable, sessionsOn, whileEnding } from './sessions.ts';
import { type BegunTrail, beginTrail } from './trail.ts';

/**
 * Makes the database `to`, which is not there, a copy of `from`. It is made under another name and gets its own when it
 * is whole: what a killed run leaves is never taken for a clone.
 */
export async function cloneDatabase(
  from: string,
  to: string,
  { method, onProgress, trail: release }: CloneOptions,
  { options, isLive }: { readonly options: PostgresOptions; readonly isLive: boolean },
): Promise<CloneReport> {
  const session = await openBeside([from, to], options, 'clone');
  const scratch = `${leftoverPrefix(to)}${randomBytes(4).toString('hex')}`;
  const watch = onProgress === undefined ? null : watchSize(scratch, from, options, onProgress);
  let trail: BegunTrail | null = null;
  try {
    if (release !== undefined)
      trail = await beginTrail(
        locationOf({ database: from, schema: null, server: null }),
        release,
        options,
      );
    const source = await readSource(session, from);
    const way = await choose(method, source, { isLive, options, session });
    const made = await (way.clients === null
      ? byTemplate(session, source, scratch, options)
      : byDump(session, source, { to: scratch, destination: to }, way.clients, options));
    const ties = (await readTies(session, from)).map((tie) => `${tie} (goes on with ${from})`);
    const clone = await Session.use(scratch, options, reading, (own) =>
      readPhysical(own, { database: scratch, schema: null }),
    );
    if (clone === null) throw new Error(`${scratch} is gone`);
    await session.run(`ALTER DATABASE ${quote(scratch)} RENAME TO ${quote(to)}`);
    const size = await session.row('SELECT pg_database_size($1) AS bytes', [to]);
    return {
      source: made.source,
      clone,
      method: way.clients === null ? 'template' : 'dump',
      reason: way.reason,
      bytes: toNumber(size.bytes),
      lacks: [...made.lacks, ...ties],
      ...(trail === null ? {} : { trail: trail.at(made.snapshot, made.undecoded) }),
    };
  } catch (error) {
    await trail?.giveUp().catch(() => undefined); // the error is the one to tell
    await session
      .run(`DROP DATABASE IF EXISTS ${quote(scratch)} WITH (FORCE)`)
      .catch(() => undefined);
    throw error;
  } finally {
    await watch?.stop();
    await session.close();
  }
}

/** What runs left that were killed while they made `to`. */
export async function dropLeftovers(session: Session, to: string): Promise<void> {
  const leftovers = await session.rows(
    'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
    [leftoverPrefix(to)],
  );
  for (const { datname } of leftovers)
    await session.run(`DROP DATABASE IF EXISTS ${quote(String(datname))} WITH (FORCE)`);
}

/** Names a database by a digest of the name that it gets: both together could be too long. */
function leftoverPrefix(to: string): string {
  return `greenlight~${createHash('sha256').update(to).digest('hex').slice(0, 16)}~`;
}

/**
 * How a clone of `from` would be made now, without making it. `clientsVersion` null: by template.
 * @throws what `cloneDatabase` would.
 */
export async function wayToClone(
  from: string,
  method: string,
  options: PostgresOptions,
): Promise<{ readonly clientsVersion: string | null; readonly reason: string }> {
  const session = await openBeside([from], options, 'doctor');
  try {
    const source = await readSource(session, from);
    const { clients, reason } = await choose(method, source, { isLive: true, options, session });
    return { clientsVersion: clients?.version ?? null, reason };
  } finally {
    await session.close();
  }
}

const reading = { purpose: 'clone', readOnly: true };

interface Source {
  readonly name: string;
  readonly oid: string;
  readonly bytes: number;
  readonly serverMajor: number;
  /**
   * The server is told to share blocks where it copies files (18: `file_copy_method = clone`). Where the file system
   * cannot, it copies them without a word, and nothing in SQL tells: nobody's waiting may be risked on it.
   */
  readonly asksToShare: boolean;
  /** How to make an empty database of the same kind. */
  readonly kind: string;
}

async function readSource(session: Session, name: string): Promise<Source> {
  const [row] = await session.rows(
    `SELECT d.oid, pg_database_size(d.oid) AS bytes, to_jsonb(d) AS facts, pg_encoding_to_char(encoding) AS encoding,
            (SELECT spcname FROM pg_tablespace t WHERE t.oid = dattablespace
                AND t.oid <> (SELECT dattablespace FROM pg_database WHERE datname = 'template0')) AS tablespace,
            current_setting('server_version_num') AS version, current_setting('file_copy_method', true) AS copying
       FROM pg_database d WHERE datname = $1`,
    [name],
  );
  if (row === undefined) {
    throw new GreenlightError({
      what: `There is no database ${name}.`,
      where: `database ${name}`,
      help: 'Check `live` in greenlight.yml.',
    });
  }
  const facts = JSON.parse(String(row.facts)) as Record<string, string | null>;
  return {
    name,
    oid: String(row.oid),
    bytes: toNumber(row.bytes),
    serverMajor: Math.floor(Number(row.version) / 10_000),
    asksToShare: row.copying === 'clone',
    kind: kindOf(facts, String(row.encoding), row.tablespace),
  };
}

/** Encoding, locale and tablespace, as CREATE DATABASE takes them. The default tablespace needs a privilege when it is named. */
function kindOf(
  facts: Readonly<Record<string, string | null>>,
  encoding: string,
  tablespace: unknown,
): string {
  const { datcollate, datctype, daticurules } = facts;
  // Renamed in 17.
  const locale = facts.datlocale ?? facts.daticulocale ?? null;
  const provider = { i: 'icu', b: 'builtin' }[facts.datlocprovider ?? 'c'] ?? 'libc';
  const options = [
    `ENCODING ${literal(encoding)}`,
    `LC_COLLATE ${literal(datcollate ?? 'C')}`,
    `LC_CTYPE ${literal(datctype ?? 'C')}`,
    `LOCALE_PROVIDER ${provider}`,
    ...(provider === 'icu' && locale !== null ? [`ICU_LOCALE ${literal(locale)}`] : []),
    ...(provider === 'icu' && typeof daticurules === 'string'
      ? [`ICU_RULES ${literal(daticurules)}`]
      : []),
    ...(provider === 'builtin' && locale !== null ? [`BUILTIN_LOCALE ${literal(locale)}`] : []),
    ...(typeof tablespace === 'string' ? [`TABLESPACE ${quote(tablespace)}`] : []),
  ];
  return options.join(' ');
}

interface Way {
  /** Null: by template. */
  readonly clients: Clients | null;
  readonly reason: string;
}

/** The copy of so much is no wait worth a word for new sessions of live: what is larger is dumped when it can be. */
const smallBytes = 256 * 2 ** 20;

async function choose(
  method: string,
  source: Source,
  {
    isLive,
    options,
    session,
  }: { readonly isLive: boolean; readonly options: PostgresOptions; readonly session: Session },
): Promise<Way> {
  const { name, serverMajor, asksToShare } = source;
  if (!['auto', 'template', 'dump'].includes(method)) {
    throw new UsageError({
      what: `PostgreSQL does not clone by ${method}.`,
      where: 'greenlight.yml: clone.method',
      help: 'Write auto, template or dump.',
    });
  }
  const others = method === 'dump' && isLive ? [] : await lasting(session, name);
  const size = bytes(source.bytes);
  const template = (why: string): Way => ({
    clients: null,
    reason: `${why}; ${
      asksToShare
        ? `the server is asked to share the blocks of its files (${size}) and copies them where the file system cannot;`
        : `the server copies its files (${size}), and`
    } new sessions wait until that is done`,
  });
  const dump = (clients: Clients, why: string): Way => ({
    clients,
    reason: `${why}; pg_dump and pg_restore ${clients.version} copy ${size} row by row and build every index anew, which takes longer; only changes to definitions wait meanwhile`,
  });
  const isFree = others.length === 0;
  if (method === 'template' || (method === 'auto' && options.endSessions)) {
    if (isFree) return template('nobody was on it');
    if (options.endSessions) {
      await requireEndable(session, [name]);
      return template(
        `its sessions were ended (${others.length}), as connection.end_sessions allows`,
      );
    }
    throw inUse(
      name,
      others,
      'Wait until nobody is on it, or set connection.end_sessions, or clone.method to dump.',
    );
  }
  const nobodyWaits = !isLive || (method === 'auto' && source.bytes < smallBytes);
  if (isFree && nobodyWaits) return template('nobody was on it');
  const clients = await findClients(serverMajor, options);
  if (clients !== null) return dump(clients, whyDumped(method, { isFree, asksToShare }));
  if (method === 'auto' && isFree)
    return template(`nobody was on it, and there is no pg_dump ${serverMajor} here`);
  throw noClients(source, others.length);
}

function whyDumped(
  method: string,
  { isFree, asksToShare }: { readonly isFree: boolean; readonly asksToShare: boolean },
): string {
  if (method === 'dump') return 'as configured';
  if (!isFree) return 'live goes on with its sessions';
  const unless = asksToShare
    ? ', unless the file system shares their blocks (clone.method: template tries)'
    : '';
  return `new sessions would have to wait for a copy of its files${unless}`;
}

/** Sessions that end take a moment to go. */
async function lasting(session: Session, database: string) {
  for (let tries = 0; ; tries++) {
    const others = [
      ...(await sessionsOn(session, database)),
      ...(await session.rows(
        `SELECT gid AS pid, owner AS "user", 'prepared transaction' AS application FROM pg_prepared_xacts WHERE database = $1`,
        [database],
      )),
    ];
    if (others.length === 0 || tries === 10) return others;
    await sleep(30);
  }
}

function noClients({ name, serverMajor }: Source, sessions: number): GreenlightError {
  const problem = {
    what: `There is no pg_dump and pg_restore for PostgreSQL ${serverMajor} here.`,
    where: `database ${name}`,
    ...(sessions === 0
      ? {}
      : {
          cause: `${sessions} other sessions are on the database, so it cannot be copied as a template`,
        }),
    help: `Install the client programs (Debian: postgresql-client-${serverMajor}) or name their folder in connection.client_path; or set connection.end_sessions.`,
  };
  return new GreenlightError(problem);
}

/** From here on the server copies; below, it writes every page into its log, which for much costs more than a checkpoint. */
const manyBytes = 64 * 2 ** 20;

async function byTemplate(
  session: Session,
  { name, oid, bytes, asksToShare }: Source,
  scratch: string,
  options: PostgresOptions,
): Promise<Copy> {
  const strategy = asksToShare || bytes > manyBytes ? 'FILE_COPY' : 'WAL_LOG';
  const copy = () =>
    withinCopyTimeout(session, options, () =>
      session.run(`CREATE DATABASE ${quote(scratch)} TEMPLATE ${quote(name)} STRATEGY ${strategy}`),
    );
  const { snapshot } = await session.row('SELECT pg_current_snapshot() AS snapshot');
  // A copy by the log is written to it block by block.
  const begun = strategy === 'FILE_COPY' ? await beginCopy(session) : null;
  if (options.endSessions) {
    const ender = await openBeside([name], options, 'clone');
    try {
      await whileEnding({ worker: session, ender }, oid, [], copy);
    } finally {
      await ender.close();
    }
  } else {
    await copy();
  }
  const lacks = await mirrorContainer(session, name, scratch);
  // Nobody was in either of them: the copy of the files shows what the source was.
  const { rows, ...copied } = await Session.use(scratch, options, reading, (own) =>
    own.transaction(async () => {
      const content = await readContent(own, { database: scratch, schema: null });
      if (content === null) throw new Error(`${scratch} has no content`);
      return {
        source: await markOf(own, content, name),
        undecoded: await undecodedMarkOf(own, content, name),
        rows: content.rows,
      };
    }, oneSnapshot),
  );
  if (begun !== null) await recordCopy(session, scratch, { ...begun, source: oid, rows });
  return { ...copied, snapshot: String(snapshot), lacks };
}

async function byDump(
  session: Session,
  { name, kind, bytes }: Source,
  into: { readonly to: string; readonly destination: string },
  clients: Clients,
  options: PostgresOptions,
): Promise<Copy> {
  const scratch = into.to;
  await session.run(`CREATE DATABASE ${quote(scratch)} TEMPLATE template0 ${kind}`);
  // What it owns by itself (the schema public) must be its own before anything is restored.
  await giveOwner(session, name, scratch);
  const copied = await copyByDump(name, into, clients, options);
  if (bytes > manyBytes) await vacuumLoaded(scratch, options);
  const lacks = [...copied.lacks, ...(await mirrorContainer(session, name, scratch))];
  return { ...copied, lacks };
}

/** Tells how large the copy has become, as far as the user of the connection may know. */
function watchSize(
  scratch: string,
  from: string,
  options: PostgresOptions,
  tell: (bytes: number) => void,
): { stop(): Promise<void> } {
  const ending = new AbortController();
  const watching = (async () => {
    const session = await openBeside([from, scratch], options, 'clone');
    try {
      while (!ending.signal.aborted) {
        const [row] = await session.rows(
          'SELECT pg_database_size(oid) AS bytes FROM pg_database WHERE datname = $1',
          [scratch],
        );
        if (row !== undefined) tell(toNumber(row.bytes));
        await sleep(200, undefined, { signal: ending.signal }).catch(() => undefined);
      }
    } finally {
      await session.close();
    }
  })();
  watching.catch(() => undefined); // of no consequence for the clone
  return {
    stop: async () => {
      ending.abort();
      await watching.catch(() => undefined);
    },
  };
}
