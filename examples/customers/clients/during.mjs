// Runs a command while an old and a new client are at work, and looks afterwards whether all that they saved is there. The old
// client ends last: what it saves then must not take away what only the new one knows.
//
//   node clients/during.mjs greenlight swap --release names

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect } from '../connect.mjs';
import { known } from './known.mjs';

const [command, ...args] = process.argv.slice(2);
const clients = [await start('old'), await start('new')];
const exitCode = await run();
await sleep(1000);
for (const client of clients.reverse()) await report(client);
await reportKnown();
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

async function reportKnown() {
  const database = await connect('customers');
  const { rows } = await database.query(
    'select to_jsonb(c) as customer from crm.customer_list c where customer_id = any ($1)',
    [known],
  );
  await database.end();
  const customers = rows.map(({ customer }) => customer);
  const moved = customers.filter(
    ({ customer_id: id, name, city }) => name === `Customer ${id}` && city === 'Berne',
  ).length;
  console.log(`known customers: ${moved} of ${known.length} are as the old client saved them last`);
  if (!customers.every((customer) => 'first_name' in customer)) return;
  const named = customers.filter(
    ({ customer_id: id, first_name, last_name }) =>
      first_name === 'Customer' && last_name === String(id),
  ).length;
  console.log(
    `known customers: ${named} of ${known.length} have kept the names that the new client gave them`,
  );
}
