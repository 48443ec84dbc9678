import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that has a database open: see holder.mjs. */
export interface Holder {
  /** What it has said so far, line by line. */
  readonly said: readonly string[];
  /** Waits until it has said so many lines. */
  until(lines: number): Promise<void>;
  end(): Promise<void>;
}

export async function holdDatabase(
  way: 'write' | 'read' | 'reopen',
  file: string,
  sql = '',
): Promise<Holder> {
  const script = join(process.cwd(), 'test', 'support', 'holder.mjs');
  const child = spawn(process.execPath, [script, way, file, sql], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((done) => child.once('close', () => done()));
  let text = '';
  child.stdout.on('data', (more) => {
    text += more;
  });
  const said = () => text.split('\n').slice(0, -1);
  const until = async (lines: number) => {
    const deadline = Date.now() + 20_000;
    while (said().length < lines) {
      if (Date.now() > deadline || child.exitCode !== null)
        throw new Error(`It said only:\n${text}`);
      await sleep(10);
    }
  };
  await until(1);
  return {
    get said() {
      return said();
    },
    until,
    end: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
