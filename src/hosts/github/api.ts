import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import { version } from '../../version.ts';
import type { ApiOptions } from '../api-error.ts';

export type GitHubApi = Octokit;

const REQUEST_TIMEOUT_MS = 20_000;
const MAX_RETRIES = 3;
/** A job does not wait longer than this for a limit to pass. */
const MAX_LIMIT_WAIT_S = 90;

/** Octokit with bounded patience: three more attempts when GitHub fails, two when it says to come back soon. */
export function githubApi({ url, token, progress, waitMs = 1000, pace }: ApiOptions): GitHubApi {
  const isWorthWaiting =
    (what: string) => (seconds: number, request: object, _: unknown, tries: number) => {
      const waits = tries < 2 && seconds <= MAX_LIMIT_WAIT_S;
      const { method, url } = request as { method: string; url: string };
      progress.warn(
        `GitHub's ${what} is used up (${method} ${url}): ${waits ? `again in ${seconds} s` : `it would take ${seconds} s, given up`}.`,
      );
      return waits;
    };
  return new (Octokit.plugin(retry, throttling))({
    auth: token,
    baseUrl: url,
    userAgent: `greenlight/${version}`,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    request: {
      fetch: (address: string, init: RequestInit) =>
        fetch(address, { ...init, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) }),
    },
    retry: {
      retries: MAX_RETRIES,
      retryAfterBaseValue: waitMs,
      // 403 and 429 of a limit are the other plugin's.
      doNotRetry: [400, 401, 403, 404, 410, 422, 429, 451],
    },
    throttle: {
      onRateLimit: isWorthWaiting('rate limit'),
      onSecondaryRateLimit: isWorthWaiting('secondary rate limit'),
      retryAfterBaseValue: waitMs,
      fallbackSecondaryRateRetryAfter: 60,
      ...pace,
    },
  });
}
