// Another way to compare: EXCEPT, both ways.
// Usage: node bench/except.mjs <old database> <new database>
import { DuckDBInstance } from '@duckdb/node-api';

const [before, after] = process.argv.slice(2);
const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
await connection.run(`attach '${before}' as o (read_only); attach '${after}' as n (read_only)`);
await connection.runAndReadAll(
  'select (select count(*) from (from o.t except from n.t)), (select count(*) from (from n.t except from o.t))',
);
