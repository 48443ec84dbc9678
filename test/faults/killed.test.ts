import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { filesBelow, forkProject, projects } from '../support/fork.ts';
import {
  defaultConfig,
  defaultFiles,
  defaultLive,
  makeProject,
  type Project,
  type Run,
} from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// A step is killed at every point at which it had changed something, one point after the other. After each kill: live
// is whole and is one of the two databases that it may be, the same command finishes the work, and the release goes
// on to the very result that it has without a kill. Of swap and rollback, `status` and the other one of the two come
// next as well, in turns, on a copy of what the kill has left: they find the intent, and end it or name the command that
// does.
//
// Every day, the points are those at which files change, and for the exchange of live also those at which a database
// does: between them, all kills leave the same. GREENLIGHT_TEST_KINDS names the kinds of points for all steps:
// `file,spawn,commit,write` walks every statement that changes something. GREENLIGHT_TEST_STRIDE=30 walks each thirtieth point
// only, and says so.
// GREENLIGHT_TEST_FULL=1 walks every statement of every step, before and after.

const isFull = process.env.GREENLIGHT_TEST_FULL === '1';
const givenKinds = process.env.GREENLIGHT_TEST_KINDS;
const everyPoint = 'file,spawn,commit,open,close,write,read';
const stride = isFull ? 1 : Number(process.env.GREENLIGHT_TEST_STRIDE ?? 1);
const PARALLEL = 3;

const quick = quickly();
const bases = projects({
  new: (): Promise<Project> =>
    makeProject({
      live: `${defaultLive}; create table marts.log (n integer)`,
      config: `${defaultConfig.replace('[logic/*.sql]', '[logic/*.sql, { command: "true" }]')}swap: { verify: [checks/*.sql] }\nretire: { keep_previous: 0s }\n`,
      files: {
        ...defaultFiles,
        'migrations/R__view.sql':
          'create or replace view marts.top as select * from marts.revenue where amount > 900;\n',
        // Run twice, these give another result than run once.
        'logic/02_log.sql': 'insert into marts.log select count(*) from marts.log;\n',
        'logic/03_raise.sql': 'update marts.revenue set amount = amount + 1;\n',
        'checks/rows.sql': 'select count(*) = 7 from marts.revenue;\n',
      },
    }),
  cloned: (): Promise<Project> => further('new', 'clone'),
  migrated: (): Promise<Project> => further('cloned', 'migrate'),
  simulated: (): Promise<Project> => further('migrated', 'simulate'),
  compared: (): Promise<Project> => further('simulated', 'compare'),
  approved: (): Promise<Project> => further('compared', 'approve'),
  // The check fails: what is walked is the way back.
  doomed: async (): Promise<Project> => {
    const project = await bases.fork('simulated');
    await project.write('checks/rows.sql', 'select false as never;\n');
    await quick.json(project, 'compare');
    await approve(project);
    return project;
  },
  swapped: (): Promise<Project> => further('approved', 'swap'),
  rolledBack: (): Promise<Project> => further('swapped', 'rollback'),
});
type State = Parameters<typeof bases.fork>[0];

afterAll(async () => {
  quick.end();
  await bases.dispose();
});

const steps = ['clone', 'migrate', 'simulate', 'compare', 'approve', 'swap', 'rollback', 'retire'];

async function further(from: State, step: string): Promise<Project> {
  const project = await bases.fork(from);
  if (step === 'approve') await approve(project);
  else await quick.json(project, step, '--release', 'pr-1');
  return project;
}

async function approve(project: Project): Promise<void> {
  await quick.json(project, 'approve', '--digest', await digestOf(project), '--by', 'alice');
}

async function digestOf(project: Project): Promise<string> {
  const { releases } = await quick.json<{ releases: { digest: string }[] }>(project, 'status');
  return releases[0]?.digest ?? '';
}

const content = `
select (select string_agg(customer || '=' || amount || '/' || coalesce(note, '-'), ' ' order by customer) from marts.revenue) as revenue,
       (select list(n)::varchar from marts.log) as log,
       (select count(*)::varchar from marts.top) as top`;
const oldContent = content.replace("|| '/' || coalesce(note, '-')", '');

/** What the release gives without a kill. */
const wanted = {
  digest: async () => digestOf(await bases.base('compared')),
  released: async () => (await bases.base('swapped')).sql('warehouse.duckdb', content),
  old: async () => (await bases.base('new')).sql('warehouse.duckdb', oldContent),
};

interface Walk {
  readonly step: string;
  readonly from: State;
  /** Kinds of points that are walked every day; none: only in the full walk. */
  readonly kinds: string | null;
  /** Brings the release to its end after the step was run again, and looks at what came out. */
  readonly check: (project: Project, rerun: Run) => Promise<void>;
  /** What else may come next, in place of the same command: each on a copy of what the kill has left. */
  readonly orElse?: readonly ((project: Project, left: Left) => Promise<void>)[];
  /** Exit code of a run without a kill. */
  readonly exitCode?: number;
  /** True when the step may take live to the new database. */
  readonly exchanges?: boolean;
}

/** What a kill has left. */
interface Left {
  /** Live is the database that was to take its place. */
  readonly isExchanged: boolean;
}

const preload = join(process.cwd(), 'test', 'support', 'kill-at.mjs');

async function argumentsOf(project: Project, { step }: Walk): Promise<string[]> {
  const args = [step, '--release', 'pr-1', '--json'];
  return step === 'approve'
    ? [...args, '--digest', await digestOf(project), '--by', 'alice']
    : args;
}

/** Gives the number of points at which the step was killed. */
async function walk(way: Walk): Promise<number> {
  const kinds = isFull ? everyPoint : (givenKinds ?? way.kinds ?? '');
  const counted = await bases.fork(way.from);
  const args = await argumentsOf(counted, way);
  const list = counted.path('points.txt');
  const whole = await counted.runWith(
    { node: ['--import', preload], env: { KILL_KINDS: kinds, KILL_LIST: list } },
    ...args,
  );
  expect(whole.exitCode).toBe(way.exitCode ?? 0);
  const points = (await readFile(list, 'utf8')).trim().split('\n');
  await counted.dispose();

  const tasks = points.flatMap((point, index) => {
    if (index % stride !== 0) return [];
    const before = { at: index + 1, when: 'before' };
    // Before the next point is after this one, but for what happens in between without being seen.
    const after = isFull && !/^\d+ read /.test(point) ? [{ at: index + 1, when: 'after' }] : [];
    return [before, ...after];
  });
  let killed = 0;
  await pool(PARALLEL, tasks, async ({ at, when }) => {
    const project = await bases.fork(way.from);
    const before = await project.fingerprint();
    const incoming = await nextFingerprint(project, way);
    const run = await project.runWith(
      {
        node: ['--import', preload],
        env: { KILL_KINDS: kinds, KILL_AT: String(at), KILL_WHEN: when },
      },
      ...args,
    );
    // Where statements run in parallel their number differs a little from run to run.
    if (run.signal !== 'SIGKILL') return project.dispose();
    killed++;
    try {
      const live = await project.fingerprint();
      expect([before, ...(incoming === null ? [] : [incoming])]).toContain(live);
      // Before a statement that only reads, all is as it was before: the same command will do.
      const isRead = / read /.test(/killed \w+ \d+ \w+ /.exec(run.stderr)?.[0] ?? '');
      const others = isRead ? [] : (way.orElse ?? []);
      const next = others.filter((_, index) => isFull || index === at % others.length);
      for (const other of next) {
        const copy = await forkProject(project);
        await other(copy, { isExchanged: live === incoming });
        await copy.dispose();
      }
      const rerun = await quick.run(project, ...args);
      await way.check(project, rerun);
      // A step that had come to its end, but for its own record, is not run again.
      await requireNothingHalfMade(project, rerun.exitCode === 2 ? 1 : 0);
    } catch (error) {
      const point = /killed .*/.exec(run.stderr)?.[0] ?? '';
      throw new Error(`${way.step} ${point}:\n${String(error)}`, { cause: error });
    }
    await project.dispose();
  });
  process.stderr.write(
    `  ${way.step} from ${way.from}: killed at ${killed} of ${points.length} points\n`,
  );
  expect(killed).toBeGreaterThan(0);
  return killed;
}

/** Live's fingerprint after the exchange: that of the file that is to take its place. */
async function nextFingerprint(
  project: Project,
  { step, exchanges }: Walk,
): Promise<string | null> {
  if (exchanges !== true) return null;
  const role = step === 'swap' ? 'candidate' : 'previous';
  return project.fingerprint(`.greenlight/pr-1/${role}/warehouse.duckdb`);
}

async function requireNothingHalfMade(project: Project, unrecorded: number): Promise<void> {
  const files = await filesBelow(project);
  expect(files.filter((name) => /\.partial-|\.tmp$/.test(name))).toEqual([]);
  const steps = await project.sql('greenlight.duckdb', 'select state from step order by id');
  const running = steps.filter(({ state }) => state === 'running');
  expect(running.length).toBeLessThanOrEqual(unrecorded);
  const comparisons = await project.sql(
    'greenlight.duckdb',
    `select state from comparison where state <> 'done'`,
  );
  expect(comparisons).toEqual([]);
}

/** From wherever the step has left it, to the swap, and back. */
async function goesOn(project: Project, step: string): Promise<void> {
  for (const next of steps.slice(steps.indexOf(step) + 1, steps.indexOf('swap'))) {
    if (next === 'approve') await approve(project);
    else await quick.json(project, next, '--release', 'pr-1');
  }
  expect(await digestOf(project)).toBe(await wanted.digest());
  await quick.json(project, 'swap', '--release', 'pr-1');
  await isReleased(project);
}

const succeedsOrIsOver = ({ exitCode, stderr }: Run, over: string) => {
  if (exitCode === 2) expect(stderr).toContain(over);
  else expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
};

interface Settled {
  readonly settled: readonly { readonly outcome: string }[];
  readonly releases: readonly { readonly cut_off: string | null; readonly next: string | null }[];
}

/** Looks by `status`, which leaves live alone: what is open after that, only the named command may end. */
async function statusSettles(
  project: Project,
  { isExchanged }: Left,
  step: 'swap' | 'rollback',
): Promise<void> {
  const before = await project.fingerprint();
  const { releases } = await quick.json<Settled>(project, 'status');
  expect(await project.fingerprint()).toBe(before);
  const open = await openExchanges(project);
  // Only live itself says whether a swap that had happened is right.
  if (step === 'rollback' || !isExchanged) expect(open).toEqual([]);
  if (open.length > 0) {
    expect(releases).toMatchObject([
      {
        cut_off: expect.stringMatching(/is not verified yet|is not back in its place yet/),
        next: 'greenlight swap --release pr-1',
      },
    ]);
  }
  const role = step === 'swap' ? 'previous' : 'rolled-back';
  if (!isExchanged) expect(await filesBelow(project, `.greenlight/pr-1/${role}`)).toEqual([]);
}

const openExchanges = (project: Project) =>
  project.sql(
    'greenlight.duckdb',
    `select state from swap where state in ('intended', 'returning')`,
  );

async function isOld(project: Project): Promise<void> {
  expect(await project.sql('warehouse.duckdb', oldContent)).toEqual(await wanted.old());
}

/** Whatever a killed swap has left, a rollback leaves the old database in its place and nothing open. */
async function rollbackGoesBack(project: Project, { isExchanged }: Left): Promise<void> {
  const { exitCode, stderr } = await quick.run(project, 'rollback', '--release', 'pr-1');
  expect({ exitCode, stderr }).toMatchObject({ exitCode: isExchanged ? 0 : 2 });
  await isOld(project);
  expect(await openExchanges(project)).toEqual([]);
}

async function isReleased(project: Project): Promise<void> {
  expect(await project.sql('warehouse.duckdb', content)).toEqual(await wanted.released());
  expect(await project.sql('.greenlight/pr-1/previous/warehouse.duckdb', oldContent)).toEqual(
    await wanted.old(),
  );
  const { releases, live_release } = await quick.json<{
    releases: unknown[];
    live_release: string;
  }>(project, 'status');
  expect(live_release).toBe('pr-1');
  expect(releases).toMatchObject([{ state: 'swapped', unfinished: null }]);
}

async function pool<T>(size: number, tasks: readonly T[], work: (task: T) => Promise<void>) {
  const queue = [...tasks];
  const worker = async () => {
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) await work(task);
  };
  const results = await Promise.allSettled(Array.from({ length: size }, worker));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

const succeeded = async (project: Project, { exitCode, stderr }: Run, step: string) => {
  if (exitCode !== 0) throw new Error(`again: ${exitCode}\n${stderr}`);
  await goesOn(project, step);
};

/** The other steps before the swap change nothing but the ledger and the candidate's content. */
const everyDay = ['clone new', 'simulate simulated'];

const walks: readonly Walk[] = [
  ...(
    [
      ['clone', 'new'],
      ['clone', 'cloned'],
      ['migrate', 'cloned'],
      ['simulate', 'migrated'],
      ['simulate', 'simulated'],
      ['compare', 'simulated'],
      ['approve', 'compared'],
    ] as const
  ).map(
    ([step, from]): Walk => ({
      step,
      from,
      kinds: everyDay.includes(`${step} ${from}`) ? 'file' : null,
      check: (project, rerun) => succeeded(project, rerun, step),
    }),
  ),
  {
    step: 'swap',
    from: 'approved',
    kinds: 'file,commit',
    exchanges: true,
    check: async (project, rerun) => {
      succeedsOrIsOver(rerun, 'It is live already');
      await isReleased(project);
    },
    orElse: [
      async (project, left) => {
        await statusSettles(project, left, 'swap');
        succeedsOrIsOver(await quick.run(project, 'swap'), 'It is live already');
        await isReleased(project);
      },
      async (project, left) => {
        await rollbackGoesBack(project, left);
        if (left.isExchanged) return;
        await quick.json(project, 'swap');
        await isReleased(project);
      },
    ],
  },
  {
    step: 'swap',
    from: 'doomed',
    kinds: 'file',
    exitCode: 1,
    exchanges: true,
    check: async (project, { exitCode, stderr }) => {
      expect(exitCode).toBe(1);
      expect(stderr).toContain('The verification failed, so the old database was put back');
      await isOld(project);
      // The candidate is whole again as well: with the check mended, it goes live.
      await project.write('checks/rows.sql', 'select count(*) = 7 from marts.revenue;\n');
      await quick.json(project, 'compare');
      await quick.json(project, 'swap');
      await isReleased(project);
    },
    orElse: [
      async (project, left) => {
        await statusSettles(project, left, 'swap');
        expect((await quick.run(project, 'swap')).exitCode).toBe(1);
        await isOld(project);
        expect(await openExchanges(project)).toEqual([]);
      },
      rollbackGoesBack,
    ],
  },
  {
    step: 'rollback',
    from: 'swapped',
    kinds: 'file,commit',
    exchanges: true,
    check: async (project, rerun) => {
      succeedsOrIsOver(rerun, 'Release pr-1 is rolled-back');
      await isOld(project);
      expect(await project.sql('.greenlight/pr-1/rolled-back/warehouse.duckdb', content)).toEqual(
        await wanted.released(),
      );
    },
    orElse: [
      async (project, left) => {
        await statusSettles(project, left, 'rollback');
        const args = ['rollback', '--release', 'pr-1'];
        succeedsOrIsOver(await quick.run(project, ...args), 'Release pr-1 is rolled-back');
        await isOld(project);
      },
      async (project, { isExchanged }) => {
        const before = await project.fingerprint();
        const { error } = await quick.refusal(2, project, 'swap', '--release', 'pr-1');
        expect(error.what).toBe(`Release pr-1 is ${isExchanged ? 'rolled-back' : 'swapped'}.`);
        expect(await project.fingerprint()).toBe(before);
        expect(await openExchanges(project)).toEqual([]);
      },
    ],
  },
  ...(['swapped', 'rolledBack'] as const).map(
    (from): Walk => ({
      step: 'retire',
      from,
      kinds: null,
      check: async (project, { exitCode }) => {
        expect(exitCode).toBe(0);
        expect((await filesBelow(project, '.greenlight/pr-1')).join()).toBe('');
        if (from === 'swapped') {
          expect(await project.sql('warehouse.duckdb', content)).toEqual(await wanted.released());
        } else {
          await isOld(project);
        }
      },
    }),
  ),
];

const isWalked = ({ kinds }: Walk) => isFull || givenKinds !== undefined || kinds !== null;
for (const way of walks.filter(isWalked)) {
  test(
    `${way.step} is killed, from ${way.from}, and finishes when it runs again`,
    async () => {
      await walk(way);
    },
    isFull || givenKinds !== undefined ? 1_800_000 : 240_000,
  );
}
