// Runs one query on a database, read only, and prints its rows. Any DuckDB client does the same.
// Usage: node query.mjs <database> <file.sql>
import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

const [database, file] = process.argv.slice(2);
if (!file) {
  console.error('Usage: node query.mjs <database> <file.sql>');
  process.exit(2);
}
const instance = await DuckDBInstance.create(database, { access_mode: 'READ_ONLY' });
const connection = await instance.connect();
const reader = await connection.runAndReadAll(readFileSync(file, 'utf8'));
const rows = [reader.columnNames(), ...reader.getRows().map((row) => row.map(String))];
const widths = rows[0].map((_, at) => Math.max(...rows.map((row) => row[at].length)));
for (const row of rows)
  console.log(
    row
      .map((text, at) => text.padEnd(widths[at]))
      .join('  ')
      .trimEnd(),
  );
connection.closeSync();
instance.closeSync();
