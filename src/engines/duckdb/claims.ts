import { messageOf } from '../../errors.ts';
import type { Claim, Column, Side } from '../engine.ts';
import { list } from '../sql.ts';
import { quote } from './connection.ts';
import { withoutData } from './errors.ts';
import type { Functions } from './functions.ts';
import { type Node, onlyExpression, treeOf, walk } from './syntax-tree.ts';
import type { Workspace } from './workspace.ts';

/**
 * The conditions of claims: SQL that an author wrote, over `old.x` and `new.x`. DuckDB's own parser makes a tree of
 * it; the columns in the tree get the names that they have where the condition is evaluated.
 */

export interface ReadClaim {
  readonly claim: Claim;
  readonly where: Condition | null;
  readonly holds: Condition | null;
}

export interface Condition {
  /** The tree as DuckDB gave it. Kept as text: its numbers have more digits than JavaScript's. */
  readonly tree: string;
  /** One for each column name in the tree, in order; null: the parameter of a lambda. */
  readonly references: readonly (Reference | null)[];
  readonly functions: ReadonlySet<string>;
}

export interface Reference {
  readonly side: Side;
  readonly column: string;
  /** Fields of a struct behind it. */
  readonly fields: readonly string[];
}

type ColumnsOfSides = Readonly<Record<Side, readonly Column[]>>;

/** Why a claim cannot be judged, in a sentence; null when it can. */
export async function findClaimFault(
  workspace: Workspace,
  functions: Functions,
  claim: Claim,
  columns: ColumnsOfSides,
): Promise<string | null> {
  for (const part of ['where', 'holds'] as const) {
    const text = claim[part];
    if (text === null) continue;
    const condition = await readCondition(workspace, text, claim, columns);
    const fault =
      typeof condition === 'string'
        ? condition
        : ((await unsteadyFault(functions, condition)) ??
          (await findTypeFault(workspace, condition, columns)));
    if (fault !== null) return `\`${part}\` ${fault}`;
  }
  return null;
}

async function unsteadyFault(functions: Functions, condition: Condition): Promise<string | null> {
  const found = await functions.findUnsteady(condition.functions);
  return found && `must not use ${found}: it does not give the same for the same row each time.`;
}

/** @throws Error for a claim with a fault: nobody asked for it before. */
export async function readClaim(
  workspace: Workspace,
  claim: Claim,
  columns: ColumnsOfSides,
): Promise<ReadClaim> {
  const read = async (text: string | null) => {
    if (text === null) return null;
    const condition = await readCondition(workspace, text, claim, columns);
    if (typeof condition === 'string') throw new Error(`A claim is at fault: it ${condition}`);
    return condition;
  };
  return { claim, where: await read(claim.where), holds: await read(claim.holds) };
}

export function referencesOf({ where, holds }: ReadClaim): Reference[] {
  return [...(where?.references ?? []), ...(holds?.references ?? [])].filter(
    (reference) => reference !== null,
  );
}

/** The condition as SQL, with the columns under the names that `nameOf` gives them. */
export async function write(
  workspace: Workspace,
  { tree, references }: Condition,
  nameOf: (reference: Reference) => string,
): Promise<string> {
  let at = 0;
  // Within a text of the tree the quotes would be escaped: what matches is a member.
  const named = tree.replace(/"column_names":\[(?:"(?:[^"\\]|\\.)*",?)*\]/g, (written) => {
    const reference = references[at++] ?? null;
    if (reference === null) return written;
    return `"column_names":${JSON.stringify([nameOf(reference), ...reference.fields])}`;
  });
  if (at !== references.length) throw new Error('The tree of a condition was not understood');
  const { sql } = await workspace.ask(
    'write a condition',
    'SELECT json_deserialize_sql($1::JSON) AS sql',
    [named],
  );
  return String(sql).replace(/^SELECT /, '');
}

/** NULL counts as not true. What ends with a comment ends its line. */
export function noneOf(conditions: readonly string[]): string {
  return list(
    conditions,
    (condition) => `(${condition}${condition.includes('--') ? '\n' : ''}) is not true`,
    ' and ',
  );
}

// ---------------------------------------------------------------------------------------------
// Reading

/** The condition, or what is wrong with it: a sentence that goes on behind its name. */
async function readCondition(
  workspace: Workspace,
  text: string,
  claim: Claim,
  columns: ColumnsOfSides,
): Promise<Condition | string> {
  const tree = await treeOf(workspace, text);
  const parsed = JSON.parse(tree) as Node;
  if (parsed.error === true) return `is not an SQL expression: ${String(parsed.error_message)}.`;
  const root = onlyExpression(parsed);
  if (root === null) return 'is not one expression.';
  const references: (Reference | null)[] = [];
  const faults: string[] = [];
  const functions = new Set<string>();
  walk(root, new Set(), {
    column: (names, parameters) => {
      const found = parameters.has(names[0]?.toLowerCase() ?? '')
        ? null
        : resolve(names, claim, columns);
      if (typeof found === 'string') faults.push(found);
      else references.push(found);
    },
    node: (node) => {
      const refused = refusedNodes[String(node.class)];
      if (refused !== undefined) faults.push(`must not use ${refused}: it looks at one row.`);
      if (node.class !== 'FUNCTION') return;
      const schema = String(node.schema);
      if (node.catalog !== '' || !['', 'main'].includes(schema))
        faults.push(`can use only DuckDB's own functions, not ${schema}.${node.function_name}.`);
      functions.add(String(node.function_name));
    },
  });
  return faults[0] ?? { tree, references, functions };
}

const refusedNodes: Readonly<Record<string, string>> = {
  SUBQUERY: 'a subquery',
  WINDOW: 'a window function',
  STAR: '`*`',
  PARAMETER: 'a parameter',
  POSITIONAL_REFERENCE: 'a column by its position',
  DEFAULT: '`default`',
};

/** Which column of which side is meant; else what is wrong. Upper and lower case do not differ, as in DuckDB. */
function resolve(
  names: readonly string[],
  { kind, column: own }: Claim,
  columns: ColumnsOfSides,
): Reference | string {
  const [first = '', second, ...fields] = names;
  const side = first.toLowerCase();
  const written = names.join('.');
  if (side !== 'old' && side !== 'new')
    return `names ${written}, which is no column here. Write old.${written} or new.${written}.`;
  if (kind === 'added' && side === 'old')
    return `names ${written}, but a row that was added has no old values.`;
  if (kind === 'removed' && side === 'new')
    return `names ${written}, but a row that was removed has no new values.`;
  const asked = second ?? own;
  if (asked === null) return `says \`${side}\` without a column. Write ${side}.<column>.`;
  const has = (name: string) => name.toLowerCase() === asked.toLowerCase();
  const found =
    columns[side].find(({ name }) => name === asked) ?? columns[side].find(({ name }) => has(name));
  return found === undefined
    ? `names ${written}, but there is no such column on the ${side} side. There are ${columns[side].map(({ name }) => name).join(', ')}.`
    : { side, column: found.name, fields };
}

// ---------------------------------------------------------------------------------------------
// Binding

/** DuckDB binds the condition to a row of NULLs: it finds wrong types, unknown functions and aggregates. */
async function findTypeFault(
  workspace: Workspace,
  condition: Condition,
  columns: ColumnsOfSides,
): Promise<string | null> {
  const nameOf = ({ side, column }: Reference) => `${side}.${column}`;
  const used = new Map(
    condition.references
      .filter((reference) => reference !== null)
      .map((reference) => [nameOf(reference), reference]),
  );
  const typed = [...used].map(([name, { side, column }]) => {
    const { type } = columns[side].find((one) => one.name === column) ?? { type: 'VARCHAR' };
    return `CAST(NULL AS ${type}) AS ${quote(name)}`;
  });
  try {
    const sql = await write(workspace, condition, nameOf);
    const { column_type: type } = await workspace.ask(
      'bind a condition',
      `DESCRIBE SELECT ${sql} AS condition FROM (SELECT ${['true AS here', ...typed].join(', ')}) WHERE ${sql}`,
    );
    return type === 'BOOLEAN' ? null : `is no condition: its type is ${String(type)}, not BOOLEAN.`;
  } catch (error) {
    const told = withoutData(messageOf(error)).replace(
      /^.*WHERE clause cannot contain (aggregates|window functions).*$/,
      'must not use $1: it looks at one row.',
    );
    return told.startsWith('must') ? told : `does not fit: ${told.replace(/[.!]?$/, '.')}`;
  }
}
