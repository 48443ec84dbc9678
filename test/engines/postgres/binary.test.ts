import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import type { Connection } from 'pg';
import {
  type BinaryRow,
  BinaryRows,
  columnsFrom,
  walkRows,
} from '../../../src/engines/postgres/binary.ts';
import {
  type ByteShape,
  compareInOrder,
  deviate,
  type ValueAt,
  type ValueKind,
} from '../../../src/engines/postgres/bytes.ts';
import { CopyOut } from '../../../src/engines/postgres/copy.ts';

type Row = readonly [key: number, value: string | null];

const shape: ByteShape = { columns: ['exact', 'exact'], key: ['signed'] };

test('rows that deviate are found however the bytes come', async () => {
  const numbers = Array.from({ length: 400 }, (_, at) => at - 200);
  const old = numbers.filter((n) => n % 50 !== 3).map((n): Row => [n, textOf(n)]);
  const candidate = numbers
    .filter((n) => n % 70 !== 5)
    .map((n): Row => [n, n % 31 === 0 ? `${textOf(n)}!` : n % 97 === 0 ? null : textOf(n)]);
  const expected = expectedOf(old, candidate);
  expect([expected.both.length, expected.onlyOld.length, expected.onlyNew.length]).toEqual([
    17, 3, 4,
  ]);
  for (const size of [1, 7, 64, 1000, 100_000])
    for (const other of [3, 4096])
      expect(await walked(old, candidate, size, other)).toEqual(expected);
});

test('rows that are longer than the room for pieces', async () => {
  const rows = (last: string): Row[] => [
    [1, 'a'],
    [2, 'x'.repeat(300_000)],
    [3, 'y'.repeat(140_000)],
    [4, `${'z'.repeat(500_000)}${last}`],
    [5, 'b'],
  ];
  const expected = { both: [[4, [1]]], onlyOld: [], onlyNew: [] };
  for (const size of [1000, 65_536])
    expect(await walked(rows('1'), rows('2'), size, 4096)).toEqual(expected);
});

test('one side has no rows', async () => {
  const rows: Row[] = [
    [1, 'a'],
    [2, null],
  ];
  const none = { both: [], onlyOld: [], onlyNew: [] };
  expect(await walked(rows, [], 5, 9)).toEqual({ ...none, onlyOld: [1, 2] });
  expect(await walked([], rows, 100, 9)).toEqual({ ...none, onlyNew: [1, 2] });
  expect(await walked([], [], 4, 9)).toEqual(none);
});

test('rows out of order are told on both sides, never passed over', async () => {
  const rows = (...keys: number[]) => keys.map((key): Row => [key, 'v']);
  const found = await walked(rows(1, 9, 2, 3), rows(1, 2, 3, 9), 1000, 1000);
  const told = [...found.onlyOld].sort();
  expect(told).toEqual([...found.onlyNew].sort());
  expect(told).toEqual([2, 3]);
});

test('a row of another number of columns is no row of ours', async () => {
  const rows = [[1, 'a']] as const;
  const streams = [rows, rows].map((one) => new BinaryRows(copied(one, 1000), 3));
  // Equal bytes are equal, whatever they are.
  const [old] = streams as [BinaryRows];
  const other = new BinaryRows(copied([[1, 'b']], 1000), 3);
  await expect(walkRows(old, other, shape, telling().differing)).rejects.toThrow('2 columns');
});

test('numbers of PostgreSQL by their bytes', () => {
  // The value's parts: digits to the base of 10,000, the weight of the first, sign, digits that are shown.
  const numeric = (digits: number[], weight: number, sign: number, shown: number) => {
    const bytes = Buffer.alloc(8 + 2 * digits.length);
    bytes.writeInt16BE(digits.length, 0);
    bytes.writeInt16BE(weight, 2);
    bytes.writeUInt16BE(sign, 4);
    bytes.writeInt16BE(shown, 6);
    for (const [at, digit] of digits.entries()) bytes.writeInt16BE(digit, 8 + 2 * at);
    return bytes;
  };
  const [minus, nan] = [0x4000, 0xc000];
  const inOrder = [
    numeric([1], 2, minus, 0), // -100,000,000
    numeric([1, 2], 1, minus, 0), // -10,002
    numeric([1], 1, minus, 0), // -10,000
    numeric([7], 0, minus, 0),
    numeric([], 0, 0, 0),
    numeric([7], 0, 0, 0),
    numeric([1], 1, 0, 0),
    numeric([1, 2], 1, 0, 0),
    numeric([1], 2, 0, 0),
    numeric([], 0, nan, 0),
  ];
  for (const [at, a] of inOrder.entries())
    for (const [other, b] of inOrder.entries())
      expect([at, other, Math.sign(compareInOrder(a, b, 'numeric')) + 0]).toEqual([
        at,
        other,
        Math.sign(at - other),
      ]);
  const at = (bytes: Buffer): ValueAt => ({
    buffer: Buffer.concat([Buffer.from('before'), bytes]),
    at: 6,
    size: bytes.length,
  });
  const deviates = (a: Buffer, b: Buffer, kind: ValueKind) => deviate(at(a), at(b), kind);
  expect(deviates(numeric([1], 0, 0, 1), numeric([1], 0, 0, 2), 'numeric')).toBe(false);
  expect(deviates(numeric([1], 0, 0, 1), numeric([1], 0, minus, 1), 'numeric')).toBe(true);
  expect(deviates(numeric([1], 0, 0, 1), numeric([1, 5], 0, 0, 1), 'numeric')).toBe(true);
  const float = (value: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return bytes;
  };
  expect(deviates(float(0), float(-0), 'float')).toBe(false);
  expect(deviates(Buffer.from('7ff8000000000001', 'hex'), float(Number.NaN), 'float')).toBe(false);
  expect(deviates(float(1), float(1 + Number.EPSILON), 'float')).toBe(true);
  expect(deviates(float(1), float(Number.NaN), 'float')).toBe(true);
});

const textOf = (n: number) => (n % 13 === 0 ? null : 'x'.repeat(Math.abs(n) % 40));

interface Told {
  readonly both: readonly (readonly [number, readonly number[]])[];
  readonly onlyOld: readonly number[];
  readonly onlyNew: readonly number[];
}

function expectedOf(old: readonly Row[], candidate: readonly Row[]): Told {
  const [before, after] = [new Map(old), new Map(candidate)];
  return {
    both: [...before]
      .filter(([key, value]) => after.has(key) && after.get(key) !== value)
      .map(([key]) => [key, [1]]),
    onlyOld: [...before.keys()].filter((key) => !after.has(key)),
    onlyNew: [...after.keys()].filter((key) => !before.has(key)),
  };
}

function telling() {
  const told = {
    both: [] as [number, readonly number[]][],
    onlyOld: [] as number[],
    onlyNew: [] as number[],
  };
  const keyOf = (row: BinaryRow) => row.buffer.readInt32BE(columnsFrom(row) + 4);
  const differing = {
    both: (old: BinaryRow, candidate: BinaryRow, deviating: readonly number[]) => {
      expect(keyOf(candidate)).toBe(keyOf(old));
      told.both.push([keyOf(old), deviating]);
    },
    onlyOld: (row: BinaryRow) => void told.onlyOld.push(keyOf(row)),
    onlyNew: (row: BinaryRow) => void told.onlyNew.push(keyOf(row)),
    settled: async () => undefined,
  };
  return { told, differing };
}

async function walked(old: readonly Row[], candidate: readonly Row[], size: number, other: number) {
  const { told, differing } = telling();
  const streams = [
    new BinaryRows(copied(old, size), 2),
    new BinaryRows(copied(candidate, other), 2),
  ];
  await walkRows(...(streams as [BinaryRows, BinaryRows]), shape, differing);
  return told;
}

/** What the server sends, in pieces of this size: rows, and notices between them. */
function copied(rows: readonly Row[], size: number): CopyOut {
  const messages = rows.map(([key, value]) => {
    const bytes = value === null ? null : Buffer.from(value);
    const row = Buffer.alloc(2 + 4 + 4 + 4 + (bytes?.length ?? 0));
    row.writeInt16BE(2, 0);
    row.writeInt32BE(4, 2);
    row.writeInt32BE(key, 6);
    row.writeInt32BE(bytes?.length ?? -1, 10);
    bytes?.copy(row, 14);
    return row;
  });
  const header = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
  const [first, ...others] = [...messages, Buffer.from([0xff, 0xff])];
  const all = [
    message('H', Buffer.alloc(3)),
    message('d', Buffer.concat([header, first as Buffer])),
    ...others.flatMap((row, at) =>
      at % 10 === 4
        ? [message('N', Buffer.from('by the way')), message('d', row)]
        : [message('d', row)],
    ),
    message('c', Buffer.alloc(0)),
    message('C', Buffer.from('COPY')),
  ];
  return driven(Buffer.concat(all), size);
}

function message(kind: string, body: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(kind), size, body]);
}

/** A driver that gives a piece whenever it is asked to go on. */
function driven(bytes: Buffer, size: number): CopyOut {
  const copy = new CopyOut('COPY', 'messages', async () => undefined);
  let at = 0;
  const give = () => {
    const piece = Buffer.from(bytes.subarray(at, at + size));
    at += piece.length;
    if (piece.length > 0) stream.emit('data', piece);
  };
  const stream = Object.assign(new EventEmitter(), {
    pause: () => stream,
    resume: () => {
      setImmediate(give);
      return stream;
    },
  });
  let isTold = false;
  stream.on('data', () => {
    // The first of what is left to the driver is that there are no more rows.
    if (!isTold) copy.handleCommandComplete();
    isTold = true;
  });
  copy.submit({ stream, query: () => undefined } as unknown as Connection);
  return copy;
}
