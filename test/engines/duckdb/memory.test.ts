import { expect, test } from '@jest/globals';
import { duckdb } from '../../conformance/duckdb.ts';
import { otherProcess } from '../../conformance/other-process.ts';
import { createRowStore, recordedRows } from '../../conformance/pairs.ts';

const rows = 800_000;
const count = 3;
const keys = Object.fromEntries(
  Array.from({ length: count }, (_, at) => [`main.t${at}`, ['id']] as const),
);

interface Answer {
  readonly tables: readonly Record<string, unknown>[];
  readonly atOnce: number;
  /** MB. */
  readonly peak: number;
}

/** What they hold together is several times what the engine may. With little memory it takes one thread, and one table. */
test.each([
  ['one after another', { memory_limit: '32MB' }, 1],
  ['two at a time', { memory_limit: '64MB', threads: 2 }, 2],
] as const)(
  'large shuffled tables keep the memory limit, %s',
  async (_, connection, parallel) => {
    const scratch = await duckdb.start();
    try {
      const { places } = scratch.engine;
      const sides = { old: places.baseline('r'), new: places.candidate('r') };
      const each = (sql: (at: number) => string) =>
        Array.from({ length: count }, (_, at) => sql(at)).join(';\n');
      const select = (at: number) =>
        `select i::integer as id, i % 1000 as amount, 'a text of table ${at} and row ' || i as name, md5(i::varchar) as code from range(${rows}) r(i)`;
      await scratch.create(
        sides.old,
        each((at) => `create table t${at} as ${select(at)}`),
      );
      await scratch.create(
        sides.new,
        each(
          (
            at,
          ) => `create table t${at} as select * replace (case when id % 1000 = ${at} then -1 else amount end as amount)
          from (${select(at)}) where id % 1000 <> ${at + 10} order by hash(id)`,
        ),
      );
      await createRowStore(scratch.engine);
      const { recipe } = scratch;
      const { answer } = await otherProcess(
        { ...recipe, settings: { ...recipe.settings, connection } },
        'compare-all',
        { sides, config: { keys } },
      );
      const { tables, atOnce, peak } = answer as Answer;
      const found = { added: 0, removed: rows / 1000, changed: rows / 1000, way: 'join' };
      expect(tables).toEqual(Object.keys(keys).map((table) => ({ table, ...found })));
      expect(await recordedRows(scratch.engine, 1)).toHaveLength((count * rows) / 500);
      expect(atOnce).toBe(parallel);
      // Node itself, what DuckDB does not count as its own, and room.
      expect(peak).toBeLessThan(400);
    } finally {
      await scratch.dispose();
    }
  },
  300_000,
);
