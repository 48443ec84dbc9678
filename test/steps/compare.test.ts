import { afterAll, expect, jest, test } from '@jest/globals';
import { projects } from '../support/fork.ts';
import { defaultConfig, makeProject, type Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// Five tests at a time share two processes.
jest.setTimeout(120_000);

const quick = quickly();
const bases = projects({
  simulated: async (): Promise<Project> => {
    const project = await makeProject({
      files: {
        'migrations/V001__note.sql': 'create table marts.extra (n integer);',
        'logic/01.sql': `update marts.revenue set amount = amount + 1 where customer = 'customer 1';
delete from marts.revenue where customer = 'customer 2';
insert into marts.revenue values ('new one', 5), ('new two', 6);
insert into marts.extra values (1), (1), (2);
create or replace view marts.top as select * from marts.revenue where amount > 10;
`,
      },
    });
    await quick.steps(project, 'simulate');
    return project;
  },
  compared: async (): Promise<Project> => {
    const project = await bases.fork('simulated');
    await quick.json(project, 'compare');
    return project;
  },
});
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

interface Compared {
  readonly comparison: number;
  readonly digest: string;
  readonly state: string;
  readonly verdict: string;
  readonly coverage: {
    readonly tables: { compared: number; total: number };
    readonly skipped: { table: string; column: string | null; reason: string }[];
  };
  readonly tables: { table: string; [member: string]: unknown }[];
}

const candidate = '.greenlight/pr-1/candidate/warehouse.duckdb';
const withCompare = (compare: string) => defaultConfig.replace(/compare:.*/, `compare: ${compare}`);
const ledger = (project: Project, sql: string) => project.sql('greenlight.duckdb', sql);

test.concurrent('counts what deviates and writes all of it into the ledger', async () => {
  const project = await bases.fork('simulated');
  const before = await project.fingerprint();
  const result = await quick.json<Compared>(project, 'compare');
  expect(result).toMatchObject({ state: 'compared', verdict: 'unexplained' });
  const of = (name: string) => result.tables.find(({ table }) => table === name);
  expect(of('marts.revenue')).toMatchObject({
    status: 'changed',
    key: ['customer'],
    old_rows: 7,
    new_rows: 8,
    added: 2,
    removed: 1,
    changed: 1,
    unexplained: 4,
    proof: 'exact',
  });
  expect(of('marts.extra')).toMatchObject({ status: 'added', new_rows: 3, unexplained: 3 });
  expect(of('marts.top')).toMatchObject({
    status: 'changed',
    old_definition: expect.stringContaining('800'),
    new_definition: expect.stringContaining('10'),
    kind: 'view',
  });
  expect(of('staging.orders')).toMatchObject({
    status: 'identical',
    role: 'input',
    unexplained: 0,
  });
  expect(result.coverage.tables).toEqual({ compared: 4, total: 4 });
  expect(result.coverage.skipped).toEqual([]);
  expect(await project.fingerprint()).toBe(before);

  expect(
    await ledger(
      project,
      `select kind, row_key, columns, old_values from row_deviation
       where table_name = 'marts.revenue' order by kind, row_key`,
    ),
  ).toEqual([
    { kind: 'added', row_key: expect.stringContaining('new one'), columns: null, old_values: null },
    { kind: 'added', row_key: expect.stringContaining('new two'), columns: null, old_values: null },
    {
      kind: 'changed',
      row_key: expect.stringContaining('customer 1'),
      columns: '["amount"]',
      old_values: null,
    },
    {
      kind: 'removed',
      row_key: expect.stringContaining('customer 2'),
      columns: null,
      old_values: null,
    },
  ]);
  expect(
    await ledger(
      project,
      `select added, removed, changed from table_deviation where table_name = 'marts.revenue'`,
    ),
  ).toEqual([{ added: '2', removed: '1', changed: '1' }]);
  expect(
    await ledger(
      project,
      `select column_name, status, changed from column_deviation where table_name = 'marts.revenue'`,
    ),
  ).toEqual([{ column_name: 'amount', status: 'changed', changed: '1' }]);
  expect(await ledger(project, 'select digest, verdict, state from comparison')).toEqual([
    { digest: result.digest, verdict: 'unexplained', state: 'done' },
  ]);
});

test.concurrent('gives the same digest for the same deviations, and another one for others', async () => {
  const project = await bases.fork('simulated');
  const first = await quick.json<Compared>(project, 'compare');
  const second = await quick.json<Compared>(project, 'compare');
  expect(second.digest).toBe(first.digest);
  expect(second.comparison).toBe(first.comparison + 1);
  await quick.json(project, 'simulate');
  expect((await quick.json<Compared>(project, 'compare')).digest).toBe(first.digest);
  await project.write(
    'logic/02.sql',
    `update marts.revenue set amount = 7 where customer = 'new two';`,
  );
  await quick.json(project, 'simulate');
  expect((await quick.json<Compared>(project, 'compare')).digest).not.toBe(first.digest);
});

test.concurrent('leaves out what is no result, and says why', async () => {
  const project = await bases.fork('simulated');
  await project.write(
    'greenlight.yml',
    withCompare('{ input: [staging.*], result: [marts.extra], ignore: [staging.orders.amount] }'),
  );
  const result = await quick.json<Compared>(project, 'compare');
  expect(result.coverage.skipped).toEqual([
    { table: 'marts.revenue', column: null, reason: 'not in compare.result' },
    // The text of the view is another one: that counts all the same.
    { table: 'marts.top', column: null, reason: 'values not compared: not in compare.result' },
    { table: 'staging.orders', column: 'amount', reason: 'in compare.ignore' },
  ]);
  expect(result.coverage.tables).toEqual({ compared: 2, total: 4 });
});

test.concurrent('is never identical when something was left out', async () => {
  const project = bases.keep(
    await makeProject({
      config: defaultConfig
        .replace(/migrate.*\n/, '')
        .replace(/compare:.*/, 'compare: { ignore: [marts.revenue.amount, marts.top.amount] }'),
      files: { 'logic/01.sql': 'update marts.revenue set amount = amount + 1;' },
    }),
  );
  for (const step of ['clone', 'simulate']) await quick.json(project, step, '-r', 'pr-1');
  const result = await quick.json<Compared>(project, 'compare');
  expect(result.verdict).toBe('explained');
  expect(result.coverage.skipped).toContainEqual({
    table: 'marts.revenue',
    column: 'amount',
    reason: 'in compare.ignore',
  });
  // Nothing unexplained: no approval is asked for.
  await quick.json(project, 'swap');
});

for (const [name, compare, where, what] of [
  ['an input', '{ input: [stageing.*] }', 'compare.input', 'stageing.*'],
  ['a result', '{ result: [marts.revenu] }', 'compare.result', 'marts.revenu'],
  ['a key', '{ keys: { marts.none: [id] } }', 'compare.keys.marts.none', 'marts.none'],
  [
    'a key column',
    '{ keys: { marts.revenue: [id] } }',
    'compare.keys.marts.revenue',
    'no column id',
  ],
  [
    'an ignored column',
    '{ ignore: [marts.revenue.x] }',
    'compare.ignore.marts.revenue.x',
    'no column x',
  ],
  ['an ignored table', '{ ignore: [marts.none.x] }', 'compare.ignore.marts.none.x', 'marts.none'],
  [
    'a tolerance',
    '{ tolerance: { marts.revenue.x: { absolute: 1 } } }',
    'compare.tolerance.marts.revenue',
    'no column x',
  ],
] as const) {
  test.concurrent(`refuses ${name} that names nothing`, async () => {
    const project = await bases.fork('simulated');
    await project.write('greenlight.yml', withCompare(compare));
    const { error } = await quick.refusal(2, project, 'compare');
    expect(error.where).toBe(`greenlight.yml: ${where}`);
    expect(error.what).toContain(what);
    expect(error.help).toMatch(/marts\.revenue|customer, amount/);
    expect(await ledger(project, 'select * from comparison where state = $$done$$')).toEqual([]);
  });
}

test.concurrent('names each tolerance, whose forgiveness is part of the digest and never identical', async () => {
  const project = bases.keep(
    await makeProject({
      files: { 'logic/01.sql': 'update marts.revenue set amount = amount + 0.25;' },
      config: defaultConfig.replace(/migrate.*\n/, ''),
    }),
  );
  for (const step of ['clone', 'simulate']) await quick.json(project, step, '-r', 'pr-1');
  const within = async (most: number) => {
    const compare = `{ input: [staging.*], result: [marts.revenue], tolerance: { marts.revenue.amount: { absolute: ${most} } } }`;
    const config = withCompare(compare).replace(/migrate.*\n/, '');
    await project.write('greenlight.yml', config);
    return quick.json<Compared>(project, 'compare');
  };
  const narrow = await within(1);
  expect(narrow).toMatchObject({
    verdict: 'explained',
    coverage: {
      tolerated: [{ table: 'marts.revenue', column: 'amount', within: 'absolute 1' }],
    },
  });
  expect((await within(100)).digest).not.toBe(narrow.digest);
  const named = 'marts.revenue.amount';
  expect((await quick.run(project, 'compare')).stdout).toContain(
    `Equal within a tolerance: ${named}, absolute 100`,
  );
  expect((await quick.run(project, 'report')).stdout).toContain(
    `tolerance ${named}: equal within absolute 100`,
  );
});

test.concurrent('refuses a tolerance on a text', async () => {
  const project = await bases.fork('simulated');
  await project.write(
    'greenlight.yml',
    withCompare('{ tolerance: { marts.revenue.customer: { absolute: 1 } } }'),
  );
  const { error } = await quick.refusal(2, project, 'compare');
  expect(error.what).toContain('cannot have a tolerance');
});

test.concurrent('refuses logic that has changed since the simulation', async () => {
  const project = await bases.fork('simulated');
  await project.write('logic/01.sql', 'select 1;');
  const { error } = await quick.refusal(2, project, 'compare');
  expect(error.what).toBe('The logic has changed since the candidate was made.');
  expect(error.cause).toBe('~ logic/01.sql');
  expect(error.help).toContain('greenlight clone --release pr-1');
  // A migration that has nothing to do does not make it the logic of the candidate.
  await quick.json(project, 'migrate');
  expect((await quick.refusal(2, project, 'compare')).error.cause).toBe('~ logic/01.sql');
});

test.concurrent('refuses a candidate that somebody else wrote to, or dropped', async () => {
  const project = await bases.fork('simulated');
  await project.sql(candidate, 'insert into marts.extra values (9)');
  const changed = await quick.refusal(1, project, 'compare');
  expect(changed.error.what).toBe('Somebody changed the candidate since it was simulated.');
  expect(changed.error.help).toContain('greenlight simulate --release pr-1');
  await project.remove(candidate);
  const dropped = await quick.refusal(1, project, 'compare');
  expect(dropped.error.what).toBe('The candidate is gone: somebody dropped it.');
  expect(dropped.error.help).toContain('greenlight clone --release pr-1');
});

test.concurrent('refuses a baseline that was written to, or dropped', async () => {
  const project = await bases.fork('simulated');
  await project.sql(
    '.greenlight/pr-1/baseline/warehouse.duckdb',
    'insert into marts.revenue values (8, 8)',
  );
  expect((await quick.refusal(1, project, 'compare')).error.what).toContain(
    'The baseline is not the one',
  );
  await project.remove('.greenlight/pr-1/baseline');
  expect((await quick.refusal(1, project, 'compare')).error.what).toBe('The baseline is gone.');
});

test.concurrent('keeps of a row what privacy allows', async () => {
  for (const [privacy, key, values, pattern] of [
    ['none', null, null, 'constant offset'],
    [
      'full',
      expect.stringContaining('customer 1'),
      expect.stringContaining('937.50'),
      'constant offset (new = old + 1)',
    ],
  ] as const) {
    const project = await bases.fork('simulated');
    await project.write('greenlight.yml', `${defaultConfig}privacy: ${privacy}\n`);
    await quick.json(project, 'compare');
    expect(
      await ledger(
        project,
        `select row_key, old_values from row_deviation where kind = 'changed' and table_name = 'marts.revenue'`,
      ),
    ).toEqual([{ row_key: key, old_values: values }]);
    expect(
      await ledger(
        project,
        `select pattern from column_deviation where table_name = 'marts.revenue' and changed > 0`,
      ),
    ).toEqual([{ pattern }]);
  }
});

test.concurrent('an approval names the digest that was reviewed, or its beginning', async () => {
  const project = await bases.fork('simulated');
  expect((await quick.refusal(2, project, 'approve', '-d', 'abc', '-b', 'alice')).error.help).toBe(
    'greenlight compare --release pr-1',
  );
  const { digest } = await quick.json<Compared>(project, 'compare');
  for (const args of [
    [],
    ['--digest', digest],
    ['--by', 'alice'],
    ['--digest', digest, '--by', '  '],
  ]) {
    const { error } = await quick.refusal(2, project, 'approve', ...args);
    expect(error.help).toContain('greenlight approve --digest DIGEST --by NAME');
  }
  const wrong = `${digest.slice(0, 11)}${digest[11] === '0' ? '1' : '0'}`;
  for (const given of [wrong, digest.slice(0, 11), `${digest}0`, '']) {
    const { error } = await quick.refusal(
      3,
      project,
      'approve',
      `--digest=${given}`,
      '-b',
      'alice',
    );
    expect(error.what).toContain('not the one of the latest comparison');
    expect(error.help).toContain('greenlight status --release pr-1');
  }
  expect(await ledger(project, 'select * from approval')).toEqual([]);
  const approved = await quick.json(
    project,
    'approve',
    '-d',
    digest.slice(0, 12).toUpperCase(),
    '-b',
    ' alice ',
  );
  expect(approved).toMatchObject({ state: 'approved', digest, by: 'alice' });
  expect(await ledger(project, 'select digest, approver from approval')).toEqual([
    { digest, approver: 'alice' },
  ]);
});

test.concurrent('an approval holds for the same digest, and is void for another', async () => {
  const project = await bases.fork('compared');
  const { digest } = await quick.json<Compared>(project, 'compare');
  await quick.json(project, 'approve', '--digest', digest, '--by', 'alice');
  expect(await quick.json(project, 'compare')).toMatchObject({ state: 'approved', digest });
  await project.write(
    'logic/02.sql',
    `update marts.revenue set amount = 7 where customer = 'new two';`,
  );
  await quick.json(project, 'simulate');
  expect(await quick.json(project, 'compare')).toMatchObject({ state: 'compared' });
  await quick.refusal(3, project, 'approve', '--digest', digest, '--by', 'alice');
  await project.remove('logic/02.sql');
  await quick.json(project, 'simulate');
  expect(await quick.json(project, 'compare')).toMatchObject({ state: 'approved', digest });
});
