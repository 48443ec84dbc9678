import { setTimeout as sleep } from 'node:timers/promises';
import { GreenlightError } from '../../errors.ts';
import type { Session } from './connection.ts';
import { findDatabase } from './found.ts';
import { quote } from './names.ts';

/**
 * Azure SQL Database copies by itself and at its own pace: the statement only begins it. Ending the statement, or this
 * process, does not end the copy: dropping what it makes does. So whoever asks this process to stop waits for that.
 */
export async function copyInAzure(
  session: Session,
  from: string,
  to: string,
  tell: (share: number) => void,
): Promise<void> {
  const stop = untilStopped();
  try {
    await session.run(copyStatement(from, to));
    for (;;) {
      if (stop.signal.aborted) throw stopped(from, String(stop.signal.reason));
      const state = (await findDatabase(session, to))?.state ?? null;
      if (state === 'ONLINE') return;
      if (state !== 'COPYING') throw await failed(session, from, to, state);
      tell(await shareOf(session, to));
      await sleep(pollMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  } catch (error) {
    await session.run(`DROP DATABASE IF EXISTS ${quote(to)}`);
    throw error;
  } finally {
    stop.end();
  }
}

const pollMs = 2000;

/** Aborted when this process is asked to stop (a job that is cancelled); asked twice, it stops at once. */
function untilStopped(): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const names: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const end = () => {
    for (const name of names) process.off(name, abort);
  };
  const abort = (name: NodeJS.Signals) => {
    end();
    controller.abort(name);
  };
  for (const name of names) process.on(name, abort);
  return { signal: controller.signal, end };
}

function stopped(from: string, signal: string): GreenlightError {
  return new GreenlightError({
    what: 'The clone was stopped while Azure SQL Database copied; the half-made copy has been dropped.',
    where: `database ${from}`,
    cause: signal,
    live: 'live is unchanged',
    help: 'Run the same command again: it begins a new copy.',
  });
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
