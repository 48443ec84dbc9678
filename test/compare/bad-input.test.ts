import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compareDatabases } from '../../src/compare/compare.ts';
import type { Comparison, TableOutcome } from '../../src/compare/outcome.ts';
import { coverageOf, verdictOf } from '../../src/compare/verdict.ts';
import type { CompareConfig, Config } from '../../src/config/config.ts';
import type { ComparisonSession, Engine } from '../../src/engines/engine.ts';
import { GreenlightError, UsageError } from '../../src/errors.ts';
import { findDifferences } from '../../src/release/drift.ts';
import { newFiles } from '../conformance/duckdb.ts';
import type { Scratch } from '../conformance/harness.ts';
import { everything, request } from './request.ts';

const both = `create schema s;
  create table s.fine (id integer primary key, v integer); insert into s.fine values (1, 1), (2, 2);
  create table s.twice (id integer, v varchar); insert into s.twice values (1, 'a'), (1, 'b'), (2, 'c');
  create table s.odd (id integer primary key, v variant, w integer); insert into s.odd values (1, 5::variant, 1);
  create table s.odd_key (id variant, w integer); insert into s.odd_key values ('x'::variant, 1);
  create table s.half (a integer, OTHER integer); insert into s.half values (1, 1);
  create table s.texts (id integer primary key, name varchar); insert into s.texts values (1, 'x');
  create view s.fails as select id, VALUE as v from s.texts`;

let scratch: Scratch;
let sides: { old: string; new: string };

beforeAll(async () => {
  scratch = await newFiles.start();
  const { places } = scratch.engine;
  sides = { old: places.baseline('r'), new: places.candidate('r') };
  const make = (other: string, value: string) =>
    both.replace('OTHER', other).replace('VALUE', value);
  await scratch.create(sides.old, make('b', 'length(name)'));
  await scratch.create(sides.new, make('c', 'cast(name as integer)'));
});
afterAll(() => scratch?.dispose());

async function compareWith(
  config: Partial<CompareConfig>,
  engine: Engine = scratch.engine,
): Promise<Comparison> {
  return (await compareDatabases(request(engine, sides, config))).comparison;
}

async function refusal(config: Partial<CompareConfig>): Promise<UsageError['problem']> {
  const error = await compareWith(config).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UsageError);
  return (error as UsageError).problem;
}

function tableOf({ tables }: Comparison, name: string): TableOutcome {
  const found = tables.find(({ table }) => table === name);
  if (found === undefined) throw new Error(`${name} is not in the result`);
  return found;
}

/** The tables on which the two sides agree. */
const alike = ['s.fine', 's.twice', 's.texts'];

test('every table and view is in the result, whatever is wrong with others', async () => {
  const comparison = await compareWith({});
  expect(comparison.tables.map(({ table, status }) => [table, status])).toEqual([
    ['s.fails', 'skipped'],
    ['s.fine', 'identical'],
    ['s.half', 'changed'],
    ['s.odd', 'changed'],
    ['s.odd_key', 'changed'],
    ['s.texts', 'identical'],
    ['s.twice', 'identical'],
  ]);
  expect(coverageOf(comparison).tables).toEqual({ compared: 6, total: 7 });
});

test('a key that is not unique is named, with what to do', async () => {
  const comparison = await compareWith({ keys: { 's.twice': ['id'] } });
  expect(tableOf(comparison, 's.twice')).toMatchObject({
    key: null,
    reason:
      'compared without its key (id): 1 duplicate key value on the old side; name a key in compare.keys that is unique and never NULL',
  });
});

test('a key that is not unique is named also where the files are equal', async () => {
  const keys = { 's.twice': ['id'], 's.texts': ['name'], 's.odd': ['w'], 's.odd_key': ['id'] };
  const equal = { old: sides.old, new: sides.old };
  const { comparison } = await compareDatabases(request(scratch.engine, equal, { keys }));
  const told = comparison.tables
    .filter(({ table }) => table in keys)
    .map(({ table, status, proof, key, reason }) => [table, status, proof, key, reason]);
  expect(told).toEqual([
    ['s.odd', 'identical', 'lineage', ['w'], null],
    [
      's.odd_key',
      'identical',
      'lineage',
      null,
      'compared without its key (id): its values cannot be compared',
    ],
    ['s.texts', 'identical', 'lineage', ['name'], null],
    [
      's.twice',
      'identical',
      'lineage',
      null,
      'compared without its key (id): 1 duplicate key value on the old side; name a key in compare.keys that is unique and never NULL',
    ],
  ]);
  expect(verdictOf(comparison)).toBe('identical');
});

test('a key column that only one side has is refused', async () => {
  for (const [column, side] of [
    ['b', 'candidate'],
    ['c', 'baseline'],
  ]) {
    const error = await refusal({ keys: { 's.half': ['a', column ?? ''] } });
    expect(error.what).toBe(`s.half has no column ${column} in the ${side}: it cannot be a key.`);
    expect(error.where).toBe('greenlight.yml: compare.keys.s.half');
    expect(error.help).toBe('Both sides have a.');
  }
});

test.each([
  [{ keys: { 's.fine': ['x'] } }, 's.fine has no column x.', 'Its columns are id, v.'],
  [{ ignore: ['s.fine.x'] }, 's.fine has no column x.', 'Its columns are id, v.'],
  [
    { tolerance: { 's.texts': { name: { absolute: 1 } } } },
    's.texts.name cannot have a tolerance: its type is VARCHAR.',
    'Remove the tolerance, or ignore the column.',
  ],
  [
    { proof: 'hash' },
    'With duckdb, tables are not compared by hashes: their values are, at hardly more cost.',
    'Remove `proof`, or write `proof: exact`.',
  ],
])('refused: %j', async (config, what, help) => {
  const error = await refusal(config as unknown as Partial<CompareConfig>);
  expect([error.what, error.help]).toEqual([what, help]);
});

test('a view that fails when it is read keeps the verdict at unexplained, and shows no value', async () => {
  const comparison = await compareWith({ result: ['s.fails', ...alike] });
  const { status, skipped, reason } = tableOf(comparison, 's.fails');
  expect([status, skipped]).toEqual(['skipped', 'unreadable']);
  expect(reason).toMatch(/^cannot be read: Conversion Error/);
  expect(reason).not.toContain("'x'");
  expect(verdictOf(comparison)).toBe('unexplained');
  expect(coverageOf(comparison).skipped).toContainEqual({ table: 's.fails', column: null, reason });
});

test('a table that nobody may read keeps the verdict at unexplained', async () => {
  const engine = withSession((session) => ({
    countRows: async (side, schema, name, kind) => {
      if (name === 'fine') throw new Error('permission denied for table fine');
      return session.countRows(side, schema, name, kind);
    },
  }));
  const comparison = await compareWith({ result: alike }, engine);
  expect(tableOf(comparison, 's.fine')).toMatchObject({
    status: 'skipped',
    skipped: 'unreadable',
    reason:
      'cannot be read: permission denied for table fine; make it readable, or leave it out by compare.result',
  });
  expect(verdictOf(comparison)).toBe('unexplained');
});

test('what fails while both sides can be read is an error, not a table that is skipped', async () => {
  const engine = withSession(() => ({
    compareRows: () => Promise.reject(new Error('out of memory')),
  }));
  await expect(compareWith({ result: alike }, engine)).rejects.toThrow('out of memory');
});

test('a column that cannot be compared is named, with what to do; the others are compared', async () => {
  const comparison = await compareWith({ keys: { 's.odd_key': ['id'] } });
  const reason =
    'cannot be compared: DuckDB does not compare values of type VARIANT; compare a view that casts it, or name it in compare.ignore';
  const odd = tableOf(comparison, 's.odd');
  expect(odd.columns.map(({ column, status }) => [column, status])).toEqual([
    ['id', 'identical'],
    ['v', 'incomparable'],
    ['w', 'identical'],
  ]);
  expect(odd.columns[1]?.reason).toBe(reason);
  expect(coverageOf(comparison).skipped).toContainEqual({ table: 's.odd', column: 'v', reason });
  expect(tableOf(comparison, 's.odd_key')).toMatchObject({
    status: 'changed',
    key: null,
    reason: 'compared without its key (id): its values cannot be compared',
  });
  for (const table of ['s.odd', 's.odd_key']) {
    const only = { ...comparison, objects: [], tables: [tableOf(comparison, table)] };
    expect(verdictOf(only)).toBe('unexplained');
  }
  const ignored = await compareWith({ ignore: ['s.odd.v'] });
  expect(tableOf(ignored, 's.odd')).toMatchObject({ status: 'identical' });
});

test('a comparison that does not reconcile is an error, and no verdict', async () => {
  const lies: [string, (session: ComparisonSession) => Partial<ComparisonSession>][] = [
    [
      '2 old rows - 0 removed + 1 added is not 2 new rows',
      (session) => ({
        compareRows: async (...args) => {
          const found = await session.compareRows(...args);
          return 'fault' in found || args[0].name !== 'fine' ? found : { ...found, added: 1 };
        },
      }),
    ],
    [
      '3 old rows - 0 removed + 0 added is not 2 new rows',
      (session) => ({
        countRows: async (side, schema, name, kind) =>
          (await session.countRows(side, schema, name, kind)) +
          (name === 'fine' && side === 'old' ? 1 : 0),
      }),
    ],
  ];
  for (const [cause, lie] of lies) {
    const error = await compareWith({}, withSession(lie)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(GreenlightError);
    expect((error as GreenlightError).problem).toMatchObject({
      what: 'The comparison does not reconcile, so there is no verdict.',
      where: 's.fine',
      cause,
    });
  }
});

test('where both files are equal, what cannot be read and what is asked wrongly is named all the same', async () => {
  const { engine } = scratch;
  const [old, copy] = [engine.places.baseline('broken'), engine.places.candidate('broken')];
  await scratch.create(
    old,
    `create table gone (id integer); create table texts (id integer, name varchar);
     create view broken as select id from gone; drop table gone`,
  );
  await engine.databases.clone(old, copy, { method: 'auto' });
  const compareCopy = async (config: Partial<CompareConfig>) =>
    (await compareDatabases(request(engine, { old, new: copy }, config))).comparison;
  const comparison = await compareCopy({});
  expect(tableOf(comparison, 'main.texts')).toMatchObject({
    status: 'identical',
    proof: 'lineage',
  });
  expect(tableOf(comparison, 'main.broken')).toMatchObject({
    status: 'skipped',
    skipped: 'unreadable',
  });
  expect(verdictOf(comparison)).toBe('unexplained');
  const wrong = compareCopy({ tolerance: { 'main.texts': { name: { absolute: 1 } } } });
  await expect(wrong).rejects.toBeInstanceOf(UsageError);
});

test('where both files are equal, what is computed when it is read is read, and gives what it gives without lineage', async () => {
  const { engine } = scratch;
  const [old, copy] = [engine.places.baseline('computed'), engine.places.candidate('computed')];
  await scratch.create(
    old,
    `create table texts (id integer, name varchar); insert into texts values (1, 'x'), (1, 'y'), (2, 'y');
     create table drawn (id integer, r double generated always as (random()));
     insert into drawn (id) values (1), (2);
     create view chance as select id, random() as r from texts;
     create view fails as select id, cast(name as integer) as v from texts;
     create view fine as select * from texts; create view twice as select * from texts`,
  );
  await engine.databases.clone(old, copy, { method: 'auto' });
  const edited = engine.places.candidate('edited');
  await engine.databases.clone(old, edited, { method: 'auto' });
  await scratch.sql(edited, 'create table more (id integer)');
  const config = { keys: { 'main.twice': ['id'] } };
  for (const [candidate, lineage, proof] of [
    [copy, true, 'lineage'],
    [copy, false, 'exact'],
    [edited, true, 'lineage'],
  ] as const) {
    const asked = request(engine, { old, new: candidate }, config);
    const { comparison } = await compareDatabases({ ...asked, lineage });
    const told = comparison.tables
      .filter(({ table }) => table !== 'main.more')
      .map((outcome) => [
        outcome.table,
        outcome.skipped ?? outcome.status,
        outcome.proof,
        outcome.new_rows,
      ]);
    expect(told).toEqual([
      ['main.chance', 'changed', 'exact', 3],
      ['main.drawn', 'changed', 'exact', 2],
      ['main.fails', 'unreadable', null, null],
      ['main.fine', 'identical', 'exact', 3],
      ['main.texts', 'identical', proof, 3],
      ['main.twice', 'identical', 'exact', 3],
    ]);
    expect(tableOf(comparison, 'main.fails').reason).toMatch(
      /^cannot be read: Conversion Error.*make it readable/,
    );
    expect(tableOf(comparison, 'main.twice')).toMatchObject({
      key: null,
      reason: expect.stringContaining('compared without its key (id): 1 duplicate key value'),
    });
    expect(verdictOf(comparison)).toBe('unexplained');
  }
  // Whether anything was written is another question.
  const { progress, purpose } = request(engine, { old, new: copy });
  const about = {
    engine,
    config: { compare: everything, swap: { timeoutMs: 0 } } as unknown as Config,
  };
  expect(await findDifferences(about, { old, new: copy }, purpose, progress)).toEqual([]);
});

test('tables of equal files reconcile as well', async () => {
  const equal = { old: sides.old, new: sides.old };
  const engine = withSession((session) => ({
    countRows: async (side, schema, name, kind) =>
      (await session.countRows(side, schema, name, kind)) +
      (name === 'fine' && side === 'new' ? 1 : 0),
  }));
  const error = await compareDatabases(request(engine, equal)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(GreenlightError);
  expect((error as GreenlightError).problem).toMatchObject({
    what: 'The comparison does not reconcile, so there is no verdict.',
    where: 's.fine',
    cause: '2 old rows - 0 removed + 0 added is not 3 new rows',
  });
});

test('a view of equal files that takes too long ends with the time that was given', async () => {
  const { engine } = scratch;
  const [old, copy] = [engine.places.baseline('slow'), engine.places.candidate('slow')];
  await scratch.create(
    old,
    `create table t (id integer); insert into t values (1);
     create view slow as select count(*) as n from range(1000000000) a(i), range(1000) b(j) where (i * j) % 7 = 3`,
  );
  await engine.databases.clone(old, copy, { method: 'auto' });
  const { comparison } = await compareDatabases({
    ...request(engine, { old, new: copy }),
    budget: { seconds: 0.5, deviations: null },
  });
  expect(tableOf(comparison, 'main.slow')).toMatchObject({ status: 'skipped', skipped: 'budget' });
  expect(tableOf(comparison, 'main.t')).toMatchObject({ status: 'identical', proof: 'lineage' });
  expect(verdictOf(comparison)).toBe('unexplained');
});

test('a key that is enforced by other values than those that are compared is looked at', async () => {
  const { engine } = scratch;
  const [old, candidate] = [engine.places.baseline('json'), engine.places.candidate('json')];
  const rows = (first: number) =>
    `create table t (k json primary key, v integer); insert into t values ('{"a":1}', ${first}), ('{"a": 1}', 2)`;
  await scratch.create(old, rows(1));
  await scratch.create(candidate, rows(3));
  const { comparison } = await compareDatabases(
    request(engine, { old, new: candidate }, { keys: { 'main.t': ['k'] } }),
  );
  expect(tableOf(comparison, 'main.t')).toMatchObject({
    key: null,
    added: 1,
    removed: 1,
    reason: expect.stringContaining('compared without its key (k): 1 duplicate key value'),
  });
});

test('a table that one side has ends with the time that was given as well', async () => {
  const { engine } = scratch;
  const [old, candidate] = [engine.places.baseline('alone'), engine.places.candidate('alone')];
  await scratch.create(old, 'create table common (id integer)');
  await scratch.create(candidate, 'create table common (id integer); create table t (id integer)');
  const endless = withSession(() => ({
    fingerprint: (_side, _schema, _name, _kind, _columns, signal) =>
      new Promise((_, reject) =>
        signal?.addEventListener('abort', () => reject(new Error('ended'))),
      ),
  }));
  const { comparison } = await compareDatabases({
    ...request(endless, { old, new: candidate }),
    budget: { seconds: 0.5, deviations: null },
  });
  expect(tableOf(comparison, 'main.t')).toMatchObject({ status: 'skipped', skipped: 'budget' });
  expect(verdictOf(comparison)).toBe('unexplained');
});

/** The engine, with a double of its comparison session that answers some questions otherwise. */
function withSession(answers: (session: ComparisonSession) => Partial<ComparisonSession>): Engine {
  const { engine } = scratch;
  const double = (session: ComparisonSession) => {
    const other = answers(session);
    return new Proxy(session, {
      get: (of, name) => {
        const value = Reflect.get(name in other ? other : of, name, of);
        return typeof value === 'function' ? value.bind(of) : value;
      },
    });
  };
  const comparison = {
    ...engine.comparison,
    open: async (options: Parameters<typeof engine.comparison.open>[0]) =>
      double(await engine.comparison.open(options)),
  };
  return { ...engine, comparison };
}
