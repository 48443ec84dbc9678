import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { until, versions } from '../engines/postgres/shop.ts';
import { findPgbench, startPgbench } from '../support/pgbench.ts';
import { type Bouncer, findPgBouncer, startPgBouncer } from '../support/pgbouncer.ts';
import { makePostgresProject, type PostgresProject } from '../support/postgres-project.ts';
import { clientsFor, type PostgresServer, startPostgres } from '../support/postgres-server.ts';

// A release goes live and back by its commands while pgbench writes through PgBouncer all the time: what the clients write
// since the clone is brought over, and behind PgBouncer they wait for that, fail never, and lose nothing.

jest.setTimeout(400_000);

const bouncing = await findPgBouncer();
const pgbench = await findPgbench();
const found = bouncing === null || pgbench === null ? [] : versions;
if (found.length === 0)
  test.skip('PgBouncer or pgbench cannot be had on this machine', () => undefined);

const live = `create table orders (id integer primary key, client integer);
insert into orders values (-1, -1);
create table tally (client integer primary key, orders bigint not null)`;

const files = {
  'migrations/V001__note.sql': 'alter table orders add column note text;\n',
  // Stale with each order that comes: it has to run again on what is brought over.
  'logic/tally.sql': `delete from tally;
insert into tally select client, count(*) from orders group by client;
`,
  'checks/tally.sql':
    'select (select count(*) from orders) = (select coalesce(sum(orders), 0) from tally) as all_counted;\n',
  'greenlight.expected.yml': `version: 1
tables:
  public.orders:
    columns: { note: added }
  public.tally:
    rows:
      added: { where: "new.orders > 0" }
`,
};

let server: PostgresServer | undefined;
let project: PostgresProject | undefined;
let bouncer: Bouncer | undefined;
afterEach(async () => {
  await bouncer?.stop();
  await project?.dispose();
  await server?.stop();
});

/** More than any machine should need: nobody waits for long unless something stands still. */
const longestWaitMs = 60_000;

describe.each(found)('on PostgreSQL %s', (version) => {
  test('no transaction of pgbench fails while a release goes live and back by its commands, and none is lost', async () => {
    if (bouncing === null || pgbench === null) throw new Error('no PgBouncer or pgbench');
    server = await startPostgres(version);
    project = await makePostgresProject(server, { live, files });
    const { live: name, sql, run, json } = project;
    bouncer = await startPgBouncer(bouncing, server, name);
    await project.write(
      'greenlight.yml',
      `version: 1
engine: postgres
live: ${name}
ledger: ${name}_ledger
connection: { pgbouncer: '127.0.0.1:${bouncer.port}' }
migrate: { scripts: migrations/ }
simulate: { run: [logic/*.sql] }
compare: { input: [public.orders] }
swap: { drift: replay, verify: [checks/*.sql], timeout: 60s }
`,
    );
    const { host, user, password } = server;
    const behind = { host, port: bouncer.port, user, password, database: name };
    const load = () => startPgbench(pgbench, behind, 8, { atMostSeconds: 300, thinkMs: 10 });
    const ids = async () => (await sql('select id from orders')).map(({ id }) => Number(id));
    // Without a pg_dump that fits, nobody may be on live for the moment of the clone.
    const early = clientsFor(version) === null ? null : await load();
    if (early !== null) await until(async () => early.isOver() || (await ids()).length > 100);
    await json('clone', '-r', 'pr-1');
    const bench = early ?? (await load());
    const goesOn = async () => {
      const enough = (await ids()).length + 200;
      await until(async () => bench.isOver() || (await ids()).length >= enough);
    };
    for (const step of ['migrate', 'simulate', 'compare']) await json(step, '-r', 'pr-1');
    await goesOn();

    const began = Date.now();
    const swap = await run('swap', '-r', 'pr-1', '--json');
    if (swap.exitCode !== 0) throw new Error(swap.stderr);
    const swapped = Date.now();
    const afterSwap = new Set(await ids());
    expect(JSON.parse(swap.stdout)).toMatchObject({
      verified: 1,
      caught_up: { policy: 'replay' },
    });
    expect(swap.stderr).toContain('from now on writers wait until the swap is over');
    expect(await sql('select from orders where note is not null')).toEqual([]);
    await goesOn();

    const rollingBack = Date.now();
    const rollback = await run('rollback', '-r', 'pr-1', '--replay', '--json');
    if (rollback.exitCode !== 0) throw new Error(rollback.stderr);
    expect(JSON.parse(rollback.stdout)).toMatchObject({ replayed: ['public.orders'] });
    await expect(sql('select note from orders')).rejects.toThrow(/note/);
    await goesOn();

    const result = await bench.finish();
    expect(result).toMatchObject({ complaint: '', exitCode: 0, failed: 0 });
    const all = result.acknowledged(Number.POSITIVE_INFINITY);
    expect(all).toHaveLength(result.transactions);
    expect(result.acknowledged(swapped).filter((id) => !afterSwap.has(id))).toEqual([]);
    expect((await ids()).sort((a, b) => a - b)).toEqual([-1, ...all].sort((a, b) => a - b));

    const told = [`PostgreSQL ${version}: none of ${result.transactions} transactions failed`];
    for (const [what, from, to] of [
      ['swap', began, rollingBack],
      ['rollback', rollingBack, Date.now()],
    ] as const) {
      const wait = Math.round(result.longest(from, to));
      expect(wait).toBeGreaterThan(50);
      expect(wait).toBeLessThan(longestWaitMs);
      told.push(`the longest wait for the ${what} was ${wait} ms`);
    }
    process.stderr.write(`${told.join(', ')}\n`);
  });
});
