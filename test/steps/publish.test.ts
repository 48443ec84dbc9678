import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, expect, jest, test } from '@jest/globals';
import {
  approveLatest,
  asOf,
  beforeCorrection,
  candidate,
  config,
  type Kind,
  kinds,
  makeBitemporal,
  newNumbers,
  oldNumbers,
  reportsOf,
  rowsOf,
} from '../support/bitemporal.ts';
import { filesBelow, projects } from '../support/fork.ts';
import type { Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// Five tests at a time share two processes.
jest.setTimeout(240_000);

const quick = quickly();
const names = Object.keys(kinds) as Kind[];
const live = 'warehouse.duckdb';
const checked = `${config}swap: { verify: [checks/*.sql], timeout: 1s }\n`;
const checks = {
  'checks/now.sql': 'select sum(bonus) = 38.40 as sum from reports.infinity_now;\n',
};
const bases = projects({
  new: (): Promise<Project> => makeBitemporal({ config: checked, files: checks }),
  approved: async (): Promise<Project> => {
    const project = await bases.fork('new');
    await quick.steps(project, 'compare');
    await approveLatest(quick, project);
    return project;
  },
  never: async (): Promise<Project> => {
    const project = await makeBitemporal({
      config: config.replace('[tech_from, tech_to]', '[tech_from, tech_to], publish: never'),
    });
    await quick.steps(project, 'compare');
    await approveLatest(quick, project);
    return project;
  },
});
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

const copies = (project: Project) => filesBelow(project, '.greenlight/pr-1/published');
const publications = (project: Project) => project.sql('greenlight.duckdb', 'from publication');

test.concurrent('at-swap: as of before the go-live instant the old logic answers, after it the new', async () => {
  const project = await bases.fork('approved');
  const before = new Date().toISOString();
  const result = await quick.json<{ go_live: string }>(project, 'swap');
  expect([before, result.go_live, new Date().toISOString()].toSorted()[1]).toBe(result.go_live);
  const earlier = new Date(Date.parse(result.go_live) - 1).toISOString();
  for (const kind of ['infinity', 'nothing'] as const) {
    expect(await asOf(project, live, kind, '2025-03-03')).toEqual(beforeCorrection);
    expect(await asOf(project, live, kind, earlier.replace('Z', ''))).toEqual(oldNumbers);
    expect(await asOf(project, live, kind, result.go_live.replace('Z', ''))).toEqual(newNumbers);
  }
  // A date holds no time: the day of the go-live is the new logic's.
  const day = result.go_live.slice(0, 10);
  const dayBefore = new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);
  expect(await asOf(project, live, 'far', dayBefore)).toEqual(oldNumbers);
  expect(await asOf(project, live, 'far', day)).toEqual(newNumbers);
  for (const kind of names) {
    const now = await project.sql(live, `from reports.${kind}_now`);
    expect(now).toEqual(newNumbers.map(({ customers: _, ...row }) => row));
    const parkedRows = `select count(*) as n from vault.${kind} where tech_from = '9000-01-01' or tech_to = '9000-01-01'`;
    expect(await project.sql(live, parkedRows)).toEqual([{ n: '0' }]);
    const ends = `select count(*) as n from vault.${kind} where coalesce(tech_to > '9000-01-01', true)`;
    expect(await project.sql(live, ends)).toEqual([{ n: '4' }]);
  }
  expect(await publications(project)).toMatchObject([
    {
      release: 'pr-1',
      go_live: result.go_live.replace('T', ' ').replace('Z', ''),
      rows: '{"vault.far":6,"vault.infinity":6,"vault.nothing":6}',
    },
  ]);
});

test.concurrent('a rehearsal publishes in its copy: its checks find what they will find in live', async () => {
  const project = await bases.fork('approved');
  const parked = await project.fingerprint(candidate);
  expect(await quick.json(project, 'swap', '--rehearse')).toMatchObject({ verified: 1 });
  expect(await project.fingerprint(candidate)).toBe(parked);
  expect(await publications(project)).toEqual([]);
});

test.concurrent('never: the parked rows go, and what they had closed is open again', async () => {
  const project = await bases.fork('never');
  const rows = await Promise.all(names.map((kind) => rowsOf(project, live, kind)));
  const reports = await reportsOf(project, live);
  const { go_live } = await quick.json(project, 'swap');
  expect(go_live).toBeNull();
  expect(await Promise.all(names.map((kind) => rowsOf(project, live, kind)))).toEqual(rows);
  expect(await reportsOf(project, live)).toBe(reports);
  // It is the candidate's copy all the same, and not the old database.
  expect(await filesBelow(project, '.greenlight/pr-1/previous')).toHaveLength(1);
});

test.concurrent('a rehearsal verifies what would be published, and publishes nothing', async () => {
  const project = await bases.fork('approved');
  const before = await project.fingerprint();
  await project.write(
    'checks/parked.sql',
    "select count(*) = 0 as published from vault.far where tech_from = '9000-01-01';\n",
  );
  expect(await quick.json(project, 'swap', '--rehearse')).toMatchObject({ rehearsed: true });
  expect(await publications(project)).toEqual([]);
  expect(await copies(project)).toEqual([]);
  expect(await project.fingerprint()).toBe(before);
});

test.concurrent('rollback gives the old database back, byte by byte', async () => {
  const project = await bases.fork('approved');
  const before = await project.fingerprint();
  await quick.json(project, 'swap');
  expect(await project.fingerprint()).not.toBe(before);
  expect(await quick.json(project, 'rollback')).toMatchObject({ written_since_swap: null });
  expect(await project.fingerprint()).toBe(before);
});

test.concurrent('rollback counts what was written since by what went live, not by the slices', async () => {
  const project = await bases.fork('approved');
  await quick.json(project, 'swap');
  await project.sql(
    live,
    `insert into vault.far values (9, '2025-01-01', '2025-02-01', 1, '2025-04-01', '9999-12-31'); checkpoint`,
  );
  const { written_since_swap: written } = await quick.json<{ written_since_swap: string[] }>(
    project,
    'rollback',
  );
  expect(written.slice(0, -1)).toEqual(['vault.far: 6 rows when released, 7 now']);
});

test.concurrent('a verification that fails leaves live and candidate as they were, and the same digest holds', async () => {
  const project = await bases.fork('new');
  await project.write(
    'checks/now.sql',
    'select sum(bonus) = 26.40 as sum from reports.infinity_now;\n',
  );
  await quick.steps(project, 'compare');
  await approveLatest(quick, project);
  const before = [await project.fingerprint(), await project.fingerprint(candidate)];
  const { error } = await quick.refusal(1, project, 'swap');
  expect(error.what).toContain('The verification failed, so the old database was put back');
  expect([await project.fingerprint(), await project.fingerprint(candidate)]).toEqual(before);
  expect(await copies(project)).toEqual([]);
  await project.write('checks/now.sql', checks['checks/now.sql']);
  expect(await quick.json(project, 'compare')).toMatchObject({ state: 'approved' });
  expect(await quick.json(project, 'swap')).toMatchObject({ state: 'swapped' });
});

test.concurrent('a gate that is closed, and a writer on live, leave the candidate as it was compared', async () => {
  const project = await bases.fork('new');
  await quick.steps(project, 'compare');
  const before = await project.fingerprint(candidate);
  await quick.refusal(3, project, 'swap');
  expect(await publications(project)).toEqual([]);
  await approveLatest(quick, project);
  const writer = await DuckDBInstance.create(project.path(live));
  const { error } = await quick.refusal(1, project, 'swap');
  expect(error.what).toContain('has this database open');
  writer.closeSync();
  expect(await copies(project)).toEqual([]);
  expect(await project.fingerprint(candidate)).toBe(before);
  expect(await quick.json(project, 'swap')).toMatchObject({ state: 'swapped' });
});

test.concurrent('is refused while a technical instant is later than the go-live instant', async () => {
  const project = bases.keep(
    await makeBitemporal({
      live: `insert into vault.nothing select 3, '2025-01-01', '2025-02-01', 1, (now() at time zone 'UTC') + interval 10 hours, null`,
    }),
  );
  await quick.steps(project, 'compare');
  await approveLatest(quick, project);
  const before = await project.fingerprint();
  const { error } = await quick.refusal(1, project, 'swap');
  expect(error.what).toContain('  vault.nothing: 1 row');
  expect(error.cause).toContain('a column without a zone holds a local time');
  expect(error.live).toBe('live is unchanged');
  expect(await project.fingerprint()).toBe(before);
  expect(await copies(project)).toEqual([]);
});

test.concurrent('is refused where dates leave no room for a second version on one day', async () => {
  const project = bases.keep(
    await makeBitemporal({
      live: `update vault.far set tech_from = (now() at time zone 'UTC')::date where customer = 2 and valid_from = '2025-01-01'`,
    }),
  );
  await quick.steps(project, 'compare');
  await approveLatest(quick, project);
  const before = await project.fingerprint();
  const { error } = await quick.refusal(1, project, 'swap');
  expect(error.what).toBe('The technical validity of the parked rows could not be set.');
  expect(error.cause).not.toContain('2025');
  expect(error.live).toBe('live is unchanged');
  expect(await project.fingerprint()).toBe(before);
  expect(await copies(project)).toEqual([]);
});
