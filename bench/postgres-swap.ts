// How long clients wait while live is swapped and put back, and what they see of it, with and without PgBouncer:
// node scripts/run.mjs bench/postgres-swap.ts [clients]
//
// Each client commits one small transaction after the other. The longest one of them is the longest wait. Behind PgBouncer
// pgbench does the same; without, its clients would end at the error that they meet, and never come back.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../src/engines/engine.ts';
import { patiently } from '../src/patiently.ts';
import { openShop, type Shop, versions } from '../test/engines/postgres/shop.ts';
import { startLoad } from '../test/support/load.ts';
import { findPgbench, type Program, startPgbench } from '../test/support/pgbench.ts';
import { findPgBouncer, startPgBouncer } from '../test/support/pgbouncer.ts';
import {
  type PostgresServer,
  type PostgresVersion,
  startPostgres,
} from '../test/support/postgres-server.ts';

const count = Number(process.argv[2] ?? 16);
const rows = 200_000;
const tables = `create table orders (id integer primary key, client integer);
  insert into orders select -n, 0 from generate_series(1, ${rows}) n`;

const bouncing = await findPgBouncer();
const pgbench = await findPgbench();
console.log(`${count} clients, ${rows.toLocaleString('en')} rows in live and in the candidate`);
for (const version of versions) {
  if (bouncing !== null) await measure(version, bouncing, byOwnClients);
  if (bouncing !== null && pgbench !== null)
    await measure(version, bouncing, (bed) => byPgbench(bed, pgbench));
  await measure(version, null, byOwnClients);
}
process.exit(0);

/** Live, a candidate, and where clients reach live. */
interface Bed {
  readonly server: PostgresServer;
  readonly shop: Shop;
  readonly engine: Engine;
  readonly port: number;
}

async function measure(
  version: PostgresVersion,
  behind: Program | null,
  load: (bed: Bed) => Promise<void>,
): Promise<void> {
  const server = await startPostgres(version);
  const shop = await openShop(server, tables);
  await shop.engine.databases.clone(shop.live, shop.candidate, { method: 'template' });
  const bouncer = behind === null ? null : await startPgBouncer(behind, server, shop.live);
  const engine =
    bouncer === null
      ? shop.engine
      : await shop.engineWith({ pgbouncer: `127.0.0.1:${bouncer.port}` });
  console.log(
    `PostgreSQL ${version}, ${bouncer === null ? 'without PgBouncer' : 'behind PgBouncer'}`,
  );
  await load({ server, shop, engine, port: bouncer?.port ?? server.port });
  await bouncer?.stop();
  await shop.dispose();
  await server.stop();
}

async function byOwnClients({ server, shop, engine, port }: Bed): Promise<void> {
  const load = startLoad({ ...server.connection, database: shop.live, port }, 'orders', count);
  for (const { what, incoming, kept } of waysOf(shop)) {
    await load.more(1000);
    await sleep(500);
    const usual = load.longest();
    const told = await exchange(engine, shop.live, incoming, kept);
    await load.more(1000);
    const errors = load.clients.map((client) => client.errors.splice(0).length);
    const recovered = Math.max(...load.clients.map(({ recoveredMs }) => recoveredMs));
    for (const client of load.clients) client.recoveredMs = 0;
    console.log(
      [
        `  ${what}: ${told}`,
        `longest transaction ${ms(load.longest())} (before: ${ms(usual)})`,
        `errors ${errors.reduce((all, one) => all + one, 0)} (at most ${Math.max(...errors)} a client)`,
        ...(recovered === 0 ? [] : [`all clients back within ${ms(recovered)}`]),
      ].join(', '),
    );
  }
  await load.stop();
}

async function byPgbench({ server, shop, engine, port }: Bed, program: Program): Promise<void> {
  const { host, user, password } = server;
  const to = { host, port, user, password, database: shop.live };
  const bench = await startPgbench(program, to, count);
  const seen: { readonly what: string; readonly told: string; readonly times: Times }[] = [];
  for (const { what, incoming, kept } of waysOf(shop)) {
    const before = Date.now();
    await sleep(1500);
    const began = Date.now();
    const told = await exchange(engine, shop.live, incoming, kept);
    await sleep(500);
    seen.push({ what, told, times: { before, began, ended: Date.now() } });
  }
  const { transactions, failed, exitCode, complaint, longest } = await bench.finish();
  console.log(
    `  pgbench: ${transactions.toLocaleString('en')} transactions, ${failed} failed, ${
      exitCode === 0 ? 'no client ended early' : `clients ended early: ${complaint}`
    }`,
  );
  for (const { what, told, times } of seen) {
    const [usual, waited] = [longest(times.before, times.began), longest(times.began, times.ended)];
    console.log(`  ${what}: ${told}, longest transaction ${ms(waited)} (before: ${ms(usual)})`);
  }
}

/** Of Date.now. */
interface Times {
  readonly before: number;
  readonly began: number;
  readonly ended: number;
}

function waysOf({ candidate, previous, engine }: Shop) {
  return [
    { what: 'swap', incoming: candidate, kept: previous },
    { what: 'rollback', incoming: previous, kept: engine.places.rolledBack('r') },
  ];
}

/** As a swap does it: behind the fence one look at live, then the exchange. Says how long both took. */
async function exchange(
  engine: Engine,
  live: string,
  incoming: string,
  kept: string,
): Promise<string> {
  const fence = await patiently(30_000, () => engine.swap.fence(live));
  const fenced = performance.now();
  await engine.databases.identify(live);
  const started = performance.now();
  await engine.swap.exchange(live, incoming, kept);
  const exchanged = performance.now();
  await fence.release();
  return `exchange ${ms(exchanged - started)}, look behind the fence ${ms(started - fenced)}`;
}

function ms(time: number): string {
  return `${Math.round(time)} ms`;
}
