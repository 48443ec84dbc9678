import type { ExaminationOptions, Finding } from '../engine.ts';
import { filesOf } from './backup.ts';
import { wayOf } from './clone.ts';
import { type Session, toNumber } from './connection.ts';
import { good, type Place, problemOf } from './examiner-asking.ts';
import { findDatabase } from './found.ts';
import { quote } from './names.ts';
import { isIn, may } from './rights.ts';
import type { Server } from './server.ts';
import { noSnapshots } from './snapshot.ts';

export async function* examineMaking(
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

export async function* examineCopying(
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
  if (method === 'snapshot' && copies > 2)
    yield {
      part: 'databases',
      subject: 'the control run',
      verdict: 'fault',
      found:
        'With `clone.method: snapshot` the baseline is a database snapshot, on which no old logic can run, and which cannot be copied.',
      help: 'Write `clone: { method: backup }` in greenlight.yml, or leave `simulate.control` out.',
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
