import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { times } from '../support/api-server.ts';
import { projects } from '../support/fork.ts';
import { type GitHubApi, githubApi } from '../support/github-api.ts';
import { defaultConfig, makeProject, type Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// What a job comes to when the host, the event or the data are not as they should be.

jest.setTimeout(180_000);

const head = 'a'.repeat(40);
const quick = quickly();
const bases = projects({
  /** Everything is there to be compared, and one table has a name that would command the runner. */
  simulated: async () => {
    const project = await makeProject({
      config: `${defaultConfig}connection: { memory_limit: "\${LIMIT}" }\nexpectations: greenlight.expected.yml\n`,
    });
    await project.write(
      'migrations/V002__attack.sql',
      `create table marts."x ##[set-output name=digest]fake" as select 1 as "a|b\`c";\n`,
    );
    await project.write('greenlight.expected.yml', expected);
    for (const step of ['clone', 'migrate', 'simulate'])
      expect(
        await quick.runWith({ LIMIT: '1234 MB' }, project, step, '--release', 'pr-42'),
      ).toMatchObject({ exitCode: 0 });
    return project;
  },
});
let api: GitHubApi;
beforeAll(async () => {
  api = await githubApi();
});
afterAll(async () => {
  quick.end();
  await api.close();
  await bases.dispose();
  expect(api.violations).toEqual([]);
});

const expected = `version: 1
tables:
  marts.revenue:
    columns:
      amount: { because: a new rule }
`;

async function job(
  project: Project,
  event: string,
  args: readonly string[],
  env: Record<string, string> = {},
) {
  const payload = {
    action: 'synchronize',
    repository: { default_branch: 'main' },
    pull_request: {
      number: 42,
      state: 'open',
      merged: false,
      head: { sha: head },
      user: { login: 'bob' },
    },
  };
  await writeFile(project.path('event.json'), JSON.stringify(payload));
  await writeFile(project.path('summary.md'), '');
  const done = await quick.runWith(
    {
      GITHUB_ACTIONS: 'true',
      GITHUB_API_URL: api.url,
      GITHUB_REPOSITORY: 'o/r',
      GITHUB_EVENT_NAME: event,
      GITHUB_EVENT_PATH: project.path('event.json'),
      GITHUB_REF: 'refs/pull/42/merge',
      GITHUB_RUN_ID: '1001',
      GITHUB_WORKSPACE: project.folder,
      GITHUB_STEP_SUMMARY: project.path('summary.md'),
      'INPUT_GITHUB-TOKEN': 'ghs_secret',
      LIMIT: '1234 MB',
      ...env,
    },
    project,
    ...args,
  );
  return { ...done, summary: await readFile(project.path('summary.md'), 'utf8') };
}

interface Status {
  readonly releases: { state: string; digest: string }[];
}
const statusOf = async (project: Project) =>
  (
    JSON.parse(
      (await quick.runWith({ LIMIT: '1234 MB' }, project, 'status', '--json')).stdout,
    ) as Status
  ).releases[0];

describe('when nothing can be shown, the work stands', () => {
  test.each([
    [
      'a fork’s token, which only reads',
      { status: 403, body: { message: 'Resource not accessible by integration' } },
      /may not do that .*pull-requests: write/,
    ],
    [
      'an answer that nobody expects',
      { status: 422, body: { message: 'Validation Failed' } },
      /refuses it/,
    ],
  ])('%s', async (_, reply, said) => {
    const project = await bases.fork('simulated');
    const mend = api.fault(times(99, /^(POST|PATCH) /, reply));
    const { exitCode, stdout, stderr, summary } = await job(project, 'pull_request', [
      'compare',
      '--json',
    ]);
    mend();
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/warning: Could not write the comment/);
    expect(stderr).toMatch(/warning: Could not set the commit status/);
    expect(stderr).toMatch(said);
    expect(summary).toMatch(/^> ⚠️ Could not write the comment/);
    expect(summary).toContain('## 🟡 Unexplained deviations');
    const { digest } = JSON.parse(stdout);
    expect(await statusOf(project)).toMatchObject({ state: 'compared', digest });
    expect(await readFile(project.path('greenlight-review.html'), 'utf8')).toContain(digest);
  });

  test('an API that is down, and no token at all', async () => {
    const project = await bases.fork('simulated');
    const none = await job(project, 'pull_request', ['compare', '--json'], {
      'INPUT_GITHUB-TOKEN': '',
    });
    expect(none.exitCode).toBe(0);
    expect(none.stderr).toContain('warning: There is no token for the GitHub API');
    const before = await statusOf(project);
    const down = await job(
      project,
      'pull_request',
      ['approve', '--release', 'pr-42', '--by', 'alice', '--digest', before?.digest ?? ''],
      {
        GITHUB_API_URL: 'http://127.0.0.1:9',
      },
    );
    expect(down.exitCode).toBe(0);
    expect(down.stderr).toMatch(/warning: .*GitHub's API does not answer/);
    expect(await statusOf(project)).toMatchObject({ state: 'approved' });
  });

  test('`comment: false` writes none, and sets the status all the same', async () => {
    const project = await bases.fork('simulated');
    const before = api.received.length;
    const run = await job(project, 'pull_request', ['compare'], { INPUT_COMMENT: 'false' });
    expect(run.exitCode).toBe(0);
    const sent = api.received.slice(before).map(({ method, path }) => `${method} ${path}`);
    expect(sent).toEqual([`POST /repos/o/r/statuses/${head}`]);
    expect(api.state.statuses.at(-1)?.state).toBe('pending');
  });
});

describe('where strangers could run code with secrets, or production would change before the merge', () => {
  test.each([
    ['pull_request_target', 'migrate'],
    ['pull_request_target', 'simulate'],
    ['workflow_run', 'migrate'],
    ['workflow_run', 'simulate'],
    ['issue_comment', 'simulate'],
    ['pull_request', 'swap'],
    ['pull_request', 'rollback'],
    ['workflow_run', 'swap'],
  ])('%s does not %s', async (event, step) => {
    const project = await bases.base('simulated');
    const before = await readFile(project.path('greenlight.duckdb'));
    const { exitCode, stderr } = await job(project, event, [step, '--release', 'pr-42']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      new RegExp(`error: ${step} (does not run on ${event}|runs on branch main only)`),
    );
    expect(stderr).toMatch(/help: {2}\S/);
    expect((await readFile(project.path('greenlight.duckdb'))).equals(before)).toBe(true);
  });
});

test('secrets are masked before anything else is said', async () => {
  const project = await bases.fork('simulated');
  const { stderr } = await job(project, 'pull_request', ['simulate']);
  const lines = stderr.split('\n');
  expect(lines.slice(0, 2)).toEqual(['::add-mask::ghs_secret', '::add-mask::1234 MB']);
  expect(lines.slice(2).join('\n')).not.toMatch(/ghs_secret|1234 MB/);
});

test('names in the data command neither the runner nor the comment', async () => {
  const project = await bases.fork('simulated');
  for (const how of [[], ['--json']]) {
    const { stdout, stderr, exitCode } = await job(project, 'pull_request', ['compare', ...how]);
    expect(exitCode).toBe(0);
    expect(stdout + stderr).toContain('set-output name=digest');
    expect(stdout + stderr).not.toContain('##[');
    if (how.length > 0)
      expect(JSON.parse(stdout).tables.map(({ table }: { table: string }) => table)).toContain(
        'marts."x ##[set-output name=digest]fake"',
      );
  }
  const [comment] = api.state.comments;
  expect(comment?.body).toContain('| `marts."x ##[set-output name=digest]fake"` table added |');
});

test('the whole preparation in one job publishes once, and hands on what the comparison gave', async () => {
  const project = await bases.fork('simulated');
  await writeFile(project.path('output'), '');
  const before = api.received.length;
  const env = { GITHUB_OUTPUT: project.path('output') };
  const { exitCode, stdout } = await job(project, 'pull_request', ['prepare', '--json'], env);
  expect(exitCode).toBe(0);
  const { clone, compare } = JSON.parse(stdout);
  expect([clone.release, clone.author]).toEqual(['pr-42', 'bob']);
  expect(compare.review).toBe(project.path('greenlight-review.html'));
  const output = await readFile(project.path('output'), 'utf8');
  for (const value of ['pr-42', compare.digest, compare.review])
    expect(output).toContain(`\n${value}\n`);
  const written = api.received.slice(before).filter(({ method }) => method !== 'GET');
  expect(written.map(({ path }) => path.replace(/\d+$/, 'N'))).toEqual([
    expect.stringMatching(/comments/),
    `/repos/o/r/statuses/${head}`.replace(/\d+$/, 'N'),
  ]);
});

test('annotations point to the declarations that are not met', async () => {
  const project = await bases.fork('simulated');
  const { stderr } = await job(project, 'pull_request', ['compare']);
  expect(stderr).toMatch(
    /^::warning file=greenlight\.expected\.yml,line=5,title=Expectation not met::.*matches nothing$/m,
  );
});

test('a step that fails shows on the commit', async () => {
  const project = await bases.fork('simulated');
  await project.write('logic/02_wrong.sql', 'select no_such_column from marts.revenue;');
  expect((await job(project, 'pull_request', ['simulate'])).exitCode).toBe(1);
  expect(api.state.statuses.at(-1)).toMatchObject({
    sha: head,
    state: 'failure',
    description: 'simulate failed',
  });
});

test('a closed pull request cleans up after itself, and begins anew when it is reopened', async () => {
  const project = await bases.fork('simulated');
  const retired = await job(project, 'pull_request', ['retire', '--json']);
  expect(JSON.parse(retired.stdout)).toMatchObject({ release: 'pr-42', state: 'retired' });
  const again = await job(project, 'pull_request', ['clone', '--json']);
  expect(JSON.parse(again.stdout)).toMatchObject({
    release: 'pr-42',
    state: 'cloned',
    author: 'bob',
  });
});

test('a pull request that never had a release has nothing to clean up, nor to approve', async () => {
  const project = await makeProject();
  for (const [event, step] of [
    ['pull_request', 'retire'],
    ['pull_request_review', 'approve'],
  ] as const) {
    const { exitCode, stdout } = await job(project, event, [step, '--json']);
    expect([exitCode, JSON.parse(stdout)]).toEqual([
      0,
      { release: 'pr-42', skipped: 'there is no release pr-42' },
    ]);
  }
  await project.dispose();
});

test('status shows all releases, and with --gate the one that the job is about', async () => {
  const project = await bases.base('simulated');
  const all = await job(project, 'push', ['status', '--json'], { GITHUB_REF: 'refs/heads/main' });
  expect(JSON.parse(all.stdout).releases).toHaveLength(1);
  const gate = await job(project, 'pull_request', ['status', '--gate', '--json']);
  expect(JSON.parse(gate.stdout).gate).toMatchObject({ release: 'pr-42', open: false });
});

test('on a terminal, the review page is written where it is asked for', async () => {
  const project = await bases.fork('simulated');
  const { exitCode, stdout } = await quick.runWith(
    { LIMIT: '1 GB' },
    project,
    'compare',
    '--review',
    'sub.html',
    '--json',
  );
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout).review).toBe(project.path('sub.html'));
  const html = await readFile(project.path('sub.html'), 'utf8');
  expect(html).toContain('greenlight approve --release pr-42 --digest');
  expect(html).not.toContain('merge this');
});
