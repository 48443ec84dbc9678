import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Session } from '../../../src/engines/postgres/connection.ts';
import { requireSameLargeObjects } from '../../../src/engines/postgres/large-objects.ts';
import { readLargeObjects } from '../../../src/engines/postgres/mark.ts';
import { readOptions } from '../../../src/engines/postgres/options.ts';
import { DatabaseInUse, GreenlightError } from '../../../src/errors.ts';
import { patiently } from '../../../src/patiently.ts';
import { otherProcess } from '../../conformance/other-process.ts';
import { startLoad } from '../../support/load.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { openShop, type Shop, until, versions } from './shop.ts';

const tables = (mark: string) => `
  create table mark (name text); insert into mark values ('${mark}');
  create table orders (id integer primary key, client integer)`;

describe.each(versions)('PostgreSQL %s', (version) => {
  let server: PostgresServer;
  let shop: Shop;
  beforeAll(async () => {
    server = await startPostgres(version, { max_prepared_transactions: '5' });
  });
  beforeEach(async () => {
    shop = await openShop(server, tables('old'));
    await shop.sql('postgres', `create database "${shop.candidate}"`);
    await shop.sql(shop.candidate, tables('new'));
  });
  afterEach(() => shop.dispose());
  afterAll(() => server.stop());

  const exchange = (engine = shop.engine) =>
    engine.swap.exchange(shop.live, shop.candidate, shop.previous);
  const markOf = async (database: string) =>
    (await shop.sql(database, 'select name from mark'))[0]?.name;
  const isAsBefore = async () => {
    expect([await markOf(shop.live), await markOf(shop.candidate)]).toEqual(['old', 'new']);
    expect(await shop.databases()).not.toContain(shop.previous);
    expect((await shop.databases()).filter((name) => name.startsWith('greenlight~'))).toEqual([]);
  };
  test('what was written to is analysed, once, and the mark stays', async () => {
    const { swap, databases } = shop.engine;
    await shop.sql(
      shop.candidate,
      'insert into orders select i, i % 3 from generate_series(1, 500) as i',
    );
    const before = await databases.identify(shop.candidate);
    expect(await swap.warm(shop.candidate)).toBe(2);
    const known = "select reltuples::integer as rows from pg_class where relname = 'orders'";
    expect(await shop.sql(shop.candidate, known)).toEqual([{ rows: '500' }]);
    expect(await databases.identify(shop.candidate)).toEqual(before);
    expect(await swap.warm(shop.candidate)).toBe(0);
  });

  /** Somebody changes live's entry among the databases and does not commit: its name cannot be changed meanwhile. */
  const holdEntry = async () => {
    const admin = await shop.session('postgres', 'admin');
    await admin.query(`begin; alter database ${shop.live} set work_mem to '9MB'`);
    await admin.query(`alter database ${shop.live} connection limit 77`);
    return admin;
  };

  test('clients that write all the time lose a session and no row, and each comes back', async () => {
    const load = startLoad({ ...server.connection, database: shop.live }, 'orders', 8);
    await load.more(100);
    const fence = await patiently(20_000, () => shop.engine.swap.fence(shop.live));
    const before = load.acknowledged.length;
    await exchange();
    await fence.release();
    await until(async () => load.clients.every(({ errors, isOut }) => errors.length > 0 && !isOut));
    await load.more(100);
    await load.stop();
    const rows = await Promise.all(
      [shop.previous, shop.live].map((database) => shop.sql(database, 'select id from orders')),
    );
    const stored = new Set(rows.flat().map(({ id }) => Number(id)));
    expect(load.acknowledged.filter((id) => !stored.has(id))).toEqual([]);
    // Whatever was acknowledged behind the fence is in the new live.
    const inNew = new Set(rows[1]?.map(({ id }) => Number(id)));
    expect(load.acknowledged.slice(before + 8).filter((id) => !inNew.has(id))).toEqual([]);
    for (const { errors, recoveredMs } of load.clients) {
      expect(errors.length).toBeLessThanOrEqual(4);
      for (const error of errors)
        expect(error).toMatch(/^(57P01|3D000|ECONNRESET|Connection terminated.*)$/);
      expect(recoveredMs).toBeGreaterThan(0);
      expect(recoveredMs).toBeLessThan(30_000);
    }
  });

  test('a writer in the middle is never ended for the fence, and is named', async () => {
    const web = await shop.session(shop.live, 'web');
    await web.query('begin; insert into orders values (1, 1)');
    const refused = await shop.engine.swap.fence(shop.live).catch((error) => error);
    expect(refused).toBeInstanceOf(DatabaseInUse);
    expect(refused.problem.cause).toContain('web (release, ');
    await web.query('commit');
    await (await shop.engine.swap.fence(shop.live)).release();
  });

  test('a fence that meets a writer who wants what it has gives way', async () => {
    const web = await shop.session(shop.live);
    await web.query('begin; insert into orders values (1, 1)');
    const fencing = shop.engine.swap.fence(shop.live).catch((error) => error);
    // mark is locked already: without the fence giving way, this would be a deadlock.
    await sleep(200);
    await web.query(`insert into mark values ('more')`);
    await web.query('commit');
    const fence = await fencing;
    if (!(fence instanceof DatabaseInUse)) await fence.release();
  });

  test('prepared transactions are named before anybody is disturbed', async () => {
    const web = await shop.session(shop.live);
    await web.query(`begin; create table later (id integer); prepare transaction 'two phases'`);
    const refused = await exchange().catch((error) => error);
    expect(refused).toBeInstanceOf(DatabaseInUse);
    expect(refused.problem.cause).toBe('two phases');
    await web.query(`rollback prepared 'two phases'`);
    await isAsBefore();
  });

  test('sessions that may not be ended are named before anybody is', async () => {
    const role = `release_${shop.live}`;
    await shop.sql(
      'postgres',
      `create role ${role} login createdb password 'only for tests';
       alter database ${shop.live} owner to ${role}; alter database "${shop.candidate}" owner to ${role}`,
    );
    const web = await shop.session(shop.live, 'web');
    const engine = await shop.engineWith({ user: role });
    const refused = await exchange(engine).catch((error) => error);
    expect(refused).toBeInstanceOf(GreenlightError);
    expect(refused.problem.cause).toContain('web (release, ');
    expect((await web.query('select name from mark')).rows).toEqual([{ name: 'old' }]);
    await isAsBefore();
    await web.end();
    await exchange(engine);
    expect(await markOf(shop.live)).toBe('new');
  });

  test('an exchange that fails in the middle leaves nobody locked out, and the fence stands', async () => {
    const admin = await holdEntry();
    const web = await shop.session(shop.live);
    const fence = await shop.engine.swap.fence(shop.live);
    await expect(exchange()).rejects.toThrow(GreenlightError);
    await expect(web.query('select 1')).rejects.toThrow();
    await isAsBefore();
    const writer = await shop.session(shop.live);
    await writer.query("set lock_timeout = '300ms'");
    await expect(writer.query('insert into orders values (1, 1)')).rejects.toThrow('lock timeout');
    await fence.release();
    await writer.query('insert into orders values (1, 1)');
    await admin.query('rollback');
    await exchange();
    expect([await markOf(shop.live), await markOf(shop.previous)]).toEqual(['new', 'old']);
  });

  test('what sequences gave out behind the fence is not given out again', async () => {
    const sequences = `create sequence up; create sequence down increment -2; create sequence still;
      create sequence ahead; select nextval('up'), nextval('down'), nextval('still'), nextval('ahead')`;
    for (const database of [shop.live, shop.candidate]) await shop.sql(database, sequences);
    await shop.sql(shop.candidate, `select setval('ahead', 50), setval('still', 7)`);
    const fence = await shop.engine.swap.fence(shop.live);
    for (const name of ['up', 'up', 'down', 'ahead'])
      await shop.sql(shop.live, `select nextval('${name}')`);
    await exchange();
    expect(await shop.engine.swap.carryOn(shop.previous, shop.live)).toEqual([
      'public.up',
      'public.down',
    ]);
    await fence.release();
    expect(
      await shop.sql(
        shop.live,
        `select nextval('up') as up, nextval('down') as down, nextval('still') as still, nextval('ahead') as ahead`,
      ),
    ).toEqual([{ up: '4', down: '-5', still: '8', ahead: '51' }]);
    expect(await shop.engine.swap.carryOn(shop.previous, shop.live)).toEqual([]);
  });

  test('large objects that were written behind the fence are not left behind', async () => {
    const { swap } = shop.engine;
    await shop.sql(shop.live, `select lo_from_bytea(4711, 'before')`);
    for (const sql of [`select lo_put(4711, 0, 'BEFORE')`, `select lo_from_bytea(0, 'new')`]) {
      const fence = await swap.fence(shop.live);
      await shop.sql(shop.live, sql);
      const refused = await exchange().catch((error) => error);
      expect([sql, refused]).toEqual([sql, expect.any(DatabaseInUse)]);
      expect(refused.problem.what).toContain('Large objects');
      await fence.release();
      await isAsBefore();
    }
    // From that look on until the session of the fence ends, nobody writes them.
    const looking = await Session.open(shop.live, readOptions(shop.recipe.settings, {}), {
      purpose: 'test',
    });
    await looking.run('BEGIN');
    await requireSameLargeObjects(looking, await readLargeObjects(looking), shop.live);
    const writer = await shop.session(shop.live);
    await writer.query(`set lock_timeout = '100ms'`);
    for (const sql of [`select lo_put(4711, 0, 'late')`, 'select lo_create(0)'])
      await expect(writer.query(sql)).rejects.toMatchObject({ code: '55P03' });
    await looking.close();
    await writer.query(`select lo_put(4711, 0, 'late')`);
  });

  test('without its fence, which somebody ended, nothing is exchanged', async () => {
    const fence = await shop.engine.swap.fence(shop.live);
    await shop.sql(
      'postgres',
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'greenlight fence' and datname = '${shop.live}'`,
    );
    const refused = await exchange().catch((error) => error);
    expect(refused).toBeInstanceOf(DatabaseInUse);
    expect(refused.problem.what).toBe('The fence is gone that kept writers off.');
    await isAsBefore();
    await fence.release();
    await exchange();
    expect(await markOf(shop.live)).toBe('new');
  });

  /** Another process that has renamed one database and waits for the entry of the other. */
  const exchangeHeldUp = async () => {
    const admin = await holdEntry();
    const other = await otherProcess(shop.recipe, 'exchange', {
      live: shop.live,
      incoming: shop.candidate,
      kept: shop.previous,
    });
    await until(async () => {
      const waiting = await shop.sql(
        'postgres',
        `select from pg_stat_activity where application_name = 'greenlight swap' and wait_event_type = 'Lock'`,
      );
      return waiting.length > 0;
    });
    return { admin, other };
  };

  test('a machine that vanishes in the middle of an exchange locks nobody out for long', async () => {
    const { admin, other } = await exchangeHeldUp();
    other.freeze();
    await admin.query('rollback');
    try {
      const web = await shop.session(shop.live);
      expect((await web.query('select name from mark')).rows).toEqual([{ name: 'old' }]);
      await isAsBefore();
    } finally {
      await other.kill();
    }
  });

  test('an exchange that is killed in the middle has not happened, and is done again', async () => {
    const { admin, other } = await exchangeHeldUp();
    await other.kill();
    await admin.query('rollback');
    await until(async () => {
      const left = await shop.sql(
        'postgres',
        `select from pg_stat_activity where application_name like 'greenlight %'`,
      );
      return left.length === 0;
    });
    if ((await shop.databases()).includes(shop.candidate)) {
      await isAsBefore();
      await exchange();
    }
    expect([await markOf(shop.live), await markOf(shop.previous)]).toEqual(['new', 'old']);
  });

  test('what belongs to a database as a whole goes with it, there and back', async () => {
    await shop.sql('postgres', `alter database ${shop.live} set shop.motto to 'old'`);
    await shop.engine.databases.clone(shop.live, shop.candidate, { method: 'template' });
    await shop.sql('postgres', `alter database "${shop.candidate}" set shop.vat to '19'`);
    const settings = async () => {
      const { rows } = await (await shop.session(shop.live)).query(
        `select current_setting('shop.motto', true) as motto, current_setting('shop.vat', true) as vat`,
      );
      return rows[0];
    };
    await exchange();
    expect(await settings()).toEqual({ motto: 'old', vat: '19' });
    await shop.engine.swap.exchange(shop.live, shop.previous, shop.candidate);
    expect(await settings()).toEqual({ motto: 'old', vat: null });
  });
});
