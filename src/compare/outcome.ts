import type { StructurePart } from '../config/expectations.ts';
import type { ChangePattern } from '../engines/engine.ts';

/** What a comparison found. Counts are whole numbers; names are `schema.table`. */

export interface Comparison {
  readonly mode: 'semantic' | 'strict';
  /** What the configuration lets count as equal. */
  readonly tolerated: readonly Tolerated[];
  /** Which budget was used up before all was compared; null: all was. */
  readonly stopped: string | null;
  /** One for each table and view that exists on either side, ordered by name. */
  readonly tables: readonly TableOutcome[];
  /** Objects other than tables and views that differ. */
  readonly objects: readonly ObjectOutcome[];
  /** What became of each declaration of the expectations file, in its order. */
  readonly expectations: readonly ExpectationOutcome[];
}

/** Values of a column that count as equal although they differ: within how much. */
export interface Tolerated {
  readonly table: string;
  readonly column: string;
  /** `absolute 0.001` */
  readonly within: string;
}

export interface TableOutcome {
  readonly table: string;
  readonly kind: 'table' | 'view';
  readonly role: 'input' | 'result';
  readonly status: 'identical' | 'changed' | 'added' | 'removed' | 'skipped';
  /** Set when status is skipped: left out by the configuration, nobody could read it, or the budget was used up. */
  readonly skipped: 'configured' | 'unreadable' | 'budget' | null;
  /** Why it was skipped, compared without its key, or otherwise than asked; null when there is nothing to say. */
  readonly reason: string | null;
  /** Null: compared as a multiset of rows. */
  readonly key: readonly string[] | null;
  readonly old_rows: number | null;
  readonly new_rows: number | null;
  /**
   * Of a bitemporal table: rows of both sides that are not in the slice that was compared. Null: the whole table was.
   */
  readonly history: number | null;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** Deviating rows that nothing explains; for a table added or removed, its rows. */
  readonly unexplained: number;
  /** False: something of it deviates that no expectation explains, or nobody could read it. */
  readonly explained: boolean;
  /** What of it deviates besides columns and rows. */
  readonly structure: readonly StructurePart[];
  /** exact: values were compared. lineage: storage was proven equal. hash: hashes were. Null for a skipped table. */
  readonly proof: 'exact' | 'lineage' | 'hash' | null;
  /** How rows were brought together, for people. */
  readonly way: string | null;
  /** Digest over the deviating rows, or over all rows of a table that one side has; null when there are none. */
  readonly fingerprint: string | null;
  /** The text of a view, where it differs, was added or removed; else null. */
  readonly old_definition: string | null;
  readonly new_definition: string | null;
  readonly likely_rename: LikelyRename | null;
  readonly columns: readonly ColumnOutcome[];
}

export interface ColumnOutcome {
  readonly column: string;
  readonly status: ColumnStatus;
  readonly reason: string | null;
  readonly old_type: string | null;
  readonly new_type: string | null;
  /** Rows of both sides in which the value deviates. */
  readonly changed: number;
  /** Of these, the ones that no expectation explains. */
  readonly unexplained: number;
  /** False: something of it deviates that no expectation explains. */
  readonly explained: boolean;
  /** What its changes look like, in one line for people. */
  readonly pattern: string | null;
  /** The same in parts, most rows first; empty when nothing changed. */
  readonly patterns: readonly ChangePattern[];
  /** SQL that is true for exactly the rows in which it deviates, of those both sides have; null: none was found. */
  readonly condition: string | null;
  readonly likely_rename: LikelyRename | null;
}

/** skipped: left out by the configuration. incomparable: its values have a type that nobody can compare. */
export type ColumnStatus =
  | 'identical'
  | 'changed'
  | 'retyped'
  | 'added'
  | 'removed'
  | 'skipped'
  | 'incomparable';

/** Of a removed column or table: the added one that it probably became, and the other way round. */
export interface LikelyRename {
  readonly other: string;
  /** What speaks for it: `3,000 of 3,000 values are equal`. */
  readonly evidence: string;
}

export interface ObjectOutcome {
  readonly kind: string;
  readonly name: string;
  readonly status: 'added' | 'removed' | 'changed';
  /** An expectation declares it. */
  readonly explained: boolean;
  /** What it says; null on the side that does not have it. */
  readonly old_definition: string | null;
  readonly new_definition: string | null;
}

/** What became of one declaration of the expectations file. */
export interface ExpectationOutcome {
  readonly file: string;
  readonly line: number;
  /** Null: it is about another object. */
  readonly table: string | null;
  /** What it declares, in short: `marts.delay.amount where ... holds ...`. */
  readonly declares: string;
  /**
   * met: what it claims is explained. The others explain nothing. unmatched: it claims nothing. broken: its relation
   * does not hold for every row that it claims. too-few, too-many: it claims fewer or more rows than it says.
   */
  readonly status: 'met' | 'unmatched' | 'broken' | 'too-few' | 'too-many';
  /** Deviating rows that it claims; 1 when what it declares is no row. */
  readonly claimed: number;
  /** Of these, the ones for which its relation does not hold. */
  readonly broken: number;
  /** Why, in the author's words; null when they gave none. */
  readonly because: string | null;
}

export interface Coverage {
  readonly tables: Share;
  readonly columns: Share;
  /** Of the old and the new side together; of bitemporal tables the slices. */
  readonly rows: Share;
  /** Bitemporal tables, and their rows outside of the slices: simulate proved these unchanged. */
  readonly history: { readonly tables: number; readonly rows: number };
  readonly skipped: readonly {
    readonly table: string;
    readonly column: string | null;
    readonly reason: string;
  }[];
  /** What was compared, and is not what it says: values that differ by less are no deviation. */
  readonly tolerated: readonly Tolerated[];
  /** Tables of which nothing but a hash was compared. Absent: none. */
  readonly hashed?: readonly string[] | undefined;
}

export interface Share {
  readonly compared: number;
  readonly total: number;
}
