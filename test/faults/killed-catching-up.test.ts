import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { filesBelow, forkProject } from '../support/fork.ts';
import { late, lateProjects, lateRows } from '../support/late.ts';
import type { Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// A swap that finds a row written to live since the clone is killed while it brings the release up to live. After each
// kill live is as it was before, with that row; the next swap finishes the work, and the row is in the database that goes
// live. Every day eight of the points at which files or databases change, at equal distances; GREENLIGHT_TEST_FULL=1
// walks all of them.

const isFull = process.env.GREENLIGHT_TEST_FULL === '1';
const usualPoints = 8;
const preload = join(process.cwd(), 'test', 'support', 'kill-at.mjs');
const live = 'warehouse.duckdb';
const args = ['swap', '--release', 'pr-1', '--json'];

const quick = quickly();
const bases = lateProjects(quick);
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

async function drifted(policy: 'rebuild' | 'replay'): Promise<Project> {
  const project = await bases.fork(policy);
  await project.sql(live, `${late(100)}; checkpoint`);
  return project;
}

/** Numbers of the points between the drift that was found and the intent to exchange. */
async function pointsOf(start: Project, env: Record<string, string>): Promise<number[]> {
  const counted = await forkProject(start);
  const list = counted.path('points.txt');
  const whole = await counted.runWith(
    { node: ['--import', preload], env: { ...env, KILL_LIST: list } },
    ...args,
  );
  expect(whole.exitCode).toBe(0);
  const points = (await readFile(list, 'utf8')).trim().split('\n');
  await counted.dispose();
  const numbers = points.map((_, index) => index + 1);
  const begin = points.findIndex((point) => point.includes('UPDATE "drift"'));
  const end = points.findIndex((point) => point.includes('INSERT INTO "swap"'));
  expect(begin).toBeGreaterThan(0);
  expect(end).toBeGreaterThan(begin);
  const all = numbers.slice(begin, end);
  const distance = isFull ? 1 : Math.ceil(all.length / usualPoints);
  return all.filter((_, index) => index % distance === 0);
}

test.each(['rebuild', 'replay'] as const)(
  'a swap that is killed during a %s leaves live alone, and the next one finishes it',
  async (policy) => {
    const start = await drifted(policy);
    const env = { KILL_KINDS: 'file,spawn,commit,write' };
    const queue = await pointsOf(start, env);
    let killed = 0;
    const work = async () => {
      for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
        const project = await forkProject(start);
        const before = await project.fingerprint();
        const run = await project.runWith(
          { node: ['--import', preload], env: { ...env, KILL_AT: String(at) } },
          ...args,
        );
        expect(run.signal).toBe('SIGKILL');
        killed++;
        const point = /killed .*/.exec(run.stderr)?.[0] ?? '';
        try {
          expect(await project.fingerprint()).toBe(before);
          await quick.json(project, 'swap', '--release', 'pr-1');
          expect(await project.sql(live, lateRows)).toEqual([{ n: 1 }]);
          expect((await filesBelow(project)).filter((name) => /\.partial-/.test(name))).toEqual([]);
        } catch (error) {
          throw new Error(`${policy} ${point}:\n${String(error)}`, { cause: error });
        }
        await project.dispose();
      }
    };
    const results = await Promise.allSettled([work(), work(), work()]);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    process.stderr.write(`  ${policy}: killed at ${killed} points\n`);
    expect(killed).toBeGreaterThanOrEqual(usualPoints / 2);
  },
  isFull ? 1_800_000 : 600_000,
);
