import { createRequire } from 'node:module';
import { syntax } from './errors.ts';

/** A node of the syntax tree: what the grammar gives is only walked, never trusted to have a shape. */
export type Node = Record<string, unknown>;

interface Polyglot {
  init(): Promise<void>;
  parse(
    sql: string,
    dialect: string,
  ): { success: boolean; ast: Node[] | null; error: string | null };
  generate(
    ast: unknown,
    dialect: string,
  ): { success: boolean; sql: string[] | null; error: string | null };
  transpile(
    sql: string,
    from: string,
    to: string,
  ): { success: boolean; sql: string[] | null; error: string | null };
  generateDataType(
    type: unknown,
    dialect: string,
  ): { success: boolean; sql: string | null; error: string | null };
}

// Its module for import() does not load on Node 20.
const polyglot = createRequire(import.meta.url)('@polyglot-sql/sdk') as Polyglot;

export async function loadGrammar(): Promise<void> {
  await polyglot.init();
}

/** One statement of Snowflake's, as a tree. */
export function parse(sql: string): Node {
  const { success, ast, error } = polyglot.parse(sql, 'snowflake');
  if (!success || ast === null) throw syntax(error ?? '');
  const [statement, ...more] = ast;
  if (statement === undefined) throw syntax('line 0 at position 0 unexpected end of input.');
  if (more.length > 0)
    throw syntax('Actual statement count 2 did not match the desired statement count 1.');
  return withQuotes(statement, sql) as Node;
}

/** The grammar forgets that some names were quoted: those of an alias's columns. Where they stand, it can be seen. */
function withQuotes(value: unknown, sql: string): unknown {
  if (Array.isArray(value)) return value.map((one) => withQuotes(one, sql));
  if (!isNode(value)) return value;
  const made = Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, withQuotes(one, sql)]),
  );
  const { quoted, span } = value;
  if (quoted !== false || !isNode(span)) return made;
  return sql[Number(span.start)] === '"' ? { ...made, quoted: true } : made;
}

export function write(ast: Node): string {
  const { success, sql, error } = polyglot.generate([ast], 'snowflake');
  if (!success || sql?.[0] === undefined) throw syntax(error ?? '');
  return sql[0];
}

export function toDuck(sql: string): string {
  const { success, sql: translated, error } = polyglot.transpile(sql, 'snowflake', 'duckdb');
  if (!success || translated?.[0] === undefined) throw syntax(error ?? '');
  return translated[0];
}

/** A type as it was written. */
export function writeType(type: unknown): string {
  const { sql, success, error } = polyglot.generateDataType(type, 'snowflake');
  if (!success || sql === null) throw syntax(error ?? '');
  return sql;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
