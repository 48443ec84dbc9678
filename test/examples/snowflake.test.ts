import { cp, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openProject, type Project } from '../support/project.ts';
import { type SnowflakeDouble, startDouble } from '../support/snowflake-double/server.ts';

const example = join(process.cwd(), 'examples', 'snowflake');
let double: SnowflakeDouble;
let project: Project;

beforeAll(async () => {
  double = await startDouble();
  double.addUser({ name: 'RELEASE', roles: ['ACCOUNTADMIN'], credential: { password: 'secret' } });
  await double.sql(await readFile(join(example, 'production.sql'), 'utf8'));
  const folder = await mkdtemp(join(tmpdir(), 'greenlight-snowflake-'));
  await cp(example, folder, { recursive: true });
  project = openProject(folder);
}, 60_000);
afterAll(async () => {
  await project?.dispose();
  await double?.stop();
});

async function run(...args: string[]) {
  const env = {
    SNOWFLAKE_ACCOUNT: 'double',
    SNOWFLAKE_HOST: double.url,
    SNOWFLAKE_USER: 'release',
    SNOWFLAKE_PASSWORD: 'secret',
    SNOWFLAKE_WAREHOUSE: 'WH',
  };
  return project.runWith({ env }, ...args);
}

async function json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
  const { exitCode, stdout, stderr } = await run(...args, '--json');
  if (exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${exitCode}:\n${stderr}`);
  return JSON.parse(stdout) as T;
}

const revenue = () =>
  double.sql('select customer, amount from marts.revenue order by customer', { database: 'SHOP' });

test('the release of the README goes the whole way and back', async () => {
  const before = await revenue();
  for (const step of ['clone', 'migrate', 'simulate']) await json(step, '--release', 'pr-1');
  const compared = await json<{
    verdict: string;
    digest: string;
    tables: Record<string, unknown>[];
  }>('compare', '--release', 'pr-1');
  expect(compared.verdict).toBe('unexplained');
  expect(compared.tables.find(({ table }) => table === 'MARTS.REVENUE')).toMatchObject({
    status: 'changed',
    key: ['CUSTOMER'],
    old_rows: 3,
    new_rows: 3,
    added: 0,
    removed: 0,
    changed: 1,
    proof: 'exact',
  });
  expect(await revenue()).toEqual(before);
  await json('approve', '--release', 'pr-1', '--digest', compared.digest, '--by', 'alice');
  await json('swap', '--release', 'pr-1');
  expect(await revenue()).toContainEqual({ CUSTOMER: 'Grace', AMOUNT: '100.00' });
  await json('rollback');
  expect(await revenue()).toEqual(before);
  await json('retire', '--release', 'pr-1');
  const left = (await double.sql('show databases')).map(({ name }) => name);
  expect(left.sort()).toEqual(['GREENLIGHT', 'SHOP']);
  const steps = new Set(
    double.history.map(({ tag }) => (tag === '' ? null : JSON.parse(tag).step)),
  );
  expect(steps).toContain('compare');
}, 900_000);

test('what somebody writes while the swap is under way is not lost: the swap is taken back', async () => {
  await project.write('logic/01_revenue.sql', 'SELECT 1;\n');
  const config = await readFile(join(example, 'greenlight.yml'), 'utf8');
  await project.write('greenlight.yml', config.replace(/^migrate:.*$/m, ''));
  for (const step of ['clone', 'simulate', 'compare']) await json(step, '--release', 'pr-2');
  const { account } = double;
  await double.sql('create table late clone marts.revenue', { database: 'SHOP' });
  await double.sql("insert into late (customer, amount) values ('Late', 1)", { database: 'SHOP' });
  const tableOf = (schema: string, name: string) => {
    const found = account.databases.get('SHOP')?.schemas.get(schema)?.children.get(`TABLE ${name}`);
    if (found?.kind !== 'TABLE') throw new Error(`There is no ${name}`);
    return found;
  };
  const late = tableOf('PUBLIC', 'LATE').versions.at(-1);
  const target = tableOf('MARTS', 'REVENUE');
  await double.sql('drop table late', { database: 'SHOP' });
  const swapDatabases = account.swapDatabases.bind(account);
  account.swapDatabases = (a, b) => {
    if (late !== undefined && !target.versions.includes(late)) target.versions.push(late);
    swapDatabases(a, b);
  };
  const { exitCode, stderr } = await run('swap', '--release', 'pr-2');
  expect(stderr).toContain('was written to while the swap was under way');
  expect(exitCode).not.toBe(0);
  expect(await revenue()).toContainEqual({ CUSTOMER: 'Late', AMOUNT: '1.00' });
}, 900_000);
