/** What the rest says of an engine without loading it. */
interface KnownEngine {
  /** How `live` may look. */
  readonly live: string;
  /** Where the ledger is when nobody says. */
  readonly ledger: string;
  /** Ways to clone that may be asked for, and what each does; none: `auto` is the only one. */
  readonly methods: Readonly<Record<string, string>>;
  /** What `auto` does where it is the only way. */
  readonly auto?: string;
}

/** The only list of the engines: configuration, registry and starters are typed by it. */
export const engines = {
  duckdb: {
    live: 'warehouse.duckdb',
    ledger: 'greenlight.duckdb',
    methods: { reflink: 'shares blocks with live', copy: 'copies all bytes' },
  },
  postgres: {
    live: 'shop',
    ledger: 'greenlight',
    methods: {
      template: 'the server copies the files while nobody is on live',
      dump: 'pg_dump and pg_restore while others work',
    },
  },
  snowflake: {
    live: 'shop',
    ledger: 'greenlight',
    methods: {},
    auto: 'a zero-copy clone',
  },
  sqlserver: {
    live: 'shop',
    ledger: 'greenlight',
    methods: {
      backup: 'COPY_ONLY backup and restore',
      snapshot: 'the same, with a database snapshot as baseline',
      copy: 'in Azure SQL Database',
    },
  },
} as const satisfies Record<string, KnownEngine>;

export type EngineName = keyof typeof engines;

type MethodOf<Name extends EngineName> = Extract<keyof (typeof engines)[Name]['methods'], string>;
export type CloneMethod = 'auto' | { [Name in EngineName]: MethodOf<Name> }[EngineName];

export const engineNames = Object.keys(engines) as EngineName[];

/** The one that needs no server. */
export const firstEngine: EngineName = 'duckdb';

const all: readonly (readonly [string, KnownEngine])[] = Object.entries(engines);

/** Of all engines; which one has which, the engine itself says. */
export const cloneMethods = [
  ...new Set(['auto', ...all.flatMap(([, { methods }]) => Object.keys(methods))]),
] as CloneMethod[];

/** A sentence an engine: `For duckdb: reflink (shares blocks with live) or copy (copies all bytes).` */
export const cloneMethodsTold: string = all
  .map(([name, { methods, auto }]) => {
    const ways = Object.entries(methods).map(([method, does]) => `${method} (${does})`);
    return `For ${name}: ${ways.length === 0 ? `always auto, ${auto}` : ways.join(' or ')}.`;
  })
  .join(' ');

/** `greenlight.duckdb for duckdb, greenlight for postgres, ...` */
export const ledgersTold: string = all
  .map(([name, { ledger }]) => `${ledger} for ${name}`)
  .join(', ');

export function isEngineName(name: string): name is EngineName {
  return Object.hasOwn(engines, name);
}
