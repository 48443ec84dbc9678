import { describe, expect, test } from '@jest/globals';
import { contentOf, tokensOf } from '../../../src/engines/snowflake/lexis.ts';
import { reachOf, refuseForbidden } from '../../../src/engines/snowflake/reach.ts';
import {
  cannotBeWrapped,
  isReading,
  leavesOpen,
  leavesTraces,
  readStatements,
  splitStatements,
} from '../../../src/engines/snowflake/statements.ts';
import { noiseIn } from '../../../src/engines/snowflake/unsteady.ts';
import { GreenlightError } from '../../../src/errors.ts';

const texts = (sql: string) => splitStatements(sql).map(({ text }) => text);

describe('splitting', () => {
  test.each<[string, string, string[]]>([
    ['semicolons', 'select 1; select 2;;', ['select 1', 'select 2']],
    [
      'comments of both kinds',
      '-- a; b\nselect 1 // c; d\n; /* e; */ select 2',
      ['select 1', 'select 2'],
    ],
    ['comments do not nest', '/* a /* b */ select 1; select 2', ['select 1', 'select 2']],
    [
      'texts with backslashes and doubled quotes',
      "select 'it\\'s; ''x;'; select 2",
      ["select 'it\\'s; ''x;'", 'select 2'],
    ],
    ['dollar texts', 'select $$ a; $b$ ; $$; select 2', ['select $$ a; $b$ ; $$', 'select 2']],
    ['quoted names', 'select "a;""b;"; select 2', ['select "a;""b;"', 'select 2']],
    [
      'a procedure in dollars',
      'create procedure p() returns int language sql as $$ begin return 1; end; $$; select 2',
      ['create procedure p() returns int language sql as $$ begin return 1; end; $$', 'select 2'],
    ],
    [
      'a procedure without dollars',
      'create procedure p() returns int language sql as begin let x := 1; if (x > 0) then return case when x = 1 then 2 else 3 end; end if; return x; end; select 2',
      [
        'create procedure p() returns int language sql as begin let x := 1; if (x > 0) then return case when x = 1 then 2 else 3 end; end if; return x; end',
        'select 2',
      ],
    ],
    [
      'a block',
      'begin let x := 1; for i in 1 to 3 do x := x + i; end for; return x; end; select 2',
      ['begin let x := 1; for i in 1 to 3 do x := x + i; end for; return x; end', 'select 2'],
    ],
    [
      'a block with declarations',
      'declare x int; y int default 2; begin x := 1; while (x < 3) do x := x + 1; end while; end; select 2',
      [
        'declare x int; y int default 2; begin x := 1; while (x < 3) do x := x + 1; end while; end',
        'select 2',
      ],
    ],
    [
      'a transaction is no block',
      'begin; insert into t values (1); commit; begin transaction; rollback',
      ['begin', 'insert into t values (1)', 'commit', 'begin transaction', 'rollback'],
    ],
    [
      'a block with a transaction',
      'begin begin transaction; delete from t; commit; end; select 2',
      ['begin begin transaction; delete from t; commit; end', 'select 2'],
    ],
    [
      'CASE outside of a block',
      'select case when a then 1 end; select 2',
      ['select case when a then 1 end', 'select 2'],
    ],
    ['nothing', '-- nothing\n;', []],
    [
      'a text that is never closed',
      "select 1; select 'open; select 2",
      ['select 1', "select 'open; select 2"],
    ],
  ])('%s', (_, sql, expected) => {
    expect(texts(sql)).toEqual(expected);
    expect(
      tokensOf(sql)
        .map(({ text }) => text)
        .join(''),
    ).toBe(sql);
  });

  test('places count from 1, whatever ends the lines', () => {
    expect(splitStatements('\uFEFFselect 1;\r\n\r\n  select\n2;')).toMatchObject([
      { line: 1, column: 1 },
      { line: 3, column: 3 },
    ]);
  });

  test('what texts say', () => {
    expect(["'it''s'", "'a\\'b\\n\\u0041\\x42\\\\'", '$$a\\n$$', '"x""y"'].map(contentOf)).toEqual([
      "it's",
      "a'b\nAB\\",
      'a\\n',
      'x"y',
    ]);
  });
});

const one = (sql: string) => {
  const [statement] = readStatements({ file: 'a.sql', text: sql }, null);
  if (statement === undefined) throw new Error('no statement');
  return statement;
};

describe('what a statement is', () => {
  test.each([
    ['insert into t select 1', null],
    ['merge into t using s on t.a = s.a when matched then delete', null],
    ['with a as (select 1) select * from a', null],
    ['create or replace table t as select 1', 'CREATE or'],
    ['truncate table t', 'TRUNCATE TABLE'],
    ['begin transaction', 'transaction control'],
    ['begin let x := 1; end', 'a block'],
    ['declare x int; begin x := 1; end', 'a block'],
    ['call p()', 'CALL P'],
    ['execute immediate $$ select 1 $$', 'EXECUTE IMMEDIATE'],
    ['alter table t add column a int', 'ALTER TABLE'],
  ])('%s in a transaction: %s', (sql, what) => {
    const found = cannotBeWrapped(one(sql));
    if (what === null) expect(found).toBeNull();
    else expect(found?.toLowerCase()).toContain(what.toLowerCase());
  });

  test('reads, leaves traces, leaves a transaction open', () => {
    expect(
      [
        'select 1',
        'show tables',
        '(select 1)',
        'insert into t values (1)',
        'create table t (a int)',
      ].map((sql) => isReading(one(sql))),
    ).toEqual([true, true, true, false, false]);
    expect(
      [
        'set a = 1',
        'alter session set timezone = $$UTC$$',
        'create temporary table t (a int)',
        'create or replace transient schema s',
        'select 1',
        'create table t (a int)',
      ].map((sql) => leavesTraces(one(sql))),
    ).toEqual([true, true, true, true, false, false]);
    const statements = (text: string) => readStatements({ file: 'a.sql', text }, null);
    expect(leavesOpen(statements('begin; select 1'))?.line).toBe(1);
    expect(leavesOpen(statements('begin; select 1; commit'))).toBeNull();
  });

  test('placeholders, in code and in texts', () => {
    const fillings = new Map([['who', { sql: "'O''Hara\\\\'", text: "O'Hara\\" }]]);
    const [statement] = readStatements(
      { file: 'a.sql', text: "select {{ who }}, 'it\\'s {{ who }}' -- {{ other }}" },
      fillings,
    );
    expect(statement?.sql).toBe("select 'O''Hara\\\\', 'it\\'s O''Hara\\\\'");
  });
});

describe('reach', () => {
  const refused = (sql: string, at: string, forbidden: string[]) => {
    const reach = reachOf(
      { database: at.split('.')[0] ?? '', schema: at.split('.')[1] ?? null },
      forbidden,
    );
    try {
      refuseForbidden({ file: 'a.sql', text: sql }, one(sql), reach);
      return null;
    } catch (error) {
      if (error instanceof GreenlightError) return error.problem.cause;
      throw error;
    }
  };

  test.each([
    'select * from shop.public.t',
    'select * from "SHOP"."PUBLIC".t',
    'select * from Shop..t',
    'insert into t select * from /* x */ shop . sales . t',
    'create table t clone shop.public.t',
    'create schema s clone shop.sales',
    'drop database shop',
    "select 'shop'",
    "select * from table('SHOP.PUBLIC.T')",
    "execute immediate 'delete from shop.public.t'",
    "execute immediate 'select * from ' || 'SHOP' || '.public.t'",
    'create procedure p() returns int language sql as $$ begin delete from shop.public.t; end $$',
    "use database identifier('SHOP')",
    'drop database if exists shop',
    'drop schema if exists shop.marts',
    'DROP SCHEMA IF EXISTS "SHOP".marts',
    'alter database if exists shop rename to other',
    'alter database if exists shop set data_retention_time_in_days = 0',
    'alter database mine rename to shop',
    'alter database mine swap with shop',
    'alter schema if exists mine swap with shop.marts',
    'create database if not exists shop',
    'create or replace transient database shop',
    'create schema if not exists shop.more',
    'undrop database shop',
    'undrop schema shop.marts',
    'drop schema if exists mine, shop.marts',
    'drop database role if exists shop.reader',
    'grant usage on database other, shop to role r',
    'grant select on all tables in schema shop.public to role r',
    'grant database role shop.reader to role r',
    'comment if exists on database shop is $$x$$',
    'create failover group g object_types = databases allowed_databases = other, shop',
    'create task t as drop database if exists shop',
    "execute immediate 'drop database if exists shop'",
    'create procedure p() returns int language sql as $$ begin drop database if exists shop; end $$',
    'begin alter database mine rename to shop; end',
    'begin use shop; delete from marts.t; end',
    "execute immediate 'use shop'",
    "set q = 'use shop'",
  ])('names live: %s', (sql) => {
    expect(refused(sql, 'SHOP__R__CANDIDATE', ['SHOP'])).toContain('SHOP');
  });

  test.each([
    'select shop.amount from shop',
    'select shop from t',
    'select \'a shop. And more.\', "shop".x from "shop"',
    'select * from public.shop',
    'use schema public',
    'use warehouse wh',
    'select 1 -- shop.public.t',
    'create table if not exists shop (shop int)',
    'create view v as with shop as (select 1 as x) select shop.x from shop',
    'drop table if exists shop',
    'alter table t add column shop int',
    'grant select on table t to role shop',
    'drop schema if exists marts',
  ])('does not: %s', (sql) => {
    expect(refused(sql, 'SHOP__R__CANDIDATE', ['SHOP'])).toBeNull();
  });

  test('where live is a schema, its name alone is enough', () => {
    for (const sql of ['select * from sales.t', 'select * from shop.sales.t', "select 'SALES'"])
      expect(refused(sql, 'SHOP.SALES__R', ['SHOP.SALES'])).toBe('it names SHOP.SALES');
    for (const sql of ['select * from t', 'select sales from t'])
      expect(refused(sql, 'SHOP.SALES__R', ['SHOP.SALES'])).toBeNull();
    expect(refused('use schema other', 'SHOP.SALES__R', ['SHOP.SALES'])).toContain('USE');
  });

  test.each([
    'drop database shop',
    'drop database if exists shop',
    'alter database shop rename to other',
    'create database other clone shop',
    'undrop database shop',
    'grant usage on database shop to role r',
    "drop database identifier('shop')",
  ])('where live is a schema, its database is live as well: %s', (sql) => {
    expect(refused(sql, 'SHOP.SALES__R', ['SHOP.SALES'])).toBe('it names SHOP');
  });

  test.each([
    'drop schema if exists sales',
    'drop schema if exists shop.sales',
    'alter schema sales__r rename to sales',
    'alter schema if exists sales__r swap with sales',
  ])('where live is a schema, it is found by IF EXISTS as well: %s', (sql) => {
    expect(refused(sql, 'SHOP.SALES__R', ['SHOP.SALES'])).toBe('it names SHOP.SALES');
  });

  test.each([
    'use database other',
    'use other',
    'use schema other.public',
    "use schema identifier('marts')",
    'use schema identifier($place)',
    'begin use database other; end',
    'begin let x := 1; if (x = 1) then use other; end if; end',
    "execute immediate 'use database other'",
    'execute immediate $$ begin use schema other.public; end $$',
    "begin let q := 'use other'; execute immediate q; end",
    "create procedure p() returns int language javascript as $$ snowflake.execute({sqlText: 'use other'}) $$",
    "set q = 'use database other'",
    'create database other',
    'create or replace transient database if not exists other',
    'create schema other.s',
    'begin create database other; end',
  ])('a script stays in its database: %s', (sql) => {
    expect(refused(sql, 'SHOP__R', ['SHOP'])).toMatch(/^(USE|CREATE \w+) changes what all names/);
  });

  test.each(['create schema s', 'create schema shop.sales__r', 'use schema s', 'use s'])(
    'a script stays in its schema: %s',
    (sql) => {
      expect(refused(sql, 'SHOP.SALES__R', ['OTHER.SALES'])).toContain('changes what all names');
    },
  );

  test.each([
    'use role sysadmin',
    'use secondary roles all',
    'use secondary roles a, b',
    'begin use role other; end',
    "execute immediate 'use secondary roles all'",
  ])('a script keeps the rights of the release: %s', (sql) => {
    expect(refused(sql, 'SHOP__R', ['SHOP'])).toContain('role of the connection alone');
  });

  test.each([
    'use secondary roles none',
    'create schema if not exists s',
    'create schema shop__r.s',
    'create database role reader',
    "insert into t values ('use role other')",
    "update t set a = 'use database other'",
    "comment on table t is 'Use role reader.'",
    'select use from t',
    'begin use schema marts; end',
  ])('a script may: %s', (sql) => {
    expect(refused(sql, 'SHOP__R', ['SHOP'])).toBeNull();
  });
});

test('noise: functions, words, sequences, samples; in bodies too', () => {
  const found = (sql: string) =>
    noiseIn(sql).map((one) => `${one.line} ${one.function} ${one.source}`);
  expect(found("select 'current_timestamp', -- now()\n current_timestamp, sysdate()")).toEqual([
    '2 current_timestamp clock',
    '2 sysdate() clock',
  ]);
  expect(found('select random(), random(42), uuid_string(), s.nextval, seq4() from t')).toEqual([
    '1 random() random',
    '1 uuid_string() random',
    '1 nextval sequence',
    '1 seq4() sequence',
  ]);
  expect(
    found('select uniform(1, 10, random()), current_user, current_role() from t sample (10)'),
  ).toEqual([
    '1 random() random',
    '1 current_user session',
    '1 current_role() session',
    '1 sample random',
  ]);
  expect(found('select * from t sample (10) seed (1)')).toEqual([]);
  expect(found('create procedure p() as $$\nbegin\n return getdate();\nend $$')).toEqual([
    '3 getdate() clock',
  ]);
  expect(
    found('create table t (sample int, created timestamp default current_timestamp())'),
  ).toEqual(['1 current_timestamp() clock']);
});
