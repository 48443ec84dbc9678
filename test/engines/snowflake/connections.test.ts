import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Session } from '../../../src/engines/snowflake/connection.ts';
import { readOptions } from '../../../src/engines/snowflake/options.ts';
import { openProject, type Project } from '../../support/project.ts';
import { type SnowflakeDouble, startDouble } from '../../support/snowflake-double/server.ts';
import { connectionOf } from './shop.ts';

let double: SnowflakeDouble;
let project: Project;

beforeAll(async () => {
  double = await startDouble();
  double.addUser({ name: 'RELEASE', roles: ['ACCOUNTADMIN'], credential: { password: 'secret' } });
  await double.sql('create database shop; create table shop.public.t (id integer)');
  const folder = await mkdtemp(join(tmpdir(), 'greenlight-snowflake-'));
  await writeFile(
    join(folder, 'greenlight.yml'),
    'version: 1\nengine: snowflake\nlive: shop\nledger: greenlight\nsimulate: { run: [logic.sql] }\n',
  );
  await writeFile(join(folder, 'logic.sql'), 'select 1;\n');
  project = openProject(folder);
}, 60_000);
afterAll(async () => {
  await project?.dispose();
  await double?.stop();
});

const run = (env: Record<string, string>, node: readonly string[], ...args: string[]) =>
  project.runWith(
    {
      env: {
        SNOWFLAKE_ACCOUNT: 'double',
        SNOWFLAKE_HOST: double.url,
        SNOWFLAKE_USER: 'release',
        SNOWFLAKE_PASSWORD: 'secret',
        SNOWFLAKE_WAREHOUSE: 'WH',
        ...env,
      },
      node,
    },
    ...args,
  );

test('a process that logs in, asks and ends connects to the account and to nobody else', async () => {
  const file = project.path('connections');
  const hook = join(process.cwd(), 'test', 'support', 'connections-hook.mjs');
  const before = double.connections();
  const { exitCode, stderr } = await run(
    { GREENLIGHT_TEST_CONNECTIONS: file },
    ['--import', hook],
    'clone',
    '--release',
    'pr-1',
  );
  if (exitCode !== 0) throw new Error(stderr);
  expect(double.connections()).toBeGreaterThan(before);
  const noted = (await readFile(file, 'utf8')).trim().split('\n');
  expect([...new Set(noted)]).toEqual(['connect 127.0.0.1']);
}, 300_000);

test('a login by password is told with every step, once, and none by a key is', async () => {
  const words = 'a password alone';
  const { stderr } = await run({}, [], 'status');
  expect(stderr.split(words)).toHaveLength(2);
  expect(stderr).toContain('Use a key pair');
  const doctor = await run({}, [], 'doctor');
  expect(`${doctor.stdout}${doctor.stderr}`.split(words)).toHaveLength(2);
  const token = { SNOWFLAKE_AUTHENTICATOR: 'OAUTH', SNOWFLAKE_TOKEN: 'none' };
  expect((await run(token, [], 'status')).stderr).not.toContain(words);
}, 300_000);

test('client credentials are exchanged for a token where oauth_token_url says, and that logs in', async () => {
  double.addUser({
    name: 'BY_CLIENT',
    roles: ['ACCOUNTADMIN'],
    credential: { token: 'token of the client', authenticator: 'OAUTH' },
  });
  const asked: URLSearchParams[] = [];
  const issuer = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      asked.push(new URLSearchParams(body));
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({
          access_token: 'token of the client',
          token_type: 'Bearer',
          expires_in: 600,
        }),
      );
    });
  });
  await new Promise<void>((ready) => issuer.listen(0, '127.0.0.1', ready));
  const { port } = issuer.address() as AddressInfo;
  try {
    const { password: _, ...connection } = connectionOf(double, {
      authenticator: 'OAUTH_CLIENT_CREDENTIALS',
      oauth_client_id: 'greenlight',
      oauth_client_secret: 'a secret',
      oauth_token_url: `http://127.0.0.1:${port}/token`,
      oauth_scope: 'session:role:ACCOUNTADMIN',
    });
    const options = readOptions({ root: '.', connection }, {});
    const row = await Session.use(options, { purpose: 'test' }, (session) =>
      session.row('SELECT CURRENT_USER() AS "user"'),
    );
    expect(row).toEqual({ user: 'BY_CLIENT' });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.get('grant_type')).toBe('client_credentials');
    expect(asked[0]?.get('scope')).toBe('session:role:ACCOUNTADMIN');
    expect(asked[0]?.get('client_id')).toBe('greenlight');
    expect(asked[0]?.get('client_secret')).toBe('a secret');
    const away = { ...connection, oauth_token_url: 'http://login.example/token' };
    expect(() => readOptions({ root: '.', connection: away }, {})).toThrow(
      /connection.oauth_token_url/,
    );
  } finally {
    issuer.closeAllConnections();
    await new Promise((closed) => issuer.close(closed));
  }
}, 60_000);
