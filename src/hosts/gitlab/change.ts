import { UsageError } from '../../errors.ts';
import type { Change } from '../review.ts';
import type { GitLabApi } from './api.ts';
import type { Account } from './comments.ts';
import type { GitLabContext } from './context.ts';

export interface MergeRequest {
  readonly iid: number;
  readonly state: string;
  readonly sha: string | null;
  readonly author: Account | null;
  readonly web_url: string;
  readonly target_branch: string;
  readonly merged_at: string | null;
  readonly merge_commit_sha: string | null;
  readonly squash_commit_sha: string | null;
}

export function mergeRequest(api: GitLabApi, project: string, iid: number): Promise<MergeRequest> {
  return api.get<MergeRequest>(`/projects/${project}/merge_requests/${iid}`);
}

/** The merge request whose merge brought the commit at hand to its branch, squashed ones too. */
export async function mergedRequest(
  api: GitLabApi,
  { project, sha, branch }: GitLabContext,
  waitMs = 1000,
): Promise<MergeRequest> {
  for (let attempt = 0; attempt < 4; attempt += 1) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, waitMs * 2 ** attempt));
    const all = await api.list<MergeRequest>(
      `/projects/${project}/repository/commits/${sha}/merge_requests`,
    );
    const merged = all
      .filter(({ state, target_branch }) => state === 'merged' && target_branch === branch)
      .sort((a, b) => ((a.merged_at ?? '') < (b.merged_at ?? '') ? 1 : -1));
    const found = merged.find(
      (one) => one.merge_commit_sha === sha || one.squash_commit_sha === sha || one.sha === sha,
    );
    if (found !== undefined) return found;
    if (merged[0] !== undefined) return merged[0];
  }
  throw new UsageError({
    what: `No merged merge request brought commit ${sha.slice(0, 12)} to ${branch ?? 'this branch'}.`,
    cause: 'the release is found by the merge request that was merged',
    help: 'Name the release by --release, or merge the change by a merge request.',
  });
}

export function asChange({ iid, author, sha, state }: MergeRequest): Change {
  return {
    number: iid,
    release: `mr-${iid}`,
    author: author?.username ?? null,
    head: sha ?? '',
    // Else it is merged, or `locked`: GitLab is merging it right now.
    state: state === 'opened' ? 'open' : state === 'closed' ? 'closed' : 'merged',
  };
}
