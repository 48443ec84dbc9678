import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, stat, statfs, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GreenlightError, systemCode, UsageError } from '../../errors.ts';
import type { CloneOptions, CloneReport, Databases, Location, Physical } from '../engine.ts';
import { untrailed } from '../untrailed.ts';
import { Duckdb, type DuckdbOptions, small } from './connection.ts';

/** Database files: a file, and beside it the write-ahead log that DuckDB replays when it opens the file. */
export function duckdbDatabases(workFolder: string, options: DuckdbOptions): Databases {
  return {
    identify,
    // A look at the file tells all.
    glance: identify,
    clone: (from, to, cloneOptions) => clone(from, to, cloneOptions, workFolder, options),
    drop: (at) => drop(at, workFolder),
    size: async (at) => (await fileSize(at)) + (await fileSize(logOf(at))),
    ...untrailed('its files'),
  };
}

export function logOf(database: Location): string {
  return `${database}.wal`;
}

/**
 * The identity is the inode: it stays through a rename and differs for a file put in its place. The mark is size and
 * modification time of file and log. Only looks at the directory entry: opening and closing the file here would drop
 * the lock that a DuckDB of this process holds on it (POSIX record locks).
 */
export async function identify(at: Location): Promise<Physical | null> {
  const file = await stat(at, { bigint: true }).catch(ignoreMissing);
  if (file === null) return null;
  if (!file.isFile()) {
    throw new GreenlightError({
      what: 'This is not a database file.',
      where: at,
      help: 'Check `live` in greenlight.yml: it takes the path of a DuckDB file.',
    });
  }
  const log = await stat(logOf(at), { bigint: true }).catch(ignoreMissing);
  const logMark = log === null || log.size === 0n ? 'none' : `${log.size}@${log.mtimeNs}`;
  return { id: `inode ${file.ino}`, mark: `file ${file.size}@${file.mtimeNs}, log ${logMark}` };
}

/**
 * The source is opened read-only while it is copied: that keeps writers out and replays its log in memory only, so
 * nothing is written to it. File and log are copied, and the log is worked in on the copy.
 */
async function clone(
  from: Location,
  to: Location,
  { method, onProgress }: CloneOptions,
  workFolder: string,
  options: DuckdbOptions,
): Promise<CloneReport> {
  requireKnown(method);
  const lock = await Duckdb.open(null, small(options));
  // Of this process alone: a copying child that outlived its killed parent must not write into ours.
  const partial = `${to}.partial-${process.pid}`;
  try {
    await lock.attach(from, 'source', 'read');
    const source = await identify(from);
    if (source === null) throw new Error(`${from} vanished while it was read`);
    await requireFinished(from);
    await ensureWorkFolder(workFolder);
    await mkdir(dirname(to), { recursive: true });
    await drop(to, workFolder, { keepFolders: true });
    const copied = await copyDatabase(from, partial, method, onProgress);
    requireSame(source, await identify(from), from);
    if (await exists(logOf(partial))) await workInLog(partial, options);
    await rename(partial, to);
    await syncFolder(dirname(to));
    const made = await identify(to);
    if (made === null) throw new Error(`${to} vanished after it was written`);
    return { source, clone: made, ...copied, bytes: await fileSize(to) };
  } catch (error) {
    await removeFiles(partial);
    throw error;
  } finally {
    lock.close();
  }
}

function requireKnown(method: string): void {
  if (['auto', 'reflink', 'copy'].includes(method)) return;
  throw new UsageError({
    what: `DuckDB does not clone by ${method}.`,
    where: 'greenlight.yml: clone.method',
    help: 'Write auto, reflink or copy.',
  });
}

/** The lock is on the file that was opened; another one may have taken its name since. */
function requireSame(before: Physical, after: Physical | null, where: Location): void {
  if (after?.id === before.id && after.mark === before.mark) return;
  throw new GreenlightError({
    what: 'The database was replaced while it was copied.',
    where,
    help: 'Run the same command again.',
  });
}

async function drop(at: Location, workFolder: string, { keepFolders = false } = {}): Promise<void> {
  await removePartials(at);
  await removeFiles(at);
  if (keepFolders) return;
  // Only folders of our own, and only empty ones.
  for (let folder = dirname(at); folder.startsWith(workFolder); folder = dirname(folder)) {
    const left = await readdir(folder).catch(ignoreMissing);
    if (left === null) continue;
    if (left.some((name) => name !== '.gitignore')) return;
    if (folder === workFolder) await rm(`${folder}/.gitignore`, { force: true });
    await rmdir(folder);
  }
}

/** What killed runs left. */
async function removePartials(database: Location): Promise<void> {
  const folder = dirname(database);
  for (const name of (await readdir(folder).catch(ignoreMissing)) ?? []) {
    if (name.startsWith(`${basename(database)}.partial-`))
      await rm(join(folder, name), { force: true });
  }
}

/** The log goes first: a log without its file harms nothing, a file without its log has lost rows. */
async function removeFiles(database: Location): Promise<void> {
  await rm(database, { force: true });
  await rm(logOf(database), { force: true });
}

async function copyDatabase(
  from: Location,
  to: Location,
  method: string,
  onProgress: CloneOptions['onProgress'],
): Promise<{ method: string; reason: string }> {
  const log = (await exists(logOf(from))) ? [{ from: logOf(from), to: logOf(to) }] : [];
  const files = [...log, { from, to }];
  const reflink =
    method === 'copy' ? 'not asked' : await copyFiles(files, constants.COPYFILE_FICLONE_FORCE);
  if (reflink === null) {
    return { method: 'reflink', reason: 'the file system shares the blocks: no bytes were copied' };
  }
  if (method === 'reflink') {
    throw new GreenlightError({
      what: 'This file system cannot make copy-on-write copies.',
      where: to,
      cause: reflink,
      help: 'Set clone.method to auto or copy in greenlight.yml.',
    });
  }
  await requireRoom(from, to);
  const watch = setInterval(async () => onProgress?.(await fileSize(to)), 200);
  try {
    const failure = await copyFiles(files, 0);
    if (failure !== null) throw copyFailed(failure, from, to);
  } finally {
    clearInterval(watch);
  }
  const reason =
    method === 'copy' ? 'as configured' : 'the file system has no copy-on-write copies';
  return { method: 'copy', reason };
}

/**
 * Copies in a process of its own: reading the source here would, on closing it, drop DuckDB's lock on it.
 * Gives null, or the system's error code.
 */
async function copyFiles(
  files: readonly { from: string; to: string }[],
  mode: number,
): Promise<string | null> {
  const program = `
    const { copyFileSync } = require('node:fs');
    const { files, mode } = JSON.parse(process.argv[1]);
    try { for (const { from, to } of files) copyFileSync(from, to, mode); }
    catch (error) { process.stdout.write(error.code ?? String(error)); }`;
  const child = spawn(process.execPath, ['-e', program, JSON.stringify({ files, mode })], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {},
  });
  let failure = '';
  child.stdout.on('data', (text) => {
    failure += text;
  });
  const exit = await new Promise<string>((done, failed) => {
    child.once('error', failed);
    child.once('close', (code, signal) => done(code === 0 ? '' : `ended with ${signal ?? code}`));
  });
  return failure || exit || null;
}

async function requireRoom(from: Location, to: Location): Promise<void> {
  const needed = (await fileSize(from)) + (await fileSize(logOf(from)));
  const { bavail, bsize } = await statfs(dirname(to));
  if (bavail * bsize < needed)
    throw copyFailed('ENOSPC', from, to, `${needed} bytes needed, ${bavail * bsize} free`);
}

function copyFailed(code: string, from: Location, to: Location, cause = code): GreenlightError {
  return code === 'ENOSPC'
    ? new GreenlightError({
        what: 'The disk has no room for a copy of the database.',
        where: to,
        cause,
        help: 'Free some room (`greenlight retire --dry-run` lists what Greenlight keeps), then run the same command again.',
      })
    : new GreenlightError({
        what: `The database could not be copied from ${from}.`,
        where: to,
        cause,
        help: 'Remove the cause, then run the same command again.',
      });
}

async function workInLog(database: Location, options: DuckdbOptions): Promise<void> {
  const copy = await Duckdb.open(database, options);
  try {
    await copy.run('CHECKPOINT');
  } finally {
    copy.close();
  }
  await requireNoLog(database);
}

/** While DuckDB works in a log, commits go on in a file beside it, which stays when it is killed meanwhile. */
async function requireFinished(database: Location): Promise<void> {
  for (const left of [`${logOf(database)}.checkpoint`, `${logOf(database)}.recovery`]) {
    if ((await fileSize(left)) === 0) continue;
    throw new GreenlightError({
      what: 'DuckDB was ended while it worked in the write-ahead log of this database.',
      where: left,
      help: 'Open the database with DuckDB for writing and close it: that finishes the work. Then run the same command again.',
    });
  }
}

/** A log left beside a file that is renamed would be replayed into whatever takes the file's place. */
export async function requireNoLog(database: Location): Promise<void> {
  await requireFinished(database);
  if ((await fileSize(logOf(database))) > 0) {
    throw new GreenlightError({
      what: 'The database has a write-ahead log that is not worked in.',
      where: logOf(database),
      help: 'Open the database with DuckDB, run CHECKPOINT, close it, then run the same command again.',
    });
  }
  await rm(logOf(database), { force: true });
}

async function ensureWorkFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/.gitignore`, '*\n');
}

/** Makes a rename in `folder` outlast a power cut, where the platform allows to open folders. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(ignoreMissing)) !== null;
}

async function fileSize(path: string): Promise<number> {
  return (await stat(path).catch(ignoreMissing))?.size ?? 0;
}

function ignoreMissing(error: unknown): null {
  if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return null;
  throw error;
}
