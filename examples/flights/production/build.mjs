// Builds the warehouse as production has it today: the SQL of this folder, then the old logic.
// Usage: node production/build.mjs <flights-3m.parquet> [warehouse.duckdb]
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';

const [parquet, target = 'warehouse.duckdb'] = process.argv.slice(2);
if (!parquet || !existsSync(parquet)) {
  console.error('Usage: node production/build.mjs <flights-3m.parquet> [warehouse.duckdb]');
  process.exit(2);
}
if (existsSync(target)) {
  console.error(
    `${target} exists already. Move it away first: this script never overwrites a warehouse.`,
  );
  process.exit(2);
}

const here = dirname(fileURLToPath(import.meta.url));
const sqlFiles = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => join(folder, name));

const instance = await DuckDBInstance.create(target);
const connection = await instance.connect();
await connection.run('set variable flights_parquet = $1', [parquet]);
for (const file of [...sqlFiles(here), ...sqlFiles(join(here, 'logic'))]) {
  console.error(file);
  await connection.run(readFileSync(file, 'utf8'));
}
await connection.run('checkpoint');
connection.closeSync();
instance.closeSync();
