import { createHash } from 'node:crypto';
import type { Physical } from '../engine.ts';
import { inGroups, list } from '../sql.ts';
import { isOwnRelation } from './catalog-scope.ts';
import { type Row, type Session, toNumber } from './connection.ts';
import { readContainer } from './container.ts';
import { type PlaceThere, quote } from './names.ts';

/** Which database or schema this is, and what is in it. Null: it is not there. Reads in one snapshot of its own. */
export async function readPhysical(session: Session, place: PlaceThere): Promise<Physical | null> {
  return session.transaction(async () => {
    const content = await readContent(session, place);
    return content === null ? null : markOf(session, content, place.database);
  }, oneSnapshot);
}

/** The same by what the server has counted so far: sessions tell their counts a little later than they commit. */
export async function glancePhysical(
  session: Session,
  { database, schema }: PlaceThere,
): Promise<Physical | null> {
  const scope = schema === null ? null : await namespaceOf(session, schema);
  if (schema !== null && scope === null) return null;
  const { written } = await session.row(
    `SELECT concat_ws('/', sum(n_tup_ins), sum(n_tup_upd), sum(n_tup_del), count(*), sum(pg_relation_filenode(relid)::bigint)) AS written
       FROM pg_stat_user_tables WHERE schemaname !~ '^pg_temp_' AND ($1::name IS NULL OR schemaname = $1)`,
    [schema],
  );
  return { id: await identityOf(session, database, scope), mark: String(written) };
}

/**
 * What stands in a database in one snapshot: the versions of all rows (where each stands, which transaction wrote it),
 * the positions of sequences, and the versions of the rows of the catalog that define something. Reading, VACUUM,
 * ANALYZE and a new name of the database change none of them, and a copy of its files has the same. Runs in the
 * transaction that is open.
 */
export async function readContent(
  session: Session,
  { schema }: PlaceThere,
): Promise<Content | null> {
  const scope = schema === null ? null : await namespaceOf(session, schema);
  if (schema !== null && scope === null) return null;
  const stored = await storedRelations(session, scope);
  const sequences = await readSequences(session, stored);
  const tables = await tableVersions(session, stored);
  const unlogged = new Set(stored.filter(isUnlogged).map(({ oid }) => oid));
  const definitions = await catalogVersions(session, scope);
  const rows = Object.fromEntries(
    tables.map((table) => [`${table.oid}/${table.file}`, toNumber(table.rows)]),
  );
  return {
    scope,
    sequences,
    parts: [...tables.map(partOf), ...definitions],
    undecoded: [
      ...tables.filter(({ oid }) => unlogged.has(oid ?? null)).map(partOf),
      ...definitions,
    ],
    rows,
  };
}

/** What of it logical decoding does not show; little, where most tables are ordinary ones. Null: it is not there. */
export async function readUndecoded(
  session: Session,
  { schema }: PlaceThere,
): Promise<Undecoded | null> {
  const scope = schema === null ? null : await namespaceOf(session, schema);
  if (schema !== null && scope === null) return null;
  const stored = await storedRelations(session, scope);
  const sequences = await readSequences(session, stored);
  const tables = await tableVersions(session, stored.filter(isUnlogged));
  const undecoded = [...tables.map(partOf), ...(await catalogVersions(session, scope))];
  return { scope, undecoded, sequences };
}

type Undecoded = Pick<Content, 'scope' | 'undecoded' | 'sequences'>;

/** Of all that logical decoding does not show, in a database whose own facts belong to it: positions of sequences last. */
export async function undecodedMarkOf(
  session: Session,
  { scope, undecoded, sequences }: Undecoded,
  database: string,
): Promise<string> {
  const own = scope === null ? await readContainer(session, database) : [scope.facts, scope.entry];
  return digestsOf([undecoded, own], sequences);
}

function digestsOf(all: unknown, sequences: readonly SequencePosition[]): string {
  return [all, sequences.map(positionOf)]
    .map((part) => createHash('sha256').update(JSON.stringify(part)).digest('hex'))
    .join('.');
}

function partOf({ oid, file, rows, versions: sum }: Row): unknown {
  return [oid, file, rows, sum];
}

function positionOf({ oid, lastValue, isCalled }: SequencePosition): unknown {
  return [oid, lastValue, isCalled];
}

/** Unlogged tables have no log; other access methods than `heap` write to it what they like. */
function isUnlogged({ kind, logged }: Row): boolean {
  return kind !== 'S' && logged !== true;
}

/** The mark of this content in a database, whose own facts belong to it: first all but the positions of sequences. */
export async function markOf(
  session: Session,
  { scope, parts, sequences }: Content,
  database: string,
): Promise<Physical> {
  const own = scope === null ? await readContainer(session, database) : scope.facts;
  return {
    id: await identityOf(session, database, scope),
    mark: digestsOf([parts, own], sequences),
  };
}

/** Both as `markOf` or `undecodedMarkOf` give them. */
export function isSameButSequences(mark: string, other: string): boolean {
  return mark.split('.')[0] === other.split('.')[0];
}

export async function identityOf(
  session: Session,
  database: string,
  scope: Namespace | null,
): Promise<string> {
  const { system, oid } = await session.row(
    'SELECT (SELECT system_identifier FROM pg_control_system()) AS system, oid FROM pg_database WHERE datname = $1',
    [database],
  );
  return [system, oid, ...(scope === null ? [] : [scope.oid])].join('/');
}

export interface Content {
  readonly scope: Namespace | null;
  readonly sequences: readonly SequencePosition[];
  /** All but the positions of sequences. */
  readonly parts: readonly unknown[];
  /** What of that logical decoding does not show. */
  readonly undecoded: readonly unknown[];
  /** The number of rows by `oid/file` of the table. */
  readonly rows: Readonly<Record<string, number>>;
}

/** For `readContent`: one snapshot, nothing written. */
export const oneSnapshot = 'ISOLATION LEVEL REPEATABLE READ READ ONLY';

export interface SequencePosition {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly lastValue: string;
  readonly isCalled: boolean;
}

interface Namespace {
  readonly oid: string;
  /** Owner and privileges: the row itself changes with the name. */
  readonly facts: string;
  /** Which version of the row. */
  readonly entry: string;
}

async function namespaceOf(session: Session, schema: string): Promise<Namespace | null> {
  const [row] = await session.rows(
    'SELECT oid, ROW(nspowner, nspacl)::text AS facts, ROW(ctid, xmin)::text AS entry FROM pg_namespace WHERE nspname = $1',
    [schema],
  );
  return row === undefined
    ? null
    : { oid: String(row.oid), facts: String(row.facts), entry: String(row.entry) };
}

const isTemporary = (namespace: string) =>
  `${namespace} IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_(toast_)?temp_')`;

/** What holds rows, but for the catalog and for what sessions keep for themselves. */
async function storedRelations(session: Session, scope: Namespace | null): Promise<Row[]> {
  return session.rows(
    `SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind, pg_relation_filenode(c.oid) AS file,
            c.relpersistence = 'p' AND c.relam = 2 AS logged
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE (c.relkind IN ('r', 'S') OR c.relkind = 'm' AND c.relispopulated) AND c.relpersistence <> 't'
        AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
        AND ($1::oid IS NULL OR n.oid = $1) AND ${isOwnRelation('c.oid', '$1::oid')}
      ORDER BY c.oid`,
    [scope?.oid ?? null],
  );
}

/** So many relations are read by one statement. */
const atOnce = 100;

/** Two row versions are the same one when they stand in the same place and the same transaction wrote them. */
const versions = 'count(*) AS rows, sum(hash_record_extended(ROW(ctid, xmin), 0)) AS versions';

async function tableVersions(session: Session, stored: readonly Row[]): Promise<Row[]> {
  const tables = stored.filter(({ kind }) => kind !== 'S');
  const found: Row[] = [];
  for (const group of inGroups(tables, atOnce)) {
    const rows = await session.rows(
      list(
        group,
        ({ oid, file, schema, name }) =>
          `SELECT ${oid} AS oid, ${file} AS file, ${versions} FROM ${quote(String(schema))}.${quote(String(name))}`,
        ' UNION ALL ',
      ),
    );
    found.push(...rows.sort((a, b) => Number(a.oid) - Number(b.oid)));
  }
  return found;
}

/** Of all sequences of a database or schema, as of now. */
export async function readPositions(
  session: Session,
  { schema }: PlaceThere,
): Promise<SequencePosition[]> {
  const scope = schema === null ? null : await namespaceOf(session, schema);
  if (schema !== null && scope === null) return [];
  return readSequences(session, await storedRelations(session, scope));
}

/** Sequences know no snapshot: a position is that of now. */
async function readSequences(
  session: Session,
  stored: readonly Row[],
): Promise<SequencePosition[]> {
  const positions: SequencePosition[] = [];
  for (const group of inGroups(
    stored.filter(({ kind }) => kind === 'S'),
    atOnce,
  )) {
    const rows = await session.rows(
      list(
        group,
        ({ schema, name }, at) =>
          `SELECT ${at} AS at, last_value, is_called FROM ${quote(String(schema))}.${quote(String(name))}`,
        ' UNION ALL ',
      ),
    );
    for (const { at, last_value, is_called } of rows) {
      const { oid, schema, name } = group[Number(at)] ?? {};
      positions.push({
        oid: String(oid),
        schema: String(schema),
        name: String(name),
        lastValue: String(last_value),
        isCalled: is_called === true,
      });
    }
  }
  return positions.sort((a, b) => Number(a.oid) - Number(b.oid));
}

/** Tables of the catalog that define something, with the namespace that each row belongs to where it has one. */
const definingTables: Readonly<Record<string, string | null>> = {
  pg_class: 'relnamespace',
  pg_attribute: '(SELECT relnamespace FROM pg_class c WHERE c.oid = attrelid)',
  pg_attrdef: '(SELECT relnamespace FROM pg_class c WHERE c.oid = adrelid)',
  pg_constraint: 'connamespace',
  pg_index: '(SELECT relnamespace FROM pg_class c WHERE c.oid = indrelid)',
  pg_inherits: '(SELECT relnamespace FROM pg_class c WHERE c.oid = inhrelid)',
  pg_partitioned_table: '(SELECT relnamespace FROM pg_class c WHERE c.oid = partrelid)',
  pg_foreign_table: '(SELECT relnamespace FROM pg_class c WHERE c.oid = ftrelid)',
  pg_sequence: '(SELECT relnamespace FROM pg_class c WHERE c.oid = seqrelid)',
  pg_trigger: '(SELECT relnamespace FROM pg_class c WHERE c.oid = tgrelid)',
  pg_rewrite: '(SELECT relnamespace FROM pg_class c WHERE c.oid = ev_class)',
  pg_policy: '(SELECT relnamespace FROM pg_class c WHERE c.oid = polrelid)',
  pg_statistic_ext: 'stxnamespace',
  pg_type: 'typnamespace',
  pg_enum: '(SELECT typnamespace FROM pg_type t WHERE t.oid = enumtypid)',
  pg_range: '(SELECT typnamespace FROM pg_type t WHERE t.oid = rngtypid)',
  pg_proc: 'pronamespace',
  pg_aggregate: '(SELECT pronamespace FROM pg_proc p WHERE p.oid = aggfnoid)',
  pg_operator: 'oprnamespace',
  pg_opclass: 'opcnamespace',
  pg_opfamily: 'opfnamespace',
  pg_collation: 'collnamespace',
  pg_conversion: 'connamespace',
  pg_ts_config: 'cfgnamespace',
  pg_ts_dict: 'dictnamespace',
  pg_ts_parser: 'prsnamespace',
  pg_ts_template: 'tmplnamespace',
  pg_default_acl: 'defaclnamespace',
  pg_publication_rel: '(SELECT relnamespace FROM pg_class c WHERE c.oid = prrelid)',
  pg_publication_namespace: 'pnnspid',
  // Belong to the database as a whole.
  pg_namespace: null,
  pg_description: null,
  pg_seclabel: null,
  pg_extension: null,
  pg_event_trigger: null,
  pg_publication: null,
  pg_language: null,
  pg_cast: null,
  pg_transform: null,
  pg_amop: null,
  pg_amproc: null,
  pg_am: null,
  pg_ts_config_map: null,
  pg_foreign_data_wrapper: null,
  pg_foreign_server: null,
  pg_init_privs: null,
  pg_largeobject_metadata: null,
};

async function catalogVersions(session: Session, scope: Namespace | null): Promise<unknown[]> {
  const queries = Object.entries(definingTables).flatMap(([table, namespace]) => {
    const condition =
      scope === null ? everywhere(table, namespace) : within(scope, table, namespace);
    return condition === null
      ? []
      : [`SELECT '${table}' AS name, ${versions} FROM pg_catalog.${table} WHERE ${condition}`];
  });
  if (scope === null) queries.push(largeObjects(await anyLargeObjects(session)));
  const rows = await session.rows(`${queries.join(' UNION ALL ')} ORDER BY name`);
  return rows.map(({ name, rows: count, versions: sum }) => [name, count, sum]);
}

function everywhere(table: string, namespace: string | null): string {
  if (table === 'pg_namespace') return `nspname !~ '^pg_(toast_)?temp_'`;
  if (namespace === null || /^pg_(publication|default_acl)/.test(table)) return 'true';
  return `NOT ${isTemporary(namespace)}`;
}

/** Null: it cannot belong to a schema. */
function within({ oid }: Namespace, table: string, namespace: string | null): string | null {
  if (table === 'pg_description') {
    const owners = {
      pg_class: 'relnamespace',
      pg_type: 'typnamespace',
      pg_proc: 'pronamespace',
      pg_constraint: 'connamespace',
    };
    return Object.entries(owners)
      .map(
        ([owner, column]) =>
          `classoid = '${owner}'::regclass AND objoid IN (SELECT oid FROM ${owner} WHERE ${column} = ${oid})`,
      )
      .join(' OR ');
  }
  return namespace === null ? null : `${namespace} = ${oid}`;
}

/** Which large objects there are and what is in them; in the moment of an exchange nothing else is looked at. */
export async function readLargeObjects(session: Session): Promise<string> {
  const rows = await session.rows(
    `SELECT 'pg_largeobject_metadata' AS name, ${versions} FROM pg_catalog.pg_largeobject_metadata
     UNION ALL ${largeObjects(await anyLargeObjects(session))} ORDER BY name`,
  );
  return JSON.stringify(rows);
}

/** Their content can be read by superusers only, unless it was granted. Without any there is nothing to read. */
async function anyLargeObjects(session: Session): Promise<boolean> {
  const { any } = await session.row('SELECT EXISTS (SELECT FROM pg_largeobject_metadata) AS any');
  return any === true;
}

function largeObjects(any: boolean): string {
  return any
    ? `SELECT 'pg_largeobject', ${versions} FROM pg_catalog.pg_largeobject`
    : `SELECT 'pg_largeobject', 0, 0`;
}
