import type { Session } from './connection.ts';
import { qualified } from './names.ts';
import type { StorePlace } from './store-place.ts';

/**
 * One writer of the store at a time, until its transaction ends: UPDATE takes the lock of the table, and others that
 * want it wait (docs: "Transactions: resource locking"). What is read behind it is what was committed before it.
 */
export async function lockStore(session: Session, place: StorePlace): Promise<void> {
  await session.run(`UPDATE ${lockTable(place)} SET turn = turn + 1`);
}

/** The table of one row. Several processes may make it at the same time; a second row would change nothing. */
export async function provideLock(session: Session, place: StorePlace): Promise<void> {
  await session.run(
    `CREATE TABLE IF NOT EXISTS ${lockTable(place)} AS SELECT 0::NUMBER(38, 0) AS turn`,
  );
}

function lockTable({ database, schema }: StorePlace): string {
  return qualified(database, schema, 'GREENLIGHT_LOCK');
}
