import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { makePostgresProject, type PostgresProject } from './postgres-project.ts';
import {
  hasPostgres,
  type PostgresServer,
  type PostgresVersion,
  startPostgres,
} from './postgres-server.ts';
import { goThereAndBack, goWithoutChange } from './release-flow.ts';

/** A whole release on a real server, through the command line. */
export function wholeRelease(version: PostgresVersion): void {
  jest.setTimeout(120_000);

  if (!hasPostgres(version)) {
    test.skip(`PostgreSQL ${version} is not on this machine`, () => undefined);
    return;
  }
  let server: PostgresServer;
  let project: PostgresProject;
  beforeAll(async () => {
    server = await startPostgres(version);
  });
  afterEach(() => project?.dispose());
  afterAll(() => server?.stop());

  test('a release goes the whole way and back, and live changes at swap and rollback only', async () => {
    project = await makePostgresProject(server);
    await goThereAndBack(project, {
      content: () => project.sql('select * from marts.revenue order by customer'),
      newRows: () => project.sql('select count(*) as n from marts.revenue where note is null'),
    });
    await project.json('retire', '-r', 'pr-1');
    expect(await project.databases()).toEqual([project.live, `${project.live}_ledger`]);
  });

  test('a release that changes nothing has no deviations and needs no approval', async () => {
    project = await makePostgresProject(server, {
      files: { 'logic/01_nothing.sql': 'select 1;\n' },
      config: 'simulate: { run: [logic/*.sql] }\n',
    });
    await goWithoutChange(project, ['clone', 'simulate']);
  });

  test('a row that is written to live after the clone closes the gate', async () => {
    project = await makePostgresProject(server);
    for (const step of ['clone', 'migrate', 'simulate', 'compare'])
      await project.json(step, '-r', 'pr-1');
    await project.sql("insert into staging.orders values (1000, 'late', 1)");
    const swap = await project.run('swap', '-r', 'pr-1');
    expect(swap.exitCode).toBe(3);
    expect(swap.stderr).toContain('staging.orders: 1 row added');
  });
}
