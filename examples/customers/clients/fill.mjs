// Gives both parts of the name to customers who have but the old one, through the function that all clients use. It can be
// run at any time and as often as need be: it looks for those who are left.
//
// Where a name is split is for the application to decide; this one takes the first word for the first name.

import { connect } from '../connect.mjs';

const batch = 500;
const database = await connect('customers');
let filled = 0;
for (;;) {
  const { rows } = await database.query(
    'select customer_id, name from crm.customer_list where first_name is null or last_name is null order by 1 limit $1',
    [batch],
  );
  for (const { customer_id, name } of rows) {
    const [first, ...others] = name.split(' ');
    await database.query('select crm.save_customer($1, p_first_name => $2, p_last_name => $3)', [
      customer_id,
      first,
      others.join(' '),
    ]);
  }
  filled += rows.length;
  if (rows.length < batch) break;
}
await database.end();
console.log(`${filled} customers have both names now: none is left without`);
