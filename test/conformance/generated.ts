import fc from 'fast-check';
import type { Feature } from './harness.ts';

/** Tables with a known list of edits, for comparing what is found with what was done. */

/** A value as it is written in SQL and as the engine shows it. Values of the same `as` are equal unless strict. */
interface Value {
  readonly sql: string;
  readonly text: string | null;
  readonly as?: string;
}

interface Pool {
  readonly type: string;
  /** Another type that holds the same values. */
  readonly wider: string | null;
  readonly values: readonly Value[];
  readonly needs?: readonly Feature[];
}

const shown = (type: string, texts: readonly string[]): Value[] => [
  { sql: 'null', text: null },
  ...texts.map((text) => ({ sql: `cast('${text}' as ${type})`, text })),
];

const asJson = (text: string) => `cast('${text}' as json)`;

/** The same spelling of a number is used everywhere, because that is what JSON without a key is shown with. */
const json = (text: string, as = text): Value => ({ sql: asJson(text), text: as, as });

const allPools: Readonly<Record<string, Pool>> = {
  n: {
    type: 'integer',
    wider: 'bigint',
    values: shown('integer', ['0', '1', '-1', '2147483647']),
  },
  i: {
    type: 'bigint',
    wider: 'decimal(38, 0)',
    values: shown('bigint', ['9007199254740992', '9007199254740993', '-9223372036854775807']),
  },
  s: {
    type: 'varchar(20)',
    wider: 'varchar(80)',
    values: [
      { sql: 'null', text: null },
      ...['', 'a', 'A', 'a ', 'null', 'é', 'e\u0301', '"'].map((text) => ({
        sql: `'${text}'`,
        text,
      })),
      { sql: "''''", text: "'" },
    ],
  },
  d: {
    type: 'decimal(10, 2)',
    wider: 'decimal(20, 4)',
    values: shown('decimal(10, 2)', ['0.00', '0.01', '-0.01', '12345678.90']),
  },
  g: {
    type: 'decimal(38, 0)',
    wider: null,
    values: shown('decimal(38, 0)', ['9'.repeat(38), `${'9'.repeat(37)}8`, '1']),
  },
  t: {
    type: 'date',
    wider: 'timestamp',
    values: shown('date', ['1899-12-31', '2020-02-29', '0001-01-01']),
  },
  w: {
    type: 'timestamp',
    wider: null,
    values: shown('timestamp', ['1899-12-31 23:59:59.999999', '2026-03-29 02:30:00']),
  },
  x: {
    type: 'double precision',
    wider: null,
    needs: ['not-a-number', 'negative-zero'],
    values: [
      ...shown('double precision', ['0.1', 'nan', 'inf', '-inf']),
      { sql: "cast('0.0' as double precision)", text: '0.0', as: '0.0' },
      { sql: "cast('-0.0' as double precision)", text: '0.0', as: '0.0' },
      {
        sql: 'cast(0.1 as double precision) + cast(0.2 as double precision)',
        text: '0.30000000000000004',
      },
    ],
  },
  b: {
    type: 'boolean',
    wider: null,
    needs: ['boolean'],
    values: shown('boolean', ['true', 'false']),
  },
  j: {
    type: 'json',
    wider: 'varchar(80)',
    needs: ['json'],
    values: [
      { sql: 'null', text: null },
      json('{"a":1,"b":[1,2]}'),
      json('{"b":[1.0, 2], "a":1e0}', '{"a":1,"b":[1,2]}'),
      json('{"a":1,"b":[2,1]}'),
      json('null'),
      json('"null"'),
      json('9007199254740993'),
      json('9007199254740992'),
      json('9007199254740992.0', '9007199254740992'),
    ],
  },
};

/** Keys: how they are written for a row number, and how `plain` shows them. */
const keyTypes = {
  number: { names: ['id'], values: 'id', shown: (id: number) => ({ id: String(id) }) },
  text: { names: ['k'], values: "'row ' || id", shown: (id: number) => ({ k: `row ${id}` }) },
  composite: {
    names: ['k', 'l'],
    values: 'id % 3, id / 3',
    shown: (id: number) => ({ k: String(id % 3), l: String(Math.floor(id / 3)) }),
  },
} as const;

export interface Generated {
  readonly columns: readonly string[];
  readonly changes: readonly Change[];
  /** How often all rows are there, each time with other keys. */
  readonly times: number;
  readonly key: keyof typeof keyTypes | null;
  readonly order: 'same' | 'reversed' | 'shuffled';
  readonly structure: 'same' | 'column added' | 'column removed' | 'retyped' | 'reordered';
  readonly mode: 'semantic' | 'strict';
}

/** A row on both sides, or on one; an index into the pool for each column. */
interface Change {
  readonly before: readonly number[] | null;
  readonly after: readonly number[] | null;
}

interface Surplus {
  readonly texts: Readonly<Record<string, string | null>> | null;
  readonly count: number;
}

export class Generator {
  readonly #pools: Readonly<Record<string, Pool>>;
  readonly #names: readonly string[];
  /** Columns whose values have more than one form, of which not all that are written are stored. */
  readonly #onlySemantic: readonly string[];

  constructor(features: ReadonlySet<Feature>) {
    this.#pools = Object.fromEntries(
      Object.entries(allPools).filter(([, { needs = [] }]) =>
        needs.every((one) => features.has(one)),
      ),
    );
    this.#names = Object.keys(this.#pools);
    this.#onlySemantic = features.has('json-text') ? ['x'] : ['x', 'j'];
  }

  sample(count: number, seed: number): Generated[] {
    const table = fc.subarray([...this.#names], { minLength: 1, maxLength: 4 }).chain((columns) =>
      fc.record({
        columns: fc.constant(columns),
        changes: fc.array(this.#edit(columns), { maxLength: 10 }).map((edits) => edits.flat()),
        times: fc.oneof(
          { weight: 60, arbitrary: fc.constant(1) },
          { weight: 1, arbitrary: fc.constant(300) },
        ),
        key: fc.constantFrom('number' as const, 'text' as const, 'composite' as const, null, null),
        order: fc.constantFrom(
          'same' as const,
          'same' as const,
          'reversed' as const,
          'shuffled' as const,
        ),
        structure: fc.oneof(
          { weight: 6, arbitrary: fc.constant('same' as const) },
          {
            weight: 4,
            arbitrary: fc.constantFrom(
              'column added' as const,
              'column removed' as const,
              'retyped' as const,
              'reordered' as const,
            ),
          },
        ),
        mode: fc.oneof(
          { weight: 5, arbitrary: fc.constant('semantic' as const) },
          // Zeros of both signs that stand side by side are stored as one.
          {
            weight: 1,
            arbitrary: fc.constant(
              columns.some((name) => this.#onlySemantic.includes(name))
                ? ('semantic' as const)
                : ('strict' as const),
            ),
          },
        ),
      }),
    );
    return fc.sample(table, { seed, numRuns: count });
  }

  /** What becomes of a row or two: mostly nothing. */
  #edit(columns: readonly string[]): fc.Arbitrary<Change[]> {
    const row = fc.tuple(...columns.map((name) => fc.nat(this.#pool(name).values.length - 1)));
    const two = fc.tuple(row, row);
    return fc.oneof(
      { weight: 5, arbitrary: row.map((same) => [{ before: same, after: same }]) },
      { weight: 2, arbitrary: two.map(([before, after]) => [{ before, after }]) },
      {
        weight: 2,
        arbitrary: fc.tuple(row, row, fc.nat(columns.length - 1)).map(([before, other, at]) => [
          {
            before,
            after: before.map((value, column) => (column === at ? (other[at] ?? 0) : value)),
          },
        ]),
      },
      { weight: 1, arbitrary: row.map((before) => [{ before, after: null }]) },
      { weight: 1, arbitrary: row.map((after) => [{ before: null, after }]) },
      // A changed key: the same row under another one.
      {
        weight: 1,
        arbitrary: row.map((one) => [
          { before: one, after: null },
          { before: null, after: one },
        ]),
      },
      // Two rows that change places.
      {
        weight: 1,
        arbitrary: two.map(([a, b]) => [
          { before: a, after: b },
          { before: b, after: a },
        ]),
      },
      // Rows that are there several times, and once more or less.
      {
        weight: 1,
        arbitrary: fc
          .tuple(row, fc.nat(3), fc.nat(2), fc.nat(2))
          .map(([one, both, less, more]) => [
            ...Array.from({ length: both }, () => ({ before: one, after: one })),
            ...Array.from({ length: less }, () => ({ before: one, after: null })),
            ...Array.from({ length: more }, () => ({ before: null, after: one })),
          ]),
      },
    );
  }

  /** The statements that make `schema.t<at>` for each table of one side: the values at once, then a table from each. */
  tables(schema: string, tables: readonly Generated[], side: 'old' | 'new'): string {
    const source = `${schema}.source`;
    const rows = tables.flatMap(({ columns, changes }, table) =>
      changes.flatMap((change, id) => {
        const row = side === 'old' ? change.before : change.after;
        if (row === null) return [];
        const cells = this.#names.map((name) => {
          const at = columns.indexOf(name);
          return at < 0 ? 'null' : this.#value(name, row[at] ?? 0).sql;
        });
        return [`(${[table, id, ...cells].join(', ')})`];
      }),
    );
    const types = this.#names.map((name) => `${name} ${this.#pool(name).type}`);
    const inserts = Array.from(
      { length: Math.ceil(rows.length / 500) },
      (_, at) => `insert into ${source} values ${rows.slice(at * 500, (at + 1) * 500).join(', ')}`,
    );
    return [
      `create table ${source} (nr integer, id integer, ${types.join(', ')})`,
      ...inserts,
      ...tables.map((table, at) => this.#table(`${schema}.t${at}`, source, table, at, side)),
      `drop table ${source}`,
    ].join(';\n');
  }

  #table(name: string, source: string, table: Generated, at: number, side: 'old' | 'new'): string {
    const { columns, times, key, order, structure } = table;
    const isNew = side === 'new';
    const cells = columns.map((column, nth) => {
      const { wider } = this.#pool(column);
      const isRetyped = isNew && structure === 'retyped' && nth === 0 && wider !== null;
      return isRetyped ? `cast(${column} as ${wider}) as ${column}` : column;
    });
    if (isNew && structure === 'reordered') cells.reverse();
    const more =
      (isNew && structure === 'column added') || (!isNew && structure === 'column removed')
        ? ['id * 3 as more']
        : [];
    const keyed = keyTypes[key ?? 'number'];
    const keys = keyed.values.split(', ').map((value, nth) => `${value} as ${keyed.names[nth]}`);
    const numbered = `(select id + 1000 * copy as id, ${columns.join(', ')} from ${source}, generate_series(0, ${times - 1}) as copies(copy) where nr = ${at})`;
    const by =
      isNew && order === 'reversed'
        ? 'id desc'
        : isNew && order === 'shuffled'
          ? '(id % 101 * 7919) % 101, id'
          : 'id';
    const all = [...(key === null ? [] : keys), ...cells, ...more];
    return `create table ${name} as select ${all.join(', ')} from ${numbered} as numbered order by ${by}`;
  }

  keyOf({ key }: Generated): readonly string[] | null {
    return key === null ? null : keyTypes[key].names;
  }

  /** What a comparison must find. */
  expected(table: Generated): {
    cells: Record<string, number>;
    added: number;
    removed: number;
    changed: number;
  } {
    const { changes, times, key } = table;
    const cells: Record<string, number> = {};
    if (key === null) {
      const counts = [...this.#surplus(table).values()].map(({ count }) => count * times);
      const sum = (sign: number) =>
        counts.reduce((total, count) => total + Math.max(0, sign * count), 0);
      return { cells, added: sum(1), removed: sum(-1), changed: 0 };
    }
    for (const change of changes)
      for (const name of this.#changed(table, change)) cells[name] = (cells[name] ?? 0) + times;
    return {
      cells,
      added: changes.filter(({ before }) => before === null).length * times,
      removed: changes.filter(({ after }) => after === null).length * times,
      changed: changes.filter((change) => this.#changed(table, change).length > 0).length * times,
    };
  }

  /** The rows that must be recorded, as texts to be compared with `plain`. */
  expectedRows(table: Generated): string[] {
    const { changes, key, columns, times } = table;
    if (key === null) {
      return [...this.#surplus(table).values()].flatMap(({ texts, count }) => {
        if (count === 0) return [];
        const [kind, old, now] = count > 0 ? ['added', null, texts] : ['removed', texts, null];
        return [JSON.stringify([kind, null, null, old, now, Math.abs(count) * times])];
      });
    }
    const copies = Array.from({ length: times }, (_, copy) => 1000 * copy);
    return changes.flatMap((change, at) => {
      const { before, after } = change;
      const changed = this.#changed(table, change);
      if (before !== null && after !== null && changed.length === 0) return [];
      const kind = before === null ? 'added' : after === null ? 'removed' : 'changed';
      return copies.map((copy) => {
        const rowKey = keyTypes[key].shown(at + copy);
        // Of a changed row what changed, of another one all of it.
        const image = (row: readonly number[] | null) => {
          const texts = row && this.#texts(columns, row);
          if (texts === null || kind !== 'changed') return texts && sorted({ ...rowKey, ...texts });
          return sorted(Object.fromEntries(changed.map((name) => [name, texts[name] ?? null])));
        };
        const names = kind === 'changed' ? changed.toSorted() : null;
        return JSON.stringify([kind, rowKey, names, image(before), image(after), 1]);
      });
    });
  }

  /** A recorded row as a text; equal values that are spelled in several ways are spelled in one. */
  plain(row: {
    readonly kind: string;
    readonly row_key: string | null;
    readonly columns: string | null;
    readonly old_values: string | null;
    readonly new_values: string | null;
    readonly occurrences: number;
  }): string {
    const values = (text: string | null) => {
      const members: Record<string, string | null> | null = parsed(text);
      return (
        members &&
        sorted(
          Object.fromEntries(
            Object.entries(members).map(([name, value]) => [name, this.#spelled(name, value)]),
          ),
        )
      );
    };
    return JSON.stringify([
      row.kind,
      values(row.row_key),
      (parsed(row.columns) as string[] | null)?.toSorted() ?? null,
      values(row.old_values),
      values(row.new_values),
      row.occurrences,
    ]);
  }

  /** In the first of the types that the column has: a wider one writes the same value at more length. */
  #spelled(name: string, text: string | null): string | null {
    if (text === null) return null;
    if (name === 'x') return spellings[text] ?? text;
    if (name === 'd') return text.replace(/(\.\d\d)00$/, '$1');
    if (name === 't') return text.replace(/ 00:00:00$/, '');
    // Engines divide whole numbers in two ways.
    if (name === 'l') return String(Math.floor(Number(text)));
    const value = name === 'j' && this.#pool('j').values.find(({ sql }) => sql === asJson(text));
    return value ? value.text : text;
  }

  #changed({ columns, mode }: Generated, { before, after }: Change): string[] {
    if (before === null || after === null) return [];
    return columns.filter(
      (name, at) =>
        this.#same(name, before[at] ?? 0, mode) !== this.#same(name, after[at] ?? 0, mode),
    );
  }

  /** Equal for equal values. */
  #same(name: string, index: number, mode: Generated['mode']): string {
    const { as } = this.#value(name, index);
    return mode === 'semantic' && as !== undefined ? `as ${as}` : String(index);
  }

  /** Distinct rows with the number by which the new side has them more often, before they are copied. */
  #surplus({ columns, changes, mode }: Generated): Map<string, Surplus> {
    const surplus = new Map<string, Surplus>();
    const count = (row: readonly number[] | null, by: number) => {
      if (row === null) return;
      const texts = sorted(this.#texts(columns, row));
      const id = JSON.stringify(
        mode === 'semantic'
          ? texts
          : columns.map((name, at) => this.#same(name, row[at] ?? 0, mode)),
      );
      surplus.set(id, { texts, count: (surplus.get(id)?.count ?? 0) + by });
    };
    for (const { before, after } of changes) {
      count(before, -1);
      count(after, 1);
    }
    return surplus;
  }

  #texts(columns: readonly string[], row: readonly number[]): Record<string, string | null> {
    return Object.fromEntries(
      columns.map((name, at) => [name, this.#value(name, row[at] ?? 0).text]),
    );
  }

  #value(name: string, index: number): Value {
    const value = this.#pool(name).values[index];
    if (value === undefined) throw new Error(`${name} has no value ${index}`);
    return value;
  }

  #pool(name: string): Pool {
    const pool = this.#pools[name];
    if (pool === undefined) throw new Error(`There is no pool ${name}`);
    return pool;
  }
}

/** Engines write doubles in several ways. */
const spellings: Readonly<Record<string, string>> = {
  '-0.0': '0.0',
  '-0': '0.0',
  '0': '0.0',
  NaN: 'nan',
  Infinity: 'inf',
  '-Infinity': '-inf',
};

// biome-ignore lint/suspicious/noExplicitAny: whatever was recorded
function parsed(text: string | null | undefined): any {
  return text == null ? null : JSON.parse(text);
}

function sorted(members: Record<string, string | null> | null) {
  return (
    members && Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)))
  );
}
