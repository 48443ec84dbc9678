import { setTimeout as sleep } from 'node:timers/promises';
import { GreenlightError } from '../../errors.ts';
import { list } from '../sql.ts';
import { type Row, Session, toNumber } from './connection.ts';
import { numberBehind } from './errors.ts';
import { digestOf, literal, quote } from './names.ts';
import type { SqlserverOptions } from './options.ts';
import type { Server } from './server.ts';

/** Where a backup goes to: a file of the server, or a blob. */
export interface Medium {
  readonly kind: 'DISK' | 'URL';
  readonly place: string;
}

/** One for all clones of a live database: the next one takes its place, because the server never deletes it. */
export function mediumFor(
  name: string,
  server: Server,
  { files }: Pick<SqlserverOptions, 'files'>,
): Medium {
  const folder = files.backup ?? server.backupPath;
  if (folder !== null && /^https?:\/\//i.test(folder))
    return { kind: 'URL', place: `${folder.replace(/\/+$/, '')}/${name}.bak` };
  if (server.kind === 'instance') {
    throw new GreenlightError({
      what: 'Azure SQL Managed Instance backs up to a blob container only, and none is named.',
      where: 'greenlight.yml: connection.backup_path',
      help: "Write the URL of a container, and let the instance in: CREATE CREDENTIAL [https://account.blob.core.windows.net/container] WITH IDENTITY = 'Managed Identity';",
    });
  }
  // A name alone stands in the folder that the server keeps for backups.
  return { kind: 'DISK', place: folder === null ? `${name}.bak` : joined(folder, `${name}.bak`) };
}

/** COPY_ONLY: the chain of the team's own backups goes on as if this one had never been. Writes nothing to the database. */
export function backupStatement(database: string, { kind, place }: Medium, server: Server): string {
  const compression = server.compresses ? ', COMPRESSION' : '';
  return `BACKUP DATABASE ${quote(database)} TO ${kind} = ${literal(place)} WITH COPY_ONLY, FORMAT, INIT, CHECKSUM${compression}, NAME = N'greenlight', STATS = 5`;
}

/** Each file of the original under a name of its own. A Managed Instance places them by itself, and takes no options. */
export function restoreStatement(
  database: string,
  { kind, place }: Medium,
  files: readonly DatabaseFile[],
  server: Server,
  options: Pick<SqlserverOptions, 'files'>,
): string {
  const from = `RESTORE DATABASE ${quote(database)} FROM ${kind} = ${literal(place)}`;
  if (server.kind === 'instance') return from;
  const moves = list(
    files,
    (file) =>
      `MOVE ${literal(file.name)} TO ${literal(placeOfFile(database, file, server, options))}`,
  );
  return `${from} WITH ${moves}, CHECKSUM, RECOVERY, STATS = 5`;
}

export interface DatabaseFile {
  readonly id: number;
  readonly name: string;
  /** ROWS, LOG, FILESTREAM or FULLTEXT. */
  readonly type: string;
  readonly path: string;
  readonly bytes: number;
}

/** Files of any database of the server; none in Azure SQL Database, where each knows its own only. */
export async function filesOf(session: Session, database: string): Promise<DatabaseFile[]> {
  const rows = await session
    .rows(
      `SELECT f.file_id AS id, f.name AS name, f.type_desc AS type, f.physical_name AS path, CONVERT(bigint, f.size) * 8192 AS bytes
         FROM sys.master_files AS f WHERE f.database_id = DB_ID(@p1) ORDER BY f.file_id`,
      [database],
    )
    .catch((error) => {
      if ([208, 40515].includes(numberBehind(error) ?? 0)) return [];
      throw error;
    });
  return rows.map((row: Row) => ({
    id: toNumber(row.id),
    name: String(row.name),
    type: String(row.type),
    path: String(row.path),
    bytes: toNumber(row.bytes),
  }));
}

/** Beside the original's file, or where the options say. */
export function placeOfFile(
  database: string,
  file: DatabaseFile,
  server: Server,
  { files }: Pick<SqlserverOptions, 'files'>,
  ending = file.type === 'LOG' ? '.ldf' : file.type === 'ROWS' ? '.mdf' : '',
): string {
  const beside = file.path.replace(/[\\/][^\\/]*$/, '');
  const own = file.type === 'LOG' ? (files.log ?? files.data) : files.data;
  const configured = file.type === 'LOG' ? server.logPath : server.dataPath;
  const folder = own ?? (beside === file.path ? configured : beside) ?? beside;
  return joined(folder, `${fileNameOf(database)}_${file.id}${ending}`);
}

/** Letters that every file system has; a digest tells apart what would look the same without the others. */
function fileNameOf(database: string): string {
  const plain = database.replace(/[^\w.~-]/g, '_');
  return plain === database ? plain : `${plain}~${digestOf(database)}`;
}

/** Paths are the server's, Windows or Linux. */
function joined(folder: string, name: string): string {
  const separator = folder.includes('\\') ? '\\' : '/';
  return folder.endsWith(separator) ? `${folder}${name}` : `${folder}${separator}${name}`;
}

/** Runs a statement that takes long, and tells how far it has come (VIEW SERVER STATE; without it, nothing is told). */
export async function telling<T>(
  session: Session,
  options: SqlserverOptions,
  tell: (share: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const watching = watch(session.id, options, tell, ending.signal);
  watching.catch(() => undefined); // of no consequence for the work
  try {
    return await work();
  } finally {
    ending.abort();
    await watching.catch(() => undefined);
  }
}

async function watch(
  id: number,
  options: SqlserverOptions,
  tell: (share: number) => void,
  signal: AbortSignal,
): Promise<void> {
  await sleep(500, undefined, { signal });
  await Session.use('master', options, { purpose: 'clone: progress' }, async (session) => {
    while (!signal.aborted) {
      const [row] = await session.rows(
        `SELECT r.percent_complete AS percentage FROM sys.dm_exec_requests AS r WHERE r.session_id = @p1`,
        [id],
      );
      if (row !== undefined) tell(Number(row.percentage) / 100);
      await sleep(500, undefined, { signal });
    }
  });
}
