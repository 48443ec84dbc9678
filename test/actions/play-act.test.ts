import { spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type GitHubApi, githubApi } from '../support/github-api.ts';
import { makeProject, type Project } from '../support/project.ts';
import { configOfJobs, publish } from '../support/published.ts';
import { commit, git, makeRepository } from '../support/repository.ts';

// The example workflows by `act`, which reads workflows and actions by itself and runs them on this machine. It gives each
// input as INPUT_* to every script, as GitHub does not: play.test.ts is there for that.

const act = join(process.cwd(), 'build', 'bin', 'act');

jest.setTimeout(300_000);

function whyNoAct(): string | null {
  return spawnSync(act, ['--version']).status === 0 ? null : 'act is not in build/bin';
}
const reason = whyNoAct();
const title = 'the example workflows by act';
(reason === null ? describe : describe.skip)(
  reason === null ? title : `${title}: ${reason}`,
  () => {
    let folder: string;
    let project: Project;
    let api: GitHubApi;
    let head: string;
    let before: string;
    const repository = { full_name: 'o/r', default_branch: 'main' };

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'greenlight-act-'));
      await publish(folder);
      project = await makeProject();
      await project.write('greenlight.yml', configOfJobs(project));
      await makeRepository(project.folder);
      await git(project.folder, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
      // Doubles of GitHub's own actions. act plays a checkout of the commit at hand by itself.
      await writeAction(
        'checkout',
        'ref',
        `git init -q; git fetch -q 'file://${project.folder}' "$REF"; git checkout -qf FETCH_HEAD`,
      );
      await writeAction(
        'upload-artifact',
        'name path if-no-files-found overwrite',
        `echo "$NAME" > '${folder}/uploaded'; cat "$PAGE" >> '${folder}/uploaded'`,
      );
      before = await project.fingerprint();
      await git(project.folder, 'checkout', '--quiet', '-b', 'change');
      const logic = await readFile(project.path('logic/01_revenue.sql'), 'utf8');
      await project.write('logic/01_revenue.sql', logic.replace('sum(amount)', 'sum(amount) * 2'));
      head = await commit(project.folder, 'doubled');
      await git(project.folder, 'checkout', '--quiet', 'main');
      api = await githubApi({
        permissions: { alice: 'write', bob: 'write' },
        pulls: [{ number: 42, login: 'bob', head, state: 'open' }],
      });
    });
    afterAll(async () => {
      await api.close();
      await project.dispose();
      await rm(folder, { recursive: true, force: true });
      expect(api.violations).toEqual([]);
    });

    /** An action of one script, which has the inputs `ref`, `name` and `path` in its environment. */
    async function writeAction(name: string, inputs: string, script: string) {
      await mkdir(join(folder, 'actions', name), { recursive: true });
      const value = (input: string) => `'\${{ inputs.${input} }}'`;
      const text = `name: ${name}
inputs: { ${[...inputs.split(' '), 'persist-credentials'].map((one) => `${one}: {}`).join(', ')} }
runs:
  using: composite
  steps:
    - shell: bash
      env: { REF: ${value('ref')}, NAME: ${value('name')}, PAGE: ${value('path')} }
      run: |
        ${script}
`;
      await writeFile(join(folder, 'actions', name, 'action.yml'), text);
    }

    /** Fails the test, with the log, unless exactly these jobs succeed. */
    async function run(
      file: string,
      event: string,
      ref: string,
      payload: object,
      ...jobs: string[]
    ) {
      const checkout = await mkdtemp(join(folder, 'checkout-'));
      await git(checkout, 'clone', '--quiet', `file://${project.folder}`, '.');
      await git(checkout, 'checkout', '--quiet', '-B', ref, `origin/${ref}`);
      await git(checkout, 'remote', 'set-url', 'origin', 'https://github.com/o/r.git');
      await writeFile(join(folder, 'event.json'), JSON.stringify({ ...payload, repository }));
      const texts = await Promise.all(
        [`examples/github/workflows/${file}`, 'actions/prepare/action.yml'].map((one) =>
          readFile(one, 'utf8'),
        ),
      );
      const pinned = texts.join().matchAll(/(actions\/[\w-]+)@[0-9a-f]{40}/g);
      const local = [
        `OWNER/greenlight@v0.1.0=${join(folder, 'greenlight')}`,
        ...[...pinned].map(([action, name = '']) => `${action}=${join(folder, name)}`),
      ];
      const log = await new Promise<string>((done, failed) => {
        const child = spawn(
          act,
          [
            event,
            ...['--workflows', join(process.cwd(), 'examples/github/workflows', file)],
            ...['--eventpath', join(folder, 'event.json')],
            ...['--platform', 'self-hosted=-self-hosted'],
            ...['--secret', 'GITHUB_TOKEN=ghs_secret'],
            ...['--env', `GITHUB_API_URL=${api.url}`],
            ...local.flatMap((one) => ['--local-repository', one]),
          ],
          {
            cwd: checkout,
            env: { PATH: process.env.PATH ?? '', HOME: folder },
            stdio: ['ignore', 'pipe', 'pipe'],
          },
        );
        let text = '';
        for (const stream of [child.stdout, child.stderr]) {
          stream.on('data', (piece) => {
            text += piece;
          });
        }
        child.once('error', failed);
        child.once('close', () => done(text));
      });
      const succeeded = [...log.matchAll(/\/(\w+) *\] 🏁 +Job succeeded/g)].map(([, job]) => job);
      if (succeeded.join() !== jobs.join()) throw new Error(`Jobs: ${succeeded}\n${log}`);
      expect(log).not.toContain('ghs_secret');
    }

    const sticky = () =>
      api.state.comments.find(({ body }) => body.startsWith('<!-- greenlight'))?.body ?? '';

    test('a pull request is prepared, approved by a comment, merged, and goes live', async () => {
      const pull = {
        number: 42,
        state: 'open',
        merged: false,
        head: { sha: head, repo: { full_name: 'o/r' } },
        user: { login: 'bob', type: 'User' },
      };
      const opened = { action: 'opened', pull_request: pull };
      await run('greenlight-review.yml', 'pull_request', 'change', opened, 'prepare');
      const digest = /\/greenlight approve (\w{12})/.exec(sticky())?.[1];
      expect(sticky()).toContain('Unexplained deviations');
      expect(await readFile(join(folder, 'uploaded'), 'utf8')).toMatch(
        /^greenlight-review-pr-42\n<!doctype html>/i,
      );
      expect(await project.fingerprint()).toBe(before);

      const body = `/greenlight approve ${digest}`;
      api.state.comments.push({ id: 100, issue: 42, login: 'alice', body });
      const said = {
        action: 'created',
        issue: { number: 42, pull_request: {} },
        comment: {
          id: 100,
          body,
          html_url: 'https://github.com/o/r/pull/42#issuecomment-100',
          user: { login: 'alice', type: 'User' },
        },
      };
      await run('greenlight-review.yml', 'issue_comment', 'main', said, 'approve');
      expect(api.state.statuses.at(-1)).toMatchObject({ sha: head, state: 'success' });

      await git(project.folder, 'merge', '--quiet', '--no-ff', '-m', 'merged', 'change');
      const sha = await git(project.folder, 'rev-parse', 'HEAD');
      api.state.associated = { [sha]: [42] };
      Object.assign(api.state.pulls[0] ?? {}, {
        state: 'closed',
        merged_at: '2026-02-01T10:00:00Z',
        merge_commit_sha: sha,
      });
      const pushed = { ref: 'refs/heads/main', after: sha };
      await run('greenlight-swap.yml', 'push', 'main', pushed, 'swap');
      expect(sticky()).toContain('✅ Live');
      expect(await project.fingerprint()).not.toBe(before);
    });
  },
);
