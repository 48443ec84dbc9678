// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what an attack looks like.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  type Delivery,
  type JobRun,
  type Machine,
  runWorkflow,
} from '../support/composite-runner.ts';
import { isGate } from '../support/gate.ts';
import { type GitHubApi, githubApi } from '../support/github-api.ts';
import { publish } from '../support/published.ts';
import { commit, git, makeRepository } from '../support/repository.ts';
import { type Warehouse, warehouses } from '../support/warehouses.ts';

// The workflows of examples/github as a user copies them, on a machine that has the warehouse: from a pull request to its
// rollback. The repository is real; asserted on what the API received and on the database.

const token = 'ghs_secret';
const wrong = `delete from marts.revenue;
insert into marts.revenue (customer, amount)
select customer, sum(amount) * 2 from staging.orders where customer <> 'customer 3' group by customer order by customer;
`;
const mended = wrong.replace("where customer <> 'customer 3' ", '');

jest.setTimeout(180_000);

let project: Warehouse;
let api: GitHubApi;
let machine: Machine;
let allowed: Readonly<Record<string, string>> = {};
const denied: string[] = [];

async function setUp(make: () => Promise<Warehouse>): Promise<void> {
  project = await make();
  await makeRepository(project.folder);
  await git(project.folder, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
  api = await githubApi({ permissions: { alice: 'write', bob: 'write', mallory: 'read' } });
  api.fault(({ method, path }) => {
    if (mayCall(method, path)) return null;
    denied.push(`${method} ${path}`);
    return { status: 403, body: { message: 'Resource not accessible by integration' } };
  });
  const folder = await mkdtemp(join(tmpdir(), 'greenlight-runner-'));
  machine = {
    folder,
    greenlight: await publish(folder),
    origin: project.folder,
    token,
    env: { ...project.env, GITHUB_API_URL: api.url },
    onJob: (permissions) => {
      allowed = permissions;
    },
  };
}

async function tidyUp(): Promise<void> {
  await api.close();
  await project.dispose();
  await rm(machine.folder, { recursive: true, force: true });
  expect(api.violations).toEqual([]);
  // The permissions that the examples ask for are enough.
  expect(denied).toEqual([]);
}

/** Whether the job's permissions allow the call, as GitHub's reference of permissions has it. */
function mayCall(method: string, path: string): boolean {
  const scope = /^\/repos\/o\/r\/(statuses|pulls|issues|commits\/\w+\/pulls)\b/.exec(path)?.[1];
  if (scope === undefined) return true;
  const has = allowed[scope === 'statuses' ? 'statuses' : 'pull-requests'];
  return has === 'write' || (method === 'GET' && has === 'read');
}

async function deliver(delivery: Delivery): Promise<Map<string, JobRun>> {
  const runs: JobRun[] = [];
  for (const file of ['greenlight-review.yml', 'greenlight-swap.yml']) {
    const text = await readFile(`examples/github/workflows/${file}`, 'utf8');
    runs.push(...(await runWorkflow(text, delivery, machine)));
  }
  for (const { log, summary } of runs)
    expect(log.replaceAll(`::add-mask::${token}`, '') + summary).not.toContain(token);
  return new Map(runs.filter((one) => one.conclusion !== 'skipped').map((one) => [one.name, one]));
}

const conclusions = (runs: Map<string, JobRun>) =>
  Object.fromEntries([...runs].map(([name, { conclusion }]) => [name, conclusion]));

const repository = { full_name: 'o/r', default_branch: 'main' };

/** Of the pull request as the API has it. GitHub's own commit is the merge of the branch with its target. */
async function pullRequest(number: number, action: string, fullName = 'o/r'): Promise<Delivery> {
  const pull = api.state.pulls.find((one) => one.number === number);
  if (pull === undefined) throw new Error(`No pull request ${number}`);
  const tree = await git(project.folder, 'merge-tree', '--write-tree', 'main', pull.head);
  const parents = ['-p', 'main', '-p', pull.head];
  const sha = await git(project.folder, 'commit-tree', tree, ...parents, '-m', 'merged');
  return {
    event: 'pull_request',
    ref: `refs/pull/${number}/merge`,
    sha,
    payload: {
      action,
      repository,
      pull_request: {
        number,
        state: pull.state,
        title: '$(touch pwned) `touch pwned`; touch pwned',
        merged: typeof pull.merged_at === 'string',
        user: { login: pull.login, type: 'User' },
        head: { sha: pull.head, ref: 'x$(touch${IFS}pwned)', repo: { full_name: fullName } },
      },
    },
  };
}

async function comment(login: string, body: string): Promise<Delivery> {
  const id = 100 + api.state.comments.length;
  api.state.comments.push({ id, issue: 42, login, body });
  return {
    event: 'issue_comment',
    ref: 'refs/heads/main',
    sha: await git(project.folder, 'rev-parse', 'main'),
    payload: {
      action: 'created',
      repository,
      issue: { number: 42, pull_request: {} },
      comment: {
        id,
        body,
        html_url: `https://github.com/o/r/pull/42#issuecomment-${id}`,
        user: { login, type: 'User' },
      },
    },
  };
}

/** Commits the logic to a branch of main. */
async function change(branch: string, sql: string): Promise<string> {
  await git(project.folder, 'checkout', '--quiet', '-B', branch);
  await project.write('logic/01_revenue.sql', sql);
  const sha = await commit(project.folder, '$(touch pwned) `id` | <b>');
  await git(project.folder, 'checkout', '--quiet', 'main');
  return sha;
}

const sticky = (number = 42) => {
  const [comment, ...others] = api.state.comments.filter(
    ({ issue, body }) => issue === number && body.startsWith('<!-- greenlight'),
  );
  expect(others).toEqual([]);
  return comment?.body ?? '';
};
const lastStatus = () => {
  const { sha, state, context } = api.state.statuses.at(-1) ?? {};
  return [sha, state, context];
};

const played = Object.entries(warehouses).filter(([name]) => !isGate || name === 'PostgreSQL');

describe.each(played)('the example workflows on GitHub, with %s', (_, make) => {
  beforeAll(() => setUp(make));
  afterAll(tidyUp);
  let before = '';
  let digest = '';

  test('a pull request is opened: the comment shows unexplained deviations', async () => {
    before = await project.fingerprint();
    const head = await change('change', wrong);
    api.state.pulls.push({ number: 42, login: 'bob', head, state: 'open' });
    const runs = await deliver(await pullRequest(42, 'opened'));
    expect(conclusions(runs)).toEqual({ prepare: 'success' });
    const { outputs, summary, uploads } = runs.get('prepare') ?? {};
    expect(outputs).toMatchObject({ release: 'pr-42', verdict: 'unexplained' });
    digest = outputs?.digest ?? '';
    expect(sticky()).toContain(`/greenlight approve ${digest.slice(0, 12)}`);
    expect(sticky()).toContain('| `marts.revenue` | 0 | 1 | 6 | 7 |');
    expect(summary).toContain('| `marts.revenue` | 0 | 1 | 6 | 7 |');
    expect(lastStatus()).toEqual([head, 'pending', 'greenlight/release']);
    const page = join(machine.folder, 'work', 'greenlight-review.html');
    expect(uploads).toEqual([
      {
        name: 'greenlight-review-pr-42',
        path: page,
        'if-no-files-found': 'ignore',
        overwrite: 'true',
      },
    ]);
    expect(await readFile(page, 'utf8')).toContain('marts.revenue');
    expect(existsSync(join(machine.folder, 'work', 'pwned'))).toBe(false);
    expect(await project.fingerprint()).toBe(before);
  });

  test('the code of a fork is not run', async () => {
    const runs = await deliver(await pullRequest(42, 'synchronize', 'mallory/r'));
    expect(conclusions(runs)).toEqual({});
  });

  test('a fix is pushed: the same comment has a new digest', async () => {
    const head = await change('change', mended);
    Object.assign(api.state.pulls[0] ?? {}, { head });
    const runs = await deliver(await pullRequest(42, 'synchronize'));
    expect(conclusions(runs)).toEqual({ prepare: 'success' });
    expect(runs.get('prepare')?.outputs.digest).not.toBe(digest);
    digest = runs.get('prepare')?.outputs.digest ?? '';
    expect(sticky()).toContain('| `marts.revenue` | still there | 0 | 0 | 7 | 7 |');
    expect(lastStatus()).toEqual([head, 'pending', 'greenlight/release']);
  });

  test('merged without an approval, it would not go live', async () => {
    const sha = await git(project.folder, 'rev-parse', 'main');
    api.state.associated = { [sha]: [42] };
    Object.assign(api.state.pulls[0] ?? {}, { merged_at: '2026-02-01T10:00:00Z' });
    const runs = await deliver({
      event: 'push',
      ref: 'refs/heads/main',
      sha,
      payload: { repository },
    });
    expect(conclusions(runs)).toEqual({ swap: 'failure' });
    expect(sticky()).toContain('**Why the gate is closed**');
    expect(await project.fingerprint()).toBe(before);
    Object.assign(api.state.pulls[0] ?? {}, { merged_at: null });
  });

  test('who may not approve does not; what is no command starts nothing', async () => {
    expect(conclusions(await deliver(await comment('alice', 'Nice.')))).toEqual({});
    const command = `/greenlight approve ${digest.slice(0, 12)}`;
    const runs = await deliver(await comment('mallory', command));
    expect(conclusions(runs)).toEqual({ approve: 'failure' });
    expect(api.state.comments.at(-1)?.body).toContain('mallory may not approve');
    expect(lastStatus()[1]).not.toBe('success');
  });

  test('somebody else approves by a comment', async () => {
    const command = `/greenlight approve ${digest.slice(0, 12)}`;
    const runs = await deliver(await comment('alice', command));
    expect(conclusions(runs)).toEqual({ approve: 'success' });
    expect(runs.get('approve')?.outputs).toMatchObject({
      release: 'pr-42',
      state: 'approved',
      by: 'alice',
    });
    expect(sticky()).toContain('`alice` approved');
    expect(lastStatus()).toEqual([api.state.pulls[0]?.head, 'success', 'greenlight/release']);
  });

  test('merged, it goes live', async () => {
    await git(project.folder, 'merge', '--quiet', '--squash', 'change');
    const sha = await commit(project.folder, 'squashed');
    api.state.associated = { [sha]: [42] };
    Object.assign(api.state.pulls[0] ?? {}, {
      state: 'closed',
      merged_at: '2026-02-01T10:00:00Z',
      merge_commit_sha: sha,
    });
    expect(conclusions(await deliver(await pullRequest(42, 'closed')))).toEqual({});
    const runs = await deliver({
      event: 'push',
      ref: 'refs/heads/main',
      sha,
      payload: { repository },
    });
    expect(conclusions(runs)).toEqual({ swap: 'success' });
    expect(runs.get('swap')?.outputs).toMatchObject({ release: 'pr-42', state: 'swapped' });
    expect(sticky()).toContain('✅ Live');
    const doubled = `select ((select sum(amount) from marts.revenue) =
      2 * (select sum(amount) from staging.orders))::integer::varchar as doubled`;
    expect(await project.sql(doubled)).toEqual([{ doubled: '1' }]);
  });

  test('by hand, it is rolled back', async () => {
    const runs = await deliver({
      event: 'workflow_dispatch',
      ref: 'refs/heads/main',
      sha: await git(project.folder, 'rev-parse', 'main'),
      payload: { repository },
      inputs: { release: '' },
    });
    expect(conclusions(runs)).toEqual({ rollback: 'success' });
    expect(await project.fingerprint()).toBe(before);
    expect(sticky()).toContain('❌ Rolled back');
  });

  test('another is closed unmerged: its databases are dropped', async () => {
    const head = await change('other', wrong);
    api.state.pulls.push({ number: 43, login: 'bob', head, state: 'open' });
    const runs = await deliver(await pullRequest(43, 'opened'));
    expect(conclusions(runs)).toEqual({ prepare: 'success' });
    expect(await project.hasCandidate('pr-43')).toBe(true);
    Object.assign(api.state.pulls[1] ?? {}, { state: 'closed' });
    expect(conclusions(await deliver(await pullRequest(43, 'closed')))).toEqual({
      retire: 'success',
    });
    expect(await project.hasCandidate('pr-43')).toBe(false);
    expect(await project.fingerprint()).toBe(before);
  });
});

describe('the runner of composite actions', () => {
  beforeAll(() => setUp(warehouses.DuckDB as () => Promise<Warehouse>));
  afterAll(tidyUp);

  test('gives a script its env and no input, ends at the first failure, and keeps outputs', async () => {
    const folder = join(machine.greenlight, 'actions', 'probe');
    await mkdir(folder);
    await writeFile(
      join(folder, 'action.yml'),
      `inputs:
  word: { default: 'by default' }
outputs:
  found: { value: '\${{ steps.first.outputs.found }}' }
  text: { value: '\${{ steps.first.outputs.text }}' }
runs:
  using: composite
  steps:
    - id: first
      shell: bash
      env: { WORD: '\${{ inputs.word }}' }
      run: |
        echo "found=$(env | grep -c '^INPUT_' || true) $WORD" >> "$GITHUB_OUTPUT"
        printf 'text<<END\\na\\nb\\nEND\\n' >> "$GITHUB_OUTPUT"
        false | cat
        echo not reached
    - { shell: bash, run: echo skipped }
    - { shell: bash, if: always(), run: echo cleaned up }
    - { shell: bash, if: failure() && steps.first.outcome == 'failure', run: echo noticed }
`,
    );
    const text = `on: { push: }
jobs: { probe: { steps: [{ uses: OWNER/greenlight/actions/probe@v1 }] } }`;
    const delivery = { event: 'push', ref: 'refs/heads/main', sha: '', payload: {} };
    expect(await runWorkflow(text, delivery, machine)).toMatchObject([
      {
        conclusion: 'failure',
        log: 'cleaned up\nnoticed\n',
        outputs: { found: '0 by default', text: 'a\nb' },
      },
    ]);
  });
});
