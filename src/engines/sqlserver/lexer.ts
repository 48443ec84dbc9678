/** A piece of T-SQL. The texts of all tokens, one behind the other, are the SQL. */
export interface Token {
  /** blank: white space or a comment. name: in brackets or double quotes. word: also @variables, #tables, numbers. */
  readonly kind: 'blank' | 'text' | 'name' | 'word' | 'sign';
  /** As it is written. */
  readonly text: string;
  /** Where it begins. */
  readonly at: number;
  /** False: a comment, text or name that is never closed, and lasts to the end. */
  readonly closed: boolean;
}

/**
 * T-SQL by its lexical rules: nested comments, N'...' with doubled quotes, [...] with doubled brackets, "..." as a name
 * (QUOTED_IDENTIFIER is on in our sessions), @, # and $ within words.
 */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length; ) {
    const token = tokenAt(sql, at);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function tokenAt(sql: string, at: number): Token {
  const made = (kind: Token['kind'], end: number | null): Token => ({
    kind,
    text: sql.slice(at, end ?? sql.length),
    at,
    closed: end !== null,
  });
  if (sql.startsWith('/*', at)) return made('blank', commentEnd(sql, at));
  if (sql.startsWith('--', at)) return made('blank', lineEnd(sql, at));
  const blank = matchAt(BLANK, sql, at);
  if (blank !== undefined) return made('blank', at + blank.length);
  const quote = /^n'/i.test(sql.slice(at, at + 2)) ? at + 1 : at;
  if (sql[quote] === "'") return made('text', closedBy(sql, "'", quote + 1));
  if (sql[at] === '"') return made('name', closedBy(sql, '"', at + 1));
  if (sql[at] === '[') return made('name', closedBy(sql, ']', at + 1));
  const word = matchAt(NUMBER, sql, at) ?? matchAt(WORD, sql, at);
  return word === undefined ? made('sign', at + 1) : made('word', at + word.length);
}

const BLANK = /[\s\uFEFF]+/y;
const NUMBER = /0x[0-9a-f]*|[0-9]+(?:\.[0-9]*)?(?:e[-+]?[0-9]+)?|\.[0-9]+(?:e[-+]?[0-9]+)?/iy;
const WORD = /[\p{L}_@#$][\p{L}\p{N}_@#$]*/uy;

function matchAt(expression: RegExp, sql: string, at: number): string | undefined {
  expression.lastIndex = at;
  return expression.exec(sql)?.[0];
}

/** A doubled mark is one that belongs to the text. */
function closedBy(sql: string, mark: string, from: number): number | null {
  for (let at = sql.indexOf(mark, from); at !== -1; at = sql.indexOf(mark, at + 2)) {
    if (sql[at + 1] !== mark) return at + 1;
  }
  return null;
}

function lineEnd(sql: string, from: number): number {
  const found = sql.slice(from).search(/[\r\n]/);
  return found === -1 ? sql.length : from + found;
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

/** What stands in the SQL besides white space and comments. */
export function codeOf(sql: string): Token[] {
  return tokensOf(sql).filter(({ kind }) => kind !== 'blank');
}

/** A word or a name as an identifier; null for what is none. */
export function identifierOf({ kind, text }: Token): string | null {
  if (kind === 'word') return text;
  return kind === 'name' ? contentOf(text) : null;
}

/** What a text or a quoted name says. */
export function contentOf(token: string): string {
  const from = /^n'/i.test(token) ? 2 : 1;
  const mark = token[from - 1] === '[' ? ']' : (token[from - 1] ?? '');
  return token.slice(from, -1).replaceAll(mark + mark, mark);
}

/** A bare word in lower case, as keywords are compared; empty for anything else. */
export function keywordOf(token: Token | undefined): string {
  return token?.kind === 'word' ? token.text.toLowerCase() : '';
}
