import { messageOf } from '../../errors.ts';
import { ConditionFault } from '../condition-fault.ts';
import type { Row } from './connection.ts';
import { firstLine } from './errors.ts';
import { Functions } from './functions.ts';
import { type Ask, onlyExpression, walk } from './syntax-tree.ts';

export type { Ask } from './syntax-tree.ts';

/** A condition that was understood. `Name`: what its reader makes of a name in it. */
export interface Condition<Name> {
  /** The tree as DuckDB gave it. Kept as text: its numbers have more digits than JavaScript's. */
  readonly tree: string;
  /** One for each name in the tree, in order; null: the parameter of a lambda. */
  readonly names: readonly (Name | null)[];
}

/**
 * Turns conditions that people wrote into SQL that can stand within a statement of ours. The text is never pasted: what
 * comes out was written by the engine from what its own parser understood.
 */
export class Conditions {
  readonly #ask: Ask;
  readonly #functions: Functions;

  constructor(ask: Ask) {
    this.#ask = ask;
    this.#functions = new Functions(ask);
  }

  /**
   * `resolve` gets the parts of a name (`old.x` -> `['old', 'x']`), and throws a ConditionFault for one that is not there.
   * @throws ConditionFault unless the text is one plain expression: no subquery, no aggregate, nothing that reads files,
   *   changes from call to call or has an effect. Whether it is true or false, and not a number, `requireCondition` tells.
   */
  async read<Name>(
    text: string,
    resolve: (parts: readonly string[]) => Name,
  ): Promise<Condition<Name>> {
    const { tree, root } = await onlyExpression(this.#ask, text);
    const found = namesAndFunctions(root, await this.#functions.lambdas());
    await this.#functions.require(found.functions);
    return { tree, names: found.names.map((parts) => parts && resolve(parts)) };
  }

  /** The condition as SQL, with what `sqlOf` gives for each of its names. */
  async write<Name>(condition: Condition<Name>, sqlOf: (name: Name) => string): Promise<string> {
    const marked = mark(condition);
    return marked.restore(await deserialize(this.#ask, marked.tree), sqlOf);
  }
}

/** @throws ConditionFault unless what was described is true or false. */
export function requireCondition(described: Row | undefined): void {
  const type = described?.column_type;
  if (type !== 'BOOLEAN') throw new ConditionFault(`It gives ${type}, not true or false.`);
}

// ---------------------------------------------------------------------------------------------
// Reading

interface Found {
  readonly names: (readonly string[] | null)[];
  readonly functions: Set<string>;
}

function namesAndFunctions(root: unknown, lambdas: ReadonlyMap<string, number>): Found {
  const found: Found = { names: [], functions: new Set() };
  walk(root, lambdas, {
    name: (parts, isParameter) => found.names.push(isParameter ? null : parts),
    node: ({ class: kind, catalog, schema, function_name: name }) => {
      if (kind !== 'FUNCTION') return;
      if (catalog !== '' || (schema !== '' && schema !== 'main'))
        throw new ConditionFault(
          `${[catalog, schema, name].filter((part) => part !== '').join('.')}() is no function that DuckDB brings along.`,
        );
      found.functions.add(String(name).toLowerCase());
    },
  });
  return found;
}

// ---------------------------------------------------------------------------------------------
// Writing

/**
 * Replaces names in the text of the tree, not in the tree: its numbers are longer than JavaScript's. What stands for
 * a name is a text that the condition does not hold, so that it can be told in the SQL that comes out.
 */
function mark<Name>({ tree, names }: Condition<Name>) {
  let stem = 'greenlight name ';
  while (tree.includes(stem)) stem = `greenlight ${stem}`;
  let at = -1;
  // Within a text of the tree a quote is escaped: this finds members only.
  const marked = tree.replace(/"column_names":\[(?:"(?:[^"\\]|\\.)*",?)*\]/g, (member) => {
    at += 1;
    return names[at] === null ? member : `"column_names":["${stem}${at}"]`;
  });
  if (at + 1 !== names.length) throw new Error('Names of the condition were lost');
  const restore = (sql: string, sqlOf: (name: Name) => string) =>
    sql.replace(new RegExp(`"${stem}(\\d+)"`, 'g'), (_, nth) => sqlOf(names[nth] as Name));
  return { tree: marked, restore };
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
