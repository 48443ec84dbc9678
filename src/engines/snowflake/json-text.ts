import { literal } from './names.ts';
import { type Type, typeOf } from './types.ts';
import { textOf } from './values.ts';

/** JSON built in SQL: values keep their texts, so no number loses a digit. */

/** A name, the SQL of its value, and the value's type. */
export type Member = readonly [name: string, value: string, type: string];

/** A JSON object of texts; with `mask` its values masked, its names kept. */
export function jsonObject(members: readonly Member[], mask = false): string {
  const pieces = members.flatMap(([name, value, type], at) => [
    literal(`${at === 0 ? '{' : ','}${JSON.stringify(name)}:`),
    jsonValue(value, type, mask),
  ]);
  // Not one || behind the other: so many operators within each other are more than a compiler likes.
  return `CONCAT(${[...(pieces.length === 0 ? ["'{'"] : pieces), "'}'"].join(', ')})`;
}

/** The text of a value as JSON; `null` for NULL. */
export function jsonValue(value: string, type: string, mask: boolean): string {
  const own = typeOf(type);
  const text = textOf(value, own);
  const shown = mask ? masked(text) : text;
  return `COALESCE(${isPlain(own) ? `'"' || ${shown} || '"'` : jsonText(shown)}, 'null')`;
}

/** Texts of these types hold nothing that JSON escapes. */
function isPlain({ kind }: Type): boolean {
  return ['number', 'boolean', 'date', 'time', 'ntz', 'ltz', 'tz', 'binary'].includes(kind);
}

export function jsonText(text: string): string {
  return `TO_JSON(TO_VARIANT(${text}))`;
}

/** Letters, and all beyond ASCII, become x, digits 9: length and shape stay, the value goes. */
export function masked(text: string): string {
  return `REGEXP_REPLACE(REGEXP_REPLACE(${text}, '[A-Za-z]|[^\u0001-\u007f]', 'x'), '[0-9]', '9')`;
}

/** The texts that are not NULL, with commas between them. */
export function joined(texts: readonly string[]): string {
  return `ARRAY_TO_STRING(ARRAY_CONSTRUCT_COMPACT(${texts.join(', ')}), ',')`;
}
