import { isNativeError } from 'node:util/types';
import { GreenlightError, messageOf } from '../errors.ts';
import type { Progress } from './host.ts';

export interface ApiOptions {
  readonly url: string;
  readonly token: string;
  readonly progress: Progress;
  /** The first wait before another attempt; the next ones are longer. */
  readonly waitMs?: number;
  /** Groups of Bottleneck in place of those that keep to the pace that GitHub recommends. */
  readonly pace?: object;
}

/** What a host says to its own people about a failed request, by its status. */
export interface ApiWords {
  readonly name: string;
  /** What a token needs to write. */
  readonly permission: string;
}

/** Why a request to the API failed, and what helps. Holds nothing that the request carried. */
export function apiFailure(error: unknown, { name, permission }: ApiWords): string {
  const status = statusOf(error);
  const said = messageOf(error).split('\n', 1)[0]?.slice(0, 300) ?? '';
  if (/rate limit/i.test(said))
    return `${name}'s rate limit is used up (${status}). Run the job again later`;
  switch (status) {
    case 401:
      return `${name} does not accept the token (401). Check it, and whether it has expired`;
    case 403:
      return `the token may not do that (403: ${said}). ${permission}`;
    case 404:
      return `${name} does not find it (404), or the token may not see it. ${permission}`;
    case 422:
      return `${name} refuses it (422: ${said})`;
    default:
      if (status === null) return said;
      return status === 0 || status >= 500
        ? `${name}'s API does not answer (${said})`
        : `${name} answers ${status} (${said})`;
  }
}

export function statusOf(error: unknown): number | null {
  return isNativeError(error) && 'status' in error && typeof error.status === 'number'
    ? error.status
    : null;
}

/**
 * Asks an API, and tells people what goes wrong there; what we say ourselves stays as it is. One that has not answered
 * in spite of all patience is not asked again: the job would wait as long for each of its questions.
 */
export function apiAsker(name: string) {
  let silent: string | null = null;
  return async <T>(what: string, permission: string, work: () => Promise<T>): Promise<T> => {
    const failed = (why: string) => new GreenlightError({ what: `Could not ${what}: ${why}` });
    if (silent !== null) throw failed(silent);
    try {
      return await work();
    } catch (error) {
      if (error instanceof GreenlightError) throw error;
      const why = apiFailure(error, { name, permission });
      const status = statusOf(error);
      if (status !== null && (status === 0 || status >= 500)) silent = why;
      throw failed(why);
    }
  };
}
