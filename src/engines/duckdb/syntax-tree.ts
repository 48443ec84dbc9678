import { ConditionFault } from '../condition-fault.ts';
import type { Row } from './connection.ts';

/** What DuckDB's own parser makes of an expression that a person wrote. */

/** Runs one statement and gives its rows. */
export type Ask = (statement: string, values: readonly string[]) => Promise<Row[]>;

export type Tree = Readonly<Record<string, unknown>>;

export interface Expression {
  /** The statement around it, as DuckDB gave it. */
  readonly tree: string;
  readonly root: Tree;
}

/** @throws ConditionFault when the text is not one expression, or one that looks further than at its row. */
export async function onlyExpression(ask: Ask, text: string): Promise<Expression> {
  const tree = await treeOf(ask, text);
  const [statement, ...more] = JSON.parse(tree).statements;
  const [root, ...others] = statement.node.select_list ?? [];
  if (root === undefined || others.length + more.length > 0) throw notOne();
  // First: a parameter shows around the expression as well.
  refuseClasses(root);
  const [plain] = JSON.parse(await treeOf(ask, '1')).statements;
  if (root.alias !== '' || around(statement) !== around(plain)) throw notOne();
  return { tree, root };
}

/**
 * The text as a query, as DuckDB's parser understands it.
 * @throws ConditionFault when it does not parse.
 */
export async function treeOf(ask: Ask, text: string): Promise<string> {
  // The closing bracket stands on a line of its own: the text may end with a comment.
  const [row] = await ask('SELECT json_serialize_sql($1::VARCHAR)::VARCHAR AS tree', [
    `${before}${text}\n)`,
  ]);
  const tree = String(row?.tree);
  // Not JSON: a number beyond all bounds, which DuckDB could not read back either.
  if (tree.includes('"value":Infinity'))
    throw new ConditionFault('It holds a number that is too large.');
  const { error, error_type: type, error_message: message, position } = JSON.parse(tree);
  if (error !== true) return tree;
  if (type === 'not implemented') throw notOne();
  throw new ConditionFault(
    position === undefined ? message : located(message, text, Number(position) - before.length),
  );
}

const before = 'SELECT (';

/** `syntax error at or near "=", at character 9: = 1` */
function located(message: string, text: string, at: number): string {
  const characters = [...text];
  // What DuckDB complains about is the bracket that we have put behind it.
  if (at >= characters.length)
    return 'Its end does not fit: something is missing, or a bracket is too many.';
  const rest = characters.slice(at);
  return `${message}, at character ${at + 1}: ${rest.slice(0, 40).join('')}${rest.length > 40 ? '...' : ''}`;
}

/** But for the expression, a statement is that of `SELECT (1)`. */
function around({ node, ...rest }: { readonly node: Tree }): string {
  return JSON.stringify({ ...rest, node: { ...node, select_list: [] } });
}

function notOne(): ConditionFault {
  return new ConditionFault('It is more than one condition. Join conditions with AND or OR.');
}

// ---------------------------------------------------------------------------------------------
// What may stand in a condition

const plainClasses = new Set([
  'BETWEEN',
  'CASE',
  'CAST',
  'COLLATE',
  'COLUMN_REF',
  'COMPARISON',
  'CONJUNCTION',
  'CONSTANT',
  'FUNCTION',
  'LAMBDA',
  'OPERATOR',
]);

const known: Readonly<Record<string, string>> = {
  DEFAULT: 'DEFAULT',
  PARAMETER: 'a parameter',
  POSITIONAL_REFERENCE: 'a column by its number',
  STAR: '*',
  SUBQUERY: 'a subquery',
  WINDOW: 'a window function',
};

function refuseClasses(tree: unknown): void {
  if (typeof tree !== 'object' || tree === null) return;
  const found = (tree as Tree).class;
  if (typeof found === 'string' && !plainClasses.has(found)) {
    throw new ConditionFault(
      `It looks at one row only: it cannot hold ${known[found] ?? found.toLowerCase()}.`,
    );
  }
  for (const child of Object.values(tree)) refuseClasses(child);
}

// ---------------------------------------------------------------------------------------------
// Walking

export interface Visitor {
  readonly node: (node: Tree) => void;
  /** Each name by its parts, in the order in which the tree's text has them. */
  readonly name: (parts: readonly string[], isParameter: boolean) => void;
}

/** `lambdas`: the functions that take a lambda, and as which of their arguments, from 0. */
export function walk(
  root: unknown,
  lambdas: ReadonlyMap<string, number>,
  { node: onNode, name: onName }: Visitor,
): void {
  const taken = new Set<unknown>();
  const visit = (value: unknown, parameters: readonly string[]) => {
    if (typeof value !== 'object' || value === null) return;
    const node = value as Tree;
    onNode(node);
    if (node.class === 'COLUMN_REF') {
      const parts = node.column_names as string[];
      onName(parts, parameters.includes((parts[0] ?? '').toLowerCase()));
    }
    if (node.class === 'FUNCTION') taken.add(lambdaArgument(node, lambdas));
    const inside =
      node.class === 'LAMBDA'
        ? [...parameters, ...parametersOf(node.lhs as Tree, taken.has(node))]
        : parameters;
    for (const child of Object.values(node)) visit(child, inside);
  };
  visit(root, []);
}

function lambdaArgument(
  { function_name: name, children }: Tree,
  lambdas: ReadonlyMap<string, number>,
): unknown {
  const place = lambdas.get(String(name).toLowerCase());
  return place === undefined ? undefined : (children as unknown[])[place];
}

/** Of `lambda x, y: ...`, and of `(x, y) -> ...` where a lambda is taken: elsewhere an arrow is the access to JSON. */
function parametersOf(left: Tree, isTaken: boolean): string[] {
  const { class: kind, query_location: at, column_names: names, children } = left;
  if (kind !== 'COLUMN_REF')
    return ((children ?? []) as Tree[]).flatMap((child) => parametersOf(child, isTaken));
  const [name = '', ...more] = names as string[];
  // Parameters behind the word `lambda` have no place in the text.
  const isParameter = isTaken || Number(at) > Number.MAX_SAFE_INTEGER;
  return isParameter && more.length === 0 ? [name.toLowerCase()] : [];
}
