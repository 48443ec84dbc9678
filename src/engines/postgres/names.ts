import { createHash } from 'node:crypto';
import type { Location } from '../engine.ts';

/** What a location of this engine means: a database, or one schema of it. */
export interface Place {
  readonly database: string;
  /** Null: the whole database. */
  readonly schema: string | null;
  /** One of `connection.servers`; null: the server of the connection. */
  readonly server: string | null;
}

/** What it means there, once the server is known. */
export type PlaceThere = Omit<Place, 'server'>;

/** A bare name, or one in double quotes as in SQL: one with a dot, an at sign or a quote in it. */
const name = `(?:"(?:[^"]|"")*"|[^."@]+)`;
const location = new RegExp(`^(${name})(?:\\.(${name}))?(?:@(${name}))?$`);

/** `shop`, `shop.sales`, and of another server `shop@replica`. */
export function placeOf(at: Location): Place {
  const [, database = at, schema, server] = location.exec(at) ?? [];
  return { database: read(database), schema: read(schema), server: read(server) };
}

function read(written: string): string;
function read(written: string | undefined): string | null;
function read(written: string | undefined): string | null {
  if (!written?.startsWith('"')) return written ?? null;
  return written.slice(1, -1).replaceAll('""', '"');
}

/** Whether a text that a person wrote is a location, whole. */
export function isPlace(written: string): boolean {
  const parts = location.exec(written)?.slice(1);
  return parts?.every((part) => read(part) !== '') ?? false;
}

export function locationOf({ database, schema, server }: Place): Location {
  const within = schema === null ? '' : `.${writeName(schema)}`;
  return `${writeName(database)}${within}${server === null ? '' : `@${writeName(server)}`}`;
}

function writeName(plain: string): string {
  return /[."@]/.test(plain) ? quote(plain) : plain;
}

/** An identifier as SQL. */
export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** For the few places where PostgreSQL takes no bound value (SET, COMMENT, utility statements). */
export function literal(text: string): string {
  const doubled = text.replaceAll("'", "''");
  return text.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`;
}

/** PostgreSQL cuts longer identifiers off without an error (NAMEDATALEN - 1 bytes). */
const mostBytes = 63;

/** A name that fits, and stays different for different texts: what is too long ends with a digest of the whole. */
export function fittingName(name: string): string {
  if (Buffer.byteLength(name) <= mostBytes) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 10);
  let kept = name;
  while (Buffer.byteLength(kept) > mostBytes - digest.length - 1)
    kept = [...kept].slice(0, -1).join('');
  return `${kept}~${digest}`;
}
