// Another way to compare: one full outer join by key over all columns, exact.
// Usage: node bench/full-join.mjs <old database> <new database>
import { DuckDBInstance } from '@duckdb/node-api';

const [before, after] = process.argv.slice(2);
const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
await connection.run(`attach '${before}' as o (read_only); attach '${after}' as n (read_only)`);
const columns =
  'customer, store, day, moment, amount, quantity, latitude, longitude, name, city, code, active, optional, random, note'.split(
    ', ',
  );
const counts = columns.map(
  (name) =>
    `count(*) filter (a.id is not null and b.id is not null and a.${name} is distinct from b.${name})`,
);
await connection.runAndReadAll(
  `select count(*) filter (a.id is null), count(*) filter (b.id is null), ${counts.join(', ')}
   from o.t as a full join n.t as b on a.id = b.id`,
);
