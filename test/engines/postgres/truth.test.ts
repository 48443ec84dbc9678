import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { postgresComparer } from '../../../src/engines/postgres/comparison.ts';
import { readOptions } from '../../../src/engines/postgres/options.ts';
import { fastestWays, type Ways } from '../../../src/engines/postgres/rows.ts';
import type { Harness, Scratch } from '../../conformance/harness.ts';
import { postgres } from '../../conformance/postgres.ts';
import { type Case, truthScenarios } from '../../conformance/truth.ts';
import { portableCases } from '../../conformance/truth-cases.ts';
import { isGate } from '../../support/gate.ts';
import { hasPostgres, type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { wantedVersions } from './shop.ts';

const caseless = `create collation if not exists truth.caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`;

/** Types, collations and relations that only PostgreSQL has, in the truth table of every engine. */
const cases: readonly Case[] = [
  // Numbers
  {
    name: 'numbers without a declared scale: 1.0 is 1.00, unless strict',
    columns: 'id integer, v numeric',
    old: "(1, 1.0), (2, 2.50), (3, 'NaN'), (4, 'Infinity'), (5, 1e-20), (6, 0)",
    new: "(1, 1.00), (2, 2.51), (3, 'NaN'), (4, '-Infinity'), (5, 1e-20), (6, 'NaN')",
    expect: { cells: { v: 3 } },
    strict: { cells: { v: 4 } },
  },
  {
    name: 'a key without a declared scale',
    columns: 'id numeric, v integer',
    old: "(1.0, 1), (2.5, 2), ('NaN', 3), (10, 4), (9, 5)",
    new: "(1.00, 1), (2.50, 3), ('NaN', 3), (10, 4), (11, 5)",
    expect: { added: 1, removed: 1, cells: { v: 1 } },
    strict: { added: 3, removed: 3 },
  },
  {
    name: 'real to double precision',
    columns: 'id integer, v real',
    newColumns: 'id integer, v double precision',
    old: '(1, 0.5), (2, 0.1), (3, null)',
    new: '(1, 0.5), (2, 0.1), (3, null)',
    expect: { cells: { v: 1 } },
  },
  {
    name: 'real to a decimal, by its shortest text',
    columns: 'id integer, v real, w double precision',
    newColumns: 'id integer, v numeric(10, 3), w numeric',
    old: "(1, 0.1, 123456789012345678), (2, 2.5, 1e-7), (3, 3, 'Infinity')",
    new: "(1, 0.1, 123456789012345680), (2, 2.501, 0.0000001), (3, 3, 'Infinity')",
    expect: { cells: { v: 1 } },
  },
  {
    name: 'money',
    columns: 'id integer, v money',
    old: "(1, '1.00'), (2, '-1234.56'), (3, null)",
    new: "(1, '1.00'), (2, '-1234.57'), (3, '0')",
    expect: { cells: { v: 2 } },
  },
  {
    name: 'integer keys around zero, and beyond the digits of others',
    columns: 'id bigint, v integer',
    newColumns: 'id numeric(20, 0), v integer',
    old: '(-10, 1), (-9, 2), (0, 3), (9, 4), (10, 5), (100, 6)',
    new: '(-10, 1), (-9, 9), (9, 4), (10, 9), (99, 1), (100, 6)',
    expect: { added: 1, removed: 1, cells: { v: 2 } },
  },

  // Instants
  {
    name: 'dates before Christ, infinite ones and years of five digits, also as keys',
    columns: 'id date, v timestamp',
    old: "('0044-03-15 BC', '0044-03-15 BC'), ('0045-01-01 BC', '-infinity'), ('0001-01-01', 'infinity'), ('infinity', '10000-01-01'), ('-infinity', '9999-12-31'), ('12000-01-01', null), ('9999-01-01', null)",
    new: "('0044-03-15 BC', '0044-03-15'), ('0045-01-01 BC', '-infinity'), ('0001-01-01', '-infinity'), ('infinity', '10000-01-01'), ('-infinity', '9999-12-31'), ('12000-01-01', null), ('12000-01-02', null)",
    expect: { added: 1, removed: 1, cells: { v: 2 } },
  },
  {
    name: 'dates beyond all timestamps',
    columns: 'id integer, v date',
    newColumns: 'id integer, v timestamp',
    old: "(1, '300000-01-01'), (2, 'infinity'), (3, '0044-03-15 BC'), (4, '2020-01-01')",
    new: "(1, '200000-01-01'), (2, 'infinity'), (3, '0044-03-15 BC'), (4, '2020-01-01 00:00:00.000001')",
    expect: { cells: { v: 2 } },
  },
  {
    name: 'the hour that a summer time has twice, as a key',
    columns: 'id timestamptz, v integer',
    old: "('2026-10-25 02:30:00+02', 1), ('2026-10-25 02:30:00+01', 2)",
    new: "('2026-10-25 00:30:00+00', 1), ('2026-10-25 01:30:00+00', 3)",
    expect: { cells: { v: 1 } },
  },
  {
    name: 'fractions of a second as keys',
    columns: 'id timestamptz, v integer',
    old: "('2026-01-01 00:00:00+00', 1), ('2026-01-01 00:00:00.5+00', 2), ('2026-01-01 00:00:00.51+00', 3), ('2026-01-01 00:00:01+00', 4)",
    new: "('2026-01-01 00:00:00+00', 1), ('2026-01-01 00:00:00.5+00', 2), ('2026-01-01 00:00:00.505+00', 3), ('2026-01-01 00:00:01+00', 5)",
    expect: { added: 1, removed: 1, cells: { v: 1 } },
  },
  {
    name: 'times with a zone: the zone is a part of them',
    columns: 'id integer, v timetz, w time',
    newColumns: 'id integer, v timetz, w timetz',
    old: "(1, '12:00+00', '12:00'), (2, '12:00+02', '12:00')",
    new: "(1, '12:00+00', '12:00+00'), (2, '10:00+00', '13:00+00')",
    expect: { cells: { v: 1, w: 1 }, changed: 1 },
  },

  // Texts
  {
    name: 'a collation that knows no case hides no change',
    before: caseless,
    columns: 'id integer, v text collate truth.caseless',
    old: "(1, 'a'), (2, 'b'), (3, 'é')",
    new: "(1, 'A'), (2, 'b'), (3, 'É')",
    expect: { cells: { v: 2 } },
  },
  {
    name: 'a key of a collation that knows no case',
    before: caseless,
    columns: 'id text collate truth.caseless, v integer',
    old: "('a', 1), ('b', 2), ('É', 3)",
    new: "('A', 1), ('b', 3), ('é', 3)",
    expect: { added: 2, removed: 2, cells: { v: 1 } },
  },
  {
    name: 'char(n): the blanks behind it are none of its own',
    columns: 'id integer, v char(5), w char(5), x char(5)',
    newColumns: 'id integer, v char(5), w char(9), x varchar(9)',
    old: "(1, 'a', 'a', 'a'), (2, 'b', 'b', 'b')",
    new: "(1, 'a ', 'a', 'a'), (2, 'c', 'c', 'b ')",
    expect: { cells: { v: 1, w: 1, x: 1 }, changed: 1 },
  },
  {
    name: 'texts that COPY escapes, as keys and as values',
    columns: 'id text, v text',
    old: String.raw`(E'a\tb', E'\\N'), (E'a\nb', E'\\'), (E'a\\b', null), (E'a\x01', E'\b\f\r\v'), ('a', 'x'), ('\N', '1')`,
    new: String.raw`(E'a\tb', null), (E'a\nb', E'\\'), (E'a\\b', E'\\N'), (E'a\x01', E'\b\f\r\v'), ('a ', 'x'), ('\N', '2')`,
    expect: { added: 1, removed: 1, cells: { v: 3 } },
  },
  {
    name: 'composite keys of texts with accents and mixed case',
    columns: 'a text, b varchar(10), v integer',
    old: "('Ä', 'x', 1), ('ä', 'X', 2), ('a', 'é', 3), ('Z', '\u{1f600}', 4), ('z', '\uffee', 5), ('', '', 6)",
    new: "('z', '\uffee', 5), ('Z', '\u{1f600}', 5), ('a', 'e\u0301', 3), ('ä', 'X', 2), ('Ä', 'x', 1), ('', '', 7)",
    key: ['a', 'b'],
    expect: { added: 1, removed: 1, cells: { v: 2 } },
  },

  // JSON
  {
    name: 'json and jsonb: the order of members is no difference, what is in them is',
    columns: 'id integer, v json, w jsonb, x json',
    newColumns: 'id integer, v json, w jsonb, x jsonb',
    old: `(1, '{"a":1,"b":2}', '{"a":1,"b":2}', '{"b":2,"a":1.0}'), (2, '[1]', '[1.0]', '"x"'), (3, null, 'null', '{"a":1,"a":2}')`,
    new: `(1, '{"b":2, "a":1}', '{"b":2,"a":1}', '{"a":1,"b":2}'), (2, '[2]', '[1]', '"y"'), (3, 'null', null, '{"a":2}')`,
    expect: { cells: { v: 2, w: 1, x: 2 }, changed: 2 },
    strict: { cells: { v: 3, w: 2, x: 3 }, changed: 3 },
  },

  // Made of others
  {
    name: 'arrays: NULLs, bounds, dimensions and what is in them',
    columns: 'id integer, v integer[], w text[], x numeric[]',
    old: `(1, '{1,NULL,3}', '{a,NULL,"NULL"}', '{1.0}'), (2, '[0:1]={1,2}', '{a,b}', '{}'), (3, '{{1,2},{3,4}}', null, '{1.0,2}')`,
    new: `(1, '{1,NULL,3}', '{a,NULL,NULL}', '{1.00}'), (2, '{1,2}', '{A,b}', null), (3, '{1,2,3,4}', '{}', '{1.0,3}')`,
    expect: { cells: { v: 2, w: 3, x: 2 }, changed: 3 },
    strict: { cells: { v: 2, w: 3, x: 3 }, changed: 3 },
  },
  {
    name: 'an array of numbers that become wider',
    columns: 'id integer, v integer[]',
    newColumns: 'id integer, v bigint[]',
    old: `(1, '{1,2}'), (2, '{3}')`,
    new: `(1, '{1,2}'), (2, '{4}')`,
    expect: { cells: { v: 1 } },
  },
  {
    name: 'composite types: field by field, and a row of NULLs is not NULL',
    before: 'create type truth.price as (amount numeric, currency text)',
    columns: 'id integer, v truth.price',
    old: "(1, row(1.0, 'EUR')), (2, row(1, 'EUR')), (3, row(null, null)), (4, null), (5, row(2, 'a b'))",
    new: "(1, row(1.00, 'EUR')), (2, row(1, 'eur')), (3, null), (4, null), (5, row(2, 'a b'))",
    expect: { cells: { v: 2 } },
    strict: { cells: { v: 3 } },
  },
  {
    name: 'enums: other labels, and in another order',
    oldBefore: "create type truth.mood as enum ('sad', 'fine', 'gone')",
    newBefore: "create type truth.mood as enum ('fine', 'sad', 'new')",
    columns: 'id integer, v truth.mood',
    old: "(1, 'sad'), (2, 'fine'), (3, 'gone')",
    new: "(1, 'sad'), (2, 'new'), (3, 'fine')",
    expect: { cells: { v: 2 } },
  },
  {
    name: 'enums within arrays and composite types, with labels that the new side does not know',
    oldBefore:
      "create type truth.shade as enum ('light', 'dark', 'gone'); create type truth.paint as (shade truth.shade, litres numeric)",
    newBefore:
      "create type truth.shade as enum ('dark', 'light'); create type truth.paint as (shade truth.shade, litres numeric)",
    columns: 'id integer, v truth.shade[], w truth.paint',
    old: "(1, '{light,dark}', row('light', 1)), (2, '{gone}', row('gone', 2)), (3, null, null)",
    new: "(1, '{light,dark}', row('light', 1)), (2, '{dark}', row('dark', 2)), (3, null, null)",
    expect: { cells: { v: 1, w: 1 }, changed: 1 },
  },
  {
    name: 'an enum as a key, and one that becomes a text',
    before: "create type truth.size as enum ('small', 'large')",
    columns: 'id truth.size, v truth.size',
    newColumns: 'id truth.size, v text',
    old: "('small', 'small'), ('large', 'large')",
    new: "('small', 'small'), ('large', 'Large')",
    expect: { cells: { v: 1 } },
  },
  {
    name: 'a type that only the old side has',
    oldBefore: "create type truth.gone as enum ('x', 'y')",
    columns: 'id integer, v truth.gone',
    newColumns: 'id integer, v varchar(5)',
    old: "(1, 'x'), (2, 'y')",
    new: "(1, 'x'), (2, 'z')",
    expect: { cells: { v: 1 } },
  },
  {
    name: 'domains, also with another check',
    oldBefore: 'create domain truth.percent as numeric check (value < 200)',
    newBefore: 'create domain truth.percent as numeric check (value <= 100)',
    columns: 'id integer, v truth.percent',
    old: '(1, 1.0), (2, 150), (3, 5)',
    new: '(1, 1.00), (2, 100), (3, 5)',
    expect: { cells: { v: 1 } },
    strict: { cells: { v: 2 } },
  },
  {
    name: 'arrays with a text of their own, in rows without key',
    columns: 'v oidvector, w int2vector',
    old: "('1 2', '3'), ('4', '5 6')",
    new: "('1 2', '3'), ('4', '5 7')",
    key: null,
    expect: { added: 1, removed: 1 },
  },
  {
    name: 'ranges and multiranges',
    columns: 'id integer, v int4range, w numrange, x int4multirange',
    old: "(1, '[1,5]', '[1.0,2)', '{[1,2]}'), (2, 'empty', '[1,2)', '{}'), (3, '[1,)', null, null)",
    new: "(1, '[1,6)', '[1.00,2)', '{[1,3)}'), (2, null, '(1,2)', null), (3, '[1,9)', null, '{}')",
    expect: { cells: { v: 2, w: 1, x: 2 }, changed: 2 },
    strict: { cells: { v: 2, w: 2, x: 2 }, changed: 3 },
  },

  // Others
  {
    name: 'bytes, also as keys',
    columns: 'id bytea, v bytea',
    old: String.raw`('\x00', '\xff'), ('\x0a', ''), ('\x5c', null)`,
    new: String.raw`('\x00', '\xfe'), ('\x0a', ''), ('\x5c00', null)`,
    expect: { added: 1, removed: 1, cells: { v: 1 } },
  },
  {
    name: 'intervals, also against texts',
    columns: 'id integer, v interval, w interval',
    newColumns: 'id integer, v interval, w text',
    old: "(1, '24 hours', '1 day'), (2, '1 year', '1 day 02:00:00'), (3, '-1 day', null)",
    new: "(1, '1 day', '1 day'), (2, '12 months', '26:00:00'), (3, '1 day', null)",
    expect: { cells: { v: 1, w: 1 }, changed: 2 },
    strict: { cells: { v: 2, w: 1 }, changed: 3 },
  },
  {
    name: 'addresses',
    columns: 'id inet, v cidr, w macaddr',
    old: "('10.0.0.1', '10.0.0.0/8', '08:00:2b:01:02:03'), ('10.0.0.1/24', '10.0.0.0/8', null), ('::1', '::/0', null)",
    new: "('10.0.0.1/32', '10.0.0.0/8', '08-00-2b-01-02-03'), ('10.0.0.1/24', '10.0.0.0/9', null), ('::2', '::/0', null)",
    expect: { added: 1, removed: 1, cells: { v: 1 } },
  },
  {
    name: 'shapes: two boxes of the same area are not the same box',
    columns: 'id integer, v point, w box, x polygon, y circle',
    old: "(1, '(0,0)', '(0,0),(1,4)', '((0,0),(1,1),(1,0))', '<(0,0),1>'), (2, null, null, null, null)",
    new: "(1, '(0,1e-9)', '(0,0),(2,2)', '((0,0),(1,1),(2,0))', '<(5,5),1>'), (2, null, null, null, null)",
    expect: { cells: { v: 1, w: 1, x: 1, y: 1 }, changed: 1 },
  },
  {
    name: 'bits, words and XML',
    columns: 'id integer, v bit varying(8), w tsvector, x text',
    old: "(1, B'101', 'a b'::tsvector, '<a/>'), (2, B'0', null, '')",
    new: "(1, B'1010', 'b a'::tsvector, '<a></a>'), (2, B'0', ''::tsvector, '')",
    expect: { cells: { v: 1, w: 1, x: 1 }, changed: 2 },
  },
  {
    name: 'generated columns',
    columns: 'id integer, v integer, twice integer generated always as (v * 2) stored',
    newColumns: 'id integer, v integer, twice integer generated always as (v * 3) stored',
    old: 'select 1, 1 union all select 2, 0',
    new: 'select 1, 1 union all select 2, 0',
    expect: { cells: { twice: 1 } },
  },

  // Tables without any column
  {
    name: 'no column at all: the number of rows is left',
    columns: '',
    old: 'select from generate_series(1, 3)',
    new: 'select from generate_series(1, 5)',
    key: null,
    expect: { added: 2 },
  },
  {
    name: 'no column at all, as many rows',
    columns: '',
    old: 'select from generate_series(1, 3)',
    new: 'select from generate_series(1, 3)',
    key: null,
    expect: {},
  },
  {
    name: 'no column at all, and no row',
    columns: '',
    old: '',
    new: '',
    key: null,
    expect: {},
  },
  {
    name: 'no column before, one now',
    columns: '',
    newColumns: 'v integer',
    old: 'select from generate_series(1, 3)',
    new: '(1), (2)',
    key: null,
    expect: { removed: 1 },
  },
];

describe.each(wantedVersions)('PostgreSQL %s', (version) => {
  if (!hasPostgres(version)) {
    test.skip(`is not on this machine`, () => undefined);
    return;
  }
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(version);
  });
  afterAll(() => server.stop());
  const harness = postgres(() => server, 'database', version);
  describe('truth table', () => truthScenarios(harness, cases));

  if (version !== 18) return;
  const bothWays = [
    ['by bytes, all rows counted first', { ...fastestWays, roomFor: () => 0 }],
    ['by texts', { ...fastestWays, shapeOf: () => null }],
  ] as const;
  describe.each(bothWays)('truth table %s', (_, ways) =>
    truthScenarios({ ...harness, start: () => startWith(harness, ways) }, [
      // Those of all engines go the fastest ways in the conformance suite.
      ...(isGate ? [] : portableCases),
      ...cases,
    ]),
  );

  async function startWith(harness: Harness, ways: Ways): Promise<Scratch> {
    const scratch = await harness.start();
    const { engine, recipe } = scratch;
    const comparison = postgresComparer(readOptions(recipe.settings, {}), engine.places.live, ways);
    return { ...scratch, engine: { ...engine, comparison } };
  }
});
