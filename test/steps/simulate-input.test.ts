import { afterAll, expect, jest, test } from '@jest/globals';
import { projects } from '../support/fork.ts';
import { defaultConfig, makeProject, type Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

jest.setTimeout(120_000);

const quick = quickly();
const bases = projects({
  cloned: async (): Promise<Project> => {
    const project = await makeProject();
    await quick.json(project, 'clone', '--release', 'pr-1');
    return project;
  },
});
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

const candidate = '.greenlight/pr-1/candidate/warehouse.duckdb';
const withCompare = (compare: string) => defaultConfig.replace(/compare:.*/, `compare: ${compare}`);

interface Simulated {
  readonly input: readonly Record<string, unknown>[] | null;
}

/** Migrated by these scripts besides its own, and with this logic. */
async function prepared({
  migration,
  run,
  config,
}: {
  migration?: string;
  run?: string;
  config?: string;
} = {}): Promise<Project> {
  const project = await bases.fork('cloned');
  if (migration !== undefined) await project.write('migrations/V002__more.sql', migration);
  if (run !== undefined) await project.write('logic/02_more.sql', run);
  if (config !== undefined) await project.write('greenlight.yml', config);
  await quick.json(project, 'migrate');
  return project;
}

const proofs = (project: Project) =>
  project.sql(
    'greenlight.duckdb',
    `select moment, table_name, outcome, proof, old_rows::integer as old_rows, new_rows::integer as new_rows
     from input_proof order by moment desc, table_name`,
  );

test.concurrent('proves the input equal before the run and after it, and records it', async () => {
  const project = await prepared();
  const { input } = await quick.json<Simulated>(project, 'simulate');
  const equal = {
    table: 'staging.orders',
    outcome: 'equal',
    proof: 'lineage',
    old_rows: 100,
    new_rows: 100,
    added: 0,
    removed: 0,
    changed: 0,
    reason: null,
    suspects: [],
  };
  expect(input).toEqual([equal]);
  const row = { table_name: 'staging.orders', outcome: 'equal', proof: 'lineage' };
  expect(await proofs(project)).toEqual([
    { moment: 'before', ...row, old_rows: 100, new_rows: 100 },
    { moment: 'after', ...row, old_rows: 100, new_rows: 100 },
  ]);
});

test.concurrent('proves by values where the storage is another one', async () => {
  const project = await prepared({
    migration: `create table staging.copy as from staging.orders; drop table staging.orders;
      create table staging.orders as select id, customer, amount, 'x' as extra from staging.copy order by id desc;
      drop table staging.copy; alter table staging.orders add column later integer default 7;
      create table staging.empty (a integer);`,
  });
  const { input } = await quick.json<Simulated>(project, 'simulate');
  expect(input).toMatchObject([
    { table: 'staging.empty', outcome: 'added', new_rows: 0 },
    { table: 'staging.orders', outcome: 'equal', proof: 'exact', new_rows: 100 },
  ]);
});

test.concurrent.each([
  ['a value', 'update staging.orders set amount = amount + 0.01 where id = 3', '1 row changed'],
  ['a row less', 'delete from staging.orders where id = 3', '1 row removed'],
  ['a row more', "insert into staging.orders values (101, 'x', 1)", '1 row added'],
  ['a table with rows', 'create table staging.more as select 1 as a', 'staging.more: 1 row added'],
])('refuses to run on another input, and nothing ran: %s', async (_, migration, told) => {
  const project = await prepared({ migration });
  const before = await project.fingerprint(candidate);
  const { error } = await quick.refusal(3, project, 'simulate');
  expect(error.what).toContain('do not hold the same input, so nothing ran');
  expect(error.what).toContain(told);
  expect(error.help).toContain('compare.input');
  expect(await project.fingerprint(candidate)).toBe(before);
  expect(await project.sql('greenlight.duckdb', 'from simulation')).toEqual([]);
  expect(await proofs(project)).toContainEqual(expect.objectContaining({ outcome: 'unequal' }));
  const { releases } = await quick.json<{ releases: { state: string }[] }>(project, 'status');
  expect(releases[0]?.state).toBe('migrated');
});

test.concurrent('a difference of representation is one: the proof is strict', async () => {
  const live =
    'create schema staging; create table staging.d (n interval); insert into staging.d values (interval 1 month)';
  const project = bases.keep(
    await makeProject({
      live,
      files: {
        'migrations/V1__a.sql': 'create or replace table staging.d as select interval 30 days as n',
        'logic/a.sql': 'select 1',
      },
    }),
  );
  await quick.steps(project, 'migrate');
  expect((await quick.refusal(3, project, 'simulate')).error.what).toContain('1 row added');
});

const writing = "select 1;\nupdate staging.orders set customer = 'nobody' where id = 5;\n";

test.concurrent('logic that writes to its input is told with the place, recorded, and deviates', async () => {
  const project = await prepared({ run: writing });
  const run = await quick.run(project, 'simulate', '--json');
  expect(run.exitCode).toBe(0);
  expect(run.stderr).toContain(
    'warning: The logic wrote to its input staging.orders (1 row changed); look at logic/02_more.sql:2.',
  );
  expect(JSON.parse(run.stdout).input).toMatchObject([
    {
      table: 'staging.orders',
      outcome: 'unequal',
      changed: 1,
      reason: '1 row changed',
      suspects: ['logic/02_more.sql:2'],
    },
  ]);
  expect((await proofs(project)).map(({ moment, outcome }) => [moment, outcome])).toEqual([
    ['before', 'equal'],
    ['after', 'unequal'],
  ]);
  expect(await quick.json(project, 'compare')).toMatchObject({
    verdict: 'unexplained',
    tables: expect.arrayContaining([
      expect.objectContaining({ table: 'staging.orders', role: 'input', changed: 1 }),
    ]),
  });
  expect((await quick.refusal(3, project, 'swap')).gate?.reasons).toMatchObject([
    { condition: 'deviations' },
  ]);
});

test.concurrent.each([
  ['an ignored column', '{ input: [staging.*], ignore: [staging.orders.customer] }'],
  ['another role', '{ input: [marts.top], result: [marts.*] }'],
  ['a tolerance', '{ input: [staging.*], tolerance: { staging.orders.amount: { absolute: 5 } } }'],
])(
  'no configuration hides from the comparison what the logic wrote to its input: %s',
  async (way, compare) => {
    const run = way === 'a tolerance' ? 'update staging.orders set amount = amount + 1;' : writing;
    const project = await prepared({ run });
    await quick.json(project, 'simulate');
    await project.write('greenlight.yml', withCompare(compare));
    const { verdict, tables } = await quick.json<{ verdict: string; tables: { table: string }[] }>(
      project,
      'compare',
    );
    expect(verdict).toBe('unexplained');
    expect(tables.find(({ table }) => table === 'staging.orders')).toMatchObject({
      role: 'input',
      status: 'changed',
      explained: false,
    });
  },
);

test.concurrent('a configured exception still holds for input that nobody wrote to', async () => {
  const compare = '{ input: [staging.*], ignore: [staging.orders.customer] }';
  const project = await prepared({ config: withCompare(compare) });
  await quick.json(project, 'simulate');
  const { coverage } = await quick.json<{ coverage: { skipped: object[] } }>(project, 'compare');
  expect(coverage.skipped).toMatchObject([{ table: 'staging.orders', column: 'customer' }]);
});

test.concurrent('logic that drops its input is told', async () => {
  const project = await prepared({ run: 'drop table if exists staging.orders;' });
  const { input } = await quick.json<Simulated>(project, 'simulate');
  expect(input).toMatchObject([
    { outcome: 'unequal', reason: 'it is gone', suspects: ['logic/02_more.sql:1'] },
  ]);
});

test.concurrent('without a statement that names it, every reader is a suspect, and commands are not read', async () => {
  const project = await prepared({
    migration: 'create macro staging.target() as 1;',
    config: defaultConfig.replace(
      '[logic/*.sql]',
      `[logic/*.sql, { command: "node $GREENLIGHT_TEST_SCRIPT" }]`,
    ),
  });
  await project.write(
    'write.cjs',
    `const { DuckDBInstance } = require(${JSON.stringify(`${process.cwd()}/node_modules/@duckdb/node-api`)});
     DuckDBInstance.create(process.env.GREENLIGHT_DATABASE).then(async (instance) => {
       const connection = await instance.connect();
       await connection.run("delete from staging.orders where id = 1");
       connection.closeSync(); instance.closeSync();
     });`,
  );
  const run = await quick.runWith(
    { GREENLIGHT_TEST_SCRIPT: 'write.cjs' },
    project,
    'simulate',
    '--json',
  );
  expect(JSON.parse(run.stdout).input).toMatchObject([
    { outcome: 'unequal', removed: 1, suspects: ['logic/01_revenue.sql:2'] },
  ]);
});

test.concurrent('says that nothing is proven when no input is named', async () => {
  const project = await prepared({ config: defaultConfig.replace(/compare:.*\n/, '') });
  const run = await quick.run(project, 'simulate');
  expect(run.exitCode).toBe(0);
  expect(run.stderr).toContain('compare.input names no table, so nothing proves');
  expect(run.stdout).toContain('nothing is proven');
  expect(await proofs(project)).toEqual([]);
});

// The clock and its enemies --------------------------------------------------------------------

test.concurrent('{{ now }} is the clock, in code and in texts, and its type is that of an instant', async () => {
  const project = await prepared({
    migration: 'create table marts.seen (seen timestamptz, said varchar, same boolean)',
    run: "insert into marts.seen select {{ now }}, '{{ now }}', {{ now }} = getvariable('greenlight_now');",
    config: defaultConfig.replace(
      '[logic/*.sql]',
      '[logic/*.sql], clock: 2026-01-31T06:00:00+01:00',
    ),
  });
  await quick.json(project, 'simulate');
  expect(
    await project.sql(
      candidate,
      'select epoch_ms(seen)::varchar as seen, said, same from marts.seen',
    ),
  ).toEqual([
    {
      seen: String(Date.parse('2026-01-31T05:00:00Z')),
      said: '2026-01-31T06:00:00+01:00',
      same: true,
    },
  ]);
});

test.concurrent('an unknown placeholder in the last file is told before the first one runs', async () => {
  const project = await prepared({ run: "select '{{ who }}';\nselect\n  {{ nwo }};" });
  const before = await project.fingerprint(candidate);
  const { error } = await quick.refusal(1, project, 'simulate');
  expect(error).toMatchObject({
    what: '{{ nwo }} is no placeholder.',
    where: 'logic/02_more.sql:3',
  });
  expect(error.help).toContain('{{ now }}');
  expect(await project.fingerprint(candidate)).toBe(before);
  await project.write('logic/02_more.sql', "select '{{ who }}';");
  const { stderr } = await quick.run(project, 'simulate');
  expect(stderr).toContain('logic/02_more.sql:1: {{ who }} stands in a text and is no placeholder');
});

test.concurrent('names what looks at the clock of the engine: in files and in stored definitions', async () => {
  const project = await prepared({
    migration: `create sequence marts.ids;
      create table marts.run (id bigint default nextval('marts.ids'), seen timestamptz default now());
      create view marts.fresh as select *, 'now()' as text from marts.revenue where current_date > date '2020-01-01';
      create macro marts.dice() as random();`,
    run: "-- now() in a comment\nselect 'current_date', getvariable('greenlight_now');\nselect 1,\n  uuid();\n",
  });
  const run = await quick.run(project, 'simulate', '--json');
  const file = { object: null, file: 'logic/02_more.sql' };
  const stored = { file: null, line: null };
  const expected = [
    { ...file, line: 4, function: 'uuid()', source: 'random' },
    { ...stored, object: 'default marts.run.id', function: 'nextval()', source: 'sequence' },
    { ...stored, object: 'default marts.run.seen', function: 'now()', source: 'clock' },
    { ...stored, object: 'macro marts.dice', function: 'random()', source: 'random' },
    { ...stored, object: 'view marts.fresh', function: 'current_date', source: 'clock' },
  ];
  expect(JSON.parse(run.stdout).noise_sources).toEqual(expected);
  expect(
    await project.sql(
      'greenlight.duckdb',
      'select object, file, line::integer as line, function, source from noise_source order by position',
    ),
  ).toEqual(expected);
  const { stdout } = await quick.run(project, 'simulate');
  expect(stdout).toContain('Noise  logic/02_more.sql:4 uses uuid() (random)');
  expect(stdout).toContain('Noise  view marts.fresh uses current_date (clock)');
});
