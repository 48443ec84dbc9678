import { copyFile, link, mkdir, rename, rm } from 'node:fs/promises';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { loadConfig } from '../../src/config/load.ts';
import { filesBelow, projects } from '../support/fork.ts';
import { doing } from '../support/late.ts';
import { defaultConfig, makeProject, type Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// Five tests at a time share two processes.
jest.setTimeout(120_000);

const quick = quickly();
const bases = projects({
  new: (): Promise<Project> => makeProject(),
  compared: async (): Promise<Project> => {
    const project = await makeProject();
    await quick.steps(project, 'compare');
    return project;
  },
  swapped: async (): Promise<Project> => {
    const project = await bases.fork('compared');
    await approve(project);
    await quick.json(project, 'swap');
    return project;
  },
});
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

const place = (role: string) => `.greenlight/pr-1/${role}/warehouse.duckdb`;

async function approve(project: Project) {
  const { releases } = await quick.json<{ releases: { digest: string }[] }>(project, 'status');
  await quick.json(project, 'approve', '--digest', releases[0]?.digest ?? '', '--by', 'alice');
}

interface Retired {
  readonly state: string;
  readonly dropped: { role: string; location: string; bytes: number }[];
  readonly kept: { role: string; until: string }[];
  readonly left: { role: string; reason: string }[];
}

const roles = (retired: Retired) => retired.dropped.map(({ role }) => role);

describe('retire', () => {
  test.concurrent('lists what it would drop, and drops nothing of it', async () => {
    const project = await bases.fork('compared');
    const before = await filesBelow(project);
    const result = await quick.json<Retired>(project, 'retire', '--dry-run');
    expect(roles(result)).toEqual(['candidate', 'baseline']);
    expect(result).toMatchObject({ dry_run: true, state: 'compared', left: [] });
    expect(result.dropped[0]).toMatchObject({ location: project.path(place('candidate')) });
    expect(result.dropped[0]?.bytes).toBeGreaterThan(1000);
    expect(await filesBelow(project)).toEqual(before);
  });

  test.concurrent('drops what the release keeps, with the folders, and no more', async () => {
    const project = await bases.fork('compared');
    const before = await project.fingerprint();
    await quick.json(project, 'retire');
    expect(
      (await filesBelow(project, '.greenlight')).filter((name) => !name.includes('lock')),
    ).toEqual(['.greenlight/.gitignore']);
    expect(await project.fingerprint()).toBe(before);
    const { error } = await quick.refusal(2, project, 'swap', '--release', 'pr-1');
    expect(error.what).toBe('Release pr-1 is retired.');
    expect(await quick.json<Retired>(project, 'retire', '--release', 'pr-1')).toMatchObject({
      dropped: [],
    });
  });

  test.concurrent('after a swap keeps previous for its time, so that the way back stays open', async () => {
    const project = await bases.fork('swapped');
    const before = [await project.fingerprint(), await project.fingerprint(place('previous'))];
    const listed = await quick.json<Retired>(project, 'retire', '--dry-run');
    expect(roles(listed)).toEqual(['baseline']);
    const result = await quick.json<Retired>(project, 'retire');
    expect(result).toEqual({ ...listed, dry_run: false });
    expect(result).toMatchObject({ state: 'swapped', kept: [{ role: 'previous' }] });
    const days = (Date.parse(result.kept[0]?.until ?? '') - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.9);
    expect(days).toBeLessThanOrEqual(7);
    expect(await filesBelow(project, '.greenlight/pr-1')).toEqual([place('previous')]);
    expect([await project.fingerprint(), await project.fingerprint(place('previous'))]).toEqual(
      before,
    );
    expect(await quick.json(project, 'rollback')).toMatchObject({ state: 'rolled-back' });
  });

  test.concurrent('drops previous and baseline when the time is over, never live', async () => {
    const project = await bases.fork('swapped');
    const before = await project.fingerprint();
    const swappedAgo = (interval: string) =>
      project.sql(
        'greenlight.duckdb',
        `update swap set finished_at = now() - interval ${interval}`,
      );
    await swappedAgo(`'6 days 23 hours'`);
    expect(roles(await quick.json<Retired>(project, 'retire', '--dry-run'))).toEqual(['baseline']);
    await swappedAgo(`'7 days 1 minute'`);
    const { stderr } = await quick.run(project, 'retire', '--dry-run');
    expect(stderr).toContain('cannot be rolled back');
    const result = await quick.json<Retired>(project, 'retire');
    expect(roles(result)).toEqual(['baseline', 'previous']);
    expect(result).toMatchObject({ state: 'retired', kept: [] });
    expect(await project.fingerprint()).toBe(before);
    expect((await quick.refusal(2, project, 'rollback')).error.what).toContain('retired');
  });

  test.concurrent('drops previous before its time only when told so by its name', async () => {
    const project = await bases.fork('swapped');
    const before = await project.fingerprint();
    const { stdout } = await quick.run(project, 'retire');
    expect(stdout).toMatch(/kept {2}previous .*until .*--drop-previous drops it now/);
    const result = await quick.json<Retired>(project, 'retire', '--drop-previous');
    expect(roles(result)).toEqual(['previous']);
    expect(result).toMatchObject({ state: 'retired', kept: [] });
    expect(await project.fingerprint()).toBe(before);
  });

  test.concurrent('keeps previous as long as the configuration says', async () => {
    const project = await bases.fork('swapped');
    const keep = (time: string) =>
      project.write('greenlight.yml', `${defaultConfig}retire: { keep_previous: ${time} }\n`);
    const dropped = async () => roles(await quick.json<Retired>(project, 'retire', '--dry-run'));
    await keep('3650d');
    expect(await dropped()).toEqual(['baseline']);
    await keep('0s');
    expect(await dropped()).toEqual(['baseline', 'previous']);
    await keep('3651d');
    const { error } = await quick.refusal(2, project, 'retire');
    expect(error.cause).toContain('`retire.keep_previous` must be between 0s and 3650d');
  });

  test.concurrent('leaves a database that somebody put in the place of previous', async () => {
    const project = await bases.fork('swapped');
    await copyFile(project.path(place('previous')), project.path('mine.duckdb'));
    await rename(project.path('mine.duckdb'), project.path(place('previous')));
    const before = await project.fingerprint(place('previous'));
    const result = await quick.json<Retired>(project, 'retire', '--drop-previous');
    expect(roles(result)).toEqual(['baseline']);
    expect(result.left).toMatchObject([
      { role: 'previous', reason: 'it is not the database that Greenlight made' },
    ]);
    expect(await project.fingerprint(place('previous'))).toBe(before);
  });

  test.concurrent('drops nothing while it is not settled which database is live', async () => {
    const project = await bases.fork('swapped');
    await project.sql('greenlight.duckdb', `update swap set state = 'intended'`);
    const before = await filesBelow(project);
    for (const args of [['--dry-run'], ['--drop-previous']]) {
      const { error } = await quick.refusal(3, project, 'retire', ...args);
      expect(error.what).toContain('The swap of pr-1 has not come to its end');
      expect(error.help).toContain('greenlight swap --release pr-1');
    }
    expect(await filesBelow(project)).toEqual(before);
  });

  test.concurrent('after a rollback drops the released database, never live', async () => {
    const project = await bases.fork('swapped');
    await quick.json(project, 'rollback');
    const before = await project.fingerprint();
    const result = await quick.json<Retired>(project, 'retire', '--release', 'pr-1');
    expect(roles(result)).toEqual(['baseline', 'rolled-back']);
    expect(await project.fingerprint()).toBe(before);
  });

  test.concurrent('leaves a file that somebody put in the place of its own', async () => {
    const project = await bases.fork('compared');
    await copyFile(project.path(place('candidate')), project.path('mine.duckdb'));
    await rename(project.path('mine.duckdb'), project.path(place('candidate')));
    await project.write('.greenlight/pr-1/baseline/notes.txt', 'mine');
    const result = await quick.json<Retired>(project, 'retire');
    expect(roles(result)).toEqual(['baseline']);
    expect(result.left).toEqual([
      {
        role: 'candidate',
        location: project.path(place('candidate')),
        reason: 'it is not the database that Greenlight made',
      },
    ]);
    expect(await filesBelow(project, '.greenlight/pr-1')).toEqual([
      '.greenlight/pr-1/baseline/notes.txt',
      place('candidate'),
    ]);
  });

  test.concurrent('leaves a database that stands in its place and is live', async () => {
    const project = await bases.fork('compared');
    await rm(project.path('warehouse.duckdb'));
    await link(project.path(place('candidate')), project.path('warehouse.duckdb'));
    const before = await project.fingerprint();
    const result = await quick.json<Retired>(project, 'retire');
    expect(result.left).toMatchObject([{ role: 'candidate', reason: 'it is live' }]);
    expect(await project.fingerprint()).toBe(before);
  });

  test.concurrent('drops nothing of a release that was not cloned', async () => {
    const project = await bases.fork('new');
    await quick.refusal(2, project, 'retire', '--release', 'pr-1');
  });
});

interface Status {
  readonly live_exists: boolean;
  readonly live_release: string | null;
  readonly releases: Record<string, unknown>[];
  readonly gate: { open: boolean; reasons: { condition: string; help: string }[] } | null;
}

describe('status', () => {
  test.concurrent('names the command that comes next, all the way', async () => {
    const project = await bases.fork('new');
    const next = async () => (await quick.json<Status>(project, 'status')).releases[0];
    expect(await quick.json(project, 'status')).toMatchObject({
      live: project.path('warehouse.duckdb'),
      live_exists: true,
      live_release: null,
      releases: [],
      gate: null,
    });
    expect(await filesBelow(project)).not.toContain('greenlight.duckdb');
    for (const [step, follows] of [
      ['clone', 'migrate'],
      ['migrate', 'simulate'],
      ['simulate', 'compare'],
      ['compare', 'approve'],
    ]) {
      await quick.json(project, String(step), '--release', 'pr-1');
      expect(await next()).toMatchObject({
        next: `greenlight ${follows} --release pr-1`,
        unfinished: null,
      });
    }
    await approve(project);
    expect(await next()).toMatchObject({
      state: 'approved',
      verdict: 'unexplained',
      approved_by: ['alice'],
      next: 'greenlight swap --release pr-1',
    });
    await quick.json(project, 'swap');
    expect(await next()).toMatchObject({ state: 'swapped', next: null });
    expect(await quick.json(project, 'status')).toMatchObject({ live_release: 'pr-1' });
    await quick.json(project, 'rollback');
    expect(await next()).toMatchObject({ next: 'greenlight retire --release pr-1' });
    expect(await quick.json(project, 'status')).toMatchObject({ live_release: null });
    await quick.json(project, 'retire', '--release', 'pr-1');
    expect(await next()).toMatchObject({ state: 'retired', next: null });
    const { stdout } = await quick.run(project, 'status');
    expect(stdout).toContain('pr-1');
  });

  test.concurrent('shows a step that was cut off, and the command that ends it', async () => {
    const project = await bases.fork('compared');
    const ledger = (sql: string) => project.sql('greenlight.duckdb', sql);
    await ledger(`update step set state = 'running' where step = 'compare'`);
    const { releases } = await quick.json<Status>(project, 'status');
    expect(releases[0]).toMatchObject({ unfinished: 'compare' });
    await ledger(
      `insert into swap (id, release, direction, state, live, live_id, incoming, incoming_id, kept, intended_at)
       values (1, 'pr-1', 'swap', 'intended', '${project.path('warehouse.duckdb')}', 'a', 'i', 'b', 'k', now())`,
    );
    const status = await quick.json<Status>(project, 'status');
    expect(status.releases[0]).toMatchObject({
      unfinished: 'swap',
      next: 'greenlight swap --release pr-1',
    });
  });

  test.concurrent('--gate lists every reason, and changes nothing', async () => {
    const project = await bases.fork('compared');
    const before = [await project.fingerprint(), await filesBelow(project)];
    const closed = await quick.json<Status>(project, 'status', '--gate');
    expect(closed.gate).toMatchObject({ open: false, reasons: [{ condition: 'deviations' }] });
    await approve(project);
    const open = await quick.json<Status>(project, 'status', '--gate', '--release', 'pr-1');
    expect(open.gate).toEqual({ release: 'pr-1', open: true, reasons: [] });
    expect([await project.fingerprint(), await filesBelow(project)]).toEqual(before);
  });

  test.concurrent('--gate is closed for a release whose clone was cut off', async () => {
    const project = await bases.fork('new');
    const kill = doing('kill -9 $PPID', 'ATTACH .* AS "source"');
    const killed = await project.runWith(kill, 'clone', '--release', 'pr-1');
    expect(killed.signal).toBe('SIGKILL');
    const { gate } = await quick.json<Status>(project, 'status', '--gate', '--release', 'pr-1');
    expect(gate).toMatchObject({
      open: false,
      reasons: [{ condition: 'comparison', help: 'greenlight clone --release pr-1' }],
    });
  });

  test.concurrent('says that there is no live, and knows no release that nobody made', async () => {
    const project = await bases.fork('compared');
    await project.remove('warehouse.duckdb');
    expect(await quick.json(project, 'status')).toMatchObject({ live_exists: false });
    await quick.refusal(2, project, 'status', '--release', 'pr-9');
  });
});

describe('init', () => {
  test.concurrent('writes a configuration that a release can begin with', async () => {
    const project = await bases.fork('new');
    for (const name of ['greenlight.yml', 'migrations', 'logic']) await project.remove(name);
    const result = await quick.json<{ written: string[]; live: string }>(project, 'init');
    expect(result.live).toBe('warehouse.duckdb');
    expect(result.written).toEqual(['greenlight.yml', 'migrations/', 'logic/']);
    // Else a checkout on another machine would lack them.
    for (const name of ['migrations', 'logic'])
      expect(await filesBelow(project, name)).toEqual([`${name}/.gitkeep`]);
    expect(await loadConfig(project.path('greenlight.yml'), {})).toMatchObject({
      live: 'warehouse.duckdb',
      migrate: { kind: 'scripts', folder: 'migrations/' },
      simulate: { run: [{ kind: 'sql', glob: 'logic/*.sql' }] },
    });
    await project.write('logic/01.sql', 'select 1;');
    await quick.steps(project, 'compare');
  });

  test.concurrent('overwrites nothing', async () => {
    const project = await bases.fork('new');
    const { error } = await quick.refusal(2, project, 'init');
    expect(error.what).toBe('There is a configuration already.');
    expect(await loadConfig(project.path('greenlight.yml'), {})).toMatchObject({
      live: 'warehouse.duckdb',
    });
    await project.remove('greenlight.yml');
    expect(await quick.json(project, 'init')).toMatchObject({ written: ['greenlight.yml'] });
    expect(await filesBelow(project, 'logic')).toEqual(['logic/01_revenue.sql']);
  });

  test.concurrent('asks which database when there are several, or none', async () => {
    const project = await bases.fork('new');
    await project.remove('greenlight.yml');
    await project.sql('other.duckdb', 'select 1');
    const several = await quick.refusal(2, project, 'init');
    expect(several.error.what).toContain('other.duckdb, warehouse.duckdb');
    expect(several.error.help).toContain('greenlight init --live');
    await project.remove('other.duckdb');
    await project.remove('warehouse.duckdb');
    expect((await quick.refusal(2, project, 'init')).error.what).toBe(
      'There is no database file here.',
    );
    await mkdir(project.path('deep'));
    const odd = `it's "odd": #1.duckdb`;
    await quick.json(project, 'init', '--config', 'deep/greenlight.yml', '--live', odd);
    expect((await loadConfig(project.path('deep/greenlight.yml'), {})).live).toBe(odd);
  });
});
