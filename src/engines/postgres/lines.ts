import { equalBytes, type Listener, walkBoth } from './side-by-side.ts';
import type { KeyOrder } from './values.ts';

/** The lines of `COPY ... TO STDOUT`: columns end with a tab, rows with a line end, and neither stands within a value. */

const [tab, lineEnd, backslash] = [0x09, 0x0a, 0x5c];

/** A part of a buffer. */
export interface Bytes {
  readonly buffer: Buffer;
  readonly from: number;
  readonly to: number;
}

export interface Chunks {
  /** Null: there are no more. */
  next(): Promise<Buffer | null>;
}

/** Whole lines of a stream, a piece at a time; bounded by the length of the longest line. */
export class Lines {
  buffer: Buffer = Buffer.alloc(0);
  /** Where the next line begins, and where the last whole one ends. */
  at = 0;
  end = 0;
  readonly #chunks: Chunks;

  constructor(chunks: Chunks) {
    this.#chunks = chunks;
  }

  get isEmpty(): boolean {
    return this.at === this.end;
  }

  /** Once all lines are taken: more of them, unless there are none. */
  async fill(): Promise<void> {
    const cut = [this.buffer.subarray(this.end)];
    for (;;) {
      const value = await this.#chunks.next();
      if (value === null) {
        this.buffer = Buffer.alloc(0);
        this.at = this.end = 0;
        return;
      }
      cut.push(value);
      const last = value.lastIndexOf(lineEnd);
      if (last === -1) continue;
      this.buffer = cut[0]?.length === 0 && cut.length === 2 ? value : Buffer.concat(cut);
      this.at = 0;
      this.end = this.buffer.length - (value.length - last - 1);
      return;
    }
  }

  /** The next line without its end. */
  line(): Bytes {
    return { buffer: this.buffer, from: this.at, to: this.buffer.indexOf(lineEnd, this.at) };
  }

  /** Moves on, behind this line. */
  pass({ to }: Bytes): void {
    this.at = to + 1;
  }
}

export interface Differing extends Listener {
  /** Both have a row of this key, and the lines are not equal. */
  both(old: Bytes, candidate: Bytes): void;
  onlyOld(line: Bytes): void;
  onlyNew(line: Bytes): void;
}

/**
 * Walks two streams of lines side by side, both in the order of their first columns, and tells which lines are not on
 * both. Where their order is not the one that `order` says, a row is told as one of each side: nothing is passed over
 * that is not equal, byte by byte.
 */
export function walk(
  old: Lines,
  candidate: Lines,
  order: readonly KeyOrder[],
  differing: Differing,
): Promise<void> {
  return walkBoth(old, candidate, differing, () => step(old, candidate, order, differing));
}

function step(
  old: Lines,
  candidate: Lines,
  order: readonly KeyOrder[],
  differing: Differing,
): void {
  const equal = equalLines(old, candidate);
  old.at += equal;
  candidate.at += equal;
  // What one side still has is told once the other side has no more.
  if (equal > 0 && (old.isEmpty || candidate.isEmpty)) return;
  const before = old.isEmpty ? null : old.line();
  const after = candidate.isEmpty ? null : candidate.line();
  const way = before === null ? 1 : after === null ? -1 : compareKeys(before, after, order);
  if (before !== null && way <= 0) old.pass(before);
  if (after !== null && way >= 0) candidate.pass(after);
  if (before !== null && after !== null && way === 0) differing.both(before, after);
  else if (before !== null && way < 0) differing.onlyOld(before);
  else if (after !== null) differing.onlyNew(after);
}

/** How many bytes of whole lines are the same on both. */
function equalLines(old: Lines, candidate: Lines): number {
  const length = Math.min(old.end - old.at, candidate.end - candidate.at);
  const same = equalBytes(old, candidate, length);
  if (same === 0) return 0;
  const last = old.buffer.lastIndexOf(lineEnd, old.at + same - 1);
  return last < old.at ? 0 : last + 1 - old.at;
}

// ---------------------------------------------------------------------------------------------
// Order

function compareKeys(old: Bytes, candidate: Bytes, order: readonly KeyOrder[]): number {
  let [a, b] = [old.from, candidate.from];
  for (const kind of order) {
    const one = { buffer: old.buffer, from: a, to: endOfColumn(old, a) };
    const other = { buffer: candidate.buffer, from: b, to: endOfColumn(candidate, b) };
    const way = compareValues(one, other, kind);
    if (way !== 0) return way;
    a = one.to + 1;
    b = other.to + 1;
  }
  return 0;
}

/** The first columns of a line, without the tab behind them. */
export function firstColumns({ buffer, from, to }: Bytes, count: number): Bytes {
  let at = from - 1;
  for (let column = 0; column < count; column++) at = endOfColumn({ buffer, from, to }, at + 1);
  return { buffer, from, to: count === 0 ? from : at };
}

function endOfColumn({ buffer, to }: Bytes, from: number): number {
  const at = buffer.indexOf(tab, from);
  return at === -1 || at > to ? to : at;
}

function compareValues(one: Bytes, other: Bytes, kind: KeyOrder): number {
  const nulls = Number(isNull(one)) - Number(isNull(other));
  if (nulls !== 0 || isNull(one)) return nulls;
  if (kind === 'bytes') return compareTexts(one, other);
  const texts = [one, other].map(({ buffer, from, to }) => buffer.toString('latin1', from, to));
  const [a = '', b = ''] = texts;
  if (a === b) return 0;
  return kind === 'number' ? compareNumbers(a, b) : compareInstants(a, b);
}

function isNull({ buffer, from, to }: Bytes): boolean {
  return to - from === 2 && buffer[from] === backslash && buffer[from + 1] === 0x4e;
}

function compareTexts(one: Bytes, other: Bytes): number {
  return plain(one).compare(plain(other));
}

const escapes: Readonly<Record<string, number>> = { b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };

/** The bytes of the value: COPY escapes a few. */
function plain({ buffer, from, to }: Bytes): Buffer {
  const escaped = buffer.subarray(from, to);
  if (!escaped.includes(backslash)) return escaped;
  const bytes: number[] = [];
  for (let at = 0; at < escaped.length; at++) {
    const byte = escaped[at] as number;
    if (byte !== backslash) bytes.push(byte);
    else {
      at += 1;
      const next = escaped[at] as number;
      bytes.push(escapes[String.fromCharCode(next)] ?? next);
    }
  }
  return Buffer.from(bytes);
}

/** Whole numbers of any length; NaN comes after all of them. */
function compareNumbers(a: string, b: string): number {
  const isNegative = (text: string) => text.startsWith('-');
  if (a === 'NaN' || b === 'NaN') return Number(a === 'NaN') - Number(b === 'NaN');
  if (isNegative(a) !== isNegative(b)) return isNegative(a) ? -1 : 1;
  const way = a.length - b.length || (a < b ? -1 : 1);
  return isNegative(a) ? -way : way;
}

/** `0044-03-15 BC` is before `0001-01-01`; years of more digits are later. */
function compareInstants(a: string, b: string): number {
  const ranks = rankOf(a) - rankOf(b);
  if (ranks !== 0) return ranks;
  const [yearOfA, yearOfB] = [yearOf(a), yearOf(b)];
  if (yearOfA !== yearOfB) return yearOfA - yearOfB;
  return a < b ? -1 : 1;
}

function rankOf(instant: string): number {
  if (instant.endsWith('infinity')) return instant.startsWith('-') ? -1 : 1;
  return 0;
}

function yearOf(instant: string): number {
  const year = Number.parseInt(instant, 10);
  return instant.endsWith('BC') ? -year : year;
}
