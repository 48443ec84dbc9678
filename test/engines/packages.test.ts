import { spawn } from 'node:child_process';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { makeProject, type Project } from '../support/project.ts';

/**
 * A checkout without node_modules, as an action has it, and an npm that notes its calls and takes the packages from this
 * repository instead of a registry.
 */
let checkout: string;
let project: Project;
let place: string;
let bin: string;

beforeAll(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'greenlight-checkout-'));
  await cp('build/dist', join(checkout, 'dist'), { recursive: true });
  await cp('engines', join(checkout, 'engines'), { recursive: true });
  project = await makeProject();
  // A ledger to read.
  await project.json('clone', '--release', 'pr-1');
});
afterAll(async () => {
  await rm(checkout, { recursive: true, force: true });
  await project.dispose();
});
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'greenlight-tools-'));
  bin = join(place, 'bin');
  await mkdir(bin);
  await symlink(process.execPath, join(bin, 'node'));
});
afterEach(() => rm(place, { recursive: true, force: true }));

const installs = `mkdir node_modules && ln -s "${process.cwd()}/node_modules/@duckdb" "${process.cwd()}/node_modules/detect-libc" node_modules/`;

async function npmDoes(script: string): Promise<void> {
  const file = join(bin, 'npm');
  await writeFile(file, `#!/bin/sh\necho "$@" >> "${place}/calls"\n${script}\n`);
  await chmod(file, 0o755);
}

const calls = async () =>
  (await readFile(join(place, 'calls'), 'utf8').catch(() => '')).split('\n');

function greenlight(env: Record<string, string> = {}, ...args: string[]): Promise<Run> {
  return run(['status', '--json', ...args], env);
}

function run(args: readonly string[], env: Record<string, string>): Promise<Run> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [join(checkout, 'dist', 'index.js'), ...args], {
      cwd: project.folder,
      env: {
        PATH: [bin, '/usr/bin', '/bin'].join(delimiter),
        HOME: place,
        GREENLIGHT_CACHE: join(place, 'cache'),
        ...env,
      },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.once('error', failed);
    child.once('close', (exitCode) => done({ exitCode, stdout, stderr }));
  });
}

interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The one folder of the cache that holds packages, and what lies beside it. */
async function cached(): Promise<{ folder: string; beside: string[] }> {
  const versions = join(place, 'cache', 'greenlight-duckdb');
  const [version = ''] = await readdir(versions);
  const machine = `${process.platform}-${process.arch}`;
  const beside = await readdir(join(versions, version));
  return {
    folder: join(versions, version, machine),
    beside: beside.filter((name) => name !== machine),
  };
}

describe('without node_modules', () => {
  test('the packages are installed by the lock file, once, and no script of theirs runs', async () => {
    await npmDoes(`test -f package-lock.json && ${installs}`);
    expect(await greenlight()).toMatchObject({ exitCode: 0 });
    expect(await greenlight()).toMatchObject({ exitCode: 0 });
    const [first, ...others] = await calls();
    expect(first).toMatch(/^ci --ignore-scripts /);
    expect(others).toEqual(['']);
    expect((await cached()).beside).toEqual([]);
  });

  test("GitHub's tool cache is used where it is", async () => {
    await npmDoes(installs);
    const tools = join(place, 'tools');
    const env = { GREENLIGHT_CACHE: '', RUNNER_TOOL_CACHE: tools };
    expect(await greenlight(env)).toMatchObject({ exitCode: 0 });
    expect(await readdir(tools)).toEqual(['greenlight-duckdb']);
  });

  test('of two runs at the same time the second takes what the first has made', async () => {
    const both = `[ $(wc -l < "${place}/calls") -ge 2 ]`;
    const firstIsDone = join(place, 'done');
    await npmDoes(
      `until ${both}; do sleep 0.05; done; ${installs}; until [ "$SECOND" = "" ] || [ -e "${firstIsDone}" ]; do sleep 0.05; done`,
    );
    const second = greenlight({ SECOND: 'yes' });
    expect(await greenlight()).toMatchObject({ exitCode: 0 });
    const { ino } = await stat((await cached()).folder);
    await writeFile(firstIsDone, '');
    expect(await second).toMatchObject({ exitCode: 0 });
    expect((await stat((await cached()).folder)).ino).toBe(ino);
    expect((await cached()).beside).toEqual([]);
  });

  test('an installation that was cut off is not used, and done again', async () => {
    await npmDoes('mkdir node_modules; kill -9 $PPID; sleep 1');
    expect(await greenlight()).toMatchObject({ exitCode: null });
    const { folder, beside } = await cached();
    expect(beside).toHaveLength(1);
    // Such as a cache of the CI system gives back.
    await mkdir(join(folder, 'node_modules'), { recursive: true });
    await npmDoes(installs);
    expect(await greenlight()).toMatchObject({ exitCode: 0 });
    expect(await readdir(join(folder, 'node_modules'))).toContain('@duckdb');
  });

  test('a failure tells what npm says, and leaves nothing', async () => {
    await npmDoes('echo "npm error network no route to registry" >&2; exit 1');
    const { exitCode, stdout } = await greenlight();
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout).error).toMatchObject({
      what: 'npm could not install the packages of the engine.',
      cause: 'npm error network no route to registry',
      live: 'live was not touched',
      help: expect.stringContaining('--engine-path'),
    });
    expect((await cached()).beside).toEqual([]);
  });

  test('a cache that cannot be written is told', async () => {
    await npmDoes(installs);
    await writeFile(join(place, 'file'), '');
    const { exitCode, stdout } = await greenlight({ GREENLIGHT_CACHE: join(place, 'file') });
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout).error).toMatchObject({
      what: 'The packages of the engine cannot be installed.',
      help: expect.stringContaining('GREENLIGHT_CACHE'),
    });
  });

  test('a machine without npm is told so', async () => {
    const { exitCode, stdout } = await greenlight({ PATH: join(place, 'nothing') });
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout).error.what).toContain('npm is not on the path');
  });

  test('a folder that has them is used as named, from where the command was started', async () => {
    await npmDoes('exit 1');
    await mkdir(project.path('packages/node_modules'), { recursive: true });
    for (const name of ['@duckdb', 'detect-libc'])
      await symlink(
        join(process.cwd(), 'node_modules', name),
        project.path(`packages/node_modules/${name}`),
      );
    expect(await greenlight({}, '--engine-path', 'packages')).toMatchObject({ exitCode: 0 });
    expect(await greenlight({ 'INPUT_ENGINE-PATH': 'packages' })).toMatchObject({ exitCode: 0 });
    expect(await greenlight({ GREENLIGHT_ENGINE_PATH: 'packages' })).toMatchObject({ exitCode: 0 });
    // A step that writes opens more than one database.
    const args = ['clone', '--release', 'pr-2'];
    expect(await run(args, { GREENLIGHT_ENGINE_PATH: 'packages' })).toMatchObject({ exitCode: 0 });
    expect(await calls()).toEqual(['']);
  });

  test('a folder that does not have them is wrong use', async () => {
    const { exitCode, stdout } = await greenlight({}, '--engine-path', '/nowhere');
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout).error).toMatchObject({
      what: 'DuckDB cannot be loaded from this folder.',
      where: '/nowhere',
    });
  });
});

describe('engines/duckdb', () => {
  test('locks by content what package.json uses', async () => {
    const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));
    const own = JSON.parse(await readFile('engines/duckdb/package.json', 'utf8'));
    const { packages } = JSON.parse(await readFile('engines/duckdb/package-lock.json', 'utf8'));
    for (const [name, version] of Object.entries(own.dependencies))
      expect({ name, version }).toEqual({ name, version: dependencies[name] });
    expect(packages['node_modules/@duckdb/node-bindings'].version).toBe(
      dependencies['@duckdb/node-bindings'],
    );
    for (const [path, entry] of Object.entries<Record<string, unknown>>(packages)) {
      expect({ path, resolved: entry.resolved }).toEqual({ path, resolved: undefined });
      if (path !== '')
        expect({ path, integrity: entry.integrity }).toEqual({
          path,
          integrity: expect.stringMatching(/^sha512-/),
        });
    }
  });
});
