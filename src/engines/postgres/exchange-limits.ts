import { GreenlightError, messageOf } from '../../errors.ts';
import { firstLine, stateBehind } from './errors.ts';

/**
 * Of the transaction that renames: while it is open, nobody may be able to connect. Not longer than this, whatever
 * connection.statement_timeout is and whatever becomes of our machine.
 */
export const exchangeLimits = `SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '15s';
     SET LOCAL idle_in_transaction_session_timeout = '5s'`;

/** The general help would be to raise connection.statement_timeout, which is not what ended it. */
export function overLimit(error: unknown, where: string): unknown {
  const cause = error instanceof GreenlightError ? error.cause : error;
  if (stateBehind(error) !== '57014' || /user request/.test(messageOf(cause))) return error;
  return new GreenlightError({
    what: 'The renaming took longer than the 15 seconds that it may, and was undone.',
    where,
    cause: firstLine(messageOf(cause)),
    live: 'live is unchanged: everything has the name that it had, and clients can connect',
    help: 'This limit is fixed (docs/postgres.md, time limits), because clients may have to wait as long as the renaming does. Find out what the server was busy with (its log, its load, event triggers), then run the same command again.',
  });
}
