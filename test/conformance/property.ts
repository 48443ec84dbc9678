import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Harness, Scratch } from './harness.ts';
import {
  compare,
  createRowStore,
  pairOf,
  type RecordedRow,
  recordedRows,
  recordRows,
  target,
  totals,
} from './pairs.ts';

/** Values as they are written in SQL and as the engine's text shows them; no two of a column are equal. */
const pools: Record<string, readonly (readonly [sql: string, text: string | null])[]> = {
  n: [
    ['null', null],
    ['0', '0'],
    ['1', '1'],
    ['-1', '-1'],
    ['2147483647', '2147483647'],
  ],
  s: [
    ['null', null],
    ["''", ''],
    ["'a'", 'a'],
    ["'A'", 'A'],
    ["'a '", 'a '],
    ["'null'", 'null'],
    ["'é\"'''", `é"'`],
  ],
  d: [
    ['null', null],
    ['0.00', '0.00'],
    ['0.01', '0.01'],
    ['-0.01', '-0.01'],
    ['12345678.90', '12345678.90'],
  ],
  t: [
    ['null', null],
    ["date '1899-12-31'", '1899-12-31'],
    ["date '2020-02-29'", '2020-02-29'],
  ],
};
const names = Object.keys(pools);
const definition = 'n integer, s varchar(20), d decimal(10, 2), t date';

/** One value for each column: an index into its pool. */
type Values = readonly number[];

interface Change {
  readonly before: Values | null;
  readonly after: Values | null;
}

const values: fc.Arbitrary<Values> = fc.tuple(
  ...names.map((name) => fc.nat((pools[name]?.length ?? 1) - 1)),
);

/** What becomes of one row: mostly it stays as it is. */
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: values.map((row) => ({ before: row, after: row })) },
  { weight: 2, arbitrary: fc.tuple(values, values).map(([before, after]) => ({ before, after })) },
  { weight: 1, arbitrary: values.map((before) => ({ before, after: null })) },
  { weight: 1, arbitrary: values.map((after) => ({ before: null, after })) },
);

interface Edit {
  readonly changes: readonly Change[];
  /** In which order the new side holds its rows. */
  readonly order: 'same' | 'reversed';
}

const edit: fc.Arbitrary<Edit> = fc.record({
  changes: fc.array(change, { maxLength: 12 }),
  order: fc.constantFrom('same' as const, 'reversed' as const),
});

/** Many tables a run, because making the databases costs more than comparing them: about half of this many. */
const mostTables = 25;
/** How many tables in all. */
const wanted = Number(process.env.GREENLIGHT_PROPERTY_RUNS ?? 100);

export function propertyScenarios({ start }: Harness): void {
  let scratch: Scratch;
  beforeEach(async () => {
    scratch = await start();
  });
  afterEach(() => scratch.dispose());

  test('exactly the edits that were made are found', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(edit, { minLength: 1, maxLength: mostTables, size: 'max' }),
        async (edits) => {
          await scratch.dispose();
          scratch = await start();
          await checkEdits(scratch, edits);
        },
      ),
      {
        seed: 20_260_131,
        numRuns: Math.ceil((2 * wanted) / mostTables),
      },
    );
  }, 120_000);
}

async function checkEdits(scratch: Scratch, edits: readonly Edit[]): Promise<void> {
  const { engine } = scratch;
  const sides = { old: engine.places.baseline('p'), new: engine.places.candidate('p') };
  await scratch.create(sides.old, tables(edits, 'old'));
  await scratch.create(sides.new, tables(edits, 'new'));
  const catalogs = [
    await engine.catalog.read(sides.old),
    await engine.catalog.read(sides.new),
  ] as const;
  const store = await createRowStore(engine);
  const session = await engine.comparison.open({
    ...sides,
    store,
    purpose: 'property',
    lineage: true,
  });
  const found: { keyed: object; keyless: object }[] = [];
  try {
    for (const at of edits.keys()) {
      const both = [];
      for (const key of [['id'], null]) {
        const ignore = key === null ? ['id'] : [];
        const pair = pairOf(...catalogs, 'p', `t${at}`, { key, ignore });
        const result = await compare(session, pair);
        if (result.added + result.removed + result.cells.size === 0) {
          both.push({ cells: {}, added: 0, removed: 0, changed: 0 });
          continue;
        }
        const recorded = await recordRows(
          session,
          pair,
          result,
          target(at * 2 + both.length, 'full'),
        );
        expect(recorded).toMatchObject({ added: result.added, removed: result.removed });
        both.push({ cells: Object.fromEntries(result.cells), ...totals(recorded) });
      }
      const [keyed = {}, keyless = {}] = both;
      found.push({ keyed, keyless });
    }
  } finally {
    await session.close();
  }
  const recorded = groupByComparison(await recordedRows(engine, null));
  for (const [at, { changes }] of edits.entries()) {
    expect(found[at]).toEqual({ keyed: countKeyed(changes), keyless: countKeyless(changes) });
    const keyed = recorded.get(at * 2) ?? [];
    expect(keyed.map(plain).sort()).toEqual(rowsKeyed(changes).map(plain).sort());
    const keyless = recorded.get(at * 2 + 1) ?? [];
    expect(keyless.map(plain).sort()).toEqual(rowsKeyless(changes).map(plain).sort());
  }
}

function tables(edits: readonly Edit[], side: 'old' | 'new'): string {
  const statements = edits.flatMap(({ changes, order }, at) => {
    const rows = changes.flatMap(({ before, after }, id) => {
      const row = side === 'old' ? before : after;
      const sql = row?.map((index, column) => pools[names[column] ?? '']?.[index]?.[0]);
      return sql === undefined ? [] : [`(${[id, ...sql].join(', ')})`];
    });
    if (side === 'new' && order === 'reversed') rows.reverse();
    const insert = rows.length === 0 ? [] : [`insert into p.t${at} values ${rows.join(', ')}`];
    return [`create table p.t${at} (id integer, ${definition})`, ...insert];
  });
  return ['create schema p', ...statements].join(';\n');
}

function textsOf(row: Values): Record<string, string | null> {
  return Object.fromEntries(
    names.map((name, at) => [name, pools[name]?.[row[at] ?? 0]?.[1] ?? null]),
  );
}

function changedColumns({ before, after }: Change): string[] {
  return before === null || after === null ? [] : names.filter((_, at) => before[at] !== after[at]);
}

function countKeyed(changes: readonly Change[]) {
  const cells: Record<string, number> = {};
  for (const one of changes)
    for (const name of changedColumns(one)) cells[name] = (cells[name] ?? 0) + 1;
  return {
    cells,
    added: changes.filter(({ before }) => before === null).length,
    removed: changes.filter(({ after }) => after === null).length,
    changed: changes.filter((one) => changedColumns(one).length > 0).length,
  };
}

interface ExpectedRow {
  readonly kind: string;
  readonly row_key: string | null;
  readonly columns: string | null;
  readonly old_values: string | null;
  readonly new_values: string | null;
  readonly occurrences: number;
}

function plain({
  kind,
  row_key,
  columns,
  old_values,
  new_values,
  occurrences,
}: ExpectedRow): string {
  return JSON.stringify([kind, row_key, columns, old_values, new_values, occurrences]);
}

function rowsKeyed(changes: readonly Change[]): ExpectedRow[] {
  return changes.flatMap((one, at): ExpectedRow[] => {
    const { before, after } = one;
    const id = String(at);
    const own = { row_key: JSON.stringify({ id }), occurrences: 1 };
    const image = (row: Values | null) => row && JSON.stringify({ id, ...textsOf(row) });
    if (before === null || after === null) {
      const kind = before === null ? 'added' : 'removed';
      return [{ ...own, kind, columns: null, old_values: image(before), new_values: image(after) }];
    }
    const columns = changedColumns(one);
    if (columns.length === 0) return [];
    const part = (row: Values) =>
      JSON.stringify(Object.fromEntries(columns.map((name) => [name, textsOf(row)[name]])));
    return [
      {
        ...own,
        kind: 'changed',
        columns: JSON.stringify(columns),
        old_values: part(before),
        new_values: part(after),
      },
    ];
  });
}

function surplus(changes: readonly Change[]): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (row: Values | null, by: number) => {
    if (row === null) return;
    const image = JSON.stringify(textsOf(row));
    counts.set(image, (counts.get(image) ?? 0) + by);
  };
  for (const { before, after } of changes) {
    count(before, -1);
    count(after, 1);
  }
  return counts;
}

function countKeyless(changes: readonly Change[]) {
  const counts = [...surplus(changes).values()];
  const sum = (sign: number) =>
    counts.reduce((total, count) => total + Math.max(0, sign * count), 0);
  return { cells: {}, added: sum(1), removed: sum(-1), changed: 0 };
}

function rowsKeyless(changes: readonly Change[]): ExpectedRow[] {
  return [...surplus(changes)].flatMap(([image, count]) => {
    if (count === 0) return [];
    const [old_values, new_values] = count > 0 ? [null, image] : [image, null];
    const kind = count > 0 ? 'added' : 'removed';
    return [
      { kind, row_key: null, columns: null, old_values, new_values, occurrences: Math.abs(count) },
    ];
  });
}

function groupByComparison(rows: readonly RecordedRow[]): Map<number, RecordedRow[]> {
  const groups = new Map<number, RecordedRow[]>();
  for (const row of rows) groups.set(row.comparison, [...(groups.get(row.comparison) ?? []), row]);
  return groups;
}
