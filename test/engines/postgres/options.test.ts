import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clientEnvironment } from '../../../src/engines/postgres/clients.ts';
import { readOptions } from '../../../src/engines/postgres/options.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'greenlight-options-'));
  await writeFile(join(folder, 'provider.pem'), 'a certificate');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const read = (connection: Record<string, string>, env: Record<string, string> = {}) =>
  readOptions(
    { connection: { host: 'db.example', user: 'release', ...connection }, root: folder },
    env,
  );

test('sslrootcert: system means public authorities, for the session and for pg_dump', async () => {
  for (const options of [
    read({ sslrootcert: 'system' }),
    read({}, { PGSSLROOTCERT: 'system' }),
    read({ sslmode: 'verify-full' }),
  ]) {
    expect(options.tls.mode).toBe('verify-full');
    expect(options.tls.options).toMatchObject({ rejectUnauthorized: true });
    expect(options.tls.options.ca).toBeUndefined();
    expect(await clientEnvironment(options, folder)).toMatchObject({
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: 'system',
    });
  }
});

test('public authorities with a host that nobody verifies are refused', () => {
  expect(() => read({ sslrootcert: 'system', sslmode: 'require' })).toThrow(
    'connection.sslmode has a value that PostgreSQL does not take.',
  );
});

test('a certificate that is given is the only one that is trusted, by pg_dump as well', async () => {
  const options = read({ sslrootcert: 'provider.pem', sslmode: 'verify-full' });
  expect(options.tls.options).toMatchObject({ ca: 'a certificate', rejectUnauthorized: true });
  const { PGSSLROOTCERT = '' } = await clientEnvironment(options, folder);
  expect(await readFile(PGSSLROOTCERT, 'utf8')).toBe('a certificate');
});

test('without verification pg_dump is told of no authority', async () => {
  const environment = await clientEnvironment(read({ sslmode: 'require' }), folder);
  expect(environment).not.toHaveProperty('PGSSLROOTCERT');
});
