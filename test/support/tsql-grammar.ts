import { createRequire } from 'node:module';
import { documented } from './tsql-documented.ts';

interface Parsed {
  readonly success: boolean;
  readonly ast: unknown;
  readonly error?: string;
}

// The package's ESM build does not run on Node 20.
const grammar = createRequire(import.meta.url)('@polyglot-sql/sdk') as {
  init(): Promise<void>;
  parse(sql: string, dialect: string): Parsed;
  transpile(
    sql: string,
    from: string,
    to: string,
  ): { success: boolean; sql: string[]; error?: string };
};

/**
 * Why a statement is none by the T-SQL grammar of polyglot, which is not our own; null when it is one. What that grammar
 * takes as a mere text, without looking at it, counts as none: such statements are held against their forms in `tsql-documented.ts`.
 */
export async function tsqlFault(statement: string): Promise<string | null> {
  if (documented.some(({ form }) => form.test(statement))) return null;
  return grammarFault(statement);
}

/** The same by the grammar alone. */
export async function grammarFault(statement: string): Promise<string | null> {
  await grammar.init();
  const { success, ast, error } = grammar.parse(statement, 'tsql');
  if (!success) return error ?? 'no statement';
  return holdsRaw(ast) ? 'the grammar has not looked at all of it' : null;
}

/** To what DuckDB would run for it: an additional check of what expressions mean, no proof for SQL Server. */
export async function asDuckdb(statement: string): Promise<string> {
  await grammar.init();
  const { success, sql, error } = grammar.transpile(statement, 'tsql', 'duckdb');
  if (!success) throw new Error(error);
  return sql.join('; ');
}

function holdsRaw(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(holdsRaw);
  if (typeof node !== 'object' || node === null) return false;
  return Object.entries(node).some(
    ([key, value]) => /^(raw|command)$/.test(key) || holdsRaw(value),
  );
}
