import { statusOf } from '../api-error.ts';
import type { HostComment, OwnComments } from '../sticky.ts';
import type { GitHubApi } from './api.ts';

interface Place {
  readonly owner: string;
  readonly repo: string;
}

/** Comments of the token's account on a pull request. A comment by anybody else is never touched. */
export function ownComments(api: GitHubApi, place: Place, number: number): OwnComments {
  const { issues } = api.rest;
  let me: Promise<string> | null = null;
  return {
    list: async () => {
      me ??= ownLogin(api);
      const own = await me;
      const all = await api.paginate(issues.listComments, {
        ...place,
        issue_number: number,
        per_page: 100,
      });
      return all
        .filter(({ user }) => user?.login === own)
        .map(asComment)
        .sort((a, b) => a.id - b.id);
    },
    create: async (body) =>
      asComment((await issues.createComment({ ...place, issue_number: number, body })).data),
    update: async (id, body) =>
      asComment((await issues.updateComment({ ...place, comment_id: id, body })).data),
    delete: async (id) => {
      await issues.deleteComment({ ...place, comment_id: id });
    },
  };
}

function asComment(comment: {
  readonly id: number;
  readonly body?: string | undefined;
  readonly html_url: string;
}): HostComment {
  return { id: comment.id, body: comment.body ?? '', address: comment.html_url };
}

/** Of a person's token by REST. An app's token may not ask that, GraphQL tells it; REST adds `[bot]` to its name. */
async function ownLogin(api: GitHubApi): Promise<string> {
  try {
    return (await api.rest.users.getAuthenticated()).data.login;
  } catch (error) {
    if (![401, 403, 404].includes(statusOf(error) ?? 0)) throw error;
  }
  try {
    const { viewer } = await api.graphql<{ viewer: { login: string } }>(
      'query { viewer { login } }',
    );
    return `${viewer.login.replace(/\[bot\]$/, '')}[bot]`;
  } catch {
    return 'github-actions[bot]';
  }
}
