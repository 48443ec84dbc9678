import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { postgresComparer } from '../../../src/engines/postgres/comparison.ts';
import { readOptions } from '../../../src/engines/postgres/options.ts';
import { fastestWays, type Ways } from '../../../src/engines/postgres/rows.ts';
import type { Scratch } from '../../conformance/harness.ts';
import { compare, pairOf } from '../../conformance/pairs.ts';
import { postgresAcross } from '../../conformance/postgres-across.ts';
import { propertyScenarios } from '../../conformance/property.ts';
import { type Case, truthScenarios } from '../../conformance/truth.ts';
import { portableCases } from '../../conformance/truth-cases.ts';
import { isGate } from '../../support/gate.ts';
import { hasPostgres, type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { postgresCases } from './truth-cases.ts';

/** What another server writes otherwise where nobody says how. */
const otherHabits = {
  TimeZone: 'America/St_Johns',
  DateStyle: 'SQL, DMY',
  IntervalStyle: 'iso_8601',
  bytea_output: 'escape',
  extra_float_digits: '-3',
  xmlbinary: 'hex',
  default_transaction_isolation: 'serializable',
};

/** Values that one server could read otherwise than the other one writes them. */
const traps: readonly Case[] = [
  {
    name: 'texts as keys that every collation orders otherwise',
    columns: 'id text, v integer',
    old: "('a', 1), ('B', 2), ('c', 3), ('Z', 4), ('é', 5), ('-a', 6), ('a b', 7), ('ab', 8), ('A', 9), ('_', 10)",
    new: "('a', 1), ('B', 0), ('c', 3), ('Z', 4), ('é', 5), ('-a', 6), ('a b', 7), ('aB', 8), ('A', 9), ('_', 10)",
    expect: { added: 1, removed: 1, cells: { v: 1 } },
  },
  {
    name: 'enums whose types and labels have other numbers, and another order',
    oldBefore:
      "create type truth.step_a as enum ('x'); create type truth.step as enum ('last', 'first')",
    newBefore: "create type truth.step as enum ('first', 'last')",
    columns: 'id truth.step, v truth.step, w truth.step[]',
    old: "('first', 'last', '{first,last}'), ('last', 'first', '{last}')",
    new: "('first', 'last', '{first,last}'), ('last', 'last', '{first}')",
    expect: { cells: { v: 1, w: 1 }, changed: 1 },
  },
  {
    name: 'domains, alone and in arrays and composite types',
    oldBefore:
      'create domain truth.other as text; create domain truth.amount as numeric(9, 2); create type truth.cost as (amount truth.amount, note text)',
    newBefore:
      'create domain truth.amount as numeric(9, 2) check (value >= 0); create type truth.cost as (amount truth.amount, note text)',
    columns: 'id integer, v truth.amount, w truth.amount[], x truth.cost',
    old: "(1, 1, '{1,2.50}', row(1, 'a')), (2, 2, '{}', null), (3, null, '{NULL}', row(null, 'b'))",
    new: "(1, 1, '{1,2.50}', row(1, 'a')), (2, 2.01, '{1}', null), (3, null, '{NULL}', row(0, 'b'))",
    expect: { cells: { v: 1, w: 1, x: 1 }, changed: 2 },
  },
  {
    name: 'arrays of domains, with nothing beside them',
    oldBefore: 'create domain truth.more as text; create domain truth.count as integer',
    newBefore: 'create domain truth.count as integer check (value > 0)',
    columns: 'id integer, v truth.count[]',
    old: "(1, '{1,2}'), (2, '{}'), (3, '{NULL,3}')",
    new: "(1, '{1,2}'), (2, '{1}'), (3, '{NULL,4}')",
    expect: { cells: { v: 2 } },
  },
  {
    name: 'NaN, infinities and numbers of many digits',
    columns: 'id integer, v numeric, w double precision, x real',
    old: "(1, 'NaN', 'NaN', 'NaN'), (2, 'Infinity', '-Infinity', 0.1), (3, 1e-30, 0.1, 1e-40), (4, 12345678901234567890.123, 1e308, '-0')",
    new: "(1, 'NaN', 'NaN', 'NaN'), (2, '-Infinity', '-Infinity', 0.1), (3, 1.1e-30, 0.10000000000000002, 1e-40), (4, 12345678901234567890.123, 1e308, '0')",
    expect: { cells: { v: 2, w: 1 }, changed: 2 },
    strict: { cells: { v: 2, w: 1, x: 1 }, changed: 3 },
  },
  {
    name: 'instants, intervals and bytes, whatever a server writes by itself',
    columns: 'id timestamptz, v interval, w bytea, x timestamptz[]',
    old: String.raw`('2026-01-02 03:04:05+00', '1 year 2 mons 3 days 04:05:06', '\x00ff5c', '{"2026-07-01 00:00:00+00"}'), ('2026-03-29 01:30:00+00', '-1 day', '\x41', null)`,
    new: String.raw`('2026-01-02 03:04:05+00', '1 year 2 mons 3 days 04:05:06', '\x00ff5c', '{"2026-07-01 02:00:00+02"}'), ('2026-03-29 01:30:00+00', '-2 days', '\x42', null)`,
    expect: { cells: { v: 1, w: 1 }, changed: 1 },
  },
  {
    name: '"char" of more than seven bits, as numbers',
    before: `set client_encoding = 'SQL_ASCII'`,
    columns: 'id integer, v "char"',
    old: `select 1, 'a'::"char" union all select 2, (-128)::"char" union all select 3, 92::"char"`,
    new: `select 1, 'a'::"char" union all select 2, 92::"char" union all select 3, 92::"char"`,
    expect: { cells: { v: 1 } },
    view: false,
  },
  {
    name: 'types whose values have their text only, as keys and as values',
    columns: 'id bit varying(8), v point, w tsvector, x xid, y int4range',
    old: "(B'1', '(1,2)', 'a b', '7', '[1,5]'), (B'10', '(0,0)', 'b', '8', 'empty')",
    new: "(B'1', '(1,2)', 'b a', '7', '[1,6)'), (B'10', '(0,1)', 'c', '9', null)",
    expect: { cells: { v: 1, w: 1, x: 1, y: 1 }, changed: 1 },
  },
];

/** On which server the baselines are, and on which one all else. Where 15 is missing, both are of 18. */
const pairs = (
  hasPostgres(15) && !isGate
    ? [
        { other: 18, own: 15 },
        { other: 15, own: 18 },
      ]
    : [{ other: 18, own: 18 }]
) as readonly { readonly other: 15 | 18; readonly own: 15 | 18 }[];

describe.each(pairs)('PostgreSQL $other against $own', ({ other, own }) => {
  if (!hasPostgres(18)) return;
  let servers: { readonly own: PostgresServer; readonly other: PostgresServer };
  beforeAll(async () => {
    servers = { own: await startPostgres(own), other: await startPostgres(other, otherHabits) };
  }, 60_000);
  afterAll(async () => {
    await servers?.own.stop();
    await servers?.other.stop();
  });
  const harness = postgresAcross(
    () => servers.own,
    () => servers.other,
    own,
  );
  describe('traps', () => truthScenarios(harness, traps));
  describe('truth table', () => truthScenarios(harness, portableCases));
  describe('truth table of PostgreSQL', () => truthScenarios(harness, postgresCases));
  if (!isGate)
    describe('truth table by texts', () =>
      truthScenarios(
        { ...harness, start: () => startWith({ ...fastestWays, shapeOf: () => null }) },
        [...postgresCases, ...traps],
      ));
  test('databases of other encodings are refused', async () => {
    const { engine, dispose } = await harness.start();
    const old = `latin_${own}@"the.other"`;
    await servers.other.sql(
      'postgres',
      `create database latin_${own} template template0 encoding 'LATIN1' locale 'C'`,
    );
    const options = { store: null, purpose: 'test', lineage: true };
    const refused = await engine.comparison
      .open({ old, new: 'postgres', ...options })
      .catch((error) => error);
    expect(refused.problem).toMatchObject({ cause: 'LATIN1 and UTF8' });
    await dispose();
  });

  if (own !== other)
    test('an interval that is infinite on one server only is refused', async () => {
      const scratch = await harness.start();
      const { engine } = scratch;
      const sides = { old: engine.places.baseline('i'), new: engine.places.candidate('i') };
      const longest = (version: number) =>
        version >= 17
          ? 'infinity'
          : '178956970 years 7 mons 2147483647 days 2562047788:00:54.775807';
      const table = (version: number) =>
        `create table t (id integer primary key, v interval, w interval[]);
         insert into t values (1, '${longest(version)}', null), (2, '1 day', '{1 day}')`;
      await scratch.create(sides.old, table(other));
      await scratch.create(sides.new, table(own));
      const catalogs = [
        await engine.catalog.read(sides.old),
        await engine.catalog.read(sides.new),
      ] as const;
      const options = { store: null, purpose: 'test', lineage: true };
      const pair = pairOf(...catalogs, 'public', 't', { key: ['id'] });
      const session = await engine.comparison.open({ ...sides, ...options });
      try {
        await expect(compare(session, pair)).rejects.toThrow('An interval is infinite');
      } finally {
        await session.close();
      }
      // Where there is none, nothing is refused.
      for (const side of [sides.old, sides.new])
        await scratch.sql(side, 'delete from t where id = 1');
      const again = await engine.comparison.open({ ...sides, ...options });
      try {
        expect(await compare(again, pair)).toMatchObject({ added: 0, removed: 0 });
      } finally {
        await again.close();
        await scratch.dispose();
      }
    });

  describe('generated tables', () => propertyScenarios(harness));

  async function startWith(ways: Ways): Promise<Scratch> {
    const scratch = await harness.start();
    const { engine, recipe } = scratch;
    const comparison = postgresComparer(readOptions(recipe.settings, {}), engine.places.live, ways);
    return { ...scratch, engine: { ...engine, comparison } };
  }
});
