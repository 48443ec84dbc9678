import {
  type Child,
  type Database,
  type FutureGrant,
  type Grant,
  type Kind,
  keyOf,
  type Moment,
  newWarehouse,
  type Other,
  type Schema,
  type Table,
  type Thing,
  title,
} from './account.ts';
import type { Rows } from './duck.ts';
import {
  alreadyThere,
  notAllowed,
  notFound,
  notInTheDouble,
  SnowflakeFault,
  syntax,
} from './errors.ts';
import { parse } from './grammar.ts';
import { Translation } from './queries.ts';
import type { Session } from './session.ts';
import { show } from './show.ts';
import { said } from './statements.ts';
import { type Match, match, type Token } from './tokens.ts';

type Run = (found: Match, session: Session, sql: string) => Rows | Promise<Rows>;

/** Commands by their documented forms (docs: SQL command reference). What fits none goes to the grammar. */
const commands: readonly (readonly [string, Run])[] = [
  ['BEGIN [ ( WORK | TRANSACTION ) ] [ NAME :name ]', begin],
  ['START TRANSACTION [ NAME :name ]', begin],
  ['COMMIT [ WORK ]', commit],
  ['ROLLBACK [ WORK ]', rollback],
  ['USE [ DATABASE ] :database', useDatabase],
  ['USE SCHEMA :schema', useSchema],
  ['USE ROLE :role', useRole],
  ['USE WAREHOUSE :warehouse', useWarehouse],
  ['USE SECONDARY ROLES NONE', () => done()],
  ['ALTER SESSION SET ...settings', alterSession],
  ['ALTER SESSION UNSET :name', unsetParameter],
  ['SET :name = ...value', setVariable],
  ['UNSET :name', unsetVariable],

  [
    'CREATE [ OR REPLACE ] [ TRANSIENT ] DATABASE [ IF NOT EXISTS ] :name CLONE :from [ ( AT | BEFORE ) ( ...when ]',
    createDatabase,
  ],
  [
    "CREATE [ OR REPLACE ] [ TRANSIENT ] DATABASE [ IF NOT EXISTS ] :name [ DATA_RETENTION_TIME_IN_DAYS = #days ] [ COMMENT = 'comment ]",
    createDatabase,
  ],
  ['DROP DATABASE [ IF EXISTS ] :name [ ( CASCADE | RESTRICT ) ]', dropDatabase],
  ['ALTER DATABASE [ IF EXISTS ] :name RENAME TO :to', renameDatabase],
  ['ALTER DATABASE [ IF EXISTS ] :name SWAP WITH :with', swapDatabases],
  ['ALTER DATABASE [ IF EXISTS ] :name SET DATA_RETENTION_TIME_IN_DAYS = #days', setRetention],
  ["ALTER DATABASE [ IF EXISTS ] :name SET COMMENT = 'comment", setComment],
  ["ALTER ( DATABASE | SCHEMA | TABLE | VIEW ) [ IF EXISTS ] :name SET TAG :tag = 'value", setTag],
  ["ALTER ( TABLE | VIEW ) :name ( ALTER | MODIFY ) COLUMN :column SET TAG :tag = 'value", setTag],
  ['ALTER ( DATABASE | SCHEMA | TABLE | VIEW ) [ IF EXISTS ] :name UNSET TAG :tag', unsetTag],
  [
    'CREATE [ OR REPLACE ] [ TRANSIENT ] SCHEMA [ IF NOT EXISTS ] :name CLONE :from [ ( AT | BEFORE ) ( ...when ]',
    createSchema,
  ],
  [
    "CREATE [ OR REPLACE ] [ TRANSIENT ] SCHEMA [ IF NOT EXISTS ] :name [ WITH MANAGED ACCESS ] [ DATA_RETENTION_TIME_IN_DAYS = #days ] [ COMMENT = 'comment ]",
    createSchema,
  ],
  ['DROP SCHEMA [ IF EXISTS ] :name [ ( CASCADE | RESTRICT ) ]', dropSchema],
  ['ALTER SCHEMA [ IF EXISTS ] :name RENAME TO :to', renameSchema],
  ['ALTER SCHEMA [ IF EXISTS ] :name SWAP WITH :with', swapSchemas],
  ['ALTER SCHEMA [ IF EXISTS ] :name SET DATA_RETENTION_TIME_IN_DAYS = #days', setRetention],
  ["ALTER SCHEMA [ IF EXISTS ] :name SET COMMENT = 'comment", setComment],
  ['ALTER TABLE :name SET DATA_RETENTION_TIME_IN_DAYS = #days', setRetention],
  ['ALTER TABLE :name CLUSTER BY ( ...columns', clusterBy],
  ['ALTER TABLE :name RESUME RECLUSTER', (found, session) => setClustering(found, session, true)],
  ['ALTER TABLE :name SUSPEND RECLUSTER', (found, session) => setClustering(found, session, false)],
  ['ALTER TABLE :name ( ALTER | MODIFY ) COLUMN :column SET MASKING POLICY :policy', setMasking],
  ['ALTER TABLE :name ( ALTER | MODIFY ) COLUMN :column UNSET MASKING POLICY', unsetMasking],
  ['ALTER TABLE :name ADD ROW ACCESS POLICY :policy ON ( ...columns', addRowAccess],
  ['ALTER VIEW :name ADD ROW ACCESS POLICY :policy ON ( ...columns', addRowAccess],
  ["COMMENT [ IF EXISTS ] ON ( DATABASE | SCHEMA | TABLE | VIEW ) :name IS 'comment", setComment],
  ["COMMENT [ IF EXISTS ] ON COLUMN :name IS 'comment", commentColumn],

  [
    'CREATE [ OR REPLACE ] SEQUENCE [ IF NOT EXISTS ] :name [ START [ WITH ] [ = ] #start ] [ INCREMENT [ BY ] [ = ] #increment ]',
    createSequence,
  ],
  [
    "CREATE [ OR REPLACE ] STAGE [ IF NOT EXISTS ] :name [ URL = 'url ]",
    (found, session) => createOther('STAGE', found, session, { url: found.url?.[0] ?? '' }),
  ],
  [
    'CREATE [ OR REPLACE ] PIPE [ IF NOT EXISTS ] :name [ AUTO_INGEST = =ingest ] AS ...definition',
    createPipe,
  ],
  [
    "CREATE [ OR REPLACE ] TASK [ IF NOT EXISTS ] :name [ WAREHOUSE = :warehouse ] [ SCHEDULE = 'schedule ] [ AFTER :after ] AS ...definition",
    createTask,
  ],
  [
    "CREATE [ OR REPLACE ] ALERT [ IF NOT EXISTS ] :name [ WAREHOUSE = :warehouse ] [ SCHEDULE = 'schedule ] IF ...rest",
    createAlert,
  ],
  [
    'ALTER ALERT [ IF EXISTS ] :name RESUME',
    (found, session) => setAlert(found, session, 'started'),
  ],
  [
    'ALTER ALERT [ IF EXISTS ] :name SUSPEND',
    (found, session) => setAlert(found, session, 'suspended'),
  ],
  [
    'CREATE [ OR REPLACE ] STREAM [ IF NOT EXISTS ] :name ON TABLE :table',
    (found, session) =>
      createOther('STREAM', found, session, {
        table: session.path(found.table ?? []).join('.'),
        stale: 'false',
      }),
  ],
  [
    'CREATE [ OR REPLACE ] TAG [ IF NOT EXISTS ] :name',
    (found, session) => createOther('TAG', found, session, {}),
  ],
  [
    'CREATE [ OR REPLACE ] EXTERNAL TABLE :name WITH LOCATION = ...location',
    (found, session) =>
      createOther('EXTERNAL TABLE', found, session, { location: (found.location ?? []).join('') }),
  ],
  [
    "CREATE [ OR REPLACE ] DYNAMIC TABLE :name TARGET_LAG = 'lag WAREHOUSE = :warehouse AS ...definition",
    createDynamicTable,
  ],
  [
    'CREATE [ OR REPLACE ] MASKING POLICY [ IF NOT EXISTS ] :name AS ...definition',
    (found, session, sql) => createOther('MASKING POLICY', found, session, { body: sql }),
  ],
  [
    'CREATE [ OR REPLACE ] ROW ACCESS POLICY [ IF NOT EXISTS ] :name AS ...definition',
    (found, session, sql) => createOther('ROW ACCESS POLICY', found, session, { body: sql }),
  ],
  [
    'CREATE [ OR REPLACE ] FUNCTION :name ( ...definition',
    (found, session, sql) => createRoutine('FUNCTION', found, session, sql),
  ],
  [
    'CREATE [ OR REPLACE ] PROCEDURE :name ( ...definition',
    (found, session, sql) => createRoutine('PROCEDURE', found, session, sql),
  ],
  ['ALTER TASK [ IF EXISTS ] :name RESUME', (found, session) => setTask(found, session, 'started')],
  [
    'ALTER TASK [ IF EXISTS ] :name SUSPEND',
    (found, session) => setTask(found, session, 'suspended'),
  ],
  ['ALTER PIPE [ IF EXISTS ] :name SET PIPE_EXECUTION_PAUSED = =paused', setPipe],
  [
    'ALTER DYNAMIC TABLE [ IF EXISTS ] :name RESUME',
    (found, session) => setFact('DYNAMIC TABLE', found, session, 'scheduling_state', 'ACTIVE'),
  ],
  [
    'ALTER DYNAMIC TABLE [ IF EXISTS ] :name SUSPEND',
    (found, session) => setFact('DYNAMIC TABLE', found, session, 'scheduling_state', 'SUSPENDED'),
  ],
  [
    'ALTER TASK [ IF EXISTS ] :name MODIFY AS ...definition',
    (found, session, sql) => setFact('TASK', found, session, 'definition', afterWord(sql, 'AS')),
  ],
  ...(['SEQUENCE', 'STAGE', 'PIPE', 'TASK', 'STREAM', 'TAG'] as const).map(
    (kind): readonly [string, Run] => [
      `DROP ${kind} [ IF EXISTS ] :name`,
      (found, session) => dropOther(kind, found, session),
    ],
  ),

  ['CREATE [ OR REPLACE ] ROLE [ IF NOT EXISTS ] :name', createRole],
  ['DROP ROLE [ IF EXISTS ] :name', dropRole],
  [
    'CREATE [ OR REPLACE ] WAREHOUSE [ IF NOT EXISTS ] :name [ WAREHOUSE_SIZE = =size ]',
    createWarehouse,
  ],
  ['ALTER WAREHOUSE [ IF EXISTS ] :name SET WAREHOUSE_SIZE = =size', resizeWarehouse],
  ['GRANT ROLE :role TO ( ROLE :to | USER :user )', grantRole],
  ['GRANT ...grant', grant],
  ['REVOKE ...revoke', revoke],
  ['SHOW ...what', (found, session, sql) => show(found.what ?? [], session, sql)],
  [
    'DESCRIBE ...what',
    (found, session, sql) => show(['DESCRIBE', ...(found.what ?? [])], session, sql),
  ],
  [
    'DESC ...what',
    (found, session, sql) => show(['DESCRIBE', ...(found.what ?? [])], session, sql),
  ],
];

/** Null: it is no command of this list. */
export async function runCommand(
  tokens: readonly Token[],
  session: Session,
  sql: string,
): Promise<Rows | null> {
  const own = tokens.at(-1)?.text === ';' ? tokens.slice(0, -1) : tokens;
  for (const [form, run] of commands) {
    const found = match(own, form);
    if (found === null) continue;
    // DDL ends a transaction. So does nothing that only looks, sets or begins.
    if (/^(CREATE|DROP|ALTER (?!SESSION)|GRANT|REVOKE|COMMENT)/.test(form)) session.commit();
    return run(found, session, sql);
  }
  return null;
}

const done = () => said('Statement executed successfully.');
const first = (names: readonly string[] | undefined): string => names?.[0] ?? '';

// ---------------------------------------------------------------------------------------------
// The session

function begin(_: Match, session: Session): Rows {
  session.begin();
  return done();
}

function commit(_: Match, session: Session): Rows {
  session.commit();
  return done();
}

function rollback(_: Match, session: Session): Rows {
  session.rollback();
  return done();
}

function unsetParameter({ name }: Match, session: Session): Rows {
  session.parameters.delete(first(name));
  return done();
}

function unsetVariable({ name }: Match, session: Session): Rows {
  session.variables.delete(first(name));
  return done();
}

function useDatabase({ database }: Match, session: Session): Rows {
  const [name = '', ...more] = database ?? [];
  if (more.length > 0) return useSchema({ schema: database ?? [] }, session);
  try {
    session.account.database(name, session.role);
  } catch {
    throw new SnowflakeFault(
      '002043',
      '02000',
      `SQL compilation error:\nObject does not exist, or operation cannot be performed.`,
    );
  }
  session.database = name;
  session.schema = session.account.databases.get(name)?.schemas.has('PUBLIC') ? 'PUBLIC' : null;
  return done();
}

function useSchema({ schema }: Match, session: Session): Rows {
  let found: { database: Database; schema: Schema };
  try {
    found = session.schemaOf(schema ?? []);
  } catch (error) {
    if (error instanceof SnowflakeFault && error.code === '090105') throw error;
    throw new SnowflakeFault(
      '002043',
      '02000',
      `SQL compilation error:\nObject does not exist, or operation cannot be performed.`,
    );
  }
  session.database = found.database.name;
  session.schema = found.schema.name;
  return done();
}

function useRole({ role }: Match, session: Session): Rows {
  const name = first(role);
  const user = session.account.users.get(session.user);
  if (!session.account.roles.has(name) || !user?.roles.has(name))
    throw new SnowflakeFault(
      '003013',
      '42501',
      `SQL access control error:\nRequested role '${name}' is not assigned to the executing user.`,
    );
  session.role = name;
  return done();
}

function useWarehouse({ warehouse }: Match, session: Session): Rows {
  const name = first(warehouse);
  const found = session.account.warehouses.get(name);
  if (found === undefined || !session.account.can(session.role, 'USAGE', found))
    throw notFound('Warehouse', name);
  session.warehouse = name;
  return done();
}

const parameters: ReadonlySet<string> = new Set(
  `MULTI_STATEMENT_COUNT QUOTED_IDENTIFIERS_IGNORE_CASE AUTOCOMMIT ABORT_DETACHED_QUERY STATEMENT_TIMEOUT_IN_SECONDS TIMEZONE
   TIMESTAMP_TYPE_MAPPING TIMESTAMP_NTZ_OUTPUT_FORMAT TIMESTAMP_LTZ_OUTPUT_FORMAT TIMESTAMP_TZ_OUTPUT_FORMAT DATE_OUTPUT_FORMAT
   TIME_OUTPUT_FORMAT TIMESTAMP_INPUT_FORMAT DATE_INPUT_FORMAT TIME_INPUT_FORMAT BINARY_OUTPUT_FORMAT BINARY_INPUT_FORMAT
   STRICT_JSON_OUTPUT QUERY_TAG LOCK_TIMEOUT USE_CACHED_RESULT WEEK_START TIMESTAMP_OUTPUT_FORMAT JSON_INDENT
   ERROR_ON_NONDETERMINISTIC_MERGE ERROR_ON_NONDETERMINISTIC_UPDATE TRANSACTION_ABORT_ON_ERROR`
    .split(/\s+/)
    .filter(Boolean),
);

function alterSession({ settings = [] }: Match, session: Session): Rows {
  for (let at = 0; at < settings.length; at += 3) {
    const [name = '', equals, value = ''] = settings.slice(at, at + 3);
    if (equals !== '=') throw syntax(`line 1 at position 0 unexpected '${equals}'.`);
    if (!parameters.has(name.toUpperCase()))
      throw new SnowflakeFault(
        '001006',
        '42000',
        `SQL compilation error:\ninvalid parameter '${name}'`,
      );
    session.parameters.set(name.toUpperCase(), value);
    if (name.toUpperCase() === 'QUERY_TAG') session.tag = value;
    if (settings[at + 3] === ',') at += 1;
  }
  return done();
}

async function setVariable(_: Match, session: Session, sql: string): Promise<Rows> {
  const [, name = '', expression = ''] = /set\s+"?(\w+)"?\s*=\s*([\s\S]*)$/i.exec(sql) ?? [];
  const translation = new Translation(session);
  const tree = await translation.node(parse(`SELECT ${expression.replace(/;\s*$/, '')}`), {
    names: [],
  } as never);
  const { rows } = await session.duck.rows(`SELECT CAST((${translation.finish(tree)}) AS VARCHAR)`);
  session.variables.set(name.toUpperCase(), rows[0]?.[0] ?? '');
  return done();
}

// ---------------------------------------------------------------------------------------------
// Databases and schemas

async function createDatabase(found: Match, session: Session, sql: string): Promise<Rows> {
  const { account, role } = session;
  const name = first(found.name);
  if (!account.canOnAccount(role, 'CREATE DATABASE')) throw notAllowed('account', 'DOUBLE');
  const there = account.databases.get(name);
  if (there !== undefined && 'EXISTS' in found && !('OR' in found))
    return said(`${name} already exists, statement succeeded.`);
  if (there !== undefined && 'OR' in found) {
    account.requireOwner(there, role);
    account.databases.delete(name);
  }
  if (found.from !== undefined) {
    const from = account.database(first(found.from), role);
    const moment = await momentOf(found, session, sql);
    if (from.transient && !('TRANSIENT' in found))
      throw notInTheDouble('a permanent clone of something transient');
    if (from.share !== null)
      throw new SnowflakeFault('003001', '42501', 'A shared database cannot be cloned.');
    account.cloneDatabase(from, name, { role, moment, at: timeOf(moment, session) });
  } else {
    account.createDatabase(name, role, {
      transient: 'TRANSIENT' in found,
      retention: found.days === undefined ? null : Number(first(found.days)),
      comment: found.comment?.[0] ?? null,
    });
  }
  return said(`Database ${name} successfully created.`);
}

/** `AT (TIMESTAMP => ...)`: as that of a table, it is taken apart by the grammar. */
async function momentOf(found: Match, session: Session, sql: string): Promise<Moment | null> {
  if (found.when === undefined) return null;
  const [written = ''] = /\b(?:AT|BEFORE)\s*\([\s\S]*$/i.exec(sql.replace(/;\s*$/, '')) ?? [];
  const tree = parse(`SELECT * FROM T ${written}`) as unknown as {
    select: {
      from: {
        expressions: {
          table: {
            when?: { this: { identifier: { name: string } }; kind: string; expression: never };
          };
        }[];
      };
    };
  };
  const when = tree.select.from.expressions[0]?.table.when;
  if (when === undefined) throw syntax(`unexpected '${written}'`);
  const translation = new Translation(session);
  const expression = translation.finishInner(
    await translation.node(when.expression, { names: [] } as never),
  );
  return session.moment(
    when.this.identifier.name.toUpperCase(),
    when.kind.toUpperCase(),
    expression,
  );
}

function timeOf(moment: Moment | null, { account }: Session): Date {
  return moment !== null && 'time' in moment ? moment.time : account.now();
}

function dropDatabase(found: Match, { account, role }: Session): Rows {
  const name = first(found.name);
  const there = account.databases.get(name);
  if (there === undefined) {
    if ('IF' in found)
      return said(`Drop statement executed successfully (${name} already dropped).`);
    throw notFound('Database', name);
  }
  account.requireOwner(there, role);
  account.databases.delete(name);
  return said(`${name} successfully dropped.`);
}

function ownDatabase(name: string, { account, role }: Session): Database {
  const database = account.database(name, role);
  account.requireOwner(database, role);
  return database;
}

function renameDatabase(found: Match, session: Session): Rows {
  const { account } = session;
  const [from, to] = [first(found.name), first(found.to)];
  const database = ownDatabase(from, session);
  if (!account.canOnAccount(session.role, 'CREATE DATABASE')) throw notAllowed('account', 'DOUBLE');
  if (account.databases.has(to)) throw alreadyThere(to);
  account.databases.delete(from);
  database.name = to;
  account.databases.set(to, database);
  return done();
}

function swapDatabases(found: Match, session: Session): Rows {
  session.account.swapDatabases(
    ownDatabase(first(found.name), session),
    ownDatabase(first(found.with), session),
  );
  return done();
}

async function createSchema(found: Match, session: Session, sql: string): Promise<Rows> {
  const { account, role } = session;
  const [name = '', of = session.database] = [...(found.name ?? [])].reverse();
  if (of === null) {
    throw new SnowflakeFault(
      '090105',
      '22000',
      "Cannot perform CREATE SCHEMA. This session does not have a current database. Call 'USE DATABASE', or use a qualified name.",
    );
  }
  const database = account.database(of, role);
  if (!account.can(role, 'CREATE SCHEMA', database)) throw notAllowed('Database', of);
  if (database.schemas.has(name) && 'IF' in found)
    return said(`${name} already exists, statement succeeded.`);
  if ('OR' in found) database.schemas.delete(name);
  if (found.from !== undefined) {
    const from = session.schemaOf(found.from);
    const moment = await momentOf(found, session, sql);
    account.cloneSchema([from.database, from.schema], database, name, {
      role,
      moment,
      at: timeOf(moment, session),
    });
  } else {
    account.createSchema(database, name, role, {
      managed: 'MANAGED' in found,
      transient: 'TRANSIENT' in found || database.transient,
      retention: found.days === undefined ? null : Number(first(found.days)),
      comment: found.comment?.[0] ?? null,
    });
  }
  session.database = of;
  session.schema = name;
  return said(`Schema ${name} successfully created.`);
}

function dropSchema(found: Match, session: Session): Rows {
  const [name = '', of = session.database ?? ''] = [...(found.name ?? [])].reverse();
  const database = session.account.databases.get(of);
  const there = database?.schemas.get(name);
  if (database === undefined || there === undefined) {
    if ('IF' in found && database !== undefined)
      return said(`Drop statement executed successfully (${name} already dropped).`);
    throw notFound(
      database === undefined ? 'Database' : 'Schema',
      database === undefined ? of : name,
    );
  }
  session.account.requireOwner(there, session.role);
  database.schemas.delete(name);
  return said(`${name} successfully dropped.`);
}

function renameSchema(found: Match, session: Session): Rows {
  const { database, schema } = session.schemaOf(found.name ?? []);
  session.account.requireOwner(schema, session.role);
  const to = found.to?.at(-1) ?? '';
  if ((found.to?.length ?? 0) > 1 && found.to?.[0] !== database.name)
    throw notInTheDouble('moving a schema to another database');
  if (database.schemas.has(to)) throw alreadyThere(to);
  database.schemas.delete(schema.name);
  schema.name = to;
  database.schemas.set(to, schema);
  return done();
}

function swapSchemas(found: Match, session: Session): Rows {
  const [a, b] = [session.schemaOf(found.name ?? []), session.schemaOf(found.with ?? [])];
  for (const { schema } of [a, b]) session.account.requireOwner(schema, session.role);
  if (a.database !== b.database) throw notInTheDouble('swapping schemas of two databases');
  session.account.swapSchemas(a.database, a.schema, b.schema);
  return done();
}

function thingOf(found: Match, session: Session): Thing & { retention?: number | null } {
  const { name = [] } = found;
  if ('DATABASE' in found) return ownDatabase(first(name), session);
  if ('SCHEMA' in found) return session.schemaOf(name).schema;
  return session.account.child(
    session.path(name),
    'VIEW' in found ? 'VIEW' : 'TABLE',
    session.role,
  );
}

function setRetention(found: Match, session: Session): Rows {
  const thing = thingOf(found, session);
  session.account.requireOwner(thing, session.role);
  thing.retention = Number(first(found.days));
  return done();
}

function setComment(found: Match, session: Session): Rows {
  const thing = thingOf(found, session);
  session.account.requireOwner(thing, session.role);
  thing.comment = first(found.comment);
  return done();
}

function commentColumn(found: Match, session: Session): Rows {
  const name = found.name ?? [];
  const table = session.account.child(session.path(name.slice(0, -1)), 'TABLE', session.role);
  session.account.requireOwner(table, session.role);
  if (table.kind !== 'TABLE') throw notInTheDouble('a comment on the column of a view');
  table.columns = table.columns.map((column) =>
    column.name === name.at(-1) ? { ...column, comment: first(found.comment) } : column,
  );
  return done();
}

function tagIn({ tag = [] }: Match, session: Session): Other {
  return session.account.child(session.path(tag), 'TAG', session.role) as Other;
}

/** Needs APPLY TAG on the account, or ownership of what it is set on and APPLY on the tag. */
function setTag(found: Match, session: Session): Rows {
  const { account, role } = session;
  const thing = thingOf(found, session);
  const tag = tagIn(found, session);
  if (!account.canOnAccount(role, 'APPLY TAG')) {
    account.requireOwner(thing, role);
    if (!account.can(role, 'APPLY', tag)) throw notAllowed('Tag', tag.name);
  }
  const column = found.column?.[0] ?? null;
  const others = thing.tags.filter((one) => one.tag !== tag || one.column !== column);
  thing.tags = [...others, { tag, column, value: first(found.value) }];
  return done();
}

function unsetTag(found: Match, session: Session): Rows {
  const thing = thingOf(found, session);
  session.account.requireOwner(thing, session.role);
  const tag = tagIn(found, session);
  thing.tags = thing.tags.filter((one) => one.tag !== tag || one.column !== null);
  return done();
}

function clusterBy(found: Match, session: Session): Rows {
  const table = guardedTable(found, session) as Table;
  table.clusterBy = `LINEAR(${(found.columns ?? []).slice(0, -1).join('')})`;
  table.clusters = true;
  return done();
}

/** Only what has a clustering key is clustered (docs: "Automatic Clustering"). */
function setClustering(found: Match, session: Session, clusters: boolean): Rows {
  const table = guardedTable(found, session) as Table;
  if (table.clusterBy === null) throw notAllowed('Table', table.name);
  table.clusters = clusters;
  return done();
}

function guardedTable({ name }: Match, session: Session): Child {
  const table = session.account.child(session.path(name ?? []), 'TABLE', session.role);
  session.account.requireOwner(table, session.role);
  return table;
}

function policyNamed(
  kind: 'MASKING POLICY' | 'ROW ACCESS POLICY',
  { policy }: Match,
  session: Session,
): Other {
  return session.account.child(session.path(policy ?? []), kind, session.role) as Other;
}

function setMasking(found: Match, session: Session): Rows {
  const table = guardedTable(found, session);
  const column = first(found.column);
  const policy = policyNamed('MASKING POLICY', found, session);
  table.policies = [
    ...table.policies.filter((one) => one.column !== column),
    { policy, column, arguments: [] },
  ];
  return done();
}

function unsetMasking(found: Match, session: Session): Rows {
  const table = guardedTable(found, session);
  table.policies = table.policies.filter(({ column }) => column !== first(found.column));
  return done();
}

function addRowAccess(found: Match, session: Session): Rows {
  const table = guardedTable(found, session);
  const policy = policyNamed('ROW ACCESS POLICY', found, session);
  const names = (found.columns ?? []).filter((word) => !['(', ',', ')'].includes(word));
  table.policies = [...table.policies, { policy, column: null, arguments: partsOf(names) }];
  return done();
}

// ---------------------------------------------------------------------------------------------
// What the double knows by name and properties only

function createOther(
  kind: Other['kind'],
  found: Match,
  session: Session,
  facts: Record<string, string>,
): Rows {
  const path = session.path(found.name ?? []);
  const { database, schema } = session.placeOf(path);
  const { account, role } = session;
  if (!account.can(role, `CREATE ${kind}`, schema)) throw notAllowed('Schema', path[1]);
  const key = keyOf(kind, path[2]);
  if (schema.children.has(key) && !('OR' in found)) {
    if ('IF' in found) return said(`${path[2]} already exists, statement succeeded.`);
    throw alreadyThere(path.join('.'));
  }
  const made: Other = {
    ...account.thing(kind, path[2], role),
    kind,
    facts: new Map(Object.entries(facts)),
  } as Other;
  schema.children.set(key, made);
  account.giveFutureGrants(database, schema, made);
  return said(`${title(kind)} ${path[2]} successfully created.`);
}

async function createSequence(found: Match, session: Session): Promise<Rows> {
  const physical = `s${session.account.id()}`;
  const [start, increment] = [first(found.start) || '1', first(found.increment) || '1'];
  await session.duck.run(`CREATE SEQUENCE ${physical} START ${start} INCREMENT ${increment}`);
  return createOther('SEQUENCE', found, session, { physical, start, increment, next: start });
}

function createPipe(found: Match, session: Session, sql: string): Rows {
  const definition = afterWord(sql, 'AS');
  const [, stage = ''] = /FROM\s+@([\w."]+)/i.exec(definition) ?? [];
  const parts = stage
    .split('.')
    .map((part) => (part.startsWith('"') ? part.slice(1, -1) : part.toUpperCase()));
  const { children } = session.placeOf(session.path(parts)).schema;
  const from = children.get(keyOf('STAGE', parts.at(-1) ?? '')) as Other | undefined;
  if (from === undefined) throw notFound('Stage', stage);
  return createOther('PIPE', found, session, {
    definition,
    internal: String(from.facts.get('url') === ''),
    state: 'RUNNING',
  });
}

function createTask(found: Match, session: Session, sql: string): Rows {
  return createOther('TASK', found, session, {
    definition: afterWord(sql, 'AS'),
    schedule: first(found.schedule),
    warehouse: first(found.warehouse),
    after: found.after === undefined ? '' : session.path(found.after).join('.'),
    state: 'suspended',
  });
}

function createAlert(found: Match, session: Session, sql: string): Rows {
  const [, condition = '', action = ''] =
    /\bIF\s*\(\s*EXISTS\s*\(([\s\S]*?)\)\s*\)\s*THEN\s+([\s\S]*?);?\s*$/i.exec(sql) ?? [];
  return createOther('ALERT', found, session, {
    condition,
    action,
    schedule: first(found.schedule),
    warehouse: first(found.warehouse),
    state: 'suspended',
  });
}

function createDynamicTable(found: Match, session: Session, sql: string): Rows {
  return createOther('DYNAMIC TABLE', found, session, {
    definition: sql.trim(),
    target_lag: first(found.lag),
    scheduling_state: 'ACTIVE',
  });
}

function createRoutine(
  kind: 'FUNCTION' | 'PROCEDURE',
  found: Match,
  session: Session,
  sql: string,
): Rows {
  const [, signature = '', returns = '', body = ''] =
    /\(([\s\S]*?)\)\s*RETURNS\s+([\w(), ]+?)\s+(?:LANGUAGE\s+SQL\s+)?(?:EXECUTE AS \w+\s+)?AS\s+([\s\S]*)$/i.exec(
      sql,
    ) ?? [];
  const text =
    /^\$\$([\s\S]*)\$\$/.exec(body.trim())?.[1] ??
    body
      .trim()
      .replace(/^'|';?$/g, '')
      .replaceAll("''", "'");
  return createOther(kind, found, session, {
    signature: `(${signature})`,
    returns,
    language: 'SQL',
    body: text,
  });
}

function afterWord(sql: string, word: string): string {
  const found = new RegExp(`\\b${word}\\b\\s*([\\s\\S]*?);?\\s*$`, 'i').exec(sql);
  return found?.[1] ?? '';
}

function other(kind: Other['kind'], found: Match, session: Session): Other {
  const child = session.account.child(session.path(found.name ?? []), kind, session.role);
  session.account.requireOwner(child, session.role);
  return child as Other;
}

/** What works by itself does so by the rights of its owner (docs: ALTER TASK, ALTER ALERT: usage notes). */
function requireOwnersRight(thing: Other, session: Session): void {
  const { account } = session;
  const what = thing.kind === 'ALERT' ? 'ALERT' : 'TASK';
  const isManaged = (thing.facts.get('warehouse') ?? '') === '';
  for (const right of [`EXECUTE ${what}`, ...(isManaged ? [`EXECUTE MANAGED ${what}`] : [])]) {
    if (account.canOnAccount(thing.owner, right)) continue;
    throw new SnowflakeFault(
      '091089',
      '23001',
      `Cannot execute task , ${right} privilege must be granted to owner role`,
    );
  }
}

function setAlert(found: Match, session: Session, state: string): Rows {
  const alert = other('ALERT', found, session);
  if (state === 'started') requireOwnersRight(alert, session);
  alert.facts.set('state', state);
  return done();
}

/** No task of a graph is changed while its root runs (docs: ALTER TASK). */
function setTask(found: Match, session: Session, state: string): Rows {
  const task = other('TASK', found, session);
  if (state === 'started') requireOwnersRight(task, session);
  const after = task.facts.get('after') ?? '';
  if (after !== '') {
    const name = after.split('.').at(-1) ?? '';
    const path = session.path([...(found.name ?? []).slice(0, -1), name]);
    const root = session.account.child(path, 'TASK', session.role) as Other;
    if (root.facts.get('state') === 'started')
      throw new SnowflakeFault(
        '091421',
        '23001',
        `Unable to update graph with root task ${path.join('.')} since that root task is not suspended.`,
      );
  }
  task.facts.set('state', state);
  return done();
}

function setPipe(found: Match, session: Session): Rows {
  other('PIPE', found, session).facts.set(
    'state',
    /true/i.test(first(found.paused)) ? 'PAUSED' : 'RUNNING',
  );
  return done();
}

function setFact(
  kind: Other['kind'],
  found: Match,
  session: Session,
  name: string,
  value: string,
): Rows {
  other(kind, found, session).facts.set(name, value);
  return done();
}

function dropOther(kind: Other['kind'], found: Match, session: Session): Rows {
  const path = session.path(found.name ?? []);
  const there = session.find(kind, path);
  if (there === undefined) {
    if ('IF' in found) return done();
    throw notFound(title(kind), path.join('.'));
  }
  session.account.requireOwner(there, session.role);
  session.placeOf(path).schema.children.delete(keyOf(kind, path[2]));
  return said(`${path[2]} successfully dropped.`);
}

// ---------------------------------------------------------------------------------------------
// Roles, warehouses, grants

function createRole({ name }: Match, session: Session): Rows {
  const { account, role } = session;
  if (!account.rolesOf(role).has('SECURITYADMIN') && role !== 'ACCOUNTADMIN')
    throw notAllowed('account', 'DOUBLE');
  account.roles.set(first(name), account.roles.get(first(name)) ?? new Set());
  return done();
}

function dropRole({ name }: Match, session: Session): Rows {
  session.account.roles.delete(first(name));
  return done();
}

function createWarehouse({ name, size }: Match, session: Session): Rows {
  const { account, role } = session;
  if (!account.canOnAccount(role, 'CREATE WAREHOUSE')) throw notAllowed('account', 'DOUBLE');
  account.warehouses.set(first(name), {
    ...account.thing('WAREHOUSE', first(name), role),
    kind: 'WAREHOUSE',
    ...newWarehouse,
    ...(size === undefined ? {} : { size: first(size) }),
  });
  return done();
}

function resizeWarehouse({ name, size }: Match, session: Session): Rows {
  const found = session.account.warehouses.get(first(name));
  if (found === undefined) throw notFound('Warehouse', first(name));
  if (!session.account.can(session.role, 'MODIFY', found))
    throw notAllowed('Warehouse', first(name));
  found.size = first(size);
  return done();
}

function grantRole(found: Match, { account }: Session): Rows {
  const name = first(found.role);
  if (!account.roles.has(name)) throw notFound('Role', name);
  if (found.to !== undefined) account.roles.get(first(found.to))?.add(name);
  else account.users.get(first(found.user))?.roles.add(name);
  return done();
}

/** `SELECT, INSERT ON TABLE a.b TO ROLE r WITH GRANT OPTION`, and its like. */
interface Granting {
  readonly privileges: readonly string[];
  /** Null: on the account. */
  readonly on: readonly Thing[] | null;
  /** Set: on all of these that come to be in there. */
  readonly future: { readonly kind: string; readonly within: Database | Schema } | null;
  readonly role: string;
  readonly option: boolean;
}

function grant({ grant: words = [] }: Match, session: Session): Rows {
  const granting = grantingOf(words, session, 'TO');
  const { account, role: by } = session;
  for (const privilege of granting.privileges) {
    const made: Grant = {
      privilege,
      role: granting.role,
      option: granting.option,
      at: account.now(),
      by,
    };
    if (granting.future !== null) {
      const { within, kind } = granting.future;
      requireFuture(within, session);
      within.futureGrants = [
        ...within.futureGrants.filter((one) => !(isSame(one, made) && one.on === kind)),
        { ...made, on: kind },
      ];
    } else if (granting.on === null) {
      if (!account.canOnAccount(by, 'MANAGE GRANTS')) throw notAllowed('account', 'DOUBLE');
      account.accountGrants.push(made);
    } else {
      for (const thing of granting.on) give(thing, made, session);
    }
  }
  return done();
}

/** Future grants need MANAGE GRANTS; of a schema of managed access, its owner may give them as well (docs: GRANT <privileges>). */
function requireFuture(within: Database | Schema, { account, role }: Session): void {
  const isManaged = within.kind === 'SCHEMA' && within.managed;
  if (account.canOnAccount(role, 'MANAGE GRANTS')) return;
  if (!isManaged || !account.isOwner(role, within)) throw notAllowed(within.kind, within.name);
}

function give(thing: Thing, made: Grant, { account, role }: Session): void {
  const mayPassOn = thing.grants.some(
    (one) => one.option && one.privilege === made.privilege && account.rolesOf(role).has(one.role),
  );
  if (!account.isOwner(role, thing) && !account.canOnAccount(role, 'MANAGE GRANTS') && !mayPassOn)
    throw notAllowed(thing.kind, thing.name);
  if (made.privilege === 'OWNERSHIP') thing.owner = made.role;
  else thing.grants = [...thing.grants.filter((one) => !isSame(one, made)), made];
}

function revoke({ revoke: words = [] }: Match, session: Session): Rows {
  const { privileges, on, future, role } = grantingOf(words, session, 'FROM');
  const isMeant = (one: Grant) =>
    one.role === role && (privileges.includes(one.privilege) || privileges.includes('ALL'));
  if (future !== null) {
    requireFuture(future.within, session);
    future.within.futureGrants = future.within.futureGrants.filter(
      (one) => !(isMeant(one) && one.on === future.kind),
    );
  } else if (on === null)
    session.account.accountGrants = session.account.accountGrants.filter((one) => !isMeant(one));
  else for (const thing of on) thing.grants = thing.grants.filter((one) => !isMeant(one));
  return done();
}

const isSame = (a: Grant, b: Grant) => a.role === b.role && a.privilege === b.privilege;

function grantingOf(
  words: readonly string[],
  session: Session,
  preposition: 'TO' | 'FROM',
): Granting {
  const upper = words.map((word) => word.toUpperCase());
  const [onAt, toAt] = [upper.indexOf('ON'), upper.lastIndexOf(preposition)];
  if (onAt < 0 || toAt < onAt)
    throw syntax(`line 1 at position 0 unexpected '${words.join(' ')}'.`);
  const privileges = upper
    .slice(0, onAt)
    .join(' ')
    .split(' , ')
    .map((one) => one.trim().replace(/ PRIVILEGES$/, ''));
  const roleAt = upper[toAt + 1] === 'ROLE' ? toAt + 2 : toAt + 1;
  const role = nameIn(words[roleAt] ?? '');
  if (!session.account.roles.has(role)) throw notFound('Role', role);
  const option = upper
    .slice(roleAt + 1)
    .join(' ')
    .startsWith('WITH GRANT OPTION');
  const object = upper.slice(onAt + 1, toAt);
  const common = { privileges, role, option };
  if (object[0] === 'ACCOUNT') return { ...common, on: null, future: null };
  if (object[0] === 'FUTURE' || object[0] === 'ALL') {
    const inAt = object.lastIndexOf('IN');
    const kind = object.slice(1, inAt).join(' ').replace(/S$/, '').replace(/IE$/, 'Y');
    const name = partsOf(words.slice(onAt + 1 + inAt + 2, toAt));
    const within =
      object[inAt + 1] === 'DATABASE'
        ? session.account.database(name[0] ?? '', session.role)
        : session.schemaOf(name).schema;
    if (object[0] === 'FUTURE') return { ...common, on: [], future: { kind, within } };
    return { ...common, on: allIn(within, kind), future: null };
  }
  const kind = kindOf(object);
  const name = partsOf(words.slice(onAt + 1 + kind.split(' ').length, toAt));
  return { ...common, on: [namedThing(kind, name, session)], future: null };
}

function allIn(within: Database | Schema, kind: string): Thing[] {
  if (within.kind === 'DATABASE' && kind === 'SCHEMA') return [...within.schemas.values()];
  const schemas = within.kind === 'DATABASE' ? [...within.schemas.values()] : [within];
  return schemas.flatMap(({ children }) =>
    [...children.values()].filter((child) => child.kind === kind),
  );
}

function kindOf(words: readonly string[]): string {
  const two = words.slice(0, 2).join(' ');
  return ['DYNAMIC TABLE', 'EXTERNAL TABLE', 'MASKING POLICY', 'ROW ACCESS'].includes(two)
    ? two
    : (words[0] ?? '');
}

export function namedThing(kind: string, name: readonly string[], session: Session): Thing {
  const { account } = session;
  if (kind === 'DATABASE') {
    const found = account.databases.get(name[0] ?? '');
    if (found === undefined || !account.can(session.role, null, found))
      throw notFound('Database', name[0] ?? '');
    return found;
  }
  if (kind === 'WAREHOUSE') {
    const found = account.warehouses.get(name[0] ?? '');
    if (found === undefined) throw notFound('Warehouse', name[0] ?? '');
    return found;
  }
  if (kind === 'SCHEMA') return session.schemaOf(name).schema;
  const found: Child = account.child(
    session.path(name),
    kind as Kind as Child['kind'],
    session.role,
  );
  return found;
}

/** Words of a name, as the tokens gave them: without quotes, the upper-case form is meant. */
export function partsOf(words: readonly string[]): string[] {
  return words.filter((word) => word !== '.').map(nameIn);
}

function nameIn(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word.toUpperCase();
}

export type { FutureGrant };
