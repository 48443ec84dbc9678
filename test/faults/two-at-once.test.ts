import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, jest, test } from '@jest/globals';
import { filesBelow, projects } from '../support/fork.ts';
import { defaultConfig, makeProject, type Project, type Run } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// Two releases, or two processes, want live at once: one gets it, the other one is told, and live is whole.

jest.setTimeout(120_000);

const quick = quickly();
const bases = projects({
  /** Two releases, both cloned from the same live, both approved: nothing but the other keeps either back. */
  approved: async (): Promise<Project> => {
    const project = await makeProject({
      config: `${defaultConfig.replace(/migrate.*\n/, '')}swap: { verify: [checks/*.sql], timeout: 5s }\n`,
      files: {
        'logic/01.sql':
          "update marts.revenue set amount = amount + 1; create table marts.made_by as select getvariable('greenlight_release') as release;\n",
        'checks/01.sql': 'select count(*) = 1 as made_by_one from marts.made_by;\n',
      },
    });
    for (const release of ['pr-1', 'pr-2']) {
      for (const step of ['clone', 'simulate'])
        await quick.json(project, step, '--release', release);
      const { digest } = await quick.json<{ digest: string }>(
        project,
        'compare',
        '--release',
        release,
      );
      const approval = ['--digest', digest, '--by', 'alice'];
      await quick.json(project, 'approve', '--release', release, ...approval);
    }
    return project;
  },
});
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

interface Swap {
  readonly release: string;
  readonly direction: string;
  readonly state: string;
}

const swapsOf = (project: Project) =>
  project.sql(
    'greenlight.duckdb',
    'select release, direction, state from swap order by id',
  ) as unknown as Promise<Swap[]>;

/** The release that live says it was made by. */
async function madeBy(project: Project): Promise<unknown> {
  const [row] = await project.sql('warehouse.duckdb', 'select release from marts.made_by');
  return row?.release;
}

const swapOf = (project: Project, release: string) =>
  project.run('swap', '--release', release, '--json');

/** What the one that did not win was told: it was either kept waiting, or came when all was over. */
const wasTold =
  /Another greenlight works on live right now|Another greenlight has just changed release|It is live already|live is another database than the one that was cloned/;

function told({ exitCode, stderr }: Run): void {
  expect([1, 2, 3]).toContain(exitCode);
  expect(stderr).toMatch(wasTold);
  expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
}

test('the second of two releases is refused: live is no longer what it was cloned from', async () => {
  const project = await bases.fork('approved');
  expect((await swapOf(project, 'pr-2')).exitCode).toBe(0);
  const before = await project.fingerprint();
  for (const more of [[], ['--override', 'it cannot wait', '--by', 'alice']]) {
    const { exitCode, stdout } = await project.run('swap', '--release', 'pr-1', '--json', ...more);
    expect(exitCode).toBe(3);
    const { gate } = JSON.parse(stdout) as {
      gate: { reasons: { condition: string; found: string; help: string }[] };
    };
    expect(gate.reasons).toEqual([
      {
        condition: 'identity',
        found: expect.stringContaining('live is another database than the one that was cloned'),
        help: expect.stringContaining('greenlight clone --release pr-1'),
        overridable: false,
      },
    ]);
  }
  expect(await project.fingerprint()).toBe(before);
  expect(await madeBy(project)).toBe('pr-2');
  expect(await swapsOf(project)).toEqual([{ release: 'pr-2', direction: 'swap', state: 'done' }]);

  // Back where it was, live is what pr-1 was cloned from.
  await quick.json(project, 'rollback');
  expect((await swapOf(project, 'pr-1')).exitCode).toBe(0);
  expect(await madeBy(project)).toBe('pr-1');
});

test('of two swaps of one release at the same moment, one wins', async () => {
  const project = await bases.fork('approved');
  const runs = await Promise.all([swapOf(project, 'pr-1'), swapOf(project, 'pr-1')]);
  const [won, lost] = runs.sort((a, b) => Number(a.exitCode) - Number(b.exitCode));
  expect(won?.exitCode).toBe(0);
  told(lost as Run);
  expect(await swapsOf(project)).toEqual([{ release: 'pr-1', direction: 'swap', state: 'done' }]);
  expect(await madeBy(project)).toBe('pr-1');
});

test('of two releases that are swapped at the same moment, one goes live, and the other one does not after it', async () => {
  const project = await bases.fork('approved');
  const releases = ['pr-1', 'pr-2'];
  const runs = await Promise.all(releases.map((release) => swapOf(project, release)));
  const winners = releases.filter((_, at) => runs[at]?.exitCode === 0);
  expect(winners).toHaveLength(1);
  const [winner] = winners;
  told(runs.find(({ exitCode }) => exitCode !== 0) as Run);
  const loser = releases.find((release) => release !== winner) as string;
  expect(await madeBy(project)).toBe(winner);
  const again = await swapOf(project, loser);
  expect(again.exitCode).toBe(3);
  expect(again.stderr).toContain('live is another database than the one that was cloned');
  expect(await swapsOf(project)).toEqual([{ release: winner, direction: 'swap', state: 'done' }]);
});

test('a rollback and a retirement at the same moment leave live whole, and one of them is told', async () => {
  const project = await bases.fork('approved');
  expect((await swapOf(project, 'pr-1')).exitCode).toBe(0);
  const [back, retired] = await Promise.all([
    project.run('rollback', '--release', 'pr-1'),
    project.run('retire', '--release', 'pr-1', '--drop-previous'),
  ]);
  const tables = await project.sql('warehouse.duckdb', 'select count(*) as n from marts.revenue');
  expect(tables).toEqual([{ n: '7' }]);
  expect([back.exitCode, retired.exitCode]).toContain(0);
  const { releases } = await quick.json<{ releases: { state: string }[] }>(project, 'status');
  expect(['rolled-back', 'retired']).toContain(releases[0]?.state);
});

test('status leaves a swap alone that is under way', async () => {
  const project = await bases.fork('approved');
  const config = await readFile(project.path('greenlight.yml'), 'utf8');
  const command = 'until [ -f go ]; do touch waiting; sleep 0.05; done';
  await project.write(
    'greenlight.yml',
    config.replace('[checks/*.sql]', `[{ command: ${JSON.stringify(command)} }]`),
  );
  await quick.json(project, 'compare', '--release', 'pr-1');
  const swap = swapOf(project, 'pr-1');
  // It has exchanged live and waits in its verification.
  while (!(await filesBelow(project)).includes('waiting')) await sleep(20);
  const { settled, releases } = await quick.json<{
    settled: unknown[];
    releases: { running: string | null; unfinished: string | null; cut_off: string | null }[];
  }>(project, 'status');
  expect(settled).toEqual([]);
  expect(releases[0]).toMatchObject({ running: 'swap', unfinished: null, cut_off: null });
  const open = [{ release: 'pr-1', direction: 'swap', state: 'intended' }];
  expect(await swapsOf(project)).toEqual(open);
  await project.write('go', '');
  const { exitCode, stderr } = await swap;
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(await swapsOf(project)).toEqual([{ release: 'pr-1', direction: 'swap', state: 'done' }]);
});
