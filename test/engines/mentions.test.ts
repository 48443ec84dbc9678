import { expect, test } from '@jest/globals';
import { mentionsOf } from '../../src/engines/mentions.ts';

const places = (sql: string) =>
  mentionsOf(sql, 'staging', 'orders').map(
    ({ line, writes }) => `${line}${writes ? ' writes' : ''}`,
  );

test.each([
  ['update staging.orders set a = 1', ['1 writes']],
  ['\nUPDATE Staging . "ORDERS" set a = 1', ['2 writes']],
  ['delete from orders', ['1 writes']],
  ['insert or replace into staging.orders select 1', ['1 writes']],
  ['with x as (select 1) insert into "staging"."orders" from x', ['1 writes']],
  ['drop table if exists staging.orders', ['1 writes']],
  ['create table if not exists staging.orders (a integer)', ['1 writes']],
  ['truncate staging.orders', ['1 writes']],
  ["copy staging.orders from 'a.csv'", ['1 writes']],
  ['merge into staging.orders using x on true when matched then delete', ['1 writes']],
  ['insert into marts.a select * from staging.orders;\n select 1', ['1']],
  ['select 1;\ninsert into staging.orders from staging.orders', ['2 writes']],
  ['select 1 where not exists (from staging.orders)', ['1']],
  ['update marts.orders set a = 1', []],
  ["select 'update staging.orders' /* staging.orders */", []],
  ['select orders_2, "order" from x', []],
])('%s', (sql, expected) => {
  expect(places(sql)).toEqual(expected);
});
