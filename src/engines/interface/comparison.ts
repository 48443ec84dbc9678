import type { BitemporalReading } from './bitemporal.ts';
import type { Column } from './catalog.ts';
import type { Location } from './places.ts';

/** Comparison: two databases side by side, and the store that takes the deviations. */

export interface Comparer {
  /** Begins to look at both sides as they are stored, while their catalogs are read. Default: nothing is to be begun. */
  preview?(old: Location, candidate: Location): Preview;
  /** Opens both databases for reading, and the store for writing when rows are to be recorded. Closes the preview. */
  open(options: ComparisonOptions): Promise<ComparisonSession>;
  /** A condition for claims that is true for exactly the rows for which none of these is true. */
  noneOf(conditions: readonly string[]): string;
}

/** What an engine knows of both sides before it opens them. */
export interface Preview {
  close(): Promise<void>;
}

export interface ComparisonOptions {
  readonly old: Location;
  readonly new: Location;
  readonly store: Location | null;
  /** Names the work in the comment of each statement: `compare pr-42`. */
  readonly purpose: string;
  /** Whether storage that is proven equal need not be read. False: every value is compared. */
  readonly lineage: boolean;
  /** hash: tables of equal hashes are taken as equal, and labelled so. Engines that cannot do that say so. Default: exact. */
  readonly proof?: 'exact' | 'hash';
  /** Bitemporal tables of which only a part is read, or which are read otherwise than they stand. Default: none. */
  readonly readings?: Readonly<Record<Side, readonly BitemporalReading[]>>;
  /** Of the same engine and sides. Default: what storage proves is looked at when the comparison is opened. */
  readonly preview?: Preview | null;
}

/** One table or view on both sides, and how to compare it. */
export interface TablePair {
  readonly schema: string;
  readonly name: string;
  readonly oldKind: 'table' | 'view';
  readonly newKind: 'table' | 'view';
  /** Null: without a key, compared as a multiset. */
  readonly key: readonly string[] | null;
  /** True when the engine itself guarantees the key on both sides. */
  readonly keyEnforced: boolean;
  /** The columns to compare, key columns among them. */
  readonly columns: readonly ComparedColumn[];
  readonly mode: 'semantic' | 'strict';
}

export interface ComparedColumn {
  readonly name: string;
  readonly oldType: string;
  readonly newType: string;
  readonly tolerance: { readonly absolute: number } | { readonly relative: number } | null;
}

/** Several tables may be compared through one session at the same time. */
export interface ComparisonSession {
  /** Evidence that both databases hold the same bytes, as a sentence; null when they do not, or it cannot be told. */
  readonly sameBytes: string | null;
  /** How many tables are best compared at the same time. */
  readonly parallel: number;
  /** Why values of these two types cannot be compared; null when they can. */
  incomparable(oldType: string, newType: string): string | null;
  /**
   * Why values of a type, which `incomparable` refuses, tell that a row was written, and nothing else; null: they do not.
   * Where every write counts, they are compared. Default: null.
   */
  tellsWrites?(type: string): string | null;
  /** True for the types whose values have a distance. */
  takesTolerance(type: string): boolean;
  /** Rows of one side. Throws in the engine's words when it cannot be read, and the reason of `signal` when that ended it. */
  countRows(
    side: Side,
    schema: string,
    name: string,
    kind: 'table' | 'view',
    signal?: AbortSignal,
  ): Promise<number>;
  /**
   * Compares the values. Exact. `rows` are the counts of both sides; `onProgress` is told rows as they are done.
   * Gives a KeyFault, and nothing else, when the key is not unique or has NULLs on either side. Throws the reason of
   * `signal` when that ended it.
   */
  compareRows(
    pair: TablePair,
    rows: RowCounts,
    onProgress: (rows: number) => void,
    signal?: AbortSignal,
  ): Promise<RowComparison | KeyFault>;
  /**
   * Why a claim cannot be judged (it does not parse, names a column that is not there, is not a condition), in a
   * sentence; null when it can. `columns` are those of the whole table on each side.
   */
  claimFault(
    claim: Claim,
    columns: Readonly<Record<Side, readonly Column[]>>,
  ): Promise<string | null>;
  /**
   * Gathers the deviating rows with their old and new values, inside the engine, and with the values of other columns
   * that `claims` ask for. `found` is what compareRows gave for the same pair.
   */
  gather(pair: TablePair, found: RowComparison, options: GatherOptions): Promise<DeviatingRows>;
  /** A digest over all rows of a table that only one side has. */
  fingerprint(
    side: Side,
    schema: string,
    name: string,
    kind: 'table' | 'view',
    columns: readonly string[],
    signal?: AbortSignal,
  ): Promise<string>;
  /**
   * How alike the values of two columns of different names are, in the rows that `pair` brings together by key: evidence
   * of a rename. Exact, or of some rows only where most of those are not alike. Null without a key.
   */
  countEqual(pair: TablePair, oldColumn: Column, newColumn: Column): Promise<EqualValues | null>;
  /** Forgets what was kept for this table or view. */
  release(schema: string, name: string): Promise<void>;
  close(): Promise<void>;
}

export interface GatherOptions {
  /** All that will be judged. */
  readonly claims: readonly Claim[];
  /** What will be recorded of values. */
  readonly privacy: RowTarget['privacy'];
  /** Its reason is thrown when it ended the gathering. */
  readonly signal?: AbortSignal;
}

/** The deviating rows of one pair, held inside the engine. */
export interface DeviatingRows {
  /** What each claim covers. All claims were found faultless by `claimFault`. */
  judge(claims: readonly Claim[]): Promise<readonly ClaimOutcome[]>;
  /**
   * Writes one row of the store's table `into` for each deviating row and tells what it wrote. A row is explained when
   * each of its deviating cells (or the row itself, if it was added or removed) is covered by one of `explaining`.
   */
  record(into: RowTarget, explaining: readonly Claim[]): Promise<RecordedRows>;
  /**
   * Column -> what its changes look like. Only columns that deviate in rows that both sides have. `values`: whether
   * values that the data holds may be given; without them there is no relation and no condition. Throws the reason of
   * `signal` when that ended it.
   */
  describe(options: {
    readonly values: boolean;
    readonly signal?: AbortSignal;
  }): Promise<ReadonlyMap<string, ChangeDescription>>;
  discard(): Promise<void>;
}

/**
 * Deviating rows that an author declared. Conditions are SQL of the engine: `old.x` and `new.x` are the row's values on
 * each side; `old` and `new` alone those of `column`. An added row has no `old`, a removed one no `new`.
 */
export interface Claim {
  readonly kind: 'changed' | 'added' | 'removed';
  /** The column whose changes are claimed; null for added and removed rows. */
  readonly column: string | null;
  /** Which of them; null: all. A row for which it is NULL is not claimed. */
  readonly where: string | null;
  /** What must hold for each; null: nothing more. NULL does not hold. */
  readonly holds: string | null;
}

export interface ClaimOutcome {
  /** Deviating rows that it covers, each as often as it occurs. */
  readonly claimed: number;
  /** Rows among them for which `holds` is not true. */
  readonly broken: number;
  /** The first earlier claim of the list that covers rows among them as well, and how many; null when none does. */
  readonly overlap: { readonly claim: number; readonly rows: number } | null;
  /** Why a condition failed on the data, without values of it: then nothing is claimed. Null: it did not fail. */
  readonly fault: string | null;
}

export interface EqualValues {
  readonly rows: number;
  readonly equal: number;
  /** The equal values are all the same one: they say little. */
  readonly isConstant: boolean;
}

export type Side = 'old' | 'new';

export interface RowCounts {
  readonly old: number;
  readonly new: number;
}

/** What makes a key unusable. */
export interface KeyFault {
  readonly side: Side;
  readonly fault: 'duplicate' | 'null';
  /** How many key values are affected. */
  readonly count: number;
}

export interface RowComparison {
  readonly added: number;
  readonly removed: number;
  /** Column -> rows in which it deviates, of the rows that both sides have. Only columns that deviate. */
  readonly cells: ReadonlyMap<string, number>;
  /** How the rows were brought together, for people: `position`, `join`, `multiset`, or a mix. */
  readonly way: string;
  /** lineage: not a single value was read, all storage is proven equal. hash: only hashes of both sides were compared. */
  readonly proof: 'exact' | 'lineage' | 'hash';
  /** Column -> why what was compared may not be all that is stored. Default: everything was seen. */
  readonly hidden?: ReadonlyMap<string, string>;
}

/** Where and how deviating rows are recorded. */
export interface RowTarget {
  readonly table: string;
  /** Goes into the columns `comparison` and `table_name` of each row. */
  readonly comparison: number;
  readonly tableName: string;
  readonly privacy: 'keys' | 'masked' | 'full' | 'none';
}

export interface RecordedRows {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** Of all these, the rows that no claim explains. */
  readonly unexplained: number;
  /** Column -> rows in which it deviates; counted over what is recorded, not taken from the comparison. */
  readonly cells: ReadonlyMap<string, number>;
  /** Column -> deviating cells that no claim explains; only where there are any. */
  readonly unexplainedCells: ReadonlyMap<string, number>;
  /** A digest over the recorded rows that does not depend on their order, nor on privacy. */
  readonly fingerprint: string;
}

/** What the changes of one column look like. */
export interface ChangeDescription {
  /** Most rows first. Each deviating row counts for the first pattern that holds for it; together they cover all. */
  readonly patterns: readonly ChangePattern[];
  /** What is true for exactly the rows in which it deviates, of those both sides have; null: nothing was found. */
  readonly condition: ChangeCondition | null;
}

export interface ChangeCondition {
  /** For people: `currency = 'CAD'`. */
  readonly detail: string;
  /** The same as SQL over `new.x`. */
  readonly relation: string;
}

export interface ChangePattern {
  /** `null to value`, `constant offset`, ..., `free change`. */
  readonly pattern: string;
  /** For people, with its values: `new = old + 0.01`. Null where the name says it all. */
  readonly detail: string | null;
  /** The same as SQL over `old` and `new`, true for each of its rows; null where there is no relation. */
  readonly relation: string | null;
  readonly rows: number;
}
