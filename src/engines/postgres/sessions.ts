import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseInUse, GreenlightError } from '../../errors.ts';
import { list } from '../sql.ts';
import { type Row, Session } from './connection.ts';
import { stateBehind } from './errors.ts';
import type { PostgresOptions } from './options.ts';

/** A session on none of these databases: what is made, renamed or dropped must not be its own. */
export async function openBeside(
  databases: readonly string[],
  options: PostgresOptions,
  purpose: string,
): Promise<Session> {
  const { maintenanceDatabase } = options;
  const all = maintenanceDatabase === null ? ['postgres', 'template1'] : [maintenanceDatabase];
  const possible = all.filter((database) => !databases.includes(database));
  for (const [at, database] of possible.entries()) {
    try {
      return await Session.open(database, options, { purpose });
    } catch (error) {
      // No such database, no privilege to connect, no connections allowed.
      const isHere = ['3D000', '42501', '55000'].includes(stateBehind(error) ?? '');
      if (!isHere || at === possible.length - 1) throw error;
    }
  }
  throw new GreenlightError({
    what: 'There is no other database from which this one can be made, renamed or dropped.',
    where: `database ${databases.join(', ')}`,
    help: 'Name one in connection.maintenance_database of greenlight.yml.',
  });
}

/** Opens it, works in it and closes it. */
export async function beside<T>(
  databases: readonly string[],
  options: PostgresOptions,
  purpose: string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openBeside(databases, options, purpose);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/**
 * Who else is on a database. Workers of autovacuum, which have no user, do not count: the server ends them itself where
 * they stand in the way.
 */
export async function sessionsOn(
  session: Session,
  database: string,
  but: readonly number[] = [],
): Promise<Row[]> {
  return session.rows(
    `SELECT a.pid, coalesce(a.usename, a.backend_type) AS "user", nullif(a.application_name, '') AS application, r.rolsuper AS super
       FROM pg_stat_activity a JOIN pg_database d ON d.oid = a.datid LEFT JOIN pg_roles r ON r.oid = a.usesysid
      WHERE d.datname = $1 AND a.usesysid IS NOT NULL
        AND a.pid <> pg_backend_pid() AND a.pid <> ALL ($2::integer[])
      ORDER BY a.pid`,
    [database, but.map(String)],
  );
}

/** `web (shop_app, 4711), psql (alice, 4712)`. */
export function describeSessions(sessions: readonly Row[]): string {
  const shown = list(sessions.slice(0, 10), ({ application, user, pid }) =>
    application === null || application === undefined
      ? `${user} (${pid})`
      : `${application} (${user}, ${pid})`,
  );
  return sessions.length > 10 ? `${shown} and ${sessions.length - 10} more` : shown;
}

/**
 * Does what needs a database without sessions (it locks new ones out and waits up to five seconds for the others),
 * while `ender` ends those. The ones in `last` go when nobody else is left and nobody can come any more.
 */
export async function whileEnding<T>(
  { worker, ender }: { readonly worker: Session; readonly ender: Session },
  databaseOid: string,
  last: readonly number[],
  work: () => Promise<T>,
): Promise<T> {
  let isDone = false;
  const result = work().finally(() => {
    isDone = true;
  });
  result.catch(() => undefined); // thrown below, when the ending has stopped
  const ended = (async () => {
    while (!isDone) {
      await endOnce(ender, worker, databaseOid, last);
      await Promise.race([result.catch(() => undefined), sleep(5)]);
    }
  })();
  await Promise.all([ended, result]);
  return result;
}

async function endOnce(
  ender: Session,
  worker: Session,
  databaseOid: string,
  last: readonly number[],
): Promise<void> {
  await ender.run(
    `WITH others AS MATERIALIZED (
       SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datid = $1 AND usesysid IS NOT NULL AND pid <> ALL ($2::integer[])
     ), closed AS MATERIALIZED (
       SELECT FROM pg_locks
        WHERE pid = $3 AND granted AND locktype = 'object' AND classid = 'pg_database'::regclass AND objid = $1
          AND mode IN ('AccessExclusiveLock', 'ShareLock')
     )
     SELECT pg_terminate_backend(pid) FROM unnest($2::integer[]) AS pid
      WHERE EXISTS (SELECT FROM closed) AND NOT EXISTS (SELECT FROM others)`,
    [databaseOid, last.map(String), worker.pid],
  );
}

/** @throws GreenlightError, before anybody is ended, when there is a session that we may not end. */
export async function requireEndable(
  session: Session,
  databases: readonly string[],
): Promise<void> {
  const blocked = await notEndable(session, databases);
  if (blocked.length === 0) return;
  throw new GreenlightError({
    what: 'There are sessions that the user of the connection may not end, and a database with sessions cannot be renamed.',
    where: `database ${databases[0]}`,
    cause: describeSessions(blocked),
    help: blocked.some((one) => one.super === true)
      ? 'Superusers can be ended by superusers only: let them disconnect for the moment of the swap.'
      : `A superuser can allow it: GRANT pg_signal_backend TO ${session.role};`,
  });
}

/** Sessions of others that the user of the connection may not end. */
export async function notEndable(session: Session, databases: readonly string[]): Promise<Row[]> {
  return session.rows(
    `SELECT a.pid, coalesce(a.usename, a.backend_type) AS "user", nullif(a.application_name, '') AS application, r.rolsuper AS super
       FROM pg_stat_activity a JOIN pg_database d ON d.oid = a.datid LEFT JOIN pg_roles r ON r.oid = a.usesysid,
            (SELECT * FROM pg_roles WHERE rolname = current_user) AS me
      WHERE d.datname = ANY ($1::text[]) AND a.usesysid IS NOT NULL AND a.pid <> pg_backend_pid()
        AND NOT me.rolsuper
        AND NOT (NOT r.rolsuper AND pg_has_role('pg_signal_backend', 'USAGE'))
        AND NOT (NOT r.rolsuper AND pg_has_role(r.oid, 'USAGE'))`,
    [databases],
  );
}

export function inUse(database: string, sessions: readonly Row[], help: string): DatabaseInUse {
  return new DatabaseInUse({
    what: 'Other sessions are on this database.',
    where: `database ${database}`,
    cause: describeSessions(sessions),
    help,
  });
}
