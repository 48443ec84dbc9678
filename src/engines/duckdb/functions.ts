import { ConditionFault } from '../condition-fault.ts';
import { type Ask, treeOf, walk } from './syntax-tree.ts';

interface Form {
  readonly type: string;
  readonly isSteady: boolean;
  /** Null: no macro. */
  readonly definition: string | null;
  readonly parameters: readonly string[];
  /** As which argument it takes a lambda, from 0; null: it takes none. */
  readonly lambda: number | null;
}

/** The functions that DuckDB brings along; what it tells of them is asked for once. */
export class Functions {
  readonly #ask: Ask;
  readonly #faults = new Map<string, Promise<string | null>>();
  #forms: Promise<ReadonlyMap<string, readonly Form[]>> | null = null;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** The functions that take a lambda, and as which of their arguments, from 0. */
  async lambdas(): Promise<ReadonlyMap<string, number>> {
    const places = new Map<string, number>();
    for (const [name, forms] of await this.#known())
      for (const { lambda } of forms) if (lambda !== null) places.set(name, lambda);
    return places;
  }

  /** @throws ConditionFault for a name, in lower case, of what does more than give the same value for the same values. */
  async require(names: Iterable<string>): Promise<void> {
    for (const name of names) {
      const fault = await this.#faultOf(name);
      if (fault !== null) throw new ConditionFault(`${name}() ${fault}.`);
    }
  }

  #faultOf(name: string): Promise<string | null> {
    const fault = this.#faults.get(name) ?? this.#look(name);
    this.#faults.set(name, fault);
    return fault;
  }

  async #look(name: string): Promise<string | null> {
    const forms = (await this.#known()).get(name);
    if (forms === undefined) return 'is no function that DuckDB brings along';
    if (forms.some(({ type }) => type === 'aggregate')) return manyRows;
    const usable = forms.filter(({ type }) => type === 'scalar' || type === 'macro');
    if (usable.length === 0) return 'gives tables, not values';
    if (usable.some(({ isSteady }) => !isSteady) || dependingOnSession.has(name)) return unsteady;
    for (const { definition, parameters } of usable) {
      const fault = definition && (await this.#faultWithin(name, definition, parameters));
      if (fault) return fault;
    }
    return null;
  }

  async #faultWithin(
    macro: string,
    definition: string,
    parameters: readonly string[],
  ): Promise<string | null> {
    const called = new Set<string>();
    let reads = false;
    walk(JSON.parse(await treeOf(this.#ask, definition)), await this.lambdas(), {
      node: (node) => {
        if (node.class === 'FUNCTION') called.add(String(node.function_name).toLowerCase());
        reads ||= node.class === 'SUBQUERY';
      },
      // `current_timestamp` is written as a name.
      name: ([first = ''], isParameter) => {
        reads ||= !isParameter && !parameters.includes(first.toLowerCase());
      },
    });
    // A macro may have the name of the function that it calls.
    called.delete(macro);
    if (reads) return unsteady;
    for (const name of called) {
      const fault = await this.#faultOf(name);
      if (fault !== null) return fault === manyRows ? manyRows : unsteady;
    }
    return null;
  }

  #known(): Promise<ReadonlyMap<string, readonly Form[]>> {
    this.#forms ??= this.#askForAll();
    return this.#forms;
  }

  async #askForAll(): Promise<ReadonlyMap<string, readonly Form[]>> {
    const rows = await this.#ask(
      `SELECT DISTINCT lower(function_name) AS name, function_type AS type, macro_definition AS definition,
         coalesce(stability, 'CONSISTENT') = 'CONSISTENT' AS steady,
         CASE WHEN macro_definition IS NOT NULL THEN to_json([lower(one) FOR one IN parameters])::VARCHAR END AS parameters,
         list_position(parameter_types, 'LAMBDA') - 1 AS lambda
       FROM duckdb_functions() WHERE internal`,
      [],
    );
    const forms = new Map<string, Form[]>();
    for (const { name, type, definition, steady, parameters, lambda } of rows) {
      const form = {
        type: String(type),
        isSteady: steady === true,
        definition: definition === null ? null : String(definition),
        parameters: parameters === null ? [] : JSON.parse(String(parameters)),
        lambda: lambda === null ? null : Number(lambda),
      };
      forms.set(String(name), [...(forms.get(String(name)) ?? []), form]);
    }
    return forms;
  }
}

const manyRows = 'looks at many rows, a condition at one';
const unsteady = 'does not give the same each time, or does more than give a value';

/** DuckDB calls them steady. */
const dependingOnSession: ReadonlySet<string> = new Set([
  'current_setting',
  'getenv',
  'getvariable',
]);
