import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { usualPortions } from '../../../src/engines/duckdb/portions.ts';
import type { Catalog, ComparisonSession } from '../../../src/engines/engine.ts';
import { duckdb } from '../../conformance/duckdb.ts';
import type { Scratch } from '../../conformance/harness.ts';
import { compare, createRowStore, pairOf, recordRows, target } from '../../conformance/pairs.ts';

const rows = 2_200_000;
const { section: rowsPerChunk } = usualPortions;
const last = rows - 1;

/** Name, what becomes of the table on the new side, and what the comparison must find with the key `id`. */
const cases = [
  { name: 'equal', change: '', expect: {}, way: 'position' },
  {
    name: 'a change in the last chunk only',
    change: `update t set v = v + 1 where id = ${last}`,
    expect: { changed: 1 },
    way: 'position',
  },
  {
    name: 'changes on both sides of each border',
    change: `update t set v = v + 1 where id in (0, ${rowsPerChunk - 1}, ${rowsPerChunk}, ${2 * rowsPerChunk - 1}, ${2 * rowsPerChunk})`,
    expect: { changed: 5 },
    way: 'position',
  },
  {
    name: 'the first row deleted',
    change: 'delete from t where id = 0',
    expect: { removed: 1 },
    way: 'position and join',
  },
  {
    name: 'rows deleted everywhere, others added and others changed',
    change: `delete from t where id % 100 = 7; insert into t select id + ${rows}, v from t where id % 100 = 8;
      update t set v = -1 where id % 1000 = 9`,
    expect: { removed: rows / 100, added: rows / 100, changed: rows / 1000 },
    way: 'join',
  },
  {
    name: 'two rows that change places, and one deleted before them',
    change: `delete from t where id = 3;
      create table u as select * from t order by case id when 500000 then 500001 when 500001 then 500000 else id end;
      delete from t; insert into t from u; update t set v = -1 where id = 7`,
    expect: { removed: 1, changed: 1 },
    way: 'join',
  },
  {
    name: 'rows deleted before a change',
    change: `delete from t where id between 10 and 200009; update t set v = -1 where id in (300000, ${last})`,
    expect: { removed: 200_000, changed: 2 },
  },
  {
    name: 'a row more at the end',
    change: `insert into t values (${rows}, 0)`,
    expect: { added: 1 },
    way: 'position and join',
  },
  {
    name: 'a row that changes its place',
    change: `delete from t where id = 5; insert into t values (5, 5 % 1000)`,
    expect: {},
  },
  {
    // An index keeps DuckDB from closing the gaps in its row numbers.
    name: 'row numbers far above the number of rows',
    both: 'create index by_id on t (id); delete from t where id < 2000000',
    change: `update t set v = -1 where id in (2000000, ${last})`,
    expect: { changed: 2 },
    way: 'position',
  },
  {
    name: 'shuffled',
    change: `create table u as select * from t order by hash(id); delete from t; insert into t from u; update t set v = -1 where id = 7`,
    expect: { changed: 1 },
    way: 'join',
  },
] as const;

let scratch: Scratch;
/** By value only, and with what storage proves. */
let sessions: readonly { readonly lineage: boolean; readonly session: ComparisonSession }[] = [];
let catalogs: readonly [Catalog, Catalog];

beforeAll(async () => {
  scratch = await duckdb.start();
  const { engine } = scratch;
  const sides = { old: engine.places.baseline('big'), new: engine.places.candidate('big') };
  const table = `create table t as select id::integer as id, (id % 1000)::smallint as v from range(${rows}) as r(id)`;
  const ofEach = (sql: (one: (typeof cases)[number]) => string) =>
    cases.map((one, at) => `use s${at}; ${sql(one)};`).join('\n');
  await scratch.create(
    sides.old,
    `${cases.map((_, at) => `create schema s${at};`).join('')} ${ofEach((one) => `${table}; ${'both' in one ? one.both : ''}`)}`,
  );
  await engine.databases.clone(sides.old, sides.new, { method: 'auto' });
  await scratch.sql(sides.new, `${ofEach(({ change }) => change)} checkpoint`);
  catalogs = [await engine.catalog.read(sides.old), await engine.catalog.read(sides.new)];
  const store = await createRowStore(engine);
  for (const lineage of [false, true]) {
    const session = await engine.comparison.open({ ...sides, store, purpose: 'test', lineage });
    sessions = [...sessions, { lineage, session }];
  }
}, 90_000);
afterAll(async () => {
  for (const { session } of sessions) await session.close();
  await scratch?.dispose();
});

const runs = cases.flatMap((one, at) =>
  [false, true].flatMap((lineage) =>
    [['id'], null].map(
      (key) =>
        [
          `${one.name}, ${lineage ? 'with lineage' : 'by value'}, ${key ?? 'no'} key`,
          { one, at, lineage, key },
        ] as const,
    ),
  ),
);

test.each(runs)('%s', async (_, { one, at, lineage, key }) => {
  const session = sessions.find((open) => open.lineage === lineage)?.session as ComparisonSession;
  const { added = 0, removed = 0, changed = 0 } = one.expect as Record<string, number>;
  const pair = pairOf(...catalogs, `s${at}`, 't', { key });
  const found = await compare(session, pair);
  const expected =
    key === null
      ? { added: added + changed, removed: removed + changed, cells: {} }
      : { added, removed, cells: changed === 0 ? {} : { v: changed } };
  expect({
    added: found.added,
    removed: found.removed,
    cells: Object.fromEntries(found.cells),
  }).toEqual(expected);
  if (key !== null && !lineage && 'way' in one) expect(found.way).toBe(one.way);
  if (lineage && one.name === 'equal')
    expect(found).toMatchObject({ way: 'storage', proof: 'lineage' });
  else expect(found.proof).toBe('exact');
  if (found.added + found.removed + found.cells.size > 0) {
    const id = runs.findIndex(
      ([, run]) => run.at === at && run.key === key && run.lineage === lineage,
    );
    const recorded = await recordRows(session, pair, found, target(id, 'keys'));
    expect(recorded).toMatchObject({
      added: expected.added,
      removed: expected.removed,
      changed: key === null ? 0 : changed,
    });
  }
  await session.release(pair.schema, pair.name);
});

/** Each is found although all but a few rows stand beside their own key once those of one side are left out. */
const faults = [
  [
    'an added key twice',
    `delete from t where id = 0; insert into t values (${rows}, 1), (${rows}, 2)`,
  ],
  [
    'a key twice, of which both sides have a row',
    'delete from t where id = 0; insert into t values (9, 9)',
  ],
  ['a key that is NULL', 'delete from t where id = 0; insert into t values (NULL, 1)'],
] as const;

test.each(faults)('%s makes the key unusable', async (_, change) => {
  const { places } = scratch.engine;
  const release = `fault-${faults.findIndex((fault) => fault[1] === change)}`;
  const sides = { old: places.baseline(release), new: places.candidate(release) };
  const table = `create table t as select id::integer as id, 1::smallint as v from range(600000) as r(id)`;
  await scratch.create(sides.old, table);
  await scratch.create(sides.new, `${table}; ${change}`);
  const { catalog, comparison } = scratch.engine;
  const both = [await catalog.read(sides.old), await catalog.read(sides.new)] as const;
  const session = await comparison.open({ ...sides, store: null, purpose: 'test', lineage: false });
  try {
    const pair = pairOf(...both, 'main', 't', { key: ['id'] });
    const counts = { old: 600_000, new: await session.countRows('new', 'main', 't', 'table') };
    expect(await session.compareRows(pair, counts, () => undefined)).toEqual({
      side: 'new',
      fault: change.includes('NULL') ? 'null' : 'duplicate',
      count: 1,
    });
  } finally {
    await session.close();
  }
});
