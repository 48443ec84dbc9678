import type {
  Child,
  Database,
  Grant,
  Other,
  Schema,
  Table,
  Thing,
  View,
  Warehouse,
} from './account.ts';
import { namedThing, partsOf } from './commands.ts';
import type { Rows } from './duck.ts';
import { notAllowed, notFound, notInTheDouble } from './errors.ts';
import { cell } from './information-schema.ts';
import type { Session } from './session.ts';

type Cell = string | number | boolean | Date | null | undefined;
type Columns<T> = readonly (readonly [string, (one: T) => Cell])[];

const text = 'VARCHAR(16777216)';

/** SHOW and DESCRIBE: the columns that are documented and that somebody reads; not all of them. */
export function show(words: readonly string[], session: Session, sql: string): Rows {
  const upper = words.map((word) => word.toUpperCase());
  const line = upper.join(' ');
  const like = likeOf(sql);
  const isLike = ({ name }: { readonly name: string }) => like === null || like.test(name);
  const within = () => scopeOf(words, session);
  const { account, role } = session;
  const sees = (thing: Thing) => account.can(role, null, thing);

  if (/^(TERSE )?DATABASES\b/.test(line)) {
    const all = [...account.databases.values()].filter((one) => sees(one) && isLike(one));
    return rowsOf(all, [
      ['created_on', ({ created }) => created],
      ['name', ({ name }) => name],
      ['is_default', () => 'N'],
      ['is_current', ({ name }) => (name === session.database ? 'Y' : 'N')],
      ['origin', ({ share }) => share ?? ''],
      ['owner', ({ owner }) => owner],
      ['comment', ({ comment }) => comment ?? ''],
      ['options', ({ transient }) => (transient ? 'TRANSIENT' : '')],
      ['retention_time', ({ retention }) => String(retention ?? account.retention)],
      ['kind', ({ share }) => (share === null ? 'STANDARD' : 'IMPORTED DATABASE')],
    ]);
  }
  if (/^(TERSE )?SCHEMAS\b/.test(line)) {
    const { database } = within();
    const all = [...database.schemas.values()].filter((one) => sees(one) && isLike(one));
    return rowsOf(all, [
      ['created_on', ({ created }) => created],
      ['name', ({ name }) => name],
      ['database_name', () => database.name],
      ['owner', ({ owner }) => owner],
      ['comment', ({ comment }) => comment ?? ''],
      [
        'options',
        ({ transient, managed }) =>
          [transient && 'TRANSIENT', managed && 'MANAGED ACCESS'].filter(Boolean).join(', '),
      ],
      [
        'retention_time',
        ({ retention }) => String(retention ?? database.retention ?? account.retention),
      ],
    ]);
  }
  if (/^(PRIMARY|UNIQUE|IMPORTED) KEYS\b/.test(line))
    return keys(upper[0] ?? '', within(), session);
  if (/^GRANTS ON\b/.test(line)) return grantsOn(words, session);
  if (/^GRANTS TO ROLE\b/.test(line)) return grantsTo(partsOf(words.slice(3))[0] ?? '', session);
  if (/^GRANTS OF ROLE\b/.test(line)) throw notInTheDouble('SHOW GRANTS OF ROLE');
  if (/^FUTURE GRANTS IN\b/.test(line)) return futureGrants(words, session);
  if (/^WAREHOUSES\b/.test(line)) {
    const all = [...account.warehouses.values()].filter((one) => sees(one) && isLike(one));
    return rowsOf(all, [
      ['name', ({ name }) => name],
      ['state', ({ state }) => state],
      ['size', ({ size }) => size],
      ['auto_resume', ({ autoResume }) => String(autoResume)],
      ['resource_monitor', ({ monitor }) => monitor ?? 'null'],
      ['owner', ({ owner }) => owner],
    ]);
  }
  if (/^TRANSACTIONS\b/.test(line)) {
    if (/IN ACCOUNT/.test(line) && role !== 'ACCOUNTADMIN') throw notAllowed('account', 'DOUBLE');
    const open = [...session.server.sessions].filter(
      ({ transaction, user }) =>
        transaction !== null && (/IN ACCOUNT/.test(line) || user === session.user),
    );
    return rowsOf(open, [
      ['id', ({ transaction }) => transaction?.id],
      ['user', ({ user }) => user],
      ['session', ({ id }) => id],
      ['started_on', ({ transaction }) => transaction?.started],
      ['state', () => 'running'],
    ]);
  }
  if (/^LOCKS\b/.test(line)) return locks(/IN ACCOUNT/.test(line), session);
  if (/^RESOURCE MONITORS\b/.test(line)) {
    const all = account.monitors.filter((one) => isLike(one) && one.seenBy.includes(role));
    return rowsOf(all, [
      ['name', ({ name }) => name],
      ['credit_quota', ({ quota }) => String(quota)],
      ['used_credits', ({ quota, left }) => String(quota - left)],
      ['remaining_credits', ({ left }) => String(left)],
    ]);
  }
  if (/^PARAMETERS\b/.test(line)) return parameters(line, words, session, isLike);
  if (
    /^REPLICATION DATABASES\b|^FAILOVER GROUPS\b|^SHARES\b|^ICEBERG TABLES\b|^EVENT TABLES\b|^MATERIALIZED VIEWS\b|^SECRETS\b|^GIT REPOSITORIES\b|^STREAMLITS\b|^NOTEBOOKS\b|^MODELS\b|^DATA METRIC FUNCTIONS\b/.test(
      line,
    )
  ) {
    return rowsOf([] as Thing[], [
      ['created_on', ({ created }) => created],
      ['name', ({ name }) => name],
      ['database_name', () => ''],
      ['schema_name', () => ''],
      ['owner', () => ''],
    ]);
  }
  const policy = /^DESCRIBE (MASKING POLICY|ROW ACCESS POLICY)\b/.exec(line)?.[1];
  if (policy !== undefined) return describePolicy(policy as Other['kind'], words, session);
  if (/^DESCRIBE (TABLE|VIEW)\b/.test(line)) return describe(partsOf(words.slice(2)), session);
  const kinds: Readonly<Record<string, Child['kind']>> = {
    TABLES: 'TABLE',
    VIEWS: 'VIEW',
    TASKS: 'TASK',
    ALERTS: 'ALERT',
    'HYBRID TABLES': 'TABLE',
    PIPES: 'PIPE',
    STREAMS: 'STREAM',
    STAGES: 'STAGE',
    SEQUENCES: 'SEQUENCE',
    TAGS: 'TAG',
    'DYNAMIC TABLES': 'DYNAMIC TABLE',
    'EXTERNAL TABLES': 'EXTERNAL TABLE',
    'MASKING POLICIES': 'MASKING POLICY',
    'ROW ACCESS POLICIES': 'ROW ACCESS POLICY',
    'USER FUNCTIONS': 'FUNCTION',
    'USER PROCEDURES': 'PROCEDURE',
  };
  const named = Object.entries(kinds).find(([plural]) =>
    new RegExp(`^(TERSE )?${plural}\\b`).test(line),
  );
  if (named === undefined) throw notInTheDouble(`SHOW ${line}`);
  const [plural, kind] = named;
  const isMeant = (one: Thing) =>
    isLike(one) && (plural !== 'HYBRID TABLES' || (one as Table).hybrid === true);
  return children(kind, within(), session, isMeant);
}

function parameters(
  line: string,
  words: readonly string[],
  session: Session,
  isLike: (one: { readonly name: string }) => boolean,
): Rows {
  const { account } = session;
  const warehouse = / IN WAREHOUSE /.test(line)
    ? (namedThing('WAREHOUSE', partsOf(words.slice(-1)), session) as Warehouse)
    : null;
  const ofSession = session.parameters.get('STATEMENT_TIMEOUT_IN_SECONDS');
  const timeout = warehouse === null ? ofSession : warehouse.statementTimeout;
  const known = {
    DATA_RETENTION_TIME_IN_DAYS: String(account.retention),
    STATEMENT_TIMEOUT_IN_SECONDS: String(timeout ?? account.statementTimeout),
  };
  return rowsOf(
    Object.entries(known).filter(([name]) => isLike({ name })),
    [
      ['key', ([key]) => key],
      ['value', ([, value]) => value],
      ['default', () => ''],
      ['level', () => ''],
    ],
  );
}

interface Scope {
  readonly database: Database;
  /** Null: all of them. */
  readonly schema: Schema | null;
}

function scopeOf(words: readonly string[], session: Session): Scope {
  const at = words.findLastIndex((word) => word.toUpperCase() === 'IN');
  if (at < 0)
    return {
      database: session.account.database(session.database ?? '', session.role),
      schema: null,
    };
  const isSchema = words[at + 1]?.toUpperCase() === 'SCHEMA';
  const name = partsOf(
    words.slice(isSchema || words[at + 1]?.toUpperCase() === 'DATABASE' ? at + 2 : at + 1),
  );
  if (!isSchema)
    return { database: session.account.database(name[0] ?? '', session.role), schema: null };
  return session.schemaOf(name);
}

function likeOf(sql: string): RegExp | null {
  const [, pattern] = /\bLIKE\s+'((?:[^'\\]|''|\\[\s\S])*)'/i.exec(sql) ?? [];
  if (pattern === undefined) return null;
  // The literal's own escapes first, then those of the pattern.
  const plain = pattern.replaceAll("''", "'").replace(/\\(.)/g, '$1');
  const source = plain.replace(
    /\\(.)|([%_])|([^%_\\])/gs,
    (_, escaped?: string, wild?: string, other?: string) =>
      wild === '%'
        ? '[\\s\\S]*'
        : wild === '_'
          ? '[\\s\\S]'
          : (escaped ?? other ?? '').replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'),
  );
  return new RegExp(`^${source}$`, 'i');
}

function rowsOf<T>(all: readonly T[], columns: Columns<T>): Rows {
  return {
    columns: columns.map(([name]) => ({ name, type: text })),
    rows: all.map((one) => columns.map(([, value]) => cell(value(one)))),
  };
}

function placed(scope: Scope, session: Session) {
  const schemas = scope.schema === null ? [...scope.database.schemas.values()] : [scope.schema];
  return schemas
    .filter((schema) => session.account.can(session.role, null, schema))
    .flatMap((schema) => session.visible(schema).map((one) => ({ schema, one })));
}

function children(
  kind: Child['kind'],
  scope: Scope,
  session: Session,
  isLike: (one: Thing) => boolean,
): Rows {
  const all = placed(scope, session).filter(({ one }) => one.kind === kind && isLike(one));
  const facts = new Set(all.flatMap(({ one }) => ('facts' in one ? [...one.facts.keys()] : [])));
  const known: Readonly<Partial<Record<Child['kind'], readonly string[]>>> = {
    TASK: ['definition', 'schedule', 'warehouse', 'state', 'after'],
    ALERT: ['schedule', 'warehouse', 'condition', 'action', 'state'],
    PIPE: ['definition'],
    STREAM: ['table', 'stale'],
    STAGE: ['url'],
    'DYNAMIC TABLE': ['target_lag', 'scheduling_state'],
    'EXTERNAL TABLE': ['location'],
  };
  const own = known[kind] ?? [...facts];
  return rowsOf(all, [
    ['created_on', ({ one }) => one.created],
    ['name', ({ one }) => one.name],
    ['database_name', () => scope.database.name],
    ['schema_name', ({ schema }) => schema.name],
    ['owner', ({ one }) => one.owner],
    ['comment', ({ one }) => one.comment ?? ''],
    ...own.map((name): readonly [string, (row: { one: Child }) => Cell] => [
      name === 'table' ? 'table_name' : name === 'after' ? 'predecessors' : name,
      ({ one }) => {
        const value = (one as Other).facts.get(name) ?? '';
        return name === 'after' ? JSON.stringify(value === '' ? [] : [value]) : value;
      },
    ]),
    ...(kind === 'STAGE'
      ? [
          [
            'type',
            ({ one }: { one: Child }) =>
              (one as Other).facts.get('url') === '' ? 'INTERNAL' : 'EXTERNAL',
          ] as const,
        ]
      : []),
    ...(kind === 'TABLE'
      ? ([
          ['kind', ({ one }: { one: Child }) => ((one as Table).transient ? 'TRANSIENT' : 'TABLE')],
          ['rows', ({ one }: { one: Child }) => (one as Table).versions.at(-1)?.rows],
          [
            'retention_time',
            ({ one, schema }: { one: Child; schema: Schema }) =>
              session.account.retentionOf(scope.database, schema, one as Table),
          ],
        ] as const)
      : []),
    ...(kind === 'VIEW'
      ? [['text', ({ one }: { one: Child }) => (one as View).text] as const]
      : []),
  ]);
}

function keys(which: string, scope: Scope, session: Session): Rows {
  const kind = { PRIMARY: 'PRIMARY KEY', UNIQUE: 'UNIQUE', IMPORTED: 'FOREIGN KEY' }[which];
  const all = placed(scope, session).flatMap(({ schema, one }) =>
    one.kind !== 'TABLE'
      ? []
      : one.constraints
          .filter((constraint) => constraint.kind === kind)
          .flatMap(({ name, columns }) =>
            columns.map((column, at) => ({ schema, table: one, name, column, at })),
          ),
  );
  return rowsOf(all, [
    ['created_on', ({ table }) => table.created],
    ['database_name', () => scope.database.name],
    ['schema_name', ({ schema }) => schema.name],
    ['table_name', ({ table }) => table.name],
    ['column_name', ({ column }) => column],
    ['key_sequence', ({ at }) => at + 1],
    ['constraint_name', ({ name }) => name],
    ['rely', () => 'false'],
    ['comment', () => ''],
  ]);
}

const grantColumns = (kind: string, name: string): Columns<Grant> => [
  ['created_on', ({ at }) => at],
  ['privilege', ({ privilege }) => privilege],
  ['granted_on', () => kind],
  ['name', () => name],
  ['granted_to', () => 'ROLE'],
  ['grantee_name', ({ role }) => role],
  ['grant_option', ({ option }) => String(option)],
  ['granted_by', ({ by }) => by],
];

function withOwnership({ grants, owner, created }: Thing): Grant[] {
  return [{ privilege: 'OWNERSHIP', role: owner, option: true, at: created, by: owner }, ...grants];
}

function grantsOn(words: readonly string[], session: Session): Rows {
  const kinds = ['DYNAMIC TABLE', 'EXTERNAL TABLE'];
  const two = words.slice(2, 4).join(' ').toUpperCase();
  const kind = kinds.includes(two) ? two : (words[2]?.toUpperCase() ?? '');
  if (kind === 'ACCOUNT')
    return rowsOf(session.account.accountGrants, grantColumns('ACCOUNT', 'DOUBLE'));
  const name = partsOf(words.slice(2 + kind.split(' ').length));
  const thing = namedThing(kind, name, session);
  return rowsOf(withOwnership(thing), grantColumns(kind, name.join('.')));
}

function grantsTo(role: string, session: Session): Rows {
  const { account } = session;
  if (!account.roles.has(role)) throw notFound('Role', role);
  const all: { grant: Grant; kind: string; name: string }[] = [];
  const add = (thing: Thing, name: string) => {
    for (const grant of withOwnership(thing))
      if (grant.role === role) all.push({ grant, kind: thing.kind, name });
  };
  for (const grant of account.accountGrants)
    if (grant.role === role) all.push({ grant, kind: 'ACCOUNT', name: 'DOUBLE' });
  for (const own of account.roles.get(role) ?? []) {
    const grant = { privilege: 'USAGE', role, option: false, at: new Date(0), by: '' };
    all.push({ grant, kind: 'ROLE', name: own });
  }
  for (const warehouse of account.warehouses.values()) add(warehouse, warehouse.name);
  for (const database of account.databases.values()) {
    add(database, database.name);
    for (const schema of database.schemas.values()) {
      add(schema, `${database.name}.${schema.name}`);
      for (const child of schema.children.values())
        add(child, `${database.name}.${schema.name}.${child.name}`);
    }
  }
  return rowsOf(all, [
    ['created_on', ({ grant }) => grant.at],
    ['privilege', ({ grant }) => grant.privilege],
    ['granted_on', ({ kind }) => kind],
    ['name', ({ name }) => name],
    ['granted_to', () => 'ROLE'],
    ['grantee_name', () => role],
    ['grant_option', ({ grant }) => String(grant.option)],
    ['granted_by', ({ grant }) => grant.by],
  ]);
}

function futureGrants(words: readonly string[], session: Session): Rows {
  const isSchema = words[3]?.toUpperCase() === 'SCHEMA';
  const name = partsOf(words.slice(4));
  const within = isSchema
    ? session.schemaOf(name).schema
    : session.account.database(name[0] ?? '', session.role);
  return rowsOf(within.futureGrants, [
    ['created_on', ({ at }) => at],
    ['privilege', ({ privilege }) => privilege],
    ['grant_on', ({ on }) => on],
    ['name', ({ on }) => `${name.join('.')}.<${on}>`],
    ['grant_to', () => 'ROLE'],
    ['grantee_name', ({ role }) => role],
    ['grant_option', ({ option }) => String(option)],
  ]);
}

function locks(inAccount: boolean, session: Session): Rows {
  if (inAccount && session.role !== 'ACCOUNTADMIN') throw notAllowed('account', 'DOUBLE');
  const held = [...session.server.sessions].flatMap((one) =>
    [...(one.transaction?.changed.keys() ?? [])].map((table) => ({ one, table })),
  );
  return rowsOf(
    held.filter(({ one }) => inAccount || one.user === session.user),
    [
      ['resource', ({ table }) => table.name],
      ['type', () => 'PARTITIONS'],
      ['transaction', ({ one }) => one.transaction?.id],
      ['status', () => 'HOLDING'],
      ['session', ({ one }) => one.id],
    ],
  );
}

function describe(name: readonly string[], session: Session): Rows {
  const child = session.account.child(session.path(name), 'TABLE', session.role);
  if (child.kind !== 'TABLE' && child.kind !== 'VIEW')
    throw notInTheDouble(`DESCRIBE of a ${child.kind}`);
  return rowsOf(child.columns, [
    ['name', (column) => column.name],
    ['type', ({ type }) => type],
    ['kind', () => 'COLUMN'],
    ['null?', ({ nullable }) => (nullable ? 'Y' : 'N')],
    ['default', (column) => column.default],
  ]);
}

/** `CREATE MASKING POLICY p AS (v VARCHAR) RETURNS VARCHAR -> CASE ... END`. */
function describePolicy(kind: Other['kind'], words: readonly string[], session: Session): Rows {
  const path = session.path(partsOf(words.slice(1 + kind.split(' ').length)));
  const policy = session.account.child(path, kind, session.role) as Other;
  const [, signature = '', type = '', body = ''] =
    /\bAS\s*(\([^)]*\))\s*RETURNS\s+(\w+)\s*->\s*([\s\S]*)$/i.exec(
      policy.facts.get('body') ?? '',
    ) ?? [];
  return rowsOf(
    [policy],
    [
      ['name', ({ name }) => name],
      ['signature', () => signature],
      ['return_type', () => type],
      ['body', () => body],
    ],
  );
}
