import { fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ApiServer, type Received, type Reply, serve } from './api-server.ts';

/** What GitHub has of one repository. Tests change it as people would. */
export interface GitHubState {
  /** Of the token; null: the token is an app's, which may not ask. */
  me: string | null;
  /** In GraphQL. */
  viewer: string;
  comments: { id: number; issue: number; login: string; body: string }[];
  pulls: GitHubPull[];
  reviews: {
    id: number;
    pull: number;
    login: string;
    type?: string;
    state: string;
    commit: string;
    at: string;
  }[];
  /** Login -> admin, write, read. */
  permissions: Record<string, string>;
  /** Commit -> pull requests that GitHub associates with it. */
  associated: Record<string, number[]>;
  statuses: {
    sha: string;
    state: string;
    context: string;
    description: string;
    target_url: string;
  }[];
  reactions: { comment: number; content: string }[];
}

export interface GitHubPull {
  number: number;
  login: string;
  head: string;
  state: 'open' | 'closed';
  base?: string;
  title?: string;
  merged_at?: string | null;
  merge_commit_sha?: string | null;
}

export interface GitHubApi extends ApiServer {
  readonly state: GitHubState;
  /** What of requests and replies breaks GitHub's own description. */
  readonly violations: string[];
}

type Schema = Record<string, unknown>;

interface Check {
  readonly operation: string | null;
  readonly params: Record<string, string>;
  readonly faults: string[];
}

/** A stand-in for GitHub's API that checks each request, and each of its own replies, by GitHub's description. */
export async function githubApi(start: Partial<GitHubState> = {}): Promise<GitHubApi> {
  const definition = JSON.parse(await readFile('test/support/github-openapi.json', 'utf8'));
  const check = await startCheck();
  const state: GitHubState = {
    me: 'greenlight-bot',
    viewer: 'github-actions',
    comments: [],
    pulls: [],
    reviews: [],
    permissions: {},
    associated: {},
    statuses: [],
    reactions: [],
    ...start,
  };
  const violations: string[] = [];
  const make = (name: string, more: object) => ({
    ...(minimal({ $ref: `#/components/schemas/${name}` }, definition) as object),
    ...more,
  });

  const server = await serve(async (request) => {
    if (request.path === '/graphql')
      return { status: 200, body: { data: { viewer: { login: state.viewer } } } };
    const parsed = {
      method: request.method,
      path: request.path,
      body: request.body,
      headers: textHeaders(request),
    };
    const url = new URL(request.path, 'http://api');
    const asked = { ...parsed, path: url.pathname, query: Object.fromEntries(url.searchParams) };
    const { operation, params, faults } = await check({ request: asked });
    violations.push(...faults);
    if (operation === null) return notFound;
    const reply = answer(operation, params, asked);
    if (reply.status < 300 && reply.status !== 204)
      violations.push(...(await check({ operation, ...reply })).faults);
    return reply;
  });

  function answer(
    operation: string,
    params: Record<string, string>,
    request: { query: Record<string, string>; body?: unknown },
  ): Reply {
    const body = (request.body ?? {}) as Record<string, string>;
    const issue = Number(params.issue_number);
    const comment = state.comments.find(({ id }) => id === Number(params.comment_id));
    switch (operation) {
      case 'users/get-authenticated':
        if (state.me === null)
          return { status: 403, body: { message: 'Resource not accessible by integration' } };
        return { status: 200, body: make('public-user', { login: state.me }) };
      case 'issues/list-comments': {
        const own = state.comments.filter((one) => one.issue === issue);
        return page(own.map(asComment), request.query, `/repos/o/r/issues/${issue}/comments`);
      }
      case 'issues/create-comment': {
        const id = Math.max(0, ...state.comments.map((one) => one.id)) + 1;
        const made = { id, issue, login: state.me ?? 'github-actions[bot]', body: body.body ?? '' };
        if (made.body.length > 65_536)
          return { status: 422, body: { message: 'Validation Failed: body is too long' } };
        state.comments.push(made);
        return { status: 201, body: asComment(made) };
      }
      case 'issues/update-comment':
        if (comment === undefined) return notFound;
        comment.body = body.body ?? '';
        return { status: 200, body: asComment(comment) };
      case 'issues/delete-comment':
        if (comment === undefined) return notFound;
        state.comments.splice(state.comments.indexOf(comment), 1);
        return { status: 204 };
      case 'reactions/create-for-issue-comment':
        state.reactions.push({ comment: Number(params.comment_id), content: body.content ?? '' });
        return { status: 201, body: make('reaction', { content: body.content }) };
      case 'pulls/get': {
        const pull = state.pulls.find(({ number }) => number === Number(params.pull_number));
        return pull === undefined ? notFound : { status: 200, body: asPull(pull, 'pull-request') };
      }
      case 'pulls/get-review': {
        const review = state.reviews.find(({ id }) => id === Number(params.review_id));
        if (review === undefined) return notFound;
        return {
          status: 200,
          body: make('pull-request-review', {
            id: review.id,
            state: review.state,
            commit_id: review.commit,
            submitted_at: review.at,
            user: account(review.login, review.type),
            html_url: `https://github.com/o/r/pull/${review.pull}#pullrequestreview-${review.id}`,
          }),
        };
      }
      case 'repos/get-collaborator-permission-level': {
        const permission = state.permissions[params.username ?? ''];
        if (permission === undefined) return notFound;
        const body = { permission, role_name: permission, user: null };
        return { status: 200, body: make('repository-collaborator-permission', body) };
      }
      case 'repos/list-pull-requests-associated-with-commit': {
        const numbers = state.associated[params.commit_sha ?? ''] ?? [];
        const pulls = state.pulls.filter(({ number }) => numbers.includes(number));
        return page(
          pulls.map((pull) => asPull(pull, 'pull-request-simple')),
          request.query,
          '/',
        );
      }
      case 'repos/create-commit-status':
        state.statuses.push({ sha: params.sha ?? '', ...body } as GitHubState['statuses'][number]);
        return { status: 201, body: make('status', body) };
      default:
        throw new Error(`Nobody answers ${operation}`);
    }
  }

  function asComment({ id, login, body, issue }: GitHubState['comments'][number]) {
    const html_url = `https://github.com/o/r/pull/${issue}#issuecomment-${id}`;
    return make('issue-comment', { id, body, html_url, user: account(login) });
  }

  function asPull(pull: GitHubPull, schema: string) {
    const base = make(schema, {}) as unknown as { head: object; base: object };
    const { number, login, head, state: its, merged_at = null, merge_commit_sha = null } = pull;
    return {
      ...base,
      number,
      title: pull.title ?? '',
      state: its,
      merged: merged_at !== null,
      merged_at,
      merge_commit_sha,
      user: account(login),
      head: { ...base.head, sha: head },
      base: { ...base.base, ref: pull.base ?? 'main' },
    };
  }

  function account(login: string, type = login.endsWith('[bot]') ? 'Bot' : 'User') {
    return make('simple-user', { login, type });
  }

  function page(all: object[], query: Record<string, string>, path: string): Reply {
    const [size, number] = [Number(query.per_page ?? 30), Number(query.page ?? 1)];
    const hasMore = number * size < all.length;
    const next = `<${server.url}${path}?per_page=${size}&page=${number + 1}>; rel="next"`;
    return {
      status: 200,
      body: all.slice((number - 1) * size, number * size),
      ...(hasMore ? { headers: { link: next } } : {}),
    };
  }

  return Object.assign(server, { state, violations });
}

const notFound: Reply = { status: 404, body: { message: 'Not Found' } };

/** One process for all stand-ins of a test file; it ends with the test. */
let checking: Promise<(question: object) => Promise<Check>> | null = null;

function startCheck() {
  checking ??= new Promise((started) => {
    const child = fork(join(process.cwd(), 'test', 'support', 'openapi-check.mjs'), {
      execArgv: [],
    });
    child.unref();
    child.channel?.unref();
    const waiting = new Map<number, (check: Check) => void>();
    let last = 0;
    const ask = (question: object) =>
      new Promise<Check>((done) => {
        last += 1;
        waiting.set(last, done);
        child.send({ id: last, ...question });
      });
    child.on('message', ({ id, ...answer }: Check & { id: number }) => {
      if (id === 0) started(ask);
      else waiting.get(id)?.(answer);
      waiting.delete(id);
    });
  });
  return checking;
}

function textHeaders({ headers }: Received): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

/** The smallest value that a schema accepts. */
function minimal(schema: Schema, definition: Schema): unknown {
  if (typeof schema.$ref === 'string')
    return minimal(resolved(schema.$ref, definition), definition);
  if (schema.nullable === true) return null;
  for (const kind of ['oneOf', 'anyOf']) {
    const [first] = (schema[kind] as Schema[] | undefined) ?? [];
    if (first !== undefined) return minimal(first, definition);
  }
  if (Array.isArray(schema.allOf))
    return Object.assign({}, ...schema.allOf.map((one: Schema) => minimal(one, definition)));
  if (Array.isArray(schema.enum)) return schema.enum[0];
  switch (schema.type) {
    case 'array':
      return [];
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
      return 1;
    case 'string':
      return 'https://github.com/o/r';
    default: {
      const properties = (schema.properties ?? {}) as Record<string, Schema>;
      const required = (schema.required ?? []) as string[];
      return Object.fromEntries(
        required.map((name) => [name, minimal(properties[name] ?? {}, definition)]),
      );
    }
  }
}

function resolved(reference: string, definition: Schema): Schema {
  const path = reference.slice(2).split('/');
  return path.reduce<Schema>((at, name) => at[name] as Schema, definition);
}
