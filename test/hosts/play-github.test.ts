import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type GitHubApi, githubApi } from '../support/github-api.ts';
import { defaultConfig, makeProject, type Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// A release on GitHub from its first push to its rollback: the command line as the actions call it, with the events and
// the environment that the runner gives; asserted on what the API received.

const doubled = `delete from marts.revenue;
insert into marts.revenue (customer, amount)
select customer, sum(amount) * 2 from staging.orders where customer <> 'customer 3' group by customer order by customer;
`;
const tripled = doubled.replace('* 2', '* 3');
const mended = doubled.replace("where customer <> 'customer 3' ", '');
const commits = { first: '1'.repeat(40), second: '2'.repeat(40), merge: '3'.repeat(40) };

// Each of these steps takes commands in processes of their own.
jest.setTimeout(180_000);

const quick = quickly();
let project: Project;
let api: GitHubApi;
beforeAll(async () => {
  project = await makeProject({ config: `${defaultConfig}swap: { verify: [checks/*.sql] }\n` });
  await project.write('checks/rows.sql', 'select count(*) > 0 as filled from marts.revenue;');
  api = await githubApi({
    permissions: { alice: 'write', bob: 'write', mallory: 'read' },
    pulls: [
      {
        number: 42,
        login: 'bob',
        head: commits.first,
        state: 'open',
        title: '$(touch pwned) | `x` <b>',
      },
    ],
  });
});
afterAll(async () => {
  quick.end();
  await api.close();
  await project.dispose();
  expect(api.violations).toEqual([]);
});

interface Event {
  readonly name: string;
  readonly payload: object;
  readonly ref?: string;
  readonly sha?: string;
}

async function run(
  { name, payload, ref = 'refs/pull/42/merge', sha = 'f'.repeat(40) }: Event,
  ...args: string[]
) {
  await writeFile(project.path('event.json'), JSON.stringify(payload));
  await writeFile(project.path('output'), '');
  await writeFile(project.path('summary.md'), '');
  // What shows nothing on GitHub may share a process.
  const start = ['clone', 'migrate', 'simulate'].includes(args[0] ?? '')
    ? (env: Record<string, string>) => quick.runWith(env, project, ...args, '--json')
    : (env: Record<string, string>) => project.runWith({ env }, ...args, '--json');
  const done = await start({
    GITHUB_ACTIONS: 'true',
    GITHUB_API_URL: api.url,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'o/r',
    GITHUB_EVENT_NAME: name,
    GITHUB_EVENT_PATH: project.path('event.json'),
    GITHUB_REF: ref,
    GITHUB_SHA: sha,
    GITHUB_RUN_ID: '1001',
    GITHUB_WORKSPACE: project.folder,
    GITHUB_OUTPUT: project.path('output'),
    GITHUB_STEP_SUMMARY: project.path('summary.md'),
    'INPUT_GITHUB-TOKEN': 'ghs_secret',
  });
  expect(done.stdout + done.stderr.replace('::add-mask::ghs_secret', '')).not.toContain(
    'ghs_secret',
  );
  return {
    ...done,
    result: JSON.parse(done.stdout),
    summary: await readFile(project.path('summary.md'), 'utf8'),
  };
}

const pullRequest = (head: string, more = {}): Event => ({
  name: 'pull_request',
  payload: {
    action: 'synchronize',
    pull_request: {
      number: 42,
      state: 'open',
      merged: false,
      head: { sha: head },
      user: { login: 'bob', type: 'User' },
      ...more,
    },
  },
});

async function prepare(event: Event) {
  for (const step of ['clone', 'migrate', 'simulate'])
    expect((await run(event, step)).exitCode).toBe(0);
  return run(event, 'compare');
}

const command = (login: string, body: string, id: number): Event => ({
  name: 'issue_comment',
  ref: 'refs/heads/main',
  payload: {
    action: 'created',
    issue: { number: 42, pull_request: {} },
    comment: {
      id,
      body,
      html_url: `https://github.com/o/r/pull/42#issuecomment-${id}`,
      user: { login, type: 'User' },
    },
  },
});
const push: Event = {
  name: 'push',
  ref: 'refs/heads/main',
  sha: commits.merge,
  payload: { repository: { default_branch: 'main' } },
};

const sticky = () => {
  const [comment, ...others] = api.state.comments.filter(({ body }) =>
    body.startsWith('<!-- greenlight'),
  );
  expect(others).toEqual([]);
  return comment?.body ?? '';
};
const lastStatus = () => {
  const { sha, state, context } = api.state.statuses.at(-1) ?? {};
  return { sha, state, context };
};
const status = (sha: string, state: string) => ({ sha, state, context: 'greenlight/release' });

describe('a release on GitHub', () => {
  let digest = '';
  let before = '';

  test('a pull request is opened: its unexplained deviations are shown, and the status waits', async () => {
    before = await project.fingerprint();
    await project.write('logic/01_revenue.sql', doubled);
    const { exitCode, result, summary } = await prepare(pullRequest(commits.first));
    expect(exitCode).toBe(0);
    expect(result).toMatchObject({
      release: 'pr-42',
      verdict: 'unexplained',
      review: project.path('greenlight-review.html'),
    });
    digest = result.digest;
    expect(sticky()).toContain('Unexplained deviations');
    expect(sticky()).toContain(`/greenlight approve ${digest.slice(0, 12)}`);
    expect(sticky()).toContain('| `marts.revenue` | 0 | 1 | 6 | 7 |');
    expect(sticky()).toContain('[Review page](https://github.com/o/r/actions/runs/1001#artifacts)');
    expect(summary).toContain('| `marts.revenue` | 0 | 1 | 6 | 7 |');
    expect(lastStatus()).toEqual(status(commits.first, 'pending'));
    expect(api.state.statuses.at(-1)?.target_url).toBe(
      'https://github.com/o/r/pull/42#issuecomment-1',
    );
    expect(await readFile(project.path('greenlight-review.html'), 'utf8')).toContain(
      'marts.revenue',
    );
  });

  test('it cannot go live from there', async () => {
    const { exitCode, result } = await run(pullRequest(commits.first), 'swap');
    expect(exitCode).toBe(2);
    expect(result.error.what).toBe('swap runs on the default branch only, after the merge.');
    expect((await run(pullRequest(commits.first), 'rollback')).exitCode).toBe(2);
  });

  test('a fix is pushed: the comment tells what is gone and what is still there', async () => {
    await project.write('logic/01_revenue.sql', mended);
    const [pull] = api.state.pulls;
    if (pull !== undefined) pull.head = commits.second;
    const { result } = await prepare(pullRequest(commits.second));
    expect(result.digest).not.toBe(digest);
    digest = result.digest;
    expect(sticky()).toContain('| `marts.revenue` | still there | 0 | 0 | 7 | 7 |');
    expect(sticky()).toContain(
      '0 new, 2 still there, 0 gone; rows: 2 new, 19 still there, 1 gone.',
    );
    expect(lastStatus()).toEqual(status(commits.second, 'pending'));
  });

  test('an approval needs the permission, the latest digest, and somebody else', async () => {
    const talk = await run(command('mallory', 'Nice', 100), 'approve');
    expect(talk).toMatchObject({ exitCode: 0, result: { release: 'pr-42' } });
    expect(talk.result.skipped).toContain('nobody approves');
    const stranger = await run(command('mallory', `/greenlight approve ${digest}`, 101), 'approve');
    expect(stranger.exitCode).toBe(3);
    expect(api.state.comments.at(-1)?.body).toMatch(
      /^@mallory Not recorded\. mallory may not approve/,
    );
    const stale = await run(command('alice', '/greenlight approve 0123456789ab', 102), 'approve');
    expect(stale.exitCode).toBe(3);
    expect(api.state.comments.at(-1)?.body).toMatch(
      /^@alice Not recorded\. This digest is not the one/,
    );
    const own = await run(command('bob', `/greenlight approve ${digest}`, 103), 'approve');
    expect(own).toMatchObject({ exitCode: 0, result: { counts: false, missing: 1 } });
    expect(lastStatus()).toEqual(status(commits.second, 'pending'));
    expect(api.state.reactions.map(({ content }) => content)).toEqual([
      'confused',
      'confused',
      '+1',
    ]);
  });

  test('a review of an older commit, or from before the comparison, is none', async () => {
    const review = (id: number) => ({
      name: 'pull_request_review',
      payload: {
        ...pullRequest(commits.second).payload,
        review: { id, state: 'approved', user: { login: 'alice' } },
      },
    });
    const at = new Date(Date.now() + 60_000).toISOString();
    api.state.reviews = [
      { id: 1, pull: 42, login: 'alice', state: 'APPROVED', commit: commits.first, at },
      {
        id: 2,
        pull: 42,
        login: 'alice',
        state: 'APPROVED',
        commit: commits.second,
        at: '2020-01-01T00:00:00Z',
      },
    ];
    expect((await run(review(1), 'approve')).result.error.what).toMatch(
      /is not the one that was compared/,
    );
    expect((await run(review(2), 'approve')).result.error.what).toMatch(
      /before the comparison had ended/,
    );
    expect(lastStatus()).toEqual(status(commits.second, 'pending'));
  });

  test('somebody else approves by a command: the comment and the status show it', async () => {
    const event = command('alice', `/greenlight approve ${digest.slice(0, 12)}`, 104);
    const { exitCode, result } = await run(event, 'approve');
    expect({ exitCode, result }).toMatchObject({
      exitCode: 0,
      result: { state: 'approved', by: 'alice', missing: 0 },
    });
    expect(sticky()).toContain('✅');
    expect(sticky()).toContain('`alice` approved');
    expect(sticky()).toContain('merge this pull request');
    expect(lastStatus()).toEqual(status(commits.second, 'success'));
    // Run again, as GitHub lets anybody do, it records nothing twice.
    const again = await run(event, 'approve');
    expect(again.result.skipped).toBeDefined();
    const known = await project.json<{
      releases: { approvals: { by: string; place: string }[] }[];
    }>('status');
    expect(known.releases[0]?.approvals.map(({ by, place }) => [by, place])).toEqual([
      ['bob', 'https://github.com/o/r/pull/42#issuecomment-103'],
      ['alice', 'https://github.com/o/r/pull/42#issuecomment-104'],
    ]);
  });

  test('merged, it keeps its databases until the swap', async () => {
    const closed = pullRequest(commits.second, { state: 'closed', merged: true });
    const { exitCode, result } = await run(closed, 'retire');
    expect(exitCode).toBe(0);
    expect(result.skipped).toContain('the swap needs its databases');
    expect(await project.fingerprint()).toBe(before);
  });

  test('what was merged is not what was compared: the swap is refused, and the comment says why', async () => {
    Object.assign(api.state.pulls[0] ?? {}, {
      state: 'closed',
      merged_at: '2026-02-01T10:00:00Z',
      merge_commit_sha: commits.merge,
    });
    api.state.associated = { [commits.merge]: [42] };
    await project.write('logic/01_revenue.sql', tripled);
    const { exitCode, result } = await run(push, 'swap');
    expect(exitCode).toBe(3);
    expect(result.gate.reasons.map(({ condition }: { condition: string }) => condition)).toContain(
      'logic',
    );
    expect(sticky()).toContain('**Why the gate is closed**');
    expect(await project.fingerprint()).toBe(before);
    await project.write('logic/01_revenue.sql', mended);
  });

  test('merged as it was compared, it goes live', async () => {
    const { exitCode, result } = await run(push, 'swap');
    expect(exitCode).toBe(0);
    expect(result.release).toBe('pr-42');
    expect(await project.fingerprint()).not.toBe(before);
    expect(sticky()).toContain('✅ Live');
    expect(sticky()).toContain('greenlight rollback --release pr-42');
  });

  test('it is rolled back', async () => {
    const event = { ...push, name: 'workflow_dispatch' };
    expect((await run(event, 'rollback')).exitCode).toBe(0);
    expect(await project.fingerprint()).toBe(before);
    expect(sticky()).toContain('❌ Rolled back');
  });
});
