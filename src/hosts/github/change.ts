import { UsageError } from '../../errors.ts';
import type { Change } from '../review.ts';
import type { GitHubApi } from './api.ts';
import type { GitHubContext, PullRequest } from './context.ts';

/** The change that the event of this job is about, as it was then; null: the event is about none. */
export function changeOfEvent({ payload }: GitHubContext): Change | null {
  return payload.pull_request === undefined ? null : asChange(payload.pull_request);
}

/** The number of the pull request that a comment was written to. */
export function commentedNumber({ payload }: GitHubContext): number | null {
  return payload.issue?.pull_request === undefined ? null : payload.issue.number;
}

export async function changeByNumber(
  api: GitHubApi,
  { owner, repo }: GitHubContext,
  number: number,
): Promise<Change> {
  const { data } = await api.rest.pulls.get({ owner, repo, pull_number: number });
  return asChange(data);
}

/**
 * The pull request whose merge brought the commit at hand to its branch. Squashed and rebased ones are found too:
 * GitHub knows which commits it made of them, a moment after the push.
 */
export async function mergedChange(
  api: GitHubApi,
  { owner, repo, sha, ref }: GitHubContext,
  waitMs = 1000,
): Promise<Change> {
  const branch = ref.replace(/^refs\/heads\//, '');
  for (let attempt = 0; attempt < 4; attempt += 1) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, waitMs * 2 ** attempt));
    const pulls = await api.paginate(api.rest.repos.listPullRequestsAssociatedWithCommit, {
      owner,
      repo,
      commit_sha: sha,
      per_page: 100,
    });
    const merged = pulls
      .filter(({ merged_at, base }) => merged_at !== null && base.ref === branch)
      .sort((a, b) => ((a.merged_at ?? '') < (b.merged_at ?? '') ? 1 : -1));
    const found = merged.find(({ merge_commit_sha }) => merge_commit_sha === sha) ?? merged[0];
    if (found !== undefined) return asChange(found);
  }
  throw new UsageError({
    what: `No merged pull request brought commit ${sha.slice(0, 12)} to ${branch}.`,
    cause: 'the release is found by the pull request that was merged',
    help: 'Name the release by --release, or merge the change by a pull request.',
  });
}

function asChange({ number, user, head, state, merged, merged_at: at }: PullRequest): Change {
  const isMerged = merged === true || (at !== null && at !== undefined);
  return {
    number,
    release: `pr-${number}`,
    author: user?.login ?? null,
    head: head.sha,
    state: isMerged ? 'merged' : state === 'open' ? 'open' : 'closed',
  };
}
