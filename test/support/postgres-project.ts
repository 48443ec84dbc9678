import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresServer } from './postgres-server.ts';
import { openProject, type Project, type Run } from './project.ts';

/** A project whose live is a database of a real server, used through the command line only. */
export interface PostgresProject {
  readonly folder: string;
  /** The name of the live database. */
  readonly live: string;
  /** Variables of the environment that lead to the server. */
  readonly env: Readonly<Record<string, string>>;
  write: Project['write'];
  run(...args: string[]): Promise<Run>;
  /** With --json; fails the test unless the exit code is 0. */
  json<T = Record<string, unknown>>(...args: string[]): Promise<T>;
  /** Runs SQL on a database of the server; on live when none is named. */
  sql(sql: string, database?: string): Promise<Record<string, unknown>[]>;
  /** Names of all databases of this project. */
  databases(): Promise<string[]>;
  dispose(): Promise<void>;
}

let projects = 0;

export const defaultLive = `
create schema staging;
create schema marts;
create table staging.orders (id integer primary key, customer text, amount numeric(12, 2));
insert into staging.orders select i, 'customer ' || (i % 7), i * 1.25 from generate_series(1, 100) as t(i);
create table marts.revenue (customer text primary key, amount numeric(18, 2));
insert into marts.revenue select customer, sum(amount) from staging.orders group by customer order by customer;
create view marts.top as select customer, amount from marts.revenue where amount > 800;
`;

export const defaultFiles: Readonly<Record<string, string>> = {
  'migrations/V001__note.sql': 'alter table marts.revenue add column note text;\n',
  'logic/01_revenue.sql': `delete from marts.revenue;
insert into marts.revenue (customer, amount)
select customer, sum(amount) from staging.orders group by customer order by customer;
`,
};

export async function makePostgresProject(
  server: PostgresServer,
  options: {
    readonly live?: string;
    /** Below engine, live and ledger. */
    readonly config?: string;
    readonly files?: Readonly<Record<string, string>>;
  } = {},
): Promise<PostgresProject> {
  projects += 1;
  const live = `p${process.pid}_${projects}`;
  const folder = await mkdtemp(join(tmpdir(), 'greenlight-test-'));
  const project = openProject(folder);
  const { host, port, user, password } = server;
  const env = { PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password };
  await server.sql('postgres', `create database ${live}`);
  await server.sql(live, options.live ?? defaultLive);
  await project.write(
    'greenlight.yml',
    `version: 1
engine: postgres
live: ${live}
ledger: ${live}_ledger
${options.config ?? defaultConfig}`,
  );
  for (const [name, text] of Object.entries(options.files ?? defaultFiles))
    await project.write(name, text);
  const run = (...args: string[]) => project.runWith({ env }, ...args);
  const databases = async () =>
    (
      await server.sql(
        'postgres',
        `select datname from pg_database where datname like '${live}%' order by 1`,
      )
    ).map(({ datname }) => String(datname));
  return {
    folder,
    live,
    env,
    write: project.write,
    run,
    json: async <T>(...args: string[]) => {
      const { exitCode, stdout, stderr } = await run(...args, '--json');
      if (exitCode !== 0)
        throw new Error(`greenlight ${args.join(' ')} ended with ${exitCode}:\n${stderr}`);
      return JSON.parse(stdout) as T;
    },
    sql: (sql, database = live) => server.sql(database, sql),
    databases,
    dispose: async () => {
      for (const name of await databases())
        await server.sql('postgres', `drop database "${name}" with (force)`);
      await project.dispose();
    },
  };
}

const defaultConfig = `migrate: { scripts: migrations/ }
simulate: { run: [logic/*.sql] }
compare: { input: [staging.*] }
`;
