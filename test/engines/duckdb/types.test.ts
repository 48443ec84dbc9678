import { describe, expect, test } from '@jest/globals';
import { duckdb, newFiles } from '../../conformance/duckdb.ts';
import { compare, pairOf } from '../../conformance/pairs.ts';
import { type Case, truthScenarios } from '../../conformance/truth.ts';

const hugeMax = '170141183460469231731687303715884105727';
const uhugeMax = '340282366920938463463374607431768211455';

/** Types, collations and names that only DuckDB has, in the truth table of every engine. */
const cases: readonly Case[] = [
  {
    name: 'COLLATE NOCASE hides no change, neither of case nor of spaces',
    columns: 'id integer, v varchar collate nocase',
    old: "(1, 'a'), (2, 'b'), (3, 'é')",
    new: "(1, 'A'), (2, 'b'), (3, 'É')",
    expect: { cells: { v: 2 }, patterns: { v: 'case (new = upper(old))' } },
  },
  {
    name: 'a collation on one side only',
    columns: 'id integer, v varchar collate nocase.noaccent',
    newColumns: 'id integer, v varchar',
    old: "(1, 'a'), (2, 'é'), (3, 'c')",
    new: "(1, 'A'), (2, 'e'), (3, 'c')",
    expect: { cells: { v: 2 } },
  },
  {
    name: 'a collated key',
    columns: 'id varchar collate nocase, v integer',
    old: "('a', 1), ('b', 2)",
    new: "('A', 1), ('b', 3)",
    expect: { added: 1, removed: 1, cells: { v: 1 } },
  },
  {
    name: 'a collated text that becomes an enum',
    columns: 'id integer, v varchar collate nocase',
    newColumns: "id integer, v enum('a', 'B')",
    old: "(1, 'a'), (2, 'b')",
    new: "(1, 'a'), (2, 'B')",
    expect: { cells: { v: 1 } },
  },
  {
    name: 'enums with the same labels, in another order, and with other ones',
    before: "create type truth.mood as enum ('good', 'bad')",
    columns: "id integer, a truth.mood, b enum('x', 'y'), c enum('x', 'y')",
    newColumns: "id integer, a truth.mood, b enum('y', 'x'), c enum('x', 'z')",
    old: "(1, 'good', 'x', 'x'), (2, 'bad', 'y', 'y'), (3, null, null, null)",
    new: "(1, 'bad', 'x', 'x'), (2, 'bad', 'y', 'z'), (3, 'good', null, null)",
    expect: { cells: { a: 2, c: 1 }, changed: 3 },
  },
  {
    name: 'huge integers at their limits',
    columns: 'id integer, v hugeint, u uhugeint',
    old: `(1, ${hugeMax}, ${uhugeMax}), (2, -${hugeMax}, 0), (3, 1, 1)`,
    new: `(1, -${hugeMax}, 0), (2, ${hugeMax}, ${uhugeMax}), (3, 1, 1)`,
    expect: { cells: { v: 2, u: 2 }, changed: 2 },
  },
  {
    name: 'huge integers that a double cannot tell apart',
    columns: 'id integer, v hugeint, w hugeint, x hugeint',
    newColumns: 'id integer, v uhugeint, w decimal(38, 0), x decimal(38, 2)',
    old: `(1, ${hugeMax}, 5, 7), (2, 8, ${'9'.repeat(38)}, 8), (3, 0, ${hugeMax}, 0)`,
    new: `(1, ${hugeMax.slice(0, -1)}6, 5, 7), (2, 8, ${'9'.repeat(37)}8, 8.01), (3, 0, 1, 0)`,
    expect: { cells: { v: 1, w: 2, x: 1 }, changed: 3 },
  },
  {
    name: 'unsigned integers, also against signed ones',
    columns: 'id integer, v ubigint, w ubigint',
    newColumns: 'id integer, v ubigint, w bigint',
    old: '(1, 18446744073709551615, 1), (2, 0, 18446744073709551615)',
    new: '(1, 0, 1), (2, 18446744073709551615, -1)',
    expect: { cells: { v: 2, w: 1 }, changed: 2 },
  },
  {
    name: 'a negation that wraps around is no change of sign',
    columns: 'id integer, v utinyint',
    old: '(1, 1), (2, 2)',
    new: '(1, 255), (2, 254)',
    expect: { cells: { v: 2 }, patterns: { v: 'free change' } },
  },
  {
    name: 'unsigned integers within a tolerance',
    columns: 'id integer, v ubigint, w utinyint',
    old: '(1, 5, 5), (2, 18446744073709551615, 255)',
    new: '(1, 4, 7), (2, 0, 0)',
    tolerance: { v: { absolute: 1 }, w: { absolute: 1 } },
    expect: { cells: { v: 1, w: 2 }, changed: 2 },
    keyless: { added: 2, removed: 2 },
  },
  {
    name: 'a tolerance hides no digits where one side cannot hold them',
    columns: 'id integer, v bigint, w decimal(38, 0), x bigint',
    newColumns: 'id integer, v double, w decimal(38, 10), x double',
    old: '(1, 9007199254740993, 12345678901234567890123456, 7)',
    new: '(1, 9007199254740992, 12345678901234567890123455, 7.25)',
    tolerance: { v: { absolute: 0.5 }, w: { absolute: 0.5 }, x: { absolute: 0.5 } },
    expect: { cells: { v: 1, w: 1 }, changed: 1 },
    keyless: { added: 1, removed: 1 },
  },
  {
    name: 'float against double, bigint and decimal',
    columns: 'id integer, a float, b bigint, c decimal(38, 30), d hugeint',
    newColumns: 'id integer, a double, b float, c double, d double',
    old: '(1, 0.5, 16777217, 0.1, 100000000000000000000), (2, 0.1, 16777216, 0.5, 3), (3, null, null, null, null)',
    new: "(1, 0.5, 16777216, 0.1, 1e20), (2, 0.1, 16777216, 0.25, 'nan'), (3, null, null, null, null)",
    expect: { cells: { a: 1, b: 1, c: 1, d: 1 }, changed: 2 },
  },
  {
    name: 'nanoseconds, also against years that they do not hold',
    columns: 'id integer, v timestamp_ns, w timestamp, d date, s timestamp_s',
    newColumns: 'id integer, v timestamp_ns, w timestamp_ns, d timestamp_ns, s timestamp_ms',
    old: "(1, '2020-01-01 00:00:00.000000001', '1500-01-01', '2020-01-01', '2020-01-01'), (2, null, '2020-01-01', '1500-01-01', '2020-01-01')",
    new: "(1, '2020-01-01 00:00:00.000000002', '2020-01-01', '2020-01-01', '2020-01-01'), (2, null, '2020-01-01', '2020-01-01', '2020-01-01 00:00:00.001')",
    expect: { cells: { v: 1, w: 1, d: 1, s: 1 }, changed: 2 },
  },
  {
    name: 'infinite dates',
    columns: 'id integer, d date, t timestamp',
    old: "(1, 'infinity', '-infinity'), (2, '2020-01-01', 'infinity')",
    new: "(1, 'infinity', 'infinity'), (2, '-infinity', 'infinity')",
    expect: { cells: { d: 1, t: 1 }, changed: 2 },
  },
  {
    name: 'lists',
    columns: 'id integer, v integer[], w varchar[]',
    old: "(1, [1, 2], ['a, b']), (2, [], ['NULL']), (3, [1, null], []), (4, [3], ['x'])",
    new: "(1, [2, 1], ['a', 'b']), (2, null, [null]), (3, [1, null], ['']), (4, [3], ['x'])",
    expect: { cells: { v: 2, w: 3 }, changed: 3 },
  },
  {
    name: 'lists of doubles: negative zero and NaN',
    columns: 'id integer, v double[]',
    old: "(1, [cast('-0.0' as double)]), (2, ['nan']), (3, [1.5])",
    new: "(1, [0.0]), (2, ['nan']), (3, [1.5])",
    expect: {},
    strict: { cells: { v: 1 } },
  },
  {
    name: 'lists of another element type',
    columns: 'id integer, v integer[]',
    newColumns: 'id integer, v bigint[]',
    old: '(1, [1, 2]), (2, [3])',
    new: '(1, [1, 2]), (2, [4])',
    expect: { cells: { v: 1 } },
  },
  {
    name: 'structs: NULL is not the word NULL, also in strict mode',
    columns: 'id integer, v struct(d double, s varchar)',
    old: "(1, {'d': 1, 's': 'NULL'}), (2, {'d': 1, 's': 'a'}), (3, null)",
    new: "(1, {'d': 1, 's': null}), (2, {'d': 1, 's': 'a'}), (3, {'d': null, 's': null})",
    expect: { cells: { v: 2 } },
  },
  {
    name: 'maps',
    columns: 'id integer, v map(varchar, integer)',
    old: "(1, map {'a': 1, 'b': 2}), (2, map {'a': 1}), (3, null)",
    new: "(1, map {'a': 1, 'b': 3}), (2, map {'a': 1}), (3, map {})",
    expect: { cells: { v: 2 } },
  },
  {
    name: 'fixed arrays, bits and times',
    columns: 'id integer, a integer[2], b bit, t time, z time with time zone',
    old: "(1, [1, 2], '101', '12:00:00', '12:00:00+00'), (2, [1, 2], '0', '24:00:00', null)",
    new: "(1, [1, 3], '0101', '12:00:00.000001', '12:00:00+00'), (2, [1, 2], '0', '24:00:00', null)",
    expect: { cells: { a: 1, b: 1, t: 1 }, changed: 1 },
  },
  {
    name: 'blobs that are not text',
    columns: 'id integer, v blob',
    old: "(1, '\\x00\\xFF'::blob), (2, '\\x41'::blob), (3, '\\x5Cx41'::blob)",
    new: "(1, '\\x00\\xFE'::blob), (2, 'A'::blob), (3, 'A'::blob)",
    expect: { cells: { v: 2 } },
  },
  {
    name: 'columns called rowid',
    columns: 'rowid integer, v integer',
    old: '(2, 1), (1, 2), (7, 3)',
    new: '(1, 2), (2, 1), (8, 3)',
    key: ['rowid'],
    expect: { added: 1, removed: 1 },
  },
  {
    name: 'a column called rowid on one side',
    columns: 'id integer, v integer',
    newColumns: 'id integer, v integer, "RowId" integer',
    old: '(1, 1), (2, 2)',
    new: '(1, 1, 5), (2, 3, 6)',
    expect: { cells: { v: 1 } },
  },
  {
    name: 'quoted tables with generated columns and defaults',
    columns: 'id integer, v integer, w integer generated always as (v * 2)',
    newColumns: 'id integer, v integer, w integer',
    old: 'select 1, 1 union all select 2, 2',
    new: '(1, 1, 2), (2, 2, 5)',
    expect: { cells: { w: 1 } },
  },

  // Nested values of another type
  {
    name: 'lists and structs of decimals of another scale, and of wider integers',
    columns: 'id integer, v decimal(10, 1)[], w struct(a decimal(10, 1), b integer[])',
    newColumns: 'id integer, v decimal(12, 3)[], w struct(a decimal(12, 2), b bigint[])',
    old: "(1, [1.0, 2.5], {'a': 1.5, 'b': [1, 2]}), (2, [1.5], null), (3, null, {'a': null, 'b': [1]}), (4, [], {'a': 1, 'b': null})",
    new: "(1, [1.000, 2.500], {'a': 1.50, 'b': [1, 2]}), (2, [1.501], null), (3, null, {'a': null, 'b': [2]}), (4, [], null)",
    expect: { cells: { v: 1, w: 2 }, changed: 3 },
  },
  {
    name: 'bigints and doubles in lists: digits that a double cannot hold are a difference',
    columns: 'id integer, v bigint[]',
    newColumns: 'id integer, v double[]',
    old: '(1, [9007199254740993]), (2, [9007199254740992, 5]), (3, [null])',
    new: '(1, [9007199254740992]), (2, [9007199254740992, 5]), (3, [null])',
    expect: { cells: { v: 1 } },
  },
  {
    name: 'structs whose fields stand in another order, and with other fields',
    columns: 'id integer, v struct(a integer, "B c" varchar), w struct(a integer)',
    newColumns: 'id integer, v struct("B c" varchar, a integer), w struct(a integer, b integer)',
    old: "(1, {'a': 1, 'B c': 'x'}, {'a': 1}), (2, {'a': 2, 'B c': 'y'}, null)",
    new: "(1, {'B c': 'x', 'a': 1}, {'a': 1, 'b': null}), (2, {'B c': 'y', 'a': 3}, null)",
    expect: { cells: { v: 1, w: 1 }, changed: 2 },
  },
  {
    name: 'structs of which two fields change places',
    columns: 'id integer, v struct(a integer, b integer)',
    newColumns: 'id integer, v struct(b integer, a integer)',
    old: "(1, {'a': 1, 'b': 2})",
    new: "(1, {'a': 2, 'b': 1})",
    expect: { cells: { v: 1 } },
  },
  {
    name: 'lists and arrays of a fixed length',
    columns: 'id integer, v integer[2], w integer[], x integer[2]',
    newColumns: 'id integer, v integer[], w bigint[2], x integer[3]',
    old: '(1, [1, 2], [1, 2], null), (2, [3, 4], [3, 4], [1, 2])',
    new: '(1, [1, 2], [1, 2], null), (2, [3], [3, 5], [1, 2, null])',
    expect: { cells: { v: 1, w: 1, x: 1 }, changed: 1 },
  },
  {
    name: 'maps: the order of their entries counts, the scale of their decimals does not',
    columns: 'id integer, v map(varchar, integer), w map(varchar, decimal(10, 1))',
    newColumns: 'id integer, v map(varchar, integer), w map(varchar, decimal(10, 2))',
    old: "(1, map {'a': 1, 'b': 2}, map {'a': 1.0}), (2, map {'a': 1}, map {'a': 1.5})",
    new: "(1, map {'b': 2, 'a': 1}, map {'a': 1.00}), (2, map {'a': 1}, map {'a': 1.51})",
    expect: { cells: { v: 1, w: 1 }, changed: 2 },
  },
  {
    name: 'unions: the tag is a part of the value, also in strict mode and of another type',
    columns: 'id integer, v union(a integer, b integer, d double), w union(a integer, b integer)',
    newColumns:
      'id integer, v union(a integer, b integer, d double), w union(a integer, b integer, c date)',
    old: '(1, union_value(a := 1), union_value(a := 1)), (2, union_value(b := 1), union_value(b := 1)), (3, null, null)',
    new: '(1, union_value(b := 1), union_value(b := 1)), (2, union_value(b := 1), union_value(b := 1)), (3, null, null)',
    expect: { cells: { v: 1, w: 1 }, changed: 1 },
  },
  {
    name: 'nested doubles and intervals in strict mode',
    columns: 'id integer, v struct(d double[]), w map(integer, interval)',
    old: "(1, {'d': [cast('-0.0' as double)]}, map {1: interval '1 month'}), (2, {'d': [1]}, map {1: null})",
    new: "(1, {'d': [0.0]}, map {1: interval '30 days'}), (2, {'d': [1]}, map {1: null})",
    expect: {},
    strict: { cells: { v: 1, w: 1 }, changed: 1 },
  },
  {
    name: 'nested collections of names that need quotes',
    columns: 'id integer, v struct("a, b" struct("(x" integer)[], "it\'s" varchar)',
    newColumns: 'id integer, v struct("it\'s" varchar, "a, b" struct("(x" bigint)[])',
    old: "(1, {'a, b': [{'(x': 1}], 'it''s': 'y'}), (2, null)",
    new: "(1, {'it''s': 'y', 'a, b': [{'(x': 2}]}), (2, null)",
    expect: { cells: { v: 1 } },
  },

  // Other types of another type
  {
    name: 'signed and unsigned huge integers, also as keys',
    columns: 'id integer, v integer, w bigint, x uhugeint',
    newColumns: 'id uhugeint, v uhugeint, w uhugeint, x ubigint',
    old: `(1, 5, -1, 7), (2, 5, 5, ${uhugeMax})`,
    new: `(1, ${uhugeMax}, 1, 7), (2, 5, 5, 7), (${uhugeMax}, 1, 1, 1)`,
    expect: { added: 1, cells: { v: 1, w: 1, x: 1 }, changed: 2 },
  },
  {
    name: 'tolerances at the edges of types',
    columns:
      'id integer, a decimal(38, 38), b decimal(38, 37), c uhugeint, d tinyint, e integer, f hugeint',
    newColumns:
      'id integer, a decimal(38, 38), b uinteger, c smallint, d tinyint, e integer, f hugeint',
    old: `(1, 0.1, 0.0000000000000000000000000000000000001, ${uhugeMax}, -128, -2147483648, 0), (2, null, null, null, null, null, null)`,
    new: `(1, 0.9, 78297, -1, 127, 0, ${hugeMax}), (2, 0, 0, 0, 0, 0, 0)`,
    tolerance: {
      a: { absolute: 1e-20 },
      b: { absolute: 1 },
      c: { relative: 1 },
      d: { absolute: 255 },
      e: { relative: 1 },
      f: { absolute: 1e38 },
    },
    expect: { cells: { a: 2, b: 2, c: 2, d: 1, e: 1, f: 2 }, changed: 2 },
    keyless: { added: 2, removed: 2 },
  },
  {
    name: 'a decimal without a digit before its point',
    columns: 'id integer, v decimal(38, 38), w decimal(38, 38)',
    newColumns: 'id integer, v decimal(38, 18), w decimal(20, 2)',
    old: '(1, 0.5, 0), (2, -0.25, -0.25), (3, 0, 0.1), (4, null, 0)',
    new: '(1, 0.5, 0), (2, -0.25, -0.25), (3, 0.1, 0.1), (4, null, 0.01)',
    expect: { cells: { v: 1, w: 1 }, changed: 2 },
  },
  {
    name: 'enum to text and text to enum',
    columns: "id integer, v enum('b', 'a'), w varchar",
    newColumns: "id integer, v varchar, w enum('b', 'a')",
    old: "(1, 'a', 'a'), (2, 'b', 'b'), (3, null, null)",
    new: "(1, 'a', 'a'), (2, 'B', 'a'), (3, null, null)",
    expect: { cells: { v: 1, w: 1 }, changed: 1 },
  },
  {
    name: 'bytes against text: by bytes, not by how bytes are shown',
    columns: 'id integer, v blob, w varchar',
    newColumns: 'id integer, v varchar, w blob',
    old: "(1, '\\xFF'::blob, '\\xFF'), (2, encode('é'), 'abc'), (3, '\\x5C'::blob, '\\')",
    new: "(1, '\\xFF', '\\xFF'::blob), (2, '\\xC3\\xA9', 'abd'::blob), (3, '\\', '\\x5C'::blob)",
    expect: { cells: { v: 2, w: 2 }, changed: 2 },
  },
  {
    name: 'bytes against a collated text',
    columns: 'id integer, v blob',
    newColumns: 'id integer, v varchar collate nocase',
    old: "(1, 'a'::blob), (2, 'b'::blob)",
    new: "(1, 'A'), (2, 'b')",
    expect: { cells: { v: 1 } },
  },
  {
    name: 'times: with a zone and without, as in UTC; another offset is another value',
    columns: 'id integer, v time, w time with time zone',
    newColumns: 'id integer, v time with time zone, w time with time zone',
    old: "(1, '12:00:00', '12:00:00+00'), (2, '12:00:00', '12:00:00+00')",
    new: "(1, '12:00:00+00', '12:00:00+00'), (2, '12:00:00+02', '13:00:00+01')",
    expect: { cells: { v: 1, w: 1 }, changed: 1 },
  },
  {
    name: 'years that only one of two types holds',
    columns: 'id integer, d date, s timestamp_s, t timestamp',
    newColumns: 'id integer, d timestamp, s timestamp, t date',
    old: "(1, '300000-01-01', '290309-12-22', '2020-01-01'), (2, '2020-01-01', '2020-01-01', '2020-01-01'), (3, null, null, null)",
    new: "(1, '2020-01-01', '2020-01-01', '300000-01-01'), (2, '2020-01-01', '2020-01-01', '2020-01-01'), (3, null, null, null)",
    expect: { cells: { d: 1, s: 1, t: 1 }, changed: 1 },
  },
  {
    name: 'summer time: instants that one clock shows twice',
    columns: 'id integer, v timestamptz, w timestamp',
    newColumns: 'id integer, v timestamptz, w timestamptz',
    old: `(1, '2026-11-01 01:30:00-04', '2026-03-08 02:30:00'), (2, '2026-11-01 01:30:00-04', '2026-11-01 01:30:00')`,
    new: `(1, '2026-11-01 01:30:00-05', '2026-03-08 02:30:00+00'), (2, '2026-11-01 05:30:00+00', '2026-11-01 01:30:00-04')`,
    expect: { cells: { w: 1, v: 1 }, changed: 2 },
  },
  {
    name: 'bits: leading zeros count, also against text',
    columns: 'id integer, v bit, w bit',
    newColumns: 'id integer, v bit, w varchar',
    old: "(1, '0', '0101'), (2, '1', '101')",
    new: "(1, '00', '101'), (2, '1', '101')",
    expect: { cells: { v: 1, w: 1 }, changed: 1 },
  },
  {
    name: 'numbers without end',
    columns: 'id integer, v bignum, w bigint',
    newColumns: 'id integer, v bignum, w bignum',
    old: `(1, '${'9'.repeat(60)}'::bignum, 5), (2, '-1'::bignum, 6)`,
    new: `(1, '${'9'.repeat(59)}8'::bignum, 5), (2, '-1'::bignum, 7)`,
    expect: { cells: { v: 1, w: 1 }, changed: 2 },
  },
];

/** Types that DuckDB stores since 1.5 only. */
const newCases: readonly Case[] = [
  {
    name: 'geometries, also as keys',
    columns: 'id geometry, v geometry',
    old: "('POINT(1 2)', 'POINT(1 2)'), ('POINT(1 3)', 'LINESTRING(0 0, 1 1)'), ('POINT(5 5)', null)",
    new: "('POINT(5 5)', null), ('POINT(1 3)', 'LINESTRING(0 0, 1 2)'), ('POINT(1 2)', 'POINT(1 2)')",
    expect: { cells: { v: 1 } },
  },
];

describe('duckdb: truth table', () => truthScenarios(duckdb, cases));
describe('duckdb: truth table of new types', () => truthScenarios(newFiles, newCases));

test('a view with a collation of its own hides no change, whatever was compared before it', async () => {
  const scratch = await duckdb.start();
  const { places, catalog, comparison } = scratch.engine;
  const [old, candidate] = [places.baseline('views'), places.candidate('views')];
  for (const [at, value] of [
    [old, 'a'],
    [candidate, 'A'],
  ] as const)
    await scratch.create(
      at,
      `create table t (id integer, v varchar); insert into t values (1, '${value}'); create table first (id integer);
       create view top as select id, v collate nocase as v from t`,
    );
  const catalogs = [await catalog.read(old), await catalog.read(candidate)] as const;
  const session = await comparison.open({
    old,
    new: candidate,
    store: null,
    purpose: 'views',
    lineage: true,
  });
  try {
    await compare(session, pairOf(...catalogs, 'main', 'first'));
    for (const [key, expected] of [
      [['id'], { added: 0, removed: 0, cells: new Map([['v', 1]]) }],
      [null, { added: 1, removed: 1, cells: new Map() }],
    ] as const)
      expect([
        key,
        await compare(session, pairOf(...catalogs, 'main', 'top', { key })),
      ]).toMatchObject([key, expected]);
  } finally {
    await session.close();
    await scratch.dispose();
  }
});

test('objects have names of their own, and a generated column is no default', async () => {
  const { engine, create, dispose } = await duckdb.start();
  const [old, candidate] = [engine.places.baseline('names'), engine.places.candidate('names')];
  const make = (first: string, second: string, column: string) =>
    `create schema "a.b"; create schema a; create table "a.b".c (v integer default ${first});
     create table a."b.c" (v integer default ${second}); create table a.g (id integer, "the g" ${column})`;
  try {
    await create(old, make('1', '0', 'decimal(9, 2) generated always as (42)'));
    await create(candidate, make('0', '1', 'decimal(9, 2) default cast(42 as decimal(9, 2))'));
    const objects = async (at: string) =>
      (await engine.catalog.read(at)).objects.filter(({ kind }) => kind === 'default');
    const [before, after] = [await objects(old), await objects(candidate)];
    const names = ['"a.b".c.v', 'a."b.c".v', 'a.g.the g'];
    expect([before, after].map((all) => all.map(({ name }) => name).toSorted())).toEqual([
      names,
      names,
    ]);
    for (const name of names) {
      const of = (all: typeof before) => all.find((one) => one.name === name)?.definition;
      expect([name, of(before)]).not.toEqual([name, of(after)]);
    }
    expect(before.find(({ name }) => name === 'a.g.the g')?.definition).toMatch(
      /^GENERATED ALWAYS AS /,
    );
  } finally {
    await dispose();
  }
});
