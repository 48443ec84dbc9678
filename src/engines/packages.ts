import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { inCheckout } from '../checkout.ts';
import { GreenlightError, systemCode } from '../errors.ts';

/** Stands in a folder whose packages are all there. */
const COMPLETE = '.complete';

const FORGOTTEN_AFTER_MS = 60 * 60 * 1000;

/**
 * The folder with the packages of an engine, which are installed there by the lock file in `engines/<engine>/` unless
 * they are. The lock's hashes say what may be installed, so it does not matter which registry gives it. Npm's own
 * configuration holds: registry, proxy, certificates. No script of a package runs.
 *
 * @throws GreenlightError when they cannot be installed.
 */
export async function installedPackages(engine: string, env: NodeJS.ProcessEnv): Promise<string> {
  const source = inCheckout(join('engines', engine, 'package-lock.json'));
  if (source === null) {
    throw new GreenlightError({
      what: `The packages of ${engine} are not installed, and there is no lock file to install them by.`,
      where: join('engines', engine),
      live: 'live was not touched',
      help: 'Use a whole checkout of Greenlight, or name a folder that has the packages: --engine-path FOLDER',
    });
  }
  const folder = await folderOf(engine, source, env);
  if (!isComplete(folder)) await install(dirname(source), folder, env);
  return folder;
}

/** One for each lock file and kind of machine. */
async function folderOf(engine: string, lock: string, env: NodeJS.ProcessEnv): Promise<string> {
  const hash = createHash('sha256').update(await readFile(lock));
  const version = hash.digest('hex').slice(0, 16);
  const machine = `${process.platform}-${process.arch}`;
  return join(cacheFolder(env), `greenlight-${engine}`, version, machine);
}

/** GitHub's runners keep tools in a folder of their own. */
function cacheFolder(env: NodeJS.ProcessEnv): string {
  return (
    env.GREENLIGHT_CACHE ||
    env.RUNNER_TOOL_CACHE ||
    join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'greenlight')
  );
}

function isComplete(folder: string): boolean {
  return existsSync(join(folder, COMPLETE));
}

/**
 * Installs aside, then moves all of it at once into its place: a run that is killed leaves nothing that looks whole, and
 * of two runs at the same time the second takes what the first has made.
 */
async function install(source: string, folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  try {
    await mkdir(dirname(folder), { recursive: true });
    await removeForgotten(folder);
    const aside = await mkdtemp(`${folder}.`);
    try {
      for (const name of ['package.json', 'package-lock.json'])
        await copyFile(join(source, name), join(aside, name));
      await runNpm(aside, env);
      await writeFile(join(aside, COMPLETE), '');
      await moveInto(aside, folder);
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  } catch (error) {
    if (error instanceof GreenlightError) throw error;
    throw new GreenlightError({
      what: 'The packages of the engine cannot be installed.',
      where: folder,
      cause: String(error),
      live: 'live was not touched',
      help: 'Name a folder that this user may write to in GREENLIGHT_CACHE, or one that has the packages: --engine-path FOLDER',
    });
  }
}

async function runNpm(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  // Windows starts npm.cmd by a shell only; the arguments are ours.
  const shell = process.platform === 'win32';
  try {
    await promisify(execFile)('npm', args, { cwd: folder, env, shell });
  } catch (error) {
    const isMissing = systemCode(error) === 'ENOENT';
    const { stderr = '' } = error as { stderr?: string };
    throw new GreenlightError({
      what: isMissing
        ? 'The packages of the engine are installed by npm, and npm is not on the path.'
        : 'npm could not install the packages of the engine.',
      where: folder,
      cause: isMissing ? String(error) : stderr.trim().split('\n').slice(0, 8).join('\n'),
      live: 'live was not touched',
      help: 'When there is no network, name a folder that has the packages: --engine-path FOLDER, or the input engine-path (docs/install.md).',
    });
  }
}

async function moveInto(aside: string, folder: string): Promise<void> {
  try {
    await rename(aside, folder);
  } catch (error) {
    if (isComplete(folder)) return;
    if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(systemCode(error) ?? '')) throw error;
    // What is there was cut off, by something else than this: a cache that was restored in part.
    await rm(folder, { recursive: true, force: true });
    await rename(aside, folder).catch((again) => {
      if (!isComplete(folder)) throw again;
    });
  }
}

/** What runs that were killed have left. */
async function removeForgotten(folder: string): Promise<void> {
  for (const name of await readdir(dirname(folder))) {
    if (!name.startsWith(`${basename(folder)}.`)) continue;
    const path = join(dirname(folder), name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > FORGOTTEN_AFTER_MS) await rm(path, { recursive: true, force: true });
  }
}
