import { areEqual, type ByteShape, compareInOrder, deviate, type ValueKind } from './bytes.ts';
import type { Chunks } from './lines.ts';
import { equalBytes, type Listener, walkBoth } from './side-by-side.ts';

/** The rows of `COPY ... TO STDOUT (FORMAT binary)`: a message each, with its number of columns, and a length before each value. */

/** Before the length of a message is its kind; it counts itself. */
const [lengthAt, countAt, columnsAt] = [1, 5, 7];
/** In front of the first row, in its message. */
const fileHeader = 19;

/** A row in its message. */
export interface BinaryRow {
  readonly buffer: Buffer;
  readonly from: number;
  readonly to: number;
}

/** Rows of a stream, whose chunks hold whole messages; bounded by the length of the longest row. */
export class BinaryRows {
  buffer: Buffer = Buffer.alloc(0);
  at = 0;
  readonly #chunks: Chunks;
  readonly #columns: number;
  #isFirst = true;

  constructor(chunks: Chunks, columns: number) {
    this.#chunks = chunks;
    this.#columns = columns;
  }

  get isEmpty(): boolean {
    return this.at === this.buffer.length;
  }

  /** Once all rows are taken: more of them, unless there are none. */
  async fill(): Promise<void> {
    this.at = 0;
    this.buffer = (await this.#chunks.next()) ?? Buffer.alloc(0);
    if (this.isEmpty || !this.#isFirst) return;
    this.#isFirst = false;
    this.buffer.copy(this.buffer, fileHeader, 0, 1);
    this.buffer.writeUInt32BE(
      this.buffer.readUInt32BE(lengthAt) - fileHeader,
      fileHeader + lengthAt,
    );
    this.at = fileHeader;
  }

  /** Null: there is the end of all rows. */
  row(): BinaryRow | null {
    const { buffer, at: from } = this;
    const to = from + 1 + buffer.readUInt32BE(from + lengthAt);
    const columns = buffer.readInt16BE(from + countAt);
    if (columns === -1) return null;
    if (columns !== this.#columns) throw new Error(`A row of ${columns} columns was not asked for`);
    return { buffer, from, to };
  }

  pass(): void {
    this.at += 1 + this.buffer.readUInt32BE(this.at + lengthAt);
  }
}

/** Where the columns of a row begin, as COPY takes them; they end with the row. */
export function columnsFrom({ from }: BinaryRow): number {
  return from + columnsAt;
}

export interface DifferingRows extends Listener {
  /** Both have a row of this key. `deviating`: the places of the columns in which they deviate, as far as bytes tell. */
  both(old: BinaryRow, candidate: BinaryRow, deviating: readonly number[]): void;
  onlyOld(row: BinaryRow): void;
  onlyNew(row: BinaryRow): void;
}

/**
 * Walks two streams of rows side by side, both in the order of their first columns, and tells which rows deviate. Where
 * their order is not the one that `shape` says, a row is told as one of each side: nothing is passed over that is not equal.
 */
export function walkRows(
  old: BinaryRows,
  candidate: BinaryRows,
  shape: ByteShape,
  differing: DifferingRows,
): Promise<void> {
  let wasEqual = true;
  return walkBoth(old, candidate, differing, () => {
    // Where one row differs, the next one is likely to: then it is looked at by its columns at once.
    const same = wasEqual ? passEqual(old, candidate) : 0;
    if (same === 0 || !(old.isEmpty || candidate.isEmpty))
      wasEqual = step(old, candidate, shape, differing);
  });
}

/** Gives how many bytes of whole rows are the same on both. */
function passEqual(old: BinaryRows, candidate: BinaryRows): number {
  const [first, other] = [old.at, candidate.at];
  const length = Math.min(old.buffer.length - first, candidate.buffer.length - other);
  const same = equalBytes(old, candidate, length);
  // Each holds whole rows only: where all of one is equal, so are its rows.
  if (same === length) old.at += length;
  else
    for (;;) {
      // A length that is not the same on both lies behind what is the same, and so does the row's end.
      const to = old.at + 1 + old.buffer.readUInt32BE(old.at + lengthAt);
      if (to > first + same) break;
      old.at = to;
    }
  candidate.at += old.at - first;
  return old.at - first;
}

/** Gives whether the rows were equal, byte by byte. */
function step(
  old: BinaryRows,
  candidate: BinaryRows,
  shape: ByteShape,
  differing: DifferingRows,
): boolean {
  const before = old.isEmpty ? null : old.row();
  const after = candidate.isEmpty ? null : candidate.row();
  const found = before !== null && after !== null ? compareColumns(before, after, shape) : null;
  if (found !== null && found.way === 0) {
    if (before !== null && after !== null && found.deviating.length > 0)
      differing.both(before, after, found.deviating);
  } else if (before !== null && (found === null || found.way < 0)) differing.onlyOld(before);
  else if (after !== null) differing.onlyNew(after);
  // The end of all rows is passed as soon as it is seen: the other side may have more.
  const way = found?.way ?? (before === null ? 1 : -1);
  if (!old.isEmpty && (before === null || way <= 0)) old.pass();
  if (!candidate.isEmpty && (after === null || way >= 0)) candidate.pass();
  return found?.areEqual ?? false;
}

interface Compared {
  /** Negative: the old row comes first. 0: they have one key. */
  readonly way: number;
  readonly deviating: readonly number[];
  readonly areEqual: boolean;
}

const equalRows: Compared = { way: 0, deviating: [], areEqual: true };

function compareColumns(
  { buffer: old, from: oldFrom }: BinaryRow,
  { buffer: candidate, from: newFrom }: BinaryRow,
  { columns, key }: ByteShape,
): Compared {
  let deviating: number[] | null = null;
  let [a, b] = [oldFrom + columnsAt, newFrom + columnsAt];
  for (let place = 0; place < columns.length; place++) {
    const [oldSize, newSize] = [old.readInt32BE(a), candidate.readInt32BE(b)];
    a += 4;
    b += 4;
    if (oldSize !== newSize || !areEqual(old, a, candidate, b, oldSize)) {
      deviating ??= [];
      const kind = columns[place] as ValueKind;
      const order = key[place];
      if (oldSize === -1 || newSize === -1) {
        if (order !== undefined) return { way: newSize - oldSize, deviating, areEqual: false };
        deviating.push(place);
      } else if (order === undefined && (kind === 'exact' || kind === 'server')) {
        deviating.push(place);
      } else if (order === undefined) {
        const [before, after] = [
          { buffer: old, at: a, size: oldSize },
          { buffer: candidate, at: b, size: newSize },
        ];
        if (deviate(before, after, kind)) deviating.push(place);
      } else {
        const [before, after] = [old.subarray(a, a + oldSize), candidate.subarray(b, b + newSize)];
        const way = compareInOrder(before, after, order);
        if (way !== 0) return { way, deviating, areEqual: false };
      }
    }
    a += Math.max(0, oldSize);
    b += Math.max(0, newSize);
  }
  return deviating === null ? equalRows : { way: 0, deviating, areEqual: false };
}
