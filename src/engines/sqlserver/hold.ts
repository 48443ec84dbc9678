import { hostname } from 'node:os';
import type { Hold, Location } from '../engine.ts';
import { Session } from './connection.ts';
import type { SqlserverOptions } from './options.ts';

/**
 * An exclusive right that the server takes back when the process ends, however it ends: an application lock of a session
 * that does nothing else.
 */
export async function hold(
  at: Location,
  options: SqlserverOptions,
  name: string,
  waitMs: number,
): Promise<Hold> {
  // In sys.dm_exec_sessions: `greenlight process 4711 on runner-1 holds live`.
  const purpose = `process ${process.pid} on ${hostname()} holds ${name}`;
  const session = await Session.open(at, options, { purpose });
  try {
    if (await lockFor(session, name, waitMs)) return { held: true, release: () => session.close() };
    const holder = await holderOf(session, name);
    await session.close();
    return { held: false, holder };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Takes an application lock of the session's database for as long as the session stands; false: somebody has it. */
export async function lockFor(session: Session, name: string, waitMs: number): Promise<boolean> {
  const { taken } = await session.row(
    `DECLARE @taken int;
     EXECUTE @taken = sys.sp_getapplock @Resource = @p1, @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = @p2;
     SELECT @taken AS taken`,
    [resourceOf(name), waitMs],
  );
  return Number(taken) >= 0;
}

export async function unlock(session: Session, name: string): Promise<void> {
  await session.run(`EXECUTE sys.sp_releaseapplock @Resource = @p1, @LockOwner = 'Session'`, [
    resourceOf(name),
  ]);
}

/** At most 255 characters are told apart. */
function resourceOf(name: string): string {
  return `greenlight ${name}`.slice(0, 255);
}

/** sys.dm_tran_locks shows the first 32 characters of the name, and only with VIEW SERVER STATE. */
async function holderOf(session: Session, name: string): Promise<string> {
  const [holder] = await session
    .rows(
      `SELECT TOP (1) s.program_name AS program, s.session_id AS id, s.host_name AS host
         FROM sys.dm_tran_locks AS l JOIN sys.dm_exec_sessions AS s ON s.session_id = l.request_session_id
        WHERE l.resource_type = 'APPLICATION' AND l.request_status = 'GRANT' AND l.resource_database_id = DB_ID()
          AND CHARINDEX(LEFT(@p1, 32), l.resource_description) > 0`,
      [resourceOf(name)],
    )
    .catch(() => []);
  if (holder === undefined) return 'another process';
  const from = holder.host === null ? '' : ` from ${holder.host}`;
  return `${String(holder.program).replace(/^greenlight /, '')} (session ${holder.id}${from})`;
}
