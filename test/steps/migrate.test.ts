import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { projects } from '../support/fork.ts';
import { defaultConfig, makeProject, type Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// Five tests at a time share two processes.
jest.setTimeout(120_000);

const quick = quickly();
const track = (name: string) => `insert into main.ran values ('${name}');\n`;
const bases = projects({
  cloned: async (): Promise<Project> => {
    const project = await makeProject({
      live: 'create table ran (name varchar); create table t (id integer primary key)',
      config: defaultConfig.replace(/compare.*\n/, ''),
      files: { 'logic/01.sql': 'select 1;', 'migrations/.keep': '' },
    });
    await quick.json(project, 'clone', '--release', 'pr-1');
    return project;
  },
  released: async (): Promise<Project> => {
    const project = await bases.fork('cloned');
    await project.write('migrations/V1__one.sql', track('one'));
    await project.write('migrations/R__again.sql', track('again'));
    await goLive(project, 'pr-1');
    await quick.json(project, 'clone', '--release', 'pr-2');
    return project;
  },
});
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

const candidate = '.greenlight/pr-1/candidate/warehouse.duckdb';

async function goLive(project: Project, id: string): Promise<void> {
  for (const step of ['migrate', 'simulate']) await quick.json(project, step, '--release', id);
  const { digest } = await quick.json<{ digest: string }>(project, 'compare', '--release', id);
  await quick.json(project, 'approve', '--release', id, '--digest', digest, '--by', 'alice');
  await quick.json(project, 'swap', '--release', id);
}

async function ran(project: Project): Promise<unknown[]> {
  return (await project.sql(candidate, 'select name from ran')).map(({ name }) => name);
}

describe('scripts', () => {
  test.concurrent('run in the order of their versions, repeatable ones last', async () => {
    const project = await bases.fork('cloned');
    const names = ['V10__d', 'V2__c', 'V1.1__b', 'V1__a', 'R__z', 'R__a', 'deeper/V1.1.1__b2'];
    for (const name of names) await project.write(`migrations/${name}.sql`, track(name));
    const result = await quick.json(project, 'migrate');
    const order = ['V1__a', 'V1.1__b', 'deeper/V1.1.1__b2', 'V2__c', 'V10__d', 'R__a', 'R__z'];
    expect(await ran(project)).toEqual(order);
    expect(result).toEqual({
      release: 'pr-1',
      state: 'migrated',
      applied: order.map((name) => `${name.split('/').at(-1)}.sql`),
      skipped: [],
    });
    expect(
      await project.sql(
        'greenlight.duckdb',
        'select script, kind, state, statements, transactional from migration order by position limit 1',
      ),
    ).toEqual([
      {
        script: 'V1__a.sql',
        kind: 'versioned',
        state: 'applied',
        statements: '1',
        transactional: true,
      },
    ]);
  });

  test.concurrent('run once on a candidate; new ones are added', async () => {
    const project = await bases.fork('cloned');
    await project.write('migrations/V1__a.sql', track('a'));
    await quick.json(project, 'migrate');
    await project.write('migrations/V2__b.sql', track('b'));
    expect(await quick.json(project, 'migrate')).toMatchObject({
      applied: ['V2__b.sql'],
      skipped: ['V1__a.sql'],
    });
    expect(await ran(project)).toEqual(['a', 'b']);
  });

  test.concurrent('leave a candidate simulated when there is nothing to run', async () => {
    const project = await bases.fork('cloned');
    await project.write('migrations/V1__a.sql', track('a'));
    await quick.steps(project, 'simulate');
    expect(await quick.json(project, 'migrate')).toMatchObject({ state: 'simulated', applied: [] });
    await quick.json(project, 'compare');
  });

  test.concurrent('that an earlier release took to live do not run again', async () => {
    const project = await bases.fork('released');
    expect(await quick.json(project, 'migrate', '-r', 'pr-2')).toMatchObject({
      applied: [],
      skipped: ['V1__one.sql', 'R__again.sql'],
    });
  });

  test.concurrent('that a release brought which was rolled back run again', async () => {
    const project = await bases.fork('released');
    await quick.json(project, 'rollback', '-r', 'pr-1');
    await quick.json(project, 'clone', '-r', 'pr-3');
    expect(await quick.json(project, 'migrate', '-r', 'pr-3')).toMatchObject({
      applied: ['V1__one.sql', 'R__again.sql'],
    });
  });

  test.concurrent('that live holds must not change; repeatable ones run again when they do', async () => {
    const project = await bases.fork('released');
    await project.write('migrations/R__again.sql', `${track('again')}-- changed\n`);
    expect(await quick.json(project, 'migrate', '-r', 'pr-2')).toMatchObject({
      applied: ['R__again.sql'],
    });
    await project.write('migrations/V1__one.sql', `${track('one')}-- changed\n`);
    const { error } = await quick.refusal(1, project, 'migrate', '-r', 'pr-2');
    expect(error.what).toBe(
      'The script was applied to live by release pr-1 and has changed since.',
    );
    expect(error.where).toBe('migrations/V1__one.sql');
    expect(error.cause).toMatch(/^checksum when applied [0-9a-f]{64}, now [0-9a-f]{64}$/);
    expect(error.help).toContain('as a new version');
  });

  test.concurrent('that the candidate holds must not change, of either kind', async () => {
    const project = await bases.fork('cloned');
    await project.write('migrations/V1__a.sql', track('a'));
    await project.write('migrations/R__r.sql', track('r'));
    await quick.json(project, 'migrate');
    for (const name of ['V1__a', 'R__r']) {
      await project.write(`migrations/${name}.sql`, track('changed'));
      const { error } = await quick.refusal(1, project, 'migrate');
      expect(error.what).toBe('The script was applied to this candidate and has changed since.');
      expect(error.cause).toMatch(/checksum when applied [0-9a-f]{64}, now [0-9a-f]{64}/);
      expect(error.help).toContain('greenlight clone --release pr-1');
      await project.write(`migrations/${name}.sql`, track(name === 'V1__a' ? 'a' : 'r'));
    }
  });

  test.concurrent('that fail are told with file and line, and leave nothing behind', async () => {
    const project = await bases.fork('cloned');
    const before = await project.fingerprint();
    await project.write('migrations/V1__a.sql', track('a'));
    await project.write(
      'migrations/V2__b.sql',
      `${track('b')}\ninsert into\n  missing.table\n  values (1);\n`,
    );
    const { error } = await quick.refusal(1, project, 'migrate');
    expect(error.where).toBe('migrations/V2__b.sql:3');
    expect(error.what).toContain('3 | insert into');
    expect(error.cause).toContain('missing');
    expect(error.live).toBe('live is unchanged');
    expect(await ran(project)).toEqual(['a']);
    expect(await project.fingerprint()).toBe(before);

    await project.write('migrations/V2__b.sql', track('b'));
    await quick.json(project, 'migrate');
    expect(await ran(project)).toEqual(['a', 'b']);
  });

  test.concurrent('that run without a transaction do not run twice either', async () => {
    const project = await bases.fork('cloned');
    await project.write(
      'migrations/V1__a.sql',
      `-- greenlight: no transaction\n${track('a')}select missing;\n`,
    );
    await quick.refusal(1, project, 'migrate');
    await project.write('migrations/V1__a.sql', `-- greenlight: no transaction\n${track('a')}`);
    const { exitCode, stderr } = await quick.run(project, 'migrate');
    expect(exitCode).toBe(0);
    expect(stderr).toContain('without a transaction');
    expect(await ran(project)).toEqual(['a']);
  });

  test.concurrent('need a name of a migration, and one version each', async () => {
    const project = await bases.fork('cloned');
    for (const name of ['init.sql', 'V1_one.sql', 'v1__one.sql', 'V__one.sql', 'V1__.sql']) {
      await project.write(`migrations/${name}`, 'select 1;');
      const { error } = await quick.refusal(1, project, 'migrate');
      expect(error.where).toBe(`migrations/${name}`);
      expect(error.help).toContain('V<version>__<name>.sql');
      await project.remove(`migrations/${name}`);
    }
    await project.write('migrations/V1.0__a.sql', 'select 1;');
    await project.write('migrations/V1__b.sql', 'select 1;');
    const { error } = await quick.refusal(1, project, 'migrate');
    expect(error.what).toBe('Two migration scripts have the same version.');
    expect(error.where).toContain('migrations/V1.0__a.sql');
    expect(error.where).toContain('migrations/V1__b.sql');
    await project.remove('migrations/V1__b.sql');
    await project.remove('migrations/V1.0__a.sql');
    await project.write('migrations/R__r.sql', 'select 1;');
    await project.write('migrations/deeper/R__r.sql', 'select 1;');
    expect((await quick.refusal(1, project, 'migrate')).error.what).toBe(
      'Two migration scripts have the same name.',
    );
  });

  for (const [name, statement] of [
    ['live', "attach 'warehouse.duckdb' as prod;"],
    ['the baseline', "attach '.greenlight/pr-1/baseline/warehouse.duckdb' as base;"],
    ['the ledger', "copy (select 1) to 'greenlight.duckdb';"],
    ['a path that cannot be read', "set variable p = 'x'; attach getvariable('p') as prod;"],
  ] as const) {
    test.concurrent(`cannot reach ${name}`, async () => {
      const project = await bases.fork('cloned');
      const before = await project.fingerprint();
      await project.write('migrations/V1__a.sql', `${track('a')}${statement}\n`);
      const { error } = await quick.refusal(1, project, 'migrate');
      expect(error.where).toBe('migrations/V1__a.sql:2');
      expect(await ran(project)).toEqual([]);
      expect(await project.fingerprint()).toBe(before);
    });
  }

  test.concurrent('run on a candidate made anew when somebody wrote to it', async () => {
    const project = await bases.fork('cloned');
    await project.write('migrations/V1__a.sql', track('a'));
    await quick.json(project, 'migrate');
    await project.sql(candidate, track('somebody'));
    const { stderr } = await quick.run(project, 'migrate');
    expect(stderr).toContain('made anew');
    expect(await ran(project)).toEqual(['a']);
  });

  test.concurrent('come after the clone', async () => {
    const project = bases.keep(await makeProject());
    expect((await quick.refusal(2, project, 'migrate', '-r', 'pr-1')).error.help).toBe(
      'greenlight clone --release pr-1',
    );
    expect((await quick.refusal(2, project, 'migrate')).error.help).toBe(
      'greenlight clone --release ID',
    );
  });
});

describe("the team's own tool", () => {
  const withCommand = async (command: string, more = '') => {
    const project = await bases.fork('cloned');
    await project.write(
      'greenlight.yml',
      `version: 1\nengine: duckdb\nlive: warehouse.duckdb\nmigrate: { command: ${JSON.stringify(command)}${more} }\n`,
    );
    return project;
  };
  const show = 'env > seen.txt';

  test.concurrent('gets the candidate, and nothing that leads to live', async () => {
    const project = await withCommand(show);
    const { exitCode, stderr } = await quick.runWith(
      {
        DATABASE_URL: `duckdb://${project.path('warehouse.duckdb')}`,
        PROD: project.path('warehouse.duckdb'),
        ENCODED: encodeURIComponent(project.path('warehouse.duckdb')),
        OTHER: 'kept',
      },
      project,
      'migrate',
    );
    expect(exitCode).toBe(0);
    expect(stderr).toContain('Kept from the command: DATABASE_URL, ENCODED, PROD.');
    expect(stderr).not.toContain(`duckdb://`);
    const seen = await readFile(project.path('seen.txt'), 'utf8');
    expect(seen).toContain(`GREENLIGHT_DATABASE=${project.path(candidate)}\n`);
    expect(seen).toContain('GREENLIGHT_RELEASE=pr-1\n');
    expect(seen).toMatch(/GREENLIGHT_NOW=\d{4}-/);
    expect(seen).toContain('OTHER=kept\n');
    expect(seen).not.toContain(`${project.folder}/warehouse.duckdb`);
    expect(seen).not.toMatch(/^(PROD|ENCODED|DATABASE_URL)=/m);
  });

  test.concurrent('runs once, and not again when it has changed', async () => {
    const project = await withCommand('echo ran >> runs.txt', ', paths: [model.txt]');
    await project.write('model.txt', 'one');
    expect(await quick.json(project, 'migrate')).toMatchObject({
      applied: ['echo ran >> runs.txt'],
    });
    expect(await quick.json(project, 'migrate')).toMatchObject({ applied: [] });
    await project.write('model.txt', 'two');
    const { error } = await quick.refusal(1, project, 'migrate');
    expect(error.what).toContain('has changed since it ran');
    expect(error.cause).toMatch(/checksum when it ran [0-9a-f]{64}, now [0-9a-f]{64}/);
    expect(error.help).toContain('greenlight clone --release pr-1');
  });

  test.concurrent('that fails is told with its exit code and last lines', async () => {
    const project = await withCommand('echo the cause is here >&2; exit 7');
    const { error } = await quick.refusal(1, project, 'migrate');
    expect(error.what).toContain('failed with exit code 7');
    expect(error.cause).toContain('the cause is here');
    // The next run starts from a candidate in which half of a tool's work cannot be.
    const { stderr } = await quick.run(project, 'migrate');
    expect(stderr).toContain('made anew');
  });

  test.concurrent('that hangs is stopped with everything that it started', async () => {
    const project = await withCommand(
      '(sleep 60; echo late > late.txt) & echo $! > child.txt; sleep 60',
      ', timeout: 300ms',
    );
    const { error } = await quick.refusal(1, project, 'migrate');
    expect(error.what).toContain('did not end within 300 ms');
    expect(error.help).toContain('timeout');
    const child = Number(await readFile(project.path('child.txt'), 'utf8'));
    expect(() => process.kill(child, 0)).toThrow('ESRCH');
  });
});
