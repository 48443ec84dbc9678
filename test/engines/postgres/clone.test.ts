import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { wayToClone } from '../../../src/engines/postgres/clone.ts';
import { vacuumLoaded } from '../../../src/engines/postgres/copied.ts';
import { readOptions } from '../../../src/engines/postgres/options.ts';
import { createEngine } from '../../../src/engines/registry.ts';
import { DatabaseInUse } from '../../../src/errors.ts';
import { otherProcess } from '../../conformance/other-process.ts';
import { fakeClients } from '../../support/postgres-clients.ts';
import { clientsFor, type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { openShop, type Shop, until, versions } from './shop.ts';

const tables = `
  create table orders (id serial primary key, item text);
  create table lines (id integer primary key references orders, amount numeric);
  insert into orders (item) select 'i' || n from generate_series(1, 50) n;
  insert into lines select id, id from orders`;

describe.each(versions)('PostgreSQL %s', (version) => {
  let server: PostgresServer;
  let shop: Shop;
  beforeAll(async () => {
    server = await startPostgres(version);
  });
  afterEach(() => shop.dispose());
  afterAll(() => server.stop());
  const whenClients = clientsFor(version) === null ? test.skip : test;

  const clone = (method: string, engine = shop.engine) =>
    engine.databases.clone(shop.live, shop.candidate, { method });
  const identify = (at: string) => shop.engine.databases.identify(at);

  test('by template it refuses a database with sessions, names them, and they go on', async () => {
    shop = await openShop(server, tables);
    const web = await shop.session(shop.live, 'web');
    const refused = await clone('template').catch((error) => error);
    expect(refused).toBeInstanceOf(DatabaseInUse);
    expect(refused.problem.cause).toContain('web (release, ');
    expect((await web.query('select count(*) as n from orders')).rows).toEqual([{ n: '50' }]);
    await web.end();
    const { reason, method } = await clone('template');
    expect(method).toBe('template');
    expect(reason).toMatch(
      /^nobody was on it; the server copies its files \([\d.]+ MB\), and new sessions wait until that is done$/,
    );
  });

  const tooLong = async (work: Promise<unknown>, what: string) => {
    const ended = await work.then(
      () => null,
      (error) => error,
    );
    expect(ended?.problem).toMatchObject({
      what: expect.stringContaining(what),
      help: expect.stringContaining('Raise connection.copy_timeout'),
    });
  };

  test('what copies has a limit of its own, and leaves nothing when it is met', async () => {
    shop = await openShop(server, tables);
    await shop.sql(shop.live, 'create schema small; create table small.t as select 1 as a');
    const before = await shop.databases();
    // Every copy takes longer; nothing else may be ended by it.
    const quick = { copy_timeout: '1ms' };
    await tooLong(clone('template', await shop.engineWith(quick)), 'A statement of the copy took');
    const schema = await shop.engineFor(`${shop.live}.small`, quick);
    const { places, databases } = schema;
    const copying = databases.clone(places.live, places.candidate('r'), { method: 'auto' });
    await tooLong(copying, 'A statement of the copy took');
    const options = readOptions({ connection: { ...server.connection, ...quick }, root: '.' }, {});
    if (version === 18)
      await tooLong(vacuumLoaded(shop.live, options), 'A statement of the copy took');
    expect(await shop.databases()).toEqual(before);
    const long = await shop.engineWith({ copy_timeout: '1min', statement_timeout: '5s' });
    expect((await clone('template', long)).method).toBe('template');
  });

  whenClients('so have pg_dump, pg_restore and what comes after them', async () => {
    shop = await openShop(server, tables);
    const before = await shop.databases();
    await tooLong(clone('dump', await shop.engineWith({ copy_timeout: '1ms' })), 'pg_dump took');
    // pg_restore waits here, as long as it may.
    await shop.sql(
      shop.live,
      `create materialized view sleeps as select case when current_setting('application_name') like '%clone%' then pg_sleep(60)::text end as v`,
    );
    await tooLong(clone('dump', await shop.engineWith({ copy_timeout: '5s' })), 'pg_restore took');
    const sleeping = `select from pg_stat_activity where query like '%sleeps%' and pid <> pg_backend_pid()`;
    expect(await shop.sql('postgres', sleeping)).toEqual([]);
    expect(await shop.databases()).toEqual(before);
  });

  test('by template it ends the sessions when it is told to', async () => {
    shop = await openShop(server, tables);
    const web = await shop.session(shop.live);
    const report = await clone('auto', await shop.engineWith({ end_sessions: true }));
    expect(report.method).toBe('template');
    expect(report.reason).toContain('its sessions were ended (1)');
    await expect(web.query('select 1')).rejects.toThrow();
    expect(report.source).toEqual(await identify(shop.live));
  });

  whenClients('with the password of a password file, sessions and pg_dump get in', async () => {
    shop = await openShop(server, tables);
    const folder = await mkdtemp(join(tmpdir(), 'greenlight-test-'));
    const passfile = join(folder, 'passwords');
    const { host, port, user, password } = server;
    await writeFile(passfile, `${host}:${port}:*:${user}:${password}\n`, { mode: 0o600 });
    const engine = await createEngine('postgres', {
      ...shop.recipe.settings,
      connection: { host, port, user, passfile },
    });
    expect((await clone('dump', engine)).method).toBe('dump');
    expect(await shop.sql(shop.candidate, 'select count(*) as n from lines')).toEqual([
      { n: '50' },
    ]);
    await rm(folder, { recursive: true });
  });

  whenClients('what a killed dump leaves on disk goes with the next clone', async () => {
    shop = await openShop(server, tables);
    const folder = await mkdtemp(join(tmpdir(), 'greenlight-test-'));
    const left = async () =>
      (await readdir(folder)).filter((name) => name.startsWith('greenlight-clone-')).length;
    const start = () =>
      otherProcess(
        shop.recipe,
        'clone',
        { from: shop.live, to: shop.candidate, method: 'dump' },
        { TMPDIR: folder },
      );
    const web = await shop.session(shop.live);
    await web.query('begin; lock table orders in access exclusive mode');
    const killed = await start();
    await until(async () => (await left()) === 1);
    await killed.kill();
    await web.query('rollback');
    expect(await left()).toBe(1);
    const again = await start();
    await until(async () => (await shop.databases()).includes(shop.candidate));
    await until(async () => (await left()) === 0);
    await again.kill();
    await rm(folder, { recursive: true, force: true });
  });

  whenClients(
    'by dump it holds one instant of a database that is written to all the time',
    async () => {
      shop = await openShop(server, tables);
      const web = await shop.session(shop.live);
      let isCloned = false;
      const writing = (async () => {
        for (let at = 0; !isCloned; at++) {
          await web
            .query(
              `with o as (insert into orders (item) values ('w${at}') returning id) insert into lines select id, ${at} from o`,
            )
            .catch(() => undefined);
          if (at % 7 === 0)
            await web.query('delete from lines where id = (select min(id) from lines)');
        }
      })();
      const report = await clone('auto');
      isCloned = true;
      await writing;
      expect(report.method).toBe('dump');
      expect(report.reason).toMatch(
        /^live goes on with its sessions; pg_dump and pg_restore [\d.]+ copy [\d.]+ MB row by row .* only changes to definitions wait meanwhile$/,
      );
      const [found] = await shop.sql(
        shop.candidate,
        `select (select max(id) from orders) as last, (select last_value from orders_id_seq) as position,
              (select count(*) from orders) - (select max(id) from orders) as gaps`,
      );
      expect(Number(found?.position)).toBeGreaterThanOrEqual(Number(found?.last));
      const [live] = await shop.sql(shop.live, 'select count(*) as n from orders');
      expect(Number(live?.n)).toBeGreaterThan(50);
      expect(report.source.mark).not.toBe((await identify(shop.live))?.mark);
    },
  );

  whenClients('by dump its source is the mark of what it holds', async () => {
    shop = await openShop(server, tables);
    const before = await identify(shop.live);
    const report = await clone('dump');
    expect(report.source).toEqual(before);
    expect(report.clone).toEqual(await identify(shop.candidate));
    // What is not live has nobody who would wait, whatever is configured for live.
    const again = await shop.engine.databases.clone(shop.candidate, `${shop.live}_again`, {
      method: 'dump',
    });
    expect(again.method).toBe('template');
    await expect(clone('reflink')).rejects.toThrow('does not clone by reflink');
  });

  whenClients('a stale materialised view is told, because a dump computes it anew', async () => {
    shop = await openShop(
      server,
      `${tables}; create materialized view total as select sum(amount) from lines;
      create materialized view fresh as select count(*) from orders; update lines set amount = 0 where id = 1`,
    );
    const { lacks } = await clone('dump');
    expect(lacks).toEqual([
      'the stale rows of materialized view public.total: it was computed anew',
    ]);
  });

  const extensionsOf = (database: string) =>
    shop.sql(database, 'select extname, extversion from pg_extension order by 1');

  whenClients('by dump an extension comes in the version of live', async () => {
    shop = await openShop(
      server,
      `create schema "Odd; one"; create extension hstore schema "Odd; one" version '1.4';
       create extension citext version '1.5'; create extension pg_trgm;
       create table "Odd; one".tags (id integer primary key, tags "Odd; one".hstore, name citext);
       insert into "Odd; one".tags values (1, 'a=>1', 'A');
       comment on extension hstore is 'ours'; create index on "Odd; one".tags using gin (tags "Odd; one".gin_hstore_ops)`,
    );
    const { lacks } = await clone('dump');
    expect(lacks).toEqual([]);
    expect(await extensionsOf(shop.candidate)).toEqual(await extensionsOf(shop.live));
    expect(await extensionsOf(shop.candidate)).toContainEqual({
      extname: 'hstore',
      extversion: '1.4',
    });
    expect(await shop.sql(shop.candidate, 'select tags, name from "Odd; one".tags')).toEqual([
      { tags: '"a"=>"1"', name: 'A' },
    ]);
  });

  whenClients('what a restored dump has not as live has it is listed', async () => {
    shop = await openShop(
      server,
      `${tables}; create extension hstore; update pg_extension set extversion = '1.1' where extname = 'hstore';
       create publication feed for table orders with (publish = 'insert');
       create table states (id integer, state varchar(9) check (state in ('new', 'sent')));
       insert into states values (1, 'new'), (1, 'sent')`,
    );
    await shop
      .sql(shop.live, 'create unique index concurrently broken on states (id)')
      .catch(() => undefined);
    await shop.sql(
      shop.live,
      `create subscription from_elsewhere connection 'host=127.0.0.1 port=1 dbname=none' publication p
         with (connect = false, slot_name = none)`,
    );
    const report = await clone('dump');
    const subscribed = 'select datname from pg_subscription join pg_database d on d.oid = subdbid';
    expect(await shop.sql('postgres', subscribed)).toEqual([{ datname: shop.live }]);
    await shop.sql(shop.live, 'drop subscription from_elsewhere');
    expect(report.lacks).toEqual([
      'extension hstore as live has it (version 1.1 schema public; the clone: version 1.8 schema public)',
      'index public.broken',
      'the spelling of constraint public.states.states_state_check: PostgreSQL has written it anew, from the same words',
      `subscription from_elsewhere (goes on with ${shop.live})`,
    ]);
    expect(await shop.sql(shop.candidate, 'select pubname, pubupdate from pg_publication')).toEqual(
      [{ pubname: 'feed', pubupdate: 'f' }],
    );
  });

  test.each(clientsFor(version) === null ? ['template'] : ['template', 'dump'])(
    'by %s it carries what belongs to the database as a whole, and lists the rest',
    async (method) => {
      shop = await openShop(server, tables);
      await shop.sql(
        'postgres',
        `do $$ begin if not exists (select from pg_roles where rolname = 'app') then create role app; create role owner_of_shop; end if; end $$;
         alter database ${shop.live} owner to owner_of_shop;
         alter database ${shop.live} set search_path to "$user", 'Odd, one', public;
         alter database ${shop.live} set work_mem to '7MB';
         alter database ${shop.live} set shop.motto to 'it''s \\ fine';
         alter role app in database ${shop.live} set statement_timeout to '9s';
         alter database ${shop.live} connection limit 40;
         comment on database ${shop.live} is 'the shop';
         revoke all on database ${shop.live} from public;
         grant connect on database ${shop.live} to app;
         grant temporary on database ${shop.live} to app with grant option`,
      );
      await shop.sql(shop.live, `select pg_create_logical_replication_slot('cdc', 'pgoutput')`);
      const report = await clone(method);
      await shop.sql(shop.live, `select pg_drop_replication_slot('cdc')`);
      const facts = async (database: string) =>
        shop.sql(
          'postgres',
          `select pg_get_userbyid(datdba), datconnlimit, shobj_description(d.oid, 'pg_database'),
                  (select array_agg(a::text order by a::text) from aclexplode(datacl) a),
                  (select array_agg((setrole, setconfig)::text order by setrole) from pg_db_role_setting where setdatabase = d.oid)
             from pg_database d where datname = '${database}'`,
        );
      expect(await facts(shop.candidate)).toEqual(await facts(shop.live));
      expect(report.lacks).toEqual([`replication slot cdc (goes on with ${shop.live})`]);
      expect(report.source).toEqual(await identify(shop.live));
      await shop.sql('postgres', `alter database ${shop.live} set work_mem to '8MB'`);
      expect((await identify(shop.live))?.mark).not.toBe(report.source.mark);
    },
  );

  whenClients('what a killed clone left is no clone, and goes with the next one', async () => {
    shop = await openShop(server, tables);
    const before = await shop.databases();
    const leaveOne = async () => {
      // It cannot read this table, so it stays in the middle of the work.
      const web = await shop.session(shop.live);
      await web.query('begin; lock table lines in access exclusive mode');
      const task = { from: shop.live, to: shop.candidate, method: 'dump' };
      const other = await otherProcess(shop.recipe, 'clone', task);
      await until(async () => (await shop.databases()).length > before.length);
      await other.kill();
      await web.end();
      expect(await identify(shop.candidate)).toBeNull();
    };
    await leaveOne();
    await shop.engine.databases.drop(shop.candidate);
    expect(await shop.databases()).toEqual(before);
    await leaveOne();
    await clone('dump');
    expect(await shop.databases()).toEqual([...before, shop.candidate].sort());
  });
});

// Whether the file system can share blocks is not to be learnt by SQL.
describe.each(versions.filter((version) => version === 18))(
  'PostgreSQL %s that is told to share blocks',
  (version) => {
    let server: PostgresServer;
    let shop: Shop;
    let folder: string;
    beforeAll(async () => {
      server = await startPostgres(version, { file_copy_method: 'clone' });
      folder = await mkdtemp(join(tmpdir(), 'greenlight-test-'));
    });
    afterEach(() => shop.dispose());
    afterAll(async () => {
      await server?.stop();
      await rm(folder, { recursive: true, force: true });
    });
    /** As `doctor` tells it: nothing is made. */
    const way = async (method: string, client_path: string) =>
      wayToClone(
        shop.live,
        method,
        readOptions({ connection: { ...server.connection, client_path }, root: folder }, {}),
      );

    test('it copies the files also of a small one, and is only asked to share them', async () => {
      shop = await openShop(server, tables);
      const { databases } = shop.engine;
      const { reason } = await databases.clone(shop.live, shop.candidate, { method: 'auto' });
      expect(reason).toMatch(
        /^nobody was on it; the server is asked to share the blocks of its files \([\d.]+ MB\) and copies them where the file system cannot; new sessions wait until that is done$/,
      );
      // Written into the log page by page, it would not be a copy of the files.
      const copied = `select from pg_db_role_setting where setconfig::text like '%greenlight.copied%'`;
      expect(await shop.sql('postgres', copied)).toHaveLength(1);
    });

    test('nobody has to wait for a large one, unless that is configured', async () => {
      shop = await openShop(
        server,
        `create unlogged table big (v text); alter table big alter v set storage external;
         insert into big select repeat('x', 1000000) from generate_series(1, 270)`,
      );
      const clients = await fakeClients(join(folder, 'clients'), { dump: '18.4' });
      const auto = await way('auto', clients);
      expect(auto.clientsVersion).toBe('18.4');
      expect(auto.reason).toMatch(
        /^new sessions would have to wait for a copy of its files, unless the file system shares their blocks \(clone\.method: template tries\); pg_dump and pg_restore 18\.4 copy 2\d\d\.\d MB/,
      );
      const template = await way('template', clients);
      expect(template.clientsVersion).toBeNull();
      expect(template.reason).toContain('is asked to share the blocks of its files (2');
      const older = await fakeClients(join(folder, 'older'), { dump: '17.6' });
      const refused = await way('dump', older).catch((error) => error);
      expect(refused.problem).toMatchObject({
        what: 'There is no pg_dump and pg_restore for PostgreSQL 18 here.',
        help: expect.stringContaining('postgresql-client-18'),
      });
      const none = await way('auto', older);
      expect(none.reason).toMatch(/^nobody was on it, and there is no pg_dump 18 here; .* wait/);
    });
  },
);
