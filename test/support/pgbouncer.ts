import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { librariesIn, unpack } from './debian.ts';
import { freePort, type PostgresServer } from './postgres-server.ts';

/** A real PgBouncer on loopback, in front of a server. */
export interface Bouncer {
  readonly port: number;
  /** In its console. */
  command(text: string): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/**
 * The program: the system's own, else Debian's package, unpacked into `build/` and not installed. Null: it cannot be had
 * here.
 */
export async function findPgBouncer(): Promise<{ program: string; libraries: string } | null> {
  if (existsSync('/usr/sbin/pgbouncer')) return { program: '/usr/sbin/pgbouncer', libraries: '' };
  const before = resolve('build', 'pgbouncer', 'root');
  const programIn = (root: string) => join(root, 'usr', 'sbin', 'pgbouncer');
  const root = existsSync(programIn(before))
    ? before
    : await unpack('pgbouncer', ['pgbouncer', 'libc-ares2', 'libevent-2.1-7']);
  return root === null ? null : { program: programIn(root), libraries: librariesIn(root) };
}

export async function startPgBouncer(
  { program, libraries }: { readonly program: string; readonly libraries: string },
  server: PostgresServer,
  database: string,
): Promise<Bouncer> {
  // PgBouncer refuses to run as root.
  const owner = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const folder = await mkdtemp(join(tmpdir(), 'greenlight-pgbouncer-'));
  if (owner.uid !== undefined) await chown(folder, owner.uid, owner.gid);
  const port = await freePort();
  const { user, password } = server;
  await writeFile(join(folder, 'users'), `"${user}" "${password}"\n`);
  await writeFile(
    join(folder, 'pgbouncer.ini'),
    `[databases]
${database} = host=${server.host} port=${server.port} dbname=${database}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(folder, 'users')}
admin_users = ${user}
pool_mode = transaction
default_pool_size = 8
ignore_startup_parameters = extra_float_digits
`,
  );
  const child = spawn(program, [join(folder, 'pgbouncer.ini')], {
    ...owner,
    stdio: 'ignore',
    env: { LD_LIBRARY_PATH: libraries },
  });
  const command = async (text: string) => {
    const client = new pg.Client({
      host: '127.0.0.1',
      port,
      user,
      password,
      database: 'pgbouncer',
    });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };
  for (const until = Date.now() + 10_000; ; ) {
    try {
      await command('SHOW VERSION');
      break;
    } catch (error) {
      if (child.exitCode !== null || Date.now() > until) throw error;
      await sleep(30);
    }
  }
  return {
    port,
    command,
    stop: async () => {
      const closed = new Promise((done) => child.once('close', done));
      child.kill('SIGTERM');
      await Promise.race([closed, sleep(2000).then(() => child.kill('SIGKILL'))]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
