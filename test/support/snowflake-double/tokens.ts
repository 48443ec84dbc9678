import { syntax } from './errors.ts';

/** A piece of a statement: enough to take commands apart that the grammar gives back as they are. */
export interface Token {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'sign' | 'variable' | 'bind';
  /** Without its quotes; words as written. */
  readonly text: string;
  readonly at: number;
  readonly end: number;
}

const pattern =
  /(\s+|--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|\$\$([\s\S]*?)\$\$|'((?:[^'\\]|''|\\[\s\S])*)'|"((?:[^"]|"")*)"|(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\$([A-Za-z_]\w*)|([\p{L}_][\p{L}\p{N}_$]*)|(\?)|(=>|::|<>|!=|>=|<=|\|\||->|:=|.)/suy;

export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  while (pattern.lastIndex < sql.length) {
    const at = pattern.lastIndex;
    const found = pattern.exec(sql);
    if (found === null) throw syntax(`line 1 at position ${at} unexpected '${sql[at]}'.`);
    const [, blank, dollars, string, name, number, variable, word, bind, sign] = found;
    if (blank !== undefined) continue;
    const end = pattern.lastIndex;
    const add = (kind: Token['kind'], text: string) => tokens.push({ kind, text, at, end });
    if (dollars !== undefined) add('string', dollars);
    else if (string !== undefined) add('string', unescaped(string));
    else if (name !== undefined) add('name', name.replaceAll('""', '"'));
    else if (number !== undefined) add('number', number);
    else if (variable !== undefined) add('variable', variable);
    else if (word !== undefined) add('word', word);
    else if (bind !== undefined) add('bind', '?');
    else add('sign', sign ?? '');
  }
  return tokens;
}

function unescaped(text: string): string {
  const known: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', 0: '\0' };
  return text.replace(/''|\\([\s\S])/g, (_, escaped?: string) =>
    escaped === undefined ? "'" : (known[escaped] ?? escaped),
  );
}

export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** What a documented form of a command gives: names with up to three parts, texts, flags of optional parts. */
export type Match = Record<string, readonly string[]>;

/**
 * Takes a command apart by its documented form. In a form, WORDS stand for themselves, `:x` for a qualified name, `'x`
 * for a text, `#x` for a number, `=x` for a name, text or number, `[ ... ]` for what may be missing, `( a | b )` for one
 * of several, `...x` for all that is left.
 */
export function match(tokens: readonly Token[], form: string): Match | null {
  const parts = [...form.matchAll(/\.\.\.\w+|[:'#=]\w+|\[|\]|\(|\)|\||[A-Z_$0-9]+|=>|\S/g)].map(
    ([part]) => part,
  );
  const tree = treeOf(parts);
  const result = walk(tokens, 0, tree, {});
  return result !== null && result.at === tokens.length ? result.found : null;
}

type Node = string | { readonly optional: Node[] } | { readonly oneOf: Node[][] };

function treeOf(parts: string[], closing: string | null = null): Node[] {
  const nodes: Node[] = [];
  const alternatives: Node[][] = [];
  while (parts.length > 0) {
    const part = parts.shift() ?? '';
    if (part === closing) {
      if (closing === ')') return [{ oneOf: [...alternatives, nodes] }];
      return nodes;
    }
    if (part === '[') nodes.push({ optional: treeOf(parts, ']') });
    else if (part === '(') nodes.push(...treeOf(parts, ')'));
    else if (part === '|') alternatives.push(nodes.splice(0));
    else nodes.push(part);
  }
  return nodes;
}

interface Walked {
  readonly at: number;
  readonly found: Match;
}

function walk(
  tokens: readonly Token[],
  at: number,
  nodes: readonly Node[],
  found: Match,
): Walked | null {
  const [node, ...rest] = nodes;
  if (node === undefined) return { at, found };
  if (typeof node !== 'string') {
    const ways = 'optional' in node ? [node.optional, []] : node.oneOf;
    for (const way of ways) {
      const done = walk(tokens, at, [...way, ...rest], found);
      // Greedy, but what follows has to fit as well.
      if (done !== null && (rest.length > 0 || done.at === tokens.length || ways.at(-1) === way))
        return done;
    }
    return null;
  }
  const token = tokens[at];
  if (node.startsWith('...'))
    return {
      at: tokens.length,
      found: {
        ...found,
        [node.slice(3)]: tokens
          .slice(at)
          .map(({ kind, text }) => (kind === 'name' ? `"${text.replaceAll('"', '""')}"` : text)),
      },
    };
  if (token === undefined) return null;
  const key = node.slice(1);
  switch (node[0]) {
    case ':': {
      const name = nameAt(tokens, at);
      return name && walk(tokens, name.at, rest, { ...found, [key]: name.parts });
    }
    case "'":
      return token.kind === 'string'
        ? walk(tokens, at + 1, rest, { ...found, [key]: [token.text] })
        : null;
    case '#':
      return token.kind === 'number'
        ? walk(tokens, at + 1, rest, { ...found, [key]: [token.text] })
        : null;
    case '=':
      if (node.length > 1 && node !== '=>')
        return token.kind === 'sign'
          ? null
          : walk(tokens, at + 1, rest, { ...found, [key]: [token.text] });
  }
  const isSame =
    token.kind === 'word'
      ? token.text.toUpperCase() === node
      : token.kind !== 'name' && token.kind !== 'string' && token.text === node;
  return isSame ? walk(tokens, at + 1, rest, { ...found, [node]: [] }) : null;
}

/** `a.b."C"`: unquoted names mean their upper-case form. */
export function nameAt(
  tokens: readonly Token[],
  from: number,
): { readonly parts: string[]; readonly at: number } | null {
  const parts: string[] = [];
  let at = from;
  for (;;) {
    const token = tokens[at];
    if (token?.kind === 'word') parts.push(token.text.toUpperCase());
    else if (token?.kind === 'name') parts.push(token.text);
    else return null;
    if (tokens[at + 1]?.text !== '.' || tokens[at + 1]?.kind !== 'sign')
      return { parts, at: at + 1 };
    at += 2;
  }
}
