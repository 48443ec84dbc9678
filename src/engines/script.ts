/** One statement of a SQL file. */
export interface Statement {
  /** From its first to its last word: no comment before it or behind it, no semicolon. */
  readonly text: string;
  /** Where the text begins in the file; both count from 1. A column is a UTF-16 unit, as in editors. */
  readonly line: number;
  readonly column: number;
}

/**
 * Splits a SQL file at its semicolons, by the lexical rules that PostgreSQL and DuckDB share: nested comments,
 * dollar-quoted texts, `E'it\'s'`, quoted names, `$` within names. What is never closed lasts to the end of the file,
 * so that the engine meets it and says so.
 *
 * The rules are our own because well-known splitters (dbgate-query-splitter, sql-query-identifier) cut E'...' texts,
 * nested comments and names like `a$b$c` apart, and a piece of a text that runs as a statement is a disaster. The
 * tests hold this file against DuckDB's own lexer.
 */
export function splitStatements(sql: string): Statement[] {
  const statements: Statement[] = [];
  const position = positions(sql);
  let start = -1;
  let end = -1;
  const finish = (): void => {
    if (start !== -1) statements.push({ text: sql.slice(start, end), ...position(start) });
    start = -1;
  };

  for (let at = 0; at < sql.length; ) {
    const next = tokenEnd(sql, at);
    if (sql[at] === ';') {
      finish();
    } else if (!isBlank(sql, at)) {
      if (start === -1) start = at;
      end = next;
    }
    at = next;
  }
  finish();
  return statements;
}

/**
 * White space (a byte order mark is some) or a comment. A comment that is never closed is not blank: it would hide
 * the rest of the file from everybody.
 */
function isBlank(sql: string, at: number): boolean {
  if (sql.startsWith('/*', at)) return commentEnd(sql, at) !== null;
  return sql.startsWith('--', at) || /\s/.test(sql[at] as string);
}

/** Where the token that begins at `at` ends: a text, a name, a comment, or one character of anything else. */
function tokenEnd(sql: string, at: number): number {
  switch (sql[at]) {
    case "'":
      return closedBy(sql, "'", at + 1);
    case '"':
      return closedBy(sql, '"', at + 1);
    case '-':
      return sql[at + 1] === '-' ? lineEnd(sql, at) : at + 1;
    case '/':
      return sql[at + 1] === '*' ? (commentEnd(sql, at) ?? sql.length) : at + 1;
    case '$': {
      const tag = matchAt(DOLLAR_TAG, sql, at);
      return tag ? closedBy(sql, tag, at + tag.length) : at + 1;
    }
    default: {
      const word = matchAt(WORD, sql, at);
      if (!word) return at + 1;
      const isEscapeText = /^e$/i.test(word) && sql[at + 1] === "'";
      return isEscapeText ? escapeTextEnd(sql, at + 1) : at + word.length;
    }
  }
}

// What is not ASCII counts as a letter, but for white space.
const WORD = /(?!\s)[A-Za-z_\u0080-\uffff](?:(?!\s)[\w$\u0080-\uffff])*/y;
const DOLLAR_TAG = /\$(?:(?!\s)[A-Za-z_\u0080-\uffff](?:(?!\s)[\w\u0080-\uffff])*)?\$/y;

function matchAt(expression: RegExp, sql: string, at: number): string | undefined {
  expression.lastIndex = at;
  return expression.exec(sql)?.[0];
}

/** A doubled quote within a text needs no care: it reads as two texts side by side. */
function closedBy(sql: string, mark: string, from: number): number {
  const found = sql.indexOf(mark, from);
  return found === -1 ? sql.length : found + mark.length;
}

function lineEnd(sql: string, from: number): number {
  let at = from;
  while (at < sql.length && sql[at] !== '\n' && sql[at] !== '\r') at++;
  return at;
}

/** Comments nest. Null for one that is never closed. */
function commentEnd(sql: string, from: number): number | null {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = from;
  let depth = 0;
  for (let found = mark.exec(sql); found !== null; found = mark.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return null;
}

/** The end of E'...', in which a backslash takes the next character along; it goes on in a text on the next line. */
function escapeTextEnd(sql: string, quote: number): number {
  const mark = /[\\']/g;
  mark.lastIndex = quote + 1;
  for (let found = mark.exec(sql); found !== null; found = mark.exec(sql)) {
    if (found[0] === '\\') {
      mark.lastIndex += 1;
      continue;
    }
    const end = mark.lastIndex;
    if (sql[end] === "'") {
      mark.lastIndex += 1;
      continue;
    }
    const gap = matchAt(CONTINUATION, sql, end);
    if (gap === undefined) return end;
    mark.lastIndex = end + gap.length;
  }
  return sql.length;
}

/** White space with a line break, or comments to the end of the line, and the quote with which a text goes on. */
const CONTINUATION = /[ \t\f\v]*(?:--[^\r\n]*)?[\r\n](?:\s|--[^\r\n]*[\r\n])*'/y;

/** Line and column of ever later offsets, in one walk over the file. */
function positions(sql: string): (offset: number) => { line: number; column: number } {
  const lineBreak = /\r\n|\r|\n/g;
  let line = 1;
  // A byte order mark is no column of the first line.
  let lineStart = sql.startsWith('\uFEFF') ? 1 : 0;
  let next = lineBreak.exec(sql);
  return (offset) => {
    while (next !== null && next.index < offset) {
      line += 1;
      lineStart = lineBreak.lastIndex;
      next = lineBreak.exec(sql);
    }
    return { line, column: offset - lineStart + 1 };
  };
}

export function lineBreaksIn(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}

/** A piece of SQL: a comment or one character of white space, a text, a quoted name, a word, any other character. */
export interface Token {
  readonly kind: 'blank' | 'text' | 'name' | 'word' | 'sign';
  /** As it is written. */
  readonly text: string;
  /** Where it begins. */
  readonly at: number;
}

/** All of the SQL, piece by piece: the texts of the tokens, one behind the other, are the SQL. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length; ) {
    const end = tokenEnd(sql, at);
    const token = { kind: kindOf(sql, at), text: sql.slice(at, end), at };
    const last = tokens.at(-1);
    // A doubled quote reads as two texts side by side.
    if (isQuote(token.text[0]) && last?.kind === token.kind && last.text.startsWith(sql[at] ?? ''))
      tokens[tokens.length - 1] = { ...last, text: last.text + token.text };
    else tokens.push(token);
    at = end;
  }
  return tokens;
}

function kindOf(sql: string, at: number): Token['kind'] {
  if (isBlank(sql, at)) return 'blank';
  if (sql[at] === '"') return 'name';
  if (sql[at] === "'" || /^e'/i.test(sql.slice(at, at + 2))) return 'text';
  if (matchAt(DOLLAR_TAG, sql, at) !== undefined) return 'text';
  return matchAt(WORD, sql, at) === undefined ? 'sign' : 'word';
}

function isQuote(character: string | undefined): boolean {
  return character === "'" || character === '"';
}

/** One text or quoted name of a statement, and what it says. */
export interface Literal {
  readonly kind: 'text' | 'name';
  readonly value: string;
}

/** The texts and quoted names of a statement, comments left out: 'a', $$a$$, E'a', "a". */
export function literalsOf(statement: string): Literal[] {
  return tokensOf(statement).flatMap(({ kind, text }) =>
    kind === 'text' || kind === 'name' ? [{ kind, value: contentOf(text) }] : [],
  );
}

/** What a text or a quoted name says; escapes of E'...' are left as they are. */
export function contentOf(token: string): string {
  const quote = token[0] ?? '';
  if (isQuote(quote)) return token.slice(1, -1).replaceAll(quote + quote, quote);
  if (/^e'/i.test(token)) return token.slice(2, -1);
  const { length } = matchAt(DOLLAR_TAG, token, 0) ?? '';
  return token.slice(length, -length);
}

/** The statement without its comments, and with '' for each text. */
export function outlineOf(statement: string): string {
  return tokensOf(statement)
    .map(({ kind, text }) => {
      if (kind === 'blank') return ' ';
      if (kind === 'text') return /^e/i.test(text) ? "E''" : "''";
      return text;
    })
    .join('');
}
