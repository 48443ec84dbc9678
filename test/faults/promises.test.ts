import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import {
  defaultConfig,
  defaultFiles,
  defaultLive,
  makeProject,
  type Project,
} from '../support/project.ts';

let project: Project;
afterEach(() => project?.dispose());

const verified = `${defaultConfig}swap: { verify: [checks/*.sql] }\n`;

async function prepare(options: Parameters<typeof makeProject>[0]): Promise<void> {
  project = await makeProject(options);
  for (const step of ['clone', 'migrate', 'simulate']) await project.json(step, '-r', 'a');
  const { digest } = await project.json<{ digest: string }>('compare', '-r', 'a');
  await project.json('approve', '-r', 'a', '-d', digest, '-b', 'alice');
}

/** Opens live for writing in a loop and inserts one row as soon as it is let in; ends after its first row. */
function writer(folder: string): Promise<string> {
  const program = `
    import { DuckDBInstance } from ${JSON.stringify(import.meta.resolve('@duckdb/node-api'))};
    for (const end = Date.now() + 20000; Date.now() < end; ) {
      try {
        const instance = await DuckDBInstance.create(${JSON.stringify(join(folder, 'warehouse.duckdb'))});
        const connection = await instance.connect();
        await connection.run("insert into staging.orders values (1000, 'late', 1)");
        const found = await connection.runAndReadAll("select count(*) from information_schema.columns where column_name = 'note'");
        console.log(found.getRows()[0][0] > 0 ? 'new' : 'old');
        connection.closeSync();
        instance.closeSync();
        break;
      } catch (error) { if (!/lock/i.test(error.message)) throw error; }
    }`;
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (more) => {
      text += more;
    });
    child.once('error', failed);
    child.once('close', () => done(text.trim()));
  });
}

test('a writer that waits for live gets no row into a database that the verification takes back', async () => {
  await prepare({
    config: verified,
    files: {
      ...defaultFiles,
      'checks/01.sql':
        'select sum(a.i * b.i) < 0 as takes_a_while from range(30000) a(i), range(3000) b(i);',
    },
  });
  const swap = project.run('swap', '-r', 'a');
  await new Promise((done) => setTimeout(done, 300));
  const [run, written] = await Promise.all([swap, writer(project.folder)]);
  expect(['old', 'new']).toContain(written);
  const rows = await project.sql('warehouse.duckdb', 'select count(*) as n from staging.orders');
  // Whatever came first, the row that was acknowledged is in the database that is live now.
  expect(rows).toEqual([{ n: '101' }]);
  expect(run.exitCode).not.toBe(0);
});

test('a swap that was cut off does not give up what was written to live since', async () => {
  await prepare({
    config: verified,
    files: {
      ...defaultFiles,
      'checks/01.sql': 'select count(*) > 1000 as never from staging.orders;',
    },
  });
  // Killed right after the exchange: the rename is the last file operation before the verification.
  const preload = join(process.cwd(), 'test', 'support', 'kill-after-rename.mjs');
  const killed = await project.runWith({ node: ['--import', preload] }, 'swap', '-r', 'a');
  expect(killed.signal).toBe('SIGKILL');
  expect(await project.json('status')).toMatchObject({ live_release: 'a' });
  await project.sql('warehouse.duckdb', "insert into staging.orders values (1000, 'late', 1)");

  const again = await project.run('swap', '-r', 'a');
  expect(again.exitCode).toBe(1);
  expect(again.stderr).toContain('somebody has written to live since the exchange');
  const count = 'select count(*) as n from staging.orders';
  expect(await project.sql('warehouse.duckdb', count)).toEqual([{ n: '101' }]);

  const back = await project.json<{ written_since_swap: string[]; kept: string }>('rollback');
  expect(back.written_since_swap.join()).toContain(
    'staging.orders: 100 rows when released, 101 now',
  );
  expect(await project.sql('warehouse.duckdb', count)).toEqual([{ n: '100' }]);
});

test('a swap that was cut off after the exchange is ended by what was reviewed, and before anything else', async () => {
  const check = 'select count(*) = 100 as hundred from staging.orders;';
  await prepare({ config: verified, files: { ...defaultFiles, 'checks/01.sql': check } });
  const preload = join(process.cwd(), 'test', 'support', 'kill-after-rename.mjs');
  const killed = await project.runWith({ node: ['--import', preload] }, 'swap', '-r', 'a');
  expect(killed.signal).toBe('SIGKILL');
  const before = await project.fingerprint();
  for (const step of ['clone', 'migrate', 'simulate', 'compare']) {
    const { exitCode, stderr } = await project.run(step, '-r', 'a');
    expect([step, exitCode, stderr]).toEqual([
      step,
      3,
      expect.stringContaining('The swap of a has not come to its end'),
    ]);
  }

  await project.write('checks/01.sql', 'select false as never;');
  const other = await project.run('swap', '-r', 'a');
  expect(other.exitCode).toBe(3);
  expect(other.stderr).toContain('the files in hand are not those that were reviewed');
  expect(other.stderr).toContain('~ checks/01.sql');
  expect(other.stderr).toContain('is not verified yet');
  expect(await project.fingerprint()).toBe(before);

  await project.write('checks/01.sql', check);
  expect(await project.json('swap', '-r', 'a')).toMatchObject({ state: 'swapped', verified: 1 });
});

test('a return that was cut off is made by the next swap', async () => {
  await prepare({
    config: verified,
    files: { ...defaultFiles, 'checks/01.sql': 'select false as never;' },
  });
  const before = await project.fingerprint();
  const preload = join(process.cwd(), 'test', 'support', 'kill-after-rename.mjs');
  const killed = await project.runWith(
    { node: ['--import', preload], env: { KILL_BEFORE_RETURN: '1' } },
    'swap',
    '-r',
    'a',
  );
  expect(killed.signal).toBe('SIGKILL');
  expect(await project.fingerprint()).not.toBe(before);
  const again = await project.run('swap', '-r', 'a');
  expect(again.exitCode).toBe(1);
  expect(again.stderr).toContain('the old database was put back');
  expect(await project.fingerprint()).toBe(before);
});

test('macros with their defaults, types, and the order of columns are compared and watched for drift', async () => {
  project = await makeProject({
    live: `${defaultLive};
      create macro marts.rate(a, b := 5) as a * b;
      create macro marts.plus(x) as x + 1, (x, y) as x + y;
      create type marts.pair as struct(a int);
      create table marts.ordered (a integer, b integer);`,
    files: {
      'migrations/V1__all.sql': `
        create or replace macro marts.rate(a, b := 50) as a * b;
        create or replace macro marts.plus(x) as x + 1000, (x, y) as x + y;
        drop type marts.pair; create type marts.pair as struct(b varchar);
        drop table marts.ordered; create table marts.ordered (b integer, a integer);`,
      'logic/1.sql': 'select 1;',
    },
  });
  await project.json('clone', '-r', 'drift');
  for (const step of ['clone', 'migrate', 'simulate']) await project.json(step, '-r', 'a');
  const compared = await project.json<{
    verdict: string;
    objects: { kind: string; name: string }[];
    tables: { table: string; status: string }[];
  }>('compare', '-r', 'a');
  expect(compared.verdict).toBe('unexplained');
  const changed = compared.objects.map(({ kind, name }) => `${kind} ${name}`).join('\n');
  for (const name of ['marts.rate', 'marts.plus', 'marts.pair']) expect(changed).toContain(name);
  expect(compared.tables.find(({ table }) => table === 'marts.ordered')?.status).toBe('changed');

  await project.sql('warehouse.duckdb', 'create or replace macro marts.rate(a, b := 7) as a * b');
  const { gate } = await project.json<{ gate: { reasons: { condition: string }[] } }>(
    'status',
    '-r',
    'drift',
    '--gate',
  );
  expect(gate.reasons.map(({ condition }) => condition)).toContain('drift');
});

test('what is left out of the comparison cannot be lost unseen', async () => {
  project = await makeProject({
    live: `${defaultLive}; create schema o; create table o.secret as select 1 as id; create view o.v as select 1 as one;`,
    config: `${defaultConfig.replace('input: [staging.*]', 'input: [staging.*], result: [marts.*], ignore: [marts.revenue.amount]')}`,
    files: {
      'migrations/V1__x.sql': 'alter table marts.revenue add column note varchar;',
      'logic/1.sql': `drop table o.secret; create or replace view o.v as select 2 as one;
        drop view marts.top; alter table marts.revenue drop column amount;`,
    },
  });
  for (const step of ['clone', 'migrate', 'simulate']) await project.json(step, '-r', 'a');
  const compared = await project.json<{
    verdict: string;
    tables: { table: string; status: string; columns: { column: string; status: string }[] }[];
  }>('compare', '-r', 'a');
  expect(compared.verdict).toBe('unexplained');
  const of = (name: string) => compared.tables.find(({ table }) => table === name);
  expect(of('o.secret')?.status).toBe('removed');
  expect(of('o.v')?.status).toBe('changed');
  expect(of('marts.revenue')?.columns).toContainEqual(
    expect.objectContaining({ column: 'amount', status: 'removed' }),
  );
  expect((await project.run('swap', '-r', 'a')).exitCode).toBe(3);
});

test('a sequence that is named with its database is found', async () => {
  project = await makeProject({ live: `${defaultLive}; create sequence ids` });
  await project.sql(
    'warehouse.duckdb',
    "create view next_id as select nextval('warehouse.ids') as id",
  );
  for (const step of ['clone', 'migrate']) await project.json(step, '-r', 'a');
  const run = await project.run('simulate', '-r', 'a');
  expect(run.exitCode).toBe(3);
  expect(run.stderr).toContain('view main.next_id names warehouse');
});
