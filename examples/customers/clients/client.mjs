// Saves new customers one after the other until its input ends, and tells how it went.
//
//   node clients/client.mjs old      knows only `name`, as clients do that were installed long ago
//   node clients/client.mjs new      knows the first and the last name, once the database does
//
// A client that loses its connection connects again and saves the same customer again.

import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../connect.mjs';

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
  const both = await save(first + told.saved);
  told.longest_wait_ms = Math.max(told.longest_wait_ms, Math.round(performance.now() - started));
  told.saved += 1;
  if (both) told.with_both_names += 1;
  if (told.saved === 1) console.log('at work');
  await sleep(5);
}
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
async function save(id) {
  for (;;) {
    try {
      client ??= await connect('customers');
      return kind === 'old' ? await saveOld(id) : await saveNew(id);
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

async function saveNew(id) {
  const { rows } = await client.query(
    "select from information_schema.columns where table_schema = 'crm' and table_name = 'customer_list' and column_name = 'first_name'",
  );
  if (rows.length === 0) return saveOld(id);
  await client.query(
    'select crm.save_customer($1, p_first_name => $2, p_last_name => $3, p_name => $4, p_city => $5)',
    [id, 'New', `Client ${id}`, `New Client ${id}`, 'Lyon'],
  );
  return true;
}
