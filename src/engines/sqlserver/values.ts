import { cutTo } from '../decimals.ts';
import type { ComparedColumn, TablePair } from '../engine.ts';
import { list } from '../sql.ts';
import {
  digitsOf,
  isBytes,
  isExactNumber,
  isFixedLength,
  isFloat,
  isInstant,
  isNarrow,
  isNumber,
  isText,
  type Type,
} from './types.ts';

/**
 * How the values of two types meet. A value is compared in one or more parts, such that `=`, GROUP BY and INTERSECT tell
 * all different values apart and no equal ones: to SQL Server `'a' = 'a '` under every collation, and `0x61 = 0x6100`.
 */

export type Mode = TablePair['mode'];

/** A column with the types that it has on either side. */
export interface Meeting {
  readonly column: ComparedColumn;
  readonly old: Type;
  readonly new: Type;
}

/** Upper and lower case, accents and all else that has a code of its own show. */
export const byCode = 'Latin1_General_100_BIN2';

/**
 * A value as it is compared, in its parts: two values are equal when all of their parts are, NULL as NULL. `other` is the
 * type that it meets.
 */
export function parts(value: string, own: Type, other: Type, mode: Mode): string[] {
  if (isNumber(own) && isNumber(other)) return numberParts(value, own, other, mode);
  if (isInstant(own) && isInstant(other)) return instantParts(value, own, other, mode);
  if (own.name === 'time' && other.name === 'time') return [`CONVERT(time(7), ${value})`];
  if (isText(own) && isText(other)) return textParts(value, own, other);
  if (isBytes(own) && isBytes(other))
    return bytesParts(`CONVERT(varbinary(${bytesAtMost(own, other)}), ${value})`);
  if (own.name !== other.name) {
    // The text of an XML as XML writes it.
    if (own.name === 'xml' || other.name === 'xml')
      return codeParts(`CONVERT(nvarchar(max), ${tryXml(value, own)})`, value, own);
    return codeParts(textOf(value, own));
  }
  switch (own.name) {
    case 'uniqueidentifier':
      return [value];
    case 'sql_variant':
      return [
        `CONVERT(nvarchar(128), SQL_VARIANT_PROPERTY(${value}, 'BaseType')) COLLATE ${byCode}`,
        ...bytesParts(`CONVERT(varbinary(8000), ${value})`),
      ];
    case 'hierarchyid':
    case 'geography':
    case 'geometry':
    case 'assembly':
      return bytesParts(`CONVERT(varbinary(max), ${value})`);
    default:
      return codeParts(textOf(value, own));
  }
}

function numberParts(value: string, own: Type, other: Type, mode: Mode): string[] {
  if (isFloat(own) && isFloat(other)) {
    const wide = own.name === other.name ? own.name : 'float';
    const number = own.name === wide ? value : `CONVERT(float, ${value})`;
    // -0.0 equals 0.0, and has other bytes.
    if (mode === 'strict') return [`CONVERT(binary(${wide === 'float' ? 8 : 4}), ${number})`];
    return [`CASE WHEN ${number} = 0 THEN CONVERT(${wide}, 0) ELSE ${number} END`];
  }
  if (isFloat(own) || isFloat(other)) return mixedParts(value, own, other, mode);
  if (own.name === other.name && own.scale === other.scale && own.precision === other.precision)
    return [value];
  const [a, b] = [digitsOf(own), digitsOf(other)];
  const scale = Math.max(a.scale, b.scale);
  const precision = Math.max(a.whole, b.whole) + scale;
  if (precision <= 38) return [`CONVERT(decimal(${precision},${scale}), ${value})`];
  // No type holds both: their digits do.
  return codeParts(withoutZeros(exactText(value, own), own));
}

/**
 * An exact number and a floating-point one are equal when the number is one that the other type's nearest value stands
 * for: 0.1 is the float 0.1. By its text: a conversion of decimals divides, and errs in the last bit.
 */
function mixedParts(value: string, own: Type, other: Type, mode: Mode): string[] {
  if (isFloat(own)) {
    const isNegativeZero = `CASE WHEN CONVERT(binary(${own.name === 'float' ? 8 : 4}), ${value}) = 0x80${'00'.repeat(own.name === 'float' ? 7 : 3)} THEN 1 ELSE 0 END`;
    const number = `CASE WHEN ${value} = 0 THEN CONVERT(${own.name}, 0) ELSE ${value} END`;
    const zero = mode === 'strict' ? isNegativeZero : '0';
    return [number, `CASE WHEN ${value} IS NOT NULL THEN N'' END COLLATE ${byCode}`, zero];
  }
  const { whole, scale } = digitsOf(own);
  const near = `CONVERT(${other.name}, ${exactText(value, own)})`;
  const isNear = `TRY_CONVERT(decimal(${Math.min(38, whole + scale)},${scale}), ${near}) = ${value}`;
  return [
    `CASE WHEN ${isNear} THEN ${near} END`,
    `CASE WHEN ${isNear} THEN N'' ELSE CONVERT(nvarchar(60), ${exactText(value, own)}) END COLLATE ${byCode}`,
    '0',
  ];
}

/** Instants are told apart in UTC; a value without an offset holds that. */
function instantParts(value: string, own: Type, other: Type, mode: Mode): string[] {
  const isZoned = (type: Type) => type.name === 'datetimeoffset';
  if (isZoned(own) && isZoned(other)) {
    const instant = `CONVERT(datetimeoffset(7), ${value})`;
    return mode === 'strict' ? [instant, `DATEPART(TZOFFSET, ${instant})`] : [instant];
  }
  if (own.name === other.name && own.name !== 'datetime2') return [value];
  // Three thirds of a hundredth are more digits than a datetime shows: those that its new type takes.
  const short =
    own.name === 'datetime' && other.name !== 'date'
      ? `CONVERT(datetime2(${/^datetime(2|offset)$/.test(other.name) ? other.scale : 3}), ${value})`
      : value;
  const wide = isZoned(own) || isZoned(other) ? 'datetimeoffset(7)' : 'datetime2(7)';
  return [`CONVERT(${wide}, ${short})`];
}

function textParts(value: string, own: Type, other: Type): string[] {
  // What fills a fixed length up to its end means nothing; where both have the same, it is the same.
  const isPadded = isFixedLength(own) && isFixedLength(other) && own.length !== other.length;
  const plain = isPadded ? `RTRIM(${value})` : value;
  // A code page may have two codes for one character of Unicode: bytes tell them apart.
  if (isNarrow(own) && isNarrow(other) && own.collation === other.collation)
    return bytesParts(`CONVERT(varbinary(${bytesAtMost(own, other)}), ${asLongText(plain, own)})`);
  return codeParts(`CONVERT(nvarchar(${lengthAtMost(own, other)}), ${asLongText(plain, own)})`);
}

/** The old type converts to few others. */
function asLongText(value: string, own: Type): string {
  return own.name === 'text' ? `CONVERT(varchar(max), ${value})` : value;
}

function bytesAtMost(one: Type, other: Type): string {
  return one.length === null || other.length === null ? 'max' : '8000';
}

function lengthAtMost(one: Type, other: Type): string {
  const lengths = [one.length, other.length];
  return lengths.every((length) => length !== null && length <= 4000) ? '4000' : 'max';
}

/** Bytes, and how many: SQL Server takes zeros at the end for nothing. */
function bytesParts(bytes: string): string[] {
  return [bytes, `DATALENGTH(${bytes})`];
}

/** A text of Unicode character by character, and how long it is: SQL Server takes blanks at the end for nothing. */
function codeParts(unicode: string, given = unicode, own: Type | null = null): string[] {
  // What is no XML stays as it is.
  const shown = own === null ? unicode : `COALESCE(${unicode}, ${textOf(given, own)})`;
  return [`${shown} COLLATE ${byCode}`, `DATALENGTH(${shown})`];
}

function tryXml(value: string, own: Type): string {
  return own.name === 'xml' ? value : `TRY_CONVERT(xml, ${textOf(value, own)})`;
}

// ---------------------------------------------------------------------------------------------
// Texts of values

/** The whole value as a text of Unicode, in SQL Server's own words and without a digit lost; NULL for NULL. */
export function textOf(value: string, type: Type): string {
  switch (type.name) {
    case 'float':
    case 'real':
      return floatText(value, type);
    case 'decimal':
    case 'numeric':
    case 'money':
    case 'smallmoney':
      return exactText(value, type);
    case 'date':
      return `CONVERT(nvarchar(10), ${value}, 23)`;
    case 'smalldatetime':
      return `CONVERT(nvarchar(19), ${value}, 120)`;
    case 'datetime':
    case 'datetime2':
    case 'datetimeoffset':
    case 'time':
      return `CONVERT(nvarchar(40), ${value}, 121)`;
    case 'binary':
    case 'varbinary':
    case 'image':
    case 'assembly':
      return `CONVERT(nvarchar(max), CONVERT(varbinary(max), ${value}), 1)`;
    case 'rowversion':
      return `CONVERT(nvarchar(18), CONVERT(binary(8), ${value}), 1)`;
    case 'hierarchyid':
    case 'geography':
    case 'geometry':
      return `CONVERT(nvarchar(max), ${value}.ToString())`;
    case 'sql_variant':
      return `CONVERT(nvarchar(4000), ${value})`;
    case 'text':
      return `CONVERT(nvarchar(max), ${asLongText(value, type)})`;
    case 'bit':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'uniqueidentifier':
      return `CONVERT(nvarchar(40), ${value})`;
    default:
      return `CONVERT(nvarchar(max), ${value})`;
  }
}

function exactText(value: string, { name }: Type): string {
  // By itself, money shows two of its four decimals.
  return /money/.test(name)
    ? `CONVERT(nvarchar(60), ${value}, 2)`
    : `CONVERT(nvarchar(60), ${value})`;
}

/**
 * As few digits as are sure to give the number back: six, those of a decimal, or all seventeen with an exponent.
 */
function floatText(value: string, { name }: Type): string {
  const short = `CONVERT(nvarchar(60), ${value})`;
  const plain = trimmedZeros(`CONVERT(nvarchar(60), TRY_CONVERT(decimal(38,17), ${value}))`);
  const isSame = (written: string) => `TRY_CONVERT(${name}, ${written}) = ${value}`;
  return `CASE WHEN ${isSame(short)} THEN ${short} WHEN ABS(${value}) BETWEEN 1E-5 AND 1E15 AND ${isSame(plain)} THEN ${plain} ELSE CONVERT(nvarchar(60), ${value}, 3) END`;
}

function withoutZeros(written: string, own: Type): string {
  return digitsOf(own).scale === 0 ? written : trimmedZeros(written);
}

/** `1.500` -> `1.5`, `2.000` -> `2`: no function for that is in all versions. */
function trimmedZeros(written: string): string {
  const end = (text: string, character: string) =>
    `REPLACE(RTRIM(REPLACE(${text}, N'${character}', N' ')), N' ', N'${character}')`;
  return end(end(written, '0'), '.');
}

/** The value of a text that `textOf` has written; NULL for what is none. */
export function valueFrom(written: string, type: Type): string {
  switch (type.name) {
    case 'binary':
    case 'varbinary':
    case 'image':
    case 'rowversion':
    case 'assembly':
      return `TRY_CONVERT(varbinary(max), ${written}, 1)`;
    case 'hierarchyid':
      return `TRY_CONVERT(hierarchyid, CONVERT(nvarchar(4000), ${written}))`;
    case 'geography':
    case 'geometry':
      // Its text does not say where on earth it is.
      return `CONVERT(${type.name}, NULL)`;
    case 'sql_variant':
      return `CONVERT(sql_variant, CONVERT(nvarchar(4000), ${written}))`;
    case 'text':
      return `TRY_CONVERT(varchar(max), ${written})`;
    case 'ntext':
    case 'vector':
      return `TRY_CONVERT(nvarchar(max), ${written})`;
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar': {
      const kind = isNarrow(type) ? 'varchar' : 'nvarchar';
      const collated = type.collation === null ? '' : ` COLLATE ${type.collation}`;
      return `TRY_CONVERT(${kind}(${type.length ?? 'max'}), ${written}${collated})`;
    }
    case 'decimal':
    case 'numeric':
      return `TRY_CONVERT(${type.name}(${type.precision},${type.scale}), ${written})`;
    case 'datetime2':
    case 'datetimeoffset':
    case 'time':
      return `TRY_CONVERT(${type.name}(${type.scale}), ${written}, 121)`;
    case 'date':
    case 'datetime':
    case 'smalldatetime':
      return `TRY_CONVERT(${type.name}, ${written}, 121)`;
    default:
      return `TRY_CONVERT(${type.name}, ${written})`;
  }
}

// ---------------------------------------------------------------------------------------------
// Whether values deviate

/** A condition: true when a part on one side is not that on the other, NULL being equal to NULL only. */
export function anyDistinct(one: readonly string[], other: readonly string[]): string {
  if (one.length === 0) return '1 = 0';
  return `NOT EXISTS (SELECT ${one.join(', ')} INTERSECT SELECT ${other.join(', ')})`;
}

/** A condition on the values `o` and `n`: true when they are as near to each other as the tolerance says. */
export function isWithin(
  { column: { tolerance }, old, new: candidate }: Meeting,
  o: string,
  n: string,
): string {
  if (tolerance === null) return '1 = 0';
  const isExact = isExactNumber(old) && isExactNumber(candidate);
  const [a, b] = [digitsOf(old), digitsOf(candidate)];
  const scale = Math.max(a.scale, b.scale);
  const precision = Math.max(a.whole, b.whole) + scale;
  const [x, y] = [`CONVERT(float, ${o})`, `CONVERT(float, ${n})`];
  // Between exact numbers the distance is exact, where a type holds it.
  const inside = isExact && precision <= 38 ? `decimal(${precision},${scale})` : null;
  const exact = inside && `ABS(CONVERT(${inside}, ${n}) - CONVERT(${inside}, ${o}))`;
  // By halves: the distance of two numbers may be greater than any number.
  const near = `ABS(${y} / 2 - ${x} / 2)`;
  // With all 38 digits in use, numbers of opposite signs can be too far apart for a number.
  const fits =
    precision < 38 ? null : `SIGN(${o}) = SIGN(${n}) OR ABS(${x}) + ABS(${y}) < 1E${37 - scale}`;
  if ('absolute' in tolerance) {
    const limit = `CONVERT(float, ${scientific(tolerance.absolute)}) / 2`;
    const most = cutTo(scale, tolerance.absolute);
    if (exact === null || most === null) return `${near} <= ${limit}`;
    const within = `${exact} <= ${most}`;
    if (fits === null) return within;
    return `CASE WHEN ${fits} THEN IIF(${within}, 1, 0) ELSE IIF(${near} <= ${limit}, 1, 0) END = 1`;
  }
  const half = exact && `CONVERT(float, ${exact}) / 2`;
  const distance =
    half === null || fits === null
      ? (half ?? near)
      : `CASE WHEN ${fits} THEN ${half} ELSE ${near} END`;
  const greater = `CASE WHEN ABS(${x}) > ABS(${y}) THEN ABS(${x}) ELSE ABS(${y}) END`;
  return `${distance} <= CONVERT(float, ${scientific(tolerance.relative)}) * (${greater} / 2)`;
}

function scientific(number: number): string {
  return number.toExponential().toUpperCase();
}

/** `a, b` as columns of a SELECT, named `prefix0`, `prefix1`, ... */
export function named(expressions: readonly string[], prefix: string): string {
  return list(expressions, (one, at) => `${one} AS ${prefix}${at}`);
}

/** Why the server gives such a value whenever it writes the row; null: it does not. */
export function tellsWrites(type: Type): string | null {
  if (type.name === 'rowversion')
    return 'SQL Server gives every row a new rowversion when it is written: it tells writes, not values';
  if (/\bgenerated always$/.test(type.name))
    return 'SQL Server fills it by its own clock and transactions when a row is written (GENERATED ALWAYS): it tells writes, not values';
  return null;
}

/** Why values of a type cannot be compared, or say nothing; null when they can. */
export function incomparable(type: Type): string | null {
  if (/\bencrypted$/.test(type.name))
    return 'its values are encrypted by the clients (Always Encrypted): the server cannot look into them';
  if (type.name === 'table' || type.name === 'cursor') return 'it holds no value';
  return tellsWrites(type);
}
