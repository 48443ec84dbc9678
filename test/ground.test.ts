import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const run = promisify(execFile);
const root = process.cwd();
const bundle = join(root, 'build', 'dist');

describe('the bundle', () => {
  let elsewhere: string;
  beforeAll(async () => {
    elsewhere = await mkdtemp(join(tmpdir(), 'greenlight-'));
  });
  afterAll(async () => {
    await rm(elsewhere, { recursive: true, force: true });
  });

  test('prints its help', async () => {
    const { stdout } = await run(process.execPath, [join(bundle, 'index.js'), '--help']);
    expect(stdout).toContain('Usage: greenlight');
  });

  test('prints the version that package.json states', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    const { stdout } = await run(process.execPath, [join(bundle, 'index.js'), '--version']);
    expect(stdout.trim()).toBe(version);
  });

  test('runs through a link, as npx starts it, and from another folder', async () => {
    const link = join(elsewhere, 'greenlight');
    await symlink(join(bundle, 'index.js'), link);
    const { stdout } = await run(link, ['--version'], { cwd: elsewhere });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+/);
  });

  test('loads no native package at start-up', async () => {
    for (const name of (await readdir(bundle)).filter((file) => file.endsWith('.js'))) {
      const text = await readFile(join(bundle, name), 'utf8');
      expect(text).not.toMatch(/\bfrom\s*["']@duckdb\//);
    }
  });
});

describe('the packages', () => {
  test('are pinned', async () => {
    const { dependencies, devDependencies } = JSON.parse(await readFile('package.json', 'utf8'));
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect(`${name} ${version}`).toMatch(/ \d+\.\d+\.\d+(-r\.\d+)?$/);
    }
  });

  test('are locked by their contents, wherever they are fetched from', async () => {
    const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8'));
    for (const [path, entry] of Object.entries<Record<string, unknown>>(packages)) {
      expect({ path, resolved: entry.resolved }).toEqual({ path, resolved: undefined });
      if (path !== '') {
        expect({ path, integrity: entry.integrity }).toEqual({
          path,
          integrity: expect.stringMatching(/^sha\d+-/),
        });
      }
    }
  });
});
