import { readFile } from 'node:fs/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Finding } from '../../../src/engines/engine.ts';
import { ordersOf, startDouble } from './double.ts';

const { sqlserverExaminer } = await import('../../../src/engines/sqlserver/examiner.ts');

const live = 'shop';

describe('doctor on SQL Server', () => {
  let world: ReturnType<typeof startDouble>;
  beforeEach(() => begin());

  function begin(
    how: Parameters<typeof startDouble>[0] = {},
    connection: Parameters<typeof startDouble>[1] = {},
  ): void {
    world = startDouble(how, connection);
    world.double.create(live, { tables: [ordersOf(['1'], 5)] });
    world.double.create('greenlight');
  }
  async function examine(method = 'auto', replays = false, copies = 2): Promise<Finding[]> {
    const findings: Finding[] = [];
    const place = {
      options: world.options,
      databaseOfLive: async () => live,
      ledger: 'greenlight',
    };
    for await (const one of sqlserverExaminer(place).examine({ method, copies, replays }))
      findings.push(one);
    return findings;
  }
  const amiss = async (method?: string, replays?: boolean) =>
    (await examine(method, replays)).filter(({ verdict }) => verdict !== 'good');

  test('all is good: every part says so, nothing is written, no session stays', async () => {
    const findings = await examine();
    expect(findings.map(({ verdict }) => verdict)).toEqual(findings.map(() => 'good'));
    expect(new Set(findings.map(({ part }) => part))).toEqual(
      new Set(['connection', 'databases', 'catalog', 'comparison', 'swap', 'stores']),
    );
    const asked = world.double.log.filter(
      (line) => !/^SET (XACT_ABORT|LOCK_TIMEOUT|DEADLOCK)/.test(line),
    );
    expect(asked.filter((line) => !line.startsWith('SELECT '))).toEqual([]);
    expect(world.double.sessions).toEqual([]);
  });

  /** Statement of the documentation's script -> what the double's login is without, and what else has to be so. */
  const lines: Readonly<
    Record<string, readonly [verdict: Finding['verdict'], ...missing: string[]]>
  > = {
    'CREATE LOGIN greenlight_release WITH PASSWORD': ['fault', 'LOGIN'],
    'GRANT CREATE ANY DATABASE TO greenlight_release': [
      'fault',
      'CREATE ANY DATABASE',
      'CREATE DATABASE',
    ],
    'GRANT ALTER ANY DATABASE TO greenlight_release': ['fault', 'ALTER ANY DATABASE', 'ALTER'],
    'GRANT ALTER ANY CONNECTION TO greenlight_release': ['warning', 'ALTER ANY CONNECTION'],
    'GRANT VIEW SERVER STATE TO greenlight_release': ['warning', 'VIEW SERVER STATE'],
    'GRANT VIEW ANY DEFINITION TO greenlight_release': ['warning', 'VIEW ANY DEFINITION'],
    'CREATE USER greenlight_release FOR LOGIN greenlight_release': ['fault', 'CONNECT shop'],
    'GRANT SELECT TO greenlight_release': ['fault', 'SELECT'],
    'GRANT VIEW DEFINITION TO greenlight_release': ['fault', 'VIEW DEFINITION'],
    'GRANT VIEW CHANGE TRACKING ON SCHEMA::dbo TO greenlight_release': [
      'fault',
      'VIEW CHANGE TRACKING',
    ],
    'GRANT BACKUP DATABASE TO greenlight_release': ['fault', 'BACKUP DATABASE'],
    'GRANT UNMASK TO greenlight_release': ['fault', 'UNMASK'],
    'GRANT SELECT ON dbo.sysjobs TO greenlight_release': ['warning', 'msdb'],
    'GRANT SELECT ON dbo.sysjobsteps TO greenlight_release': ['warning', 'msdb'],
  };

  test('each line of the script of privileges is looked at', async () => {
    const documentation = await readFile('docs/sqlserver.md', 'utf8');
    const [, script = ''] = /## Privileges[\s\S]*?```sql\n([\s\S]*?)```/.exec(documentation) ?? [];
    const statements = [...script.matchAll(/^(?:-- )?((?:GRANT|CREATE)\b[^;]*);/gm)].map(
      ([, one = '']) => one.replace(/ = '.*'$/, ''),
    );
    expect([...new Set(statements)]).toEqual(Object.keys(lines));
  });

  test.each(Object.entries(lines))(
    'without %s, that statement is the help',
    async (line, [verdict, ...missing]) => {
      world.double
        .require(live)
        .objects.push({ kind: 'masked column', name: 'dbo.orders.card', definition: '' });
      expect(await amiss()).toEqual([]);
      for (const right of missing) world.double.missing.add(right);
      const found = (await amiss()).filter((one) => one.verdict === verdict);
      const helps = found.map(({ help }) =>
        (help ?? '')
          .replaceAll(/release_(login|user)/g, 'greenlight_release')
          .replaceAll(/[[\]]/g, ''),
      );
      expect(helps).toContainEqual(expect.stringContaining(line));
    },
  );

  test('without any right to see the files of live, none is seen', async () => {
    for (const right of ['CREATE ANY DATABASE', 'ALTER ANY DATABASE', 'VIEW ANY DEFINITION'])
      world.double.missing.add(right);
    expect(await amiss()).toContainEqual(
      expect.objectContaining({
        subject: 'the files of live',
        verdict: 'fault',
        help: 'USE master; GRANT ALTER ANY DATABASE TO release_login;',
      }),
    );
  });

  test.each(['INSERT', 'UPDATE', 'DELETE', 'ALTER'])(
    'without %s, no rows are brought over',
    async (right) => {
      world.double.missing.add(right);
      expect(await amiss('auto', true)).toContainEqual({
        part: 'replay',
        subject: 'the right to bring rows over',
        verdict: 'warning',
        found: `The login has not ${right} in shop, which a rollback needs that brings rows back.`,
        help: `USE [shop]; GRANT ${right} TO release_user;`,
      });
    },
  );

  test('without CREATE TABLE in a ledger that is there, no release can be recorded', async () => {
    world.double.missing.add('CREATE TABLE');
    expect(await amiss()).toContainEqual(
      expect.objectContaining({
        part: 'stores',
        verdict: 'fault',
        help: 'USE [greenlight]; ALTER ROLE db_owner ADD MEMBER release_user;',
      }),
    );
  });

  test.each([
    [{ period: 14, units: 3 }, 'good', 'for 14 days'],
    [{ period: 2, units: 3 }, 'warning', 'for 2 days'],
    [{ period: 48, units: 2 }, 'warning', 'for 48 hours'],
    [{ period: 90, units: 1 }, 'warning', 'for 90 minutes'],
    [{ period: 1, units: 3, cleans: false }, 'good', 'until somebody clears it'],
  ] as const)(
    'what change tracking keeps should outlast a release: %j',
    async (retention, verdict, told) => {
      world.double.retention = retention;
      const found = (await examine()).find(({ subject }) => subject === 'change retention');
      expect(found).toMatchObject({ verdict, found: expect.stringContaining(told) });
      if (verdict === 'warning')
        expect(found?.help).toBe(
          'ALTER DATABASE [shop] SET CHANGE_TRACKING (CHANGE_RETENTION = 14 DAYS);',
        );
    },
  );

  test('where no database is tracked, nothing is said of retention', async () => {
    world.double.retention = null;
    expect((await examine()).map(({ subject }) => subject)).not.toContain('change retention');
  });

  test.each([
    ['16.0.4131.2', 4, 'good'],
    ['16.0.4131.2', 9, 'warning'],
    ['17.0.800.3', 9, 'good'],
    ['17.0.800.3', 45, 'warning'],
  ] as const)(
    'Express %s lets a candidate of %i GB grow, or not: %s',
    async (version, size, verdict) => {
      begin({ edition: 4, version });
      world.double.fileBytes = size * 2 ** 30;
      expect(await examine()).toContainEqual(
        expect.objectContaining({
          subject: 'the largest database',
          verdict,
          found: expect.stringContaining(`${size}.0 GB`),
        }),
      );
    },
  );

  test.each([
    ['release', [], 'good', 'The login owns shop.'],
    ['app', [], 'good', 'is given to app'],
    ['app', ['IMPERSONATE'], 'warning', 'belongs to the login of the release'],
  ] as const)('live belongs to %s, without %j: %s', async (owner, missing, verdict, told) => {
    world.double.require(live).properties.owner = owner;
    for (const right of missing) world.double.missing.add(right);
    const found = (await examine()).find(({ subject }) => subject === 'the owner of live');
    expect(found).toMatchObject({ verdict, found: expect.stringContaining(told) });
    expect(found?.help ?? null).toBe(
      verdict === 'good'
        ? null
        : 'After the swap: ALTER AUTHORIZATION ON DATABASE::[shop] TO [app]; or, unless that is sa: USE master; GRANT IMPERSONATE ON LOGIN::[app] TO release_login;',
    );
  });

  test('what goes by the name of live is told before anything is started', async () => {
    world.double.jobs.push({ name: 'nightly', step: 2, database: live });
    world.double.logins.push({ name: 'reporting', database: live });
    expect(await examine()).toContainEqual(
      expect.objectContaining({
        subject: 'what goes by the name of live',
        verdict: 'good',
        found: expect.stringMatching(/job nightly, step 2.*default database of login reporting/),
      }),
    );
  });

  test.each([
    [
      ['CREATE ANY DATABASE', 'CREATE DATABASE'],
      'USE master; GRANT CREATE ANY DATABASE TO release_login;',
    ],
    [['ALTER', 'ALTER ANY DATABASE'], 'USE master; GRANT ALTER ANY DATABASE TO release_login;'],
  ])('a right that comes from several: %j', async (rights, help) => {
    const [first = '', ...others] = rights;
    world.double.missing.add(first);
    expect(await amiss()).toEqual([]);
    for (const right of others) world.double.missing.add(right);
    expect(await amiss()).toEqual([expect.objectContaining({ verdict: 'fault', help })]);
  });

  test('a control run and a baseline that is a snapshot exclude each other', async () => {
    expect(await examine('snapshot', false, 3)).toContainEqual(
      expect.objectContaining({ verdict: 'fault', subject: 'the control run' }),
    );
    for (const findings of [await examine('snapshot'), await examine('backup', false, 3)])
      expect(findings.filter(({ verdict }) => verdict === 'fault')).toEqual([]);
  });

  test('in Azure SQL Database other rights count, and other ways to clone', async () => {
    begin({ edition: 5 });
    for (const right of ['CREATE ANY DATABASE', 'CREATE DATABASE', 'ALTER', 'ALTER ANY DATABASE'])
      world.double.missing.add(right);
    expect(await amiss()).toEqual([]);
    for (const right of ['dbmanager', 'db_owner', 'KILL DATABASE CONNECTION'])
      world.double.missing.add(right);
    const faults = (await amiss('backup')).filter(({ verdict }) => verdict === 'fault');
    expect(faults.map(({ help }) => help)).toEqual([
      'In master: ALTER ROLE dbmanager ADD MEMBER release_login;',
      'Write auto or copy.',
      'USE [shop]; ALTER ROLE db_owner ADD MEMBER release_user;',
      'In master: ALTER ROLE dbmanager ADD MEMBER release_login;',
      'USE [shop]; GRANT KILL DATABASE CONNECTION TO release_user;',
    ]);
  });

  test('what would go wrong for other reasons', async () => {
    const database = world.double.require(live);
    database.bound.add('availability group');
    database.tables.push({ ...ordersOf([]), name: 'carts', isInMemory: true });
    database.objects.push(
      { kind: 'procedure', name: 'dbo.secret', definition: 'encrypted' },
      { kind: 'masked column', name: 'dbo.orders.card', definition: '' },
      { kind: 'security policy', name: 'dbo.own', definition: '' },
    );
    world.double.missing.add('UNMASK');
    world.double.freeBytes = 1000;
    const found = (await amiss()).map(
      ({ subject, verdict, found }) => `${verdict} ${subject}: ${found}`,
    );
    expect(found).toEqual([
      expect.stringContaining('warning room on the disks: 0.0 GB are free'),
      expect.stringContaining('warning encrypted definitions'),
      expect.stringContaining('fault masked columns: 1 columns'),
      expect.stringContaining('warning row-level security'),
      expect.stringContaining('warning change tracking: 1 of 2 tables'),
      expect.stringContaining(
        'fault what binds live by its name: shop cannot be swapped: it is in an availability group',
      ),
      expect.stringContaining(
        'fault memory-optimized tables: Writers cannot be kept off these: dbo.carts',
      ),
    ]);
  });

  test('rows that a rollback brings back have to be written', async () => {
    expect(await amiss('auto', true)).toEqual([]);
    for (const right of ['INSERT', 'DELETE']) world.double.missing.add(right);
    expect(await amiss('auto', true)).toEqual([
      expect.objectContaining({
        part: 'replay',
        verdict: 'warning',
        help: 'USE [shop]; GRANT INSERT, DELETE TO release_user;',
      }),
    ]);
  });

  test('by synonyms, what binds live by its name is no obstacle, and where they lead counts', async () => {
    begin({}, { synonyms: 'front' });
    world.double.require(live).bound.add('availability group');
    const front = world.double.create('front');
    expect((await amiss()).map(({ found }) => found)).toEqual([
      'No synonym of front leads to shop, so there is nothing to swap by.',
    ]);
    front.synonyms = [{ schema: 'dbo', name: 'orders', base: [live, 'dbo', 'orders'], grants: [] }];
    expect(await amiss()).toEqual([]);
    world.double.missing.add('CREATE SYNONYM');
    expect((await amiss()).map(({ help }) => help)).toEqual([
      'USE [front]; GRANT ALTER, CREATE SYNONYM TO release_user;',
    ]);
  });

  test('a login that is refused is a finding', async () => {
    world.double.missing.add('LOGIN');
    expect(await amiss()).toEqual([
      expect.objectContaining({
        part: 'connection',
        verdict: 'fault',
        found: expect.stringContaining('does not take the login'),
      }),
    ]);
  });

  test('a login that may not open live is told how it may', async () => {
    world.double.missing.add('CONNECT shop');
    expect(await amiss()).toContainEqual(
      expect.objectContaining({
        subject: 'opening shop',
        verdict: 'fault',
        help: expect.stringContaining('CREATE USER release_login FOR LOGIN'),
      }),
    );
  });

  test('a server that is not there is a finding', async () => {
    const { options } = startDouble();
    const place = {
      options: { ...options, host: 'nowhere' },
      databaseOfLive: async () => live,
      ledger: 'greenlight',
    };
    const findings: Finding[] = [];
    for await (const one of sqlserverExaminer(place).examine({
      method: 'auto',
      copies: 2,
      replays: false,
    }))
      findings.push(one);
    expect(findings.at(-1)).toMatchObject({
      verdict: 'fault',
      found: expect.stringContaining('no SQL Server to be reached'),
    });
  });

  test('an old server, and a connection that is not verified', async () => {
    begin({ version: '13.0.7000.253' }, { trust_server_certificate: true });
    expect((await amiss()).map(({ subject, verdict }) => [subject, verdict])).toEqual([
      ['encryption', 'warning'],
      ['version', 'fault'],
    ]);
  });

  test('what cannot be looked at is said, and the rest goes on', async () => {
    world.double.before = (statement) => {
      if (statement.includes('dm_os_volume_stats'))
        throw Object.assign(new Error('no'), {
          refusals: [
            {
              number: 300,
              class: 14,
              message: 'VIEW SERVER STATE permission was denied on object server, database master.',
            },
          ],
        });
    };
    const findings = await examine();
    expect(findings).toContainEqual(
      expect.objectContaining({
        verdict: 'unknown',
        help: expect.stringContaining('GRANT VIEW SERVER STATE'),
      }),
    );
    expect(findings.at(-1)).toMatchObject({ part: 'stores', verdict: 'good' });
  });
});
