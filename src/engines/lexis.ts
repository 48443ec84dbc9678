import type { Script } from './engine.ts';
import { contentOf, type Statement, splitStatements, type Token, tokensOf } from './script.ts';

/** How an engine's SQL falls into pieces. What is never closed lasts to the end. */
export interface Lexis {
  /**
   * What people are pointed to, with its place in the file.
   * @throws GreenlightError, with file and line, for what the engine cannot take apart.
   */
  statementsOf(script: Script): readonly Statement[];
  tokensOf(sql: string): Token[];
  /** What a text or a quoted name says. */
  contentOf(token: string): string;
  /** What stands between the quotes of a plain text so that it says this. */
  quoted(text: string): string;
  /** Words, in lower case, that stand right before the name of a table that is written to. */
  readonly writing: ReadonlySet<string>;
}

/** That of PostgreSQL and DuckDB. */
export const standardLexis: Lexis = {
  statementsOf: ({ text }) => splitStatements(text),
  tokensOf,
  contentOf,
  quoted: (text) => text.replaceAll("'", "''"),
  writing: new Set(['into', 'update', 'table', 'truncate', 'copy']),
};
