import { expect, test } from '@jest/globals';
import type { ComparisonSession, Engine } from '../../src/engines/engine.ts';
import { type Generated, Generator } from './generated.ts';
import type { Harness } from './harness.ts';
import {
  compare,
  createRowStore,
  pairOf,
  type RecordedRow,
  recordedRows,
  recordRows,
  target,
} from './pairs.ts';

/** How many tables in all. */
const wanted = Number(process.env.GREENLIGHT_PROPERTY_RUNS ?? 120);
/** Making databases costs more than comparing them: many tables in each. */
const tablesOfOneDatabase = 500;
/** Writing rows costs more than counting them: of thousands of tables they are looked at in so many of each database. */
const recordedOfOneDatabase = wanted > 1000 ? 50 : tablesOfOneDatabase;
/** The same tables in every run, unless told otherwise. */
export const seed = Number(process.env.GREENLIGHT_PROPERTY_SEED ?? 20_260_131);

export function propertyScenarios({ start, features }: Harness): void {
  const generator = new Generator(features);

  test(`exactly the edits that were made are found, in ${wanted} tables`, async () => {
    const tables = generator.sample(wanted, seed);
    for (let from = 0; from < tables.length; from += tablesOfOneDatabase) {
      const scratch = await start();
      try {
        await checkTables(scratch, tables.slice(from, from + tablesOfOneDatabase));
      } finally {
        await scratch.dispose();
      }
    }
  }, 600_000);

  async function checkTables(
    { engine, create }: Awaited<ReturnType<typeof start>>,
    tables: readonly Generated[],
  ): Promise<void> {
    const sides = { old: engine.places.baseline('p'), new: engine.places.candidate('p') };
    for (const side of ['old', 'new'] as const) {
      await create(sides[side], `create schema p; ${generator.tables('p', tables, side)}`);
    }
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
    const recorded = new Set<number>();
    try {
      await atOnce(session.parallel, tables, async (table, at) => {
        const key = generator.keyOf(table);
        const pair = pairOf(...catalogs, 'p', `t${at}`, { key, mode: table.mode });
        const found = await compare(session, pair);
        const { changed, ...expected } = generator.expected(table);
        const { added, removed, cells } = found;
        requireEqual(at, table, { cells: Object.fromEntries(cells), added, removed }, expected);
        const isAny = added + removed + cells.size > 0;
        if (!isAny || recorded.size >= recordedOfOneDatabase) return;
        recorded.add(at);
        const rows = await recordRows(session, pair, found, target(at, 'full'));
        requireEqual(at, table, rows.changed, changed);
      });
    } finally {
      await session.close();
    }
    await checkRecorded(engine, tables, recorded);
  }

  async function checkRecorded(
    engine: Engine,
    tables: readonly Generated[],
    recorded: ReadonlySet<number>,
  ): Promise<void> {
    const rows = new Map<number, RecordedRow[]>();
    for (const row of await recordedRows(engine, null))
      rows.set(row.comparison, [...(rows.get(row.comparison) ?? []), row]);
    for (const at of recorded) {
      const table = tables[at] as Generated;
      const plain = (rows.get(at) ?? []).map((row) => generator.plain(row));
      requireEqual(at, table, plain.sort(), generator.expectedRows(table).sort());
    }
    const deviating = tables.filter((table) => generator.expectedRows(table).length > 0);
    expect(recorded.size).toBe(Math.min(deviating.length, recordedOfOneDatabase));
  }

  /** Says which table it was: it can be made again from what it prints. */
  function requireEqual(at: number, table: Generated, found: unknown, expected: unknown): void {
    try {
      expect(found).toEqual(expected);
    } catch (error) {
      const sql = (['old', 'new'] as const).map((side) => generator.tables('p', [table], side));
      throw new Error(`Table ${at}: ${JSON.stringify(table)}\n${sql.join('\n\n')}\n${error}`);
    }
  }
}

/** As many at the same time as the session likes. The first error is thrown when all have ended. */
async function atOnce<T>(
  count: ComparisonSession['parallel'],
  items: readonly T[],
  work: (item: T, at: number) => Promise<void>,
): Promise<void> {
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      try {
        await work(next[1], next[0]);
      } catch (error) {
        queue.length = 0;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: count }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
