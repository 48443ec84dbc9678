import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type SnowflakeDouble, startDouble } from '../../support/snowflake-double/server.ts';

jest.setTimeout(120_000);

let double: SnowflakeDouble;
beforeAll(async () => {
  double = await startDouble();
  await double.sql(
    'create database shop; create table shop.public.t (id integer, v variant, w variant)',
  );
});
afterAll(() => double.stop());

const at = { database: 'SHOP' };

/** What Snowflake refuses, and a double that took it would hide. */
test.each([
  ["insert into t values (1, '1', null)", '002023'],
  ["insert into t (v) select 'a'", '002023'],
  ["insert into t values (1, parse_json('1'), null)", '002014'],
  ["update t set w = '1'", '002023'],
  ['create schema other clone public ignore nothing', '001003'],
])('%s is refused', async (sql, code) => {
  await expect(double.sql(sql, at)).rejects.toMatchObject({ code });
  expect(await double.sql('select * from t', at)).toEqual([]);
});

test('what is read as JSON goes into a column of VARIANTs, and so does NULL', async () => {
  await double.sql(
    `insert into t select 1, parse_json('{"b": 1, "a": 2}'), null; insert into t values (2, null, null);
     update t set w = parse_json('7') where id = 2; insert into t (id, v) select id + 10, v from t`,
    at,
  );
  expect(await double.sql('select * from t order by id', at)).toEqual([
    { ID: '1', V: '{"a":2,"b":1}', W: null },
    { ID: '2', V: null, W: '7' },
    { ID: '11', V: '{"a":2,"b":1}', W: null },
    { ID: '12', V: null, W: null },
  ]);
});

test('something transient has no permanent clone', async () => {
  await double.sql('create transient database brief');
  await expect(double.sql('create database lasting clone brief')).rejects.toMatchObject({
    code: '000002',
  });
  await double.sql('create transient database also clone brief');
});
