import type { Script } from '../engine.ts';
import { type Lexis, standardLexis } from '../lexis.ts';
import { type Filling, fillPlaceholders } from '../placeholders.ts';
import { lineBreaksIn, type Statement, type Token } from '../script.ts';
import { contentOf, tokensOf } from './lexis.ts';

/** A statement as it is written, which people are told of, and as it runs. */
export interface ReadyStatement extends Statement {
  readonly sql: string;
}

/** @throws GreenlightError, with file and line, for an unknown placeholder; then nothing has run. */
export function readStatements(
  script: Script,
  fillings: ReadonlyMap<string, Filling> | null,
): ReadyStatement[] {
  return splitStatements(script.text).map((statement) => ({
    ...statement,
    sql: fillings === null ? statement.text : fillPlaceholders(script, statement, fillings, lexis),
  }));
}

export const lexis: Lexis = {
  statementsOf: ({ text }) => splitStatements(text),
  tokensOf,
  contentOf,
  quoted: (text) => text.replaceAll('\\', '\\\\').replaceAll("'", "''"),
  writing: standardLexis.writing,
};

/** Splits a file at its semicolons, but for those within blocks of Snowflake Scripting: BEGIN ... END, with or without DECLARE. */
export function splitStatements(sql: string): Statement[] {
  const statements: Statement[] = [];
  let own: Token[] = [];
  const finish = () => {
    const [first, last] = [own[0], own.at(-1)];
    if (first !== undefined && last !== undefined) {
      const before = sql.slice(0, first.at);
      const lineStart = Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1;
      // A byte order mark is no column of the first line.
      const mark = lineStart === 0 && sql.startsWith('\uFEFF') ? 1 : 0;
      statements.push({
        text: sql.slice(first.at, last.at + last.text.length),
        line: lineBreaksIn(before) + 1,
        column: first.at - lineStart - mark + 1,
      });
    }
    own = [];
  };
  for (const token of tokensOf(sql)) {
    if (token.kind === 'blank') continue;
    if (token.text === ';' && !isWithinBlock(own)) finish();
    else own.push(token);
  }
  finish();
  return statements;
}

/** Words that open what an END closes, at the beginning of a statement of a block. */
const opening: ReadonlySet<string> = new Set(['begin', 'if', 'for', 'while', 'loop', 'repeat']);

/** Whether these pieces of a statement have opened a block that they have not closed. */
function isWithinBlock(tokens: readonly Token[]): boolean {
  const words = tokens.map(({ kind, text }) => (kind === 'word' ? text.toLowerCase() : text));
  const begin = blockIn(words);
  if (begin === -1) return false;
  let depth = 0;
  let hasBegun = false;
  for (let at = begin; at < words.length; at++) {
    const [before, word = '', after] = [words[at - 1] ?? ';', words[at], words[at + 1]];
    if (word === 'end') {
      depth -= 1;
      // END IF, END LOOP
      if (opening.has(after ?? '') || after === 'case') at += 1;
      continue;
    }
    const isFirst = at === begin || [';', 'begin', 'then', 'else', 'do', 'loop'].includes(before);
    const isTransaction = word === 'begin' && isTransactionBegin(words, at) && at !== begin;
    if (word === 'case' || (opening.has(word) && isFirst && !isTransaction)) depth += 1;
    if (word === 'begin') hasBegun = true;
  }
  return depth > 0 || !hasBegun;
}

/** Where the block of a statement begins; -1: it has none. */
function blockIn(words: readonly string[]): number {
  if (words[0] === 'declare') return 0;
  if (words[0] === 'begin') return isTransactionBegin(words, 0) ? -1 : 0;
  if (words[0] !== 'create' && words[0] !== 'alter') return -1;
  const body = words.findIndex(
    (word, at) => word === 'as' && ['begin', 'declare'].includes(words[at + 1] ?? ''),
  );
  return body === -1 ? -1 : body + 1;
}

/** BEGIN alone, BEGIN TRANSACTION, BEGIN WORK, BEGIN NAME t. */
function isTransactionBegin(words: readonly string[], at: number): boolean {
  const next = words[at + 1];
  return next === undefined || [';', 'transaction', 'work', 'name'].includes(next);
}

// ---------------------------------------------------------------------------------------------
// What a statement is

/** The first words, in upper case: `CREATE OR REPLACE TABLE`. */
export function wordsOf({ sql }: Pick<ReadyStatement, 'sql'>): string[] {
  return tokensOf(sql)
    .filter(({ kind }) => kind !== 'blank')
    .slice(0, 8)
    .map(({ kind, text }) => (kind === 'word' ? text.toUpperCase() : text));
}

/** What stays in the open transaction; everything else commits it, or may do so. */
const withinTransactions: ReadonlySet<string> = new Set([
  'SELECT',
  'WITH',
  'VALUES',
  '(',
  'INSERT',
  'UPDATE',
  'DELETE',
  'MERGE',
  'COPY',
  'SHOW',
  'DESCRIBE',
  'DESC',
  'EXPLAIN',
  'LIST',
  'LS',
  'SET',
  'UNSET',
]);

/** Why the statement cannot run in a transaction with others: what it is. Null: it can. */
export function cannotBeWrapped(statement: ReadyStatement): string | null {
  const [first = '', second = ''] = wordsOf(statement);
  if (withinTransactions.has(first)) return null;
  if (/^(BEGIN|START|COMMIT|ROLLBACK)$/.test(first)) {
    return isBlock(statement) ? 'a block of Snowflake Scripting' : 'transaction control of its own';
  }
  if (first === 'DECLARE') return 'a block of Snowflake Scripting';
  return /^\w+$/.test(second) ? `${first} ${second}` : first;
}

function isBlock(statement: ReadyStatement): boolean {
  const words = wordsOf(statement).map((word) => word.toLowerCase());
  return words[0] === 'begin' && blockIn(words) !== -1;
}

/** Reads only, whatever it is made of: functions of Snowflake cannot write. */
export function isReading(statement: ReadyStatement): boolean {
  const [first = ''] = wordsOf(statement);
  return /^(SELECT|WITH|VALUES|\(|SHOW|DESCRIBE|DESC|EXPLAIN|LIST|LS)$/.test(first);
}

/** The session is another one behind it, and must not be that of the next script. */
export function leavesTraces(statement: ReadyStatement): boolean {
  const [first = '', ...more] = wordsOf(statement);
  return (
    /^(SET|UNSET|USE|CALL|EXECUTE|DECLARE|BEGIN)$/.test(first) ||
    (first === 'ALTER' && more[0] === 'SESSION') ||
    // A schema that is made is the one in which names are looked for from then on.
    (first === 'CREATE' && more.some((word) => /^(TEMP|TEMPORARY|SCHEMA)$/.test(word)))
  );
}

/** The transaction that a script begins and never ends; null: there is none. */
export function leavesOpen(statements: readonly ReadyStatement[]): ReadyStatement | null {
  let open: ReadyStatement | null = null;
  for (const statement of statements) {
    const [first = ''] = wordsOf(statement);
    if (/^(BEGIN|START)$/.test(first) && !isBlock(statement)) open = statement;
    else if (/^(COMMIT|ROLLBACK)$/.test(first)) open = null;
  }
  return open;
}
