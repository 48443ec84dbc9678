import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { projects } from '../support/fork.ts';
import { type GitLabApi, gitlabApi } from '../support/gitlab-api.ts';
import { holdDatabase } from '../support/holder.ts';
import { makeProject, type Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// What a job on GitLab comes to when people, the API or the runner are not as they should be.

jest.setTimeout(180_000);

const head = '1'.repeat(40);
const doubled = `delete from marts.revenue;
insert into marts.revenue (customer, amount)
select customer, sum(amount) * 2 from staging.orders group by customer order by customer;
`;

const quick = quickly();
const bases = projects({
  /** Compared in job 5, and shown to nobody. */
  unexplained: () => compared({ 'logic/01_revenue.sql': doubled }),
  identical: () => compared({ 'logic/01_revenue.sql': 'select 1;\n' }),
});
let api: GitLabApi;
beforeEach(async () => {
  api = await gitlabApi({
    users: [
      { id: 1, username: 'bob' },
      { id: 2, username: 'alice' },
      { id: 3, username: 'mallory' },
    ],
    members: { 1: 40, 2: 30, 3: 10 },
    requests: [{ iid: 7, author: 1, sha: head, state: 'opened' }],
  });
});
afterEach(() => api.close());
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

async function compared(files: Record<string, string>): Promise<Project> {
  const project = await makeProject({
    config:
      'version: 1\nengine: duckdb\nlive: warehouse.duckdb\nsimulate: { run: [logic/*.sql] }\ncompare: { input: [staging.*] }\n',
    files,
  });
  const { exitCode, stderr } = await job(project, ['prepare'], { GREENLIGHT_GITLAB_TOKEN: '' });
  if (exitCode !== 0) throw new Error(stderr);
  return project;
}

async function job(
  project: Project,
  args: readonly string[],
  env: Record<string, string> = {},
  number = 5,
) {
  const done = await quick.runWith(
    {
      GITLAB_CI: 'true',
      CI_API_V4_URL: `${api?.url}/api/v4`,
      CI_PROJECT_ID: '7',
      CI_PROJECT_DIR: project.folder,
      CI_JOB_URL: `https://gitlab.example/g/p/-/jobs/${number}`,
      CI_DEFAULT_BRANCH: 'main',
      CI_PIPELINE_SOURCE: 'merge_request_event',
      CI_MERGE_REQUEST_IID: '7',
      CI_COMMIT_SHA: head,
      GREENLIGHT_GITLAB_TOKEN: 'glpat-secret',
      ...env,
    },
    project,
    ...args,
    '--json',
  );
  return { ...done, result: JSON.parse(done.stdout) };
}

const stateOf = async (project: Project) =>
  (await quick.json<{ releases: { state: string }[] }>(project, 'status')).releases[0]?.state;
const digestOf = async (project: Project) =>
  (await quick.json<{ releases: { digest: string }[] }>(project, 'status')).releases[0]?.digest ??
  '';

let notes = 0;
function say(author: number, body: string, more: object = {}): void {
  notes += 1;
  const at = new Date(Date.now() + 60_000).toISOString();
  api.state.notes.push({ id: notes, request: 7, author, body, system: false, at, ...more });
}

describe('a merge request that is closed', () => {
  const candidate = (project: Project) => project.path('.greenlight/mr-7/candidate');

  test.each([
    ['merged', {}],
    ['locked', {}],
    // As an earlier job of the pipeline has handed it on.
    ['merged', { GREENLIGHT_RELEASE: 'mr-7' }],
  ] as const)('by its merge (%s, %j) keeps its databases', async (state, env) => {
    const project = await bases.fork('unexplained');
    Object.assign(api.state.requests[0] ?? {}, { state });
    const { exitCode, result } = await job(project, ['retire'], env);
    expect(exitCode).toBe(0);
    expect(result.skipped).toContain('the swap needs its databases');
    expect(existsSync(candidate(project))).toBe(true);
  });

  test.each([
    ['without a token', ''],
    ['with a token that may not read it', 'glpat-secret'],
  ])('keeps them when nobody says whether it was merged: %s', async (_, token) => {
    const project = await bases.fork('unexplained');
    api.fault(() => ({ status: 403, body: { message: '403 Forbidden' } }));
    const env = { GREENLIGHT_GITLAB_TOKEN: token };
    const { exitCode, result } = await job(project, ['retire'], env);
    expect(exitCode).toBe(1);
    expect(result.error.what).toContain('it is not known whether mr-7 was merged');
    expect(result.error.help).toContain('greenlight retire --release mr-7');
    expect(existsSync(candidate(project))).toBe(true);
    expect(await stateOf(project)).toBe('compared');
  });

  test('does not stand for a release that is named', async () => {
    const project = await bases.fork('unexplained');
    Object.assign(api.state.requests[0] ?? {}, { state: 'merged' });
    const env = { CI_PIPELINE_SOURCE: 'web', CI_MERGE_REQUEST_IID: '', CI_COMMIT_BRANCH: 'main' };
    const { result } = await job(project, ['retire', '--release', 'mr-7'], env);
    expect(result.state).toBe('retired');
  });

  test('unmerged loses them', async () => {
    const project = await bases.fork('unexplained');
    Object.assign(api.state.requests[0] ?? {}, { state: 'closed' });
    expect((await job(project, ['retire'])).result.state).toBe('retired');
    expect(existsSync(candidate(project))).toBe(false);
  });
});

describe('an approval', () => {
  test('by a command that was changed after it was written is refused', async () => {
    const project = await bases.fork('unexplained');
    const body = `/greenlight approve ${(await digestOf(project)).slice(0, 12)}`;
    say(2, body, { changed: new Date(Date.now() + 600_000).toISOString() });
    const { exitCode } = await job(project, ['approve']);
    expect(exitCode).toBe(3);
    expect(api.state.notes.some((one) => /^@alice Not recorded\. .* changed/.test(one.body))).toBe(
      true,
    );
    expect(await stateOf(project)).toBe('compared');
  });

  test('that cannot be recorded now is recorded by the next job', async () => {
    const project = await bases.fork('unexplained');
    say(2, `/greenlight approve ${(await digestOf(project)).slice(0, 12)}`);
    const lock = project.path('.greenlight/locks/greenlight.duckdb.release-mr-7.lock');
    const holder = await holdDatabase('write', lock);
    const busy = await job(project, ['approve']);
    await holder.end();
    expect(busy.exitCode).toBe(1);
    expect(busy.result.error.what).toContain('Another greenlight works on release mr-7');
    expect(api.state.emoji).toEqual([]);
    expect((await job(project, ['approve'])).result).toMatchObject({ by: 'alice', missing: 0 });
  });

  test('of a request in which nothing is unexplained is nobody’s fault, however early it was given', async () => {
    const project = await bases.fork('identical');
    say(2, 'approved this merge request', { system: true, at: '2020-01-01T00:00:00.000Z' });
    api.state.approved = { 7: [2] };
    const { exitCode, result } = await job(project, ['approve']);
    expect({ exitCode, result }).toMatchObject({ exitCode: 0, result: { release: 'mr-7' } });
    expect(result.skipped).toContain('nobody approves');
  });

  test('of unexplained deviations that was given too early is refused', async () => {
    const project = await bases.fork('unexplained');
    say(2, 'approved this merge request', { system: true, at: '2020-01-01T00:00:00.000Z' });
    api.state.approved = { 7: [2] };
    expect((await job(project, ['approve'])).exitCode).toBe(3);
  });

  test('leaves the link to the review page of the job that compared', async () => {
    const project = await bases.fork('unexplained');
    say(2, `/greenlight approve ${(await digestOf(project)).slice(0, 12)}`);
    expect((await job(project, ['approve'], {}, 6)).exitCode).toBe(0);
    const note = api.state.notes.find(({ body }) => body.startsWith('<!-- greenlight'));
    expect(note?.body).toContain(
      '[Review page](https://gitlab.example/g/p/-/jobs/5/artifacts/file/greenlight-review.html)',
    );
  });

  test('of a request that has no release yet is answered where it names a digest', async () => {
    const project = await makeProject();
    bases.keep(project);
    say(2, 'approved this merge request', { system: true });
    api.state.approved = { 7: [2] };
    const none = await job(project, ['approve']);
    expect([none.exitCode, none.result.skipped]).toEqual([0, 'there is no release mr-7']);
    say(2, '/greenlight approve 3f9c0a7be112');
    expect((await job(project, ['approve'])).exitCode).toBe(3);
    expect(api.state.notes.at(-1)?.body).toBe(
      '@alice Not recorded. Nothing was compared yet. Approve again when the comparison is there.',
    );
  });

  test('by a digest alone is told what it lacks', async () => {
    const project = await bases.fork('unexplained');
    const { exitCode, result } = await job(project, ['approve', '--digest', '3f9c0a7be112']);
    expect(exitCode).toBe(2);
    expect(result.error).toMatchObject({
      what: 'An approval names what is approved and who approves it.',
      help: expect.stringContaining('without both'),
    });
  });
});

test('a preparation that fails leaves no verdict of before in the comment', async () => {
  const project = await bases.fork('unexplained');
  expect((await job(project, ['compare'])).exitCode).toBe(0);
  const comment = () =>
    api.state.notes.find(({ body }) => body.startsWith('<!-- greenlight'))?.body;
  expect(comment()).toContain('/greenlight approve');
  await project.write('logic/02_wrong.sql', 'select no_such_column from marts.revenue;');
  expect((await job(project, ['prepare'])).exitCode).toBe(1);
  expect(comment()).toContain('Being made anew');
  expect(comment()).not.toContain('/greenlight approve');
  expect(api.state.statuses.at(-1)).toMatchObject({ sha: head, state: 'failed' });
});

describe('files that cannot be written', () => {
  test('outputs: the step is done, and the error says so', async () => {
    const project = await bases.fork('unexplained');
    await project.remove('greenlight.env');
    await mkdir(project.path('greenlight.env'));
    const { exitCode, result, stderr } = await job(project, ['compare']);
    expect(exitCode).toBe(1);
    expect(result.error.what).toBe(
      'compare is done and recorded, but its outputs could not be given to the jobs that follow.',
    );
    expect(result.error.cause).toContain('greenlight.env');
    expect(stderr).not.toMatch(/should not have happened|^ +at /m);
    expect(await stateOf(project)).toBe('compared');
  });

  test('the review page: all else is shown', async () => {
    const project = await bases.fork('unexplained');
    await mkdir(project.path('other/greenlight-review.html'), { recursive: true });
    const args = ['compare', '--review', 'other/greenlight-review.html'];
    const { exitCode, result, stderr } = await job(project, args);
    expect({ exitCode, review: result.review }).toEqual({ exitCode: 0, review: null });
    expect(stderr).toContain('warning: Could not write the review page');
    const note = api.state.notes.find(({ body }) => body.startsWith('<!-- greenlight'));
    expect(note?.body).toContain('Unexplained deviations');
    expect(note?.body).not.toContain('Review page');
    expect(api.state.statuses.at(-1)).toMatchObject({ sha: head, state: 'pending' });
  });
});

test('outputs are those of the release', async () => {
  const project = await bases.base('unexplained');
  expect(await readFile(project.path('greenlight.env'), 'utf8')).toMatch(
    /^GREENLIGHT_RELEASE=mr-7$/m,
  );
});
