import { cutTo, decimalOf } from '../decimals.ts';
import type { ComparedColumn, Side, TablePair } from '../engine.ts';
import { literal, quote } from './connection.ts';
import { canonicalJson } from './json-content.ts';
import { type Field, type Type, typeOf } from './types.ts';

/**
 * How values are compared. Each side is read through a subquery that gives its columns the names v0, v1, ... (the
 * values as they are compared), so that no name of the user's can collide with ours: `reading.ts`.
 */

/** What is read on each side: quoted relations, and whether `rowid` means DuckDB's own. */
export interface Sources {
  readonly old: string;
  readonly new: string;
  readonly hasRowid: boolean;
  /** Tables all of whose columns are stored: none is computed when it is read. */
  readonly isStored: boolean;
  /** Text columns compare byte by byte even where the table declares a collation. */
  readonly collated: boolean;
  readonly mode: TablePair['mode'];
  readonly key: TablePair['key'];
}

/**
 * The value as it is compared: of the type that both sides share, in the representation that the mode asks for.
 * `grouped`: equal values must be the same value, because rows are brought together by them.
 */
export function compared(
  column: ComparedColumn,
  side: Side,
  sources: Sources,
  grouped: boolean,
): string {
  const { name, oldType, newType } = column;
  const [own, other] = side === 'old' ? [oldType, newType] : [newType, oldType];
  if (isJson(column, sources.mode)) {
    // Writing JSON in canonical form is slow: row by row only texts that differ are, by `deviates`.
    const text = withoutCollation(`${quote(name)}::VARCHAR`, sources);
    return grouped || sources.key?.includes(name) ? canonicalJson(text) : text;
  }
  const value = valueIn(quote(name), typeOf(own), typeOf(other), sources.mode, 0);
  return isEncoded(column, sources) ? `encode(${value})` : value;
}

/** What is compared of this side is the value itself, as it is stored. */
export function isComparedAsStored(column: ComparedColumn, side: Side, sources: Sources): boolean {
  return compared(column, side, sources, false) === quote(column.name);
}

/** Byte by byte, whatever collation the table declares; a cast to text keeps it. */
export function isEncoded(column: ComparedColumn, { collated, mode }: Sources): boolean {
  const types = [column.oldType, column.newType];
  return collated && types.includes('VARCHAR') && !types.includes('BLOB') && !isJson(column, mode);
}

/** The value as it is stored, of `value` that `compared` gave for rows without a key; null: it does not tell. */
export function restored(
  value: string,
  column: ComparedColumn,
  side: Side,
  sources: Sources,
): string | null {
  const { oldType, newType } = column;
  const [own, other] = side === 'old' ? [oldType, newType] : [newType, oldType];
  if (own === other && own.startsWith('GEOMETRY')) return `ST_GeomFromWKB(${value})`;
  if (own === 'VARCHAR' && other === 'BLOB') return `decode(${value})`;
  const type = typeOf(own);
  if (type.kind !== 'plain' && valueIn(value, type, typeOf(other), sources.mode, 0) !== value)
    return null;
  // What is compared may be the text of a value.
  return `TRY_CAST(${isEncoded(column, sources) ? `decode(${value})` : value} AS ${own})`;
}

function withoutCollation(text: string, { collated }: Sources): string {
  return collated ? `decode(encode(${text}))` : text;
}

/** By content, not by text. */
function isJson({ oldType, newType }: ComparedColumn, mode: Sources['mode']): boolean {
  const isText = (type: string) => type === 'JSON' || type === 'VARCHAR';
  const both = isText(oldType) && isText(newType);
  return mode === 'semantic' && both && (oldType === 'JSON' || newType === 'JSON');
}

/** `depth` keeps the names in nested types apart. */
function valueIn(
  value: string,
  own: Type,
  other: Type,
  mode: Sources['mode'],
  depth: number,
): string {
  if (own.kind === 'list' && other.kind === 'list') {
    const item = `item_${depth}`;
    const inner = valueIn(item, own.of, other.of, mode, depth + 1);
    // Arrays of another length have no common type; lists do.
    return inner === item && own.length === other.length
      ? value
      : `list_transform(${value}, lambda ${item}: ${inner})`;
  }
  if (own.kind === 'map' && other.kind === 'map') {
    const item = `item_${depth}`;
    const [key, of] = [`struct_extract(${item}, 'key')`, `struct_extract(${item}, 'value')`];
    const inner = [
      valueIn(key, own.key, other.key, mode, depth + 1),
      valueIn(of, own.value, other.value, mode, depth + 1),
    ];
    if (inner[0] === key && inner[1] === of) return value;
    return `list_transform(map_entries(${value}), lambda ${item}: struct_pack(k := ${inner[0]}, v := ${inner[1]}))`;
  }
  if (own.kind === 'struct' && other.kind === 'struct' && sameFields(own, other)) {
    return structIn(value, own, other, mode, depth);
  }
  if (
    own.kind === 'union' &&
    other.kind === 'union' &&
    (own.name !== other.name || mode === 'strict')
  ) {
    return `CASE WHEN ${value} IS NOT NULL THEN struct_pack(tag := union_tag(${value})::VARCHAR, text := ${value}::VARCHAR) END`;
  }
  if (own.kind === 'plain' && other.kind === 'plain') {
    return plainIn(value, own.name, other.name, mode);
  }
  return own.kind === other.kind && own.kind !== 'struct' ? value : `${value}::VARCHAR`;
}

type Struct = Type & { readonly kind: 'struct' };

/** Fields are brought together by name, as DuckDB does when it casts one struct to another. */
function structIn(
  value: string,
  own: Struct,
  other: Struct,
  mode: Sources['mode'],
  depth: number,
): string {
  const fields = byName(own).map(({ name, type }, at) => {
    const from = `struct_extract(${value}, ${literal(name)})`;
    const otherType = byName(other)[at]?.type ?? type;
    return { from, to: valueIn(from, type, otherType, mode, depth + 1) };
  });
  if (fields.every(({ from, to }) => from === to) && fieldNames(own) === fieldNames(other))
    return value;
  const packed = fields.map(({ to }, at) => `f${at} := ${to}`);
  return `CASE WHEN ${value} IS NOT NULL THEN struct_pack(${packed.join(', ')}) END`;
}

function sameFields(one: Struct, other: Struct): boolean {
  const names = (type: Struct) => byName(type).map(({ name }) => name.toLowerCase());
  return JSON.stringify(names(one)) === JSON.stringify(names(other));
}

function byName({ fields }: Struct): Field[] {
  const lower = ({ name }: Field) => name.toLowerCase();
  return [...fields].sort((a, b) => (lower(a) < lower(b) ? -1 : 1));
}

function fieldNames({ fields }: Struct): string {
  return JSON.stringify(fields.map(({ name }) => name));
}

function plainIn(value: string, own: string, other: string, mode: Sources['mode']): string {
  if (own !== other) {
    if (isNumeric(own) && isNumeric(other)) return numberOf(value, own, other, mode);
    if (isTemporal(own) && isTemporal(other)) return instantOf(value, own, other);
    if (isTime(own) && isTime(other)) return `${value}::TIME WITH TIME ZONE`;
    // Not the text of the bytes, in which \xFF may be one byte or four.
    if (own === 'BLOB' && other === 'VARCHAR') return value;
    if (own === 'VARCHAR' && other === 'BLOB') return `encode(${value})`;
    return `${value}::VARCHAR`;
  }
  // DuckDB 1.5 does not find equal geometries when it joins by them.
  if (own.startsWith('GEOMETRY')) return `ST_AsWKB(${value})`;
  // In strict mode -0.0 is not 0.0, and a month is not thirty days: their texts tell.
  return mode === 'strict' && /^(FLOAT|DOUBLE|INTERVAL)$/.test(own) ? `${value}::VARCHAR` : value;
}

/**
 * A number that meets one of another type. DuckDB's own common type may lose digits (BIGINT and DOUBLE) or not hold
 * the value at all (two DECIMALs): then the shortest text of the number is compared.
 */
function numberOf(value: string, own: string, other: string, mode: Sources['mode']): string {
  if (isFloat(own)) {
    const wide = isFloat(other) ? `${value}::DOUBLE` : value;
    if (mode === 'strict') return `${wide}::VARCHAR`;
    return isFloat(other)
      ? wide
      : `(CASE WHEN ${value} = 0 THEN 0::${own} ELSE ${value} END)::VARCHAR`;
  }
  if (isFloat(other)) {
    // By its text: DuckDB's cast of a long DECIMAL is a division, which errs in the last bit.
    const near = `TRY_CAST(${value}::VARCHAR AS ${other})::VARCHAR`;
    return `CASE WHEN TRY_CAST(${near} AS ${own}) = ${value} THEN ${near} ELSE ${value}::VARCHAR END`;
  }
  if (areExactTogether(own, other)) return value;
  const { whole, scale } = digitsOf(own);
  const text = `${value}::VARCHAR`;
  if (scale === 0) return text;
  // Without a digit before the point, DuckDB writes none.
  const full = `CASE WHEN starts_with(${text}, '.') THEN '0' || ${text} WHEN starts_with(${text}, '-.') THEN '-0' || substr(${text}, 2) ELSE ${text} END`;
  return `rtrim(rtrim(${whole === 0 ? full : text}, '0'), '.')`;
}

/** Two exact types have a common one that holds each value of both. */
function areExactTogether(one: string, other: string): boolean {
  if (one === other) return true;
  const [a, b] = [digitsOf(one), digitsOf(other)];
  const fits = Math.max(a.whole, b.whole) + Math.max(a.scale, b.scale) <= 38;
  const integers = a.scale + b.scale === 0 && !/DECIMAL/.test(one + other);
  // No type holds both those of UHUGEINT and negative ones.
  const isUnsigned = one.startsWith('U') && other.startsWith('U');
  return fits || (integers && (isUnsigned || !/UHUGE/.test(one + other)));
}

/** Each type holds other years, and another share of a second: where a value does not fit the other, texts tell. */
function instantOf(value: string, own: string, other: string): string {
  const isMicro = (type: string) => /^TIMESTAMP( WITH TIME ZONE)?$/.test(type);
  if (isMicro(own) && isMicro(other)) return value;
  if (own === 'TIMESTAMP_NS') return `${value}::VARCHAR`;
  return `coalesce(TRY_CAST(${value} AS TIMESTAMP)::VARCHAR, ${value}::VARCHAR)`;
}

/** Whether the values of a column deviate, in the `at`-th place of what both sides give. */
export function deviates(
  column: ComparedColumn,
  at: number,
  { mode }: Pick<Sources, 'mode'>,
): string {
  const { tolerance } = column;
  const [o, n] = [`o.v${at}`, `n.v${at}`];
  if (isJson(column, mode)) {
    return `CASE WHEN ${o} IS DISTINCT FROM ${n} THEN ${canonicalJson(o)} IS DISTINCT FROM ${canonicalJson(n)} ELSE false END`;
  }
  if (tolerance === null) return `${o} IS DISTINCT FROM ${n}`;
  return `(${o} IS DISTINCT FROM ${n} AND NOT coalesce(${isWithin(column, tolerance, o, n)}, false))`;
}

type Tolerance = NonNullable<ComparedColumn['tolerance']>;

/** NULL where the distance overflows, or one is NULL: beyond every tolerance. */
function isWithin(
  { oldType, newType }: ComparedColumn,
  tolerance: Tolerance,
  o: string,
  n: string,
): string {
  const floats = [oldType, newType].filter(isFloat).length;
  const [a, b] = [`${o}::DOUBLE`, `${n}::DOUBLE`];
  const larger = `greatest(abs(${a}), abs(${b}))`;
  const limit =
    'absolute' in tolerance ? `${tolerance.absolute}` : `${tolerance.relative} * ${larger}`;
  // What a DOUBLE does not hold of a number counts as distance: 2^-51 of it is more than its conversion loses.
  const lost = floats === 2 ? '' : ` + ${larger} / 2251799813685248`;
  const near = `isfinite(${a}) AND isfinite(${b}) AND abs(${b} - ${a})${lost} <= ${limit}`;
  return floats === 0
    ? `coalesce(${isExactlyWithin(oldType, newType, tolerance, o, n)}, ${near})`
    : near;
}

/** Without a DOUBLE, which has some 16 digits. NULL where one is NULL, and where it takes more than the 38 digits that there are. */
function isExactlyWithin(
  oldType: string,
  newType: string,
  tolerance: Tolerance,
  o: string,
  n: string,
): string {
  const scale = Math.max(digitsOf(oldType).scale, digitsOf(newType).scale);
  const type = scale === 0 ? 'HUGEINT' : `DECIMAL(38, ${scale})`;
  const [a, b] = [`TRY_CAST(${o} AS ${type})`, `TRY_CAST(${n} AS ${type})`];
  // Not by greatest() and least(): they pass over NULL.
  const distance = `TRY(abs(${a} - ${b}))`;
  if ('absolute' in tolerance) {
    const limit = cutTo(scale, tolerance.absolute);
    return limit === null ? 'NULL::BOOLEAN' : `${distance} <= ${literal(limit)}::${type}`;
  }
  const { digits, point } = decimalOf(tolerance.relative);
  const times = (value: string, factor: bigint) => `TRY((${value} * ${factor})::${type})`;
  const larger = `greatest(abs(${a}), abs(${b}))`;
  return `${times(distance, 10n ** BigInt(point))} <= ${times(larger, digits)}`;
}

/** Why values of a type cannot be compared; null when they can, if need be by their texts. */
export function incomparable(type: string): string | null {
  const unquoted = type.replaceAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, '');
  // Equality raises an error for two variants of different types, and their texts do not tell 1 from '1'.
  return /\bVARIANT\b/.test(unquoted) ? 'DuckDB does not compare values of type VARIANT' : null;
}

export function isNumeric(type: string): boolean {
  return /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\([^)]*\))$/.test(type);
}

export function isTemporal(type: string): boolean {
  return /^(DATE|TIMESTAMP(_NS|_MS|_S| WITH TIME ZONE)?)$/.test(type);
}

/** Values of the type lie in an order, and between two of them there is a distance. */
export function isOrdered(type: string): boolean {
  return isNumeric(type) || isTemporal(type);
}

function isTime(type: string): boolean {
  return /^TIME( WITH TIME ZONE)?$/.test(type);
}

function isFloat(type: string): boolean {
  return type === 'FLOAT' || type === 'DOUBLE';
}

/** How many digits an exact number can have before and behind its point. */
function digitsOf(type: string): { whole: number; scale: number } {
  const [, width = '', scale = ''] = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(type) ?? [];
  if (width !== '') return { whole: Number(width) - Number(scale), scale: Number(scale) };
  const whole = [
    ['TINY', 3],
    ['SMALL', 5],
    ['BIG', 20],
    ['HUGE', 39],
  ] as const;
  return { whole: whole.find(([part]) => type.includes(part))?.[1] ?? 10, scale: 0 };
}
