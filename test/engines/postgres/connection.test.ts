import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { compareDatabases } from '../../../src/compare/compare.ts';
import { verdictOf } from '../../../src/compare/verdict.ts';
import { Session } from '../../../src/engines/postgres/connection.ts';
import { lockTables } from '../../../src/engines/postgres/fence.ts';
import { readOptions } from '../../../src/engines/postgres/options.ts';
import { createEngine } from '../../../src/engines/registry.ts';
import { GreenlightError } from '../../../src/errors.ts';
import { request } from '../../compare/request.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { openShop, type Shop, until, versions } from './shop.ts';

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((one) => one?.address === '::1');

describe.each(versions)('connections to PostgreSQL %s', (version) => {
  let server: PostgresServer;
  let shop: Shop;
  let sockets: string;
  beforeAll(async () => {
    sockets = await mkdtemp(join(tmpdir(), 'greenlight-sockets-'));
    await chmod(sockets, 0o777);
    server = await startPostgres(version, {
      listen_addresses: hasIpv6 ? '127.0.0.1,::1' : '127.0.0.1',
      unix_socket_directories: sockets,
      max_connections: '12',
      superuser_reserved_connections: '2',
    });
    await server.sql(
      'postgres',
      `create role plain login password 'only for tests'; create role other`,
    );
    shop = await openShop(
      server,
      `create schema s; create table s.t (id integer); create sequence s.ids; grant usage on schema s to plain`,
    );
  });
  afterAll(async () => {
    await shop?.dispose();
    await server.stop();
    await rm(sockets, { recursive: true, force: true });
  });

  const problemOf = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => null,
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(GreenlightError);
    return (error as GreenlightError).problem;
  };
  const engineAs = (connection: Record<string, string | number>, live = shop.live) =>
    createEngine('postgres', {
      ...shop.recipe.settings,
      live,
      connection: { ...server.connection, ...connection },
    });

  const whenIpv6 = hasIpv6 ? test : test.skip;
  const byUrl = async (host: string) => {
    await server.sql('postgres', `alter role plain password 'p:/%w d'`);
    const url = `postgresql://plain:p%3A%2F%25w%20d@${host}:${server.port}/ignored?connect_timeout=9`;
    try {
      const options = readOptions({ connection: { url }, root: '.' }, {});
      const asked = `SELECT current_user AS "user", current_database() AS database, inet_server_addr() AS address`;
      return await Session.use(shop.live, options, { purpose: 'test' }, (own) => own.row(asked));
    } finally {
      await server.sql('postgres', `alter role plain password 'only for tests'`);
    }
  };
  const here = () => ({ user: 'plain', database: shop.live });

  test('a URL with everything in it, to a host and to the folder of a socket', async () => {
    expect(await byUrl('127.0.0.1')).toEqual({ ...here(), address: '127.0.0.1' });
    expect(await byUrl(encodeURIComponent(sockets))).toEqual({ ...here(), address: null });
  });

  whenIpv6('a URL to an address of IPv6', async () => {
    expect(await byUrl('[::1]')).toEqual({ ...here(), address: '::1' });
  });

  test('PGOPTIONS is what a session begins with, and Greenlight outweighs it', async () => {
    const env = { PGOPTIONS: '-c work_mem=7MB -c statement_timeout=5s' };
    const options = readOptions({ connection: server.connection, root: '.' }, env);
    const asked = `SELECT current_setting('work_mem') AS work, current_setting('statement_timeout') AS "limit"`;
    expect(
      await Session.use(shop.live, options, { purpose: 'test' }, (own) => own.row(asked)),
    ).toEqual({ work: '7MB', limit: '6h' });
  });

  test('a wrong password is told without the password', async () => {
    const engine = await engineAs({ password: 'a wrong secret' });
    const problem = await problemOf(engine.catalog.read(shop.live));
    expect(problem.what).toBe('PostgreSQL does not take the password.');
    expect(problem.help).toContain('PGPASSWORD');
    expect(JSON.stringify(problem)).not.toContain('a wrong secret');
  });

  test('no such database, and no server', async () => {
    const problem = await problemOf(shop.engine.catalog.read('nothing_here'));
    expect(problem.what).toBe('There is no database nothing_here.');
    const elsewhere = await engineAs({ port: 1 });
    expect(await problemOf(elsewhere.catalog.read(shop.live))).toMatchObject({
      what: 'There is no PostgreSQL server to be reached here.',
      help: expect.stringContaining('connection.port'),
    });
  });

  test('a server without TLS, where TLS is asked for', async () => {
    const engine = await engineAs({ sslmode: 'require' });
    expect(await problemOf(engine.catalog.read(shop.live))).toMatchObject({
      what: 'The server offers no TLS, and connection.sslmode asks for it.',
    });
  });

  test('a table that may not be read, and a view that fails, are named by the comparison and are no pass', async () => {
    const sides = { old: `${shop.live}_old`, new: `${shop.live}_new` };
    for (const side of [sides.old, sides.new]) {
      await server.sql('postgres', `create database ${side}`);
      await server.sql(
        side,
        `create table mine (id integer primary key); grant select on mine to plain;
         create table hidden (id integer primary key); insert into mine values (1);
         create view fails as select id, 1 / (id - 1) as v from mine; grant select on fails to plain;
         create table half (id integer primary key, v text); grant select (id) on half to plain`,
      );
    }
    const denied = (name: string) =>
      expect.stringContaining(`permission denied for table ${name}; make it readable`);
    try {
      const engine = await engineAs({ user: 'plain' });
      const { comparison } = await compareDatabases(request(engine, sides));
      expect(comparison.tables.map(({ table, status, reason }) => [table, status, reason])).toEqual(
        [
          ['public.fails', 'skipped', expect.stringMatching(/^cannot be read: SQLSTATE 22012 /)],
          ['public.half', 'skipped', denied('half')],
          ['public.hidden', 'skipped', denied('hidden')],
          ['public.mine', 'identical', null],
        ],
      );
      expect(verdictOf(comparison)).toBe('unexplained');
    } finally {
      for (const side of [sides.old, sides.new])
        await server.sql('postgres', `drop database ${side} with (force)`);
    }
  });

  test('a ledger that may not be made is told with the statement that allows it', async () => {
    const engine = await engineAs({ user: 'plain' });
    const opening = engine.stores.open({ create: true, purpose: 'test' });
    expect(await problemOf(opening)).toMatchObject({
      where: 'greenlight.yml: ledger',
      help: expect.stringContaining('ALTER ROLE "plain" CREATEDB;'),
    });
    expect(await engine.stores.open({ create: false, purpose: 'test' })).toBeNull();
    const inSchema = await createEngine('postgres', {
      ...shop.recipe.settings,
      live: 'another',
      ledger: `${shop.live}.ledger`,
      connection: { ...server.connection, user: 'plain' },
    });
    expect(await problemOf(inSchema.stores.open({ create: true, purpose: 'test' }))).toMatchObject({
      help: expect.stringContaining(`GRANT CREATE ON DATABASE "${shop.live}" TO "plain";`),
    });
  });

  test('a server that only reads, as a standby does', async () => {
    await server.sql('postgres', 'create database reads');
    const engine = await engineAs({}, 'reads');
    const session = await engine.scripts.open('reads', {
      write: true,
      variables: {},
      forbidden: [],
    });
    const text = 'set transaction read only; create table t (id integer)';
    expect(await problemOf(session.run({ file: 'a.sql', text }))).toMatchObject({
      cause: 'cannot execute CREATE TABLE in a read-only transaction',
      help: expect.stringContaining('primary'),
    });
    await session.close();
  });

  test('every statement has a time limit: also of scripts, of a fence, and where none is configured', async () => {
    const limit = `SELECT current_setting('statement_timeout') AS "limit"`;
    for (const [connection, expected] of [
      [{}, '6h'],
      [{ statement_timeout: '90s' }, '90s'],
    ] as const) {
      const options = readOptions(
        { connection: { ...server.connection, ...connection }, root: '.' },
        {},
      );
      const about = { purpose: 'test' };
      expect(await Session.use(shop.live, options, about, (own) => own.row(limit))).toEqual({
        limit: expected,
      });
      const fence = await lockTables({ database: shop.live, schema: null, server: null }, options);
      expect(await fence.session.row(limit)).toEqual({ limit: expected });
      await fence.end();
      const scripts = await (await engineAs(connection)).scripts.open(shop.live, {
        write: false,
        variables: {},
        forbidden: [],
      });
      expect((await scripts.query({ file: 'a.sql', text: limit })).rows).toEqual([[expected]]);
      await scripts.close();
    }
  });

  test('a statement that takes too long is ended', async () => {
    const engine = await engineAs({ statement_timeout: '200ms' });
    const session = await engine.scripts.open(shop.live, {
      write: true,
      variables: {},
      forbidden: [],
    });
    expect(
      await problemOf(session.run({ file: 'a.sql', text: 'select 1;\nselect pg_sleep(60)' })),
    ).toMatchObject({
      where: 'a.sql:2',
      help: expect.stringContaining('connection.statement_timeout'),
    });
    await session.close();
  });

  test('a statement that somebody ends is not taken for one that took too long', async () => {
    const options = readOptions({ connection: server.connection, root: '.' }, {});
    const session = await Session.open(shop.live, options, { purpose: 'test' });
    const slow = problemOf(session.run('SELECT pg_sleep(30)'));
    const isRunning = `select from pg_stat_activity where pid = ${session.pid} and wait_event = 'PgSleep'`;
    await until(async () => (await shop.sql('postgres', isRunning)).length > 0);
    await session.cancel();
    expect(await slow).toMatchObject({
      what: expect.stringContaining('Somebody ended a statement'),
      cause: 'canceling statement due to user request',
    });
    await session.run('SELECT 1');
    await session.close();
  });

  test('too many connections', async () => {
    const engine = await engineAs({ user: 'plain' });
    const taken: pg.Client[] = [];
    try {
      for (;;) {
        const client = new pg.Client({ ...server.connection, user: 'plain', database: shop.live });
        client.on('error', () => undefined);
        await client.connect();
        taken.push(client);
      }
    } catch {
      // The server is full.
    }
    expect(taken.length).toBeGreaterThan(3);
    const problem = await problemOf(engine.catalog.read(shop.live));
    for (const client of taken) await client.end();
    expect(problem).toMatchObject({
      what: 'The server has no connection left.',
      help: expect.stringContaining('max_connections'),
    });
  });
});
