import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** The bundle that jest's global setup makes from the source. */
export const cli = join(process.cwd(), 'build', 'dist', 'index.js');

/** A project in a folder of its own, with a live DuckDB database, used through the command line only. */
export interface Project {
  readonly folder: string;
  /** Absolute path of a file of the project. */
  path(name: string): string;
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Runs `greenlight <args>` in the folder, in a process of its own. */
  run(...args: string[]): Promise<Run>;
  runWith(options: RunOptions, ...args: string[]): Promise<Run>;
  /** The same with --json; fails the test unless the exit code is 0. */
  json<T = Record<string, unknown>>(...args: string[]): Promise<T>;
  /** Runs SQL on a database file of the project and gives the rows of the last statement. */
  sql(file: string, sql: string): Promise<Record<string, unknown>[]>;
  /** SHA-256 over live's file and log: changes when anything was written to live. Of another database when named. */
  fingerprint(database?: string): Promise<string>;
  dispose(): Promise<void>;
}

export interface RunOptions {
  readonly env?: Record<string, string>;
  /** Options of Node itself, before the script. */
  readonly node?: readonly string[];
}

export interface Run {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a test says of a project; everything has a small default. */
export interface ProjectOptions {
  /** Fills the live database. */
  readonly live?: string;
  readonly config?: string;
  readonly files?: Record<string, string>;
}

export const defaultConfig = `version: 1
engine: duckdb
live: warehouse.duckdb
migrate: { scripts: migrations/ }
simulate: { run: [logic/*.sql] }
compare: { input: [staging.*] }
`;

export const defaultLive = `
create schema staging;
create schema marts;
create table staging.orders (id integer primary key, customer varchar, amount decimal(12, 2));
insert into staging.orders select i, 'customer ' || (i % 7), i * 1.25 from range(1, 101) t(i);
create table marts.revenue (customer varchar primary key, amount decimal(18, 2));
insert into marts.revenue select customer, sum(amount) from staging.orders group by customer order by customer;
create view marts.top as select * from marts.revenue where amount > 800;
`;

export const defaultFiles: Record<string, string> = {
  'migrations/V001__note.sql': 'alter table marts.revenue add column note varchar;\n',
  'logic/01_revenue.sql': `delete from marts.revenue;
insert into marts.revenue (customer, amount)
select customer, sum(amount) from staging.orders group by customer order by customer;
`,
};

export async function makeProject(options: ProjectOptions = {}): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'greenlight-test-'));
  const project = openProject(folder);
  await project.sql('warehouse.duckdb', `${options.live ?? defaultLive}; checkpoint`);
  await project.write('greenlight.yml', options.config ?? defaultConfig);
  for (const [name, text] of Object.entries(options.files ?? defaultFiles)) {
    await project.write(name, text);
  }
  return project;
}

/** The project in a folder, as it stands there. */
export function openProject(folder: string): Project {
  const path = (name: string) => join(folder, name);
  const runWith = (options: RunOptions, ...args: string[]) => runCli(folder, options, args);
  return {
    folder,
    path,
    write: async (name, text) => {
      await mkdir(dirname(path(name)), { recursive: true });
      await writeFile(path(name), text);
    },
    remove: (name) => rm(path(name), { recursive: true, force: true }),
    run: (...args) => runWith({}, ...args),
    runWith,
    json: async <T>(...args: string[]) => {
      const run = await runWith({}, ...args, '--json');
      if (run.exitCode !== 0) {
        throw new Error(`greenlight ${args.join(' ')} ended with ${run.exitCode}:\n${run.stderr}`);
      }
      return JSON.parse(run.stdout) as T;
    },
    sql: (file, sql) => runSql(path(file), sql),
    fingerprint: async (database = 'warehouse.duckdb') => {
      const hash = createHash('sha256');
      for (const file of [database, `${database}.wal`]) {
        const there = await stat(path(file)).catch(() => null);
        hash.update(there === null ? 'none' : await readFile(path(file)));
      }
      return hash.digest('hex');
    },
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

function runCli(cwd: string, { env = {}, node = [] }: RunOptions, args: string[]): Promise<Run> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [...node, cli, ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH ?? '',
        HOME: cwd,
        GREENLIGHT_ACTOR: 'tester',
        CI: 'true',
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
    child.once('close', (exitCode, signal) => done({ exitCode, signal, stdout, stderr }));
  });
}

async function runSql(file: string, sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, unknown>[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
