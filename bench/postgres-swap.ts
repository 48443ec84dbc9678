// How long clients wait while live is swapped and put back, and what they see of it, with and without PgBouncer:
// node scripts/run.mjs bench/postgres-swap.ts [clients]
//
// Each client commits one small transaction after the other. The longest one of them is the longest wait. Behind PgBouncer
// pgbench does the same; without, its clients would end at the error that they meet, and never come back. Last, a whole
// release goes live and back by its commands, made from the source as it is, under pgbench at rest for 10 ms after each
// transaction, and replays what was written meanwhile.

import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Engine } from '../src/engines/engine.ts';
import { patiently } from '../src/patiently.ts';
import { openShop, type Shop, versions } from '../test/engines/postgres/shop.ts';
import { type ClientSeen, startLoad } from '../test/support/load.ts';
import { findPgbench, type Program, startPgbench } from '../test/support/pgbench.ts';
import { findPgBouncer, startPgBouncer } from '../test/support/pgbouncer.ts';
import {
  type PostgresServer,
  type PostgresVersion,
  startPostgres,
} from '../test/support/postgres-server.ts';
import { releaseUnderLoad } from '../test/support/under-load.ts';

const count = Number(process.argv[2] ?? 16);
const rows = 200_000;
const tables = `create table orders (id integer primary key, client integer);
  insert into orders select -n, 0 from generate_series(1, ${rows}) n`;

const bouncing = await findPgBouncer();
const pgbench = await findPgbench();
await makeCommandLine();
console.log(`${count} clients, ${rows.toLocaleString('en')} rows in live and in the candidate`);
for (const version of versions) {
  if (bouncing !== null) await measure(version, bouncing, byOwnClients);
  if (bouncing !== null && pgbench !== null)
    await measure(version, bouncing, (bed) => byPgbench(bed, pgbench));
  await measure(version, null, byOwnClients);
  if (bouncing !== null && pgbench !== null)
    await byCommands(version, { pgbouncer: bouncing, pgbench });
}
process.exit(0);

/** From the source, where the tests look for it. */
async function makeCommandLine(): Promise<void> {
  const setup = await import(pathToFileURL(resolve('scripts', 'jest.setup.mjs')).href);
  await setup.default();
}

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
    const errors = load.clients.reduce((all, client) => all + client.errors.length, 0);
    console.log(
      `  ${what}: ${told}, longest transaction ${ms(load.longest())} (before: ${ms(usual)}), errors ${errors}`,
    );
    for (const [at, client] of load.clients.entries()) {
      if (client.errors.length > 0) console.log(`    client ${at + 1}: ${describe(client)}`);
      client.errors.length = 0;
      client.recoveredMs = 0;
    }
  }
  await load.stop();
}

function describe({ errors, recoveredMs, isOut }: ClientSeen): string {
  return `${errors.join(', ')}; ${isOut ? 'NOT BACK' : `back after ${ms(recoveredMs)}`}`;
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

async function byCommands(
  version: PostgresVersion,
  programs: Parameters<typeof releaseUnderLoad>[1],
): Promise<void> {
  const released = await releaseUnderLoad(version, programs, { clients: count, thinkMs: 10 });
  const { swap, rollback, load, afterwards } = released;
  const all = load.acknowledged(Number.POSITIVE_INFINITY);
  const lost = all.filter((id) => !afterwards.has(id)).length;
  console.log(`PostgreSQL ${version}, behind PgBouncer, by the commands`);
  console.log(
    `  pgbench: ${load.transactions.toLocaleString('en')} transactions, ${load.failed} failed, ${lost} lost${load.exitCode === 0 ? '' : `, clients ended early: ${load.complaint}`}`,
  );
  for (const [what, { run, began, ended }, until] of [
    ['swap', swap, rollback.began],
    ['rollback --replay', rollback, Number.POSITIVE_INFINITY],
  ] as const) {
    const waits = /waited for (.+) while the release caught up/.exec(run.stderr)?.[1];
    const caughtUp = waits === undefined ? '' : `, ${waits} of it while the release caught up`;
    console.log(
      `  ${what}: ${run.exitCode === 0 ? `took ${ms(ended - began)}` : `FAILED: ${run.stderr}`}, longest transaction ${ms(load.longest(began, until))}${caughtUp}`,
    );
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
