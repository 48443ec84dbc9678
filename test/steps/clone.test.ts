import { afterAll, expect, jest, test } from '@jest/globals';
import { filesBelow, projects } from '../support/fork.ts';
import { defaultConfig, makeProject, type Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// Five tests at a time share two processes.
jest.setTimeout(120_000);

const quick = quickly();
const bases = projects({
  new: (): Promise<Project> => makeProject(),
  swapped: async (): Promise<Project> => {
    const project = await makeProject({
      config: defaultConfig.replace(/migrate.*\n/, ''),
      files: { 'logic/01.sql': 'select 1;' },
    });
    for (const step of ['clone', 'simulate', 'compare', 'swap']) {
      await quick.json(project, step, '--release', 'pr-1');
    }
    return project;
  },
});
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

const database = (role: string, release = 'pr-1') =>
  `.greenlight/${release}/${role}/warehouse.duckdb`;

test.concurrent('an engine without other servers takes no baseline that is given', async () => {
  const project = await bases.fork('new');
  const before = await project.fingerprint();
  await project.write('greenlight.yml', `${defaultConfig}clone: { baseline: other.duckdb }\n`);
  const { error } = await quick.refusal(2, project, 'clone', '--release', 'pr-1');
  expect(error.where).toBe('greenlight.yml: clone.baseline');
  expect(await filesBelow(project, '.greenlight')).toEqual([]);
  expect(await project.fingerprint()).toBe(before);
});

test.concurrent('makes candidate and baseline, says of what, and leaves live alone', async () => {
  const project = await bases.fork('new');
  const before = await project.fingerprint();
  const result = await quick.json(project, 'clone', '--release', 'pr-1');
  expect(result).toMatchObject({
    release: 'pr-1',
    state: 'cloned',
    live: project.path('warehouse.duckdb'),
    candidate: project.path(database('candidate')),
    baseline: project.path(database('baseline')),
    tables: 2,
    views: 1,
    missing: [],
  });
  expect(Date.parse(String(result.clone_instant))).toBeLessThanOrEqual(Date.now());
  expect(await project.fingerprint()).toBe(before);
  expect(await filesBelow(project, '.greenlight/pr-1')).toEqual([
    database('baseline'),
    database('candidate'),
  ]);
  for (const role of ['candidate', 'baseline']) {
    expect(await project.sql(database(role), 'select count(*) as n from staging.orders')).toEqual([
      { n: '100' },
    ]);
  }
  const [release] = await project.sql('greenlight.duckdb', 'select * from release');
  expect(release).toMatchObject({ id: 'pr-1', state: 'cloned', engine: 'duckdb' });
  expect(Object.keys(JSON.parse(String(release?.inventory)))).toEqual(
    expect.arrayContaining(['table marts.revenue', 'view marts.top', 'schema staging']),
  );
});

test.concurrent('takes what the log of live holds, without working it in', async () => {
  const project = await bases.fork('new');
  await project.sql(
    'warehouse.duckdb',
    `pragma disable_checkpoint_on_shutdown; set checkpoint_threshold = '1GB';
     insert into staging.orders values (1000, 'late', 1)`,
  );
  expect(await filesBelow(project)).toContain('warehouse.duckdb.wal');
  const before = await project.fingerprint();
  await quick.json(project, 'clone', '--release', 'pr-1');
  expect(await project.fingerprint()).toBe(before);
  const found = 'select count(*) as n from staging.orders';
  expect(await project.sql(database('candidate'), found)).toEqual([{ n: '101' }]);
  expect(await filesBelow(project, '.greenlight/pr-1')).toHaveLength(2);
});

test.concurrent('begins anew when it runs again', async () => {
  const project = await bases.fork('new');
  await quick.steps(project, 'migrate');
  await project.sql('warehouse.duckdb', `insert into staging.orders values (1000, 'late', 1)`);
  await quick.json(project, 'clone', '--release', 'pr-1');
  const found = 'select count(*) as n from staging.orders';
  expect(await project.sql(database('candidate'), found)).toEqual([{ n: '101' }]);
  const migrated = await quick.json(project, 'migrate');
  expect(migrated).toMatchObject({ applied: ['V001__note.sql'], skipped: [] });
});

test.concurrent('needs an id, and one that can be part of a path', async () => {
  const project = await bases.fork('new');
  expect((await quick.refusal(2, project, 'clone')).error.help).toBe(
    'greenlight clone --release pr-42',
  );
  for (const id of [
    '../x',
    'a/b',
    '..',
    '.hidden',
    '',
    ' ',
    'a b',
    'ü',
    '-r',
    'x'.repeat(64),
    'a\nb',
    "a'b",
  ]) {
    const { error } = await quick.refusal(2, project, 'clone', `--release=${id}`);
    expect(error.what).toContain('cannot be the id of a release');
    expect(error.help).toContain('pr-42');
  }
  expect(await filesBelow(project, '.greenlight')).toEqual([]);
});

test.concurrent('refuses the id of a release that went live', async () => {
  const project = await bases.fork('swapped');
  const before = await project.fingerprint();
  for (const state of ['swapped', 'rolled-back', 'retired']) {
    if (state === 'rolled-back') await quick.json(project, 'rollback');
    if (state === 'retired') await quick.json(project, 'retire', '--release', 'pr-1');
    const { error } = await quick.refusal(2, project, 'clone', '--release', 'pr-1');
    expect(error.what).toBe(`Release pr-1 is ${state}; its id cannot be used again.`);
    expect(error.help).toContain('another id');
  }
  expect(await project.fingerprint()).toBe(before);
});

test.concurrent('begins a release anew that was retired before it was ever live', async () => {
  const project = await bases.fork('new');
  await quick.json(project, 'clone', '--release', 'pr-1', '--author', 'bob');
  await quick.json(project, 'retire', '--release', 'pr-1');
  const again = await quick.json(project, 'clone', '--release', 'pr-1');
  expect(again).toMatchObject({ state: 'cloned', author: 'bob' });
  await quick.json(project, 'migrate', '--release', 'pr-1');
});

test.concurrent('keeps releases apart', async () => {
  const project = await bases.fork('new');
  await quick.json(project, 'clone', '--release', 'pr-1');
  await quick.json(project, 'clone', '--release', 'pr-2');
  const { error } = await quick.refusal(2, project, 'migrate');
  expect(error.what).toBe('Several releases are under way.');
  expect(error.help).toContain('pr-1 (cloned), pr-2 (cloned)');
  await quick.json(project, 'migrate', '--release', 'pr-2');
  await expect(
    project.sql(database('candidate'), 'select note from marts.revenue'),
  ).rejects.toThrow();
});

test.concurrent('takes the id from the environment', async () => {
  const project = await bases.fork('new');
  const run = await quick.runWith({ GREENLIGHT_RELEASE: 'mr-7' }, project, 'clone', '--json');
  expect(JSON.parse(run.stdout)).toMatchObject({ release: 'mr-7' });
});

test.concurrent('copies by copy-on-write only when it is asked to, and says when it cannot', async () => {
  const project = await bases.fork('new');
  await project.write('greenlight.yml', `${defaultConfig}clone: { method: copy }\n`);
  expect(await quick.json(project, 'clone', '--release', 'pr-1')).toMatchObject({ method: 'copy' });
  await project.write('greenlight.yml', `${defaultConfig}clone: { method: reflink }\n`);
  const run = await quick.run(project, 'clone', '--release', 'pr-2');
  if (run.exitCode === 0) return; // this file system shares blocks
  expect(run.exitCode).toBe(1);
  expect(run.stderr).toContain('This file system cannot make copy-on-write copies.');
  expect(run.stderr).toContain('Set clone.method to auto or copy');
  expect(await filesBelow(project, '.greenlight/pr-2')).toEqual([]);
});
