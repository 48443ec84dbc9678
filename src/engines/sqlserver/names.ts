import { createHash } from 'node:crypto';
import type { Location } from '../engine.ts';

/** A location of this engine is a database of the server, by its bare name. */
export function databaseOf(at: Location): string {
  const [, bracketed] = /^\[((?:[^\]]|\]\])+)\]$/.exec(at) ?? [];
  return bracketed?.replaceAll(']]', ']') ?? at;
}

/** Whether a text that a person wrote is a database. A dot, which looks like a schema, has to stand in brackets. */
export function isDatabase(written: string): boolean {
  const isBracketed = /^\[(?:[^\]]|\]\])+\]$/.test(written);
  return (
    (isBracketed || /^[^.[\]"]+$/.test(written)) && databaseOf(written).length <= mostCharacters
  );
}

/** An identifier as SQL. */
export function quote(identifier: string): string {
  return `[${identifier.replaceAll(']', ']]')}]`;
}

/** `[schema].[name]`, or `[database].[schema].[name]`. */
export function qualified(...parts: readonly string[]): string {
  return parts.map(quote).join('.');
}

/** For the statements in which SQL Server takes no bound value (BACKUP, RESTORE, CREATE DATABASE, DEFAULT). */
export function literal(text: string): string {
  return `N'${text.replaceAll("'", "''")}'`;
}

/** The length of `sysname`. */
const mostCharacters = 128;

/** A name that fits, and stays different for different texts: what is too long ends with a digest of the whole. */
export function fittingName(name: string): string {
  if (name.length <= mostCharacters) return name;
  const digest = digestOf(name);
  return `${cutAt(name, mostCharacters - digest.length - 1)}~${digest}`;
}

/** A few characters that differ where texts do. */
export function digestOf(text: string, length = 10): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

/** Never leaves half of a character. */
function cutAt(text: string, length: number): string {
  const isHalf = /[\uD800-\uDBFF]/.test(text.charAt(length - 1));
  return text.slice(0, isHalf ? length - 1 : length);
}
