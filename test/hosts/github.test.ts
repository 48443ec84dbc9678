import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Bottleneck from 'bottleneck';
import { githubHost } from '../../src/hosts/github/host.ts';
import type { Review } from '../../src/hosts/review.ts';
import { times } from '../support/api-server.ts';
import { type GitHubApi, type GitHubState, githubApi } from '../support/github-api.ts';

let api: GitHubApi;
let folder: string;
let log: string;
beforeEach(async () => {
  api = await githubApi();
  folder = await mkdtemp(join(tmpdir(), 'greenlight-github-'));
  log = '';
});
afterEach(async () => {
  await api.close();
  await rm(folder, { recursive: true });
  // Whatever a test does: nothing that GitHub would not understand is ever sent.
  expect(api.violations).toEqual([]);
});

/** Requests that write are sent one by one, as in production, and without a pause between them. */
const hurried = {
  write: new Bottleneck.Group({ maxConcurrent: 1 }),
  notifications: new Bottleneck.Group({ maxConcurrent: 1 }),
};

interface Job {
  readonly event?: string;
  readonly payload?: object;
  readonly env?: Record<string, string>;
}

async function hostOf({ event = 'pull_request', payload, env = {} }: Job = {}) {
  const file = join(folder, 'event.json');
  await writeFile(file, JSON.stringify(payload ?? { pull_request: pull(42) }));
  return githubHost({
    quiet: false,
    patience: { waitMs: 1, pace: hurried },
    log: {
      write: (text) => {
        log += text;
      },
    },
    env: {
      GITHUB_ACTIONS: 'true',
      GITHUB_API_URL: api.url,
      GITHUB_REPOSITORY: 'o/r',
      GITHUB_EVENT_NAME: event,
      GITHUB_EVENT_PATH: file,
      GITHUB_REF: 'refs/pull/42/merge',
      GITHUB_SHA: 'f'.repeat(40),
      GITHUB_RUN_ID: '1001',
      GITHUB_WORKSPACE: folder,
      'INPUT_GITHUB-TOKEN': 'secret-token',
      ...env,
    },
  });
}

async function reviewOf(job?: Job): Promise<Review> {
  const { review } = await hostOf(job);
  if (review === null) throw new Error('There is no review');
  return review;
}

const head = 'a'.repeat(40);
const pull = (number: number) => ({
  number,
  state: 'open',
  merged: false,
  head: { sha: head },
  user: { login: 'bob', type: 'User' },
});
const change = { number: 42, release: 'pr-42', author: 'bob', head, state: 'open' } as const;
const marker = '<!-- greenlight: release pr-42, greenlight.yml -->';
const comment = { marker, body: 'found' };
const own = (more: Partial<GitHubState['comments'][number]> = {}) => ({
  id: 1,
  issue: 42,
  login: 'greenlight-bot',
  body: `${marker}\nbefore`,
  ...more,
});

describe('the comment', () => {
  test('is made once, then changed in place, then left alone', async () => {
    const review = await reviewOf();
    const address = await review.comment(change, comment);
    expect(address).toBe('https://github.com/o/r/pull/42#issuecomment-1');
    expect(api.state.comments).toEqual([own({ body: `${marker}\nfound` })]);
    await (await reviewOf()).comment(change, { marker, body: 'more' });
    expect(api.state.comments).toEqual([own({ body: `${marker}\nmore` })]);
    const before = api.written().length;
    await (await reviewOf()).comment(change, { marker, body: 'more' });
    expect(api.written()).toHaveLength(before);
  });

  test('line ends that the host has changed are no change', async () => {
    api.state.comments = [own({ body: `${marker}\r\nfound\r\n` })];
    await (await reviewOf()).comment(change, comment);
    expect(api.written()).toEqual([]);
  });

  test('is found among a thousand', async () => {
    const others = Array.from({ length: 1000 }, (_, at) =>
      own({ id: at + 1, login: 'carol', body: 'talk' }),
    );
    api.state.comments = [...others, own({ id: 1001 })];
    await (await reviewOf()).comment(change, comment);
    expect(api.written()).toEqual(['PATCH /repos/o/r/issues/comments/1001']);
    expect(
      api.received.filter(({ method, path }) => method === 'GET' && path.includes('/comments')),
    ).toHaveLength(11);
  });

  test('of another account with the same marker is left alone', async () => {
    const foreign = own({ login: 'other-bot[bot]' });
    api.state.comments = [{ ...foreign }];
    await (await reviewOf()).comment(change, comment);
    expect(api.state.comments).toEqual([foreign, own({ id: 2, body: `${marker}\nfound` })]);
  });

  test('of our account for another release or with the marker quoted is left alone', async () => {
    const others = [
      own({ body: marker.replace('42', '4') }),
      own({ id: 2, body: `> ${marker}\nquoted` }),
    ];
    api.state.comments = others.map((one) => ({ ...one }));
    await (await reviewOf()).comment(change, comment);
    expect(api.state.comments.slice(0, 2)).toEqual(others);
    expect(api.state.comments).toHaveLength(3);
  });

  test('is made anew when somebody deletes it, even in between', async () => {
    api.state.comments = [own()];
    api.fault(({ method }) => {
      if (method === 'PATCH') api.state.comments = [];
      return null;
    });
    await (await reviewOf()).comment(change, comment);
    expect(api.state.comments).toEqual([own({ body: `${marker}\nfound` })]);
    expect(api.written().map((request) => request.split(' ')[0])).toEqual(['PATCH', 'POST']);
  });

  test('stays one when two runs race for it: the older one stays, with the text of the later', async () => {
    // Another run has made its own between our look and our comment.
    api.fault(({ method }) => {
      if (method === 'POST' && api.state.comments.length === 0)
        api.state.comments = [own({ body: `${marker}\nof the other run` })];
      return null;
    });
    const address = await (await reviewOf()).comment(change, comment);
    expect(api.state.comments).toEqual([own({ body: `${marker}\nfound` })]);
    expect(address).toContain('issuecomment-1');
  });

  test('stays one when the answer to its making got lost', async () => {
    let lost = false;
    api.fault(({ method, body }) => {
      if (method !== 'POST' || lost) return null;
      lost = true;
      api.state.comments.push(own({ body: (body as { body: string }).body }));
      return 'hang up';
    });
    await (await reviewOf()).comment(change, comment);
    expect(api.state.comments).toEqual([own({ body: `${marker}\nfound` })]);
  });

  test('two runs at the very same time end with one comment', async () => {
    const [one, other] = [await reviewOf(), await reviewOf()];
    await Promise.all([one.comment(change, comment), other.comment(change, comment)]);
    expect(api.state.comments).toHaveLength(1);
  });

  test.each([
    ['an app of this repository', null, 'github-actions', 'github-actions[bot]'],
    ['another app', null, 'our-app[bot]', 'our-app[bot]'],
  ])('by %s is known by its name', async (_, me, viewer, login) => {
    Object.assign(api.state, { me, viewer, comments: [own({ login })] });
    await (await reviewOf()).comment(change, comment);
    expect(api.written().filter((request) => !request.includes('graphql'))).toEqual([
      'PATCH /repos/o/r/issues/comments/1',
    ]);
  });
});

describe('faults of the API', () => {
  const writing = /^POST .*comments/;
  const tries = () =>
    api.received.filter(({ method, path }) => writing.test(`${method} ${path}`)).length;

  test.each([
    ['a server error', { status: 502, body: { message: 'Bad Gateway' } } as const],
    ['a lost connection', 'hang up' as const],
  ])('%s is tried again', async (_, reply) => {
    api.fault(times(2, writing, reply));
    await (await reviewOf()).comment(change, comment);
    expect(tries()).toBe(3);
    expect(api.state.comments).toHaveLength(1);
  });

  test('an API that stays down is given up after four attempts', async () => {
    api.fault(times(99, writing, { status: 503, body: { message: 'Service Unavailable' } }));
    await expect((await reviewOf()).comment(change, comment)).rejects.toThrow(
      /Could not write the comment: GitHub's API does not answer/,
    );
    expect(tries()).toBe(4);
  });

  test('nobody listens at all', async () => {
    const review = await reviewOf({ env: { GITHUB_API_URL: 'http://127.0.0.1:1' } });
    await expect(review.comment(change, comment)).rejects.toThrow(/GitHub's API does not answer/);
  });

  test.each([
    [401, 'Bad credentials', /does not accept the token/],
    [403, 'Resource not accessible by integration', /may not do that .*pull-requests: write/],
    [404, 'Not Found', /does not find it .*may not see it/],
    [422, 'Validation Failed', /refuses it \(422: Validation Failed/],
  ])('%d is told at once, without another attempt', async (status, message, said) => {
    api.fault(times(99, writing, { status, body: { message } }));
    await expect((await reviewOf()).comment(change, comment)).rejects.toThrow(said);
    expect(tries()).toBe(1);
  });

  const limited = (headers: Record<string, string>, message: string) => ({
    status: 403,
    headers,
    body: { message },
  });

  test('a secondary rate limit is waited for, as long as GitHub says', async () => {
    api.fault(
      times(
        1,
        writing,
        limited({ 'retry-after': '1' }, 'You have exceeded a secondary rate limit.'),
      ),
    );
    await (await reviewOf()).comment(change, comment);
    expect(tries()).toBe(2);
    expect(log).toContain('secondary rate limit is used up');
  });

  test('a limit that stays is given up, and so is one that would take too long', async () => {
    api.fault(
      times(
        99,
        writing,
        limited({ 'retry-after': '1' }, 'You have exceeded a secondary rate limit.'),
      ),
    );
    await expect((await reviewOf()).comment(change, comment)).rejects.toThrow(
      /rate limit is used up/,
    );
    expect(tries()).toBe(3);
    const reset = String(Math.floor(Date.now() / 1000) + 3000);
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
    api.fault(times(99, writing, limited(headers, 'API rate limit exceeded for installation')));
    await expect((await reviewOf()).comment(change, comment)).rejects.toThrow(
      /rate limit is used up/,
    );
    expect(tries()).toBe(4);
  });

  test('without a token nothing is asked', async () => {
    const review = await reviewOf({ env: { 'INPUT_GITHUB-TOKEN': '' } });
    await expect(review.comment(change, comment)).rejects.toThrow(/no token/);
    expect(api.received).toEqual([]);
  });
});

describe('the change', () => {
  const nothing = { merged: false, details: true };

  test('is the pull request of the event, without a request', async () => {
    expect(await (await reviewOf()).change(nothing)).toEqual(change);
    expect(api.received).toEqual([]);
  });

  test('of a comment is asked for', async () => {
    api.state.pulls = [{ number: 42, login: 'bob', head, state: 'open' }];
    const payload = { issue: { number: 42, pull_request: {} } };
    expect(await (await reviewOf({ event: 'issue_comment', payload })).change(nothing)).toEqual(
      change,
    );
    const issue = { issue: { number: 41 } };
    expect(
      await (await reviewOf({ event: 'issue_comment', payload: issue })).change(nothing),
    ).toBeNull();
  });

  const push = { event: 'push', payload: {}, env: { GITHUB_REF: 'refs/heads/main' } };
  const merged = {
    login: 'bob',
    head,
    state: 'closed' as const,
    merged_at: '2026-02-01T10:00:00Z',
  };
  const sha = 'f'.repeat(40);

  test('that was merged is found by the pushed commit, whichever way it was merged', async () => {
    api.state.pulls = [
      {
        ...merged,
        number: 41,
        merged_at: '2026-02-02T10:00:00Z',
        merge_commit_sha: 'b'.repeat(40),
      },
      { ...merged, number: 42, merge_commit_sha: sha },
      { ...merged, number: 43, merged_at: null, state: 'open' },
      { ...merged, number: 44, merge_commit_sha: sha, base: 'release' },
    ];
    api.state.associated = { [sha]: [41, 42, 43, 44] };
    const found = await (await reviewOf(push)).change({ merged: true, details: true });
    expect(found).toEqual({ ...change, state: 'merged' });
  });

  test('is waited for when GitHub does not know it yet', async () => {
    api.state.pulls = [{ ...merged, number: 42, merge_commit_sha: sha }];
    api.fault(({ path }) => {
      if (api.received.filter((one) => one.path === path).length === 2)
        api.state.associated = { [sha]: [42] };
      return null;
    });
    expect((await (await reviewOf(push)).change({ merged: true, details: true }))?.number).toBe(42);
  });

  test('that nobody merged is told', async () => {
    await expect((await reviewOf(push)).change({ merged: true, details: true })).rejects.toThrow(
      /No merged pull request/,
    );
    expect(await (await reviewOf(push)).change(nothing)).toBeNull();
  });
});

describe('approvals', () => {
  const command = (body: string, login = 'alice', action = 'created') => ({
    event: 'issue_comment',
    payload: {
      action,
      issue: { number: 42, pull_request: {} },
      comment: {
        id: 7,
        body,
        html_url: 'https://github.com/o/r/pull/42#issuecomment-7',
        user: { login, type: login.endsWith('[bot]') ? 'Bot' : 'User' },
      },
    },
  });
  const digest = '3f9c0a7be112';
  const approved = (login: string, mayApprove: boolean) => ({
    by: login,
    mayApprove,
    named: { digest },
    place: 'https://github.com/o/r/pull/42#issuecomment-7',
    reference: { change: 42, comment: 7 },
  });

  test.each([
    ['admin', true],
    ['write', true],
    ['read', false],
    ['none', false],
  ])('by a command, of somebody with permission %s', async (permission, may) => {
    api.state.permissions = { alice: permission };
    const review = await reviewOf(command(`/greenlight approve ${digest}`));
    expect(await review.approvals(change)).toEqual([approved('alice', may)]);
  });

  test('by a stranger or an app count for nothing', async () => {
    expect(
      await (await reviewOf(command(`/greenlight approve ${digest}`, 'mallory'))).approvals(change),
    ).toEqual([approved('mallory', false)]);
    api.state.permissions = { 'app[bot]': 'admin' };
    expect(
      await (await reviewOf(command(`/greenlight approve ${digest}`, 'app[bot]'))).approvals(
        change,
      ),
    ).toEqual([approved('app[bot]', false)]);
  });

  test.each([
    ['talk', 'looks good'],
    ['a quotation', `> /greenlight approve ${digest}`],
    [
      'our own comment, which shows the command',
      `${marker}\n\`\`\`text\n/greenlight approve ${digest}\n\`\`\``,
    ],
    ['a longer word', `/greenlight approved ${digest}`],
    ['more words', `/greenlight approve ${digest} but only on Monday`],
  ])('%s is no command', async (_, body) => {
    api.state.permissions = { alice: 'admin' };
    expect(await (await reviewOf(command(body))).approvals(change)).toEqual([]);
  });

  test('an edited comment is no command: others may have edited it', async () => {
    const review = await reviewOf(command(`/greenlight approve ${digest}`, 'alice', 'edited'));
    expect(await review.approvals(change)).toEqual([]);
  });

  test('by a review are read as they are now', async () => {
    api.state.permissions = { alice: 'write' };
    api.state.reviews = [
      {
        id: 5,
        pull: 42,
        login: 'alice',
        state: 'APPROVED',
        commit: head,
        at: '2026-02-01T10:00:00Z',
      },
    ];
    const payload = {
      pull_request: pull(42),
      review: { id: 5, state: 'approved', user: { login: 'alice' } },
    };
    const job = { event: 'pull_request_review', payload };
    expect(await (await reviewOf(job)).approvals(change)).toEqual([
      {
        by: 'alice',
        mayApprove: true,
        named: { revision: head, at: '2026-02-01T10:00:00Z' },
        place: 'https://github.com/o/r/pull/42#pullrequestreview-5',
        reference: { change: 42, comment: null },
      },
    ]);
    for (const state of ['DISMISSED', 'CHANGES_REQUESTED', 'COMMENTED']) {
      if (api.state.reviews[0] !== undefined) api.state.reviews[0].state = state;
      expect(await (await reviewOf(job)).approvals(change)).toEqual([]);
    }
  });

  test('are answered by a reaction, and in words when they are refused', async () => {
    const review = await reviewOf(command(`/greenlight approve ${digest}`));
    await review.answer(approved('alice', true), { accepted: true, text: 'Recorded.' });
    expect(api.state).toMatchObject({ reactions: [{ comment: 7, content: '+1' }], comments: [] });
    await review.answer(approved('alice', true), { accepted: false, text: 'Not recorded.' });
    expect(api.state.reactions.at(-1)).toEqual({ comment: 7, content: 'confused' });
    expect(api.state.comments.map(({ body }) => body)).toEqual(['@alice Not recorded.']);
    await review.answer(approved('alice', true), { accepted: null, text: 'Not now.' });
    expect(api.state.comments.at(-1)?.body).toBe('@alice Not now.');
  });

  test('are answered in words also where the token may not react', async () => {
    api.fault(times(9, /reactions/, { status: 403, body: { message: 'Resource not accessible' } }));
    const review = await reviewOf(command(`/greenlight approve ${digest}`));
    const answer = review.answer(approved('alice', true), { accepted: false, text: 'No.' });
    await expect(answer).rejects.toThrow(/may not do that/);
    expect(api.state.comments.map(({ body }) => body)).toEqual(['@alice No.']);
  });
});

describe('what may run', () => {
  test.each([
    ['pull_request', true],
    ['push', true],
    ['pull_request_review', true],
    ['pull_request_target', false],
    ['workflow_run', false],
    ['issue_comment', false],
    ['issues', false],
    ['discussion', false],
    ['discussion_comment', false],
    ['fork', false],
    ['watch', false],
  ])('the code of a change on %s: %s', async (event, may) => {
    const review = await reviewOf({ event });
    const run = () => review.requireTrusted('migrate');
    if (may) expect(run).not.toThrow();
    else expect(run).toThrow(new RegExp(`migrate does not run on ${event}`));
  });

  test.each([
    ['push', 'refs/heads/main', null, true],
    ['workflow_dispatch', 'refs/heads/main', null, true],
    ['schedule', 'refs/heads/main', null, true],
    ['push', 'refs/heads/feature', null, false],
    ['push', 'refs/tags/main', null, false],
    ['workflow_dispatch', 'refs/heads/feature', null, false],
    ['pull_request', 'refs/pull/42/merge', null, false],
    ['pull_request', 'refs/heads/main', null, false],
    ['pull_request_target', 'refs/heads/main', null, false],
    ['issue_comment', 'refs/heads/main', null, false],
    ['workflow_run', 'refs/heads/main', null, false],
    ['', 'refs/heads/main', null, false],
    ['push', 'refs/heads/live', 'live', true],
    ['push', 'refs/heads/main', 'live', false],
  ])('a swap on %s of %s (configured: %s): %s', async (event, ref, branch, may) => {
    const payload = { repository: { default_branch: 'main' } };
    const review = await reviewOf({ event, payload, env: { GITHUB_REF: ref } });
    const run = () => review.requireMerged('swap', branch);
    if (may) expect(run).not.toThrow();
    else expect(run).toThrow(/swap runs on branch (main|live) only/);
  });

  test('a swap needs to know the branch, and the event', async () => {
    const review = await reviewOf({
      event: 'push',
      payload: {},
      env: { GITHUB_REF: 'refs/heads/main' },
    });
    expect(() => review.requireMerged('swap', null)).toThrow(/does not name the default branch/);
    await expect(hostOf({ env: { GITHUB_EVENT_PATH: join(folder, 'none.json') } })).rejects.toThrow(
      /event .* cannot be read/,
    );
  });
});

describe('the log', () => {
  test('hides the token before anything else, and what it is told to hide', async () => {
    const host = await hostOf();
    expect(log).toBe('::add-mask::secret-token\n');
    host.hide(['pass%word', 'two\nlines', '', 'x']);
    expect(log).toBe(
      '::add-mask::secret-token\n::add-mask::pass%25word\n::add-mask::two\n::add-mask::lines\n',
    );
  });

  test('the token leaves the environment, so that no command of the project gets it', async () => {
    const env: NodeJS.ProcessEnv = {
      'INPUT_GITHUB-TOKEN': 'secret-token',
      INPUT_GITHUB_TOKEN: 'other',
      GITHUB_TOKEN: 'usual-token',
      GITHUB_REPOSITORY: 'o/r',
    };
    const written: string[] = [];
    await githubHost({ env, quiet: true, log: { write: (text) => written.push(text) } });
    expect(Object.values(env)).toEqual(['o/r']);
    expect(written).toEqual(['::add-mask::secret-token\n', '::add-mask::usual-token\n']);
  });

  test('a `comment` that is neither true nor false is refused, after the token is hidden', async () => {
    await expect(hostOf({ env: { INPUT_COMMENT: 'perhaps' } })).rejects.toThrow(
      /input comment is neither true nor false/,
    );
    expect(log).toBe('::add-mask::secret-token\n');
  });

  test('takes no command out of a text', async () => {
    const host = await hostOf();
    log = '';
    host.progress.note('fine');
    host.progress.warn('::set-output name=digest::fake');
    expect(log).toBe('- fine\nwarning: ::set-output name=digest::fake\n');
    const text = '::set-output name=a::b\n  ::stop-commands::c\nx ##[add-path]/tmp and a::b';
    expect(host.printable(text)).toBe(
      '\\u003a:set-output name=a::b\n  \\u003a:stop-commands::c\nx #\\u0023[add-path]/tmp and a::b',
    );
    const json = JSON.stringify(
      { name: '##[set-output name=x]y', lines: 'a\n::error::b' },
      null,
      2,
    );
    expect(JSON.parse(host.printable(json))).toEqual(JSON.parse(json));
    expect(host.printable(json)).not.toContain('##[');
  });

  test('annotations point to lines, as many as GitHub shows', async () => {
    const review = await reviewOf();
    log = '';
    const one = (line: number) => ({
      file: 'a,b.yml',
      line,
      title: 'Not met: x',
      text: '50%\n::error::x',
    });
    await review.annotate([one(3)]);
    expect(log).toBe('::warning file=a%2Cb.yml,line=3,title=Not met%3A x::50%25%0A::error::x\n');
    await review.annotate(Array.from({ length: 12 }, (_, at) => one(at)));
    expect(log.split('\n').filter((line) => line.startsWith('::warning'))).toHaveLength(11);
    expect(log).toContain('2 more annotations');
  });
});

test('outputs and the summary are written where the runner reads them', async () => {
  const env = {
    GITHUB_OUTPUT: join(folder, 'out'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
  };
  await writeFile(env.GITHUB_OUTPUT, '');
  const host = await hostOf({ env });
  await host.review?.summarise('# one');
  await host.review?.summarise('# two');
  expect(await readFile(env.GITHUB_STEP_SUMMARY, 'utf8')).toBe('# one\n# two\n');
});

test('the commit status is set as GitHub wants it', async () => {
  const status = {
    name: 'greenlight/release',
    state: 'pending',
    description: 'x'.repeat(500),
    address: 'https://github.com/o/r/pull/42',
  } as const;
  await (await reviewOf()).status(head, status);
  expect(api.state.statuses).toEqual([
    {
      sha: head,
      context: 'greenlight/release',
      state: 'pending',
      description: 'x'.repeat(140),
      target_url: status.address,
    },
  ]);
});
