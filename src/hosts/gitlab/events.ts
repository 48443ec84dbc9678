import { UsageError } from '../../errors.ts';
import type { GitLabContext } from './context.ts';

/** @throws UsageError before the merge, and on any other branch. */
export function requireMerged(
  { source, branch, mergeRequest, defaultBranch }: GitLabContext,
  step: string,
  configured: string | null,
): void {
  const wanted = configured ?? defaultBranch;
  if (wanted === null) {
    throw new UsageError({
      what: `${step} cannot tell which branch production follows: CI_DEFAULT_BRANCH is empty.`,
      help: 'Set swap.branch in greenlight.yml.',
    });
  }
  const isBranch = source !== 'merge_request_event' && mergeRequest === null;
  if (isBranch && branch === wanted) return;
  throw new UsageError({
    what: `${step} runs on branch ${wanted} only, after the merge.`,
    cause: `this job was started by ${source || 'no event'} on ${branch ?? 'no branch'}`,
    help: `Let its rule be: if $CI_COMMIT_BRANCH == "${wanted}"; swap.branch in greenlight.yml names another branch.`,
  });
}
