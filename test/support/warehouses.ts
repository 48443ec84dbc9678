import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makePostgresProject } from './postgres-project.ts';
import { startPostgres } from './postgres-server.ts';
import { makeProject } from './project.ts';
import { configOfJobs } from './published.ts';

/** A project whose jobs run in checkouts of their own, with a production that they all reach. */
export interface Warehouse {
  /** Of the repository. */
  readonly folder: string;
  /** Variables that every job needs. */
  readonly env: Readonly<Record<string, string>>;
  write(name: string, text: string): Promise<void>;
  /** Runs SQL on live. */
  sql(sql: string): Promise<Record<string, unknown>[]>;
  /** A digest over what live holds. */
  fingerprint(): Promise<string>;
  hasCandidate(release: string): Promise<boolean>;
  dispose(): Promise<void>;
}

export const warehouses: Readonly<Record<string, () => Promise<Warehouse>>> = {
  DuckDB: async () => {
    const project = await makeProject();
    await project.write('greenlight.yml', configOfJobs(project));
    return {
      folder: project.folder,
      env: {},
      write: project.write,
      sql: (sql) => project.sql('warehouse.duckdb', sql),
      fingerprint: () => project.fingerprint(),
      hasCandidate: async (release) =>
        existsSync(join(project.folder, '.greenlight', release, 'candidate')),
      dispose: project.dispose,
    };
  },
  PostgreSQL: async () => {
    const server = await startPostgres(18);
    const project = await makePostgresProject(server);
    return {
      folder: project.folder,
      env: project.env,
      write: project.write,
      sql: (sql) => project.sql(sql),
      fingerprint: async () =>
        JSON.stringify([
          await project.sql('select * from marts.revenue order by 1'),
          await project.sql('select * from staging.orders order by 1'),
        ]),
      hasCandidate: async (release) =>
        (await project.databases()).includes(`${project.live}__${release}__candidate`),
      dispose: async () => {
        await project.dispose();
        await server.stop();
      },
    };
  },
};
