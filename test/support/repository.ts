import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs git in a folder, as nobody in particular, whatever the machine's own configuration says. */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'tester',
    GIT_AUTHOR_EMAIL: 'tester@example.com',
    GIT_COMMITTER_NAME: 'tester',
    GIT_COMMITTER_EMAIL: 'tester@example.com',
  };
  return (await run('git', [...args], { cwd: folder, env })).stdout.trim();
}

/** Makes a repository of the folder, without databases, with its files as the first commit of `main`. */
export async function makeRepository(folder: string): Promise<void> {
  await writeFile(join(folder, '.gitignore'), '*.duckdb\n.greenlight/\n');
  await git(folder, 'init', '--quiet', '--initial-branch=main');
  await commit(folder, 'the project');
}

/** Commits all that is there; gives the commit's id. */
export async function commit(folder: string, message: string): Promise<string> {
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '--allow-empty', '--message', message);
  return git(folder, 'rev-parse', 'HEAD');
}
