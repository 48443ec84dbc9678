import { execFile } from 'node:child_process';
import { chown, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  clientEnvironment,
  findClients,
  runClient,
} from '../../../src/engines/postgres/clients.ts';
import { Session } from '../../../src/engines/postgres/connection.ts';
import { readOptions } from '../../../src/engines/postgres/options.ts';
import { GreenlightError } from '../../../src/errors.ts';
import { clientsFor, type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { versions } from './shop.ts';

// Real certificates, made by openssl: the server's is signed by one authority, and is for the name localhost.

const run = promisify(execFile);
const hasOpenssl = await run('openssl', ['version']).then(
  () => true,
  () => false,
);
const found = hasOpenssl ? versions : [];
if (found.length === 0) test.skip('openssl or PostgreSQL is not on this machine', () => undefined);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'greenlight-tls-'));
  if (!hasOpenssl) return;
  await makeAuthority('ours', 'Authority');
  await makeAuthority('another', 'Another authority');
  await makeAuthority('namesake', 'Authority');
  const roots = ['another.crt', 'namesake.crt', 'ours.crt'].map((name) => readFile(file(name)));
  await writeFile(file('bundle.pem'), Buffer.concat(await Promise.all(roots)));
  const others = ['another.crt', 'namesake.crt'].map((name) => readFile(file(name)));
  await writeFile(file('others.pem'), Buffer.concat(await Promise.all(others)));
  await makeCertificate('server', 'ours', { name: 'db', alternative: 'DNS:localhost' });
  await makeCertificate('client', 'ours', { name: 'certified' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(found)('TLS to PostgreSQL %s', (version) => {
  let server: PostgresServer;
  beforeAll(async () => {
    await writeFile(
      file('pg_hba.conf'),
      `host postgres release 127.0.0.1/32 scram-sha-256
hostssl template1 release 127.0.0.1/32 scram-sha-256
hostssl template1 certified 127.0.0.1/32 cert
`,
    );
    await giveToServer();
    server = await startPostgres(version, {
      ssl: 'on',
      ssl_cert_file: file('server.crt'),
      ssl_key_file: file('server.key'),
      ssl_ca_file: file('ours.crt'),
      hba_file: file('pg_hba.conf'),
    });
    await server.sql('postgres', 'create role certified login');
  });
  afterAll(() => server?.stop());

  const optionsFor = (connection: Record<string, string>) =>
    readOptions(
      { connection: { ...server.connection, host: 'localhost', ...connection }, root: folder },
      {},
    );
  /** Whether the session is encrypted. */
  const connect = async (connection: Record<string, string>, database = 'template1') =>
    Session.use(database, optionsFor(connection), { purpose: 'test' }, async (session) => {
      const { ssl } = await session.row('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      return ssl;
    });
  const refused = async (connection: Record<string, string>) => {
    const error = await connect(connection).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof GreenlightError))
      throw new Error('It was not refused', { cause: error });
    return error.problem;
  };

  test('verify-full and verify-ca pass with the authority that signed', async () => {
    expect(await connect({ sslmode: 'verify-full', sslrootcert: 'ours.crt' })).toBe(true);
    expect(await connect({ sslmode: 'verify-ca', sslrootcert: 'ours.crt' })).toBe(true);
  });

  test('of a bundle of authorities any may have signed, and none that is not in it', async () => {
    for (const sslmode of ['verify-full', 'verify-ca']) {
      expect(await connect({ sslmode, sslrootcert: 'bundle.pem' })).toBe(true);
      expect((await refused({ sslmode, sslrootcert: 'others.pem' })).what).toMatch(/be verified/);
    }
  });

  test.each(['verify-full', 'verify-ca', 'require'])(
    '%s refuses with another authority, also one of the same name',
    async (sslmode) => {
      for (const sslrootcert of ['another.crt', 'namesake.crt']) {
        expect(await refused({ sslmode, sslrootcert })).toMatchObject({
          what: 'The certificate of the server cannot be verified.',
          help: expect.stringContaining('connection.sslrootcert'),
        });
      }
    },
  );

  test('without an authority verify-full and verify-ca trust the public ones only', async () => {
    for (const sslmode of ['verify-full', 'verify-ca'])
      expect((await refused({ sslmode })).what).toMatch(
        /certificate of the server cannot be verified/,
      );
  });

  test('another host than the certificate is for: verify-full refuses, verify-ca does not look', async () => {
    const elsewhere = { host: '127.0.0.1', sslrootcert: 'ours.crt' };
    expect(await refused({ ...elsewhere, sslmode: 'verify-full' })).toMatchObject({
      what: 'The certificate of the server is for another host.',
      help: expect.stringContaining('connection.host'),
    });
    expect(await connect({ ...elsewhere, sslmode: 'verify-ca' })).toBe(true);
  });

  test('require, prefer and allow encrypt without an authority', async () => {
    expect(await connect({ sslmode: 'require' })).toBe(true);
    expect(await connect({ sslmode: 'prefer', sslrootcert: 'another.crt' })).toBe(true);
    // Only after the server has refused a connection without.
    expect(await connect({ sslmode: 'allow' })).toBe(true);
    expect(await connect({ sslmode: 'allow' }, 'postgres')).toBe(false);
  });

  test('disable is refused where the server insists', async () => {
    expect(await connect({ sslmode: 'disable' }, 'postgres')).toBe(false);
    expect(await refused({ sslmode: 'disable' })).toMatchObject({
      what: 'PostgreSQL does not let this user in from here.',
      help: expect.stringContaining('connection.sslmode'),
    });
  });

  test('a certificate of the user stands for a password', async () => {
    const certified = { user: 'certified', sslmode: 'verify-full', sslrootcert: 'ours.crt' };
    const own = { sslcert: 'client.crt', sslkey: 'client.key' };
    expect(await connect({ ...certified, ...own })).toBe(true);
    expect((await refused(certified)).what).toBe('PostgreSQL does not let this user in from here.');
  });

  const withClients = clientsFor(version) === null ? test.skip : test;
  withClients('pg_dump connects as the session does', async () => {
    const dump = async (connection: Record<string, string>) => {
      const options = optionsFor(connection);
      const clients = await findClients(version, options);
      if (clients === null) throw new Error('no clients');
      const own = await mkdtemp(join(folder, 'dump-'));
      const env = { ...(await clientEnvironment(options, own)), PGDATABASE: 'template1' };
      const args = ['--schema-only', '--no-password', `--file=${join(own, 'dump')}`];
      await runClient(clients, 'pg_dump', args, { env, database: 'template1', timeoutMs: 0 });
      return readdir(own);
    };
    const verified = { sslmode: 'verify-full', sslrootcert: 'ours.crt' };
    expect(await dump(verified)).toContain('dump');
    expect(await dump({ ...verified, sslrootcert: 'bundle.pem' })).toContain('dump');
    const certificate = { user: 'certified', sslcert: 'client.crt', sslkey: 'client.key' };
    expect(await dump({ ...verified, ...certificate })).toContain('dump');
    await expect(dump({ ...verified, host: '127.0.0.1' })).rejects.toThrow('pg_dump could not');
    await expect(dump({ ...verified, sslrootcert: 'another.crt' })).rejects.toThrow(
      'pg_dump could not',
    );
  });
});

const file = (name: string) => join(folder, name);

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

async function makeAuthority(name: string, subject: string): Promise<void> {
  const out = ['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)];
  await run('openssl', [
    'req',
    '-x509',
    ...newKey,
    ...out,
    '-days',
    '2',
    '-subj',
    `/CN=${subject}`,
  ]);
}

async function makeCertificate(
  certificate: string,
  authority: string,
  { name, alternative }: { readonly name: string; readonly alternative?: string },
): Promise<void> {
  const request = file(`${certificate}.csr`);
  const out = ['-keyout', file(`${certificate}.key`), '-out', request];
  await run('openssl', ['req', ...newKey, ...out, '-subj', `/CN=${name}`]);
  await writeFile(
    file('extensions'),
    alternative === undefined ? '' : `subjectAltName=${alternative}\n`,
  );
  await run('openssl', [
    ...['x509', '-req', '-in', request, '-out', file(`${certificate}.crt`), '-days', '2'],
    ...['-CA', file(`${authority}.crt`), '-CAkey', file(`${authority}.key`), '-CAcreateserial'],
    ...['-extfile', file('extensions')],
  ]);
}

/** It runs as another user when we are root, and takes a key only that nobody else may read. */
async function giveToServer(): Promise<void> {
  if (process.getuid?.() !== 0) return;
  for (const name of ['', ...(await readdir(folder))]) {
    if (name === '' || (await stat(file(name))).isFile()) await chown(file(name), 65_534, 65_534);
  }
}
