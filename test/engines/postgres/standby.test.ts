import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Engine } from '../../../src/engines/engine.ts';
import { createEngine } from '../../../src/engines/registry.ts';
import { compare, pairOf } from '../../conformance/pairs.ts';
import {
  type PostgresServer,
  pauseStandby,
  startPostgres,
  startStandby,
} from '../../support/postgres-server.ts';
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
       create sequence s; select nextval('s');
       create schema sales; create table sales.t as table t;
       create schema copied; create table copied.t as table t; delete from copied.t where id = 3`,
    );
    standby = await startStandby(primary);
    await pauseStandby(primary, standby);
    engine = await createEngine('postgres', {
      root: '.',
      live: 'shop',
      ledger: null,
      connection: primary.connection,
      servers: { replica: standby.connection },
    });
  }, 180_000);
  afterAll(async () => {
    await standby?.stop();
    await primary?.stop();
  });

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
    await pauseStandby(primary, standby);
    expect((await engine.databases.identify(there))?.mark).not.toBe(before?.mark);
  });

  test('nothing is worked on where nothing may be written', async () => {
    const options = { store: null, purpose: 'test', lineage: true };
    await expect(engine.comparison.open({ old: there, new: 'shop', ...options })).rejects.toThrow(
      'may make them on neither side',
    );
  });

  test('has schemas that are compared as well', async () => {
    const ofSchema = await createEngine('postgres', {
      root: '.',
      live: 'shop.sales',
      ledger: null,
      connection: primary.connection,
      servers: { replica: standby.connection },
    });
    const sides = { old: 'shop.sales@replica', new: 'shop.copied' };
    // Of live's own schema of that name, another row would be found.
    await primary.sql('shop', 'delete from sales.t where id = 5');
    const [old, copied] = [
      await ofSchema.catalog.read(sides.old),
      await ofSchema.catalog.read(sides.new),
    ];
    const options = { store: null, purpose: 'test', lineage: true };
    const session = await ofSchema.comparison.open({ ...sides, ...options });
    try {
      const pair = pairOf(old, copied, 'sales', 't', { key: ['id'] });
      expect(await compare(session, pair)).toMatchObject({ added: 0, removed: 1 });
    } finally {
      await session.close();
    }
    expect((await ofSchema.databases.identify(sides.old))?.id).toMatch(/\/\d+\/\d+@replica$/);
  });

  test('the server of the connection under another name is none', async () => {
    const itself = await createEngine('postgres', {
      root: '.',
      live: 'shop',
      ledger: null,
      connection: primary.connection,
      servers: { itself: primary.connection },
    });
    const options = { store: null, purpose: 'test', lineage: true };
    await expect(
      itself.comparison.open({ old: 'shop@itself', new: 'template1', ...options }),
    ).rejects.toThrow('This is not another server');
  });

  test('is told by doctor, also when it follows live', async () => {
    const told = async (baseline: string) => {
      const options = { method: 'auto', copies: 1, replays: false, baseline };
      for await (const { subject, verdict, found } of engine.examiner.examine(options))
        if (subject === 'given baseline') return [verdict, found];
      return null;
    };
    expect(await told(there)).toEqual(['good', `${there} is on a standby whose replay is paused.`]);
    expect(await told('gone@replica')).toEqual(['fault', expect.stringContaining('gone')]);
    expect(await told('shop.gone@replica')).toEqual(['fault', expect.stringContaining('schema')]);
    await standby.sql('postgres', 'select pg_wal_replay_resume()');
    expect(await told(there)).toEqual(['warning', expect.stringContaining('follows live')]);
    await pauseStandby(primary, standby);
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
    await pauseStandby(primary, standby);
    const refused = await engine.databases.identify(there).catch((error) => error);
    expect(refused.problem).toMatchObject({ where: there, cause: 'public.u' });
  });
});
