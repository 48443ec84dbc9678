import { GreenlightError } from '../../errors.ts';
import type { Location } from '../engine.ts';
import { Session } from './connection.ts';
import { explain, NoSuchDatabase, stateOf } from './errors.ts';
import { lockKey } from './hold.ts';
import { literal, placeOf, quote } from './names.ts';
import type { PostgresOptions } from './options.ts';

/** Where the store's tables stand. */
export interface StorePlace {
  readonly database: string;
  readonly schema: string;
}

/** `greenlight`: a database of its own. `ops.greenlight`: a schema of a database. */
export function storePlaceOf(location: Location): StorePlace {
  const { database, schema } = placeOf(location);
  return { database, schema: schema ?? 'greenlight' };
}

/** Makes what is missing of it; several processes may do so at the same time. */
export async function createStore(
  { database, schema }: StorePlace,
  options: PostgresOptions,
): Promise<void> {
  const about = { purpose: 'make the ledger' };
  const make = (session: Session) => createSchema(session, schema, options);
  try {
    await Session.use(database, options, about, make);
  } catch (error) {
    if (!(error instanceof NoSuchDatabase)) throw error;
    await createDatabase(database, options);
    await Session.use(database, options, about, make);
  }
}

async function createSchema(
  session: Session,
  schema: string,
  { user }: PostgresOptions,
): Promise<void> {
  try {
    await session.transaction(async () => {
      await session.run('SELECT pg_advisory_xact_lock($1::bigint)', [lockKey(schema, 'write')]);
      await session.run(`CREATE SCHEMA IF NOT EXISTS ${quote(schema)}`);
    });
  } catch (error) {
    throw missing(
      error,
      `schema ${schema} of database ${session.database}`,
      `GRANT CREATE ON DATABASE ${quote(session.database)} TO ${quote(user)};`,
    );
  }
}

/** Of its own, it can hold every text, and orders texts by their bytes. */
async function createDatabase(database: string, options: PostgresOptions): Promise<void> {
  await inSomeDatabase(options, async (session) => {
    try {
      await session.run(
        `CREATE DATABASE ${quote(database)} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'`,
      );
    } catch (error) {
      // Another process was faster.
      if (isThere(error)) return;
      throw missing(error, `database ${database}`, `ALTER ROLE ${quote(options.user)} CREATEDB;`);
    }
    await session
      .run(
        `COMMENT ON DATABASE ${quote(database)} IS ${literal('Greenlight: the ledger of its releases')}`,
      )
      .catch(() => undefined);
  });
}

/** A database that every cluster has, to make another one from. */
async function inSomeDatabase(
  options: PostgresOptions,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const about = { purpose: 'make the ledger' };
  try {
    await Session.use('postgres', options, about, work);
  } catch (error) {
    if (!(error instanceof NoSuchDatabase)) throw error;
    await Session.use('template1', options, about, work);
  }
}

function isThere(error: unknown): boolean {
  return ['42P04', '23505'].includes(stateOf(error) ?? '');
}

/** Which privilege is missing, and the statement that gives it. */
function missing(error: unknown, what: string, grant: string): unknown {
  const cause = error instanceof GreenlightError ? error.problem.cause : undefined;
  if (cause === undefined || !/permission denied/.test(cause)) return explain(error, what);
  return new GreenlightError({
    what: `The ledger has no ${what} yet, and the user of the connection may not make it.`,
    where: 'greenlight.yml: ledger',
    cause,
    help: `Let somebody make it, or allow it: ${grant}`,
  });
}
