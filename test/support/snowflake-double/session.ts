import { randomUUID } from 'node:crypto';
import {
  type Account,
  type Child,
  type Column,
  type Database,
  keyOf,
  type Moment,
  type Other,
  type Schema,
  type Table,
  type Version,
  type View,
} from './account.ts';
import { type Duck, encoded, type Rows } from './duck.ts';
import {
  canceled,
  noDatabase,
  notAllowed,
  notFound,
  notInTheDouble,
  SnowflakeFault,
} from './errors.ts';
import type { Node } from './grammar.ts';
import { type Relation, tableFunctionOf } from './information-schema.ts';
import { nameOf, type Path, type TableName } from './queries.ts';
import { typeOf } from './types.ts';

/** One statement of the history. */
export interface Executed {
  readonly id: string;
  readonly text: string;
  readonly session: Session;
  readonly tag: string;
  readonly started: Date;
  readonly role: string;
  readonly warehouse: string | null;
  /** The last change of the account before it, and when it had ended. */
  readonly before: number;
  after: number;
  status: 'RUNNING' | 'SUCCESS' | 'FAILED_WITH_ERROR';
  ended: Date | null;
  result: Rows | null;
  fault: SnowflakeFault | null;
}

/** What all sessions share. */
export interface Server {
  readonly account: Account;
  readonly duck: Duck;
  readonly history: Executed[];
  readonly sessions: Set<Session>;
}

/** What a transaction has changed and not committed. */
interface Transaction {
  readonly id: string;
  readonly started: Date;
  readonly changed: Map<Table, Version>;
}

export class Session {
  readonly id: number;
  readonly server: Server;
  readonly user: string;
  role: string;
  warehouse: string | null;
  database: string | null;
  schema: string | null;
  readonly parameters = new Map<string, string>();
  readonly variables = new Map<string, string>();
  readonly temporary: (() => void)[] = [];
  transaction: Transaction | null = null;
  last: string | null = null;
  tag = '';

  constructor(
    server: Server,
    given: Pick<Session, 'user' | 'role' | 'warehouse' | 'database' | 'schema'> & { id: number },
  ) {
    this.server = server;
    this.id = given.id;
    this.user = given.user;
    this.role = given.role;
    this.warehouse = given.warehouse;
    this.database = given.database;
    this.schema = given.schema;
  }

  get account(): Account {
    return this.server.account;
  }

  get duck(): Duck {
    return this.server.duck;
  }

  /** The same with other names in force: where a view stands, in its owner's right. */
  within(database: string, schema: string, role: string): Session {
    const inner = new Session(this.server, {
      id: this.id,
      user: this.user,
      role,
      warehouse: this.warehouse,
      database,
      schema,
    });
    inner.transaction = this.transaction;
    return inner;
  }

  pathOf({ name, schema, catalog }: TableName): Path {
    const database = catalog ? nameOf(catalog) : this.database;
    if (database === null) throw noDatabase('SELECT');
    if (schema) return [database, nameOf(schema), nameOf(name)];
    if (this.schema === null) {
      throw new SnowflakeFault(
        '090106',
        '22000',
        "Cannot perform SELECT. This session does not have a current schema. Call 'USE SCHEMA', or use a qualified name.",
      );
    }
    return [database, this.schema, nameOf(name)];
  }

  /** The same of a name in parts. */
  path(parts: readonly string[]): Path {
    const [name = '', schema, catalog] = [...parts].reverse();
    const exact = (text: string | undefined) =>
      text === undefined ? null : { name: text, quoted: true };
    return this.pathOf({
      name: { name, quoted: true },
      schema: exact(schema),
      catalog: exact(catalog),
    });
  }

  /** A schema that is named by one part or two. */
  schemaOf(parts: readonly string[]): { readonly database: Database; readonly schema: Schema } {
    const [name = '', database = this.database] = [...parts].reverse();
    if (database === null) throw noDatabase('this operation');
    return {
      database: this.account.database(database, this.role),
      schema: this.account.schema(database, name, this.role),
    };
  }

  placeOf([database, schema]: Path): { readonly database: Database; readonly schema: Schema } {
    return {
      database: this.account.database(database, this.role),
      schema: this.account.schema(database, schema, this.role),
    };
  }

  relation(
    path: Path,
    moment: Moment | null,
  ):
    | { readonly kind: 'TABLE'; readonly table: Table; readonly version: Version }
    | { readonly kind: 'VIEW'; readonly view: View } {
    const child = this.account.child(path, 'TABLE', this.role);
    if (!this.account.can(this.role, 'SELECT', child)) throw notAllowed(child.kind, path[2]);
    if (child.kind === 'VIEW') return { kind: 'VIEW', view: child };
    if (child.kind !== 'TABLE') throw notInTheDouble(`reading a ${child.kind}`);
    const { database, schema } = this.placeOf(path);
    const version =
      moment === null
        ? this.current(child)
        : this.account.versionAt([database, schema], child, moment);
    return { kind: 'TABLE', table: child, version };
  }

  /** As this session sees it. */
  current(table: Table): Version {
    const version = this.transaction?.changed.get(table) ?? table.versions.at(-1);
    if (version === undefined) throw new Error('A table has at least one version');
    return version;
  }

  /**
   * A table that is about to be changed: nobody else changes it until the transaction has ended, which each statement is for
   * itself in autocommit, also beside others of its session. Gives who has it.
   */
  async lock(table: Table, cancelled: AbortSignal): Promise<object> {
    const owner = this.transaction ?? {};
    const until = Date.now() + Number(this.parameters.get('LOCK_TIMEOUT') ?? 43_200) * 1000;
    while (table.lockedBy !== null && table.lockedBy !== owner) {
      if (cancelled.aborted) throw canceled();
      if (Date.now() >= until) {
        throw new SnowflakeFault(
          '000625',
          '57014',
          `Statement '${this.last}' has locked table '${table.name}' in transaction and this lock has not yet been released.`,
        );
      }
      await new Promise((resume) => setTimeout(resume, 5));
    }
    table.lockedBy = owner;
    return owner;
  }

  /** What a statement made of a table: for all at once, or when the transaction commits. */
  put(table: Table, version: Version): void {
    if (this.transaction !== null) {
      this.transaction.changed.set(table, version);
      return;
    }
    table.versions.push(version);
    table.altered = version.at;
    table.lockedBy = null;
  }

  /** One that failed lets go of what it held by itself. */
  letGo(table: Table, owner: object): void {
    if (this.transaction === null && table.lockedBy === owner) table.lockedBy = null;
  }

  begin(): void {
    if (this.transaction !== null) return;
    this.transaction = {
      id: String(this.account.id()),
      started: this.account.now(),
      changed: new Map(),
    };
  }

  commit(): void {
    const { transaction } = this;
    this.transaction = null;
    if (transaction === null) return;
    const [sequence, at] = [this.account.sequence(), this.account.now()];
    for (const [table, version] of transaction.changed) {
      table.versions.push({ ...version, sequence, at });
      table.altered = at;
    }
    this.#unlock(transaction);
  }

  rollback(): void {
    const { transaction } = this;
    this.transaction = null;
    if (transaction !== null) this.#unlock(transaction);
  }

  #unlock(transaction: Transaction): void {
    for (const { schemas } of this.account.databases.values())
      for (const { children } of schemas.values())
        for (const child of children.values())
          if (child.kind === 'TABLE' && child.lockedBy === transaction) child.lockedBy = null;
  }

  end(): void {
    this.rollback();
    for (const drop of this.temporary.splice(0)) drop();
    this.server.sessions.delete(this);
  }

  version(physical: string, rows: number): Version {
    return { physical, rows, sequence: this.account.sequence(), at: this.account.now() };
  }

  /** Facts of the session that a query asks for; undefined: it is no such function. */
  fact(name: string): string | null | undefined {
    switch (name) {
      case 'CURRENT_DATABASE':
        return this.database;
      case 'CURRENT_SCHEMA':
        return this.schema;
      case 'CURRENT_ROLE':
        return this.role;
      case 'CURRENT_USER':
        return this.user;
      case 'CURRENT_WAREHOUSE':
        return this.warehouse;
      case 'CURRENT_ACCOUNT':
      case 'CURRENT_ACCOUNT_NAME':
        return 'DOUBLE';
      case 'CURRENT_ORGANIZATION_NAME':
        return 'TEST';
      case 'CURRENT_REGION':
        return 'AWS_EU_CENTRAL_1';
      case 'CURRENT_VERSION':
        return '9.99.9';
      case 'CURRENT_SESSION':
        return String(this.id);
      case 'CURRENT_TRANSACTION':
        return this.transaction?.id ?? null;
      case 'CURRENT_STATEMENT':
        return null;
      case 'CURRENT_SECONDARY_ROLES':
        return '{"roles":"","value":""}';
      case 'LAST_QUERY_ID':
        return this.last;
      case 'UUID_STRING':
        return randomUUID();
      default:
        return undefined;
    }
  }

  resultOf(id: string): Relation {
    const found = this.server.history.find((one) => one.id === id && one.session.id === this.id);
    if (found?.result === undefined || found.result === null) {
      throw new SnowflakeFault('000709', '02000', `Statement ${id} not found`);
    }
    const { columns, rows } = found.result;
    return { columns, rows };
  }

  moment(word: string, kind: string, sql: string): Promise<Moment> {
    return momentOf(this, word, kind, sql);
  }

  sequence(path: Path): string {
    const found = this.account.child(path, 'SEQUENCE', this.role) as Other;
    return found.facts.get('physical') ?? '';
  }

  tableFunction(argument: Node): Relation | null {
    return tableFunctionOf(this, argument);
  }

  /** The children of a schema that the role may know of. */
  visible(schema: Schema): Child[] {
    return [...schema.children.values()].filter((child) =>
      this.account.can(this.role, null, child),
    );
  }

  /** The DDL of a table of DuckDB's for these columns. */
  physicalColumns(columns: readonly Column[], defaults: readonly (string | null)[]): string {
    return columns
      .map(({ name, type }, at) => {
        const value = defaults[at] ?? null;
        return `${encoded(name)} ${typeOf(type).duckdb}${value === null ? '' : ` DEFAULT ${value}`}`;
      })
      .join(', ');
  }

  find(kind: Child['kind'], path: Path): Child | undefined {
    const { schema } = this.placeOf(path);
    return schema.children.get(keyOf(kind, path[2]));
  }
}

async function momentOf(
  session: Session,
  word: string,
  kind: string,
  sql: string,
): Promise<Moment> {
  const { duck, account, server } = session;
  const one = async (query: string) => (await duck.rows(query)).rows[0]?.[0] ?? null;
  const inner = sql.replace(/^SELECT /, '');
  if (kind === 'STATEMENT') {
    const id = await one(sql);
    const found = server.history.find((executed) => executed.id === id);
    if (found === undefined)
      throw new SnowflakeFault('000709', '02000', `Statement ${id} not found`);
    return { sequence: word === 'BEFORE' ? found.before : found.after, included: true };
  }
  if (kind === 'TIMESTAMP') {
    const ms = await one(`SELECT epoch_ms(CAST((${inner}) AS TIMESTAMPTZ))`);
    const time = new Date(Number(ms));
    if (time.getTime() > Math.max(Date.now(), account.now().getTime())) {
      throw new SnowflakeFault(
        '000707',
        '02000',
        'Time travel data is not available: the requested time is in the future.',
      );
    }
    return { time: word === 'BEFORE' ? new Date(time.getTime() - 1) : time };
  }
  if (kind === 'OFFSET') {
    const seconds = Number(await one(`SELECT CAST((${inner}) AS DOUBLE)`));
    return { time: new Date(Date.now() + seconds * 1000) };
  }
  throw notFound('Time travel', kind);
}
