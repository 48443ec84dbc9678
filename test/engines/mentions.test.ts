import { describe, expect, test } from '@jest/globals';
import { type Lexis, standardLexis } from '../../src/engines/lexis.ts';
import { mentionsOf } from '../../src/engines/mentions.ts';
import { lexis as snowflake } from '../../src/engines/snowflake/statements.ts';
import { lexis as sqlserver } from '../../src/engines/sqlserver/lexis.ts';

const places = (text: string, lexis: Lexis = standardLexis) =>
  mentionsOf({ file: 'logic/a.sql', text }, 'staging', 'orders', lexis).map(
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

describe('each engine reads its own SQL', () => {
  test.each([
    // A backslash takes the quote along.
    [snowflake, "select 'it\\'s'; update staging.orders set a = 'x'", ['1 writes']],
    [snowflake, "// update staging.orders\nselect 'a//b'; delete from orders", ['2 writes']],
    [snowflake, "select $$it's$$;\nupdate staging.orders set a = '$$'", ['2 writes']],
    [snowflake, 'begin\n update staging.orders set a = 1;\n end', ['1 writes']],
    [sqlserver, "update [staging].[orders] set a = 'x'", ['1 writes']],
    [sqlserver, "select [it's]\nfrom x\n\ninsert staging.orders\nselect 1", ['4 writes']],
    [sqlserver, 'select 1\nGO 5\ndelete orders', ['3 writes']],
    [sqlserver, "print '\nGO\n'\nmerge orders using x on 1 = 1;", ['4 writes']],
    [sqlserver, 'select * from $(other).x\nselect * from staging.orders', ['1']],
    [sqlserver, 'select $1, [update orders] from x -- orders', []],
  ] as const)('%#: %s', (lexis, sql, expected) => {
    expect(places(sql, lexis)).toEqual(expected);
  });
});
