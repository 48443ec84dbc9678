import { isNativeError } from 'node:util/types';
import { version } from '../../version.ts';
import type { ApiOptions } from '../api-error.ts';

/** The routes of GitLab's API that are used, below `/api/v4`. */
export interface GitLabApi {
  get<T>(path: string): Promise<T>;
  /** All pages of a list. */
  list<T>(path: string): Promise<T[]>;
  send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<T>;
}

/** An answer that is no success. */
export class GitLabError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const REQUEST_TIMEOUT_MS = 20_000;
const MAX_ATTEMPTS = 4;
/** A job does not wait longer than this for a limit to pass. */
const MAX_LIMIT_WAIT_MS = 90_000;

/** Requests with bounded patience: three more attempts when GitLab fails or says to come back soon. */
export function gitlabApi({ url, token, progress, waitMs = 1000 }: ApiOptions): GitLabApi {
  const attempt = (method: string, path: string, body?: object) =>
    fetch(`${url}${path}`, {
      method,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      headers: {
        'PRIVATE-TOKEN': token,
        'User-Agent': `greenlight/${version}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  async function request(method: string, path: string, body?: object): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      const response = await attempt(method, path, body).catch((error: unknown) => error as Error);
      const wait = tries < MAX_ATTEMPTS ? waitBefore(response, waitMs * tries ** 2) : null;
      if (wait === null) return succeeded(response);
      if (!isNativeError(response) && response.status === 429)
        progress.warn(`GitLab's rate limit is used up: again in ${Math.ceil(wait / 1000)} s.`);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  return {
    get: async <T>(path: string) => (await (await request('GET', path)).json()) as T,
    list: async <T>(path: string) => {
      const all: T[] = [];
      const separator = path.includes('?') ? '&' : '?';
      for (let page = '1'; page !== ''; ) {
        const response = await request('GET', `${path}${separator}per_page=100&page=${page}`);
        all.push(...((await response.json()) as T[]));
        page = response.headers.get('x-next-page') ?? '';
      }
      return all;
    },
    send: async <T>(method: string, path: string, body?: object) => {
      const text = await (await request(method, path, body)).text();
      return (text === '' ? null : JSON.parse(text)) as T;
    },
  };
}

/** Null: another attempt would not help, or would take too long. */
function waitBefore(response: Response | Error, usual: number): number | null {
  if (isNativeError(response) || response.status >= 500) return usual;
  if (response.status !== 429) return null;
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN) * 1000;
  if (Number.isNaN(wait)) return usual;
  return wait <= MAX_LIMIT_WAIT_MS ? wait : null;
}

async function succeeded(response: Response | Error): Promise<Response> {
  if (isNativeError(response)) throw new GitLabError(0, causeOf(response));
  if (response.ok) return response;
  const said = (await response.text().catch(() => '')).slice(0, 300);
  const limit = response.status === 429 ? 'rate limit: ' : '';
  throw new GitLabError(response.status, `${limit}${said || response.statusText}`);
}

/** fetch says only that it failed; why stands in its cause. */
function causeOf(error: Error): string {
  return isNativeError(error.cause) ? error.cause.message : error.message;
}
