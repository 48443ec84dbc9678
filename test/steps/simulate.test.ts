import { readFile } from 'node:fs/promises';
import { afterAll, expect, jest, test } from '@jest/globals';
import { projects } from '../support/fork.ts';
import { defaultConfig, makeProject, type Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// Five tests at a time share two processes.
jest.setTimeout(120_000);

const quick = quickly();
const live = `create schema marts; create table marts.log (id integer primary key, name varchar, seen timestamptz);
create table marts.total (n bigint); insert into marts.total values (1)`;
const log = (name: string) =>
  `insert into marts.log select coalesce(max(id), 0) + 1, '${name}', getvariable('greenlight_now') from marts.log;\n`;
const config = `version: 1
engine: duckdb
live: warehouse.duckdb
migrate: { scripts: migrations/ }
simulate: { run: [logic/first/*.sql, { command: "echo hello > $OUT; env > seen.txt" }, logic/then.sql] }
`;
const bases = projects({
  migrated: async (): Promise<Project> => {
    const project = await makeProject({
      live,
      config,
      files: {
        'migrations/V1__a.sql': 'alter table marts.total add column note varchar;\n',
        'logic/first/b.sql': log('b'),
        'logic/first/a.sql': log('a'),
        'logic/then.sql': `${log('then')}insert into marts.total select count(*), 'x' from marts.total;\n`,
      },
    });
    await quick.steps(project, 'migrate');
    return project;
  },
});
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

const candidate = '.greenlight/pr-1/candidate/warehouse.duckdb';
const withRun = (run: string, more = '') =>
  config.replace(/simulate:.*/, `simulate: { run: ${run}${more} }`);

test.concurrent('runs the list in order, with the time that each item took', async () => {
  const project = await bases.fork('migrated');
  const before = await project.fingerprint();
  const run = await quick.runWith({ OUT: 'out.txt' }, project, 'simulate', '--json');
  expect(run.exitCode).toBe(0);
  const result = JSON.parse(run.stdout);
  expect(result).toMatchObject({ release: 'pr-1', state: 'simulated' });
  expect(result.items).toEqual([
    { item: 'logic/first/a.sql', kind: 'sql', ms: expect.any(Number) },
    { item: 'logic/first/b.sql', kind: 'sql', ms: expect.any(Number) },
    { item: 'echo hello > $OUT; env > seen.txt', kind: 'command', ms: expect.any(Number) },
    { item: 'logic/then.sql', kind: 'sql', ms: expect.any(Number) },
  ]);
  expect(await project.sql(candidate, 'select name from marts.log order by id')).toEqual([
    { name: 'a' },
    { name: 'b' },
    { name: 'then' },
  ]);
  expect(await readFile(project.path('out.txt'), 'utf8')).toBe('hello\n');
  expect(await project.fingerprint()).toBe(before);
  expect(
    await project.sql('greenlight.duckdb', 'select item, state from simulation order by position'),
  ).toHaveLength(4);
});

test.concurrent('gives the result of one run, however often it runs', async () => {
  const project = await bases.fork('migrated');
  const seen = async () => ({
    log: await project.sql(candidate, 'from marts.log order by id'),
    total: await project.sql(candidate, 'from marts.total order by n'),
  });
  await quick.runWith({ OUT: 'out.txt' }, project, 'simulate');
  const once = await seen();
  const { stderr, exitCode } = await quick.runWith({ OUT: 'out.txt' }, project, 'simulate');
  expect(exitCode).toBe(0);
  expect(stderr).toContain('made anew and migrated again');
  expect(await seen()).toEqual(once);
  expect(once.total).toHaveLength(2);
});

test.concurrent('finishes after a failure, also after one in a second run', async () => {
  const project = await bases.fork('migrated');
  const good = log('then');
  for (const round of [1, 2]) {
    await project.write('logic/then.sql', `${good}select\n  missing;\n`);
    const run = await quick.runWith({ OUT: 'out.txt' }, project, 'simulate', '--json');
    expect(run.exitCode).toBe(1);
    const { error } = JSON.parse(run.stdout);
    expect(error.where).toBe('logic/then.sql:3');
    expect(error.cause).toContain('missing');
    await project.write('logic/then.sql', good);
    const again = await quick.runWith({ OUT: 'out.txt' }, project, 'simulate');
    expect([round, again.exitCode, again.stderr]).toEqual([round, 0, expect.anything()]);
    expect(await project.sql(candidate, 'select name from marts.log order by id')).toHaveLength(3);
    expect(await project.sql(candidate, 'select note from marts.total')).toEqual([{ note: null }]);
  }
});

test.concurrent('shows the logic the instant of the clone as now, or the one that is configured', async () => {
  const project = await bases.fork('migrated');
  const [release] = await project.sql(
    'greenlight.duckdb',
    'select epoch_ms(clone_instant)::varchar as ms from release',
  );
  const instant = `select distinct epoch_ms(seen)::varchar as ms from marts.log`;
  const run = await quick.runWith({ OUT: 'out.txt' }, project, 'simulate', '--json');
  expect(await project.sql(candidate, instant)).toEqual([{ ms: release?.ms }]);
  const { clock } = JSON.parse(run.stdout);
  expect(await readFile(project.path('seen.txt'), 'utf8')).toContain(`GREENLIGHT_NOW=${clock}\n`);

  await project.write(
    'greenlight.yml',
    withRun('[logic/then.sql, {command: "env > seen.txt"}]', ', clock: 2026-01-31T06:00:00+01:00'),
  );
  await quick.json(project, 'simulate');
  expect(await project.sql(candidate, instant)).toEqual([
    { ms: String(Date.parse('2026-01-31T05:00:00Z')) },
  ]);
  expect(await readFile(project.path('seen.txt'), 'utf8')).toContain(
    'GREENLIGHT_NOW=2026-01-31T06:00:00+01:00\n',
  );
});

test.concurrent('refuses to run before the migration, and while scripts are pending', async () => {
  const project = bases.keep(await makeProject());
  await quick.json(project, 'clone', '--release', 'pr-1');
  const early = await quick.refusal(2, project, 'simulate');
  expect(early.error.help).toBe('greenlight migrate --release pr-1');
  await quick.json(project, 'migrate');
  await project.write('migrations/V002__more.sql', 'select 1;');
  const pending = await quick.refusal(2, project, 'simulate');
  expect(pending.error.what).toContain('migration scripts that have not run');
  expect(pending.error.help).toBe('greenlight migrate --release pr-1');
});

test.concurrent('refuses a glob that matches nothing', async () => {
  const project = await bases.fork('migrated');
  await project.write('greenlight.yml', withRun('[logic/*.sqk]'));
  const { error } = await quick.refusal(2, project, 'simulate');
  expect(error.what).toBe('No file matches logic/*.sqk.');
  expect(error.where).toContain('simulate.run');
});

test.concurrent('refuses a candidate with a view that names live', async () => {
  const project = bases.keep(await makeProject());
  await project.write(
    'migrations/V002__view.sql',
    'create or replace view marts.top as select * from warehouse.marts.revenue;\n',
  );
  await quick.steps(project, 'migrate');
  const { error } = await quick.refusal(3, project, 'simulate');
  expect(error.what).toContain('view marts.top names warehouse');
  expect(error.help).toContain('schema.table');
});

test.concurrent('runs on a candidate made anew when somebody wrote to it', async () => {
  const project = await bases.fork('migrated');
  await project.sql(candidate, 'insert into marts.total values (77, null)');
  const { stderr } = await quick.runWith({ OUT: 'out.txt' }, project, 'simulate');
  expect(stderr).toContain('The candidate was changed since the last step left it');
  expect(await project.sql(candidate, 'from marts.total where n = 77')).toEqual([]);
});

test.concurrent('cannot reach live', async () => {
  const project = await bases.fork('migrated');
  const before = await project.fingerprint();
  await project.write('greenlight.yml', withRun('[logic/then.sql]'));
  await project.write('logic/then.sql', "select 1;\nattach 'warehouse.duckdb' as prod;\n");
  expect((await quick.refusal(1, project, 'simulate')).error.where).toBe('logic/then.sql:2');
  expect(await project.fingerprint()).toBe(before);
});

test.concurrent('warns when live was written to while a command ran', async () => {
  const project = await bases.fork('migrated');
  await project.write('greenlight.yml', withRun('[{ command: "touch warehouse.duckdb" }]'));
  const { stderr } = await quick.run(project, 'simulate');
  expect(stderr).toContain('Live was written to while the command ran');
});

test.concurrent('needs no migration where the project has none', async () => {
  const project = bases.keep(
    await makeProject({
      config: defaultConfig.replace(/migrate.*\n/, ''),
      files: { 'logic/a.sql': 'select 1' },
    }),
  );
  await quick.json(project, 'clone', '--release', 'pr-1');
  expect(await quick.json(project, 'simulate')).toMatchObject({ state: 'simulated' });
});
