import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import { GreenlightError, messageOf } from './errors.ts';

export interface CommandOptions {
  /** For the shell of the system. Trusted: it comes from the configuration, never from data. */
  readonly command: string;
  readonly cwd: string;
  /** The whole environment of the command: nothing is inherited besides. */
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** Called with each line of both outputs as it comes; long lines are cut. */
  readonly onLine: (line: string) => void;
}

export interface CommandResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly timedOut: boolean;
  readonly ms: number;
  /** The last lines of its output. */
  readonly tail: readonly string[];
}

const GRACE_MS = 5000;
const TAIL_LINES = 20;
const MAX_LINE = 2000;

/**
 * Runs a command in the shell of the system, as a process group of its own, and ends that group: at the time limit,
 * when the shell has exited and left something behind, and when this process is asked to stop. SIGTERM first, SIGKILL
 * after five seconds. Only what moves to a session of its own (a daemon) gets away, and a SIGKILL of this very process
 * ends nothing but it.
 *
 * @throws GreenlightError when the shell cannot be started. A command that fails is a result.
 */
export async function runCommand(options: CommandOptions): Promise<CommandResult> {
  const started = performance.now();
  let group: ProcessGroup | null = null;
  // Before the command is there: a signal in between would leave it behind.
  const release = endWithThisProcess(() => group);
  const child = spawn(options.command, {
    shell: true,
    cwd: options.cwd,
    env: options.env,
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const tail: string[] = [];
  const outputs = [child.stdout, child.stderr].map((stream) =>
    readLines(stream, (line) => {
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      options.onLine(line);
    }),
  );

  const own = new ProcessGroup(child);
  group = own;
  let timedOut = false;
  const limit = setTimeout(() => {
    timedOut = true;
    void own.end();
  }, options.timeoutMs);
  try {
    const { exitCode, signal } = await exitOf(child, options);
    clearTimeout(limit);
    await own.end();
    await within(1000, Promise.all(outputs));
    return { exitCode, signal, timedOut, ms: Math.round(performance.now() - started), tail };
  } finally {
    clearTimeout(limit);
    release();
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/**
 * The environment for a command: the inherited one, without every variable that shows a forbidden value or has a
 * forbidden name, and with `add`.
 *
 * A forbidden value counts wherever it stands in a variable, in any case, plain or percent-encoded; one of fewer than
 * eight characters only as a word of its own, lest a database called `prod` takes away a PATH with `/opt/products`.
 * A pattern counts as it is, in the value and in what it says percent-encoded. A name that is added as undefined is
 * forbidden as well.
 *
 * @returns `dropped` holds names only, of variables that are not there any more.
 */
export function commandEnvironment(
  base: NodeJS.ProcessEnv,
  options: {
    readonly add: Readonly<Record<string, string | undefined>>;
    readonly forbiddenValues: readonly (string | RegExp)[];
    readonly forbiddenNames: readonly string[];
  },
): { env: NodeJS.ProcessEnv; dropped: string[] } {
  const shows = options.forbiddenValues.flatMap((value) =>
    value instanceof RegExp
      ? [value]
      : [value, encodeURIComponent(value)].filter(Boolean).map(showing),
  );
  const added = Object.entries(options.add);
  const names = new Set([
    ...options.forbiddenNames,
    ...added.filter(([, value]) => value === undefined).map(([name]) => name),
  ]);
  const isForbidden = (name: string, value: string) =>
    names.has(name) ||
    shows.some((expression) => expression.test(value) || expression.test(decoded(value)));
  const inherited = Object.entries(base).filter(([, value]) => value !== undefined) as [
    string,
    string,
  ][];
  const dropped = inherited.filter(([name, value]) => isForbidden(name, value));
  const kept = inherited.filter(([name, value]) => !isForbidden(name, value));
  return {
    env: Object.fromEntries([...kept, ...added.filter(([, value]) => value !== undefined)]),
    dropped: dropped
      .map(([name]) => name)
      .filter((name) => options.add[name] === undefined)
      .sort(),
  };
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value; // it is not encoded
  }
}

function showing(value: string): RegExp {
  const literal = value.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  const isShort = value.length < 8;
  const word = '[\\p{L}\\p{N}_]';
  return new RegExp(isShort ? `(?<!${word})${literal}(?!${word})` : literal, 'iu');
}

// Processes ----------------------------------------------------------------------------------------

function exitOf(
  child: ChildProcess,
  { cwd }: CommandOptions,
): Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    child.once('error', (error) =>
      reject(
        new GreenlightError({
          what: 'The command could not be started.',
          where: cwd,
          cause: messageOf(error),
        }),
      ),
    );
  });
}

/** The shell and everything that it has started. */
class ProcessGroup {
  readonly #child: ChildProcess;
  #ending: Promise<void> | null = null;

  constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Asks every process of the group to stop, makes them stop after a while, and waits until none is left. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    const deadline = performance.now() + GRACE_MS;
    this.signal('SIGTERM');
    while (this.signal(0)) {
      const late = performance.now() - deadline;
      if (late > 0) this.signal('SIGKILL');
      // What is dead but not yet buried, as in a container without an init process, answers for ever.
      if (late > 1000) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** False when nobody is left to get it. */
  signal(signal: NodeJS.Signals | 0): boolean {
    const { pid } = this.#child;
    if (pid === undefined) return false;
    try {
      return process.platform === 'win32' ? signalTree(pid, signal) : process.kill(-pid, signal);
    } catch {
      return false;
    }
  }
}

/** Windows has no process groups; a tree of processes can only be ended, at once. */
function signalTree(pid: number, signal: NodeJS.Signals | 0): boolean {
  if (signal !== 0) spawnSync('taskkill', ['/pid', String(pid), '/T', '/F']);
  return process.kill(pid, 0);
}

/**
 * While the command runs, what stops this process stops the command first.
 * @returns what ends this arrangement.
 */
function endWithThisProcess(group: () => ProcessGroup | null): () => void {
  const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const onSignal = async (signal: NodeJS.Signals): Promise<void> => {
    await group()?.end();
    // Ours was the only answer to the signal: now it takes its usual course.
    release();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const onExit = () => group()?.signal('SIGKILL');
  const release = () => {
    for (const signal of signals) process.off(signal, onSignal);
    process.off('exit', onExit);
  };
  for (const signal of signals) process.on(signal, onSignal);
  process.on('exit', onExit);
  return release;
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}

// Lines --------------------------------------------------------------------------------------------

/** Resolves at the end of the stream, when the last line has been told. Holds no more than one cut line. */
function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let pending = '';
  let isCut = false;
  let afterReturn = false;
  const take = (text: string): void => {
    // A lone carriage return rewrites a line of progress: each version is a line.
    const pieces = text.slice(afterReturn && text.startsWith('\n') ? 1 : 0).split(/\r\n|\n|\r/);
    afterReturn = text === '' ? afterReturn : text.endsWith('\r');
    pieces.forEach((piece, i) => {
      const room = MAX_LINE - pending.length;
      isCut ||= piece.length > room;
      pending += piece.slice(0, room);
      if (i === pieces.length - 1) return;
      tell();
    });
  };
  const tell = (): void => {
    onLine(isCut ? `${pending}…` : pending);
    pending = '';
    isCut = false;
  };
  return new Promise((resolve) => {
    stream.on('data', (chunk: Buffer) => take(decoder.write(chunk)));
    stream.once('close', () => {
      take(decoder.end());
      if (pending !== '') tell();
      resolve();
    });
  });
}
