import type { Location } from '../engine.ts';
import type { Session } from './connection.ts';
import { likeLiteral, placeOf, qualified, quote } from './names.ts';

/** Where the store's tables stand. Exact names. */
export interface StorePlace {
  readonly database: string;
  readonly schema: string;
}

/** `GREENLIGHT`: a database of its own. `OPS.GREENLIGHT`: a schema of a database. */
export function storePlaceOf(location: Location): StorePlace {
  const { database, schema } = placeOf(location);
  return { database, schema: schema ?? 'GREENLIGHT' };
}

/** Makes what is missing of it; several processes may do so at the same time. */
export async function createStore(
  session: Session,
  { database, schema }: StorePlace,
): Promise<void> {
  // A role that may not make databases can be given one.
  if (!(await hasDatabase(session, database)))
    await session.run(`CREATE DATABASE IF NOT EXISTS ${quote(database)}`);
  await session.run(`CREATE SCHEMA IF NOT EXISTS ${qualified(database, schema)}`);
}

async function hasDatabase(session: Session, database: string): Promise<boolean> {
  const databases = await session.rows(`SHOW DATABASES LIKE ${likeLiteral(database)}`);
  return databases.some(({ name }) => name === database);
}

export async function isThere(
  session: Session,
  { database, schema }: StorePlace,
): Promise<boolean> {
  if (!(await hasDatabase(session, database))) return false;
  const schemas = await session.rows(
    `SHOW SCHEMAS LIKE ${likeLiteral(schema)} IN DATABASE ${quote(database)}`,
  );
  return schemas.some(({ name }) => name === schema);
}
