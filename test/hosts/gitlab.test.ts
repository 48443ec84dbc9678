import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gitlab } from '@gitbeaker/rest';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { gitlabHost } from '../../src/hosts/gitlab/host.ts';
import type { Review } from '../../src/hosts/review.ts';
import { times } from '../support/api-server.ts';
import { type GitLabApi, gitlabApi, project } from '../support/gitlab-api.ts';
import { Memory } from '../support/memory.ts';

const head = 'a'.repeat(40);
const bob = { id: 1, username: 'bob' };
const alice = { id: 2, username: 'alice' };
const bot = { id: 99, username: 'project_7_bot' };

let api: GitLabApi;
let folder: string;
let log: Memory;
beforeEach(async () => {
  api = await gitlabApi({
    users: [bob, alice],
    members: { 1: 30, 2: 40 },
    requests: [{ iid: 7, author: 1, sha: head, state: 'opened' }],
  });
  folder = await mkdtemp(join(tmpdir(), 'greenlight-gitlab-'));
  log = new Memory();
});
afterEach(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});

const environment = () => ({
  GITLAB_CI: 'true',
  CI_API_V4_URL: `${api.url}/api/v4`,
  CI_PROJECT_ID: project,
  CI_PROJECT_DIR: folder,
  CI_JOB_URL: 'https://gitlab.example/g/p/-/jobs/5',
  CI_COMMIT_SHA: head,
  CI_DEFAULT_BRANCH: 'main',
  GREENLIGHT_GITLAB_TOKEN: 'glpat-secret',
});
const mergeRequest = { CI_PIPELINE_SOURCE: 'merge_request_event', CI_MERGE_REQUEST_IID: '7' };
const onMain = { CI_PIPELINE_SOURCE: 'push', CI_COMMIT_BRANCH: 'main' };

const hostOf = (env: Record<string, string> = mergeRequest) =>
  gitlabHost({ quiet: false, log, patience: { waitMs: 1 }, env: { ...environment(), ...env } });

async function reviewOf(env?: Record<string, string>): Promise<Review> {
  const { review } = await hostOf(env);
  if (review === null) throw new Error('There is no review');
  return review;
}

const change = { number: 7, release: 'mr-7', author: 'bob', head, state: 'open' } as const;
const marker = '<!-- greenlight: release mr-7, greenlight.yml -->';
const note = (id: number, more: object = {}) => ({
  id,
  request: 7,
  author: bot.id,
  system: false,
  at: '2026-02-01T10:00:00.000Z',
  body: `${marker}\nbefore`,
  ...more,
});
const texts = () => api.state.notes.map(({ author, body }) => [author, body]);

describe('the note', () => {
  test('is made once, then changed in place, then left alone', async () => {
    const address = await (await reviewOf()).comment(change, { marker, body: 'found' });
    expect(address).toBe('https://gitlab.example/g/p/-/merge_requests/7#note_1');
    await (await reviewOf()).comment(change, { marker, body: 'more' });
    await (await reviewOf()).comment(change, { marker, body: 'more' });
    expect(texts()).toEqual([[99, `${marker}\nmore`]]);
    expect(api.written()).toHaveLength(2);
  });

  test('is found among a thousand, and nobody else’s is touched', async () => {
    const others = Array.from({ length: 1000 }, (_, at) => note(at + 1, { author: 2 }));
    api.state.notes = [...others, note(1001)];
    await (await reviewOf()).comment(change, { marker, body: 'found' });
    expect(api.written()).toEqual(['PUT /api/v4/projects/7/merge_requests/7/notes/1001']);
  });

  test('is made anew when somebody deletes it, and stays one in a race', async () => {
    api.state.notes = [note(1)];
    let isDeleted = false;
    api.fault(({ method }) => {
      if (method === 'PUT' && !isDeleted) api.state.notes = [];
      isDeleted ||= method === 'PUT';
      if (method === 'POST' && api.state.notes.length === 0) api.state.notes = [note(3)];
      return null;
    });
    await (await reviewOf()).comment(change, { marker, body: 'found' });
    expect(api.state.notes).toEqual([note(3, { body: `${marker}\nfound` })]);
  });

  test('is what an independent client reads', async () => {
    await (await reviewOf()).comment(change, { marker, body: 'found' });
    await (await reviewOf()).status(head, {
      name: 'greenlight/release',
      state: 'failure',
      description: 'x',
      address: 'https://gitlab.example',
    });
    const client = new Gitlab({ host: api.url, token: 'other' });
    const notes = await client.MergeRequestNotes.all(project, 7);
    expect(notes.map(({ body, author }) => [body, author.username])).toEqual([
      [`${marker}\nfound`, bot.username],
    ]);
    expect(await client.MergeRequests.show(project, 7)).toMatchObject({
      iid: 7,
      state: 'opened',
      sha: head,
      author: bob,
    });
    expect(await client.Users.showCurrentUser()).toMatchObject(bot);
    expect(await client.Users.show(2)).toMatchObject({ username: 'alice', bot: false });
    await client.MergeRequestNotes.create(project, 7, 'said by another client');
    expect((await client.MergeRequestNotes.all(project, 7)).map(({ body }) => body)).toContain(
      'said by another client',
    );
    await client.MergeRequestNoteAwardEmojis.award(project, 7, 1, 'thumbsup');
    expect(await client.MergeRequestNoteAwardEmojis.all(project, 7, 1)).toMatchObject([
      { name: 'thumbsup' },
    ]);
    expect(
      await client.MergeRequestApprovals.showConfiguration(project, { mergerequestIId: 7 }),
    ).toMatchObject({ approved_by: [] });
    expect(await client.ProjectMembers.show(project, 2, { includeInherited: true })).toMatchObject({
      access_level: 40,
    });
    api.state.associated = { [head]: [7] };
    expect(await client.Commits.allMergeRequests(project, head)).toMatchObject([{ iid: 7 }]);
    expect(api.state.statuses).toMatchObject([{ state: 'failed', name: 'greenlight/release' }]);
    await client.Commits.editStatus(project, head, 'success', { name: 'greenlight/release' });
    expect(api.state.statuses.at(-1)).toMatchObject({ state: 'success' });
  });
});

describe('faults of the API', () => {
  const posting = /^POST .*notes$/;
  const comment = { marker, body: 'found' };
  const tries = () =>
    api.received.filter(({ method, path }) => posting.test(`${method} ${path}`)).length;

  test.each([
    ['a server error', { status: 502 } as const],
    ['a lost connection', 'hang up' as const],
    ['a rate limit', { status: 429, headers: { 'retry-after': '0' } } as const],
  ])('%s is tried again', async (_, reply) => {
    api.fault(times(2, posting, reply));
    await (await reviewOf()).comment(change, comment);
    expect(tries()).toBe(3);
    expect(api.state.notes).toHaveLength(1);
  });

  test('an API that stays down is given up, and not asked for anything else', async () => {
    api.fault(times(99, posting, { status: 503 }));
    const review = await reviewOf();
    await expect(review.comment(change, comment)).rejects.toThrow(
      /Could not write the comment: GitLab's API does not answer/,
    );
    expect(tries()).toBe(4);
    const before = api.received.length;
    await expect(review.comment(change, comment)).rejects.toThrow(/does not answer/);
    expect(api.received).toHaveLength(before);
  });

  test.each([
    [401, {}, /does not accept the token/],
    [403, {}, /may not do that .*project access token/],
    [404, {}, /does not find it/],
    [422, {}, /refuses it/],
    [429, { 'retry-after': '3600' }, /rate limit is used up/],
  ])('%d is told at once', async (status, headers, said) => {
    api.fault(times(99, posting, { status, headers, body: { message: 'no' } }));
    await expect((await reviewOf()).comment(change, comment)).rejects.toThrow(said);
    expect(tries()).toBe(1);
  });

  test('without a token nothing is asked, and the change is still known, but not what became of it', async () => {
    const review = await reviewOf({ ...mergeRequest, GREENLIGHT_GITLAB_TOKEN: '' });
    expect(await review.change({ merged: false, details: true })).toEqual({
      ...change,
      author: null,
      state: null,
    });
    expect(log.text).toContain('GREENLIGHT_GITLAB_TOKEN');
    await expect(review.comment(change, comment)).rejects.toThrow(/no token .*/);
    expect(api.received).toEqual([]);
  });
});

describe('the change', () => {
  test('is that of the pipeline, with the commit that the pipeline is about', async () => {
    expect(await (await reviewOf()).change({ merged: false, details: true })).toEqual(change);
    const merged = {
      ...mergeRequest,
      CI_COMMIT_SHA: 'c'.repeat(40),
      CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: 'b'.repeat(40),
    };
    const review = await reviewOf(merged);
    expect([
      review.revision,
      (await review.change({ merged: false, details: true }))?.head,
    ]).toEqual(['b'.repeat(40), 'b'.repeat(40)]);
  });

  test.each(['merge_commit_sha', 'squash_commit_sha', 'sha'])(
    'that was merged is found by its %s',
    async (way) => {
      const other = {
        author: 1,
        state: 'merged' as const,
        merged_at: '2026-02-02T10:00:00Z',
        sha: 'd'.repeat(40),
      };
      api.state.requests = [
        { ...other, iid: 6 },
        { ...other, iid: 7, merged_at: '2026-02-01T10:00:00Z', [way]: head },
        { ...other, iid: 8, state: 'opened' },
      ];
      api.state.associated = { [head]: [6, 7, 8] };
      expect(await (await reviewOf(onMain)).change({ merged: true, details: true })).toMatchObject({
        release: 'mr-7',
        state: 'merged',
      });
    },
  );

  test('is known without a request where nobody asks whose it is', async () => {
    const known = await (await reviewOf()).change({ merged: false, details: false });
    expect(known).toEqual({ ...change, author: null, state: null });
    expect(api.received).toEqual([]);
  });

  test.each([
    ['opened', 'open'],
    ['closed', 'closed'],
    ['merged', 'merged'],
    // GitLab is merging it right now.
    ['locked', 'merged'],
  ] as const)('that is %s is %s', async (state, known) => {
    Object.assign(api.state.requests[0] ?? {}, { state });
    expect((await (await reviewOf()).change({ merged: false, details: true }))?.state).toBe(known);
  });

  test('that nobody merged is told', async () => {
    await expect((await reviewOf(onMain)).change({ merged: true, details: true })).rejects.toThrow(
      /No merged merge request/,
    );
    expect(await (await reviewOf(onMain)).change({ merged: false, details: true })).toBeNull();
  });
});

describe('approvals', () => {
  const digest = '3f9c0a7be112';
  const asked = async () =>
    (await (await reviewOf()).approvals(change)).map(({ by, mayApprove, named }) => ({
      by,
      mayApprove,
      named,
    }));
  const command = (id: number, author: number) =>
    note(id, { author, body: `/greenlight approve ${digest}` });

  test('by a note, of those who may push', async () => {
    api.state.notes = [command(1, 2), command(2, 3), note(3, { author: 2, body: 'talk' })];
    api.state.members[3] = 20;
    expect(await asked()).toEqual([
      { by: 'alice', mayApprove: true, named: { digest } },
      { by: 'user3', mayApprove: false, named: { digest } },
    ]);
  });

  test.each([
    ['a token', bot],
    ['a service', { id: 98, username: 'service_account_7' }],
    ['a bot with a name of its own', { id: 97, username: 'release-robot', bot: true }],
  ])('by an account of %s count for nothing', async (_, account) => {
    api.state.users.push(account);
    api.state.members[account.id] = 40;
    api.state.notes = [command(1, account.id)];
    expect(await asked()).toEqual([{ by: account.username, mayApprove: false, named: { digest } }]);
  });

  test('by a note that was changed later are marked: a maintainer may have put the words there', async () => {
    api.state.notes = [
      { ...command(1, 2), changed: '2026-02-01T11:00:00.000Z' },
      { ...command(2, 2), changed: '2026-02-01T10:00:01.000Z' },
    ];
    const found = await (await reviewOf()).approvals(change);
    expect(found.map(({ isEdited }) => isEdited)).toEqual([true, undefined]);
  });

  test('that could not be recorded this time are asked again', async () => {
    api.state.notes = [command(1, 2)];
    const review = await reviewOf();
    const [one] = await review.approvals(change);
    if (one === undefined) throw new Error('nothing was asked');
    await review.answer(one, { accepted: null, text: 'Not recorded.' });
    expect(api.written()).toEqual([]);
    expect(await review.approvals(change)).toHaveLength(1);
  });

  test('that were answered before are not asked again', async () => {
    api.state.notes = [command(1, 2)];
    const review = await reviewOf();
    const [one] = await review.approvals(change);
    if (one === undefined) throw new Error('nothing was asked');
    await review.answer(one, { accepted: false, text: 'Not recorded.' });
    expect(api.state.emoji).toEqual([{ note: 1, name: 'confused', user: 99 }]);
    expect(texts().at(-1)).toEqual([99, '@alice Not recorded.']);
    expect(await review.approvals(change)).toEqual([]);
  });

  test('by the merge request’s own approval, as long as it stands', async () => {
    const vote = (id: number, body: string) => note(id, { author: 2, system: true, body });
    api.state.notes = [vote(1, 'approved this merge request')];
    expect(await asked()).toEqual([]);
    api.state.approved = { 7: [2] };
    expect(await asked()).toEqual([
      { by: 'alice', mayApprove: true, named: { revision: head, at: '2026-02-01T10:00:00.000Z' } },
    ]);
    api.state.notes.push(vote(2, 'unapproved this merge request'));
    expect(await asked()).toEqual([]);
    api.state.notes.push(vote(3, 'approved this merge request'));
    expect(await asked()).toHaveLength(1);
    // Anybody can write these words; only GitLab's own notes tell.
    api.state.notes = [note(1, { author: 2, body: 'approved this merge request' })];
    expect(await asked()).toEqual([]);
  });
});

describe('a swap', () => {
  test.each([
    [onMain, null, true],
    [{ ...onMain, CI_PIPELINE_SOURCE: 'schedule' }, null, true],
    [{ ...onMain, CI_PIPELINE_SOURCE: 'web' }, null, true],
    [{ ...onMain, CI_COMMIT_BRANCH: 'feature' }, null, false],
    [{ ...onMain, CI_COMMIT_BRANCH: '' }, null, false],
    [mergeRequest, null, false],
    [{ ...mergeRequest, CI_COMMIT_BRANCH: 'main' }, null, false],
    [{ ...onMain, CI_MERGE_REQUEST_IID: '7' }, null, false],
    [onMain, 'live', false],
    [{ ...onMain, CI_COMMIT_BRANCH: 'live' }, 'live', true],
  ])('in a pipeline with %j, configured %s: %s', async (env, branch, may) => {
    const review = await reviewOf(env);
    const run = () => review.requireMerged('swap', branch);
    if (may) expect(run).not.toThrow();
    else expect(run).toThrow(/swap runs on branch (main|live) only/);
  });
});

describe('the commit status', () => {
  const status = (state: 'pending' | 'success') => ({
    name: 'greenlight/release',
    state,
    description: 'x',
    address: 'https://gitlab.example',
  });

  test('that is pending already is left so, without a word', async () => {
    for (const state of ['pending', 'pending', 'success'] as const)
      await (await reviewOf()).status(head, status(state));
    expect(api.state.statuses.map(({ state }) => state)).toEqual(['pending', 'success']);
    expect(log.text).toBe('');
  });

  test('stands in the pipeline of the merge request, which the merge waits for', async () => {
    const merged = 'c'.repeat(40);
    const env = {
      ...mergeRequest,
      CI_PIPELINE_ID: '31',
      CI_COMMIT_SHA: merged,
      CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: head,
    };
    await (await reviewOf(env)).status(head, status('pending'));
    await (await reviewOf(env)).status('b'.repeat(40), status('pending'));
    await (await reviewOf({ ...onMain, CI_PIPELINE_ID: '32' })).status(head, status('pending'));
    expect(api.state.statuses.map(({ sha, pipeline_id }) => [sha, pipeline_id])).toEqual([
      [merged, 31],
      ['b'.repeat(40), undefined],
      [head, undefined],
    ]);
  });
});

test('files that jobs keep have an address, also those of another job', async () => {
  const review = await reviewOf();
  const other = 'https://gitlab.example/g/p/-/jobs/4';
  expect(review.fileAddress(other, 'a.html')).toBe(`${other}/artifacts/file/a.html`);
});

test('outputs are variables for the jobs that follow, one line each', async () => {
  await writeFile(join(folder, 'greenlight.env'), 'GREENLIGHT_STATE=cloned\n');
  const host = await hostOf();
  await host.outputs({ release: 'mr-7', state: 'compared', 'review-page': 'a\nEVIL=1' });
  expect(await readFile(join(folder, 'greenlight.env'), 'utf8')).toBe(
    'GREENLIGHT_STATE=compared\nGREENLIGHT_RELEASE=mr-7\nGREENLIGHT_REVIEW_PAGE=a\\nEVIL=1\n',
  );
});

test('annotations are a code quality report', async () => {
  await (await reviewOf()).annotate([
    { file: 'greenlight.expected.yml', line: 3, title: 'Expectation not met', text: 'x' },
  ]);
  expect(
    JSON.parse(await readFile(join(folder, 'greenlight-codequality.json'), 'utf8')),
  ).toMatchObject([
    {
      description: 'Expectation not met: x',
      location: { path: 'greenlight.expected.yml', lines: { begin: 3 } },
    },
  ]);
});

test('the token leaves the environment', async () => {
  const env: NodeJS.ProcessEnv = { ...environment() };
  await gitlabHost({ env, quiet: true, log });
  expect(Object.values(env)).not.toContain('glpat-secret');
});
