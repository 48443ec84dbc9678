import { GreenlightError } from '../../errors.ts';
import { list } from '../sql.ts';
import type { Session } from './connection.ts';

/**
 * With a schema on the search path, a function or operator in it that has the name of one of PostgreSQL's own, and fits
 * better, would be called in its place by our own statements. Runs while the schema is not on the path yet. What takes
 * a type of its own (as operators of extensions do) is never meant by us.
 * @throws GreenlightError that names them.
 */
export async function requireNoShadows(session: Session, schema: string): Promise<void> {
  const found = await session.rows(
    `SELECT 'function ' || p.oid::regprocedure AS shadow FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname = $1 AND NOT EXISTS (SELECT FROM unnest(p.proargtypes::oid[]) AS t WHERE t >= ${firstOwnOid})
        AND (starts_with(p.proname::text, 'pg_') OR p.proname = ANY ($2::name[]))
     UNION ALL
     SELECT 'operator ' || o.oid::regoperator FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
      WHERE n.nspname = $1 AND o.oprleft < ${firstOwnOid} AND o.oprright < ${firstOwnOid}
        AND o.oprname = ANY ($3::name[])
     ORDER BY 1`,
    [schema, usedFunctions, usedOperators],
  );
  if (found.length === 0) return;
  throw new GreenlightError({
    what: "The schema has functions or operators with names of PostgreSQL's own, which would be taken for those.",
    where: `schema ${schema} of ${session.database}`,
    cause: list(found, ({ shadow }) => String(shadow)),
    help: 'Rename them, or take the database itself as live.',
  });
}

/** That our statements call while a schema is on the path, beside those whose names begin with `pg_`. */
const usedFunctions = (
  'acldefault aclexplode array_agg array_position array_to_string bool_and btrim col_description concat concat_ws count ' +
  'current_setting format format_type has_parameter_privilege has_sequence_privilege json_agg json_build_array ' +
  'json_build_object jsonb_agg length lower ltrim max min obj_description overlay position quote_ident quote_literal ' +
  'regexp_match regexp_replace replace rtrim set_config setval shobj_description starts_with string_agg strpos substr ' +
  'substring sum text to_jsonb to_regclass to_regtype unnest upper'
).split(' ');

const usedOperators = '= <> < > <= >= || ~ !~ ~~ + - * / % & @> -> ->> ?'.split(' ');

/** Types below come with PostgreSQL (FirstNormalObjectId). */
const firstOwnOid = 16_384;
