import { createHash } from 'node:crypto';
import type { Location } from '../engine.ts';

/** What a location of this engine means: a database, or one schema of it. */
export interface Place {
  readonly database: string;
  /** Null: the whole database. */
  readonly schema: string | null;
}

/** `shop` or `shop.sales`; a name with a dot or a quote in it is written in double quotes, as in SQL. */
export function placeOf(at: Location): Place {
  const parts = [...at.matchAll(/"((?:[^"]|"")*)"|[^."]+/g)].map(
    ({ 0: bare, 1: quoted }) => quoted?.replaceAll('""', '"') ?? bare,
  );
  const [database = '', schema = null] = parts;
  return { database, schema };
}

/** Whether a text that a person wrote is a location, whole. */
export function isPlace(written: string): boolean {
  return /^(?:"(?:[^"]|"")+"|[^."]+)(?:\.(?:"(?:[^"]|"")+"|[^."]+))?$/.test(written);
}

export function locationOf({ database, schema }: Place): Location {
  const written = (name: string) => (/[."]/.test(name) ? quote(name) : name);
  return schema === null ? written(database) : `${written(database)}.${written(schema)}`;
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
