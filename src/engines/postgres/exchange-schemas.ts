import { GreenlightError } from '../../errors.ts';
import { boundToSchema } from './clone-schema.ts';
import { Session } from './connection.ts';
import { exchangeLimits, overLimit } from './exchange-limits.ts';
import { type Place, quote } from './names.ts';
import type { PostgresOptions } from './options.ts';

/**
 * Two schemas of one database get their new names in one transaction: no session ends, and the locks of a fence stay on
 * the tables. What other schemas have bound to live's objects would stay with the old ones: then nothing is done.
 */
export async function exchangeSchemas(
  {
    live,
    incoming,
    kept,
  }: { readonly live: Place; readonly incoming: Place; readonly kept: Place },
  options: PostgresOptions,
  requireFence: (session: Session) => Promise<void>,
): Promise<void> {
  await Session.use(live.database, options, { purpose: 'swap' }, async (session) => {
    const names = {
      live: live.schema ?? '',
      incoming: incoming.schema ?? '',
      kept: kept.schema ?? '',
    };
    const found = await find(session, names, live.database);
    try {
      await session.transaction(async () => {
        await session.run(exchangeLimits);
        await requireFence(session);
        await session.run(
          `ALTER SCHEMA ${quote(names.live)} RENAME TO ${quote(names.kept)};
           ALTER SCHEMA ${quote(names.incoming)} RENAME TO ${quote(names.live)}`,
        );
      });
    } catch (error) {
      // The connection may have broken right after the commit.
      const now = await Session.use(
        live.database,
        options,
        { purpose: 'swap', readOnly: true },
        (other) => oidOf(other, names.live),
      ).catch(() => null);
      if (now !== found.incoming)
        throw overLimit(error, `schema ${names.live} of ${live.database}`);
    }
  });
}

async function find(
  session: Session,
  {
    live,
    incoming,
    kept,
  }: { readonly live: string; readonly incoming: string; readonly kept: string },
  database: string,
): Promise<{ readonly incoming: string }> {
  const [liveOid, incomingOid] = [await oidOf(session, live), await oidOf(session, incoming)];
  if (liveOid === null || incomingOid === null) {
    throw new GreenlightError({
      what: 'There is no such schema to exchange.',
      where: `schema ${liveOid === null ? live : incoming} of ${database}`,
      help: 'Find out who renamed or dropped it.',
    });
  }
  if ((await oidOf(session, kept)) !== null) {
    throw new GreenlightError({
      what: 'Something else is where the old schema would be kept.',
      where: `schema ${kept} of ${database}`,
      help: 'Rename it, then run the same command again.',
    });
  }
  const bound = await session.rows(boundToSchema, [live]);
  if (bound.length > 0) {
    throw new GreenlightError({
      what: 'Other schemas use objects of live, and would go on using those of the old one.',
      where: `schema ${live} of ${database}`,
      cause: bound.map(({ dependent }) => String(dependent)).join(', '),
      help: 'Drop them before the swap and create them after it, move them into the schema, or take the database itself as live.',
    });
  }
  return { incoming: incomingOid };
}

async function oidOf(session: Session, schema: string): Promise<string | null> {
  const [row] = await session.rows('SELECT oid FROM pg_namespace WHERE nspname = $1', [schema]);
  return row === undefined ? null : String(row.oid);
}
