import { execFile } from 'node:child_process';
import { GreenlightError, messageOf, systemCode } from './errors.ts';

/** A repository, read by the `git` command line. Neither its work tree nor its index is touched. */
export interface Repository {
  /** Where the folder that it was opened at lies in it: `etl/`; empty at the top. */
  readonly prefix: string;
  readonly isShallow: boolean;
  /** The commit that a revision names; null when the repository does not have it. */
  commitOf(revision: string): Promise<string | null>;
  /** The newest commit that both have in their history; null when they have none, or a shallow clone lacks it. */
  mergeBase(one: string, other: string): Promise<string | null>;
  /** Writes all files of a commit, as a checkout would have them, into an empty folder. */
  checkOut(commit: string, folder: string): Promise<void>;
}

const QUICK_MS = 60_000;
const CHECKOUT_MS = 600_000;
const MAX_OUTPUT = 4 * 1024 * 1024;

/** @throws GreenlightError when there is no git, or no repository around `folder`. */
export async function openRepository(folder: string): Promise<Repository> {
  const asked = ['rev-parse', '--show-toplevel', '--show-prefix', '--is-shallow-repository'];
  const [top = '', prefix = '', shallow] = (await succeed(folder, asked)).split('\n');
  return {
    prefix,
    isShallow: shallow === 'true',
    commitOf: async (revision) =>
      (await ask(top, ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`])) || null,
    mergeBase: async (one, other) => (await ask(top, ['merge-base', one, other])) || null,
    checkOut: async (commit, to) => {
      // An index of its own: that of the repository stays as it is.
      const own = { GIT_INDEX_FILE: `${to}.index` };
      await succeed(top, ['read-tree', commit], own, CHECKOUT_MS);
      await succeed(top, ['checkout-index', '--all', `--prefix=${to}/`], own, CHECKOUT_MS);
    },
  };
}

interface Answer {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
}

/** What git says; empty when it says no. */
async function ask(folder: string, args: readonly string[]): Promise<string> {
  const { exitCode, output } = await git(folder, args, {}, QUICK_MS);
  return exitCode === 0 ? output : '';
}

async function succeed(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  timeoutMs = QUICK_MS,
): Promise<string> {
  const { exitCode, output, errors } = await git(folder, args, env, timeoutMs);
  if (exitCode === 0) return output;
  throw failed(folder, args, errors);
}

function git(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<Answer> {
  // Hooks are programs of the repository that reading it must not start.
  const all = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', ...args];
  const options = {
    cwd: folder,
    env: { ...inherited(), LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', ...env },
    timeout: timeoutMs,
    maxBuffer: MAX_OUTPUT,
  };
  return new Promise((resolve, reject) => {
    execFile('git', all, options, (error, output, errors) => {
      if (error === null) return resolve({ exitCode: 0, output: output.trimEnd(), errors });
      if (typeof error.code === 'number') return resolve({ exitCode: error.code, output, errors });
      reject(systemCode(error) === 'ENOENT' ? noGit() : failed(folder, args, messageOf(error)));
    });
  });
}

/** Without what a hook that runs us has set: it leads to another repository, or to an index that is in use. */
function inherited(): NodeJS.ProcessEnv {
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, ...rest } = process.env;
  return rest;
}

const FOLDER_HELP =
  'Or give simulate.control a folder that holds the old project: { folder: ../released }.';

function noGit(): GreenlightError {
  return new GreenlightError({
    what: 'The old logic is read by git, and there is no git command here.',
    help: `Install git. ${FOLDER_HELP}`,
  });
}

function failed(folder: string, args: readonly string[], errors: string): GreenlightError {
  return new GreenlightError({
    what: `git ${args[0]} failed.`,
    where: folder,
    cause: errors.trim().split('\n').slice(0, 5).join('\n') || 'it did not end in time',
    help: `The old logic is read from the git repository of the project. ${FOLDER_HELP}`,
  });
}
