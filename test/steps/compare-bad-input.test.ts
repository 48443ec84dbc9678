import { afterAll, expect, jest, test } from '@jest/globals';
import { defaultConfig, makeProject } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

jest.setTimeout(120_000);

const quick = quickly();
afterAll(() => quick.end());

interface Compared {
  readonly verdict: string;
  readonly coverage: { skipped: { table: string; reason: string }[] };
  readonly tables: { table: string; [member: string]: unknown }[];
}

const live = `create schema marts;
  create table marts.twice (id integer, v integer); insert into marts.twice values (1, 1), (1, 2);
  create table marts.unchanged as from marts.twice;
  create table marts.texts (id integer primary key, v varchar); insert into marts.texts values (1, '5');
  create view marts.numbers as select id, cast(v as integer) as v from marts.texts`;

test('what cannot be compared is named in the result, in the text and by the gate; it is no pass', async () => {
  const project = await makeProject({
    live,
    config: defaultConfig
      .replace(/migrate.*\n/, '')
      .replace(/compare:.*/, 'compare: { keys: { marts.twice: [id], marts.unchanged: [id] } }'),
    files: {
      'logic/01.sql':
        "update marts.texts set v = 'secret text'; insert into marts.twice values (2, 2);",
    },
  });
  try {
    for (const step of ['clone', 'simulate']) await quick.json(project, step, '-r', 'pr-1');
    const result = await quick.json<Compared>(project, 'compare');
    expect(result.verdict).toBe('unexplained');
    expect(result.coverage.skipped.map(({ table }) => table)).toEqual(['marts.numbers']);
    const [numbers, , twice] = result.tables;
    expect(numbers).toMatchObject({ status: 'skipped', skipped: 'unreadable' });
    expect(numbers?.reason).toMatch(/^cannot be read: Conversion Error/);
    expect(twice).toMatchObject({ status: 'changed', key: null, added: 1 });
    expect(twice?.reason).toMatch(/1 duplicate key value on the old side; name a key/);
    const { stdout } = await quick.run(project, 'compare');
    expect(stdout).toMatch(/Skipped marts\.numbers: cannot be read/);
    expect(stdout).toMatch(/marts\.twice: compared without its key \(id\)/);
    expect(stdout).toMatch(/^Identical marts\.unchanged: compared without its key \(id\)/m);
    expect(stdout).not.toContain('secret text');
    const report = await quick.run(project, 'report');
    expect(report.stdout).toMatch(/^identical marts\.unchanged: compared without its key \(id\)/m);
    const { noted } = await quick.json<{ noted: { table: string }[] }>(project, 'report');
    expect(noted.map(({ table }) => table)).toEqual(['marts.unchanged']);
    const { gate } = await quick.refusal(3, project, 'swap');
    expect(gate?.open).toBe(false);

    // Half a key is no key.
    await project.write(
      'greenlight.yml',
      defaultConfig
        .replace(/migrate.*\n/, '')
        .replace(/compare:.*/, 'compare: { keys: { marts.twice: [id, w] } }'),
    );
    const { error } = await quick.refusal(2, project, 'compare');
    expect(error.what).toBe('marts.twice has no column w.');
    expect(error.where).toBe('greenlight.yml: compare.keys.marts.twice');
  } finally {
    await project.dispose();
  }
});

test('texts that hold a NUL are compared and described, and an odd one ends nothing', async () => {
  const project = await makeProject({
    live: `create table t (id integer primary key, s varchar, g varchar);
      insert into t select i, 'text' || i || chr(0) || 'x', case when i < 10 then 'a' || chr(0) else 'b' end from range(100) r(i);
      create schema "s.a"; create schema s;
      create view "s.a".b as select id as x from t; create view s."a.b" as select id as y from t`,
    config: `version: 1
engine: duckdb
live: warehouse.duckdb
simulate: { run: [logic/*.sql] }
privacy: full
`,
    files: { 'logic/01.sql': "update t set s = 'new' || chr(0) || 'b' where g = 'b'" },
  });
  try {
    for (const step of ['clone', 'simulate']) await quick.json(project, step, '-r', 'pr-1');
    const { tables } = await quick.json<Compared>(project, 'compare');
    const changed = tables.find(({ table }) => table === 'main.t');
    expect(changed).toMatchObject({ status: 'changed', changed: 90 });
    expect(changed?.columns).toContainEqual(
      expect.objectContaining({
        column: 's',
        pattern: "default (new = ('new' || chr(0) || 'b')); only g = 'b'",
      }),
    );
    // Their names are the same but for the quotes.
    const views = tables.filter(({ kind }) => kind === 'view');
    expect(views.map(({ status }) => status)).toEqual(['identical', 'identical']);
  } finally {
    await project.dispose();
  }
});

test('a tolerance on a key column is refused: it would bring nothing together', async () => {
  const project = await makeProject({
    live: 'create table t (id double primary key, b double); insert into t values (1, 2)',
    config: `version: 1
engine: duckdb
live: warehouse.duckdb
simulate: { run: [logic/*.sql] }
compare: { tolerance: { main.t.id: { absolute: 0.01 } } }
`,
    files: { 'logic/01.sql': 'update t set b = 3' },
  });
  try {
    for (const step of ['clone', 'simulate']) await quick.json(project, step, '-r', 'pr-1');
    const { error } = await quick.refusal(2, project, 'compare');
    expect(error.what).toMatch(/^main\.t\.id cannot have a tolerance: it is part of the key/);
    expect(error.where).toBe('greenlight.yml: compare.tolerance.main.t.id');
  } finally {
    await project.dispose();
  }
});
