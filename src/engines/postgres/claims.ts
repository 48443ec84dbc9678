import { messageOf } from '../../errors.ts';
import { type ColumnsOfSides, faultOf, readBoth, resolve } from '../claims.ts';
import { ConditionFault } from '../condition-fault.ts';
import type { Condition } from '../conditions.ts';
import type { Claim } from '../engine.ts';
import {
  type ReadClaim as Read,
  type Reference,
  type WrittenClaim,
  writtenClaim,
} from '../judging.ts';
import { readCondition, writeCondition } from './conditions.ts';
import { firstLine } from './errors.ts';
import { quote } from './names.ts';
import type { Lane } from './workspace.ts';

/** The conditions of claims: SQL that an author wrote, over `old.x` and `new.x`. */

export type ReadClaim = Read<Condition<Reference>>;

/** Why a claim cannot be judged: which of its conditions, and a sentence. Null when it can. */
export function findClaimFault(
  lane: Lane,
  claim: Claim,
  columns: ColumnsOfSides,
): Promise<string | null> {
  return faultOf(claim, async (text) =>
    requireType(lane, await readText(lane, text, claim, columns), columns),
  );
}

/** @throws ConditionFault for a claim with a fault: nobody asked for it before. */
export function readClaim(lane: Lane, claim: Claim, columns: ColumnsOfSides): Promise<ReadClaim> {
  return readBoth(claim, (text) => readText(lane, text, claim, columns));
}

/** `nameOf`: how a column is called in the table of the gathered rows. */
export function writeClaim(
  { claim, where, holds }: ReadClaim,
  dirty: Parameters<typeof writtenClaim>[1],
  nameOf: (reference: Reference) => string,
): WrittenClaim {
  return writtenClaim(claim, dirty, where && write(where, nameOf), holds && write(holds, nameOf));
}

function write(condition: Condition<Reference>, nameOf: (reference: Reference) => string): string {
  return writeCondition(condition, (reference) => {
    const name = quote(nameOf(reference));
    // Fields of a composite value.
    return reference.fields.length === 0
      ? name
      : `(${name}).${reference.fields.map(quote).join('.')}`;
  });
}

function readText(
  lane: Lane,
  text: string,
  claim: Claim,
  columns: ColumnsOfSides,
): Promise<Condition<Reference>> {
  return readCondition(
    text,
    (statement, values) => lane.rows('understand a condition', statement, values),
    (parts) => resolve(parts, claim, columns),
  );
}

/** PostgreSQL binds the condition to no row: it finds wrong types and what else cannot be evaluated. */
async function requireType(
  lane: Lane,
  condition: Condition<Reference>,
  columns: ColumnsOfSides,
): Promise<void> {
  const nameOf = ({ side, column }: Reference) => `${side}.${column}`;
  const used = new Map(condition.names.map(({ name }) => [nameOf(name), name]));
  const typed: string[] = [];
  for (const [name, { side, column }] of used) {
    const { type = 'text' } = columns[side].find((one) => one.name === column) ?? {};
    // A type that the new side does not know is worked on as text.
    const [there] = await lane.rows(
      'look for a type',
      'SELECT to_regtype($1) IS NOT NULL AS there',
      [type.replace(/\([^)]*\)/, '')],
    );
    typed.push(`CAST(NULL AS ${there?.there === true ? type : 'text'}) AS ${quote(name)}`);
  }
  const rows = `(SELECT ${['true AS here', ...typed].join(', ')}) AS given`;
  let type: string | undefined;
  try {
    ({
      types: [type],
    } = await lane.table(
      'bind a condition',
      `SELECT (${write(condition, nameOf)}) AS condition FROM ${rows}`,
    ));
  } catch (error) {
    // Bound to NULL: what PostgreSQL tells is about the author's text, not about data.
    const told = firstLine(messageOf(error));
    throw new ConditionFault(`It does not fit: ${told.replace(/[.!]?$/, '.')}`);
  }
  if (type !== 'boolean') throw new ConditionFault(`It gives ${type}, not true or false.`);
}
