import { constants } from 'node:fs';
import { copyFile, link, mkdtemp, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf, systemCode } from '../../errors.ts';
import { bytes, plural } from '../../format.ts';
import type {
  CatalogReader,
  Databases,
  ExaminationOptions,
  Examiner,
  Finding,
  Location,
} from '../engine.ts';
import { findingsOf } from '../examination.ts';
import { bytesOf, Duckdb, type DuckdbOptions, small } from './connection.ts';
import { exists, identify } from './databases.ts';
import { loadDriver } from './driver.ts';
import { explain, withoutData } from './errors.ts';

interface Examined {
  readonly live: Location;
  readonly workFolder: string;
  readonly ledger: Location;
  readonly options: DuckdbOptions;
  readonly databases: Databases;
  readonly catalog: CatalogReader;
}

/** Files: whether they can be read, copied, linked and renamed is tried out on small ones of our own. */
export function duckdbExaminer(examined: Examined): Examiner {
  return { examine: (options) => examine(examined, options) };
}

async function* examine(examined: Examined, options: ExaminationOptions): AsyncIterable<Finding> {
  const driver = await examineDriver(examined.options);
  yield driver;
  const isDriverThere = driver.verdict === 'good';
  const live = isDriverThere ? await examineLive(examined) : await examineFile(examined.live);
  yield live;
  const ground = await groundBesideLive(examined);
  if (ground !== null) {
    yield* examineFolder(ground);
    if (ground.write === null && (await exists(examined.live)))
      yield* examineCopies(examined, options, ground);
    if (live.verdict === 'good') yield await examineCatalog(examined);
    if (isDriverThere) yield await examineMemory(examined.options);
    yield* examineExchange(examined.live, ground);
  }
  yield* examineLedgerFolder(examined.ledger);
}

// Connection ---------------------------------------------------------------------------------------

const connection = findingsOf('connection');

async function examineDriver({ packages }: DuckdbOptions): Promise<Finding> {
  const subject = 'driver';
  try {
    const driver = await loadDriver(packages);
    return connection.good(subject, `DuckDB ${driver.version()} can be loaded.`);
  } catch (error) {
    return connection.thrown(subject, error, messageOf);
  }
}

async function examineLive({ live, options, databases }: Examined): Promise<Finding> {
  const file = await examineFile(live);
  if (file.verdict !== 'good') return file;
  try {
    const duckdb = await Duckdb.open(null, small(options));
    try {
      await duckdb.attach(live, 'live', 'read');
      return connection.good(
        file.subject,
        `${live} can be read; ${bytes(await databases.size(live))}.`,
      );
    } finally {
      duckdb.close();
    }
  } catch (error) {
    return connection.thrown(file.subject, error, tell);
  }
}

/** What can be said of it without DuckDB. */
async function examineFile(live: Location): Promise<Finding> {
  const subject = 'live';
  try {
    if ((await identify(live)) !== null) return connection.good(subject, `${live} is there.`);
    return connection.fault(
      subject,
      `There is no file ${live}.`,
      'Check `live` in greenlight.yml: it takes the path of a DuckDB file, relative to greenlight.yml.',
    );
  } catch (error) {
    return connection.thrown(subject, explain(error, live), tell);
  }
}

function tell(error: unknown): string {
  return systemCode(error) ?? withoutData(messageOf(error));
}

// Copies -------------------------------------------------------------------------------------------

const databasesPart = findingsOf('databases');

/** What the file system beside live allows, tried out. */
interface Ground {
  readonly folder: string;
  /** Null: allowed; else the system's code of what was refused. */
  readonly write: string | null;
  readonly shareBlocks: string | null;
  readonly link: string | null;
  readonly sameFileSystem: boolean;
}

/** Null: there is no folder in which live could be. */
async function groundBesideLive({ live, workFolder }: Examined): Promise<Ground | null> {
  const beside = dirname(live);
  if (!(await exists(beside))) return null;
  const folder = (await exists(workFolder)) ? workFolder : beside;
  const [home, work] = await Promise.all([stat(beside), stat(folder)]);
  return { folder, sameFileSystem: home.dev === work.dev, ...(await tryOut(folder)) };
}

async function tryOut(folder: string): Promise<Pick<Ground, 'write' | 'shareBlocks' | 'link'>> {
  let trial: string | null = null;
  try {
    trial = await mkdtemp(join(folder, 'doctor-'));
    const [file, copy, linked] = ['file', 'copy', 'linked'].map((name) =>
      join(`${trial}`, name),
    ) as [string, string, string];
    await writeFile(file, Buffer.alloc(64 * 1024, 1));
    const shareBlocks = await refusal(copyFile(file, copy, constants.COPYFILE_FICLONE_FORCE));
    const noLink = await refusal(link(file, linked));
    await rename(file, copy);
    return { write: null, shareBlocks, link: noLink };
  } catch (error) {
    const code = systemCode(error) ?? messageOf(error);
    return { write: code, shareBlocks: code, link: code };
  } finally {
    if (trial !== null) await rm(trial, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function refusal(attempt: Promise<unknown>): Promise<string | null> {
  return attempt.then(
    () => null,
    (error) => systemCode(error) ?? messageOf(error),
  );
}

function* examineFolder({ folder, write, sameFileSystem }: Ground): Iterable<Finding> {
  const subject = 'folder beside live';
  if (write !== null) {
    yield databasesPart.fault(
      subject,
      `Nothing can be made in ${folder} (${write}), where candidate and baseline are to stand.`,
      helpForFolder(folder, write),
    );
    return;
  }
  yield databasesPart.good(subject, `Candidate and baseline can be made in ${folder}.`);
  yield sameFileSystem
    ? databasesPart.good('file system', 'The candidate stands on the same file system as live.')
    : databasesPart.fault(
        'file system',
        `${folder} is on another file system than live: a file cannot be renamed from there into its place.`,
        `Remove the mount or the link, so that ${folder} is a plain folder.`,
      );
}

async function* examineCopies(
  { live, databases }: Examined,
  { method, copies }: ExaminationOptions,
  { folder, shareBlocks }: Ground,
): AsyncIterable<Finding> {
  const size = await databases.size(live);
  yield examineMethod(method, size, shareBlocks);
  const shares = shareBlocks === null && method !== 'copy';
  yield await examineRoom(folder, size, shares ? 0 : copies);
}

function helpForFolder(folder: string, code: string): string {
  if (code === 'ENOSPC' || code === 'EDQUOT') return `Free some room where ${folder} is.`;
  if (code === 'EROFS') return `Mount the file system of ${folder} for writing.`;
  return `Let the user that runs Greenlight write there, for example: chown "$(id -u)" '${folder.replaceAll("'", `'\\''`)}'`;
}

/** From here on, copying is worth a thought. */
const large = 10 * 2 ** 30;

function examineMethod(method: string, size: number, shareBlocks: string | null): Finding {
  const subject = 'way to clone';
  if (!['auto', 'reflink', 'copy'].includes(method)) {
    return databasesPart.fault(
      subject,
      `DuckDB does not clone by ${method}.`,
      'Write auto, reflink or copy as clone.method in greenlight.yml.',
    );
  }
  if (method === 'copy')
    return databasesPart.good(subject, `Each clone copies ${bytes(size)}, as configured.`);
  if (shareBlocks === null) {
    return databasesPart.good(subject, 'The file system shares blocks: a clone takes moments.');
  }
  if (method === 'reflink') {
    return databasesPart.fault(
      subject,
      `This file system cannot make copy-on-write copies (${shareBlocks}).`,
      'Set clone.method to auto or copy in greenlight.yml, or move live to XFS (with reflink), Btrfs or APFS.',
    );
  }
  const found = `The file system has no copy-on-write copies: each clone copies ${bytes(size)}.`;
  return size < large
    ? databasesPart.good(subject, found)
    : databasesPart.warning(
        subject,
        found,
        'On XFS (with reflink), Btrfs or APFS a clone takes moments and no room.',
      );
}

async function examineRoom(folder: string, size: number, copies: number): Promise<Finding> {
  const subject = 'free disk space';
  const { bavail, bsize } = await statfs(folder);
  const [free, needed] = [bavail * bsize, size * copies];
  const found =
    copies === 0
      ? `${bytes(free)} are free; clones share live's blocks, and take room for what is written to them only.`
      : `${bytes(free)} are free; the ${plural(copies, 'copy', 'copies')} of live that a release makes take ${bytes(needed)}.`;
  const help =
    'Free some room (`greenlight retire --dry-run` lists what Greenlight keeps), or move live to a larger file system.';
  if (free < needed) return databasesPart.fault(subject, found, help);
  // What migration and logic write comes on top, and may be as much again as one database.
  return free < needed + size
    ? databasesPart.warning(subject, `${found} What the new logic writes comes on top.`, help)
    : databasesPart.good(subject, found);
}

// What is in live, and the comparison ------------------------------------------------------------

const catalogPart = findingsOf('catalog');

async function examineCatalog({ live, catalog }: Examined): Promise<Finding> {
  const subject = 'tables and views';
  try {
    const { relations } = await catalog.read(live);
    const unreadable = relations.filter(({ fault }) => fault !== null);
    if (unreadable.length === 0)
      return catalogPart.good(
        subject,
        `${plural(relations.length, 'table or view', 'tables and views')} can be read.`,
      );
    return catalogPart.warning(
      subject,
      [
        `${unreadable.length} of ${relations.length} cannot be read, and would not be compared:`,
        ...unreadable.slice(0, 10).map(({ schema, name, fault }) => `${schema}.${name}: ${fault}`),
      ].join('\n'),
      'When an extension is missing, install it for the user that runs Greenlight: INSTALL name; in DuckDB. Else mend the view.',
    );
  } catch (error) {
    return catalogPart.thrown(subject, error, tell);
  }
}

const comparison = findingsOf('comparison');

async function examineMemory(options: DuckdbOptions): Promise<Finding> {
  const subject = 'memory';
  try {
    const duckdb = await Duckdb.open(null, options);
    try {
      const { threads, memory } = await duckdb.row(
        "SELECT current_setting('threads') AS threads, current_setting('memory_limit') AS memory",
      );
      const found = `DuckDB may use ${memory} and ${plural(Number(threads), 'thread')}.`;
      // A container may have less than the machine.
      const there = Math.min(process.constrainedMemory() || totalmem(), totalmem());
      return (bytesOf(String(memory)) ?? 0) <= there
        ? comparison.good(subject, found)
        : comparison.warning(
            subject,
            `${found} There are ${bytes(there)} only: the system may end the process.`,
            'Lower connection.memory_limit in greenlight.yml.',
          );
    } finally {
      duckdb.close();
    }
  } catch (error) {
    return comparison.thrown(subject, error, tell);
  }
}

// Swap ---------------------------------------------------------------------------------------------

const swap = findingsOf('swap');

async function* examineExchange(live: Location, { write, link }: Ground): AsyncIterable<Finding> {
  if (write === null) {
    yield link === null
      ? swap.good(
          'exchange',
          'The file system has hard links: live can be exchanged at one instant.',
        )
      : swap.fault(
          'exchange',
          `This file system has no hard links (${link}), without which live cannot be exchanged at one instant.`,
          'Move live to a file system that has them (ext4, XFS, Btrfs, APFS, NTFS, NFS).',
        );
  }
  if (await exists(live)) yield await examineOwner(live);
}

/** Who may read and write live must not change with the file. */
async function examineOwner(live: Location): Promise<Finding> {
  const subject = 'owner of live';
  const { uid, gid } = await stat(live);
  const [own, groups] = [process.getuid?.(), process.getgroups?.()];
  if (own === undefined || own === 0 || (own === uid && groups?.includes(gid) !== false))
    return swap.good(subject, 'The new database can be given the owner of live.');
  return swap.fault(
    subject,
    `Live belongs to user ${uid} and group ${gid}, Greenlight runs as user ${own}: the new database cannot get the same owner.`,
    `Run Greenlight as the owner of live, with its group, or as root.`,
  );
}

// Ledger -------------------------------------------------------------------------------------------

const stores = findingsOf('stores');

async function* examineLedgerFolder(ledger: Location): AsyncIterable<Finding> {
  let folder = dirname(ledger);
  while (!(await exists(folder))) folder = dirname(folder);
  const { write } = await tryOut(folder);
  yield write === null
    ? stores.good('folder of the ledger', `The ledger can be written in ${folder}.`)
    : stores.fault(
        'folder of the ledger',
        `Nothing can be made in ${folder} (${write}), where the ledger and its locks are to stand.`,
        helpForFolder(folder, write),
      );
}
