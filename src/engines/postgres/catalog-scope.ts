/**
 * A table or sequence that belongs to an extension counts as what the extension brings, not as what is in it; unless the
 * extension itself has declared that it holds the user's own rows (pg_extension_config_dump), and all of the database is
 * looked at. `schema` is SQL, NULL for a whole database.
 */
export function isOwnRelation(oid: string, schema: string): string {
  return `(NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = ${oid} AND deptype = 'e')
    OR ${schema} IS NULL AND EXISTS (SELECT FROM pg_extension WHERE ${oid} = ANY (extconfig)))`;
}

/**
 * What the catalog's queries have in common: `$1` is the schema that the place is, or NULL for a whole database, `$2`
 * the name under which that schema is shown. Members of an extension stand for themselves nowhere: the extension does,
 * with its version. Nor do the functions that come with a range type.
 */
export const scope = `WITH
  member AS MATERIALIZED (SELECT DISTINCT classid, objid FROM pg_depend 
    WHERE deptype = 'e' OR (deptype = 'i' AND classid IN ('pg_proc'::regclass, 'pg_cast'::regclass))),
  space AS MATERIALIZED (
    SELECT oid, coalesce(CASE WHEN nspname = $1 THEN $2::text END, nspname::text) AS name, nspowner, nspacl
    FROM pg_namespace
    WHERE CASE WHEN $1::text IS NULL THEN nspname !~ '^pg_' AND nspname <> 'information_schema' ELSE nspname = $1 END),
  relation AS MATERIALIZED (
    SELECT c.*, space.name AS schema, space.name || '.' || c.relname AS full_name,
      CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
        WHEN 'f' THEN 'foreign table' ELSE 'table' END AS kind
    FROM pg_class c JOIN space ON space.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't'
      AND ${isOwnRelation('c.oid', '$1::text')}),
  routine AS MATERIALIZED (
    SELECT p.*, CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END AS kind,
      space.name || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS full_name
    FROM pg_proc p JOIN space ON space.oid = p.pronamespace
    WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_proc'::regclass AND objid = p.oid)),
  own_type AS MATERIALIZED (
    SELECT t.*, space.name || '.' || t.typname AS full_name
    FROM pg_type t JOIN space ON space.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
    WHERE t.typisdefined AND t.typtype IN ('b', 'c', 'd', 'e', 'r') AND (t.typrelid = 0 OR c.relkind = 'c')
      AND NOT EXISTS (SELECT FROM pg_type element WHERE element.typarray = t.oid)
      AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_type'::regclass AND objid = t.oid))`;

/** Beside the schema itself, only a whole database has these. */
export const wholeDatabase = '$1::text IS NULL';
