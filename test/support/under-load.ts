import { setTimeout as sleep } from 'node:timers/promises';
import { type PgbenchResult, type Program, startPgbench } from './pgbench.ts';
import { startPgBouncer } from './pgbouncer.ts';
import { makePostgresProject } from './postgres-project.ts';
import {
  clientsFor,
  type PostgresServer,
  type PostgresVersion,
  startPostgres,
} from './postgres-server.ts';
import type { Run } from './project.ts';

/** What became of a release that went live and back by its commands, while pgbench wrote through PgBouncer all the time. */
export interface UnderLoad {
  readonly swap: Step;
  readonly rollback: Step;
  /** Of the clients, from before the swap until after the rollback. */
  readonly load: PgbenchResult;
  /** Ids of `orders` that were in live before anybody wrote. */
  readonly before: readonly number[];
  /** Ids of `orders` in live when all clients had ended. */
  readonly afterwards: ReadonlySet<number>;
}

export interface Step {
  readonly run: Run;
  /** Of Date.now. */
  readonly began: number;
  readonly ended: number;
  /** Live has the column that the release adds. */
  readonly hasNote: boolean;
  /** Ids of `orders` in live right after it. */
  readonly ids: ReadonlySet<number>;
}

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
    'select (select count(*) from orders) = (select sum(orders) from tally) as all_counted;\n',
  'greenlight.expected.yml': `version: 1
tables:
  public.orders:
    columns: { note: added }
  public.tally:
    rows:
      added: { where: "new.orders > 0" }
`,
};

export async function releaseUnderLoad(
  version: PostgresVersion,
  programs: { readonly pgbouncer: Program; readonly pgbench: Program },
  { clients, thinkMs = 0 }: { readonly clients: number; readonly thinkMs?: number },
): Promise<UnderLoad> {
  const server = await startPostgres(version);
  const project = await makePostgresProject(server, { live, files });
  const { live: name, sql, run, json } = project;
  const bouncer = await startPgBouncer(programs.pgbouncer, server, name);
  try {
    await project.write('greenlight.yml', configFor(name, bouncer.port));
    const ids = async () =>
      new Set((await sql('select id from orders')).map(({ id }) => Number(id)));
    const before = [...(await ids())];
    const start = () =>
      startPgbench(programs.pgbench, behind(server, bouncer.port, name), clients, {
        atMostSeconds: 300,
        thinkMs,
      });
    // Without a pg_dump that fits, nobody may be on live for the moment of the clone.
    const early = clientsFor(version) === null ? null : await start();
    await json('clone', '-r', 'pr-1');
    const load = early ?? (await start());
    const goesOn = async () => {
      const enough = (await ids()).size + 200;
      while (!load.isOver() && (await ids()).size < enough) await sleep(20);
    };
    const step = async (...command: string[]): Promise<Step> => {
      await goesOn();
      const began = Date.now();
      const ran = await run(...command, '-r', 'pr-1', '--json');
      const ended = Date.now();
      const columns = await sql(
        "select from pg_attribute where attrelid = 'orders'::regclass and attname = 'note'",
      );
      return { run: ran, began, ended, hasNote: columns.length > 0, ids: await ids() };
    };
    for (const one of ['migrate', 'simulate', 'compare']) await json(one, '-r', 'pr-1');
    const swap = await step('swap');
    const rollback = await step('rollback', '--replay');
    await goesOn();
    const finished = await load.finish();
    return { swap, rollback, load: finished, before, afterwards: await ids() };
  } finally {
    await bouncer.stop();
    await project.dispose();
    await server.stop();
  }
}

function configFor(live: string, port: number): string {
  return `version: 1
engine: postgres
live: ${live}
ledger: ${live}_ledger
connection: { pgbouncer: '127.0.0.1:${port}' }
migrate: { scripts: migrations/ }
simulate: { run: [logic/*.sql] }
compare: { input: [public.orders] }
swap: { drift: replay, verify: [checks/*.sql], timeout: 60s }
`;
}

function behind({ host, user, password }: PostgresServer, port: number, database: string) {
  return { host, port, user, password, database };
}
