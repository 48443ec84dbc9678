import { closest, distance } from 'fastest-levenshtein';
import { UsageError } from '../errors.ts';

/**
 * The parts of a name as people write it: `marts.delay`, `"my schema"."odd.table".col`. Parts are quoted as in SQL
 * (a quote within is doubled); a part needs quotes only when it holds a dot or a quote.
 *
 * @throws UsageError when the text is not a name.
 */
export function parseName(text: string): string[] {
  return scan(text).map((part) => part.text);
}

/** The canonical text of a name: parseName gives the same parts back. Quotes only what needs it. */
export function formatName(parts: readonly string[]): string {
  return parts.map(formatPart).join('.');
}

/** How many parts a pattern has. */
export function patternParts(pattern: string): number {
  return scan(pattern).length;
}

/** True when a bare `*` makes the text stand for more than one name. */
export function isPattern(text: string): boolean {
  return scan(text).some((part) => !part.quoted && part.text.includes('*'));
}

/**
 * Tells whether a name fits one of the patterns. `*` stands for any text within one part; in a quoted part it is
 * itself. `ignoreCase` is for engines whose names do not differ by case.
 *
 * @throws UsageError when a pattern is not well-formed.
 */
export function nameMatcher(
  patterns: readonly string[],
  options: { readonly ignoreCase: boolean },
): (parts: readonly string[]) => boolean {
  const flags = options.ignoreCase ? 'isu' : 'su';
  const matchers = patterns.map((pattern) =>
    scan(pattern).map((part) => new RegExp(partExpression(part), flags)),
  );
  return (parts) =>
    matchers.some(
      (matcher) =>
        matcher.length === parts.length && matcher.every((part, i) => part.test(parts[i] ?? '')),
    );
}

/** The one of `known` that is most like a word that was probably misspelt; null when none is near. */
export function nearest(written: string, known: readonly string[]): string | null {
  if (known.length === 0) return null;
  const found = closest(written.toLowerCase(), [...known]);
  const limit = Math.max(1, Math.floor(found.length / 3));
  return distance(written.toLowerCase(), found.toLowerCase()) <= limit ? found : null;
}

interface Part {
  readonly text: string;
  readonly quoted: boolean;
}

function scan(text: string): Part[] {
  const quotedPart = /\s*"((?:[^"]|"")+)"\s*(\.|$)/y;
  const barePart = /([^".]*)(\.|$)/y;
  const parts: Part[] = [];
  let position = 0;
  for (;;) {
    quotedPart.lastIndex = position;
    barePart.lastIndex = position;
    const quoted = quotedPart.exec(text);
    const match = quoted ?? barePart.exec(text);
    const content = quoted ? quoted[1]?.replaceAll('""', '"') : match?.[1]?.trim();
    if (match === null || content === undefined || content === '') {
      throw new UsageError({
        what: `${JSON.stringify(text)} is not a name.`,
        help: 'Write parts with a dot between them, such as marts.delay; a part that holds a dot or a quote is quoted as in SQL, such as marts."odd.table".',
      });
    }
    parts.push({ text: content, quoted: quoted !== null });
    position += match[0].length;
    if (match[2] === '') return parts;
  }
}

function formatPart(part: string): string {
  const bare = /^[\p{L}_][\p{L}\p{M}\p{N}_$]*$/u.test(part);
  return bare ? part : `"${part.replaceAll('"', '""')}"`;
}

function partExpression(part: Part): string {
  const literals = part.quoted ? [part.text] : part.text.split(/\*+/);
  return `^${literals.map((literal) => literal.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('.*')}$`;
}

/** `schema.table`, quoted where it needs to be. */
export function relationName({ schema, name }: { schema: string; name: string }): string {
  return formatName([schema, name]);
}
