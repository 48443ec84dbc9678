import { spawn } from 'node:child_process';
import { readFile, rename } from 'node:fs/promises';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { projects } from '../support/fork.ts';
import { cli, defaultConfig, makeProject, type Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// Five tests at a time share two processes.
jest.setTimeout(120_000);

const config = `${defaultConfig}privacy: full\n`;

const live = `
create schema staging;
create schema marts;
create table staging.orders (id integer primary key, amount decimal(12, 2));
insert into staging.orders select i, i from range(5) t(i);
create table marts.revenue (customer varchar primary key, amount decimal(18, 2), note varchar);
insert into marts.revenue select 'customer ' || i, i * 10, 'n' from range(1, 8) t(i);
create table marts.visit (page varchar, seconds integer);
insert into marts.visit select 'page ' || (i % 3), i % 2 from range(12) t(i);
create table marts.big (id integer primary key, v varchar);
insert into marts.big select i, 'v' || i from range(30) t(i);
create table marts.calm (i integer);
create view marts.top as select * from marts.revenue where amount > 60;
`;

const first = {
  'migrations/V001__ids.sql': 'create sequence marts.ids; create table marts.extra (n integer);',
  'logic/01.sql': `update marts.revenue set amount = amount + 1 where customer in ('customer 1', 'customer 2');
delete from marts.revenue where customer = 'customer 3';
insert into marts.visit values ('page 0', 0), ('page 0', 0), ('=1+1, "x"', null);
update marts.big set v = upper(v);
insert into marts.extra values (1);
update marts.calm set i = 1;
`,
};

/** customer 1 as before, customer 2 otherwise, customer 3 is back, customer 4 is new; three visits instead of two. */
const second = {
  'migrations/V001__ids.sql': `create sequence marts.ids start 7; create sequence marts.more;
create table marts.extra (n integer);`,
  'logic/01.sql': `update marts.revenue set amount = amount + 1 where customer = 'customer 1';
update marts.revenue set amount = amount + 2 where customer = 'customer 2';
update marts.revenue set note = null where customer = 'customer 4';
insert into marts.visit values ('page 0', 0), ('page 0', 0), ('page 0', 0);
insert into marts.extra values (1), (2);
`,
};

const quick = quickly();
const bases = projects({
  /** Two comparisons of pr-1. A report writes nothing: the tests share it. */
  twice: async (): Promise<Project> => {
    const project = await makeProject({ config, live, files: first });
    await quick.steps(project, 'compare');
    for (const [name, text] of Object.entries(second)) await project.write(name, text);
    await quick.steps(project, 'compare');
    return project;
  },
});
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

interface Row {
  readonly kind: string;
  readonly standing: string | null;
  readonly key: Record<string, string> | null;
  readonly columns: string[] | null;
  readonly old: Record<string, string | null> | null;
  readonly new: Record<string, string | null> | null;
  readonly occurrences: number;
  readonly fingerprint: string | null;
}

interface Report {
  readonly comparison: number;
  readonly digest: string;
  readonly against: { comparison: number } | null;
  readonly standing_unknown: string | null;
  readonly tables: {
    table: string;
    status: string;
    standing: string | null;
    before: Record<string, unknown> | null;
    columns: { column: string; standing: string | null; before: unknown }[];
    standings: Record<string, number> | null;
    rows: Row[];
    rows_total: number;
    truncated: boolean;
  }[];
  readonly objects: { kind: string; name: string; standing: string | null }[];
  readonly rows_total: number;
  readonly truncated: boolean;
  readonly left_out: { tables: number; objects: number };
}

const reportOf = async (project: Project, ...args: string[]) =>
  quick.json<Report>(project, 'report', '--release', 'pr-1', ...args);
const tableOf = (report: Report, name: string) => {
  const found = report.tables.find(({ table }) => table === name);
  if (found === undefined) throw new Error(`no ${name} in ${report.tables.map((t) => t.table)}`);
  return found;
};
const rowsOf = (report: Report) =>
  report.tables.flatMap(({ table, rows }) =>
    rows.map((row) => {
      const what = Object.values(row.key ?? row.new ?? row.old ?? {}).join(' ');
      return `${row.standing} ${row.kind} ${table} ${what} x${row.occurrences}`;
    }),
  );
const text = async (project: Project, ...args: string[]) => {
  const { stdout, stderr, exitCode } = await quick.run(project, 'report', ...args);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout;
};

describe('against the comparison before', () => {
  test.concurrent('each row is new, still there, or gone', async () => {
    const project = await bases.base('twice');
    const report = await reportOf(project);
    expect(report).toMatchObject({ comparison: 2, against: { comparison: 1 }, truncated: false });
    expect(rowsOf(report)).toEqual([
      'still changed marts.revenue customer 1 x1',
      'new changed marts.revenue customer 2 x1',
      'new changed marts.revenue customer 4 x1',
      'new added marts.visit page 0 0 x1',
      'still added marts.visit page 0 0 x2',
    ]);
    expect(tableOf(report, 'marts.revenue').rows[1]).toMatchObject({
      key: { customer: 'customer 2' },
      columns: ['amount'],
      old: { amount: '20.00' },
      new: { amount: '22.00' },
      fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    const gone = await reportOf(project, '--standing', 'gone', '--limit', '0');
    expect(rowsOf(gone).filter((row) => !row.includes('marts.big'))).toEqual([
      'gone changed marts.revenue customer 2 x1',
      'gone removed marts.revenue customer 3 x1',
      'gone added marts.visit =1+1, "x"  x1',
    ]);
    expect(tableOf(gone, 'marts.big').rows).toHaveLength(30);
    expect(tableOf(report, 'marts.revenue').standings).toEqual({ new: 2, still: 1, gone: 2 });
    expect(tableOf(report, 'marts.visit').standings).toEqual({ new: 1, still: 2, gone: 1 });
  });

  test.concurrent('tables, columns and objects have their standing too', async () => {
    const report = await reportOf(await bases.base('twice'));
    const standings = report.tables.map(({ table, status, standing }) => [table, status, standing]);
    expect(standings).toEqual([
      ['marts.big', 'identical', 'gone'],
      ['marts.extra', 'added', 'still'],
      ['marts.revenue', 'changed', 'still'],
      ['marts.visit', 'changed', 'still'],
    ]);
    const columns = (name: string) =>
      tableOf(report, name).columns.map(({ column, standing, before }) => [
        column,
        standing,
        (before as { changed: number } | null)?.changed,
      ]);
    expect(columns('marts.revenue')).toEqual([
      ['amount', 'still', 2],
      ['note', 'new', undefined],
    ]);
    expect(columns('marts.big')).toEqual([['v', 'gone', 30]]);
    expect(tableOf(report, 'marts.revenue').before).toMatchObject({
      status: 'changed',
      removed: 1,
      changed: 2,
      same: false,
    });
    expect(tableOf(report, 'marts.extra').before).toMatchObject({ new_rows: 1, same: false });
    // A sequence that says something else is new, and the one of before gone.
    expect(report.objects.map(({ name, standing }) => `${standing} ${name}`)).toEqual([
      'new marts.ids',
      'new marts.more',
      'gone marts.ids',
    ]);
  });

  test.concurrent('the first comparison has no standing, whichever is held against it', async () => {
    const project = await bases.base('twice');
    for (const args of [
      ['--comparison', '1'],
      ['--against', 'none'],
    ]) {
      const report = await reportOf(project, ...args);
      expect(report.against).toBeNull();
      expect(report.standing_unknown).toContain('no other comparison');
      expect(
        report.tables.every(
          ({ standing, rows }) => standing === null && rows.every((row) => row.standing === null),
        ),
      ).toBe(true);
    }
    const backwards = await reportOf(project, '--comparison', '1', '--against', '2');
    expect(tableOf(backwards, 'marts.revenue').standings).toEqual({ new: 2, still: 1, gone: 2 });
    expect(tableOf(backwards, 'marts.big').standing).toBe('new');
  });

  test.concurrent('the same comparison again leaves everything as it was', async () => {
    const project = await bases.fork('twice');
    await quick.json(project, 'compare');
    const report = await reportOf(project);
    expect(report).toMatchObject({ comparison: 3, against: { comparison: 2 } });
    expect(report.tables.map(({ standing, before }) => [standing, before?.same])).toEqual(
      report.tables.map(() => ['still', true]),
    );
    expect(rowsOf(report).every((row) => row.startsWith('still'))).toBe(true);
    expect((await reportOf(project, '--standing', 'new')).tables).toEqual([]);
    expect(await text(project)).toContain('the same digest');
  });

  test.concurrent('a table that is left out now has nothing gone', async () => {
    const project = await bases.fork('twice');
    const result = '{ input: [staging.*], result: [marts.visit] }';
    await project.write('greenlight.yml', config.replace(/compare:.*/, `compare: ${result}`));
    await quick.json(project, 'compare');
    const report = await reportOf(project);
    const revenue = tableOf(report, 'marts.revenue');
    expect(revenue).toMatchObject({ status: 'skipped', standing: null, rows_total: 0 });
    expect(revenue.standings).toEqual({ new: 0, still: 0, gone: 0 });
    expect(tableOf(report, 'marts.visit').standings).toEqual({ new: 0, still: 3, gone: 0 });
  });

  test.concurrent('nor has one of which nothing but the structure is looked at', async () => {
    const project = await bases.fork('twice');
    const left = '{ input: [staging.*], result: [marts.visit] }';
    await project.write('greenlight.yml', config.replace(/compare:.*/, `compare: ${left}`));
    await project.write('logic/02.sql', 'alter table marts.revenue add column more integer;');
    await quick.steps(project, 'compare');
    const report = await reportOf(project);
    const revenue = tableOf(report, 'marts.revenue');
    expect(revenue).toMatchObject({ status: 'changed', standing: null, rows_total: 0 });
    expect(revenue.standings).toEqual({ new: 0, still: 0, gone: 0 });
  });
});

describe('filters', () => {
  test.concurrent('by table, by condition, and what they hide is said', async () => {
    const project = await bases.base('twice');
    const visits = await reportOf(project, '--table', 'marts.v*', '--table', 'staging.orders');
    expect(visits.tables.map(({ table, status }) => `${table} ${status}`)).toEqual([
      'marts.visit changed',
      'staging.orders identical',
    ]);
    expect(visits.left_out).toEqual({ tables: 3, objects: 3 });
    const some = await reportOf(project, '--where', `new.amount::DECIMAL(9, 2) > 12`);
    expect(rowsOf(some)).toEqual(['new changed marts.revenue customer 2 x1']);
    expect(some.tables[0]?.standings).toEqual({ new: 1, still: 0, gone: 1 });
    const gone = await reportOf(project, '--where', `key.customer = 'customer 3'`);
    expect(gone.tables).toMatchObject([{ rows: [], standings: { new: 0, still: 0, gone: 1 } }]);
    const said = await text(project, '--table', 'marts.revenue', '--where', "standing = 'still'");
    expect(said).toContain('where     standing = ');
    expect(said).toContain('Left out by what was asked for: 3 tables and views, 3 other objects.');
    expect(await text(project, '--where', 'false')).toContain('Nothing that was asked for.');
  });

  test.concurrent('the limit holds for each table and is said', async () => {
    const project = await bases.base('twice');
    const args = ['--comparison', '1'];
    const report = await reportOf(project, ...args);
    expect(tableOf(report, 'marts.big')).toMatchObject({ rows_total: 30, truncated: true });
    expect(tableOf(report, 'marts.big').rows.map(({ key }) => key?.id)).toEqual(
      Array.from({ length: 20 }, (_, i) => String(i)),
    );
    expect(tableOf(report, 'marts.visit')).toMatchObject({ rows_total: 2, truncated: false });
    expect(report).toMatchObject({ rows_total: 35, truncated: true });
    const all = await reportOf(project, ...args, '--limit', '0');
    expect(tableOf(all, 'marts.big').rows).toHaveLength(30);
    expect(all.truncated).toBe(false);
    const said = await text(project, ...args, '--limit', '2');
    expect(said).toContain('  2 of 30 rows shown\n');
    expect(said).toContain('6 of 35 rows shown; --limit 0 shows all, --format csv writes them.');
    expect(await text(project, ...args, '--limit', '0')).not.toContain('rows shown');
  });
});

test.concurrent('the text has all that people need, worst first', async () => {
  const said = await text(await bases.base('twice'));
  expect(said).toMatch(
    /^pr-1, comparison 2 of \d{4}-\d\d-\d\d \d\d:\d\d UTC: unexplained\ndigest {4}[0-9a-f]{64}\n/,
  );
  expect(said).toContain('against   comparison 1 of');
  expect(said.indexOf('\nmarts.revenue')).toBeLessThan(said.indexOf('\nmarts.extra'));
  expect(said).toMatch(/new +changed +customer 2 +amount: 20\.00 -> 22\.00\n/);
  expect(said).toMatch(/new +changed +customer 4 +note: n -> NULL\n/);
  expect(said).toMatch(/still +added +2 +page: page 0, seconds: 0\n/);
  expect(said).toContain('amount: 2 rows changed');
  expect(said).toContain('(before: 2 rows)');
  expect(said).toContain('before: 1 removed, 0 added, 2 changed');
  expect(said).toContain('added sequence marts.more (new)');
  expect(said).toContain('33 rows are gone; --standing gone shows them.');
});

test.concurrent('docs/report.md shows what the report says, and its commands work', async () => {
  const project = await bases.base('twice');
  const page = await readFile('docs/report.md', 'utf8');
  const blocks = [...page.matchAll(/```text\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  // What a pattern is called is no matter of this page.
  const steady = (shown: string) =>
    shown
      .replaceAll('pr-1,', 'pr-42,')
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, 'INSTANT')
      .replace(/^digest.*/m, 'DIGEST')
      .trim();
  expect(steady(await text(project))).toBe(steady(blocks[0] ?? ''));
  const csv = await text(project, '--table', 'marts.revenue', '--format', 'csv');
  expect(csv.replaceAll('\r\n', '\n')).toBe(blocks[1]);
  const commands = [...page.matchAll(/^greenlight report --release pr-42 ?(.*)$/gm)];
  expect(commands.length).toBeGreaterThan(8);
  for (const [, options = ''] of commands) {
    const args = options.replace(/ > \S+$/, '').match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
    await text(project, '-r', 'pr-1', ...args.map((arg) => arg.replace(/^(["'])(.*)\1$/, '$2')));
  }
});

test.concurrent('the comparisons of a release are listed', async () => {
  const project = await bases.base('twice');
  const { comparisons } = await quick.json<{ comparisons: Record<string, unknown>[] }>(
    project,
    'report',
    '--list',
  );
  expect(comparisons).toMatchObject([
    { comparison: 1, tables: 4, objects: 1, verdict: 'unexplained', unexplained: 37 },
    { comparison: 2, tables: 3, objects: 2, approved_by: [], privacy: 'full' },
  ]);
  expect(await text(project, '--list')).toMatch(/^1 +\d{4}.* unexplained .* full +4 +1 +37$/m);
});

describe('csv', () => {
  test.concurrent('has all rows exactly as they are', async () => {
    const project = await bases.base('twice');
    const csv = await text(
      project,
      '--format',
      'csv',
      '--table',
      'marts.visit',
      '--comparison',
      '1',
    );
    const [head, ...lines] = csv.split('\r\n');
    expect(head).toBe(
      'comparison,table_name,standing,kind,row_key,columns,old_values,new_values,occurrences,explained,fingerprint',
    );
    const part = `1,marts.visit,,added,,,,`;
    expect(lines.map((line) => line.replace(/,[0-9a-f]{32}$/, ',F')).sort()).toEqual([
      '',
      `${part}"{""page"":""=1+1, \\""x\\"""",""seconds"":null}",1,false,F`,
      `${part}"{""page"":""page 0"",""seconds"":""0""}",2,false,F`,
    ]);
    const gone = await text(
      project,
      '--format',
      'csv',
      '--standing',
      'gone',
      '--where',
      'old.note IS NULL AND key.customer IS NOT NULL',
    );
    expect(gone.split('\r\n').slice(1)).toEqual([
      expect.stringMatching(/^1,marts\.revenue,gone,changed,"\{""customer"":""customer 2""\}"/),
      '',
    ]);
    const none = await text(project, '--format', 'csv', '--where', 'false');
    expect(none).toBe(`${head}\r\n`);
  });

  test.concurrent('streams more rows than fit into memory, in order, while others write', async () => {
    const project = await bases.fork('twice');
    await project.sql(
      'greenlight.duckdb',
      `insert into row_deviation select 2, 'marts.big', 'changed', '{"id":"' || i || '"}', '["v"]', '{"v":"${'x'.repeat(1000)}"}', '{"v":"y"}', 1, false, md5_number(i::varchar)
       from range(40000) t(i) order by hash(i)`,
    );
    const options = { node: ['--max-old-space-size=40'] };
    const args = ['report', '-r', 'pr-1', '--table', 'marts.big', '--format', 'csv', '--quiet'];
    const { stdout, stderr, exitCode } = await project.runWith(options, ...args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    let [next, start] = [0, stdout.indexOf('\r\n') + 2];
    for (; start < stdout.length; next += 1) {
      const expected = `2,marts.big,new,changed,"{""id"":""${next}""}"`;
      if (!stdout.startsWith(expected, start)) throw new Error(stdout.slice(start, start + 80));
      start = stdout.indexOf('\r\n', start) + 2;
    }
    expect(next).toBe(40_000);

    // A reader that goes away ends it, without an error; one that dawdles does not keep the ledger.
    const child = spawn(process.execPath, [cli, ...args], { cwd: project.folder, stdio: 'pipe' });
    const complaint: string[] = [];
    child.stderr.on('data', (more) => complaint.push(String(more)));
    await new Promise((done) => child.stdout.once('readable', done));
    await project.sql('greenlight.duckdb', 'create table written (i integer)');
    child.stdout.destroy();
    const code = await new Promise((done) => child.once('close', done));
    expect({ code, complaint }).toEqual({ code: 0, complaint: [] });
  });
});

describe('privacy', () => {
  const compared = async (...privacies: string[]) => {
    const project = await bases.fork('twice');
    for (const privacy of privacies) {
      await project.write('greenlight.yml', config.replace('full', privacy));
      await quick.json(project, 'compare');
    }
    return project;
  };

  test.concurrent('keys: says that values were not recorded, and standing is told', async () => {
    const project = await compared('keys');
    const report = await reportOf(project);
    expect(rowsOf(report)).toHaveLength(4);
    expect(rowsOf(report).every((row) => row.startsWith('still'))).toBe(true);
    const [row] = tableOf(report, 'marts.revenue').rows;
    expect(row).toMatchObject({ key: { customer: 'customer 1' }, old: null, new: null });
    const said = await text(project);
    expect(said).toContain('privacy   keys: old and new values were not recorded');
    expect(said).toMatch(/still +changed +customer 1 +amount\n/);
    const { error } = await quick.refusal(2, project, 'report', '--where', "new.amount = '1'");
    expect(error.cause).toContain('were not recorded by comparison 3 (privacy: keys)');
  });

  test.concurrent('masked: shows the masks', async () => {
    const project = await compared('masked');
    const report = await reportOf(project, '--where', "old.amount = '99.99'");
    expect(rowsOf(report)).toEqual([
      'still changed marts.revenue customer 1 x1',
      'still changed marts.revenue customer 2 x1',
    ]);
    expect(await text(project)).toMatch(/amount: 99\.99 -> 99\.99/);
  });

  test.concurrent('none: says that the standing of rows cannot be told', async () => {
    const project = await compared('none', 'full');
    for (const comparison of ['3', '4']) {
      const report = await reportOf(project, '--comparison', comparison);
      expect(report.standing_unknown).toContain('comparison 3 recorded no fingerprints');
      expect(report.rows_total).toBe(4);
      expect(report.tables.map(({ standing, standings }) => [standing, standings])).toEqual(
        report.tables.map(() => ['still', null]),
      );
      const args = ['report', '--comparison', comparison, '--standing', 'new'];
      const { error } = await quick.refusal(2, project, ...args);
      expect(error).toMatchObject({
        what: 'The standing of rows cannot be told.',
        cause: expect.stringContaining('privacy: none'),
      });
    }
    const said = await text(project, '--comparison', '3');
    expect(said).toContain('which rows are new cannot be told: comparison 3 recorded no finger');
    expect(said).toContain('privacy   none: neither keys nor values were recorded');
    // Another comparison may be held against it.
    const report = await reportOf(project, '--against', '2');
    expect(tableOf(report, 'marts.revenue').standings).toEqual({ new: 0, still: 3, gone: 0 });
  });
});

test.concurrent('needs nothing but the ledger, holds nothing and writes nothing', async () => {
  const project = await bases.fork('twice');
  const before = await reportOf(project);
  await quick.json(project, 'retire', '--release', 'pr-1');
  await project.remove('warehouse.duckdb');
  await project.remove('.greenlight');
  const fingerprint = await project.fingerprint('greenlight.duckdb');
  expect(await reportOf(project)).toEqual(before);
  expect(await text(project)).toContain('customer 2');
  expect(await project.fingerprint('greenlight.duckdb')).toBe(fingerprint);
  // Elsewhere, where live has another path.
  const elsewhere = await makeProject({ config });
  try {
    await rename(project.path('greenlight.duckdb'), elsewhere.path('greenlight.duckdb'));
    expect(await quick.json(elsewhere, 'report')).toEqual(before);
  } finally {
    await elsewhere.dispose();
  }
});

describe('is refused with what there is', () => {
  const refused: [name: string, args: string[], expected: object][] = [
    [
      'an unknown release',
      ['--release', 'pr-9'],
      { what: 'The ledger knows no release pr-9.', help: 'Compared are pr-1 (compared).' },
    ],
    [
      'a release that cannot be',
      ['--release', '../x'],
      { what: expect.stringContaining('cannot be') },
    ],
    [
      'an unknown comparison',
      ['--comparison', '9'],
      { what: 'Release pr-1 has no finished comparison 9.', help: expect.stringContaining('1, 2') },
    ],
    ['an unknown other one', ['--against', '9'], { what: expect.stringContaining('comparison 9') }],
    ['itself', ['--against', '2'], { what: 'Comparison 2 cannot be held against itself.' }],
    [
      'an unknown table',
      ['--table', 'marts.revenu'],
      {
        what: 'The comparison has no table or view marts.revenu.',
        help: expect.stringContaining('marts.revenue, marts.top'),
      },
    ],
    ['what is no name', ['--table', 'a..b'], { what: expect.stringContaining('is not a name') }],
    [
      'a condition that does not parse',
      ['--where', 'kind = = 1'],
      { where: 'kind = = 1', cause: 'syntax error at or near "=", at character 8: = 1' },
    ],
    [
      'a condition with a name that is not there',
      ['--where', 'key.custmer = 1'],
      { cause: 'No recorded row has key.custmer. There is key.customer, key.id.' },
    ],
    [
      'a condition that reads something else',
      ['--where', "kind in (select 'x' from read_csv('greenlight.yml'))"],
      { cause: expect.stringContaining('a subquery') },
    ],
    [
      'a value that is no number',
      ['--where', 'new.note::INTEGER > 1 OR key.customer::INTEGER > 1'],
      {
        cause: expect.stringContaining('Conversion Error'),
        help: expect.stringContaining('TRY_CAST'),
      },
    ],
    ['csv and json', ['--format', 'csv'], { what: '--format csv does not go with --json.' }],
    [
      'a standing of the first',
      ['--comparison', '1', '--standing', 'new'],
      { cause: 'there is no other comparison to hold it against' },
    ],
    [
      'a limit that is no number',
      ['--limit', 'few'],
      { what: expect.stringContaining('whole number') },
    ],
    [
      'a word that is none',
      ['--standing', 'old'],
      { what: expect.stringContaining('new, still, gone') },
    ],
    [
      'a list with a filter',
      ['--list', '--limit', '1'],
      { what: expect.stringContaining('--limit') },
    ],
  ];
  test.concurrent.each(refused)('%s', async (_, args, expected) => {
    const { error } = await quick.refusal(2, await bases.base('twice'), 'report', ...args);
    expect(error).toMatchObject(expected);
  });

  test.concurrent('a release that was not compared, and no ledger at all', async () => {
    const project = bases.keep(await makeProject());
    const none = await quick.refusal(2, project, 'report', '--release', 'pr-1');
    expect(none.error.what).toBe('There is no ledger yet.');
    await quick.steps(project, 'clone');
    for (const args of [[], ['--list'], ['--format', 'text']]) {
      const { error } = await quick.refusal(2, project, 'report', '-r', 'pr-1', ...args);
      expect(error.what).toBe('Release pr-1 was not compared yet; it is cloned.');
    }
    expect((await quick.refusal(2, project, 'report')).error.what).toBe(
      'No release was compared yet.',
    );
  });

  test.concurrent('several releases without a name', async () => {
    const project = await bases.fork('twice');
    await quick.steps(project, 'compare', 'pr-2');
    const { error } = await quick.refusal(2, project, 'report');
    expect(error.help).toContain('pr-1 (compared), pr-2 (compared)');
    // The one that is under way is meant.
    await quick.json(project, 'retire', '--release', 'pr-1');
    expect(await quick.json(project, 'report')).toMatchObject({ release: 'pr-2', against: null });
  });
});
