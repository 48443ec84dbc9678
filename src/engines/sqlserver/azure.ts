import { setTimeout as sleep } from 'node:timers/promises';
import { GreenlightError } from '../../errors.ts';
import type { Session } from './connection.ts';
import { findDatabase } from './found.ts';
import { quote } from './names.ts';

/**
 * Azure SQL Database copies by itself and at its own pace: the statement only begins it. Ending the statement, or this
 * process, does not end the copy: dropping what it makes does.
 */
export async function copyInAzure(
  session: Session,
  from: string,
  to: string,
  tell: (share: number) => void,
  { signal, pollMs = 2000 }: { readonly signal?: AbortSignal; readonly pollMs?: number } = {},
): Promise<void> {
  await session.run(copyStatement(from, to));
  try {
    for (;;) {
      signal?.throwIfAborted();
      const state = (await findDatabase(session, to))?.state ?? null;
      if (state === 'ONLINE') return;
      if (state !== 'COPYING') throw await failed(session, from, to, state);
      tell(await shareOf(session, to));
      await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    }
  } catch (error) {
    await session.run(`DROP DATABASE IF EXISTS ${quote(to)}`);
    throw error;
  }
}

export function copyStatement(from: string, to: string): string {
  return `CREATE DATABASE ${quote(to)} AS COPY OF ${quote(from)}`;
}

async function shareOf(session: Session, to: string): Promise<number> {
  const [row] = await session.rows(
    `SELECT c.percent_complete AS percentage FROM sys.dm_database_copies AS c JOIN sys.databases AS d ON d.database_id = c.database_id
      WHERE d.name = @p1`,
    [to],
  );
  return row === undefined ? 0 : Number(row.percentage) / 100;
}

/** SUSPECT is how a copy ends that has failed; the row of the copy says why. */
async function failed(
  session: Session,
  from: string,
  to: string,
  state: string | null,
): Promise<GreenlightError> {
  const [row] = await session.rows(
    `SELECT c.error_code AS code, c.error_desc AS description FROM sys.dm_database_copies AS c
       JOIN sys.databases AS d ON d.database_id = c.database_id WHERE d.name = @p1`,
    [to],
  );
  const said =
    row === undefined || Number(row.code) === 0 ? '' : `: ${row.description} (error ${row.code})`;
  return new GreenlightError({
    what: 'Azure SQL Database could not copy the database.',
    where: `database ${from}`,
    cause: `the copy is ${state ?? 'gone'}${said}`,
    help: 'Check the quota of the server and its elastic pools, then run the same command again: what is left of the copy has been dropped.',
  });
}
