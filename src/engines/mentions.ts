import type { Script } from './engine.ts';
import type { Lexis } from './lexis.ts';

/** A place where a SQL file names a table. */
export interface Mention {
  readonly line: number;
  /** The statement writes to the table, by what stands before its name. */
  readonly writes: boolean;
}

/**
 * Where the SQL names a table, with its schema or without, in the statements' order: once for each statement. Names are
 * taken without regard to case. A statement that writes to it counts as such, whatever else it does with it.
 */
export function mentionsOf(
  script: Script,
  schema: string,
  name: string,
  { statementsOf, tokensOf, contentOf, writing }: Lexis,
): Mention[] {
  return statementsOf(script).flatMap(({ text, line }) => {
    const words = tokensOf(text)
      .filter(({ kind }) => kind !== 'blank')
      .map(({ kind, text: token }) => (kind === 'name' ? contentOf(token) : token).toLowerCase());
    const places = words.flatMap((word, at) => {
      if (word !== name.toLowerCase()) return [];
      const isQualified = words[at - 1] === '.';
      if (isQualified && words[at - 2] !== schema.toLowerCase()) return [];
      return [isQualified ? at - 2 : at];
    });
    if (places.length === 0) return [];
    return [{ line, writes: places.some((at) => isTarget(words, at, writing)) }];
  });
}

/** `insert into t`, `update t`, `drop table if exists t`, `delete from t`, `copy t`. */
function isTarget(words: readonly string[], at: number, writing: ReadonlySet<string>): boolean {
  let before = at - 1;
  while (['if', 'not', 'exists'].includes(words[before] ?? '')) before--;
  const word = words[before] ?? '';
  return writing.has(word) || (word === 'from' && words[before - 1] === 'delete');
}
