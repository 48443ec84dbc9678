import { createRequire } from 'node:module';

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
 * takes as a mere text, without looking at it, counts as none: such statements are held against their documented forms.
 */
export async function tsqlFault(statement: string): Promise<string | null> {
  await grammar.init();
  const form = documented.find((one) => one.test(statement));
  if (form !== undefined) return null;
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

const name = String.raw`(?:\[(?:[^\]]|\]\])+\]|\w+)`;
const path = String.raw`${name}(?:\.${name}){0,2}`;
const text = `N'(?:[^']|'')*'`;

/** Microsoft's documentation of Transact-SQL, statement by statement. */
const documented: readonly RegExp[] = [
  `(?:BEGIN|COMMIT|ROLLBACK) TRANSACTION`,
  `IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION`,
  `SET TRANSACTION ISOLATION LEVEL SNAPSHOT`,
  `(?:DISABLE|ENABLE) TRIGGER ${name} ON ${path}`,
  `ALTER TABLE ${path} NOCHECK CONSTRAINT ${name}`,
  `ALTER TABLE ${path} WITH (?:NO)?CHECK CHECK CONSTRAINT ${name}`,
  String.raw`DBCC CHECKIDENT \(${text}, RESEED, -?\d+\) WITH NO_INFOMSGS`,
  String.raw`IF OBJECT_ID\(${text}, N'SO'\) IS NOT NULL ALTER SEQUENCE ${path} RESTART WITH -?\d+`,
  String.raw`IF SCHEMA_ID\(${text}\) IS NULL EXECUTE \(${text}\)`,
  `DROP TABLE IF EXISTS ${path}(?:; DROP SCHEMA IF EXISTS ${name})?`,
  String.raw`EXECUTE sys\.sp_describe_first_result_set @tsql = ${text}`,
  String.raw`CREATE DATABASE ${name} COLLATE \w+`,
].map((form) => new RegExp(`^${form}$`));
