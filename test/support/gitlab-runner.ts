import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cli } from './project.ts';
import { commit, git } from './repository.ts';

// Pipelines as gitlab-ci-local runs them: an independent client that reads components, checks their inputs, decides by
// rules, and runs the jobs in a shell.

const client = join(process.cwd(), 'test', 'clients', 'node_modules');
const newNode = join(client, 'node', 'bin', 'node');

/** Why pipelines cannot be run here; null when they can. */
export function whyNoPipelines(): string | null {
  if (spawnSync('rsync', ['--version']).status !== 0) return 'rsync is not installed';
  if (!existsSync(join(client, 'gitlab-ci-local'))) return 'test/clients is not installed';
  if (spawnSync(newNode, ['--version']).status !== 0)
    return 'the Node of test/clients does not run';
  return null;
}

export interface Pipelines {
  /** The pipeline of a commit, or the jobs of it that are named. */
  run(commit: string, variables: Record<string, string>, ...args: string[]): Promise<Pipeline>;
}

export interface Pipeline {
  readonly exitCode: number | null;
  readonly log: string;
  /** Names of the jobs that ran. */
  readonly jobs: readonly string[];
  /** A file that a job keeps as an artifact. */
  artifact(job: string, file: string): Promise<string>;
  /** Whether the jobs made such a file in their checkout. */
  created(file: string): Promise<boolean>;
  /** What a job gives to those after it. */
  dotenv(job: string): Promise<string>;
}

/**
 * A GitLab with two projects: `OWNER/warehouse`, whose repository is `origin`, and `OWNER/greenlight`. What stands there
 * for the bundle starts the one that was made for the tests: the client fetches the repository for each component.
 */
export async function makePipelines(folder: string, origin: string): Promise<Pipelines> {
  const greenlight = join(folder, 'OWNER', 'greenlight.git');
  await cp('templates', join(greenlight, 'templates'), { recursive: true });
  await mkdir(join(greenlight, 'dist'));
  await writeFile(join(greenlight, 'dist', 'index.js'), `import('${pathToFileURL(cli)}');\n`);
  await git(greenlight, 'init', '--quiet', '--initial-branch=main');
  await commit(greenlight, 'the components');
  await git(greenlight, 'tag', '0.1.0');
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    NO_COLOR: '1',
    GIT_CONFIG_NOSYSTEM: '1',
    // The client writes the same address in two ways.
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: `url.file://${greenlight}.insteadOf`,
    GIT_CONFIG_VALUE_0: 'https://gitlab.test/OWNER/greenlight.git',
    GIT_CONFIG_KEY_1: `url.file://${greenlight}.insteadOf`,
    GIT_CONFIG_VALUE_1: 'https://gitlab.test:443/OWNER/greenlight.git',
  };

  return {
    run: async (sha, variables, ...args) => {
      // A runner begins with a checkout.
      const checkout = await mkdtemp(join(folder, 'checkout-'));
      await rm(checkout, { recursive: true });
      await git(folder, 'clone', '--quiet', `file://${origin}`, checkout);
      await git(checkout, 'checkout', '--quiet', '--detach', sha);
      await git(checkout, 'remote', 'set-url', 'origin', 'https://gitlab.test/OWNER/warehouse.git');
      // For a job that names an image the client says a folder of a container, also when a shell runs it.
      const all = Object.entries({ CI_PROJECT_DIR: checkout, ...variables });
      const given = all.flatMap(([name, value]) => ['--variable', `${name}=${value}`]);
      const program = [join(client, 'gitlab-ci-local', 'dist', 'index.js')];
      const options = ['--force-shell-executor'];
      const quiet = ['--ignore-predefined-vars', all.map(([name]) => name).join(',')];
      const { exitCode, log } = await start(
        checkout,
        [...program, ...args, ...options, ...quiet, ...given],
        environment,
      );
      const artifacts = join(checkout, '.gitlab-ci-local', 'artifacts');
      return {
        exitCode,
        log,
        jobs: [...log.matchAll(/^(\S+) +starting/gm)].map(([, job = '']) => job),
        artifact: (job, file) => readFile(join(artifacts, job, file), 'utf8'),
        created: async (file) =>
          (await readdir(checkout, { recursive: true })).some((name) => basename(name) === file),
        dotenv: (job) =>
          readFile(join(artifacts, job, '.gitlab-ci-reports', 'dotenv', 'greenlight.env'), 'utf8'),
      };
    },
  };
}

function start(cwd: string, args: string[], env: Record<string, string>) {
  return new Promise<{ exitCode: number | null; log: string }>((done, failed) => {
    const child = spawn(newNode, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        log += text;
      });
    }
    child.once('error', failed);
    child.once('close', (exitCode) => done({ exitCode, log }));
  });
}
