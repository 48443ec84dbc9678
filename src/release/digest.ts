import { createHash } from 'node:crypto';
import type {
  ColumnOutcome,
  Comparison,
  ExpectationOutcome,
  TableOutcome,
} from '../compare/outcome.ts';

/**
 * SHA-256 of the canonical comparison result: what an approval names. It covers what was compared and how, what a
 * tolerance lets count as equal, every
 * count of what deviates, every deviating row (by the tables' fingerprints), what is explained, what became
 * of each expectation, every skipped part, and the noise; not when it was done, how the rows
 * were brought together, nor what was proven without reading; but what was only hashed. Equal digests: nothing to review again.
 */
export function digestOf(comparison: Comparison, noise: Comparison | null = null): string {
  const canonical = canonicalJson({
    format: 1,
    mode: comparison.mode,
    // What was forgiven has left no trace in the tables.
    ...(comparison.tolerated.length === 0 ? {} : { tolerated: comparison.tolerated }),
    ...hashedIn(comparison),
    stopped: comparison.stopped !== null,
    tables: comparison.tables.map(whatWasFound),
    objects: comparison.objects,
    expectations: comparison.expectations.map(whatBecameOfIt),
    ...(noise === null
      ? {}
      : {
          noise: {
            stopped: noise.stopped !== null,
            tables: noise.tables.map(whatWasFound),
            objects: noise.objects,
          },
        }),
  });
  return createHash('sha256').update(canonical).digest('hex');
}

/** Nothing else tells a table that was read from one whose hash is all that anybody knows. */
function hashedIn({ tables }: Comparison): object {
  const hashed = tables.filter(({ proof }) => proof === 'hash').map(({ table }) => table);
  return hashed.length === 0 ? {} : { hashed };
}

/** Of an identical table only that it is: proven by reading or by storage, with its key or without, it is the same. */
function whatWasFound(outcome: TableOutcome): object {
  const {
    proof: _proof,
    way: _way,
    likely_rename: _rename,
    old_rows,
    new_rows,
    ...table
  } = outcome;
  if (table.status !== 'identical') {
    // More rows that are equal on both sides, as a later clone of a growing table has, are nothing to review.
    const rows =
      old_rows === null || new_rows === null ? [old_rows, new_rows] : new_rows - old_rows;
    return { ...table, rows, columns: table.columns.map(whatCounts) };
  }
  const skipped = table.columns.filter(({ status }) => status === 'skipped').map(whatCounts);
  return { table: table.table, kind: table.kind, status: table.status, skipped };
}

/** Patterns, conditions and likely renames describe what the counts and the fingerprints cover already. */
function whatCounts(column: ColumnOutcome): object {
  const { pattern: _pattern, patterns: _patterns, condition: _condition, ...counted } = column;
  const { likely_rename: _rename, ...rest } = counted;
  return rest;
}

/** Where in its file it stands, and why, changes nothing. */
function whatBecameOfIt({
  file: _file,
  line: _line,
  because: _because,
  ...rest
}: ExpectationOutcome): object {
  return rest;
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
