import { quote } from './connection.ts';
import { jsonObject } from './json-text.ts';

/** The same digest over all rows of one relation; `types` are those of its columns. */
export function fingerprintRows(
  relation: string,
  columns: readonly string[],
  types: ReadonlyMap<string, string>,
): string {
  const image = jsonObject(columns.map((name) => [name, quote(name), types.get(name)]));
  return `SELECT ${tableFingerprint('row_fingerprint')} AS fingerprint
    FROM (SELECT ${rowFingerprint(image)} AS row_fingerprint FROM ${relation})`;
}

/** 128 bits of a text that says all of a row: its MD5 as a number. Tells rows apart; no protection against forgers. */
export function rowFingerprint(text: string): string {
  return `md5_number(${text})`;
}

/** As people and the ledger's readers see it: 32 hexadecimal digits. */
export function fingerprintText(fingerprint: bigint): string {
  return fingerprint.toString(16).padStart(32, '0');
}

/** The same in SQL. */
export function fingerprintAsText(column: string): string {
  return `lpad(lower(hex(${column})), 32, '0')`;
}

/**
 * SHA-256 over the number of rows and the sums of both halves of their fingerprints: the order of the rows does not
 * matter, how often each occurs does. Sums, never XOR, which would cancel pairs.
 */
export function tableFingerprint(fingerprint: string): string {
  return `sha256(concat_ws(' ', count(*)::VARCHAR,
    coalesce(sum((${fingerprint} >> 64)::UBIGINT), 0)::VARCHAR,
    coalesce(sum((${fingerprint} & 18446744073709551615::UHUGEINT)::UBIGINT), 0)::VARCHAR))`;
}
