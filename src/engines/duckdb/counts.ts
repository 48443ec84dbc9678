import type { ComparedColumn, Side } from '../engine.ts';
import { list } from '../sql.ts';
import { quote } from './connection.ts';
import { beside, type Chunk, joined, read, surplus } from './reading.ts';
import { deviates, type Sources } from './values.ts';

/** The statements that count how the two sides of a table differ. */

/** Eight row groups of DuckDB's storage. */
export const rowsPerChunk = 8 * 122_880;

export function chunksOf(sources: Sources, rows: number): Chunk[] {
  if (!sources.hasRowid) return [{ from: 0, to: null }];
  const count = Math.max(1, Math.ceil(rows / rowsPerChunk));
  return Array.from({ length: count }, (_, at) => ({
    from: at * rowsPerChunk,
    to: at === count - 1 ? null : (at + 1) * rowsPerChunk,
  }));
}

/** A table of thousands of columns is read in groups of them: one statement could not be planned. */
export function columnGroups(columns: readonly ComparedColumn[]): ComparedColumn[][] {
  const size = 200;
  const count = Math.max(1, Math.ceil(columns.length / size));
  return Array.from({ length: count }, (_, at) => columns.slice(at * size, (at + 1) * size));
}

export function countRows(relation: string): string {
  return `SELECT count(*) AS rows FROM ${relation}`;
}

export function countNullKeys(relation: string, key: readonly string[]): string {
  return `SELECT count(*) AS nulls FROM ${relation} WHERE ${list(key, (name) => `${quote(name)} IS NULL`, ' OR ')}`;
}

export function countDuplicateKeys(
  sources: Sources,
  side: Side,
  key: readonly ComparedColumn[],
): string {
  return `SELECT count(*) AS duplicates FROM (
    SELECT 1 FROM ${read(sources, side, key, [])} AS s
    GROUP BY ${list(key, (_, at) => `v${at}`)} HAVING count(*) > 1)`;
}

/**
 * Rows whose key is not above the key of the row before them. None: the key is unique, and that is known from one pass
 * without a hash table. The table stands beside itself, shifted by one row.
 */
export function countNotIncreasing(
  sources: Sources,
  side: Side,
  key: readonly ComparedColumn[],
): string {
  const tuple = (alias: string) => `(${list(key, (_, at) => `${alias}.v${at}`)})`;
  const shifted = read(sources, side, key, [{ from: 1, to: null }]);
  return `SELECT count(*) FILTER (b.v0 IS NOT NULL AND (${tuple('a')} < ${tuple('b')}) IS NOT TRUE) AS not_increasing
    FROM ${read(sources, side, key, [])} AS a POSITIONAL JOIN ${shifted} AS b`;
}

/**
 * Rows of a chunk that do not stand beside a row with the same key. A side that has fewer rows is filled up with NULL,
 * which no key is.
 */
export function countMisaligned(
  sources: Sources,
  key: readonly ComparedColumn[],
  chunk: Chunk,
): string {
  const differs = list(key, (_, at) => `o.v${at} IS DISTINCT FROM n.v${at}`, ' OR ');
  return `SELECT count(*) FILTER (${differs}) AS misaligned
    FROM ${beside(sources, key, [chunk])}`;
}

/** c0, c1, ...: per column the rows in which it deviates, of rows that stand side by side. */
export function countByPosition(
  sources: Sources,
  columns: readonly ComparedColumn[],
  chunk: Chunk,
): string {
  // A table of nothing but its key.
  if (columns.length === 0) return 'SELECT 0 AS none';
  const counts = list(
    columns,
    (column, at) => `count(*) FILTER (${deviates(column, at, sources)}) AS c${at}`,
  );
  return `SELECT ${counts} FROM ${beside(sources, columns, [chunk])}`;
}

/** By how many rows the two sides of a chunk differ. */
export function countUnpaired(sources: Sources, chunk: Chunk): string {
  const count = (side: Side) => `(SELECT count(*) FROM ${read(sources, side, [], [chunk])})`;
  return `SELECT abs(${count('old')} - ${count('new')}) AS unpaired`;
}

/** added, removed, and c0, c1, ... over the rows that both sides have. */
export function countByJoin(
  sources: Sources,
  key: readonly ComparedColumn[],
  columns: readonly ComparedColumn[],
  chunks: readonly Chunk[],
): string {
  const counts = columns.map(
    (column, at) =>
      `, count(*) FILTER (o.here AND n.here AND ${deviates(column, at, sources)}) AS c${at}`,
  );
  return `SELECT count(*) FILTER (o.here IS NULL) AS added, count(*) FILTER (n.here IS NULL) AS removed${counts.join('')}
    FROM ${joined(sources, key, columns, chunks)}`;
}

/** Rows as often as one side has them more often than the other. */
export function countMultiset(
  sources: Sources,
  columns: readonly ComparedColumn[],
  chunks: readonly Chunk[],
): string {
  return `SELECT coalesce(sum(surplus) FILTER (surplus > 0), 0) AS added,
      coalesce(-sum(surplus) FILTER (surplus < 0), 0) AS removed
    FROM (${surplus(sources, columns, chunks)})`;
}
