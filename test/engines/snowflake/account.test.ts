import { generateKeyPairSync } from 'node:crypto';
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
import type { Engine } from '../../../src/engines/engine.ts';
import { createEngine } from '../../../src/engines/registry.ts';
import { Session } from '../../../src/engines/snowflake/connection.ts';
import { readOptions } from '../../../src/engines/snowflake/options.ts';
import { GreenlightError, UsageError } from '../../../src/errors.ts';
import { type SnowflakeDouble, startDouble } from '../../support/snowflake-double/server.ts';

jest.setTimeout(120_000);

let double: SnowflakeDouble;
beforeAll(async () => {
  double = await startDouble();
});
afterAll(() => double.stop());

type Connection = Record<string, string | number | boolean>;

const connectionOf = (more: Connection = {}): Connection => ({
  account: 'double',
  host: double.url,
  warehouse: 'WH',
  ...more,
});

const engineFor = (connection: Connection, live = 'SHOP') =>
  createEngine('snowflake', { root: '.', live, ledger: 'LEDGER', connection });

describe('logging in', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

  const whoIs = async (connection: Connection) => {
    const options = readOptions({ root: '.', connection: connectionOf(connection) }, {});
    return Session.use(options, { purpose: 'test' }, (session) =>
      session.row('SELECT CURRENT_USER() AS "user", CURRENT_ROLE() AS "role"'),
    );
  };

  test('with a password, a key pair, a programmatic token and OAuth', async () => {
    const roles = ['ACCOUNTADMIN'];
    double.addUser({ name: 'BY_PASSWORD', roles, credential: { password: 'secret' } });
    double.addUser({ name: 'BY_KEY', roles, credential: { publicKey } });
    for (const authenticator of ['PROGRAMMATIC_ACCESS_TOKEN', 'OAUTH'] as const)
      double.addUser({
        name: `BY_${authenticator}`,
        roles,
        credential: { token: `token of ${authenticator}`, authenticator },
      });
    expect(await whoIs({ user: 'by_password', password: 'secret' })).toEqual({
      user: 'BY_PASSWORD',
      role: 'ACCOUNTADMIN',
    });
    expect(await whoIs({ user: 'by_key', private_key: privateKey })).toMatchObject({
      user: 'BY_KEY',
    });
    for (const authenticator of ['PROGRAMMATIC_ACCESS_TOKEN', 'OAUTH']) {
      const token = `token of ${authenticator}`;
      expect(await whoIs({ user: 'release', authenticator, token })).toMatchObject({
        user: `BY_${authenticator}`,
      });
    }
  });

  test('a wrong password is told without it', async () => {
    const wrong = whoIs({ user: 'by_password', password: 'not the secret' });
    const error = await wrong.catch((thrown: GreenlightError) => thrown);
    expect(error).toBeInstanceOf(GreenlightError);
    expect(JSON.stringify((error as GreenlightError).problem)).not.toContain('not the secret');
    expect((error as GreenlightError).problem.what).toBe('Snowflake does not take this login.');
  });

  test('what is missing or cannot be meant is told before anything is reached', () => {
    const read = (connection: Connection) => () => readOptions({ root: '.', connection }, {});
    expect(read({})).toThrow(UsageError);
    expect(read({ account: 'a', nonsense: 1 })).toThrow(/no connection option nonsense/);
    expect(read({ account: 'a', token: 't' })).toThrow(/connection.authenticator/);
    expect(read({ account: 'a', host: 'http://db.example' })).toThrow(/connection.host/);
    expect(read({ account: 'a', warehouse_size: 'huge' })).toThrow(/connection.warehouse_size/);
    expect(readOptions({ root: '.', connection: { account: 'a' } }, {}).login).toMatchObject({
      authenticator: 'WORKLOAD_IDENTITY',
      token: null,
    });
  });

  test('nothing but the account is talked to, and it is told nothing but statements', async () => {
    double.addUser({ name: 'TOLD', roles: ['ACCOUNTADMIN'], credential: { password: 'secret' } });
    const before = double.requests.length;
    await whoIs({ user: 'told', password: 'secret' });
    const paths = double.requests.slice(before).map(({ path }) => path);
    expect(new Set(paths)).toEqual(
      new Set(['/session/v1/login-request', '/queries/v1/query-request', '/session']),
    );
    const login = double.requests.slice(before)[0]?.body.data as Record<
      string,
      Record<string, unknown>
    >;
    expect(login.CLIENT_ENVIRONMENT?.PLATFORM).toEqual(['disabled']);
  });

  test.each<[Connection, string[]]>([
    [{}, ['21600']],
    [{ statement_timeout: '24h' }, ['86400']],
    [{ statement_timeout: '0' }, []],
  ])('with %j, statements have a limit of %j seconds', async (more, seconds) => {
    const connection = connectionOf({ user: 'by_password', password: 'secret', ...more });
    const options = readOptions({ root: '.', connection }, {});
    for (const neutral of [true, false]) {
      const before = double.history.length;
      await Session.use(options, { purpose: 'test', neutral }, (session) =>
        session.rows('SELECT 1'),
      );
      const sent = double.history.slice(before).map(({ text }) => text);
      const limits = [...sent.join('\n').matchAll(/STATEMENT_TIMEOUT_IN_SECONDS = (\d+)/g)];
      expect(limits.map(([, limit]) => limit)).toEqual(seconds);
    }
  });

  test('every statement carries release, step and purpose', async () => {
    const work = { release: 'pr-42', step: 'compare' };
    const connection = connectionOf({ user: 'by_password', password: 'secret' });
    const options = readOptions({ root: '.', connection, work }, {});
    const before = double.history.length;
    await Session.use(options, { purpose: 'tags' }, (session) => session.rows('SELECT 1'));
    const tags = double.history.slice(before).map(({ tag }) => JSON.parse(tag));
    expect(tags.length).toBeGreaterThan(0);
    for (const tag of tags)
      expect(tag).toMatchObject({ app: 'greenlight', ...work, purpose: 'tags' });
  });

  test.each([true, false])(
    'a session has the rights of its role alone, and queries outlive their connection (neutral: %s)',
    async (neutral) => {
      const connection = connectionOf({ user: 'by_password', password: 'secret' });
      const options = readOptions({ root: '.', connection }, {});
      const before = double.history.length;
      await Session.use(options, { purpose: 'begin', neutral }, (session) =>
        session.rows('SELECT 1'),
      );
      const [first, ...more] = double.history
        .slice(before)
        .map(({ text }) => text.replace(/\/\*.*?\*\//gs, '').trim());
      expect(first).toBe('USE SECONDARY ROLES NONE');
      expect(more.join('\n')).toContain('ABORT_DETACHED_QUERY = FALSE');
    },
  );

  test('values come as texts with all their digits', async () => {
    const options = readOptions(
      { root: '.', connection: connectionOf({ user: 'by_password', password: 'secret' }) },
      {},
    );
    const row = await Session.use(options, { purpose: 'test' }, (session) =>
      session.row('SELECT ?::NUMBER(38, 0) AS "big", ? AS "text", ? AS "nothing", ? AS "yes"', [
        12345678901234567890123456789n,
        "it's \\ odd",
        null,
        true,
      ]),
    );
    expect(row).toEqual({
      big: '12345678901234567890123456789',
      text: "it's \\ odd",
      nothing: null,
      yes: true,
    });
  });
});

describe('clone and swap', () => {
  let engine: Engine;
  const shop = `create role owner_role; create role reader; create role other;
    create database shop; use database shop; create schema marts; create table marts.t (id integer);
    insert into marts.t values (1), (2); create view marts.v as select id from shop.marts.t;
    create stage marts.files; create stage marts.bucket url = 's3://bucket/';
    create pipe marts.load as copy into shop.marts.t from @marts.bucket;
    create pipe marts.load_own as copy into marts.t from @marts.bucket;
    create task marts.nightly warehouse = wh schedule = '60 minutes' as insert into marts.t values (3);
    create task marts.resting warehouse = wh schedule = '60 minutes' as insert into marts.t values (4);
    create stream marts.changes on table marts.t;
    create external table marts.outside with location = @bucket;
    alter task marts.nightly resume;
    grant usage on database shop to role reader; grant usage on schema marts to role reader;
    grant select on table marts.t to role reader;
    grant select on future tables in database shop to role reader`;

  const begin = async (more: Connection = {}) => {
    double.addUser({
      name: 'RELEASE',
      roles: ['ACCOUNTADMIN'],
      credential: { password: 'secret' },
    });
    await double.sql(shop);
    engine = await engineFor(connectionOf({ user: 'release', password: 'secret', ...more }));
  };
  afterEach(async () => {
    for (const { name } of await double.sql('show databases'))
      await double.sql(`drop database "${name}"`);
  });

  const clone = () =>
    engine.databases.clone(engine.places.live, engine.places.candidate('r'), { method: 'auto' });

  test('what a clone has not, or has in another state, is told', async () => {
    await begin();
    const { lacks = [], method } = await clone();
    expect(method).toBe('clone');
    expect(lacks.map((text) => text.split(':')[0]).sort()).toEqual([
      'external table MARTS.OUTSIDE',
      'pipe MARTS.LOAD',
      'pipe MARTS.LOAD_OWN',
      'stage MARTS.FILES',
      'stream MARTS.CHANGES',
    ]);
    expect(lacks.find((text) => text.startsWith('pipe MARTS.LOAD:'))).toContain(
      'must never be resumed',
    );
    expect(lacks.find((text) => text.startsWith('pipe MARTS.LOAD_OWN'))).toContain(
      'resume it there',
    );
  });

  test.each([
    ['copy into shop.marts.t from @marts.bucket', true, true],
    ['copy into "SHOP"..t from @marts.bucket', true, true],
    ['copy into marts.t from @marts.bucket', false, true],
    ['copy into t from @marts.bucket', false, false],
  ])(
    'a pipe with %s leads out of a clone: of the database %s, of a schema %s',
    async (...cells) => {
      const [copy, ofDatabase, ofSchema] = cells;
      await begin();
      await double.sql(`use database shop; use schema marts; create pipe marts.one as ${copy}`);
      for (const [live, isLeading] of [
        ['SHOP', ofDatabase],
        ['SHOP.MARTS', ofSchema],
      ] as const) {
        const { databases, places } = await engineFor(
          connectionOf({ user: 'release', password: 'secret' }),
          live,
        );
        const report = await databases.clone(places.live, places.candidate('p'), {
          method: 'auto',
        });
        const told = report.lacks?.find((text) => /^pipe (MARTS\.)?ONE:/.test(text));
        expect(told).toContain(isLeading ? 'must never be resumed' : 'resume it there');
      }
    },
  );

  test('grants and future grants of the database come along, and readers read', async () => {
    await begin();
    await clone();
    const candidate = engine.places.candidate('r');
    const reading = { database: candidate, role: 'READER' };
    expect(await double.sql('select count(*) as n from marts.t', reading)).toEqual([{ N: '2' }]);
    await double.sql('create table marts.later (id integer)', { database: candidate });
    expect(await double.sql('select count(*) as n from marts.later', reading)).toEqual([
      { N: '0' },
    ]);
  });

  test('a table that the role may not read makes no clone', async () => {
    await double.sql(`create role if not exists release_role; create role if not exists hidden;
      grant create database on account to role release_role; grant usage on warehouse wh to role release_role;
      create database shop; use database shop; create table public.seen (id integer); create table public.unread (id integer);
      grant usage on database shop to role release_role; grant usage on schema public to role release_role;
      grant select on table public.seen to role release_role; grant references on table public.unread to role release_role`);
    double.addUser({ name: 'PART', roles: ['RELEASE_ROLE'], credential: { password: 'secret' } });
    engine = await engineFor(connectionOf({ user: 'part', password: 'secret' }));
    await expect(clone()).rejects.toThrow(/lacks 1 of 2 tables and views/);
    expect(await engine.databases.identify(engine.places.candidate('r'))).toBeNull();
  });

  test('a table without a past is cloned as it is now', async () => {
    await begin();
    await double.sql('alter table shop.marts.t set data_retention_time_in_days = 0');
    await double.sql('insert into shop.marts.t values (9)');
    const { source } = await clone();
    expect(source).toEqual(await engine.databases.identify(engine.places.live));
  });

  test('a view that names its database loses that name, when asked', async () => {
    await begin({ rewrite_references: true });
    await clone();
    const candidate = engine.places.candidate('r');
    const { definitions } = await engine.catalog.read(candidate);
    expect(definitions.find(({ name }) => name === 'MARTS.V')?.databases).toEqual([]);
    await double.sql('insert into marts.t values (5)', { database: candidate });
    expect(await double.sql('select count(*) as n from marts.v', { database: candidate })).toEqual([
      { N: '3' },
    ]);
  });

  test('a view with a policy keeps the name of its database, and is told', async () => {
    await begin({ rewrite_references: true });
    await double.sql(`create row access policy shop.marts.own as (i number) returns boolean -> true;
      alter view shop.marts.v add row access policy shop.marts.own on (id)`);
    const { lacks } = await clone();
    expect(lacks).toContainEqual(
      expect.stringMatching(/^view "MARTS"\."V" keeps the name of its database/),
    );
    const { definitions } = await engine.catalog.read(engine.places.candidate('r'));
    expect(definitions.find(({ name }) => name === 'MARTS.V')?.databases).toEqual(['SHOP']);
  });

  test('tasks go on in the database that is live, and only those that ran', async () => {
    await begin();
    await clone();
    const { places, swap } = engine;
    await swap.exchange(places.live, places.candidate('r'), places.previous('r'));
    const states = async (database: string) =>
      (await double.sql(`show tasks in database ${database}`)).map(({ name, state }) => [
        name,
        state,
      ]);
    expect(await states('SHOP')).toEqual([
      ['NIGHTLY', 'started'],
      ['RESTING', 'suspended'],
    ]);
    expect(await states(places.previous('r'))).toEqual([
      ['NIGHTLY', 'suspended'],
      ['RESTING', 'suspended'],
    ]);
  });

  test('a swap that would take rights from readers is refused, with what would give them', async () => {
    await begin();
    await clone();
    const { places, swap } = engine;
    await double.sql(`revoke usage on database ${places.candidate('r')} from role reader`);
    const before = await engine.databases.identify(places.live);
    const refused = swap.exchange(places.live, places.candidate('r'), places.previous('r'));
    const error = (await refused.catch((thrown) => thrown)) as GreenlightError;
    expect(error.problem.cause).toContain('GRANT USAGE ON DATABASE');
    expect(await engine.databases.identify(places.live)).toEqual(before);
    await double.sql(String(error.problem.cause));
    await swap.exchange(places.live, places.candidate('r'), places.previous('r'));
    expect((await engine.databases.identify(places.previous('r')))?.id).toBe(before?.id);
  });

  test('future grants that the role may not look at are listed, and no swap is done on a guess', async () => {
    await begin();
    const { rows } = Session.prototype;
    const looking = jest.spyOn(Session.prototype, 'rows').mockImplementation(function (
      this: Session,
      sql,
      ...more
    ) {
      if (!/^SHOW FUTURE GRANTS/.test(sql)) return rows.call(this, sql, ...more);
      const denied = new Error('SQL access control error: Insufficient privileges');
      return Promise.reject(Object.assign(denied, { code: '003001' }));
    });
    try {
      const { lacks = [] } = await clone();
      expect(lacks.find((text) => text.startsWith('future grants:'))).toContain('MANAGE GRANTS');
      const { places, swap } = engine;
      const before = await engine.databases.glance(places.live);
      await expect(
        swap.exchange(places.live, places.candidate('r'), places.previous('r')),
      ).rejects.toThrow(/would take future grants away/);
      expect(await engine.databases.glance(places.live)).toEqual(before);
    } finally {
      looking.mockRestore();
    }
  });

  test('an exchange that was cut off behind the swap is finished, once', async () => {
    await begin();
    await clone();
    const { places, swap, databases } = engine;
    const [live, candidate, previous] = [places.live, places.candidate('r'), places.previous('r')];
    const ids = [await databases.glance(live), await databases.glance(candidate)];
    await double.sql(`alter database ${live} swap with ${candidate}`);
    await swap.finish?.(live, candidate, previous);
    await swap.finish?.(live, candidate, previous);
    expect((await databases.glance(previous))?.id).toBe(ids[0]?.id);
    expect((await databases.glance(live))?.id).toBe(ids[1]?.id);
    expect(await databases.glance(candidate)).toBeNull();
    expect(await double.sql(`show tasks like 'NIGHTLY' in database ${live}`)).toMatchObject([
      { state: 'started' },
    ]);
  });

  /** Everything of the swap, as it is before and as it has to be again when it is taken back. */
  const standing = async (...databases: string[]) => {
    const told = databases.map(async (at) => {
      const tasks = await double.sql(`show tasks in database ${at}`);
      return [
        (await engine.databases.glance(at))?.id,
        ...tasks.map(({ name, state }) => `${name} ${state}`),
      ];
    });
    return Promise.all(told);
  };

  /** Does something else instead of, or before, each statement that fits. */
  const meddle = (form: RegExp, with_: (sql: string) => Promise<unknown>) => {
    const { run } = Session.prototype;
    return jest.spyOn(Session.prototype, 'run').mockImplementation(async function (
      this: Session,
      sql,
      ...more
    ) {
      if (form.test(sql)) await with_(sql);
      return run.call(this, sql, ...more);
    });
  };
  const refuse = () =>
    Promise.reject(
      Object.assign(new Error('SQL access control error: Insufficient privileges'), {
        code: '003001',
      }),
    );

  test('a right that was lost in the moment of the swap takes it back', async () => {
    await begin();
    await clone();
    const { places, swap } = engine;
    const [live, candidate] = [places.live, places.candidate('r')];
    const before = await standing(live, candidate);
    let swaps = 0;
    const meddling = meddle(/SWAP WITH/, async () => {
      swaps += 1;
      if (swaps === 1) await double.sql(`revoke usage on database ${candidate} from role reader`);
    });
    const error = await swap
      .exchange(live, candidate, places.previous('r'))
      .catch((thrown) => thrown)
      .finally(() => meddling.mockRestore());
    expect(error.problem.what).toContain('so it was taken back');
    expect(error.problem.cause).toContain('GRANT USAGE ON DATABASE');
    expect(swaps).toBe(2);
    expect(await standing(live, candidate)).toEqual(before);
    const reading = { database: live, role: 'READER' };
    expect(await double.sql('select count(*) as n from marts.t', reading)).toEqual([{ N: '2' }]);
  });

  test('a task that cannot be resumed takes the swap back', async () => {
    await begin();
    await double.sql(
      `create task shop.marts.second warehouse = wh schedule = '60 minutes' as select 1; alter task shop.marts.second resume`,
    );
    await clone();
    const { places, swap } = engine;
    const [live, candidate] = [places.live, places.candidate('r')];
    const before = await standing(live, candidate);
    let refused = 0;
    const meddling = meddle(/TASK .*SECOND.* RESUME/, async () => {
      refused += 1;
      if (refused === 1) await refuse();
    });
    const error = await swap
      .exchange(live, candidate, places.previous('r'))
      .catch((thrown) => thrown)
      .finally(() => meddling.mockRestore());
    expect(error.problem.what).toContain('so it was taken back');
    expect(error.problem.cause).toMatch(/ALTER TASK .*"SECOND" RESUME; \(.*privileges/);
    expect(await standing(live, candidate)).toEqual(before);
  });

  test('a graph of tasks is carried over, also by a second run', async () => {
    await begin();
    await double.sql(
      `create task shop.marts.child warehouse = wh after shop.marts.resting as select 1;
       alter task shop.marts.child resume; alter task shop.marts.resting resume`,
    );
    await clone();
    const { places, swap } = engine;
    const [live, candidate, previous] = [places.live, places.candidate('r'), places.previous('r')];
    // Cut off where all tasks run in both.
    await double.sql(`alter database ${live} swap with ${candidate}`);
    for (const name of ['child', 'resting'])
      await double.sql(`alter task ${live}.marts.${name} resume`);
    await swap.finish?.(live, candidate, previous);
    const all = ['CHILD', 'NIGHTLY', 'RESTING'];
    expect((await standing(live, previous)).map(([, ...tasks]) => tasks.sort())).toEqual([
      all.map((name) => `${name} started`),
      all.map((name) => `${name} suspended`),
    ]);
  });

  test('a grant that only the new database has does not hold up the way back', async () => {
    await begin();
    await clone();
    const { places, swap } = engine;
    const [live, candidate, previous] = [places.live, places.candidate('r'), places.previous('r')];
    await double.sql(`grant usage on database ${candidate} to role other`);
    const [[old], [made]] = (await standing(live, candidate)) as [string[], string[]];
    await swap.exchange(live, candidate, previous);
    await swap.exchange(live, previous, candidate, 'back');
    expect((await standing(live, candidate)).map(([id]) => id)).toEqual([old, made]);
    const grantees = async () =>
      (await double.sql(`show grants on database ${live}`)).map((row) => row.grantee_name);
    expect(await grantees()).toContain('OTHER');

    await double.sql(`revoke usage on database ${live} from role other`);
    await swap.exchange(live, candidate, previous);
    const meddling = meddle(/^GRANT/, refuse);
    await swap.exchange(live, previous, candidate, 'back').finally(() => meddling.mockRestore());
    expect((await standing(live, candidate)).map(([id]) => id)).toEqual([old, made]);
    expect(await grantees()).not.toContain('OTHER');
  });

  test('a task that cannot be resumed is told on the way back, which is gone to its end', async () => {
    await begin();
    await clone();
    const { places, swap } = engine;
    const [live, candidate, previous] = [places.live, places.candidate('r'), places.previous('r')];
    const [[old], [made]] = (await standing(live, candidate)) as [string[], string[]];
    await swap.exchange(live, candidate, previous);
    const meddling = meddle(/TASK .* RESUME/, refuse);
    const error = await swap
      .exchange(live, previous, candidate, 'back')
      .catch((thrown) => thrown)
      .finally(() => meddling.mockRestore());
    expect(error.problem.what).toContain('Live is exchanged, but not all');
    expect(error.problem.cause).toMatch(/ALTER TASK .*"NIGHTLY" RESUME;/);
    expect((await standing(live, candidate)).map(([id]) => id)).toEqual([old, made]);
    await swap.finish?.(live, previous, candidate);
  });

  describe.each(['SHOP', 'SHOP.MARTS'])('the mark of %s', (live) => {
    beforeEach(async () => {
      await begin();
      await double.sql(`create masking policy shop.marts.hide as (v varchar) returns varchar -> null;
        create table shop.marts.people (name varchar)`);
      engine = await engineFor(connectionOf({ user: 'release', password: 'secret' }), live);
    });
    const markAt = async (at: string) => (await engine.databases.identify(at))?.mark;

    test('tells what a clone of it lacks that comes to be later', async () => {
      const { source } = await clone();
      expect(await markAt(engine.places.live)).toBe(source.mark);
      const marks = new Set([source.mark]);
      for (const sql of [
        'grant select on table shop.marts.t to role other',
        `grant usage on ${live === 'SHOP' ? 'database shop' : 'schema shop.marts'} to role other`,
        'alter table shop.marts.people modify column name set masking policy shop.marts.hide',
        "create task shop.marts.third warehouse = wh schedule = '60 minutes' as select 1",
        'create stream shop.marts.more on table shop.marts.people',
      ]) {
        await double.sql(sql);
        marks.add((await markAt(engine.places.live)) ?? '');
      }
      expect(marks.size).toBe(6);
      await double.sql('alter task shop.marts.third resume');
      expect(marks).toContain(await markAt(engine.places.live));
    });

    /** A default that is a sequence is told by its whole name: the double knows none. */
    const withSequence = () => {
      const { rows } = Session.prototype;
      return jest.spyOn(Session.prototype, 'rows').mockImplementation(async function (
        this: Session,
        sql,
        ...more
      ) {
        const found = await rows.call(this, sql, ...more);
        const [, database] = /COLUMN_DEFAULT[\s\S]*FROM "(\w+)"/.exec(sql) ?? [];
        return database === undefined
          ? found
          : found.map((row) => ({
              ...row,
              COLUMN_DEFAULT: `${database}.${row.TABLE_SCHEMA}.IDS.NEXTVAL`,
            }));
      });
    };

    test('stays the same through a swap and back, whatever the name', async () => {
      const told = withSequence();
      const { clone: made } = await clone();
      const { places, swap } = engine;
      const before = await markAt(places.live);
      expect(await markAt(places.candidate('r'))).toBe(made.mark);
      await swap.exchange(places.live, places.candidate('r'), places.previous('r'));
      expect(await markAt(places.previous('r'))).toBe(before);
      expect(await markAt(places.live)).toBe(made.mark);
      await swap.exchange(places.live, places.previous('r'), places.rolledBack('r'), 'back');
      expect(await markAt(places.live)).toBe(before);
      expect(await markAt(places.rolledBack('r'))).toBe(made.mark);
      told.mockRestore();
    });
  });

  test('what the statements took is told from the history', async () => {
    await begin();
    await engine.databases.glance(engine.places.live);
    await double.sql('create database ledger');
    const sentences = (await engine.costs?.()) ?? [];
    expect(sentences.join('\n')).toMatch(
      /^Cost so far: \d+ statements, .* MiB scanned, at most .* credits of warehouse WH/,
    );
  });
});
