import type { Row, Value } from './connection.ts';
import { quote } from './names.ts';
import {
  type Fields,
  isFields,
  loadParser,
  namesIn,
  type Parser,
  SyntaxFault,
  walk,
} from './parser.ts';

/** What PostgreSQL has refused, and to which statement. */
export interface Refusal {
  readonly message: string;
  readonly database: string;
  /** The statement, and the ones that functions ran for it. */
  readonly statements: readonly string[];
}

/** Rows of a query in another session of the same user: the one that was refused may hold a transaction that has failed. */
export type Ask = (sql: string, values: readonly Value[]) => Promise<readonly Row[]>;

/** Who can allow what was refused, and by which statements. Null: nobody can tell. */
export async function grantsFor(
  { message, database, statements }: Refusal,
  ask: Ask,
): Promise<string | null> {
  const owned = /^must be owner of (\w+(?: view| table)?) (.+)$/.exec(message);
  const denied =
    /^permission denied for (materialized view|foreign table|foreign server|foreign-data wrapper|large object|\w+) (.+)$/.exec(
      message,
    );
  const parameter = /^permission denied to set parameter "([\w.]+)"$/.exec(message)?.[1];
  if (owned !== null) return ofOwner(String(owned[2]), ask);
  if (parameter !== undefined) return bySuperuser(`SET ON PARAMETER ${parameter}`, ask);
  if (denied === null) return null;
  const [, kind = '', name = ''] = denied;
  const uses = await usesOf(name, statements);
  if (kind === 'sequence') return ofSequence(name, uses, ask);
  if (relationKinds[kind] !== undefined) return ofRelation(kind, name, uses, ask);
  if (/^(function|procedure|aggregate)$/.test(kind)) return ofRoutine(kind, name, uses, ask);
  if (kind === 'schema') return ofContainer('SCHEMA', name, ['USAGE', 'CREATE'], ask);
  if (kind === 'database') return ofContainer('DATABASE', name || database, ['CREATE'], ask);
  return ofOther(kind, name, ask);
}

// ---------------------------------------------------------------------------------------------
// What the statements do with it

interface Uses {
  /** Whether they name it. */
  readonly isNamed: boolean;
  /** Privileges that they need on it; where they do not name it, on what they name: a view that reads it, mostly. */
  readonly privileges: ReadonlySet<string>;
  /** Schemas with which it is written. */
  readonly schemas: ReadonlySet<string>;
  /** Names of the functions that they call. */
  readonly calls: ReadonlySet<string>;
}

async function usesOf(name: string, statements: readonly string[]): Promise<Uses> {
  const parser = await loadParser();
  const [onIt, elsewhere] = [new Set<string>(), new Set<string>()];
  const [schemas, calls] = [new Set<string>(), new Set<string>()];
  for (const sql of statements) {
    const target = new Set<unknown>();
    const use = (range: unknown, ...needed: readonly string[]) => {
      if (!isFields(range)) return;
      target.add(range);
      const isIt = range.relname === name;
      if (isIt && typeof range.schemaname === 'string') schemas.add(range.schemaname);
      for (const one of needed) (isIt ? onIt : elsewhere).add(one);
    };
    const tree = parsed(parser, sql);
    walk(tree, (kind, fields) => {
      for (const { range, needed } of targetsOf[kind]?.(fields) ?? []) use(range, ...needed);
      if (kind === 'RangeVar' && !target.has(fields))
        use(fields, 'SELECT', ...(holds(tree, 'LockingClause') ? ['UPDATE'] : []));
      const called = namesIn(fields.funcname);
      if (called.at(-1) !== undefined) calls.add(String(called.at(-1)));
      if (called.at(-1) === name && called.length > 1) schemas.add(String(called[0]));
    });
  }
  const isNamed = onIt.size > 0;
  return { isNamed, privileges: isNamed ? onIt : elsewhere, schemas, calls };
}

/** What functions ran is told as they wrote it, and may be cut short. */
function parsed(parser: Parser, sql: string): unknown {
  try {
    return parser.parse(sql);
  } catch (error) {
    if (error instanceof SyntaxFault) return null;
    throw error;
  }
}

interface Target {
  readonly range: unknown;
  readonly needed: readonly string[];
}

/** What a statement does to the table that it is about. What it only reads stands in it as a `RangeVar`. */
const targetsOf: Readonly<Record<string, (fields: Fields) => readonly Target[]>> = {
  InsertStmt: ({ relation, onConflictClause: conflict, returningClause: returning }) => {
    const updates = isFields(conflict) && conflict.action === 'ONCONFLICT_UPDATE';
    const reads = conflict !== undefined || returning !== undefined;
    const needed = ['INSERT', ...(updates ? ['UPDATE'] : []), ...(reads ? ['SELECT'] : [])];
    return [{ range: relation, needed }];
  },
  UpdateStmt: (fields) => [{ range: fields.relation, needed: ['UPDATE', ...readsColumns(fields)] }],
  DeleteStmt: (fields) => [{ range: fields.relation, needed: ['DELETE', ...readsColumns(fields)] }],
  MergeStmt: (fields) => {
    const commands = ['INSERT', 'UPDATE', 'DELETE'].filter((command) =>
      JSON.stringify(fields.mergeWhenClauses).includes(`"CMD_${command}"`),
    );
    return [{ range: fields.relation, needed: [...commands, 'SELECT'] }];
  },
  CopyStmt: ({ relation, is_from: isFrom }) => [
    { range: relation, needed: [isFrom === true ? 'INSERT' : 'SELECT'] },
  ],
  TruncateStmt: ({ relations }) => rangesIn(relations, 'TRUNCATE'),
  // ACCESS SHARE is 1, ROW EXCLUSIVE 3.
  LockStmt: ({ relations, mode }) =>
    rangesIn(relations, Number(mode) === 1 ? 'SELECT' : Number(mode) <= 3 ? 'INSERT' : 'UPDATE'),
  Constraint: ({ pktable }) => [{ range: pktable, needed: ['REFERENCES'] }],
  CreateTrigStmt: ({ relation }) => [{ range: relation, needed: ['TRIGGER'] }],
};

function rangesIn(relations: unknown, privilege: string): Target[] {
  return (Array.isArray(relations) ? relations : []).map((one) => ({
    range: isFields(one) ? one.RangeVar : undefined,
    needed: [privilege],
  }));
}

function readsColumns(fields: Fields): string[] {
  return holds(fields, 'ColumnRef') ? ['SELECT'] : [];
}

function holds(tree: unknown, kind: string): boolean {
  let found = false;
  walk(tree, (key) => {
    found ||= key === kind;
  });
  return found;
}

// ---------------------------------------------------------------------------------------------
// Who lacks which privileges on what

const relationKinds: Readonly<Record<string, readonly string[]>> = {
  table: ['r', 'p'],
  view: ['v'],
  'materialized view': ['m'],
  'foreign table': ['f'],
};

interface Lack {
  readonly schema: string;
  readonly name: string;
  readonly role: string;
  readonly privileges: readonly string[];
}

/** The tables of a view are read with the rights of the view's owner. */
async function ofRelation(
  kind: string,
  name: string,
  { isNamed, privileges, schemas }: Uses,
  ask: Ask,
): Promise<string | null> {
  const needed = privileges.size > 0 ? [...privileges] : ['SELECT'];
  const found = await ask(
    `WITH found AS (SELECT c.oid, nspname, relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
                     WHERE relname = $1 AND relkind = ANY ($2::"char"[]) AND NOT pg_is_other_temp_schema(n.oid)),
          reader AS (SELECT oid, current_user AS role, true AS own FROM found
                      UNION SELECT found.oid, pg_get_userbyid(v.relowner), false FROM found
                       JOIN pg_depend d ON refobjid = found.oid AND refclassid = 'pg_class'::regclass AND classid = 'pg_rewrite'::regclass
                       JOIN pg_rewrite r ON r.oid = objid JOIN pg_class v ON v.oid = ev_class AND v.oid <> found.oid
                      WHERE NOT coalesce(v.reloptions @> ARRAY['security_invoker=true'], false))
     SELECT nspname AS schema, relname AS name, role, own, string_agg(p, ', ' ORDER BY p) AS lacking
       FROM found JOIN reader USING (oid), unnest($3::text[]) AS p
      WHERE NOT has_table_privilege(role, oid, p) GROUP BY 1, 2, 3, 4 ORDER BY 1, 3`,
    [name, relationKinds[kind] ?? [], needed],
  );
  const likely = found.filter(({ own }) => own === isNamed);
  return byOwner(
    chosen((likely.length > 0 ? likely : found).map(lackOf), schemas),
    ({ schema, name: table }) => `${quote(schema)}.${quote(table)}`,
  );
}

/** A default of a column draws from it as well, and then no statement names it. */
async function ofSequence(
  name: string,
  { privileges, schemas, calls }: Uses,
  ask: Ask,
): Promise<string | null> {
  const drawing = calls.has('setval') ? 'UPDATE' : 'USAGE';
  const found = await ask(
    `SELECT nspname AS schema, relname AS name, current_user AS role, $2::text AS lacking
       FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
      WHERE relname = $1 AND relkind = 'S' AND NOT has_sequence_privilege(c.oid, $2) ORDER BY 1`,
    [name, privileges.has('SELECT') ? 'SELECT' : drawing],
  );
  return byOwner(
    chosen(found.map(lackOf), schemas),
    (lack) => `SEQUENCE ${quote(lack.schema)}.${quote(lack.name)}`,
  );
}

async function ofRoutine(
  kind: string,
  name: string,
  { schemas }: Uses,
  ask: Ask,
): Promise<string | null> {
  const found = await ask(
    `SELECT nspname AS schema, p.oid::regprocedure::text AS name, current_user AS role, 'EXECUTE' AS lacking
       FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
      WHERE proname = $1 AND NOT has_function_privilege(p.oid, 'EXECUTE') ORDER BY 1, 2`,
    [name],
  );
  const word = kind === 'procedure' ? 'PROCEDURE' : 'FUNCTION';
  return byOwner(chosen(found.map(lackOf), schemas), (lack) => `${word} ${lack.name}`);
}

/** The first of the privileges that is missing: without it nothing gets as far as to need another. */
async function ofContainer(
  word: 'SCHEMA' | 'DATABASE',
  name: string,
  privileges: readonly string[],
  ask: Ask,
): Promise<string | null> {
  const has = word === 'SCHEMA' ? 'has_schema_privilege' : 'has_database_privilege';
  const found = await ask(
    `SELECT '' AS schema, $1::text AS name, current_user AS role, p AS lacking
       FROM unnest($2::text[]) WITH ORDINALITY AS u (p, at) WHERE NOT ${has}($1, p) ORDER BY at LIMIT 1`,
    [name, privileges],
  );
  return byOwner(found.map(lackOf), (lack) => `${word} ${quote(lack.name)}`);
}

/** Their names are unique in the database. */
async function ofOther(kind: string, name: string, ask: Ask): Promise<string | null> {
  const words: Readonly<Record<string, string>> = {
    language: `USAGE ON LANGUAGE ${quote(name)}`,
    'foreign server': `USAGE ON FOREIGN SERVER ${quote(name)}`,
    'foreign-data wrapper': `USAGE ON FOREIGN DATA WRAPPER ${quote(name)}`,
    tablespace: `CREATE ON TABLESPACE ${quote(name)}`,
    'large object': /^\d+$/.test(name) ? `SELECT, UPDATE ON LARGE OBJECT ${name}` : '',
  };
  const granted = words[kind] ?? '';
  return granted === '' ? null : `An owner can allow it: ${await grantToUs(granted, ask)}`;
}

async function ofOwner(name: string, ask: Ask): Promise<string | null> {
  const found = await ask(
    `SELECT DISTINCT pg_get_userbyid(owner) AS owner, current_user AS role FROM (
       SELECT relname, relowner FROM pg_class UNION ALL SELECT nspname, nspowner FROM pg_namespace
       UNION ALL SELECT proname, proowner FROM pg_proc UNION ALL SELECT typname, typowner FROM pg_type) AS all_of (name, owner)
      WHERE name = $1 AND NOT pg_has_role(owner, 'USAGE')`,
    [name],
  );
  const [only, another] = found;
  if (only === undefined || another !== undefined) return null;
  return `Only the owner may do this. A superuser can make the user of the connection a member of the owning role: GRANT ${quote(String(only.owner))} TO ${quote(String(only.role))};`;
}

async function bySuperuser(granted: string, ask: Ask): Promise<string> {
  return `A superuser can allow it: ${await grantToUs(granted, ask)}`;
}

async function grantToUs(granted: string, ask: Ask): Promise<string> {
  const [us] = await ask('SELECT current_user AS role', []);
  return `GRANT ${granted} TO ${quote(String(us?.role))};`;
}

function lackOf({ schema, name, role, lacking }: Row): Lack {
  return {
    schema: String(schema),
    name: String(name),
    role: String(role),
    privileges: String(lacking).split(', '),
  };
}

/** Those in the schemas that the statement names, if it names any. */
function chosen(lacks: readonly Lack[], schemas: ReadonlySet<string>): readonly Lack[] {
  const named = lacks.filter(({ schema }) => schemas.has(schema));
  return named.length > 0 ? named : lacks;
}

function byOwner(lacks: readonly Lack[], write: (lack: Lack) => string): string | null {
  if (lacks.length === 0) return null;
  const grants = lacks.map(
    (lack) => `GRANT ${lack.privileges.join(', ')} ON ${write(lack)} TO ${quote(lack.role)};`,
  );
  const which =
    lacks.length === 1
      ? 'An owner can allow it'
      : 'An owner can allow it, of the one that is meant';
  return `${which}: ${grants.join(' ')}`;
}
