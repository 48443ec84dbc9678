import { setTimeout as sleep } from 'node:timers/promises';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals';
import type { Engine, Trail, Watch } from '../../../src/engines/engine.ts';
import { Session } from '../../../src/engines/postgres/connection.ts';
import { readOptions } from '../../../src/engines/postgres/options.ts';
import { askSlot, makeSlot, settleBeginning } from '../../../src/engines/postgres/slots.ts';
import { otherProcess } from '../../conformance/other-process.ts';
import { isGate } from '../../support/gate.ts';
import { clientsFor, type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { openShop, type Shop, until, versions } from './shop.ts';

const tables = `
  create table orders (id serial primary key, item text, at timestamptz default now());
  create table "odd: na""me" (v integer);
  create table keyless (v integer);
  create unlogged table scratchpad (v integer);
  create table part (d date, v integer) partition by range (d);
  create table part_1 partition of part for values from ('2026-01-01') to ('2027-01-01');
  create materialized view total as select count(*) as n from orders;
  create unique index on total (n);
  create schema sales; create table sales.lines (id integer primary key, big text);
  insert into keyless values (1), (2);
  insert into orders (item) select 'i' || n from generate_series(1, 300) n`;

jest.setTimeout(240_000);

/** Makes databases, fills the log or waits for the server: the gate has no time for it. */
const slowly = isGate ? test.skip : test;

const byDecoding = { by: 'logical decoding', reason: null };

describe.each(versions)('PostgreSQL %s', (version) => {
  let server: PostgresServer;
  let shop: Shop;
  const watches: Watch[] = [];
  beforeAll(async () => {
    server = await startPostgres(version, {
      max_prepared_transactions: '5',
      max_replication_slots: '4',
    });
  });
  beforeEach(async () => {
    shop = await openShop(server, tables);
  });
  afterEach(async () => {
    for (const watch of watches.splice(0)) await watch.end();
    await server.sql(
      'postgres',
      'select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active',
    );
    await shop.dispose();
  });
  afterAll(() => server.stop());

  const watch = async (
    engine: Engine,
    at = shop.live,
    since?: Parameters<Engine['databases']['watch']>[1],
  ) => {
    const begun = await engine.databases.watch(at, since);
    watches.push(begun);
    return begun;
  };
  const slots = async () =>
    (await shop.sql('postgres', 'select slot_name from pg_replication_slots order by 1')).map(
      ({ slot_name }) => String(slot_name),
    );

  test('after the first look, what changes nothing is told without reading it', async () => {
    const { databases } = shop.engine;
    const { told } = await watch(shop.engine);
    const before = await databases.identify(shop.live);
    expect(told()).toEqual({ by: 'row versions', reason: null });
    for (const sql of [
      'select * from orders; select * from total',
      'vacuum orders',
      'vacuum freeze',
      'analyze',
      'checkpoint',
      'begin; select * from orders for update; commit',
      'begin; insert into orders (id) values (5000); rollback',
      'create temporary table t (id integer); insert into t values (1)',
    ]) {
      await shop.sql(shop.live, sql);
      expect([sql, await databases.identify(shop.live), told()]).toEqual([sql, before, byDecoding]);
    }
  });

  test('every write is told, however it is written, and the mark is the one that reading all gives', async () => {
    const { databases } = shop.engine;
    await watch(shop.engine);
    const prepared = `p${shop.live}`;
    const first = await databases.identify(shop.live);
    await shop.sql(
      shop.live,
      `begin; insert into keyless values (8); prepare transaction '${prepared}'`,
    );
    expect(await databases.identify(shop.live)).toEqual(first);
    await shop.sql(shop.live, `commit prepared '${prepared}'`);
    expect(await databases.identify(shop.live)).not.toEqual(first);
    const seen = [(await databases.identify(shop.live))?.mark];
    for (const sql of [
      `insert into orders (id, item) values (1000, 'new')`,
      `set synchronous_commit = off; update orders set item = 'other' where id = 1`,
      `update orders set item = item where id = 2`,
      'delete from orders where id = 4',
      'update keyless set v = 3 where v = 1',
      'delete from keyless where v = 2',
      'insert into "odd: na""me" values (1)',
      'begin; savepoint a; insert into keyless values (7); release a; commit',
      `insert into sales.lines select 1, string_agg(md5(n::text), '') from generate_series(1, 2000) n`,
      'truncate keyless',
      'truncate scratchpad',
      'insert into scratchpad values (1)',
      `insert into part values ('2026-05-05', 1)`,
      'refresh materialized view total',
      'insert into orders (id) values (2000); refresh materialized view concurrently total',
      `select nextval('orders_id_seq')`,
      'create table fresh as select 1 as id',
      'alter table orders alter column item set default 0',
      'alter table orders alter column item type varchar(40)',
      `comment on table orders is 'all of them'`,
      'alter table keyless set schema sales',
      `select lo_from_bytea(0, 'large')`,
      'cluster sales.lines using lines_pkey',
      `alter database ${shop.live} set work_mem = '5MB'`,
    ]) {
      await shop.sql(shop.live, sql);
      const now = await databases.identify(shop.live);
      expect([sql, seen.includes(now?.mark)]).toEqual([sql, false]);
      seen.push(now?.mark);
    }
    const other = await shop.engineWith({});
    expect(await databases.identify(shop.live)).toEqual(await other.databases.identify(shop.live));
  });

  test('a refresh of a view alone is told', async () => {
    await shop.sql(shop.live, 'insert into orders (id) values (2000)');
    const { databases } = shop.engine;
    const { told } = await watch(shop.engine);
    const before = await databases.identify(shop.live);
    await shop.sql(shop.live, 'refresh materialized view concurrently total');
    expect(await databases.identify(shop.live)).not.toEqual(before);
    expect(told().by).toBe('row versions');
  });

  slowly('rows that came and went again leave the mark as it was', async () => {
    const { databases } = shop.engine;
    const { told } = await watch(shop.engine);
    const before = await databases.identify(shop.live);
    await shop.sql(shop.live, 'insert into keyless values (9)');
    await shop.sql(shop.live, 'delete from keyless where v = 9');
    expect(await databases.identify(shop.live)).toEqual(before);
    expect(told()).toEqual({ by: 'row versions', reason: null });
    expect(await databases.identify(shop.live)).toEqual(before);
    expect(told()).toEqual(byDecoding);
  });

  test('of a schema, only what is in it counts', async () => {
    const at = `${shop.live}.sales`;
    const engine = await shop.engineFor(at);
    const { told } = await watch(engine, at);
    const before = await engine.databases.identify(at);
    await shop.sql(
      shop.live,
      `insert into orders (item) values ('x'); truncate keyless; create table more ()`,
    );
    expect([await engine.databases.identify(at), told()]).toEqual([before, byDecoding]);
    await shop.sql(shop.live, `insert into sales.lines values (1)`);
    expect(await engine.databases.identify(at)).not.toEqual(before);
    const renamed = await engine.databases.identify(at);
    await shop.sql(
      shop.live,
      'alter schema sales rename to away; insert into away.lines values (2); alter schema away rename to sales',
    );
    expect((await engine.databases.identify(at))?.mark).not.toBe(renamed?.mark);
  });

  slowly('another database in its place is another one', async () => {
    const { databases } = shop.engine;
    await watch(shop.engine);
    const before = await databases.identify(shop.live);
    await shop.sql('postgres', `create database "${shop.candidate}"`);
    await shop.engine.swap.exchange(shop.live, shop.candidate, shop.previous);
    expect((await databases.identify(shop.live))?.id).not.toBe(before?.id);
    expect(await databases.identify(shop.previous)).toEqual(before);
  });

  slowly('whoever is watched can be copied and dropped', async () => {
    const { databases } = shop.engine;
    const { told } = await watch(shop.engine);
    const before = await databases.identify(shop.live);
    await databases.clone(shop.live, shop.candidate, { method: 'template' });
    expect(await databases.identify(shop.live)).toEqual(before);
    expect(told().by).toBe('row versions');
    await watch(shop.engine, shop.candidate);
    await databases.identify(shop.candidate);
    await databases.drop(shop.candidate);
    expect(await databases.identify(shop.candidate)).toBeNull();
  });

  test('nothing of it stays on the server', async () => {
    await shop.engine.databases.identify(shop.live);
    const begun = await shop.engine.databases.watch(shop.live);
    await shop.engine.databases.identify(shop.live);
    expect(await slots()).toHaveLength(1);
    await begun.end();
    await until(async () => (await slots()).length === 0);
  });

  const trailTold = async (
    report: { readonly trail?: Trail; readonly source: { id: string; mark: string } },
    engine: Engine,
  ) => {
    const { told, end } = await engine.databases.watch(shop.live, {
      physical: report.source,
      point: report.trail?.point ?? '',
    });
    const found = await engine.databases.identify(shop.live);
    const [how, again] = [told(), await engine.databases.identify(shop.live)];
    expect(again).toEqual(found);
    await end();
    return { found, how };
  };

  slowly.each(clientsFor(version) === null ? ['template'] : ['template', 'dump'])(
    'a clone by %s begins a trail: from its instant on, nothing has to be read',
    async (method) => {
      const engine = await shop.engineWith({ drift_slot: 'clone' });
      const { databases, places } = engine;
      const report = await databases.clone(shop.live, places.baseline('r'), { method, trail: 'r' });
      expect(report.trail).toMatchObject(byDecoding);
      expect(report.lacks).not.toContainEqual(expect.stringContaining('replication slot'));
      expect(await databases.trail('r')).toMatchObject({ usable: true });
      await databases.clone(places.baseline('r'), shop.candidate, { method: 'template' });
      const scans = async () =>
        (
          await shop.sql(
            shop.live,
            `select pg_stat_force_next_flush(); select seq_scan + coalesce(idx_scan, 0) as n from pg_stat_user_tables where relname = 'orders'`,
          )
        )[0]?.n;
      await sleep(1_100); // statistics of sessions that have ended
      const before = await scans();
      expect(await trailTold(report, engine)).toEqual({ found: report.source, how: byDecoding });
      await sleep(1_100);
      expect(await scans()).toBe(before);

      await shop.sql(shop.live, 'update orders set id = id where id = 1');
      const { found, how } = await trailTold(report, engine);
      expect(found).toEqual(await shop.engine.databases.identify(shop.live));
      expect([found?.id, found?.mark === report.source.mark, how.by]).toEqual([
        report.source.id,
        false,
        'row versions',
      ]);
      expect(await databases.dropTrail('r')).toBe(true);
      expect(await databases.trail('r')).toBeNull();
      const after = await trailTold(report, engine);
      expect(after.how).toEqual({
        by: 'row versions',
        reason: expect.stringContaining('slot is gone'),
      });
    },
  );

  slowly('a schema has a trail of its own, whatever is written beside it', async () => {
    const at = `${shop.live}.sales`;
    const engine = await shop.engineFor(at, { drift_slot: 'clone' });
    const { databases, places } = engine;
    const report = await databases.clone(at, places.baseline('r'), { method: 'auto', trail: 'r' });
    expect(report.trail).toMatchObject(byDecoding);
    await shop.sql(shop.live, `insert into orders (item) values ('x')`);
    const { told } = await watch(engine, at, {
      physical: report.source,
      point: report.trail?.point ?? '',
    });
    expect([await databases.identify(at), told()]).toEqual([report.source, byDecoding]);
    await shop.sql(shop.live, 'insert into sales.lines values (1)');
    expect(await databases.identify(at)).not.toEqual(report.source);
  });

  slowly('the tables are named of which rows were written since a trail began', async () => {
    await shop.sql(
      shop.live,
      'create table heir () inherits (keyless); create table untouched (v integer)',
    );
    const engine = await shop.engineWith({ drift_slot: 'clone' });
    const { databases, places } = engine;
    const cloneAnew = async () => {
      const { source, trail } = await databases.clone(shop.live, places.baseline('r'), {
        method: 'template',
        trail: 'r',
      });
      const since = { physical: source, point: trail?.point ?? '' };
      return async () =>
        (await databases.writtenSince?.(since))
          ?.map(({ schema, name }) => `${schema}.${name}`)
          .sort() ?? null;
    };
    let written = await cloneAnew();
    expect(await written()).toEqual([]);
    await shop.sql(shop.live, `begin; insert into sales.lines values (1); rollback`);
    await shop.sql(
      shop.live,
      `insert into orders (item) values ('x'); insert into part values ('2026-05-05', 1);
       insert into heir values (1); insert into "odd: na""me" values (1)`,
    );
    expect(await written()).toEqual([
      'public.heir',
      'public.keyless',
      'public.odd: na"me',
      'public.orders',
      'public.part',
    ]);
    for (const sql of [
      'truncate sales.lines, orders',
      'create table fresh ()',
      'insert into scratchpad values (1)',
      `select lo_from_bytea(0, 'large')`,
      'refresh materialized view total',
      `alter database ${shop.live} set work_mem = '7MB'`,
    ]) {
      written = await cloneAnew();
      await shop.sql(shop.live, sql);
      expect([sql, await written()]).toEqual([sql, null]);
    }
    written = await cloneAnew();
    await databases.dropTrail('r');
    expect(await written()).toBeNull();
  });

  test('of a schema, its own tables are named, as live names them', async () => {
    const engine = await shop.engineFor(`${shop.live}.sales`, { drift_slot: 'clone' });
    const { databases, places } = engine;
    const { source, trail } = await databases.clone(places.live, places.baseline('r'), {
      method: 'auto',
      trail: 'r',
    });
    await shop.sql(
      shop.live,
      `insert into orders (item) values ('x'); insert into sales.lines values (1)`,
    );
    expect(await databases.writtenSince?.({ physical: source, point: trail?.point ?? '' })).toEqual(
      [{ schema: 'sales', name: 'lines' }],
    );
  });

  slowly(
    'by default there is a trail only where the server limits what it keeps, and slots are left',
    async () => {
      const { databases, places } = shop.engine;
      const clone = async () =>
        (await databases.clone(shop.live, places.baseline('r'), { method: 'template', trail: 'r' }))
          .trail;
      const none = { point: null, by: 'row versions' };
      expect(await clone()).toEqual({ ...none, reason: expect.stringContaining('sets no limit') });
      expect(await slots()).toEqual([]);
      const limit = (size: string) =>
        server.sql('postgres', `alter system set max_slot_wal_keep_size = '${size}'`);
      await limit('1GB');
      await server.sql('postgres', 'select pg_reload_conf()');
      await sleep(300);
      expect(await clone()).toMatchObject(byDecoding);
      expect(await slots()).toHaveLength(1);
      for (const at of [1, 2])
        await shop.sql(
          shop.live,
          `select pg_create_logical_replication_slot('theirs_${at}', 'test_decoding')`,
        );
      // Its own one is made anew.
      expect(await clone()).toMatchObject(byDecoding);
      await shop.sql(
        shop.live,
        `select pg_create_logical_replication_slot('theirs_3', 'test_decoding')`,
      );
      expect(await clone()).toEqual({ ...none, reason: expect.stringContaining('left to others') });
      await limit('-1');
      await server.sql('postgres', 'select pg_reload_conf()');
    },
  );

  slowly('without a slot, the privilege or the setting all is read, and why is said', async () => {
    const { databases } = shop.engine;
    for (const at of [1, 2, 3, 4])
      await shop.sql(
        shop.live,
        `select pg_create_logical_replication_slot('theirs_${at}', 'test_decoding')`,
      );
    const { told } = await watch(shop.engine);
    const before = await databases.identify(shop.live);
    expect([await databases.identify(shop.live), told()]).toEqual([
      before,
      { by: 'row versions', reason: expect.stringContaining('max_replication_slots') },
    ]);
    await shop.sql(
      'postgres',
      `create role reader${shop.live} login password 'only for tests' bypassrls in role pg_read_all_data`,
    );
    const reader = await shop.engineWith({ user: `reader${shop.live}` });
    const its = await watch(reader);
    expect([await reader.databases.identify(shop.live), its.told()]).toEqual([
      before,
      { by: 'row versions', reason: expect.stringContaining('REPLICATION') },
    ]);
    const never = await shop.engineWith({ drift_slot: 'never' });
    const own = await watch(never);
    expect([await never.databases.identify(shop.live), own.told()]).toEqual([
      before,
      { by: 'row versions', reason: 'connection.drift_slot is never' },
    ]);
  });

  slowly('a slot that the server has given up proves nothing', async () => {
    const engine = await shop.engineWith({ drift_slot: 'clone' });
    const { databases, places } = engine;
    const report = await databases.clone(shop.live, places.baseline('r'), {
      method: 'template',
      trail: 'r',
    });
    await server.sql('postgres', `alter system set max_slot_wal_keep_size = '1MB'`);
    await server.sql('postgres', 'select pg_reload_conf()');
    for (let round = 0; round < 5; round++)
      await server.sql(
        'postgres',
        'create table if not exists filler (t text); insert into filler select repeat(md5(n::text), 50) from generate_series(1, 15000) n; select pg_switch_wal(); checkpoint',
      );
    await until(async () => (await databases.trail('r'))?.usable === false);
    const { found, how } = await trailTold(report, engine);
    expect([found, how]).toEqual([
      report.source,
      { by: 'row versions', reason: expect.stringContaining('dropped log') },
    ]);
    await server.sql('postgres', `alter system set max_slot_wal_keep_size = '-1'`);
    await server.sql('postgres', 'select pg_reload_conf()');
  });

  slowly(
    'a clone that fails keeps nothing, and what a killed one leaves goes with the next',
    async () => {
      const engine = await shop.engineWith({ drift_slot: 'clone' });
      const { databases, places } = engine;
      const web = await shop.session(shop.live);
      const clone = () =>
        databases.clone(shop.live, places.baseline('r'), { method: 'template', trail: 'r' });
      await expect(clone()).rejects.toThrow('Other sessions are on this database');
      expect(await databases.trail('r')).toBeNull();

      await web.end();

      // A clone that waits for the lock of a session: killed there, it has made its slot.
      const admin = await shop.session('postgres');
      await admin.query(`begin; lock table pg_database in share mode`);
      const connection = { ...server.connection, drift_slot: 'clone' };
      const recipe = { ...shop.recipe, settings: { ...shop.recipe.settings, connection } };
      const task = { from: shop.live, to: places.baseline('r'), method: 'template', trail: 'r' };
      const process = await otherProcess(recipe, 'clone', task);
      await until(async () => (await databases.trail('r')) !== null);
      await process.kill();
      await admin.query('rollback');
      expect(await databases.trail('r')).toMatchObject({ usable: true });
      const report = await clone();
      expect(await slots()).toHaveLength(1);
      expect(await trailTold(report, engine)).toEqual({ found: report.source, how: byDecoding });
    },
  );

  slowly('a process that is killed while it watches leaves nothing', async () => {
    const process = await otherProcess(shop.recipe, 'watch', { at: shop.live });
    expect(process.answer).toBe('watching');
    expect(await slots()).toHaveLength(1);
    await process.kill();
    await until(async () => (await slots()).length === 0);
  });

  test('a transaction that the snapshot did not see is told when it ends, one that it saw is not', async () => {
    const options = readOptions({ root: '.', connection: server.connection }, {});
    await Session.use(shop.live, options, { purpose: 'test', readOnly: true }, async (session) => {
      expect(await makeSlot(session, 'greenlight_test', { temporary: true })).toEqual({
        reason: null,
      });
      const [first, second] = [await shop.session(shop.live), await shop.session(shop.live)];
      await first.query('begin; insert into keyless values (10)');
      expect(await settleBeginning(session)).toHaveLength(1);
      await second.query('begin; insert into keyless values (11)');
      await second.query('commit');
      const { snapshot } = await session.row('select pg_current_snapshot() as snapshot');
      const point = { snapshot: String(snapshot), doubtful: [], undecoded: '' };
      const ask = () => askSlot(session, 'greenlight_test', point, null);
      expect(await ask()).toEqual({ isUnwritten: true, reason: null });
      await first.query('commit');
      expect(await ask()).toEqual({ isUnwritten: false, reason: null });
    });
  });
});
