import { GreenlightError } from '../../errors.ts';
import type { Location, Script } from '../engine.ts';
import { excerpt } from '../script.ts';
import { list } from '../sql.ts';
import type { Session } from './connection.ts';
import { namedInTree } from './named.ts';
import { type Place, placeOf } from './names.ts';
import type { Parser } from './parser.ts';
import type { ReadyStatement } from './statements.ts';

/** What no script of a session may name. */
export interface Reach {
  readonly databases: ReadonlySet<string>;
  readonly schemas: ReadonlySet<string>;
}

/**
 * Another database is out of reach but for dblink, foreign servers and programs; another schema of the same database is
 * only a name away.
 */
export function reachOf(at: Place, forbidden: readonly Location[]): Reach {
  const places = forbidden.map(placeOf);
  const databases = places.filter(({ schema }) => schema === null || at.schema !== null);
  const schemas = places.filter(({ database }) => database === at.database);
  return {
    databases: new Set(databases.map(({ database }) => database)),
    schemas: new Set(schemas.flatMap(({ schema }) => (schema === null ? [] : [schema]))),
  };
}

/** @throws GreenlightError when the statement names what it must not touch. */
export function refuseForbidden(
  parser: Parser,
  script: Script,
  statement: ReadyStatement,
  reach: Reach,
): void {
  const named = namedInTree(parser, statement.tree, statement.sql);
  const [database] = [...named.databases].filter((name) => reach.databases.has(name));
  const [schema] = [...named.schemas].filter((name) => reach.schemas.has(name));
  if (database === undefined && schema === undefined) return;
  throw new GreenlightError({
    what: `The script names a ${database === undefined ? 'schema' : 'database'} that it must not touch: live, another one of the release, or the ledger.\n${excerpt(statement)}`,
    where: `${script.file}:${statement.line}`,
    cause: `it names ${database ?? schema}`,
    help:
      database === undefined
        ? 'Scripts work on the schema that they run in, the first of the search path. Leave the name of the schema out.'
        : 'Scripts work on the database that they run in. Remove the connection to the other one.',
  });
}

/**
 * Holds a transaction against the schema that it works on, before it commits: names within texts that are put together
 * when they run show in nothing else than the locks that they leave, and in what they have defined.
 */
export class SchemaGuard {
  readonly #session: Session;
  readonly #schema: string;
  readonly #forbidden: readonly string[];
  readonly #outside: ReadonlyMap<string, string>;

  private constructor(
    session: Session,
    { schema, forbidden }: { readonly schema: string; readonly forbidden: readonly string[] },
    outside: ReadonlyMap<string, string>,
  ) {
    this.#session = session;
    this.#schema = schema;
    this.#forbidden = forbidden;
    this.#outside = outside;
  }

  /** Remembers what is outside: something that the transaction drops has no name any more. */
  static async of(session: Session, schema: string, reach: Reach): Promise<SchemaGuard> {
    const rows = await session.rows(relationsOutside('true'), [schema]);
    const forbidden = await session.rows(
      'SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = ANY ($1::text[]) AND nspname <> $2',
      [[...reach.schemas], schema],
    );
    return new SchemaGuard(
      session,
      { schema, forbidden: forbidden.map(({ oid }) => String(oid)) },
      new Map(rows.map(({ oid, name }) => [String(oid), String(name)])),
    );
  }

  /**
   * @throws GreenlightError when the open transaction has written to a relation outside of the schema, or has defined
   *   or granted something in a schema that is out of reach.
   */
  async check(script: Script): Promise<void> {
    const locked = await this.#session.rows(
      `SELECT DISTINCT relation AS oid FROM pg_catalog.pg_locks
       WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'relation' AND granted
         AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
         AND mode IN (${list(writingModes, (mode) => `'${mode}'`)})`,
    );
    const oids = locked.map(({ oid }) => String(oid));
    const made = await this.#session.rows(relationsOutside('c.oid = ANY ($2::oid[])'), [
      this.#schema,
      oids,
    ]);
    const names = new Set([
      ...oids.flatMap((oid) => this.#outside.get(oid) ?? []),
      ...made.map(({ name }) => String(name)),
      ...(await this.#session.rows(definedByUs, [this.#forbidden])).map(({ name }) => String(name)),
    ]);
    if (names.size === 0) return;
    throw new GreenlightError({
      what: `The script writes outside of its schema: to ${[...names].slice(0, 3).join(', ')}.`,
      where: script.file,
      cause: `it runs in schema ${this.#schema}, and nothing of the script was committed`,
      help: 'Let it work on its own schema only: no other schema in names, texts and search_path.',
    });
  }
}

const writingModes = [
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
];

/** Whatever the search path is. */
function relationsOutside(condition: string): string {
  return `SELECT c.oid, n.nspname || '.' || c.relname AS name
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname <> $1 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND ${condition}`;
}

/**
 * What the open transaction has defined, changed or granted in the schemas `$1`, their oids. A row of the catalog that we see and
 * whose transaction is in progress is ours; that of a savepoint or a block with EXCEPTION is a later one of its own, at
 * most a little behind the newest that the server has seen end.
 */
const definedByUs = `WITH written AS (
    SELECT nspname AS name, oid AS schema, xmin FROM pg_catalog.pg_namespace
    UNION ALL SELECT relname, relnamespace, xmin FROM pg_catalog.pg_class
    UNION ALL SELECT proname, pronamespace, xmin FROM pg_catalog.pg_proc
    UNION ALL SELECT typname, typnamespace, xmin FROM pg_catalog.pg_type),
  own AS (
    SELECT id, greatest(pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text::bigint - id::text::bigint, 0) + 10000 AS later
    FROM pg_catalog.pg_current_xact_id_if_assigned() AS id)
  SELECT DISTINCT pg_catalog.concat_ws('.', nspname, nullif(name, nspname)) AS name
  FROM own, written JOIN pg_catalog.pg_namespace n ON n.oid = schema
  WHERE schema = ANY ($1::oid[]) AND CASE WHEN pg_catalog.age(id::xid) - pg_catalog.age(written.xmin) BETWEEN 0 AND later
    THEN pg_catalog.pg_xact_status((((id::text::bigint >> 32) << 32) | written.xmin::text::bigint)::text::xid8) = 'in progress' END`;
