import { cutTo, decimalOf } from '../decimals.ts';
import type { ComparedColumn, Side, TablePair } from '../engine.ts';
import { quote } from './names.ts';
import { type Type, typeOf } from './types.ts';

/**
 * How values are compared. Each side is read through a subquery that gives its columns the names v0, v1, ... (the
 * values as they are compared), so that no name of the user's can collide with ours: `reading.ts`.
 */

type Mode = TablePair['mode'];

/** The value as it is compared: equal values of both sides are the same value, and can be grouped and joined by. */
export function compared(
  { name, oldType, newType }: ComparedColumn,
  side: Side,
  mode: Mode,
): string {
  const [own, other] = side === 'old' ? [oldType, newType] : [newType, oldType];
  return meeting(quote(name), typeOf(own), typeOf(other), mode);
}

/** A value of type `own` where it meets one of type `other`. */
export function meeting(value: string, own: Type, other: Type, mode: Mode): string {
  if (own.kind === 'number' && other.kind === 'number') return exactNumber(value, own, other);
  if (own.kind === 'float' && other.kind === 'float') return float(value, mode);
  if (isNumber(own) && isNumber(other)) return inexactNumber(value, own, mode);
  if (isInstant(own) && isInstant(other)) return instant(value, own, other, mode);
  if (isContent(own, other) && isContent(other, own)) return content(value, own, other, mode);
  if (own.kind !== other.kind || own.kind === 'other') return textOf(value, own);
  switch (own.kind) {
    // Byte by byte, whatever collation the column has.
    case 'text':
      return bytes(value);
    case 'geo':
      return `ST_ASEWKB(${value})`;
    case 'vector':
      return `${value}::ARRAY::VARIANT`;
    default:
      return value;
  }
}

/** Two numbers of which the common type would need more digits than there are meet as texts. */
function exactNumber(value: string, own: Type, other: Type): string {
  return commonNumber(own, other) === null ? plainText(value, own) : value;
}

interface Digits {
  readonly precision: number;
  readonly scale: number;
}

/** The type that holds all numbers of both exact types; null: they would need more digits than there are. */
function commonNumber(own: Type, other: Type): Digits | null {
  const whole = Math.max(own.precision - own.scale, other.precision - other.scale);
  const scale = Math.max(own.scale, other.scale);
  return whole + scale <= 38 ? { precision: whole + scale, scale } : null;
}

/** NaN is NaN in Snowflake; 0 and -0 are one value but in strict mode. */
function float(value: string, mode: Mode): string {
  return mode === 'strict' ? textOfFloat(value) : `(${value} + 0::FLOAT)`;
}

/**
 * An exact number and a float meet as the shortest text that means the float: 0.1 is 0.1. A number that no float is
 * equal to has its own text.
 */
function inexactNumber(value: string, own: Type, mode: Mode): string {
  if (own.kind === 'float') return textOfFloat(mode === 'strict' ? value : `(${value} + 0::FLOAT)`);
  const near = textOfFloat(`${value}::FLOAT`);
  return `CASE WHEN TRY_TO_NUMBER(${near}, 38, ${own.scale}) = ${value} THEN ${near} ELSE ${plainText(value, own)} END`;
}

/** In UTC. A date begins at midnight. In strict mode the offset belongs to the value. */
function instant(value: string, own: Type, other: Type, mode: Mode): string {
  if (own.kind === 'tz' && other.kind === 'tz' && mode === 'strict') return textOf(value, own);
  if (own.kind === other.kind && (own.kind === 'date' || own.kind === 'ntz')) return value;
  return inUtc(value, own);
}

export function inUtc(value: string, { kind }: Type): string {
  return kind === 'ltz' || kind === 'tz'
    ? `CONVERT_TIMEZONE('UTC', ${value})::TIMESTAMP_NTZ(9)`
    : `${value}::TIMESTAMP_NTZ(9)`;
}

/** By content: the order of members does not matter, a JSON null is not NULL. Strict: 1 is not 1.0. */
function content(value: string, own: Type, other: Type, mode: Mode): string {
  const said = (variant: string) => `TYPEOF(${variant}) || ':' || TO_JSON(${variant})`;
  if (own.kind !== 'text') {
    const variant = `${value}::VARIANT`;
    if (mode === 'strict') return said(variant);
    if (other.kind !== 'text') return variant;
    return `CASE WHEN ${value} IS NOT NULL THEN ARRAY_CONSTRUCT(${variant})::VARIANT END`;
  }
  // What is no JSON is equal to none, least of all to the JSON of the same text: it has two elements.
  const text = bytes(value);
  const parsed = `TRY_PARSE_JSON(${text})`;
  return mode === 'strict'
    ? `CASE WHEN ${parsed} IS NULL THEN 'text:' || ${text} ELSE ${said(parsed)} END`
    : `CASE WHEN ${parsed} IS NOT NULL THEN ARRAY_CONSTRUCT(${parsed})::VARIANT
        WHEN ${value} IS NOT NULL THEN ARRAY_CONSTRUCT(${text}::VARIANT, ${text}::VARIANT)::VARIANT END`;
}

function isContent(one: Type, other: Type): boolean {
  return one.kind === 'semi' || (one.kind === 'text' && other.kind === 'semi');
}

/** Whether the values of a column deviate, in the `at`-th place of what both sides give. */
export function deviates({ tolerance, oldType, newType }: ComparedColumn, at: number): string {
  const [o, n] = [`o.v${at}`, `n.v${at}`];
  if (tolerance === null) return `${o} IS DISTINCT FROM ${n}`;
  const isClose = isWithin(tolerance, typeOf(oldType), typeOf(newType), o, n);
  return `(${o} IS DISTINCT FROM ${n} AND NOT COALESCE(${isClose}, FALSE))`;
}

type Tolerance = NonNullable<ComparedColumn['tolerance']>;

function isWithin(tolerance: Tolerance, old: Type, new_: Type, o: string, n: string): string {
  const larger = `GREATEST(ABS(${o}::FLOAT), ABS(${n}::FLOAT))`;
  const limit =
    'absolute' in tolerance ? `${tolerance.absolute}` : `${tolerance.relative} * ${larger}`;
  if (old.kind !== 'number' || new_.kind !== 'number') {
    const distance = old.kind === new_.kind ? floatDistance(o, n) : mixedDistance(o, n);
    return `${isFiniteFloat(`${o}::FLOAT`)} AND ${isFiniteFloat(`${n}::FLOAT`)} AND ${distance} <= ${limit}`;
  }
  const common = commonNumber(old, new_);
  if (common === null) return `${distanceOfTexts(o, n)} <= ${limit}`;
  const exactly = exactlyWithin(tolerance, common, o, n);
  const near = `ABS(${difference(o, n, common)}) <= ${limit}`;
  if (exactly === null) return near;
  const { fits, isExact } = exactly;
  return fits === null ? isExact : `CASE WHEN ${fits} THEN ${isExact} ELSE ${near} END`;
}

/**
 * Without a float, which has some 16 digits. `fits`: where it takes no more than the 38 digits that there are; null:
 * everywhere. Null: the limit itself takes more.
 */
function exactlyWithin(
  tolerance: Tolerance,
  { precision, scale }: Digits,
  o: string,
  n: string,
): { readonly fits: string | null; readonly isExact: string } | null {
  const distance = `ABS(${n} - ${o})`;
  if ('absolute' in tolerance) {
    const fits = precision < 38 ? null : differenceFits(o, n, scale);
    const limit = cutTo(scale, tolerance.absolute);
    return limit === null ? null : { fits, isExact: `${distance} <= ${limit}` };
  }
  const { digits, point } = decimalOf(tolerance.relative);
  const factor = 10n ** BigInt(point);
  const most = factor > digits ? factor : digits;
  return {
    fits: `(${floatSum(o, n)}) * ${most}::FLOAT < 1e${37 - scale}`,
    isExact: `${distance} * ${factor} <= GREATEST(ABS(${o}), ABS(${n})) * ${digits}`,
  };
}

function difference(o: string, n: string, { precision, scale }: Digits): string {
  if (precision < 38) return `${n} - ${o}`;
  return `CASE WHEN ${differenceFits(o, n, scale)} THEN (${n} - ${o})::FLOAT ELSE ${n}::FLOAT - ${o}::FLOAT END`;
}

/** With all 38 digits in use, which is how INTEGER is stored, numbers of opposite signs can be too far apart for a number. */
function differenceFits(o: string, n: string, scale: number): string {
  return `SIGN(${o}) = SIGN(${n}) OR ${floatSum(o, n)} < 1e${37 - scale}`;
}

function floatSum(o: string, n: string): string {
  return `ABS(${o}::FLOAT) + ABS(${n}::FLOAT)`;
}

/** Numbers without a common type are texts here (`exactNumber`): wholes and fractions have one each. */
function distanceOfTexts(o: string, n: string): string {
  const whole = (text: string) => `TRY_TO_NUMBER(SPLIT_PART(${text}, '.', 1), 38, 0)`;
  const fraction = (text: string) =>
    `TRY_TO_NUMBER(IFF(STARTSWITH(${text}, '-'), '-0.', '0.') || SPLIT_PART(${text}, '.', 2) || '0', 38, 37)`;
  const wholes = difference(whole(o), whole(n), { precision: 38, scale: 0 });
  return `ABS((${wholes}) + (${fraction(n)} - ${fraction(o)})::FLOAT)`;
}

/** What a float does not hold of a whole number counts as distance: 2^-52 of it is more than its conversion loses. */
function mixedDistance(o: string, n: string): string {
  const largest = `GREATEST(ABS(${o}::FLOAT), ABS(${n}::FLOAT))`;
  const lost = `CASE WHEN ${largest} < 9007199254740992 THEN 0 ELSE ${largest} / 4503599627370496 END`;
  return `(${floatDistance(o, n)} + ${lost})`;
}

function floatDistance(o: string, n: string): string {
  return `ABS(${n}::FLOAT - ${o}::FLOAT)`;
}

/** NaN is greater than everything in Snowflake. */
export function isFiniteFloat(float: string): string {
  return `${float} BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308`;
}

// ---------------------------------------------------------------------------------------------
// Texts

/** The text of a value, the same whatever the session's formats are; different values have different texts. */
export function textOf(value: string, type: Type): string {
  switch (type.kind) {
    case 'text':
      return bytes(value);
    case 'float':
      return textOfFloat(value);
    case 'date':
      return `TO_VARCHAR(${value}, 'YYYY-MM-DD')`;
    case 'time':
      return withoutZeros(`TO_VARCHAR(${value}, 'HH24:MI:SS.FF9')`);
    case 'ntz':
      return withoutZeros(`TO_VARCHAR(${value}, 'YYYY-MM-DD HH24:MI:SS.FF9')`);
    case 'ltz':
    case 'tz':
      return `${withoutZeros(`TO_VARCHAR(${value}, 'YYYY-MM-DD HH24:MI:SS.FF9')`)} || TO_VARCHAR(${value}, 'TZH:TZM')`;
    case 'binary':
      return `TO_VARCHAR(${value}, 'HEX')`;
    case 'semi':
      return `TO_JSON(${value}::VARIANT)`;
    case 'geo':
      return `ST_ASEWKT(${value})`;
    case 'vector':
      return `TO_JSON(${value}::ARRAY::VARIANT)`;
    default:
      return `TO_VARCHAR(${value})`;
  }
}

/** Snowflake's own text of a float is cut off after some digits: where it is another number, all of them are told. */
function textOfFloat(value: string): string {
  return `CASE WHEN TRY_TO_DOUBLE(TO_VARCHAR(${value})) = ${value} THEN TO_VARCHAR(${value}) ELSE TO_VARCHAR(${value}, 'S9.9999999999999999EE') END`;
}

function plainText(value: string, { scale }: Type): string {
  return scale === 0 ? `TO_VARCHAR(${value})` : withoutZeros(`TO_VARCHAR(${value})`);
}

/** `1.50` -> `1.5`, `12:00:00.000` -> `12:00:00`. */
function withoutZeros(text: string): string {
  return `RTRIM(RTRIM(${text}, '0'), '.')`;
}

export function bytes(text: string): string {
  return `COLLATE(${text}, '')`;
}

/** Why values of a type cannot be compared; null when they can, if need be by their texts. */
export function incomparable(type: string): string | null {
  return /^FILE\b/i.test(type)
    ? 'Snowflake does not compare values of type FILE: they are references to files on a stage'
    : null;
}

function isNumber({ kind }: Type): boolean {
  return kind === 'number' || kind === 'float';
}

function isInstant({ kind }: Type): boolean {
  return ['date', 'ntz', 'ltz', 'tz'].includes(kind);
}
