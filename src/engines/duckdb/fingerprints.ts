import { quote } from './connection.ts';
import { jsonObject } from './json-text.ts';

/** The same digest over all rows of one relation. */
export function fingerprintRows(relation: string, columns: readonly string[]): string {
  const image = jsonObject(columns.map((name) => [name, quote(name)]));
  return `SELECT ${fingerprint} FROM (SELECT ${rowNumber(`sha256(${image})`)} FROM ${relation})`;
}

/**
 * SHA-256 over the number of rows and the sums of both halves of a 128-bit number made from each row's own SHA-256: the
 * order of the rows does not matter, how often each occurs does. Sums, never XOR, which would cancel pairs.
 */
export const fingerprint = `sha256(concat_ws(' ', count(*)::VARCHAR,
    coalesce(sum((row_number >> 64)::UBIGINT), 0)::VARCHAR,
    coalesce(sum((row_number & 18446744073709551615::UHUGEINT)::UBIGINT), 0)::VARCHAR)) AS fingerprint`;

/** What `fingerprint` sums up, from the SHA-256 of a row. */
export function rowNumber(hash: string): string {
  return `md5_number(${hash}) AS row_number`;
}
