import { GreenlightError, messageOf } from '../../errors.ts';
import type { Session } from './connection.ts';
import { firstLine, stateBehind } from './errors.ts';
import { type PostgresOptions, usualCopyTimeout } from './options.ts';

/** What copies takes as long as live is large: its statements have a limit of their own. */
export async function withinCopyTimeout<T>(
  session: Session,
  { copyTimeoutMs, statementTimeoutMs }: PostgresOptions,
  work: () => Promise<T>,
): Promise<T> {
  await session.run(`SET statement_timeout = ${copyTimeoutMs}`);
  try {
    return await work();
  } catch (error) {
    throw overCopyTimeout(error, session.database);
  } finally {
    // What ended the work may have ended the session as well.
    await session.run(`SET statement_timeout = ${statementTimeoutMs}`).catch(() => undefined);
  }
}

/** The general help would be to raise connection.statement_timeout, which is not what ended it. */
function overCopyTimeout(error: unknown, database: string): unknown {
  const cause = error instanceof GreenlightError ? error.cause : error;
  if (stateBehind(error) !== '57014' || /user request/.test(messageOf(cause))) return error;
  const told = copyTookTooLong('A statement of the copy', database, firstLine(messageOf(cause)));
  told.cause = cause;
  return told;
}

export function copyTookTooLong(what: string, database: string, cause?: string): GreenlightError {
  return new GreenlightError({
    what: `${what} took longer than it may.`,
    where: `database ${database}`,
    ...(cause === undefined ? {} : { cause }),
    help: `Raise connection.copy_timeout in greenlight.yml (it is ${usualCopyTimeout} when nothing is written; 0: no limit), then run the same command again.`,
  });
}
