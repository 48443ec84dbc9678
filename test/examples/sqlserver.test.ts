import { cp, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadExpectations } from '../../src/config/expectations.ts';
import { loadConfig } from '../../src/config/load.ts';
import { splitStatements } from '../../src/engines/script.ts';
import { batchesOf } from '../../src/engines/sqlserver/batches.ts';
import { readOptions } from '../../src/engines/sqlserver/options.ts';
import { outsideOf, readBatches } from '../../src/engines/sqlserver/statements.ts';
import { runBatches } from '../conformance/sqlserver.ts';
import { openProject, type Project } from '../support/project.ts';
import { tsqlFault } from '../support/tsql-grammar.ts';

const example = join(process.cwd(), 'examples', 'sqlserver');
const given = new Map([['password', 'Release of the example, 1']]);

const read = (file: string) => readFile(join(example, file), 'utf8');
const batches = async (file: string) => batchesOf({ file, text: await read(file) }, given);

describe('the files of the example', () => {
  test('every statement is T-SQL', async () => {
    const files = (await readdir(example, { recursive: true })).filter((one) =>
      one.endsWith('.sql'),
    );
    expect(files).toHaveLength(5);
    const faults: string[] = [];
    let parsed = 0;
    for (const file of files) {
      for (const { text } of await batches(file)) {
        // What a definition holds belongs to it.
        const isDefinition = /^CREATE (OR ALTER )?PROCEDURE/.test(text);
        const statements = isDefinition ? [text] : splitStatements(text).map((one) => one.text);
        for (const statement of statements) {
          parsed += 1;
          const fault = await tsqlFault(statement.trim());
          if (fault !== null) faults.push(`${file}: ${fault}: ${statement}`);
        }
      }
    }
    expect(faults).toEqual([]);
    expect(parsed).toBeGreaterThan(25);
  });

  test('what a release runs is one transaction', async () => {
    for (const file of ['migrations/V1__returns.sql', 'logic/sum_days.sql', 'checks/totals.sql']) {
      const ready = readBatches({ file, text: await read(file) }, new Map(), null);
      expect([file, ready.length > 0, ready.map(outsideOf)]).toEqual([
        file,
        true,
        ready.map(() => null),
      ]);
    }
  });

  test('configuration and expectations are valid, and the engine takes the connection', async () => {
    const config = await loadConfig(join(example, 'greenlight.yml'), {});
    expect(config).toMatchObject({ engine: 'sqlserver', live: 'shop', ledger: 'greenlight' });
    const { connection, root } = config;
    const variables = { SQLCMDSERVER: 'h', SQLCMDUSER: 'u', SQLCMDPASSWORD: 'p' };
    expect(readOptions({ connection, root }, variables)).toMatchObject({ host: 'h' });
    expect(await loadExpectations(config)).toHaveLength(4);
  });

  test('the release login gets what the documentation says, and nothing else', async () => {
    const documentation = await readFile('docs/sqlserver.md', 'utf8');
    const [, documented = ''] =
      /## Privileges[\s\S]*?```sql\n([\s\S]*?)```/.exec(documentation) ?? [];
    const rights = (script: string) =>
      script
        .replace(/--.*$/gm, '')
        .replace(/^GO$/gm, '')
        .replace(/PASSWORD = N?'[^']*'/, 'PASSWORD')
        .replace(/SCHEMA::\w+/, 'SCHEMA::of_the_project')
        .split(';')
        .map((one) => one.trim())
        .filter((one) => one !== '');
    expect(rights(documented).length).toBeGreaterThan(10);
    expect(rights(await read('role.sql'))).toEqual(rights(documented));
  });
});

const url = process.env.GREENLIGHT_TEST_SQLSERVER_URL ?? '';
const whole =
  'the release of the README goes the whole way and back, as the least-privileged login';

// On a server of its own: the example's database has its own name, as people have it.
if (url === '') {
  test.skip(`${whole}: no server is named in GREENLIGHT_TEST_SQLSERVER_URL`, () => undefined);
} else {
  describe('on a server', () => {
    let project: Project;
    let env: Record<string, string>;
    const administer = async (...texts: string[]) => runBatches(url, 'master', texts);
    const rows = (sql: string) => runBatches(url, 'shop', [sql]);

    async function clear(): Promise<void> {
      await administer(
        `DECLARE @sql nvarchar(max) = (
           SELECT STRING_AGG(CONVERT(nvarchar(max), N'ALTER DATABASE ' + QUOTENAME(name) + N' SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE ' + QUOTENAME(name)), N'; ')
             FROM sys.databases WHERE name IN (N'shop', N'greenlight') OR name LIKE N'shop[_][_]%');
         IF @sql IS NOT NULL EXECUTE (@sql);`,
        `IF SUSER_ID(N'greenlight_release') IS NOT NULL DROP LOGIN greenlight_release`,
        `USE msdb; DROP USER IF EXISTS greenlight_release`,
      );
    }

    beforeAll(async () => {
      await clear();
      for (const file of ['production.sql', 'role.sql'])
        await administer(...(await batches(file)).map(({ text }) => text));
      const folder = await mkdtemp(join(tmpdir(), 'greenlight-sqlserver-'));
      await cp(example, folder, { recursive: true });
      project = openProject(folder);
      const config = await read('greenlight.yml');
      await project.write(
        'greenlight.yml',
        config.replace(/^# (connection: \{ trust_server_certificate: true \}).*$/m, '$1'),
      );
      const { host, port } = readOptions({ connection: { url }, root: '/' }, process.env);
      env = {
        SQLCMDSERVER: `${host},${port}`,
        SQLCMDUSER: 'greenlight_release',
        SQLCMDPASSWORD: given.get('password') ?? '',
      };
    }, 120_000);
    afterAll(async () => {
      await clear();
      await project?.dispose();
    });

    async function json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
      const ran = await project.runWith({ env }, ...args, '--json');
      if (ran.exitCode !== 0)
        throw new Error(`${args.join(' ')} ended with ${ran.exitCode}:\n${ran.stderr}`);
      return JSON.parse(ran.stdout) as T;
    }
    const amounts = () => rows('SELECT amount FROM sales.daily ORDER BY day');

    test(whole, async () => {
      const { findings } = await json<{ findings: { verdict: string; found: string }[] }>('doctor');
      expect(findings.filter(({ verdict }) => /fault|unknown/.test(verdict))).toEqual([]);
      const before = await amounts();
      for (const step of ['clone', 'migrate', 'simulate']) await json(step, '--release', 'returns');
      const compared = await json<{
        verdict: string;
        digest: string;
        tables: { table: string; changed: number }[];
      }>('compare', '--release', 'returns');
      expect(compared.verdict).toBe('explained');
      expect(compared.tables.find(({ table }) => table === 'sales.daily')?.changed).toBe(1);
      expect(await amounts()).toEqual(before);
      await json('approve', '--release', 'returns', '--digest', compared.digest, '--by', 'you');
      await json('swap', '--release', 'returns');
      expect(await amounts()).not.toEqual(before);
      await json('rollback', '--release', 'returns');
      expect(await amounts()).toEqual(before);
      await json('retire', '--release', 'returns');
      expect(await amounts()).toEqual(before);
    }, 900_000);
  });
}
