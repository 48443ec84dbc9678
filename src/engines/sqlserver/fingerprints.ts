import type { Column } from '../engine.ts';
import { jsonObject } from './json-text.ts';
import { quote } from './names.ts';
import { encrypted, type Type, text } from './types.ts';

/** The same digest over all rows of one relation, but for what the clients encrypt in it. */
export function fingerprintRows(
  relation: string,
  columns: readonly Column['name'][],
  types: ReadonlyMap<string, Type>,
): string {
  const readable = columns.filter((name) => types.get(name) !== encrypted);
  const image = jsonObject(
    readable.map((name) => [name, `one.${quote(name)}`, types.get(name) ?? text]),
  );
  return `SELECT ${tableFingerprint('row_fingerprint')} AS fingerprint
    FROM (SELECT ${rowFingerprint(image)} AS row_fingerprint FROM ${relation} AS one) AS all_rows`;
}

/** 128 bits of a text that says all of a row: the first of its SHA-256. */
export function rowFingerprint(whole: string): string {
  return `CONVERT(binary(16), ${digest(whole)})`;
}

/** As 64 hexadecimal digits. */
export function textDigest(whole: string): string {
  return `CONVERT(nvarchar(64), ${digest(whole)}, 2)`;
}

function digest(whole: string): string {
  return `HASHBYTES('SHA2_256', CONVERT(nvarchar(max), ${whole}))`;
}

/**
 * SHA-256 over the number of rows and the sums of both halves of their fingerprints: the order of the rows does not
 * matter, how often each occurs does. Sums, never XOR, which would cancel pairs.
 */
export function tableFingerprint(fingerprint: string): string {
  const half = (from: number) =>
    `COALESCE(SUM(CONVERT(decimal(38,0), CONVERT(bigint, SUBSTRING(${fingerprint}, ${from}, 8)))), 0)`;
  return `LOWER(CONVERT(nvarchar(64), HASHBYTES('SHA2_256', CONVERT(varchar(200), CONCAT(COUNT_BIG(*), ' ', ${half(1)}, ' ', ${half(9)}))), 2))`;
}
