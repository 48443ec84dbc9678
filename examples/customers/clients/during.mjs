// Runs a command while an old and a new client are at work, and looks afterwards whether all that they saved is there.
//
//   node clients/during.mjs greenlight swap --release names

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect } from '../connect.mjs';

const [command, ...args] = process.argv.slice(2);
const clients = [await start('old'), await start('new')];
const exitCode = await run();
await sleep(1000);
for (const client of clients) await report(client);
process.exitCode = exitCode;

async function start(kind) {
  const program = fileURLToPath(new URL('client.mjs', import.meta.url));
  const child = spawn(process.execPath, [program, kind], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next(); // at work
  return { kind, child, lines };
}

function run() {
  return new Promise((done) => {
    spawn(command, args, { stdio: 'inherit' }).once('close', done);
  });
}

async function report({ kind, child, lines }) {
  child.stdin.end();
  const { first, saved, with_both_names, longest_wait_ms } = JSON.parse((await lines.next()).value);
  const database = await connect('customers');
  const { rows } = await database.query(
    'select count(*)::integer as there from crm.customer_list where customer_id between $1 and $2',
    [first, first + saved - 1],
  );
  await database.end();
  const verdict =
    rows[0].there === saved ? 'all of them are there' : `${rows[0].there} of them are there`;
  console.log(`${kind} client: ${verdict}`);
  console.log(
    `  ${saved} customers saved, ${with_both_names} with both names, the longest took ${longest_wait_ms} ms`,
  );
}
