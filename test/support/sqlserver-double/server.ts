import { answers } from './answers.ts';
import { closed, Refused, refuse } from './refused.ts';
import { statements } from './statements.ts';

export type Row = Record<string, unknown>;

export interface Answer {
  readonly rows: readonly Row[];
  readonly touched: number;
}

export interface ServerSession {
  readonly id: number;
  readonly login: string;
  readonly program: string;
  database: DoubleDatabase;
  isOpen: boolean;
  inTransaction: boolean;
  readonly locks: Set<string>;
  /** Takes back what its transaction has done; null: it has none. */
  undo: (() => void) | null;
}

export interface DoubleTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  rows: readonly string[];
  readonly isInMemory?: boolean;
  /** With change tracking: the version of its last change. */
  readonly tracked?: number;
  /** Of its columns, masked ones. */
  readonly masked?: number;
  /** A security policy, and how many rows its filter keeps from the login. */
  readonly policy?: { readonly name: string; readonly hides: number };
}

export interface DoubleObject {
  readonly kind: string;
  readonly name: string;
  readonly definition: string;
}

export interface DoubleSequence {
  readonly schema: string;
  readonly name: string;
  readonly start: number;
  readonly increment: number;
  readonly last: number | null;
}

export interface DoubleSynonym {
  readonly schema: string;
  readonly name: string;
  /** Database, schema and name of what it leads to. */
  readonly base: readonly [string, string, string];
  readonly grants: {
    readonly state: string;
    readonly permission: string;
    readonly grantee: string;
  }[];
}

/** What one database is made of, as far as the flow of a release looks at it. */
export interface DoubleDatabase {
  readonly id: number;
  guid: string;
  name: string;
  state: string;
  access: string;
  properties: Record<string, string | boolean | number | null>;
  readonly intent: Map<string, string>;
  tables: DoubleTable[];
  objects: DoubleObject[];
  synonyms: DoubleSynonym[];
  sequences: DoubleSequence[];
  snapshotOf: DoubleDatabase | null;
  /** availability group, mirrored, replicated, cdc: what stands in the way of another name. */
  readonly bound: Set<string>;
}

export interface DoubleOptions {
  readonly edition?: number;
  readonly version?: string;
  readonly backupPath?: string | null;
}

const servers = new Map<string, Double>();

export function doubleAt(host: string): Double {
  const found = servers.get(host);
  if (found === undefined)
    throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' });
  return found;
}

/** A server with databases, sessions and rights, which answers the statements that it knows and no others. */
export class Double {
  readonly databases: DoubleDatabase[] = [];
  readonly sessions: ServerSession[] = [];
  readonly backups = new Map<string, DoubleDatabase>();
  /** Application locks by name: the session that holds each. */
  readonly locks = new Map<string, ServerSession>();
  /** All that ran, without the comments. */
  readonly log: string[] = [];
  /** Of these, the ones that ask. */
  readonly queries: string[] = [];
  /** What ran and what it ran as, with the comments. */
  readonly texts: string[] = [];
  /** Rights that the login has not: `CREATE DATABASE`, `VIEW SERVER STATE`, ... */
  readonly missing = new Set<string>();
  readonly jobs: { readonly name: string; readonly step: number; readonly database: string }[] = [];
  readonly logins: { readonly name: string; readonly database: string }[] = [];
  freeBytes = 2 ** 40;
  /** Of the data file, and of the log, of any database. */
  fileBytes = 2 ** 23;
  /** How long change tracking keeps what it knows; null: it is on for no database. */
  retention: {
    readonly period: number;
    readonly units: 1 | 2 | 3;
    readonly cleans?: boolean;
  } | null = { period: 14, units: 3 };
  /** How a copy of Azure SQL Database goes on: its state each time somebody looks. */
  copying: { readonly states: string[]; readonly error?: string } = {
    states: ['COPYING', 'ONLINE'],
  };
  /** Called before each statement; throws what the server would. */
  before: (statement: string) => void = () => undefined;
  readonly options: Required<DoubleOptions>;
  readonly #waiting: { session: ServerSession; table: DoubleTable; row: string }[] = [];
  #changes = 0;
  #cutAfter = Number.POSITIVE_INFINITY;
  #isDead = false;
  #ids = 50;

  constructor(host: string, options: DoubleOptions = {}) {
    this.options = {
      edition: 3,
      version: '16.0.4131.2',
      backupPath: '/var/opt/mssql/backup',
      ...options,
    };
    servers.set(host, this);
    this.create('master', { id: 1 });
  }

  create(name: string, { id, tables = [] }: { id?: number; tables?: DoubleTable[] } = {}) {
    const database: DoubleDatabase = {
      id: id ?? Math.max(4, ...this.databases.map((one) => one.id)) + 1,
      guid: `guid-${++this.#ids}`,
      name,
      state: 'ONLINE',
      access: 'MULTI_USER',
      properties: { ...freshProperties },
      intent: new Map(),
      tables,
      objects: [],
      synonyms: [],
      sequences: [],
      snapshotOf: null,
      bound: new Set(),
    };
    this.databases.push(database);
    return database;
  }

  find(name: string): DoubleDatabase | null {
    return this.databases.find((one) => one.name.toLowerCase() === name.toLowerCase()) ?? null;
  }

  require(name: string): DoubleDatabase {
    const found = this.find(name);
    if (found === null)
      throw refuse(
        5011,
        `User does not have permission to alter database '${name}', the database does not exist, or the database is not in a state that allows access checks.`,
        14,
      );
    return found;
  }

  /** After so many statements that change something, the process of the client is gone: nothing of it goes on. */
  dieAfter(changes: number): void {
    this.#changes = 0;
    this.#cutAfter = changes;
  }

  /** The process has died; a new one begins. */
  revive(): void {
    for (const session of [...this.sessions]) this.logout(session);
    this.#isDead = false;
    this.#cutAfter = Number.POSITIVE_INFINITY;
  }

  get hasDied(): boolean {
    return this.#isDead;
  }

  /** Of somebody else: it does not die with the client. */
  visit(name: string): ServerSession {
    return this.#enter(this.require(name), 'shop_app', 'web');
  }

  /** Of somebody else, who waits for the fence on a table, and commits as soon as it is gone. */
  waitToWrite(name: string, table: string, row: string): ServerSession {
    const session = this.visit(name);
    const found = session.database.tables.find((one) => one.name === table);
    if (found === undefined) throw new Error(`No table ${table}`);
    this.#waiting.push({ session, table: found, row });
    return session;
  }

  #letWritersGoOn(): void {
    for (const writer of [...this.#waiting]) {
      const { session, table, row } = writer;
      const lock = `read ${table.schema}.${table.name}`;
      if (this.on(session.database).some(({ locks }) => locks.has(lock))) continue;
      this.#waiting.splice(this.#waiting.indexOf(writer), 1);
      if (session.isOpen) table.rows = [...table.rows, row];
    }
  }

  login({
    database: name,
    user = 'release',
    options,
  }: {
    readonly database: string;
    readonly user?: string;
    readonly options: { readonly appName: string };
  }): ServerSession {
    if (this.#isDead) throw closed();
    const failed = { number: 18456, class: 14, message: `Login failed for user '${user}'.` };
    if (this.missing.has('LOGIN')) throw new Refused(failed);
    const database = this.find(name);
    if (database === null || database.state !== 'ONLINE' || this.missing.has(`CONNECT ${name}`)) {
      const message = `Cannot open database "${name}" requested by the login. The login failed.`;
      throw new Refused({ number: 4060, class: 11, message }, failed);
    }
    if (database.access === 'SINGLE_USER' && this.on(database).length > 0) {
      const message = `Database '${name}' is already open and can only have one user at a time.`;
      throw new Refused(
        { number: 924, class: 14, message },
        {
          number: 4060,
          class: 11,
          message: `Cannot open database "${name}" requested by the login.`,
        },
        failed,
      );
    }
    return this.#enter(database, user, options.appName);
  }

  #enter(database: DoubleDatabase, login: string, program: string): ServerSession {
    const session: ServerSession = {
      id: ++this.#ids,
      login,
      program,
      database,
      isOpen: true,
      inTransaction: false,
      locks: new Set(),
      undo: null,
    };
    this.sessions.push(session);
    return session;
  }

  logout(session: ServerSession): void {
    session.isOpen = false;
    session.undo?.();
    session.undo = null;
    session.locks.clear();
    const at = this.sessions.indexOf(session);
    if (at >= 0) this.sessions.splice(at, 1);
    for (const [name, holder] of this.locks) if (holder === session) this.locks.delete(name);
    this.#letWritersGoOn();
  }

  on(database: DoubleDatabase): ServerSession[] {
    return this.sessions.filter((session) => session.database === database);
  }

  run(session: ServerSession, text: string, values: readonly unknown[]): Answer {
    if (this.#isDead || !session.isOpen) throw closed();
    this.texts.push(text);
    const comment = /^\/\* greenlight: .*? \*\/ /.exec(text);
    if (comment === null) throw new Error(`No comment names the purpose: ${text}`);
    let left = text.slice(comment[0].length).replace(/\s+/g, ' ').trim();
    this.before(left);
    let answer: Answer = { rows: [], touched: 0 };
    while (left !== '') {
      const [done, rest] = this.#one(session, left, values);
      answer = done.rows.length > 0 || rest === '' ? done : answer;
      left = rest;
    }
    return answer;
  }

  /** The first statement of a batch, and what is left of it. */
  #one(session: ServerSession, text: string, values: readonly unknown[]): [Answer, string] {
    for (const known of [...statements, ...answers]) {
      const { form, changes = false, run } = known;
      const match = form.exec(text);
      if (match === null || match.index !== 0) continue;
      const statement = match[0].replace(/;?\s*$/, '');
      this.log.push(statement);
      if (answers.includes(known)) this.queries.push(statement);
      const rows = run(this, session, match, values) ?? [];
      if (changes && ++this.#changes >= this.#cutAfter) {
        this.#isDead = true;
        throw closed();
      }
      return [{ rows, touched: rows.length }, text.slice(match[0].length).replace(/^[;\s]+/, '')];
    }
    throw new Error(`The double does not know this statement: ${text}`);
  }
}

const freshProperties = {
  owner: 'sa',
  compatibility_level: 160,
  collation: 'SQL_Latin1_General_CP1_CI_AS',
  recovery_model: 'FULL',
  auto_update_statistics_async: false,
  trustworthy: false,
  db_chaining: false,
  service_broker: false,
  read_only: false,
};
