import { statusOf } from '../api-error.ts';
import { type AskedApproval, approvalCommand, type Change } from '../review.ts';
import type { GitHubApi } from './api.ts';
import type { Account, GitHubContext } from './context.ts';

/** The approval that the event of this job holds: a review of the newest commit, or a command in a comment. */
export async function askedApprovals(
  api: GitHubApi,
  context: GitHubContext,
  change: Change,
): Promise<AskedApproval[]> {
  const { event, payload } = context;
  if (event === 'issue_comment') return commandOf(api, context, change);
  if (event === 'pull_request_review' && payload.review !== undefined)
    return reviewOf(api, context, change, payload.review.id);
  return [];
}

async function commandOf(
  api: GitHubApi,
  { owner, repo, payload }: GitHubContext,
  change: Change,
): Promise<AskedApproval[]> {
  const { comment, action } = payload;
  // Edited by somebody else, a comment still bears its first author's name.
  if (comment === undefined || comment.user === null || action !== 'created') return [];
  const digest = approvalCommand(comment.body);
  if (digest === null) return [];
  return [
    {
      by: comment.user.login,
      mayApprove: await mayWrite(api, { owner, repo }, comment.user),
      named: { digest },
      place: comment.html_url,
      reference: { change: change.number, comment: comment.id },
    },
  ];
}

/** As it stands now: since the event it may have been dismissed. */
async function reviewOf(
  api: GitHubApi,
  { owner, repo }: GitHubContext,
  change: Change,
  id: number,
): Promise<AskedApproval[]> {
  const { data: review } = await api.rest.pulls.getReview({
    owner,
    repo,
    pull_number: change.number,
    review_id: id,
  });
  if (review.state !== 'APPROVED' || review.user === null || review.commit_id === null) return [];
  return [
    {
      by: review.user.login,
      mayApprove: await mayWrite(api, { owner, repo }, review.user),
      named: { revision: review.commit_id, at: review.submitted_at ?? '' },
      place: review.html_url,
      reference: { change: change.number, comment: null },
    },
  ];
}

/** Approvals are people's: an app that may write approves nothing. */
async function mayWrite(
  api: GitHubApi,
  place: { readonly owner: string; readonly repo: string },
  { login, type }: Account,
): Promise<boolean> {
  if (type === 'Bot') return false;
  try {
    const { data } = await api.rest.repos.getCollaboratorPermissionLevel({
      ...place,
      username: login,
    });
    return ['admin', 'maintain', 'write'].includes(data.permission);
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}
