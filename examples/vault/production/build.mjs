// Builds the warehouse as production has it today, from the SQL of this folder. The data are the same each time.
// Usage: node production/build.mjs [warehouse.duckdb]
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';

const [target = 'warehouse.duckdb'] = process.argv.slice(2);
if (existsSync(target)) {
  console.error(
    `${target} exists already. Move it away first: this script never overwrites a warehouse.`,
  );
  process.exit(2);
}

const here = dirname(fileURLToPath(import.meta.url));
const instance = await DuckDBInstance.create(target);
const connection = await instance.connect();
for (const name of readdirSync(here)
  .filter((name) => name.endsWith('.sql'))
  .sort()) {
  console.error(name);
  await connection.run(readFileSync(join(here, name), 'utf8'));
}
await connection.run('checkpoint');
connection.closeSync();
instance.closeSync();
