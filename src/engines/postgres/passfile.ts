import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { GreenlightError, messageOf, systemCode } from '../../errors.ts';
import type { PostgresOptions } from './options.ts';

/** Where a password is asked for. */
export type Login = Pick<PostgresOptions, 'host' | 'port' | 'user' | 'password' | 'passfile'>;

/**
 * What the driver takes as a password: the one that is configured, else that of the password file, which is looked at only
 * when the server asks. libpq has the same rules (docs: "The Password File"), so `pg_dump` finds the same one.
 */
export function passwordFor(login: Login, database: string): string | (() => Promise<string>) {
  if (login.password !== null) return login.password;
  return () => lookUp(login, database);
}

/** The first line that fits decides. */
async function lookUp({ host, port, user, passfile }: Login, database: string): Promise<string> {
  // A directory is that of the server's socket.
  const hosts = host.startsWith('/') ? ['localhost', host] : [host];
  const wanted = [hosts, [String(port)], [database], [user]];
  for (const line of (await read(passfile)).split(/\r?\n/)) {
    const [, ...fields] = entry.exec(line) ?? [];
    const password = fields.pop();
    const fits = (names: readonly string[], field = '') =>
      field === '*' || names.includes(plain(field));
    if (password !== undefined && wanted.every((names, at) => fits(names, fields[at])))
      return plain(password);
  }
  throw new Error('no password supplied');
}

/** Host, port, database, user and password; what begins with # is a comment. */
const entry = /^(?!#)((?:\\.|[^\\:])*):((?:\\.|[^\\:])*):((?:\\.|[^\\:])*):((?:\\.|[^\\:])*):(.*)$/;

/** A colon or backslash within a field has a backslash before it. */
function plain(field: string): string {
  return field.replace(/\\(.)/g, '$1');
}

async function read(path: string): Promise<string> {
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) throw readByOthers(path);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof GreenlightError) throw error;
    if (systemCode(error) === 'ENOENT') return '';
    throw new GreenlightError({
      what: 'The password file cannot be read.',
      where: path,
      cause: messageOf(error),
      help: 'Name another one in connection.passfile or PGPASSFILE, or give the password as PGPASSWORD.',
    });
  }
}

/** libpq would go on without it. */
function readByOthers(path: string): GreenlightError {
  return new GreenlightError({
    what: 'Others may read the password file, so it is not used.',
    where: path,
    help: `Keep it to yourself: chmod 600 ${path}`,
  });
}

/** Where libpq looks when nothing is said. */
export function usualPassfile(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32') return join(env.APPDATA ?? '', 'postgresql', 'pgpass.conf');
  return join(env.HOME || homedir(), '.pgpass');
}
