import { GreenlightError, messageOf } from '../../errors.ts';
import { type ColumnsOfSides, faultOf, readBoth, referencesOf, resolve } from '../claims.ts';
import { ConditionFault } from '../condition-fault.ts';
import { type Condition, writeCondition } from '../conditions.ts';
import type { Claim, ComparedColumn, TablePair } from '../engine.ts';
import {
  coversNothing,
  type KeptColumn,
  keptName,
  type ReadClaim as Read,
  type Reference,
  type WrittenClaim,
  writtenClaim,
} from '../judging.ts';
import { notBuiltIn, readCondition } from './conditions.ts';
import { firstLine, isOfTheMachine } from './errors.ts';
import { quote } from './names.ts';
import { typeOfResult, type Workspace } from './workspace.ts';

/** The conditions of claims: SQL that an author wrote, over `old.x` and `new.x`. */

export type ReadClaim = Read<Condition<Reference>>;

/** Why a claim cannot be judged: which of its conditions, and a sentence. Null when it can. */
export function findClaimFault(
  workspace: Workspace,
  claim: Claim,
  columns: ColumnsOfSides,
): Promise<string | null> {
  return faultOf(claim, async (text) =>
    requireType(workspace, readText(text, claim, columns), columns),
  );
}

/** @throws ConditionFault for a claim with a fault: nobody asked for it before. */
export function readClaim(claim: Claim, columns: ColumnsOfSides): Promise<ReadClaim> {
  return readBoth(claim, (text) => readText(text, claim, columns));
}

/** As SQL over the gathered rows. */
export function writeClaim(
  read: ReadClaim,
  pair: TablePair,
  dirty: readonly ComparedColumn[],
  kept: readonly KeptColumn[],
): WrittenClaim {
  const { claim, where, holds } = read;
  // Without a key, rows are kept by the columns that are compared: nothing else of them is known.
  const isKnown = ({ column }: Reference) =>
    pair.key !== null || pair.columns.some(({ name }) => name === column);
  if (!referencesOf(read).every(isKnown)) return coversNothing;
  const nameOf = (reference: Reference) => keptName(kept, reference);
  return writtenClaim(claim, dirty, where && write(where, nameOf), holds && write(holds, nameOf));
}

function write(condition: Condition<Reference>, nameOf: (reference: Reference) => string): string {
  return writeCondition(condition, (reference) => {
    const name = nameOf(reference);
    // Members of an OBJECT.
    return reference.fields.length === 0
      ? name
      : `${name}:${reference.fields.map(quote).join('.')}`;
  });
}

function readText(text: string, claim: Claim, columns: ColumnsOfSides): Condition<Reference> {
  return readCondition(text, (parts) => resolve(parts, claim, columns));
}

/** Snowflake binds the condition to a row of NULLs: it finds wrong types and what else cannot be evaluated. */
async function requireType(
  workspace: Workspace,
  condition: Condition<Reference>,
  columns: ColumnsOfSides,
): Promise<void> {
  const nameOf = ({ side, column }: Reference) => quote(`${side}.${column}`);
  const used = new Map(condition.names.map(({ name }) => [nameOf(name), name]));
  const typed = [...used].map(([name, { side, column }]) => {
    const { type = 'VARCHAR' } = columns[side].find((one) => one.name === column) ?? {};
    return `CAST(NULL AS ${type}) AS ${name}`;
  });
  const rows = `(SELECT ${['TRUE AS here', ...typed].join(', ')}) AS given`;
  let type: string;
  try {
    const { columns: found } = await workspace.table(
      'bind a condition',
      `SELECT ${write(condition, nameOf)} AS condition FROM ${rows}`,
    );
    type = found[0] === undefined ? 'nothing' : typeOfResult(found[0]);
  } catch (error) {
    throw notFitting(error);
  }
  requireBoolean(type, condition.text);
}

/** Bound to NULL: what Snowflake tells is about the author's text, not about data. */
export function notFitting(error: unknown): unknown {
  if (isOfTheMachine(error)) return error;
  const told = firstLine(messageBehind(error));
  const [, unknown] = /Unknown function (\S+)/.exec(told) ?? [];
  if (unknown !== undefined) return notBuiltIn(unknown.toLowerCase());
  return new ConditionFault(`It does not fit: ${told.replace(/[.!]?$/, '.')}`);
}

/** In Snowflake's words, also when it has been explained since. */
export function messageBehind(error: unknown): string {
  return messageOf(error instanceof GreenlightError ? (error.cause ?? error) : error);
}

/** @throws ConditionFault unless the type is that of true and false; NULL alone has none. */
export function requireBoolean(type: string, text: string): void {
  if (type !== 'BOOLEAN' || /^\s*null\s*$/i.test(text))
    throw new ConditionFault(
      `It gives ${/^\s*null\s*$/i.test(text) ? 'NULL' : type}, not true or false.`,
    );
}
