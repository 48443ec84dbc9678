import { describe, expect, test } from '@jest/globals';
import { batchesOf } from '../../../src/engines/sqlserver/batches.ts';
import { codeOf, contentOf, tokensOf } from '../../../src/engines/sqlserver/lexer.ts';
import {
  outsideOf,
  queriesOf,
  reachOf,
  readBatches,
  refuseForbidden,
  writingIn,
} from '../../../src/engines/sqlserver/statements.ts';
import { noiseIn } from '../../../src/engines/sqlserver/unsteady.ts';
import { GreenlightError } from '../../../src/errors.ts';

const script = (text: string) => ({ file: 'a.sql', text });
const short = (text: string, given?: Map<string, string>) =>
  batchesOf(script(text), given).map((batch) => `${batch.line} x${batch.times}: ${batch.text}`);
const problemOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    if (error instanceof GreenlightError) return error.problem;
    throw error;
  }
  return null;
};

describe('the tokens', () => {
  test.each([
    ["N'it''s' + 'x'", ["N'it''s'", '+', "'x'"]],
    ['[a]]b].[c d]."e""f"', ['[a]]b]', '.', '[c d]', '.', '"e""f"']],
    ['/* a /* b */ c */ x -- y', ['x']],
    ['@a=#t.c+1.5e-3', ['@a', '=', '#t', '.', 'c', '+', '1.5e-3']],
    ["nN'x' 0xAF", ['nN', "'x'", '0xAF']],
  ])('of %s', (sql, expected) => {
    expect(codeOf(sql).map(({ text }) => text)).toEqual(expected);
    expect(
      tokensOf(sql)
        .map(({ text }) => text)
        .join(''),
    ).toBe(sql);
  });

  test('say what they hold, and whether they are closed', () => {
    expect(["N'it''s'", "'a'", '[a]]b]', '"a""b"'].map(contentOf)).toEqual([
      "it's",
      'a',
      'a]b',
      'a"b',
    ]);
    for (const open of ["'a''", '[a]]', '"a', '/* /* */', "N'"])
      expect(tokensOf(`x ${open}`).at(-1)?.closed).toBe(false);
  });
});

describe('the batches', () => {
  test.each<[string, string, string[]]>([
    ['a file without GO', 'select 1\nselect 2', ['1 x1: select 1\nselect 2']],
    ['GO in any case, alone on its line', 'a\n  Go  \nb\ngo', ['1 x1: a', '3 x1: b']],
    ['GO with a number', 'a\nGO 5\n\nb', ['1 x5: a', '4 x1: b']],
    ['GO with a comment', 'a\nGO -- next\nb', ['1 x1: a', '3 x1: b']],
    [
      'GO within a line',
      'select 1 as go\nGOTO x\ngo select 2',
      ['1 x1: select 1 as go\nGOTO x\ngo select 2'],
    ],
    ['GO in a text', "select 'a\nGO\nb'\nGO\nc", ["1 x1: select 'a\nGO\nb'", '5 x1: c']],
    [
      'GO in a comment',
      '/* a\nGO\n/* b\nGO\n*/ GO\n*/ x\nGO\ny',
      ['1 x1: /* a\nGO\n/* b\nGO\n*/ GO\n*/ x', '8 x1: y'],
    ],
    ['GO in a quoted name', 'select 1 as [a\nGO\nb]', ['1 x1: select 1 as [a\nGO\nb]']],
    ['a quote in a comment', "-- it's\nGO\nx", ['3 x1: x']],
    ['nothing', '\n-- nothing\nGO\n;\nGO\n', []],
    ['line breaks as they are', "a\r\nGO\r\nselect 'b\r\nc'", ['1 x1: a', "3 x1: select 'b\r\nc'"]],
    ['a byte order mark', '\uFEFFa\nGO\nb', ['1 x1: a', '3 x1: b']],
  ])('%s', (_, text, expected) => {
    expect(short(text)).toEqual(expected);
  });

  test('hold the values of the variables', () => {
    expect(
      short(
        `:setvar Schema sales
:setvar what "a ""b"" c"
select '$(what)', '$(unknown)' from [$(schema)].t -- $(unknown)
:setvar schema
GO
select $(given)`,
        new Map([['Given', '7']]),
      ),
    ).toEqual([
      `3 x1: select 'a "b" c', '$(unknown)' from [sales].t -- $(unknown)`,
      '6 x1: select 7',
    ]);
    expect(problemOf(() => short('a\nselect $(x)'))).toMatchObject({
      what: expect.stringContaining('$(x) has no value'),
      where: 'a.sql:2',
    });
    expect(problemOf(() => short(':setvar x 1\n:setvar x\nselect $(X)'))?.where).toBe('a.sql:3');
  });

  test.each([
    ':r other.sql',
    ':connect server',
    ':out x',
    ':!! dir',
    '!!dir',
    'exit',
    ':EXIT(select 1)',
    ':on error ignore',
    ':quit',
    ':listvar',
  ])('the command %s is refused by its name', (command) => {
    const problem = problemOf(() => short(`select 1\n  ${command}`));
    expect(problem).toMatchObject({ where: 'a.sql:2', cause: command });
    expect(problem?.what).toContain(/^:?!!|^:?\w+/.exec(command)?.[0] ?? '-');
  });

  test('what only looks like a command stays', () => {
    expect(short(":on error exit\nselect 'a\n:r x'\n")).toEqual(["2 x1: select 'a\n:r x'"]);
    expect(short('exec sp_x\n  @exit = 1')).toHaveLength(1);
  });
});

const ready = (text: string) => readBatches(script(text), new Map(), null);

describe('a batch', () => {
  test.each<[string, string | null]>([
    ['create table t (a int); insert t values (1)', null],
    ['select 1\nalter database current set recovery simple', '2: ALTER DATABASE'],
    ['ALTER DATABASE SCOPED CONFIGURATION SET MAXDOP = 1', '1: ALTER DATABASE'],
    ['grant create database to x; grant backup database, alter any database to y', null],
    ['begin tran; commit', '1: BEGIN TRAN'],
    ['begin try rollback end try begin catch end catch', '1: ROLLBACK'],
    ["select 'begin tran', [commit] -- rollback", null],
    ['create procedure p as begin tran; commit', null],
    ['create or alter trigger x on t for insert as rollback', null],
    [
      'create procedure p with native_compilation, schemabinding as begin atomic with () end',
      '1: NATIVE_COMPILATION',
    ],
    ['create table t (a int) with (memory_optimized = on)', '1: MEMORY_OPTIMIZED'],
    ['create fulltext index on t (a) key index k', '1: CREATE FULLTEXT'],
    ['exec sp_addlinkedserver x', '1: SP_ADDLINKEDSERVER'],
    ['backup database x to disk = 1', '1: BACKUP DATABASE'],
    ['alter index i on t rebuild with (online = on, resumable = on)', '1: RESUMABLE = ON'],
    ['reconfigure', '1: RECONFIGURE'],
  ])('%s runs outside of our transaction: %s', (text, expected) => {
    const [batch] = ready(text);
    const found = batch && outsideOf(batch);
    expect(found == null ? null : `${found.line}: ${found.what}`).toBe(expected);
  });

  test.each<[string, string | null]>([
    ['declare @a int = 1; set @a = 2; with x as (select 1 as a) select * from x', null],
    ['select 1 into t', 'INTO'],
    ['select next value for s', 'NEXT VALUE FOR'],
    ['exec p', 'EXEC'],
    ['sp_who', 'SP_WHO'],
    ["select * from openquery(s, 'delete t')", 'OPENQUERY'],
    ["select 'insert', [update] -- delete", null],
    ['begin tran select 1', 'BEGIN TRANSACTION'],
  ])('%s does more than read: %s', (text, expected) => {
    const [batch] = ready(text);
    expect((batch && writingIn(batch)?.what) ?? null).toBe(expected);
  });

  test('of queries is told apart at its semicolons', () => {
    const [batch] = ready('select 1;\n\n(select 2);with a as (select 3 as b)\nselect b from a');
    expect(batch && queriesOf(batch)).toEqual([
      { sql: 'select 1', line: 1 },
      { sql: '(select 2)', line: 3 },
      { sql: 'with a as (select 3 as b)\nselect b from a', line: 3 },
    ]);
    const [whole] = ready('declare @a int = 1;\nselect @a');
    expect(whole && queriesOf(whole)).toEqual([{ sql: 'declare @a int = 1;\nselect @a', line: 1 }]);
  });

  test('that is never closed is told by the line where it begins', () => {
    expect(problemOf(() => ready("select 1\n\nselect 'open"))).toMatchObject({
      what: expect.stringContaining('A text is never closed'),
      where: 'a.sql:3',
    });
    expect(problemOf(() => ready('/* a\nselect 1'))?.what).toContain('comment');
  });
});

describe('what a script names', () => {
  const fault = (text: string) =>
    problemOf(() => {
      const reach = reachOf('shop__r__candidate', ['Shop', 'shop__r__baseline', '[my.ledger]']);
      for (const batch of ready(text))
        refuseForbidden(script(text), batch, 'shop__r__candidate', reach);
    });

  test.each([
    'select * from shop.dbo.t',
    'select * from [SHOP]..t',
    'select 1;\nselect * from "shop__r__baseline" . dbo . t',
    'use shop',
    'USE [my.ledger]',
    'alter database shop set single_user',
    "exec('update shop.dbo.t set a = 1')",
    "exec sp_executesql N'select * from [shop].dbo.t'",
    "declare @db sysname = 'shop'; exec('delete ' + @db + '.dbo.t')",
    "exec(N'use [shop]; delete t')",
    "select * from openrowset('SQLNCLI', 'Server=.;Database=shop;Trusted_Connection=yes', 'select 1')",
    'select * from srv.shop.dbo.t',
    'create procedure p as insert shop.dbo.t values (1)',
    "select N'x' from t where N'shop.dbo.t' = a",
    'drop database shop',
    'drop database if exists shop',
    'drop database x, [shop]',
    'drop database if exists x, "y", shop, z',
    'alter authorization on database::shop to sa',
    'grant control on database :: [shop] to web',
    "backup log shop to disk = N'nul'",
    'create database c as copy of shop',
    "create database s on (name = N'a', filename = N'b') as snapshot of shop",
    'dbcc shrinkdatabase (shop)',
    "dbcc checkdb ('shop', repair_allow_data_loss)",
    "sp_renamedb 'shop', 'x'",
    "sp_renamedb 'x', 'y'\nexec sp_renamedb N'shop', N'x'",
    '-- greenlight: no transaction\n[sys].sp_renamedb shop, x',
    ';sp_detach_db shop',
    'sp_renamedb @dbname = shop, @newname = x',
    'exec sp_renamedb x, shop',
    'select 1; execute @a = master.sys.sp_detach_db [shop]',
    "exec('drop database if exists shop')",
    "exec('sp_renamedb ''shop'', ''x''')",
    "exec('sp_renamedb shop, x')",
  ])('%s is refused', (text) => {
    const problem = fault(text);
    expect(problem?.cause).toMatch(/it names (shop|SHOP|my\.ledger|shop__r__baseline)/i);
    expect(problem?.where).toBe(`a.sql:${text.split('\n').length}`);
  });

  test.each(['use msdb', 'select 1\nuse [tempdb]'])('%s leaves the database', (text) => {
    expect(fault(text)?.cause).toMatch(/^USE /);
  });

  test.each([
    'select * from shop.t',
    'select shop.a from t as shop',
    "insert t values ('shop')",
    'select * from other.dbo.t',
    'use shop__r__candidate',
    '-- use shop\nselect 1 /* shop.dbo.t */',
    "select 1 option (use hint ('DISABLE_OPTIMIZED_NESTED_LOOP'))",
    'select a, shop from t',
    "exec dbo.p 1, N'a' select a, shop from t",
    'drop table if exists shop',
    'drop table if exists x, shop',
    'alter authorization on schema::shop to dbo',
    "throw 50000, 'shop', 1",
    "insert t values ('welcome shop')",
    'here: select shop from t',
    'drop database if exists x select 1 from t, shop',
  ])('%s is fine', (text) => {
    expect(fault(text)).toBeNull();
  });
});

test.each([
  ['select getdate(), [sysdatetime](), sys.fn(1)', ['1 clock getdate()', '1 clock sysdatetime()']],
  ['select\n  current_timestamp', ['2 clock current_timestamp']],
  ["select 'getdate()' -- newid()", []],
  [
    'select newid(), rand(), rand(7), crypt_gen_random(4)',
    ['1 random newid()', '1 random rand()', '1 random crypt_gen_random()'],
  ],
  [
    'select next value for s, @@identity, scope_identity()',
    ['1 sequence next value for', '1 sequence @@identity', '1 sequence scope_identity()'],
  ],
  [
    'select @@spid, suser_sname(), suser_sname(sid), host_name(), system_user',
    [
      '1 session @@spid',
      '1 session suser_sname()',
      '1 session host_name()',
      '1 session system_user',
    ],
  ],
  ['select * from t tablesample (10 percent)', ['1 random tablesample']],
  ['select * from t tablesample (10 percent) repeatable (3)', []],
  [
    'create table t (a uniqueidentifier default newsequentialid(), at datetime2 default (sysutcdatetime()))',
    ['1 random newsequentialid()', '1 clock sysutcdatetime()'],
  ],
  ['create procedure p as\nbegin\n  select getutcdate()\nend', ['3 clock getutcdate()']],
  ['create function rand() returns int as begin return 1 end', []],
  ["select session_context(N'greenlight.now'), t.current_user", []],
])('%s', async (sql, expected) => {
  const found = await noiseIn(sql);
  expect(found.map(({ function: name, source, line }) => `${line} ${source} ${name}`)).toEqual(
    expected,
  );
});
