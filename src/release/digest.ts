import { createHash } from 'node:crypto';
import type { Comparison } from '../compare/outcome.ts';

/**
 * SHA-256 of the canonical comparison result: what an approval names. It covers what was compared and how, every
 * count, every deviating row (by the tables' fingerprints) and every skipped part; not when it was done, how the rows
 * were brought together, nor what was proven without reading. Equal digests: nothing to review again.
 */
export function digestOf(comparison: Comparison): string {
  const canonical = canonicalJson({
    format: 1,
    mode: comparison.mode,
    tables: comparison.tables.map(({ proof: _proof, way: _way, ...table }) => table),
    objects: comparison.objects,
  });
  return createHash('sha256').update(canonical).digest('hex');
}

/** JSON with sorted names, no white space, no undefined members: equal values give equal texts. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value))
    return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}
