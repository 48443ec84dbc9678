// Makes the production database `customers` anew on the server that the PG* variables name.
import { readFile } from 'node:fs/promises';
import { connect } from '../connect.mjs';

const administrator = await connect('postgres');
for (const { datname } of (
  await administrator.query("select datname from pg_database where datname like 'customers%'")
).rows)
  await administrator.query(`drop database "${datname}" with (force)`);
await administrator.query('drop role if exists customers_app');
await administrator.query('create database customers');
await administrator.end();

const customers = await connect('customers');
await customers.query(await readFile(new URL('schema.sql', import.meta.url), 'utf8'));
const [{ count }] = (await customers.query('select count(*) from crm.customer')).rows;
await customers.end();
console.log(`customers: ${count} customers`);
