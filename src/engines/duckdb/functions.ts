import { treeOf, walk } from './syntax-tree.ts';
import type { Workspace } from './workspace.ts';

/** What DuckDB tells of its functions; each is asked for once. */
export class Functions {
  readonly #workspace: Workspace;
  readonly #steady = new Map<string, Promise<boolean>>();

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** The first that depends on more than its arguments: on chance, on the clock, on settings. Null: none does. */
  async findUnsteady(names: Iterable<string>): Promise<string | null> {
    for (const name of names) if (!(await this.#isSteady(name))) return name;
    return null;
  }

  #isSteady(name: string): Promise<boolean> {
    const known = this.#steady.get(name) ?? this.#look(name);
    this.#steady.set(name, known);
    return known;
  }

  /** Macros are looked into. A function that is not known is not ours to judge: binding will tell. */
  async #look(name: string): Promise<boolean> {
    if (dependingOnSettings.includes(name)) return false;
    const forms = await this.#workspace.rows(
      'look at a function',
      `SELECT function_type = 'scalar' AND stability <> 'CONSISTENT' AS unsteady,
         macro_definition AS definition, to_json([lower(name) FOR name IN parameters])::VARCHAR AS parameters
       FROM duckdb_functions() WHERE database_name = 'system' AND function_name = $1`,
      [name],
    );
    for (const { unsteady, definition, parameters } of forms) {
      if (unsteady === true) return false;
      if (definition === null) continue;
      const names = JSON.parse(String(parameters)) as string[];
      if (!(await this.#isSteadyText(name, String(definition), names))) return false;
    }
    return true;
  }

  async #isSteadyText(
    own: string,
    definition: string,
    parameters: readonly string[],
  ): Promise<boolean> {
    const called = new Set<string>();
    let reads = false;
    walk(JSON.parse(await treeOf(this.#workspace, definition)), new Set(), {
      node: (node) => {
        if (node.class === 'FUNCTION') called.add(String(node.function_name));
        if (node.class === 'SUBQUERY') reads = true;
      },
      // `current_timestamp` is written as a column.
      column: ([first = ''], lambda) => {
        const name = first.toLowerCase();
        reads ||= !parameters.includes(name) && !lambda.has(name);
      },
    });
    called.delete(own);
    return !reads && (await this.findUnsteady(called)) === null;
  }
}

/** DuckDB calls them consistent. */
const dependingOnSettings: readonly string[] = ['getvariable', 'current_setting', 'getenv'];
