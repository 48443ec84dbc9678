import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Engine, Location, ScriptOptions } from '../../../src/engines/engine.ts';
import { createEngine } from '../../../src/engines/registry.ts';
import { GreenlightError } from '../../../src/errors.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { openShop, type Shop, versions } from './shop.ts';

const given = `
  create schema live; create table live.t (id integer primary key); insert into live.t values (1);
  create schema cand; create table cand.t (id integer primary key, v integer);
  create type public.mood as enum ('sad'); create table public.other (id integer);
  create table public.t (id integer); insert into public.t values (1);
  create procedure public.commits() language plpgsql as $$ begin insert into t values (7); commit; end $$;
  create procedure public.speaks() language plpgsql as $$ begin insert into t values (8); raise notice 'commit;'; end $$`;

describe.each(versions)('scripts on PostgreSQL %s', (version) => {
  let server: PostgresServer;
  let shop: Shop;
  let engine: Engine;
  let at: Location;
  beforeAll(async () => {
    server = await startPostgres(version);
  });
  afterAll(async () => {
    await shop?.dispose();
    await server.stop();
  });
  beforeEach(async () => {
    await shop?.dispose();
    shop = await openShop(server, given);
    engine = shop.engine;
    at = shop.live;
  });

  const inSession = async (text: string, options: Partial<ScriptOptions> = {}) => {
    const all = { write: true, variables: {}, forbidden: [], ...options };
    const session = await engine.scripts.open(at, all);
    try {
      return await session.run({ file: 'V1.sql', text });
    } finally {
      await session.close();
    }
  };
  const problemOf = async (text: string, options: Partial<ScriptOptions> = {}) => {
    const error = await inSession(text, options).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(GreenlightError);
    return (error as GreenlightError).problem;
  };
  const one = async (sql: string) => Object.values((await shop.sql(shop.live, sql))[0] ?? {})[0];
  const atSchema = async () => {
    const { settings } = shop.recipe;
    engine = await createEngine('postgres', { ...settings, live: `${shop.live}.live` });
    at = `${shop.live}.cand`;
  };

  test.each([
    ['select 1;\ncreate index concurrently by_id on t (id)', 'line 2: CREATE INDEX CONCURRENTLY'],
    ['drop index concurrently if exists nothing', 'line 1: DROP INDEX CONCURRENTLY'],
    ['reindex table concurrently t', 'line 1: REINDEX CONCURRENTLY'],
    ['vacuum t', 'line 1: VACUUM'],
    ['call commits()', 'line 1: CALL of a procedure that commits'],
    ['do $$ begin insert into t values (2); commit; end $$', 'line 1: a DO block that commits'],
    [
      "alter type mood add value 'glad'; create table m (x mood default 'glad')",
      'line 1: ALTER TYPE ... ADD VALUE, whose value is used further down,',
    ],
  ])('%s runs without a transaction, and says why', async (text, reason) => {
    expect(await inSession(text)).toMatchObject({
      transactional: false,
      reason: `${reason} cannot run in our transaction`,
    });
  });

  test.each([
    'call speaks()',
    'analyze t',
    "alter type mood add value 'glad'",
    'create function f() returns integer begin atomic select 1; select 2; end; select f()',
    "do $$ begin raise notice 'commit;'; end $$",
  ])('%s runs in a transaction', async (text) => {
    expect(await inSession(text)).toMatchObject({ transactional: true, reason: null });
  });

  test('an index that could not be built concurrently is gone', async () => {
    const text = 'insert into t values (1);\n\ncreate unique index concurrently u on t (id)';
    expect(await problemOf(text)).toMatchObject({
      where: 'V1.sql:3',
      cause: expect.stringContaining('could not create unique index'),
      help: expect.stringContaining('public.u that it left behind was not valid'),
    });
    expect(await one("select count(*) from pg_class where relname = 'u'")).toBe('0');
    expect(await one('select count(*) from t')).toBe('2');
  });

  test.each([
    ['\\i other.sql', '\\i is a command of psql'],
    ["select 1;\n\\copy t from 'x.csv'", '\\copy is a command of psql'],
    ['create database another', 'cannot run here'],
    ['drop database if exists another', 'cannot run here'],
    ['copy t from stdin', 'cannot run here'],
    ['begin; insert into t values (2)', 'begins a transaction that it never ends'],
  ])('%s is refused before anything runs', async (text, what) => {
    const problem = await problemOf(`insert into t values (5);\n${text}`);
    expect(problem.what).toContain(what);
    expect(problem.where).toMatch(/^V1\.sql:[23]$/);
    expect(await one('select count(*) from t')).toBe('1');
  });

  test('an error says where, and not which value', async () => {
    expect(await problemOf("select 'ü',\n  'secret'::integer")).toMatchObject({
      where: 'V1.sql:2',
      cause: 'invalid input syntax for type integer: "..."',
    });
    expect(await problemOf("select '😀',\n nothing")).toMatchObject({
      where: 'V1.sql:2',
      cause: 'column "nothing" does not exist',
    });
  });

  test.each([
    'set transaction read write; insert into t values (2)',
    'set default_transaction_read_only = off; insert into t values (2)',
    'set session characteristics as transaction read write; insert into t values (2)',
    'commit; insert into t values (2)',
    'vacuum t',
    "create sequence s; select nextval('s')",
  ])('a session that only reads does not run: %s', async (text) => {
    await problemOf(text, { write: false });
    expect(await one('select count(*) from t')).toBe('1');
  });

  test('variables are settings of the session; nothing that a script sets lasts', async () => {
    const variables = {
      greenlight_now: '2026-01-31T06:00:00Z',
      greenlight_day: { text: '2026-02-01', type: 'date' },
    };
    const session = await engine.scripts.open(at, { write: true, variables, forbidden: [] });
    await session.run({ file: 'a.sql', text: 'set search_path = live' });
    const text = `select current_setting('greenlight.now')::timestamptz = timestamptz '2026-01-31 07:00+01' as now,
        current_setting('greenlight.day') as day, current_setting('search_path') as path`;
    expect((await session.query({ file: 'q.sql', text })).rows).toEqual([
      ['t', '2026-02-01', '"$user", public'],
    ]);
    await session.close();
  });

  test.each([
    'alter database "$live" set work_mem = \'1MB\'',
    'grant connect on database "$live" to public',
    'comment on database "$live" is \'x\'',
    "create subscription s connection 'host=x dbname=$live' publication p with (connect = false)",
    "copy t to program 'psql -d $live -c x'",
    "create function f() returns void language plpgsql as $$ begin perform dblink('dbname=$live', 'x'); end $$",
  ])('no script reaches another database: %s', async (text) => {
    const live = 'another_live';
    const options = { forbidden: [live] };
    const problem = await problemOf(text.replaceAll('$live', live), options);
    expect(problem).toMatchObject({ where: 'V1.sql:1', cause: `it names ${live}` });
  });

  describe('in a schema', () => {
    beforeEach(atSchema);

    test.each([
      'insert into live.t values (2)',
      'delete from "live".t',
      'set search_path = live; insert into t values (2)',
      "create function f() returns void language sql as 'delete from live.t'",
      'alter schema live rename to dead',
      'grant all on all tables in schema live to public',
      "do $$ begin execute 'delete from live.t'; end $$",
    ])('a script may not name live: %s', async (text) => {
      const problem = await problemOf(text, { forbidden: [`${shop.live}.live`] });
      expect(problem).toMatchObject({ cause: 'it names live' });
    });

    test.each([
      "do $$ begin execute 'insert into li' || 've.t values (2)'; end $$",
      "do $$ begin execute 'drop table li' || 've.t'; end $$",
      "select set_config('search_path', 'li' || 've', false); insert into t values (2)",
      "do $$ begin execute 'create table li' || 've.u (i integer)'; end $$",
      "-- greenlight: no transaction\ndo $$ begin execute 'insert into li' || 've.t values (2)'; end $$",
      "begin; do $$ begin execute 'insert into li' || 've.t values (2)'; end $$; commit",
      "begin; commit; do $$ begin execute 'insert into li' || 've.t values (2)'; end $$",
      'insert into public.other values (2)',
    ])('what is written outside of it is not committed: %s', async (text) => {
      const problem = await problemOf(text, { forbidden: [`${shop.live}.live`] });
      expect(problem.what).toMatch(/writes outside of its schema: to (live|public)\./);
      expect(await one('select count(*) from live.t')).toBe('1');
      expect(await one("select to_regclass('live.u') is null")).toBe('t');
      expect(await one('select count(*) from public.other')).toBe('0');
    });

    test.each([
      `do $$ begin execute 'create function li' || 've.f() returns integer language sql as ''select 1'''; end $$`,
      "do $$ begin execute 'grant select on li' || 've.t to public'; exception when division_by_zero then null; end $$",
      "do $$ begin execute 'create domain li' || 've.whole as integer'; end $$",
      "do $$ begin execute 'alter schema li' || 've rename to dead'; end $$",
      "do $$ begin execute 'grant usage on schema li' || 've to public'; end $$",
    ])('what is defined in live is not committed: %s', async (text) => {
      const defined = `select md5(concat(
        (select string_agg(n::text, ',' order by oid) from pg_namespace n where oid >= 16384),
        (select string_agg(c::text, ',' order by oid) from pg_class c where oid >= 16384),
        (select string_agg(p::text, ',' order by oid) from pg_proc p where oid >= 16384),
        (select string_agg(t::text, ',' order by oid) from pg_type t where oid >= 16384)))`;
      const before = await one(defined);
      const problem = await problemOf(text, { forbidden: [`${shop.live}.live`] });
      expect(problem.what).toMatch(/writes outside of its schema: to (live|dead)/);
      expect(await one(defined)).toBe(before);
    });

    test('names without a schema are its own, and others may be read', async () => {
      const text = 'insert into t select id, 0 from public.t; create index on t (v)';
      expect(await inSession(text, { forbidden: [`${shop.live}.live`] })).toMatchObject({
        transactional: true,
      });
      expect(await one('select count(*) from cand.t')).toBe('1');
    });

    test('its mark stands in it', async () => {
      const session = await engine.scripts.open(at, { write: true, variables: {}, forbidden: [] });
      await session.writeMark({ run: 'r', done: 1, begun: false });
      expect(
        await one(
          "select nspname from pg_class c join pg_namespace n on n.oid = relnamespace where relname ~ 'greenlight'",
        ),
      ).toBe('cand');
      expect(await session.readMark()).toEqual({ run: 'r', done: 1, begun: false });
      await session.dropMark();
      await session.close();
    });
  });
});
