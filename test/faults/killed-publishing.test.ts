import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { approveLatest, config, type Kind, kinds, makeBitemporal } from '../support/bitemporal.ts';
import { filesBelow, projects } from '../support/fork.ts';
import type { Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// A swap that publishes parked rows is killed at every point at which files or databases change, one after the other.
// After each kill live is whole, old or new, and the candidate is what was compared; the next swap finishes the work, and
// a rollback undoes it. GREENLIGHT_TEST_FULL=1 walks every statement.

const isFull = process.env.GREENLIGHT_TEST_FULL === '1';
const kindsOfPoints = isFull ? 'file,spawn,commit,open,close,write,read' : 'file,commit,write';
const changes = / file |COMMIT|CHECKPOINT|UPDATE "vault"\."far" SET "tech_to"/;
const preload = join(process.cwd(), 'test', 'support', 'kill-at.mjs');
const candidate = '.greenlight/pr-1/candidate/warehouse.duckdb';
const live = 'warehouse.duckdb';
const names = Object.keys(kinds) as Kind[];

const quick = quickly();
const approved = (bonus: string) => async (): Promise<Project> => {
  const project = await makeBitemporal({
    config: `${config}swap: { verify: [checks/*.sql] }\n`,
    files: {
      'checks/now.sql': `select (select sum(bonus) from vault.far where tech_to > current_date) = ${bonus} as sum;\n`,
    },
  });
  await quick.steps(project, 'compare');
  await approveLatest(quick, project);
  return project;
};
const bases = projects({
  approved: approved('38.40'),
  // The check fails: what is walked is the way back.
  doomed: approved('0.00'),
});
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

/** `old` or `new`, the same in every table, and as of every instant of the past; anything else fails the test. */
async function stateOf(project: Project): Promise<'old' | 'new'> {
  const bonus = (kind: Kind, instant: string) =>
    `(select sum(bonus)::varchar from reports.${kind}_as_of('${instant}'))`;
  const rows = names.map(
    (kind) => `select ${bonus(kind, '2025-06-01')} as past, ${bonus(kind, '8000-01-01')} as now`,
  );
  const states = await project.sql(live, rows.join(' union all '));
  const [state] = states;
  expect(['26.40', '38.40']).toContain(state?.now);
  expect(states).toEqual(names.map(() => ({ past: '26.40', now: state?.now })));
  return state?.now === '38.40' ? 'new' : 'old';
}

// What comes before the copy is walked elsewhere; before the intent there is nothing that a rollback could find.
test.each([
  ['approved', 'swap', 'INSERT INTO "publication"'],
  ['approved', 'rollback', 'INSERT INTO "swap"'],
  ['doomed', 'swap', 'INSERT INTO "swap"'],
] as const)(
  'a swap of what is %s that is killed while it publishes is finished by the next %s',
  async (base, next, from) => {
    const env = { KILL_KINDS: kindsOfPoints };
    const counted = await bases.fork(base);
    const list = counted.path('points.txt');
    const node = ['--import', preload];
    const args = ['swap', '--release', 'pr-1', '--json'];
    const whole = await counted.runWith({ node, env: { ...env, KILL_LIST: list } }, ...args);
    expect(whole.exitCode).toBe(base === 'doomed' ? 1 : 0);
    const points = (await readFile(list, 'utf8')).trim().split('\n');
    expect(points.filter((point) => point.includes('UPDATE "vault"'))).toHaveLength(6);

    const seen = new Set<string>();
    const first = points.findIndex((point) => point.includes(from));
    const queue = points.flatMap((point, index) =>
      isFull || (index > first && changes.test(point)) ? [index + 1] : [],
    );
    const walked = queue.length;
    const work = async () => {
      for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
        const project = await bases.fork(base);
        const compared = await project.fingerprint(candidate);
        const run = await project.runWith({ node, env: { ...env, KILL_AT: String(at) } }, ...args);
        expect(run.signal).toBe('SIGKILL');
        try {
          const state = await stateOf(project);
          seen.add(state);
          expect(await project.fingerprint(candidate)).toBe(compared);
          const again = await quick.run(project, next, '--release', 'pr-1');
          if (base === 'doomed') {
            expect(again.stderr).toContain('so the old database was put back');
            expect(again.exitCode).toBe(1);
            expect(await stateOf(project)).toBe('old');
            expect(await project.fingerprint(candidate)).toBe(compared);
          } else if (next === 'swap') {
            if (again.exitCode === 2) expect(again.stderr).toContain('It is live already');
            else expect(again.exitCode).toBe(0);
            expect(await stateOf(project)).toBe('new');
          } else {
            // Nothing to roll back: the swap had not happened.
            expect(again.exitCode).toBe(state === 'new' ? 0 : 2);
            expect(await stateOf(project)).toBe('old');
            expect(await project.fingerprint(candidate)).toBe(compared);
          }
          await quick.json(project, 'retire', '--release', 'pr-1', '--drop-previous');
          expect(await filesBelow(project, '.greenlight/pr-1')).toEqual([]);
        } catch (error) {
          const point = /killed .*/.exec(run.stderr)?.[0] ?? '';
          throw new Error(`${point}:\n${String(error)}`, { cause: error });
        }
        await project.dispose();
      }
    };
    const results = await Promise.allSettled([work(), work(), work()]);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    expect([...seen].sort()).toEqual(['new', 'old']);
    process.stderr.write(`  ${base}: killed at ${walked} points, then ${next}\n`);
  },
  600_000,
);
