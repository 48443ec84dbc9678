import type { Location } from './places.ts';

/** Catalog: what there is. */

export interface CatalogReader {
  read(at: Location): Promise<Catalog>;
}

export interface Catalog {
  /** Tables and views, ordered by schema and name. */
  readonly relations: readonly Relation[];
  /** Everything else: schemas, sequences, macros, types, indexes, constraints, comments, defaults. */
  readonly objects: readonly CatalogObject[];
  /** Each stored text that can name a database. */
  readonly definitions: readonly Definition[];
  /** Kinds of objects that look otherwise in this place than in live, though they are the same. Default: none. */
  readonly untold?: readonly string[];
}

export interface Relation {
  readonly schema: string;
  readonly name: string;
  readonly kind: 'table' | 'view';
  readonly columns: readonly Column[];
  /** Primary key first. Only keys over plain columns. */
  readonly keys: readonly Key[];
  /** The text of a view; null for a table. */
  readonly definition: string | null;
  /** Set when the columns cannot be read: the cause in the engine's words. */
  readonly fault: string | null;
  /** A table of which some columns are computed when it is read, and not stored. Default: false. */
  readonly computed?: boolean;
}

export interface Column {
  readonly name: string;
  /** The type in the engine's own words. */
  readonly type: string;
}

export interface Key {
  readonly columns: readonly string[];
  readonly primary: boolean;
  /** The engine guarantees it: unique, and not null where `notNull`. */
  readonly enforced: boolean;
  readonly notNull: boolean;
}

export interface CatalogObject {
  readonly kind: string;
  /** Unique within its kind: `schema.name`. */
  readonly name: string;
  /** What it says; two equal texts are equal objects. */
  readonly definition: string;
}

export interface Definition {
  readonly kind: string;
  readonly name: string;
  readonly text: string;
  /** The databases (or files) that the text names. */
  readonly databases: readonly string[];
}
