import { expect, test } from '@jest/globals';
import { documented } from '../../support/tsql-documented.ts';
import { grammarFault, tsqlFault } from '../../support/tsql-grammar.ts';
import { ordersOf, startDouble } from './double.ts';

const { sqlserverDatabases } = await import('../../../src/engines/sqlserver/databases.ts');
const { sqlserverCatalog } = await import('../../../src/engines/sqlserver/catalog.ts');
const { sqlserverExaminer } = await import('../../../src/engines/sqlserver/examiner.ts');
const { sqlserverSwap } = await import('../../../src/engines/sqlserver/swap.ts');
const { Synonyms } = await import('../../../src/engines/sqlserver/synonyms.ts');
const { hold } = await import('../../../src/engines/sqlserver/hold.ts');

/** Everything that the engine says to a server in the course of releases, on each kind of server. */
async function said(): Promise<Set<string>> {
  const all = new Set<string>();
  for (const edition of [3, 4, 5, 8]) {
    const { double, options } = startDouble(
      { edition },
      edition === 8 ? { backup_path: 'https://acme.blob.core.windows.net/backups' } : {},
    );
    const [live, baseline, candidate] = ['shop', 'shop__r__baseline', 'shop__r__candidate'];
    const own = double.create(live, {
      tables: [
        ordersOf(['1']),
        { ...ordersOf(['2'], 7), name: "o'neil] s" },
        { ...ordersOf(['3']), name: 'tenants', policy: { name: 'own', hides: 0 } },
      ],
    });
    Object.assign(own.properties, {
      owner: 'app',
      trustworthy: true,
      auto_update_statistics_async: true,
    });
    const databases = sqlserverDatabases(options, live);
    await databases.clone(live, baseline, { method: 'auto' });
    await databases.clone(baseline, candidate, { method: edition === 3 ? 'snapshot' : 'auto' });
    await databases.identify(live);
    await databases.glance(live);
    await databases.size(live);
    await databases.size('nothing');
    await sqlserverCatalog(options).read(live);
    const held = await hold('master', options, 'live', 10);
    await hold('master', options, 'live', 10);
    if (held.held) await held.release();
    const swap = sqlserverSwap(options);
    await swap.warm(candidate);
    const fence = await swap.fence(live);
    double.visit(live);
    await swap.exchange(live, candidate, 'shop__r__previous');
    await fence.release();
    double.dieAfter(4);
    await swap.exchange(live, 'shop__r__previous', 'shop__r__back').catch(() => undefined);
    double.revive();
    await swap.settle(live);
    await databases.drop('shop__r__previous');
    for await (const _ of sqlserverExaminer({
      options,
      databaseOfLive: async () => live,
      ledger: 'greenlight',
    }).examine({ method: 'auto', copies: 2, replays: true }));
    if (edition !== 5) await bySynonyms(double, options);
    for (const statement of double.log) all.add(statement);
  }
  return all;
}

async function bySynonyms(
  double: ReturnType<typeof startDouble>['double'],
  options: ReturnType<typeof startDouble>['options'],
): Promise<void> {
  const [live, candidate] = ['stock', 'stock__r__candidate'];
  for (const name of [live, candidate]) double.create(name, { tables: [ordersOf([])] });
  double.create('front').synonyms = [
    {
      schema: 'dbo',
      name: 'orders',
      base: [live, 'dbo', 'orders'],
      grants: [{ state: 'GRANT', permission: 'SELECT', grantee: 'readers' }],
    },
  ];
  await new Synonyms('front', options).exchange(live, candidate, 'stock__r__previous');
}

test('every statement is one of T-SQL by an independent grammar, or has a form that is documented', async () => {
  const statements = await said();
  expect(statements.size).toBeGreaterThan(100);
  for (const begin of ['ALTER DATABASE', 'BACKUP', 'RESTORE', 'CREATE DATABASE', 'KILL', 'DROP'])
    expect([...statements].filter((one) => one.startsWith(begin))).not.toEqual([]);
  const faults: string[] = [];
  for (const statement of statements) {
    const fault = await tsqlFault(statement);
    if (fault !== null) faults.push(`${fault}: ${statement}`);
  }
  expect(faults).toEqual([]);
}, 120_000);

test.each(documented.map((one) => [one.such, one] as const))(
  'the grammar cannot read %s, and Microsoft documents it',
  async (such, { form, page }) => {
    expect(such).toMatch(form);
    expect(page).toMatch(
      /^https:\/\/learn\.microsoft\.com\/en-us\/sql\/[a-z/-]+[a-z](\?view=[a-z-]+)?$/,
    );
    expect(await grammarFault(such)).not.toBeNull();
  },
);

test.each([
  'SELECT FROM WHERE',
  'SELECT a FRM t',
  "SELECT N'a FROM t",
  'ALTER DATABASE [a] SET SINGLE_USER WITH ROLLBACK IMMEDIATELY',
  'ALTER DATABASE [a] MODIFY NAME [b]',
  "BACKUP DATABASE [a] TO DISK = N'a' WITH COPY_ONLY FORMAT, INIT, CHECKSUM, NAME = N'a', STATS = 5",
  "RESTORE DATABASE [a] FROM DISK = N'a' WITH MOVE N'a', CHECKSUM, RECOVERY, STATS = 5",
  'CREATE DATABASE [a] AS COPY [b]',
  'KILL',
  'EXECUTE sys.sp_addextendedproperty @name = , @value = 1',
])('no T-SQL: %s', async (wrong) => {
  expect(await tsqlFault(wrong)).not.toBeNull();
});
