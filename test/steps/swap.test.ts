import { copyFile, rename, stat, utimes } from 'node:fs/promises';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { projects } from '../support/fork.ts';
import {
  defaultConfig,
  defaultFiles,
  defaultLive,
  makeProject,
  type Project,
} from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// Five tests at a time share two processes.
jest.setTimeout(120_000);

const quick = quickly();
const bases = projects({
  simulated: async (): Promise<Project> => {
    const project = await makeProject({ live: richLive, config: checkedConfig, files: richFiles });
    await quick.steps(project, 'simulate');
    return project;
  },
  approved: async (): Promise<Project> => {
    const project = await bases.fork('simulated');
    await quick.json(project, 'compare');
    await approveLatest(project);
    return project;
  },
});
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

const richLive = `${defaultLive};
create index by_amount on marts.revenue (amount);
create sequence marts.ids start 5;
create macro marts.twice(x) as x * 2`;
const checkedConfig = `${defaultConfig}swap: { verify: [checks/*.sql], timeout: 5s }\n`;
const richFiles: Record<string, string> & { 'checks/rows.sql': string } = {
  ...defaultFiles,
  'checks/rows.sql': 'select count(*) = 7 as seven_customers from marts.revenue;\n',
};
const previous = '.greenlight/pr-1/previous/warehouse.duckdb';
const candidate = '.greenlight/pr-1/candidate/warehouse.duckdb';

async function approveLatest(project: Project) {
  const { releases } = await quick.json<{ releases: { digest: string }[] }>(project, 'status');
  await quick.json(project, 'approve', '--digest', releases[0]?.digest ?? '', '--by', 'alice');
}

/** Swaps and expects the gate to refuse; live must not have changed. Gives the reasons. */
async function refusedBy(project: Project) {
  const before = await project.fingerprint();
  const { gate, error } = await quick.refusal(3, project, 'swap');
  expect(await project.fingerprint()).toBe(before);
  expect(error.live).toMatch(
    /^(live is unchanged|there is no live database|live was written to or replaced.*)$/,
  );
  for (const { condition, help } of gate?.reasons ?? []) {
    expect(error.what).toContain(`- ${condition}: `);
    expect(error.what).toContain(help);
    expect(help).toMatch(/greenlight \w+ --release pr-1|--release pr-1/);
  }
  return gate?.reasons ?? [];
}

const conditions = (reasons: readonly { readonly condition: string }[]) =>
  reasons.map(({ condition }) => condition);

describe('the gate refuses, with live untouched,', () => {
  test.concurrent('what was not compared', async () => {
    const project = await bases.fork('simulated');
    const reasons = await refusedBy(project);
    expect(conditions(reasons)).toEqual(['comparison']);
    expect(reasons[0]?.help).toBe('greenlight compare --release pr-1');
  });

  test.concurrent('what was simulated again after it was compared', async () => {
    const project = await bases.fork('approved');
    await quick.json(project, 'simulate');
    expect(conditions(await refusedBy(project))).toContain('comparison');
  });

  test.concurrent('another live than the one that was cloned, even with the same content', async () => {
    const project = await bases.fork('approved');
    await copyFile(project.path('warehouse.duckdb'), project.path('copy.duckdb'));
    await rename(project.path('copy.duckdb'), project.path('warehouse.duckdb'));
    const reasons = await refusedBy(project);
    expect(conditions(reasons)).toEqual(['identity']);
    expect(reasons[0]?.help).toContain('greenlight clone --release pr-1');
  });

  test.concurrent('a live that a later release has replaced, whatever its id', async () => {
    const project = await bases.fork('approved');
    await quick.steps(project, 'compare', 'pr-2');
    await quick.json(project, 'swap', '--release', 'pr-1');
    // The system has given the id of a file that was dropped to another one.
    const { ino } = await stat(project.path('warehouse.duckdb'));
    await project.sql(
      'greenlight.duckdb',
      `update release set live_id = 'inode ${ino}' where id = 'pr-2'`,
    );
    const { gate } = await quick.refusal(3, project, 'swap', '--release', 'pr-2');
    expect(gate?.reasons[0]).toMatchObject({ condition: 'identity' });
    expect(gate?.reasons[0]?.found).toContain('of pr-1');
  });

  test.concurrent('a live that is gone', async () => {
    const project = await bases.fork('approved');
    await project.remove('warehouse.duckdb');
    const reasons = await refusedBy(project);
    expect(conditions(reasons)).toEqual(['identity']);
    expect(reasons[0]?.found).toContain('there is no live database any more');
  });

  test.concurrent('rows added to live since the clone', async () => {
    const project = await bases.fork('approved');
    await project.sql('warehouse.duckdb', `insert into staging.orders values (1000, 'late', 1)`);
    const reasons = await refusedBy(project);
    expect(conditions(reasons)).toEqual(['drift']);
    expect(reasons[0]?.found).toContain('staging.orders: 1 row');
    expect(reasons[0]?.help).toContain('greenlight clone --release pr-1');
  });

  test.concurrent('a cell of live changed, and changed by less than a tolerance could forgive', async () => {
    const project = await bases.fork('approved');
    await project.sql(
      'warehouse.duckdb',
      'update staging.orders set amount = amount + 0.01 where id = 7',
    );
    const reasons = await refusedBy(project);
    expect(conditions(reasons)).toEqual(['drift']);
    expect(reasons[0]?.found).toContain('staging.orders');
  });

  test.concurrent('an object added to live since the clone', async () => {
    const project = await bases.fork('approved');
    await project.sql('warehouse.duckdb', 'create sequence marts.more');
    const reasons = await refusedBy(project);
    expect(conditions(reasons)).toEqual(['drift']);
    expect(reasons[0]?.found).toContain('sequence marts.more');
  });

  test.concurrent('a live that was written to when the baseline is gone', async () => {
    const project = await bases.fork('approved');
    await project.remove('.greenlight/pr-1/baseline');
    await project.sql('warehouse.duckdb', `insert into staging.orders values (1000, 'late', 1)`);
    const reasons = await refusedBy(project);
    expect(conditions(reasons)).toEqual(['drift']);
    expect(reasons[0]?.found).toContain('the baseline is gone');
  });

  test.concurrent('other logic than was compared', async () => {
    const project = await bases.fork('approved');
    await project.write('logic/01_revenue.sql', `${richFiles['logic/01_revenue.sql']}-- new\n`);
    await project.write('logic/02_more.sql', 'select 1;\n');
    const reasons = await refusedBy(project);
    expect(conditions(reasons)).toEqual(['logic']);
    expect(reasons[0]?.found).toContain('~ logic/01_revenue.sql');
    expect(reasons[0]?.found).toContain('+ logic/02_more.sql');
  });

  test.concurrent('other checks than were reviewed', async () => {
    const project = await bases.fork('approved');
    await project.write('checks/rows.sql', 'select true;\n');
    const reasons = await refusedBy(project);
    expect(conditions(reasons)).toEqual(['logic']);
    expect(reasons[0]?.found).toContain('~ checks/rows.sql');
  });

  test.concurrent('a candidate that was written to after it was compared', async () => {
    const project = await bases.fork('approved');
    await project.sql(
      candidate,
      `update marts.revenue set amount = 0 where customer = 'customer 1'`,
    );
    const reasons = await refusedBy(project);
    expect(conditions(reasons)).toEqual(['candidate']);
    expect(reasons[0]?.help).toContain('greenlight simulate --release pr-1');
  });

  test.concurrent('a candidate that somebody dropped', async () => {
    const project = await bases.fork('approved');
    await project.remove(candidate);
    const reasons = await refusedBy(project);
    expect(conditions(reasons)).toEqual(['candidate']);
    expect(reasons[0]?.help).toContain('greenlight clone --release pr-1');
  });

  test.concurrent('another database in place of the candidate', async () => {
    const project = await bases.fork('approved');
    await copyFile(project.path(candidate), project.path('copy.duckdb'));
    const { atime, mtime } = await stat(project.path(candidate));
    await rename(project.path('copy.duckdb'), project.path(candidate));
    await utimes(project.path(candidate), atime, mtime);
    expect(conditions(await refusedBy(project))).toEqual(['candidate']);
  });

  test.concurrent('deviations that nobody has approved', async () => {
    const project = await bases.fork('simulated');
    const { digest } = await quick.json<{ digest: string }>(project, 'compare');
    const reasons = await refusedBy(project);
    expect(conditions(reasons)).toEqual(['deviations']);
    expect(reasons[0]?.found).toContain('marts.revenue: changed');
    expect(reasons[0]?.help).toContain(
      `greenlight approve --release pr-1 --digest ${digest.slice(0, 12)}`,
    );
  });

  test.concurrent('an approval of an earlier comparison', async () => {
    const project = await bases.fork('approved');
    await project.write(
      'logic/02_more.sql',
      `update marts.revenue set amount = amount + 1 where customer = 'customer 1';\n`,
    );
    await quick.json(project, 'simulate');
    await quick.json(project, 'compare');
    const reasons = await refusedBy(project);
    expect(conditions(reasons)).toEqual(['deviations', 'digest']);
    expect(reasons[1]?.found).toContain('alice approved digest');
  });

  test.concurrent('what the logic lost: a primary key, an index, a sequence, a macro', async () => {
    const project = await bases.fork('approved');
    await project.write(
      'logic/02_lose.sql',
      `create or replace table marts.revenue as select * from marts.revenue;
       drop sequence marts.ids;
       create or replace macro marts.twice(x) as x + x;\n`,
    );
    await quick.json(project, 'simulate');
    await quick.json(project, 'compare');
    await approveLatest(project);
    const reasons = await refusedBy(project);
    expect(conditions(reasons)).toEqual(['inventory']);
    expect(reasons[0]?.found).toMatch(/- constraint marts\.revenue: PRIMARY KEY/);
    expect(reasons[0]?.found).toContain('- index marts.by_amount');
    expect(reasons[0]?.found).toContain('- sequence marts.ids');
    expect(reasons[0]?.found).toContain('~ macro marts.twice(x)');
  });

  test.concurrent('a view that names the database', async () => {
    const project = await bases.fork('approved');
    await project.write(
      'logic/02_view.sql',
      'create or replace view marts.top as select * from warehouse.marts.revenue;\n',
    );
    await quick.json(project, 'simulate');
    await quick.json(project, 'compare');
    await approveLatest(project);
    const reasons = await refusedBy(project);
    expect(conditions(reasons)).toEqual(['definitions']);
    expect(reasons[0]?.found).toContain('view marts.top names warehouse');
  });

  test.concurrent('and lists every reason at once', async () => {
    const project = await bases.fork('simulated');
    await quick.json(project, 'compare');
    await project.sql('warehouse.duckdb', `insert into staging.orders values (1000, 'late', 1)`);
    await project.sql(candidate, 'drop index marts.by_amount');
    await project.write('logic/02_more.sql', 'select 1;\n');
    expect(conditions(await refusedBy(project))).toEqual([
      'drift',
      'logic',
      'candidate',
      'deviations',
      'inventory',
    ]);
    const { gate } = await quick.json<{ gate: { open: boolean; reasons: never[] } }>(
      project,
      'status',
      '--gate',
    );
    expect(gate.open).toBe(false);
    expect(gate.reasons).toHaveLength(5);
  });
});

describe('a swap', () => {
  test.concurrent('takes the candidate live and keeps the old database', async () => {
    const project = await bases.fork('approved');
    const before = await project.fingerprint();
    const result = await quick.json(project, 'swap');
    expect(result).toMatchObject({ release: 'pr-1', state: 'swapped', verified: 1 });
    expect(await project.sql('warehouse.duckdb', 'select note from marts.revenue limit 1')).toEqual(
      [{ note: null }],
    );
    expect(result.previous).toBe(project.path(previous));
    expect(await project.sql(previous, 'select * from marts.revenue limit 0')).toEqual([]);
    await expect(project.sql(previous, 'select note from marts.revenue')).rejects.toThrow('note');
    expect(before).not.toBe(await project.fingerprint());
    const again = await quick.refusal(2, project, 'swap');
    expect(again.error.what).toBe('Release pr-1 is swapped.');
    expect(again.error.help).toBe('It is live already.');
  });

  test.concurrent('goes on when live was touched but holds what it held', async () => {
    const project = await bases.fork('approved');
    await utimes(project.path('warehouse.duckdb'), new Date(), new Date());
    const { exitCode, stderr } = await quick.run(project, 'swap');
    expect(exitCode).toBe(0);
    expect(stderr).toContain('Live was touched since the clone instant');
  });

  test.concurrent('goes on when a row of live came and went', async () => {
    const project = await bases.fork('approved');
    await project.sql(
      'warehouse.duckdb',
      `insert into staging.orders values (1000, 'late', 1); delete from staging.orders where id = 1000`,
    );
    expect((await quick.run(project, 'swap')).exitCode).toBe(0);
  });

  test.concurrent('needs no approval when nothing deviates', async () => {
    const project = bases.keep(
      await makeProject({
        files: { 'logic/01.sql': 'select 1;' },
        config: defaultConfig.replace(/migrate.*\n/, ''),
      }),
    );
    await quick.json(project, 'clone', '--release', 'pr-1');
    await quick.json(project, 'simulate');
    expect(await quick.json(project, 'compare')).toMatchObject({ verdict: 'identical' });
    expect(await quick.json(project, 'swap')).toMatchObject({ state: 'swapped', verified: 0 });
  });

  test.concurrent('of a release that nobody cloned is wrong use', async () => {
    const project = await bases.fork('approved');
    const { error } = await quick.refusal(2, project, 'swap', '--release', 'pr-9');
    expect(error.what).toContain('knows no release pr-9');
    expect(error.help).toContain('pr-1 (approved)');
  });
});

describe('the verification', () => {
  for (const [name, check, told] of [
    [
      'is not true',
      'select count(*) = 99 as right_count from marts.revenue;\n',
      'right_count is not true',
    ],
    ['is null', 'select null::boolean as known;\n', 'known is not true'],
    ['cannot run', 'select true;\nselect missing from marts.revenue;\n', 'checks/rows.sql:2'],
    ['is empty', '-- nothing\n', 'holds no query'],
  ] as const) {
    test.concurrent(`puts the old database back when a check ${name}`, async () => {
      const project = await bases.fork('simulated');
      await project.write('checks/rows.sql', check);
      await quick.json(project, 'compare');
      await approveLatest(project);
      const before = await project.fingerprint();
      const { error } = await quick.refusal(1, project, 'swap');
      expect(error.what).toContain('The verification failed, so the old database was put back');
      expect(error.what).toContain(told);
      expect(error.live).toContain('live is the old database again');
      expect(error.help).toContain('--release pr-1');
      expect(await project.fingerprint()).toBe(before);
      expect(await project.sql('greenlight.duckdb', 'select direction, state from swap')).toEqual([
        { direction: 'swap', state: 'returned' },
      ]);
    });
  }

  test.concurrent('lets the swap through once the check is mended, and the rollback brings the old database back', async () => {
    const project = await bases.fork('simulated');
    await project.write('checks/rows.sql', 'select false as never;\n');
    await quick.json(project, 'compare');
    await approveLatest(project);
    const before = await project.fingerprint();
    await quick.refusal(1, project, 'swap');
    await project.write('checks/rows.sql', richFiles['checks/rows.sql']);
    await quick.json(project, 'compare');
    expect(await quick.json(project, 'swap')).toMatchObject({ state: 'swapped', verified: 1 });
    await quick.json(project, 'rollback');
    expect(await project.fingerprint()).toBe(before);
  });

  test.concurrent('cannot write to live', async () => {
    const project = await bases.fork('simulated');
    await project.write('checks/rows.sql', 'delete from marts.revenue;\nselect true;\n');
    await quick.json(project, 'compare');
    await approveLatest(project);
    const before = await project.fingerprint();
    await quick.refusal(1, project, 'swap');
    expect(await project.fingerprint()).toBe(before);
  });
});
