import { GreenlightError, UsageError } from '../../errors.ts';
import { list } from '../sql.ts';
import type { Session } from './connection.ts';
import { locationOf, type Place } from './names.ts';
import type { PostgresOptions } from './options.ts';

/**
 * How the server of a place is reached.
 * @throws UsageError for one that nobody has named.
 */
export function optionsAt(
  options: PostgresOptions,
  { server }: Pick<Place, 'server'>,
): PostgresOptions {
  if (server === options.server) return options;
  const found = server === null ? undefined : options.servers.get(server);
  if (found !== undefined) return found;
  const known = [...options.servers.keys()];
  throw new UsageError({
    what: `There is no server ${server}.`,
    where: 'greenlight.yml: connection.servers',
    help:
      known.length === 0
        ? 'Write there how it is reached: connection.servers: { replica: { host: replica.example } }. A name of a database with an @ in it stands in double quotes.'
        : `Known are ${known.join(', ')}. A name of a database with an @ in it stands in double quotes.`,
  });
}

/** @throws GreenlightError for a place of another server: nothing is ever written there. */
export function requireOwnServer(...places: readonly Place[]): void {
  const other = places.find(({ server }) => server !== null);
  if (other === undefined) return;
  throw new GreenlightError({
    what: 'On other servers than that of the connection, databases are only read.',
    where: locationOf(other),
    help: 'Make it on the server of the connection.',
  });
}

/** @throws GreenlightError when the server is a standby with tables of which it has no rows. */
export async function requireReadable(session: Session, place: Place): Promise<void> {
  const unlogged = await session.rows(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE pg_is_in_recovery() AND c.relkind IN ('r', 'S') AND c.relpersistence = 'u'
        AND ($1::name IS NULL OR n.nspname = $1) ORDER BY 1`,
    [place.schema],
  );
  if (unlogged.length === 0) return;
  throw new GreenlightError({
    what: 'A standby has no rows of unlogged tables, so nobody can say what is in them.',
    where: locationOf(place),
    cause: list(unlogged, ({ name }) => String(name)),
    help: 'Make these tables logged in live (ALTER TABLE ... SET LOGGED), or take another baseline.',
  });
}
