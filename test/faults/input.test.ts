import { execFile } from 'node:child_process';
import { mkdir, readFile, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { filesBelow, projects } from '../support/fork.ts';
import { holdDatabase } from '../support/holder.ts';
import { defaultConfig, makeProject, openProject, type Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

const execute = promisify(execFile);
const isFull = process.env.GREENLIGHT_TEST_FULL === '1';
jest.setTimeout(isFull ? 600_000 : 120_000);

const quick = quickly();
const bases = projects({
  new: (): Promise<Project> => makeProject(),
  migrated: async (): Promise<Project> => {
    const project = await bases.fork('new');
    await quick.steps(project, 'migrate');
    return project;
  },
  approved: async (): Promise<Project> => {
    const project = await bases.fork('migrated');
    await quick.json(project, 'simulate');
    const { digest } = await quick.json<{ digest: string }>(project, 'compare');
    await quick.json(project, 'approve', '--digest', digest, '--by', 'alice');
    return project;
  },
});
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

/** Runs the step, which must fail so and leave live as it was. */
async function fails(
  project: Project,
  exitCode: number,
  args: readonly string[],
  says: { readonly what: string | RegExp; readonly help: string | RegExp; readonly where?: string },
) {
  const before = await project.fingerprint();
  const { error } = await quick.refusal(exitCode, project, ...args);
  expect(await project.fingerprint()).toBe(before);
  expect(error.what).toMatch(says.what);
  expect(error.what).not.toContain('should not have happened');
  expect(error.help).toMatch(says.help);
  if (says.where !== undefined) expect(error.where).toContain(says.where);
  return error;
}

const clone = ['clone', '--release', 'pr-1'];

describe('live', () => {
  test.concurrent('is not there', async () => {
    const project = await bases.fork('new');
    await project.remove('warehouse.duckdb');
    const error = await fails(project, 1, clone, {
      what: 'There is no live database.',
      help: /Check `live` in .*greenlight\.yml/,
    });
    expect(error.live).toBe('there is none');
    expect(await filesBelow(project)).not.toContain('warehouse.duckdb');
  });

  test.concurrent('is a file that is no database', async () => {
    const project = await bases.fork('new');
    for (const text of ['this is a text\n'.repeat(1000), 'short', '']) {
      await project.write('warehouse.duckdb', text);
      await fails(project, 1, clone, {
        what: /not a DuckDB database|no DuckDB database/,
        help: 'live',
      });
      expect(await readFile(project.path('warehouse.duckdb'), 'utf8')).toBe(text);
    }
    expect(await filesBelow(project, '.greenlight/pr-1')).toEqual([]);
  });

  test.concurrent('is a folder', async () => {
    const project = await bases.fork('new');
    await project.remove('warehouse.duckdb');
    await mkdir(project.path('warehouse.duckdb'));
    const { error } = await quick.refusal(1, project, ...clone);
    expect(error.what).toBe('This is not a database file.');
    expect(error.help).toContain('Check `live`');
  });

  test.concurrent('is held for writing by another process', async () => {
    const project = await bases.fork('new');
    const writer = await holdDatabase('write', project.path('warehouse.duckdb'));
    const error = await fails(project, 1, clone, {
      what: 'Another process has this database open',
      help: 'Close the other process',
    });
    expect(error.cause).toMatch(/process \d+/);
    await writer.end();
    await quick.json(project, ...clone);
  });

  test.concurrent('is held for writing at the swap, and freed', async () => {
    const project = await bases.fork('approved');
    await project.write('greenlight.yml', `${defaultConfig}swap: { timeout: 500ms }\n`);
    await quick.json(project, 'compare');
    const writer = await holdDatabase('write', project.path('warehouse.duckdb'));
    const error = await fails(project, 1, ['swap'], {
      what: 'Another process has this database open',
      help: 'Close the other process',
    });
    expect(error.cause).toMatch(/process \d+/);
    await writer.end();
    await quick.json(project, 'swap');
  });

  test.concurrent('is held by a short writer at the swap, which waits for it', async () => {
    const project = await bases.fork('approved');
    const writer = await holdDatabase('write', project.path('warehouse.duckdb'));
    const swapping = await swapUpToTheFence(project);
    await writer.end();
    expect(await swapping.ended).toMatchObject({ exitCode: 0 });
  });

  test.concurrent('is written to between the decision and the exchange', async () => {
    const project = await bases.fork('approved');
    const insert = `insert into staging.orders values (1000, 'late', 1)`;
    const writer = await holdDatabase('write', project.path('warehouse.duckdb'), insert);
    const swapping = await swapUpToTheFence(project);
    await writer.end();
    const { exitCode, stderr } = await swapping.ended;
    expect(stderr).toContain('was written to while the gate was decided. It is decided anew.');
    expect(stderr).toContain('live:  live was written to or replaced while this ran');
    expect(stderr).toContain('- drift: live was changed since it was cloned:');
    expect(exitCode).toBe(3);
    const late = 'select customer from staging.orders where id = 1000';
    expect(await project.sql('warehouse.duckdb', late)).toEqual([{ customer: 'late' }]);
  });

  /** Begins a swap of a live that is held for writing, and waits until it has decided and stands before the fence. */
  async function swapUpToTheFence(project: Project) {
    return runUpTo(project, 'swap', `read ATTACH '${project.path('warehouse.duckdb')}'`);
  }

  /** Begins a step, and waits until it is about to do something to a database. */
  async function runUpTo(project: Project, step: string, point: string) {
    const list = project.path('points.txt');
    const preload = join(process.cwd(), 'test', 'support', 'kill-at.mjs');
    const env = { KILL_KINDS: 'read,open', KILL_LIST: list };
    const ended = project.runWith({ node: ['--import', preload], env }, step);
    while (!(await readFile(list, 'utf8').catch(() => '')).includes(point)) await sleep(20);
    return { ended };
  }

  test.concurrent('is held for writing at the rollback', async () => {
    const project = await bases.fork('approved');
    await project.write('greenlight.yml', `${defaultConfig}swap: { timeout: 500ms }\n`);
    await quick.json(project, 'compare');
    await quick.json(project, 'swap');
    const writer = await holdDatabase('write', project.path('warehouse.duckdb'));
    await fails(project, 1, ['rollback'], {
      what: 'Another process has this database open',
      help: 'Close the other process',
    });
    await writer.end();
    await quick.json(project, 'rollback');
  });

  test.concurrent('is held by a short writer at the rollback, which waits for it', async () => {
    const project = await bases.fork('approved');
    await quick.json(project, 'swap');
    // What it has written is in the log, which the rollback has to work in first.
    await project.sql(
      'warehouse.duckdb',
      `pragma disable_checkpoint_on_shutdown; set checkpoint_threshold = '1GB';
       insert into staging.orders values (1000, 'late', 1)`,
    );
    const writer = await holdDatabase('write', project.path('warehouse.duckdb'));
    const look = `open ${project.path('warehouse.duckdb')}`;
    const rollback = await runUpTo(project, 'rollback', look);
    await writer.end();
    expect(await rollback.ended).toMatchObject({ exitCode: 0 });
  });

  test.concurrent('is a link: what it leads to is exchanged, the link stays', async () => {
    const project = bases.keep(await makeProject());
    await mkdir(project.path('data'));
    await rename(project.path('warehouse.duckdb'), project.path('data/warehouse.duckdb'));
    await symlink('data/warehouse.duckdb', project.path('warehouse.duckdb'));
    const { compare } = await quick.steps(project, 'compare');
    await quick.json(project, 'approve', '--digest', String(compare?.digest), '--by', 'alice');
    await quick.json(project, 'swap');
    expect(
      await project.sql('data/warehouse.duckdb', 'select note from marts.revenue limit 1'),
    ).toEqual([{ note: null }]);
    expect(await project.sql('warehouse.duckdb', 'select note from marts.revenue limit 1')).toEqual(
      [{ note: null }],
    );
  });
});

describe('the ledger', () => {
  const withLedger = (project: Project, ledger: string) =>
    project.write('greenlight.yml', `${defaultConfig}ledger: ${ledger}\n`);

  test.concurrent('is live', async () => {
    const project = await bases.fork('new');
    const says = { what: 'Live and the ledger are the same file.', help: 'a file of its own' };
    await withLedger(project, 'warehouse.duckdb');
    await fails(project, 2, clone, says);
    await withLedger(project, './data/../warehouse.duckdb');
    await fails(project, 2, clone, says);
    await symlink('warehouse.duckdb', project.path('other.duckdb'));
    await withLedger(project, 'other.duckdb');
    await fails(project, 2, clone, says);
  });

  test.concurrent('is another database', async () => {
    const project = await bases.fork('new');
    await project.sql('other.duckdb', 'create table mine (n integer)');
    await withLedger(project, 'other.duckdb');
    const error = await fails(project, 1, clone, {
      what: 'not a Greenlight ledger',
      help: 'a database of its own',
    });
    expect(error.cause).toBe('found mine');
    expect(
      await project.sql('other.duckdb', 'select table_name from duckdb_tables()'),
    ).toHaveLength(1);
  });

  test.concurrent('is of a newer version', async () => {
    const project = await bases.fork('migrated');
    await project.sql('greenlight.duckdb', `insert into ledger values (99, now(), '9.9.9')`);
    for (const args of [clone, ['status'], ['swap']]) {
      await fails(project, 1, args, {
        what: /The ledger has version 99/,
        help: 'the newer Greenlight',
      });
    }
  });

  test.concurrent('is no database', async () => {
    const project = await bases.fork('new');
    await project.write('greenlight.duckdb', 'a text\n'.repeat(1000));
    const error = await fails(project, 1, clone, {
      what: 'not a DuckDB database',
      help: /greenlight\.yml/,
    });
    expect(error.where).toContain('greenlight.duckdb');
    expect(error.help).toContain('ledger');
  });

  test.concurrent('is held by a release that another process works on', async () => {
    const project = await bases.fork('migrated');
    await project.write(
      'greenlight.yml',
      defaultConfig.replace('[logic/*.sql]', '[{ command: "touch began; sleep 4" }]'),
    );
    const first = project.run('simulate');
    while (!(await filesBelow(project)).includes('began'))
      await new Promise((done) => setTimeout(done, 20));
    const error = await fails(project, 1, ['migrate'], {
      what: 'Another greenlight works on release pr-1 right now.',
      help: 'Wait until it has ended',
    });
    expect(error.cause).toMatch(/process \d+/);
    expect((await first).exitCode).toBe(0);
  });
});

describe('the project', () => {
  test.concurrent('has no configuration, or one that cannot be read', async () => {
    const project = await bases.fork('new');
    await fails(project, 2, [...clone, '--config', 'none.yml'], {
      what: 'There is no configuration file.',
      help: 'greenlight init',
    });
    await project.write('greenlight.yml', 'live: [unclosed\n');
    const { error } = await quick.refusal(2, project, ...clone);
    expect(error.cause).toContain('greenlight.yml:');
    await project.remove('greenlight.yml');
    await mkdir(project.path('greenlight.yml'));
    expect((await quick.refusal(2, project, ...clone)).error.what).toBe(
      'The configuration file cannot be read.',
    );
  });

  test.concurrent('has a SQL file with a syntax error', async () => {
    const project = await bases.fork('migrated');
    await project.write('logic/01_revenue.sql', 'select 1;\n\nselct 2;\n');
    const error = await fails(project, 1, ['simulate'], {
      what: 'A statement failed',
      help: 'Mend the statement',
    });
    expect(error.where).toBe('logic/01_revenue.sql:3');
    expect(error.cause).toContain('syntax error');
    await project.write('logic/01_revenue.sql', "select 'never closed;\n");
    await fails(project, 1, ['simulate'], { what: /./, help: /./, where: 'logic/01_revenue.sql' });
  });

  test.concurrent('has a command that fails, and one that hangs', async () => {
    const project = await bases.fork('migrated');
    const run = (command: string) =>
      project.write(
        'greenlight.yml',
        defaultConfig.replace('[logic/*.sql]', () => `[{ command: "${command}", timeout: 400ms }]`),
      );
    await run('echo out of cheese; exit 3');
    const failed = await fails(project, 1, ['simulate'], {
      what: 'failed with exit code 3',
      help: 'Mend the command',
    });
    expect(failed.cause).toContain('out of cheese');
    await run('sleep 60');
    await fails(project, 1, ['simulate'], { what: 'did not end within 400 ms', help: 'timeout' });
    await run('kill -9 $$');
    await fails(project, 1, ['simulate'], {
      what: 'failed with SIGKILL',
      help: 'Mend the command',
    });
  });
});

describe('the candidate', () => {
  test.concurrent('was dropped before each step', async () => {
    const project = await bases.fork('approved');
    await project.remove('.greenlight/pr-1/candidate');
    for (const step of ['migrate', 'simulate', 'compare']) {
      await fails(project, 1, [step], {
        what: 'The candidate is gone: somebody dropped it.',
        help: 'greenlight clone --release pr-1',
      });
    }
    await fails(project, 3, ['swap'], {
      what: 'the candidate is gone',
      help: /^undefined$|./,
    }).catch(() => undefined);
    await quick.steps(project, 'compare');
  });

  test.concurrent('stands where another database is', async () => {
    const project = await bases.fork('migrated');
    const candidate = '.greenlight/pr-1/candidate/warehouse.duckdb';
    // Made while the candidate is there: a file made after it could get its inode.
    await project.sql('mine.duckdb', 'create table mine (n integer)');
    await rename(project.path('mine.duckdb'), project.path(candidate));
    await fails(project, 1, ['simulate'], {
      what: 'Another database took the place of the candidate',
      help: 'greenlight clone',
    });
  });
});

describe('names', () => {
  const odd = ['my data.duckdb', "it's.duckdb", 'Größe-日本.duckdb', '"q".duckdb', 'old.duckdb'];
  const more = ['select', 'a.b.c', 'memory', 'store', 'main', 'temp', 'system', 'new'];
  for (const file of isFull ? [...odd, ...more.map((name) => `${name}.db`), 'NoExtension'] : odd) {
    test.concurrent(`of the database file: ${file}`, async () => {
      const project = await oddProject(file);
      const before = await project.fingerprint(file);
      const { compare } = await quick.steps(project, 'compare');
      expect(compare).toMatchObject({ verdict: 'unexplained' });
      await quick.json(project, 'approve', '--digest', String(compare?.digest), '--by', 'alice');
      expect(await project.fingerprint(file)).toBe(before);
      await quick.json(project, 'swap');
      expect(await project.sql(file, 'select n from t')).toEqual([{ n: 2 }]);
      await quick.json(project, 'rollback');
      expect(await project.fingerprint(file)).toBe(before);
    });
  }

  async function oddProject(file: string) {
    const project = bases.keep(
      await makeProject({
        live: 'create table t (id integer primary key, n integer); insert into t values (1, 1)',
        files: { 'logic/01.sql': 'update t set n = 2;' },
      }),
    );
    await rename(project.path('warehouse.duckdb'), project.path(file));
    await project.write(
      'greenlight.yml',
      `version: 1\nengine: duckdb\nlive: ${JSON.stringify(file)}\nsimulate: { run: [logic/*.sql] }\n`,
    );
    return { ...project, fingerprint: (name?: string) => project.fingerprint(name ?? file) };
  }

  test.concurrent('of schemas, tables, columns and keys', async () => {
    const schemas = [
      'my schema',
      'select',
      'Größe',
      'quo"te',
      "apo'strophe",
      'CamelCase',
      'dot.ted',
      'old',
      'new',
      'store',
      '日本',
    ];
    const q = (name: string) => `"${name.replaceAll('"', '""')}"`;
    const tables = schemas.map((name) => `${q(name)}.${q(`table of ${name}`)}`);
    const project = bases.keep(
      await makeProject({
        live: schemas
          .map(
            (name, at) => `create schema ${q(name)};
            create table ${tables[at]} (${q(`key ${name}`)} integer primary key, ${q(name)} varchar, "order" integer);
            insert into ${tables[at]} values (1, 'a', 1), (2, 'b', 2);
            create view ${q(name)}.${q(`view of ${name}`)} as select * from ${tables[at]}`,
          )
          .join(';\n'),
        config: `version: 1
engine: duckdb
live: warehouse.duckdb
simulate: { run: [logic/*.sql] }
compare: { keys: { '"dot.ted"."table of dot.ted"': ['"key dot.ted"'] }, ignore: ['"select"."table of select"."order"'] }
`,
        files: {
          'logic/01.sql': tables
            .map(
              (table, at) =>
                `update ${table} set ${q(schemas[at] ?? '')} = 'c', "order" = 5 where "order" = 2;`,
            )
            .join('\n'),
        },
      }),
    );
    const before = await project.fingerprint();
    const { compare } = await quick.steps(project, 'compare');
    const found = ((compare?.tables ?? []) as Record<string, unknown>[]).filter(
      ({ kind }) => kind === 'table',
    );
    expect(found).toHaveLength(schemas.length);
    for (const table of found)
      expect(table).toMatchObject({
        status: 'changed',
        changed: 1,
        added: 0,
        removed: 0,
        proof: 'exact',
      });
    expect(found.map(({ key }) => (key as string[])[0]).sort()).toEqual(
      schemas.map((name) => `key ${name}`).sort(),
    );
    expect(await project.fingerprint()).toBe(before);
    await quick.json(
      project,
      'approve',
      '--digest',
      String(compare?.digest),
      '--by',
      'o\'brien "x"',
    );
    await quick.json(project, 'swap');
  });
});

describe('sizes', () => {
  test.concurrent('empty tables, and an empty database', async () => {
    const project = bases.keep(
      await makeProject({
        live: 'create table a (id integer primary key, n integer); create table b (n integer); create view v as from a',
        config: defaultConfig.replace(/migrate.*\n/, '').replace(/compare.*\n/, ''),
        files: { 'logic/01.sql': 'select 1;' },
      }),
    );
    for (const step of ['clone', 'simulate']) await quick.json(project, step, '--release', 'pr-1');
    expect(await quick.json(project, 'compare')).toMatchObject({ verdict: 'identical' });
    await project.write('logic/01.sql', 'insert into b values (1); insert into a values (1, 1);');
    await quick.json(project, 'simulate');
    const compared = await quick.json<{ tables: unknown[] }>(project, 'compare');
    expect(compared.tables).toMatchObject([
      { table: 'main.a', added: 1, old_rows: 0, new_rows: 1 },
      { table: 'main.b', added: 1, old_rows: 0, new_rows: 1 },
      { table: 'main.v', added: 1 },
    ]);
    const empty = bases.keep(
      await makeProject({
        live: 'select 1',
        config: defaultConfig.replace(/migrate.*\n/, '').replace(/compare.*\n/, ''),
        files: { 'logic/01.sql': 'select 1;' },
      }),
    );
    for (const step of ['clone', 'simulate']) await quick.json(empty, step, '--release', 'pr-1');
    expect(await quick.json(empty, 'compare')).toMatchObject({ verdict: 'identical', tables: [] });
    await quick.json(empty, 'swap');
  });

  test.concurrent('a table of 2,000 columns', async () => {
    const columns = Array.from({ length: 2000 }, (_, at) => `c${at}`);
    const project = bases.keep(
      await makeProject({
        live: `create table wide as select i as id, ${columns.map((name, at) => `i + ${at} as ${name}`).join(', ')} from range(50) t(i);
          alter table wide add primary key (id)`,
        config: defaultConfig.replace(/migrate.*\n/, '').replace(/compare.*\n/, ''),
        files: { 'logic/01.sql': 'update wide set c0 = c0;' },
      }),
    );
    await quick.json(project, 'clone', '--release', 'pr-1');
    for (const [logic, changed, cells] of [
      ['update wide set c0 = c0;', 0, 0],
      ['update wide set c1234 = -1 where id = 7;', 1, 1],
      [
        `update wide set ${columns.map((name) => `${name} = -1 - ${name}`).join(', ')};`,
        50,
        2000 * 50,
      ],
    ] as const) {
      if (changed > 1 && !isFull) continue; // takes minutes
      await project.write('logic/01.sql', logic);
      await quick.json(project, 'simulate');
      const { tables } = await quick.json<{
        tables: { changed: number; columns: { changed: number }[] }[];
      }>(project, 'compare');
      expect(tables[0]?.changed).toBe(changed);
      expect(tables[0]?.columns.reduce((sum, column) => sum + column.changed, 0)).toBe(cells);
    }
  });
});

describe('the disk', () => {
  test('is full: the step says so, leaves nothing half made, and goes on when there is room', async () => {
    const project = bases.keep(await makeProject());
    const folder = project.path('small');
    await mkdir(folder);
    try {
      await execute('mount', ['-t', 'tmpfs', '-o', 'size=9m', 'none', folder]);
    } catch {
      process.stderr.write('  skipped: no small disk can be mounted here\n');
      return;
    }
    try {
      const small = openProject(folder);
      await small.sql(
        'warehouse.duckdb',
        `create table t as select i as id, random() as r, hash(i) as h from range(200000) t(i); checkpoint`,
      );
      await small.write(
        'greenlight.yml',
        defaultConfig.replace(/migrate.*\n/, '').replace(/compare.*\n/, ''),
      );
      await small.write(
        'logic/01.sql',
        'create table u as select *, random() as q, uuid() as v from t;',
      );
      const before = await small.fingerprint();
      const { error } = await quick.refusal(1, small, ...clone);
      expect(error.what).toMatch(/The disk has no room|The disk is full/);
      expect(error.help).toContain('greenlight retire --dry-run');
      expect(await small.fingerprint()).toBe(before);
      expect(
        (await filesBelow(small)).filter(
          (name) => name.includes('partial') || name.includes('candidate'),
        ),
      ).toEqual([]);

      await execute('mount', ['-o', 'remount,size=19m', folder]);
      await quick.json(small, ...clone);
      const full = await quick.refusal(1, small, 'simulate');
      expect(full.error.what).toMatch(/The disk is full/);
      expect(full.error.help).toContain('Free some room');
      expect(await small.fingerprint()).toBe(before);

      await execute('mount', ['-o', 'remount,size=200m', folder]);
      for (const step of ['simulate', 'compare']) await quick.json(small, step);
      expect(await small.fingerprint()).toBe(before);
    } finally {
      quick.end();
      await execute('umount', ['-l', folder]);
    }
  });
});
