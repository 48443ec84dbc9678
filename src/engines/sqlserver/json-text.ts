import { literal } from './names.ts';
import type { Type } from './types.ts';
import { byCode, textOf } from './values.ts';

/** JSON built in SQL: values keep the engine's own text, so no number loses a digit. */

/** A name, the SQL of its value, and the value's type; null: the value is a text already. */
export type Member = readonly [name: string, value: string, type: Type | null];

/** A JSON object of texts. */
export function jsonObject(members: readonly Member[]): string {
  const pieces = members.flatMap(([name, value, type], at) => [
    literal(`${at === 0 ? '{' : ','}${JSON.stringify(name)}:`),
    jsonValue(value, type, false),
  ]);
  return concat([...(pieces.length === 0 ? ["N'{'"] : pieces), "N'}'"]);
}

/** SQL Server's functions take 254 arguments. */
const argumentsAtOnce = 200;

/**
 * Of any length, and of one collation whatever columns the pieces come from: the first piece makes all of it so. NULL
 * counts as nothing.
 */
export function concat(pieces: readonly string[]): string {
  if (pieces.length < argumentsAtOnce)
    return `CONCAT(CONVERT(nvarchar(max), N'') COLLATE ${byCode}, ${pieces.join(', ')})`;
  const [first, rest] = [pieces.slice(0, argumentsAtOnce - 1), pieces.slice(argumentsAtOnce - 1)];
  return concat([concat(first), ...rest]);
}

/** The text of a value as JSON; `null` for NULL. */
export function jsonValue(value: string, type: Type | null, mask: boolean): string {
  const text = type === null ? value : textOf(value, type);
  const shown = mask ? masked(text) : text;
  // Texts of these types hold nothing that JSON escapes.
  const escaped = type !== null && isPlain(type) ? shown : jsonEscaped(shown);
  return `CASE WHEN ${value} IS NULL THEN N'null' ELSE CONCAT(N'"', ${escaped}, N'"') END`;
}

function isPlain({ name }: Type): boolean {
  return /^(bit|(tiny|small|big)?int|float|real|decimal|numeric|(small)?money|date|time|(small)?datetime2?|datetimeoffset|uniqueidentifier|rowversion|(var)?binary)$/.test(
    name,
  );
}

/** What stands between the quotes. */
export function jsonEscaped(text: string): string {
  return `STRING_ESCAPE(${text}, 'json')`;
}

/**
 * Letters, and all beyond ASCII, become x, digits 9: length and shape stay, the value goes. Character by character only
 * where a text has some beyond ASCII, and what is too long for that becomes x as a whole.
 */
export function masked(text: string): string {
  const plain = `TRANSLATE(${text} COLLATE ${byCode}, N'${letters}0123456789', N'${'x'.repeat(52)}${'9'.repeat(10)}')`;
  const length = `(DATALENGTH(${text}) / 2)`;
  const one = 'SUBSTRING(nr.whole, nr.n, 1)';
  // By the code: a range of characters follows the collation. An aggregate takes no columns of inside and outside at once.
  const each = `(SELECT STRING_AGG(CONVERT(nvarchar(max), CASE WHEN UNICODE(${one}) BETWEEN 1 AND 127 THEN ${one} ELSE N'x' END), N'') WITHIN GROUP (ORDER BY nr.n)
    FROM (SELECT TOP (${length}) ROW_NUMBER() OVER (ORDER BY (SELECT NULL)) AS n, ${plain} AS whole FROM ${digits('a')} CROSS JOIN ${digits('b')} CROSS JOIN ${digits('c')} CROSS JOIN ${digits('d')}) AS nr)`;
  const isAscii = `${text} COLLATE ${byCode} NOT LIKE N'%[^ -~]%'`;
  return `CASE WHEN ${isAscii} THEN ${plain} WHEN ${length} <= 10000 THEN ${each} ELSE REPLICATE(CONVERT(nvarchar(max), N'x'), ${length}) END`;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function digits(name: string): string {
  return `(VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS ${name} (d)`;
}
