import { quote } from './connection.ts';
import { jsonObject } from './json-text.ts';

/** The same digest over all rows of one relation. */
export function fingerprintRows(relation: string, columns: readonly string[]): string {
  const image = jsonObject(columns.map((name) => [name, quote(name)]));
  return `SELECT ${fingerprintOf('row_hash')} AS fingerprint FROM (SELECT sha256(${image}) AS row_hash FROM ${relation})`;
}

/**
 * SHA-256 over the sums of four 60-bit lanes of the rows' own SHA-256 values: the order of the rows does not matter,
 * how often each occurs does. Sums, never XOR, which would cancel pairs.
 */
export function fingerprintOf(hash: string): string {
  const lane = (at: number) =>
    `coalesce(sum(('0x' || ${hash}[${at * 15 + 1}:${at * 15 + 15}])::BIGINT), 0)::VARCHAR`;
  return `sha256(concat_ws(' ', count(*)::VARCHAR, ${[0, 1, 2, 3].map(lane).join(', ')}))`;
}
