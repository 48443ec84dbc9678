// A process that has a database open, in one of the ways in which others have live open. Says what it does on
// standard output, a line each, and ends when its standard input ends.
//
//   node holder.mjs write <file> [<sql>]  holds it for writing, and runs this just before it ends
//   node holder.mjs read <file> <sql>     holds it open and asks the same query over and over
//   node holder.mjs reopen <file> <sql>   opens it anew for each query

import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const { DuckDBInstance } = createRequire(import.meta.url)('@duckdb/node-api');
const [way, file, sql] = process.argv.slice(2);
let isOver = false;
process.stdin.resume();
process.stdin.once('end', () => {
  isOver = true;
});
const say = (text) => process.stdout.write(`${text}\n`);

const open = async (access_mode) => {
  const instance = await DuckDBInstance.create(file, { access_mode, threads: '1' });
  const connection = await instance.connect();
  return {
    ask: async () => JSON.stringify((await connection.runAndReadAll(sql)).getRowsJson()),
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
};

const tell = async (work) =>
  say(await work().catch((error) => `error ${error.message.split('\n')[0]}`));

if (way === 'write') {
  const database = await open('READ_WRITE');
  say('ready');
  while (!isOver) await sleep(20);
  if (sql) await database.ask();
  database.close();
} else if (way === 'read') {
  const database = await open('READ_ONLY');
  while (!isOver) {
    await tell(database.ask);
    await sleep(10);
  }
  database.close();
} else {
  while (!isOver) {
    await tell(async () => {
      const database = await open('READ_ONLY');
      try {
        return await database.ask();
      } finally {
        database.close();
      }
    });
    await sleep(10);
  }
}
process.exit(0);
