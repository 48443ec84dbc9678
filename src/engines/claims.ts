import { ConditionFault } from './condition-fault.ts';
import type { Claim, Column, Side } from './engine.ts';
import type { Reference } from './judging.ts';
import { list } from './sql.ts';

/** The conditions of claims, as far as they are the same for every engine: what their names mean. */

export type ColumnsOfSides = Readonly<Record<Side, readonly Column[]>>;

/**
 * Which column of which side is meant. Upper and lower case do not differ.
 * @throws ConditionFault when there is none.
 */
export function resolve(
  parts: readonly string[],
  { kind, column: own }: Claim,
  columns: ColumnsOfSides,
): Reference {
  const [first = '', second, ...fields] = parts;
  const side = first.toLowerCase();
  const written = parts.join('.');
  if (side !== 'old' && side !== 'new')
    throw new ConditionFault(
      `It names ${written}, which is no column here. Write old.${written} or new.${written}.`,
    );
  if (kind === 'added' && side === 'old')
    throw new ConditionFault(`It names ${written}, but a row that was added has no old values.`);
  if (kind === 'removed' && side === 'new')
    throw new ConditionFault(`It names ${written}, but a row that was removed has no new values.`);
  const asked = second ?? own;
  if (asked === null)
    throw new ConditionFault(`It says \`${side}\` without a column. Write ${side}.<column>.`);
  const has = (name: string) => name.toLowerCase() === asked.toLowerCase();
  const found =
    columns[side].find(({ name }) => name === asked) ?? columns[side].find(({ name }) => has(name));
  if (found === undefined)
    throw new ConditionFault(
      `It names ${written}, but there is no such column on the ${side} side. There are ${list(columns[side], ({ name }) => name)}.`,
    );
  return { side, column: found.name, fields };
}

/** NULL counts as not true. What ends with a comment ends its line. */
export function noneOf(conditions: readonly string[]): string {
  return list(
    conditions,
    (condition) => `(${condition}${condition.includes('--') ? '\n' : ''}) is not true`,
    ' and ',
  );
}
