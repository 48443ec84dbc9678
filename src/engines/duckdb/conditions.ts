import { messageOf } from '../../errors.ts';
import type { Row } from './connection.ts';
import { firstLine } from './errors.ts';

/** Why a text is no condition: a sentence for its author. */
export class ConditionFault extends Error {}

/** Runs one statement and gives its rows. */
export type Ask = (statement: string, values: readonly string[]) => Promise<Row[]>;

/**
 * Turns a condition that a person wrote into SQL that can stand within a statement of ours, each name in it replaced
 * by what `resolve` gives for its parts (`old.x` -> `['old', 'x']`). `resolve` throws a ConditionFault for a name that
 * is not there. The text is never pasted: what comes out was written by the engine from what its own parser understood.
 *
 * @throws ConditionFault unless the text is one plain expression: no subquery, no aggregate, nothing that reads files,
 * changes from call to call or has an effect. Whether it is true or false, and not a number, the caller has to see.
 */
export async function parseCondition(
  ask: Ask,
  text: string,
  resolve: (names: readonly string[]) => string,
): Promise<string> {
  const serialized = await serialize(ask, text);
  const statement = onlyExpression(serialized, await serialize(ask, '1'));
  const found = walk(statement);
  await requireFunctions(ask, found.functions);
  const marked = mark(serialized, found.names);
  const sql = await deserialize(ask, marked.text);
  return marked.restore(sql, resolve);
}

const before = 'SELECT (';

/** The text as a query, as DuckDB's parser understands it. */
async function serialize(ask: Ask, text: string): Promise<string> {
  // The closing bracket stands on a line of its own: the text may end with a comment.
  const [row] = await ask('SELECT json_serialize_sql($1::VARCHAR)::VARCHAR AS tree', [
    `${before}${text}\n)`,
  ]);
  const serialized = String(row?.tree);
  // Not JSON: a number beyond all bounds, which DuckDB could not read back either.
  if (serialized.includes('"value":Infinity'))
    throw new ConditionFault('It holds a number that is too large.');
  const { error, error_type: type, error_message: message, position } = JSON.parse(serialized);
  if (error !== true) return serialized;
  if (type === 'not implemented') throw notOne();
  throw new ConditionFault(
    position === undefined ? message : located(message, text, Number(position) - before.length),
  );
}

/** `syntax error at or near "=", at character 9: = 1` */
function located(message: string, text: string, at: number): string {
  const characters = [...text];
  // What DuckDB complains about is the bracket that we have put behind it.
  if (at >= characters.length)
    return 'Its end does not fit: something is missing, or a bracket is too many.';
  const rest = characters.slice(at);
  return `${message}, at character ${at + 1}: ${rest.slice(0, 40).join('')}${rest.length > 40 ? '...' : ''}`;
}

async function deserialize(ask: Ask, tree: string): Promise<string> {
  try {
    const [row] = await ask('SELECT json_deserialize_sql($1::JSON) AS sql', [tree]);
    return String(row?.sql).replace(/^SELECT /, '');
  } catch (error) {
    throw new ConditionFault(
      `DuckDB cannot write this condition down: ${firstLine(messageOf(error))}`,
    );
  }
}

/** The tree of the only expression: but for it, the statement is that of `SELECT (1)`. */
function onlyExpression(serialized: string, plain: string): Tree {
  const [statement, ...more] = JSON.parse(serialized).statements;
  const [expected] = JSON.parse(plain).statements;
  const [expression, ...others] = statement.node.select_list ?? [];
  if (expression === undefined || others.length + more.length > 0) throw notOne();
  // First: a parameter shows around the expression as well.
  refuseClasses(expression);
  const around = ({ node, ...rest }: { node: Tree }) =>
    JSON.stringify({ ...rest, node: { ...node, select_list: [] } });
  if (around(statement) !== around(expected)) throw notOne();
  return expression;
}

function notOne(): ConditionFault {
  return new ConditionFault('It is more than one condition. Join conditions with AND or OR.');
}

// ---------------------------------------------------------------------------------------------
// What may stand in a condition

type Tree = Record<string, unknown>;

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

/** Scalar functions that give the same for the same values, and macros that DuckDB brings along. */
async function requireFunctions(ask: Ask, names: ReadonlySet<string>): Promise<void> {
  if (names.size === 0) return;
  const rows = await ask(
    `SELECT DISTINCT lower(function_name) AS name, function_type AS type, coalesce(stability, 'CONSISTENT') AS stability
     FROM duckdb_functions() WHERE internal`,
    [],
  );
  for (const name of names) {
    const found = rows.filter((row) => row.name === name);
    const says = (what: string) => new ConditionFault(`${name}() ${what}.`);
    if (found.length === 0) throw says('is no function that DuckDB brings along');
    if (found.some(({ type }) => type === 'aggregate'))
      throw says('looks at many rows, a condition at one');
    const usable = found.filter(({ type }) => type === 'scalar' || type === 'macro');
    if (usable.length === 0) throw says('gives tables, not values');
    if (usable.some(({ stability }) => stability !== 'CONSISTENT') || unsteady.has(name))
      throw says('does not give the same each time, or does more than give a value');
  }
}

/** Macros over such functions; and what depends on the session. */
const unsteady = new Set([
  'ago',
  'current_setting',
  'getvariable',
  'pg_conf_load_time',
  'pg_postmaster_start_time',
  'pg_sleep',
]);

// ---------------------------------------------------------------------------------------------
// Names

interface Found {
  /** Each reference in the order of the text; null for a parameter of a lambda. */
  readonly names: (readonly string[] | null)[];
  readonly functions: Set<string>;
}

/** Members in the order in which the tree's text has them: `mark` relies on it. */
function walk(
  tree: unknown,
  parameters: readonly string[] = [],
  found: Found = { names: [], functions: new Set() },
): Found {
  if (typeof tree !== 'object' || tree === null) return found;
  const node = tree as Tree;
  if (node.class === 'COLUMN_REF') {
    const names = node.column_names as string[];
    found.names.push(parameters.includes((names[0] ?? '').toLowerCase()) ? null : names);
    return found;
  }
  if (node.class === 'FUNCTION') {
    if (node.schema !== '' && node.schema !== 'main')
      throw new ConditionFault(`${node.schema}.${node.function_name}() is not known.`);
    found.functions.add(String(node.function_name).toLowerCase());
  }
  const inner = node.class === 'LAMBDA' ? [...parameters, ...boundBy(node)] : parameters;
  for (const child of Object.values(node)) walk(child, inner, found);
  return found;
}

/** The parameters of `lambda x, y: ...`. An arrow is taken for the access to JSON, which names no parameter. */
function boundBy({ lhs }: Tree): string[] {
  const { class: kind, query_location: at, column_names: names, children } = lhs as Tree;
  // Parameters have no place in the text.
  if (Number(at) <= Number.MAX_SAFE_INTEGER) return [];
  if (kind === 'COLUMN_REF') return (names as string[]).map((name) => name.toLowerCase());
  return ((children ?? []) as Tree[]).flatMap((child) => boundBy({ lhs: child }));
}

/**
 * Replaces names in the text of the tree, not in the tree: its numbers are longer than JavaScript's. What stands for
 * a name is a text that the condition does not hold, so that it can be told in the SQL that comes out.
 */
function mark(serialized: string, names: Found['names']) {
  let stem = 'greenlight name ';
  while (serialized.includes(stem)) stem = `greenlight ${stem}`;
  let at = -1;
  // Within a text of the tree a quote is escaped: this finds members only.
  const text = serialized.replace(/"column_names":\[(?:"(?:[^"\\]|\\.)*",?)*\]/g, (member) => {
    at += 1;
    return names[at] === null ? member : `"column_names":["${stem}${at}"]`;
  });
  if (at + 1 !== names.length) throw new Error('Names of the condition were lost');
  const restore = (sql: string, resolve: (names: readonly string[]) => string) =>
    sql.replace(new RegExp(`"${stem}(\\d+)"`, 'g'), (_, nth) => resolve(names[nth] ?? []));
  return { text, restore };
}
