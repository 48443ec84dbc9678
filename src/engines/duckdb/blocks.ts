import { open, stat } from 'node:fs/promises';
import type { Location } from '../engine.ts';
import { exists, logOf } from './databases.ts';

/** Which blocks of two database files hold the same bytes. Blocks have numbers from 0 on, as DuckDB counts them. */
export interface ComparedBlocks {
  /** Set when the files are equal as a whole. */
  readonly wholeFile: { readonly bytes: number } | null;
  /** Blocks from this one on were not looked at, or one file does not have them. */
  readonly end: number;
  /** Blocks before it that differ. */
  readonly different: readonly number[];
}

/** In front of the blocks stand three headers (DuckDB's storage format, unchanged since version 64). */
const headerBytes = 3 * 4096;
/** DuckDB's default, and what it calls `block_size` in `pragma_database_size()`. */
export const defaultBlockSize = 262_144;
const blocksAtOnce = 16;
/** A copy shares nearly all blocks. Where the first of these mostly differ, the rest is not worth reading. */
const blocksOfTrial = 64;

/**
 * Compares two database files byte by byte. Null where that says nothing: a log waits to be worked in, or one file is
 * no copy of the other. Must run while no DuckDB of this process has the files open: closing them would drop its locks.
 */
export async function compareBlocks(
  old: Location,
  candidate: Location,
): Promise<ComparedBlocks | null> {
  if ((await exists(logOf(old))) || (await exists(logOf(candidate)))) return null;
  const [a, b] = await Promise.all([stat(old), stat(candidate)]).catch(() => []);
  if (a === undefined || b === undefined) return null;
  const [left, right] = [await open(old, 'r'), await open(candidate, 'r')];
  try {
    const files = [left, right] as const;
    const [oldHeader, newHeader] = await readBoth(
      files,
      0,
      headerBytes,
      pairOfBuffers(headerBytes),
    );
    const blocks = Math.floor((Math.min(a.size, b.size) - headerBytes) / defaultBlockSize);
    const different: number[] = [];
    // While one part is compared, the next is read.
    const buffers = [0, 1].map(() => pairOfBuffers(blocksAtOnce * defaultBlockSize));
    const readFrom = (block: number) => {
      const count = Math.max(0, Math.min(blocksAtOnce, blocks - block));
      const at = headerBytes + block * defaultBlockSize;
      const into = buffers[(block / blocksAtOnce) % 2] as [Buffer, Buffer];
      return readBoth(files, at, count * defaultBlockSize, into);
    };
    let reading = readFrom(0);
    for (let block = 0; block < blocks; block += blocksAtOnce) {
      const [one, two] = await reading;
      reading = readFrom(block + blocksAtOnce);
      if (!one.equals(two)) different.push(...differing(one, two).map((nth) => block + nth));
      const looked = block + blocksAtOnce;
      if (looked >= blocksOfTrial && different.length > looked / 2) {
        await reading;
        return null;
      }
    }
    await reading;
    const isWhole =
      a.size === b.size &&
      different.length === 0 &&
      oldHeader.equals(newHeader) &&
      a.size === headerBytes + blocks * defaultBlockSize;
    return { wholeFile: isWhole ? { bytes: a.size } : null, end: blocks, different };
  } finally {
    await left.close();
    await right.close();
  }
}

interface Readable {
  read(buffer: Buffer, offset: number, length: number, at: number): Promise<{ bytesRead: number }>;
}

function pairOfBuffers(length: number): [Buffer, Buffer] {
  return [Buffer.allocUnsafe(length), Buffer.allocUnsafe(length)];
}

/** Reads the same part of both files. */
async function readBoth(
  files: readonly [Readable, Readable],
  at: number,
  length: number,
  into: readonly [Buffer, Buffer],
): Promise<[Buffer, Buffer]> {
  const buffers: [Buffer, Buffer] = [into[0].subarray(0, length), into[1].subarray(0, length)];
  await Promise.all(
    files.map(async (file, side) => {
      const buffer = buffers[side] as Buffer;
      for (let done = 0; done < length; ) {
        const { bytesRead } = await file.read(buffer, done, length - done, at + done);
        // Cut short while it was read: zeros on this side only, so that the blocks differ.
        if (bytesRead === 0) {
          buffer.fill(side, done);
          break;
        }
        done += bytesRead;
      }
    }),
  );
  return buffers;
}

function differing(one: Buffer, two: Buffer): number[] {
  const numbers: number[] = [];
  for (let at = 0; at < one.length; at += defaultBlockSize) {
    const end = at + defaultBlockSize;
    if (one.compare(two, at, end, at, end) !== 0) numbers.push(at / defaultBlockSize);
  }
  return numbers;
}
