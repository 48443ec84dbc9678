// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what an attack looks like.
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { isGate } from '../support/gate.ts';
import { type GitServer, gitServer } from '../support/git-server.ts';
import { type GitLabApi, gitlabApi } from '../support/gitlab-api.ts';
import {
  makePipelines,
  type Pipeline,
  type Pipelines,
  whyNoPipelines,
} from '../support/gitlab-runner.ts';
import { commit, git, makeRepository } from '../support/repository.ts';
import { type Warehouse, warehouses } from '../support/warehouses.ts';

// The pipeline of examples/gitlab as a user copies it, run by gitlab-ci-local: on the merge request, after the merge, and
// back. Asserted on what the API received and on the database.

const token = 'glpat-secret';
const jobToken = 'job-token-secret';
const changed = `delete from marts.revenue;
insert into marts.revenue (customer, amount)
select customer, sum(amount) * 2 from staging.orders group by customer order by customer;
`;

jest.setTimeout(300_000);

const reason = whyNoPipelines();
const title = 'the example pipeline on GitLab';
const played = Object.entries(warehouses).filter(([name]) => !isGate || name === 'DuckDB');
(reason === null ? describe : describe.skip).each(played)(
  reason === null ? `${title}, with %s` : `${title}, with %s: ${reason}`,
  (_, make) => {
    let folder: string;
    let project: Warehouse;
    let api: GitLabApi;
    let pipelines: Pipelines;
    let server: GitServer;
    let head: string;
    let before: string;
    let digest: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'greenlight-gitlab-'));
      project = await make();
      await cp('examples/gitlab/.gitlab-ci.yml', join(project.folder, '.gitlab-ci.yml'));
      await makeRepository(project.folder);
      before = await project.fingerprint();
      await git(project.folder, 'checkout', '--quiet', '-b', 'change');
      await project.write('logic/01_revenue.sql', changed);
      head = await commit(project.folder, '$(touch pwned) `id` | <b>');
      await git(project.folder, 'checkout', '--quiet', 'main');
      api = await gitlabApi({
        users: [
          { id: 1, username: 'bob' },
          { id: 2, username: 'alice' },
        ],
        members: { 1: 40, 2: 30 },
        requests: [{ iid: 7, author: 1, sha: head, state: 'opened' }],
      });
      pipelines = await makePipelines(folder, project.folder);
      server = await gitServer(folder, { user: 'gitlab-ci-token', password: jobToken });
    });
    afterAll(async () => {
      await server.close();
      await api.close();
      await project.dispose();
      await rm(folder, { recursive: true, force: true });
    });

    async function run(sha: string, more: Record<string, string>, ...args: string[]) {
      const done = await pipelines.run(
        sha,
        {
          GITLAB_CI: 'true',
          CI_API_V4_URL: `${api.url}/api/v4`,
          CI_PROJECT_ID: '7',
          CI_JOB_URL: 'https://gitlab.test/OWNER/warehouse/-/jobs/5',
          CI_MERGE_REQUEST_TITLE: '$(touch pwned); `id` | </details>',
          GREENLIGHT_GITLAB_TOKEN: token,
          // The bundle that was made for the tests.
          GREENLIGHT_HOME: join(process.cwd(), 'build'),
          ...project.env,
          ...more,
        },
        ...args,
      );
      expect(done.log).not.toContain(token);
      expect(done.log).not.toContain(jobToken);
      return done;
    }
    /** The log tells why, when it is not so. */
    function expectRun({ exitCode, jobs, log }: Pipeline, expected: number, ...names: string[]) {
      const asExpected = exitCode === expected && jobs.join() === names.join();
      expect({ exitCode, jobs, log: asExpected ? '' : log }).toEqual({
        exitCode: expected,
        jobs: names,
        log: '',
      });
    }
    const onRequest = {
      CI_PIPELINE_SOURCE: 'merge_request_event',
      CI_MERGE_REQUEST_IID: '7',
      CI_COMMIT_BRANCH: '',
    };
    const afterTheMerge = { CI_PIPELINE_SOURCE: 'push', CI_COMMIT_BRANCH: 'main' };

    const sticky = (number = 7) => {
      const [note, ...others] = api.state.notes.filter(
        ({ request, body }) => request === number && body.startsWith('<!-- greenlight'),
      );
      expect(others).toEqual([]);
      return note?.body ?? '';
    };
    const say = (id: number, author: number, body: string, request = 7) => {
      const at = new Date(Date.now() + 60_000).toISOString();
      api.state.notes.push({ id, request, author, body, system: false, at });
    };
    const lastStatus = () => {
      const { sha, state, name } = api.state.statuses.at(-1) ?? {};
      return [sha, state, name];
    };

    test('on the merge request it prepares the release, and shows unexplained deviations', async () => {
      const done = await run(head, onRequest);
      expectRun(done, 0, 'greenlight-prepare');
      expect(await done.artifact('greenlight-prepare', 'greenlight-review.html')).toContain(
        'marts.revenue',
      );
      const outputs = await done.dotenv('greenlight-prepare');
      expect(outputs).toMatch(/^GREENLIGHT_RELEASE=mr-7$/m);
      digest = /^GREENLIGHT_DIGEST=(\w{12})/m.exec(outputs)?.[1] ?? '';
      expect(sticky()).toContain(`/greenlight approve ${digest}`);
      expect(sticky()).toContain('Unexplained deviations');
      expect(sticky()).toContain(
        '(https://gitlab.test/OWNER/warehouse/-/jobs/5/artifacts/file/greenlight-review.html)',
      );
      expect(lastStatus()).toEqual([head, 'pending', 'greenlight/release']);
      expect(await project.fingerprint()).toBe(before);
    });

    test('after the merge it reads the approvals, and swaps', async () => {
      await git(project.folder, 'merge', '--quiet', '--no-ff', '-m', 'merged', 'change');
      const sha = await git(project.folder, 'rev-parse', 'HEAD');
      Object.assign(api.state.requests[0] ?? {}, {
        state: 'merged',
        merged_at: '2026-02-01T10:00:00Z',
        merge_commit_sha: sha,
      });
      api.state.associated = { [sha]: [7] };
      // Anybody may write this. It is refused, and keeps nothing from going on.
      say(49, 3, `/greenlight approve ${digest}`);
      const refused = await run(sha, afterTheMerge);
      expectRun(refused, 1, 'greenlight-approve', 'greenlight-swap');
      expect(refused.log).toContain('user3 may not approve');
      expect(refused.log).toContain('it is not approved');
      expect(sticky()).toContain(`/greenlight approve ${digest}`);
      expect(await project.fingerprint()).toBe(before);

      say(60, 2, `/greenlight approve ${digest}`);
      const done = await run(sha, afterTheMerge);
      expectRun(done, 0, 'greenlight-approve', 'greenlight-swap');
      expect(await done.dotenv('greenlight-swap')).toMatch(/^GREENLIGHT_STATE=swapped$/m);
      expect(sticky()).toContain('✅ Live');
      expect(await project.fingerprint()).not.toBe(before);
    });

    test('by hand it rolls back', async () => {
      const sha = await git(project.folder, 'rev-parse', 'HEAD');
      const done = await run(
        sha,
        { ...afterTheMerge, CI_PIPELINE_SOURCE: 'web' },
        'greenlight-rollback',
      );
      expectRun(done, 0, 'greenlight-rollback');
      expect(await project.fingerprint()).toBe(before);
      expect(sticky()).toContain('❌ Rolled back');
    });

    test('a job fetches Greenlight by its own token; approved by hand, closed unmerged, all is dropped', async () => {
      await git(project.folder, 'checkout', '--quiet', '-b', 'feature/$(touch${IFS}pwned)');
      await project.write('logic/01_revenue.sql', changed.replace('* 2', '* 3'));
      const other = await commit(project.folder, 'tripled');
      await git(project.folder, 'checkout', '--quiet', 'main');
      api.state.requests.push({ iid: 8, author: 1, sha: other, state: 'opened' });
      const temporary = join(folder, 'temporary');
      await mkdir(temporary);
      const onOther = {
        ...onRequest,
        CI_MERGE_REQUEST_IID: '8',
        CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'feature/$(touch${IFS}pwned)',
        GREENLIGHT_HOME: '',
        CI_SERVER_URL: server.url,
        CI_JOB_TOKEN: jobToken,
        TMPDIR: temporary,
      };
      const prepared = await run(other, onOther);
      expectRun(prepared, 0, 'greenlight-prepare');
      expect(server.served).not.toEqual([]);
      expect(await readdir(temporary)).toEqual([]);
      const [, found] =
        /^GREENLIGHT_DIGEST=(\w{12})/m.exec(await prepared.dotenv('greenlight-prepare')) ?? [];
      expect(await project.hasCandidate('mr-8')).toBe(true);

      say(80, 2, `/greenlight approve ${found}`, 8);
      const approved = await run(other, onOther, 'greenlight-approve');
      expectRun(approved, 0, 'greenlight-approve');
      expect(await approved.dotenv('greenlight-approve')).toMatch(/^GREENLIGHT_BY=alice$/m);
      expect(lastStatus()).toEqual([other, 'success', 'greenlight/release']);

      Object.assign(api.state.requests[1] ?? {}, { state: 'closed' });
      const retired = await run(other, onOther, 'greenlight-retire');
      expectRun(retired, 0, 'greenlight-retire');
      expect(await retired.dotenv('greenlight-retire')).toMatch(/^GREENLIGHT_STATE=retired$/m);
      expect(await project.hasCandidate('mr-8')).toBe(false);
      expect(sticky(8)).toContain('Retired');
      expect(await project.fingerprint()).toBe(before);
      expect(await prepared.created('pwned')).toBe(false);
    });
  },
);
