import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { makePostgresProject, type PostgresProject } from './postgres-project.ts';
import {
  hasPostgres,
  type PostgresServer,
  type PostgresVersion,
  startPostgres,
} from './postgres-server.ts';

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

  const revenue = 'select * from marts.revenue order by customer';
  const twice = `delete from marts.revenue;
insert into marts.revenue (customer, amount)
select customer, sum(amount) * 2 from staging.orders where customer <> 'customer 3' group by customer order by customer;
`;

  test('a release goes the whole way and back, and live changes at swap and rollback only', async () => {
    project = await makePostgresProject(server);
    await project.write('logic/01_revenue.sql', twice);
    const before = await project.sql(revenue);
    for (const step of ['clone', 'migrate', 'simulate']) await project.json(step, '-r', 'pr-1');
    const compared = await project.json<{
      verdict: string;
      digest: string;
      tables: Record<string, unknown>[];
    }>('compare', '-r', 'pr-1');
    expect(compared.verdict).toBe('unexplained');
    expect(compared.tables.find(({ table }) => table === 'marts.revenue')).toMatchObject({
      status: 'changed',
      key: ['customer'],
      old_rows: 7,
      new_rows: 6,
      removed: 1,
      added: 0,
      changed: 6,
      proof: 'exact',
    });

    const refused = await project.run('swap', '-r', 'pr-1');
    expect(refused.exitCode).toBe(3);
    expect(refused.stderr).toContain('greenlight approve --release pr-1 --digest');
    await project.json('approve', '-r', 'pr-1', '--digest', compared.digest, '--by', 'alice');
    expect(await project.sql(revenue)).toEqual(before);

    await project.json('swap', '-r', 'pr-1');
    expect(await project.sql('select count(*) as n from marts.revenue where note is null')).toEqual(
      [{ n: '6' }],
    );
    await project.json('rollback');
    expect(await project.sql(revenue)).toEqual(before);
    await project.json('retire', '-r', 'pr-1');
    expect(await project.databases()).toEqual([project.live, `${project.live}_ledger`]);
  });

  test('a release that changes nothing has no deviations and needs no approval', async () => {
    project = await makePostgresProject(server, {
      files: { 'logic/01_nothing.sql': 'select 1;\n' },
      config: 'simulate: { run: [logic/*.sql] }\n',
    });
    for (const step of ['clone', 'simulate']) await project.json(step, '-r', 'pr-1');
    expect(await project.json('compare', '-r', 'pr-1')).toMatchObject({
      verdict: 'identical',
      objects: [],
    });
    expect((await project.run('swap', '-r', 'pr-1')).exitCode).toBe(0);
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
