import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { TablePair } from '../../../src/engines/engine.ts';
import { GreenlightError } from '../../../src/errors.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { openShop, type Shop, versions } from './shop.ts';

const tables = `
  create table customer (id integer generated always as identity primary key, email text unique, upper_email text generated always as (upper(email)) stored);
  create table orders (id serial primary key, customer integer not null references customer on delete cascade, amount numeric);
  create table log (what text);
  create function logged() returns trigger language plpgsql as $$ begin insert into log values (tg_op); return null; end $$;
  create trigger logging after insert or update or delete on orders for each row execute function logged();
  create table part (id integer primary key, v integer) partition by range (id);
  create table part_low partition of part for values from (0) to (100);
  create table part_high partition of part for values from (100) to (200);
  insert into customer (email) values ('a'), ('b'), ('c');
  insert into orders (customer, amount) values (1, 1.0), (2, 2.0), (3, 3.0);
  insert into part values (1, 1), (101, 1); truncate log`;

const pair = (name: string, columns: readonly string[]): TablePair => ({
  schema: 'public',
  name,
  oldKind: 'table',
  newKind: 'table',
  key: ['id'],
  keyEnforced: true,
  columns: columns.map((column) => ({ name: column, oldType: '', newType: '', tolerance: null })),
  mode: 'strict',
});
const pairs = [
  pair('orders', ['id', 'customer', 'amount']),
  pair('customer', ['id', 'email', 'upper_email']),
  pair('part', ['id', 'v']),
];

describe.each(versions)('PostgreSQL %s', (version) => {
  let server: PostgresServer;
  let shop: Shop;
  let baseline: string;
  beforeAll(async () => {
    server = await startPostgres(version);
  });
  beforeEach(async () => {
    shop = await openShop(server, tables);
    baseline = shop.engine.places.baseline('r');
    await shop.engine.databases.clone(shop.live, baseline, { method: 'template' });
    await shop.sql(
      shop.live,
      `delete from customer where id = 1;
       update customer set email = case email when 'b' then 'c' else 'b' end || '~';
       update customer set email = rtrim(email, '~');
       insert into customer (email) values ('d');
       update orders set amount = 2.00 where id = 2;
       insert into orders (customer, amount) values (4, 4);
       update part set id = 150 where id = 1`,
    );
  });
  afterEach(() => shop.dispose());
  afterAll(() => server.stop());

  const rows = (database: string, table: string) =>
    shop.sql(database, `select t::text from ${table} t order by 1`);

  test('keys, generated columns, partitions and sequences come as they are, and no trigger acts', async () => {
    const live = await shop.engine.databases.identify(shop.live);
    await shop.engine.replay.bringOver(shop.live, baseline, pairs, 'replay r');
    for (const table of ['customer', 'orders', 'part', 'part_high'])
      expect(await rows(baseline, table)).toEqual(await rows(shop.live, table));
    expect(await rows(baseline, 'log')).toEqual([]);
    expect(await shop.engine.databases.identify(shop.live)).toEqual(live);
    const next = (database: string) =>
      shop.sql(database, `insert into customer (email) values ('e') returning id`);
    expect(await next(baseline)).toEqual(await next(shop.live));
    expect(
      await shop.sql(baseline, 'insert into orders (customer) values (4) returning id'),
    ).toEqual(await shop.sql(shop.live, 'insert into orders (customer) values (4) returning id'));
  });

  test('free-standing sequences go on from where live has them, and none is set back', async () => {
    for (const database of [shop.live, baseline])
      await shop.sql(
        database,
        `create sequence up; create sequence down increment -1; create sequence back; select nextval('back')`,
      );
    await shop.sql(shop.live, `select nextval('up'), nextval('up'), nextval('down')`);
    await shop.sql(baseline, `select setval('back', 40)`);
    await shop.engine.replay.bringOver(shop.live, baseline, [], 'replay r');
    const next = `select nextval('up') as up, nextval('down') as down, nextval('back') as back, nextval('orders_id_seq') as orders`;
    expect(await shop.sql(baseline, next)).toEqual([
      { up: '3', down: '-2', back: '41', orders: '5' },
    ]);
  });

  test('rows of a foreign partition stay as they are on their server', async () => {
    await shop.sql(shop.live, 'create table far (id integer primary key, v integer)');
    await shop.sql(
      baseline,
      `create extension postgres_fdw;
       create server there foreign data wrapper postgres_fdw options (host '127.0.0.1', port '${server.port}', dbname '${shop.live}');
       create user mapping for current_user server there options (user '${server.user}', password '${server.password}');
       alter table part drop constraint part_pkey;
       create foreign table part_far partition of part for values from (200) to (300) server there options (table_name 'far')`,
    );
    await shop.sql(shop.live, 'insert into far values (250, 1)');
    const refused = await shop.engine.replay
      .bringOver(shop.live, baseline, pairs, 'replay r')
      .catch((error) => error);
    expect(refused).toBeInstanceOf(GreenlightError);
    expect(refused.problem.cause).toBe('foreign: public.part_far');
    expect(await rows(shop.live, 'far')).toEqual([{ t: '(250,1)' }]);
  });

  test('triggers of a partition do not act either, and those that act always are in the way', async () => {
    await shop.sql(
      baseline,
      'create trigger low after insert or update or delete on part_low for each row execute function logged()',
    );
    const bring = (name: string) =>
      shop.engine.replay.bringOver(
        shop.live,
        baseline,
        pairs.filter((one) => one.name === name),
        'replay r',
      );
    await bring('part');
    expect(await rows(baseline, 'part')).toEqual(await rows(shop.live, 'part'));
    expect(await rows(baseline, 'log')).toEqual([]);
    await shop.sql(baseline, 'alter table orders enable always trigger logging');
    const before = await rows(baseline, 'orders');
    const refused = await bring('orders').catch((error) => error);
    expect(refused).toBeInstanceOf(GreenlightError);
    expect(refused.problem.cause).toContain('trigger logging of public.orders');
    expect(await rows(baseline, 'orders')).toEqual(before);
  });

  test.each([
    ['live', '(1, 1), (1, 2)', '(1, 1)'],
    ['both', '(1, 1), (1, 2)', '(1, 1), (1, 1)'],
    ['the copy', '(1, 1)', '(1, 1), (1, 1)'],
  ])(
    'a key that is not unique in %s loses no row: nothing is brought over',
    async (_, inLive, inCopy) => {
      const table = 'create table twice (id integer, v integer); insert into twice values';
      await shop.sql(shop.live, `${table} ${inLive}`);
      await shop.sql(baseline, `${table} ${inCopy}`);
      const before = await rows(baseline, 'twice');
      const refused = await shop.engine.replay
        .bringOver(shop.live, baseline, [pair('twice', ['id', 'v'])], 'rollback r')
        .catch((error) => error);
      expect(refused).toBeInstanceOf(GreenlightError);
      expect(refused.problem.what).toContain('not unique');
      expect(await rows(baseline, 'twice')).toEqual(before);
    },
  );

  test('without the privilege to keep triggers still, it says which one it is', async () => {
    const role = `release_${shop.live}`;
    await shop.sql(
      'postgres',
      `create role ${role} login password 'only for tests' in role pg_read_all_data, pg_write_all_data`,
    );
    const engine = await shop.engineWith({ user: role });
    const bring = () => engine.replay.bringOver(shop.live, baseline, pairs, 'replay r');
    const refused = await bring().catch((error) => error);
    expect(refused).toBeInstanceOf(GreenlightError);
    expect(refused.problem.help).toContain('GRANT SET ON PARAMETER session_replication_role');
    await shop.sql('postgres', `grant set on parameter session_replication_role to ${role}`);
    await shop.sql(baseline, `grant update on all sequences in schema public to ${role}`);
    await bring();
    expect(await rows(baseline, 'orders')).toEqual(await rows(shop.live, 'orders'));
  });
});
