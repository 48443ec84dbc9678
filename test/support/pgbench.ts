import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { librariesIn, unpack } from './debian.ts';

/**
 * PostgreSQL's own load generator. Its clients never connect again: each ends at its first error, and the run with it. So
 * it shows that there was none; where there are some, the clients of load.ts count them.
 */
export interface Pgbench {
  /** It has ended, or complains: nothing good comes any more. */
  isOver(): boolean;
  /** Ends it as if its time were over: transactions under way come to their end. */
  finish(): Promise<PgbenchResult>;
}

export interface PgbenchResult {
  /** What pgbench itself says at its end. */
  readonly transactions: number;
  readonly failed: number;
  /** 0: no client met an error. */
  readonly exitCode: number | null;
  readonly complaint: string;
  /** The longest of the transactions that ended between two times (of Date.now), in milliseconds. */
  longest(from: number, to: number): number;
  /** The ids of the rows whose commit was acknowledged before a time (of Date.now). */
  acknowledged(before: number): number[];
}

export interface Program {
  readonly program: string;
  readonly libraries: string;
}

/** The system's own, else Debian's packages, unpacked into `build/` and not installed. Null: it cannot be had here. */
export async function findPgbench(): Promise<Program | null> {
  const before = resolve('build', 'pgbench', 'root');
  const installed = [...(await foldersOf('/')), '/usr/bin'];
  const found = (await firstIn(installed, '')) ?? (await unpackedIn(before));
  if (found !== null) return found;
  const root = await unpack('pgbench', ['postgresql-15', 'libpq5']);
  return root === null ? null : unpackedIn(root);
}

async function unpackedIn(root: string): Promise<Program | null> {
  return firstIn(await foldersOf(root), librariesIn(root));
}

/** Where Debian puts the programs of each version, the newest first. */
async function foldersOf(root: string): Promise<string[]> {
  const folder = join(root, 'usr', 'lib', 'postgresql');
  const names = await readdir(folder).catch(() => []);
  return names.sort((a, b) => Number(b) - Number(a)).map((name) => join(folder, name, 'bin'));
}

async function firstIn(folders: readonly string[], libraries: string): Promise<Program | null> {
  for (const folder of folders) {
    const program = join(folder, 'pgbench');
    if (existsSync(program) && (await counts({ program, libraries })))
      return { program, libraries };
  }
  return null;
}

/** From 15 on it counts the transactions that failed. */
async function counts({ program, libraries }: Program): Promise<boolean> {
  const env = { ...process.env, LD_LIBRARY_PATH: libraries };
  const { stdout } = await promisify(execFile)(program, ['--version'], { env }).catch(() => ({
    stdout: '',
  }));
  return Number(/\(PostgreSQL\) (\d+)/.exec(stdout)?.[1]) >= 15;
}

const idsEach = 10_000_000;

/** `orders` has the columns id and client; each transaction gets a number of its own. */
const script = `\\set n :n + 1
\\set id :client_id * ${idsEach} + :n
begin;
insert into orders (id, client) values (:id, :client_id);
commit;
`;

export interface PgbenchOptions {
  /** However late it is finished, it ends by itself. */
  readonly atMostSeconds?: number;
  /** So long each client rests after a transaction, and it counts as part of it. */
  readonly thinkMs?: number;
}

export async function startPgbench(
  { program, libraries }: Program,
  to: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly database: string;
  },
  clients: number,
  { atMostSeconds = 60, thinkMs = 0 }: PgbenchOptions = {},
): Promise<Pgbench> {
  const folder = await mkdtemp(join(tmpdir(), 'greenlight-pgbench-'));
  const rest = thinkMs === 0 ? '' : `\\sleep ${thinkMs} ms\n`;
  await writeFile(join(folder, 'script.sql'), script + rest);
  const child = spawn(program, argumentsFor(clients, atMostSeconds), {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH ?? '',
      LD_LIBRARY_PATH: libraries,
      PGHOST: to.host,
      PGPORT: String(to.port),
      PGUSER: to.user,
      PGPASSWORD: to.password,
      PGDATABASE: to.database,
      LC_ALL: 'C',
    },
  });
  let summary = '';
  let complaint = '';
  child.stdout.on('data', (text) => {
    summary += text;
  });
  child.stderr.on('data', (text) => {
    complaint += text;
  });
  const exited = new Promise<number | null>((done, failed) => {
    child.once('error', failed);
    child.once('close', done);
  });
  exited.catch(() => undefined); // told when it is finished
  return {
    isOver: () => child.exitCode !== null || child.signalCode !== null || complaint !== '',
    finish: async () => {
      // What it sets itself for -T.
      child.kill('SIGALRM');
      try {
        const exitCode = await exited;
        const ended = await readLog(folder);
        return {
          transactions: numberIn(summary, /transactions actually processed: (\d+)/),
          failed: numberIn(summary, /failed transactions: (\d+)/),
          exitCode,
          complaint,
          longest: (from, to) =>
            ended
              .filter(({ at }) => at >= from && at < to)
              .reduce((longest, { ms }) => Math.max(longest, ms), 0),
          acknowledged: (before) =>
            ended.filter(({ at }) => at < before).map(({ client, nth }) => client * idsEach + nth),
        };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** Without --max-tries: nothing is tried again, and what fails is counted. */
function argumentsFor(clients: number, atMostSeconds: number): string[] {
  return [
    '--no-vacuum',
    '--protocol=simple',
    '--file=script.sql',
    '--define=n=0',
    `--client=${clients}`,
    '--jobs=2',
    `--time=${atMostSeconds}`,
    '--log',
    '--log-prefix=log',
  ];
}

interface Ended {
  readonly client: number;
  /** Of the client's transactions, from 1 on. */
  readonly nth: number;
  /** As Date.now tells it. */
  readonly at: number;
  readonly ms: number;
}

/** A line for each transaction: client, number, microseconds, script, and when it ended in seconds and microseconds. */
async function readLog(folder: string): Promise<Ended[]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('log.'));
  const logs = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return logs
    .flatMap((log) => log.split('\n'))
    .map((line) => line.split(' '))
    .filter(([, , took]) => /^\d+$/.test(took ?? ''))
    .map(([client, nth, took, , seconds, microseconds]) => ({
      client: Number(client),
      nth: Number(nth),
      at: Number(seconds) * 1000 + Number(microseconds) / 1000,
      ms: Number(took) / 1000,
    }));
}

function numberIn(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1] ?? Number.NaN);
}
