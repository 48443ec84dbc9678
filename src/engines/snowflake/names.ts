import { createHash } from 'node:crypto';
import type { Location } from '../engine.ts';

/** What a location of this engine means: a database of the account, or one schema of a database. Exact names. */
export interface Place {
  readonly database: string;
  /** Null: the whole database. */
  readonly schema: string | null;
}

/** `shop` or `shop.sales`, as in SQL: without double quotes a name means its upper-case form. */
export function placeOf(at: Location): Place {
  const parts = [...at.matchAll(/"((?:[^"]|"")*)"|[^."]+/g)].map(
    ({ 0: bare, 1: quoted }) => quoted?.replaceAll('""', '"') ?? bare.toUpperCase(),
  );
  const [database = '', schema = null] = parts;
  return { database, schema };
}

/** Whether a text that a person wrote is a location, whole. */
export function isPlace(written: string): boolean {
  const name = `(?:"(?:[^"]|"")+"|[\\p{L}_][\\p{L}\\p{N}_$]*)`;
  return new RegExp(`^${name}(?:\\.${name})?$`, 'u').test(written);
}

export function locationOf({ database, schema }: Place): Location {
  return schema === null ? plain(database) : `${plain(database)}.${plain(schema)}`;
}

/** A name as people write it: in quotes only where SQL needs them. */
export function plain(name: string): string {
  return /^[A-Z_][A-Z0-9_$]*$/.test(name) ? name : quote(name);
}

/** An identifier as SQL. */
export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** `"SHOP"."SALES"."ORDERS"`. */
export function qualified(...names: readonly string[]): string {
  return names.map(quote).join('.');
}

/** The place itself as SQL. */
export function quotePlace({ database, schema }: Place): string {
  return schema === null ? quote(database) : qualified(database, schema);
}

/** For the places where Snowflake takes no bound value (SHOW, ALTER, COMMENT). Backslashes are escapes there. */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** A pattern for SHOW ... LIKE that finds the name alone; it ignores case, so that the rows found are still to be told apart. */
export function likeLiteral(name: string): string {
  return literal(name.replace(/[\\%_]/g, '\\$&'));
}

/** Snowflake takes identifiers of at most this many characters. */
const mostCharacters = 255;

/**
 * A name that needs no quotes where `stem` needs none, that fits, and that is different for different releases: what
 * cannot be said in upper case, digits and underscores ends with a digest of the release.
 */
export function nameOfRelease(stem: string, release: string, role: string): string {
  const isSimple = /^[a-z0-9]+(-[a-z0-9]+)*$/.test(release);
  const written = release.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
  const told = isSimple ? written : `${written}_${digestOf(release)}`;
  const name = `${stem}__${told}__${role}`;
  if (name.length <= mostCharacters) return name;
  const digest = digestOf(name);
  return `${name.slice(0, mostCharacters - digest.length - 1)}_${digest}`;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10).toUpperCase();
}
