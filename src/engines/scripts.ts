import { GreenlightError } from '../errors.ts';
import type { Script } from './engine.ts';
import { excerpt } from './excerpt.ts';

/** What is the same in every engine about scripts that run and ask. */

export type OnStatement = (done: number, total: number) => void;

/** Whether the script keeps its own transactions. */
export function asksForNoTransaction({ text }: Script): boolean {
  return /^\s*--\s*greenlight:\s*no transaction\s*$/im.test(text);
}

export function notCommitted({ file }: Script, cause: string): GreenlightError {
  return new GreenlightError({
    what: 'The script could not be committed.',
    where: file,
    cause,
    help: 'Mend the script, then run the same command again.',
  });
}

/** `statement`: the one that begins the transaction. */
export function stillOpen(
  { file }: Script,
  statement: { readonly text: string; readonly line: number },
): GreenlightError {
  return new GreenlightError({
    what: `The script begins a transaction that it never ends:\n${excerpt(statement)}`,
    where: `${file}:${statement.line}`,
    help: 'Write COMMIT at its end, or leave the transaction to Greenlight.',
  });
}

/** @throws GreenlightError when there is none, or more than one. */
export function onlyQuery<T>({ file }: Script, queries: readonly T[]): T {
  const [query, ...more] = queries;
  if (query !== undefined && more.length === 0) return query;
  throw new GreenlightError({
    what: `This is not one query, but ${query === undefined ? 'none' : `${queries.length} statements`}.`,
    where: file,
    help: 'Write one query.',
  });
}

/** What is not true of what a query gave that asks whether all is well. */
export function untrue<T>(
  where: string,
  {
    columns,
    rows,
  }: { readonly columns: readonly string[]; readonly rows: readonly (readonly T[])[] },
  isTrue: (value: T, column: number) => boolean,
): string[] {
  if (rows.length === 0) return [`${where}: gives no row`];
  return rows.flatMap((row, at) =>
    row.flatMap((value, column) =>
      isTrue(value, column) ? [] : [`${where}: row ${at + 1}: ${columns[column]} is not true`],
    ),
  );
}
