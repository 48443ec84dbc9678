import { contentOf, tokensOf } from '../script.ts';
import { innerOf } from './bodies.ts';
import {
  type Fields,
  isFields,
  namesIn,
  type Parser,
  SyntaxFault,
  textOf,
  walk,
} from './parser.ts';

/** The databases and schemas that SQL names. */
export interface Named {
  readonly databases: Set<string>;
  readonly schemas: Set<string>;
}

/**
 * What the SQL names, bodies of functions within it included. What is bound when it is stored (the tables of a view)
 * keeps no name; what is looked up when it runs does.
 */
export function namedIn(parser: Parser, sql: string): Named {
  const named: Named = { databases: new Set(), schemas: new Set() };
  let tree: unknown;
  try {
    tree = parser.parse(sql);
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    addChains(sql, named);
    return named;
  }
  return namedInTree(parser, tree, sql);
}

/** The same of SQL that was parsed before. */
export function namedInTree(parser: Parser, tree: unknown, sql: string): Named {
  const named: Named = { databases: new Set(), schemas: new Set() };
  addTree(tree, named);
  for (const inner of innerOf(parser, tree, sql)) {
    if (inner.tree === null) addChains(inner.text, named);
    else addTree(inner.tree, named);
  }
  return named;
}

function addTree(tree: unknown, named: Named): void {
  walk(tree, (key, fields) => {
    if (typeof fields.relname === 'string') {
      if (typeof fields.catalogname === 'string') named.databases.add(fields.catalogname);
      if (typeof fields.schemaname === 'string') named.schemas.add(fields.schemaname);
    }
    for (const list of qualifiedLists) addQualified(namesIn(fields[list]), named);
    const names = key === 'ColumnRef' ? namesIn(fields.fields) : [];
    // `schema.table.column` needs the table in FROM as well.
    if (names.length > 3) named.databases.add(String(names[0]));
    if (key === 'FuncCall') addArguments(fields, named);
    if (key === 'TypeCast' && isRegistered(fields.typeName)) addText(textOf(fields.arg), named);
    addStatement(key, fields, named);
  });
}

/** Fields that hold a name with its schema before it, and its database before that. */
const qualifiedLists = [
  'funcname',
  'names',
  'objname',
  'domainname',
  'defnames',
  'opclassname',
  'opfamilyname',
  'collname',
  'typeName',
  'name',
] as const;

function addQualified(names: readonly string[], { databases, schemas }: Named): void {
  const [schema, database] = [names.at(-2), names.at(-3)];
  if (schema !== undefined) schemas.add(schema);
  if (database !== undefined) databases.add(database);
}

/** `nextval('s.ids')`, `dblink('dbname=shop', ...)`, `set_config('search_path', 's', false)`. */
function addArguments({ funcname, args }: Fields, named: Named): void {
  const name = namesIn(funcname).at(-1)?.toLowerCase() ?? '';
  const texts = (Array.isArray(args) ? args : []).map(textOf);
  if (/^(nextval|currval|setval|to_reg\w+|pg_get_serial_sequence)$/.test(name))
    addText(texts[0] ?? null, named);
  if (/^dblink/.test(name)) addConnections(args, named);
  if (name === 'set_config' && texts[0] === 'search_path') addPath([texts[1] ?? ''], named);
  if (/^query_to_|^cursor_to_/.test(name)) addChains(texts[0] ?? '', named);
}

function isRegistered(typeName: unknown): boolean {
  const name = isFields(typeName) ? namesIn(typeName.names).at(-1) : undefined;
  return /^reg(class|proc|procedure|type|namespace|oper|operator|config|dictionary|collation)$/.test(
    name ?? '',
  );
}

function addText(text: string | null, named: Named): void {
  const parts = tokensOf(text ?? '')
    .filter(({ kind }) => kind === 'word' || kind === 'name')
    .map(partOf);
  addQualified(parts.slice(0, 3), named);
}

/** Texts that are put together as well: each of them may be the name alone. */
function addConnections(args: unknown, named: Named): void {
  walk({ args }, (key, { sval }) => {
    const text = key === 'A_Const' && isFields(sval) ? String(sval.sval ?? '') : '';
    addConnection(text, named);
    if (text !== '') named.databases.add(text);
  });
}

/** What says which database a connection goes to: `dbname=shop`, `postgres://host/shop`. */
function addConnection(text: string, { databases }: Named): void {
  const [, quoted, plain] = /\bdbname\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^\s']+))/i.exec(text) ?? [];
  const [, path] = /^postgres(?:ql)?:\/\/[^/]*\/([^?]+)/i.exec(text) ?? [];
  const name = quoted?.replace(/\\(.)/g, '$1') ?? plain ?? path;
  if (name !== undefined) databases.add(decodeURIComponent(name));
}

/** Statements that name a schema or a connection in a field of their own. */
function addStatement(key: string, fields: Fields, named: Named): void {
  const { schemas } = named;
  if (key === 'VariableSetStmt' && fields.name === 'search_path')
    addPath(
      (Array.isArray(fields.args) ? fields.args : []).map((one) => textOf(one) ?? ''),
      named,
    );
  if (key === 'CreateSchemaStmt') schemas.add(String(fields.schemaname));
  if (key === 'AlterObjectSchemaStmt') schemas.add(String(fields.newschema));
  if (key === 'RenameStmt' && fields.renameType === 'OBJECT_SCHEMA')
    schemas.add(String(fields.subname));
  if (key === 'CreateSubscriptionStmt' || key === 'AlterSubscriptionStmt')
    addConnection(String(fields.conninfo ?? ''), named);
  if (key === 'GrantStmt' && /IN_SCHEMA/.test(String(fields.targtype)))
    for (const schema of namesIn(fields.objects)) schemas.add(schema);
  for (const field of [fields.dbname, fields.database])
    if (typeof field === 'string') named.databases.add(field);
  if (key === 'RenameStmt' && fields.renameType === 'OBJECT_DATABASE')
    named.databases.add(String(fields.subname));
  if (key === 'CopyStmt' && fields.is_program === true)
    for (const word of String(fields.filename).split(/[\s'"=/;|&()]+/)) named.databases.add(word);
  if (key === 'DefElem' && fields.defname === 'dbname')
    for (const database of namesIn([fields.arg])) named.databases.add(database);
  if (key === 'DropStmt') addObjects(fields.objects, fields.removeType, named);
  if (['CommentStmt', 'AlterOwnerStmt', 'AlterObjectSchemaStmt', 'SecLabelStmt'].includes(key))
    addObjects([fields.object], fields.objtype ?? fields.objectType, named);
  if (key === 'GrantStmt' && /^OBJECT_(SCHEMA|DATABASE)$/.test(String(fields.objtype)))
    addObjects(fields.objects, fields.objtype, named);
  if (key === 'DefElem' && fields.defname === 'owned_by')
    addObjects([fields.arg], 'OBJECT_COLUMN', named);
}

/** Lists of names whose meaning stands beside them. Of a column or a trigger, the last name is its own. */
function addObjects(objects: unknown, type: unknown, named: Named): void {
  for (const object of Array.isArray(objects) ? objects : []) {
    const items = isFields(object) && isFields(object.List) ? object.List.items : [object];
    const names = namesIn(items);
    if (type === 'OBJECT_SCHEMA') for (const name of names) named.schemas.add(name);
    else if (type === 'OBJECT_DATABASE') for (const name of names) named.databases.add(name);
    else if (/COLUMN|TRIGGER|RULE|POLICY|TABCONSTRAINT/.test(String(type)))
      addQualified(names.slice(0, -1), named);
    else addQualified(names, named);
  }
}

function addPath(texts: readonly string[], { schemas }: Named): void {
  for (const token of texts.flatMap((text) => (/[,"]/.test(text) ? tokensOf(text) : [])))
    if (token.kind === 'word' || token.kind === 'name') schemas.add(partOf(token));
  for (const text of texts) if (!/[,"]/.test(text)) schemas.add(text.trim());
}

// ---------------------------------------------------------------------------------------------
// Word by word

/** Where no parser understands the text: `a.b` and `a.b.c`, in the texts within it as well. */
function addChains(text: string, named: Named): void {
  addConnection(text, named);
  const tokens = tokensOf(text).filter(({ kind }) => kind !== 'blank');
  for (const [at, token] of tokens.entries()) {
    if (token.kind === 'text') addChains(contentOf(token.text), named);
    if (!isPart(token) || tokens[at - 1]?.text === '.') continue;
    const parts = [partOf(token)];
    for (let next = at + 1; tokens[next]?.text === '.' && isPart(tokens[next + 1]); next += 2)
      parts.push(partOf(tokens[next + 1] as Token));
    if (parts.length > 1) named.schemas.add(String(parts[0]));
    if (parts.length > 2) named.databases.add(String(parts[0]));
    if (parts.length > 2) named.schemas.add(String(parts[1]));
  }
}

type Token = ReturnType<typeof tokensOf>[number];

function isPart(token: Token | undefined): boolean {
  return token?.kind === 'word' || token?.kind === 'name';
}

/** As PostgreSQL folds it. */
function partOf({ kind, text }: Token): string {
  return kind === 'name' ? contentOf(text) : text.toLowerCase();
}
