import { literal } from './names.ts';
import type { Type } from './types.ts';

/** JSON built in SQL: values keep the engine's own text, so no number loses a digit. */

/** A name, the SQL of its value, and the value's type where it is known. */
export type Member = readonly [name: string, value: string, type?: Type];

/** PostgreSQL's functions take a hundred arguments. */
const argumentsAtOnce = 100;

/** A JSON object of texts. */
export function jsonObject(members: readonly Member[]): string {
  const pieces = members.flatMap(([name, value, type], at) => [
    literal(`${at === 0 ? '{' : ','}${JSON.stringify(name)}:`),
    jsonValue(value, type, false),
  ]);
  return concat([...(pieces.length === 0 ? ["'{'"] : pieces), "'}'"]);
}

export function concat(pieces: readonly string[]): string {
  if (pieces.length <= argumentsAtOnce) return `concat(${pieces.join(', ')})`;
  return concat([concat(pieces.slice(0, argumentsAtOnce)), ...pieces.slice(argumentsAtOnce)]);
}

/** The text of a value as JSON; `null` for NULL. */
export function jsonValue(value: string, type: Type | undefined, mask: boolean): string {
  const text = `${value}::text`;
  const shown = mask ? masked(text) : text;
  // Texts of these types hold nothing that JSON escapes, and to_json is the costly part.
  const json = type !== undefined && isPlain(type) ? `('"' || ${shown} || '"')` : jsonText(shown);
  return `coalesce(${json}, 'null')`;
}

function isPlain(type: Type): boolean {
  return (
    type.kind === 'base' &&
    /^(int[248]|float[48]|numeric|date|time|timestamp|timestamptz|bool|uuid)$/.test(type.name)
  );
}

export function jsonText(text: string): string {
  return `to_json(${text})::text`;
}

/**
 * Letters, and the marks that are written with them, become x, digits 9: length and shape stay, the value goes. What
 * PostgreSQL takes for a letter depends on the database's locale, so that all beyond ASCII counts as one.
 */
export function masked(text: string): string {
  return `regexp_replace(regexp_replace(${text}, '[A-Za-z]|[^\\u0001-\\u007f]', 'x', 'g'), '[0-9]', '9', 'g')`;
}
