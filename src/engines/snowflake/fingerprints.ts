import type { Column } from '../engine.ts';
import { jsonObject } from './json-text.ts';
import { quote } from './names.ts';

/** The same digest over all rows of one relation. */
export function fingerprintRows(relation: string, columns: readonly Column[]): string {
  const image = jsonObject(columns.map(({ name, type }) => [name, `one.${quote(name)}`, type]));
  return `SELECT ${tableFingerprint('row_fingerprint')} AS fingerprint
    FROM (SELECT ${rowFingerprint(image)} AS row_fingerprint FROM ${relation} AS one) AS all_of_them`;
}

/** 128 bits of a text that says all of a row: its MD5. Tells rows apart; no protection against forgers. */
export function rowFingerprint(text: string): string {
  return `MD5(${text})`;
}

/**
 * SHA-256 over the number of rows and the sums of both halves of a digest of their fingerprints: the order of the rows
 * does not matter, how often each occurs does. Sums, never XOR, which would cancel pairs.
 */
export function tableFingerprint(fingerprint: string): string {
  const half = (which: 'UPPER' | 'LOWER') =>
    `TO_VARCHAR(COALESCE(SUM(MD5_NUMBER_${which}64(${fingerprint})), 0))`;
  return `SHA2(TO_VARCHAR(COUNT(*)) || ' ' || ${half('UPPER')} || ' ' || ${half('LOWER')}, 256)`;
}
