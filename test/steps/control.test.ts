import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { filesBelow, projects } from '../support/fork.ts';
import { makeProject, type Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';
import { commit, git, makeRepository } from '../support/repository.ts';

// Five tests at a time share two processes.
jest.setTimeout(240_000);

const quick = quickly();

const live = `
create schema staging; create schema marts;
create table staging.orders (id integer primary key, customer varchar, amount decimal(12, 2));
insert into staging.orders select i, 'customer ' || (i % 7), i * 1.25 from range(1, 101) t(i);
create table marts.revenue (customer varchar primary key, amount decimal(18, 2), loaded_at timestamptz);
insert into marts.revenue select customer, sum(amount), '2020-01-01 00:00:00+00' from staging.orders
  group by customer order by customer`;
const logic = (
  amount: string,
  loaded = "getvariable('greenlight_now')",
) => `delete from marts.revenue;
insert into marts.revenue (customer, amount, loaded_at)
select customer, ${amount}, ${loaded} from staging.orders group by customer order by customer;
`;
const oldLogic = logic('sum(amount)');
const onlyOne = "case when customer = 'customer 3' then sum(amount) + 1 else sum(amount) end";
const configWith = (control: string, more = '') => `version: 1
engine: duckdb
live: warehouse.duckdb
simulate: { run: [logic/*.sql], clock: 2026-01-31T06:00:00Z${control === '' ? '' : `, control: ${control}`} }
compare: { input: [staging.*]${more} }
`;

const bases = projects({
  /** On a branch that left main after the old logic, with nothing of the logic changed. */
  branch: async (): Promise<Project> => {
    const project = await makeProject({
      live,
      config: configWith('true'),
      files: { 'logic/revenue.sql': oldLogic },
    });
    await makeRepository(project.folder);
    await git(project.folder, 'checkout', '--quiet', '-b', 'change');
    await project.write('README.md', 'a change that is none of the logic\n');
    await commit(project.folder, 'a change');
    return project;
  },
  cloned: async (): Promise<Project> => {
    const project = await bases.fork('branch');
    await quick.json(project, 'clone', '--release', 'pr-1');
    return project;
  },
  /** With the control made. */
  simulated: async (): Promise<Project> => {
    const project = await bases.fork('cloned');
    await quick.json(project, 'simulate');
    return project;
  },
});
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

interface Noise {
  readonly comparison: number;
  readonly tables: readonly {
    readonly table: string;
    readonly changed: number;
    readonly columns: readonly { readonly column: string; readonly changed: number }[];
  }[];
  readonly objects: readonly object[];
}

interface Compared {
  readonly verdict: string;
  readonly digest: string;
  readonly comparison: number;
  readonly noise: Noise | null;
  readonly tables: readonly {
    readonly table: string;
    readonly status: string;
    readonly columns: readonly {
      readonly column: string;
      readonly status: string;
      readonly changed: number;
    }[];
  }[];
}

const place = (role: string) => `.greenlight/pr-1/${role}/warehouse.duckdb`;
const compare = (project: Project) => quick.json<Compared>(project, 'compare');
const simulateAndCompare = async (project: Project) => {
  await quick.json(project, 'simulate');
  return compare(project);
};
const deviating = ({ tables }: Compared) =>
  tables.flatMap(({ table, columns }) =>
    columns
      .filter(({ status }) => status !== 'identical')
      .map(({ column, status, changed }) => `${table}.${column} ${status} ${changed}`),
  );
const noisy = ({ noise }: Compared) =>
  noise?.tables.flatMap(({ table, columns }) =>
    columns.map(({ column, changed }) => `${table}.${column} ${changed}`),
  );
const mainCommit = (project: Project) => git(project.folder, 'rev-parse', 'main');

test.concurrent('unchanged logic gives no deviation, and what the clock makes is noise, apart', async () => {
  const project = await bases.fork('simulated');
  const [live, baseline] = [
    await project.fingerprint(),
    await project.fingerprint(place('baseline')),
  ];
  const found = await compare(project);
  expect(deviating(found)).toEqual([]);
  expect(noisy(found)).toEqual(['marts.revenue.loaded_at 7']);
  // What would go live is not what production has, so it is not identical.
  expect(found.verdict).toBe('explained');

  const rows = await project.sql(
    'greenlight.duckdb',
    'select comparison::integer as comparison, explained, count(*)::integer as n from row_deviation group by all',
  );
  expect(rows).toEqual([{ comparison: found.noise?.comparison, explained: true, n: 7 }]);
  const recorded = await project.sql(
    'greenlight.duckdb',
    'select id::integer as id, kind, noise::integer as noise from comparison order by id',
  );
  expect(recorded).toEqual([
    { id: found.noise?.comparison, kind: 'noise', noise: null },
    { id: found.comparison, kind: 'deviations', noise: found.noise?.comparison },
  ]);
  // The latest comparison is the one in force, for whoever asks the ledger by its greatest id.
  expect(found.comparison).toBeGreaterThan(found.noise?.comparison ?? 0);
  const { stdout } = await quick.run(project, 'compare');
  expect(stdout).toContain('explained. Nothing deviates; there is noise.');
  expect(stdout).toContain(
    '  marts.revenue: 7 rows changed\n    marts.revenue.loaded_at: 7 rows changed',
  );
  // Noise alone needs no approval.
  await quick.json(project, 'swap');
  expect([live, baseline]).toEqual([
    await project.fingerprint(place('previous')),
    await project.fingerprint(place('baseline')),
  ]);
});

test.concurrent('without a control, the same is a deviation', async () => {
  const project = await bases.fork('cloned');
  await project.write('greenlight.yml', configWith(''));
  const found = await simulateAndCompare(project);
  expect(deviating(found)).toEqual(['marts.revenue.loaded_at changed 7']);
  expect(found).toMatchObject({ verdict: 'unexplained', noise: null });
});

test.concurrent('changed logic gives the deviations of the logic and no others', async () => {
  const project = await bases.fork('cloned');
  await project.write('logic/revenue.sql', logic(onlyOne));
  const before = await project.fingerprint();
  expect(await quick.json(project, 'simulate')).toMatchObject({
    control: {
      database: project.path(place('control')),
      commit: await mainCommit(project),
      items: [{ item: 'logic/revenue.sql', kind: 'sql' }],
    },
  });
  const found = await compare(project);
  expect(deviating(found)).toEqual(['marts.revenue.amount changed 1']);
  expect(noisy(found)).toEqual(['marts.revenue.loaded_at 7']);
  expect(found.verdict).toBe('unexplained');
  expect(await project.fingerprint()).toBe(before);
  // The baseline is what production has, and the control what the old logic makes of it.
  const loaded = 'select distinct year(loaded_at)::integer as y from marts.revenue';
  expect(await project.sql(place('baseline'), loaded)).toEqual([{ y: 2020 }]);
  expect(await project.sql(place('control'), loaded)).toEqual([{ y: 2026 }]);
  expect(
    await project.sql(
      'greenlight.duckdb',
      'select role, item, state from simulation order by role',
    ),
  ).toEqual([
    { role: 'candidate', item: 'logic/revenue.sql', state: 'applied' },
    { role: 'control', item: 'logic/revenue.sql', state: 'applied' },
  ]);
});

test.concurrent('a random column is a deviation and noise, and the report says both', async () => {
  const project = await bases.fork('cloned');
  const random = logic('sum(amount) + (1 + random() * 1000000)::decimal(18, 2)');
  await git(project.folder, 'checkout', '--quiet', 'main');
  await project.write('logic/revenue.sql', random);
  await commit(project.folder, 'random');
  await git(project.folder, 'checkout', '--quiet', '-b', 'other');
  await project.write('logic/revenue.sql', `-- changed\n${random}`);
  const found = await simulateAndCompare(project);
  expect(deviating(found)).toEqual(['marts.revenue.amount changed 7']);
  expect(noisy(found)).toEqual(['marts.revenue.amount 7', 'marts.revenue.loaded_at 7']);
  expect((await quick.run(project, 'report')).stdout).toContain(
    '(noisy: the old logic itself gives 7 rows another value)',
  );

  await project.write('greenlight.yml', configWith('true', ', ignore: [marts.revenue.amount]'));
  const ignored = await simulateAndCompare(project);
  expect(noisy(ignored)).toEqual(['marts.revenue.loaded_at 7']);
  expect(ignored.verdict).toBe('explained');
});

test.concurrent('no noise is said in one line, and leaves the verdict identical', async () => {
  const project = await bases.fork('cloned');
  await project.write('logic/revenue.sql', logic('sum(amount)', "'2020-01-01 00:00:00+00'"));
  await commit(project.folder, 'a constant');
  await project.write('greenlight.yml', configWith('{ ref: HEAD~0 }'));
  await project.write('logic/none.sql', '-- nothing\n');
  const found = await simulateAndCompare(project);
  expect(found).toMatchObject({ verdict: 'identical', noise: { tables: [], objects: [] } });
  const { stdout } = await quick.run(project, 'compare');
  expect(stdout).toContain('\nNo noise: the old logic, run again, gives what production has.\n');
  expect((await quick.run(project, 'report')).stdout).toContain('noise     none: the old logic');
});

test.concurrent('the digest covers the noise, and is the same when it is', async () => {
  const project = await bases.fork('simulated');
  const { digest } = await compare(project);
  await quick.json(project, 'simulate');
  expect((await compare(project)).digest).toBe(digest);
  await project.write('greenlight.yml', configWith('true').replace('2026-01-31', '2026-02-01'));
  await quick.json(project, 'simulate');
  const other = await compare(project);
  expect(deviating(other)).toEqual([]);
  expect(noisy(other)).toEqual(['marts.revenue.loaded_at 7']);
  expect(other.digest).not.toBe(digest);
});

test.concurrent('structure that the migration changes counts as it does without a control', async () => {
  const migrated = {
    'migrations/V1__a.sql': `alter table marts.revenue add column note varchar; create table marts.fresh (a integer, b integer);
      create sequence marts.numbers; create view marts.top as select customer from marts.revenue;\n`,
  };
  const more =
    ', keys: { marts.fresh: [a] }, ignore: [marts.fresh.b, marts.revenue.note], tolerance: { marts.revenue.amount: { absolute: 0.001 } }';
  const outcome = async (control: string) => {
    const project = await bases.fork('branch');
    for (const [file, text] of Object.entries(migrated)) await project.write(file, text);
    await project.write(
      'greenlight.yml',
      `${configWith(control, more)}migrate: { scripts: migrations/ }\n`,
    );
    const { compare: found } = await quick.steps(project, 'compare');
    const { tables, objects } = found as unknown as Compared & { objects: unknown };
    const structure = tables.map(({ table, status, columns }) => ({
      table,
      status: table === 'marts.revenue' ? '' : status,
      columns: columns.filter(({ column }) => column !== 'loaded_at'),
    }));
    return { structure, objects, found: found as unknown as Compared };
  };
  const [without, withControl] = [await outcome(''), await outcome('true')];
  expect(withControl.structure).toEqual(without.structure);
  expect(withControl.objects).toEqual(without.objects);
  expect(deviating(withControl.found)).toContain('marts.revenue.note added 0');
  expect(noisy(withControl.found)).toEqual(['marts.revenue.loaded_at 7']);
});

// Where the old logic is ---------------------------------------------------------------------------

const commitOfControl = async (project: Project) => {
  const { control } = await quick.json<{ control: { commit: string | null } }>(project, 'simulate');
  return control.commit;
};

test.concurrent('a commit, branch or tag is the old logic, or a folder', async () => {
  const project = await bases.fork('cloned');
  await git(project.folder, 'tag', 'v1', 'main');
  await project.write('logic/revenue.sql', logic(onlyOne));
  const change = await commit(project.folder, 'a change of the logic');
  await project.write('greenlight.yml', configWith('{ ref: v1 }'));
  expect(await commitOfControl(project)).toBe(await mainCommit(project));
  await git(project.folder, 'update-ref', 'refs/remotes/origin/gone', 'main');
  await project.write('greenlight.yml', configWith('{ ref: gone }'));
  expect(await commitOfControl(project)).toBe(await mainCommit(project));
  expect(deviating(await compare(project))).toEqual(['marts.revenue.amount changed 1']);

  await project.write('released/logic/a.sql', logic('sum(amount) * 2'));
  await project.write('released/greenlight.yml', configWith(''));
  await project.write('greenlight.yml', configWith('{ folder: released }'));
  expect(await commitOfControl(project)).toBeNull();
  expect(deviating(await compare(project))).toEqual(['marts.revenue.amount changed 7']);
  expect(await git(project.folder, 'rev-parse', 'HEAD')).toBe(change);
});

test.concurrent('the target branch is the one that the CI system names', async () => {
  const project = await bases.fork('cloned');
  await git(project.folder, 'checkout', '--quiet', '-b', 'next', 'main');
  const next = await commit(project.folder, 'another line');
  await git(project.folder, 'update-ref', 'refs/remotes/origin/next', next);
  await git(project.folder, 'checkout', '--quiet', '-b', 'onto-next');
  await project.write('logic/revenue.sql', logic(onlyOne));
  await commit(project.folder, 'a change of the logic');
  const usedWith = async (env: Record<string, string>) => {
    const run = await quick.runWith(env, project, 'simulate', '--json');
    return JSON.parse(run.stdout);
  };
  expect(await commitOfControl(project)).toBe(await mainCommit(project));
  expect(await usedWith({ GITHUB_BASE_REF: 'next' })).toMatchObject({ control: { commit: next } });
  expect(
    await usedWith({
      CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'not-fetched',
      CI_MERGE_REQUEST_DIFF_BASE_SHA: next,
    }),
  ).toMatchObject({ control: { commit: next } });
  const { error } = await usedWith({ GITHUB_BASE_REF: 'not-fetched' });
  expect(error.what).toContain('there is no refs/remotes/origin/not-fetched');
});

test.concurrent('in a folder of the repository, the old logic is that of the same folder', async () => {
  const project = await bases.fork('branch');
  await git(project.folder, 'checkout', '--quiet', 'main');
  await project.write(
    'etl/logic/revenue.sql',
    logic("sum(amount) + (select any_value(rate) from read_csv('rate.csv'))"),
  );
  await project.write('etl/rate.csv', 'rate\n10\n');
  await project.write('etl/greenlight.yml', configWith('true').replace('live: ', 'live: ../'));
  await commit(project.folder, 'a project in a folder');
  await git(project.folder, 'checkout', '--quiet', '-b', 'rates');
  await project.write('etl/rate.csv', 'rate\n11\n');
  await commit(project.folder, 'another rate');
  for (const step of ['clone', 'simulate']) {
    const run = await quick.run(
      project,
      step,
      '--config',
      'etl/greenlight.yml',
      '--release',
      'pr-1',
    );
    expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('')]);
  }
  const total = 'select sum(amount)::integer as n from marts.revenue';
  const [control] = await project.sql(place('control'), total);
  const [candidate] = await project.sql(place('candidate'), total);
  expect(Number(candidate?.n) - Number(control?.n)).toBe(7);
});

test.concurrent('a command of the old logic runs in the old folder, on the control', async () => {
  const project = await bases.fork('cloned');
  await git(project.folder, 'checkout', '--quiet', 'main');
  await project.write('rate.txt', 'old\n');
  const command = '{ command: "cat rate.txt > $OUT; env >> $OUT" }';
  await project.write('greenlight.yml', configWith('true').replace('logic/*.sql', command));
  await commit(project.folder, 'a command');
  await git(project.folder, 'checkout', '--quiet', '-b', 'commands');
  await project.write('rate.txt', 'new\n');
  await project.write('greenlight.yml', configWith('true'));
  await commit(project.folder, 'SQL in place of it');
  const run = await quick.runWith({ OUT: project.path('out.txt') }, project, 'simulate');
  expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('')]);
  const out = await readFile(project.path('out.txt'), 'utf8');
  expect(out).toMatch(/^old\n/);
  expect(out).toContain(`GREENLIGHT_DATABASE=${project.path(place('control'))}\n`);
  expect(out).toContain('GREENLIGHT_NOW=2026-01-31T06:00:00Z\n');
  expect(out).not.toContain(`${project.folder}/warehouse.duckdb`);
});

test.concurrent('says what is missing where the old logic cannot be found', async () => {
  const project = await bases.fork('cloned');
  const refused = async (control: string, exitCode: number) => {
    await project.write('greenlight.yml', configWith(control));
    return (await quick.refusal(exitCode, project, 'simulate')).error;
  };
  expect(await refused('{ ref: v9 }', 1)).toMatchObject({
    what: 'The repository has no commit, branch or tag v9.',
    help: expect.stringContaining('Fetch it'),
  });
  expect(await refused('{ folder: nowhere }', 2)).toMatchObject({
    what: 'There is no folder nowhere.',
  });
  await project.write('empty/README.md', 'nothing\n');
  const empty = await refused('{ folder: empty }', 2);
  expect(empty.what).toBe(
    'The old logic (folder empty) has no greenlight.yml: nobody knows what to run.',
  );
  await project.write(
    'empty/greenlight.yml',
    configWith('').replace(/simulate.*/, 'migrate: { scripts: migrations/ }'),
  );
  expect((await refused('{ folder: empty }', 2)).what).toContain(
    'a greenlight.yml without `simulate`',
  );
  await project.write('empty/greenlight.yml', 'version: 1\nengine: duckdb\n');
  expect(await refused('{ folder: empty }', 2)).toMatchObject({
    what: expect.stringContaining('The old logic (folder empty) cannot run:'),
    help: expect.stringContaining('simulate.control'),
  });
  await project.remove('.git');
  expect(await refused('true', 1)).toMatchObject({
    what: 'git rev-parse failed.',
    cause: expect.stringContaining('not a git repository'),
    help: expect.stringContaining('folder'),
  });
  // Nothing ran.
  expect(await project.sql('greenlight.duckdb', 'from simulation')).toEqual([]);
});

test.concurrent('without git, it says so', async () => {
  const project = await bases.fork('cloned');
  const run = await quick.runWith({ PATH: '/nowhere' }, project, 'simulate', '--json');
  expect(JSON.parse(run.stdout).error).toMatchObject({
    what: 'The old logic is read by git, and there is no git command here.',
    help: expect.stringContaining('Install git'),
  });
});

test.concurrent('in a shallow clone, it says how to fetch the rest', async () => {
  const original = await bases.fork('branch');
  const project = bases.keep(await makeProject({ live, files: {} }));
  await project.remove('greenlight.yml');
  await git(project.folder, 'init', '--quiet');
  await git(
    project.folder,
    'fetch',
    '--quiet',
    '--depth',
    '1',
    `file://${original.folder}`,
    'change',
  );
  await git(project.folder, 'checkout', '--quiet', 'FETCH_HEAD');
  await quick.json(project, 'clone', '--release', 'pr-1');
  const { error } = await quick.refusal(1, project, 'simulate');
  expect(error).toMatchObject({
    what: expect.stringContaining('does not have the target branch'),
    cause: 'it is a shallow clone: a part of the history is missing',
    help: expect.stringContaining('fetch-depth: 0'),
  });
  await git(
    project.folder,
    'fetch',
    '--quiet',
    '--depth',
    '1',
    `file://${original.folder}`,
    'main:refs/remotes/origin/main',
  );
  expect((await quick.refusal(1, project, 'simulate')).error.what).toContain('at which HEAD and');
});

test.concurrent('after the merge the new logic is never its own control', async () => {
  const project = await bases.fork('cloned');
  await project.write('logic/revenue.sql', logic(onlyOne));
  await commit(project.folder, 'a change of the logic');
  await quick.json(project, 'simulate');
  const before = await mainCommit(project);
  await git(project.folder, 'checkout', '--quiet', 'main');
  await git(project.folder, 'merge', '--quiet', 'change');
  // The release knows which commit was the old one, also after a fresh clone.
  await quick.json(project, 'clone', '--release', 'pr-1');
  expect(await commitOfControl(project)).toBe(before);
  expect(deviating(await compare(project))).toEqual(['marts.revenue.amount changed 1']);
  // Another one does not.
  await quick.json(project, 'clone', '--release', 'pr-2');
  const { error } = await quick.refusal(2, project, 'simulate', '--release', 'pr-2');
  expect(error.what).toContain('The old logic is the new logic');
  expect(error.help).toContain('{ ref: COMMIT }');
  await project.write('greenlight.yml', configWith('{ folder: . }'));
  await quick.json(project, 'simulate', '--release', 'pr-2');
});

// What may go wrong --------------------------------------------------------------------------------

test.concurrent('compare refuses without the control that the old logic left', async () => {
  const project = await bases.fork('simulated');
  const refused = async () => (await quick.refusal(1, project, 'compare')).error;
  await project.sql(
    place('control'),
    'insert into marts.revenue values (null, 1, null) on conflict do nothing'.replace(
      'null, 1',
      "'x', 1",
    ),
  );
  expect(await refused()).toMatchObject({
    what: 'The control was changed since the old logic ran.',
    help: expect.stringContaining('greenlight simulate --release pr-1'),
  });
  await project.remove(place('control'));
  expect((await refused()).what).toBe('The control is gone: somebody dropped it.');
  await project.sql(place('control'), 'create table t (a integer)');
  expect((await refused()).what).toBe('Another database took the place of the control.');
  await quick.json(project, 'simulate');
  expect(noisy(await compare(project))).toEqual(['marts.revenue.loaded_at 7']);
  await quick.json(project, 'clone', '--release', 'pr-1');
  expect(await filesBelow(project, '.greenlight/pr-1/control')).toEqual([]);
  expect(await project.sql('greenlight.duckdb', 'select control, control_id from release')).toEqual(
    [{ control: null, control_id: null }],
  );
});

test.concurrent('compare refuses when the control was asked for after the run', async () => {
  const project = await bases.fork('cloned');
  await project.write('greenlight.yml', configWith(''));
  await quick.json(project, 'simulate');
  await project.write('greenlight.yml', configWith('true'));
  const { error } = await quick.refusal(2, project, 'compare');
  expect(error.what).toBe('The logic has changed since the candidate was made.');
  await quick.json(project, 'simulate');
  await compare(project);
  await project.write('greenlight.yml', configWith(''));
  await quick.json(project, 'simulate');
  expect(await filesBelow(project, '.greenlight/pr-1/control')).toEqual([]);
  expect((await compare(project)).noise).toBeNull();
});

test.concurrent('the old logic reaches no other database, and its failure says whose it is', async () => {
  const project = await bases.fork('cloned');
  const prints = async () => [
    await project.fingerprint(),
    await project.fingerprint(place('baseline')),
  ];
  const before = await prints();
  for (const role of ['baseline', 'candidate', 'live'] as const) {
    const file = project.path(role === 'live' ? 'warehouse.duckdb' : place(role));
    await project.write('old/greenlight.yml', configWith(''));
    await project.write('old/logic/a.sql', `select 1;\nattach '${file}' as other;\n`);
    await project.write('greenlight.yml', configWith('{ folder: old }'));
    const { error } = await quick.refusal(1, project, 'simulate');
    expect(error.what).toContain(
      'The old logic (folder old) cannot run:\nThe script names a database file',
    );
    expect(error.where).toBe('logic/a.sql:2');
    // Half a control is none.
    expect((await quick.refusal(2, project, 'compare')).error.what).toContain('is cloned');
  }
  await project.write('old/logic/a.sql', oldLogic);
  await quick.json(project, 'simulate');
  expect(noisy(await compare(project))).toEqual(['marts.revenue.loaded_at 7']);
  expect(await prints()).toEqual(before);
});

test.concurrent('the new logic does not reach the control either', async () => {
  const project = await bases.fork('simulated');
  await project.write(
    'logic/revenue.sql',
    `attach '${project.path(place('control'))}' as other;\n`,
  );
  const { error } = await quick.refusal(1, project, 'simulate');
  expect(error.what).toContain('names a database file that it must not touch');
});

test.concurrent('retire lists the control and drops it', async () => {
  const project = await bases.fork('simulated');
  const { dropped } = await quick.json<{ dropped: { role: string }[] }>(
    project,
    'retire',
    '--dry-run',
  );
  expect(dropped.map(({ role }) => role)).toEqual(['candidate', 'baseline', 'control']);
  await quick.json(project, 'retire', '--release', 'pr-1');
  expect(await filesBelow(project, '.greenlight/pr-1')).toEqual([]);
});

test.concurrent('killed while the old logic runs, the same command makes the control anew', async () => {
  const preload = join(process.cwd(), 'test', 'support', 'kill-at.mjs');
  const counted = await bases.fork('cloned');
  const list = counted.path('points.txt');
  const kinds = 'file,commit';
  await counted.runWith(
    { node: ['--import', preload], env: { KILL_KINDS: kinds, KILL_LIST: list } },
    'simulate',
  );
  const points = (await readFile(list, 'utf8')).trim().split('\n');
  const first = points.findIndex((point) => point.includes('/control/'));
  expect(first).toBeGreaterThan(0);
  const wanted = await compare(counted);
  let [killed, unfinished] = [0, 0];
  const last = points.length - 1;
  for (const at of [0, 0.25, 0.5, 0.75, 1].map((part) =>
    Math.round(first + part * (last - first)),
  )) {
    const project = await bases.fork('cloned');
    const before = [await project.fingerprint(), await project.fingerprint(place('baseline'))];
    const run = await project.runWith(
      { node: ['--import', preload], env: { KILL_KINDS: kinds, KILL_AT: String(at + 1) } },
      'simulate',
    );
    if (run.signal !== 'SIGKILL') continue;
    killed++;
    const early = await quick.run(project, 'compare');
    if (early.exitCode !== 0) unfinished++;
    expect([await project.fingerprint(), await project.fingerprint(place('baseline'))]).toEqual(
      before,
    );
    if (early.exitCode !== 0) await quick.json(project, 'simulate');
    const found = await compare(project);
    expect(found.digest).toBe(wanted.digest);
    expect((await filesBelow(project)).filter((name) => name.includes('.partial-'))).toEqual([]);
    await project.dispose();
  }
  expect(killed).toBe(5);
  expect(unfinished).toBeGreaterThan(2);
});

test.concurrent('a run leaves nothing of the old logic behind, and nothing in the repository', async () => {
  const project = await bases.fork('cloned');
  const own = { TMPDIR: project.path('tmp') };
  await project.write('tmp/.keep', '');
  const state = async () => [
    await git(project.folder, 'status', '--porcelain', '--untracked-files=no'),
    await git(project.folder, 'worktree', 'list'),
    await git(project.folder, 'rev-parse', 'HEAD'),
  ];
  const before = await state();
  const { exitCode } = await project.runWith({ env: own }, 'simulate');
  expect(exitCode).toBe(0);
  expect(await state()).toEqual(before);
  expect(await readdir(project.path('tmp'))).toEqual(['.keep']);
});

// The report ---------------------------------------------------------------------------------------

test.concurrent('report --noise reads the noise back, row by row', async () => {
  const project = await bases.fork('simulated');
  await compare(project);
  const shown = await quick.json<{
    about: string;
    noise: Noise;
    rows_total: number;
    tables: { table: string; unexplained: number; rows: { key: object; columns: string[] }[] }[];
  }>(project, 'report', '--noise');
  expect(shown).toMatchObject({ about: 'noise', rows_total: 7 });
  expect(shown.tables).toMatchObject([{ table: 'marts.revenue', unexplained: 0 }]);
  expect(shown.tables[0]?.rows[0]).toMatchObject({
    key: { customer: 'customer 0' },
    columns: ['loaded_at'],
  });
  const { stdout } = await quick.run(project, 'report', '--noise');
  expect(stdout).toContain('shows     noise:');
  const plain = await quick.json(project, 'report');
  expect(plain).toMatchObject({
    about: 'deviations',
    rows_total: 0,
    noise: { tables: [{ table: 'marts.revenue' }] },
  });
  expect((await quick.run(project, 'report')).stdout).toContain(
    'noise     1 table or view, 7 rows; --noise shows them',
  );
  const csv = await quick.run(project, 'report', '--noise', '--format', 'csv');
  expect(csv.stdout.trim().split('\n')).toHaveLength(8);

  await project.write('greenlight.yml', configWith(''));
  await quick.json(project, 'simulate');
  await compare(project);
  const { error } = await quick.refusal(2, project, 'report', '--noise');
  expect(error.what).toContain('had no control');
});
