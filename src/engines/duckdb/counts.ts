import type { ComparedColumn, Side } from '../engine.ts';
import { inGroups, list } from '../sql.ts';
import { quote } from './connection.ts';
import {
  anyDeviates,
  beside,
  type Condition,
  joined,
  numbered,
  read,
  surplus,
  where,
} from './reading.ts';
import { deviates, type Sources } from './values.ts';

/** The statements that count how the two sides of a table differ. */

/** A table of thousands of columns is read in groups of them: one statement could not be planned. */
export function columnGroups(columns: readonly ComparedColumn[]): ComparedColumn[][] {
  return columns.length === 0 ? [[]] : inGroups(columns, 200);
}

export function countRows(relation: string, condition: Condition = null): string {
  return `SELECT count(*) AS rows FROM ${relation}${where(condition)}`;
}

// Keys -------------------------------------------------------------------------------------------

export function countNullKeys(relation: string, key: readonly string[]): string {
  return `SELECT count(*) AS nulls FROM ${relation} WHERE ${list(key, (name) => `${quote(name)} IS NULL`, ' OR ')}`;
}

export function countDuplicateKeys(
  sources: Sources,
  side: Side,
  key: readonly ComparedColumn[],
): string {
  return `SELECT count(*) AS duplicates FROM (
    SELECT 1 FROM ${read(sources, side, key, null)} AS s
    GROUP BY ${list(key, (_, at) => `v${at}`)} HAVING count(*) > 1)`;
}

/**
 * Rows whose key is not above the key of the row before them, as the scan gives them. None: the key is unique, whatever
 * that order is, and that is known from one pass without a hash table. Keys that hold NULL are not looked at.
 */
export function countNotIncreasing(
  sources: Sources,
  side: Side,
  key: readonly ComparedColumn[],
): string {
  const before = list(key, (_, at) => `lag(v${at}) OVER () AS b${at}`);
  const tuple = (name: string) => `(${list(key, (_, at) => `${name}${at}`)})`;
  return `SELECT count(*) FILTER (b0 IS NOT NULL AND (${tuple('b')} < ${tuple('v')}) IS NOT TRUE) AS not_increasing
    FROM (SELECT *, ${before} FROM ${read(sources, side, key, null)})`;
}

/**
 * Whether the key of some added row (one that no old row of `rest` has) is there twice, is NULL, or is that of an old row
 * elsewhere.
 */
export function findStrayKeys(
  sources: Sources,
  key: readonly ComparedColumn[],
  rest: { readonly sources: Sources; readonly condition: Condition; readonly isAll: boolean },
): string {
  const columns = list(key, (_, at) => `v${at}`);
  const on = (a: string, b: string) => list(key, (_, at) => `${a}.v${at} = ${b}.v${at}`, ' AND ');
  const isNull = list(key, (_, at) => `v${at} IS NULL`, ' OR ');
  const elsewhere = `EXISTS (FROM added AS n SEMI JOIN ${read(sources, 'old', key, null)} AS o ON ${on('o', 'n')})`;
  return `WITH added AS MATERIALIZED (
      SELECT n.* FROM ${read(rest.sources, 'new', key, rest.condition)} AS n
        ANTI JOIN ${read(rest.sources, 'old', key, rest.condition)} AS o ON ${on('o', 'n')})
    SELECT EXISTS (FROM added WHERE ${isNull})
      OR EXISTS (SELECT 1 FROM added GROUP BY ${columns} HAVING count(*) > 1)
      OR ${rest.isAll ? 'false' : elsewhere} AS stray`;
}

// Rows side by side ------------------------------------------------------------------------------

/** How rows stand side by side. */
export type Pairing = 'position' | 'row number';

/**
 * misaligned: rows that do not stand beside a row with the same key. c0, c1, ...: per column the rows in which it
 * deviates; they mean nothing unless `misaligned` is 0. A side that has fewer rows is filled up with NULL, which no key
 * is.
 */
export function countAligned(
  sources: Sources,
  key: readonly ComparedColumn[],
  columns: readonly ComparedColumn[],
  condition: Condition,
): string {
  const all = [...columns, ...key];
  const differs = list(
    key,
    (_, at) => `o.v${columns.length + at} IS DISTINCT FROM n.v${columns.length + at}`,
    ' OR ',
  );
  return `SELECT count(*) FILTER (${differs}) AS misaligned${changedCounts(sources, columns)}
    FROM ${beside(sources, all, condition)}`;
}

/** c0, c1, ...: per column the rows in which it deviates, of rows that are known to belong together. */
export function countPaired(
  sources: Sources,
  columns: readonly ComparedColumn[],
  condition: Condition,
  by: Pairing,
): string {
  // A table of nothing but its key.
  if (columns.length === 0) return 'SELECT 0 AS none';
  const rows = by === 'position' ? beside : numbered;
  return `SELECT 0 AS none${changedCounts(sources, columns)} FROM ${rows(sources, columns, condition)}`;
}

/** By how many rows the two sides of a chunk differ. */
export function countUnpaired(sources: Sources, condition: Condition): string {
  return `SELECT ${unpaired(sources, condition)} AS unpaired`;
}

/** The same, and how many of the rows at its end do not stand beside a row with the same key. */
export function countOutOfStep(
  sources: Sources,
  key: readonly ComparedColumn[],
  condition: Condition,
  end: Condition,
): string {
  return `SELECT ${unpaired(sources, condition)} AS unpaired,
      (SELECT misaligned FROM (${countAligned(sources, key, [], end)})) AS misaligned`;
}

function unpaired(sources: Sources, condition: Condition): string {
  return `abs(${rowsOf('old', sources, condition)} - ${rowsOf('new', sources, condition)})`;
}

function rowsOf(side: Side, sources: Sources, condition: Condition): string {
  return `(SELECT count(*) FROM ${read(sources, side, [], condition)})`;
}

function changedCounts(sources: Sources, columns: readonly ComparedColumn[], also = ''): string {
  return columns
    .map((column, at) => `, count(*) FILTER (${also}${deviates(column, at, sources)}) AS c${at}`)
    .join('');
}

// Rows brought together --------------------------------------------------------------------------

/**
 * added, removed, matched; and c0, c1, ... over the rows that both sides have.
 */
export function countByJoin(
  sources: Sources,
  key: readonly ComparedColumn[],
  columns: readonly ComparedColumn[],
  condition: Condition,
): string {
  return `SELECT count(*) FILTER (o.here IS NULL) AS added, count(*) FILTER (n.here IS NULL) AS removed,
      count(*) FILTER (o.here AND n.here) AS matched${changedCounts(sources, columns, 'o.here AND n.here AND ')}
    FROM ${joined(sources, key, columns, condition)}`;
}

/** How many rows each side has in a piece. */
export function countSides(sources: Sources, condition: Condition): string {
  return `SELECT ${rowsOf('old', sources, condition)} AS old, ${rowsOf('new', sources, condition)} AS new`;
}

/**
 * For the rows that deviate, by their row numbers: `old` and `new`, NULL on the side that has no such row; d0, d1, ...:
 * whether the column deviates.
 */
export function createNoted(table: string, columns: readonly ComparedColumn[]): string {
  const flags = columns.map((_, at) => `, d${at} BOOLEAN`).join('');
  return `CREATE TABLE ${table} (piece INTEGER, old BIGINT, new BIGINT${flags})`;
}

export function noteByJoin(
  into: string,
  piece: number,
  sources: Sources,
  key: readonly ComparedColumn[],
  columns: readonly ComparedColumn[],
  condition: Condition,
): string {
  const both = 'o.row IS NOT NULL AND n.row IS NOT NULL';
  const flags = columns.map((column, at) => `, ${both} AND ${deviates(column, at, sources)}`);
  return `INSERT INTO ${into} SELECT ${piece}, o.row, n.row${flags.join('')}
    FROM ${joined(sources, key, columns, condition, { row: true })}
    WHERE o.row IS NULL OR n.row IS NULL OR ${anyDeviates(columns, sources)}`;
}

/** noted, added, removed; where the noted rows of each side lie, NULL without any; and c0, c1, ... over the rows that both sides have. */
export function countNoted(
  table: string,
  piece: number,
  columns: readonly ComparedColumn[],
): string {
  const counted = columns.map((_, at) => `, count(*) FILTER (d${at}) AS c${at}`).join('');
  return `SELECT count(*) AS noted, count(*) FILTER (old IS NULL) AS added, count(*) FILTER (new IS NULL) AS removed,
      min(old) AS old_from, max(old) + 1 AS old_to, min(new) AS new_from, max(new) + 1 AS new_to${counted}
    FROM ${table} WHERE piece = ${piece}`;
}

/** Rows as often as one side has them more often than the other. */
export function countMultiset(
  sources: Sources,
  columns: readonly ComparedColumn[],
  condition: Condition,
): string {
  return `SELECT coalesce(sum(surplus) FILTER (surplus > 0), 0) AS added,
      coalesce(-sum(surplus) FILTER (surplus < 0), 0) AS removed
    FROM (${surplus(sources, columns, condition)})`;
}
