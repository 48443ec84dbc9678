import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { GreenlightError } from '../../../src/errors.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { openShop, type Shop, versions } from './shop.ts';

const tables = `
  create table orders (id serial primary key, item text, at timestamptz default now());
  create index on orders (item);
  create unlogged table scratchpad (v integer);
  create table part (d date, v integer) partition by range (d);
  create table part_1 partition of part for values from ('2026-01-01') to ('2027-01-01');
  create materialized view total as select count(*) from orders;
  create view seen as select id from orders;
  create function one() returns integer language sql as 'select 1';
  insert into orders (item) select 'i' || n from generate_series(1, 300) n;
  delete from orders where id % 3 = 0`;

describe.each(versions)('PostgreSQL %s', (version) => {
  let server: PostgresServer;
  let shop: Shop;
  beforeAll(async () => {
    server = await startPostgres(version);
  });
  beforeEach(async () => {
    shop = await openShop(server, tables);
  });
  afterEach(() => shop.dispose());
  afterAll(() => server.stop());

  const mark = async () => (await shop.engine.databases.identify(shop.live))?.mark;

  test('what changes no content does not change the mark', async () => {
    const before = await mark();
    for (const sql of [
      'select * from orders; select * from total',
      'vacuum orders',
      'vacuum freeze',
      'analyze',
      'checkpoint',
      'begin; select * from orders for update; commit',
      'begin; insert into scratchpad values (1); rollback',
      'create temporary table t (id integer); insert into t values (1)',
      'create function pg_temp.f() returns integer language sql as $$ select 1 $$',
      `select nextval('orders_id_seq') where false`,
    ]) {
      await shop.sql(shop.live, sql);
      expect([sql, await mark()]).toEqual([sql, before]);
    }
  });

  test('a glance sees no temporary tables of others', async () => {
    const { databases } = shop.engine;
    const before = await databases.glance(shop.live);
    const web = await shop.session(shop.live);
    await web.query('create temporary table t as select 1 as id');
    expect(await databases.glance(shop.live)).toEqual(before);
    await web.query('create table s as select 1 as id');
    expect(await databases.glance(shop.live)).not.toEqual(before);
  });

  test('every write changes the mark, and a new name does not', async () => {
    const seen = [await mark()];
    for (const sql of [
      `insert into orders (id, item) values (1000, 'new')`,
      `update orders set item = 'other' where id = 1`,
      `update orders set item = item where id = 2`,
      'delete from orders where id = 4',
      'truncate scratchpad',
      'insert into scratchpad values (1)',
      `insert into part values ('2026-05-05', 1)`,
      'refresh materialized view total',
      `select nextval('orders_id_seq')`,
      `select setval('orders_id_seq', 301, false)`,
      'create or replace view seen as select id, item from orders',
      `create or replace function one() returns integer language sql as 'select 2'`,
      'alter table orders alter column item set default 0',
      'alter table orders add check (id > 0) not valid',
      'create table child (id integer references orders)',
      'alter table orders disable trigger all',
      'alter table orders enable row level security',
      'create index on orders (at)',
      `comment on table orders is 'all of them'`,
      'grant select on orders to public',
      'alter default privileges grant select on tables to public',
      'create schema other',
      'create extension pgcrypto',
      `select lo_from_bytea(0, 'large')`,
      `select lo_put(loid, 0, 'LARGE') from pg_largeobject`,
    ]) {
      await shop.sql(shop.live, sql);
      const now = await mark();
      expect([sql, seen.includes(now)]).toEqual([sql, false]);
      seen.push(now);
    }
    const before = await shop.engine.databases.identify(shop.live);
    await shop.sql('postgres', `alter database ${shop.live} rename to ${shop.live}_renamed`);
    expect(await shop.engine.databases.identify(`${shop.live}_renamed`)).toEqual(before);
  });

  test('rows of an extension count where it declares them to be of the user, in the mark and in the catalog', async () => {
    await shop.sql(
      shop.live,
      `create extension pgcrypto; create table brought (v integer); create table kept (v integer);
       alter extension pgcrypto add table brought; alter extension pgcrypto add table kept;
       update pg_extension set extconfig = array['kept'::regclass::oid] where extname = 'pgcrypto'`,
    );
    const { relations } = await shop.engine.catalog.read(shop.live);
    const names = relations.map(({ name }) => name);
    expect([names.includes('kept'), names.includes('brought')]).toEqual([true, false]);
    const before = await mark();
    await shop.sql(shop.live, 'insert into brought values (1)');
    expect(await mark()).toBe(before);
    await shop.sql(shop.live, 'insert into kept values (1)');
    expect(await mark()).not.toBe(before);
  });

  test('rows that a policy hides are no reason to see less: it is refused', async () => {
    await shop.sql(
      shop.live,
      `alter table orders enable row level security;
       create role reader${shop.live} login password 'only for tests' in role pg_read_all_data`,
    );
    const reader = await shop.engineWith({ user: `reader${shop.live}` });
    const refused = await reader.databases.identify(shop.live).catch((error) => error);
    expect(refused).toBeInstanceOf(GreenlightError);
    expect(refused.problem.help).toContain('BYPASSRLS');
    await shop.sql('postgres', `alter role reader${shop.live} bypassrls`);
    expect(await reader.databases.identify(shop.live)).toEqual(
      await shop.engine.databases.identify(shop.live),
    );
  });
});
