import { literal } from './connection.ts';

/** JSON built in SQL: values keep the engine's own text, so no number loses a digit. */

/** A JSON object of texts. */
export function jsonObject(members: readonly (readonly [name: string, value: string])[]): string {
  const parts = members.map(
    ([name, value], at) => `${at > 0 ? "',', " : ''}${member(name, value, false)}`,
  );
  return `concat('{', ${[...parts, "'}'"].join(', ')})`;
}

export function member(name: string, value: string, mask: boolean): string {
  const text = `${value}::VARCHAR`;
  return `concat(${literal(`${JSON.stringify(name)}:`)}, coalesce(${jsonText(mask ? masked(text) : text)}, 'null'))`;
}

export function jsonText(text: string): string {
  return `to_json(${text})::VARCHAR`;
}

/** Letters, and the marks that are written with them, become x, digits 9: length and shape stay, the value goes. */
export function masked(text: string): string {
  return `regexp_replace(regexp_replace(${text}, '[\\p{L}\\p{M}]', 'x', 'g'), '\\p{N}', '9', 'g')`;
}
