import { messageOf } from '../../errors.ts';
import { type ColumnsOfSides, faultOf, readBoth, resolve } from '../claims.ts';
import { ConditionFault } from '../condition-fault.ts';
import { type Condition, writeCondition } from '../conditions.ts';
import type { Claim } from '../engine.ts';
import {
  type ReadClaim as Read,
  type Reference,
  type WrittenClaim,
  writtenClaim,
} from '../judging.ts';
import { list } from '../sql.ts';
import { endDoesNotFit, readCondition } from './conditions.ts';
import type { Row } from './connection.ts';
import { firstLine, isOfTheMachine, numberOf } from './errors.ts';
import { syntax } from './judge.ts';
import { literal, quote } from './names.ts';
import { storedAs, typeNamed } from './types.ts';
import type { Lane } from './workspace.ts';

/** The conditions of claims: SQL that an author wrote, over `old.x` and `new.x`. */

export type ReadClaim = Read<Condition<Reference>>;

/** NULL counts as not true, and in T-SQL `IS NOT TRUE` cannot be said. What ends with a comment ends its line. */
export function noneOf(conditions: readonly string[]): string {
  return list(
    conditions,
    (condition) =>
      `case when (${condition}${condition.includes('--') ? '\n' : ''}) then 0 else 1 end = 1`,
    ' and ',
  );
}

/** Why a claim cannot be judged: which of its conditions, and a sentence. Null when it can. */
export function findClaimFault(
  lane: Lane,
  claim: Claim,
  columns: ColumnsOfSides,
): Promise<string | null> {
  return faultOf(claim, async (text) =>
    requireCondition(lane, readText(text, claim, columns), columns),
  );
}

/** @throws ConditionFault for a claim with a fault: nobody asked for it before. */
export function readClaim(claim: Claim, columns: ColumnsOfSides): Promise<ReadClaim> {
  return readBoth(claim, (text) => readText(text, claim, columns));
}

/** `nameOf`: how a column is called in the table of the gathered rows. */
export function writeClaim(
  { claim, where, holds }: ReadClaim,
  dirty: Parameters<typeof writtenClaim>[1],
  nameOf: (reference: Reference) => string,
): WrittenClaim {
  const write = (condition: Condition<Reference> | null) =>
    condition && writeCondition(condition, (reference) => quote(nameOf(reference)));
  return writtenClaim(claim, dirty, write(where), write(holds), syntax);
}

function readText(text: string, claim: Claim, columns: ColumnsOfSides): Condition<Reference> {
  return readCondition(text, (parts) => {
    const reference = resolve(parts, claim, columns);
    if (reference.fields.length > 0)
      throw new ConditionFault(`It names ${parts.join('.')}, but a column has no parts here.`);
    return reference;
  });
}

/** SQL Server binds the condition to a row of NULLs: it finds wrong types and what else cannot be evaluated. */
async function requireCondition(
  lane: Lane,
  condition: Condition<Reference>,
  columns: ColumnsOfSides,
): Promise<void> {
  const nameOf = ({ side, column }: Reference) => `${side}.${column}`;
  const used = new Map(condition.names.map(({ name }) => [nameOf(name), name]));
  const typed = [...used].map(([name, { side, column }]) => {
    const { type = 'nvarchar(max)' } = columns[side].find((one) => one.name === column) ?? {};
    return `CONVERT(${storedAs(typeNamed(type))}, NULL) AS ${quote(name)}`;
  });
  const from = `FROM (SELECT ${['1 AS here', ...typed].join(', ')}) AS given`;
  const written = writeCondition(condition, (reference) => quote(nameOf(reference)));
  await requireConditionOver((about, statement) => lane.rows(about, statement), written, from);
}

/** @throws ConditionFault when what is written gives no truth value over the rows of `from`. */
export async function requireConditionOver(
  rows: (about: string, statement: string) => Promise<readonly Row[]>,
  written: string,
  from: string,
): Promise<void> {
  try {
    await rows(
      'bind a condition',
      `SELECT CASE WHEN ${written} THEN 1 ELSE 0 END AS condition ${from}`,
    );
  } catch (error) {
    if (isOfTheMachine(error)) throw error;
    // Bound to NULL: what SQL Server tells is about the author's text, not about data.
    const told = firstLine(messageOf(error));
    if (numberOf(error) === 4145) {
      const type = await typeOf(rows, written, from);
      throw new ConditionFault(`It gives ${type}, not true or false.`);
    }
    if (/near '(\)|THEN)'/i.test(told)) throw new ConditionFault(endDoesNotFit);
    throw new ConditionFault(`It does not fit: ${told.replace(/[.!]?$/, '.')}`);
  }
}

async function typeOf(
  rows: (about: string, statement: string) => Promise<readonly Row[]>,
  written: string,
  from: string,
): Promise<string> {
  const query = `SELECT ${written} AS condition ${from}`;
  const [column] = await rows(
    'look what a condition gives',
    `EXECUTE sys.sp_describe_first_result_set @tsql = ${literal(query)}`,
  ).catch(() => []);
  return String(column?.system_type_name ?? 'a value');
}
