import { execFile } from 'node:child_process';
import { stat, statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Location } from '../engine.ts';

/** Bytes `from` up to but not `to` of a file. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** A part of a file, and where on the disk it lies, in bytes. */
interface Extent extends ByteRange {
  readonly physical: number;
}

/**
 * The parts of two files that are the very same blocks of the disk, in order, as a file system says that clones files by
 * sharing them. Empty wherever it does not say so: then the bytes have to be read.
 */
export async function sharedExtents(old: Location, candidate: Location): Promise<ByteRange[]> {
  if (process.platform !== 'linux') return [];
  const [a, b, { type }] = await Promise.all([stat(old), stat(candidate), statfs(old)]);
  if (a.dev !== b.dev || !sharing.includes(type.toString(16))) return [];
  const [left, right] = await Promise.all([old, candidate].map(askFileSystem));
  return common(parseExtents(left ?? ''), parseExtents(right ?? ''));
}

/** Where administrators have their tools is often not on the path of others. */
const commands = ['filefrag', '/usr/sbin/filefrag', '/sbin/filefrag'];

/**
 * Node cannot ask for the extents of a file (ioctl FIEMAP); filefrag of e2fsprogs, which most systems have, can. `-s`: what
 * is still to be written is written first.
 */
async function askFileSystem(file: Location): Promise<string | null> {
  for (const command of commands) {
    try {
      const { stdout } = await promisify(execFile)(command, ['-s', '-v', '--', file], {
        env: { ...process.env, LC_ALL: 'C' },
        timeout: 10_000,
        maxBuffer: 1 << 26,
      });
      return stdout;
    } catch {
      // There is none, it may not, or the file system does not say.
    }
  }
  return null;
}

/** XFS and btrfs, by the numbers that statfs(2) has for them. Others, such as overlays, may show places on several disks. */
const sharing = ['58465342', '9123683e'];
/** All else says that the bytes are elsewhere, not there yet, or not the file's own: compressed, encrypted, within metadata. */
const harmless = new Set(['shared', 'last', 'eof', 'merged']);

/** The shared extents in what `filefrag -v` says of one file; none where it is not understood whole. */
export function parseExtents(text: string): Extent[] {
  const [, type = ''] = /^Filesystem type is: (\w+)$/m.exec(text) ?? [];
  const [, unit] = /^File size of .* is \d+ \(\d+ blocks? of (\d+) bytes\)$/m.exec(text) ?? [];
  const [, said] = /: (\d+) extents? found$/m.exec(text.trimEnd()) ?? [];
  if (!sharing.includes(type) || unit === undefined || said === undefined) return [];
  const size = Number(unit);
  const rows = [
    ...text.matchAll(
      /^ *\d+: *(\d+)\.\. *(\d+): *(\d+)\.\. *(\d+): *(\d+):(?: *\d+:)? *([a-z_,]*)$/gm,
    ),
  ];
  return rows.flatMap(([, first, last, start, , length, flags = '']) => {
    const [from, to] = [Number(first) * size, (Number(last) + 1) * size];
    const names = flags.split(',').filter((name) => name !== '');
    const isShared = names.includes('shared') && names.every((name) => harmless.has(name));
    return isShared && to - from === Number(length) * size
      ? [{ from, to, physical: Number(start) * size }]
      : [];
  });
}

/** What both have at the same place of the file and of the disk. */
function common(old: readonly Extent[], candidate: readonly Extent[]): ByteRange[] {
  const ranges: { from: number; to: number }[] = [];
  let [left, right] = [0, 0];
  for (;;) {
    const [a, b] = [old[left], candidate[right]];
    if (a === undefined || b === undefined) return ranges;
    const [from, to] = [Math.max(a.from, b.from), Math.min(a.to, b.to)];
    if (from < to && a.physical - a.from === b.physical - b.from) {
      const last = ranges.at(-1);
      if (last?.to === from) last.to = to;
      else ranges.push({ from, to });
    }
    if (a.to <= b.to) left += 1;
    if (b.to <= a.to) right += 1;
  }
}
