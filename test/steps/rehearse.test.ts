import { readFile, stat, writeFile } from 'node:fs/promises';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { filesBelow, projects } from '../support/fork.ts';
import { approveLatest, doing } from '../support/late.ts';
import { cli, defaultConfig, defaultFiles, makeProject, type Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

jest.setTimeout(240_000);

const quick = quickly();
const scratch = '.greenlight/pr-1/rehearsal';
const databases = ['', '.greenlight/pr-1/baseline/', '.greenlight/pr-1/candidate/'].map(
  (folder) => `${folder}warehouse.duckdb`,
);

const bases = projects({
  simulated: async () => {
    const project = await makeProject({
      config: `${defaultConfig}swap: { verify: [checks/*.sql, { command: 'env > said' }] }\n`,
      files: {
        ...defaultFiles,
        'checks/rows.sql': 'select count(*) = 7 as seven from marts.revenue where note is null;\n',
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

/** Content, identity and times of live, baseline and candidate. */
const state = (project: Project) =>
  Promise.all(
    databases.map(async (file) => {
      const { ino, mtimeMs, size } = await stat(project.path(file));
      return [await project.fingerprint(file), ino, mtimeMs, size];
    }),
  );
const rehearsals = (project: Project) =>
  project.sql(
    'greenlight.duckdb',
    `select state, verified, failures, exchange_ms > 0 and verify_ms > 0 and rollback_ms > 0 as measured from rehearsal order by id`,
  );

describe('swap --rehearse', () => {
  test.concurrent('swaps, verifies and rolls back copies, measures that, and touches nothing', async () => {
    const project = await bases.fork('compared');
    const before = await state(project);
    // Nobody has approved yet: the gate is closed, and that does not matter here.
    const result = await quick.json(project, 'swap', '--rehearse');
    expect(result).toEqual({
      release: 'pr-1',
      rehearsed: true,
      exchange_ms: expect.any(Number),
      verify_ms: expect.any(Number),
      rollback_ms: expect.any(Number),
      verified: 2,
    });
    expect(await state(project)).toEqual(before);
    expect(await filesBelow(project, scratch)).toEqual([]);
    expect(await rehearsals(project)).toEqual([
      { state: 'done', verified: '2', failures: null, measured: true },
    ]);
    expect(
      await project.sql('greenlight.duckdb', 'select count(*)::integer as n from swap'),
    ).toEqual([{ n: 0 }]);
    // The command was led to the copy, and saw nothing of live.
    const environment = await readFile(project.path('said'), 'utf8');
    expect(environment).toContain(
      `GREENLIGHT_DATABASE=${project.path(`${scratch}/live/warehouse.duckdb`)}`,
    );
    expect(environment).not.toContain(project.path('warehouse.duckdb'));
    await approveLatest(quick, project);
    await quick.json(project, 'swap');
    const { stdout } = await quick.run(project, 'status');
    expect(stdout).toContain('swapped');
  });

  test.concurrent('goes through the exchange that live goes through', async () => {
    const project = await bases.fork('compared');
    const run = await project.runWith(
      doing('touch exchanged', `^rename .*${scratch}/candidate/warehouse.duckdb$`),
      'swap',
      '--rehearse',
    );
    expect(run.stdout).toContain('live was not touched');
    expect(run.exitCode).toBe(0);
    await stat(project.path('exchanged'));
  });

  test.concurrent('tells when the verification would put the old database back', async () => {
    const project = await bases.fork('simulated');
    await project.write('checks/rows.sql', 'select false as never;\n');
    await quick.json(project, 'compare');
    const before = await state(project);
    const { error } = await quick.refusal(1, project, 'swap', '--rehearse');
    expect(error.what).toContain('The verification fails; a swap would put the old database back');
    expect(error.what).toContain('never is not true');
    expect(error.live).toBe('live is unchanged');
    expect(await state(project)).toEqual(before);
    expect(await rehearsals(project)).toMatchObject([{ state: 'failed', measured: true }]);
    expect(await filesBelow(project, scratch)).toEqual([]);
  });

  test.concurrent('lets no check reach live by its path', async () => {
    const project = await bases.fork('simulated');
    await project.write(
      'checks/rows.sql',
      `attach 'warehouse.duckdb' as prod; insert into prod.marts.revenue values ('odd', 1);\nselect true;\n`,
    );
    await quick.json(project, 'compare');
    const before = await state(project);
    const { error } = await quick.refusal(1, project, 'swap', '--rehearse');
    expect(error.what).toContain('checks/rows.sql:1: it names warehouse.duckdb, which is live');
    expect(error.live).toBe('live is unchanged');
    expect(await state(project)).toEqual(before);
  });

  test.concurrent('finds out when the way back brings back something else', async () => {
    const project = await bases.fork('compared');
    // Somebody puts another file in place of the kept one before it is exchanged back.
    const kept = `${scratch}/previous/warehouse.duckdb`;
    const other = `cp ${databases[2]} x && mv x ${kept}`;
    const run = await project.runWith(doing(other, `^rename .*${kept}$`), 'swap', '--rehearse');
    expect(run.stderr).toContain('After the rehearsed rollback, the database is not what it was');
    expect(run.exitCode).toBe(1);
  });

  test.concurrent('is only for what was compared, and is as it was then', async () => {
    const project = await bases.fork('simulated');
    const early = await quick.refusal(2, project, 'swap', '--rehearse');
    expect(early.error.help).toBe('greenlight compare --release pr-1');
    await quick.json(project, 'compare');
    await project.sql(databases[2] as string, 'delete from marts.revenue');
    const changed = await quick.refusal(1, project, 'swap', '--rehearse');
    expect(changed.error.what).toBe('Somebody changed the candidate since it was compared.');
  });

  test.concurrent('leaves alone what it did not make', async () => {
    const project = await bases.fork('compared');
    await project.write(`${scratch}/live/warehouse.duckdb`, 'mine');
    const { error } = await quick.refusal(1, project, 'swap', '--rehearse');
    expect(error.what).toBe('Something else is where the swap would be rehearsed.');
    expect(await readFile(project.path(`${scratch}/live/warehouse.duckdb`), 'utf8')).toBe('mine');
    await quick.json(project, 'retire');
    expect(await readFile(project.path(`${scratch}/live/warehouse.duckdb`), 'utf8')).toBe('mine');
  });

  test.concurrent('that was killed is cleared away by the next one, and by retire', async () => {
    const project = await bases.fork('compared');
    const before = await state(project);
    const kill = doing('kill -9 $PPID', `^rename .*${scratch}/candidate/warehouse.duckdb$`);
    const killed = async () => {
      expect((await project.runWith(kill, 'swap', '--rehearse')).signal).toBe('SIGKILL');
      expect(await state(project)).toEqual(before);
      expect((await filesBelow(project, scratch)).length).toBeGreaterThan(0);
    };
    await killed();
    await writeFile(project.path(`${scratch}/live/warehouse.duckdb.partial-99`), 'half a copy');
    await quick.json(project, 'swap', '--rehearse');
    expect(await filesBelow(project, scratch)).toEqual([]);
    expect((await rehearsals(project)).map((row) => row.state)).toEqual(['interrupted', 'done']);
    await killed();
    const { dropped } = await quick.json<{ dropped: { role: string }[] }>(project, 'retire');
    expect(dropped.map(({ role }) => role)).toContain('rehearsal');
    expect(await filesBelow(project, scratch)).toEqual([]);
    // What somebody puts there afterwards is not claimed any more.
    expect((await rehearsals(project)).map((row) => row.state)).not.toContain('running');
  });

  test.concurrent('that was killed is cleared away by status, and one that goes on is left alone', async () => {
    const project = await bases.fork('compared');
    const at = `^rename .*${scratch}/candidate/warehouse.duckdb$`;
    const killed = await project.runWith(doing('kill -9 $PPID', at), 'swap', '--rehearse');
    expect(killed.signal).toBe('SIGKILL');
    expect((await filesBelow(project, scratch)).length).toBeGreaterThan(0);
    const { stdout } = await quick.run(project, 'status');
    expect(stdout).toContain('The rehearsal of pr-1 was cut off. Its copies are gone.');
    expect(stdout).not.toContain('rehearse was cut off');
    expect(await filesBelow(project, scratch)).toEqual([]);
    expect((await rehearsals(project)).map((row) => row.state)).toEqual(['interrupted']);

    const look = `"${process.execPath}" "${cli}" status --json > seen.json`;
    const run = await project.runWith(doing(look, at), 'swap', '--rehearse');
    expect(run.exitCode).toBe(0);
    expect(JSON.parse(await readFile(project.path('seen.json'), 'utf8'))).toMatchObject({
      settled: [],
      releases: [{ running: 'rehearse' }],
    });
  });
});
