import type { ConnectionOptions } from 'snowflake-sdk';
import { GreenlightError, messageOf } from '../../errors.ts';
import { isPlain, type Login } from './options.ts';

/** What the driver is given so that it logs in. Asks the CI host for a token where the workload's identity is the login. */
export async function loginOptions(
  login: Login,
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
): Promise<ConnectionOptions> {
  const { authenticator } = login;
  switch (authenticator) {
    case 'SNOWFLAKE':
      return { authenticator, password: login.password };
    case 'SNOWFLAKE_JWT':
      return {
        authenticator,
        privateKey: login.privateKey.replaceAll('\\n', '\n'),
        ...(login.passphrase === null ? {} : { privateKeyPass: login.passphrase }),
      };
    case 'PROGRAMMATIC_ACCESS_TOKEN':
    case 'OAUTH':
      return { authenticator, token: login.token };
    case 'OAUTH_CLIENT_CREDENTIALS':
      return {
        authenticator,
        oauthClientId: login.clientId,
        oauthClientSecret: login.clientSecret,
        oauthTokenRequestUrl: login.tokenUrl,
        ...(isPlain(login.tokenUrl) ? { oauthHttpAllowed: true } : {}),
        ...(login.scope === null ? {} : { oauthScope: login.scope }),
      };
    case 'WORKLOAD_IDENTITY':
      return {
        authenticator,
        workloadIdentityProvider: 'OIDC',
        token: login.token ?? (await tokenOfGithub(login.audience, env, timeoutMs)),
      };
  }
}

/** GitLab puts the token into a variable (`id_tokens`); GitHub hands it out to a job with `id-token: write`. */
async function tokenOfGithub(
  audience: string,
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
): Promise<string> {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } = env;
  if (url === undefined || bearer === undefined) {
    throw new GreenlightError({
      what: 'There is nothing to log in to Snowflake with: no key, no token, and this job has no identity to show.',
      where: 'greenlight.yml: connection',
      help: 'On GitHub give the job `permissions: { id-token: write }`; on GitLab `id_tokens: { SNOWFLAKE_TOKEN: { aud: snowflakecomputing.com } }`; elsewhere set SNOWFLAKE_PRIVATE_KEY_PATH (docs/snowflake.md).',
    });
  }
  try {
    const response = await fetch(`${url}&audience=${encodeURIComponent(audience)}`, {
      headers: { authorization: `Bearer ${bearer}`, accept: 'application/json' },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    const { value } = (await response.json()) as { value?: unknown };
    if (typeof value !== 'string') throw new Error('The answer holds no token.');
    return value;
  } catch (error) {
    throw new GreenlightError({
      what: 'GitHub gave this job no identity token.',
      cause: messageOf(error),
      help: 'Give the job `permissions: { id-token: write }`, then run it again.',
    });
  }
}
