import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projects } from './fork.ts';
import {
  defaultConfig,
  defaultFiles,
  defaultLive,
  makeProject,
  type Project,
  type RunOptions,
} from './project.ts';
import type { Quick } from './quick.ts';

/** Approved releases whose live is about to be written to: staging.events has nothing to do with the logic. */
export function lateProjects(quick: Quick) {
  const approved = (swap: string) => async (): Promise<Project> => {
    const project = await bases.fork('simulated');
    await project.write('greenlight.yml', config(swap));
    await quick.json(project, 'compare');
    await approveLatest(quick, project);
    return project;
  };
  const bases = projects({
    simulated: async (): Promise<Project> => {
      const project = await makeProject({ live, files, config: config('') });
      await quick.steps(project, 'simulate');
      return project;
    },
    refuse: approved('verify: [checks/*.sql], timeout: 10s'),
    rebuild: approved('drift: rebuild, verify: [checks/*.sql], timeout: 10s'),
    replay: approved('drift: replay, verify: [checks/*.sql], timeout: 10s'),
  });
  return bases;
}

const live = `${defaultLive};
create table staging.events (id integer primary key, what varchar, share double default 0.0);
insert into staging.events (id, what) select i, 'early' from range(10) t(i);
create view staging.recent as select * from staging.events where id > 5;
create table staging.loose (what varchar);
create table staging.made (id integer primary key, twice integer generated always as (id * 2))`;

/** A test that wants something to happen while the logic runs writes it into again.sh, which is no part of the logic. */
const config = (swap: string) =>
  `${defaultConfig.replace('[logic/*.sql]', "[logic/*.sql, { command: 'sh again.sh' }]")}swap: { ${swap} }\n`;

const files = {
  ...defaultFiles,
  'again.sh': 'true\n',
  'checks/rows.sql': 'select count(*) >= 7 as all_customers from marts.revenue;\n',
};

export const late = (id: number) => `insert into staging.events values (${id}, 'late', 0.5)`;
export const lateRows = `select count(*)::integer as n from staging.events where what = 'late'`;

export async function approveLatest(quick: Quick, project: Project): Promise<void> {
  const { releases } = await quick.json<{ releases: { digest: string }[] }>(project, 'status');
  await quick.json(project, 'approve', '--digest', releases[0]?.digest ?? '', '--by', 'alice');
}

/** How a greenlight process is run in which `command` happens right before what `at` matches. */
export function doing(command: string, at: string, log?: string): RunOptions {
  const preload = join(process.cwd(), 'test', 'support', 'do-at.mjs');
  return {
    node: ['--import', preload],
    env: { DO_AT: at, DO: command, ...(log === undefined ? {} : { DO_LOG: log }) },
  };
}

const program = join(process.cwd(), 'test', 'support', 'writer.mjs');

/** A command that writes one row into a table of live, or is locked out; it says which. */
export function writeOnce(id: number | string, table = 'staging.events(id, what)'): string {
  return `"${process.execPath}" "${program}" warehouse.duckdb "${table}" ${id} --once`;
}

/** Somebody who writes rows to live all the time. */
export function startWriter(project: Project, firstId: number) {
  const file = project.path('warehouse.duckdb');
  const child = spawn(
    process.execPath,
    [program, file, 'staging.events(id, what)', String(firstId)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const exited = new Promise<number | null>((done) => child.once('close', done));
  let text = '';
  child.stdout.on('data', (more) => {
    text += more;
  });
  const acknowledged = () => text.split('\n').slice(0, -1).map(Number);
  return {
    acknowledged,
    /** Waits until it has written more rows than so many. */
    past: async (rows: number) => {
      const deadline = Date.now() + 60_000;
      while (acknowledged().length <= rows) {
        if (Date.now() > deadline || child.exitCode !== null) throw new Error(`Only ${text}`);
        await sleep(10);
      }
    },
    end: async () => {
      child.stdin.end();
      if ((await exited) !== 0) throw new Error('The writer failed');
    },
  };
}
