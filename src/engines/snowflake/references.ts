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
  readonly parts: readonly string[];
  readonly at: number;
  /** Where its first part and the dot behind that end. */
  readonly firstEnd: number;
  /** The word before it. */
  readonly before: string;
}

/**
 * The databases that a text names, or the schemas where the place is one: as people write them. What a program has in
 * its texts counts as well, for it may run it.
 */
export function namesWithin(text: string, place: Place, isProgram: boolean): string[] {
  const found = qualifiedNames(text).flatMap((name) => leadingTo(name, place));
  const within = isProgram
    ? tokensOf(text)
        .filter(({ kind }) => kind === 'text')
        .flatMap(({ text: literal }) => qualifiedNames(inner(literal)))
        .flatMap((name) => leadingTo(name, place))
    : [];
  return [...new Set([...found, ...within])].map(plain);
}

/** The text with every mention of the database taken away: what stands in it then means its own database. */
export function withoutDatabase(text: string, database: string): string {
  const mentions = qualifiedNames(text).filter(
    ({ parts }) => parts.length >= 3 && parts[0] === database,
  );
  return mentions.reduceRight(
    (done, { at, firstEnd }) => done.slice(0, at) + done.slice(firstEnd),
    text,
  );
}

/** Snowflake tells a sequence by its whole name, and in a clone by that of the clone: the same default reads the same. */
export function defaultOf(text: string | null, { database, schema }: Place): string | null {
  if (text === null) return null;
  const within = withoutDatabase(text, database);
  return schema === null ? within : withoutDatabase(within, schema);
}

function leadingTo({ parts, before }: Qualified, { schema }: Place): string[] {
  if (schema === null) return parts.length >= 3 ? parts.slice(0, 1) : [];
  if (parts.length >= 3) return parts.slice(1, 2);
  const isTable = /^(from|join|into|update|table|using|call|schema)$/i.test(before);
  return parts.length === 2 && isTable ? parts.slice(0, 1) : [];
}

function qualifiedNames(text: string): Qualified[] {
  const tokens = tokensOf(text).filter(({ kind }) => kind !== 'blank');
  const names: Qualified[] = [];
  const isName = (at: number) => ['word', 'name'].includes(tokens[at]?.kind ?? '');
  for (let at = 0; at < tokens.length; at += 1) {
    if (!isName(at)) continue;
    const start = at;
    const parts = [identifierOf(tokens[at] as never)];
    while (tokens[at + 1]?.text === '.' && isName(at + 2)) {
      at += 2;
      parts.push(identifierOf(tokens[at] as never));
    }
    const dot = tokens[start + 1];
    const first = tokens[start];
    if (parts.length < 2 || dot === undefined || first === undefined) continue;
    names.push({
      parts,
      at: first.at,
      firstEnd: dot.at + 1,
      before: tokens[start - 1]?.text ?? '',
    });
  }
  return names;
}

function inner(literal: string): string {
  return literal.startsWith('$$')
    ? literal.slice(2, -2)
    : literal.slice(1, -1).replaceAll("''", "'");
}
