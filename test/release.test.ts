import { afterEach, expect, test } from '@jest/globals';
import { makeProject, type Project } from './support/project.ts';

let project: Project;
afterEach(() => project?.dispose());

test('a release goes the whole way and back, and live changes at swap and rollback only', async () => {
  project = await makeProject();
  await project.write(
    'logic/01_revenue.sql',
    `delete from marts.revenue;
     insert into marts.revenue (customer, amount)
     select customer, sum(amount) * 2 from staging.orders where customer <> 'customer 3' group by customer order by customer;`,
  );
  const before = await project.fingerprint();
  for (const step of ['clone', 'migrate', 'simulate']) await project.json(step, '-r', 'pr-1');
  const compared = await project.json<{
    verdict: string;
    digest: string;
    tables: Record<string, unknown>[];
  }>('compare', '-r', 'pr-1');
  expect(compared.verdict).toBe('unexplained');
  expect(compared.tables.find(({ table }) => table === 'marts.revenue')).toMatchObject({
    status: 'changed',
    key: ['customer'],
    old_rows: 7,
    new_rows: 6,
    removed: 1,
    added: 0,
    changed: 6,
    proof: 'exact',
  });

  const refused = await project.run('swap', '-r', 'pr-1');
  expect(refused.exitCode).toBe(3);
  expect(refused.stderr).toContain('greenlight approve --release pr-1 --digest');
  await project.json('approve', '-r', 'pr-1', '--digest', compared.digest, '--by', 'alice');
  expect(await project.fingerprint()).toBe(before);

  await project.json('swap', '-r', 'pr-1');
  expect(await project.sql('warehouse.duckdb', 'select count(*) as n from marts.revenue')).toEqual([
    { n: '6' },
  ]);
  await project.json('rollback');
  expect(await project.fingerprint()).toBe(before);
});

test('a release that changes nothing has no deviations and needs no approval', async () => {
  project = await makeProject();
  await project.remove('migrations/V001__note.sql');
  for (const step of ['clone', 'migrate', 'simulate']) await project.json(step, '-r', 'pr-1');
  const compared = await project.json<{ verdict: string; objects: unknown[] }>(
    'compare',
    '-r',
    'pr-1',
  );
  expect(compared).toMatchObject({ verdict: 'identical', objects: [] });
  expect((await project.run('swap', '-r', 'pr-1')).exitCode).toBe(0);
});
