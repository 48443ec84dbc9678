import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientEnvironment } from '../../../src/engines/postgres/clients.ts';
import { readOptions } from '../../../src/engines/postgres/options.ts';
import { passwordFor } from '../../../src/engines/postgres/passfile.ts';
import { UsageError } from '../../../src/errors.ts';

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

describe('other servers', () => {
  const readServer = (
    values: Record<string, string | number>,
    connection: Record<string, string> = {},
    env: Record<string, string> = {},
  ) => {
    const settings = { connection, servers: { replica: values }, root: folder };
    return readOptions(settings, env).servers.get('replica');
  };

  test('have what the connection has, but for its address', () => {
    const connection = {
      host: 'a',
      port: '6000',
      user: 'release',
      password: 'secret',
      sslmode: 'disable',
    };
    const env = { PGHOST: 'c', PGPORT: '7000', PGSSLMODE: 'require' };
    expect(readServer({ host: 'b' }, connection, env)).toMatchObject({
      server: 'replica',
      host: 'b',
      port: 5432,
      user: 'release',
      password: 'secret',
      tls: { mode: 'disable' },
    });
    expect(
      readServer({ url: 'postgres://me:own@b:5433/?sslmode=require' }, connection, env),
    ).toMatchObject({
      host: 'b',
      port: 5433,
      user: 'me',
      password: 'own',
      tls: { mode: 'require' },
    });
  });

  test.each([
    [{ user: 'me' }, 'The server replica has no host.'],
    [{ host: 'b', pgbouncer: ':6432' }, 'PostgreSQL has no connection option pgbouncer.'],
    [{ host: 'b', port: 'secret' }, 'connection.servers.replica.port has a value'],
    [{ host: 'b', url: 'secret' }, 'connection.servers.replica.url has a value'],
  ])('are refused by their place in the file: %j', (values, what) => {
    const refused = (() => {
      try {
        return readServer(values, { host: 'a' });
      } catch (error) {
        return error as UsageError;
      }
    })() as UsageError;
    expect(refused).toBeInstanceOf(UsageError);
    expect(refused.problem.what).toContain(what);
    expect(refused.problem.where).toBe('greenlight.yml: connection.servers.replica');
    expect(JSON.stringify(refused.problem)).not.toContain('secret');
  });
});

test('statements have a time limit unless it is taken away', () => {
  const limit = (statement_timeout?: string) =>
    read(statement_timeout === undefined ? {} : { statement_timeout }).statementTimeoutMs;
  expect(limit()).toBe(6 * 3_600_000);
  expect(['500ms', '90', '2 min', '24h', '0'].map(limit)).toEqual([
    500,
    90_000,
    120_000,
    24 * 3_600_000,
    0,
  ]);
  for (const wrong of ['1 day', '-1', '600h'])
    expect(() => limit(wrong)).toThrow('connection.statement_timeout has a value');
});

test('a URL gives every part, percent-encoded where it has to be', () => {
  const url =
    'postgresql://us%40er:p%3A%2Fw%20d@db.example:6543/ignored?sslmode=verify-full&sslrootcert=provider.pem&connect_timeout=7&statement_timeout=2min&end_sessions=true';
  const options = readOptions(
    { connection: { url }, root: folder },
    { PGHOST: 'other', PGPORT: '1' },
  );
  expect(options).toMatchObject({
    host: 'db.example',
    port: 6543,
    user: 'us@er',
    password: 'p:/w d',
    tls: { mode: 'verify-full', options: { ca: 'a certificate' } },
    connectTimeoutMs: 7000,
    statementTimeoutMs: 120_000,
    endSessions: true,
  });
});

test.each([
  ['postgres://[2001:db8::1]:5433', '2001:db8::1', 5433],
  ['postgres://me@[::1]/', '::1', 5432],
  ['postgres://%2Frun%2Fpostgresql', '/run/postgresql', 5432],
  ['postgresql:///?host=/run/postgresql&port=5434', '/run/postgresql', 5434],
  ['postgresql:///?user=me', 'from.variables', 5432],
])('the host of the URL %s', (url, host, port) => {
  const options = readOptions({ connection: { url }, root: folder }, { PGHOST: 'from.variables' });
  expect(options).toMatchObject({ host, port });
});

test('a URL that cannot be decoded is refused without a word of it', () => {
  const refused = thrownBy(() =>
    readOptions({ connection: { url: 'postgres://me:100%secret@db.example' }, root: folder }, {}),
  );
  expect(refused.problem.help).toContain('%25');
  expect(JSON.stringify(refused.problem)).not.toContain('secret');
});

test('what is written outweighs the URL, and the URL outweighs variables', () => {
  const connection = { url: 'postgres://me@db.example:1', port: '2' };
  const env = { PGHOST: 'x', PGPORT: '3', PGUSER: 'you', PGPASSWORD: 'secret' };
  expect(readOptions({ connection, root: folder }, env)).toMatchObject({
    ...{ host: 'db.example', port: 2, user: 'me', password: 'secret' },
  });
});

describe('variables of libpq', () => {
  const from = (env: Record<string, string>, connection = {}) =>
    readOptions({ connection, root: folder }, env);

  // All that libpq 18 knows and that lead elsewhere, or make a connection safer.
  test.each([
    ['PGSERVICE', 'production'],
    ['PGSSLCRL', '/crl.pem'],
    ['PGSSLCRLDIR', '/crl'],
    ['PGSSLNEGOTIATION', 'direct'],
    ['PGSSLCERTMODE', 'require'],
    ['PGSSLMINPROTOCOLVERSION', 'TLSv1.3'],
    ['PGCHANNELBINDING', 'require'],
    ['PGREQUIREAUTH', 'scram-sha-256'],
    ['PGREQUIREPEER', 'postgres'],
    ['PGGSSENCMODE', 'require'],
    ['PGTARGETSESSIONATTRS', 'standby'],
  ])('%s is refused by its name, without its value', (name, value) => {
    for (const connection of [{}, { host: 'db.example' }]) {
      const refused = thrownBy(() => from({ [name]: value }, connection));
      expect(refused.problem.what).toContain(`The variable ${name} is set`);
      expect(refused.problem.help).toContain(`unset ${name}`);
      expect(JSON.stringify(refused.problem)).not.toContain(value);
    }
    expect(from({ [name]: '' }).host).toBe('localhost');
  });

  test('what they ask for and Greenlight does anyway is no reason', () => {
    const met = {
      PGSSLNEGOTIATION: 'postgres',
      PGSSLMINPROTOCOLVERSION: 'TLSv1.2',
      PGCHANNELBINDING: 'prefer',
      PGGSSENCMODE: 'disable',
      PGTARGETSESSIONATTRS: 'read-write',
      PGSERVICEFILE: '/services.conf',
      PGAPPNAME: 'psql',
    };
    expect(from(met).host).toBe('localhost');
  });

  test('PGHOSTADDR is the host where there is no other', () => {
    const address = { PGHOSTADDR: '10.0.0.7' };
    expect(from(address).host).toBe('10.0.0.7');
    expect(from({ ...address, PGHOST: '10.0.0.7' }).host).toBe('10.0.0.7');
    for (const refused of [
      thrownBy(() => from({ ...address, PGHOST: 'db.example' })),
      thrownBy(() => from(address, { host: 'db.example' })),
    ])
      expect(refused.problem.what).toContain('PGHOSTADDR');
  });

  test('PGREQUIRESSL asks for TLS where nothing else does', () => {
    expect(from({ PGREQUIRESSL: '1' }).tls.mode).toBe('require');
    expect(from({ PGREQUIRESSL: '0' }).tls.mode).toBe('prefer');
    expect(from({ PGREQUIRESSL: '1', PGSSLMODE: 'disable' }).tls.mode).toBe('disable');
  });

  test('PGOPTIONS is for sessions and for pg_dump', async () => {
    const options = from({ PGOPTIONS: '-c role=deployer' });
    expect(options.settings).toBe('-c role=deployer');
    expect(await clientEnvironment(options, folder)).toMatchObject({
      PGOPTIONS: '-c role=deployer',
    });
    expect(await clientEnvironment(from({}), folder)).not.toHaveProperty('PGOPTIONS');
  });

  test('of several hosts none is taken', () => {
    expect(() => from({ PGHOST: 'a.example,b.example' })).toThrow('connection.host has a value');
  });
});

describe('the password file', () => {
  const file = () => join(folder, 'passwords');
  const asked = async (text: string, { host = 'db.example', database = 'shop' } = {}) => {
    await writeFile(file(), text, { mode: 0o600 });
    const password = passwordFor(read({ passfile: 'passwords', host }), database);
    return typeof password === 'string' ? password : password();
  };

  test('is that of connection.passfile, of PGPASSFILE, or ~/.pgpass', () => {
    expect(read({ passfile: 'passwords' }, { PGPASSFILE: '/other' }).passfile).toBe(file());
    expect(read({}, { PGPASSFILE: '/other', HOME: '/home/me' }).passfile).toBe('/other');
    expect(read({}, { HOME: '/home/me' }).passfile).toBe('/home/me/.pgpass');
  });

  test('is told to pg_dump, and a password that is given outweighs it', async () => {
    const options = read({ passfile: 'passwords' });
    expect(await clientEnvironment(options, folder)).toMatchObject({ PGPASSFILE: file() });
    const given = read({ passfile: 'passwords', password: 'given' });
    expect(passwordFor(given, 'shop')).toBe('given');
    expect(await clientEnvironment(given, folder)).not.toHaveProperty('PGPASSFILE');
  });

  test('the first line that fits decides, as for libpq', async () => {
    const lines = [
      '#db.example:5432:shop:release:a comment',
      'db.example:5432:shop:another:1',
      'db.example:6432:shop:release:2',
      'db.other:*:*:release:3',
      'db.example:5432:shop:release:a:b\\\\c\\:d ',
      '*:*:*:*:any',
    ].join('\n');
    expect(await asked(lines)).toBe('a:b\\c:d ');
    expect(await asked(lines, { database: 'greenlight' })).toBe('any');
    expect(await asked(lines.replaceAll('\n', '\r\n'), { host: 'db.other' })).toBe('3');
    expect(await asked('localhost:*:*:*:socket', { host: '/run/postgresql' })).toBe('socket');
    expect(await asked('a\\:b:*:*:*:colons', { host: 'a:b' })).toBe('colons');
    await expect(asked('db.other:*:*:*:3\n')).rejects.toThrow('no password supplied');
  });

  test('need not be there, and is not used when others may read it', async () => {
    const look = (passfile: string) => passwordFor(read({ passfile }), 'shop');
    await expect((look('nowhere') as () => Promise<string>)()).rejects.toThrow(
      'no password supplied',
    );
    await writeFile(join(folder, 'open'), '*:*:*:*:any');
    await chmod(join(folder, 'open'), 0o640);
    await expect((look('open') as () => Promise<string>)()).rejects.toThrow(
      'Others may read the password file',
    );
  });
});

function thrownBy(work: () => unknown): UsageError {
  try {
    work();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown');
}
