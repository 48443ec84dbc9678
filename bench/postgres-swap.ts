// How long clients wait while live is swapped and put back, and what they see of it, with and without PgBouncer:
// node scripts/run.mjs bench/postgres-swap.ts [clients]
//
// Each client commits one small transaction after the other. The longest one of them is the longest wait.

import { setTimeout as sleep } from 'node:timers/promises';
import { patiently } from '../src/patiently.ts';
import { openShop, versions } from '../test/engines/postgres/shop.ts';
import { startLoad } from '../test/support/load.ts';
import { findPgBouncer, startPgBouncer } from '../test/support/pgbouncer.ts';
import { type PostgresVersion, startPostgres } from '../test/support/postgres-server.ts';

const count = Number(process.argv[2] ?? 16);
const rows = 200_000;
const tables = `create table orders (id integer primary key, client integer);
  insert into orders select -n, 0 from generate_series(1, ${rows}) n`;

const program = await findPgBouncer();
console.log(`${count} clients, ${rows.toLocaleString('en')} rows in live and in the candidate`);
for (const version of versions) {
  if (program !== null) await measure(version, program);
  await measure(version, null);
}
process.exit(0);

async function measure(
  version: PostgresVersion,
  behind: { readonly program: string; readonly libraries: string } | null,
): Promise<void> {
  const server = await startPostgres(version);
  const shop = await openShop(server, tables);
  await shop.engine.databases.clone(shop.live, shop.candidate, { method: 'template' });
  const bouncer = behind === null ? null : await startPgBouncer(behind, server, shop.live);
  const engine =
    bouncer === null
      ? shop.engine
      : await shop.engineWith({ pgbouncer: `127.0.0.1:${bouncer.port}` });
  const config = { ...server.connection, database: shop.live, port: bouncer?.port ?? server.port };
  const load = startLoad(config, 'orders', count);
  console.log(
    `PostgreSQL ${version}, ${bouncer === null ? 'without PgBouncer' : 'behind PgBouncer'}`,
  );
  const exchange = async (what: string, incoming: string, kept: string) => {
    await load.more(1000);
    await sleep(500);
    const usual = load.longest();
    const fence = await patiently(30_000, () => engine.swap.fence(shop.live));
    const fenced = performance.now();
    await engine.databases.identify(shop.live);
    const started = performance.now();
    await engine.swap.exchange(shop.live, incoming, kept);
    const exchanged = performance.now();
    await fence.release();
    await load.more(1000);
    const errors = load.clients.map((client) => client.errors.splice(0).length);
    const recovered = Math.max(...load.clients.map(({ recoveredMs }) => recoveredMs));
    for (const client of load.clients) client.recoveredMs = 0;
    console.log(
      [
        `  ${what}: exchange ${ms(exchanged - started)}, look behind the fence ${ms(started - fenced)}`,
        `longest transaction ${ms(load.longest())} (before: ${ms(usual)})`,
        `errors ${errors.reduce((all, one) => all + one, 0)} (at most ${Math.max(...errors)} a client)`,
        ...(recovered === 0 ? [] : [`all clients back within ${ms(recovered)}`]),
      ].join(', '),
    );
  };
  await exchange('swap', shop.candidate, shop.previous);
  await exchange('rollback', shop.previous, engine.places.rolledBack('r'));
  await load.stop();
  await bouncer?.stop();
  await shop.dispose();
  await server.stop();
}

function ms(time: number): string {
  return `${Math.round(time)} ms`;
}
