import { copyFile, rename } from 'node:fs/promises';
import { afterAll, expect, jest, test } from '@jest/globals';
import { projects } from '../support/fork.ts';
import { doing, writeOnce } from '../support/late.ts';
import { defaultConfig, makeProject } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// Five tests at a time share two processes.
jest.setTimeout(120_000);

const quick = quickly();
const bases = projects({
  swapped: async () => {
    const project = await makeProject({
      config: defaultConfig.replace(/migrate.*\n/, ''),
      files: { 'logic/01.sql': 'update marts.revenue set amount = amount * 2;' },
    });
    for (const step of ['clone', 'simulate']) await quick.json(project, step, '-r', 'pr-1');
    const { digest } = await quick.json<{ digest: string }>(project, 'compare');
    await quick.json(project, 'approve', '--digest', digest, '--by', 'alice');
    await quick.json(project, 'swap');
    return project;
  },
});
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

const kept = '.greenlight/pr-1/rolled-back/warehouse.duckdb';
const previous = '.greenlight/pr-1/previous/warehouse.duckdb';
const total = 'select sum(amount)::varchar as total from marts.revenue';

test.concurrent('puts the old database back and keeps the released one', async () => {
  const project = await bases.fork('swapped');
  const [released] = await project.sql('warehouse.duckdb', total);
  const [old] = await project.sql(previous, total);
  const { stdout, stderr } = await quick.run(project, 'rollback', '--json');
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({ state: 'rolled-back', written_since_swap: null });
  expect(stderr).not.toContain('was written to');
  expect(result.kept).toBe(project.path(kept));
  expect(await project.sql('warehouse.duckdb', total)).toEqual([old]);
  expect(await project.sql(kept, total)).toEqual([released]);
  expect(old).not.toEqual(released);
});

test.concurrent('tells the rows that were written since the swap, and keeps them', async () => {
  const project = await bases.fork('swapped');
  await project.sql('warehouse.duckdb', `insert into staging.orders values (1000, 'late', 1)`);
  const { exitCode, stderr } = await quick.run(project, 'rollback');
  expect(exitCode).toBe(0);
  expect(stderr).toContain(
    'Written since the swap: staging.orders: 100 rows when released, 101 now',
  );
  expect(await project.sql(kept, 'select id from staging.orders where id = 1000')).toEqual([
    { id: 1000 },
  ]);
  expect(
    await project.sql('warehouse.duckdb', 'select id from staging.orders where id = 1000'),
  ).toEqual([]);
});

test.concurrent('says so when it cannot tell what was changed since the swap', async () => {
  const project = await bases.fork('swapped');
  await project.sql('warehouse.duckdb', 'update staging.orders set amount = 0 where id = 1');
  const result = await quick.json<{ written_since_swap: string[] }>(project, 'rollback');
  expect(result.written_since_swap.join()).toContain('rows that were only changed');
});

test.concurrent('twice is refused, with live as it is', async () => {
  const project = await bases.fork('swapped');
  await quick.json(project, 'rollback');
  const before = await project.fingerprint();
  const { error } = await quick.refusal(2, project, 'rollback', '--release', 'pr-1');
  expect(error.what).toBe('Release pr-1 is rolled-back.');
  expect(error.help).toContain('Only a release that is live can be rolled back');
  await quick.refusal(2, project, 'rollback');
  expect(await project.fingerprint()).toBe(before);
});

test.concurrent('takes the releases back in the order in which they came', async () => {
  const project = await bases.fork('swapped');
  const first = await project.fingerprint();
  for (const step of ['clone', 'simulate']) await quick.json(project, step, '-r', 'pr-2');
  const { digest } = await quick.json<{ digest: string }>(project, 'compare', '-r', 'pr-2');
  await quick.json(project, 'approve', '-r', 'pr-2', '--digest', digest, '--by', 'alice');
  await quick.json(project, 'swap', '-r', 'pr-2');
  const second = await project.fingerprint();
  const { error } = await quick.refusal(3, project, 'rollback', '--release', 'pr-1');
  expect(error.what).toBe('Release pr-2 went live after pr-1.');
  expect(error.help).toBe('greenlight rollback --release pr-2');
  expect(await project.fingerprint()).toBe(second);
  expect(await quick.json(project, 'rollback')).toMatchObject({ release: 'pr-2' });
  expect(await project.fingerprint()).toBe(first);
  expect(await quick.json(project, 'rollback')).toMatchObject({ release: 'pr-1' });
});

test.concurrent('is refused when live was replaced since', async () => {
  const project = await bases.fork('swapped');
  await copyFile(project.path('warehouse.duckdb'), project.path('copy.duckdb'));
  await rename(project.path('copy.duckdb'), project.path('warehouse.duckdb'));
  const before = await project.fingerprint();
  const { error } = await quick.refusal(3, project, 'rollback');
  expect(error.what).toContain('Live is not the database of pr-1 any more');
  expect(await project.fingerprint()).toBe(before);
});

test.concurrent('is refused when the old database is gone, or another one stands there', async () => {
  const project = await bases.fork('swapped');
  const before = await project.fingerprint();
  await copyFile(project.path(previous), project.path('copy.duckdb'));
  await rename(project.path('copy.duckdb'), project.path(previous));
  expect((await quick.refusal(3, project, 'rollback')).error.what).toContain(
    'The old database is not there',
  );
  await project.remove(previous);
  expect((await quick.refusal(3, project, 'rollback')).error.what).toContain(
    'The old database is not there',
  );
  expect(await project.fingerprint()).toBe(before);
});

test.concurrent('without a release in live is wrong use', async () => {
  const project = bases.keep(await makeProject());
  const { error } = await quick.refusal(2, project, 'rollback');
  expect(error.help).toContain('greenlight clone');
});

test.concurrent('works the log of live in first, so that nothing written is lost', async () => {
  const project = await bases.fork('swapped');
  await project.sql(
    'warehouse.duckdb',
    `pragma disable_checkpoint_on_shutdown; set checkpoint_threshold = '1GB';
     insert into staging.orders values (1000, 'late', 1)`,
  );
  await quick.json(project, 'rollback');
  expect(await project.sql(kept, 'select id from staging.orders where id = 1000')).toEqual([
    { id: 1000 },
  ]);
});

test.concurrent('tells when a row came while it looked for what was written', async () => {
  const project = await bases.fork('swapped');
  await project.sql(
    'warehouse.duckdb',
    `pragma disable_checkpoint_on_shutdown; set checkpoint_threshold = '1GB';
     insert into staging.orders values (1000, 'late', 1)`,
  );
  // Right before writers are fenced off.
  const write = doing(writeOnce(2000, 'staging.orders(id, customer)'), 'AS "live" \\(READ_ONLY\\)');
  const { exitCode, stderr } = await project.runWith(write, 'rollback');
  expect(stderr).toContain('Live was written to while the rollback looked for what was written');
  expect(exitCode).toBe(1);
  const { written_since_swap: written } = await quick.json<{ written_since_swap: string[] }>(
    project,
    'rollback',
  );
  expect(written[0]).toBe('staging.orders: 100 rows when released, 102 now');
});

test.concurrent('tells that the old database was written to while it was kept', async () => {
  const project = await bases.fork('swapped');
  await project.sql(previous, `insert into staging.orders values (1000, 'odd', 1); checkpoint`);
  const { exitCode, stderr } = await quick.run(project, 'rollback');
  expect(exitCode).toBe(0);
  expect(stderr).toContain(
    'The old database was written to while it was kept at .greenlight/pr-1/previous/warehouse.duckdb',
  );
});

test.concurrent('tells that an earlier rollback brought rows over and did not come to its end', async () => {
  const project = await bases.fork('swapped');
  const late = 'select id from staging.orders where id = 1000';
  await project.sql('warehouse.duckdb', `insert into staging.orders values (1000, 'late', 1)`);
  await project.write(kept, 'Something else stands where the released database would be kept.');
  expect((await quick.run(project, 'rollback', '--replay')).exitCode).toBe(1);
  expect(await project.sql(previous, late)).toEqual([{ id: 1000 }]);
  await project.remove(kept);
  const { exitCode, stderr } = await quick.run(project, 'rollback');
  expect(exitCode).toBe(0);
  expect(stderr).toContain('An earlier rollback with --replay brought rows over');
  expect(stderr).not.toContain('was written to while it was kept');
  expect(await project.sql('warehouse.duckdb', late)).toEqual([{ id: 1000 }]);
});

test.concurrent('brings rows over again when a rollback with --replay did not come to its end', async () => {
  const project = await bases.fork('swapped');
  const late = 'select id from staging.orders where id >= 1000 order by id';
  await project.sql('warehouse.duckdb', `insert into staging.orders values (1000, 'late', 1)`);
  await project.write(kept, 'Something else stands where the released database would be kept.');
  expect((await quick.run(project, 'rollback', '--replay')).exitCode).toBe(1);
  await project.remove(kept);
  await project.sql('warehouse.duckdb', `insert into staging.orders values (1001, 'later', 1)`);
  const { exitCode, stderr } = await quick.run(project, 'rollback', '--replay');
  expect(exitCode).toBe(0);
  expect(stderr).not.toContain('comes back with it');
  expect(await project.sql('warehouse.duckdb', late)).toEqual([{ id: 1000 }, { id: 1001 }]);
});
