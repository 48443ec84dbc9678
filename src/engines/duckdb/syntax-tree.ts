import type { Workspace } from './workspace.ts';

/** What DuckDB's own parser makes of an expression. */

export interface Node {
  readonly [member: string]: unknown;
}

/** Behind the text a new line: it may end with a comment. */
export async function treeOf(workspace: Workspace, text: string): Promise<string> {
  const { tree } = await workspace.ask(
    'read a condition',
    'SELECT json_serialize_sql($1::VARCHAR)::VARCHAR AS tree',
    [`SELECT (${text}\n)`],
  );
  return String(tree);
}

/** Null when the text closed our parenthesis and went on with something of its own. */
export function onlyExpression({ statements }: Node): Node | null {
  const [statement, ...more] = statements as Node[];
  const select = statement?.node as Node | undefined;
  const items = select?.select_list as Node[] | undefined;
  if (select === undefined || items === undefined || more.length > 0) return null;
  const isPlain =
    select.type === 'SELECT_NODE' &&
    items.length === 1 &&
    items[0]?.alias === '' &&
    (select.from_table as Node).type === 'EMPTY' &&
    ['where_clause', 'having', 'sample', 'qualify'].every((clause) => select[clause] === null) &&
    [select.modifiers, select.group_expressions, select.group_sets].every(
      (clause) => (clause as unknown[]).length === 0,
    );
  return isPlain ? (items[0] ?? null) : null;
}

/** In the order of the text. `parameters` are those of the lambdas around, in lower case. */
export function walk(
  value: unknown,
  parameters: ReadonlySet<string>,
  visitor: {
    readonly node: (node: Node) => void;
    readonly column: (names: readonly string[], parameters: ReadonlySet<string>) => void;
  },
): void {
  if (typeof value !== 'object' || value === null) return;
  const node = value as Node;
  visitor.node(node);
  if (node.class === 'COLUMN_REF') visitor.column(node.column_names as string[], parameters);
  const inside =
    node.class === 'LAMBDA' ? new Set([...parameters, ...parametersOf(node.lhs)]) : parameters;
  for (const child of Object.values(node)) walk(child, inside, visitor);
}

/** `x -> ...` and `(x, i) -> ...`; `new.data -> '$.name'` has the same form and no parameters. */
function parametersOf(left: unknown): string[] {
  const names: string[] = [];
  walk(left, new Set(), {
    node: () => undefined,
    column: (parts) => names.push(...(parts.length === 1 ? parts : [])),
  });
  return names.map((name) => name.toLowerCase()).filter((name) => name !== 'old' && name !== 'new');
}
