import { GreenlightError, messageOf } from '../../errors.ts';
import type { ExaminationOptions, Examiner, Finding, Location } from '../engine.ts';
import { list } from '../sql.ts';
import { filesOf } from './backup.ts';
import { wayOf } from './clone.ts';
import { Session, toNumber } from './connection.ts';
import { explain } from './errors.ts';
import { findDatabase, snapshotsOf } from './found.ts';
import { databaseOf, literal, quote } from './names.ts';
import type { SqlserverOptions } from './options.ts';
import { describeServer, readServer, type Server } from './server.ts';
import { noSnapshots } from './snapshot.ts';
import { obstacleToSwap } from './swappable.ts';

interface Place {
  readonly options: SqlserverOptions;
  readonly live: string;
  readonly ledger: string;
}

/**
 * Asks the server what the login may do, and what it and the database are, before a release needs it. Everything is
 * asked of the server itself (HAS_PERMS_BY_NAME): what counts is what a right comes to, not how it was given.
 */
export function sqlserverExaminer({
  options,
  ledger,
  databaseOfLive,
}: {
  readonly options: SqlserverOptions;
  readonly ledger: Location;
  /** Which database is live: synonyms may say so. */
  databaseOfLive(): Promise<string>;
}): Examiner {
  return {
    examine: async function* (how) {
      yield* examineEncryption(options);
      let live: string;
      try {
        live = await databaseOfLive();
      } catch (error) {
        yield notOpened(error, 'connecting', options.synonyms ?? '');
        return;
      }
      yield* examine({ options, live, ledger: databaseOf(ledger) }, how);
    },
  };
}

async function* examine(place: Place, how: ExaminationOptions): AsyncIterable<Finding> {
  const { options, live, ledger } = place;
  const master = await enter('master', place);
  if (!(master instanceof Session)) {
    yield master;
    return;
  }
  try {
    const server = await readServer(master);
    yield examineVersion(server);
    yield* guarded('databases', 'making databases', examineMaking(master, server, place, how));
    const own = await enter(live, place);
    if (own instanceof Session) {
      try {
        yield* guarded('databases', 'copying live', examineCopying(master, own, server, how));
        yield* guarded('catalog', 'definitions', examineDefinitions(own));
        yield* guarded('comparison', 'reading', examineReading(own));
        yield* options.synonyms === null
          ? guarded('swap', 'renaming', examineSwap(master, own, server))
          : guarded('swap', 'synonyms', examineSynonyms(options.synonyms, place));
        if (how.replays) yield* guarded('replay', 'bringing rows over', examineReplay(own));
      } finally {
        await own.close();
      }
    } else {
      yield own;
    }
    yield* guarded('stores', 'the ledger', examineLedger(master, ledger, place));
  } finally {
    await master.close();
  }
}

// ---------------------------------------------------------------------------------------------
// Connection

function* examineEncryption({ tls, login }: SqlserverOptions): Iterable<Finding> {
  const about = { part: 'connection', subject: 'encryption' } as const;
  if (tls.encrypt === false) {
    yield {
      ...about,
      verdict: 'warning',
      found:
        'connection.encrypt is false: whoever stands in between reads everything, but for the password.',
      help: 'Leave it out, and name the authority of the certificate in connection.certificate_authority.',
    };
  } else if (tls.trustsCertificate) {
    yield {
      ...about,
      verdict: 'warning',
      found:
        'The certificate of the server is not verified: whoever stands in between could be taken for it.',
      help: 'Leave out connection.trust_server_certificate, and name the authority of the certificate in connection.certificate_authority.',
    };
  } else {
    yield good(
      about,
      'Every connection is encrypted, and the certificate of the server is verified.',
    );
  }
  yield good(
    { part: 'connection', subject: 'login' },
    {
      sql: 'A login of SQL Server, with a password.',
      'entra-default': 'Microsoft Entra, with whatever identity this machine has; no secret.',
      'access-token': 'An access token of Microsoft Entra.',
      'service-principal': 'A service principal of Microsoft Entra, with its secret.',
      'managed-identity': 'The managed identity of this machine; no secret.',
    }[login.way],
  );
}

/** A session, or why there is none. */
async function enter(database: string, { options, live }: Place): Promise<Session | Finding> {
  try {
    return await Session.open(database, options, { purpose: 'doctor' });
  } catch (error) {
    return notOpened(error, database === live ? `opening ${database}` : 'connecting', database);
  }
}

function notOpened(error: unknown, subject: string, database: string): Finding {
  const { what, cause, help } = problemOf(error, database);
  return {
    part: 'connection',
    subject,
    verdict: 'fault',
    found: cause === undefined ? what : `${what} ${cause}`,
    help: help ?? null,
  };
}

function examineVersion(server: Server): Finding {
  const about = { part: 'connection', subject: 'version' } as const;
  if (server.kind !== 'box' || server.major >= oldest)
    return good(about, `${describeServer(server)}.`);
  return {
    ...about,
    verdict: 'fault',
    found: `This is ${describeServer(server)}; what Greenlight runs needs SQL Server 2017 (14) or newer.`,
    help: 'Bring the server to a version that is still supported.',
  };
}

/** 2017: CONCAT_WS, STRING_AGG. */
const oldest = 14;

// ---------------------------------------------------------------------------------------------
// Databases

async function* examineMaking(
  master: Session,
  server: Server,
  { live }: Place,
  { method }: ExaminationOptions,
): AsyncIterable<Finding> {
  const found = await findDatabase(master, live);
  yield found === null
    ? {
        part: 'databases',
        subject: 'live',
        verdict: 'fault',
        found: `There is no database ${live} that the login may see.`,
        help: `Check \`live\` in greenlight.yml, or let the login in: USE ${quote(live)}; CREATE USER release_user FOR LOGIN release_login;`,
      }
    : found.state === 'ONLINE'
      ? good({ part: 'databases', subject: 'live' }, `${live} is online.`)
      : {
          part: 'databases',
          subject: 'live',
          verdict: 'fault',
          found: `${live} is ${found.state}.`,
          help: 'See the log of the server.',
        };
  const about = { part: 'databases', subject: 'the right to make databases' } as const;
  const mayMake =
    (await may(master, null, 'CREATE ANY DATABASE')) ||
    (await may(master, 'master', 'CREATE DATABASE')) ||
    (server.kind === 'azure' && (await isIn(master, 'dbmanager')));
  yield mayMake
    ? good(about, 'The login may make databases.')
    : {
        ...about,
        verdict: 'fault',
        found: 'The login may not make databases, so there can be no clone.',
        help:
          server.kind === 'azure'
            ? 'In master: ALTER ROLE dbmanager ADD MEMBER release_login;'
            : 'USE master; GRANT CREATE ANY DATABASE TO release_login;',
      };
  yield examineMethod(server, method);
}

function examineMethod(server: Server, method: string): Finding {
  const about = { part: 'databases', subject: 'the way to clone' } as const;
  try {
    const way = wayOf(method, server);
    return good(about, `By ${way.method}: ${way.reason}.`);
  } catch (error) {
    const { what, help } = problemOf(error, '');
    return { ...about, verdict: 'fault', found: what, help: help ?? null };
  }
}

async function* examineCopying(
  master: Session,
  own: Session,
  server: Server,
  { method, copies }: ExaminationOptions,
): AsyncIterable<Finding> {
  if (server.kind === 'azure') {
    yield* examineOwnership(own);
    return;
  }
  const about = { part: 'databases', subject: 'the right to back up' } as const;
  yield (await may(own, own.database, 'BACKUP DATABASE'))
    ? good(about, `The login may back up ${own.database}.`)
    : {
        ...about,
        verdict: 'fault',
        found: `The login may not back up ${own.database}, and a clone is a backup that is restored.`,
        help: `USE ${quote(own.database)}; GRANT BACKUP DATABASE TO release_user;`,
      };
  const files = await filesOf(master, own.database);
  if (method === 'snapshot') {
    const obstacle = noSnapshots(server, files);
    if (obstacle !== null)
      yield {
        part: 'databases',
        subject: 'snapshots',
        verdict: 'fault',
        found: `There can be no snapshot of this database: ${obstacle}.`,
        help: 'Write `clone: { method: backup }` in greenlight.yml.',
      };
  }
  if (files.length === 0)
    yield {
      part: 'databases',
      subject: 'the files of live',
      verdict: 'fault',
      found: 'The login does not see the files of live, whose copies need places of their own.',
      help: 'USE master; GRANT VIEW ANY DEFINITION TO release_login;',
    };
  const bytes = files.reduce((sum, one) => sum + one.bytes, 0);
  // Half of live for the backup, which is compressed; a snapshot takes what is changed only.
  yield* examineRoom(own, bytes * (0.5 + (method === 'snapshot' ? copies - 1 : copies)));
}

/** AS COPY OF is for owners of the source. */
async function* examineOwnership(own: Session): AsyncIterable<Finding> {
  const about = { part: 'databases', subject: 'the right to copy' } as const;
  yield (await isIn(own, 'db_owner'))
    ? good(about, `The login may copy ${own.database}.`)
    : {
        ...about,
        verdict: 'fault',
        found: `The login does not own ${own.database}, and Azure SQL Database lets owners copy only.`,
        help: `USE ${quote(own.database)}; ALTER ROLE db_owner ADD MEMBER release_user;`,
      };
}

async function* examineRoom(own: Session, wanted: number): AsyncIterable<Finding> {
  const about = { part: 'databases', subject: 'room on the disks' } as const;
  const rows = await own.rows(
    `SELECT DISTINCT v.volume_mount_point AS volume, CONVERT(nvarchar(30), v.available_bytes) AS free
       FROM sys.database_files AS f CROSS APPLY sys.dm_os_volume_stats(DB_ID(), f.file_id) AS v`,
  );
  const [least] = rows.map(({ free }) => toNumber(free)).sort((a, b) => a - b);
  if (least === undefined) return;
  yield least > wanted
    ? good(
        about,
        `${gigabytes(least)} are free; the copies of live and a backup take ${gigabytes(wanted)} at most.`,
      )
    : {
        ...about,
        verdict: 'warning',
        found: `${gigabytes(least)} are free; the copies of live and a backup may take ${gigabytes(wanted)}.`,
        help: 'Make room, name another disk in connection.data_path, or write `clone: { method: snapshot }`, which needs one copy.',
      };
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GB`;
}

// ---------------------------------------------------------------------------------------------
// Catalog and comparison

async function* examineDefinitions(own: Session): AsyncIterable<Finding> {
  const about = { part: 'catalog', subject: 'the right to see definitions' } as const;
  const sees = await may(own, own.database, 'VIEW DEFINITION');
  yield sees
    ? good(about, 'The login sees every definition.')
    : {
        ...about,
        verdict: 'fault',
        found:
          'The login does not see every definition: objects would be missing from the inventory without a word.',
        help: `USE ${quote(own.database)}; GRANT VIEW DEFINITION TO release_user;`,
      };
  const hidden = await own.rows(
    `SELECT OBJECT_SCHEMA_NAME(m.object_id) + N'.' + OBJECT_NAME(m.object_id) AS name FROM sys.sql_modules AS m
      WHERE m.definition IS NULL ORDER BY 1`,
  );
  if (sees && hidden.length > 0)
    yield {
      part: 'catalog',
      subject: 'encrypted definitions',
      verdict: 'warning',
      found: `What these say cannot be read (WITH ENCRYPTION), nor whether they name a database: ${list(hidden, ({ name }) => String(name))}.`,
      help: 'Look after them yourself, or make them without encryption.',
    };
}

async function* examineReading(own: Session): AsyncIterable<Finding> {
  const at = quote(own.database);
  const about = { part: 'comparison', subject: 'the right to read' } as const;
  yield (await may(own, own.database, 'SELECT'))
    ? good(about, 'The login may read all tables.')
    : {
        ...about,
        verdict: 'fault',
        found: 'The login may not read all tables.',
        help: `USE ${at}; ALTER ROLE db_datareader ADD MEMBER release_user;`,
      };
  const facts = await own.row(
    `SELECT (SELECT COUNT(*) FROM sys.masked_columns) AS masked, (SELECT COUNT(*) FROM sys.security_policies AS p WHERE p.is_enabled = 1) AS policies,
            (SELECT COUNT(*) FROM sys.columns AS c WHERE c.encryption_type IS NOT NULL) AS encrypted,
            (SELECT COUNT(*) FROM sys.tables AS t WHERE t.is_ms_shipped = 0) AS tables,
            (SELECT COUNT(*) FROM sys.change_tracking_tables) AS tracked`,
  );
  if (toNumber(facts.masked) > 0 && !(await may(own, own.database, 'UNMASK')))
    yield {
      part: 'comparison',
      subject: 'masked columns',
      verdict: 'fault',
      found: `${facts.masked} columns are masked for the login: it would compare masks.`,
      help: `USE ${at}; GRANT UNMASK TO release_user;`,
    };
  if (toNumber(facts.policies) > 0)
    yield {
      part: 'comparison',
      subject: 'row-level security',
      verdict: 'warning',
      found: `${facts.policies} security policies are on: rows that they hide from the login are not compared.`,
      help: 'Let their predicates pass for the login of the connection.',
    };
  if (toNumber(facts.encrypted) > 0)
    yield {
      part: 'comparison',
      subject: 'encrypted columns',
      verdict: 'warning',
      found: `${facts.encrypted} columns are encrypted by the clients (Always Encrypted): the server cannot look into them.`,
      help: null,
    };
  const untracked = toNumber(facts.tables) - toNumber(facts.tracked);
  yield untracked === 0
    ? good(
        { part: 'comparison', subject: 'change tracking' },
        'Every table tells by itself whether it was written to.',
      )
    : {
        part: 'comparison',
        subject: 'change tracking',
        verdict: 'warning',
        found: `${untracked} of ${facts.tables} tables have no change tracking: whether they were written to since the clone takes reading all of them.`,
        help: `For large ones: ALTER DATABASE ${at} SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 14 DAYS); ALTER TABLE schema.name ENABLE CHANGE_TRACKING;`,
      };
}

// ---------------------------------------------------------------------------------------------
// Swap

async function* examineSwap(master: Session, own: Session, server: Server): AsyncIterable<Finding> {
  const { database } = own;
  const about = { part: 'swap', subject: 'the right to rename live' } as const;
  const mayRename =
    (await may(own, database, 'ALTER')) ||
    (await may(master, null, 'ALTER ANY DATABASE')) ||
    (server.kind === 'azure' && (await isIn(master, 'dbmanager')));
  yield mayRename
    ? good(about, `The login may rename ${database}.`)
    : {
        ...about,
        verdict: 'fault',
        found: `The login may not rename ${database}, nor close it to others for that moment.`,
        help:
          server.kind === 'azure'
            ? 'In master: ALTER ROLE dbmanager ADD MEMBER release_login;'
            : 'USE master; GRANT ALTER ANY DATABASE TO release_login;',
      };
  yield* examineSessions(master, own, server);
  const obstacle = await obstacleToSwap(master, database, server);
  yield obstacle === null
    ? good({ part: 'swap', subject: 'what binds live by its name' }, 'Nothing does.')
    : {
        part: 'swap',
        subject: 'what binds live by its name',
        verdict: 'fault',
        found: `${database} cannot be swapped: ${obstacle}.`,
        help: 'docs/sqlserver.md says what stands in the way of a swap.',
      };
  const inMemory = await own.rows(
    `SELECT s.name + N'.' + t.name AS name FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id WHERE t.is_memory_optimized = 1`,
  );
  if (inMemory.length > 0)
    yield {
      part: 'swap',
      subject: 'memory-optimized tables',
      verdict: 'fault',
      found: `Writers cannot be kept off these: ${list(inMemory, ({ name }) => String(name))}.`,
      help: 'Such a database cannot be swapped safely.',
    };
  const snapshots = await snapshotsOf(master, database);
  if (snapshots.length > 0)
    yield {
      part: 'swap',
      subject: 'snapshots of live',
      verdict: 'warning',
      found: `Live has snapshots, which stay with the old database: ${list(snapshots, ({ name }) => name)}.`,
      help: 'Make them anew after the swap.',
    };
}

async function* examineSessions(
  master: Session,
  own: Session,
  server: Server,
): AsyncIterable<Finding> {
  const [state, kill] =
    server.kind === 'azure'
      ? ['VIEW DATABASE STATE', 'KILL DATABASE CONNECTION']
      : ['VIEW SERVER STATE', 'ALTER ANY CONNECTION'];
  const where = server.kind === 'azure' ? own : master;
  const scope = server.kind === 'azure' ? own.database : null;
  const grantee =
    server.kind === 'azure' ? `USE ${quote(own.database)}; GRANT` : 'USE master; GRANT';
  const to = server.kind === 'azure' ? 'release_user' : 'release_login';
  yield (await may(where, scope, state))
    ? good(
        { part: 'swap', subject: 'the right to see sessions' },
        'The login sees who works on live.',
      )
    : {
        part: 'swap',
        subject: 'the right to see sessions',
        verdict: 'warning',
        found:
          'The login does not see the sessions of others: who keeps a swap waiting is not told, nor how far a clone is.',
        help: `${grantee} ${state} TO ${to};`,
      };
  yield (await may(where, scope, kill))
    ? good(
        { part: 'swap', subject: 'the right to end sessions' },
        'The login may end sessions on live.',
      )
    : {
        part: 'swap',
        subject: 'the right to end sessions',
        // On a server SINGLE_USER ends them; KILL is needed after a crash only.
        verdict: server.kind === 'box' ? 'warning' : 'fault',
        found:
          'The login may not end sessions: a swap that was cut off could not be finished while somebody has the only session of live.',
        help: `${grantee} ${kill} TO ${to};`,
      };
}

/** Who swaps by synonyms renames nothing: what counts is where they lead. */
async function* examineSynonyms(front: string, place: Place): AsyncIterable<Finding> {
  const about = { part: 'swap', subject: 'synonyms' } as const;
  const own = await enter(front, place);
  if (!(own instanceof Session)) {
    yield { ...own, ...about };
    return;
  }
  try {
    const { count } = await own.row(
      `SELECT COUNT(*) AS count FROM sys.synonyms AS y WHERE PARSENAME(y.base_object_name, 3) = @p1`,
      [place.live],
    );
    yield toNumber(count) > 0
      ? good(about, `${count} synonyms of ${front} lead to ${place.live}.`)
      : {
          ...about,
          verdict: 'fault',
          found: `No synonym of ${front} leads to ${place.live}, so there is nothing to swap by.`,
          help: `USE ${quote(front)}; CREATE SYNONYM dbo.orders FOR ${quote(place.live)}.dbo.orders;`,
        };
    yield (await may(own, front, 'ALTER')) && (await may(own, front, 'CREATE SYNONYM'))
      ? good(
          { part: 'swap', subject: 'the right to make synonyms' },
          `The login may make synonyms in ${front}.`,
        )
      : {
          part: 'swap',
          subject: 'the right to make synonyms',
          verdict: 'fault',
          found: `The login may not make the synonyms of ${front} anew.`,
          help: `USE ${quote(front)}; GRANT ALTER, CREATE SYNONYM TO release_user;`,
        };
  } finally {
    await own.close();
  }
}

// ---------------------------------------------------------------------------------------------
// Replay

async function* examineReplay(own: Session): AsyncIterable<Finding> {
  const about = { part: 'replay', subject: 'the right to bring rows over' } as const;
  const missing: string[] = [];
  for (const right of ['INSERT', 'UPDATE', 'DELETE', 'ALTER'])
    if (!(await may(own, own.database, right))) missing.push(right);
  yield missing.length === 0
    ? good(about, 'The login may write to the tables, as a rollback that brings rows back does.')
    : {
        ...about,
        verdict: 'warning',
        found: `The login has not ${list(missing, (right) => right)} in ${own.database}, which a rollback needs that brings rows back.`,
        help: `USE ${quote(own.database)}; GRANT ${list(missing, (right) => right)} TO release_user;`,
      };
}

// ---------------------------------------------------------------------------------------------
// The ledger

async function* examineLedger(
  master: Session,
  ledger: string,
  place: Place,
): AsyncIterable<Finding> {
  const about = { part: 'stores', subject: 'the ledger' } as const;
  if ((await findDatabase(master, ledger)) === null) {
    yield good(about, `The database ${ledger} is not there yet: the first release makes it.`);
    return;
  }
  const own = await enter(ledger, place);
  if (!(own instanceof Session)) {
    yield { ...own, part: 'stores' };
    return;
  }
  try {
    yield (await may(own, ledger, 'CREATE TABLE'))
      ? good(about, `The login may write its records into ${ledger}.`)
      : {
          ...about,
          verdict: 'fault',
          found: `The login may not make tables in ${ledger}.`,
          help: `USE ${quote(ledger)}; ALTER ROLE db_owner ADD MEMBER release_user;`,
        };
  } finally {
    await own.close();
  }
}

// ---------------------------------------------------------------------------------------------

/** What a right comes to, in the database of the session or, with null, on the server. */
async function may(session: Session, database: string | null, right: string): Promise<boolean> {
  const of = database === null ? `NULL, NULL` : `${literal(quote(database))}, N'DATABASE'`;
  const { granted } = await session.row(`SELECT HAS_PERMS_BY_NAME(${of}, @p1) AS granted`, [right]);
  return granted !== null && Number(granted) === 1;
}

async function isIn(session: Session, role: string): Promise<boolean> {
  const { member } = await session.row(`SELECT IS_ROLEMEMBER(@p1) AS member`, [role]);
  return member !== null && Number(member) === 1;
}

/** What cannot be looked at is a finding like others. */
async function* guarded(
  part: Finding['part'],
  subject: string,
  findings: AsyncIterable<Finding>,
): AsyncIterable<Finding> {
  try {
    yield* findings;
  } catch (error) {
    const { what, cause, help } = problemOf(error, '');
    yield {
      part,
      subject,
      verdict: 'unknown',
      found: `It could not be looked at: ${cause ?? what}`,
      help: help ?? null,
    };
  }
}

function problemOf(error: unknown, database: string): GreenlightError['problem'] {
  const explained = explain(error, database);
  return explained instanceof GreenlightError ? explained.problem : { what: messageOf(error) };
}

function good(about: Pick<Finding, 'part' | 'subject'>, found: string): Finding {
  return { ...about, verdict: 'good', found, help: null };
}
