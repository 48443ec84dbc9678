import { readFile } from 'node:fs/promises';
import { GreenlightError, messageOf } from '../../errors.ts';

/** What the runner tells a job: https://docs.github.com/actions/reference/variables-reference */
export interface GitHubContext {
  readonly owner: string;
  readonly repo: string;
  readonly event: string;
  readonly payload: Payload;
  /** `refs/heads/main`, `refs/pull/42/merge`. */
  readonly ref: string;
  /** The commit that started the job; of a pull request, its merge with the target. */
  readonly sha: string;
  readonly workspace: string;
  readonly run: string;
  readonly apiUrl: string;
}

/** The members of event payloads that are used here. */
export interface Payload {
  readonly action?: string;
  readonly pull_request?: PullRequest;
  readonly issue?: { readonly number: number; readonly pull_request?: object };
  readonly comment?: {
    readonly id: number;
    readonly body: string;
    readonly html_url: string;
    readonly user: Account | null;
  };
  readonly review?: {
    readonly id: number;
    readonly state: string;
    readonly user: Account | null;
  };
  readonly repository?: { readonly default_branch?: string };
}

export interface PullRequest {
  readonly number: number;
  readonly state: string;
  readonly merged?: boolean;
  readonly merged_at?: string | null;
  readonly head: { readonly sha: string };
  readonly user: Account | null;
}

export interface Account {
  readonly login: string;
  readonly type?: string;
}

/** @throws GreenlightError when the event cannot be read: what may be done here would be a guess. */
export async function readContext(env: NodeJS.ProcessEnv): Promise<GitHubContext> {
  const [owner = '', repo = ''] = (env.GITHUB_REPOSITORY ?? '').split('/');
  const server = env.GITHUB_SERVER_URL ?? 'https://github.com';
  return {
    owner,
    repo,
    event: env.GITHUB_EVENT_NAME ?? '',
    payload: await readPayload(env.GITHUB_EVENT_PATH),
    ref: env.GITHUB_REF ?? '',
    sha: env.GITHUB_SHA ?? '',
    workspace: env.GITHUB_WORKSPACE ?? process.cwd(),
    run: `${server}/${owner}/${repo}/actions/runs/${env.GITHUB_RUN_ID ?? ''}`,
    apiUrl: env.GITHUB_API_URL ?? 'https://api.github.com',
  };
}

async function readPayload(file: string | undefined): Promise<Payload> {
  if (file === undefined || file === '') return {};
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Payload;
  } catch (error) {
    throw new GreenlightError({
      what: 'The event that started this job cannot be read.',
      where: file,
      cause: messageOf(error),
      help: 'GITHUB_EVENT_PATH names the file that the runner wrote.',
    });
  }
}
