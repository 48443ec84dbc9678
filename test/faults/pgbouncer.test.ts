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
import pg from 'pg';
import type { Engine } from '../../src/engines/engine.ts';
import { DatabaseInUse } from '../../src/errors.ts';
import { patiently } from '../../src/patiently.ts';
import { otherProcess } from '../conformance/other-process.ts';
import { openShop, type Shop, until, versions } from '../engines/postgres/shop.ts';
import { type Load, startLoad } from '../support/load.ts';
import { findPgbench, startPgbench } from '../support/pgbench.ts';
import { type Bouncer, findPgBouncer, startPgBouncer } from '../support/pgbouncer.ts';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';

jest.setTimeout(120_000);

const program = await findPgBouncer();
const found = program === null ? [] : versions;
if (found.length === 0) test.skip('PgBouncer cannot be had on this machine', () => undefined);
const pgbench = await findPgbench();

const tables = 'create table orders (id integer primary key, client integer)';

describe.each(found)('PgBouncer before PostgreSQL %s', (version) => {
  let server: PostgresServer;
  let shop: Shop;
  let bouncer: Bouncer;
  let engine: Engine;
  let load: Load | null = null;
  beforeAll(async () => {
    server = await startPostgres(version);
  });
  beforeEach(async () => {
    if (program === null) throw new Error('no PgBouncer');
    shop = await openShop(server, tables);
    await shop.sql('postgres', `create database "${shop.candidate}"`);
    await shop.sql(shop.candidate, tables);
    bouncer = await startPgBouncer(program, server, shop.live);
    engine = await shop.engineWith({ pgbouncer: `127.0.0.1:${bouncer.port}` });
  });
  afterEach(async () => {
    await load?.stop();
    load = null;
    await bouncer.stop();
    await shop.dispose();
  });
  afterAll(() => server.stop());

  const through = () => ({ ...server.connection, port: bouncer.port, database: shop.live });
  const write = (count: number) => {
    load = startLoad(through(), 'orders', count);
    return load;
  };
  const exchange = async (incoming: string, kept: string) => {
    const fence = await patiently(20_000, () => engine.swap.fence(shop.live));
    try {
      await engine.swap.exchange(shop.live, incoming, kept);
    } finally {
      await fence.release();
    }
  };
  const isPaused = async () => {
    const rows = await bouncer.command('SHOW DATABASES');
    return rows.some(({ name, paused }) => name === shop.live && Number(paused) > 0);
  };

  test('no transaction fails while live is swapped and put back, and none is lost', async () => {
    const clients = write(16);
    await clients.more(200);
    clients.longest();
    await exchange(shop.candidate, shop.previous);
    await clients.more(200);
    const swapped = clients.longest();
    const rolledBack = engine.places.rolledBack('r');
    await exchange(shop.previous, rolledBack);
    await clients.more(200);
    const back = clients.longest();
    await clients.stop();
    expect(clients.clients.flatMap(({ errors }) => errors)).toEqual([]);
    expect(await isPaused()).toBe(false);
    const settings = await bouncer.command('SHOW CONFIG');
    expect(settings.find(({ key }) => key === 'server_login_retry')?.value).toBe('15');
    const inLive = await shop.sql(shop.live, 'select id from orders');
    const inReleased = await shop.sql(rolledBack, 'select id from orders');
    const stored = new Set([...inLive, ...inReleased].map(({ id }) => Number(id)));
    expect(clients.acknowledged.filter((id) => !stored.has(id))).toEqual([]);
    expect(inReleased.length).toBeGreaterThan(0);
    // How long it is depends on the machine: bench/postgres-swap.ts measures it.
    expect(Math.max(swapped, back)).toBeLessThan(60_000);
  });

  const withPgbench =
    pgbench === null
      ? (name: string) =>
          test.skip(`${name} (pgbench cannot be had on this machine)`, () => undefined)
      : test;
  withPgbench(
    'pgbench: no transaction fails, and each is in live or in what was live',
    async () => {
      if (pgbench === null) throw new Error('no pgbench');
      const { user, password } = server;
      const behind = { host: '127.0.0.1', port: bouncer.port, user, password, database: shop.live };
      const bench = await startPgbench(pgbench, behind, 16);
      const rowsIn = async (database: string) =>
        Number((await shop.sql(database, 'select count(*) as n from orders'))[0]?.n);
      const goesOn = () => until(async () => bench.isOver() || (await rowsIn(shop.live)) >= 200);
      const rolledBack = engine.places.rolledBack('r');
      await goesOn();
      const times = [Date.now()];
      for (const [incoming, kept] of [
        [shop.candidate, shop.previous],
        [shop.previous, rolledBack],
      ] as const) {
        await exchange(incoming, kept);
        await goesOn();
        times.push(Date.now());
      }
      const result = await bench.finish();
      expect(result).toMatchObject({ complaint: '', exitCode: 0, failed: 0 });
      expect((await rowsIn(shop.live)) + (await rowsIn(rolledBack))).toBe(result.transactions);
      // Some waited for each: who had to, and was not held back, would have failed.
      const [began = 0, swapped = 0, back = 0] = times;
      for (const longest of [result.longest(began, swapped), result.longest(swapped, back)]) {
        expect(longest).toBeGreaterThan(50);
        expect(longest).toBeLessThan(60_000);
      }
    },
  );

  test('a transaction that does not end keeps the fence away, and everybody goes on', async () => {
    const clients = write(4);
    await clients.more(20);
    const long = new pg.Client(through());
    await long.connect();
    await long.query('begin; insert into orders values (-1, -1)');
    await expect(engine.swap.fence(shop.live)).rejects.toThrow(DatabaseInUse);
    expect(await isPaused()).toBe(false);
    await clients.more(20);
    await long.query('commit');
    await long.end();
    await (await patiently(20_000, () => engine.swap.fence(shop.live))).release();
    await clients.stop();
    expect(clients.clients.flatMap(({ errors }) => errors)).toEqual([]);
  });

  test('a run that is asked to stop lets the clients go on first', async () => {
    const { recipe } = shop;
    const connection = { ...recipe.settings.connection, pgbouncer: `127.0.0.1:${bouncer.port}` };
    const behind = { ...recipe, settings: { ...recipe.settings, connection } };
    const clients = write(4);
    await clients.more(20);
    const other = await otherProcess(behind, 'fence', { at: shop.live });
    expect(await isPaused()).toBe(true);
    await other.stop();
    expect(await isPaused()).toBe(false);
    await clients.more(20);
    await clients.stop();
    expect(clients.clients.flatMap(({ errors }) => errors)).toEqual([]);
  });

  test('clients that a killed run left waiting go on with the next exchange, or when live is settled', async () => {
    const { recipe } = shop;
    const connection = { ...recipe.settings.connection, pgbouncer: `127.0.0.1:${bouncer.port}` };
    const behind = { ...recipe, settings: { ...recipe.settings, connection } };
    const clients = write(4);
    await clients.more(20);
    for (const goOn of [
      () => exchange(shop.candidate, shop.previous),
      () => engine.swap.settle(shop.live),
    ]) {
      const other = await otherProcess(behind, 'fence', { at: shop.live });
      expect(await isPaused()).toBe(true);
      await other.kill();
      expect(await isPaused()).toBe(true);
      await goOn();
      expect(await isPaused()).toBe(false);
      await clients.more(20);
    }
    await clients.stop();
    expect(clients.clients.flatMap(({ errors }) => errors)).toEqual([]);
  });

  test('who waits for a fence goes on when it goes, and not before because live is settled', async () => {
    const fence = await engine.swap.fence(shop.live);
    await engine.swap.settle(shop.live);
    expect(await isPaused()).toBe(true);
    await fence.release();
    expect(await isPaused()).toBe(false);
  });

  test('an exchange without a fence pauses by itself', async () => {
    const clients = write(4);
    await clients.more(20);
    await patiently(20_000, () => engine.swap.exchange(shop.live, shop.candidate, shop.previous));
    await clients.more(20);
    await clients.stop();
    expect(clients.clients.flatMap(({ errors }) => errors)).toEqual([]);
  });
});
