import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Engine } from '../../../src/engines/engine.ts';
import { GreenlightError } from '../../../src/errors.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { openShop, type Shop, versions } from './shop.ts';

const outside = `
  create schema other;
  create table other.country (code text primary key); insert into other.country values ('de');
  create function other.fee() returns numeric language sql as 'select 2.5';`;

/** One of each, in an order in which each needs what comes later in the alphabet or in the catalog. */
const objects = `
  create schema sales; set search_path = sales;
  create type mood as enum ('sad', 'it''s ok');
  create type pair as (a mood, b integer);
  create domain positive as integer default 1 constraint above_zero check (value > 0);
  create type span as range (subtype = integer);
  create sequence ticket start 100 increment 5 cycle maxvalue 1000;
  create table "Odd one" (id serial primary key, m mood not null default 'sad', p pair, n positive, "a ""b" text collate "C",
    country text references other.country, total numeric generated always as (id * 2.0) stored, ticket bigint default nextval('ticket'),
    constraint lucky check (id <> 13));
  create table line (id bigint generated always as identity (start 7 sequence name line_numbers), odd integer, amount numeric(9, 2) default other.fee(),
    unique (odd, id), foreign key (odd) references "Odd one" on delete cascade deferrable);
  create unlogged table pad (v jsonb) with (fillfactor = 70);
  create table measured (d date not null, v integer) partition by range (d);
  create table measured_1 partition of measured for values from ('2026-01-01') to ('2027-01-01');
  create table measured_rest partition of measured default;
  create index on measured (v);
  create table parent (a integer); create table child (b integer) inherits (parent);
  create index by_text on "Odd one" (lower("a ""b"), id desc) where id > 2;
  create unique index on line (amount) where odd is null;
  create statistics two_columns (ndistinct) on odd, amount from line;
  create view small as select id, m from "Odd one" where id < 10;
  create view smaller with (security_barrier) as select * from small where id < 5;
  create materialized view counted as select count(*) as n, m from "Odd one" group by m;
  create index on counted (n);
  create function twice(m positive) returns integer language sql immutable begin atomic select m * 2; end;
  create function latest() returns setof small language sql stable as 'select * from small';
  create procedure nothing() language plpgsql as $$ begin null; end $$;
  create function touch() returns trigger language plpgsql as $$ begin new.v := coalesce(new.v, 0); return new; end $$;
  create trigger touching before insert on measured for each row execute function touch();
  alter table "Odd one" add column doubled integer default twice(4);
  create rule ignored as on delete to pad do instead nothing;
  alter table line enable row level security; alter table line force row level security;
  create policy mine on line for select to public using (odd in (select id from small));
  alter table pad replica identity full;
  comment on schema sales is 'the schema'; comment on table line is 'lines'; comment on column line.odd is 'it''s odd';
  comment on function twice(positive) is 'times two'; comment on constraint lucky on "Odd one" is 'no 13';
  insert into "Odd one" (p, n, "a ""b", country) select row('sad', n)::pair, n, 't' || n, 'de' from generate_series(1, 9) n;
  insert into line (odd, amount) select id, id from "Odd one";
  insert into measured values ('2026-05-05', 1), ('2030-01-01', 2);
  insert into child values (1, 2); insert into parent values (9);
  refresh materialized view counted; select nextval('ticket');`;

/** What there is and how it is, without the name of the schema. */
const described = (schema: string) => `
  set search_path = ${schema};
  select 'relation' as kind, relname as name, concat_ws(' ', relkind, relpersistence, relreplident, relrowsecurity, relforcerowsecurity, reloptions::text, relowner::regrole, obj_description(oid, 'pg_class'),
    (select string_agg(x, ',' order by x) from unnest(relacl::text[]) x), case relkind when 'v' then pg_get_viewdef(oid) when 'm' then pg_get_viewdef(oid) when 'i' then pg_get_indexdef(oid, 0, true) when 'p' then pg_get_partkeydef(oid) end, pg_get_expr(relpartbound, oid)) as text
    from pg_class where relnamespace = '${schema}'::regnamespace
  union all select 'column', attrelid::regclass || '.' || attname, concat_ws(' ', row_number() over (partition by attrelid order by attnum), format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, attcollation::regcollation, pg_get_expr(adbin, adrelid), col_description(attrelid, attnum), attacl::text)
    from pg_attribute join pg_class c on c.oid = attrelid left join pg_attrdef on adrelid = attrelid and adnum = attnum where relnamespace = '${schema}'::regnamespace and attnum > 0 and not attisdropped
  union all select 'constraint', conrelid::regclass || '.' || conname, concat_ws(' ', contype, pg_get_constraintdef(oid), obj_description(oid, 'pg_constraint')) from pg_constraint where connamespace = '${schema}'::regnamespace and conrelid <> 0
  union all select 'type', typname, concat_ws(' ', typtype, format_type(typbasetype, typtypmod), typdefault, (select string_agg(enumlabel, ',' order by enumsortorder) from pg_enum where enumtypid = t.oid), (select string_agg(pg_get_constraintdef(c.oid), ',') from pg_constraint c where contypid = t.oid)) from pg_type t where typnamespace = '${schema}'::regnamespace and typname not like '\\_%'
  union all select 'function', p.oid::regprocedure::text, concat_ws(' ', prokind, provolatile, prosrc, pg_get_function_sqlbody(p.oid), pg_get_function_result(p.oid), obj_description(p.oid, 'pg_proc'), (select string_agg(x, ',' order by x) from unnest(proacl::text[]) x)) from pg_proc p where pronamespace = '${schema}'::regnamespace
  union all select 'trigger', tgname, concat_ws(' ', pg_get_triggerdef(t.oid, true), tgenabled) from pg_trigger t join pg_class c on c.oid = tgrelid where relnamespace = '${schema}'::regnamespace and not tgisinternal
  union all select 'policy', polname, concat_ws(' ', polcmd, pg_get_expr(polqual, polrelid)) from pg_policy join pg_class c on c.oid = polrelid where relnamespace = '${schema}'::regnamespace
  union all select 'sequence', seqrelid::regclass::text, concat_ws(' ', seqstart, seqincrement, seqmax, seqcycle, format_type(seqtypid, null)) from pg_sequence join pg_class c on c.oid = seqrelid where relnamespace = '${schema}'::regnamespace
  union all select 'statistics', stxname, pg_get_statisticsobjdef_columns(oid) from pg_statistic_ext where stxnamespace = '${schema}'::regnamespace
  union all select 'schema', '', concat_ws(' ', nspowner::regrole, nspacl::text, obj_description(oid, 'pg_namespace')) from pg_namespace where nspname = '${schema}'
  union all select 'default privileges', '', defaclacl::text from pg_default_acl where defaclnamespace = '${schema}'::regnamespace
  order by 1, 2, 3`;

describe.each(versions)('a schema of PostgreSQL %s', (version) => {
  let server: PostgresServer;
  let shop: Shop;
  let engine: Engine;
  beforeAll(async () => {
    server = await startPostgres(version);
  });
  afterEach(() => shop.dispose());
  afterAll(() => server.stop());

  const open = async (sql: string) => {
    shop = await openShop(server, sql);
    engine = await shop.engineFor(`${shop.live}.sales`);
  };
  const clone = () =>
    engine.databases.clone(engine.places.live, `${shop.live}.copy`, { method: 'auto' });

  test('its clone has all that it has, in its own name', async () => {
    await open(`${outside} ${objects}`);
    await shop.sql(
      shop.live,
      `do $$ begin if not exists (select from pg_roles where rolname = 'clerk') then create role clerk; create role chief; end if; end $$;
       grant usage on schema sales to clerk; grant select on sales.line to clerk with grant option; grant update (odd) on sales.line to clerk;
       grant execute on function sales.twice(sales.positive) to clerk; revoke execute on function sales.latest() from public;
       alter default privileges in schema sales grant select on tables to clerk; alter table sales.pad owner to chief`,
    );
    const before = await engine.databases.identify(engine.places.live);
    const report = await clone();
    expect(report.lacks).toEqual([]);
    expect(report.source).toEqual(before);
    expect(await engine.databases.identify(engine.places.live)).toEqual(before);
    expect(await shop.sql(shop.live, described('copy'))).toEqual(
      await shop.sql(shop.live, described('sales')),
    );
    for (const table of [
      '"Odd one"',
      'line',
      'measured',
      'measured_rest',
      'parent',
      'child',
      'counted',
    ]) {
      const rows = (schema: string) =>
        shop.sql(shop.live, `select t::text from ${schema}.${table} t order by 1`);
      expect(await rows('copy')).toEqual(await rows('sales'));
    }
    const [next] = await shop.sql(
      shop.live,
      `select nextval('copy.ticket') as t, nextval('copy.line_numbers') as l, nextval('sales.ticket') as st, nextval('sales.line_numbers') as sl`,
    );
    expect([next?.t, next?.l]).toEqual([next?.st, next?.sl]);
    await shop.sql(shop.live, `insert into copy.line (odd) values (1)`);
    // Nothing of the copy reads or writes the model.
    await shop.sql(shop.live, 'drop schema sales cascade');
    expect(
      await shop.sql(shop.live, 'set search_path = copy; select * from latest() limit 1'),
    ).toHaveLength(1);
  });

  test('the inventory of its clone is that of live', async () => {
    await open(
      `${outside} ${objects}
       alter table line alter amount set statistics 500; alter table line cluster on line_odd_id_key;
       alter table "Odd one" alter "a ""b" set storage external, alter country set (n_distinct = 5, n_distinct_inherited = 6);
       alter table measured alter v set statistics 0; alter materialized view counted alter n set statistics 9;
       alter table pad set (toast.autovacuum_enabled = off); alter view small alter m set default 'sad'`,
    );
    await clone();
    const copy = `${shop.live}.copy`;
    const { objects: there } = await engine.catalog.read(engine.places.live);
    expect((await engine.catalog.read(copy)).objects).toEqual(there);
    expect(there.map(({ kind, name }) => `${kind} ${name}`)).toEqual(
      expect.arrayContaining(['column storage sales.line.amount', 'default sales.small.m']),
    );
    const toast = `select n.nspname, t.reloptions::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_class t on t.oid = c.reltoastrelid where c.relname = 'pad' order by 1`;
    expect(await shop.sql(shop.live, toast)).toEqual(
      ['copy', 'sales'].map((nspname) => ({ nspname, reloptions: '{autovacuum_enabled=off}' })),
    );
  });

  test('what cannot be copied is listed', async () => {
    await open(
      `create schema sales; create aggregate sales.total (integer) (sfunc = int4pl, stype = integer)`,
    );
    expect((await clone()).lacks).toEqual(['aggregate total(integer)']);
  });

  test('a materialised view that holds other rows in its clone is told', async () => {
    await open(
      `create schema sales; set search_path = sales; create table item (id integer); insert into item values (1);
       create materialized view stale as select id from item; create materialized view fresh as select count(*) from item;
       create materialized view empty as select id from item with no data; insert into item values (2); refresh materialized view fresh`,
    );
    expect((await clone()).lacks).toEqual([
      'the stale rows of materialized view sales.stale: it was computed anew',
    ]);
  });

  test('what would be taken for a function of PostgreSQL is named, before anything of it is called', async () => {
    await open('create schema sales');
    const { live } = engine.places;
    await shop.sql(
      shop.live,
      `create function sales.quote_ident(name) returns text language plpgsql as $$ begin raise 'called'; end $$;
       create function sales.round(double precision, integer) returns numeric language sql return 1;
       create function sales.joined(name, text) returns text language plpgsql as $$ begin raise 'called'; end $$;
       create operator sales.|| (leftarg = name, rightarg = text, function = sales.joined)`,
    );
    const refused = await engine.catalog.read(live).catch((error) => error);
    expect(refused.problem.cause).toBe(
      'function sales.quote_ident(name), operator sales.||(name,text)',
    );
    expect((await clone().catch((error) => error)).problem).toEqual(refused.problem);
    await shop.sql(
      shop.live,
      'drop operator sales.|| (name, text); drop function sales.quote_ident(name)',
    );
    await engine.catalog.read(live);
  });

  test('nothing of another schema is dropped with it', async () => {
    await open(`${outside} ${objects}`);
    await clone();
    const copy = `${shop.live}.copy`;
    await shop.sql(shop.live, 'create view other.seen as select id from copy.line');
    const refused = await engine.databases.drop(copy).catch((error) => error);
    expect(refused).toBeInstanceOf(GreenlightError);
    expect(refused.problem.cause).toBe('view other.seen');
    expect(await shop.sql(shop.live, 'select count(*) as n from other.seen')).toHaveLength(1);
    await shop.sql(shop.live, 'drop view other.seen');
    await engine.databases.drop(copy);
    expect(await engine.databases.identify(copy)).toBeNull();
    expect(await shop.sql(shop.live, 'select code from other.country')).toEqual([{ code: 'de' }]);
  });

  test.each([
    [
      'a partition stands in another schema',
      `create table sales.o (id integer) partition by range (id); create schema archive;
       create table archive.old partition of sales.o for values from (0) to (9); insert into sales.o values (1)`,
      'table archive.old',
    ],
    [
      'a table inherits from one of another schema',
      'create table public.base (id integer); create table sales.heir () inherits (public.base); insert into sales.heir values (1)',
      'table public.base',
    ],
  ])('neither cloned nor exchanged when %s: rows are read together', async (_, sql, told) => {
    await open('create schema sales; create table sales.t (id integer)');
    await clone();
    await shop.sql(shop.live, sql);
    const swapped = engine.swap.exchange(
      engine.places.live,
      `${shop.live}.copy`,
      `${shop.live}.kept`,
    );
    expect((await swapped.catch((error) => error)).problem?.cause).toBe(told);
    await engine.databases.drop(`${shop.live}.copy`);
    const refused = await clone().catch((error) => error);
    expect(refused).toBeInstanceOf(GreenlightError);
    expect(refused.problem.cause).toBe(`in others: ${told}`);
    expect(await engine.databases.identify(`${shop.live}.copy`)).toBeNull();
  });

  test('a renaming that takes too long says by which limit it was undone', async () => {
    await open('create schema sales; create table sales.t (id integer)');
    await clone();
    await shop.sql(
      shop.live,
      `create function public.slow() returns event_trigger language plpgsql as $$ begin
         raise query_canceled using message = 'canceling statement due to statement timeout'; end $$;
       create event trigger slow on ddl_command_end when tag in ('ALTER SCHEMA') execute function public.slow()`,
    );
    const late = await engine.swap
      .exchange(engine.places.live, `${shop.live}.copy`, `${shop.live}.kept`)
      .catch((error) => error);
    expect(late.problem.what).toContain('15 seconds');
    expect(late.problem.live).toContain('unchanged');
    expect(late.problem.help).not.toContain('connection.statement_timeout');
    expect(await engine.databases.identify(`${shop.live}.kept`)).toBeNull();
  });

  test('it is not exchanged while other schemas are bound to its objects', async () => {
    await open(
      `create schema sales; create table sales.t (a integer); create view public.seen as select a from sales.t`,
    );
    await clone();
    const exchange = () =>
      engine.swap.exchange(engine.places.live, `${shop.live}.copy`, `${shop.live}.kept`);
    const refused = await exchange().catch((error) => error);
    expect(refused).toBeInstanceOf(GreenlightError);
    expect(refused.problem.cause).toBe('view public.seen');
    await shop.sql(shop.live, 'drop view seen');
    const reader = await shop.session(shop.live);
    await reader.query('select * from sales.t');
    await exchange();
    await reader.query('select * from sales.t');
  });
});
