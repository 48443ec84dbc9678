import { readFile } from 'node:fs/promises';
import { afterAll, expect, jest, test } from '@jest/globals';
import { projects } from '../support/fork.ts';
import { defaultConfig, makeProject, type Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// Five tests at a time share two processes.
jest.setTimeout(120_000);

const quick = quickly();
const file = 'greenlight.expected.yml';

/** Twenty prices: taxed in CAD, one fixed, one gone, one new; a column comes, goes and changes its type. */
const live = `
create schema staging; create schema marts;
create table staging.orders (id integer primary key);
create table marts.price (id integer primary key, currency varchar, amount decimal(10, 2), old_note varchar, size integer);
insert into marts.price select i, case when i <= 10 then 'CAD' else 'EUR' end, i * 10, 'n', i from range(1, 21) t(i);
create table marts.log (line varchar);
insert into marts.log values ('a'), ('a'), ('b');
create table marts.gone (id integer); insert into marts.gone values (1);
create table marts.moved (a integer, b integer);
create view marts.top as select id, amount from marts.price where amount > 150;
create macro marts.net(x) as x / 1.19;
`;
const logic = `
update marts.price set amount = amount + 5 where currency = 'CAD';
update marts.price set currency = 'USD' where id = 3;
update marts.price set amount = null where id = 20;
delete from marts.price where id = 15;
insert into marts.price (id, currency, amount, size) values (21, 'NEW', 7, 1), (22, 'NEW', 8, 1);
insert into marts.log values ('a'), ('c'), ('c');
`;
const migration = `
create or replace macro marts.net(x) as x / 1.2;
create table marts.extra (id integer); insert into marts.extra values (1), (2);
drop table marts.gone;
drop table marts.moved; create table marts.moved (b integer, a integer);
alter table marts.price add column tax decimal(10, 2);
alter table marts.price drop column old_note;
alter table marts.price alter size type bigint;
create or replace view marts.top as select id, amount from marts.price where amount > 100 + 50;
`;
const allOf = `version: 1
tables:
  marts.price:
    columns:
      tax: added
      old_note: removed
      size: retyped
      currency: { where: old = 'CAD', holds: new = 'USD', at_most: 1, because: id 3 was wrong }
      amount:
        - { where: old.currency = 'CAD', holds: new = old + 5, at_least: 10 }
        - where: new is null
    rows:
      added: { where: new.currency = 'NEW', at_least: 2, at_most: 2 }
      removed: {}
  marts.log:
    rows: { added: {} }
  marts.top:
    definition: changed
    rows: { removed: {} }
  marts.moved: { order: changed }
  marts.extra: added
  marts.gone: removed
objects:
  macro marts.net(x): changed
  macro text marts.net: changed
`;

const bases = projects({
  simulated: async (): Promise<Project> => {
    const project = await makeProject({
      live,
      config: `${defaultConfig}privacy: full\n`.replace(
        'input: [staging.*]',
        'input: [staging.*], keys: { marts.top: [id] }',
      ),
      files: { 'migrations/V001__all.sql': migration, 'logic/01.sql': logic },
    });
    await quick.steps(project, 'simulate');
    return project;
  },
});
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

interface Compared {
  readonly digest: string;
  readonly verdict: string;
  readonly tables: {
    table: string;
    unexplained: number;
    explained: boolean;
    columns: { column: string; unexplained: number; explained: boolean }[];
  }[];
  readonly objects: { explained: boolean }[];
  readonly expectations: {
    line: number;
    declares: string;
    status: string;
    claimed: number;
    broken: number;
    because: string | null;
  }[];
  readonly proposed: { file: string; declarations: number } | null;
}

const ledger = (project: Project, sql: string) => project.sql('greenlight.duckdb', sql);
const compareWith = async (expected: string) => {
  const project = await bases.fork('simulated');
  await project.write(file, expected);
  return { project, result: await quick.json<Compared>(project, 'compare') };
};
const refusalOf = async (expected: string, exitCode = 2) => {
  const project = await bases.fork('simulated');
  await project.write(file, expected);
  return { project, ...(await quick.refusal(exitCode, project, 'compare')) };
};

test.concurrent('what is declared is explained, and needs no approval', async () => {
  const { project, result } = await compareWith(allOf);
  expect(result.expectations.filter(({ status }) => status !== 'met')).toEqual([]);
  expect(result.verdict).toBe('explained');
  for (const table of result.tables) {
    expect(table).toMatchObject({ explained: true, unexplained: 0 });
    for (const column of table.columns)
      expect(column).toMatchObject({ explained: true, unexplained: 0 });
  }
  expect(result.expectations).toHaveLength(16);
  expect(result.expectations[3]).toEqual({
    file,
    line: 8,
    table: 'marts.price',
    declares: "marts.price.currency where old = 'CAD' holds new = 'USD'",
    status: 'met',
    claimed: 1,
    broken: 0,
    because: 'id 3 was wrong',
  });
  expect(
    await ledger(
      project,
      `select line, declares, status, claimed from expectation where comparison = 1 order by position limit 1`,
    ),
  ).toEqual([{ line: '5', declares: 'marts.price.tax added', status: 'met', claimed: '1' }]);
  expect(
    await ledger(project, 'select distinct explained from row_deviation where comparison = 1'),
  ).toEqual([{ explained: true }]);
  await quick.json(project, 'swap');
});

test.concurrent('what is not declared stays unexplained, and nothing else', async () => {
  const project = await bases.fork('simulated');
  const without = async (...lines: string[]) => {
    await project.write(
      file,
      lines.reduce((text, line) => text.replace(line, ''), allOf),
    );
    const result = await quick.json<Compared>(project, 'compare');
    expect([lines, result.verdict]).toEqual([lines, 'unexplained']);
    return {
      tables: Object.fromEntries(
        result.tables
          .filter(({ explained }) => !explained)
          .map(({ table, unexplained }) => [table, unexplained]),
      ),
      columns: result.tables.flatMap(({ columns }) =>
        columns.filter(({ explained }) => !explained).map(({ column }) => column),
      ),
      objects: result.objects.filter(({ explained }) => !explained).length,
    };
  };
  expect(await without('      tax: added\n', '    definition: changed\n')).toEqual({
    tables: { 'marts.price': 0, 'marts.top': 0 },
    columns: ['tax'],
    objects: 0,
  });
  expect(
    await without(
      '      size: retyped\n',
      '        - where: new is null\n',
      '      removed: {}\n',
      '  marts.moved: { order: changed }\n',
      '  marts.extra: added\n',
    ),
  ).toEqual({
    tables: { 'marts.extra': 2, 'marts.moved': 0, 'marts.price': 2 },
    columns: ['id', 'amount', 'size'],
    objects: 0,
  });
  expect(await without('  macro text marts.net: changed\n')).toEqual({
    tables: {},
    columns: [],
    objects: 1,
  });
});

test.concurrent('a declaration that is not met explains nothing and is reported', async () => {
  const project = await bases.fork('simulated');
  const unmet = async (...changes: (readonly [string, string])[]) => {
    await project.write(
      file,
      changes.reduce((text, [from, to]) => text.replace(from, to), allOf),
    );
    const result = await quick.json<Compared>(project, 'compare');
    expect(result.verdict).toBe('unexplained');
    const found = result.expectations.filter(({ status }) => status !== 'met');
    return found.map(({ declares, status, claimed, broken }) => [
      declares,
      status,
      claimed,
      broken,
    ]);
  };
  expect(
    await unmet(
      ['new = old + 5', 'new = old + 4'],
      ['at_least: 2, at_most: 2', 'at_most: 1'],
      [`where: old = 'CAD'`, `where: old = 'XYZ'`],
      ['marts.extra: added', 'marts.extra: removed'],
      ['net(x): changed', 'net(x): added'],
    ),
  ).toEqual([
    ["marts.price.currency where old = 'XYZ' holds new = 'USD'", 'unmatched', 0, 0],
    ["marts.price.amount where old.currency = 'CAD' holds new = old + 4", 'broken', 10, 10],
    ["marts.price rows added where new.currency = 'NEW'", 'too-many', 2, 0],
    ['marts.extra removed', 'unmatched', 0, 0],
    ['macro marts.net(x) added', 'unmatched', 0, 0],
  ]);
  expect(
    await unmet(['at_least: 10', 'at_least: 11'], ['size: retyped', 'size: [retyped, {}]']),
  ).toEqual([
    ['marts.price.size', 'unmatched', 0, 0],
    ["marts.price.amount where old.currency = 'CAD' holds new = old + 5", 'too-few', 10, 0],
  ]);
  const { stdout } = await quick.run(project, 'compare');
  expect(stdout).toContain(`Not met ${file}:7 marts.price.size: matches nothing\n`);
  expect(stdout).toContain(`holds new = old + 5: matches only 10 rows\n`);
  expect(stdout.indexOf('Not met')).toBeLessThan(stdout.indexOf('marts.moved'));
});

test.concurrent('one that matches nothing makes the verdict unexplained, even if nothing else does', async () => {
  const more = '        - where: new is null\n';
  const { result } = await compareWith(
    allOf.replace(more, `${more}        - where: new = 123456\n`),
  );
  expect(result.tables.every(({ explained }) => explained)).toBe(true);
  expect(result.verdict).toBe('unexplained');
});

test.concurrent('the digest names what is explained and what became of each declaration', async () => {
  const project = await bases.fork('simulated');
  const digestWith = async (text: string) => {
    await project.write(file, text);
    return (await quick.json<Compared>(project, 'compare')).digest;
  };
  const digest = await digestWith(allOf);
  const because = allOf.replace('id 3 was wrong', 'why not');
  expect(await digestWith(`# a comment\n${because}`)).toBe(digest);
  expect(await digestWith(allOf.replace('at_least: 10', 'at_least: 11'))).not.toBe(digest);
});

test.concurrent('a file that changed after the comparison closes the gate', async () => {
  const { project } = await compareWith(allOf);
  await project.write(file, allOf.replace('id 3 was wrong', 'edited'));
  const { gate } = await quick.refusal(3, project, 'swap');
  expect(gate?.reasons).toEqual([
    expect.objectContaining({ condition: 'logic', found: expect.stringContaining(`~ ${file}`) }),
  ]);
  // It makes no candidate: comparing again is enough.
  await quick.json(project, 'compare');
  await quick.json(project, 'swap');
});

test.concurrent('two declarations that claim the same rows are ambiguous', async () => {
  const { project, error } = await refusalOf(
    allOf.replace('- where: new is null', '- where: new is null or new = 15'),
  );
  expect(error.what).toContain('ambiguous');
  expect(error.cause).toBe(
    `${file}:10 and ${file}:11 both claim the same 1 rows of marts.price.amount.`,
  );
  expect(await ledger(project, `select * from comparison where state = 'done'`)).toEqual([]);
});

test.concurrent('a condition that fails on the data is told without the data', async () => {
  const { error } = await refusalOf(
    allOf.replace('where: new is null', 'where: cast(new.currency as integer) = 1'),
  );
  expect(error.what).toBe('The condition of a declaration fails on the data.');
  expect(error.cause).toMatch(
    /^greenlight.expected.yml:11 marts.price.amount where .*: Conversion Error/,
  );
  expect(error.cause).not.toMatch(/'(CAD|EUR|USD)'/);
});

test.concurrent('wrong declarations are told all at once, with their lines', async () => {
  const { project, error } = await refusalOf(`tables:
  marts.prise: added
  marts.price:
    columns:
      amont: {}
      id: { where: new > 1 }
      amount: { where: new.x = 1 }
      currency: { holds: new = }
      tax: {}
      size: { where: random() > 1 }
    rows: { added: { where: old.id = 1 } }
    definition: changed
  marts.log:
    columns: { line: {} }
    rows: { added: { where: new.line = 'a' } }
  marts.extra: { rows: { added: {} } }
objects:
  macro marts.nett: changed
`);
  expect(error.what).toBe(`${file} has 12 mistakes.`);
  expect(error.cause?.split('\n')).toEqual(
    [
      /:2 there is no table or view marts.prise, .* Did you mean marts.price\?/,
      /:5 marts.price has no column amont. Did you mean amount\?/,
      /:6 marts.price.id is part of the key.* Declare `rows`/,
      /:7 `where`: It names new.x, but there is no such column on the new side/,
      /:8 `holds`: Its end does not fit/,
      /:9 only the new side has marts.price.tax. Write `tax: added`/,
      /:10 `where`: random\(\) does not give the same/,
      /:11 `where`: It names old.id, but a row that was added has no old values/,
      /:12 marts.price is a table: only a view has a definition/,
      /:14 marts.log has no key/,
      /:16 only the new side has marts.extra. Write `marts.extra: added`/,
      /:18 there is no macro marts.nett, .* Did you mean macro marts.net\(x\)\?/,
    ].map((line) => expect.stringMatching(line)),
  );
  expect(await ledger(project, `select * from row_deviation`)).toEqual([]);
});

test.concurrent('values that are not compared cannot be declared, structure can', async () => {
  const project = await bases.fork('simulated');
  const config = await readFile(project.path('greenlight.yml'), 'utf8');
  await project.write(
    'greenlight.yml',
    config.replace('{ input', '{ result: [marts.log], ignore: [marts.log.line], input'),
  );
  await project.write(
    file,
    `tables:
  marts.price: { columns: { amount: {}, tax: added } }
  marts.log: { rows: { added: { where: new.line = 'a' } } }`,
  );
  const { error } = await quick.refusal(2, project, 'compare');
  expect(error.cause?.split('\n')).toEqual([
    `${file}:2 the values of marts.price are not compared: it is not in compare.result. Only its structure can be declared.`,
    expect.stringMatching(
      /:3 `where`: It names new.line, but there is no such column on the new side/,
    ),
  ]);
});

test.concurrent('a file that the configuration names must be there', async () => {
  const project = await bases.fork('simulated');
  const config = await readFile(project.path('greenlight.yml'), 'utf8');
  await project.write('greenlight.yml', `${config}expectations: intended/next.yml\n`);
  const { error } = await quick.refusal(2, project, 'compare');
  expect(error.what).toBe('There is no expectations file.');
  await project.write('intended/next.yml', 'tables: { marts.extra: add }');
  const wrong = await quick.refusal(2, project, 'compare');
  expect(wrong.error.cause).toBe(
    'intended/next.yml:1:24 `tables["marts.extra"]`: `add` is not allowed. Write one of `added`, `removed`.',
  );
});

test.concurrent('proposes what explains everything, unedited', async () => {
  const project = await bases.fork('simulated');
  const first = await quick.json<Compared>(project, 'compare', '--write-expectations');
  expect(first).toMatchObject({ verdict: 'unexplained', expectations: [] });
  expect(first.proposed).toEqual({ file, declarations: 15 });
  const text = await readFile(project.path(file), 'utf8');
  const second = await quick.json<Compared>(project, 'compare', '--write-expectations');
  expect(second.expectations.filter(({ status }) => status !== 'met')).toEqual([]);
  expect(second).toMatchObject({ verdict: 'explained', proposed: { file, declarations: 0 } });
  expect(second.expectations).toHaveLength(15);
  expect(await readFile(project.path(file), 'utf8')).toBe(text);
});

test.concurrent('adds what is missing and keeps what the author wrote', async () => {
  const mine = `# mine
tables:
  '"marts".price': # the prices
    columns:
      # the tax
      amount:   { where: "old.currency = 'CAD'", holds: new = old + 5 } # as agreed
      size: retyped
    rows:
      added: [ { where: "new.id = 21" } ]
  marts.extra: added # new
`;
  const { project, result } = await compareWith(mine);
  expect(result.verdict).toBe('unexplained');
  const proposed = await quick.json<Compared>(project, 'compare', '--write-expectations');
  expect(proposed.proposed?.declarations).toBe(13);
  const text = await readFile(project.path(file), 'utf8');
  for (const kept of [
    '# mine',
    '# the prices',
    '# the tax',
    '# as agreed',
    'marts.extra: added # new',
  ])
    expect(text).toContain(kept);
  expect(text).not.toContain('marts.price');
  const after = await quick.json<Compared>(project, 'compare');
  expect(after.expectations.filter(({ status }) => status !== 'met')).toEqual([]);
  expect(after.verdict).toBe('explained');
  // The rest of a column is what the author's own condition leaves.
  expect(after.expectations.map(({ declares }) => declares)).toContain(
    "marts.price.amount where (old.currency = 'CAD') is not true",
  );
});

test.concurrent('the example of docs/expectations.md is true', async () => {
  const docs = await readFile('docs/expectations.md', 'utf8');
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(docs) ?? [];
  const project = bases.keep(
    await makeProject({
      live: `create schema marts;
        create table marts.invoice (id integer primary key, country varchar, amount decimal(10, 2), note varchar, quantity integer);
        insert into marts.invoice select i, if(i < 50, 'DE', null), i, 'n', 1 from range(1, 61) t(i);
        insert into marts.invoice values (100, 'DE', -1, 'n', 1);
        create table marts.gone (id integer);
        create view marts.monthly as select 1 as month;
        create macro marts.net(x) as x / 1.16`,
      config: defaultConfig.replace(/compare:.*\n/, ''),
      files: {
        'migrations/V1__invoice.sql': `alter table marts.invoice add column tax decimal(10, 2);
          alter table marts.invoice drop column note;
          alter table marts.invoice alter quantity type bigint;
          drop table marts.gone;
          create table marts.extra (id integer);
          create or replace view marts.monthly as select 1 as month union all select 2;
          create or replace macro marts.net(x) as x / 1.19`,
        'logic/1.sql': `delete from marts.invoice where amount < 0;
          update marts.invoice set amount = round(amount * 1.19, 2) where country = 'DE';
          update marts.invoice set amount = null where country is null;
          insert into marts.invoice (id, amount) values (101, 0), (102, 0), (103, 0)`,
      },
    }),
  );
  await project.write(file, example);
  const { compare } = await quick.steps(project, 'compare');
  const { expectations, verdict } = compare as unknown as Compared;
  expect(expectations.filter(({ status }) => status !== 'met')).toEqual([]);
  expect(verdict).toBe('explained');
});
