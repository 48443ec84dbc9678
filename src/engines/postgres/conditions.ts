import { ConditionFault } from '../condition-fault.ts';
import { type Condition, writeCondition as write } from '../conditions.ts';
import { tokensOf } from '../script.ts';
import { type Fields, isFields, loadParser, offsetOf, SyntaxFault, walk } from './parser.ts';
import { noisyFunctions } from './unsteady.ts';

/** Runs one statement and gives its rows. */
export type Ask = (
  statement: string,
  values: readonly (readonly string[])[],
) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/**
 * Reads a condition that a person wrote. `resolve` gets the parts of a name (`old.x` -> `['old', 'x']`), and throws a
 * ConditionFault for one that is not there.
 * @throws ConditionFault unless the text is one plain expression: no subquery, no aggregate, nothing that reads files,
 *   changes from call to call or has an effect. Whether it is true or false the server tells.
 */
export async function readCondition<Name>(
  text: string,
  ask: Ask,
  resolve: (parts: readonly string[]) => Name,
): Promise<Condition<Name>> {
  const expression = await onlyExpression(text);
  refuseKinds(expression);
  await refuseFunctions(expression, ask);
  const found: { from: number; to: number; parts: string[] }[] = [];
  walk(expression, (key, fields) => {
    if (key !== 'ColumnRef') return;
    const from = offsetOf(before + text, Number(fields.location)) - before.length;
    found.push({ from, to: nameEnd(text, from), parts: partsOf(fields) });
  });
  found.sort((a, b) => a.from - b.from);
  return { text, names: found.map(({ from, to, parts }) => ({ from, to, name: resolve(parts) })) };
}

/** The condition as SQL; what `sqlOf` gives for a name may be any expression. */
export function writeCondition<Name>(
  condition: Condition<Name>,
  sqlOf: (name: Name) => string,
): string {
  return write(condition, (name) => `(${sqlOf(name)})`);
}

// ---------------------------------------------------------------------------------------------
// Reading

const before = 'SELECT (';

async function onlyExpression(text: string): Promise<Fields> {
  const parser = await loadParser();
  const statements = parsed(() => parser.parse(`${before}${text}\n)`).stmts ?? [], text);
  const [first] = statements;
  const select = ((first?.stmt ?? {}) as Fields).SelectStmt;
  const { targetList, ...rest } = isFields(select) ? select : { targetList: [] };
  const [target, ...others] = (targetList ?? []) as { readonly ResTarget: Fields }[];
  if (target === undefined || others.length + statements.length > 1) throw notOne();
  const { val, location: _, ...around } = target.ResTarget;
  const isPlain =
    isFields(val) &&
    Object.keys(around).length === 0 &&
    Object.keys(rest).every((key) => key === 'limitOption' || key === 'op') &&
    rest.op === 'SETOP_NONE';
  if (!isPlain) throw notOne();
  return { condition: [val] };
}

function parsed<T>(parse: () => T, text: string): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    throw new ConditionFault(located(error.message, text, error.at - before.length));
  }
}

/** `syntax error at or near "=", at character 9: = 1` */
function located(message: string, text: string, at: number): string {
  // What the parser complains about is the bracket that we have put behind it.
  if (at >= text.length)
    return 'Its end does not fit: something is missing, or a bracket is too many.';
  const rest = [...text.slice(at)];
  return `${message}, at character ${[...text.slice(0, at)].length + 1}: ${rest.slice(0, 40).join('')}${rest.length > 40 ? '...' : ''}`;
}

function notOne(): ConditionFault {
  return new ConditionFault('It is more than one condition. Join conditions with AND or OR.');
}

function partsOf({ fields }: Fields): string[] {
  return ((fields ?? []) as Fields[]).map((one) => {
    const text = isFields(one.String) ? one.String.sval : undefined;
    if (typeof text !== 'string')
      throw new ConditionFault('It looks at one row only: it cannot hold *.');
    return text;
  });
}

/** The end of `a`, `a.b` or `"a".b.c`, in which blanks may stand. */
function nameEnd(text: string, from: number): number {
  let end = from;
  let expectsPart = true;
  for (const token of tokensOf(text.slice(from))) {
    if (token.kind === 'blank') continue;
    const isPart = token.kind === 'word' || token.kind === 'name';
    if (expectsPart ? !isPart : token.text !== '.') break;
    end = from + token.at + token.text.length;
    expectsPart = !expectsPart;
  }
  return end;
}

// ---------------------------------------------------------------------------------------------
// What may stand in a condition

const plainKinds: ReadonlySet<string> = new Set([
  'A_ArrayExpr',
  'A_Const',
  'A_Expr',
  'A_Indices',
  'A_Indirection',
  'BoolExpr',
  'BooleanTest',
  'CaseExpr',
  'CaseWhen',
  'CoalesceExpr',
  'CollateClause',
  'ColumnRef',
  'FuncCall',
  'Integer',
  'List',
  'MinMaxExpr',
  'NullTest',
  'String',
  'TypeCast',
]);

const known: Readonly<Record<string, string>> = {
  A_Star: '*',
  ParamRef: 'a parameter',
  RowExpr: 'a list of values',
  SetToDefault: 'DEFAULT',
  SubLink: 'a subquery',
  SQLValueFunction: 'the clock or the session',
};

function refuseKinds(expression: Fields): void {
  walk(expression, (key, fields) => {
    // A kind of node begins with a capital; a field of a node does not.
    if (/^[A-Z]/.test(key) && !plainKinds.has(key))
      throw new ConditionFault(`It looks at one row only: it cannot hold ${known[key] ?? key}.`);
    if (key === 'FuncCall' && (fields.over ?? fields.agg_star ?? fields.agg_order) !== undefined)
      throw new ConditionFault(
        `It looks at one row only: it cannot hold ${fields.over === undefined ? 'an aggregate' : 'a window function'}.`,
      );
  });
}

/** Functions that PostgreSQL brings along and that give the same value for the same values. */
async function refuseFunctions(expression: Fields, ask: Ask): Promise<void> {
  const names = new Set<string>();
  walk(expression, (key, { funcname }) => {
    if (key !== 'FuncCall') return;
    const parts = partsOf({ fields: funcname });
    const name = String(parts.at(-1));
    if (parts.length > 2 || (parts.length === 2 && parts[0] !== 'pg_catalog'))
      throw new ConditionFault(`${parts.join('.')}() is no function that PostgreSQL brings along.`);
    names.add(name);
  });
  if (names.size === 0) return;
  const rows = await ask(
    `SELECT proname AS name, bool_or(prokind <> 'f') AS many, bool_or(proretset) AS rows, bool_or(provolatile = 'v') AS unsteady
     FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname = ANY ($1::text[]) GROUP BY proname`,
    [[...names]],
  );
  const forms = new Map(rows.map((row) => [String(row.name), row]));
  for (const name of names) {
    const form = forms.get(name);
    if (form === undefined)
      throw new ConditionFault(`${name}() is no function that PostgreSQL brings along.`);
    if (form.many === true)
      throw new ConditionFault(`${name}() looks at many rows, a condition at one.`);
    if (form.rows === true) throw new ConditionFault(`${name}() gives tables, not values.`);
    if (form.unsteady === true || Object.hasOwn(noisyFunctions, name) || ofSession.has(name))
      throw new ConditionFault(
        `${name}() does not give the same each time, or does more than give a value.`,
      );
  }
}

/** PostgreSQL calls them stable. */
const ofSession: ReadonlySet<string> = new Set(['current_setting', 'set_config']);
