import type { Relation } from './catalog.ts';
import type { Location } from './places.ts';

/** Databases: identity, clone, drop. */

export interface Databases {
  /** Null when there is no database at `at`. Throws when there is something else. */
  identify(at: Location): Promise<Physical | null>;
  /**
   * The same at once, whatever the database's size: the identity is exact, the mark may be late and proves nothing. A
   * mark is to be held against what a glance gave only, and for what people are told.
   */
  glance(at: Location): Promise<Physical | null>;
  /**
   * Whether marks of one database differ in the positions of its sequences at most. Only of engines whose fence does not
   * keep off those who draw from them.
   */
  isSameButSequences?(mark: string, other: string): boolean;
  /**
   * Makes `to` an independent copy of `from` as of one instant. Writes nothing to `from`. What was at `to` is
   * replaced; until the copy is whole, nothing is at `to`.
   */
  clone(from: Location, to: Location, options: CloneOptions): Promise<CloneReport>;
  /** Drops the database at `at` with all that belongs to it. Nothing there is no error. */
  drop(at: Location): Promise<void>;
  /**
   * Until it is ended, `identify(at)` need not read again what it has read before, where the engine can prove otherwise
   * that nothing was written meanwhile. `since`: from a trail on, nothing has to be read at all.
   */
  watch(at: Location, since?: Since): Promise<Watch>;
  /**
   * The tables of live of which rows were written since a trail began. Null: that cannot be told, or something else but
   * rows and positions of sequences is not as it was. Only of engines that keep trails.
   */
  writtenSince?(since: Since): Promise<readonly Pick<Relation, 'schema' | 'name'>[] | null>;
  /** What the clone of this release keeps on the server; null: nothing. */
  trail(release: string): Promise<KeptTrail | null>;
  /** Nothing of this release is kept any more. Gives whether anything was. */
  dropTrail(release: string): Promise<boolean>;
  /** Bytes that the database takes; 0 when there is none. */
  size(at: Location): Promise<number>;
}

/** Two facts about the database that is at a location now. */
export interface Physical {
  /** The database's own identity: survives a rename, differs for another database of the same name. */
  readonly id: string;
  /** Changes with every write. Equal id and equal mark: nothing was written in between. */
  readonly mark: string;
}

/** From the clone instant on, what is written to the source is kept, so that it can be told without reading all of it. */
export interface Trail {
  /** Where it begins, in the engine's words; null: there is none. */
  readonly point: string | null;
  /** By what it is told, for people: `logical decoding`. */
  readonly by: string;
  /** Why it is told no other way; null when there is nothing to say. */
  readonly reason: string | null;
}

/** A database as it was at the beginning of a trail. */
export interface Since {
  readonly physical: Physical;
  readonly point: string;
}

export interface Watch {
  /** By what the last `identify` told whether the database was written to. */
  told(): Omit<Trail, 'point'>;
  end(): Promise<void>;
}

export interface KeptTrail {
  /** As the server knows it. */
  readonly name: string;
  /** Bytes that the server keeps for it now. */
  readonly bytes: number;
  /** False: the server has given it up. */
  readonly usable: boolean;
}

export interface CloneOptions {
  readonly method: string;
  /** The release whose trail begins at the clone instant. Default: none is kept. */
  readonly trail?: string;
  /** Called with bytes copied so far, where the engine can tell. */
  readonly onProgress?: (bytes: number) => void;
}

export interface CloneReport {
  /** `from` as it was at the clone instant. */
  readonly source: Physical;
  readonly clone: Physical;
  /** How it was made, and why so when the engine chose. */
  readonly method: string;
  readonly reason: string;
  readonly bytes: number;
  /** What belongs to `from` and a clone cannot have, for people: `replication slot cdc`. Default: nothing. */
  readonly lacks?: readonly string[];
  /** Where one was asked for. */
  readonly trail?: Trail;
}
