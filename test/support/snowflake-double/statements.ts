import {
  type Child,
  type Column,
  type Constraint,
  keyOf,
  type Table,
  type Version,
  type View,
} from './account.ts';
import { runCommand } from './commands.ts';
import { encoded, type Rows } from './duck.ts';
import {
  alreadyThere,
  canceled,
  notAllowed,
  notFound,
  notInTheDouble,
  SnowflakeFault,
} from './errors.ts';
import { isNode, type Node, parse, write, writeType } from './grammar.ts';
import {
  type Identifier,
  nameOf,
  type Path,
  type TableName,
  Translation,
  translateExpression,
  translateQuery,
} from './queries.ts';
import type { Session } from './session.ts';
import { tokensOf } from './tokens.ts';
import { typeOf } from './types.ts';

/** One statement, in autocommit or in the session's transaction. */
export async function runStatement(
  sql: string,
  session: Session,
  cancelled: AbortSignal,
): Promise<Rows> {
  const tokens = tokensOf(sql);
  const command = await runCommand(tokens, session, sql);
  if (command !== null) return command;
  const statement = parse(sql);
  const [kind = ''] = Object.keys(statement);
  const content = statement[kind] as Node;
  switch (kind) {
    case 'select':
    case 'union':
    case 'intersect':
    case 'except':
    case 'subquery':
    case 'values':
      return session.duck.rows(await translateQuery(statement, session), cancelled);
    case 'insert':
      return insert(content, session, cancelled);
    case 'update':
      return update(content, session, cancelled);
    case 'delete':
      return remove(content, session, cancelled);
    case 'merge':
      return merge(content, session, cancelled);
    case 'truncate':
      return truncate(content, session, cancelled);
    case 'create_table':
      return createTable(content, session);
    case 'create_view':
      return createView(content, session, sql);
    case 'alter_table':
      return alterTable(content, session, cancelled);
    case 'drop_table':
      return dropRelations(
        (content.names as TableName[]) ?? [],
        'TABLE',
        content.if_exists === true,
        session,
      );
    case 'drop_view':
      return dropRelations(
        [content.name as TableName],
        'VIEW',
        content.if_exists === true,
        session,
      );
    default:
      throw notInTheDouble(kind === 'raw' || kind === 'command' ? sql.trim().slice(0, 60) : kind);
  }
}

export function said(message: string): Rows {
  return { columns: [{ name: 'status', type: 'VARCHAR(16777216)' }], rows: [[message]] };
}

function counted(counts: Readonly<Record<string, number>>): Rows {
  const names = Object.keys(counts);
  return {
    columns: names.map((name) => ({ name, type: 'NUMBER(38,0)' })),
    rows: [names.map((name) => String(counts[name]))],
  };
}

// ---------------------------------------------------------------------------------------------
// Changing rows: each statement makes a new version of the table

function tableOf(
  name: TableName,
  session: Session,
  privilege: string,
): { table: Table; path: Path } {
  const path = session.pathOf(name);
  const child = session.account.child(path, 'TABLE', session.role);
  if (child.kind !== 'TABLE') {
    throw new SnowflakeFault(
      '002003',
      '42601',
      `SQL compilation error:\nObject found is of type '${child.kind}', not specified type 'TABLE'.`,
    );
  }
  if (!session.account.can(session.role, privilege, child)) throw notAllowed('Table', path[2]);
  return { table: child, path };
}

async function change(
  table: Table,
  session: Session,
  cancelled: AbortSignal,
  work: (physical: string) => Promise<Readonly<Record<string, number>>>,
): Promise<Rows> {
  const owner = await session.lock(table, cancelled);
  try {
    const physical = await copyOf(table, session.current(table), session);
    const counts = await work(physical);
    await writeVariantsAnew(table, physical, session);
    await requireConstraints(table, physical, session);
    if (cancelled.aborted) throw canceled();
    const rows = await countOf(physical, session);
    session.put(table, session.version(physical, rows));
    return counted(counts);
  } finally {
    session.letGo(table, owner);
  }
}

async function copyOf(table: Table, from: Version | null, session: Session): Promise<string> {
  const physical = session.duck.name();
  const defaults = await Promise.all(
    table.columns.map((column) =>
      column.default === null ? null : translateExpression(column.default, session),
    ),
  );
  await session.duck.run(
    `CREATE TABLE ${physical} (${session.physicalColumns(table.columns, defaults)})`,
  );
  if (from !== null)
    await session.duck.run(`INSERT INTO ${physical} SELECT * FROM ${from.physical}`);
  return physical;
}

/** What came in as a text is a VARIANT by now. */
async function writeVariantsAnew(table: Table, physical: string, { duck }: Session): Promise<void> {
  const names = table.columns.filter(({ type }) => typeOf(type).duckdb === 'JSON');
  if (names.length === 0) return;
  const anew = names.map(
    ({ name }) => `${encoded(name)} = CAST(sf_json(${encoded(name)}) AS JSON)`,
  );
  await duck.run(`UPDATE ${physical} SET ${anew.join(', ')}`);
}

async function countOf(physical: string, { duck }: Session): Promise<number> {
  return Number((await duck.rows(`SELECT count(*) FROM ${physical}`)).rows[0]?.[0]);
}

async function requireConstraints(
  table: Table,
  physical: string,
  { duck }: Session,
): Promise<void> {
  for (const { name, nullable, type } of table.columns) {
    const column = encoded(name);
    if (!nullable) {
      const { rows } = await duck.rows(`SELECT 1 FROM ${physical} WHERE ${column} IS NULL LIMIT 1`);
      if (rows.length > 0)
        throw new SnowflakeFault('100072', '22000', `NULL result in a non-nullable column`);
    }
    const [, length] = /^VARCHAR\((\d+)\)$/.exec(type) ?? [];
    if (length === undefined || Number(length) >= 16_777_216) continue;
    const { rows } = await duck.rows(
      `SELECT ${column} FROM ${physical} WHERE length(${column}) > ${length} LIMIT 1`,
    );
    if (rows.length > 0)
      throw new SnowflakeFault(
        '100078',
        '22000',
        `String '${rows[0]?.[0]}' is too long and would be truncated`,
      );
  }
}

/** The statement with its target replaced by a table of DuckDB's, which bears the target's name. */
async function translateOn(
  kind: string,
  content: Node,
  physical: string,
  shown: string,
  session: Session,
): Promise<string> {
  const translation = new Translation(session);
  const marker = 'SFTARGET';
  // The target is put in afterwards: it is no name to be looked up. The tables of USING are no nodes of their own.
  const target = kind === 'merge' ? { this: null } : { table: null };
  const using = Array.isArray(content.using)
    ? { using: content.using.map((table) => ({ table })) }
    : {};
  const walked = await translation.node({ [kind]: { ...content, ...target, ...using } }, noNames);
  const inner = walked[kind] as Node;
  if (Array.isArray(inner.using)) inner.using = inner.using.map(({ table }: Node) => table);
  const own = {
    name: { name: marker, quoted: true, trailing_comments: [] },
    schema: null,
    catalog: null,
    alias: null,
    trailing_comments: [],
    column_aliases: [],
    when: null,
    only: false,
    final_: false,
    hints: [],
    alias_explicit_as: false,
  };
  const tree =
    kind === 'merge'
      ? {
          ...inner,
          this: {
            alias: {
              this: { table: own },
              alias: { name: shown, quoted: true, trailing_comments: [] },
              column_aliases: [],
              alias_explicit_as: true,
              pre_alias_comments: [],
              trailing_comments: [],
            },
          },
        }
      : { ...inner, table: own };
  const sql = translation.finish({ [kind]: tree });
  const named =
    kind === 'insert' || kind === 'merge' ? physical : `${physical} AS ${encoded(shown)}`;
  return sql.replace(`"${marker}"`, named);
}

const noNames = { names: [] } as unknown as Parameters<Translation['node']>[1];

function aliasOf(content: Node, table: TableName): string {
  const own = table as TableName & { alias?: Identifier | null };
  const alias = (content.alias as Identifier | null | undefined) ?? own.alias;
  return alias ? nameOf(alias) : nameOf(table.name);
}

/** Nothing becomes a VARIANT by itself: not a text either (docs: "Data type conversion"). */
function expectingVariant(column: string, type: string): SnowflakeFault {
  return new SnowflakeFault(
    '002023',
    '22000',
    `SQL compilation error:\nExpression type does not match column data type, expecting VARIANT but got ${type} for column ${column}`,
  );
}

/** `sql` inserts: what comes for a column of VARIANTs has to be one, or NULL. */
async function requireVariants(
  sql: string,
  { columns }: Table,
  content: Node,
  { duck }: Session,
): Promise<void> {
  const named = ((content.columns ?? []) as Identifier[]).map(nameOf);
  const targets =
    named.length === 0
      ? columns
      : named.flatMap((name) => columns.filter((column) => column.name === name));
  if (!targets.some(({ type }) => type === 'VARIANT')) return;
  const values = content.values as Node[][] | undefined;
  if (values?.some((row) => row.some((one) => 'parse_json' in one)))
    throw new SnowflakeFault(
      '002014',
      '22000',
      'SQL compilation error:\nInvalid expression [PARSE_JSON(...)] in VALUES clause',
    );
  const [, source] =
    /^(?:\/\*[\s\S]*?\*\/\s*)?INSERT INTO \S+(?: \([^()]*\))? ([\s\S]*)$/i.exec(sql) ?? [];
  if (source === undefined) throw notInTheDouble('this INSERT into a column of VARIANTs');
  const given = (await duck.rows(`DESCRIBE ${source}`)).rows.map(([, type]) => type);
  for (const [at, { name, type }] of targets.entries())
    if (type === 'VARIANT' && !['JSON', '"NULL"', 'INTEGER'].includes(given[at] ?? ''))
      throw expectingVariant(name, String(given[at]));
}

async function insert(content: Node, session: Session, cancelled: AbortSignal): Promise<Rows> {
  const name = content.table as TableName;
  const { table } = tableOf(name, session, 'INSERT');
  return change(table, session, cancelled, async (physical) => {
    if (content.overwrite === true) await session.duck.run(`DELETE FROM ${physical}`);
    const sql = await translateOn(
      'insert',
      { ...content, overwrite: false },
      physical,
      table.name,
      session,
    );
    await requireVariants(sql, table, content, session);
    return { 'number of rows inserted': await session.duck.run(sql) };
  });
}

async function update(content: Node, session: Session, cancelled: AbortSignal): Promise<Rows> {
  const name = content.table as TableName;
  const { table } = tableOf(name, session, 'UPDATE');
  for (const [column, value] of (content.set ?? []) as [Identifier, Node][]) {
    const isVariant = table.columns.some(
      (one) => one.name === nameOf(column) && one.type === 'VARIANT',
    );
    if (isVariant && 'literal' in value) throw expectingVariant(nameOf(column), 'VARCHAR');
  }
  return change(table, session, cancelled, async (physical) => {
    const sql = await translateOn(
      'update',
      { ...content, alias: null, table_alias: null },
      physical,
      aliasOf(content, name),
      session,
    );
    return {
      'number of rows updated': await session.duck.run(sql),
      'number of multi-joined rows updated': 0,
    };
  });
}

async function remove(content: Node, session: Session, cancelled: AbortSignal): Promise<Rows> {
  const name = content.table as TableName;
  const { table } = tableOf(name, session, 'DELETE');
  return change(table, session, cancelled, async (physical) => {
    const sql = await translateOn(
      'delete',
      { ...content, alias: null },
      physical,
      aliasOf(content, name),
      session,
    );
    return { 'number of rows deleted': await session.duck.run(sql) };
  });
}

async function merge(content: Node, session: Session, cancelled: AbortSignal): Promise<Rows> {
  const target = content.this as {
    alias?: { this: { table: TableName }; alias: Identifier };
    table?: TableName & { alias?: Identifier };
  };
  const name = target.alias?.this.table ?? target.table;
  if (name === undefined) throw notInTheDouble('MERGE into this');
  const shown = target.alias
    ? nameOf(target.alias.alias)
    : target.table?.alias
      ? nameOf(target.table.alias)
      : nameOf(name.name);
  const { table } = tableOf(name, session, 'UPDATE');
  return change(table, session, cancelled, async (physical) => {
    const sql = await translateOn('merge', content, physical, shown, session);
    const done = await session.duck.rows(`${sql} RETURNING merge_action`);
    const of = (action: string) => done.rows.filter(([one]) => one === action).length;
    const isThere = (word: string) => new RegExp(`"this":"${word}"`).test(JSON.stringify(content));
    return {
      ...(isThere('INSERT') ? { 'number of rows inserted': of('INSERT') } : {}),
      ...(isThere('UPDATE') ? { 'number of rows updated': of('UPDATE') } : {}),
      ...(isThere('DELETE') ? { 'number of rows deleted': of('DELETE') } : {}),
    };
  });
}

async function truncate(content: Node, session: Session, cancelled: AbortSignal): Promise<Rows> {
  const { table } = tableOf(content.table as TableName, session, 'TRUNCATE');
  await change(table, session, cancelled, async (physical) => {
    await session.duck.run(`DELETE FROM ${physical}`);
    return {};
  });
  return said('Statement executed successfully.');
}

// ---------------------------------------------------------------------------------------------
// Tables and views

/** DDL commits what is open, and is no part of a transaction (docs: "Transactions"). */
function endTransaction(session: Session): void {
  session.commit();
}

function requireCreate(
  session: Session,
  path: Path,
  kind: string,
  orReplace: boolean,
  ifNotExists: boolean,
): boolean {
  const { schema } = session.placeOf(path);
  const { account, role } = session;
  if (!account.can(role, `CREATE ${kind}`, schema)) throw notAllowed('Schema', path[1]);
  const there = schema.children.get(keyOf('TABLE', path[2]));
  if (there === undefined) return true;
  if (ifNotExists) return false;
  if (!orReplace) throw alreadyThere(path.join('.'));
  account.requireOwner(there, role);
  return true;
}

async function createTable(content: Node, session: Session): Promise<Rows> {
  endTransaction(session);
  const path = session.pathOf(content.name as TableName);
  const isNew = requireCreate(
    session,
    path,
    'TABLE',
    content.or_replace === true,
    content.if_not_exists === true,
  );
  if (!isNew) return said(`${path[2]} already exists, statement succeeded.`);
  const { database, schema } = session.placeOf(path);
  const modifier = String(content.table_modifier ?? '').toUpperCase();
  const isTemporary = content.temporary === true || /TEMP/.test(modifier);
  const { account, role, duck } = session;
  const common = { ...account.thing('TABLE', path[2], role), kind: 'TABLE' as const };
  const facts = {
    transient: modifier === 'TRANSIENT' || schema.transient || isTemporary,
    hybrid: modifier === 'HYBRID',
    retention: null,
    clusterBy: null,
    clusters: false,
    lockedBy: null,
    id: account.id(),
  };
  let table: Table;
  if (content.clone_source) {
    const from = tableOf(content.clone_source as TableName, session, 'SELECT');
    const place = session.placeOf(from.path);
    const when = content.clone_at_clause as Node | null | undefined;
    const moment = when ? await cloneMoment(when, session) : null;
    table = {
      ...account.cloneTable([place.database, place.schema], from.table, common, moment),
      transient: facts.transient || from.table.transient,
    };
  } else {
    const like = likeOf(content);
    const source = like === null ? null : tableOf(like, session, 'SELECT').table;
    const declared = source?.columns ?? columnsOf(content);
    const constraints = source?.constraints ?? constraintsOf(content, path[2]);
    const keyed = new Set(
      constraints.filter(({ kind }) => kind === 'PRIMARY KEY').flatMap(({ columns }) => columns),
    );
    const columns = declared.map((column) =>
      keyed.has(column.name) ? { ...column, nullable: false } : column,
    );
    table = {
      ...common,
      ...facts,
      columns,
      constraints: [...constraints],
      versions: [],
      cloneGroup: facts.id,
    };
    if (content.as_select) {
      const sql = await translateQuery(content.as_select as Node, session);
      const given = await duck.rows(`SELECT * FROM (${sql}) LIMIT 0`);
      if (table.columns.length === 0)
        table.columns = given.columns.map(({ name, type }) => ({
          name,
          type,
          nullable: true,
          default: null,
          comment: null,
        }));
      const physical = await copyOf(table, null, session);
      await duck.run(`INSERT INTO ${physical} ${sql}`);
      table.versions.push(session.version(physical, await countOf(physical, session)));
    } else {
      if (table.columns.length === 0) throw notInTheDouble('a table without columns');
      table.versions.push(session.version(await copyOf(table, null, session), 0));
    }
  }
  const key = keyOf('TABLE', path[2]);
  schema.children.set(key, table);
  account.giveFutureGrants(database, schema, table);
  if (isTemporary)
    session.temporary.push(() => schema.children.get(key) === table && schema.children.delete(key));
  return said(`Table ${path[2]} successfully created.`);
}

async function cloneMoment(when: Node, session: Session) {
  // The grammar gives it back as it is written: as that of a table, it is taken apart.
  const { sql: written = '' } = (when.raw ?? {}) as { sql?: string };
  const of = parse(`SELECT * FROM T ${written}`) as {
    select: { from: { expressions: { table: { when: Node } }[] } };
  };
  const holder = of.select.from.expressions[0]?.table.when;
  if (holder === undefined) throw notInTheDouble(written);
  const translation = new Translation(session);
  const sql = translation.finishInner(await translation.node(holder.expression as Node, noNames));
  const word = nameOf((holder.this as { identifier: Identifier }).identifier);
  return session.moment(word, String(holder.kind).toUpperCase(), sql);
}

function likeOf(content: Node): TableName | null {
  const found = ((content.constraints ?? []) as Node[]).find((one) => 'Like' in one);
  return found === undefined ? null : ((found.Like as Node).source as TableName);
}

function columnsOf(content: Node): Column[] {
  return ((content.columns ?? []) as Node[]).map(columnOf);
}

function columnOf(column: Node): Column {
  const comment = ((column.constraints ?? []) as Node[]).find((one) => 'Comment' in one)?.Comment;
  const value = column.default as Node | null | undefined;
  return {
    name: nameOf(column.name as Identifier),
    type: typeOf(writeType(column.data_type)).text,
    nullable:
      column.nullable !== false &&
      column.primary_key !== true &&
      !((column.constraint_order ?? []) as string[]).includes('NotNull'),
    default: value ? writeExpression(value) : null,
    comment: typeof comment === 'string' ? comment : null,
  };
}

export function writeExpression(expression: Node): string {
  const { select } = parse('SELECT 1') as { select: Node };
  return write({ select: { ...select, expressions: [expression] } }).replace(/^SELECT /, '');
}

function constraintsOf(content: Node, table: string): Constraint[] {
  const made: Constraint[] = [];
  const add = (kind: Constraint['kind'], columns: readonly string[], name?: string) =>
    made.push({ kind, columns, name: name ?? `SYS_CONSTRAINT_${table}_${made.length + 1}` });
  for (const column of (content.columns ?? []) as Node[]) {
    const name = nameOf(column.name as Identifier);
    if (column.primary_key === true) add('PRIMARY KEY', [name]);
    if (column.unique === true) add('UNIQUE', [name]);
  }
  for (const constraint of (content.constraints ?? []) as Node[]) {
    const [kind = ''] = Object.keys(constraint);
    const facts = constraint[kind] as { columns?: Identifier[]; name?: Identifier | null };
    const columns = (facts.columns ?? []).map(nameOf);
    const name = facts.name ? nameOf(facts.name) : undefined;
    if (kind === 'PrimaryKey') add('PRIMARY KEY', columns, name);
    else if (kind === 'Unique') add('UNIQUE', columns, name);
    else if (kind === 'ForeignKey') add('FOREIGN KEY', columns, name);
    else if (kind === 'Check') throw notInTheDouble('CHECK: Snowflake has no such constraint');
    else if (kind !== 'Like') throw notInTheDouble(`constraint ${kind}`);
  }
  return made;
}

async function createView(content: Node, session: Session, sql: string): Promise<Rows> {
  endTransaction(session);
  const path = session.pathOf(content.name as TableName);
  if (content.materialized === true) throw notInTheDouble('materialized views');
  const isNew = requireCreate(
    session,
    path,
    'VIEW',
    content.or_replace === true,
    content.if_not_exists === true,
  );
  if (!isNew) return said(`${path[2]} already exists, statement succeeded.`);
  const { database, schema } = session.placeOf(path);
  const query = write(content.query as Node);
  const within = session.within(path[0], path[1], session.role);
  const translated = await translateQuery(parse(query), within);
  const { columns } = await session.duck.rows(`SELECT * FROM (${translated}) LIMIT 0`);
  const listed = (content.columns ?? []) as { name: Identifier; comment?: string | null }[];
  const replaced = schema.children.get(keyOf('VIEW', path[2]));
  const view: View = {
    ...session.account.thing('VIEW', path[2], session.role),
    ...(content.copy_grants === true && replaced !== undefined ? { grants: replaced.grants } : {}),
    comment: (content.comment as string | null | undefined) ?? null,
    kind: 'VIEW',
    text: sql.trim().replace(/^(\/\*[\s\S]*?\*\/\s*)+/, ''),
    query,
    columns: columns.map(({ name, type }, at) => ({
      name: listed[at] === undefined ? name : nameOf(listed[at].name),
      type,
      nullable: true,
      default: null,
      comment: listed[at]?.comment ?? null,
    })),
    secure: content.secure === true,
  };
  schema.children.set(keyOf('VIEW', path[2]), view);
  session.account.giveFutureGrants(database, schema, view);
  return said(`View ${path[2]} successfully created.`);
}

async function alterTable(content: Node, session: Session, cancelled: AbortSignal): Promise<Rows> {
  endTransaction(session);
  const path = session.pathOf(content.name as TableName);
  const { schema } = session.placeOf(path);
  const child = session.account.child(path, 'TABLE', session.role);
  session.account.requireOwner(child, session.role);
  if (child.kind !== 'TABLE') throw notInTheDouble(`ALTER TABLE of a ${child.kind}`);
  for (const action of (content.actions ?? []) as Node[]) {
    const [kind = ''] = Object.keys(action);
    const facts = action[kind] as Node;
    if (kind === 'RenameTable')
      rename(schema.children, child, nameOf((facts as unknown as TableName).name));
    else await reshape(child, kind, facts, session, cancelled);
  }
  child.altered = session.account.now();
  return said('Statement executed successfully.');
}

function rename(children: Map<string, Child>, child: Child, name: string): void {
  if (children.has(keyOf(child.kind, name))) throw alreadyThere(name);
  children.delete(keyOf(child.kind, child.name));
  child.name = name;
  children.set(keyOf(child.kind, name), child);
}

async function reshape(
  table: Table,
  kind: string,
  facts: Node,
  session: Session,
  cancelled: AbortSignal,
): Promise<void> {
  const before = table.columns;
  const named = (name: unknown) => {
    const own = nameOf(name as Identifier);
    if (!before.some((column) => column.name === own))
      throw new SnowflakeFault(
        '000904',
        '42000',
        `SQL compilation error: error line 1 at position 0\ninvalid identifier '${own}'`,
      );
    return own;
  };
  const changed = (name: string, to: Partial<Column>) =>
    before.map((column) => (column.name === name ? { ...column, ...to } : column));
  let values = before.map(({ name }) => encoded(name));
  switch (kind) {
    case 'AddColumns':
      for (const column of facts.columns as Node[])
        await reshape(table, 'AddColumn', { column }, session, cancelled);
      return;
    case 'AddColumn': {
      const column = columnOf(facts.column as Node);
      if (before.some(({ name }) => name === column.name))
        throw new SnowflakeFault(
          '001430',
          '42601',
          `SQL compilation error:\ncolumn '${column.name}' already exists`,
        );
      table.columns = [...before, column];
      values = [
        ...values,
        column.default === null ? 'NULL' : await translateExpression(column.default, session),
      ];
      break;
    }
    case 'DropColumn': {
      const own = named(facts.name);
      values = values.filter((_, at) => before[at]?.name !== own);
      table.columns = before.filter(({ name }) => name !== own);
      break;
    }
    case 'RenameColumn':
      table.columns = changed(named(facts.old_name ?? facts.from), {
        name: nameOf((facts.new_name ?? facts.to) as Identifier),
      });
      break;
    case 'AlterColumn': {
      const own = named(facts.name);
      const { action } = facts;
      if (action === 'DropDefault') table.columns = changed(own, { default: null });
      else if (action === 'DropNotNull') table.columns = changed(own, { nullable: true });
      else if (action === 'SetNotNull') table.columns = changed(own, { nullable: false });
      else if (isNode(action) && 'SetDataType' in action) {
        const type = (action.SetDataType as Node).data_type;
        table.columns = changed(own, { type: typeOf(writeType(type)).text });
      } else {
        throw new SnowflakeFault(
          '002262',
          '0A000',
          'SQL compilation error:\nUnsupported ALTER COLUMN: a default other than a sequence cannot be set.',
        );
      }
      break;
    }
    default:
      throw notInTheDouble(`ALTER TABLE ${kind}`);
  }
  const owner = await session.lock(table, cancelled);
  try {
    const old = session.current(table);
    const physical = await copyOf(table, null, session);
    await session.duck.run(
      `INSERT INTO ${physical} SELECT ${values.join(', ')} FROM ${old.physical}`,
    );
    session.put(table, session.version(physical, old.rows));
  } finally {
    session.letGo(table, owner);
  }
}

function dropRelations(
  names: readonly TableName[],
  kind: 'TABLE' | 'VIEW',
  ifExists: boolean,
  session: Session,
): Rows {
  endTransaction(session);
  const [first] = names;
  if (first === undefined || names.length > 1) throw notInTheDouble('DROP of several');
  const path = session.pathOf(first);
  const { schema } = session.placeOf(path);
  const child = schema.children.get(keyOf(kind, path[2]));
  if (child === undefined || child.kind !== kind) {
    if (ifExists) return said(`Drop statement executed successfully (${path[2]} already dropped).`);
    throw notFound(kind === 'TABLE' ? 'Table' : 'View', path.join('.'));
  }
  session.account.requireOwner(child, session.role);
  schema.children.delete(keyOf(kind, path[2]));
  return said(`${path[2]} successfully dropped.`);
}
