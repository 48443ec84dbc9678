import type { ParseResult } from 'libpg-query';

/** PostgreSQL's own parser, compiled to WebAssembly; read when it is first used. */
export interface Parser {
  /** @throws SyntaxFault */
  parse(sql: string): ParseResult;
  /** The body of the function that a `CREATE FUNCTION ... LANGUAGE plpgsql` makes. @throws SyntaxFault */
  parsePlpgsql(sql: string): unknown;
}

/** The parser's word on a text that is no SQL. */
export class SyntaxFault extends Error {
  /** Where it stopped. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

let loaded: Promise<Parser> | undefined;

export function loadParser(): Promise<Parser> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Parser> {
  const { loadModule, parseSync, parsePlPgSQLSync, hasSqlDetails } = await import('libpg-query');
  await loadModule();
  const guarded =
    <T>(parse: (sql: string) => T) =>
    (sql: string): T => {
      try {
        // The parser takes no text that is empty.
        return parse(sql === '' ? ';' : sql);
      } catch (error) {
        const details = hasSqlDetails(error) ? error.sqlDetails : undefined;
        // A position of the parser counts from 0 here, in characters.
        throw new SyntaxFault(
          details?.message ?? String(error),
          details === undefined ? 0 : unitsOf(sql, Math.max(details.cursorPosition, 0)),
        );
      }
    };
  return { parse: guarded(parseSync), parsePlpgsql: guarded(parsePlPgSQLSync) };
}

/** The server counts characters, JavaScript counts UTF-16 units. */
export function unitsOf(sql: string, characters: number): number {
  let at = 0;
  for (let counted = 0; counted < characters && at < sql.length; counted += 1)
    at += (sql.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return at;
}

/** Locations in the tree count bytes of UTF-8, JavaScript counts UTF-16 units. */
export function offsetOf(sql: string, bytes: number): number {
  return Buffer.from(sql).subarray(0, bytes).toString().length;
}

// ---------------------------------------------------------------------------------------------
// The tree

/** What a node of the tree holds. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Visits every node, outer ones first, in the order of the text as far as the tree has it. `key` is the kind of the
 * node, or the name of the field that holds it where the kind is always the same (`relation`, `typeName`).
 */
export function walk(tree: unknown, visit: (key: string, fields: Fields) => void): void {
  if (Array.isArray(tree)) {
    for (const one of tree) walk(one, visit);
    return;
  }
  if (!isFields(tree)) return;
  for (const [key, value] of Object.entries(tree)) {
    if (isFields(value)) visit(key, value);
    walk(value, visit);
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The texts of a list of names: `[{ String: { sval: 'a' } }]`. */
export function namesIn(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((one) => {
    const text = isFields(one) && isFields(one.String) ? one.String.sval : undefined;
    return typeof text === 'string' ? [text] : [];
  });
}

/** The text of a constant: `{ A_Const: { sval: { sval: 'a' } } }`. */
export function textOf(constant: unknown): string | null {
  if (!isFields(constant) || !isFields(constant.A_Const)) return null;
  const { sval } = constant.A_Const;
  return isFields(sval) ? String(sval.sval ?? '') : null;
}
