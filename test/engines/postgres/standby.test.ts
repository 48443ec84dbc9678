import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Engine } from '../../../src/engines/engine.ts';
import { createEngine } from '../../../src/engines/registry.ts';
import { compare, pairOf } from '../../conformance/pairs.ts';
import { type PostgresServer, startPostgres, startStandby } from '../../support/postgres-server.ts';
import { versions } from './shop.ts';

/** A copy of live on another server, which stands still. */
describe.each(versions)('a standby of PostgreSQL %s whose replay is paused', (version) => {
  let primary: PostgresServer;
  let standby: PostgresServer;
  let engine: Engine;
  const there = 'shop@replica';

  beforeAll(async () => {
    primary = await startPostgres(version);
    await primary.sql('postgres', 'create database shop');
    await primary.sql(
      'shop',
      `create table t (id integer primary key, v text); insert into t select i, 'v' || i from generate_series(1, 50) i;
       create sequence s; select nextval('s')`,
    );
    standby = await startStandby(primary);
    await caughtUp();
    await standby.sql('postgres', 'select pg_wal_replay_pause()');
    engine = await createEngine('postgres', {
      root: '.',
      live: 'shop',
      ledger: null,
      connection: primary.connection,
      servers: { replica: standby.connection },
    });
  }, 60_000);
  afterAll(async () => {
    await standby?.stop();
    await primary?.stop();
  });

  async function caughtUp(): Promise<void> {
    const [row] = await primary.sql('postgres', 'select pg_current_wal_insert_lsn() as lsn');
    for (;;) {
      const [there] = await standby.sql(
        'postgres',
        `select pg_last_wal_replay_lsn() >= '${row?.lsn}'::pg_lsn as done`,
      );
      if (there?.done === 't') return;
    }
  }

  test('is another database than live, with a mark that stays', async () => {
    const [live, copy] = [
      await engine.databases.identify('shop'),
      await engine.databases.identify(there),
    ];
    expect(copy?.id).toBe(`${live?.id}@replica`);
    expect(await engine.databases.identify(there)).toEqual(copy);
    expect((await engine.databases.glance(there))?.id).toBe(copy?.id);
    expect(await engine.databases.size(there)).toBeGreaterThan(0);
    expect(await engine.databases.identify('gone@replica')).toBeNull();
  });

  test('is compared, and does not follow what is written to live', async () => {
    await primary.sql('postgres', 'create database candidate template shop');
    await primary.sql(
      'candidate',
      `update t set v = 'other' where id = 7; delete from t where id = 9`,
    );
    const before = await engine.databases.identify(there);
    const catalogs = [
      await engine.catalog.read(there),
      await engine.catalog.read('candidate'),
    ] as const;
    const session = await engine.comparison.open({
      old: there,
      new: 'candidate',
      store: null,
      purpose: 'test',
      lineage: true,
    });
    try {
      const pair = pairOf(...catalogs, 'public', 't', { key: ['id'] });
      expect(await compare(session, pair)).toMatchObject({
        removed: 1,
        cells: new Map([['v', 1]]),
        proof: 'exact',
      });
    } finally {
      await session.close();
    }
    await primary.sql('shop', `insert into t values (51, 'late')`);
    expect(await engine.databases.identify(there)).toEqual(before);
    // When it goes on, its mark tells.
    await standby.sql('postgres', 'select pg_wal_replay_resume()');
    await caughtUp();
    await standby.sql('postgres', 'select pg_wal_replay_pause()');
    expect((await engine.databases.identify(there))?.mark).not.toBe(before?.mark);
  });

  test('nothing is worked on where nothing may be written', async () => {
    const options = { store: null, purpose: 'test', lineage: true };
    await expect(engine.comparison.open({ old: there, new: 'shop', ...options })).rejects.toThrow(
      'may make them on neither side',
    );
  });

  test('a server that nobody can reach is named', async () => {
    const other = await createEngine('postgres', {
      root: '.',
      live: 'shop',
      ledger: null,
      connection: primary.connection,
      servers: { replica: { ...standby.connection, port: 1 } },
    });
    const refused = await other.databases.identify(there).catch((error) => error);
    expect(refused.problem.where).toContain('server replica');
  });

  test('tables of which a standby has no rows are named', async () => {
    await primary.sql('shop', 'create unlogged table u (id integer)');
    await standby.sql('postgres', 'select pg_wal_replay_resume()');
    await caughtUp();
    const refused = await engine.databases.identify(there).catch((error) => error);
    expect(refused.problem).toMatchObject({ where: there, cause: 'public.u' });
  });
});
