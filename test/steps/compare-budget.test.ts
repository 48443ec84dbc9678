import { afterAll, expect, jest, test } from '@jest/globals';
import { makeProject } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

jest.setTimeout(120_000);

const quick = quickly();
afterAll(() => quick.end());

interface Compared {
  readonly digest: string;
  readonly verdict: string;
  readonly stopped: string | null;
  readonly coverage: object;
  readonly tables: { table: string; [member: string]: unknown }[];
}

// One thread: the tables are compared one after the other, in the order of their names.
const config = `version: 1
engine: duckdb
live: warehouse.duckdb
connection: { threads: 1 }
simulate: { run: [logic/*.sql] }
`;

test('a budget ends the comparison early; what was not looked at is said, and cannot be approved', async () => {
  const project = await makeProject({
    config,
    live: `create table a (id integer primary key, v integer); insert into a select i, 0 from range(5) r(i);
      create table b as select * from a; create view z as select sum(i * i % 7)::varchar as v from range(200000000000) r(i)`,
    files: { 'logic/01.sql': 'update a set v = 1; update b set v = 1;' },
  });
  try {
    for (const step of ['clone', 'simulate']) await quick.json(project, step, '-r', 'pr-1');

    const byRows = await quick.json<Compared>(project, 'compare', '--max-deviations', '4');
    const spent = '--max-deviations 4 was used up: 5 deviating rows so far';
    expect(byRows).toMatchObject({ verdict: 'unexplained', stopped: spent });
    expect(byRows.tables.map(({ table, status, skipped }) => [table, status, skipped])).toEqual([
      ['main.a', 'skipped', 'budget'],
      ['main.b', 'skipped', 'budget'],
      ['main.z', 'skipped', 'budget'],
    ]);
    expect(byRows.tables[0]).toMatchObject({
      reason: `5 deviating rows counted and not recorded: ${spent}`,
      old_rows: 5,
      new_rows: 5,
    });
    expect(byRows.tables[1]?.reason).toBe(`not looked at: ${spent}`);
    expect(byRows.coverage).toMatchObject({
      tables: { compared: 0, total: 3 },
      columns: { compared: 0, total: 5 },
      rows: { compared: 0, total: 20 },
    });
    const approval = ['approve', '--digest', byRows.digest, '--by', 'alice'];
    const refused = await quick.refusal(3, project, ...approval);
    expect(refused.error.what).toMatch(/ended early: nobody has seen all deviations/);
    const { gate } = await quick.refusal(3, project, 'swap');
    expect(gate?.reasons[0]).toMatchObject({ condition: 'comparison' });
    expect(gate?.reasons[0]?.found).toContain(spent);

    // The rows of z take minutes: the statement is interrupted.
    const byTime = await quick.run(project, 'compare', '--max-seconds', '2');
    expect(byTime.stdout).toContain('Ended early: --max-seconds 2 was used up.');
    expect(byTime.stdout).toContain('Skipped main.z: not looked at: --max-seconds 2 was used up');
    expect(byTime.stdout).toMatch(/main\.b +changed/);

    const wrong = await quick.run(project, 'compare', '--max-seconds', '-1');
    expect(wrong.exitCode).toBe(2);
  } finally {
    await project.dispose();
  }
});

test('rows that were only counted column by column are told as a lower bound', async () => {
  const project = await makeProject({
    config,
    live: 'create table a (id integer primary key, v integer, w integer); insert into a select i, 0, 0 from range(5) r(i)',
    files: {
      'logic/01.sql': 'update a set v = 1 where id < 3; update a set w = 1 where id >= 3;',
    },
  });
  try {
    for (const step of ['clone', 'simulate']) await quick.json(project, step, '-r', 'pr-1');
    const { tables } = await quick.json<Compared>(project, 'compare', '--max-deviations', '1');
    expect(tables[0]?.reason).toMatch(/^at least 3 deviating rows counted and not recorded: /);
  } finally {
    await project.dispose();
  }
});

test('a budget that suffices changes nothing; nor do --no-lineage and --no-patterns change what is found', async () => {
  const project = await makeProject({
    config,
    live: `create table a (id integer primary key, v integer); insert into a select i, 0 from range(5) r(i);
      create table b as select * from a`,
    files: { 'logic/01.sql': 'update a set v = 1;' },
  });
  try {
    for (const step of ['clone', 'simulate']) await quick.json(project, step, '-r', 'pr-1');
    const plain = await quick.json<Compared>(project, 'compare');
    const budget = ['--max-seconds', '1000', '--max-deviations', '5'];
    const within = await quick.json<Compared>(project, 'compare', ...budget);
    expect(within).toMatchObject({ digest: plain.digest, stopped: null });
    expect(proofs(plain)).toEqual(['exact', 'lineage']);

    const byValue = await quick.json<Compared>(project, 'compare', '--no-lineage', '--no-patterns');
    expect(byValue.digest).toBe(plain.digest);
    expect(proofs(byValue)).toEqual(['exact', 'exact']);
    const patterns = ({ tables }: Compared) =>
      (tables[0] as unknown as { columns: { pattern: string | null }[] }).columns.map(
        ({ pattern }) => pattern,
      );
    expect(patterns(plain)).toEqual([null, expect.stringContaining('new')]);
    expect(patterns(byValue)).toEqual([null, null]);
  } finally {
    await project.dispose();
  }
});

function proofs({ tables }: Compared): unknown[] {
  return tables.map(({ proof }) => proof);
}
