import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Location } from '../engine.ts';
import { exists, logOf } from './databases.ts';
import { type ByteRange, sharedExtents } from './extents.ts';

/** Which blocks of two database files hold the same bytes. Blocks have numbers from 0 on, as DuckDB counts them. */
export interface ComparedBlocks {
  /** Bytes of a block, as the headers of both files say. */
  readonly blockSize: number;
  /** Set when the files are equal as a whole. */
  readonly wholeFile: WholeFile | null;
  /** Blocks from this one on were not looked at, or one file does not have them. */
  readonly end: number;
  /** Blocks before it that differ. */
  readonly different: readonly number[];
}

export interface WholeFile {
  readonly bytes: number;
  /** So many of them are the same blocks of the disk, and were not read. */
  readonly shared: number;
}

/** In front of the blocks stand three headers (DuckDB's storage format, unchanged since version 64). */
const headerBytes = 3 * 4096;
/** Where the second and the third one hold the size of a block: `BLOCK_SIZE`, a power of two. */
const blockSizeAt = [4096 + 40, 2 * 4096 + 40] as const;
/** The smallest and the largest one that DuckDB makes; the latter is its default. */
const [smallestBlock, largestBlock] = [16_384, 262_144];
const bytesAtOnce = 16 * largestBlock;
/** A copy shares nearly all blocks. Where the first of these mostly differ, the rest is not worth reading. */
const bytesOfTrial = 64 * largestBlock;
/** Smaller files are read before the file system has told what they share. */
const bytesWorthAsking = 64 * 1024 * 1024;

/** Two files whose bytes are being compared. */
export interface BegunBlocks {
  /**
   * Null where the bytes say nothing: a log waits to be worked in, or one file is no copy of the other. Blocks are counted
   * in `blockSize`, which DuckDB must confirm.
   */
  readonly compared: Promise<ComparedBlocks | null>;
  /** Ends the comparison. To be called while no DuckDB of this process has the files open: it would lose its locks. */
  close(): Promise<void>;
}

/** Begins to compare two database files: the bytes of all that is not the same on the disk. */
export function beginBlocks(old: Location, candidate: Location): BegunBlocks {
  const opened: FileHandle[] = [];
  let isEnded = false;
  const compared = compareBlocks(old, candidate, opened, () => isEnded);
  const settled = compared.catch(() => undefined);
  return {
    compared,
    close: async () => {
      isEnded = true;
      await settled;
      for (const file of opened.splice(0)) await file.close();
    },
  };
}

async function compareBlocks(
  old: Location,
  candidate: Location,
  opened: FileHandle[],
  isEnded: () => boolean,
): Promise<ComparedBlocks | null> {
  if ((await exists(logOf(old))) || (await exists(logOf(candidate)))) return null;
  const [a, b] = await Promise.all([stat(old), stat(candidate)]).catch(() => []);
  if (a === undefined || b === undefined) return null;
  const left = await open(old, 'r');
  opened.push(left);
  const right = await open(candidate, 'r');
  opened.push(right);
  const files = [left, right] as const;
  const [oldHeader, newHeader] = await readBoth(files, 0, headerBytes, pairOfBuffers(headerBytes));
  const size = blockSizeOf(oldHeader);
  if (size === null || size !== blockSizeOf(newHeader)) return null;
  const blocks = Math.max(0, Math.floor((Math.min(a.size, b.size) - headerBytes) / size));
  const isWorthAsking = Math.min(a.size, b.size) >= bytesWorthAsking;
  const shared = isWorthAsking ? await sharedExtents(old, candidate) : [];
  const parts = partsToRead(blocks, size, shared);
  const different: number[] = [];
  // While one part is compared, the next is read.
  const buffers = [0, 1].map(() => pairOfBuffers(bytesAtOnce));
  const readPart = (at: number) => {
    const { from, to } = parts[at] ?? { from: 0, to: 0 };
    const into = buffers[at % 2] as [Buffer, Buffer];
    return readBoth(files, headerBytes + from * size, (to - from) * size, into);
  };
  let reading = readPart(0);
  let looked = 0;
  for (const [at, { from, to }] of parts.entries()) {
    const [one, two] = await reading;
    reading = readPart(at + 1);
    if (!one.equals(two)) different.push(...differing(one, two, size).map((nth) => from + nth));
    looked += to - from;
    const isNoCopy =
      shared.length === 0 && looked * size >= bytesOfTrial && different.length > looked / 2;
    if (isEnded() || isNoCopy) {
      await reading;
      return null;
    }
  }
  await reading;
  const isWhole =
    a.size === b.size &&
    different.length === 0 &&
    oldHeader.equals(newHeader) &&
    a.size === headerBytes + blocks * size;
  return {
    blockSize: size,
    wholeFile: isWhole ? { bytes: a.size, shared: (blocks - looked) * size } : null,
    end: blocks,
    different,
  };
}

/** Blocks `from` up to but not `to`, as many as are read at once: those that do not lie within `shared`. */
function partsToRead(
  blocks: number,
  size: number,
  shared: readonly ByteRange[],
): { readonly from: number; readonly to: number }[] {
  const most = bytesAtOnce / size;
  const parts: { from: number; to: number }[] = [];
  let range = 0;
  for (let block = 0; block < blocks; block += 1) {
    const [from, to] = [headerBytes + block * size, headerBytes + (block + 1) * size];
    while ((shared[range]?.to ?? Number.POSITIVE_INFINITY) < to) range += 1;
    if ((shared[range]?.from ?? Number.POSITIVE_INFINITY) <= from) continue;
    const last = parts.at(-1);
    if (last?.to === block && block - last.from < most) last.to = block + 1;
    else parts.push({ from: block, to: block + 1 });
  }
  return parts;
}

/** Null: this is no header that is known. */
function blockSizeOf(header: Buffer): number | null {
  const [size, again] = blockSizeAt.map((at) => header.readBigUInt64LE(at));
  if (size === undefined || size !== again) return null;
  const known = size >= smallestBlock && size <= largestBlock && (size & (size - 1n)) === 0n;
  return known ? Number(size) : null;
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

function differing(one: Buffer, two: Buffer, size: number): number[] {
  const numbers: number[] = [];
  for (let at = 0; at < one.length; at += size) {
    const end = at + size;
    if (one.compare(two, at, end, at, end) !== 0) numbers.push(at / size);
  }
  return numbers;
}
