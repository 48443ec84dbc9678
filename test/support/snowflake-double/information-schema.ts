import type {
  Child,
  Column,
  Database,
  Grant,
  Loaded,
  Other,
  PolicyInForce,
  Schema,
  Table,
  TagSet,
  Thing,
  View,
} from './account.ts';
import type { Node } from './grammar.ts';
import type { Executed, Session } from './session.ts';
import { type Token, tokensOf } from './tokens.ts';

/** Rows that are made when they are asked for. Values as texts of DuckDB's. */
export interface Relation {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

type Cell = string | number | boolean | Date | null | undefined;

const text = 'VARCHAR(16777216)';
const number = 'NUMBER(38,0)';
const instant = 'TIMESTAMP_LTZ(9)';

/** Name, type and value of each column. */
interface View_<T> {
  readonly columns: readonly (readonly [string, string, (one: T, database: Database) => Cell])[];
  rows(session: Session, database: Database): T[];
}

interface In<T> {
  readonly schema: Schema;
  readonly one: T;
}

const childrenOf =
  <T extends Child>(isOne: (child: Child) => child is T) =>
  (session: Session, database: Database): In<T>[] =>
    schemasOf(session, database).flatMap((schema) =>
      session.visible(schema).flatMap((one) => (isOne(one) ? [{ schema, one }] : [])),
    );

const isTable = (child: Child): child is Table => child.kind === 'TABLE';
const isView = (child: Child): child is View => child.kind === 'VIEW';
const isRelation = (child: Child): child is Table | View => isTable(child) || isView(child);
const isOther =
  (kind: Child['kind']) =>
  (child: Child): child is Other =>
    child.kind === kind;

function schemasOf(session: Session, database: Database): Schema[] {
  return [...database.schemas.values()].filter((schema) =>
    session.account.can(session.role, null, schema),
  );
}

const yes = (value: boolean) => (value ? 'YES' : 'NO');
const fact =
  (name: string) =>
  ({ one }: In<Other>) =>
    one.facts.get(name) ?? null;
const place = <T extends Child>(prefix: string): View_<In<T>>['columns'] => [
  [`${prefix}_CATALOG`, text, (_, database) => database.name],
  [`${prefix}_SCHEMA`, text, ({ schema }) => schema.name],
  [`${prefix}_NAME`, text, ({ one }) => one.name],
];
const life = <T extends Child>(): View_<In<T>>['columns'] => [
  ['CREATED', instant, ({ one }) => one.created],
  ['LAST_ALTERED', instant, ({ one }) => one.altered],
  ['COMMENT', text, ({ one }) => one.comment],
];

function partsOf(type: string): { kind: string; first: number | null; second: number | null } {
  const [, kind = '', first, second] = /^(\w+)(?:\((\d+)(?:,(\d+))?\))?$/.exec(type) ?? [];
  return { kind, first: first ? Number(first) : null, second: second ? Number(second) : null };
}

type Make = (session: Session, database: Database) => Relation;

function made<T>({ columns, rows }: View_<T>): Make {
  return (session, database) => ({
    columns: columns.map(([name, type]) => ({ name, type })),
    rows: rows(session, database).map((one) =>
      columns.map(([, , value]) => cell(value(one, database))),
    ),
  });
}

const relations: Readonly<Record<string, Make>> = {
  SCHEMATA: made({
    columns: [
      ['CATALOG_NAME', text, (_, database) => database.name],
      ['SCHEMA_NAME', text, (one) => one.name],
      ['SCHEMA_OWNER', text, (one) => one.owner],
      ['IS_TRANSIENT', text, (one) => yes(one.transient)],
      ['IS_MANAGED_ACCESS', text, (one) => yes(one.managed)],
      ['RETENTION_TIME', number, (one, database) => one.retention ?? database.retention ?? 1],
      ['CREATED', instant, (one) => one.created],
      ['LAST_ALTERED', instant, (one) => one.altered],
      ['COMMENT', text, (one) => one.comment],
    ],
    rows: schemasOf,
  } satisfies View_<Schema>),
  TABLES: made({
    columns: [
      ...place<Table | View>('TABLE'),
      ['TABLE_OWNER', text, ({ one }) => one.owner],
      ['TABLE_TYPE', text, ({ one }) => (one.kind === 'TABLE' ? 'BASE TABLE' : 'VIEW')],
      ['IS_TRANSIENT', text, ({ one }) => (one.kind === 'TABLE' ? yes(one.transient) : null)],
      ['CLUSTERING_KEY', text, ({ one }) => (one.kind === 'TABLE' ? one.clusterBy : null)],
      ['ROW_COUNT', number, ({ one }) => (one.kind === 'TABLE' ? one.versions.at(-1)?.rows : null)],
      [
        'BYTES',
        number,
        ({ one }) => (one.kind === 'TABLE' ? (one.versions.at(-1)?.rows ?? 0) * 1024 : null),
      ],
      [
        'RETENTION_TIME',
        number,
        ({ one, schema }, database) =>
          one.kind === 'TABLE'
            ? (one.retention ?? schema.retention ?? database.retention ?? 1)
            : null,
      ],
      ['IS_HYBRID', text, ({ one }) => yes(one.kind === 'TABLE' && one.hybrid)],
      ['IS_ICEBERG', text, () => 'NO'],
      ['IS_DYNAMIC', text, () => 'NO'],
      ['AUTO_CLUSTERING_ON', text, ({ one }) => (one.kind === 'TABLE' ? yes(one.clusters) : null)],
      ['LAST_DDL', instant, ({ one }) => one.created],
      ...life<Table | View>(),
    ],
    rows: childrenOf(isRelation),
  } satisfies View_<In<Table | View>>),
  VIEWS: made({
    columns: [
      ...place<View>('TABLE'),
      ['TABLE_OWNER', text, ({ one }) => one.owner],
      ['VIEW_DEFINITION', text, ({ one }) => one.text || null],
      ['IS_SECURE', text, ({ one }) => yes(one.secure)],
      ...life<View>(),
    ],
    rows: (session, database) =>
      childrenOf(isView)(session, database).map(({ schema, one }) => ({
        schema,
        one: one.secure && !session.account.isOwner(session.role, one) ? { ...one, text: '' } : one,
      })),
  } satisfies View_<In<View>>),
  COLUMNS: made({
    columns: [
      ['TABLE_CATALOG', text, (_, database) => database.name],
      ['TABLE_SCHEMA', text, ({ schema }) => schema.name],
      ['TABLE_NAME', text, ({ of }) => of.name],
      ['COLUMN_NAME', text, ({ column }) => column.name],
      ['ORDINAL_POSITION', number, ({ at }) => at + 1],
      ['COLUMN_DEFAULT', text, ({ column }) => column.default],
      ['IS_NULLABLE', text, ({ column }) => yes(column.nullable)],
      ['DATA_TYPE', text, ({ column }) => shown(partsOf(column.type).kind)],
      [
        'CHARACTER_MAXIMUM_LENGTH',
        number,
        ({ column }) => only(column, ['VARCHAR', 'BINARY'], 'first'),
      ],
      ['NUMERIC_PRECISION', number, ({ column }) => only(column, ['NUMBER'], 'first')],
      ['NUMERIC_SCALE', number, ({ column }) => only(column, ['NUMBER'], 'second')],
      [
        'DATETIME_PRECISION',
        number,
        ({ column }) =>
          only(column, ['TIME', 'TIMESTAMP_NTZ', 'TIMESTAMP_LTZ', 'TIMESTAMP_TZ'], 'first'),
      ],
      ['COLLATION_NAME', text, () => null],
      ['IS_IDENTITY', text, () => 'NO'],
      ['COMMENT', text, ({ column }) => column.comment],
    ],
    rows: (session, database) =>
      childrenOf(isRelation)(session, database).flatMap(({ schema, one }) =>
        one.columns.map((column, at) => ({ schema, of: one, column, at })),
      ),
  } satisfies View_<{ schema: Schema; of: Child; column: Column; at: number }>),
  SEQUENCES: made({
    columns: [
      ...place<Other>('SEQUENCE'),
      ['START_VALUE', text, fact('start')],
      ['INCREMENT', text, fact('increment')],
      ['NEXT_VALUE', number, fact('next')],
      ['ORDERED', text, () => 'YES'],
      ...life<Other>(),
    ],
    rows: childrenOf(isOther('SEQUENCE')),
  } satisfies View_<In<Other>>),
  FUNCTIONS: routines('FUNCTION'),
  PROCEDURES: routines('PROCEDURE'),
  OBJECT_PRIVILEGES: made({
    columns: [
      ['GRANTOR', text, ({ grant }) => grant.by],
      ['GRANTEE', text, ({ grant }) => grant.role],
      ['OBJECT_CATALOG', text, (_, database) => database.name],
      ['OBJECT_SCHEMA', text, ({ schema }) => schema],
      ['OBJECT_NAME', text, ({ thing }) => thing.name],
      ['OBJECT_TYPE', text, ({ thing }) => thing.kind],
      ['PRIVILEGE_TYPE', text, ({ grant }) => grant.privilege],
      ['IS_GRANTABLE', text, ({ grant }) => yes(grant.option)],
      ['CREATED', instant, ({ grant }) => grant.at],
    ],
    rows: (session, database) => {
      const of = (thing: Thing, schema: string | null) =>
        [
          {
            privilege: 'OWNERSHIP',
            role: thing.owner,
            option: true,
            at: thing.created,
            by: thing.owner,
          },
          ...thing.grants,
        ].map((grant) => ({ thing, schema, grant }));
      return [
        ...of(database, null),
        ...schemasOf(session, database).flatMap((schema) => [
          ...of(schema, null),
          ...session.visible(schema).flatMap((child) => of(child, schema.name)),
        ]),
      ];
    },
  } satisfies View_<{ thing: Thing; schema: string | null; grant: Grant }>),
  LOAD_HISTORY: made({
    columns: [
      ['SCHEMA_NAME', text, ({ schema }) => schema],
      ['FILE_NAME', text, ({ file }) => file],
      ['TABLE_NAME', text, ({ table }) => table],
    ],
    rows: (session, { name }) => session.account.loaded.filter(({ database }) => database === name),
  } satisfies View_<Loaded>),
  STAGES: made({
    columns: [
      ...place<Other>('STAGE'),
      ['STAGE_URL', text, fact('url')],
      [
        'STAGE_TYPE',
        text,
        ({ one }) => (one.facts.get('url') === '' ? 'Internal Named' : 'External Named'),
      ],
      ...life<Other>(),
    ],
    rows: childrenOf(isOther('STAGE')),
  } satisfies View_<In<Other>>),
};

function routines(kind: 'FUNCTION' | 'PROCEDURE'): Make {
  return made({
    columns: [
      ...place<Other>(kind),
      ['ARGUMENT_SIGNATURE', text, fact('signature')],
      ['DATA_TYPE', text, fact('returns')],
      [`${kind}_LANGUAGE`, text, fact('language')],
      [`${kind}_DEFINITION`, text, fact('body')],
      ...life<Other>(),
    ],
    rows: childrenOf(isOther(kind)),
  } satisfies View_<In<Other>>);
}

/** The information schema calls texts TEXT. */
function shown(kind: string): string {
  return kind === 'VARCHAR' ? 'TEXT' : kind;
}

function only({ type }: Column, kinds: readonly string[], part: 'first' | 'second'): number | null {
  const parts = partsOf(type);
  return kinds.includes(parts.kind) ? parts[part] : null;
}

/** Null: there is no such view of the information schema in the double. */
export function relationOf(session: Session, name: string, view: string): Relation | null {
  const database = session.account.database(name, session.role);
  return relations[view]?.(session, database) ?? null;
}

export function cell(value: Cell): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  return String(value);
}

/** QUERY_HISTORY_BY_SESSION and its like; null: it is another table function. */
export function tableFunctionOf(session: Session, argument: Node): Relation | null {
  const name = callOf(argument);
  if (/POLICY_REFERENCES$/i.test(name)) return policyReferences(session, argument);
  if (/TAG_REFERENCES(_ALL_COLUMNS)?$/i.test(name)) return tagReferences(session, argument, name);
  if (!/^(?:.*\.)?QUERY_HISTORY(_BY_\w+)?$/i.test(name)) return null;
  const seen = session.server.history.filter((one) => one.role === session.role);
  const columns: readonly (readonly [string, string, (one: Executed) => Cell])[] = [
    ['QUERY_ID', text, ({ id }) => id],
    ['QUERY_TEXT', text, (one) => one.text],
    ['QUERY_TAG', text, ({ tag }) => tag],
    ['SESSION_ID', number, (one) => one.session.id],
    ['USER_NAME', text, (one) => one.session.user],
    ['ROLE_NAME', text, ({ role }) => role],
    ['WAREHOUSE_NAME', text, ({ warehouse }) => warehouse],
    ['EXECUTION_STATUS', text, ({ status }) => status],
    ['START_TIME', instant, ({ started }) => started],
    ['END_TIME', instant, ({ ended }) => ended],
    [
      'TOTAL_ELAPSED_TIME',
      number,
      ({ started, ended }) => (ended?.getTime() ?? Date.now()) - started.getTime(),
    ],
    ['BYTES_SCANNED', number, () => 1024],
    ['CREDITS_USED_CLOUD_SERVICES', 'FLOAT', () => 0.000001],
    [
      'WAREHOUSE_SIZE',
      text,
      (one) => session.account.warehouses.get(one.warehouse ?? '')?.size ?? null,
    ],
  ];
  return {
    columns: columns.map(([column, type]) => ({ name: column, type })),
    rows: seen.map((one) => columns.map(([, , value]) => cell(value(one)))),
  };
}

/** Of one table or view; that of one policy is not asked for. */
function policyReferences(session: Session, argument: Node): Relation {
  const given = namedArguments(argument);
  const parts = tokensOf(given.get('REF_ENTITY_NAME') ?? '').flatMap(namePart);
  const [database, schema, name] = session.path(parts);
  const entity = session.account.child([database, schema, name], 'TABLE', session.role);
  const columns: readonly (readonly [string, (one: PolicyInForce) => Cell])[] = [
    ['POLICY_DB', ({ policy }) => session.account.placeOf(policy)[0]],
    ['POLICY_SCHEMA', ({ policy }) => session.account.placeOf(policy)[1]],
    ['POLICY_NAME', ({ policy }) => policy.name],
    ['POLICY_KIND', ({ policy }) => policy.kind.replaceAll(' ', '_')],
    ['REF_DATABASE_NAME', () => database],
    ['REF_SCHEMA_NAME', () => schema],
    ['REF_ENTITY_NAME', () => name],
    ['REF_ENTITY_DOMAIN', () => given.get('REF_ENTITY_DOMAIN') ?? ''],
    ['REF_COLUMN_NAME', ({ column }) => column],
    [
      'REF_ARG_COLUMN_NAMES',
      (one) => (one.arguments.length === 0 ? null : JSON.stringify(one.arguments)),
    ],
    ['POLICY_STATUS', () => 'ACTIVE'],
  ];
  return {
    columns: columns.map(([column]) => ({ name: column, type: text })),
    rows: entity.policies.map((one) => columns.map(([, value]) => cell(value(one)))),
  };
}

/** `('"A"."B"."T"', 'TABLE')`: what is set on it, and for a table or column what comes from schema and database. */
function tagReferences(session: Session, argument: Node, name: string): Relation {
  const [entity = '', domain = ''] = textsOf(argument);
  const parts = tokensOf(entity).flatMap(namePart);
  const { account, role } = session;
  const isOfColumns = /_ALL_COLUMNS$/i.test(name);
  const kind = isOfColumns ? 'COLUMN' : domain.toUpperCase();
  const [database = '', schema = '', child = ''] = parts;
  const levels: (readonly [string, Thing])[] = [['DATABASE', account.database(database, role)]];
  if (parts.length > 1) levels.push(['SCHEMA', account.schema(database, schema, role)]);
  if (parts.length > 2)
    levels.push(['TABLE', account.child([database, schema, child], 'TABLE', role)]);
  interface Found {
    readonly level: string;
    readonly set: TagSet;
  }
  const all: Found[] = levels
    .flatMap(([level, thing]) => thing.tags.map((set) => ({ level, set })))
    .map((one) => (one.set.column === null ? one : { ...one, level: 'COLUMN' }))
    .filter(({ level }) => kind === 'COLUMN' || level !== 'COLUMN');
  const columns: readonly (readonly [string, (one: Found) => Cell])[] = [
    ['TAG_DATABASE', ({ set }) => account.placeOf(set.tag)[0]],
    ['TAG_SCHEMA', ({ set }) => account.placeOf(set.tag)[1]],
    ['TAG_NAME', ({ set }) => set.tag.name],
    ['TAG_VALUE', ({ set }) => set.value],
    ['APPLY_METHOD', ({ level }) => (level === kind ? 'MANUAL' : 'INHERITED')],
    ['LEVEL', ({ level }) => level],
    ['OBJECT_DATABASE', () => database],
    ['OBJECT_SCHEMA', () => schema],
    ['OBJECT_NAME', () => parts.at(-1)],
    ['DOMAIN', () => kind],
    ['COLUMN_NAME', ({ set }) => set.column],
  ];
  return {
    columns: columns.map(([column]) => ({ name: column, type: text })),
    rows: all.map((one) => columns.map(([, value]) => cell(value(one)))),
  };
}

/** The texts among the arguments of a call, in their order. */
function textsOf(argument: Node): string[] {
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) walk(one);
    else if (typeof value === 'object' && value !== null) {
      const { literal } = value as { literal?: { value?: string } };
      if (literal?.value !== undefined) found.push(literal.value);
      else for (const one of Object.values(value)) walk(one);
    }
  };
  walk(argument);
  return found;
}

function namePart({ kind, text: written }: Token): string[] {
  if (kind === 'name') return [written];
  return kind === 'word' ? [written.toUpperCase()] : [];
}

/** `A => 'b'` of a call. */
function namedArguments(argument: Node): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) walk(one);
    else if (typeof value === 'object' && value !== null) {
      const { named_argument: named } = value as {
        named_argument?: { name?: { name?: string }; value?: { literal?: { value?: string } } };
      };
      const name = named?.name?.name?.toUpperCase();
      if (name !== undefined) found.set(name, named?.value?.literal?.value ?? '');
      else for (const one of Object.values(value)) walk(one);
    }
  };
  walk(argument);
  return found;
}

/** `a.information_schema.query_history` of a call, in whichever way the grammar gives it. */
function callOf(argument: Node): string {
  const plain = argument.function as { name?: string } | undefined;
  if (plain?.name !== undefined) return plain.name;
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) walk(one);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, one] of Object.entries(value)) {
        if (key === 'name' && typeof one === 'string') found.push(one);
        else if (key !== 'args') walk(one);
      }
    }
  };
  walk(argument);
  return found.join('.');
}
