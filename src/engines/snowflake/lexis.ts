import type { Token } from '../script.ts';

/**
 * Snowflake's lexical rules: `--` and `//` to the end of the line, comments that do not nest, '...' with backslashes,
 * $$...$$ without a tag, "..." names, $variables. What is never closed lasts to the end, so that the server meets it.
 */

const WHITE = /\s|\uFEFF/y;
const WORD = /(?!\s)[A-Za-z_\u0080-\uffff](?:(?!\s)[\w$\u0080-\uffff])*/y;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?/y;
const VARIABLE = /\$(?:\d+|[A-Za-z_]\w*)/y;
const OPERATOR = /::|\|\||<=|>=|<>|!=|=>|->|:=/y;

/** All of the SQL, piece by piece: the texts of the tokens, one behind the other, are the SQL. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length; ) {
    const [kind, end] = tokenAt(sql, at);
    tokens.push({ kind, text: sql.slice(at, end), at });
    at = end;
  }
  return tokens;
}

function tokenAt(sql: string, at: number): [Token['kind'], number] {
  const two = sql.slice(at, at + 2);
  if (two === '--' || two === '//') return ['blank', lineEnd(sql, at)];
  if (two === '/*') {
    const end = sql.indexOf('*/', at + 2);
    // One that is never closed must not hide the rest of the file.
    return end === -1 ? ['sign', sql.length] : ['blank', end + 2];
  }
  if (two === '$$') return ['text', closedBy(sql, '$$', at + 2)];
  if (matches(WHITE, sql, at) > at) return ['blank', at + 1];
  if (sql[at] === "'") return ['text', textEnd(sql, at)];
  if (sql[at] === '"') return ['name', nameEnd(sql, at)];
  const word = matches(WORD, sql, at);
  if (word > at) return ['word', word];
  for (const expression of [NUMBER, VARIABLE, OPERATOR]) {
    const end = matches(expression, sql, at);
    if (end > at) return ['sign', end];
  }
  return ['sign', at + 1];
}

/** Where the match that begins at `at` ends; `at` when there is none. */
function matches(expression: RegExp, sql: string, at: number): number {
  expression.lastIndex = at;
  return expression.test(sql) ? expression.lastIndex : at;
}

function lineEnd(sql: string, from: number): number {
  const found = sql.slice(from).search(/[\r\n]/);
  return found === -1 ? sql.length : from + found;
}

function closedBy(sql: string, mark: string, from: number): number {
  const found = sql.indexOf(mark, from);
  return found === -1 ? sql.length : found + mark.length;
}

/** A backslash takes the next character along; a doubled quote is one of the text. */
function textEnd(sql: string, from: number): number {
  for (let at = from + 1; at < sql.length; at++) {
    if (sql[at] === '\\') at += 1;
    else if (sql[at] === "'") {
      if (sql[at + 1] !== "'") return at + 1;
      at += 1;
    }
  }
  return sql.length;
}

function nameEnd(sql: string, from: number): number {
  for (let at = from + 1; at < sql.length; at++) {
    if (sql[at] !== '"') continue;
    if (sql[at + 1] !== '"') return at + 1;
    at += 1;
  }
  return sql.length;
}

/** What a text or a quoted name says. */
export function contentOf(token: string): string {
  if (token.startsWith('$$')) return token.slice(2, token.endsWith('$$') ? -2 : undefined);
  if (token.startsWith('"')) return token.slice(1, -1).replaceAll('""', '"');
  return token
    .slice(1, -1)
    .replace(/''|\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[\s\S])/g, (written, escaped?: string) =>
      escaped === undefined ? (written[0] ?? '') : unescaped(escaped),
    );
}

const escapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  0: '\0',
};

function unescaped(escaped: string): string {
  if (/^[xu]./.test(escaped)) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
  return escapes[escaped] ?? escaped;
}

/** A name as Snowflake takes it: without quotes it is upper case. */
export function identifierOf({ kind, text }: Pick<Token, 'kind' | 'text'>): string {
  return kind === 'name' ? contentOf(text) : text.toUpperCase();
}
