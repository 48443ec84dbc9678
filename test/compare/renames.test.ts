import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compareDatabases } from '../../src/compare/compare.ts';
import type { Comparison, LikelyRename } from '../../src/compare/outcome.ts';
import { verdictOf } from '../../src/compare/verdict.ts';
import { duckdb } from '../conformance/duckdb.ts';
import type { Scratch } from '../conformance/harness.ts';
import { request } from './request.ts';

const rows = 'select i as id, i * 7 as a, i % 3 as b from range(3000) r(i)';

/** Names of what was removed -> the other name and the evidence. */
const columns: readonly {
  readonly name: string;
  readonly old: string;
  readonly new: string;
  readonly renames: Readonly<Record<string, LikelyRename>>;
}[] = [
  {
    name: 'every value is equal',
    old: 'id integer primary key, amount decimal(10, 2)); insert into T select id, a from R',
    new: 'id integer primary key, fare decimal(10, 2)); insert into T select id, a from R order by id desc',
    renames: { amount: { other: 'fare', evidence: '3,000 of 3,000 values are equal' } },
  },
  {
    name: 'nearly every value is equal, the type is wider, and rows came and went',
    old: 'id integer primary key, amount integer); insert into T select id, a from R',
    new: 'id integer primary key, fare bigint); insert into T select id + 100, case when id < 198 then -1 else (id + 100) * 7 end from R',
    renames: { amount: { other: 'fare', evidence: '2,702 of 2,900 values are equal' } },
  },
  {
    name: 'too few values are equal',
    old: 'id integer primary key, amount integer); insert into T select id, a from R',
    new: 'id integer primary key, amounts integer); insert into T select id, case when id < 301 then -1 else a end from R',
    renames: {},
  },
  {
    name: 'a column that is the same in every row is no evidence',
    old: 'id integer primary key, one integer, nothing date); insert into T select id, 1, null from R',
    new: 'id integer primary key, uno integer, nil date); insert into T select id, 1, null from R',
    renames: {},
  },
  {
    name: 'a constant column with a name that is alike',
    old: "id integer primary key, currency varchar); insert into T select id, 'EUR' from R",
    new: "id integer primary key, currency_ varchar); insert into T select id, 'EUR' from R",
    renames: {
      currency: {
        other: 'currency_',
        evidence: 'the names are alike and the type is the same (VARCHAR)',
      },
    },
  },
  {
    name: 'two columns that changed their names crosswise, by their values',
    old: 'id integer primary key, x1 integer, y1 integer); insert into T select id, a, b from R',
    new: 'id integer primary key, x2 integer, y2 integer); insert into T select id, b, a from R',
    renames: {
      x1: { other: 'y2', evidence: '3,000 of 3,000 values are equal' },
      y1: { other: 'x2', evidence: '3,000 of 3,000 values are equal' },
    },
  },
  {
    name: 'one that became two: the better one, once',
    old: 'id integer primary key, v integer); insert into T select id, a from R',
    new: 'id integer primary key, w integer, v2 integer); insert into T select id, a, case when id < 9 then 0 else a end from R',
    renames: { v: { other: 'w', evidence: '3,000 of 3,000 values are equal' } },
  },
  {
    name: 'without a key only the names can tell',
    old: 'id integer, passengers integer, x date); insert into T select id, a, null from R',
    new: 'id integer, passenger integer, fare integer); insert into T select id, a, a from R',
    renames: {
      passengers: {
        other: 'passenger',
        evidence: 'the names are alike and the type is the same (INTEGER)',
      },
    },
  },
  {
    name: 'another type is no rename',
    old: 'id integer primary key, v integer); insert into T select id, a from R',
    new: 'id integer primary key, v_ varchar); insert into T select id, a::varchar from R',
    renames: {},
  },
];

const tables = (side: 'old' | 'new') => `create schema b;
  create table b.${side === 'old' ? 'delays' : 'waiting_times'} as ${rows.replace('7', '11')};
  create table b.${side === 'old' ? 'sales_2019' : 'sales_2020'} as ${rows} ${side === 'old' ? '' : 'where i <> 5'};
  create table b.${side === 'old' ? 'gone' : 'come'} as ${rows} limit ${side === 'old' ? 2990 : 2991};
  create table b.${side === 'old' ? 'one_row' : 'row_one'} as select 7 as only_one;
  create table b.${side === 'old' ? 'empty_one' : 'quite_another'} (id integer);
  create table b.${side === 'old' ? 'shape_a' : 'shape_b'} as select i as ${side === 'old' ? 'x' : 'y'} from range(10) r(i)`;

let scratch: Scratch;
let comparison: Comparison;

beforeAll(async () => {
  scratch = await duckdb.start();
  const sides = {
    old: scratch.engine.places.baseline('r'),
    new: scratch.engine.places.candidate('r'),
  };
  for (const side of ['old', 'new'] as const) {
    const statements = columns.map((one, at) =>
      `create table a.T (${one[side]}`
        .replaceAll(/\b(?:a\.)?T\b/g, `a.t${at}`)
        .replace(/\bR\b/, `(${rows})`),
    );
    await scratch.create(
      sides[side],
      `create schema a; ${statements.join(';\n')}; ${tables(side)}`,
    );
  }
  ({ comparison } = await compareDatabases(request(scratch.engine, sides)));
}, 60_000);
afterAll(() => scratch?.dispose());

test.each(columns.map((one, at) => [one.name, at, one] as const))('%s', (_, at, { renames }) => {
  const outcome = comparison.tables.find(({ table }) => table === `a.t${at}`);
  const of = (status: string) =>
    outcome?.columns.filter((column) => column.status === status) ?? [];
  const found = (status: string) =>
    Object.fromEntries(
      of(status).flatMap(({ column, likely_rename }) =>
        likely_rename === null ? [] : [[column, likely_rename]],
      ),
    );
  expect(found('removed')).toEqual(renames);
  expect(found('added')).toEqual(
    Object.fromEntries(
      Object.entries(renames).map(([column, { other, evidence }]) => [
        other,
        { other: column, evidence },
      ]),
    ),
  );
  // Said, and no more than that: they are removed and added all the same.
  expect(of('removed').length).toBeGreaterThan(0);
  expect(of('added').length).toBeGreaterThan(0);
  expect(outcome?.status).toBe('changed');
});

test('tables with the same columns and rows, or with names alike', () => {
  const renamed = comparison.tables
    .filter(({ likely_rename }) => likely_rename !== null)
    .map(({ table, status, likely_rename }) => [table, status, likely_rename]);
  const same = 'same columns, same 3,000 rows';
  const one = 'same columns, same 1 row';
  const alike = 'same columns, 3,000 and 2,999 rows, and the names are alike';
  expect(renamed).toEqual([
    ['b.delays', 'removed', { other: 'b.waiting_times', evidence: same }],
    ['b.one_row', 'removed', { other: 'b.row_one', evidence: one }],
    ['b.row_one', 'added', { other: 'b.one_row', evidence: one }],
    ['b.sales_2019', 'removed', { other: 'b.sales_2020', evidence: alike }],
    ['b.sales_2020', 'added', { other: 'b.sales_2019', evidence: alike }],
    ['b.waiting_times', 'added', { other: 'b.delays', evidence: same }],
  ]);
  expect(verdictOf(comparison)).toBe('unexplained');
});
