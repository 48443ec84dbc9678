import type { RowCounts, TablePair } from '../engine.ts';
import { type BinaryRow, BinaryRows, columnsFrom, type DifferingRows, walkRows } from './binary.ts';
import type { ByteShape } from './bytes.ts';
import {
  type BegunCandidates,
  type Candidates,
  Progress,
  readByKey,
  sourcesOf,
  targetOf,
} from './candidates.ts';
import type { CopyIn, CopyOut } from './copy.ts';
import { foreignParts } from './foreign-parts.ts';
import type { Joined } from './joined.ts';
import type { Blocks } from './lineage.ts';
import type { Lane } from './workspace.ts';

/**
 * Reads both sides in the server's binary form, in one order, side by side, and keeps what deviates. Where much does, and
 * the bytes tell in which columns, rows are only counted after a while: when they are asked for, both sides are read once
 * more, but only the columns that are wanted.
 */
export async function findByBytes(
  lane: Lane,
  begun: BegunCandidates,
  {
    shape,
    blocks,
    room: most,
  }: {
    readonly shape: ByteShape;
    /** Only rows in these can differ; null: any. */
    readonly blocks: readonly Blocks[] | null;
    /** So many rows that both sides have are kept at once. */
    readonly room: number;
  },
  rows: RowCounts,
  onProgress: (done: number) => void,
): Promise<Joined> {
  const from = sourcesOf(lane, begun, blocks);
  const places = [...begun.columns.keys()];
  const canCount = shape.columns.every((kind) => kind !== 'server');
  const isFew = Math.min(rows.old, rows.new) <= most;
  const room =
    canCount && (isFew || (await isReadAgain(lane, begun.pair))) ? most : Number.POSITIVE_INFINITY;
  const progress = new Progress(rows, onProgress);
  const found = await sideBySide(
    lane,
    { begun, shape, from, places, progress },
    (into) => new FirstRows(into, places.length, room),
  );
  progress.end();
  return {
    added: 0,
    removed: 0,
    cells: found.cells,
    candidates: {
      ...begun,
      found: found.kept,
      keepCounted:
        found.counted === 0
          ? async () => undefined
          : keepingCounted(lane, { begun, shape, from }, found, room),
    },
  };
}

/** The server decides so many rows in no time, and often there are no more. */
export function roomFor({ old, new: candidate }: RowCounts): number {
  return Math.max(2_000, Math.floor(Math.max(old, candidate) / 16));
}

/** Of a table, one instant has one content. What a view computes, or another server gives, may be other rows each time. */
async function isReadAgain(lane: Lane, pair: TablePair): Promise<boolean> {
  if (pair.oldKind !== 'table' || pair.newKind !== 'table') return false;
  for (const side of ['old', 'new'] as const) {
    const table = lane.workshop.table(side, pair.schema, pair.name);
    const about = `look for rows of ${pair.schema}.${pair.name} on other servers`;
    if ((await lane.readRow(side, 'table', about, foreignParts, [table])).parts !== null)
      return false;
  }
  return true;
}

interface Reading {
  readonly begun: BegunCandidates;
  readonly shape: ByteShape;
  /** For a FROM clause, with AS. */
  readonly from: Candidates['relations'];
  /** Of the columns that are read; first the key. */
  readonly places: readonly number[];
  readonly progress: Progress | null;
}

async function sideBySide<T extends KeptRows>(
  lane: Lane,
  { begun, shape, from, places, progress }: Reading,
  keep: (into: CopyIn) => T,
): Promise<T> {
  const { pair } = begun;
  const columns = places.flatMap((place) => begun.columns[place] ?? []);
  return lane.read('old', pair.oldKind, (old) =>
    lane.read('new', pair.newKind, async (candidate) => {
      const worker = await lane.worker();
      const into = await worker.copyIn(targetOf(begun, places), 'binary');
      const streams: CopyOut[] = [];
      try {
        streams.push(old.copyBinaryOut(readByKey({ columns, pair }, 'old', from.old)));
        streams.push(candidate.copyBinaryOut(readByKey({ columns, pair }, 'new', from.new)));
        const kept = keep(into);
        const [before, after] = streams.map((stream) => new BinaryRows(stream, places.length)) as [
          BinaryRows,
          BinaryRows,
        ];
        const kinds = places.map((place) => shape.columns[place] ?? 'server');
        await walkRows(
          before,
          after,
          { columns: kinds, key: shape.key },
          {
            both: (one, other, deviating) => kept.both(one, other, deviating),
            onlyOld: (row) => kept.onlyOld(row),
            onlyNew: (row) => kept.onlyNew(row),
            settled: (bytes) => {
              lane.goOn();
              progress?.at(bytes);
              return into.settled();
            },
          },
        );
        into.add(fileEnd);
        await into.end(kept.kept.changed + kept.kept.added + kept.kept.removed);
        return kept;
      } catch (error) {
        await Promise.all([into.abandon(), ...streams.map((stream) => stream.cancel())]);
        throw error;
      }
    }),
  );
}

/** Once more, for the rows that found no room. */
function keepingCounted(
  lane: Lane,
  reading: Omit<Reading, 'places' | 'progress'>,
  found: FirstRows,
  room: number,
): Candidates['keepCounted'] {
  const { pair, columns, table } = reading.begun;
  const wanted = new Set<number>([...(pair.key ?? []).keys(), ...found.deviating]);
  let kept: number | null = null;
  return async (names) => {
    for (const [place, { column }] of columns.entries())
      if (names.includes(column.name)) wanted.add(place);
    if (kept === wanted.size) return;
    if (kept !== null)
      await lane.run(
        `make room for the rows of ${pair.schema}.${pair.name} that differ`,
        `DELETE FROM ${table} WHERE nr >= ${countedFrom}`,
      );
    const places = [...wanted].sort((a, b) => a - b);
    const again = await sideBySide(
      lane,
      { ...reading, places, progress: null },
      (into) => new LaterRows(into, places.length, room),
    );
    if (again.kept.changed !== found.counted)
      throw new Error(`${again.kept.changed} of ${found.counted} rows were found again`);
    kept = wanted.size;
  };
}

// ---------------------------------------------------------------------------------------------
// Keeping

/** A row has its kind, its number, the old row and then the new one. */
abstract class KeptRows implements Omit<DifferingRows, 'settled'> {
  readonly kept = { changed: 0, added: 0, removed: 0 };
  readonly #into: CopyIn;
  readonly #nothing: Buffer;
  readonly #head: Readonly<Record<keyof KeptRows['kept'], Buffer>>;
  #nr: number;

  constructor(into: CopyIn, columns: number, firstNr: number) {
    this.#into = into;
    this.#nr = firstNr;
    // A length of -1 is NULL.
    this.#nothing = Buffer.alloc(4 * columns, 0xff);
    this.#head = {
      changed: headOf('changed', columns),
      added: headOf('added', columns),
      removed: headOf('removed', columns),
    };
    into.add(fileBegin);
  }

  abstract both(old: BinaryRow, candidate: BinaryRow, deviating: readonly number[]): void;
  abstract onlyOld(row: BinaryRow): void;
  abstract onlyNew(row: BinaryRow): void;

  protected keep(kind: keyof KeptRows['kept'], old: BinaryRow | null, candidate: BinaryRow | null) {
    this.kept[kind] += 1;
    const head = this.#head[kind];
    head.writeUInt32BE(Math.floor(this.#nr / 2 ** 32), head.length - 8);
    head.writeUInt32BE(this.#nr % 2 ** 32, head.length - 4);
    this.#nr += 1;
    this.#into.add(head);
    this.#addColumns(old);
    this.#addColumns(candidate);
  }

  #addColumns(row: BinaryRow | null): void {
    if (row === null) this.#into.add(this.#nothing);
    else this.#into.addPart(row.buffer, columnsFrom(row), row.to);
  }
}

/** Keeps rows as long as there is room, and then counts the cells that deviate. */
class FirstRows extends KeptRows {
  /** By the place of the column; of rows that were not kept. */
  readonly cells = new Map<number, number>();
  /** Places of all columns that deviate in any row. */
  readonly deviating = new Set<number>();
  /** How many rows were not kept. */
  counted = 0;
  readonly #room: number;

  constructor(into: CopyIn, columns: number, room: number) {
    super(into, columns, 1);
    this.#room = room;
  }

  both(old: BinaryRow, candidate: BinaryRow, deviating: readonly number[]): void {
    for (const place of deviating) this.deviating.add(place);
    if (this.kept.changed < this.#room) {
      this.keep('changed', old, candidate);
      return;
    }
    this.counted += 1;
    for (const place of deviating) this.cells.set(place, (this.cells.get(place) ?? 0) + 1);
  }

  onlyOld(row: BinaryRow): void {
    this.keep('removed', row, null);
  }

  onlyNew(row: BinaryRow): void {
    this.keep('added', null, row);
  }
}

/** Keeps those that were counted: behind the rows that found room. */
class LaterRows extends KeptRows {
  #toPass: number;

  constructor(into: CopyIn, columns: number, toPass: number) {
    super(into, columns, countedFrom);
    this.#toPass = toPass;
  }

  both(old: BinaryRow, candidate: BinaryRow): void {
    if (this.#toPass > 0) this.#toPass -= 1;
    else this.keep('changed', old, candidate);
  }

  onlyOld(): void {}

  onlyNew(): void {}
}

/** Of rows that are kept later, the first number. */
const countedFrom = 2 ** 41;

/** What COPY asks for around the rows. */
const fileBegin = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const fileEnd = Buffer.from([0xff, 0xff]);

/** In front of the columns of both sides: how many there are, the kind of row and room for its number. */
function headOf(kind: string, columns: number): Buffer {
  const head = Buffer.alloc(2 + 4 + kind.length + 4 + 8);
  head.writeInt16BE(2 + 2 * columns, 0);
  head.writeInt32BE(kind.length, 2);
  head.write(kind, 6);
  head.writeInt32BE(8, 6 + kind.length);
  return head;
}
