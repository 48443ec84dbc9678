import type { Column, Key, Relation } from '../engine.ts';
import { scope } from './catalog-scope.ts';
import type { Row, Session } from './connection.ts';

/**
 * Tables and views. A partitioned table is one table: its partitions hold its rows. A materialized view is a view: its
 * rows follow from a query, and nobody can write them. So is a foreign table: its rows are not of this database.
 */
export async function readRelations(
  session: Session,
  place: readonly (string | null)[],
  version: number,
): Promise<Relation[]> {
  const rows = await session.rows(scope + statement(version), place);
  return rows.map(relationOf);
}

function statement(version: number): string {
  // From 18 on, a column can be declared NOT NULL while NULLs are still there.
  const isTrusted =
    version < 180_000
      ? 'a.attnotnull'
      : `(a.attnotnull AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = a.attrelid AND contype = 'n'
            AND NOT convalidated AND a.attnum = ANY (conkey)))`;
  return `,
  own AS MATERIALIZED (SELECT * FROM relation WHERE relkind <> 'S' AND NOT relispartition),
  columns AS (
    SELECT attrelid, json_agg(json_build_array(attname, format_type(atttypid, atttypmod)) ORDER BY attnum) AS list
    FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attrelid IN (SELECT oid FROM own) GROUP BY attrelid),
  key AS (
    SELECT indexrelid, indrelid, indisprimary, json_agg(a.attname ORDER BY at) AS columns, bool_and(${isTrusted}) AS is_not_null
    FROM pg_index, unnest(indkey::smallint[]) WITH ORDINALITY AS k (attnum, at), pg_attribute a
    WHERE indisunique AND indisvalid AND indimmediate AND indpred IS NULL AND indexprs IS NULL AND at <= indnkeyatts
      AND indrelid IN (SELECT oid FROM own) AND a.attrelid = indrelid AND a.attnum = k.attnum
    GROUP BY indexrelid, indrelid, indisprimary),
  -- The rows of children, which have indexes of their own, are read with those of their parent.
  parent AS (SELECT DISTINCT inhparent FROM pg_inherits JOIN own ON own.oid = inhparent WHERE relkind <> 'p'),
  keys AS (
    SELECT indrelid, json_agg(json_build_array(columns, indisprimary, is_not_null, inhparent IS NULL)
      ORDER BY indisprimary DESC, relname) AS list
    FROM key JOIN pg_class ON pg_class.oid = indexrelid LEFT JOIN parent ON inhparent = indrelid GROUP BY indrelid)
  SELECT schema, relname AS name, kind, columns.list AS columns, keys.list AS keys,
    CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(own.oid)
      WHEN relkind = 'f' THEN (SELECT 'SERVER ' || srvname || coalesce(' OPTIONS ' || ftoptions::text, '')
        FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = ftserver WHERE ftrelid = own.oid) END AS definition,
    CASE WHEN relkind = 'm' AND NOT relispopulated THEN 'the materialized view has not been populated' END AS fault
  FROM own LEFT JOIN columns ON attrelid = own.oid LEFT JOIN keys ON indrelid = own.oid
  ORDER BY schema COLLATE "C", relname COLLATE "C"`;
}

function relationOf(row: Row): Relation {
  const list = (text: Row[string] | undefined) => (text === null ? [] : JSON.parse(String(text)));
  return {
    schema: String(row.schema),
    name: String(row.name),
    kind: row.kind === 'table' ? 'table' : 'view',
    columns: list(row.columns).map(([name, type]: [string, string]): Column => ({ name, type })),
    keys: list(row.keys).map(
      ([columns, primary, notNull, enforced]: [string[], boolean, boolean, boolean]): Key => ({
        columns,
        primary,
        enforced,
        notNull,
      }),
    ),
    definition: row.definition === null ? null : String(row.definition),
    fault: row.fault === null ? null : String(row.fault),
  };
}
