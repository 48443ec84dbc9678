import { UsageError } from '../../errors.ts';
import type { GitHubContext } from './context.ts';

/** Whoever may open a pull request or an issue, or talk in one, can start these, and they run with the repository's secrets. */
const startedByStrangers = [
  'pull_request_target',
  'workflow_run',
  'issue_comment',
  'issues',
  'discussion',
  'discussion_comment',
  'fork',
  'watch',
];

/** These run the workflow of the branch itself. */
const afterTheMerge = ['push', 'workflow_dispatch', 'schedule', 'repository_dispatch'];

/** @throws UsageError for an event with which a stranger's code would run with secrets. */
export function requireTrusted({ event }: GitHubContext, step: string): void {
  if (!startedByStrangers.includes(event)) return;
  throw new UsageError({
    what: `${step} does not run on ${event}.`,
    cause: `${step} runs the code of a change, and ${event} runs with the secrets of the repository, also for strangers`,
    help: 'Start it by pull_request: forks get no secrets there.',
  });
}

/** @throws UsageError before the merge, and on any other branch. */
export function requireMerged(
  { event, ref, payload }: GitHubContext,
  step: string,
  configured: string | null,
): void {
  const branch = configured ?? payload.repository?.default_branch;
  const isAfter = afterTheMerge.includes(event);
  if (isAfter && branch !== undefined && ref === `refs/heads/${branch}`) return;
  if (isAfter && branch === undefined) {
    throw new UsageError({
      what: `${step} cannot tell which branch production follows: the event does not name the default branch.`,
      help: 'Set swap.branch in greenlight.yml.',
    });
  }
  const wanted = branch === undefined ? 'the default branch' : `branch ${branch}`;
  throw new UsageError({
    what: `${step} runs on ${wanted} only, after the merge.`,
    cause: `this job was started by ${event || 'no event'} on ${ref || 'no branch'}`,
    help: `Start it by a push to ${wanted}, or by hand there; swap.branch in greenlight.yml names another branch.`,
  });
}
