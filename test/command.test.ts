import { spawn } from 'node:child_process';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as esbuild from 'esbuild';
import { commandEnvironment, runCommand } from '../src/command.ts';
import { GreenlightError } from '../src/errors.ts';

let folder: string;
let lines: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'greenlight-'));
  lines = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (command: string, timeoutMs = 20_000) =>
  runCommand({
    command,
    cwd: folder,
    env: { PATH: process.env.PATH, GIVEN: 'here' },
    timeoutMs,
    onLine: (line) => lines.push(line),
  });

/** The id that a command of the test has written. */
async function pidIn(file: string): Promise<number> {
  for (;;) {
    const text = await readFile(join(folder, file), 'utf8').catch(() => '');
    if (text.endsWith('\n')) return Number(text);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A dead process that its parent has not fetched yet (`Z`) counts as gone. */
/** Whether a process outlives its end by more than a busy machine takes to see to it. */
async function isAlive(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (!(await isRunning(pid))) return false;
    await new Promise((done) => setTimeout(done, 100));
  }
  return true;
}

async function isRunning(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (state !== null) return !/\) Z /.test(state);
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a command', () => {
  test('runs in the folder, with the environment given and no other', async () => {
    const result = await run('pwd -P; echo "$GIVEN$HOME"; echo problem >&2; exit 3');
    expect(result).toMatchObject({ exitCode: 3, signal: null, timedOut: false });
    expect(result.ms).toBeGreaterThan(0);
    expect([...lines].sort()).toEqual([await realpath(folder), 'here', 'problem'].sort());
    expect(result.tail).toEqual(lines);
  });

  test('tells its lines whole, however they come', async () => {
    await run(
      `printf 'a\\r\\n\\nb\\rc\\nd\\303'; sleep 0.1; printf '\\274\\r'; sleep 0.1; printf '\\ne'`,
    );
    expect(lines).toEqual(['a', '', 'b', 'c', 'dü', 'e']);
  });

  test('tells a line that is too long cut, and the next one whole', async () => {
    await run(`head -c 3000000 /dev/zero | tr '\\0' x; echo; echo next`);
    expect(lines).toEqual([`${'x'.repeat(2000)}…`, 'next']);
  });

  test('is remembered by its last 20 lines', async () => {
    const { tail } = await run('for i in $(seq 1 100); do echo $i; done');
    expect(lines).toHaveLength(100);
    expect(tail).toEqual(lines.slice(80));
  });

  test('gets no input to wait for', async () => {
    expect((await run('cat')).exitCode).toBe(0);
  });

  test('that cannot start is an error', async () => {
    const started = runCommand({
      command: 'true',
      cwd: join(folder, 'none'),
      env: {},
      timeoutMs: 1000,
      onLine: () => {},
    });
    await expect(started).rejects.toBeInstanceOf(GreenlightError);
  });

  test('that a signal ends has no exit code', async () => {
    expect(await run('kill -KILL $$')).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  });
});

describe('nothing is left behind', () => {
  test('at the time limit', async () => {
    const result = await run('sleep 60 & echo $! > pid; echo begun; wait', 500);
    expect(result).toMatchObject({ exitCode: null, signal: 'SIGTERM', timedOut: true });
    expect(result.tail).toEqual(['begun']);
    expect(await isAlive(await pidIn('pid'))).toBe(false);
  });

  test('by a command that takes no notice of SIGTERM', async () => {
    const result = await run(`trap '' TERM; echo $$ > pid; while :; do sleep 0.1; done`, 300);
    expect(result).toMatchObject({ signal: 'SIGKILL', timedOut: true });
    expect(result.ms).toBeGreaterThanOrEqual(5000);
    expect(await isAlive(await pidIn('pid'))).toBe(false);
  });

  test('by a shell that exits before its children', async () => {
    const result = await run('sleep 60 & echo $! > pid; echo done');
    expect(result).toMatchObject({ exitCode: 0, timedOut: false });
    expect(lines).toEqual(['done']);
    expect(await isAlive(await pidIn('pid'))).toBe(false);
  });

  test('and listeners neither', async () => {
    const before = process.listenerCount('SIGTERM') + process.listenerCount('exit');
    await run('true');
    expect(process.listenerCount('SIGTERM') + process.listenerCount('exit')).toBe(before);
  });

  describe('when this process', () => {
    /** Runs a command from a process of its own, that the test can stop. */
    async function start(after: string, name = 'parent') {
      const script = join(folder, `${name}.mjs`);
      await esbuild.build({
        stdin: {
          contents: `
            import { runCommand } from './src/command.ts';
            const done = runCommand({
              command: 'sleep 60 & echo $! > ${name}.child; echo $$ > ${name}.shell; wait',
              cwd: ${JSON.stringify(folder)}, env: process.env, timeoutMs: 60_000, onLine() {},
            });
            ${after}
          `,
          resolveDir: process.cwd(),
        },
        bundle: true,
        format: 'esm',
        platform: 'node',
        outfile: script,
      });
      const parent = spawn(process.execPath, [script], { stdio: 'inherit' });
      const ended = new Promise<[number | null, string | null]>((resolve) => {
        parent.once('exit', (code, signal) => resolve([code, signal]));
      });
      return { parent, ended, pids: [await pidIn(`${name}.child`), await pidIn(`${name}.shell`)] };
    }

    test('gets a signal', async () => {
      const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
      const stopped = signals.map(async (signal) => {
        const { parent, ended, pids } = await start('await done;', signal);
        parent.kill(signal);
        expect(await ended).toEqual([null, signal]);
        expect(await Promise.all(pids.map(isAlive))).toEqual([false, false]);
      });
      await Promise.all(stopped);
    });

    test('gets a signal that it answers itself', async () => {
      const { parent, ended, pids } = await start(
        `process.on('SIGTERM', () => {}); process.exitCode = (await done).signal === 'SIGTERM' ? 7 : 8;`,
      );
      parent.kill('SIGTERM');
      expect(await ended).toEqual([7, null]);
      expect(await Promise.all(pids.map(isAlive))).toEqual([false, false]);
    });

    test('exits', async () => {
      const { ended, pids } = await start(
        `import { existsSync } from 'node:fs';
         setInterval(() => { if (existsSync(${JSON.stringify(join(folder, 'parent.shell'))})) process.exit(9); }, 50);`,
      );
      expect(await ended).toEqual([9, null]);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await Promise.all(pids.map(isAlive))).toEqual([false, false]);
    });
  });
});

describe('the environment of a command', () => {
  const base = {
    PATH: '/usr/bin:/opt/products/bin',
    LIVE: '/data/warehouse.duckdb',
    LIVE_URL: 'duckdb:///DATA/Warehouse.duckdb?x=1',
    ENCODED: 'x=%2Fdata%2Fwarehouse.duckdb',
    TOKEN: 'prefix-s3cret/value-suffix',
    DB: 'prod',
    DB_URL: 'postgres://u@h/prod',
    OTHER: 'prod_eu',
    DB_PASSWORD: '',
    GONE: undefined,
  };
  const options = { add: {}, forbiddenNames: [] as string[], forbiddenValues: [] as string[] };

  test('has no variable that shows what is forbidden', () => {
    const { env, dropped } = commandEnvironment(base, {
      add: { CANDIDATE: '/data/.greenlight/warehouse.duckdb' },
      forbiddenValues: ['/data/warehouse.duckdb', 's3cret/value', 'prod', ''],
      forbiddenNames: ['DB_PASSWORD', 'NOT_SET'],
    });
    expect(env).toEqual({
      PATH: base.PATH,
      OTHER: 'prod_eu',
      CANDIDATE: '/data/.greenlight/warehouse.duckdb',
    });
    expect(dropped).toEqual([
      'DB',
      'DB_PASSWORD',
      'DB_URL',
      'ENCODED',
      'LIVE',
      'LIVE_URL',
      'TOKEN',
    ]);
  });

  test('takes a forbidden value as it is, not as an expression', () => {
    const values = ['a.b*c|d(e)[f]^$-/\\{2}?+', 'x.y'];
    const { dropped } = commandEnvironment(
      { A: `x${values[0]}x`, B: 'xzy', C: '-x.y-' },
      { ...options, forbiddenValues: values },
    );
    expect(dropped).toEqual(['A', 'C']);
  });

  test('leaves out what is added as undefined, and what a pattern finds, encoded as well', () => {
    const { env, dropped } = commandEnvironment(
      {
        SERVICE: 'x',
        URL: 'db://host/shop',
        CODED: 'db%3A%2F%2Fhost%2Fshop',
        DB: 'shop',
        P: '100%',
      },
      {
        add: { SERVICE: undefined, MISSING: undefined, DB: 'copy' },
        forbiddenValues: [/\/shop$/, /^shop$/],
        forbiddenNames: [],
      },
    );
    expect(env).toEqual({ DB: 'copy', P: '100%' });
    expect(dropped).toEqual(['CODED', 'SERVICE', 'URL']);
  });

  test('what is added has the last word', () => {
    const { env } = commandEnvironment({ A: 'old' }, { ...options, add: { A: 'new' } });
    expect(env).toEqual({ A: 'new' });
  });
});
