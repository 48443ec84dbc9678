import type { ConnectionValues } from './connection-options.ts';
import type { Lexis } from './lexis.ts';

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

/** A file for an embedded engine, a database or schema for a server. Means something to its engine only. */
export type Location = string;

export interface Places {
  readonly live: Location;
  candidate(release: string): Location;
  baseline(release: string): Location;
  control(release: string): Location;
  /** Where the copy of the candidate is made whose parked rows are published. */
  published(release: string): Location;
  /** Where the old live is kept after the swap of this release. */
  previous(release: string): Location;
  /** Where the released database is kept after the rollback of this release. */
  rolledBack(release: string): Location;
  /** Databases of other servers, which stand there already and are only read. Only of engines that reach others. */
  readonly given?: GivenPlaces;
  /** Three places beside each other in which the swap of this release is rehearsed. */
  rehearsal(release: string): RehearsalPlaces;
  /** How a stored definition could name the database at `at`. */
  names(at: Location): string[];
  /** For people: short, relative where that is clear. */
  describe(at: Location): string;
}

export interface GivenPlaces {
  /** As a person wrote it in the configuration. Throws UsageError for what is none. */
  locate(written: string): Location;
  has(at: Location): boolean;
}

/** They stand to each other as live, candidate and previous do, so that the same exchange works on them. */
export interface RehearsalPlaces {
  readonly live: Location;
  readonly candidate: Location;
  readonly previous: Location;
}

// ---------------------------------------------------------------------------------------------
// Databases: identity, clone, drop

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

// ---------------------------------------------------------------------------------------------
// Catalog: what there is

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

// ---------------------------------------------------------------------------------------------
// Scripts: SQL files that run on one database

export interface ScriptRunner {
  /** Opens `at` alone: no other database of the release, nor live or the ledger, is within reach of what runs in it. */
  open(at: Location, options: ScriptOptions): Promise<ScriptSession>;
  /** How its SQL falls into pieces. */
  readonly lexis: Lexis;
  /** What in this SQL gives another value in another run, in the order of the text. Texts and comments are not looked at. */
  noiseIn(sql: string): Promise<readonly NoiseSource[]>;
}

/** A function of the engine that looks at its own clock, at chance, at a sequence or at the session. */
export interface NoiseSource {
  /** As people know it: `now()`, `current_date`. */
  readonly function: string;
  readonly source: 'clock' | 'random' | 'sequence' | 'session';
  /** Counts from 1. */
  readonly line: number;
}

/** A value as text, with the engine's word for its type. */
export interface TypedText {
  readonly text: string;
  readonly type: string;
}

export interface ScriptOptions {
  readonly write: boolean;
  /** Session variables that scripts may read; a plain text is a text, but for `greenlight_now`: an instant. */
  readonly variables: Readonly<Record<string, string | TypedText>>;
  /** Whether `{{ name }}` in a script stands for the variable `greenlight_name`. Default: false, they are not looked at. */
  readonly placeholders?: boolean;
  /** Locations that no script may name. */
  readonly forbidden: readonly Location[];
  /** The session's time zone is UTC, not that of the machine. */
  readonly utc?: boolean;
}

export interface ScriptSession {
  /**
   * Runs the statements of a file in order, in one transaction where the engine and the statements allow.
   * Throws a GreenlightError that names file, line and statement; then nothing of a transactional script has happened.
   * With `mark`, the database remembers that the script has run: in the script's own transaction, or else right after it.
   */
  run(
    script: Script,
    onStatement?: (done: number, total: number) => void,
    mark?: RunMark,
  ): Promise<ScriptReport>;
  /**
   * Runs a query file of checks: each query gives rows, and every column of every row is true.
   * Gives one line of text for each that is not.
   */
  check(script: Script): Promise<string[]>;
  /**
   * The rows of one query, as texts, with the columns' types.
   * @throws GreenlightError, with file and line, when it fails or is more than one statement.
   */
  query(script: Script): Promise<QueryRows>;
  /** What the database remembers; null: nothing. */
  readMark(): Promise<RunMark | null>;
  writeMark(mark: RunMark): Promise<void>;
  /** Leaves no trace of a mark in the database. */
  dropMark(): Promise<void>;
  close(): Promise<void>;
}

export interface QueryRows {
  readonly columns: readonly string[];
  readonly types: readonly string[];
  readonly rows: readonly (string | null)[][];
}

/** How far a run of many items has come, kept inside the database that they change: neither can be without the other. */
export interface RunMark {
  /** Tells the run from others. */
  readonly run: string;
  /** Items that have come to their end. */
  readonly done: number;
  /** The next item has begun, and would not be undone if it were cut off. */
  readonly begun: boolean;
}

export interface Script {
  /** As shown to people: relative to the project. */
  readonly file: string;
  readonly text: string;
}

export interface ScriptReport {
  readonly statements: number;
  /** False when the script could not run in a transaction; `reason` says which statement. */
  readonly transactional: boolean;
  readonly reason: string | null;
}

// ---------------------------------------------------------------------------------------------
// Comparison: two databases side by side, and the store that takes the deviations

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

// ---------------------------------------------------------------------------------------------
// Swap: the only part that touches live

export interface Swapper {
  /**
   * Finishes what live has unfinished (a log that is not worked in) so that it can be swapped. Writes to live's files,
   * not to its content. Gives false when there was nothing to do.
   */
  settle(live: Location): Promise<boolean>;
  /**
   * Makes the database that is about to go live as quick as the old one, before anybody has to wait: its planner knows
   * what the tables hold. Changes neither its content nor its mark. Gives how many tables it looked at.
   */
  warm(incoming: Location): Promise<number>;
  /** Keeps writers off live until it is released; readers may stay. Throws DatabaseInUse when somebody is writing. */
  fence(live: Location): Promise<Fence>;
  /**
   * Puts the database at `incoming` in live's place and keeps the old one at `kept`, in one quick operation.
   * May be called again after a crash at any point in it. `back`: the incoming one was live before; what only one that
   * is new has to fulfil does not hold it up.
   */
  exchange(live: Location, incoming: Location, kept: Location, direction?: 'back'): Promise<void>;
  /**
   * After an exchange: sequences that went on in the old database behind the fence go on from there in the new one,
   * unless they are further already. Gives their names.
   */
  carryOn(kept: Location, live: Location): Promise<readonly string[]>;
  /**
   * Does what an exchange of these places has left to do that was cut off after live was exchanged. Done again, it does
   * nothing. Only of engines whose exchange takes more than one step.
   */
  finish?(live: Location, incoming: Location, kept: Location): Promise<void>;
}

export interface Fence {
  release(): Promise<void>;
}

// ---------------------------------------------------------------------------------------------
// Replay: rows of one database, brought into another

export interface Replayer {
  /**
   * Makes the rows of these tables at `to` equal to those at `from`, by key and by sets: rows that `from` has not go,
   * rows that it lacks, or that differ in the least, come. All or nothing; reads `from` only. Done again, it changes
   * nothing. `old` of each pair is `to`, `new` is `from`.
   * @throws GreenlightError in the engine's words when it does not take the rows.
   */
  bringOver(
    from: Location,
    to: Location,
    tables: readonly TablePair[],
    purpose: string,
  ): Promise<void>;
}

// ---------------------------------------------------------------------------------------------
// Bitemporal tables: rows with a technical validity beside the business one

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

// ---------------------------------------------------------------------------------------------
// Stores: a few tables of the product's own, for the ledger

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

// ---------------------------------------------------------------------------------------------
// Recorded deviations, read back

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

// ---------------------------------------------------------------------------------------------
// Examination: what would go wrong, before anything is started

export interface Examiner {
  /**
   * Looks at connection, version, privileges, retention, edition and limits. Writes to no database and leaves nothing
   * behind. Throws nothing that the database says: what cannot be reached or looked at is a finding like others. Gives
   * them as they are made, those of one part together.
   */
  examine(options: ExaminationOptions): AsyncIterable<Finding>;
}

export interface ExaminationOptions {
  /** How candidate and baseline are to be made, as in CloneOptions. */
  readonly method: string;
  /** How many databases as large as live one release makes beside it: candidate, baseline, and control where one runs. */
  readonly copies: number;
  /** Whether rows are to be brought over that were written to live since the clone. */
  readonly replays: boolean;
  /** The baseline, where one is given. Default: none is. */
  readonly baseline?: Location;
}

export interface Finding {
  /** The part of the engine that it is about. */
  readonly part:
    | 'connection'
    | 'databases'
    | 'catalog'
    | 'scripts'
    | 'comparison'
    | 'swap'
    | 'replay'
    | 'stores';
  /** What was looked at, for people, in lower case: `the right to make databases`. */
  readonly subject: string;
  /** fault: a release would fail. warning: it would do less, or take longer. unknown: it could not be looked at. */
  readonly verdict: 'good' | 'warning' | 'fault' | 'unknown';
  /** What is so, in whole sentences. Names no secret and no row value. */
  readonly found: string;
  /** What to do, with the statement to run where there is one, one a line; null when all is good. */
  readonly help: string | null;
}
