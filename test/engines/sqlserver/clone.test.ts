import { afterEach, describe, expect, test } from '@jest/globals';
import { GreenlightError, UsageError } from '../../../src/errors.ts';
import { ordersOf, startDouble } from './double.ts';

const { sqlserverDatabases } = await import('../../../src/engines/sqlserver/databases.ts');
const { sqlserverPlaces } = await import('../../../src/engines/sqlserver/places.ts');
const { sqlserverCatalog } = await import('../../../src/engines/sqlserver/catalog.ts');

const [live, baseline, candidate] = ['shop', 'shop__r__baseline', 'shop__r__candidate'];

describe('a clone of SQL Server', () => {
  let world: ReturnType<typeof startDouble>;
  afterEach(() => world.double.revive());

  function begin(
    how: Parameters<typeof startDouble>[0] = {},
    connection: Parameters<typeof startDouble>[1] = {},
  ) {
    world = startDouble(how, connection);
    world.double.create(live, { tables: [ordersOf(['1', '2'])] });
    return sqlserverDatabases(world.options, live);
  }
  const commands = () => world.double.log.filter((line) => !world.double.queries.includes(line));
  const names = () => world.double.databases.map(({ name }) => name);

  test('on a server it is a COPY_ONLY backup, restored under another name first', async () => {
    const databases = begin();
    const report = await databases.clone(live, baseline, { method: 'auto' });
    expect(report.method).toBe('backup');
    expect(report.reason).toContain('SQL Server 16.0.4131.2, Enterprise Edition');
    expect(report.source).toEqual(await databases.identify(live));
    expect(report.clone).toEqual(await databases.identify(baseline));
    expect(report.clone.id).not.toBe(report.source.id);
    const done = commands().filter((line) => /^(BACKUP|RESTORE|ALTER)/.test(line));
    const [backup, restore] = done;
    expect(backup).toMatch(
      /^BACKUP DATABASE \[shop\] TO DISK = N'\/var\/opt\/mssql\/backup\/greenlight_[0-9a-f]{16}\.bak' WITH COPY_ONLY, FORMAT, INIT, CHECKSUM, COMPRESSION,/,
    );
    expect(restore).toMatch(
      /^RESTORE DATABASE \[greenlight~\w+~\w+\] FROM DISK = .* WITH MOVE N'data' TO N'\/var\/opt\/mssql\/data\/greenlight~\w+~\w+_1\.mdf', MOVE N'log' TO N'.*_2\.ldf', CHECKSUM, RECOVERY/,
    );
    expect(done.at(-1)).toMatch(/MODIFY NAME = \[shop__r__baseline\]$/);
  });

  test('Express does not compress', async () => {
    await begin({ edition: 4 }).clone(live, baseline, { method: 'auto' });
    expect(commands().find((line) => line.startsWith('BACKUP'))).not.toContain('COMPRESSION');
  });

  test('a clone of a clone has the same one backup, and is of the same instant', async () => {
    const databases = begin();
    const first = await databases.clone(live, baseline, { method: 'auto' });
    world.double.require(live).tables = [ordersOf(['1', '2', '3'])];
    const second = await databases.clone(baseline, candidate, { method: 'auto' });
    expect(second.source).toEqual(first.clone);
    expect(world.double.require(candidate).tables[0]?.rows).toEqual(['1', '2']);
    expect(world.double.backups.size).toBe(1);
  });

  test('what RESTORE resets is given back, and what cannot be is listed', async () => {
    const databases = begin();
    const source = world.double.require(live);
    Object.assign(source.properties, {
      owner: 'app_owner',
      trustworthy: true,
      service_broker: true,
    });
    world.double.missing.add('TRUSTWORTHY');
    world.double.jobs.push({ name: 'nightly', step: 2, database: live });
    world.double.logins.push({ name: 'shop_app', database: live });
    const { lacks } = await databases.clone(live, baseline, { method: 'auto' });
    expect(world.double.require(baseline).properties).toMatchObject({
      owner: 'app_owner',
      trustworthy: false,
    });
    expect(lacks).toEqual([
      'TRUSTWORTHY of the database (not allowed to the login of the connection; after the swap: ALTER DATABASE [shop] SET TRUSTWORTHY ON)',
      expect.stringContaining('Service Broker'),
      expect.stringContaining('job nightly, step 2'),
      expect.stringContaining('default database of login shop_app'),
    ]);
  });

  test('a login that does not control its copy is told before a migration fails', async () => {
    const databases = begin();
    world.double.missing.add('CONTROL');
    const { lacks } = await databases.clone(live, baseline, { method: 'auto' });
    expect(lacks).toEqual([expect.stringContaining('ALTER ROLE db_owner ADD MEMBER')]);
  });

  test('owner and Service Broker, which a copy cannot share, are no drift; other settings are', async () => {
    const databases = begin();
    Object.assign(world.double.require(live).properties, { owner: 'app', service_broker: true });
    world.double.missing.add('IMPERSONATE');
    await databases.clone(live, baseline, { method: 'auto' });
    const settings = async (at: string) =>
      (await sqlserverCatalog(world.options).read(at)).objects.filter(
        ({ kind }) => kind === 'database property',
      );
    expect(world.double.require(baseline).properties.owner).not.toBe('app');
    expect(await settings(baseline)).toEqual(await settings(live));
    world.double.require(baseline).properties.compatibility_level = 150;
    expect(await settings(baseline)).not.toEqual(await settings(live));
  });

  test.each([1, 2, 3, 4, 5, 6])(
    'killed after statement %i, it leaves nothing that looks whole, and the next one clears it away',
    async (cut) => {
      const databases = begin();
      world.double.require(live).properties.owner = 'app_owner';
      world.double.dieAfter(cut);
      const isDone = await databases.clone(live, baseline, { method: 'auto' }).then(
        () => true,
        () => false,
      );
      world.double.revive();
      const found = await databases.identify(baseline);
      // Its last statement is the one that gives it its name.
      if (found !== null) expect(world.double.require(baseline).properties.owner).toBe('app_owner');
      else expect(isDone).toBe(false);
      await databases.clone(live, baseline, { method: 'auto' });
      expect(names()).toEqual(['master', live, baseline]);
      await databases.drop(baseline);
      expect(names()).toEqual(['master', live]);
    },
  );

  test('jobs that the login may not look at are told as such, and are none in Azure SQL Database', async () => {
    const about = 'jobs (the login may not look into msdb, so those that name shop are not told)';
    const denied = begin();
    world.double.missing.add('msdb');
    expect((await denied.clone(live, baseline, { method: 'auto' })).lacks).toContain(about);
    const azure = begin({ edition: 5 });
    expect((await azure.clone(live, baseline, { method: 'auto' })).lacks).toEqual([]);
  });

  test('without the right to back up it says so, with the statement that gives it', async () => {
    const databases = begin();
    world.double.missing.add('BACKUP DATABASE');
    await expect(databases.clone(live, baseline, { method: 'auto' })).rejects.toMatchObject({
      problem: { help: expect.stringContaining('ALTER ROLE db_backupoperator ADD MEMBER') },
    });
    expect(names()).toEqual(['master', live]);
  });

  test('a Managed Instance needs a URL, and places the files itself', async () => {
    await expect(
      begin({ edition: 8 }).clone(live, baseline, { method: 'auto' }),
    ).rejects.toMatchObject({
      problem: { where: 'greenlight.yml: connection.backup_path' },
    });
    const databases = begin(
      { edition: 8 },
      { backup_path: 'https://acme.blob.core.windows.net/backups/' },
    );
    await databases.clone(live, baseline, { method: 'auto' });
    const [backup, restore] = commands().filter((line) => /^(BACKUP|RESTORE)/.test(line));
    expect(backup).toContain("TO URL = N'https://acme.blob.core.windows.net/backups/greenlight_");
    expect(restore).toMatch(/^RESTORE DATABASE \[\S+\] FROM URL = N'[^']+'$/);
  });

  describe('by snapshot', () => {
    test('the copy becomes the candidate, and its snapshot the baseline', async () => {
      const databases = begin();
      await databases.clone(live, baseline, { method: 'snapshot' });
      const report = await databases.clone(baseline, candidate, { method: 'snapshot' });
      expect(report).toMatchObject({
        method: 'snapshot',
        source: await databases.identify(baseline),
      });
      expect(report.clone).toEqual(await databases.identify(candidate));
      expect(report.source.id).not.toBe(report.clone.id);
      expect(world.double.require(baseline).snapshotOf?.name).toBe(candidate);
      expect(world.double.backups.size).toBe(1);
      await databases.drop(candidate);
      expect(names()).toEqual(['master', live]);
    });

    test('also where the names of the release need a digest', async () => {
      const databases = begin();
      const places = sqlserverPlaces(live);
      const [own, next] = [places.baseline('PR__1'), places.candidate('PR__1')];
      await databases.clone(live, own, { method: 'snapshot' });
      const report = await databases.clone(own, next, { method: 'snapshot' });
      expect(report.method).toBe('snapshot');
    });

    test('cannot be cloned once more, which is said', async () => {
      const databases = begin();
      await databases.clone(live, baseline, { method: 'snapshot' });
      await databases.clone(baseline, candidate, { method: 'snapshot' });
      const again = databases.clone(baseline, 'shop__r__control', { method: 'snapshot' });
      await expect(again).rejects.toMatchObject({
        problem: { help: expect.stringContaining('clone.method') },
      });
    });

    test('is refused where there are none', async () => {
      const databases = begin({ edition: 5 });
      await expect(databases.clone(live, baseline, { method: 'snapshot' })).rejects.toThrow(
        UsageError,
      );
    });
  });

  describe('in Azure SQL Database', () => {
    test('is a copy that is waited for', async () => {
      const databases = begin({ edition: 5 });
      world.double.copying = { states: ['COPYING', 'ONLINE'] };
      const report = await databases.clone(live, baseline, { method: 'auto' });
      expect(report.method).toBe('copy');
      expect(report.reason).toContain('billed');
      expect(report.source).toEqual(await databases.identify(live));
    });

    test('that fails leaves nothing, and the reason is told', async () => {
      const databases = begin({ edition: 5 });
      world.double.copying = { states: ['SUSPECT'], error: 'The elastic pool has no room.' };
      const failed = databases.clone(live, baseline, { method: 'auto' });
      await expect(failed).rejects.toMatchObject({
        problem: { cause: expect.stringContaining('The elastic pool has no room.') },
      });
      expect(names()).toEqual(['master', live]);
    });

    test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
      'that is stopped by %s leaves nothing, and says so',
      async (signal) => {
        const databases = begin({ edition: 5 });
        world.double.copying = { states: Array<string>(5).fill('COPYING') };
        world.double.before = (statement) => {
          if (statement.includes('c.percent_complete')) process.emit(signal, signal);
        };
        const failed = databases.clone(live, baseline, { method: 'auto' });
        await expect(failed).rejects.toMatchObject({
          problem: {
            what: expect.stringContaining('the half-made copy has been dropped'),
            cause: signal,
            live: 'live is unchanged',
          },
        });
        expect(commands().at(-1)).toMatch(/^DROP DATABASE IF EXISTS \[greenlight~/);
        expect(names()).toEqual(['master', live]);
        expect(process.listenerCount(signal)).toBe(0);
      },
    );

    test('that was being made when the process was killed is dropped by the next one', async () => {
      const databases = begin({ edition: 5 });
      world.double.dieAfter(1);
      await databases.clone(live, baseline, { method: 'auto' }).catch(() => undefined);
      world.double.revive();
      expect(await databases.identify(baseline)).toBeNull();
      await databases.clone(live, baseline, { method: 'auto' });
      expect(names()).toEqual(['master', live, baseline]);
    });
  });

  test('of what is not there leaves nothing', async () => {
    const databases = begin();
    await expect(databases.clone('nothing', baseline, { method: 'auto' })).rejects.toThrow(
      GreenlightError,
    );
    expect(names()).toEqual(['master', live]);
  });

  test('the mark follows the rows, the definitions, and what stands outside; with change tracking nothing is read', async () => {
    const databases = begin();
    const own = world.double.require(live);
    own.tables.push({ ...ordersOf(['9']), name: 'tracked', tracked: 7 });
    const seen = [await databases.identify(live)];
    own.tables[0] = ordersOf(['1', '3']);
    seen.push(await databases.identify(live));
    own.objects.push({ kind: 'sequence', name: 'dbo.ids', definition: 'START 5' });
    seen.push(await databases.identify(live));
    own.properties.compatibility_level = 150;
    seen.push(await databases.identify(live));
    own.tables[1] = { ...ordersOf(['9']), name: 'tracked', tracked: 8 };
    seen.push(await databases.identify(live));
    expect(new Set(seen.map((one) => one?.mark)).size).toBe(seen.length);
    expect(new Set(seen.map((one) => one?.id)).size).toBe(1);
    expect(await databases.identify(live)).toEqual(seen.at(-1));
    expect(world.double.log.some((line) => line.includes('FROM [dbo].[tracked] AS t'))).toBe(false);
  });

  test.each([
    ['rows that a policy hides', { policy: { name: 'tenants', hides: 1 } }, 'policy tenants hides'],
    ['masked values', { masked: 2 }, 'masked columns'],
  ])('%s have no mark: what is written there would not show', async (_, hidden, what) => {
    const databases = begin();
    world.double.missing.add('UNMASK');
    world.double.require(live).tables = [{ ...ordersOf(['1', '2']), ...hidden }];
    await expect(databases.identify(live)).rejects.toMatchObject({
      problem: { what: expect.stringContaining(what), where: 'dbo.orders' },
    });
    await expect(databases.clone(live, baseline, { method: 'auto' })).rejects.toThrow(what);
    expect(names()).toEqual(['master', live]);
  });

  test('a policy that hides nothing, and the versions of change tracking, have a mark', async () => {
    const databases = begin();
    const tenants = (hides: number) => ({ policy: { name: 'tenants', hides } });
    world.double.require(live).tables = [
      { ...ordersOf(['1', '2']), ...tenants(0) },
      { ...ordersOf(['1', '2'], 7), name: 'tracked', ...tenants(1) },
    ];
    expect((await databases.identify(live))?.mark).toMatch(/^[0-9a-f]{64}$/);
  });

  test('the catalog shows what a person would look for', async () => {
    begin();
    world.double
      .require(live)
      .objects.push(
        { kind: 'user', name: 'app', definition: 'SQL_USER orphaned: no login has its SID' },
        { kind: 'synonym', name: 'dbo.stock', definition: '[shop].[dbo].[orders]' },
        { kind: 'procedure', name: 'dbo.load', definition: "EXEC('delete from shop.dbo.orders')" },
      );
    const catalog = await sqlserverCatalog(world.options).read(live);
    expect(catalog.relations).toMatchObject([{ schema: 'dbo', name: 'orders', kind: 'table' }]);
    expect(catalog.objects).toContainEqual({
      kind: 'database property',
      name: 'compatibility level',
      definition: '160',
    });
    expect(catalog.objects).toContainEqual(expect.objectContaining({ kind: 'user', name: 'app' }));
    const named = catalog.definitions.filter(({ databases }) => databases.includes(live));
    expect(named.map(({ name }) => name).sort()).toEqual(['dbo.load', 'dbo.stock']);
  });
});
