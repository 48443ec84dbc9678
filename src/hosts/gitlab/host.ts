import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GreenlightError, messageOf } from '../../errors.ts';
import { isWanted, takeVariable } from '../../inputs.ts';
import { type ApiOptions, apiAsker, statusOf } from '../api-error.ts';
import { setInDotenv } from '../dotenv.ts';
import type { Host, Progress } from '../host.ts';
import type { Change, Review } from '../review.ts';
import { keepOneComment } from '../sticky.ts';
import { terminalHost } from '../terminal.ts';
import type { GitLabApi } from './api.ts';
import { type GitLabContext, readContext } from './context.ts';
import { requireMerged } from './events.ts';

export interface GitLabOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly quiet: boolean;
  readonly log: NodeJS.WritableStream;
  /** How patient requests to the API are, where it is not the usual. */
  readonly patience?: Pick<ApiOptions, 'waitMs'>;
}

/** Files that the component hands to GitLab as reports. */
const OUTPUTS = 'greenlight.env';
const ANNOTATIONS = 'greenlight-codequality.json';

/** A job of GitLab CI. Its log masks by the variables' settings only, and takes no commands. */
export async function gitlabHost(options: GitLabOptions): Promise<Host> {
  const { env, quiet, log: stream } = options;
  const token = takeVariable(env, 'GREENLIGHT_GITLAB_TOKEN') ?? '';
  const wantsComment = isWanted(env, 'comment');
  const terminal = terminalHost({ stream, isTTY: false, quiet, env });
  const context = readContext(env);
  return {
    ...terminal,
    outputs: (values) => setInDotenv(join(context.workspace, OUTPUTS), asVariables(values)),
    review: gitlabReview(context, { ...options, token, wantsComment }, terminal.progress),
  };
}

function asVariables(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      `GREENLIGHT_${name.toUpperCase().replaceAll('-', '_')}`,
      value,
    ]),
  );
}

interface ReviewOptions extends GitLabOptions {
  readonly token: string;
  readonly wantsComment: boolean;
}

const PERMISSION =
  'It takes a project access token with scope api and role Developer; a CI_JOB_TOKEN cannot do it.';

function gitlabReview(context: GitLabContext, options: ReviewOptions, progress: Progress): Review {
  const { project, mergeRequest: own, run } = context;
  const { token, wantsComment, patience = {} } = options;
  let loaded: Promise<GitLabApi> | null = null;
  const ask = apiAsker('GitLab');
  const asking = <T>(what: string, work: (api: GitLabApi) => Promise<T>) =>
    ask(what, PERMISSION, async () => {
      loaded ??= loadApi(context, { token, progress, ...patience });
      return work(await loaded);
    });
  const path = ({ number }: Pick<Change, 'number'>) =>
    `/projects/${project}/merge_requests/${number}`;

  /** The variables tell which it is; without the API it stays unknown whose it is, and what became of it. */
  const ownChange = async (number: number, details: boolean): Promise<Change> => {
    const known = { number, release: `mr-${number}`, head: context.head };
    const alone = { ...known, author: null, state: null };
    if (!details) return alone;
    try {
      return await asking('find the merge request', async (api) => {
        const { asChange, mergeRequest } = await import('./change.ts');
        return { ...asChange(await mergeRequest(api, project, number)), ...known };
      });
    } catch (error) {
      progress.warn(messageOf(error));
      return alone;
    }
  };

  return {
    run,
    revision: context.head,
    called: 'merge request',
    approvalJob: 'greenlight-approve',
    wantsComment,
    workspace: context.workspace,
    // A note may hold a million; nobody reads that.
    commentLimit: 60_000,
    fileAddress: (job, file) => `${job}/artifacts/file/${file}`,
    // A pipeline of a merge request from a fork runs in the fork, without this project's variables.
    requireTrusted() {},
    requireMerged: (step, branch) => requireMerged(context, step, branch),

    change: async ({ release, merged, details }) => {
      if (own !== null) return ownChange(own, details);
      const number = Number(/^mr-(\d+)$/.exec(release ?? '')?.[1] ?? 0);
      if (number === 0 && !merged) return null;
      return asking('find the merge request', async (api) => {
        const { asChange, mergedRequest, mergeRequest } = await import('./change.ts');
        return asChange(
          number > 0
            ? await mergeRequest(api, project, number)
            : await mergedRequest(api, context, patience.waitMs),
        );
      });
    },
    approvals: (change) =>
      asking('read the approvals', async (api) => {
        const { mergeRequest } = await import('./change.ts');
        const { askedApprovals } = await import('./approvals.ts');
        const { sha, web_url: address } = await mergeRequest(api, project, change.number);
        const head = sha ?? '';
        return askedApprovals(api, {
          path: path(change),
          address,
          project,
          number: change.number,
          head,
        });
      }),
    answer: ({ reference, by }, { accepted, text }) =>
      asking('answer the approval', async (api) => {
        const { comment, change: number } = reference;
        // Without a mark, the next job reads the note again.
        if (comment === null || accepted === null) return;
        if (!accepted)
          await api.send('POST', `${path({ number })}/notes`, { body: `@${by} ${text}` });
        const { answers } = await import('./approvals.ts');
        const name = accepted ? answers.accepted : answers.refused;
        await api.send('POST', `${path({ number })}/notes/${comment}/award_emoji`, { name });
      }),

    comment: (change, comment) =>
      asking('write the comment', async (api) => {
        const { mergeRequest } = await import('./change.ts');
        const { ownComments } = await import('./comments.ts');
        const { web_url: address } = await mergeRequest(api, project, change.number);
        return keepOneComment(ownComments(api, { path: path(change), address }), comment);
      }),
    status: (revision, { name, state, description, address }) =>
      asking('set the commit status', async (api) => {
        // In the merge request's own pipeline it is what the merge waits for.
        const { head, sha, pipeline } = context;
        const isOwn = own !== null && pipeline !== null && revision === head;
        try {
          await api.send('POST', `/projects/${project}/statuses/${isOwn ? sha : revision}`, {
            name,
            state: state === 'failure' ? 'failed' : state,
            description: description.slice(0, 140),
            target_url: address,
            ...(isOwn ? { pipeline_id: pipeline } : {}),
          });
        } catch (error) {
          if (!isPendingAlready(error)) throw error;
        }
      }),
    summarise: async () => undefined,
    annotate: async (annotations) => {
      const findings = annotations.map(({ file, line, title, text }) => ({
        description: `${title}: ${text}`,
        check_name: 'greenlight',
        fingerprint: `${file}:${line}:${title}`,
        severity: 'major',
        location: { path: file, lines: { begin: line } },
      }));
      await writeFile(join(context.workspace, ANNOTATIONS), JSON.stringify(findings, null, 2));
    },
  };
}

/** GitLab refuses to make a status pending that is. */
function isPendingAlready(error: unknown): boolean {
  return (
    statusOf(error) === 400 &&
    messageOf(error).includes('Cannot transition status via :enqueue from :pending')
  );
}

async function loadApi(
  { apiUrl: url }: GitLabContext,
  options: Omit<ApiOptions, 'url'>,
): Promise<GitLabApi> {
  if (options.token === '') {
    throw new GreenlightError({
      what: `There is no token for the GitLab API: set the masked variable GREENLIGHT_GITLAB_TOKEN. ${PERMISSION}`,
    });
  }
  const { gitlabApi } = await import('./api.ts');
  return gitlabApi({ url, ...options });
}
