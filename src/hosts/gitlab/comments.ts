import type { HostComment, OwnComments } from '../sticky.ts';
import type { GitLabApi } from './api.ts';

export interface Note {
  readonly id: number;
  readonly body: string;
  readonly system: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  readonly author: Account;
}

export interface Account {
  readonly id: number;
  readonly username: string;
  /** Said of an account that is asked for by its id. */
  readonly bot?: boolean;
}

export interface MergeRequestPlace {
  /** `/projects/7/merge_requests/3` */
  readonly path: string;
  /** Of its page. */
  readonly address: string;
}

/** Notes of the token's account on a merge request. A note by anybody else is never touched. */
export function ownComments(api: GitLabApi, { path, address }: MergeRequestPlace): OwnComments {
  let me: Promise<Account> | null = null;
  const asComment = ({ id, body }: Note): HostComment => ({
    id,
    body,
    address: `${address}#note_${id}`,
  });
  return {
    list: async () => {
      me ??= api.get<Account>('/user');
      const own = (await me).id;
      const all = await api.list<Note>(`${path}/notes?sort=asc&order_by=created_at`);
      return all
        .filter(({ author, system }) => author.id === own && !system)
        .map(asComment)
        .sort((a, b) => a.id - b.id);
    },
    create: async (body) => asComment(await api.send<Note>('POST', `${path}/notes`, { body })),
    update: async (id, body) =>
      asComment(await api.send<Note>('PUT', `${path}/notes/${id}`, { body })),
    delete: (id) => api.send('DELETE', `${path}/notes/${id}`),
  };
}
