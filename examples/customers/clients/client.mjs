// Saves customers until its input ends, a new one and a known one by turns, and tells how it went.
//
//   node clients/client.mjs old      knows only `name`, as clients do that were installed long ago
//   node clients/client.mjs new      knows the first and the last name, once the database does
//
// The known ones are the same for both: the old client saves again, with its old fields only, whom the new one has given both
// parts of his name. At its end each saves all of them once more.
//
// A client that loses its connection connects again and saves the same customer again.

import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../connect.mjs';
import { known } from './known.mjs';

const [kind] = process.argv.slice(2);
const from = kind === 'old' ? 1_000_000 : 2_000_000;

let isOver = false;
process.stdin.on('end', () => {
  isOver = true;
});
process.stdin.resume();

let client = await connect('customers');
const first = await nextId();
const told = { saved: 0, with_both_names: 0, reconnects: 0, longest_wait_ms: 0 };

while (!isOver) {
  const started = performance.now();
  const both = await save(first + told.saved, kind === 'old' ? saveOld : saveNew);
  await saveKnown(known[told.saved % known.length]);
  told.longest_wait_ms = Math.max(told.longest_wait_ms, Math.round(performance.now() - started));
  told.saved += 1;
  if (both) told.with_both_names += 1;
  if (told.saved === 1) console.log('at work');
  await sleep(5);
}
for (const id of known) await saveKnown(id);
await client?.end();
console.log(JSON.stringify({ first, ...told }));

/** Above those of earlier runs. */
async function nextId() {
  const { rows } = await client.query(
    'select coalesce(max(customer_id), $1) + 1 as id from crm.customer_list where customer_id between $1 and $1 + 999999',
    [from],
  );
  return rows[0].id;
}

/** Tries until it is told that the customer is saved; true: with both parts of the name. */
async function save(id, how) {
  for (;;) {
    try {
      client ??= await connect('customers');
      return await how(id);
    } catch (error) {
      // What the database refuses is a mistake of the client's; anything else is the connection.
      if (/^(22|23|42)/.test(error.code ?? '')) throw error;
      told.reconnects += 1;
      client = null;
      await sleep(20);
    }
  }
}

async function saveOld(id) {
  await client.query('select crm.save_customer($1, $2, $3)', [id, `Old Client ${id}`, 'Berne']);
  return false;
}

function saveKnown(id) {
  return save(id, kind === 'old' ? moveKnown : nameKnown);
}

/** All that the old client knows of. */
async function moveKnown(id) {
  await client.query('select crm.save_customer($1, $2, $3)', [id, `Customer ${id}`, 'Berne']);
}

/** What the new client alone knows of, and nothing else. */
async function nameKnown(id) {
  if (!(await knowsBothNames())) return;
  await client.query('select crm.save_customer($1, p_first_name => $2, p_last_name => $3)', [
    id,
    'Customer',
    String(id),
  ]);
}

async function knowsBothNames() {
  const { rows } = await client.query(
    "select from information_schema.columns where table_schema = 'crm' and table_name = 'customer_list' and column_name = 'first_name'",
  );
  return rows.length > 0;
}

async function saveNew(id) {
  if (!(await knowsBothNames())) return saveOld(id);
  await client.query(
    'select crm.save_customer($1, p_first_name => $2, p_last_name => $3, p_name => $4, p_city => $5)',
    [id, 'New', `Client ${id}`, `New Client ${id}`, 'Lyon'],
  );
  return true;
}
