import type { ConnectionValues } from './connection-options.ts';
import type { BitemporalEditor } from './interface/bitemporal.ts';
import type { CatalogReader } from './interface/catalog.ts';
import type { Comparer } from './interface/comparison.ts';
import type { Databases } from './interface/databases.ts';
import type { Examiner } from './interface/examination.ts';
import type { Location, Places } from './interface/places.ts';
import type { Replayer } from './interface/replay.ts';
import type { ScriptRunner } from './interface/scripts.ts';
import type { Stores } from './interface/stores.ts';
import type { Swapper } from './interface/swap.ts';

export type * from './interface/bitemporal.ts';
export type * from './interface/catalog.ts';
export type * from './interface/comparison.ts';
export type * from './interface/databases.ts';
export type * from './interface/examination.ts';
export type * from './interface/places.ts';
export type * from './interface/recorded.ts';
export type * from './interface/replay.ts';
export type * from './interface/scripts.ts';
export type * from './interface/stores.ts';
export type * from './interface/swap.ts';

/**
 * What the product asks of a database engine. An engine owns all SQL and knows no release:
 * it is told locations, names and values, and gives back facts.
 */
export interface Engine {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Where live is and where the engine puts what a release needs. */
  readonly places: Places;
  readonly databases: Databases;
  readonly catalog: CatalogReader;
  readonly scripts: ScriptRunner;
  readonly comparison: Comparer;
  readonly bitemporal: BitemporalEditor;
  readonly swap: Swapper;
  readonly replay: Replayer;
  readonly stores: Stores;
  readonly examiner: Examiner;
  /**
   * Name and value of each environment variable that lets a command work on the database at `at`, and on no other.
   * Undefined: one that the command must not have.
   */
  commandEnvironment(at: Location): Record<string, string | undefined>;
  /** What of the connection works today and should be changed: told with every step. */
  warnings?(): readonly string[];
  /** What the engine's statements of this process have cost so far, in sentences, where the database tells. */
  costs?(): Promise<readonly string[]>;
  /** What no variable of a command may hold, because it shows live: texts, and patterns that are found in such texts. */
  traces(): (string | RegExp)[];
}

/** What an engine is made with. */
export interface EngineSettings {
  /** Folder against which relative files resolve: that of greenlight.yml. */
  readonly root: string;
  /** As written in greenlight.yml. */
  readonly live: string;
  /** Null: where this engine keeps it by default. */
  readonly ledger: string | null;
  readonly connection: ConnectionValues;
  /** Other servers by their names, for engines whose locations can name one. Default: none. */
  readonly servers?: Readonly<Record<string, ConnectionValues>>;
  /** Folder whose node_modules has the engine's driver; else it is looked for, and installed on first use. */
  readonly packages?: string;
  /** What the engine works for, to be told to a database that keeps a history of its statements. */
  readonly work?: { readonly step: string | null; readonly release: string | null };
}

/** What an engine can do. The rest of the product asks these, never the engine's name. */
export interface Capabilities {
  /** A script is undone whole when one of its statements fails. */
  readonly transactionalDdl: boolean;
  /** Readers of live go on undisturbed through a swap. */
  readonly swapKeepsReaders: boolean;
  /** Live can be read and cloned from behind its fence, and the fence still stands. */
  readonly readsBehindFence: boolean;
  /**
   * False: nothing keeps writers off, and a fence says nothing. What was written during a swap is looked for after it.
   * Default: true.
   */
  readonly fenceKeepsWriters?: boolean;
  /** Tables can be taken as equal because a hash over all of their rows is, where the user asks for that. Default: false. */
  readonly comparesHashes?: boolean;
}
