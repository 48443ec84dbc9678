import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { GreenlightError } from '../../errors.ts';
import { copyTookTooLong } from './copy-limit.ts';
import { type PostgresOptions, publicAuthorities } from './options.ts';

/** pg_dump and pg_restore of one version. */
export interface Clients {
  readonly folder: string;
  /** `15.18` */
  readonly version: string;
}

/**
 * The client programs that fit a server of this major version: the same one best, else a newer one. Null: there are none.
 * From 17 on, pg_restore sends a setting that older servers do not know.
 */
export async function findClients(
  serverMajor: number,
  { clientPath }: PostgresOptions,
): Promise<Clients | null> {
  const folders =
    clientPath === null
      ? [...(process.env.PATH ?? '').split(delimiter), ...(await installedFolders())]
      : [clientPath];
  const found: (Clients & { readonly major: number })[] = [];
  for (const folder of new Set(folders)) {
    const version = await versionOf(join(folder, 'pg_dump'));
    const same = version === null ? null : await versionOf(join(folder, 'pg_restore'));
    if (version === null || version !== same) continue;
    const major = Number.parseInt(version, 10);
    if (major === serverMajor) return { folder, version };
    if (major > serverMajor && !(major >= 17 && serverMajor < 17))
      found.push({ folder, version, major });
  }
  return found.sort((a, b) => a.major - b.major)[0] ?? null;
}

/** Where Debian and the project's own packages put them. */
async function installedFolders(): Promise<string[]> {
  const roots: [string, string][] = (
    await Promise.all(
      ['/usr/lib/postgresql', '/usr'].map(async (root) =>
        (await readdir(root).catch(() => [])).map((name): [string, string] => [root, name]),
      ),
    )
  ).flat();
  return roots
    .filter(([root, name]) => (root === '/usr' ? /^pgsql-\d+$/ : /^\d+$/).test(name))
    .map(([root, name]) => join(root, name, 'bin'));
}

async function versionOf(program: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: 10_000 });
    return /\(PostgreSQL\) (\d+(?:\.\d+)*\w*)/.exec(stdout)?.[1] ?? null;
  } catch {
    return null;
  }
}

export interface ClientRun {
  readonly env: Readonly<Record<string, string>>;
  /** What is copied, for people. */
  readonly database: string;
  /** 0: no limit. They switch off the server's own for their sessions. */
  readonly timeoutMs: number;
}

/**
 * Runs one of them to its end. Whom and where to connect to, the password among it, is in the environment: the command
 * line of a process can be read by everybody on the machine.
 */
export async function runClient(
  { folder }: Clients,
  program: 'pg_dump' | 'pg_restore',
  args: readonly string[],
  { env, database, timeoutMs }: ClientRun,
): Promise<void> {
  const child = spawn(join(folder, program), args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH ?? '', ...env },
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaint = (complaint + text).slice(0, 20_000);
  });
  const limit = timeLimit(child, timeoutMs);
  const exit = await new Promise<string | null>((done, failed) => {
    child.once('error', failed);
    child.once('close', (code, signal) => done(code === 0 ? null : `${signal ?? code}`));
  }).finally(limit.lift);
  if (exit === null) return;
  if (limit.isOver()) throw copyTookTooLong(program, database);
  throw new GreenlightError({
    what: `${program} could not copy the database.`,
    where: `database ${database}`,
    cause: causeIn(complaint) ?? `it ended with ${exit}`,
    help: 'Remove the cause, then run the same command again.',
  });
}

/** Asked to end, they end what they do in the server as well. */
function timeLimit(child: ChildProcess, ms: number): { isOver(): boolean; lift(): void } {
  const timers: NodeJS.Timeout[] = [];
  let over = false;
  const end = () => {
    over = true;
    child.kill('SIGTERM');
    timers.push(setTimeout(() => child.kill('SIGKILL'), 10_000));
  };
  if (ms > 0) timers.push(setTimeout(end, ms));
  return { isOver: () => over, lift: () => timers.forEach(clearTimeout) };
}

/** The first error alone, and nothing of a row: what follows it quotes statements and data. */
function causeIn(complaint: string): string | null {
  const line = /^pg_(?:dump|restore): error: (.*)$/m.exec(complaint)?.[1] ?? null;
  return line?.replace(/(COPY failed for table "[^"]*").*/, '$1') ?? null;
}

/** The environment in which they reach the cluster; keys and certificates are written to files of their own in `folder`. */
export async function clientEnvironment(
  { host, port, user, password, passfile, tls, settings, connectTimeoutMs }: PostgresOptions,
  folder: string,
): Promise<Record<string, string>> {
  // The session trusts public authorities where no certificate is given; libpq has to be told.
  const isPublic = tls.mode === 'verify-full' && tls.options.ca === undefined;
  const files: Record<string, string> = isPublic ? { PGSSLROOTCERT: publicAuthorities } : {};
  const given = {
    PGSSLROOTCERT: tls.options.ca,
    PGSSLCERT: tls.options.cert,
    PGSSLKEY: tls.options.key,
  };
  for (const [variable, content] of Object.entries(given)) {
    if (content === undefined) continue;
    files[variable] = join(folder, variable.toLowerCase());
    await writeFile(files[variable] ?? '', String(content), { mode: 0o600 });
  }
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    ...(password === null ? { PGPASSFILE: passfile } : { PGPASSWORD: password }),
    PGSSLMODE: tls.mode,
    ...(settings === '' ? {} : { PGOPTIONS: settings }),
    PGCONNECT_TIMEOUT: String(Math.ceil(connectTimeoutMs / 1000)),
    PGAPPNAME: 'greenlight clone',
    LC_MESSAGES: 'C',
    ...files,
  };
}
