import type { ExaminationOptions, Finding } from '../engine.ts';
import { findingsOf } from '../examination.ts';
import { type DatabaseFile, filesOf } from './backup.ts';
import { wayOf } from './clone.ts';
import { type Session, toNumber } from './connection.ts';
import { type Place, problemOf } from './examiner-asking.ts';
import { findDatabase } from './found.ts';
import { quote } from './names.ts';
import { isIn, may } from './rights.ts';
import type { Server } from './server.ts';
import { noSnapshots } from './snapshot.ts';

const { good, warning, fault } = findingsOf('databases');

export async function* examineMaking(
  master: Session,
  server: Server,
  { live }: Place,
  { method }: ExaminationOptions,
): AsyncIterable<Finding> {
  const found = await findDatabase(master, live);
  yield found === null
    ? fault(
        'live',
        `There is no database ${live} that the login may see.`,
        `Check \`live\` in greenlight.yml, or let the login in: USE ${quote(live)}; CREATE USER release_user FOR LOGIN release_login;`,
      )
    : found.state === 'ONLINE'
      ? good('live', `${live} is online.`)
      : fault('live', `${live} is ${found.state}.`, 'See the log of the server.');
  const subject = 'the right to make databases';
  const mayMake =
    (await may(master, null, 'CREATE ANY DATABASE')) ||
    (await may(master, 'master', 'CREATE DATABASE')) ||
    (server.kind === 'azure' && (await isIn(master, 'dbmanager')));
  yield mayMake
    ? good(subject, 'The login may make databases.')
    : fault(
        subject,
        'The login may not make databases, so there can be no clone.',
        server.kind === 'azure'
          ? 'In master: ALTER ROLE dbmanager ADD MEMBER release_login;'
          : 'USE master; GRANT CREATE ANY DATABASE TO release_login;',
      );
  yield examineMethod(server, method);
}

function examineMethod(server: Server, method: string): Finding {
  const subject = 'the way to clone';
  try {
    const way = wayOf(method, server);
    return good(subject, `By ${way.method}: ${way.reason}.`);
  } catch (error) {
    const { what, help } = problemOf(error, '');
    return fault(subject, what, help ?? null);
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
  const subject = 'the right to back up';
  yield (await may(own, own.database, 'BACKUP DATABASE'))
    ? good(subject, `The login may back up ${own.database}.`)
    : fault(
        subject,
        `The login may not back up ${own.database}, and a clone is a backup that is restored.`,
        `USE ${quote(own.database)}; GRANT BACKUP DATABASE TO release_user;`,
      );
  if (method === 'snapshot' && copies > 2)
    yield fault(
      'the control run',
      'With `clone.method: snapshot` the baseline is a database snapshot, on which no old logic can run, and which cannot be copied.',
      'Write `clone: { method: backup }` in greenlight.yml, or leave `simulate.control` out.',
    );
  const files = await filesOf(master, own.database);
  if (method === 'snapshot') {
    const obstacle = noSnapshots(server, files);
    if (obstacle !== null)
      yield fault(
        'snapshots',
        `There can be no snapshot of this database: ${obstacle}.`,
        'Write `clone: { method: backup }` in greenlight.yml.',
      );
  }
  if (files.length === 0)
    yield fault(
      'the files of live',
      'The login does not see the files of live, whose copies need places of their own.',
      'USE master; GRANT ALTER ANY DATABASE TO release_login;',
    );
  yield* examineLargest(server, files);
  const bytes = files.reduce((sum, one) => sum + one.bytes, 0);
  // Half of live for the backup, which is compressed; a snapshot takes what is changed only.
  yield* examineRoom(own, bytes * (0.5 + (method === 'snapshot' ? copies - 1 : copies)));
}

/** Express keeps a database from growing, also the one that a release makes larger. */
function* examineLargest(server: Server, files: readonly DatabaseFile[]): Iterable<Finding> {
  if (server.largest === null) return;
  const subject = 'the largest database';
  const data = files
    .filter(({ type }) => type === 'ROWS')
    .reduce((sum, { bytes }) => sum + bytes, 0);
  const found = `Express lets a database have ${gigabytes(server.largest)} of data; live has ${gigabytes(data)}.`;
  yield data <= server.largest * 0.8
    ? good(subject, found)
    : warning(
        subject,
        `${found} A migration or a run that makes the candidate larger fails.`,
        'Make room in live first, or take another edition.',
      );
}

/** AS COPY OF is for owners of the source. */
async function* examineOwnership(own: Session): AsyncIterable<Finding> {
  const subject = 'the right to copy';
  yield (await isIn(own, 'db_owner'))
    ? good(subject, `The login may copy ${own.database}.`)
    : fault(
        subject,
        `The login does not own ${own.database}, and Azure SQL Database lets owners copy only.`,
        `USE ${quote(own.database)}; ALTER ROLE db_owner ADD MEMBER release_user;`,
      );
}

async function* examineRoom(own: Session, wanted: number): AsyncIterable<Finding> {
  const subject = 'room on the disks';
  const rows = await own.rows(
    `SELECT DISTINCT v.volume_mount_point AS volume, CONVERT(nvarchar(30), v.available_bytes) AS free
       FROM sys.database_files AS f CROSS APPLY sys.dm_os_volume_stats(DB_ID(), f.file_id) AS v`,
  );
  const [least] = rows.map(({ free }) => toNumber(free)).sort((a, b) => a - b);
  if (least === undefined) return;
  yield least > wanted
    ? good(
        subject,
        `${gigabytes(least)} are free; the copies of live and a backup take ${gigabytes(wanted)} at most.`,
      )
    : warning(
        subject,
        `${gigabytes(least)} are free; the copies of live and a backup may take ${gigabytes(wanted)}.`,
        'Make room, name another disk in connection.data_path, or write `clone: { method: snapshot }`, which needs one copy.',
      );
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GB`;
}
