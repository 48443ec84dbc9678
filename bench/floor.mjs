// The floor of a comparison: one plain hash scan of the table `t` of both databases.
// Usage: node bench/floor.mjs <old database> <new database>
import { DuckDBInstance } from '@duckdb/node-api';

const [before, after] = process.argv.slice(2);
const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
await connection.run(`attach '${before}' as o (read_only); attach '${after}' as n (read_only)`);
const columns =
  'id, customer, store, day, moment, amount, quantity, latitude, longitude, name, city, code, active, optional, random, note';
const scan = `select sum(hash(${columns})) from`;
await connection.runAndReadAll(`select (${scan} o.t), (${scan} n.t)`);
