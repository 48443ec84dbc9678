import { jsonObject } from './json-text.ts';
import { quote } from './names.ts';

/** The same digest over all rows of one relation. */
export function fingerprintRows(relation: string, columns: readonly string[]): string {
  const image = jsonObject(columns.map((name) => [name, quote(name)]));
  return `SELECT ${tableFingerprint('row_fingerprint')} AS fingerprint
    FROM (SELECT ${rowFingerprint(image)} AS row_fingerprint FROM ${relation} AS one) AS rows`;
}

/** 128 bits of a text that says all of a row: its MD5. Tells rows apart; no protection against forgers. */
export function rowFingerprint(text: string): string {
  return `md5(${text})::uuid`;
}

/**
 * SHA-256 over the number of rows and the sums of both halves of their fingerprints: the order of the rows does not
 * matter, how often each occurs does. Sums, never XOR, which would cancel pairs.
 */
export function tableFingerprint(fingerprint: string): string {
  const half = (from: number) =>
    `coalesce(sum(('x' || substr(replace(${fingerprint}::text, '-', ''), ${from}, 16))::bit(64)::bigint::numeric), 0)`;
  return `encode(sha256(convert_to(concat_ws(' ', count(*), ${half(1)}, ${half(17)}), 'UTF8')), 'hex')`;
}
