import type { RowTarget } from './comparison.ts';

/** Recorded deviations, read back. */

export interface DeviationQuery {
  /** The store's table, as in RowTarget. */
  readonly table: string;
  readonly comparison: RecordedComparison;
  /** Gives the rows their standing; null: they have none. */
  readonly against: RecordedComparison | null;
  /** Rows of these standings only; null: all. */
  readonly standings: readonly Standing[] | null;
  /**
   * SQL of the store's engine over the columns of `table` and `standing`, and over what was recorded of a row, as
   * texts: `key.x`, `old.x`, `new.x`. `columns` is a list. Null: all rows.
   */
  readonly where: string | null;
  readonly purpose: string;
}

export interface RecordedComparison {
  readonly id: number;
  readonly privacy: RowTarget['privacy'];
  /** Rows of these tables only. */
  readonly tables: readonly string[];
}

/**
 * A row is the same deviation in two comparisons when table, kind, key, columns and values are. new: only the later one
 * has it. still: both have it. gone: only the earlier one has it. Without a key, a row that occurs more often on one of
 * the two counts as still for what they have in common, and as new or gone for the rest.
 */
export type Standing = 'new' | 'still' | 'gone';

export interface DeviationReader {
  /** Ordered by table. All standings, whichever were asked for; only where there are any. */
  counts(): Promise<readonly DeviationCount[]>;
  /** The first rows of a table in the order of `all`; null: all of them. */
  first(tableName: string, limit: number | null): Promise<readonly RecordedRow[]>;
  /**
   * All rows, some hundreds at a time, ordered by table, kind, key (numbers by their value) and fingerprint. They are
   * taken at once: the store is free again when the first ones come.
   */
  all(): AsyncIterable<readonly RecordedRow[]>;
  close(): Promise<void>;
}

export interface DeviationCount {
  readonly table_name: string;
  /** Null: it cannot be told, because there is nothing to hold against or no fingerprints were recorded. */
  readonly standing: Standing | null;
  /** Rows as recorded. */
  readonly recorded: number;
  /** The same, each as often as it occurs. */
  readonly rows: number;
}

/** As it stands in the store; `comparison` is the one that recorded it. */
export interface RecordedRow {
  readonly comparison: number;
  readonly table_name: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** JSON: an object of texts; null without a key, or when it was not recorded. */
  readonly row_key: string | null;
  /** JSON: a list of texts; null unless changed. */
  readonly columns: string | null;
  /** JSON: objects of texts; null where there are none, or when they were not recorded. */
  readonly old_values: string | null;
  readonly new_values: string | null;
  readonly occurrences: number;
  readonly explained: boolean;
  readonly fingerprint: string | null;
  readonly standing: Standing | null;
}
