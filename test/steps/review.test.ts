import { copyFile, rename } from 'node:fs/promises';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { projects } from '../support/fork.ts';
import { defaultConfig, makeProject, type Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// Whose approval opens the gate, what closes it again, and what a person may override.

// Five tests at a time share two processes.
jest.setTimeout(120_000);

const quick = quickly();
const bases = projects({
  compared: async (): Promise<Project> => {
    const project = await makeProject();
    await quick.json(project, 'clone', '--release', 'pr-1', '--author', ' Bob ');
    for (const step of ['migrate', 'simulate', 'compare']) await quick.json(project, step);
    return project;
  },
});
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

const twoPersons = `${defaultConfig}approvals: { required: 2 }\n`;

interface Status {
  readonly releases: readonly {
    readonly state: string;
    readonly author: string | null;
    readonly digest: string;
    readonly approved_by: readonly string[];
    readonly approvals: readonly { by: string; standing: string; digest: string; place: string }[];
    readonly overrides: readonly Shown[];
    readonly logic: { state: string; changed: string[] } | null;
    readonly next: string | null;
  }[];
  readonly gate: { open: boolean; reasons: { condition: string; found: string }[] } | null;
}

interface Shown {
  readonly by: string;
  readonly because: string;
  readonly at: string;
  readonly place: string;
  readonly digest: string;
  readonly reasons: { condition: string; found: string }[];
}

async function statusOf(project: Project) {
  const { releases } = await quick.json<Status>(project, 'status');
  const [release] = releases;
  if (release === undefined) throw new Error('There is no release');
  return release;
}

/** The conditions that keep the gate closed; none: it is open. */
async function closedBy(project: Project): Promise<string[]> {
  const { gate } = await quick.json<Status>(project, 'status', '--gate');
  const conditions = gate?.reasons.map(({ condition }) => condition) ?? ['nothing was decided'];
  expect(gate?.open).toBe(conditions.length === 0);
  return conditions;
}

async function approve(project: Project, by: string) {
  const { digest } = await statusOf(project);
  return quick.json(project, 'approve', '--digest', digest, '--by', by);
}

describe('an approval', () => {
  test.concurrent('binds person, time, digest and place', async () => {
    const project = await bases.fork('compared');
    const { digest } = await statusOf(project);
    await approve(project, ' Alice ');
    const { approvals } = await statusOf(project);
    expect(approvals).toEqual([
      {
        by: 'Alice',
        standing: 'valid',
        digest,
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        place: expect.stringMatching(/^command line on .+, by tester$/),
      },
    ]);
    expect(await closedBy(project)).toEqual([]);
  });

  test.concurrent('is void after a comparison with another digest, and holds again with the same', async () => {
    const project = await bases.fork('compared');
    const { digest } = await statusOf(project);
    await approve(project, 'alice');
    await quick.json(project, 'compare');
    expect(await statusOf(project)).toMatchObject({ state: 'approved', approved_by: ['alice'] });
    expect(await closedBy(project)).toEqual([]);

    await project.write('logic/02_more.sql', 'update marts.revenue set amount = amount + 1;\n');
    await quick.json(project, 'simulate');
    await quick.json(project, 'compare');
    const changed = await statusOf(project);
    expect(changed.digest).not.toBe(digest);
    expect(changed).toMatchObject({
      state: 'compared',
      approved_by: [],
      approvals: [{ by: 'alice', standing: 'void', digest }],
      next: 'greenlight approve --release pr-1',
    });
    const { stdout } = await quick.run(project, 'status');
    expect(stdout).toContain(
      `pr-1: alice approved digest ${digest.slice(0, 12)}: void, the latest comparison has ${changed.digest.slice(0, 12)}.`,
    );
    expect(await closedBy(project)).toEqual(['deviations', 'digest']);

    await project.remove('logic/02_more.sql');
    await quick.json(project, 'simulate');
    await quick.json(project, 'compare');
    expect(await statusOf(project)).toMatchObject({
      state: 'approved',
      digest,
      approvals: [{ standing: 'valid' }],
    });
    expect(await closedBy(project)).toEqual([]);
  });

  test.concurrent('of the author does not count, until the configuration says so', async () => {
    const project = await bases.fork('compared');
    expect(await approve(project, 'BOB')).toMatchObject({
      state: 'compared',
      counts: false,
      missing: 1,
    });
    expect(await statusOf(project)).toMatchObject({
      author: 'Bob',
      state: 'compared',
      approved_by: [],
      approvals: [{ by: 'BOB', standing: 'own' }],
    });
    const { stdout } = await quick.run(project, 'status');
    expect(stdout).toContain('pr-1: BOB approved, but is the author: that does not count.');
    expect(await closedBy(project)).toEqual(['deviations', 'self-approval']);
    expect(await approve(project, 'alice')).toMatchObject({ state: 'approved', missing: 0 });
    expect(await closedBy(project)).toEqual([]);

    const other = await bases.fork('compared');
    await other.write('greenlight.yml', `${defaultConfig}approvals: { by_author: true }\n`);
    await quick.json(other, 'compare');
    expect(await approve(other, 'bob')).toMatchObject({ state: 'approved', counts: true });
    expect(await closedBy(other)).toEqual([]);
  });

  test.concurrent('by the only person there is opens the gate where nobody is named as the author', async () => {
    const project = bases.keep(await makeProject());
    await quick.steps(project, 'compare');
    expect(await statusOf(project)).toMatchObject({ author: null });
    expect(await approve(project, 'tester')).toMatchObject({ state: 'approved', counts: true });
    expect(await closedBy(project)).toEqual([]);
  });

  test.concurrent('is needed of two persons where the configuration says so', async () => {
    const project = await bases.fork('compared');
    await project.write('greenlight.yml', twoPersons);
    await quick.json(project, 'compare');
    expect(await approve(project, 'alice')).toMatchObject({ state: 'compared', missing: 1 });
    expect(await approve(project, 'Alice')).toMatchObject({ state: 'compared', missing: 1 });
    expect(await closedBy(project)).toEqual(['deviations', 'approvals']);
    // Comparing again gives the same digest, and one person is not enough for that either.
    expect(await quick.json(project, 'compare')).toMatchObject({ state: 'compared' });
    expect(await approve(project, 'carol')).toMatchObject({ state: 'approved', missing: 0 });
    expect(await statusOf(project)).toMatchObject({ approved_by: ['alice', 'carol'] });
    expect(await closedBy(project)).toEqual([]);
    // Fewer than was compared with: somebody has to look again.
    await project.write('greenlight.yml', defaultConfig);
    expect(await closedBy(project)).toEqual(['logic']);
  });
});

describe('the author', () => {
  test.concurrent('comes from the environment, and stays when the release is cloned again', async () => {
    const project = bases.keep(await makeProject());
    const clone = ['clone', '--release', 'pr-1'];
    await quick.runWith({ GREENLIGHT_AUTHOR: '' }, project, ...clone);
    expect((await statusOf(project)).author).toBeNull();
    await quick.runWith({ GREENLIGHT_AUTHOR: 'carol' }, project, ...clone);
    expect((await statusOf(project)).author).toBe('carol');
    expect(await quick.json(project, ...clone)).toMatchObject({ author: 'carol' });
    expect(await quick.json(project, ...clone, '--author', 'dave')).toMatchObject({
      author: 'dave',
    });
  });
});

describe('an expectation that is not met', () => {
  test.concurrent('closes the gate by itself, and is approved with the digest', async () => {
    const project = await bases.fork('compared');
    const declared = `tables:
  marts.revenue: { columns: { note: added } }
  marts.top: { columns: { note: added } }
`;
    await project.write('greenlight.expected.yml', declared);
    expect(await quick.json(project, 'compare')).toMatchObject({ verdict: 'explained' });
    expect(await closedBy(project)).toEqual([]);
    const { digest: explained } = await statusOf(project);

    const unmet = '  staging.orders: { rows: { removed: { because: gone } } }\n';
    await project.write('greenlight.expected.yml', `${declared}${unmet}`);
    expect(await closedBy(project)).toEqual(['logic']);
    expect(await quick.json(project, 'compare')).toMatchObject({ verdict: 'unexplained' });
    expect((await statusOf(project)).digest).not.toBe(explained);
    expect(await closedBy(project)).toEqual(['expectations']);
    const { gate } = await quick.refusal(3, project, 'swap');
    expect(gate?.reasons).toMatchObject([
      {
        condition: 'expectations',
        found: expect.stringContaining(
          'greenlight.expected.yml:4 staging.orders rows removed: matches nothing',
        ),
      },
    ]);
    await approve(project, 'alice');
    expect(await closedBy(project)).toEqual([]);
    // With other words for why, what was found is the same.
    await project.write('greenlight.expected.yml', `${declared}${unmet.replace('gone', 'moved')}`);
    await quick.json(project, 'compare');
    expect(await closedBy(project)).toEqual([]);
  });
});

describe('status tells whether the files in hand are those that were compared', () => {
  test.concurrent('and which file or section is another one', async () => {
    const project = await bases.fork('compared');
    const logic = async () => (await statusOf(project)).logic;
    expect(await logic()).toEqual({ state: 'as-compared', changed: [] });
    const config = `# a comment\n${defaultConfig}`;
    await project.write('greenlight.yml', config);
    expect(await logic()).toEqual({ state: 'as-compared', changed: [] });

    await project.write('greenlight.yml', `${config}swap: { timeout: 5s }\n`);
    await project.write('logic/02_more.sql', 'select 1;\n');
    await project.write('migrations/V001__note.sql', 'select 1;\n');
    const changed = [
      '~ greenlight.yml: swap',
      '+ logic/02_more.sql',
      '~ migrations/V001__note.sql',
    ];
    expect(await logic()).toEqual({ state: 'changed', changed });
    const { stdout } = await quick.run(project, 'status');
    expect(stdout).toContain('pr-1: The files in hand are not those that were compared:');
    for (const line of changed) expect(stdout).toContain(`    ${line}`);
    const reasons = (await quick.refusal(3, project, 'swap')).gate?.reasons ?? [];
    const told = reasons.find(({ condition }) => condition === 'logic');
    for (const line of changed) expect(told?.found).toContain(line);

    await project.remove('migrations');
    expect(await logic()).toMatchObject({
      state: 'unreadable',
      changed: [expect.stringContaining('There is no folder migrations/')],
    });
    expect((await quick.run(project, 'status')).stdout).toContain('cannot be told');
  });

  test.concurrent('only of releases that were compared', async () => {
    const project = bases.keep(await makeProject());
    await quick.steps(project, 'simulate');
    expect(await statusOf(project)).toMatchObject({ logic: null, approvals: [], overrides: [] });
  });
});

describe('an override in an emergency', () => {
  const because = 'prices are wrong since 06:00';
  const override = ['swap', '--override', because, '--by', ' alice '];

  test.concurrent('takes live what people have not reviewed, and is told for good', async () => {
    const project = await bases.fork('compared');
    await project.write('logic/02_more.sql', 'select 1;\n');
    await project.sql('warehouse.duckdb', `insert into staging.orders values (1000, 'late', 1)`);
    const { digest } = await statusOf(project);
    const result = await quick.json<{ override: Shown; previous: string }>(project, ...override);
    const shown = {
      by: 'alice',
      because,
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      place: expect.stringMatching(/^command line on .+, by tester$/),
      digest,
      reasons: [
        { condition: 'drift', found: expect.stringContaining('staging.orders: 1 row') },
        { condition: 'logic', found: expect.stringContaining('+ logic/02_more.sql') },
        { condition: 'deviations', found: expect.stringContaining('marts.revenue: changed') },
      ],
    };
    expect(result.override).toEqual(shown);
    // What was written to live meanwhile is where it says: in the old database.
    const late = 'select id from staging.orders where id = 1000';
    expect(await project.sql('.greenlight/pr-1/previous/warehouse.duckdb', late)).toHaveLength(1);
    expect(await project.sql('warehouse.duckdb', late)).toHaveLength(0);

    const inEveryStatus = async () => {
      expect((await statusOf(project)).overrides).toEqual([shown]);
      const { stdout } = await quick.run(project, 'status');
      expect(stdout).toContain('pr-1: The gate was overridden by alice at ');
      expect(stdout).toContain(`"${because}". It was closed for drift, logic, deviations.`);
    };
    await inEveryStatus();
    await quick.json(project, 'rollback');
    await inEveryStatus();
    await quick.json(project, 'retire', '--release', 'pr-1');
    await inEveryStatus();
  });

  test.concurrent('says so in the text of the swap', async () => {
    const project = await bases.fork('compared');
    const { stdout, stderr } = await quick.run(project, ...override);
    expect(stderr).toContain('alice overrides the gate, deviations: this deviates');
    expect(stdout).toContain('The gate was overridden by alice');
    expect(stdout).toContain(because);
  });

  test.concurrent('is not needed where the gate is open, and leaves no record then', async () => {
    const project = await bases.fork('compared');
    await approve(project, 'alice');
    const { stderr, stdout } = await quick.run(project, ...override, '--json');
    expect(stderr).toContain('The gate is open: nothing has to be overridden.');
    expect(JSON.parse(stdout)).toMatchObject({ override: null });
    expect((await statusOf(project)).overrides).toEqual([]);
  });

  test.concurrent('does not open the gate onto another live, nor for what nobody compared', async () => {
    const project = await bases.fork('compared');
    await quick.json(project, 'simulate');
    await copyFile(project.path('warehouse.duckdb'), project.path('copy.duckdb'));
    await rename(project.path('copy.duckdb'), project.path('warehouse.duckdb'));
    const before = await project.fingerprint();
    const { error, gate } = await quick.refusal(3, project, ...override);
    expect(gate?.reasons.map(({ condition }) => condition)).toEqual(
      expect.arrayContaining(['comparison', 'identity']),
    );
    expect(error.what).toContain('(no override opens the gate for this)');
    expect(await project.fingerprint()).toBe(before);
    expect((await statusOf(project)).overrides).toEqual([]);
  });

  test.concurrent('stays recorded when the verification takes the swap back', async () => {
    const project = await bases.fork('compared');
    await project.write('checks/01.sql', 'select false as never;\n');
    await project.write('greenlight.yml', `${defaultConfig}swap: { verify: [checks/*.sql] }\n`);
    const before = await project.fingerprint();
    await quick.refusal(1, project, ...override);
    expect(await project.fingerprint()).toBe(before);
    expect((await statusOf(project)).overrides).toMatchObject([
      { by: 'alice', because, reasons: [{ condition: 'logic' }, { condition: 'deviations' }] },
    ]);
  });

  test.concurrent('takes a reason and a person, and there is no other force', async () => {
    const project = await bases.fork('compared');
    for (const args of [
      ['--override', because],
      ['--by', 'alice'],
      ['--override', '  ', '--by', 'alice'],
      ['--override', because, '--by', ''],
      ['--force'],
    ]) {
      const { error } = await quick.refusal(2, project, 'swap', ...args);
      expect(error.what).toMatch(/takes a reason and a person|unknown option '--force'/);
    }
    expect((await statusOf(project)).overrides).toEqual([]);
  });
});
