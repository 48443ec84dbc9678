import { messageOf } from '../../errors.ts';
import { type ColumnsOfSides, faultOf, readBoth, resolve } from '../claims.ts';
import { ConditionFault } from '../condition-fault.ts';
import type { Claim, Column } from '../engine.ts';
import {
  coversNothing,
  type JudgedRows,
  type KeptColumn,
  keptName,
  type ReadClaim as Read,
  type Reference,
  type WrittenClaim,
  writtenClaim,
} from '../judging.ts';
import { list } from '../sql.ts';
import { type Condition, Conditions, requireCondition } from './conditions.ts';
import { quote } from './connection.ts';
import { firstLine } from './errors.ts';
import type { RowPlan } from './rows.ts';
import { restored } from './values.ts';
import type { Workspace } from './workspace.ts';

/**
 * The conditions of claims: SQL that an author wrote, over `old.x` and `new.x`. The columns get the names that they have
 * where the condition is evaluated.
 */

export type ReadClaim = Read<Condition<Reference>>;

/** Why a claim cannot be judged: which of its conditions, and a sentence. Null when it can. */
export function findClaimFault(
  workspace: Workspace,
  claim: Claim,
  columns: ColumnsOfSides,
): Promise<string | null> {
  return faultOf(claim, async (text) =>
    requireType(workspace, await readCondition(workspace, text, claim, columns), columns),
  );
}

/** @throws ConditionFault for a claim with a fault: nobody asked for it before. */
export function readClaim(
  workspace: Workspace,
  claim: Claim,
  columns: ColumnsOfSides,
): Promise<ReadClaim> {
  return readBoth(claim, (text) => readCondition(workspace, text, claim, columns));
}

/** Claims as they can be written over the rows of a pair; faultless ones. */
export async function readClaims(
  workspace: Workspace,
  claims: readonly Claim[],
  { sources }: RowPlan,
): Promise<ReadClaim[]> {
  if (claims.every(({ where, holds }) => where === null && holds === null))
    return claims.map((claim) => ({ claim, where: null, holds: null }));
  const columnsOf = async (relation: string): Promise<Column[]> =>
    (await workspace.rows('look at the columns', `DESCRIBE SELECT * FROM ${relation}`)).map(
      (row) => ({ name: String(row.column_name), type: String(row.column_type) }),
    );
  const columns = { old: await columnsOf(sources.old), new: await columnsOf(sources.new) };
  const read: ReadClaim[] = [];
  for (const claim of claims) read.push(await readClaim(workspace, claim, columns));
  return read;
}

export async function writeClaim(
  workspace: Workspace,
  read: ReadClaim,
  {
    dirty,
    kept,
    pair,
    plan,
  }: Pick<JudgedRows, 'dirty' | 'pair'> & {
    readonly kept: readonly KeptColumn[];
    readonly plan: RowPlan;
  },
): Promise<WrittenClaim> {
  const { claim, where, holds } = read;
  // Without a key, rows are kept as they are compared: nothing else of them is known.
  const isKnown = ({ side, column }: Reference) =>
    plan.key !== null ||
    pair.columns.some(
      (own) => own.name === column && restored('value', own, side, plan.sources) !== null,
    );
  if (!referencesOf(read).every(isKnown)) return coversNothing;
  const nameOf = (reference: Reference) => keptName(kept, reference);
  return writtenClaim(
    claim,
    dirty,
    where && (await write(workspace, where, nameOf)),
    holds && (await write(workspace, holds, nameOf)),
  );
}

export function referencesOf({ where, holds }: ReadClaim): Reference[] {
  return [...(where?.names ?? []), ...(holds?.names ?? [])].filter(
    (reference) => reference !== null,
  );
}

/** The condition as SQL, with the columns under the names that `nameOf` gives them. */
export function write(
  workspace: Workspace,
  condition: Condition<Reference>,
  nameOf: (reference: Reference) => string,
): Promise<string> {
  return conditionsOf(workspace).write(condition, (reference) =>
    list([nameOf(reference), ...reference.fields], quote, '.'),
  );
}

// ---------------------------------------------------------------------------------------------
// Reading

function readCondition(
  workspace: Workspace,
  text: string,
  claim: Claim,
  columns: ColumnsOfSides,
): Promise<Condition<Reference>> {
  return conditionsOf(workspace).read(text, (parts) => resolve(parts, claim, columns));
}

/** They remember what DuckDB told of its functions. */
const conditionsOfWorkspaces = new WeakMap<Workspace, Conditions>();

function conditionsOf(workspace: Workspace): Conditions {
  const conditions =
    conditionsOfWorkspaces.get(workspace) ??
    new Conditions((statement, values) =>
      workspace.rows('understand a condition', statement, values),
    );
  conditionsOfWorkspaces.set(workspace, conditions);
  return conditions;
}

// ---------------------------------------------------------------------------------------------
// Binding

/** DuckDB evaluates the condition on a row of NULLs: it finds wrong types, wrong constants and what else cannot be evaluated. */
async function requireType(
  workspace: Workspace,
  condition: Condition<Reference>,
  columns: ColumnsOfSides,
): Promise<void> {
  const nameOf = ({ side, column }: Reference) => `${side}.${column}`;
  const used = new Map(
    condition.names
      .filter((reference) => reference !== null)
      .map((reference) => [nameOf(reference), reference]),
  );
  const typed = [...used].map(([name, { side, column }]) => {
    const { type } = columns[side].find((one) => one.name === column) ?? { type: 'VARCHAR' };
    return `CAST(NULL AS ${type}) AS ${quote(name)}`;
  });
  const sql = await write(workspace, condition, nameOf);
  const bound = `SELECT ${sql} AS condition FROM (SELECT ${['true AS here', ...typed].join(', ')}) WHERE ${sql}`;
  const described = await fitting(() => workspace.ask('bind a condition', `DESCRIBE ${bound}`));
  requireCondition(described);
  // Mistakes in constants, as in 'abc'::INTEGER, are found by none but the evaluation.
  await fitting(() => workspace.rows('evaluate a condition', bound));
}

/** Bound to NULL: what DuckDB tells is about the author's text, not about data. */
async function fitting<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const told = firstLine(messageOf(error));
    throw new ConditionFault(`It does not fit: ${told.replace(/[.!]?$/, '.')}`);
  }
}
