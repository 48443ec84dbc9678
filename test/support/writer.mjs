// A process that writes rows into a database as production does: it opens the file, inserts one row, closes it, and
// tries again when somebody else has it open. Says the id of each row once it is committed, a line each.
//
//   node writer.mjs <file> <table> <first id>            goes on until its standard input ends
//   node writer.mjs <file> <table> <first id> <how many>
//   node writer.mjs <file> <table> <first id> --once     one row, and one try

import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const { DuckDBInstance } = createRequire(import.meta.url)('@duckdb/node-api');
const [file, table, first, many] = process.argv.slice(2);
const once = many === '--once';
const end = Number(first) + (once ? 1 : Number(many ?? Number.POSITIVE_INFINITY));
let isOver = false;
if (many === undefined) {
  process.stdin.resume();
  process.stdin.once('end', () => {
    isOver = true;
  });
}

async function insert(id) {
  const instance = await DuckDBInstance.create(file, { threads: '1' });
  const connection = await instance.connect();
  try {
    await connection.run(`INSERT INTO ${table} VALUES (${id}, 'late')`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

for (let id = Number(first); !isOver && id < end; ) {
  try {
    await insert(id);
    process.stdout.write(`${id}\n`);
    id++;
  } catch (error) {
    if (!/lock/i.test(error.message)) throw error;
    if (once) {
      process.stdout.write('locked out\n');
      break;
    }
  }
  await sleep(5);
}
process.exit(0);
