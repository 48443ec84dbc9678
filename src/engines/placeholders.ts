import { GreenlightError } from '../errors.ts';
import type { Script, TypedText } from './engine.ts';
import { type Lexis, standardLexis } from './lexis.ts';
import { lineBreaksIn, type Statement, type Token } from './script.ts';

/** What `{{ name }}` stands for: SQL of the engine, and the same as plain text. */
export interface Filling {
  readonly sql: string;
  readonly text: string;
}

/** The placeholder that stands for a session variable: `now` for `greenlight_now`. */
export function placeholderOf(variable: string): string {
  return variable.replace(/^greenlight_/, '');
}

/** How an engine writes down what a variable is. */
export interface FillingDialect {
  literal(text: string): string;
  instant(text: string): string;
  /** Names of types that can stand in CAST. */
  readonly plainType: RegExp;
}

/** A literal of the value's own type, where that is one that can be written down plainly. */
export function fillingOf(
  variable: string,
  value: string | TypedText,
  { literal, instant, plainType }: FillingDialect,
): Filling {
  if (typeof value === 'string')
    return { sql: variable.endsWith('_now') ? instant(value) : literal(value), text: value };
  const { text, type } = value;
  return { sql: plainType.test(type) ? `CAST(${literal(text)} AS ${type})` : literal(text), text };
}

/**
 * The statement with its placeholders replaced. In code, `{{ name }}` becomes a literal of the engine; in a text '...'
 * it becomes the plain text, quoted as the text is. Comments are left alone, and so are names within quotes that no
 * placeholder has: they may be data.
 *
 * @throws GreenlightError, with file and line, for an unknown placeholder in code, and for a known one where it cannot
 *   be replaced: in a quoted name, in E'...' and in $$...$$.
 */
export function fillPlaceholders(
  { file }: Script,
  { text: sql, line }: Statement,
  values: ReadonlyMap<string, Filling>,
  lexis: Lexis = standardLexis,
): string {
  const lineOf = (at: number) => line + lineBreaksIn(sql.slice(0, at));
  let filled = '';
  let skipTo = 0;
  for (const token of lexis.tokensOf(sql)) {
    if (token.at < skipTo) continue;
    if (token.kind === 'text' || token.kind === 'name') {
      const where = (offset: number) => `${file}:${lineOf(token.at + offset)}`;
      filled += fillQuoted(token, values, lexis, where);
      continue;
    }
    if (!isOpening(sql, token)) {
      filled += token.text;
      continue;
    }
    const found = matchAt(sql, token.at);
    const value = found === null ? undefined : values.get(found.name);
    if (found === null || value === undefined) {
      throw unknown(`${file}:${lineOf(token.at)}`, found?.written ?? '{{', [...values.keys()]);
    }
    filled += value.sql;
    skipTo = token.at + found.written.length;
  }
  return filled;
}

/**
 * Looks for faults before anything runs.
 * @returns where a quoted text holds what looks like a placeholder and is none: it stays as it is written.
 * @throws GreenlightError as fillPlaceholders does.
 */
export function checkPlaceholders(
  script: Script,
  names: readonly string[],
  lexis: Lexis,
): string[] {
  const values = new Map(names.map((name) => [name, { sql: 'NULL', text: '' }]));
  return lexis.statementsOf(script).flatMap((statement) => {
    fillPlaceholders(script, statement, values, lexis);
    return lexis.tokensOf(statement.text).flatMap(({ kind, text, at }) => {
      if (kind !== 'text') return [];
      return [...text.matchAll(PLACEHOLDER)].flatMap(({ 0: written, 1: name = '', index }) => {
        if (values.has(name.toLowerCase())) return [];
        const line = statement.line + lineBreaksIn(statement.text.slice(0, at + index));
        return [`${script.file}:${line}: ${written}`];
      });
    });
  });
}

const PLACEHOLDER = /\{\{\s*([\p{L}_][\p{L}\p{N}_]*)\s*\}\}/gu;

/** No SQL has two opening braces side by side outside of texts and names. */
function isOpening(sql: string, { kind, at }: Token): boolean {
  return kind === 'sign' && sql.startsWith('{{', at);
}

function matchAt(sql: string, at: number): { written: string; name: string } | null {
  const expression = new RegExp(PLACEHOLDER, 'yu');
  expression.lastIndex = at;
  const found = expression.exec(sql);
  return found && { written: found[0], name: (found[1] ?? '').toLowerCase() };
}

function fillQuoted(
  { text: token }: Token,
  values: ReadonlyMap<string, Filling>,
  { quoted: quote }: Lexis,
  where: (offset: number) => string,
): string {
  return token.replace(PLACEHOLDER, (written, name: string, offset: number) => {
    const value = values.get(name.toLowerCase());
    if (value === undefined) return written;
    const quoted = quote(value.text);
    // The text must say what was meant, and end where it ended: the parser stops at a NUL.
    if (/^n?'/i.test(token) && !value.text.includes('\0')) return quoted;
    throw new GreenlightError({
      what: `The placeholder ${written} cannot stand in ${placeOf(token)}.`,
      where: where(offset),
      help: `Write ${written} without quotes, or in a plain text '...'.`,
    });
  });
}

function placeOf(token: string): string {
  if (/^["[]/.test(token)) return 'a quoted name: it stands for a value';
  return /^n?'/i.test(token) ? 'a text: its value holds a NUL character' : 'a text of this kind';
}

function unknown(where: string, written: string, names: readonly string[]): GreenlightError {
  return new GreenlightError({
    what: written === '{{' ? '{{ begins no placeholder.' : `${written} is no placeholder.`,
    where,
    help: `Known are ${names.map((name) => `{{ ${name} }}`).join(', ')}.`,
  });
}
