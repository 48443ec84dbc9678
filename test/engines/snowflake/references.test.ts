import { expect, test } from '@jest/globals';
import { namesWithin, withoutDatabase } from '../../../src/engines/snowflake/references.ts';

const database = { database: 'SHOP__R', schema: null };
const schema = { database: 'SHOP', schema: 'SALES__R' };

test.each<[string, string[]]>([
  ['select * from shop.marts.t', ['SHOP']],
  ['select * from "shop".marts.t', ['"shop"']],
  ['select * from shop..t', ['SHOP']],
  ['select * from shop . . t as t', ['SHOP']],
  ["select * from identifier('shop.marts.t')", ['SHOP']],
  ["select * from table('shop.marts.t')", ['SHOP']],
  ['select * from table(shop.marts.f(1))', ['SHOP']],
  ['select shop.marts.f(1)', ['SHOP']],
  ['select * from marts.t, (select * from shop.marts.t)', ['SHOP']],
  ["select * from marts.t where a = 'www.shop.com'", []],
  ['select marts.t.a, t.b from marts.t', ['MARTS']],
  ['select marts.ids.nextval', []],
  ['select * from marts.t, t2', []],
])('of a database, %s names %j', (text, named) => {
  expect(namesWithin(text, database, false)).toEqual(named);
});

test.each<[string, string[]]>([
  ['select * from sales.t', ['SALES']],
  ['select * from t, sales.t2', ['SALES']],
  ['select * from t as a join u on a.x = u.x, sales.t2', ['SALES']],
  ['select * from (sales.t join u on t.x = u.x)', ['SALES']],
  ['select * from t where x in (select x from sales.t)', ['SALES']],
  ["select * from identifier('sales.t')", ['SALES']],
  ['select sales.f(x) from t', ['SALES']],
  ['select sales.ids.nextval', ['SALES']],
  ['select shop.sales.t.x from shop.sales.t', ['SALES']],
  ['select t.x, sales.amount from sales', []],
  ['select * from t join sales on (t.x, sales.y) = (1, 2)', []],
  ['select t.x from sales order by t.x, sales.y', []],
  ['select t.x from sales where f(t.x, sales.y)', []],
])('of a schema, %s names %j', (text, named) => {
  expect(namesWithin(text, schema, false)).toEqual(named);
});

test('a program is looked into, but for the methods of its own language', () => {
  const python = "returns int language PYTHON as sales.sum(); run('select * from sales.t')";
  expect(namesWithin(python, schema, true)).toEqual(['SALES']);
  expect(namesWithin('returns int language PYTHON as sales.sum()', schema, true)).toEqual([]);
});

test.each([
  ['select * from shop.marts.t', 'select * from marts.t'],
  ['select * from shop..t', 'select * from PUBLIC.t'],
  ['select shop.marts.t.a from "SHOP".marts.t', 'select marts.t.a from marts.t'],
  ['select shop.a from other.marts.shop', 'select shop.a from other.marts.shop'],
])('%s without its database is %s', (text, expected) => {
  expect(withoutDatabase(text, 'SHOP')).toBe(expected);
});
