/** A type in DuckDB's words, taken apart as far as values are reached through it. */
export type Type =
  | { readonly kind: 'plain'; readonly name: string }
  /** `length` is empty for a list. */
  | { readonly kind: 'list'; readonly of: Type; readonly length: string }
  | { readonly kind: 'struct'; readonly fields: readonly Field[] }
  | { readonly kind: 'map'; readonly key: Type; readonly value: Type }
  | { readonly kind: 'union'; readonly name: string };

export interface Field {
  readonly name: string;
  readonly type: Type;
}

/** An array is a list of a fixed length. What is not understood is plain. */
export function typeOf(name: string): Type {
  const list = /^(.*)\[(\d*)\]$/s.exec(name);
  if (list !== null) return { kind: 'list', of: typeOf(list[1] ?? ''), length: list[2] ?? '' };
  const [, outer = '', inner = ''] = /^(STRUCT|MAP|UNION)\((.*)\)$/s.exec(name) ?? [];
  if (outer === 'UNION') return { kind: 'union', name };
  if (outer === 'MAP') {
    const [key, value] = parts(inner);
    if (key !== undefined && value !== undefined)
      return { kind: 'map', key: typeOf(key), value: typeOf(value) };
  }
  if (outer === 'STRUCT') {
    const fields = parts(inner).map(fieldOf);
    if (fields.every((field) => field !== null)) return { kind: 'struct', fields };
  }
  return { kind: 'plain', name };
}

/** `"a b" INTEGER` or `x DECIMAL(2,1)`. */
function fieldOf(text: string): Field | null {
  const [, quoted, bare, type] = /^(?:"((?:[^"]|"")*)"|([^\s"]+)) (.+)$/s.exec(text) ?? [];
  if (type === undefined) return null;
  return { name: bare ?? quoted?.replaceAll('""', '"') ?? '', type: typeOf(type) };
}

/** Splits at the commas that stand in no brackets and no quotes. */
function parts(text: string): string[] {
  const found: string[] = [];
  let [depth, from] = [0, 0];
  for (const { 0: token, index } of text.matchAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'|[(),]/g)) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (token !== ',' || depth > 0) continue;
    found.push(text.slice(from, index).trim());
    from = index + 1;
  }
  return [...found, text.slice(from).trim()];
}
