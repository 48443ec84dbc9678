import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type GitLabApi, gitlabApi } from '../support/gitlab-api.ts';
import { defaultConfig, makeProject, type Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// A release on GitLab from its first push to its rollback: the command line as the components call it, with the variables
// that the runner gives; asserted on what the API received.

const wrong = `delete from marts.revenue;
insert into marts.revenue (customer, amount)
select customer, sum(amount) * 2 from staging.orders where customer <> 'customer 3' group by customer order by customer;
`;
const mended = wrong.replace("where customer <> 'customer 3' ", '');
const commits = { first: '1'.repeat(40), second: '2'.repeat(40), merge: '3'.repeat(40) };

jest.setTimeout(180_000);

const quick = quickly();
let project: Project;
let api: GitLabApi;
beforeAll(async () => {
  project = await makeProject({ config: defaultConfig });
  api = await gitlabApi({
    users: [
      { id: 1, username: 'bob' },
      { id: 2, username: 'alice' },
    ],
    members: { 1: 40, 2: 30 },
    requests: [{ iid: 7, author: 1, sha: commits.first, state: 'opened' }],
  });
});
afterAll(async () => {
  quick.end();
  await api.close();
  await project.dispose();
});

async function run(variables: Record<string, string>, ...args: string[]) {
  const done = await quick.runWith(
    {
      GITLAB_CI: 'true',
      CI_API_V4_URL: `${api.url}/api/v4`,
      CI_PROJECT_ID: '7',
      CI_PROJECT_DIR: project.folder,
      CI_JOB_URL: 'https://gitlab.example/g/p/-/jobs/5',
      CI_DEFAULT_BRANCH: 'main',
      CI_MERGE_REQUEST_TITLE: '$(touch pwned); `id` | </details>\n/close',
      GREENLIGHT_GITLAB_TOKEN: 'glpat-secret',
      ...variables,
    },
    project,
    ...args,
    '--json',
  );
  expect(done.stdout + done.stderr).not.toContain('glpat-secret');
  return { ...done, result: JSON.parse(done.stdout) };
}

const onRequest = (sha: string) => ({
  CI_PIPELINE_SOURCE: 'merge_request_event',
  CI_MERGE_REQUEST_IID: '7',
  CI_COMMIT_SHA: sha,
});
const afterTheMerge = {
  CI_PIPELINE_SOURCE: 'push',
  CI_COMMIT_BRANCH: 'main',
  CI_COMMIT_SHA: commits.merge,
};

async function prepare(sha: string) {
  for (const step of ['clone', 'migrate', 'simulate'])
    expect((await run(onRequest(sha), step)).exitCode).toBe(0);
  return run(onRequest(sha), 'compare');
}

const sticky = () => {
  const [note, ...others] = api.state.notes.filter(({ body }) =>
    body.startsWith('<!-- greenlight'),
  );
  expect(others).toEqual([]);
  return note?.body ?? '';
};
const lastStatus = () => {
  const { sha, state, name } = api.state.statuses.at(-1) ?? {};
  return [sha, state, name];
};
const say = (author: number, body: string, system = false) => {
  const id = Math.max(0, ...api.state.notes.map((one) => one.id)) + 1;
  api.state.notes.push({
    id,
    request: 7,
    author,
    body,
    system,
    at: new Date(Date.now() + 60_000).toISOString(),
  });
};

describe('a release on GitLab', () => {
  let digest = '';
  let before = '';

  test('a merge request is opened: its unexplained deviations are shown, and the status waits', async () => {
    before = await project.fingerprint();
    await project.write('logic/01_revenue.sql', wrong);
    const { exitCode, result } = await prepare(commits.first);
    expect(exitCode).toBe(0);
    expect(result).toMatchObject({ release: 'mr-7', verdict: 'unexplained' });
    digest = result.digest;
    expect(sticky()).toContain(`/greenlight approve ${digest.slice(0, 12)}`);
    expect(sticky()).toContain('| `marts.revenue` | 0 | 1 | 6 | 7 |');
    expect(sticky()).toContain(
      '(https://gitlab.example/g/p/-/jobs/5/artifacts/file/greenlight-review.html)',
    );
    expect(lastStatus()).toEqual([commits.first, 'pending', 'greenlight/release']);
    expect((await run(onRequest(commits.first), 'swap')).exitCode).toBe(2);
  });

  test('a fix is pushed: the note tells what is still there', async () => {
    await project.write('logic/01_revenue.sql', mended);
    Object.assign(api.state.requests[0] ?? {}, { sha: commits.second });
    const { result } = await prepare(commits.second);
    expect(result.digest).not.toBe(digest);
    digest = result.digest;
    expect(sticky()).toContain('| `marts.revenue` | still there | 0 | 0 | 7 | 7 |');
    expect(lastStatus()).toEqual([commits.second, 'pending', 'greenlight/release']);
  });

  test('after the merge without an approval, it does not go live', async () => {
    Object.assign(api.state.requests[0] ?? {}, {
      state: 'merged',
      merged_at: '2026-02-01T10:00:00Z',
      merge_commit_sha: commits.merge,
    });
    api.state.associated = { [commits.merge]: [7] };
    const nobody = await run(afterTheMerge, 'approve');
    expect(nobody).toMatchObject({ exitCode: 0, result: { release: 'mr-7' } });
    expect(nobody.result.skipped).toContain('nobody approves');
    const { exitCode } = await run(afterTheMerge, 'swap');
    expect(exitCode).toBe(3);
    expect(await project.fingerprint()).toBe(before);
  });

  test('the author and somebody else have approved: the one does not count, the other does', async () => {
    say(1, `/greenlight approve ${digest.slice(0, 12)}`);
    say(2, 'approved this merge request', true);
    api.state.approved = { 7: [2] };
    const { exitCode, result } = await run(afterTheMerge, 'approve');
    expect({ exitCode, result }).toMatchObject({
      exitCode: 0,
      result: { by: 'alice', state: 'approved', missing: 0 },
    });
    expect(sticky()).toContain('`bob` approved');
    expect(sticky()).toContain('it is the author of the change');
    expect(api.state.emoji.map(({ name }) => name)).toEqual(['thumbsup']);
    expect(lastStatus()).toEqual([commits.second, 'success', 'greenlight/release']);
    expect((await run(afterTheMerge, 'approve')).result.skipped).toContain('nobody approves');
  });

  test('it goes live, and is rolled back', async () => {
    const { exitCode, result } = await run(afterTheMerge, 'swap');
    expect({ exitCode, release: result.release }).toEqual({ exitCode: 0, release: 'mr-7' });
    expect(await project.fingerprint()).not.toBe(before);
    expect(sticky()).toContain('✅ Live');
    expect((await run({ ...afterTheMerge, CI_PIPELINE_SOURCE: 'web' }, 'rollback')).exitCode).toBe(
      0,
    );
    expect(await project.fingerprint()).toBe(before);
    expect(sticky()).toContain('❌ Rolled back');
    expect(await readFile(project.path('greenlight-review.html'), 'utf8')).toContain(
      'marts.revenue',
    );
  });
});
