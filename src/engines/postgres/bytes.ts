import type { TablePair } from '../engine.ts';
import type { StoredColumn } from './candidates.ts';
import { isBuiltIn, type Type } from './types.ts';
import { sameType } from './values.ts';

/**
 * What the bytes of `COPY ... (FORMAT binary)` mean: of most types they tell without the server whether two values deviate,
 * and in which order keys stand.
 */

/** How it is told whether two values deviate whose bytes differ. `server`: only it can tell. */
export type ValueKind = 'exact' | 'numeric' | 'float' | 'server';

/** The order of a key's values. */
export type ByteOrder = 'signed' | 'unsigned' | 'numeric';

export interface ByteShape {
  readonly columns: readonly ValueKind[];
  /** Of the first columns. */
  readonly key: readonly ByteOrder[];
}

/** Null: the sides' bytes cannot stand side by side, or not be stored as they are; texts can. */
export function shapeOf(columns: readonly StoredColumn[], pair: TablePair): ByteShape | null {
  const kinds = columns.map((column) => kindOf(column, pair.mode));
  const key = columns.slice(0, pair.key?.length).map(({ own }) => orderOf(own.old));
  if (!kinds.every((kind) => kind !== null) || !key.every((order) => order !== null)) return null;
  return { columns: kinds, key };
}

function kindOf({ column, own }: StoredColumn, mode: TablePair['mode']): ValueKind | null {
  const { old, new: candidate } = own;
  if (!sameType(old, candidate)) return null;
  if (old.kind === 'enum') return 'exact';
  // An array names the type of its elements by a number; PostgreSQL's own have the same one everywhere.
  if (old.kind === 'array') return isBuiltIn(old) && isSendable(old.of) ? 'server' : null;
  if (old.kind !== 'base' || candidate.kind !== 'base' || !isSendable(old)) return null;
  // They would be written with as many digits as the other side has.
  if (old.scale !== candidate.scale) return null;
  if (column.tolerance !== null) return 'server';
  if (exact.test(old.name)) return 'exact';
  if (old.name === 'numeric') return mode === 'strict' ? 'exact' : 'numeric';
  if (/^float[48]$/.test(old.name)) return mode === 'strict' ? 'server' : 'float';
  return 'server';
}

/** Values are equal where their bytes are, and only there. Of texts, bytes decide. */
const exact =
  /^(int[248]|bool|uuid|date|timestamp|timestamptz|time|bytea|oid|money|macaddr8?|text|varchar|bpchar|name)$/;

function isSendable(type: Type): boolean {
  return (
    type.kind === 'base' &&
    (exact.test(type.name) ||
      /^(numeric|float[48]|interval|timetz|jsonb?|inet|cidr)$/.test(type.name))
  );
}

/** As `keyOrder` has the server put them. Null: in another one than that of the bytes. */
function orderOf(type: Type): ByteOrder | null {
  if (type.kind === 'enum') return 'unsigned';
  if (type.kind !== 'base') return null;
  if (/^(int[248]|date|timestamp|timestamptz|time)$/.test(type.name)) return 'signed';
  if (/^(bool|uuid|bytea|text|varchar|bpchar|name)$/.test(type.name)) return 'unsigned';
  return type.name === 'numeric' && type.scale === 0 ? 'numeric' : null;
}

/** A value in a buffer. Of a large table there are many: to cut each out of its buffer would take longer than to compare it. */
export interface ValueAt {
  readonly buffer: Buffer;
  readonly at: number;
  readonly size: number;
}

/** Whether values deviate whose bytes differ; neither is NULL. */
export function deviate(a: ValueAt, b: ValueAt, kind: ValueKind): boolean {
  if (kind === 'numeric') {
    // Number of digits, weight, sign; then how many digits are shown, which does not count; then the digits.
    return (
      a.size !== b.size ||
      !areEqual(a.buffer, a.at, b.buffer, b.at, 6) ||
      !areEqual(a.buffer, a.at + 8, b.buffer, b.at + 8, a.size - 8)
    );
  }
  if (kind === 'float') {
    const [one, other] = [floatOf(a), floatOf(b)];
    return one !== other && !(Number.isNaN(one) && Number.isNaN(other));
  }
  return true;
}

function floatOf({ buffer, at, size }: ValueAt): number {
  return size === 4 ? buffer.readFloatBE(at) : buffer.readDoubleBE(at);
}

export function areEqual(a: Buffer, from: number, b: Buffer, other: number, size: number): boolean {
  if (size > 24) return a.compare(b, other, other + size, from, from + size) === 0;
  for (let at = 0; at < size; at++) if (a[from + at] !== b[other + at]) return false;
  return true;
}

/** Negative: `a` comes first. */
export function compareInOrder(a: Buffer, b: Buffer, order: ByteOrder): number {
  if (order === 'numeric') return compareNumerics(a, b);
  // In two's complement only the sign is the wrong way round.
  const signs = order === 'signed' ? ((b[0] ?? 0) >> 7) - ((a[0] ?? 0) >> 7) : 0;
  return signs || a.compare(b);
}

/** NaN comes after all numbers. */
function compareNumerics(a: Buffer, b: Buffer): number {
  const [ranks, rank] = [rankOf(a) - rankOf(b), rankOf(a)];
  if (ranks !== 0 || Math.abs(rank) !== 1) return ranks;
  // Digits to the base of 10,000 without zeros at either end: the weight of the first comes first.
  return rank * (a.readInt16BE(2) - b.readInt16BE(2) || a.compare(b, 8, b.length, 8, a.length));
}

function rankOf(number: Buffer): number {
  const sign = number.readUInt16BE(4);
  if (sign === 0x4000) return -1;
  if (sign === 0) return number.readUInt16BE(0) === 0 ? 0 : 1;
  return sign === 0xf000 ? -2 : sign === 0xd000 ? 2 : 3;
}
