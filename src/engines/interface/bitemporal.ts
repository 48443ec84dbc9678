import type { Column } from './catalog.ts';
import type { Location } from './places.ts';

/** Bitemporal tables: rows with a technical validity beside the business one. */

/**
 * A table with both columns of a technical validity: `from` when on and `until` when (not included) the database holds
 * the row for true. NULL, infinity and every instant after the parked one stand for an open end.
 */
export interface BitemporalTable {
  readonly schema: string;
  readonly name: string;
  /** Named as the table names them. */
  readonly from: Column;
  readonly until: Column;
  readonly rows: number;
}

/** How an open end is written, in the engine's words: null for NULL, else `infinity` or an instant. */
export type OpenEnd = string | null;

/** A table through the glass of its technical validity; all of its columns are there. */
export type BitemporalReading = BitemporalTable & {
  readonly parked: string;
} & (
    | /** Rows that are valid at the parked instant. */ { readonly as: 'visible' }
    | /** As it was before rows were parked. */ {
        readonly as: 'unparked';
        readonly openEnd: OpenEnd;
      }
  );

export interface BitemporalEditor {
  /** Nothing of the tables is read. Column names are compared as the engine compares them. */
  find(at: Location, technical: readonly [from: string, until: string]): Promise<FoundTables>;
  /** Reads the technical validity of all rows. Writes nothing. */
  inspect(
    at: Location,
    tables: readonly BitemporalTable[],
    instants: {
      readonly parked: string;
      /** No technical instant should be later than this one, but the parked one and the open end. */
      readonly latest: string;
    },
  ): Promise<readonly ValidityFacts[]>;
  /** Columns other than the technical ones that hold the parked instant, of any table. Writes nothing. */
  parkedElsewhere(
    at: Location,
    parked: string,
    technical: readonly string[],
  ): Promise<readonly ParkedColumn[]>;
  /** The parked instant becomes `goLive`, in all of the tables at once. */
  publish(
    at: Location,
    tables: readonly BitemporalTable[],
    parked: string,
    goLive: string,
  ): Promise<void>;
  /** Rows that begin parked go, and parked ends are open again, in all of the tables at once. */
  withdraw(
    at: Location,
    tables: readonly (BitemporalTable & { readonly openEnd: OpenEnd })[],
    parked: string,
  ): Promise<void>;
}

export interface FoundTables {
  readonly tables: readonly BitemporalTable[];
  /** Tables that have one of the columns only, or columns that hold no instants: why they do not count. */
  readonly others: readonly {
    readonly schema: string;
    readonly name: string;
    readonly reason: string;
  }[];
}

/** Numbers are rows. */
export interface ValidityFacts {
  readonly table: BitemporalTable;
  /** False: a technical column has a type that ends before the parked instant; then nothing else is known. */
  readonly holdsParked: boolean;
  readonly beginParked: number;
  readonly endParked: number;
  /** How open ends are written; at most two ways are told. */
  readonly openEnds: readonly OpenEnd[];
  /** With a technical instant between `latest` and the parked one. */
  readonly tooLate: number;
  /** That begin after the parked instant. */
  readonly beyond: number;
  /** That begin parked and end earlier. */
  readonly inverted: number;
}

export interface ParkedColumn {
  readonly schema: string;
  readonly name: string;
  readonly column: string;
  readonly rows: number;
}
