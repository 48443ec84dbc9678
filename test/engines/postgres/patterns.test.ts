import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ChangeDescription, ComparedColumn } from '../../../src/engines/engine.ts';
import { Session } from '../../../src/engines/postgres/connection.ts';
import type { GatheredRows, Workspace } from '../../../src/engines/postgres/gathered.ts';
import { quote } from '../../../src/engines/postgres/names.ts';
import { readOptions } from '../../../src/engines/postgres/options.ts';
import { describeChanges } from '../../../src/engines/postgres/patterns.ts';
import { hasPostgres, type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { wantedVersions } from './shop.ts';

interface Versions {
  /** All columns but the key id. */
  readonly columns: string;
  readonly newColumns?: string;
  /** Rows as in VALUES, id first. */
  readonly old: string;
  readonly new: string;
}

/** What PostgreSQL alone has, or fails on where other engines do not. */
interface Case extends Versions {
  readonly name: string;
  /** Column -> its patterns as `name: detail` or `name`, with the rows of each. */
  readonly patterns: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly conditions?: Readonly<Record<string, string | null>>;
  /** The relation fails on rows that it does not describe. */
  readonly fails?: boolean;
}

const cases: readonly Case[] = [
  // Types
  {
    name: 'a domain is described as what it is made of',
    columns: 'v types.price, w types.price',
    old: '(1, 1.00, 10.00), (2, 2.50, 33.33), (3, -3.00, 123.45)',
    new: '(1, 1.01, 11.90), (2, 2.51, 39.66), (3, -2.99, 146.91)',
    patterns: {
      v: { 'constant offset: new = old + 0.01': 3 },
      w: { 'constant factor: new = round(old * 1.19, 2)': 3 },
    },
  },
  {
    name: 'an enum: a default, and a condition',
    columns: 'm types.mood, c types.mood, v integer',
    old: "(1, 'sad', 'ok', 1), (2, 'ok', 'ok', 2), (3, null, 'glad', 3), (4, 'sad', null, 4)",
    new: "(1, 'glad', 'ok', 2), (2, 'glad', 'ok', 3), (3, null, 'glad', 3), (4, 'glad', null, 4)",
    patterns: {
      m: { "default: new = 'glad'": 3 },
      v: { 'constant offset: new = old + 1': 2 },
    },
    conditions: { v: "c = 'ok'" },
  },
  {
    name: 'constants of other types, also with what a text must escape',
    columns: 'i inet, t time, z timestamptz, s text, f real',
    old: "(1, '10.0.0.1', '10:00', '2026-01-01 00:00+00', 'a', 1), (2, '10.0.0.2', '11:00', '2026-01-02 00:00+00', 'b', 2)",
    new: `(1, '0.0.0.0', '00:00', 'infinity', E'\\\\d''', 0.1), (2, '0.0.0.0', '00:00', 'infinity', E'\\\\d''', 0.1)`,
    patterns: {
      i: { "default: new = '0.0.0.0/32'::inet": 2 },
      t: { "default: new = '00:00:00'::time without time zone": 2 },
      z: { "default: new = TIMESTAMPTZ 'infinity'": 2 },
      s: { "default: new = E'\\\\d'''": 2 },
      f: { "default: new = '0.1'::real": 2 },
    },
  },
  {
    name: 'types of which nothing is known but what is NULL',
    columns: 'j json, x xml, p point, a integer[], b bytea, c types.pair',
    old: "(1, '[1]', '<a/>', '(1,1)', '{1}', 'a', '(1,a)'), (2, null, null, null, null, null, null), (3, '1', '<b/>', '(2,2)', '{2}', 'b', '(2,b)')",
    new: "(1, '[2]', '<b/>', '(2,1)', '{2}', 'b', '(1,b)'), (2, '[2]', '<b/>', '(2,1)', '{2}', 'b', '(1,b)'), (3, null, null, null, null, null, null)",
    patterns: Object.fromEntries(
      [...'jxpabc'].map((name) => [
        name,
        { 'null to value': 1, 'value to null': 1, 'free change': 1 },
      ]),
    ),
  },
  {
    name: 'swapped columns, also of types without equality',
    columns: 'a jsonb, b jsonb, j json, k json, d date, e date',
    old: `(1, '{"a": 1}', '[]', '1', '2', '2026-01-01', '2026-05-05'), (2, '3', null, '3', '4', '2026-01-09', '2026-02-02')`,
    new: `(1, '[]', '{"a": 1}', '2', '1', '2026-05-05', '2026-01-01'), (2, null, '3', '4', '3', '2026-02-02', '2026-01-09')`,
    patterns: {
      a: { 'swapped columns: with b': 2 },
      b: { 'swapped columns: with a': 2 },
      j: { 'free change': 2 },
      d: { 'swapped columns: with e': 2 },
    },
  },
  {
    name: 'more columns than one statement takes, and none with a clue',
    columns: Array.from({ length: 20 }, (_, at) => `b${at} boolean`).join(', '),
    old: `(1${', true'.repeat(20)}), (2${', false'.repeat(20)})`,
    new: `(1${', false'.repeat(20)}), (2${', true'.repeat(20)})`,
    patterns: {
      b0: { 'false to true': 1, 'true to false': 1 },
      b19: { 'false to true': 1, 'true to false': 1 },
    },
  },

  // Numbers
  {
    name: 'numbers without a declared scale, exact to the last of many digits',
    columns: 'v numeric, w numeric, r numeric',
    old: '(1, 12345678901234567890.12, 1e40, 1.25), (2, 0.1, 2, 2.123456789), (3, 77, 3.5, 9.994)',
    new: '(1, 14691357892469135789.2428, 10000000000000000000000000000000000000000.01, 1.3), (2, 0.119, 2.01, 2.1), (3, 91.63, 3.51, 10)',
    patterns: {
      v: { 'constant factor: new = old * 1.19': 3 },
      w: { 'constant offset: new = old + 0.01': 3 },
      r: { 'rounding: new = round(old, 1)': 3 },
    },
  },
  {
    name: 'single floats',
    columns: 'v real, w real, r real, t real',
    old: '(1, 0.7, 10, 1.234, 1.239), (2, 1.1, 33.3, 5.678, -9.999), (3, 123.4, 0.5, 9.999, 4.567)',
    new: '(1, 0.8, 11.9, 1.23, 1.23), (2, 1.2, 39.627, 5.68, -9.99), (3, 123.5, 0.595, 10, 4.56)',
    patterns: {
      v: { 'constant offset: new = old + 0.1': 3 },
      w: { 'constant factor: new = old * 1.19': 3 },
      r: { 'rounding: new = round(old, 2)': 3 },
      t: { 'truncation: new = trunc(old, 2)': 3 },
    },
  },
  {
    name: 'floats at the ends of their range do not fail',
    fails: true,
    columns: 'v double precision, w real',
    old: "(1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 1.7e308, 3.4e38), (5, -1.7e308, -3.4e38), (6, 5e-324, 1e-45), (7, 'inf', 'inf')",
    new: '(1, 1.5, 1.5), (2, 2.5, 2.5), (3, 3.5, 3.5), (4, -1.6e308, -3.3e38), (5, 5e-324, 1e-45), (6, 1.7e308, 3.4e38), (7, 9, 9)',
    patterns: {
      v: { 'free change': 4, 'constant offset: new = old + 0.5': 3 },
      w: { 'free change': 4, 'constant offset: new = old + 0.5': 3 },
    },
  },
  {
    name: 'numbers of other sizes do not fail',
    columns: 'v numeric, w numeric(5, -2)',
    old: "(1, 1e131000, 100), (2, '1e-16000', 200), (3, 'NaN', 300), (4, 'Infinity', 400)",
    new: "(1, '1e-16000', 200), (2, 1e131000, 300), (3, 'Infinity', 400), (4, '-Infinity', 500)",
    patterns: { v: { 'free change': 4 }, w: { 'constant offset: new = old + 100': 4 } },
  },
  {
    name: 'retyped numbers, and sums beyond the old type',
    columns: 'v integer, w bigint, x numeric(10, 2), y double precision, z numeric(10, 2)',
    newColumns: 'v bigint, w numeric, x integer, y numeric(10, 2), z double precision',
    old: '(1, 1, 9223372036854775807, 1.50, 1.234, 1), (2, 2147483647, 5, 2.49, 2.345, 2.2), (3, -2147483648, 6, -7.5, 3.456, 3.3)',
    new: '(1, 2147483648, 9223372036854775808, 2, 1.23, 1.1), (2, 4294967294, 6, 2, 2.35, 2.3), (3, -1, 7, -8, 3.46, 3.4)',
    patterns: {
      v: { 'constant offset: new = old + 2147483647': 3 },
      w: { 'constant offset: new = old + 1': 3 },
      x: { 'rounding: new = round(old, 0)': 3 },
      y: { 'rounding: new = round(old, 2)': 3 },
      z: { 'constant offset: new = old + 0.1': 3 },
    },
  },

  // Dates and timestamps
  {
    name: 'instants move by months and days in no zone of the session',
    columns: 'm timestamptz, d timestamptz, h timestamptz, t timestamptz',
    old: "(1, '2026-01-31 23:30+00', '2026-03-07 12:00+00', '2026-03-07 12:00+00', '2026-03-08 06:30:01+00'), (2, '2026-02-28 23:30+00', '2026-11-01 01:00+00', '2026-11-01 01:00+00', '2026-07-01 02:00:00+00')",
    new: "(1, '2026-02-28 23:30+00', '2026-03-08 12:00+00', '2026-03-07 13:00+00', '2026-03-08 00:00:00+00'), (2, '2026-03-28 23:30+00', '2026-11-02 01:00+00', '2026-11-01 02:00+00', '2026-07-01 00:00:00+00')",
    patterns: {
      m: { "date shift: new = old + INTERVAL '1 MONTH'": 2 },
      d: { "date shift: new = old + INTERVAL '1 DAY'": 2 },
      h: { "constant offset: new = old + INTERVAL '1 HOUR'": 2 },
      t: { "truncation: new = date_trunc('day', old)": 2 },
    },
  },
  {
    name: 'retyped: dates, timestamps and instants',
    columns: 'a date, b timestamp, c date',
    newColumns: 'a timestamp, b timestamptz, c timestamptz',
    old: "(1, '2026-01-01', '2026-01-01 00:00', '2026-01-01'), (2, '2026-03-08', '2026-03-08 02:30', '2026-03-09')",
    new: "(1, '2026-01-02 00:00', '2026-01-01 01:00+00', '2026-02-01 00:00+00'), (2, '2026-03-09 00:00', '2026-03-08 03:30+00', '2026-04-09 00:00+00')",
    patterns: {
      a: { "date shift: new = old + INTERVAL '1 DAY'": 2 },
      b: { "constant offset: new = old + INTERVAL '1 HOUR'": 2 },
      c: { "date shift: new = old + INTERVAL '1 MONTH'": 2 },
    },
  },
  {
    name: 'a day is cut off to its month, a part of a second to the second',
    columns: 'd date, t timestamp(3), y timestamptz',
    old: "(1, '2026-01-15', '2026-01-01 00:00:00.123', '2026-05-05 05:05+00'), (2, '2026-02-28', '2026-01-01 12:34:56.789', '2025-12-31 23:00+00')",
    new: "(1, '2026-01-01', '2026-01-01 00:00:00', '2026-01-01 00:00+00'), (2, '2026-02-01', '2026-01-01 12:34:56', '2025-01-01 00:00+00')",
    patterns: {
      d: { "truncation: new = date_trunc('month', old)": 2 },
      t: { "truncation: new = date_trunc('second', old)": 2 },
      y: { "truncation: new = date_trunc('year', old)": 2 },
    },
  },
  {
    name: 'dates at the ends of their range do not fail',
    fails: true,
    columns: 'd date, t timestamp, z timestamptz',
    old: "(1, '2026-01-01', '2026-01-01', '2026-01-01 00:00+00'), (2, '2026-02-01', '2026-02-01', '2026-02-01 00:00+00'), (3, 'infinity', 'infinity', '-infinity'), (4, '5874897-12-31', '294276-12-31', '294276-12-31 00:00+00'), (5, '4713-01-01 BC', '4713-01-01 BC', '4713-01-01 00:00+00 BC')",
    new: "(1, '2026-01-02', '2026-01-02', '2026-01-02 00:00+00'), (2, '2026-02-02', '2026-02-02', '2026-02-02 00:00+00'), (3, '2026-01-01', '-infinity', '2026-01-01 00:00+00'), (4, '4713-01-01 BC', '4713-01-01 BC', '4713-01-01 00:00+00 BC'), (5, '5874897-12-31', '294276-12-31', 'infinity')",
    patterns: {
      d: { 'free change': 3, "date shift: new = old + INTERVAL '1 DAY'": 2 },
      t: { 'free change': 3, "date shift: new = old + INTERVAL '1 DAY'": 2 },
      z: { 'free change': 3, "date shift: new = old + INTERVAL '1 DAY'": 2 },
    },
  },

  // Texts
  {
    name: 'texts of a fixed length, names and texts of any',
    columns: 'c char(5), n name, p char(5), t char(8), b bpchar',
    newColumns: 'c char(5), n name, p varchar(5), t text, b bpchar',
    old: "(1, 'ab', 'abcdef', '7', 'a', 'AB'), (2, 'cde', 'wxyz', '12', 'b', 'CD')",
    new: "(1, 'AB', 'abc', '00007', 'a-x', 'ab'), (2, 'CDE', 'wxy', '00012', 'b-x', 'cd')",
    patterns: {
      b: { 'case: new = lower(old)': 2 },
      c: { 'case: new = upper(old)': 2 },
      n: { 'truncation: new = left(old, 3)': 2 },
      p: { "padding: new = lpad(old, 5, '0')": 2 },
      t: { "suffix added: new = old || '-x'": 2 },
    },
  },
  {
    name: 'a collation that takes letters of both cases for the same',
    columns:
      'v text collate types.nocase, w text collate types.nocase, c text collate types.nocase, x integer',
    old: "(1, 'ab', ' Ab', 'CAD', 0), (2, 'cd', 'Cd ', 'eur', 0), (3, 'ef', 'Ef ', 'Cad', 0), (4, 'GH', 'gh', 'cad', 0)",
    new: "(1, 'AB', 'ab', 'CAD', 1), (2, 'CD', 'cd', 'eur', 0), (3, 'EF', 'ef', 'Cad', 4), (4, 'GH', 'gh', 'cad', 9)",
    patterns: {
      v: { 'case: new = upper(old)': 3 },
      w: { 'free change': 3 },
    },
    conditions: { x: null },
  },
  {
    name: 'white space of all kinds',
    columns: 'v text',
    old: "(1, 'a' || chr(133) || 'b'), (2, 'c' || chr(8199) || 'd'), (3, chr(12288) || 'e'), (4, E'f\\t\\n')",
    new: "(1, 'ab'), (2, 'cd'), (3, 'e'), (4, 'f')",
    patterns: { v: { whitespace: 4 } },
  },
  {
    name: 'bytes that Windows-1252 leaves out',
    columns: 'v text',
    old: "(1, 'Á'), (2, 'Ð€')",
    new: "(1, U&'\\00C3\\0081'), (2, U&'\\00C3\\0090\\00E2\\201A\\00AC')",
    patterns: { v: { 'encoding damage: UTF-8 read as Windows-1252': 2 } },
  },

  // Conditions
  {
    name: 'conditions on types of every kind',
    columns:
      'r real, z timestamptz, u uuid, c char(3), t time, v integer, w integer, x integer, y integer, s integer',
    old: `(1, 0.1, '2026-01-01 00:00+00', '00000000-0000-0000-0000-000000000001', 'a', '10:00', 0, 0, 0, 0, 0),
      (2, 0.2, '2026-01-02 00:00+00', '00000000-0000-0000-0000-000000000001', 'b', '11:00', 0, 0, 0, 0, 0),
      (3, 0.2, '2026-01-03 00:00+00', '00000000-0000-0000-0000-000000000002', 'c', '12:00', 0, 0, 0, 0, 0),
      (4, 0.1, '2026-01-04 00:00+00', '00000000-0000-0000-0000-000000000003', 'd', '09:00', 0, 0, 0, 0, 0),
      (5, 0.3, '2026-01-01 00:00+00', '00000000-0000-0000-0000-000000000003', 'b', '12:00', 0, 0, 0, 0, 0)`,
    new: `(1, 0.1, '2026-01-01 00:00+00', '00000000-0000-0000-0000-000000000001', 'a', '10:00', 1, 0, 1, 0, 0),
      (2, 0.2, '2026-01-02 00:00+00', '00000000-0000-0000-0000-000000000001', 'b', '11:00', 0, 1, 1, 1, 0),
      (3, 0.2, '2026-01-03 00:00+00', '00000000-0000-0000-0000-000000000002', 'c', '12:00', 0, 1, 0, 0, 1),
      (4, 0.1, '2026-01-04 00:00+00', '00000000-0000-0000-0000-000000000003', 'd', '09:00', 1, 1, 0, 0, 0),
      (5, 0.3, '2026-01-01 00:00+00', '00000000-0000-0000-0000-000000000003', 'b', '12:00', 0, 0, 0, 1, 1)`,
    patterns: {},
    conditions: {
      v: "r = '0.1'::real",
      w: "z >= TIMESTAMPTZ '2026-01-02 00:00:00+00'",
      x: "u = '00000000-0000-0000-0000-000000000001'::uuid",
      y: "c = 'b'",
      s: "t = '12:00:00'::time without time zone",
    },
  },
];

describe.each(wantedVersions)('PostgreSQL %s', (version) => {
  if (!hasPostgres(version)) {
    test.skip('is not on this machine', () => undefined);
    return;
  }
  let server: PostgresServer;
  let session: Session;
  const open = (database: string) => {
    const settings = { root: '.', live: 'x', ledger: 'y', connection: server.connection };
    return Session.open(database, readOptions(settings, {}), { purpose: 'test' });
  };
  beforeAll(async () => {
    server = await startPostgres(version);
    await server.sql('postgres', 'create database patterns');
    session = await open('patterns');
    await session.run(
      'create schema before; create schema after; create schema types; ' +
        "create type types.mood as enum ('sad', 'ok', 'glad'); " +
        'create domain types.price as numeric(10, 2) check (value > -1e6); ' +
        'create type types.pair as (n integer, t text); ' +
        "create collation types.nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
    );
  });
  afterAll(async () => {
    await session?.close();
    await server.stop();
  });

  test.each(cases.map((one, at) => [one.name, one, `t${at}`] as const))(
    '%s',
    async (_, one, table) => {
      const gathered = await gather(session, one, table);
      const workspace = workspaceOf(session);
      const found = await describeChanges(workspace, gathered, gathered.cells, { values: true });
      for (const [column, expected] of Object.entries(one.patterns))
        expect([column, inWords(found.get(column))]).toEqual([column, Object.entries(expected)]);
      for (const [column, expected] of Object.entries(one.conditions ?? {}))
        expect([column, found.get(column)?.condition?.detail ?? null]).toEqual([column, expected]);
      // What is shown must hold wherever it is run.
      await session.run("set timezone = 'America/New_York'");
      for (const [column, description] of one.fails ? [] : found)
        await checkRelations(session, table, column, description);
      await session.run("set timezone = 'UTC'");
      const masked = await describeChanges(workspace, gathered, gathered.cells, { values: false });
      for (const { patterns, condition } of masked.values()) {
        expect(condition).toBeNull();
        for (const { relation } of patterns) expect(relation).toBeNull();
      }
    },
  );

  test('texts of a database that is not in Unicode', async () => {
    await server.sql(
      'postgres',
      "create database western encoding 'LATIN1' locale 'C' template template0",
    );
    const western = await open('western');
    try {
      await western.run('create schema before; create schema after');
      const one = {
        columns: 'v text, w text, x text',
        old: "(1, ' a', E'b\\tc', 'é'), (2, 'é ', 'd e', 'è')",
        new: "(1, 'a', 'bc', 'e'), (2, 'é', 'de', 'e!')",
      };
      const gathered = await gather(western, one, 't');
      const about = { values: true };
      const found = await describeChanges(workspaceOf(western), gathered, gathered.cells, about);
      expect(inWords(found.get('v'))).toEqual([['whitespace: new = trim(old)', 2]]);
      expect(inWords(found.get('w'))).toEqual([['whitespace', 2]]);
      expect(inWords(found.get('x'))).toEqual([['free change', 2]]);
    } finally {
      await western.close();
    }
  });
});

function inWords(description: ChangeDescription | undefined) {
  return description?.patterns.map(({ pattern, detail, rows }) => [
    detail === null ? pattern : `${pattern}: ${detail}`,
    rows,
  ]);
}

/**
 * Each relation is true for as many deviating rows as it describes, of those that the ones before it leave; a condition
 * is true for all deviating rows and no others.
 */
async function checkRelations(
  session: Session,
  table: string,
  column: string,
  { patterns, condition }: ChangeDescription,
): Promise<void> {
  const name = quote(column);
  const count = async (where: string) => {
    const { n } = await session.row(
      `select count(*) as n from (select *, ${name} as old from before.${table}) as old
        join (select *, ${name} as new from after.${table}) as new on old.id = new.id where ${where}`,
    );
    return Number(n);
  };
  const deviates = `old.${name}::text collate "C" is distinct from new.${name}::text collate "C"`;
  const before = ['false'];
  for (const { relation, rows } of patterns) {
    if (relation === null) continue;
    const none = before.map((other) => `not coalesce(${other}, false)`).join(' and ');
    const found = await count(`${deviates} and ${none} and (${relation})`);
    expect([column, relation, found]).toEqual([column, relation, rows]);
    before.push(`(${relation})`);
  }
  if (condition === null) return;
  const deviating = patterns.reduce((sum, { rows }) => sum + rows, 0);
  expect(await count(`${deviates} and (${condition.relation})`)).toBe(deviating);
  expect(await count(`not (${deviates}) and (${condition.relation})`)).toBe(0);
}

function workspaceOf(session: Session): Workspace {
  let tables = 0;
  return {
    ask: (_, statement, values) => session.row(statement, values),
    rows: (_, statement, values) => session.rows(statement, values),
    run: async (_, statement, values) => {
      await session.run(statement, values);
    },
    scratchTable: () => {
      tables += 1;
      return `pg_temp.${quote(`scratch ${tables}`)}`;
    },
  };
}

/** The deviating rows as the comparison gathers them. */
async function gather(session: Session, one: Versions, table: string): Promise<GatheredRows> {
  for (const side of ['before', 'after'] as const) {
    const columns = side === 'after' ? (one.newColumns ?? one.columns) : one.columns;
    await session.run(
      `create table ${side}.${table} (id integer primary key, ${columns});
       insert into ${side}.${table} values ${side === 'after' ? one.new : one.old}`,
    );
  }
  const types = async (side: string) => {
    const rows = await session.rows(
      `select attname, format_type(atttypid, atttypmod) as type from pg_attribute
        where attrelid = '${side}.${table}'::regclass and attnum > 0 order by attnum`,
    );
    return rows.map(({ attname, type }) => [String(attname), String(type)] as const);
  };
  const newTypes = new Map(await types('after'));
  const columns = (await types('before')).map(([name, oldType]): ComparedColumn => {
    return { name, oldType, newType: newTypes.get(name) ?? '', tolerance: null };
  });
  const differs = (name: string) =>
    `o.${quote(name)}::text collate "C" is distinct from n.${quote(name)}::text collate "C"`;
  const joined = `before.${table} as o full join after.${table} as n on o.id = n.id`;
  const isThere = 'o.id is not null and n.id is not null';
  const counts = await session.row(
    `select ${columns.map(({ name }, at) => `count(*) filter (where ${isThere} and ${differs(name)}) as c${at}`).join(', ')} from ${joined}`,
  );
  const cells = new Map(
    columns
      .map(({ name }, at) => [name, Number(counts[`c${at}`])] as const)
      .filter(([, n]) => n > 0),
  );
  const dirty = columns.filter(({ name }) => cells.has(name));
  const own = (side: string, { name }: ComparedColumn, type: string) =>
    `${side}.${quote(name)}${/^(text|name|character.*)$/.test(type) ? ' collate "default"' : ''}`;
  const values = dirty.map(
    (column, at) => `, ${isThere} and (${differs(column.name)}) as d${at},
      ${own('o', column, column.oldType)} as o${at}, ${own('n', column, column.newType)} as n${at}`,
  );
  const gathered = `pg_temp.${quote(`gathered ${table}`)}`;
  await session.run(
    `create table ${gathered} as
      select case when o.id is null then 'added' when n.id is null then 'removed' else 'changed' end as kind,
        n.id as k0${values.join('')}
      from ${joined} where o.id is null or n.id is null${dirty.map(({ name }) => ` or ${differs(name)}`).join('')}`,
  );
  return {
    table: gathered,
    pair: {
      schema: 'after',
      name: table,
      oldKind: 'table',
      newKind: 'table',
      key: ['id'],
      keyEnforced: true,
      mode: 'semantic',
      columns,
    },
    newTable: `after.${table}`,
    newRelation: `after.${table}`,
    key: columns.filter(({ name }) => name === 'id'),
    dirty,
    kept: dirty.map(({ name }) => ({ name, old: true, new: true })),
    keys: ['k0'],
    cells,
    keepsImages: true,
  };
}
