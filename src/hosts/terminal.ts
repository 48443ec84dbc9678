import { userInfo } from 'node:os';
import pc from 'picocolors';
import { duration, visible } from '../format.ts';
import type { Host, Progress, Task } from './host.ts';
import { targetOf } from './target.ts';

export interface TerminalOptions {
  /** Where people read: standard error. */
  readonly stream: NodeJS.WritableStream & { readonly columns?: number };
  readonly isTTY: boolean;
  /** Says nothing at all. */
  readonly quiet: boolean;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * A person at a terminal, or the log of a CI job.
 *
 * On a terminal, work under way is one line that keeps changing; in a log, a line when it begins, one now and then,
 * and one when it ends. No text gets through that commands the terminal.
 */
export function terminalHost(options: TerminalOptions): Host {
  const { env } = options;
  return {
    actor: findActor(env),
    progress: chooseProgress(options),
    target: targetOf(env),
    hide() {},
    printable: (text) => text,
    outputs: async () => undefined,
    review: null,
  };
}

function chooseProgress(options: TerminalOptions): Progress {
  const { stream, isTTY, quiet, env } = options;
  if (quiet) return SILENCE;
  const colors = pc.createColors(isTTY && !env.NO_COLOR && env.TERM !== 'dumb');
  // A terminal of width 0 is one whose size nobody knows: nothing can be redrawn there.
  const isLive = isTTY && stream.columns !== 0 && !isSet(env.CI) && env.TERM !== 'dumb';
  const board = isLive ? new LiveBoard(stream) : new LogBoard(stream);
  return {
    task: (label, total) => board.begin(new Work(visible(label), total, colors, board)),
    note: (text) => board.write(`${colors.dim('-')} ${visible(text)}`),
    warn: (text) => board.write(`${colors.yellow('warning:')} ${visible(text)}`),
  };
}

const SILENCE: Progress = {
  task: () => ({ advance() {}, done() {}, failed() {} }),
  note() {},
  warn() {},
};

/** `CI=false` switches it off. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}

// One piece of work --------------------------------------------------------------------------------

/** Where lines go: those that stay, and those that tell what is under way. */
interface Board {
  begin(work: Work): Task;
  end(work: Work, line: string): void;
  write(line: string): void;
}

type Colors = ReturnType<typeof pc.createColors>;

/** What is known of a task; its lines on every kind of board. */
class Work implements Task {
  readonly label: string;
  readonly started = performance.now();
  readonly #total: number | undefined;
  readonly #colors: Colors;
  readonly #board: Board;
  #done = 0;
  #detail = '';

  constructor(label: string, total: number | undefined, colors: Colors, board: Board) {
    this.label = label;
    this.#total = total;
    this.#colors = colors;
    this.#board = board;
  }

  advance(done: number, detail?: string): void {
    this.#done = done;
    if (detail !== undefined) this.#detail = visible(detail);
  }

  done(summary?: string): void {
    this.#board.end(this, this.#lastLine(this.#colors.green('done'), summary));
  }

  failed(summary?: string): void {
    this.#board.end(this, this.#lastLine(this.#colors.red('failed'), summary));
  }

  get elapsed(): number {
    return performance.now() - this.started;
  }

  /** `compare: 45 %, marts.delay, 12.3 s, about 15 s left` */
  get line(): string {
    const share = this.#share;
    const facts = [
      share === null ? '' : `${Math.floor(share * 100)} %`,
      this.#detail,
      duration(this.elapsed),
      share === null ? '' : this.#timeLeft(share),
    ];
    return `${this.label}: ${facts.filter((fact) => fact !== '').join(', ')}`;
  }

  get #share(): number | null {
    if (this.#total === undefined || this.#total <= 0) return null;
    return Math.min(1, Math.max(0, this.#done / this.#total));
  }

  /** Worth telling once some time and some work are behind it. */
  #timeLeft(share: number): string {
    if (this.elapsed < 2000 || share < 0.02 || share === 1) return '';
    const left = (this.elapsed * (1 - share)) / share;
    return `about ${duration(Math.ceil(left / 1000) * 1000)} left`;
  }

  #lastLine(outcome: string, summary: string | undefined): string {
    const time = this.#colors.dim(`(${duration(this.elapsed)})`);
    return `${this.label}: ${summary ? `${outcome}, ${visible(summary)}` : outcome} ${time}`;
  }
}

// A log --------------------------------------------------------------------------------------------

/** Plain lines, each of them final. */
class LogBoard implements Board {
  readonly #stream: NodeJS.WritableStream;
  readonly #timers = new Map<Work, NodeJS.Timeout>();

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream;
  }

  begin(work: Work): Task {
    this.write(`${work.label} ...`);
    this.#remind(work);
    return work;
  }

  end(work: Work, line: string): void {
    clearTimeout(this.#timers.get(work));
    if (this.#timers.delete(work)) this.write(line);
  }

  write(line: string): void {
    this.#stream.write(`${line}\n`);
  }

  /** After 10 seconds, and ever less often the longer it lasts: an hour makes some forty lines. */
  #remind(work: Work): void {
    const timer = setTimeout(
      () => {
        this.write(`  ${work.line}`);
        this.#remind(work);
      },
      Math.max(10_000, work.elapsed / 10),
    );
    timer.unref();
    this.#timers.set(work, timer);
  }
}

// A terminal ---------------------------------------------------------------------------------------

type LogUpdate = ReturnType<typeof import('log-update')['createLogUpdate']>;

/** Lines that stay, and below them one line for each piece of work under way. */
class LiveBoard implements Board {
  readonly #stream: TerminalOptions['stream'];
  readonly #works = new Set<Work>();
  #update: LogUpdate | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(stream: TerminalOptions['stream']) {
    this.#stream = stream;
  }

  begin(work: Work): Task {
    this.#works.add(work);
    this.#timer ??= setInterval(() => this.#refresh(), 100).unref();
    // A terminal without the changing line is no reason to stop.
    this.#load().catch(() => undefined);
    return work;
  }

  end(work: Work, line: string): void {
    if (!this.#works.delete(work)) return;
    this.write(line);
    if (this.#works.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  write(line: string): void {
    this.#update?.clear();
    this.#stream.write(`${line}\n`);
    this.#refresh();
  }

  #refresh(): void {
    if (this.#works.size === 0) return;
    const width = (this.#stream.columns ?? 80) - 1;
    this.#update?.([...this.#works].map((work) => cut(work.line, width)).join('\n'));
  }

  /** The library is loaded when there is something to show; until it is there, nothing moves. */
  async #load(): Promise<void> {
    const { createLogUpdate } = await import('log-update');
    // The cursor stays: hiding it would leave a terminal without one when the process is killed.
    this.#update ??= createLogUpdate(this.#stream, { showCursor: true });
  }
}

function cut(line: string, width: number): string {
  const characters = [...line];
  return characters.length > width ? `${characters.slice(0, width - 1).join('')}…` : line;
}

// Who -----------------------------------------------------------------------------------------------

/** Who runs this: as told, else as the CI system knows them, else as the machine does. */
function findActor(env: NodeJS.ProcessEnv): string {
  const { GREENLIGHT_ACTOR, GITHUB_ACTOR, GITLAB_USER_LOGIN, USER } = env;
  if (GREENLIGHT_ACTOR) return GREENLIGHT_ACTOR;
  if (GITHUB_ACTOR) return `github:${GITHUB_ACTOR}`;
  if (GITLAB_USER_LOGIN) return `gitlab:${GITLAB_USER_LOGIN}`;
  if (USER) return USER;
  try {
    return userInfo().username;
  } catch {
    // The user id has no entry on this machine, as in some containers.
    return 'unknown';
  }
}
