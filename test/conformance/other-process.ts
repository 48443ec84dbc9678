import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Recipe } from './harness.ts';

/** An engine that lives in a process of its own and does one thing. */
export interface OtherProcess {
  /** What it said it did, as soon as it did it. */
  readonly answer: unknown;
  /** From here on it does nothing, and its connections stay: as if its machine had vanished. */
  freeze(): void;
  /** Asks it to stop, as a job does that is cancelled, and waits until it has. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** Starts `test/conformance/work/<work>.ts` with the recipe of an engine, and waits for its one line of JSON. */
export async function otherProcess(
  recipe: Recipe,
  work: string,
  task: unknown,
  env: Record<string, string> = {},
): Promise<OtherProcess> {
  const run = join(process.cwd(), 'scripts', 'run.mjs');
  const file = join(process.cwd(), 'test', 'conformance', 'work', `${work}.ts`);
  const child = spawn(process.execPath, [run, file, JSON.stringify({ recipe, task })], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH ?? '', ...env },
  });
  const answer = JSON.parse(await firstLine(child));
  return {
    answer,
    freeze: () => child.kill('SIGSTOP'),
    stop: () => kill(child, 'SIGTERM'),
    kill: () => kill(child),
  };
}

export function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((done, failed) => {
    let text = '';
    child.stdout?.on('data', (more) => {
      text += more;
      if (text.includes('\n')) done(text.slice(0, text.indexOf('\n')));
    });
    child.once('error', failed);
    child.once('close', (code, signal) =>
      failed(new Error(`The process ended with ${signal ?? code} before it answered`)),
    );
  });
}

export async function kill(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((done) => child.once('close', done));
  child.kill(signal);
  await closed;
}
