import { appendFile } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { GreenlightError } from '../../errors.ts';
import { isWanted, takeInput, takeVariable } from '../../inputs.ts';
import { type ApiOptions, apiAsker } from '../api-error.ts';
import type { Host, Progress } from '../host.ts';
import type { Change, Review } from '../review.ts';
import { keepOneComment } from '../sticky.ts';
import { terminalHost } from '../terminal.ts';
import type { GitHubApi } from './api.ts';
import { type GitHubContext, readContext } from './context.ts';
import { requireMerged, requireTrusted } from './events.ts';
import { maskCommand, warningCommand, withoutCommands } from './log.ts';

export interface GitHubOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly quiet: boolean;
  /** The log: commands to the runner go there as well. */
  readonly log: { write(text: string): unknown };
  /** How patient requests to the API are, where it is not the usual. */
  readonly patience?: Pick<ApiOptions, 'waitMs' | 'pace'>;
}

/** Shown of each kind and step by GitHub; more would be lost without a word. */
const MAX_ANNOTATIONS = 10;

/** A job of GitHub Actions. */
export async function githubHost(options: GitHubOptions): Promise<Host> {
  const { env, quiet, log } = options;
  const usual = takeVariable(env, 'GITHUB_TOKEN') ?? '';
  const token = takeInput(env, 'github-token') ?? usual;
  const hide = (secrets: readonly string[]) => {
    for (const secret of secrets) for (const line of maskable(secret)) log.write(maskCommand(line));
  };
  hide([token, ...(usual === token ? [] : [usual])]);
  const wantsComment = isWanted(env, 'comment');
  const stream = new Writable({
    decodeStrings: false,
    write: (text, _, done) => {
      log.write(withoutCommands(String(text)));
      done();
    },
  });
  const terminal = terminalHost({ stream, isTTY: false, quiet, env });
  return {
    ...terminal,
    hide,
    printable: withoutCommands,
    outputs: (values) => writeOutputs(env.GITHUB_OUTPUT, values),
    review: githubReview(
      await readContext(env),
      { ...options, token, wantsComment },
      terminal.progress,
    ),
  };
}

/** The runner compares line by line. What is shorter than three characters would hide half of the log. */
function maskable(secret: string): string[] {
  return secret.split(/\r?\n/).filter((line) => line.trim().length > 2);
}

async function writeOutputs(
  file: string | undefined,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  if (file === undefined || file === '') return;
  // Loaded only here. It takes a delimiter that no value can know.
  const { setOutput } = await import('@actions/core');
  for (const [name, value] of Object.entries(values)) setOutput(name, value);
}

interface ReviewOptions extends GitHubOptions {
  readonly token: string;
  readonly wantsComment: boolean;
}

function githubReview(context: GitHubContext, options: ReviewOptions, progress: Progress): Review {
  const { owner, repo } = context;
  const { token, wantsComment, env, log, patience = {} } = options;
  let loaded: Promise<GitHubApi> | null = null;
  const api = () => {
    loaded ??= loadApi(context, { token, progress, ...patience });
    return loaded;
  };
  const ask = apiAsker('GitHub');
  const asking = <T>(what: string, permission: string, work: (api: GitHubApi) => Promise<T>) =>
    ask(what, permission, async () => work(await api()));

  return {
    run: context.run,
    revision: context.payload.pull_request?.head.sha ?? context.sha,
    called: 'pull request',
    approvalJob: null,
    wantsComment,
    workspace: context.workspace,
    commentLimit: 60_000,
    fileAddress: (job) => `${job}#artifacts`,
    requireTrusted: (step) => requireTrusted(context, step),
    requireMerged: (step, branch) => requireMerged(context, step, branch),

    change: async ({ release, merged }) => {
      const { changeByNumber, changeOfEvent, commentedNumber, mergedChange } = await import(
        './change.ts'
      );
      const own = changeOfEvent(context);
      if (own !== null) return own;
      const number = commentedNumber(context) ?? Number(/^pr-(\d+)$/.exec(release ?? '')?.[1] ?? 0);
      if (number === 0 && !merged) return null;
      return asking('find the pull request', 'It needs `pull-requests: read`.', (api) =>
        number > 0
          ? changeByNumber(api, context, number)
          : mergedChange(api, context, patience.waitMs),
      );
    },
    approvals: (change) =>
      asking('read the approval', 'It needs `pull-requests: read`.', async (api) =>
        (await import('./approvals.ts')).askedApprovals(api, context, change),
      ),
    answer: ({ reference, by }, { accepted, text }) =>
      asking('answer the approval', 'It needs `pull-requests: write`.', async (api) => {
        const { issues, reactions } = api.rest;
        const { change, comment } = reference;
        // The words matter more than the reaction, which may take another permission.
        if (accepted !== true)
          await issues.createComment({ owner, repo, issue_number: change, body: `@${by} ${text}` });
        if (comment === null) return;
        const content = accepted === true ? ('+1' as const) : ('confused' as const);
        await reactions.createForIssueComment({ owner, repo, comment_id: comment, content });
      }),

    comment: (change: Change, comment) =>
      asking(
        'write the comment',
        'It needs `pull-requests: write`; of a fork it only reads.',
        async (api) => {
          const { ownComments } = await import('./comments.ts');
          return keepOneComment(ownComments(api, { owner, repo }, change.number), comment);
        },
      ),
    status: (revision, { name, state, description, address }) =>
      asking('set the commit status', 'It needs `statuses: write`.', async (api) => {
        await api.rest.repos.createCommitStatus({
          owner,
          repo,
          sha: revision,
          context: name,
          state,
          description: description.slice(0, 140),
          target_url: address,
        });
      }),
    summarise: async (markdown) => {
      const file = env.GITHUB_STEP_SUMMARY;
      if (file !== undefined && file !== '') await appendFile(file, `${markdown}\n`);
    },
    annotate: async (annotations) => {
      for (const one of annotations.slice(0, MAX_ANNOTATIONS)) log.write(warningCommand(one));
      const left = annotations.length - MAX_ANNOTATIONS;
      if (left > 0)
        progress.warn(`${left} more annotations are not shown: GitHub shows ${MAX_ANNOTATIONS}.`);
    },
  };
}

async function loadApi(
  { apiUrl: url }: GitHubContext,
  options: Omit<ApiOptions, 'url'>,
): Promise<GitHubApi> {
  if (options.token === '') {
    throw new GreenlightError({
      what: 'There is no token for the GitHub API: give it by the input github-token, or by GITHUB_TOKEN.',
    });
  }
  const { githubApi } = await import('./api.ts');
  return githubApi({ url, ...options });
}
