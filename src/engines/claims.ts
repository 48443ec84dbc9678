import { ConditionFault } from './condition-fault.ts';
import type { Claim, Column, Side } from './engine.ts';
import type { ReadClaim, Reference } from './judging.ts';
import { list } from './sql.ts';

/** The conditions of claims, as far as they are the same for every engine: what their names mean. */

export type ColumnsOfSides = Readonly<Record<Side, readonly Column[]>>;

/**
 * Why a claim cannot be judged: which of its conditions, and a sentence. Null when it can. `require` throws a
 * ConditionFault for a text that is no condition.
 */
export async function faultOf(
  { where, holds }: Claim,
  require: (text: string) => Promise<void>,
): Promise<string | null> {
  for (const [part, text] of Object.entries({ where, holds })) {
    if (text === null) continue;
    try {
      await require(text);
    } catch (error) {
      if (error instanceof ConditionFault) return `\`${part}\`: ${error.message}`;
      throw error;
    }
  }
  return null;
}

/** @throws ConditionFault for a claim with a fault: nobody asked for it before. */
export async function readBoth<Condition>(
  claim: Claim,
  read: (text: string) => Condition | Promise<Condition>,
): Promise<ReadClaim<Condition>> {
  const { where, holds } = claim;
  return {
    claim,
    where: where === null ? null : await read(where),
    holds: holds === null ? null : await read(holds),
  };
}

/** The columns that its conditions name. */
export function referencesOf({
  where,
  holds,
}: ReadClaim<{ readonly names: readonly { readonly name: Reference }[] }>): Reference[] {
  return [...(where?.names ?? []), ...(holds?.names ?? [])].map(({ name }) => name);
}

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
