import type { Engine, Location } from '../../src/engines/engine.ts';

/**
 * What the conformance suite must be told of an engine. Scenarios speak to the `Engine` only; the harness makes the
 * databases that they need and looks at them from outside, as another program would.
 */
export interface Harness {
  /** Features of the engine's SQL; a scenario that needs another one is skipped by name. */
  readonly features: ReadonlySet<Feature>;
  /** SQL or a message of a scenario, which is in DuckDB's words, in those of the engine. */
  translate(text: string): string;
  /** A script of a scenario in the SQL of the engine: what is on a line stays there. */
  script(text: string): string;
  /** A condition that the engine gave, in the words of a scenario. Default: as it is. */
  inScenario?(condition: string): string;
  /** The schema under which the engine shows one that a scenario makes: a place that is one schema has that one only. */
  schemaOf(name: string): string;
  /** A new place with an engine whose live database, candidates and ledger do not exist yet. */
  start(): Promise<Scratch>;
}

/** Beyond what every engine has: schemas, views, keys, integers, decimals, doubles, texts, dates, timestamps. */
export type Feature =
  | 'not-a-number' // doubles hold NaN and the infinities
  | 'negative-zero'
  | 'timestamptz'
  | 'boolean'
  | 'uuid'
  | 'interval'
  | 'macro'
  | 'sequence'
  | 'comment'
  | 'enum'
  | 'list' // a column holds a list of values
  | 'struct' // a column holds values with fields of their own
  | 'json'
  | 'json-text' // JSON keeps its text: strict mode tells it, members may be named twice, numbers have any size
  | 'unicode-forms' // letters can be composed, and their accents taken away
  | 'infinite-dates' // dates and timestamps hold infinity
  | 'write-ahead-log'
  | 'clone-beside-readers' // a clone is made while others read the source
  | 'marks-of-writes' // a mark tells every write, also one that puts back what was there
  | 'other-things' // something that is no database may stand where one is looked for
  | 'index'
  | 'range' // rows are made of a range of numbers
  | 'typed-comparisons' // a text and a number do not meet without a cast
  | 'check' // constraints over values
  | 'enforced-keys' // no two rows have the same key
  | 'changing-defaults' // the default of a column may be changed
  | 'fence' // writers can be kept off
  | 'stored-names'; // a view keeps the name of the database that it was made with

export interface Scratch {
  readonly engine: Engine;
  /** How another process makes the same engine: the arguments of `createEngine`. */
  readonly recipe: Recipe;
  /** Makes an empty database at `at` and runs the SQL in it. */
  create(at: Location, sql: string): Promise<void>;
  /** Runs SQL on the database at `at`, past the engine; nobody else has it open. Rows of the last statement. */
  sql(at: Location, sql: string): Promise<Record<string, unknown>[]>;
  /** Another program that has the database open; with `write` it is in the middle of writing. */
  client(at: Location, access: 'read' | 'write'): Promise<Client>;
  /** A digest over all that is stored for the database: changes when anything was written. */
  fingerprint(at: Location): Promise<string>;
  /** Makes something at `at` that is no database. */
  createSomethingElse(at: Location): Promise<void>;
  /** What a script would call the database at `at`, as a text. */
  nameWithin(at: Location): string;
  /** Statements that lead a script to the database that `literal` names: a text of SQL, or what stands for one. */
  reaching(literal: string): string[];
  /** Another way to write the location, that means the same database. */
  aliases(at: Location): Promise<string[]>;
  dispose(): Promise<void>;
}

export interface Recipe {
  readonly engine: string;
  readonly settings: {
    readonly root: string;
    readonly live: string;
    readonly ledger: string;
    readonly connection: Readonly<Record<string, string | number | boolean>>;
    readonly servers?: Readonly<Record<string, Recipe['settings']['connection']>>;
  };
}

export interface Client {
  /** Rows of one statement, values as JSON. */
  sql(statement: string): Promise<Record<string, unknown>[]>;
  /** Ends the process with SIGKILL: what it committed is there, nothing is tidied up. */
  kill(): Promise<void>;
  close(): Promise<void>;
}
