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
import type { Scope } from '../../../src/engines/snowflake/catalog-scope.ts';
import { clusteredTables } from '../../../src/engines/snowflake/clustering.ts';
import { Session } from '../../../src/engines/snowflake/connection.ts';
import type { GreenlightError } from '../../../src/errors.ts';
import { inventoryOf } from '../../../src/release/inventory.ts';
import { type SnowflakeDouble, startDouble } from '../../support/snowflake-double/server.ts';
import { cloneBoth, engineOf, meddle } from './shop.ts';

jest.setTimeout(120_000);

let double: SnowflakeDouble;
beforeAll(async () => {
  double = await startDouble();
  double.addUser({ name: 'ADMIN', roles: ['ACCOUNTADMIN'], credential: { password: 'secret' } });
  double.addUser({
    name: 'RELEASE',
    roles: ['RELEASE_ROLE'],
    credential: { password: 'secret' },
  });
  await double.sql(`create role if not exists release_role; create role owner_role; create role reader;
    grant role owner_role to role release_role; grant create database on account to role release_role`);
});
afterAll(() => double.stop());
afterEach(async () => {
  for (const { name } of await double.sql('show databases'))
    await double.sql(`drop database "${name}"`);
});

const exchange = ({ swap, places }: Engine) =>
  swap.exchange(places.live, places.candidate('r'), places.previous('r'));
const refusal = async (work: Promise<unknown>) =>
  (await work.then(() => null).catch((thrown) => thrown)) as GreenlightError | null;

/** Everything in it, and the database itself, is of the role that the release role has. */
const owned = (names: readonly string[]) =>
  ['grant ownership on database shop to role owner_role copy current grants']
    .concat(
      names.map((name) => `grant ownership on ${name} to role owner_role copy current grants`),
    )
    .join(';');

describe('future grants', () => {
  const shop = `create database shop; create schema shop.marts; create table shop.marts.t (id integer);
    grant usage on database shop to role reader; grant usage on schema shop.marts to role reader;
    grant select on table shop.marts.t to role reader`;
  const parts = ['schema shop.public', 'schema shop.marts', 'table shop.marts.t'];

  test('of the database need MANAGE GRANTS: owning it is not enough, and the clone says so', async () => {
    await double.sql(
      `${shop}; grant select on future tables in database shop to role reader; ${owned(parts)}`,
    );
    const engine = await engineOf(double, { user: 'RELEASE' });
    const { lacks = [] } = await cloneBoth(engine);
    const told = lacks.find((text) => text.startsWith('future grant of SELECT on tables'));
    expect(told).toContain('the swap is refused without it');
    expect(told).toContain('GRANT MANAGE GRANTS ON ACCOUNT TO ROLE release_role');
    const refused = await refusal(exchange(engine));
    expect(refused?.problem.cause).toBe(
      'GRANT SELECT ON FUTURE TABLES IN DATABASE "SHOP__R__CANDIDATE" TO ROLE "READER";',
    );

    await double.sql('grant manage grants on account to role release_role');
    try {
      const again = await cloneBoth(engine);
      expect(again.lacks?.filter((text) => /grant/.test(text))).toEqual([]);
      await exchange(engine);
    } finally {
      await double.sql('revoke manage grants on account from role release_role');
    }
  });

  test('of a schema of live are read, and a clone that lost them does not go live', async () => {
    await double.sql(
      `${shop}; grant select on future views in schema shop.marts to role reader; ${owned(parts)}`,
    );
    const engine = await engineOf(double, { user: 'RELEASE' });
    await cloneBoth(engine);
    const { objects } = await engine.catalog.read(engine.places.candidate('r'));
    expect(objects).toContainEqual({
      kind: 'future grant',
      name: 'select on views in marts to role reader',
      definition: 'granted',
    });
    const before = await engine.databases.identify(engine.places.live);
    await double.sql(
      'revoke select on future views in schema shop__r__candidate.marts from role reader',
    );
    const refused = await refusal(exchange(engine));
    expect(refused?.problem.cause).toBe(
      'GRANT SELECT ON FUTURE VIEWS IN SCHEMA "SHOP__R__CANDIDATE"."MARTS" TO ROLE "READER";',
    );
    expect(await engine.databases.identify(engine.places.live)).toEqual(before);
    await double.sql('grant select on future tables in schema shop.marts to role reader');
    expect((await engine.databases.identify(engine.places.live))?.mark).not.toBe(before?.mark);
  });

  test('of a schema that a migration dropped are not missed', async () => {
    await double.sql(`${shop}; grant select on future views in schema shop.marts to role reader`);
    const engine = await engineOf(double, { user: 'ADMIN' });
    await cloneBoth(engine);
    await double.sql('drop schema shop__r__candidate.marts');
    await exchange(engine);
    expect(await double.sql('show schemas in database shop')).toHaveLength(1);
  });
});

describe('hybrid tables', () => {
  beforeEach(() =>
    double.sql(
      'create database shop; create schema shop.marts; create hybrid table shop.marts.orders (id integer primary key)',
    ),
  );

  test('of a schema make no clone: nothing is made, and the tables are named', async () => {
    const engine = await engineOf(double, { user: 'ADMIN' }, 'SHOP.MARTS');
    const refused = await refusal(cloneBoth(engine));
    expect(refused?.problem.what).toContain('1 hybrid tables');
    expect(refused?.problem.cause).toBe('MARTS.ORDERS');
    expect(await double.sql('show schemas in database shop')).toHaveLength(2);
    await expect(double.sql('create schema shop.other clone shop.marts')).rejects.toMatchObject({
      code: '392105',
    });
  });

  test('come along with the whole database', async () => {
    const engine = await engineOf(double, { user: 'ADMIN' });
    await cloneBoth(engine);
    const { relations } = await engine.catalog.read(engine.places.candidate('r'));
    expect(relations.map(({ name }) => name)).toEqual(['ORDERS']);
  });
});

describe('what works by itself', () => {
  const shop = `create database shop; create schema shop.marts; create table shop.marts.t (id integer); create table shop.marts.u (id integer);
    create alert shop.marts.late warehouse = wh schedule = '60 minute' if (exists (select 1 from marts.t where id > 5)) then insert into marts.t values (0);
    create alert shop.marts.quiet warehouse = wh schedule = '60 minute' if (exists (select 1)) then insert into marts.t values (0);
    alter alert shop.marts.late resume;
    create dynamic table shop.marts.d target_lag = '1 hour' warehouse = wh as select id from marts.t;
    create dynamic table shop.marts.e target_lag = '1 hour' warehouse = wh as select id from marts.t;
    alter dynamic table shop.marts.e suspend;
    alter table shop.marts.t cluster by (id); alter table shop.marts.u cluster by (id); alter table shop.marts.u suspend recluster`;

  const standing = async (at: string) => ({
    alerts: (await double.sql(`show alerts in database ${at}`)).map(({ name, state }) => [
      name,
      state,
    ]),
    dynamic: (await double.sql(`show dynamic tables in database ${at}`)).map(
      ({ name, scheduling_state }) => [name, scheduling_state],
    ),
    clustered: (
      await double.sql(
        `select table_name as n, auto_clustering_on as c from ${at}.information_schema.tables where clustering_key is not null order by 1`,
      )
    ).map(({ N, C }) => [N, C]),
  });
  const works = {
    alerts: [
      ['LATE', 'started'],
      ['QUIET', 'suspended'],
    ],
    dynamic: [
      ['D', 'ACTIVE'],
      ['E', 'SUSPENDED'],
    ],
    clustered: [
      ['T', 'YES'],
      ['U', 'NO'],
    ],
  };
  const rests = {
    alerts: works.alerts.map(([name]) => [name, 'suspended']),
    dynamic: works.dynamic.map(([name]) => [name, 'SUSPENDED']),
    clustered: works.clustered.map(([name]) => [name, 'NO']),
  };

  test('goes on in the database that is live, there and back, and only what did before', async () => {
    await double.sql(shop);
    expect(await standing('shop')).toEqual(works);
    const engine = await engineOf(double, { user: 'ADMIN' });
    const { lacks = [] } = await cloneBoth(engine);
    expect(lacks.map((text) => text.split(':')[0]).sort()).toEqual([
      'alert MARTS.LATE',
      'alert MARTS.QUIET',
      'automatic clustering of table MARTS.T',
      'dynamic table MARTS.D',
      'dynamic table MARTS.E',
    ]);
    const { places, swap } = engine;
    expect(await standing(places.candidate('r'))).toEqual(rests);
    await exchange(engine);
    expect(await standing(places.live)).toEqual(works);
    expect(await standing(places.previous('r'))).toEqual(rests);
    await swap.exchange(places.live, places.previous('r'), places.rolledBack('r'), 'back');
    expect(await standing(places.live)).toEqual(works);
    expect(await standing(places.rolledBack('r'))).toEqual(rests);
  });

  test('an alert whose owner may not run alerts takes the swap back', async () => {
    await double.sql(`${shop}; grant ownership on alert shop.marts.late to role owner_role`);
    const engine = await engineOf(double, { user: 'ADMIN' });
    await cloneBoth(engine);
    const before = await engine.databases.glance(engine.places.live);
    const refused = await refusal(exchange(engine));
    expect(refused?.problem.what).toContain('so it was taken back');
    expect(refused?.problem.cause).toMatch(/ALTER ALERT .*"LATE" RESUME; \(.*EXECUTE ALERT/);
    expect(await engine.databases.glance(engine.places.live)).toEqual(before);
    expect(await standing('shop')).toEqual(works);
  });

  test('tasks come along: where there are any, the clone is of no instant that is given', async () => {
    await double.sql(`create database shop; create task shop.public.nightly warehouse = wh schedule = '60 minutes' as select 1;
      create database other clone shop at (offset => 0)`);
    // As documented: of an instant, no task is cloned.
    expect(await double.sql('show tasks in database other')).toEqual([]);
    const engine = await engineOf(double, { user: 'ADMIN' });
    const { method, lacks } = await cloneBoth(engine);
    expect(method).toBe('clone');
    expect(lacks).toEqual([]);
    expect(await double.sql(`show tasks in database ${engine.places.candidate('r')}`)).toHaveLength(
      1,
    );
  });
});

test('a clustered table is called what ALTER calls it', async () => {
  const tableOf = (name: string, more: Record<string, string>) => ({
    TABLE_SCHEMA: 'S',
    TABLE_NAME: name,
    CLUSTERING_KEY: 'LINEAR(ID)',
    AUTO_CLUSTERING_ON: 'YES',
    ...more,
  });
  const informed = async () => [
    tableOf('PLAIN', { IS_DYNAMIC: 'NO', IS_ICEBERG: 'NO' }),
    tableOf('OF_QUERY', { IS_DYNAMIC: 'YES', IS_ICEBERG: 'NO' }),
    tableOf('OF_ICE', { IS_DYNAMIC: 'NO', IS_ICEBERG: 'YES' }),
    tableOf('LOOSE', { CLUSTERING_KEY: '' }),
  ];
  const found = await clusteredTables({ informed } as unknown as Scope);
  expect(found.map(({ row }) => `${row.noun} ${row.name}`)).toEqual([
    'TABLE PLAIN',
    'DYNAMIC TABLE OF_QUERY',
    'ICEBERG TABLE OF_ICE',
  ]);
});

test('files that COPY would load again are told by their tables', async () => {
  await double.sql('create database shop; create table shop.public.t (id integer)');
  double.account.loaded.push({ database: 'SHOP', schema: 'PUBLIC', table: 'T', file: 'a.csv' });
  try {
    for (const [live, name] of [
      ['SHOP', 'PUBLIC.T'],
      ['SHOP.PUBLIC', 'T'],
    ] as const) {
      const { lacks } = await cloneBoth(await engineOf(double, { user: 'ADMIN' }, live));
      expect(lacks).toEqual([
        expect.stringContaining(`load history of table ${name}: COPY loads again`),
      ]);
    }
  } finally {
    double.account.loaded.splice(0);
  }
});

describe('tags', () => {
  const shop = `create database keep; create tag keep.public.cost; create database shop; create schema shop.marts; create tag shop.marts.pii;
    create table shop.marts.t (id integer, name varchar); create view shop.marts.v as select id from marts.t;
    alter database shop set tag keep.public.cost = 'sales'; alter schema shop.marts set tag shop.marts.pii = 'all';
    alter table shop.marts.t set tag keep.public.cost = 'tables'; alter table shop.marts.t modify column name set tag shop.marts.pii = 'name';
    alter view shop.marts.v set tag shop.marts.pii = 'view'`;
  const tagsAt = async ({ catalog }: Engine, at: string) =>
    (await catalog.read(at)).objects
      .filter(({ kind }) => /tag/.test(kind))
      .map(({ kind, name, definition }) => `${kind} ${name} = ${definition}`)
      .sort();

  test('of objects, columns and the database are in the inventory, in every clone the same', async () => {
    await double.sql(shop);
    const engine = await engineOf(double, { user: 'ADMIN' });
    await cloneBoth(engine);
    const expected = [
      'container tag KEEP.PUBLIC.COST = sales',
      'tag MARTS.PII = ',
      'tag set KEEP.PUBLIC.COST on MARTS.T = tables',
      'tag set MARTS.PII on MARTS.T.NAME = name',
      'tag set MARTS.PII on MARTS.V = view',
      'tag set MARTS.PII on schema MARTS = all',
    ];
    expect(await tagsAt(engine, engine.places.live)).toEqual(expected);
    expect(await tagsAt(engine, engine.places.candidate('r'))).toEqual(expected);
  });

  test('of a schema that is live as well', async () => {
    await double.sql(shop);
    const engine = await engineOf(double, { user: 'ADMIN' }, 'SHOP.MARTS');
    await cloneBoth(engine);
    const expected = [
      'container tag MARTS.PII = all',
      'tag MARTS.PII = ',
      'tag set KEEP.PUBLIC.COST on MARTS.T = tables',
      'tag set MARTS.PII on MARTS.T.NAME = name',
      'tag set MARTS.PII on MARTS.V = view',
    ];
    expect(await tagsAt(engine, engine.places.live)).toEqual(expected);
    expect(await tagsAt(engine, engine.places.candidate('r'))).toEqual(expected);
    await exchange(engine);
    expect(await tagsAt(engine, engine.places.live)).toEqual(expected);
  });

  test('that are set in live after the clone are drift, and one that the logic loses is missed', async () => {
    await double.sql(shop);
    const engine = await engineOf(double, { user: 'ADMIN' });
    await cloneBoth(engine);
    const { live } = engine.places;
    const before = await engine.databases.identify(live);
    await double.sql("alter table shop.marts.t modify column id set tag shop.marts.pii = 'id'");
    expect((await engine.databases.identify(live))?.mark).not.toBe(before?.mark);
    const candidate = engine.places.candidate('r');
    const migrated = inventoryOf(await engine.catalog.read(candidate));
    await double.sql('create or replace table marts.t (id integer, name varchar)', {
      database: candidate,
    });
    const now = inventoryOf(await engine.catalog.read(candidate));
    expect(Object.keys(migrated).filter((name) => now[name] === undefined)).toEqual([
      'tag set KEEP.PUBLIC.COST on MARTS.T',
      'tag set MARTS.PII on MARTS.T.NAME',
    ]);
  });

  test('of the database are given to a clone that has lost them; one that cannot be given is not swapped in', async () => {
    await double.sql(shop);
    const engine = await engineOf(double, { user: 'ADMIN' });
    const losing = whenCloned((at) =>
      double.sql(`alter database ${at} unset tag keep.public.cost`),
    );
    try {
      await cloneBoth(engine);
    } finally {
      losing.mockRestore();
    }
    expect(await tagsAt(engine, engine.places.candidate('r'))).toContain(
      'container tag KEEP.PUBLIC.COST = sales',
    );
    await double.sql(`alter database ${engine.places.candidate('r')} unset tag keep.public.cost`);
    const refused = await refusal(exchange(engine));
    expect(refused?.problem.what).toBe('After the swap, live would lose tags.');
    expect(refused?.problem.cause).toBe(
      `ALTER DATABASE "SHOP__R__CANDIDATE" SET TAG "KEEP"."PUBLIC"."COST" = 'sales';`,
    );
    await double.sql(String(refused?.problem.cause));
    await exchange(engine);
  });
});

test('a policy that a clone has lost makes none: it would show what is hidden', async () => {
  await double.sql(`create database shop; create table shop.public.people (name varchar);
    create masking policy shop.public.hide as (v varchar) returns varchar -> null;
    alter table shop.public.people modify column name set masking policy shop.public.hide`);
  const engine = await engineOf(double, { user: 'ADMIN' });
  const losing = whenCloned((at) =>
    double.sql(`alter table ${at}.public.people modify column name unset masking policy`),
  );
  try {
    const refused = await refusal(cloneBoth(engine));
    expect(refused?.problem.what).toContain('lacks 1 policies that are in force');
    expect(refused?.problem.cause).toContain('PUBLIC.PEOPLE.NAME');
  } finally {
    losing.mockRestore();
  }
  expect(await double.sql('show databases')).toHaveLength(1);
  await cloneBoth(engine);
});

test('of two objects whose names read the same, none hides that the other has gone', async () => {
  await double.sql(`create database shop; create schema shop.s; create schema shop."S.A";
    create table shop.s."A.B" (id integer primary key); create table shop."S.A".b (id integer primary key);
    grant select on table shop.s."A.B" to role reader; grant select on table shop."S.A".b to role reader`);
  const engine = await engineOf(double, { user: 'ADMIN' });
  await cloneBoth(engine);
  const candidate = engine.places.candidate('r');
  const inventory = async () => inventoryOf(await engine.catalog.read(candidate));
  const whole = await inventory();
  const changed = async () => {
    const now = await inventory();
    return Object.keys(whole).filter((name) => now[name] !== whole[name]);
  };
  await double.sql(`revoke select on table s."A.B" from role reader`, { database: candidate });
  expect(await changed()).toEqual(['grant SELECT on TABLE S.A.B to READER']);
  await double.sql(`create or replace table s."A.B" (id integer not null)`, {
    database: candidate,
  });
  expect(await changed()).toContain('constraint S.A.B primary key (ID)');
});

describe.each(['SHOP', 'SHOP.MARTS'])('readers of %s', (live) => {
  test('who lost a table in the moment of the swap get the old database back', async () => {
    await double.sql(`create database shop; create schema shop.marts; create table shop.marts.t (id integer);
      grant usage on database shop to role reader; grant usage on schema shop.marts to role reader;
      grant select on table shop.marts.t to role reader`);
    const engine = await engineOf(double, { user: 'ADMIN' }, live);
    await cloneBoth(engine);
    const before = await engine.databases.glance(engine.places.live);
    const candidate = engine.places.candidate('r');
    const within = live === 'SHOP' ? `${candidate}.marts` : candidate;
    for (const lost of [`select on table ${within}.t`, `usage on schema ${within}`]) {
      let swaps = 0;
      const meddling = meddle(/SWAP WITH/, async () => {
        swaps += 1;
        if (swaps === 1) await double.sql(`revoke ${lost} from role reader`);
      });
      const refused = await refusal(exchange(engine)).finally(() => meddling.mockRestore());
      expect(refused?.problem.what).toContain('so it was taken back');
      expect(refused?.problem.cause).toMatch(
        lost.startsWith('select')
          ? /GRANT SELECT ON TABLE "SHOP"."MARTS"."T" TO ROLE "READER";/
          : /GRANT USAGE ON SCHEMA "SHOP"."MARTS" TO ROLE "READER"/,
      );
      expect(swaps).toBe(2);
      expect(await engine.databases.glance(engine.places.live)).toEqual(before);
      await double.sql(`grant ${lost} to role reader`);
    }
    const reading = { database: 'SHOP', role: 'READER' };
    expect(await double.sql('select count(*) as n from marts.t', reading)).toEqual([{ N: '0' }]);
  });

  test('who lose what a migration dropped do not hold the swap up', async () => {
    await double.sql(`create database shop; create schema shop.marts; create table shop.marts.t (id integer);
      grant select on table shop.marts.t to role reader`);
    const engine = await engineOf(double, { user: 'ADMIN' }, live);
    await cloneBoth(engine);
    const candidate = engine.places.candidate('r');
    await double.sql(`drop table ${live === 'SHOP' ? `${candidate}.marts` : candidate}.t`);
    await exchange(engine);
  });
});

test('a view that loses the name of its database keeps owner, grants, comments and tags', async () => {
  await double.sql(`create database keep; create tag keep.public.cost; create database shop; create schema shop.marts; create table shop.marts.t (id integer);
    create view shop.marts.v (a comment 'the ''key''', b) comment = 'all of it' as select id, id + 1 from shop.marts.t;
    alter view shop.marts.v set tag keep.public.cost = 'views'; alter view shop.marts.v modify column b set tag keep.public.cost = 'column';
    grant select on view shop.marts.v to role reader;
    ${owned(['schema shop.public', 'schema shop.marts', 'table shop.marts.t', 'view shop.marts.v'])};
    grant usage on database keep to role release_role; grant usage on schema keep.public to role release_role; grant apply on tag keep.public.cost to role release_role`);
  const engine = await engineOf(double, { user: 'RELEASE', rewrite_references: true });
  const about = async (at: string) =>
    (await engine.catalog.read(at)).objects
      .filter(({ kind, name }) => kind !== 'constraint' && /MARTS\.V\b/.test(name))
      .map(({ kind, name, definition }) => `${kind} ${name}: ${definition}`)
      .sort();
  const before = await about(engine.places.live);
  expect(before).toEqual([
    "comment column MARTS.V.A: the 'key'",
    'comment view MARTS.V: all of it',
    'grant OWNERSHIP on VIEW MARTS.V to OWNER_ROLE: with grant option',
    'grant SELECT on VIEW MARTS.V to READER: granted',
    'tag set KEEP.PUBLIC.COST on MARTS.V.B: column',
    'tag set KEEP.PUBLIC.COST on MARTS.V: views',
  ]);
  const { lacks } = await cloneBoth(engine);
  expect(lacks).toEqual([]);
  const { definitions } = await engine.catalog.read(engine.places.candidate('r'));
  expect(definitions.find(({ name }) => name === 'MARTS.V')?.databases).toEqual([]);
  expect(await about(engine.places.candidate('r'))).toEqual(before);

  await double.sql('revoke apply on tag keep.public.cost from role release_role');
  const again = await cloneBoth(engine);
  expect(again.lacks).toEqual([
    expect.stringContaining(`SET TAG "KEEP"."PUBLIC"."COST" = 'views'`),
    expect.stringContaining(`MODIFY COLUMN "B" SET TAG "KEEP"."PUBLIC"."COST" = 'column'`),
  ]);
});

test('a live that is transient has transient clones, which are swapped', async () => {
  await double.sql('create transient database shop; create table shop.public.t (id integer)');
  const engine = await engineOf(double, { user: 'ADMIN' });
  await cloneBoth(engine);
  await exchange(engine);
  expect((await double.sql("show databases like 'SHOP%'")).map(({ options }) => options)).toEqual([
    'TRANSIENT',
    'TRANSIENT',
    'TRANSIENT',
  ]);
});

/** Does something to each clone of a database right after it was made. */
function whenCloned(work: (at: string) => Promise<unknown>) {
  const { run } = Session.prototype;
  return jest.spyOn(Session.prototype, 'run').mockImplementation(async function (
    this: Session,
    sql,
    ...more
  ) {
    const done = await run.call(this, sql, ...more);
    const [, at] = /^CREATE DATABASE "(\w+)" CLONE/.exec(sql) ?? [];
    if (at !== undefined) await work(at);
    return done;
  });
}
