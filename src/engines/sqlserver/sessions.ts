import { list } from '../sql.ts';
import { type Row, Session } from './connection.ts';
import type { SqlserverOptions } from './options.ts';

/** A session on none of the databases that it makes, renames or drops. */
export async function beside<T>(
  options: SqlserverOptions,
  purpose: string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return Session.use('master', options, { purpose }, work);
}

/** Who else is on a database, as far as the login of the connection may know. */
export async function sessionsOn(session: Session, database: string): Promise<Row[]> {
  return session.rows(
    `SELECT s.session_id AS id, s.login_name AS login, NULLIF(s.program_name, '') AS program
       FROM sys.dm_exec_sessions AS s
      WHERE s.database_id = DB_ID(@p1) AND s.is_user_process = 1 AND s.session_id <> @@SPID
      ORDER BY s.session_id`,
    [database],
  );
}

/** `web (shop_app, 57), sqlcmd (alice, 61)`. */
export function describeSessions(sessions: readonly Row[]): string {
  const shown = list(sessions.slice(0, 10), ({ program, login, id }) =>
    program === null || program === undefined ? `${login} (${id})` : `${program} (${login}, ${id})`,
  );
  return sessions.length > 10 ? `${shown} and ${sessions.length - 10} more` : shown;
}

/** Ends them, with what they have not committed. */
export async function endSessions(session: Session, sessions: readonly Row[]): Promise<void> {
  for (const { id } of sessions) {
    // Gone in the meantime: that is what was wanted.
    await session.run(`KILL ${Number(id)}`).catch(() => undefined);
  }
}
