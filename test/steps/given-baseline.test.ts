import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  defaultLive,
  makePostgresProject,
  type PostgresProject,
} from '../support/postgres-project.ts';
import {
  type PostgresServer,
  pauseStandby,
  startPostgres,
  startStandby,
} from '../support/postgres-server.ts';

/** A baseline that is not made: it stands on another server. */

let server: PostgresServer;
let other: PostgresServer;
let project: PostgresProject | undefined;
/** Of projects that are gone, on the other server. */
const restored: string[] = [];

beforeAll(async () => {
  server = await startPostgres(18);
  // Nothing writes there by itself.
  other = await startPostgres(18, { autovacuum: 'off' });
}, 60_000);
afterAll(async () => {
  await other?.stop();
  await server?.stop();
});
afterEach(async () => {
  await project?.dispose();
  project = undefined;
  for (const name of restored.splice(0))
    await other.sql('postgres', `drop database ${name} with (force)`);
});

const live = `${defaultLive} create sequence marts.nr; select nextval('marts.nr');`;
const sameLogic = `delete from marts.revenue;
insert into marts.revenue (customer, amount)
select customer, sum(amount) from staging.orders group by customer order by customer;
`;

/** A project whose live was restored on the other server as well. */
async function begin({
  on = other,
  swap = 'refuse',
  simulate = 'run: [logic/*.sql]',
} = {}): Promise<PostgresProject> {
  project = await makePostgresProject(server, {
    live,
    config: 'simulate: { run: [logic/*.sql] }\n',
    files: { 'logic/01_revenue.sql': sameLogic },
  });
  const name = project.live;
  await project.write(
    'greenlight.yml',
    `version: 1
engine: postgres
live: ${name}
ledger: ${name}_ledger
connection: { servers: { replica: { host: 127.0.0.1, port: ${on.port} } } }
clone: { baseline: ${name}@replica }
simulate: { ${simulate} }
compare: { input: [staging.*] }
swap: { drift: ${swap} }
`,
  );
  if (on !== other) return project;
  await other.sql('postgres', `create database ${name}`);
  restored.push(name);
  await other.sql(name, live);
  return project;
}

/** The next transaction that writes has this number: as long as it stays, nobody has written. */
async function writtenOn(one: PostgresServer): Promise<unknown> {
  const [row] = await one.sql(
    'postgres',
    'select pg_snapshot_xmax(pg_current_snapshot()) as next, (select count(*) from pg_database) as databases',
  );
  return row;
}

interface Compared {
  readonly verdict: string;
  readonly tables: readonly { readonly table: string; readonly status: string }[];
  readonly objects: readonly unknown[];
}

describe('a database that was restored on another server', () => {
  test('is the baseline of a whole release, and stays as it is', async () => {
    const { json, live: name } = await begin();
    const before = await writtenOn(other);
    const cloned = await json('clone', '--release', 'r');
    expect(cloned).toMatchObject({
      baseline: `${name}@replica`,
      candidate: `${name}__r__candidate`,
    });
    await json('simulate', '--release', 'r');
    const compared = await json<Compared>('compare', '--release', 'r');
    expect(compared).toMatchObject({ verdict: 'identical', objects: [] });
    expect(compared.tables.map(({ table, status }) => [table, status])).toEqual([
      ['marts.revenue', 'identical'],
      ['marts.top', 'identical'],
      ['staging.orders', 'identical'],
    ]);
    expect(await json('swap', '--release', 'r', '--rehearse')).toMatchObject({ rehearsed: true });
    await json('swap', '--release', 'r');
    await json('rollback');
    const retired = await json('retire', '--release', 'r');
    expect(retired).toMatchObject({
      left: [{ role: 'baseline', location: `${name}@replica` }],
    });
    expect(await project?.databases()).toEqual([name, `${name}_ledger`]);
    expect(await writtenOn(other)).toEqual(before);
  }, 120_000);

  test('shows what the new logic makes otherwise', async () => {
    const { json, run, write, sql, live: name } = await begin();
    await write(
      'logic/01_revenue.sql',
      sameLogic.replace('sum(amount)', `sum(amount) + (customer = 'customer 3')::integer`),
    );
    await json('clone', '--release', 'r');
    await json('simulate', '--release', 'r');
    const compared = await json<Compared>('compare', '--release', 'r');
    expect(compared.verdict).toBe('unexplained');
    expect(compared.tables.find(({ table }) => table === 'marts.revenue')).toMatchObject({
      status: 'changed',
      changed: 1,
      proof: 'exact',
    });
    expect(
      await sql(
        `select kind, row_key, columns from greenlight.row_deviation where table_name = 'marts.revenue'`,
        `${name}_ledger`,
      ),
    ).toEqual([{ kind: 'changed', row_key: '{"customer":"customer 3"}', columns: '["amount"]' }]);
    await sql('update staging.orders set amount = amount where id = 1');
    const { exitCode, stdout } = await run('swap', '--release', 'r', '--json');
    expect(stdout).toContain('live was written to, and could not be compared with the baseline');
    expect(exitCode).toBe(3);
  }, 120_000);

  test('is refused when it is not what live is, by all that differs', async () => {
    const { run, databases, live: name } = await begin();
    await other.sql(
      name,
      `update marts.revenue set amount = amount + 1 where customer = 'customer 2';
       delete from staging.orders where id = 7;
       create table staging.more (id integer);
       create index on staging.orders (customer)`,
    );
    const { exitCode, stderr } = await run('clone', '--release', 'r');
    expect(stderr).toContain('The given baseline is no image of live');
    expect(stderr).toMatch(/marts\.revenue: .*1 changed/);
    expect(stderr).toMatch(/staging\.orders: 1 row added/);
    expect(stderr).toMatch(/staging\.more: removed/);
    expect(stderr).toMatch(/index .*customer.*: removed/);
    expect(exitCode).toBe(3);
    expect(await databases()).toEqual([name, `${name}_ledger`]);
  }, 60_000);

  test('is refused once it was written to', async () => {
    const { json, run, live: name } = await begin();
    await json('clone', '--release', 'r');
    await json('simulate', '--release', 'r');
    await other.sql(name, `update marts.revenue set amount = amount`);
    const { exitCode, stderr } = await run('compare', '--release', 'r');
    expect(stderr).toContain('The given baseline is not as it was at the clone');
    expect(exitCode).toBe(1);
  }, 60_000);

  test('is copied by way of live, as long as nobody has written to it', async () => {
    const { json, run, sql, write } = await begin({
      simulate: 'run: [logic/*.sql], control: { folder: old }',
    });
    const config = 'version: 1\nengine: postgres\nlive: x\nsimulate: { run: [logic/*.sql] }\n';
    await write('old/greenlight.yml', config);
    await write('old/logic/01_revenue.sql', sameLogic);
    await json('clone', '--release', 'r');
    await json('simulate', '--release', 'r');
    // Made anew.
    await json('simulate', '--release', 'r');
    expect(await json('compare', '--release', 'r')).toMatchObject({
      verdict: 'identical',
      noise: { tables: [], objects: [] },
    });
    await sql('update staging.orders set amount = amount where id = 1');
    const { exitCode, stderr } = await run('simulate', '--release', 'r');
    expect(stderr).toContain('of a given baseline no copy is made');
    expect(exitCode).toBe(1);
    const again = await run('compare', '--release', 'r');
    expect(again.exitCode).not.toBe(0);
  }, 120_000);

  test('takes no replay', async () => {
    const { run } = await begin({ swap: 'replay' });
    const { exitCode, stderr } = await run('clone', '--release', 'r');
    expect(stderr).toContain('greenlight.yml: swap.drift');
    expect(exitCode).toBe(2);
  });
});

describe('a standby whose replay is paused', () => {
  let standby: PostgresServer;
  afterEach(() => standby?.stop());

  test('is the baseline, whatever its sequences say', async () => {
    const { json, run, sql, folder, write } = await begin({ on: server });
    standby = await startStandby(server);
    const config = await readFile(join(folder, 'greenlight.yml'), 'utf8');
    await write('greenlight.yml', config.replace(/port: \d+/, `port: ${standby.port}`));
    await pauseStandby(server, standby);
    await json('clone', '--release', 'r');
    await json('simulate', '--release', 'r');
    expect(await json('compare', '--release', 'r')).toMatchObject({
      verdict: 'identical',
      objects: [],
    });
    await json('swap', '--release', 'r');
    await json('rollback');
    // Live goes on, and the standby does not.
    await sql('update staging.orders set amount = amount + 1 where id = 1');
    const stale = await run('clone', '--release', 's');
    expect(stale.stderr).toContain('staging.orders: 0 rows added, 0 removed, at least 1 changed');
    expect(stale.exitCode).toBe(3);
  }, 120_000);
});
