import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Store, StoreTable } from '../../../src/engines/engine.ts';
import { createEngine } from '../../../src/engines/registry.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { openShop, type Shop, until, versions } from './shop.ts';

const table: StoreTable = {
  name: 'thing',
  columns: { id: 'integer', detail: 'json' },
  key: ['id'],
};

describe.each(versions)('the store on PostgreSQL %s', (version) => {
  let server: PostgresServer;
  let shop: Shop;
  beforeAll(async () => {
    server = await startPostgres(version);
    shop = await openShop(server, 'create table t (id integer)');
  });
  afterAll(async () => {
    await shop?.dispose();
    await server.stop();
  });

  const storesAt = async (ledger: string) =>
    (await createEngine('postgres', { ...shop.recipe.settings, ledger })).stores;
  const open = async (ledger: string): Promise<Store> => {
    const store = await (await storesAt(ledger)).open({ create: true, purpose: 'test' });
    if (store === null) throw new Error('no store');
    return store;
  };

  test('several processes may make it at the same time', async () => {
    const opened = await Promise.all([1, 2, 3, 4].map(() => open(`${shop.live}_made`)));
    for (const store of opened) await store.close();
    expect(await shop.databases()).toContain(`${shop.live}_made`);
  });

  test('a schema of a database that others use as well holds its tables only', async () => {
    await server.sql('postgres', `create database ${shop.live}_ops`);
    const store = await open(`${shop.live}_ops.ledger`);
    await store.write((writer) => writer.apply({ createTable: table }));
    await store.close();
    expect(
      await shop.sql(
        `${shop.live}_ops`,
        "select schemaname, tablename from pg_tables where schemaname !~ '^(pg_|information)'",
      ),
    ).toEqual([{ schemaname: 'ledger', tablename: 'thing' }]);
  });

  test('writers wait for each other: a number that is the largest plus one is given once', async () => {
    const ledger = `${shop.live}_turns`;
    const stores = await Promise.all([1, 2, 3].map(() => open(ledger)));
    await stores[0]?.write((writer) => writer.apply({ createTable: table }));
    const add = (store: Store) =>
      store.write(async (writer) => {
        const id = ((await writer.max(table, 'id')) ?? 0) + 1;
        await writer.insert(table, { id });
      });
    for (let turn = 0; turn < 5; turn += 1) await Promise.all(stores.map(add));
    const rows = await stores[0]?.select(table, {}, ['id']);
    expect(rows?.map(({ id }) => id)).toEqual(Array.from({ length: 15 }, (_, at) => at + 1));
    for (const store of stores) await store.close();
  });

  test('members of JSON keep their order, and any text fits', async () => {
    const store = await open(`${shop.live}_json`);
    const detail = { z: 1, a: 'nul \0', m: '\ud800' };
    await store.write(async (writer) => {
      await writer.apply({ createTable: table });
      await writer.insert(table, { id: 1, detail });
    });
    const [row] = await store.select(table, { id: 1 });
    expect(JSON.stringify(row?.detail)).toBe(JSON.stringify(detail));
    await store.close();
  });

  test('who holds a right is told by process, machine and session', async () => {
    const stores = await storesAt(`${shop.live}_held`);
    const hold = await stores.hold('swap', 0);
    const refused = await stores.hold('swap', 50);
    expect(refused).toEqual({
      held: false,
      holder: expect.stringMatching(
        new RegExp(`^process ${process.pid} on .* holds swap \\(session \\d+ from 127\\.0\\.0\\.1`),
      ),
    });
    if (hold.held) await hold.release();
    const again = await stores.hold('swap', 5_000);
    expect(again.held).toBe(true);
    // The server ends the session: the right is free.
    await server.sql(
      'postgres',
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name ~ 'holds swap'",
    );
    await until(async () => (await stores.hold('swap', 100)).held);
  });
});
