import type { Token } from '../script.ts';
import { identifierOf, tokensOf } from './lexis.ts';
import { type Place, plain } from './names.ts';

/** The query of a view: what stands behind its first AS. Its own name does not lead anywhere. */
export function queryOf(text: string): string {
  let depth = 0;
  for (const { kind, text: token, at } of tokensOf(text)) {
    if (token === '(') depth += 1;
    else if (token === ')') depth -= 1;
    else if (depth === 0 && kind === 'word' && /^as$/i.test(token)) {
      return text
        .slice(at + token.length)
        .trim()
        .replace(/;\s*$/, '');
    }
  }
  return text;
}

/** One name of several parts, as it stands in a text. */
interface Qualified {
  /** `a..t` is `a.PUBLIC.t`. */
  readonly parts: readonly string[];
  readonly at: number;
  /** Where its first part and the dot behind that end. */
  readonly firstEnd: number;
  /** It stands where a table does: of two parts, the first is a schema, and no alias. */
  readonly isTable: boolean;
  readonly isCalled: boolean;
}

/**
 * The databases that a text names, or the schemas where the place is one: as people write them. Texts that stand for a
 * name count as well, and all that a program has, for it may run them.
 */
export function namesWithin(text: string, place: Place, isProgram: boolean): string[] {
  // In other languages than SQL, what is called is a method of anything.
  const lead = (name: Qualified) =>
    leadingTo({ ...name, isCalled: name.isCalled && !isProgram }, place);
  const tokens = withoutBlanks(text);
  const within = tokens
    .filter(({ kind }, at) => kind === 'text' && (isProgram || standsForName(tokens, at)))
    .flatMap(({ text: literal }) => qualifiedNames(inner(literal), !isProgram));
  return [...new Set([...qualifiedNames(text), ...within].flatMap(lead))].map(plain);
}

/** `IDENTIFIER('a.b.t')`, `TABLE('a.b.t')`. */
function standsForName(tokens: readonly Token[], at: number): boolean {
  return tokens[at - 1]?.text === '(' && /^(identifier|table)$/i.test(tokens[at - 2]?.text ?? '');
}

/** The text with every mention of the database taken away: what stands in it then means its own database. */
export function withoutDatabase(text: string, database: string): string {
  const mentions = qualifiedNames(text).filter(
    ({ parts }) => parts.length >= 3 && parts[0] === database,
  );
  return mentions.reduceRight((done, { at, firstEnd }) => {
    const rest = done.slice(firstEnd);
    return `${done.slice(0, at)}${rest.trimStart().startsWith('.') ? 'PUBLIC' : ''}${rest}`;
  }, text);
}

/** Snowflake tells a sequence by its whole name, and in a clone by that of the clone: the same default reads the same. */
export function defaultOf(text: string | null, { database, schema }: Place): string | null {
  if (text === null) return null;
  const within = withoutDatabase(text, database);
  return schema === null ? within : withoutDatabase(within, schema);
}

function leadingTo({ parts: all, isTable, isCalled }: Qualified, { schema }: Place): string[] {
  const isSequence = all.length > 2 && all.at(-1) === 'NEXTVAL';
  const parts = isSequence ? all.slice(0, -1) : all;
  if (schema === null) return parts.length >= 3 ? parts.slice(0, 1) : [];
  if (parts.length >= 3) return parts.slice(1, 2);
  return parts.length === 2 && (isTable || isCalled || isSequence) ? parts.slice(0, 1) : [];
}

/** `isOneTable`: what the whole text is. */
function qualifiedNames(text: string, isOneTable = false): Qualified[] {
  const tokens = withoutBlanks(text);
  const names: Qualified[] = [];
  const isName = (at: number) => ['word', 'name'].includes(tokens[at]?.kind ?? '');
  // For each parenthesis that is open: whether a list of tables stands there now.
  const lists = [isOneTable];
  for (let at = 0; at < tokens.length; at += 1) {
    const [before, token] = [tokens[at - 1]?.text ?? '', tokens[at]];
    const mayBeTable =
      beforeTables.test(before) || (['', ',', '('].includes(before) && lists.at(-1) === true);
    if (token?.text === '(') lists.push(mayBeTable);
    else if (token?.text === ')') lists.pop();
    else if (token?.kind === 'word' && beforeTables.test(token.text)) lists.splice(-1, 1, true);
    else if (token?.kind === 'word' && behindTables.test(token.text)) lists.splice(-1, 1, false);
    if (!isName(at)) continue;
    const start = at;
    const parts = [identifierOf(tokens[at] as never)];
    while (tokens[at + 1]?.text === '.') {
      const isShort = tokens[at + 2]?.text === '.';
      if (!isName(at + (isShort ? 3 : 2))) break;
      if (isShort) parts.push('PUBLIC');
      at += isShort ? 3 : 2;
      parts.push(identifierOf(tokens[at] as never));
    }
    const [first, dot] = [tokens[start], tokens[start + 1]];
    if (parts.length < 2 || dot === undefined || first === undefined) continue;
    names.push({
      parts,
      at: first.at,
      firstEnd: dot.at + 1,
      isTable: mayBeTable,
      isCalled: tokens[at + 1]?.text === '(',
    });
  }
  return names;
}

const beforeTables = /^(from|join|into|update|table|using|call|schema)$/i;

/** What follows them is no list of tables. Not ON: more tables may stand behind its condition. */
const behindTables =
  /^(select|where|group|order|having|qualify|limit|union|except|minus|intersect|set|values|window|with)$/i;

function withoutBlanks(text: string): Token[] {
  return tokensOf(text).filter(({ kind }) => kind !== 'blank');
}

function inner(literal: string): string {
  return literal.startsWith('$$')
    ? literal.slice(2, -2)
    : literal.slice(1, -1).replaceAll("''", "'");
}
