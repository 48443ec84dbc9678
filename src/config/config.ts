import type { CloneMethod, EngineName } from '../engines/names.ts';

/** The configuration of a project, read from greenlight.yml, with every default filled in. */
export interface Config {
  readonly version: 1;
  /** Absolute path of the configuration file, and its folder, against which all paths resolve. */
  readonly file: string;
  readonly root: string;
  readonly engine: EngineName;
  /** As written: a file or a database name. The engine resolves it against `root`. */
  readonly live: string;
  /** Options of the connection, as the engine's own schema describes them. */
  readonly connection: Readonly<Record<string, string | number | boolean>>;
  /** Of other servers, by their names. */
  readonly servers: Readonly<Record<string, Config['connection']>>;
  /** As written: a file or a database name; null: the engine's own default. */
  readonly ledger: string | null;
  readonly clone: {
    readonly method: CloneMethod;
    /** As written: a database that is one already; null: one is made. */
    readonly baseline: string | null;
  };
  /** Null when the project migrates nothing. */
  readonly migrate: Migrate | null;
  /** Null when the project has no logic to run. */
  readonly simulate: Simulate | null;
  readonly compare: CompareConfig;
  readonly expectations: {
    /** The file that declares intended deviations: as written, relative to `root`. */
    readonly file: string;
    /** The configuration names it; else there need not be one. */
    readonly mustExist: boolean;
  };
  readonly privacy: Privacy;
  readonly swap: {
    readonly drift: DriftPolicy;
    readonly verify: readonly RunItem[];
    /** On a CI host, production changes on this branch only; null: the default branch of the repository. */
    readonly branch: string | null;
    readonly timeoutMs: number;
    /** How long writers may be kept waiting while the release is brought up to live for the last time. */
    readonly longestHoldMs: number;
  };
  readonly approvals: ApprovalRules;
  readonly retire: {
    /** How long after its swap a release keeps `previous`, whatever is retired. */
    readonly keepPreviousMs: number;
  };
  /** Names of the environment variables that `connection` uses: what they hold may be secret. */
  readonly variables: readonly string[];
}

/** Whose approvals open the gate for deviations that nothing explains. */
export interface ApprovalRules {
  /** Persons, each under another name. */
  readonly required: number;
  /** True: the author of the release counts as one of them. */
  readonly byAuthor: boolean;
}

/** What happens when live has changed since the clone. */
export type DriftPolicy = 'refuse' | 'rebuild' | 'replay';

export type Privacy = 'keys' | 'masked' | 'full' | 'none';

/** Either a folder of scripts or the team's own tool. */
export type Migrate =
  | { readonly kind: 'scripts'; readonly folder: string }
  | ({ readonly kind: 'command' } & CommandItem);

export interface Simulate {
  readonly run: readonly RunItem[];
  /** ISO 8601 instant that the run sees as now; null: the clone instant. */
  readonly clock: string | null;
  /** A query that lists the periods for which `run` is repeated; null: it runs once. */
  readonly forEach: string | null;
  /** Where the old logic is that runs as control; null: none runs. */
  readonly control: Control | null;
  /** Null: no table has a technical validity. */
  readonly bitemporal: Bitemporal | null;
}

export interface Bitemporal {
  /** From and until, as written. */
  readonly technical: readonly [from: string, until: string];
  readonly publish: 'at-swap' | 'never';
  /** ISO 8601 instant in whole seconds: where the run is parked. */
  readonly parked: string;
}

/** merge-base: the commit of the repository at which this line of work left the target branch. */
export type Control =
  | { readonly kind: 'merge-base' }
  | { readonly kind: 'ref'; readonly ref: string }
  /** As written, relative to `root`. */
  | { readonly kind: 'folder'; readonly folder: string };

export type RunItem =
  | { readonly kind: 'sql'; readonly glob: string }
  | ({ readonly kind: 'command' } & CommandItem);

export interface CommandItem {
  /** Runs in the shell of the system, in `root`. */
  readonly command: string;
  /** Globs of the files that the command's outcome depends on: part of the logic hash. */
  readonly paths: readonly string[];
  readonly timeoutMs: number;
}

export interface CompareConfig {
  /** Patterns of `schema.table`, `*` within a part. */
  readonly input: readonly string[];
  /** Null: every table and view that is not input. */
  readonly result: readonly string[] | null;
  /** `schema.table` -> key columns. Names that hold more than one part are canonical: as formatName writes them. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  /** Each `schema.table.column`. */
  readonly ignore: readonly string[];
  /** `schema.table` -> column -> tolerance. */
  readonly tolerance: Readonly<Record<string, Readonly<Record<string, Tolerance>>>>;
  readonly mode: 'semantic' | 'strict';
  /** hash: tables of equal hashes are taken as equal. Default: exact. */
  readonly proof?: 'exact' | 'hash' | undefined;
}

export type Tolerance = { readonly absolute: number } | { readonly relative: number };
