import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { cli, type Project, type Run } from './project.ts';

/**
 * Commands in processes that stay: several times quicker than a process each. For all that does not depend on the
 * process itself; the way there, mostly.
 */
export interface Quick {
  /** Runs one command, as `project.run` does. */
  run(project: Project, ...args: readonly string[]): Promise<Run>;
  runWith(env: Record<string, string>, project: Project, ...args: readonly string[]): Promise<Run>;
  /** With --json; fails the test unless the exit code is 0. */
  json<T = Record<string, unknown>>(project: Project, ...args: readonly string[]): Promise<T>;
  /** With --json, of a command that is expected to fail with this exit code: what it prints. */
  refusal<T = Refusal>(exitCode: number, project: Project, ...args: readonly string[]): Promise<T>;
  /** Takes a release as far as `last`; gives the results of all steps by name. */
  steps(project: Project, last: Step, release?: string): Promise<Record<string, StepResult>>;
  /** Ends the processes. */
  end(): void;
}

export type Step = 'clone' | 'migrate' | 'simulate' | 'compare';

export interface StepResult extends Record<string, unknown> {
  readonly digest: string;
}

export interface Refusal {
  readonly error: {
    readonly what: string;
    readonly where?: string;
    readonly cause?: string;
    readonly live: string;
    readonly help?: string;
  };
  readonly gate?: {
    readonly open: boolean;
    readonly reasons: readonly {
      readonly condition: string;
      readonly found: string;
      readonly help: string;
    }[];
  };
}

const PROCESSES = 2;

export function quickly(): Quick {
  const idle: ChildProcess[] = [];
  const waiting: ((child: ChildProcess) => void)[] = [];
  const all: ChildProcess[] = [];

  const take = (): Promise<ChildProcess> => {
    const free = idle.pop();
    if (free !== undefined) return Promise.resolve(free);
    if (all.length < PROCESSES) {
      const child = fork(join(process.cwd(), 'test', 'support', 'resident.mjs'), [cli], {
        execArgv: [],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      child.setMaxListeners(0);
      child.unref();
      child.channel?.unref();
      all.push(child);
      return Promise.resolve(child);
    }
    return new Promise((done) => waiting.push(done));
  };
  const give = (child: ChildProcess) => {
    const next = waiting.shift();
    if (next === undefined) idle.push(child);
    else next(child);
  };

  const runWith = async (
    more: Record<string, string>,
    project: Project,
    ...args: readonly string[]
  ): Promise<Run> => {
    const child = await take();
    child.channel?.ref();
    try {
      return await new Promise<Run>((done, failed) => {
        const onExit = () => failed(new Error(`The process ended while it ran ${args.join(' ')}`));
        child.once('exit', onExit);
        child.once('message', (result) => {
          child.off('exit', onExit);
          done(result as Run);
        });
        const env = {
          PATH: process.env.PATH ?? '',
          HOME: project.folder,
          GREENLIGHT_ACTOR: 'tester',
          CI: 'true',
          ...more,
        };
        child.send({ cwd: project.folder, args, env });
      });
    } finally {
      child.channel?.unref();
      give(child);
    }
  };
  const run = (project: Project, ...args: readonly string[]) => runWith({}, project, ...args);

  const json = async <T>(project: Project, ...args: readonly string[]): Promise<T> => {
    const { exitCode, stdout, stderr } = await run(project, ...args, '--json');
    if (exitCode !== 0) {
      throw new Error(`greenlight ${args.join(' ')} ended with ${exitCode}:\n${stderr}`);
    }
    return JSON.parse(stdout) as T;
  };
  return {
    run,
    runWith,
    json,
    refusal: async <T>(expected: number, project: Project, ...args: readonly string[]) => {
      const { exitCode, stdout, stderr } = await run(project, ...args, '--json');
      if (exitCode !== expected) {
        throw new Error(
          `greenlight ${args.join(' ')} ended with ${exitCode}, not ${expected}:\n${stdout}${stderr}`,
        );
      }
      if (/^\s+at .*\(?.*:\d+:\d+\)?$/m.test(stderr)) throw new Error(`A stack trace:\n${stderr}`);
      return JSON.parse(stdout) as T;
    },
    steps: async (project, last, release = 'pr-1') => {
      const all = ['clone', 'migrate', 'simulate', 'compare'];
      const results: Record<string, StepResult> = {};
      for (const step of all.slice(0, all.indexOf(last) + 1)) {
        results[step] = await json<StepResult>(project, step, '--release', release);
      }
      return results;
    },
    end: () => {
      for (const child of all) child.kill();
    },
  };
}
