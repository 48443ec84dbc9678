// How long it takes to tell, behind the fence, that live was not written to: by row versions, and by logical decoding.
// node scripts/run.mjs bench/postgres-drift.ts [million rows]

import { openShop, versions } from '../test/engines/postgres/shop.ts';
import { type PostgresVersion, startPostgres } from '../test/support/postgres-server.ts';

const millions = Number(process.argv[2] ?? 5);
const tables = `create table orders as
    select i as id, md5(i::text) as item, i * 1.25 as amount from generate_series(1, ${millions * 1_000_000}) as i;
  create table lines as select i as id, i % 7 as kind from generate_series(1, 100000) as i`;

for (const version of versions) await measure(version);
process.exit(0);

async function measure(version: PostgresVersion): Promise<void> {
  const server = await startPostgres(version, { shared_buffers: '1GB' });
  const shop = await openShop(server, tables);
  await shop.sql(shop.live, 'vacuum analyze');
  const { databases, swap } = shop.engine;
  const timed = async (work: () => Promise<unknown>) => {
    const started = performance.now();
    await work();
    return Math.round(performance.now() - started);
  };
  const lookBehindFence = async () => {
    const fence = await swap.fence(shop.live);
    const took = await timed(() => databases.identify(shop.live));
    await fence.release();
    return took;
  };
  await databases.identify(shop.live);
  const read = [await lookBehindFence(), await lookBehindFence(), await lookBehindFence()];
  const watch = await databases.watch(shop.live);
  const first = await timed(() => databases.identify(shop.live));
  const told = [await lookBehindFence(), await lookBehindFence(), await lookBehindFence()];
  await shop.sql(
    'postgres',
    'create table beside as select md5(i::text) from generate_series(1, 2000000) i',
  );
  const after = await lookBehindFence();
  if (watch.told().by !== 'logical decoding') throw new Error('It was not told by decoding');
  console.log(
    `PostgreSQL ${version}, ${millions} million rows: by row versions ${read.join(', ')} ms; first look of a watch ${first} ms; ` +
      `by logical decoding ${told.join(', ')} ms; after 2 million rows in another database ${after} ms`,
  );
  await watch.end();
  await shop.dispose();
  await server.stop();
}
