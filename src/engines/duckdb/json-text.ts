import { literal } from './connection.ts';
import { withTags } from './unions.ts';
import { isOrdered } from './values.ts';

/** JSON built in SQL: values keep the engine's own text, so no number loses a digit. */

/** A name, the SQL of its value, and the value's type where it is known. */
export type Member = readonly [name: string, value: string, type?: string | undefined];

/** A JSON object of texts. One concat for all: each further one would copy the text once more. */
export function jsonObject(members: readonly Member[]): string {
  const parts = members.flatMap(([name, value, type], at) => [
    literal(`${at === 0 ? '{' : ','}${JSON.stringify(name)}:`),
    jsonValue(value, type, false),
  ]);
  return `concat(${[...(parts.length === 0 ? ["'{'"] : parts), "'}'"].join(', ')})`;
}

/** The text of a value as JSON; `null` for NULL. */
export function jsonValue(value: string, type: string | undefined, mask: boolean): string {
  const text = `${type === undefined ? value : withTags(value, type)}::VARCHAR`;
  const shown = mask ? masked(text) : text;
  // Texts of these types hold nothing that JSON escapes, and to_json is the costly part.
  const json = type !== undefined && isPlain(type) ? `('"' || ${shown} || '"')` : jsonText(shown);
  return `coalesce(${json}, 'null')`;
}

function isPlain(type: string): boolean {
  return isOrdered(type) || type === 'BOOLEAN' || type === 'UUID';
}

export function jsonText(text: string): string {
  return `to_json(${text})::VARCHAR`;
}

/** Letters, and the marks that are written with them, become x, digits 9: length and shape stay, the value goes. */
export function masked(text: string): string {
  return `regexp_replace(regexp_replace(${text}, '[\\p{L}\\p{M}]', 'x', 'g'), '\\p{N}', '9', 'g')`;
}
