import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Finding } from '../../../src/engines/engine.ts';
import { Session } from '../../../src/engines/snowflake/connection.ts';
import {
  type SnowflakeDouble,
  startDouble,
  statementsOf,
} from '../../support/snowflake-double/server.ts';
import { type Connection, engineOf } from './shop.ts';

jest.setTimeout(120_000);

/** The script of the documentation, word by word; what is needed only under a condition is commented out there. */
const [, script = ''] =
  /## Privileges[\s\S]*?```sql\n([\s\S]*?)```/.exec(readFileSync('docs/snowflake.md', 'utf8')) ??
  [];
const withAll = script.replaceAll(/^-- (?=GRANT)/gm, '').replaceAll(/^-- .*\n/gm, '');

let double: SnowflakeDouble;
beforeAll(async () => {
  double = await startDouble();
  double.addUser({
    name: 'DOCTORED',
    roles: ['RELEASE_ROLE'],
    credential: { password: 'secret' },
  });
  await double.sql('create role shop_owner; create role reader');
  await double.sql(withAll);
  await double.sql(`create database shop; use database shop; create table public.t (id integer);
    create task public.nightly warehouse = wh schedule = '60 minutes' as insert into t values (1); alter task public.nightly resume;
    create task public.served schedule = '60 minutes' as insert into t values (1); alter task public.served resume;
    create alert public.late warehouse = wh schedule = '60 minute' if (exists (select 1)) then insert into t values (1); alter alert public.late resume;
    create alert public.served schedule = '60 minute' if (exists (select 1)) then insert into t values (1); alter alert public.served resume;
    grant select on future tables in database shop to role reader`);
  for (const thing of [
    'table public.t',
    'task public.nightly',
    'task public.served',
    'alert public.late',
    'alert public.served',
    'schema public',
  ])
    await double.sql(`grant ownership on ${thing} to role shop_owner`, { database: 'SHOP' });
  await double.sql('grant ownership on database shop to role shop_owner');
});
afterAll(() => double.stop());

const examine = async (connection: Connection = {}, live = 'SHOP') => {
  const engine = await engineOf(
    double,
    { user: 'DOCTORED', warehouse: 'RELEASE_WH', warehouse_size: 'LARGE', ...connection },
    live,
  );
  const findings: Finding[] = [];
  const how = { method: 'auto', copies: 2, replays: false } as const;
  for await (const finding of engine.examiner.examine(how)) findings.push(finding);
  return findings;
};

/** Of what it does not see, no role can tell anything. */
const always = ['what the role sees', 'way to log in'];
const told = (findings: readonly Finding[]) =>
  findings
    .filter(({ verdict, subject }) => verdict !== 'good' && !always.includes(subject))
    .map(({ part, subject, verdict }) => `${part}: ${subject}: ${verdict}`);
const helps = (findings: readonly Finding[]) =>
  findings
    .filter(({ verdict }) => verdict === 'fault')
    .map(({ help }) => help ?? '')
    .join('\n');

test('the role of the documentation lacks nothing, and only what is always so is told', async () => {
  const findings = await examine();
  expect(told(findings)).toEqual([]);
  expect(findings.filter(({ subject }) => always.includes(subject))).toHaveLength(2);
  const good = findings.map(({ found }) => found).join('\n');
  expect(good).toContain('Snowflake is 9.99.9');
  expect(good).toContain('All tables keep a past, of at least 1 day');
});

describe('each line of the script that is taken away is told, with the statement that gives it:', () => {
  const takeRole = () => double.account.roles.get('RELEASE_ROLE')?.delete('SHOP_OWNER');
  const revoke = (line: string) => () =>
    double.sql(line.replace(/^GRANT/, 'REVOKE').replace(' TO ROLE ', ' FROM ROLE '));
  /** Where a finding is expected of a line, by its beginning. */
  const expected: Readonly<Record<string, readonly string[]>> = {
    'GRANT USAGE ON WAREHOUSE': ['connection: warehouse: fault'],
    'GRANT CREATE DATABASE': [
      'databases: the right to make databases: fault',
      'stores: ledger: fault',
    ],
    'GRANT EXECUTE TASK': ['swap: the right to run tasks: fault'],
    'GRANT EXECUTE MANAGED TASK': ['swap: the right to run tasks: fault'],
    'GRANT EXECUTE ALERT': ['swap: the right to run alerts: fault'],
    'GRANT EXECUTE MANAGED ALERT': ['swap: the right to run alerts: fault'],
    'GRANT MANAGE GRANTS': ['swap: future grants: fault'],
    'GRANT MODIFY ON WAREHOUSE': ['connection: size of the warehouse: fault'],
  };
  const lines = statementsOf(withAll).filter((line) => line.startsWith('GRANT'));

  test('all lines are known here', () => {
    const known = Object.keys(expected);
    expect(lines.filter((line) => !line.startsWith('GRANT ROLE'))).toHaveLength(known.length);
    for (const head of known) expect(lines.some((line) => line.startsWith(`${head} `))).toBe(true);
  });

  for (const line of lines) {
    if (line.startsWith('GRANT ROLE')) continue;
    test(line, async () => {
      await revoke(line)();
      try {
        const findings = await examine();
        const head = Object.keys(expected).find((one) => line.startsWith(`${one} `)) ?? '';
        expect(told(findings)).toEqual(expected[head]);
        expect(helps(findings).toUpperCase()).toContain(`${line.toUpperCase()};`);
      } finally {
        await double.sql(line);
      }
    });
  }

  test('GRANT ROLE shop_owner, of a role that sees live all the same, and of one that does not', async () => {
    takeRole();
    try {
      const blind = await examine();
      expect(told(blind)).toEqual(['connection: live: fault']);
      expect(helps(blind)).toContain('GRANT USAGE ON DATABASE SHOP TO ROLE RELEASE_ROLE;');
      await double.sql(`grant usage on database shop to role release_role; grant usage on schema shop.public to role release_role;
        grant select on table shop.public.t to role release_role`);
      const findings = await examine();
      expect(told(findings)).toContain('swap: ownership of live: fault');
      expect(helps(findings)).toContain('GRANT ROLE SHOP_OWNER TO ROLE RELEASE_ROLE;');
    } finally {
      await double.sql(`revoke usage on database shop from role release_role; revoke usage on schema shop.public from role release_role;
        revoke select on table shop.public.t from role release_role; grant role shop_owner to role release_role`);
    }
  });

  test('the warehouse itself, and the role', async () => {
    expect(told(await examine({ warehouse: 'OTHER_WH' }))).toEqual([
      'connection: warehouse: fault',
    ]);
    const findings = await examine({ role: 'other_role' });
    expect(told(findings)).toEqual(['connection: login: fault']);
    expect(helps(findings)).toContain('GRANT ROLE release_role TO USER');
  });
});

describe('what only some lives and warehouses have', () => {
  const warehouse = () => {
    const found = double.account.warehouses.get('RELEASE_WH');
    if (found === undefined) throw new Error('There is no RELEASE_WH');
    return found;
  };
  const about = async (subject: string) =>
    (await examine()).filter((one) => one.subject === subject);

  test('future grants of a schema of managed access are given by its owner', async () => {
    await double.sql(`create schema shop.kept with managed access; grant select on future tables in schema shop.kept to role reader;
      create schema shop.free; grant select on future tables in schema shop.free to role reader;
      grant ownership on schema shop.kept to role shop_owner; grant ownership on schema shop.free to role shop_owner;
      revoke manage grants on account from role release_role`);
    try {
      expect(told(await examine({}, 'SHOP.KEPT'))).toEqual([]);
      expect(told(await examine({}, 'SHOP.FREE'))).toEqual(['swap: future grants: fault']);
    } finally {
      await double.sql(
        'grant manage grants on account to role release_role; drop schema shop.kept; drop schema shop.free',
      );
    }
  });

  test('hybrid tables of a schema, by name', async () => {
    await double.sql(`create schema shop.fast; create hybrid table shop.fast.orders (id integer primary key);
      grant ownership on table shop.fast.orders to role shop_owner; grant ownership on schema shop.fast to role shop_owner`);
    try {
      const findings = await examine({}, 'SHOP.FAST');
      expect(told(findings)).toEqual(['databases: hybrid tables: fault']);
      expect(findings.find(({ subject }) => subject === 'hybrid tables')?.found).toContain(
        'FAST.ORDERS',
      );
      expect(told(await examine())).toEqual([]);
    } finally {
      await double.sql('drop schema shop.fast');
    }
  });

  test('tables that are clustered by themselves and belong to somebody else', async () => {
    await double.sql(
      'create role keeper; create table shop.public.c (id integer); alter table shop.public.c cluster by (id); grant select on table shop.public.c to role shop_owner; grant ownership on table shop.public.c to role keeper',
    );
    try {
      const findings = await examine();
      expect(told(findings)).toEqual(['swap: automatic clustering: fault']);
      expect(helps(findings)).toContain('GRANT ROLE KEEPER TO ROLE RELEASE_ROLE;');
    } finally {
      await double.sql('drop table shop.public.c');
    }
  });

  test('shares, with what is to be done after the swap', async () => {
    const rows = { privilege: 'USAGE', granted_on: 'DATABASE', name: 'SHOP', granted_to: 'SHARE' };
    const shared = sharedWith({ ...rows, grantee_name: 'PARTNERS', grant_option: 'false' });
    try {
      expect(told(await examine())).toEqual(['swap: shares: warning']);
      const [found] = await about('shares');
      expect(found?.help).toBe('After the swap: GRANT USAGE ON DATABASE "SHOP" TO SHARE PARTNERS;');
      const engine = await engineOf(double, { user: 'DOCTORED', warehouse: 'RELEASE_WH' });
      const { lacks } = await engine.databases.clone('SHOP', engine.places.candidate('r'), {
        method: 'auto',
      });
      expect(lacks).toContain('share PARTNERS, which stays with the database that is live now');
      await engine.databases.drop(engine.places.candidate('r'));
    } finally {
      shared.mockRestore();
    }
  });

  test('a warehouse that stands still for good', async () => {
    Object.assign(warehouse(), { state: 'SUSPENDED', autoResume: false });
    try {
      const [found] = await about('state of the warehouse');
      expect(found).toMatchObject({
        verdict: 'fault',
        help: expect.stringContaining('ALTER WAREHOUSE RELEASE_WH SET AUTO_RESUME = TRUE;'),
      });
      Object.assign(warehouse(), { autoResume: true });
      expect(await about('state of the warehouse')).toEqual([]);
    } finally {
      Object.assign(warehouse(), { state: 'STARTED', autoResume: true });
    }
  });

  test.each([
    [null, undefined, 'good', 'It is 21600 seconds.'],
    [86_400, undefined, 'good', 'It is 21600 seconds.'],
    [600, undefined, 'warning', 'ends each after 600 seconds'],
    [600, '5min', 'good', 'It is 300 seconds.'],
    [600, '0', 'warning', 'ends each after 600 seconds'],
    [null, '0', 'good', 'It is 172800 seconds.'],
  ])(
    'a warehouse with a limit of %s seconds, and %s of our own: %s',
    async (limit, own, verdict, found) => {
      warehouse().statementTimeout = limit;
      try {
        const findings = await examine(own === undefined ? {} : { statement_timeout: own });
        const [one] = findings.filter(({ subject }) => subject === 'time limit of a statement');
        expect(one).toMatchObject({ verdict, found: expect.stringContaining(found) });
      } finally {
        warehouse().statementTimeout = null;
      }
    },
  );

  test('credits that a resource monitor leaves', async () => {
    warehouse().monitor = 'MONTHLY';
    const { monitors } = double.account;
    const monitor = { name: 'MONTHLY', quota: 100, seenBy: ['RELEASE_ROLE'] };
    try {
      const [unseen] = await about('resource monitor');
      expect(unseen).toMatchObject({
        verdict: 'warning',
        help: expect.stringContaining(
          'GRANT MONITOR ON RESOURCE MONITOR MONTHLY TO ROLE RELEASE_ROLE;',
        ),
      });
      for (const [left, verdict] of [
        [50, 'good'],
        [5, 'warning'],
        [0, 'fault'],
      ] as const) {
        monitors.splice(0, monitors.length, { ...monitor, left });
        const [found] = await about('resource monitor');
        expect(found).toMatchObject({
          verdict,
          found: `MONTHLY leaves RELEASE_WH ${left} of 100 credits.`,
        });
      }
    } finally {
      monitors.splice(0);
      warehouse().monitor = null;
    }
  });

  test('more than one day of past, which tells the edition', async () => {
    await double.sql('alter table shop.public.t set data_retention_time_in_days = 30');
    try {
      const [found] = await about('edition');
      expect(found?.found).toBe('Enterprise or higher: a table keeps 30 days of its past.');
    } finally {
      await double.sql('alter table shop.public.t set data_retention_time_in_days = 1');
    }
    const [found] = await about('edition');
    expect(found?.found).toContain('needs more than Standard');
  });

  test('a table that is not readable, one without a past', async () => {
    await double.sql(`create table shop.public.other (id integer); grant references on table shop.public.other to role release_role;
      alter table shop.public.t set data_retention_time_in_days = 0`);
    const findings = await examine();
    expect(told(findings)).toEqual([
      'databases: retention: warning',
      'catalog: the right to read all tables and views: fault',
    ]);
    expect(helps(findings)).toContain(
      'GRANT SELECT ON TABLE SHOP.PUBLIC.OTHER TO ROLE RELEASE_ROLE;',
    );
    await double.sql(
      'drop table shop.public.other; alter table shop.public.t set data_retention_time_in_days = 1',
    );
  });

  test('tables that the role does not see, and policies that may hide something, are told', async () => {
    await double.sql(`use database shop; create table public.guarded (id integer, name varchar);
      create masking policy public.hide as (v varchar) returns varchar -> null;
      alter table public.guarded modify column name set masking policy public.hide;
      grant ownership on table public.guarded to role shop_owner`);
    const findings = await examine();
    const of = (subject: string) => findings.find((one) => one.subject === subject);
    expect(of('policies')).toMatchObject({ verdict: 'warning' });
    expect(JSON.stringify(of('policies'))).toContain('HIDE');
    expect(of('what the role sees')).toMatchObject({ verdict: 'warning' });
  });
});

test('an account that does not let one in is a finding, and so is a password', async () => {
  expect(told(await examine({ password: 'wrong' }))).toEqual(['connection: login: fault']);
  const [byPassword] = (await examine()).filter(({ subject }) => subject === 'way to log in');
  expect(byPassword).toMatchObject({ verdict: 'warning' });
});

/** The double has no shares: SHOW GRANTS ON live tells of one more grant. */
function sharedWith(grant: Record<string, string>) {
  const { rows } = Session.prototype;
  return jest.spyOn(Session.prototype, 'rows').mockImplementation(async function (
    this: Session,
    sql,
    ...more
  ) {
    const found = await rows.call(this, sql, ...more);
    return /^SHOW GRANTS ON DATABASE "SHOP"$/.test(sql) ? [...found, grant] : found;
  });
}
