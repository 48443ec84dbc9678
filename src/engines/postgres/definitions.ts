import type { Catalog, Definition } from '../engine.ts';
import { scope, wholeDatabase } from './catalog-scope.ts';
import type { Session } from './connection.ts';
import { namedIn } from './named.ts';
import { loadParser, type Parser } from './parser.ts';

/**
 * Which databases, or for a schema which other schemas, the stored texts name. PostgreSQL stores what a view, a default
 * or a policy reads as the objects themselves: these follow every renaming, and what they lead to outside of a schema
 * stands in pg_depend. Bodies of functions, and options of foreign servers, are texts that are understood when they run.
 */
export async function readDefinitions(
  session: Session,
  place: readonly (string | null)[],
  { relations, objects }: Pick<Catalog, 'relations' | 'objects'>,
): Promise<Definition[]> {
  const rows = await session.rows(`${scope}${statement}`, place);
  const isSchema = place[0] !== null;
  const schemas = new Set(
    (await session.rows('SELECT nspname FROM pg_namespace')).map(({ nspname }) => String(nspname)),
  );
  const parser = rows.some(({ is_text: isText }) => isText === true) ? await loadParser() : null;
  const texts = new Map<string, string | null>([
    ...relations.map(({ schema, name, definition }) => [`${schema}.${name}`, definition] as const),
    ...objects.map(({ kind, name, definition }) => [`${kind} ${name}`, definition] as const),
  ]);
  return rows.map((row) => {
    const written = String(
      row.text ?? texts.get(`${row.kind} ${row.name}`) ?? texts.get(String(row.name)) ?? '',
    );
    const text = isSchema ? withoutOwnSchema(written) : written;
    const named =
      row.is_text === true && parser !== null ? namesOf(parser, text, isSchema, schemas) : [];
    const bound = JSON.parse(String(row.bound ?? '[]')) as string[];
    return {
      kind: String(row.kind),
      name: String(row.name),
      text,
      databases: [...new Set([...named, ...bound])].sort(),
    };
  });
}

function namesOf(
  parser: Parser,
  text: string,
  isSchema: boolean,
  schemas: ReadonlySet<string>,
): string[] {
  const named = namedIn(parser, text);
  // `a.b.c` is a column of table b when there is a schema a.
  return isSchema ? [...named.schemas] : [...named.databases].filter((name) => !schemas.has(name));
}

/** The text of a function names its own schema, in which it stands. */
function withoutOwnSchema(text: string): string {
  return text.replace(
    /^(CREATE OR REPLACE (?:FUNCTION|PROCEDURE) )(?:"(?:[^"]|"")*"|[^".(]+)\./,
    '$1',
  );
}

/**
 * `bound`: the other schemas to which what is stored leads; only asked for a schema. The texts of views and functions,
 * long to write down, were read before.
 */
const statement = `,
  definition (class, id, sub, kind, name, text, is_text) AS MATERIALIZED (
    SELECT 'pg_rewrite'::regclass, r.oid, 0, kind, full_name, NULL, false
      FROM relation JOIN pg_rewrite r ON ev_class = relation.oid AND rulename = '_RETURN' WHERE relkind IN ('v', 'm')
    UNION ALL SELECT 'pg_proc'::regclass, oid, 0, kind, full_name, NULL, prosqlbody IS NULL FROM routine
      WHERE prokind <> 'a'
    UNION ALL SELECT 'pg_attrdef'::regclass, d.oid, 0, 'default', full_name || '.' || attname, 'SELECT ' || pg_get_expr(adbin, adrelid), false
      FROM relation JOIN pg_attrdef d ON adrelid = relation.oid JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
    UNION ALL SELECT 'pg_trigger'::regclass, t.oid, 0, 'trigger', full_name || '.' || tgname, pg_get_triggerdef(t.oid, true), false
      FROM pg_trigger t JOIN relation ON relation.oid = tgrelid WHERE NOT tgisinternal
    UNION ALL SELECT 'pg_policy'::regclass, p.oid, 0, 'policy', full_name || '.' || polname,
      concat_ws(' ', 'SELECT', coalesce(pg_get_expr(polqual, polrelid), 'true'), 'AND', coalesce(pg_get_expr(polwithcheck, polrelid), 'true')), false
      FROM pg_policy p JOIN relation ON relation.oid = polrelid
    UNION ALL SELECT 'pg_rewrite'::regclass, r.oid, 0, 'rule', full_name || '.' || rulename, pg_get_ruledef(r.oid, true), false
      FROM pg_rewrite r JOIN relation ON ev_class = relation.oid WHERE rulename <> '_RETURN'
    UNION ALL SELECT 'pg_constraint'::regclass, k.oid, 0, 'constraint', full_name || '.' || conname, '', false
      FROM pg_constraint k JOIN relation ON relation.oid = conrelid WHERE contype IN ('c', 'f', 'x')
    UNION ALL SELECT 'pg_class'::regclass, relation.oid, attnum, 'column', full_name || '.' || attname, '', false
      FROM relation JOIN pg_attribute ON attrelid = relation.oid JOIN pg_type t ON t.oid = atttypid
      WHERE attnum > 0 AND NOT attisdropped AND t.oid >= 16384 AND relkind IN ('r', 'p', 'f') AND NOT ${wholeDatabase}
    UNION ALL SELECT 'pg_foreign_server'::regclass, s.oid, 0, 'foreign server', srvname, 'CREATE SERVER ' || quote_ident(srvname)
        || ' FOREIGN DATA WRAPPER ' || quote_ident(fdwname) || (SELECT ' OPTIONS (' || string_agg(
          quote_ident(option_name) || ' ' || quote_literal(option_value), ', ' ORDER BY option_name) || ')' FROM pg_options_to_table(srvoptions) WHERE option_name !~* '^pass'), true
      FROM pg_foreign_server s JOIN pg_foreign_data_wrapper f ON f.oid = srvfdw WHERE ${wholeDatabase} AND srvoptions IS NOT NULL),
  other_space AS MATERIALIZED (
    SELECT oid, nspname FROM pg_namespace
    WHERE NOT ${wholeDatabase} AND nspname <> $1 AND nspname !~ '^pg_' AND nspname <> 'information_schema'),
  elsewhere (class, id, nspname) AS MATERIALIZED (
    SELECT 'pg_class'::regclass, c.oid, nspname FROM pg_class c JOIN other_space s ON s.oid = relnamespace
    UNION ALL SELECT 'pg_proc'::regclass, p.oid, nspname FROM pg_proc p JOIN other_space s ON s.oid = pronamespace
    UNION ALL SELECT 'pg_type'::regclass, t.oid, nspname FROM pg_type t JOIN other_space s ON s.oid = typnamespace
    UNION ALL SELECT 'pg_operator'::regclass, o.oid, nspname FROM pg_operator o JOIN other_space s ON s.oid = oprnamespace
    UNION ALL SELECT 'pg_namespace'::regclass, oid, nspname FROM other_space)
  SELECT kind, name, text, is_text,
    (SELECT json_agg(DISTINCT nspname) FROM pg_depend JOIN elsewhere ON elsewhere.class = refclassid AND elsewhere.id = refobjid
      WHERE classid = definition.class AND objid = definition.id AND objsubid = definition.sub) AS bound
  FROM definition WHERE kind NOT IN ('constraint', 'column') OR NOT ${wholeDatabase}
  ORDER BY kind COLLATE "C", name COLLATE "C"`;
