import { GreenlightError } from '../errors.ts';
import type { TablePair } from './engine.ts';

/** What is the same in every engine about rows that are brought over. */

/** Only tables with a key are asked for. */
export function keyOf({ schema, name, key }: TablePair): readonly string[] {
  if (key === null) throw new Error(`${schema}.${name} has no key`);
  return key;
}

export function rowsNotTaken(where: string, cause: string): GreenlightError {
  return new GreenlightError({
    what: 'The rows could not be brought over.',
    where,
    cause,
    help: 'See what the target does not take, and whether the tables are still the same on both sides; then run the same command again.',
  });
}
