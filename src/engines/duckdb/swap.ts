import { chmod, chown, link, mkdir, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GreenlightError, systemCode } from '../../errors.ts';
import type { Fence, Location, Swapper } from '../engine.ts';
import { Duckdb, type DuckdbOptions, small } from './connection.ts';
import { exists, identify, logOf, requireNoLog, syncFolder } from './databases.ts';

export function duckdbSwap(options: DuckdbOptions): Swapper {
  return {
    settle: (live) => settle(live, options),
    // DuckDB keeps its statistics with the data.
    warm: async () => 0,
    fence: (live) => fence(live, options),
    exchange,
    // Nothing goes on behind the fence.
    carryOn: async () => [],
  };
}

/** Works the write-ahead log into the file. Needs the file for itself: not while anybody reads or writes. */
async function settle(live: Location, options: DuckdbOptions): Promise<boolean> {
  if (!(await exists(logOf(live)))) return false;
  const duckdb = await Duckdb.open(live, small(options));
  try {
    await duckdb.run('CHECKPOINT');
  } finally {
    duckdb.close();
  }
  await requireNoLog(live);
  return true;
}

/** The read lock of an open database: other readers may come and go, a writer is refused by DuckDB. */
async function fence(live: Location, options: DuckdbOptions): Promise<Fence> {
  const reader = await Duckdb.open(null, small(options));
  try {
    await reader.attach(live, 'live', 'read');
  } catch (error) {
    reader.close();
    throw error;
  }
  return { release: async () => reader.close() };
}

/**
 * Two directory operations. First the old database gets its second name at `kept`; then the incoming one is renamed
 * over live's name, which the file system does atomically: whoever opens live gets the whole old or the whole new
 * file, and whoever has the old one open keeps it.
 */
async function exchange(live: Location, incoming: Location, kept: Location): Promise<void> {
  await requireNoLog(incoming);
  await requireNoLog(live);
  await takeOwner(live, incoming);
  await keep(live, kept);
  await rename(incoming, live);
  await syncFolder(dirname(live));
  await syncFolder(dirname(kept));
}

/** Who may read and write live must not change with the file. */
async function takeOwner(live: Location, incoming: Location): Promise<void> {
  const [want, have] = await Promise.all([stat(live), stat(incoming)]);
  try {
    if (want.uid !== have.uid || want.gid !== have.gid) await chown(incoming, want.uid, want.gid);
    if (want.mode !== have.mode) await chmod(incoming, want.mode);
  } catch (error) {
    throw new GreenlightError({
      what: "The new database cannot get the old one's owner and mode.",
      where: incoming,
      cause: `${systemCode(error)}: live belongs to ${want.uid}:${want.gid}, the candidate to ${have.uid}:${have.gid}`,
      help: 'Run the swap as the owner of live, or as root.',
    });
  }
}

async function keep(live: Location, kept: Location): Promise<void> {
  await mkdir(dirname(kept), { recursive: true });
  const already = await identify(kept);
  if (already !== null) {
    const current = await identify(live);
    // The second name was made before a crash.
    if (already.id === current?.id) return;
    throw new GreenlightError({
      what: 'Something else is where the old database would be kept.',
      where: kept,
      help: 'Move it away, then run the same command again.',
    });
  }
  try {
    await link(live, kept);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(systemCode(error) ?? ''))
      throw error;
    throw new GreenlightError({
      what: 'This file system has no hard links, without which live cannot be swapped at one instant.',
      where: live,
      cause: systemCode(error) ?? '',
      help: 'Move the database to a file system that has them (ext4, XFS, btrfs, APFS, NTFS, NFS).',
    });
  }
}
