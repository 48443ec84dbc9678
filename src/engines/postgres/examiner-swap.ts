import type { Finding } from '../engine.ts';
import { findingsOf } from '../examination.ts';
import { list } from '../sql.ts';
import { boundToSchema } from './clone-schema.ts';
import { Session } from './connection.ts';
import { withoutData } from './errors.ts';
import type { Examined } from './examiner.ts';
import { nameOf } from './examiner-catalog.ts';
import type { User } from './examiner-server.ts';
import { type Place, quote } from './names.ts';
import { readPools } from './pgbouncer.ts';
import { describeSessions, notEndable } from './sessions.ts';

const { good, warning, fault, thrown } = findingsOf('swap');

/** What the exchange of two databases needs: locks, the end of sessions, and nothing that holds a database. */
export async function* examineSwap(
  { live, options }: Examined,
  user: User,
): AsyncIterable<Finding> {
  let session: Session;
  try {
    session = await Session.open(live.database, options, { purpose: 'doctor', readOnly: true });
  } catch (error) {
    yield thrown('session on live', error, withoutData);
    return;
  }
  try {
    yield await examineLocks(session, live, user);
    yield await examineEnding(session, live, user);
    yield await examinePrepared(session, live);
  } catch (error) {
    yield thrown('what else there is', error, withoutData);
  } finally {
    await session.close();
  }
  if (options.pgbouncer === null) return;
  const subject = 'console of PgBouncer';
  try {
    const pools = await readPools(live.database, options.pgbouncer, options);
    const paused = pools.filter(({ isPaused }) => isPaused);
    if (paused.length > 0)
      yield fault(
        'clients that wait',
        `PgBouncer holds back all clients of ${list(paused, ({ name }) => name)}: a swap is going on now, or its process was killed or stands still.`,
        `When there is no swap, end its process if it is still there; the next swap or rollback lets clients go on. At once, in the console of PgBouncer: ${list(paused, ({ name }) => `RESUME ${quote(name)};`, ' ')}`,
      );
    yield pools.length > 0
      ? good(
          subject,
          `It leads to live by ${list(pools, ({ name }) => name)}: clients wait for the swap, and see no error.`,
        )
      : warning(
          subject,
          `No pool of it leads to database ${live.database} at port ${options.port}: clients of others would see their sessions end.`,
          'Check connection.pgbouncer in greenlight.yml, and [databases] in pgbouncer.ini.',
        );
  } catch (error) {
    yield thrown(subject, error, withoutData);
  }
}

/** No session ends when schemas are exchanged; what is bound to live would stay with it. */
export async function* examineSchemaSwap(
  session: Session,
  live: Place,
  user: User,
): AsyncIterable<Finding> {
  yield await examineLocks(session, live, user);
  const subject = 'what other schemas use';
  const bound = await session.rows(boundToSchema, [live.schema]);
  yield bound.length === 0
    ? good(subject, 'Nothing in other schemas is bound to objects of live.')
    : fault(
        subject,
        `Other schemas use objects of live, and would go on using those of the old one: ${list(bound, ({ dependent }) => String(dependent))}.`,
        'Drop them before the swap and create them after it, move them into the schema, or take the database itself as live.',
      );
}

/** LOCK TABLE asks for the right to change rows, whoever reads. */
async function examineLocks(
  session: Session,
  { schema }: Place,
  { name, serverMajor }: User,
): Promise<Finding> {
  const subject = 'locks on tables';
  const changing =
    serverMajor >= 17 ? 'UPDATE, DELETE, TRUNCATE, MAINTAIN' : 'UPDATE, DELETE, TRUNCATE';
  const closed = await session.rows(
    `SELECT n.nspname AS schema, c.relname AS name, r.rolname AS owner, r.rolsuper AS super
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
      WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
        AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema') AND ($1::name IS NULL OR n.nspname = $1)
        AND NOT has_table_privilege(c.oid, '${changing}')
      ORDER BY 1, 2`,
    [schema],
  );
  if (closed.length === 0)
    return good(subject, `${name} may lock all tables: nobody writes while live is exchanged.`);
  // To be a member of a superuser is to be one.
  const owners = [
    ...new Set(closed.flatMap((one) => (one.super === true ? [] : [String(one.owner)]))),
  ];
  const more = closed.length > 10 ? ` and ${closed.length - 10} more` : '';
  return fault(
    subject,
    `${name} may not lock ${closed
      .slice(0, 10)
      .map((one) => `${one.schema}.${one.name}`)
      .join(', ')}${more}: nothing would keep writers off during the swap.`,
    [
      ...(owners.length === 0
        ? []
        : [
            `Somebody who administers the owners can allow it: GRANT ${list(owners, quote)} TO ${quote(name)};`,
          ]),
      `Or the owners, for these tables: GRANT ${serverMajor >= 17 ? 'MAINTAIN' : 'UPDATE'} ON ${list(closed.slice(0, 10), nameOf)} TO ${quote(name)};`,
    ].join('\n'),
  );
}

/** A database with sessions cannot be renamed. */
async function examineEnding(
  session: Session,
  { database }: Place,
  { name, isSuper }: User,
): Promise<Finding> {
  const subject = 'right to end sessions';
  const blocked = await notEndable(session, [database]);
  const supers = blocked.filter((one) => one.super === true);
  const { may } = await session.row(`SELECT pg_has_role('pg_signal_backend', 'USAGE') AS may`);
  const grant = `A superuser can allow it: GRANT pg_signal_backend TO ${quote(name)};`;
  if (!isSuper && may !== true) {
    const now = blocked.length === 0 ? '' : ` Now these are on live: ${describeSessions(blocked)}.`;
    const found = `${name} may end no sessions of other roles, and a database with sessions cannot be renamed.${now}`;
    return blocked.length === 0 ? warning(subject, found, grant) : fault(subject, found, grant);
  }
  if (supers.length > 0) {
    return warning(
      subject,
      `Superusers are on live, whose sessions ${name} may not end: ${describeSessions(supers)}.`,
      'Let them disconnect for the moment of the swap, or connect as a superuser.',
    );
  }
  return good(subject, `${name} may end the sessions on live at the swap.`);
}

async function examinePrepared(session: Session, { database }: Place): Promise<Finding> {
  const subject = 'prepared transactions';
  const prepared = await session.rows(
    'SELECT gid FROM pg_prepared_xacts WHERE database = $1 ORDER BY prepared',
    [database],
  );
  return prepared.length === 0
    ? good(subject, 'Live has none.')
    : warning(
        subject,
        `Live has open ones (${list(prepared.slice(0, 5), ({ gid }) => String(gid))}), and a database with those cannot be renamed.`,
        'Commit them or roll them back: COMMIT PREPARED, ROLLBACK PREPARED.',
      );
}
