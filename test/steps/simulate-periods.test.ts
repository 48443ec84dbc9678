import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { forkProject, projects } from '../support/fork.ts';
import { makeProject, type Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

jest.setTimeout(240_000);

const quick = quickly();
const candidate = '.greenlight/pr-1/candidate/warehouse.duckdb';

const live = `create schema staging; create schema marts;
create table staging.orders (id integer primary key, month date, amount decimal(12, 2));
insert into staging.orders select i, date '2024-01-01' + to_months(i % 3), i from range(1, 31) t(i);
create table marts.month (month date, total decimal(12, 2), run_id integer);
create table marts.balance (month date, balance decimal(12, 2));`;

const query = 'SELECT DISTINCT month FROM staging.orders ORDER BY month';
const config = `version: 1
engine: duckdb
live: warehouse.duckdb
simulate:
  run: [logic/*.sql]
  clock: 2026-01-31T06:00:00Z
  for each: ${query}
compare: { input: [staging.*] }
`;

/** Run twice for one month, or in another order, these give another result. */
const files = {
  'logic/01_month.sql': `insert into marts.month
select {{ month }}, sum(amount), (select count(*) from marts.month) from staging.orders where month = {{ month }};
`,
  'logic/02_balance.sql': `insert into marts.balance
select getvariable('greenlight_month'), coalesce((select max(balance) from marts.balance), 0) + total
from marts.month where month = '{{ month }}';
`,
};

const bases = projects({
  cloned: async (): Promise<Project> => {
    const project = await makeProject({ live, config, files });
    await quick.json(project, 'clone', '--release', 'pr-1');
    return project;
  },
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

const content = (project: Project, database = candidate) =>
  project.sql(
    database,
    `select month::varchar as month, total::varchar as total, run_id, balance::varchar as balance
     from marts.month full join marts.balance using (month) order by run_id, balance`,
  );
const wanted = [
  { month: '2024-01-01', total: '165.00', run_id: 0, balance: '165.00' },
  { month: '2024-02-01', total: '145.00', run_id: 1, balance: '310.00' },
  { month: '2024-03-01', total: '155.00', run_id: 2, balance: '465.00' },
];

interface Simulated {
  readonly items: readonly { readonly item: string }[];
  readonly periods: { readonly total: number; readonly before: number } | null;
}

test.concurrent('runs the whole list once for each period, in order, and leaves nothing of its own', async () => {
  const project = await bases.fork('cloned');
  const run = await quick.run(project, 'simulate', '--json');
  expect(run.exitCode).toBe(0);
  expect(JSON.parse(run.stdout)).toMatchObject({
    items: [{ item: 'logic/01_month.sql' }, { item: 'logic/02_balance.sql' }],
    periods: { total: 3, before: 0 },
  });
  expect(run.stderr).toMatch(/period 2 of 3 \(month 2024-02-01\): /);
  expect(await content(project)).toEqual(wanted);
  expect(
    await project.sql(
      candidate,
      `select schema_name from duckdb_schemas() where schema_name like 'greenlight%'`,
    ),
  ).toEqual([]);
  const position = 'position::integer as position';
  expect(
    await project.sql(
      'greenlight.duckdb',
      `select ${position}, period::integer as period, item, state from simulation order by simulation.position`,
    ),
  ).toMatchObject(
    [0, 1, 2].flatMap((period) => [
      { position: 2 * period, period, item: 'logic/01_month.sql', state: 'applied' },
      { position: 2 * period + 1, period, item: 'logic/02_balance.sql', state: 'applied' },
    ]),
  );
  expect(
    await project.sql(
      'greenlight.duckdb',
      `select variables ->> '$.month.text' as month from period order by position`,
    ),
  ).toEqual(wanted.map(({ month }) => ({ month })));
  expect(await quick.json(project, 'compare')).toMatchObject({ verdict: 'unexplained' });
});

test.concurrent('again, it runs all periods anew: the outcome is that of one run', async () => {
  const project = await bases.fork('simulated');
  const { periods } = await quick.json<Simulated>(project, 'simulate');
  expect(periods).toEqual({ total: 3, before: 0 });
  expect(await content(project)).toEqual(wanted);
});

test.concurrent('commands see the columns in their environment, types survive, and several columns go together', async () => {
  const project = await bases.fork('cloned');
  await project.write(
    'greenlight.yml',
    config
      .replace(
        '[logic/*.sql]',
        '[logic/typed.sql, { command: "env | grep ^GREENLIGHT_ >> seen.txt" }]',
      )
      .replace(
        query,
        `"SELECT 1.50 AS Rate, 'it''s {{ release }}' AS label, {{ now }}::date AS day, true AS flag"`,
      ),
  );
  await project.write(
    'logic/typed.sql',
    `create table marts.typed as select typeof({{ rate }}) as rate, typeof(getvariable('greenlight_day')) as day,
       typeof({{ flag }}) as flag, {{ label }} || '{{ label }}' as label;`,
  );
  await quick.json(project, 'simulate');
  expect(await project.sql(candidate, 'from marts.typed')).toEqual([
    { rate: 'DECIMAL(3,2)', day: 'DATE', flag: 'BOOLEAN', label: "it's pr-1it's pr-1" },
  ]);
  const seen = await readFile(project.path('seen.txt'), 'utf8');
  for (const line of [
    'RATE=1.50',
    "LABEL=it's pr-1",
    'DAY=2026-01-31',
    'FLAG=true',
    'RELEASE=pr-1',
  ])
    expect(seen).toContain(`GREENLIGHT_${line}\n`);
});

test.concurrent.each([
  [
    'no row',
    `${query.replace('ORDER', 'HAVING false ORDER')}`
      .replace('DISTINCT month', 'month')
      .replace('orders', 'orders GROUP BY month'),
    'gives no row',
  ],
  ['NULL', 'SELECT NULL AS month', 'Period 1 has NULL in its column month'],
  ['a taken name', 'SELECT 1 AS "NOW"', '"NOW" of the periods is a name that scripts'],
  ['a name of the environment', 'SELECT 1 AS database', '"database" of the periods'],
  ['no plain name', 'SELECT 1 + 1', 'is no plain name'],
  ['one name twice', 'SELECT 1 AS a, 2 AS A', 'stands there twice'],
  ['an unknown column', 'SELECT monht FROM staging.orders', 'A statement failed'],
  ['two statements', 'SELECT 1 AS a; SELECT 2 AS b', 'not one query, but 2 statements'],
  ['a statement that writes', 'DELETE FROM staging.orders RETURNING id', 'A statement failed'],
  [
    'another database',
    "SELECT path AS a FROM (VALUES ('warehouse.duckdb')) AS t(path)",
    'must not touch',
  ],
])('a query of periods that gives %s is refused, and nothing ran', async (_, text, told) => {
  const project = await bases.fork('cloned');
  const before = await project.fingerprint(candidate);
  await project.write('greenlight.yml', config.replace(query, JSON.stringify(text)));
  const run = await quick.run(project, 'simulate', '--json');
  expect(run.exitCode).not.toBe(0);
  const { error } = JSON.parse(run.stdout);
  expect(error.what).toContain(told);
  expect(error.where).toContain('simulate.for each');
  expect(await project.fingerprint(candidate)).toBe(before);
});

// Killed -------------------------------------------------------------------------------------------

const preload = join(process.cwd(), 'test', 'support', 'kill-at.mjs');
const kill = (project: Project, env: Record<string, string>) =>
  project.runWith({ node: ['--import', preload], env }, 'simulate', '--json');

const finished = (project: Project) =>
  project.sql(
    'greenlight.duckdb',
    `select position::integer as position, started_at::varchar as started, finished_at::varchar as finished
     from simulation where state = 'applied' order by simulation.position`,
  );

/** The number of items that the mark in the candidate counts; null: there is none. */
async function marked(project: Project): Promise<number | null> {
  const [row] = await project
    .sql(candidate, 'select done::integer as done from "greenlight: simulation".mark')
    .catch(() => []);
  return row === undefined ? null : Number(row.done);
}

// Every day, the points are those at which a file changes for good; GREENLIGHT_TEST_FULL=1 walks every statement.
const isFull = process.env.GREENLIGHT_TEST_FULL === '1';
const points = isFull
  ? { KILL_KINDS: 'commit,write,read,open,close' }
  : {
      KILL_KINDS: 'commit',
      KILL_MATCH: '^(COMMIT|CREATE OR REPLACE TABLE|DROP SCHEMA)',
    };

test(
  'killed at any point, it goes on with what is missing: nothing runs twice, nothing is left out',
  async () => {
    const start = await bases.fork('cloned');
    await start.write('greenlight.yml', config.replace(query, `${query} LIMIT 2`));
    const counted = bases.keep(await forkProject(start));
    const list = counted.path('points.txt');
    expect((await kill(counted, { ...points, KILL_LIST: list })).exitCode).toBe(0);
    const all = (await readFile(list, 'utf8')).trim().split('\n');
    const whole = await content(counted);
    expect(whole).toEqual(wanted.slice(0, 2));
    expect(all.filter((point) => / COMMIT/.test(point)).length).toBeGreaterThan(12);

    const queue = [...all.keys()];
    const went = { on: 0, anew: 0 };
    const work = async () => {
      for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
        const project = await forkProject(start);
        const point = all[at];
        const run = await kill(project, { ...points, KILL_AT: String(at + 1) });
        expect([point, run.signal]).toEqual([point, 'SIGKILL']);
        const before = await finished(project);
        const mark = await marked(project);
        const rerun = await quick.run(project, 'simulate', '--json');
        expect([point, rerun.exitCode, rerun.stderr]).toEqual([point, 0, expect.anything()]);
        expect([point, await content(project)]).toEqual([point, whole]);
        const { periods } = JSON.parse(rerun.stdout);
        // The release may be simulated already, but for the step's own record.
        const done = Math.max(before.length, mark ?? 0);
        expect([point, periods.before]).toEqual([point, Math.floor(done / 2)]);
        expect([point, (await finished(project)).slice(0, before.length)]).toEqual([point, before]);
        if (done > 0) went.on++;
        else went.anew++;
        await project.dispose();
      }
    };
    await Promise.all([work(), work()]);
    process.stderr.write(`  simulate for each: ${went.on} went on, ${went.anew} began anew\n`);
    expect(went.on).toBeGreaterThan(went.anew);
  },
  isFull ? 1_800_000 : 600_000,
);

/** Killed right before the statement or file operation that matches, for the n-th time that one does. */
async function killBefore(project: Project, point: string, nth: number): Promise<void> {
  const env = { KILL_KINDS: 'file,commit,write,spawn', KILL_MATCH: point, KILL_AT: String(nth) };
  expect((await kill(project, env)).signal).toBe('SIGKILL');
}

const goesAnew = async (project: Project, reason: string | null) => {
  const run = await quick.run(project, 'simulate', '--json');
  expect(run.stderr).toContain(reason ?? 'made anew');
  expect(JSON.parse(run.stdout).periods).toEqual({ total: 3, before: 0 });
  return run;
};

test.concurrent('goes on after a failure that was mended elsewhere', async () => {
  const project = await bases.fork('cloned');
  await project.write(
    'logic/02_balance.sql',
    `${files['logic/02_balance.sql']}select case when '{{ month }}' < '2024-03-01' or (select count(*) from read_text('rates.txt')) > 0
       then 1 else error('no rates') end;
`,
  );
  const failed = await quick.refusal(1, project, 'simulate');
  expect(failed.error.where).toBe('logic/02_balance.sql:4');
  await project.write('rates.txt', '1');
  const { periods } = await quick.json<Simulated>(project, 'simulate');
  expect(await content(project)).toEqual(wanted);
  expect(periods).toEqual({ total: 3, before: 2 });
});

test.concurrent.each([
  ['a file', { 'logic/02_balance.sql': `${files['logic/02_balance.sql']}-- other\n` }],
  ['the clock', { 'greenlight.yml': config.replace('06:00', '07:00') }],
])('begins anew when another logic is in hand: %s', async (_, changed: Record<string, string>) => {
  const project = await bases.fork('cloned');
  await killBefore(project, '^UPDATE "warehouse"', 4);
  for (const [file, text] of Object.entries(changed)) await project.write(file, text);
  await goesAnew(
    project,
    'cannot go on where it stopped: the logic or the clock has changed since',
  );
  expect(await content(project)).toEqual(wanted);
});

test.concurrent('begins anew when an item was cut off that runs in no transaction', async () => {
  const project = await bases.fork('cloned');
  await project.write(
    'logic/02_balance.sql',
    `-- greenlight: no transaction\n${files['logic/02_balance.sql']}select 1;\n`,
  );
  await killBefore(project, '^insert into marts.balance', 2);
  await goesAnew(project, 'cut off within an item that runs in no transaction');
  expect(await content(project)).toEqual(wanted);
});

test.concurrent('begins anew when a command was cut off, and goes on behind one that had ended', async () => {
  const command = 'echo $GREENLIGHT_MONTH >> ran.txt';
  const project = await bases.fork('cloned');
  await project.write(
    'greenlight.yml',
    config.replace('[logic/*.sql]', `[logic/*.sql, { command: "${command}" }]`),
  );
  await killBefore(project, '^UPDATE "warehouse"', 3);
  const on = await quick.json<Simulated>(project, 'simulate');
  expect(on.periods).toEqual({ total: 3, before: 1 });
  const ran = async () => (await readFile(project.path('ran.txt'), 'utf8')).trim().split('\n');
  expect(await ran()).toEqual(wanted.map(({ month }) => month));

  const other = await bases.fork('cloned');
  await other.write('greenlight.yml', await readFile(project.path('greenlight.yml'), 'utf8'));
  await killBefore(other, '^echo', 2);
  await goesAnew(other, 'cut off within an item that runs in no transaction');
  expect(await content(other)).toEqual(wanted);
});

test.concurrent('begins anew when somebody took the mark away', async () => {
  const project = await bases.fork('cloned');
  await killBefore(project, '^UPDATE "warehouse"', 4);
  await project.sql(candidate, 'drop schema "greenlight: simulation" cascade');
  await goesAnew(project, 'its mark in the candidate is gone');
  expect(await content(project)).toEqual(wanted);
});

// The control --------------------------------------------------------------------------------------

const control = '.greenlight/pr-1/control/warehouse.duckdb';

test.concurrent.each([
  ['before its copy is there', '^rename .*/control/', 1],
  ['in its second period', '^insert into marts.month ', 5],
  ['when it is done, and that is not recorded', '^UPDATE "release" SET "control_mark"', 1],
])('killed in the control, %s, it goes on with the control alone', async (_, point, nth) => {
  const project = await bases.fork('cloned');
  await project.write(
    'greenlight.yml',
    config.replace('  for each', '  control: { folder: old }\n  for each'),
  );
  await project.write('old/greenlight.yml', config);
  for (const [file, text] of Object.entries(files)) await project.write(`old/${file}`, text);
  await killBefore(project, point, nth);
  const ofCandidate = `select started_at::varchar as started from simulation where role = 'candidate' order by position`;
  const before = await project.sql('greenlight.duckdb', ofCandidate);
  expect(before).toHaveLength(6);
  expect((await quick.run(project, 'compare')).exitCode).not.toBe(0);

  const { periods } = await quick.json<Simulated>(project, 'simulate');
  expect(periods).toEqual({ total: 3, before: 3 });
  expect(await project.sql('greenlight.duckdb', ofCandidate)).toEqual(before);
  expect(await content(project)).toEqual(wanted);
  expect(await content(project, control)).toEqual(wanted);
  // Old and new logic are the same: all that they make otherwise than production has it is noise.
  expect(await quick.json(project, 'compare')).toMatchObject({
    verdict: 'explained',
    noise: { tables: [{ table: 'marts.balance' }, { table: 'marts.month' }] },
  });
});
