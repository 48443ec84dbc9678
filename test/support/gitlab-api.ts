import { type ApiServer, type Received, type Reply, serve } from './api-server.ts';

/** What GitLab has of one project. Tests change it as people would. */
export interface GitLabState {
  me: { id: number; username: string };
  notes: {
    id: number;
    request: number;
    author: number;
    body: string;
    system: boolean;
    at: string;
    /** When it was edited, or reacted to. */
    changed?: string;
  }[];
  requests: GitLabRequest[];
  /** Ids of users whose approval stands. */
  approved: Record<number, number[]>;
  users: { id: number; username: string; bot?: boolean }[];
  /** User -> access level. */
  members: Record<number, number>;
  /** Commit -> merge requests that GitLab associates with it. */
  associated: Record<string, number[]>;
  statuses: {
    sha: string;
    state: string;
    name: string;
    description: string;
    target_url: string;
    pipeline_id?: number;
  }[];
  emoji: { note: number; name: string; user: number }[];
}

export interface GitLabRequest {
  iid: number;
  author: number;
  sha: string;
  state: 'opened' | 'locked' | 'merged' | 'closed';
  merged_at?: string | null;
  merge_commit_sha?: string | null;
  squash_commit_sha?: string | null;
}

export interface GitLabApi extends ApiServer {
  readonly state: GitLabState;
}

export const project = '7';

/** A stand-in for the routes of GitLab's API that are used; an independent client reads it in the tests as well. */
export async function gitlabApi(start: Partial<GitLabState> = {}): Promise<GitLabApi> {
  const state: GitLabState = {
    me: { id: 99, username: 'project_7_bot' },
    notes: [],
    requests: [],
    approved: {},
    users: [],
    members: {},
    associated: {},
    statuses: [],
    emoji: [],
    ...start,
  };
  const user = (id: number) =>
    id === state.me.id
      ? state.me
      : (state.users.find((one) => one.id === id) ?? { id, username: `user${id}` });
  /** Beside what somebody wrote, GitLab does not say whether it is a bot. */
  const shown = (id: number) => ({ id, username: user(id).username });
  const asNote = ({ id, author, body, system, at, changed }: GitLabState['notes'][number]) => ({
    id,
    body,
    system,
    created_at: at,
    updated_at: changed ?? at,
    author: shown(author),
  });
  const asRequest = ({ iid, author, ...rest }: GitLabRequest) => ({
    merged_at: null,
    merge_commit_sha: null,
    squash_commit_sha: null,
    ...rest,
    iid,
    author: user(author),
    target_branch: 'main',
    web_url: `https://gitlab.example/g/p/-/merge_requests/${iid}`,
  });

  const routes: [string, RegExp, (params: string[], request: Received) => Reply][] = [
    ['GET', /^\/user$/, () => ok(state.me)],
    ['GET', /^\/users\/(\d+)$/, ([id]) => ok({ bot: false, ...user(Number(id)) })],
    [
      'GET',
      /^\/projects\/7\/merge_requests\/(\d+)$/,
      ([iid]) =>
        found(
          state.requests.find((one) => one.iid === Number(iid)),
          asRequest,
        ),
    ],
    [
      'GET',
      /^\/projects\/7\/merge_requests\/(\d+)\/approvals$/,
      ([iid]) =>
        ok({ approved_by: (state.approved[Number(iid)] ?? []).map((id) => ({ user: user(id) })) }),
    ],
    [
      'GET',
      /^\/projects\/7\/merge_requests\/(\d+)\/notes$/,
      ([iid], request) =>
        page(state.notes.filter((one) => one.request === Number(iid)).map(asNote), request),
    ],
    [
      'POST',
      /^\/projects\/7\/merge_requests\/(\d+)\/notes$/,
      ([iid], { body }) => {
        const id = Math.max(0, ...state.notes.map((one) => one.id)) + 1;
        const note = {
          id,
          request: Number(iid),
          author: state.me.id,
          system: false,
          at: new Date().toISOString(),
          ...(body as { body: string }),
        };
        state.notes.push(note);
        return { status: 201, body: asNote(note) };
      },
    ],
    [
      'PUT',
      /^\/projects\/7\/merge_requests\/\d+\/notes\/(\d+)$/,
      ([id], { body }) => {
        const note = state.notes.find((one) => one.id === Number(id));
        if (note !== undefined) note.body = (body as { body: string }).body;
        return found(note, asNote);
      },
    ],
    [
      'DELETE',
      /^\/projects\/7\/merge_requests\/\d+\/notes\/(\d+)$/,
      ([id]) => {
        const at = state.notes.findIndex((one) => one.id === Number(id));
        if (at < 0) return notFound;
        state.notes.splice(at, 1);
        return { status: 204 };
      },
    ],
    [
      'GET',
      /^\/projects\/7\/merge_requests\/\d+\/notes\/(\d+)\/award_emoji$/,
      ([id], request) =>
        page(
          state.emoji
            .filter(({ note }) => note === Number(id))
            .map(({ name, user: by }) => ({ name, user: user(by) })),
          request,
        ),
    ],
    [
      'POST',
      /^\/projects\/7\/merge_requests\/\d+\/notes\/(\d+)\/award_emoji$/,
      ([id], { body }) => {
        const { name } = body as { name: string };
        state.emoji.push({ note: Number(id), name, user: state.me.id });
        return { status: 201, body: { name, user: state.me } };
      },
    ],
    [
      'GET',
      /^\/projects\/7\/members\/all\/(\d+)$/,
      ([id]) =>
        found(state.members[Number(id)], (access_level) => ({
          ...user(Number(id)),
          access_level,
          state: 'active',
        })),
    ],
    [
      'GET',
      /^\/projects\/7\/repository\/commits\/(\w+)\/merge_requests$/,
      ([sha = ''], request) =>
        page(
          state.requests.filter(({ iid }) => state.associated[sha]?.includes(iid)).map(asRequest),
          request,
        ),
    ],
    [
      'POST',
      /^\/projects\/7\/statuses\/(\w+)$/,
      ([sha = ''], { body }) => {
        const wanted = { sha, ...(body as Omit<GitLabState['statuses'][number], 'sha'>) };
        const now = state.statuses.findLast((one) => one.sha === sha && one.name === wanted.name);
        if (now?.state === 'pending' && wanted.state === 'pending') return pendingAlready;
        state.statuses.push(wanted);
        return { status: 201, body: { sha, status: wanted.state } };
      },
    ],
  ];

  const server = await serve(async (request) => {
    if (request.headers['private-token'] === undefined)
      return { status: 401, body: { message: '401 Unauthorized' } };
    const path = request.path.replace(/^\/api\/v4/, '').split('?', 1)[0] ?? '';
    for (const [method, matches, answer] of routes) {
      const match = matches.exec(path);
      if (match !== null && method === request.method) return answer(match.slice(1), request);
    }
    return notFound;
  });
  return Object.assign(server, { state });
}

/** GitLab's own words. */
const pendingAlready: Reply = {
  status: 400,
  body: {
    message:
      'Cannot transition status via :enqueue from :pending (Reason(s): Status cannot transition via "enqueue")',
  },
};

const notFound: Reply = { status: 404, body: { message: '404 Not found' } };

const ok = (body: unknown): Reply => ({ status: 200, body });

function found<T>(value: T | undefined, show: (value: T) => unknown): Reply {
  return value === undefined ? notFound : ok(show(value));
}

function page(all: unknown[], { path }: Received): Reply {
  const query = new URL(path, 'http://api').searchParams;
  const [size, number] = [Number(query.get('per_page') ?? 20), Number(query.get('page') ?? 1)];
  const pages = Math.max(1, Math.ceil(all.length / size));
  return {
    status: 200,
    body: all.slice((number - 1) * size, number * size),
    headers: {
      'x-page': String(number),
      'x-per-page': String(size),
      'x-total-pages': String(pages),
      'x-total': String(all.length),
      'x-next-page': number < pages ? String(number + 1) : '',
    },
  };
}
