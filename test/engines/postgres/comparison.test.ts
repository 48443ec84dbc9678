import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ComparisonSession, TablePair } from '../../../src/engines/engine.ts';
import type { Scratch } from '../../conformance/harness.ts';
import {
  compare,
  countBoth,
  createRowStore,
  type PairOptions,
  pairOf,
  recordedRows,
  recordRows,
  target,
} from '../../conformance/pairs.ts';
import { postgres } from '../../conformance/postgres.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';

let server: PostgresServer;
let scratch: Scratch;
let session: ComparisonSession | undefined;

beforeAll(async () => {
  server = await startPostgres(18);
});
afterAll(() => server.stop());
beforeEach(async () => {
  scratch = await postgres(() => server, 'database', 18).start();
});
afterEach(async () => {
  await session?.close();
  session = undefined;
  await scratch.dispose();
});

async function make(oldSql: string, newSql: string): Promise<ComparisonSession> {
  const { places, comparison } = scratch.engine;
  const sides = { old: places.baseline('x'), new: places.candidate('x') };
  await scratch.create(sides.old, oldSql);
  await scratch.create(sides.new, newSql);
  const store = await createRowStore(scratch.engine);
  session = await comparison.open({ ...sides, store, purpose: 'test', lineage: true });
  return session;
}

async function pair(name: string, options: PairOptions = {}): Promise<TablePair> {
  const { catalog, places } = scratch.engine;
  const [old, candidate] = [places.baseline('x'), places.candidate('x')];
  return pairOf(await catalog.read(old), await catalog.read(candidate), 'public', name, options);
}

test('live is read only: what differs from it is worked on in the other database', async () => {
  const { places, comparison, catalog } = scratch.engine;
  const rows = (labels: string, mood: string) =>
    `create type mood as enum (${labels}); create table t (id integer primary key, feels mood);
     insert into t select n, 'well' from generate_series(1, 50) n; update t set feels = '${mood}' where id > 48`;
  const [old, live] = [places.baseline('x'), places.live];
  await scratch.create(old, rows(`'well'`, 'well'));
  await scratch.create(live, rows(`'well', 'better'`, 'better'));
  session = await comparison.open({ old, new: live, store: null, purpose: 'test', lineage: true });
  const asked = pairOf(await catalog.read(old), await catalog.read(live), 'public', 't', {
    key: ['id'],
    mode: 'strict',
  });
  expect(Object.fromEntries((await compare(session, asked)).cells)).toEqual({ feels: 2 });
  // The first temporary table of a session makes a schema for it, which stays.
  const traces = `select nspname from pg_namespace where nspname like 'pg\\_temp%'`;
  expect(await scratch.sql(live, traces)).toEqual([]);
  expect(await scratch.sql(old, traces)).not.toEqual([]);
});

test('a partitioned table is its partitions, also when rows lie in others', async () => {
  const rows = 'insert into t select n, n from generate_series(1, 100) n';
  const table = 'create table t (id integer, v integer) partition by';
  const open = await make(
    `${table} range (id); create table t1 partition of t for values from (1) to (50); create table t2 partition of t default; ${rows}`,
    `${table} hash (v); create table h0 partition of t for values with (modulus 2, remainder 0); create table h1 partition of t for values with (modulus 2, remainder 1); ${rows}; update t set v = 0 where id = 77`,
  );
  const found = await compare(open, await pair('t', { key: ['id'] }));
  expect({ ...found, cells: Object.fromEntries(found.cells) }).toMatchObject({
    rows: { old: 100, new: 100 },
    cells: { v: 1 },
    added: 0,
    removed: 0,
  });
});

test('a key of a parent does not bind its children: rows that share it are no deviation', async () => {
  const rows = (first: string, second: string) =>
    `create table parent (id integer primary key, v text); create table child () inherits (parent);
     insert into parent values (1, '${first}'); insert into child values (1, '${second}')`;
  const open = await make(rows('a', 'b'), rows('b', 'a'));
  const asked = await pair('parent', { key: ['id'] });
  expect(asked.keyEnforced).toBe(false);
  const found = await open.compareRows(asked, await countBoth(open, asked), () => undefined);
  expect(found).toEqual({ side: 'old', fault: 'duplicate', count: 1 });
  expect(await compare(open, await pair('parent', { key: null }))).toMatchObject({
    added: 0,
    removed: 0,
  });
});

test('a materialized view is what it holds, not what it would hold', async () => {
  const sql = (held: number) =>
    `create table t (id integer, v integer); insert into t values (1, ${held});
     create materialized view m as select * from t; update t set v = 5`;
  const open = await make(sql(1), sql(2));
  expect((await compare(open, await pair('t', { key: ['id'] }))).cells.size).toBe(0);
  const found = await compare(open, await pair('m', { key: ['id'] }));
  expect(Object.fromEntries(found.cells)).toEqual({ v: 1 });
});

test('a view finds the names that its functions leave open', async () => {
  const sql = (rate: number) =>
    `create table t (id integer); insert into t values (1); create table rate as select ${rate} as rate;
     create function factor() returns integer language sql stable as 'select rate from rate';
     create view v as select id, factor() as f from t`;
  const open = await make(sql(1), sql(2));
  expect(Object.fromEntries((await compare(open, await pair('v', { key: ['id'] }))).cells)).toEqual(
    { f: 1 },
  );
});

test('an order that is not the one of the bytes brings no row out of step', async () => {
  const rows = (v: string) =>
    `create table t (id text collate "en-x-icu" primary key, v text);
     insert into t select chr(n), ${v} from generate_series(1, 1000) n where n not between 55296 and 57343`;
  const open = await make(rows("'x'"), rows("case n when 228 then 'y' else 'x' end"));
  const found = await compare(open, await pair('t', { key: ['id'] }));
  expect([found.added, found.removed, Object.fromEntries(found.cells)]).toEqual([0, 0, { v: 1 }]);
});

test('rows that lie before, between and behind all others', async () => {
  const rows = (where: string) =>
    `create table t (id integer primary key, v text);
     insert into t select n, repeat('x', n % 50) from generate_series(1, 30000) n where ${where}`;
  const open = await make(rows('n > 3 and n % 1000 <> 7'), rows('n < 29990 and n % 900 <> 11'));
  const found = await compare(open, await pair('t', { key: ['id'] }));
  const missing = (test: (n: number) => boolean, other: (n: number) => boolean) =>
    Array.from({ length: 30_000 }, (_, at) => at + 1).filter((n) => test(n) && !other(n)).length;
  const [old, candidate] = [
    (n: number) => n > 3 && n % 1000 !== 7,
    (n: number) => n < 29_990 && n % 900 !== 11,
  ];
  expect([found.added, found.removed, found.cells.size]).toEqual([
    missing(candidate, old),
    missing(old, candidate),
    0,
  ]);
});

test('all rows deviate: each is recorded once', async () => {
  const rows = (v: string) =>
    `create table t (id integer primary key, v numeric(12, 2), w text);
     insert into t select n, ${v}, 'row ' || n from generate_series(1, 20000) n`;
  const open = await make(rows('n'), rows('n + 0.01'));
  const asked = await pair('t', { key: ['id'] });
  const found = await compare(open, asked);
  expect(Object.fromEntries(found.cells)).toEqual({ v: 20_000 });
  const recorded = await recordRows(open, asked, found, target(1, 'full'));
  expect(recorded).toMatchObject({ added: 0, removed: 0, changed: 20_000 });
  const stored = await recordedRows(scratch.engine, 1);
  expect(new Set(stored.map(({ row_key }) => row_key)).size).toBe(20_000);
});

test('what ends a comparison ends its statements, and the session goes on', async () => {
  const rows = `create table t (id integer primary key, v integer); insert into t select n, n from generate_series(1, 100000) n;
    create view slow as select id, v from t where pg_sleep(0.01) is not null`;
  const open = await make(rows, rows);
  const slow = await pair('slow', { key: ['id'] });
  const ended = new AbortController();
  const comparing = open.compareRows(
    slow,
    { old: 100_000, new: 100_000 },
    () => undefined,
    ended.signal,
  );
  const running = async () =>
    server.sql(
      'postgres',
      `select 1 from pg_stat_activity where query like '%slow%' and state = 'active' and pid <> pg_backend_pid()`,
    );
  while ((await running()).length === 0);
  ended.abort(new Error('no time left'));
  await expect(comparing).rejects.toThrow('no time left');
  expect(await running()).toEqual([]);
  const asked = await pair('t', { key: ['id'] });
  expect((await compare(open, asked)).cells.size).toBe(0);
  const counted = open.countRows('old', 'public', 'slow', 'view', AbortSignal.timeout(50));
  await expect(counted).rejects.toThrow(/timeout/);
  expect(await countBoth(open, asked)).toEqual({ old: 100_000, new: 100_000 });
});

test('values that PostgreSQL does not take are told without the value', async () => {
  const rows = `create table t (id integer, v text); insert into t values (1, 'secret');
    create view broken as select id, v::integer as v from t`;
  const open = await make(rows, rows);
  const asked = await pair('broken', { key: ['id'] });
  const failed = open.compareRows(asked, { old: 1, new: 1 }, () => undefined);
  await expect(failed).rejects.toThrow(/22P02/);
  await expect(failed).rejects.not.toThrow(/secret/);
  // The next one is not in its way.
  expect((await compare(open, await pair('t', { key: ['id'] }))).cells.size).toBe(0);
});

test('a comparison sees both sides as they were when it began', async () => {
  const rows = `create table t (id integer primary key, v integer); insert into t values (1, 1), (2, 2)`;
  const open = await make(rows, rows);
  const asked = await pair('t', { key: ['id'] });
  await countBoth(open, asked);
  await scratch.sql(scratch.engine.places.baseline('x'), 'delete from t');
  expect(await compare(open, asked)).toMatchObject({ rows: { old: 2, new: 2 }, added: 0 });
});

test('renamed columns are known by their values', async () => {
  const rows = (name: string, value: string) =>
    `create table t (id integer primary key, ${name} integer, same integer);
     insert into t select n, ${value}, 7 from generate_series(1, 12000) n`;
  const open = await make(
    rows('a', 'n % 100'),
    rows('b', 'case when n = 5 then 0 else n % 100 end'),
  );
  const asked = await pair('t', { key: ['id'] });
  const column = (name: string) => ({ name, type: 'integer' });
  expect(await open.countEqual(asked, column('a'), column('b'))).toEqual({
    rows: 12_000,
    equal: 11_999,
    isConstant: false,
  });
  expect(await open.countEqual(asked, column('same'), column('same'))).toEqual({
    rows: 12_000,
    equal: 12_000,
    isConstant: true,
  });
  // Some rows are enough to tell.
  expect((await open.countEqual(asked, column('a'), column('same')))?.rows).toBe(10_000);
  expect(await open.countEqual({ ...asked, key: null }, column('a'), column('b'))).toBeNull();
});

test('a comparison that fails leaves no table', async () => {
  const view = (v: string) =>
    `create table t (id integer primary key); insert into t select generate_series(1, 50);
     create view v as select id, ${v} as v from t`;
  const open = await make(view('id'), view('1 / (id - 40)'));
  const asked = await pair('v', { key: ['id'] });
  const rows = { old: 50, new: 50 };
  await expect(open.compareRows(asked, rows, () => undefined)).rejects.toThrow('22012');
  const left = `select relname from pg_class where relnamespace in (select oid from pg_namespace where nspname like 'pg\\_temp%')`;
  expect(await scratch.sql(scratch.engine.places.candidate('x'), left)).toEqual([]);
});

describe('wide tables', () => {
  const wide = (columns: number, type: string, more: string) =>
    `do $$ begin execute (select 'create table t (id integer primary key, ' || string_agg('c' || n || ' ${type} default 1', ', ') || ')'
       from generate_series(1, ${columns}) n); end $$;
     insert into t (id) select generate_series(1, 3); ${more}`;

  test.each(['', 'update t set c700 = 2 where id = 2'])(
    'of more columns than both sides have room for are refused by name: %s',
    async (changed) => {
      const open = await make(wide(900, 'smallint', ''), wide(900, 'smallint', changed));
      const asked = await pair('t', { key: ['id'] });
      const compared = open.compareRows(asked, { old: 3, new: 3 }, () => undefined);
      await expect(compared).rejects.toMatchObject({
        problem: { what: 'public.t is too wide to be compared.', where: '901 columns' },
      });
    },
  );

  test('whose rows are too long to stand beside each other are refused by name', async () => {
    const changed = 'update t set c700 = 2 where id = 2';
    const open = await make(wide(700, 'bigint', ''), wide(700, 'bigint', changed));
    const asked = await pair('t', { key: ['id'] });
    const compared = open.compareRows(asked, { old: 3, new: 3 }, () => undefined);
    await expect(compared).rejects.toMatchObject({
      problem: { what: 'public.t is too wide to be compared.', cause: /row is too big/ },
    });
  });

  test('that deviate in more columns than the deviating rows have room for are refused by name', async () => {
    const changed =
      'update t set (' +
      Array.from({ length: 600 }, (_, at) => `c${at + 1}`).join(', ') +
      ') = (' +
      Array.from({ length: 600 }, () => '2').join(', ') +
      ')';
    const open = await make(wide(700, 'smallint', ''), wide(700, 'smallint', changed));
    const asked = await pair('t', { key: ['id'] });
    const found = await compare(open, asked);
    expect(found.cells.size).toBe(600);
    await expect(open.gather(asked, found, { claims: [], privacy: 'keys' })).rejects.toMatchObject({
      problem: { what: 'public.t is too wide to be compared.' },
    });
  });

  test('of 700 columns are compared', async () => {
    const changed = 'update t set c700 = 2 where id = 2; insert into t (id) values (9)';
    const open = await make(wide(700, 'smallint', ''), wide(700, 'smallint', changed));
    const found = await compare(open, await pair('t', { key: ['id'] }));
    expect([found.added, Object.fromEntries(found.cells)]).toEqual([1, { c700: 1 }]);
  });
});

describe('where much deviates', () => {
  const columns = 'id integer primary key, a numeric, b text, c double precision, d smallint';
  const made = (b: string, c: string, where = 'true') =>
    `create table t (${columns}); insert into t select n, n * 1.0, ${b}, ${c}, n % 7 from generate_series(1, 9000) n where ${where}`;

  test('what is counted, and kept when it is asked for, is what is kept at once', async () => {
    // In `c`, only rows at the beginning deviate; 1.0 is 1.00, and -0 is 0.
    const open = await make(
      made(`'b' || n`, '0'),
      made(
        `case n % 3 when 0 then 'b' else 'B' end || n`,
        `case when n < 40 then n else '-0' end`,
        'n > 2',
      ).replace('n * 1.0', 'n * 1.00'),
    );
    const asked = await pair('t', { key: ['id'] });
    const found = await compare(open, asked);
    const changedIn = (test: (n: number) => boolean) =>
      Array.from({ length: 8998 }, (_, at) => at + 3).filter(test);
    expect([found.added, found.removed, Object.fromEntries(found.cells)]).toEqual([
      0,
      2,
      { b: changedIn((n) => n % 3 !== 0).length, c: 37 },
    ]);
    const recorded = await recordRows(open, asked, found, target(1, 'full'));
    const changed = changedIn((n) => n % 3 !== 0 || n < 40);
    expect(recorded).toMatchObject({ added: 0, removed: 2, changed: changed.length });
    const stored = await recordedRows(scratch.engine, 1);
    const keys = stored.map(({ row_key }) => Number(JSON.parse(String(row_key)).id));
    expect(keys.sort((a, b) => a - b)).toEqual([1, 2, ...changed]);
    const last = stored.find(({ row_key }) => Number(JSON.parse(String(row_key)).id) === 8999);
    expect(
      [last?.old_values, last?.new_values].map((values) => JSON.parse(String(values))),
    ).toEqual([{ b: 'b8999' }, { b: 'B8999' }]);
  });

  test('a view is read once only: another reading gives other rows', async () => {
    const view = (b: string) =>
      `create table t (id integer primary key); insert into t select generate_series(1, 9000);
       create view v as select id, ${b} as b from t`;
    const open = await make(
      view(`'b' || id`),
      view(`case when random() < 0.5 then 'b' || id else now()::text end`),
    );
    const asked = await pair('v', { key: ['id'] });
    const found = await compare(open, asked);
    expect(found.cells.get('b')).toBeGreaterThan(3_000);
    const recorded = await recordRows(open, asked, found, target(1, 'full'));
    expect(recorded.changed).toBe(found.cells.get('b'));
    // Each reading is a transaction of its own.
    const instants = (await recordedRows(scratch.engine, 1)).map(({ new_values }) => new_values);
    expect(new Set(instants).size).toBe(1);
  });

  test('a claim finds values of columns that do not deviate', async () => {
    const open = await make(made(`'b' || n`, '0'), made(`'B' || n`, '0'));
    const asked = await pair('t', { key: ['id'] });
    const found = await compare(open, asked);
    expect(Object.fromEntries(found.cells)).toEqual({ b: 9000 });
    const claim = (where: string) => ({
      kind: 'changed' as const,
      column: 'b',
      where,
      holds: null,
    });
    for (const [where, rows] of [
      ['new.c = 0', 9000],
      ['new.d = 3', 1286],
      ['old.a > 8990', 10],
    ] as const) {
      const deviating = await open.gather(asked, found, {
        claims: [claim(where)],
        privacy: 'keys',
      });
      const [judged] = await deviating.judge([claim(where)]);
      expect([where, judged]).toEqual([
        where,
        expect.objectContaining({ claimed: rows, fault: null }),
      ]);
      await deviating.discard();
    }
  });
});
