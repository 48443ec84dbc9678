import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { Session } from '../../../src/engines/snowflake/connection.ts';
import { readOptions } from '../../../src/engines/snowflake/options.ts';
import { GreenlightError } from '../../../src/errors.ts';
import { type SnowflakeDouble, startDouble } from '../../support/snowflake-double/server.ts';

/** What a job of GitHub is given to ask for its identity; a stand-in for the service that answers. */
const bearer = 'bearer-of-this-job';
const jwt = 'header.identity-of-this-job.signature';
const variables = [
  'ACTIONS_ID_TOKEN_REQUEST_URL',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  'SNOWFLAKE_TOKEN',
] as const;

let double: SnowflakeDouble;
let github: Server;
const asked: IncomingMessage[] = [];
let answer: 'token' | 'refusal' | 'silence' = 'token';
let printed = '';

beforeAll(async () => {
  double = await startDouble();
  const credential = { token: jwt, authenticator: 'WORKLOAD_IDENTITY' } as const;
  double.addUser({ name: 'RELEASE', roles: ['ACCOUNTADMIN'], credential });
  github = createServer((request, response) => {
    asked.push(request);
    if (answer === 'silence') return;
    const isTheirs = request.headers.authorization === `Bearer ${bearer}` && answer === 'token';
    response.writeHead(isTheirs ? 200 : 403);
    response.end(JSON.stringify(isTheirs ? { value: jwt } : { message: `not for ${bearer}` }));
  }).listen(0, '127.0.0.1');
  await once(github, 'listening');
  // The driver shows an identity to hosts of Snowflake's only.
  process.env.SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES = '127.0.0.1';
});
afterAll(async () => {
  delete process.env.SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES;
  github.closeAllConnections();
  github.close();
  await double.stop();
});

beforeEach(() => {
  asked.length = 0;
  answer = 'token';
  printed = '';
  for (const stream of [process.stdout, process.stderr])
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
});
afterEach(() => {
  jest.restoreAllMocks();
  for (const name of variables) delete process.env[name];
});

function asJobOfGithub(): void {
  const { port } = github.address() as AddressInfo;
  process.env.ACTIONS_ID_TOKEN_REQUEST_URL = `http://127.0.0.1:${port}/token?api-version=2.0`;
  process.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN = bearer;
}

async function whoIs(more: Record<string, string> = {}) {
  const connection = { account: 'double', host: double.url, warehouse: 'WH', ...more };
  const options = readOptions({ root: '.', connection }, process.env);
  return Session.use(options, { purpose: 'test' }, (session) =>
    session.row('SELECT CURRENT_USER() AS "user"'),
  );
}

const problemOf = async (login: Promise<unknown>) => {
  const error = await login.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(GreenlightError);
  const { problem } = error as GreenlightError;
  expect(JSON.stringify(problem)).not.toContain(jwt);
  expect(JSON.stringify(problem)).not.toContain(bearer);
  return problem;
};

const lastLogin = () =>
  double.requests.findLast(({ path }) => path === '/session/v1/login-request')?.body.data as
    | Record<string, unknown>
    | undefined;

test('a job of GitHub shows its identity, and has no secret', async () => {
  asJobOfGithub();
  expect(await whoIs()).toEqual({ user: 'RELEASE' });
  expect(asked.map(({ url }) => url)).toEqual([
    '/token?api-version=2.0&audience=snowflakecomputing.com',
  ]);
  expect(lastLogin()).toMatchObject({
    AUTHENTICATOR: 'WORKLOAD_IDENTITY',
    PROVIDER: 'OIDC',
    TOKEN: jwt,
  });
});

test('for another audience, where the user of Snowflake was made for one', async () => {
  asJobOfGithub();
  await whoIs({ oidc_audience: 'https://shop.example/a&b' });
  const [request] = asked;
  const { searchParams } = new URL(request?.url ?? '', 'http://github');
  expect(searchParams.get('audience')).toBe('https://shop.example/a&b');
  expect(searchParams.get('api-version')).toBe('2.0');
});

test('a job of GitLab has it in a variable, and asks nobody', async () => {
  asJobOfGithub();
  process.env.SNOWFLAKE_TOKEN = jwt;
  expect(await whoIs({ authenticator: 'WORKLOAD_IDENTITY' })).toEqual({ user: 'RELEASE' });
  expect(asked).toEqual([]);
});

test('neither the identity nor what it is asked for with is printed, or sent but to log in', async () => {
  asJobOfGithub();
  const before = double.requests.length;
  await whoIs();
  answer = 'refusal';
  await problemOf(whoIs());
  expect(printed).not.toContain(jwt);
  expect(printed).not.toContain(bearer);
  const [login, ...others] = double.requests.slice(before);
  expect(JSON.stringify(login)).toContain(jwt);
  expect(JSON.stringify(others)).not.toContain(jwt);
  expect(JSON.stringify(double.requests)).not.toContain(bearer);
});

test('a job without the permission is told which one, on each host', async () => {
  const { help } = await problemOf(whoIs());
  expect(help).toContain('permissions: { id-token: write }');
  expect(help).toContain('id_tokens: { SNOWFLAKE_TOKEN: { aud: snowflakecomputing.com } }');
});

test('a GitHub that gives no identity, or does not answer, is told', async () => {
  asJobOfGithub();
  answer = 'refusal';
  expect(await problemOf(whoIs())).toMatchObject({
    what: 'GitHub gave this job no identity token.',
    cause: 'HTTP status 403',
    help: expect.stringContaining('id-token: write'),
  });
  answer = 'silence';
  expect((await problemOf(whoIs({ connect_timeout: '1s' }))).cause).toContain('timeout');
});

test('an identity that Snowflake does not know is told without it', async () => {
  process.env.SNOWFLAKE_TOKEN = 'header.identity-of-somebody-else.signature';
  const problem = await problemOf(whoIs({ authenticator: 'WORKLOAD_IDENTITY' }));
  expect(problem.what).toBe('Snowflake does not take this login.');
  expect(problem.help).toContain('DESCRIBE USER');
  expect(JSON.stringify(problem)).not.toContain('identity-of-somebody-else');
});
