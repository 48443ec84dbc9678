import { alreadyThere, hybridInSchema, noTimeTravel, notAllowed, notFound } from './errors.ts';

/** One state of a table: rows that never change again, in a table of DuckDB's. */
export interface Version {
  readonly physical: string;
  readonly rows: number;
  /** Of the statement that made it. */
  readonly sequence: number;
  readonly at: Date;
}

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  /** As written. */
  readonly default: string | null;
  readonly comment: string | null;
}

export interface Constraint {
  readonly name: string;
  readonly kind: 'PRIMARY KEY' | 'UNIQUE' | 'FOREIGN KEY';
  readonly columns: readonly string[];
}

export interface Grant {
  readonly privilege: string;
  readonly role: string;
  readonly option: boolean;
  readonly at: Date;
  readonly by: string;
}

/** Whatever bears a name and has an owner. */
export interface Thing {
  readonly kind: Kind;
  name: string;
  owner: string;
  grants: Grant[];
  comment: string | null;
  readonly created: Date;
  altered: Date;
  /** Those that are set on it itself; of tables and views, on their columns as well. */
  tags: readonly TagSet[];
  /** Of tables and views: those in force on them. */
  policies: readonly PolicyInForce[];
}

export interface TagSet {
  readonly tag: Other;
  readonly column: string | null;
  readonly value: string;
}

export interface PolicyInForce {
  readonly policy: Other;
  /** Null: a row access policy, on the whole table. */
  readonly column: string | null;
  readonly arguments: readonly string[];
}

export type Kind =
  | 'DATABASE'
  | 'SCHEMA'
  | 'TABLE'
  | 'VIEW'
  | 'SEQUENCE'
  | 'STAGE'
  | 'PIPE'
  | 'TASK'
  | 'ALERT'
  | 'STREAM'
  | 'DYNAMIC TABLE'
  | 'EXTERNAL TABLE'
  | 'FUNCTION'
  | 'PROCEDURE'
  | 'TAG'
  | 'MASKING POLICY'
  | 'ROW ACCESS POLICY'
  | 'WAREHOUSE';

export interface Table extends Thing {
  readonly kind: 'TABLE';
  columns: Column[];
  constraints: Constraint[];
  readonly transient: boolean;
  readonly hybrid: boolean;
  retention: number | null;
  clusterBy: string | null;
  /** Whether it is clustered by itself. */
  clusters: boolean;
  versions: Version[];
  /** The session that has changed it and has not ended its transaction. */
  lockedBy: object | null;
  readonly id: number;
  cloneGroup: number;
}

export interface View extends Thing {
  readonly kind: 'VIEW';
  readonly text: string;
  /** The query alone. */
  readonly query: string;
  readonly columns: readonly Column[];
  readonly secure: boolean;
}

/** What the double knows of by its name and its properties only. */
export interface Other extends Thing {
  readonly kind: Exclude<Kind, 'DATABASE' | 'SCHEMA' | 'TABLE' | 'VIEW' | 'WAREHOUSE'>;
  /** What SHOW tells: definition, state, schedule. */
  readonly facts: Map<string, string>;
}

export type Child = Table | View | Other;

export interface FutureGrant extends Grant {
  /** `TABLE`, `VIEW`. */
  readonly on: string;
}

export interface Schema extends Thing {
  readonly kind: 'SCHEMA';
  readonly managed: boolean;
  transient: boolean;
  retention: number | null;
  readonly children: Map<string, Child>;
  futureGrants: FutureGrant[];
}

export interface Database extends Thing {
  readonly kind: 'DATABASE';
  readonly transient: boolean;
  retention: number | null;
  readonly schemas: Map<string, Schema>;
  futureGrants: FutureGrant[];
  /** Set: it is made of a share, and only reads. */
  readonly share: string | null;
}

export interface Warehouse extends Thing {
  readonly kind: 'WAREHOUSE';
  size: string;
  autoResume: boolean;
  state: 'STARTED' | 'SUSPENDED';
  /** Seconds; null: as the account says. */
  statementTimeout: number | null;
  monitor: string | null;
}

/** As it is made when nothing is said (docs: CREATE WAREHOUSE). */
export const newWarehouse = {
  size: 'X-Small',
  autoResume: true,
  state: 'STARTED',
  statementTimeout: null,
  monitor: null,
} as const;

export interface User {
  readonly name: string;
  readonly defaultRole: string;
  readonly roles: Set<string>;
}

export interface Monitor {
  readonly name: string;
  readonly quota: number;
  readonly left: number;
  /** Roles. */
  readonly seenBy: readonly string[];
}

export interface Loaded {
  readonly database: string;
  readonly schema: string;
  readonly table: string;
  readonly file: string;
}

/** Where tables and views live together, as everything else lives with its own kind. */
export function keyOf(kind: Kind, name: string): string {
  const space = ['TABLE', 'VIEW', 'DYNAMIC TABLE', 'EXTERNAL TABLE'].includes(kind)
    ? 'TABLE'
    : kind;
  return `${space} ${name}`;
}

/** An account: databases, roles, grants. What happens to it happens at once. */
export class Account {
  readonly databases = new Map<string, Database>();
  readonly warehouses = new Map<string, Warehouse>();
  readonly users = new Map<string, User>();
  /** Role -> roles that it has. */
  readonly roles = new Map<string, Set<string>>();
  accountGrants: Grant[] = [];
  retention = 1;
  /** Seconds after which a statement ends. */
  statementTimeout = 172_800;
  /** What COPY has loaded: the double has no COPY, so tests say it. */
  readonly loaded: Loaded[] = [];
  readonly monitors: Monitor[] = [];
  #sequence = 0;
  #ids = 0;
  #clock = 0;

  constructor() {
    for (const role of ['ACCOUNTADMIN', 'SYSADMIN', 'SECURITYADMIN', 'USERADMIN', 'PUBLIC'])
      this.roles.set(role, new Set());
    this.roles.get('ACCOUNTADMIN')?.add('SYSADMIN').add('SECURITYADMIN');
    const given = (role: string, privilege: string) =>
      this.accountGrants.push({ privilege, role, option: true, at: this.now(), by: '' });
    given('SYSADMIN', 'CREATE DATABASE');
    given('SYSADMIN', 'CREATE WAREHOUSE');
    given('SECURITYADMIN', 'MANAGE GRANTS');
    for (const privilege of ['TASK', 'MANAGED TASK', 'ALERT', 'MANAGED ALERT'])
      given('ACCOUNTADMIN', `EXECUTE ${privilege}`);
  }

  /** Later than every one before: no two things are made at the same millisecond. */
  now(): Date {
    this.#clock = Math.max(this.#clock + 1, Date.now());
    return new Date(this.#clock);
  }

  sequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  get lastSequence(): number {
    return this.#sequence;
  }

  id(): number {
    this.#ids += 1;
    return this.#ids;
  }

  thing<K extends Kind>(kind: K, name: string, owner: string) {
    const at = this.now();
    return {
      kind,
      name,
      owner,
      grants: [] as Grant[],
      comment: null,
      created: at,
      altered: at,
      tags: [] as readonly TagSet[],
      policies: [] as readonly PolicyInForce[],
    };
  }

  createDatabase(name: string, owner: string, facts: Partial<Database> = {}): Database {
    if (this.databases.has(name)) throw alreadyThere(name);
    const made: Database = {
      ...this.thing('DATABASE', name, owner),
      transient: false,
      retention: null,
      schemas: new Map(),
      futureGrants: [],
      share: null,
      ...facts,
    };
    this.databases.set(name, made);
    if (facts.schemas === undefined) this.createSchema(made, 'PUBLIC', owner);
    return made;
  }

  createSchema(
    database: Database,
    name: string,
    owner: string,
    facts: Partial<Schema> = {},
  ): Schema {
    if (database.schemas.has(name)) throw alreadyThere(name);
    const made: Schema = {
      ...this.thing('SCHEMA', name, owner),
      managed: false,
      transient: database.transient,
      retention: null,
      children: new Map(),
      futureGrants: [],
      ...facts,
    };
    database.schemas.set(name, made);
    this.applyFutureGrants(made, database.futureGrants, owner);
    return made;
  }

  /** Of the schema where it has any for the kind, else of the database (docs: future grants). */
  giveFutureGrants(database: Database, schema: Schema, child: Child): void {
    const own = schema.futureGrants.filter(({ on }) => on === child.kind);
    this.applyFutureGrants(child, own.length > 0 ? own : database.futureGrants, child.owner);
  }

  private applyFutureGrants(thing: Thing, grants: readonly FutureGrant[], by: string): void {
    for (const { on, privilege, role, option } of grants) {
      if (on !== thing.kind) continue;
      if (privilege === 'OWNERSHIP') thing.owner = role;
      else thing.grants.push({ privilege, role, option, at: this.now(), by });
    }
  }

  /** The role and all that were granted to it. */
  rolesOf(role: string, seen = new Set<string>()): Set<string> {
    if (seen.has(role)) return seen;
    seen.add(role);
    for (const one of this.roles.get(role) ?? []) this.rolesOf(one, seen);
    seen.add('PUBLIC');
    return seen;
  }

  isOwner(role: string, { owner }: Thing): boolean {
    return role === 'ACCOUNTADMIN' || this.rolesOf(role).has(owner);
  }

  can(role: string, privilege: string | null, thing: Thing): boolean {
    if (this.isOwner(role, thing)) return true;
    const roles = this.rolesOf(role);
    return thing.grants.some(
      (grant) => roles.has(grant.role) && (privilege === null || grant.privilege === privilege),
    );
  }

  canOnAccount(role: string, privilege: string): boolean {
    const roles = this.rolesOf(role);
    return (
      role === 'ACCOUNTADMIN' ||
      this.accountGrants.some((one) => roles.has(one.role) && one.privilege === privilege)
    );
  }

  /** @throws what Snowflake says of something that is not there and of something that may not be seen. */
  database(name: string, role: string): Database {
    const found = this.databases.get(name);
    if (found === undefined || !this.can(role, 'USAGE', found)) throw notFound('Database', name);
    return found;
  }

  schema(database: string, name: string, role: string): Schema {
    const found = this.database(database, role).schemas.get(name);
    if (found === undefined || !this.can(role, 'USAGE', found))
      throw notFound('Schema', `${database}.${name}`);
    return found;
  }

  child(path: readonly [string, string, string], kind: Kind, role: string): Child {
    const [database, schema, name] = path;
    const found = this.schema(database, schema, role).children.get(keyOf(kind, name));
    const isKind = found !== undefined && keyOf(found.kind, name) === keyOf(kind, name);
    if (!isKind || !this.can(role, null, found))
      throw notFound(kind === 'TABLE' ? 'Object' : title(kind), path.join('.'));
    return found;
  }

  /** Database and schema in which something is. */
  placeOf(child: Child): [string, string] {
    for (const database of this.databases.values())
      for (const schema of database.schemas.values())
        if ([...schema.children.values()].includes(child)) return [database.name, schema.name];
    throw notFound(title(child.kind), child.name);
  }

  requireOwner(thing: Thing, role: string): void {
    if (!this.isOwner(role, thing)) throw notAllowed(title(thing.kind), thing.name);
  }

  retentionOf(database: Database, schema: Schema, table: Table): number {
    if (table.transient)
      return Math.min(
        1,
        table.retention ?? schema.retention ?? database.retention ?? this.retention,
      );
    return table.retention ?? schema.retention ?? database.retention ?? this.retention;
  }

  /** As it was at that moment; one that is not kept any more, or was not there yet, is an error. */
  versionAt(place: readonly [Database, Schema], table: Table, moment: Moment): Version {
    const found = table.versions.findLast((version) => isBy(version, moment));
    const isCurrent = found === table.versions.at(-1);
    if (found === undefined || (!isCurrent && this.retentionOf(...place, table) === 0))
      throw noTimeTravel(table.name);
    return found;
  }

  /** A database of the same tables: what is written to either later is the one's own (docs: cloning considerations). */
  cloneDatabase(from: Database, name: string, how: CloneHow): Database {
    const made = this.createDatabase(name, how.role, {
      transient: from.transient,
      retention: from.retention,
      comment: null,
      schemas: new Map(),
      tags: from.tags,
    });
    try {
      for (const schema of from.schemas.values()) {
        if (how.moment !== null && schema.created > how.at) continue;
        if (this.can(how.role, 'USAGE', schema))
          this.cloneSchema([from, schema], made, schema.name, how);
      }
      const pairs = [...made.schemas.values()].map(
        (schema) => [from.schemas.get(schema.name), schema] as const,
      );
      repoint(pairs, made);
    } catch (error) {
      this.databases.delete(name);
      throw error;
    }
    return made;
  }

  cloneSchema(
    [fromDatabase, from]: readonly [Database, Schema],
    to: Database,
    name: string,
    how: CloneHow,
  ): Schema {
    const isWhole = fromDatabase !== to;
    const children = [...from.children.values()];
    if (!isWhole && children.some((child) => child.kind === 'TABLE' && child.hybrid))
      throw hybridInSchema();
    const made = this.createSchema(to, name, isWhole ? from.owner : how.role, {
      managed: from.managed,
      transient: from.transient,
      retention: from.retention,
      // Of a cloned database, its children keep what was granted on them.
      grants: isWhole ? [...from.grants] : [],
      futureGrants: isWhole ? [...from.futureGrants] : [],
      tags: from.tags,
    });
    try {
      for (const child of children) {
        const clone = this.#cloneOf([fromDatabase, from], child, how);
        if (clone === null) continue;
        made.children.set(keyOf(clone.kind, clone.name), clone);
        // A graph of tasks is cloned with its edges, which stay within their schema.
        const before = clone.kind === 'TASK' ? clone.facts.get('after') : undefined;
        if (clone.kind === 'TASK' && before !== undefined)
          clone.facts.set(
            'after',
            before.replace(`${fromDatabase.name}.${from.name}.`, `${to.name}.${name}.`),
          );
      }
      repoint([[from, made]]);
    } catch (error) {
      to.schemas.delete(name);
      throw error;
    }
    return made;
  }

  /** Null: a clone leaves it out, without a word. */
  #cloneOf(place: readonly [Database, Schema], child: Child, how: CloneHow): Child | null {
    const { role, moment, at } = how;
    if (moment !== null && child.created > at) return null;
    const common = {
      ...this.thing(child.kind, child.name, child.owner),
      grants: [...child.grants],
      comment: child.comment,
      tags: child.tags,
      policies: child.policies,
    };
    switch (child.kind) {
      case 'TABLE': {
        if (!this.can(role, 'SELECT', child)) return null;
        return this.cloneTable(place, child, { ...common, kind: 'TABLE' }, moment);
      }
      case 'VIEW':
        if (!this.can(role, 'SELECT', child)) return null;
        return { ...child, ...common, kind: 'VIEW' };
      case 'EXTERNAL TABLE':
        return null;
      case 'STAGE':
        return child.facts.get('url') === ''
          ? null
          : { ...child, ...common, kind: child.kind, facts: new Map(child.facts) };
      case 'PIPE': {
        // Of an internal stage: not cloned. Else it is cloned, and stands still.
        if (!this.isOwner(role, child) || child.facts.get('internal') === 'true') return null;
        const facts = new Map(child.facts).set('state', 'STOPPED_CLONED');
        return { ...child, ...common, kind: child.kind, owner: role, facts };
      }
      case 'TASK': {
        // Of a moment, no task is cloned (docs: CREATE <object> ... CLONE, "General usage notes").
        if (!this.isOwner(role, child) || moment !== null) return null;
        return {
          ...child,
          ...common,
          kind: child.kind,
          facts: new Map(child.facts).set('state', 'suspended'),
        };
      }
      case 'ALERT':
        return {
          ...child,
          ...common,
          kind: child.kind,
          facts: new Map(child.facts).set('state', 'suspended'),
        };
      case 'DYNAMIC TABLE': {
        const facts = new Map(child.facts).set('scheduling_state', 'SUSPENDED');
        return { ...child, ...common, kind: child.kind, facts };
      }
      case 'STREAM':
        if (!this.isOwner(role, child)) return null;
        return {
          ...child,
          ...common,
          kind: child.kind,
          facts: new Map(child.facts).set('stale', 'true'),
        };
      default:
        return { ...child, ...common, kind: child.kind, facts: new Map(child.facts) };
    }
  }

  cloneTable(
    place: readonly [Database, Schema],
    table: Table,
    common: Omit<Thing, 'kind'> & { kind: 'TABLE' },
    moment: Moment | null,
  ): Table {
    const version = moment === null ? table.versions.at(-1) : this.versionAt(place, table, moment);
    if (version === undefined) throw noTimeTravel(table.name);
    const { sequence, at } = { sequence: this.sequence(), at: this.now() };
    return {
      ...table,
      ...common,
      id: this.id(),
      cloneGroup: table.cloneGroup,
      columns: [...table.columns],
      constraints: [...table.constraints],
      versions: [{ ...version, sequence, at }],
      lockedBy: null,
      clusters: false,
    };
  }

  /** Both at once; each goes on with its own grants. */
  swapDatabases(a: Database, b: Database): void {
    const [nameA, nameB] = [a.name, b.name];
    this.databases.set(nameA, b);
    this.databases.set(nameB, a);
    a.name = nameB;
    b.name = nameA;
  }

  swapSchemas(database: Database, a: Schema, b: Schema): void {
    const [nameA, nameB] = [a.name, b.name];
    database.schemas.set(nameA, b);
    database.schemas.set(nameB, a);
    a.name = nameB;
    b.name = nameA;
  }
}

/** A policy or tag that is cloned along is that of the clone; another one stays (docs: "Cloning and governance objects"). */
function repoint(
  pairs: readonly (readonly [Schema | undefined, Schema])[],
  database?: Database,
): void {
  const cloned = new Map<Child, Child>();
  for (const [from, made] of pairs) {
    for (const [key, child] of from?.children ?? []) {
      const clone = made.children.get(key);
      if (clone !== undefined) cloned.set(child, clone);
    }
  }
  const own = (one: Other) => (cloned.get(one) as Other | undefined) ?? one;
  const things: Thing[] = pairs.flatMap(([, schema]) => [schema, ...schema.children.values()]);
  for (const thing of [...things, ...(database === undefined ? [] : [database])]) {
    thing.policies = thing.policies.map((one) => ({ ...one, policy: own(one.policy) }));
    thing.tags = thing.tags.map((one) => ({ ...one, tag: own(one.tag) }));
  }
}

export interface CloneHow {
  readonly role: string;
  /** Null: as it is now. */
  readonly moment: Moment | null;
  /** The same as a time, by which it is told what was there. */
  readonly at: Date;
}

/** A moment in the past: by time, or by a statement, with what it did or before. */
export type Moment =
  | { readonly time: Date }
  | { readonly sequence: number; readonly included: boolean };

function isBy({ sequence, at }: Version, moment: Moment): boolean {
  if ('time' in moment) return at.getTime() <= moment.time.getTime();
  return moment.included ? sequence <= moment.sequence : sequence < moment.sequence;
}

export function title(kind: string): string {
  return kind.charAt(0) + kind.slice(1).toLowerCase();
}
