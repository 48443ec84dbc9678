import type { Location } from './places.ts';
import type { DeviationQuery, DeviationReader } from './recorded.ts';

/** Stores: a few tables of the product's own, for the ledger. */

export interface Stores {
  readonly location: Location;
  /** Null when there is no store yet and `create` is not set. */
  open(options: { readonly create: boolean; readonly purpose: string }): Promise<Store | null>;
  /**
   * Reads back deviating rows that comparisons recorded. Null when there is no store yet. Writes nothing; the store is
   * in use until the reader is closed, or has begun to give `all`.
   * @throws UsageError when `where` is not one plain condition over what was recorded.
   */
  openDeviations(query: DeviationQuery): Promise<DeviationReader | null>;
  /** Waits up to `waitMs` for the exclusive right to `name`; null when another process has it (`holder` says who). */
  hold(name: string, waitMs: number): Promise<Hold>;
}

export type Hold =
  | { readonly held: true; release(): Promise<void> }
  | { readonly held: false; readonly holder: string };

export type StoreType = 'integer' | 'text' | 'instant' | 'boolean' | 'json' | 'fingerprint';

export interface StoreTable {
  readonly name: string;
  readonly columns: Readonly<Record<string, StoreType>>;
  /** Columns of the primary key; empty for a table without one. */
  readonly key: readonly string[];
}

export type StoreOperation =
  | { readonly createTable: StoreTable }
  | {
      readonly addColumn: {
        readonly table: string;
        readonly column: string;
        readonly type: StoreType;
      };
    };

/**
 * `json` columns take and give any JSON value, `instant` columns ISO 8601 texts in UTC, `fingerprint`
 * columns 128 bits as 32 hexadecimal digits.
 */
export type StoreValue = unknown;
export type StoreRow = Record<string, StoreValue>;

export interface Store extends StoreReader {
  /** All or nothing. */
  write<T>(work: (writer: StoreWriter) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface StoreReader {
  tables(): Promise<string[]>;
  /** Rows whose columns equal all of `where`, ordered by `order`. */
  select(table: StoreTable, where: StoreRow, order?: readonly string[]): Promise<StoreRow[]>;
  max(table: StoreTable, column: string): Promise<number | null>;
}

export interface StoreWriter extends StoreReader {
  apply(operation: StoreOperation): Promise<void>;
  insert(table: StoreTable, row: StoreRow): Promise<void>;
  update(table: StoreTable, set: StoreRow, where: StoreRow): Promise<void>;
  delete(table: StoreTable, where: StoreRow): Promise<void>;
}
