import { DatabaseInUse } from '../../errors.ts';
import type { Session } from './connection.ts';
import { readLargeObjects } from './mark.ts';

/**
 * Locks on tables do not keep writers off large objects, and a lock on these keeps off their readers as well: it is taken
 * in the moment of the exchange only, in the open transaction of the fence, by who has the right to lock the catalog.
 * @throws DatabaseInUse when they are not as they were `before`.
 */
export async function requireSameLargeObjects(
  session: Session,
  before: string,
  database: string,
): Promise<void> {
  await keepOff(session).catch(() => undefined); // not allowed, or in use: what was committed is found all the same
  if ((await readLargeObjects(session)) === before) return;
  throw new DatabaseInUse({
    what: 'Large objects were written while live was to be exchanged, and nothing keeps such writers off.',
    where: `database ${database}`,
    help: 'Let those who write large objects pause for the time of the swap, then run the same command again.',
  });
}

/** Whoever reads or writes one takes a lock that this one excludes. A refusal must not cost the fence its own locks. */
async function keepOff(session: Session): Promise<void> {
  await session.run('SAVEPOINT large_objects');
  try {
    await session.run(
      `SET LOCAL lock_timeout = '500ms';
       LOCK TABLE pg_catalog.pg_largeobject_metadata, pg_catalog.pg_largeobject IN SHARE ROW EXCLUSIVE MODE;
       SET LOCAL lock_timeout = 0`,
    );
  } catch (error) {
    await session.run('ROLLBACK TO SAVEPOINT large_objects');
    throw error;
  }
}
