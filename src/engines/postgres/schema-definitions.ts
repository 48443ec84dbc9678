import type { Row, Session } from './connection.ts';

/** A statement that makes one object. It names no schema: it means the one that is first in the search path. */
export interface DefinedObject {
  /** For people: `table orders`. */
  readonly what: string;
  readonly sql: string;
}

/**
 * All objects of a schema as statements, in an order that mostly works: what needs a later one is tried again. PostgreSQL
 * writes a name with its schema only where the search path does not find it, so that with the schema itself as search
 * path no definition names it.
 */
export async function definitionsOf(session: Session, schemaOid: string): Promise<DefinedObject[]> {
  const objects: DefinedObject[] = [];
  for (const query of [
    types,
    functions,
    sequences,
    tables,
    partitions,
    ownedSequences,
    columnSettings,
    rows,
    constraints,
    indexes,
    clusterings,
    replicaIdentities,
    statistics,
    statisticsTargets,
    views,
    viewDefaults,
    rules,
    ruleStates,
    refreshes,
    foreignKeys,
    triggers,
    triggerStates,
    policies,
    comments,
    owners,
  ]) {
    const found: Row[] = await session.rows(query, [schemaOid]);
    for (const { what, sql } of found) {
      if (sql !== null) objects.push({ what: String(what), sql: String(sql) });
    }
  }
  return objects;
}

/** Kinds of objects that are not copied, where the schema has any. */
export async function notCopied(session: Session, schemaOid: string): Promise<string[]> {
  const found = await session.rows(
    `SELECT 'aggregate ' || oid::regprocedure::text AS what FROM pg_proc WHERE pronamespace = $1 AND prokind IN ('a', 'w')
     UNION ALL SELECT 'operator ' || oid::regoperator::text FROM pg_operator WHERE oprnamespace = $1
     UNION ALL SELECT 'operator class ' || opcname FROM pg_opclass WHERE opcnamespace = $1
     UNION ALL SELECT 'collation ' || collname FROM pg_collation WHERE collnamespace = $1
     UNION ALL SELECT 'conversion ' || conname FROM pg_conversion WHERE connamespace = $1
     UNION ALL SELECT 'text search configuration ' || cfgname FROM pg_ts_config WHERE cfgnamespace = $1
     UNION ALL SELECT 'text search dictionary ' || dictname FROM pg_ts_dict WHERE dictnamespace = $1
     UNION ALL SELECT 'base type ' || typname FROM pg_type t WHERE typnamespace = $1 AND typtype = 'b' AND typelem = 0
     UNION ALL SELECT 'foreign table ' || relname FROM pg_class WHERE relnamespace = $1 AND relkind = 'f'
     UNION ALL SELECT 'membership in extension of ' || relname FROM pg_class c WHERE relnamespace = $1
       AND EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
     UNION ALL SELECT 'publication ' || pubname || ' of ' || relname
       FROM pg_publication_rel r JOIN pg_publication p ON p.oid = prpubid JOIN pg_class c ON c.oid = prrelid
      WHERE c.relnamespace = $1
     UNION ALL SELECT 'publication ' || pubname || ' of the schema'
       FROM pg_publication_namespace JOIN pg_publication p ON p.oid = pnpubid WHERE pnnspid = $1
     ORDER BY what`,
    [schemaOid],
  );
  return found.map(({ what }) => String(what));
}

const types = `
  SELECT 'type ' || typname AS what, CASE typtype
    WHEN 'e' THEN format('CREATE TYPE %I AS ENUM (%s)', typname,
      (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
    WHEN 'c' THEN format('CREATE TYPE %I AS (%s)', typname,
      (SELECT string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum)
         FROM pg_attribute WHERE attrelid = typrelid AND attnum > 0 AND NOT attisdropped))
    WHEN 'd' THEN format('CREATE DOMAIN %I AS %s%s%s%s', typname, format_type(typbasetype, typtypmod),
      ' DEFAULT ' || pg_get_expr(typdefaultbin, 0), CASE WHEN typnotnull THEN ' NOT NULL' END,
      (SELECT string_agg(format(' CONSTRAINT %I %s', conname, pg_get_constraintdef(c.oid)), '' ORDER BY conname)
         FROM pg_constraint c WHERE contypid = t.oid AND contype = 'c'))
    WHEN 'r' THEN (SELECT format('CREATE TYPE %I AS RANGE (SUBTYPE = %s, MULTIRANGE_TYPE_NAME = %I%s)', typname, format_type(rngsubtype, NULL),
      (SELECT typname FROM pg_type WHERE oid = rngmultitypid),
      CASE WHEN rngsubdiff::oid <> 0 THEN ', SUBTYPE_DIFF = ' || rngsubdiff::oid::regproc END) FROM pg_range WHERE rngtypid = t.oid)
    END AS sql
    FROM pg_type t
   WHERE typnamespace = $1 AND (typtype IN ('e', 'd', 'r') OR typtype = 'c' AND (SELECT relkind FROM pg_class WHERE oid = typrelid) = 'c')
   ORDER BY t.oid`;

/** The name is the one place where PostgreSQL always writes the schema. Functions of a range type come with it. */
const functions = `
  SELECT 'function ' || p.oid::regprocedure AS what,
         overlay(pg_get_functiondef(p.oid) placing format('%I(', proname)
           from position(format('%I.%I(', nspname, proname) in pg_get_functiondef(p.oid))
           for length(format('%I.%I(', nspname, proname))) AS sql
    FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
   WHERE pronamespace = $1 AND prokind IN ('f', 'p')
     AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'i') ORDER BY p.oid`;

const sequenceOptions = `format('START %s INCREMENT %s MINVALUE %s MAXVALUE %s CACHE %s %s',
  seqstart, seqincrement, seqmin, seqmax, seqcache, CASE WHEN seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END)`;

const sequences = `
  SELECT 'sequence ' || relname AS what,
         format('CREATE %sSEQUENCE %I AS %s %s', CASE relpersistence WHEN 'u' THEN 'UNLOGGED ' END, relname, format_type(seqtypid, NULL), ${sequenceOptions}) AS sql
    FROM pg_sequence JOIN pg_class c ON c.oid = seqrelid
   WHERE relnamespace = $1
     AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'i' AND refobjsubid > 0)
   ORDER BY c.oid`;

const isPartition = 'c.relispartition';
const alteredKind = `CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE ONLY' END`;

const tables = `
  SELECT 'table ' || c.relname AS what,
         format('CREATE %sTABLE %I (%s)%s%s%s%s', CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' END, c.relname,
           (SELECT string_agg(format('%I %s%s%s%s%s%s', attname, format_type(atttypid, atttypmod),
                     CASE WHEN attcollation <> typcollation AND attcollation <> 0 THEN ' COLLATE ' || attcollation::regcollation END,
                     ' COMPRESSION ' || CASE attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END,
                     CASE WHEN attidentity = '' OR ${isPartition} THEN NULL ELSE (
                       SELECT format(' GENERATED %s AS IDENTITY (SEQUENCE NAME %I %s)', CASE attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END,
                                s.relname, ${sequenceOptions})
                         FROM pg_depend JOIN pg_class s ON s.oid = objid JOIN pg_sequence ON seqrelid = s.oid
                        WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND refobjid = c.oid AND refobjsubid = attnum AND deptype = 'i') END,
                     CASE attgenerated WHEN '' THEN ' DEFAULT ' || pg_get_expr(adbin, adrelid)
                       ELSE format(' GENERATED ALWAYS AS (%s) %s', pg_get_expr(adbin, adrelid), CASE attgenerated WHEN 's' THEN 'STORED' ELSE 'VIRTUAL' END) END,
                     CASE WHEN attnotnull THEN coalesce((SELECT format(' CONSTRAINT %I', conname) FROM pg_constraint
                       WHERE conrelid = c.oid AND contype = 'n' AND conkey = ARRAY[attnum]), '') || ' NOT NULL' END),
                   ', ' ORDER BY attnum)
              FROM pg_attribute a JOIN pg_type t ON t.oid = atttypid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
             WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND (attislocal OR ${isPartition})),
           (SELECT format(' INHERITS (%s)', string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno))
              FROM pg_inherits WHERE inhrelid = c.oid AND NOT ${isPartition} HAVING count(*) > 0),
           ' PARTITION BY ' || pg_get_partkeydef(c.oid),
           ' USING ' || (SELECT quote_ident(amname) FROM pg_am WHERE pg_am.oid = c.relam),
           ' WITH (' || array_to_string(c.reloptions ||
             (SELECT array_agg('toast.' || option) FROM pg_class t, unnest(t.reloptions) AS option WHERE t.oid = c.reltoastrelid), ', ') || ')'
         ) AS sql
    FROM pg_class c WHERE c.relnamespace = $1 AND c.relkind IN ('r', 'p') ORDER BY c.oid`;

/** Before the rows: where large values stand is decided when they are written. */
const columnSettings = `
  SELECT 'columns of ' || relname AS what, format('ALTER %s %I %s', ${alteredKind}, relname, string_agg(setting, ', ' ORDER BY attnum)) AS sql
    FROM pg_class c JOIN pg_attribute ON attrelid = c.oid JOIN pg_type t ON t.oid = atttypid,
         LATERAL (VALUES
           (CASE WHEN attstattarget >= 0 THEN format('ALTER COLUMN %I SET STATISTICS %s', attname, attstattarget) END),
           (CASE WHEN attstorage <> typstorage THEN format('ALTER COLUMN %I SET STORAGE %s', attname,
              CASE attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END) END),
           (CASE WHEN attoptions IS NOT NULL THEN format('ALTER COLUMN %I SET (%s)', attname, array_to_string(attoptions, ', ')) END)) AS s (setting)
   WHERE relnamespace = $1 AND relkind IN ('r', 'p', 'm') AND attnum > 0 AND NOT attisdropped AND setting IS NOT NULL
   GROUP BY c.oid, relname, relkind`;

const partitions = `
  SELECT 'partition ' || c.relname AS what,
         format('ALTER TABLE ONLY %s ATTACH PARTITION %I %s', inhparent::regclass, c.relname, pg_get_expr(c.relpartbound, c.oid)) AS sql
    FROM pg_class c JOIN pg_inherits ON inhrelid = c.oid
   WHERE c.relnamespace = $1 AND c.relispartition AND c.relkind IN ('r', 'p') ORDER BY c.oid`;

const ownedSequences = `
  SELECT 'owner of sequence ' || s.relname AS what, format('ALTER SEQUENCE %I OWNED BY %s.%I', s.relname, refobjid::regclass, attname) AS sql
    FROM pg_class s JOIN pg_depend ON objid = s.oid AND classid = 'pg_class'::regclass AND deptype = 'a' AND refclassid = 'pg_class'::regclass
         JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
   WHERE s.relnamespace = $1 AND s.relkind = 'S'`;

/** Only here are both schemas named: rows are read in one, and written to the other. Its own types go by their texts. */
const rows = `
  SELECT 'rows of ' || c.relname AS what,
         format('INSERT INTO %I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM ONLY %I.%I', c.relname, names, own_values, nspname, c.relname) AS sql
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace,
         LATERAL (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS names,
                         string_agg(quote_ident(attname) || CASE WHEN typnamespace = $1 THEN '::text::' || format_type(atttypid, atttypmod) ELSE '' END, ', ' ORDER BY attnum) AS own_values
                    FROM pg_attribute JOIN pg_type t ON t.oid = atttypid
                   WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') a
   WHERE relnamespace = $1 AND relkind = 'r' AND names IS NOT NULL ORDER BY c.oid`;

/** Those of partitions come with those of the whole. */
const constraintsOf = (kinds: string) => `
  SELECT 'constraint ' || conname || ' of ' || relname AS what,
         format('ALTER TABLE %I ADD CONSTRAINT %I %s', relname, conname, pg_get_constraintdef(k.oid)) AS sql
    FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid
   WHERE relnamespace = $1 AND contype IN (${kinds}) AND conparentid = 0 AND (conislocal OR coninhcount = 0)
   ORDER BY array_position(ARRAY['p', 'u', 'x', 'c', 'f'], contype::text), k.oid`;

const constraints = constraintsOf(`'p', 'u', 'x', 'c'`);
const foreignKeys = constraintsOf(`'f'`);

const indexes = `
  SELECT 'index ' || i.relname AS what, replace(pg_get_indexdef(i.oid, 0, true), ' ON ONLY ', ' ON ') AS sql
    FROM pg_index JOIN pg_class i ON i.oid = indexrelid JOIN pg_class c ON c.oid = indrelid
   WHERE c.relnamespace = $1 AND c.relkind IN ('r', 'p') AND indislive AND NOT i.relispartition
     AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.oid AND contype IN ('p', 'u', 'x'))
   ORDER BY i.oid`;

const clusterings = `
  SELECT 'clustering of ' || c.relname AS what, format('ALTER %s %I CLUSTER ON %I', ${alteredKind}, c.relname, i.relname) AS sql
    FROM pg_index JOIN pg_class i ON i.oid = indexrelid JOIN pg_class c ON c.oid = indrelid WHERE c.relnamespace = $1 AND indisclustered`;

const replicaIdentities = `
  SELECT 'replica identity of ' || c.relname AS what, format('ALTER TABLE ONLY %I REPLICA IDENTITY %s', c.relname,
           CASE relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' ELSE (
             SELECT 'USING INDEX ' || quote_ident(i.relname) FROM pg_index JOIN pg_class i ON i.oid = indexrelid WHERE indrelid = c.oid AND indisreplident) END) AS sql
    FROM pg_class c WHERE relnamespace = $1 AND relkind IN ('r', 'p') AND relreplident <> 'd'`;

const statistics = `
  SELECT 'statistics ' || stxname AS what,
         format('CREATE STATISTICS %I %s ON %s FROM %s', stxname,
           (SELECT format('(%s)', string_agg(CASE k WHEN 'd' THEN 'ndistinct' WHEN 'f' THEN 'dependencies' WHEN 'm' THEN 'mcv' END, ', '))
              FROM unnest(stxkind) k WHERE k IN ('d', 'f', 'm') HAVING count(*) > 0),
           pg_get_statisticsobjdef_columns(oid), stxrelid::regclass) AS sql
    FROM pg_statistic_ext WHERE stxnamespace = $1`;

const statisticsTargets = `
  SELECT 'target of statistics ' || stxname AS what, format('ALTER STATISTICS %I SET STATISTICS %s', stxname, stxstattarget) AS sql
    FROM pg_statistic_ext WHERE stxnamespace = $1 AND stxstattarget >= 0`;

const views = `
  SELECT CASE relkind WHEN 'v' THEN 'view ' ELSE 'materialized view ' END || relname AS what,
         format('CREATE %sVIEW %I (%s)%s AS %s%s', CASE relkind WHEN 'm' THEN 'MATERIALIZED ' END, relname,
           (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
           ' WITH (' || array_to_string(reloptions, ', ') || ')', rtrim(pg_get_viewdef(c.oid), ';'),
           CASE relkind WHEN 'm' THEN ' WITH NO DATA' END) AS sql
    FROM pg_class c WHERE relnamespace = $1 AND relkind IN ('v', 'm') ORDER BY oid`;

const viewDefaults = `
  SELECT 'default of ' || relname AS what, format('ALTER VIEW %I ALTER COLUMN %I SET DEFAULT %s', relname, attname, pg_get_expr(adbin, adrelid)) AS sql
    FROM pg_attrdef JOIN pg_class c ON c.oid = adrelid JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
   WHERE relnamespace = $1 AND relkind = 'v'`;

const rules = `
  SELECT 'rule ' || rulename || ' of ' || relname AS what, pg_get_ruledef(r.oid, true) AS sql
    FROM pg_rewrite r JOIN pg_class c ON c.oid = ev_class WHERE relnamespace = $1 AND rulename <> '_RETURN'`;

const ruleStates = `
  SELECT 'state of rule ' || rulename AS what, format('ALTER TABLE %I %s RULE %I', relname,
           CASE ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, rulename) AS sql
    FROM pg_rewrite r JOIN pg_class c ON c.oid = ev_class WHERE relnamespace = $1 AND rulename <> '_RETURN' AND ev_enabled <> 'O'`;

const refreshes = `
  SELECT 'rows of ' || relname AS what, format('REFRESH MATERIALIZED VIEW %I', relname) AS sql
    FROM pg_class c WHERE relnamespace = $1 AND relkind = 'm' AND relispopulated
   UNION ALL
  SELECT 'index ' || i.relname, pg_get_indexdef(i.oid, 0, true)
    FROM pg_index JOIN pg_class i ON i.oid = indexrelid JOIN pg_class c ON c.oid = indrelid WHERE c.relnamespace = $1 AND c.relkind = 'm'`;

const triggers = `
  SELECT 'trigger ' || tgname || ' of ' || relname AS what, pg_get_triggerdef(t.oid, true) AS sql
    FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
   WHERE relnamespace = $1 AND NOT tgisinternal AND tgparentid = 0 ORDER BY t.oid`;

/** What is said of a partitioned table holds for its partitions: those that differ come after it. */
const triggerStates = `
  SELECT 'state of trigger ' || t.tgname AS what, format('ALTER TABLE %I %s TRIGGER %I', relname,
           CASE t.tgenabled WHEN 'O' THEN 'ENABLE' WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, t.tgname) AS sql
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid LEFT JOIN pg_trigger parent ON parent.oid = t.tgparentid
   WHERE relnamespace = $1 AND NOT t.tgisinternal AND t.tgenabled <> coalesce(parent.tgenabled, 'O') ORDER BY t.oid`;

const policies = `
  SELECT 'row security of ' || relname AS what, format('ALTER TABLE %I %s ROW LEVEL SECURITY', relname, state) AS sql
    FROM pg_class, LATERAL (VALUES (relrowsecurity, 'ENABLE'), (relforcerowsecurity, 'FORCE')) v (is_on, state)
   WHERE relnamespace = $1 AND relkind IN ('r', 'p') AND is_on
   UNION ALL
  SELECT 'policy ' || polname || ' of ' || relname,
         format('CREATE POLICY %I ON %I AS %s FOR %s TO %s%s%s', polname, relname, CASE WHEN polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
           CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
           (SELECT string_agg(CASE role WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(role)) END, ', ') FROM unnest(polroles) role),
           ' USING (' || pg_get_expr(polqual, polrelid) || ')', ' WITH CHECK (' || pg_get_expr(polwithcheck, polrelid) || ')')
    FROM pg_policy JOIN pg_class c ON c.oid = polrelid WHERE relnamespace = $1`;

const relationKind = `CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'i' THEN 'INDEX' WHEN 'I' THEN 'INDEX' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END`;

const comments = `
  SELECT 'comment on ' || relname AS what, CASE objsubid WHEN 0 THEN format('COMMENT ON %s %I IS %L', ${relationKind}, relname, description)
           ELSE format('COMMENT ON COLUMN %I.%I IS %L', relname, attname, description) END AS sql
    FROM pg_description JOIN pg_class c ON c.oid = objoid AND classoid = 'pg_class'::regclass
         LEFT JOIN pg_attribute ON attrelid = c.oid AND attnum = objsubid AND objsubid > 0
   WHERE relnamespace = $1
   UNION ALL
  SELECT 'comment on ' || proname, format('COMMENT ON ROUTINE %s IS %L', p.oid::regprocedure, description)
    FROM pg_description JOIN pg_proc p ON p.oid = objoid AND classoid = 'pg_proc'::regclass WHERE pronamespace = $1 AND prokind IN ('f', 'p')
   UNION ALL
  SELECT 'comment on ' || typname, format('COMMENT ON %s %I IS %L', CASE typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, typname, description)
    FROM pg_description JOIN pg_type t ON t.oid = objoid AND classoid = 'pg_type'::regclass WHERE typnamespace = $1
   UNION ALL
  SELECT 'comment on ' || conname, format('COMMENT ON CONSTRAINT %I ON %I IS %L', conname, relname, description)
    FROM pg_description JOIN pg_constraint k ON k.oid = objoid AND classoid = 'pg_constraint'::regclass JOIN pg_class c ON c.oid = conrelid
   WHERE relnamespace = $1
   UNION ALL
  SELECT 'comment on ' || tgname, format('COMMENT ON TRIGGER %I ON %I IS %L', tgname, relname, description)
    FROM pg_description JOIN pg_trigger t ON t.oid = objoid AND classoid = 'pg_trigger'::regclass JOIN pg_class c ON c.oid = tgrelid
   WHERE relnamespace = $1
   UNION ALL
  SELECT 'comment on ' || polname, format('COMMENT ON POLICY %I ON %I IS %L', polname, relname, description)
    FROM pg_description JOIN pg_policy p ON p.oid = objoid AND classoid = 'pg_policy'::regclass JOIN pg_class c ON c.oid = polrelid
   WHERE relnamespace = $1
   UNION ALL
  SELECT 'comment on ' || rulename, format('COMMENT ON RULE %I ON %I IS %L', rulename, relname, description)
    FROM pg_description JOIN pg_rewrite r ON r.oid = objoid AND classoid = 'pg_rewrite'::regclass JOIN pg_class c ON c.oid = ev_class
   WHERE relnamespace = $1
   UNION ALL
  SELECT 'comment on ' || conname, format('COMMENT ON CONSTRAINT %I ON DOMAIN %I IS %L', conname, typname, description)
    FROM pg_description JOIN pg_constraint k ON k.oid = objoid AND classoid = 'pg_constraint'::regclass JOIN pg_type t ON t.oid = contypid
   WHERE typnamespace = $1
   UNION ALL
  SELECT 'comment on ' || stxname, format('COMMENT ON STATISTICS %I IS %L', stxname, description)
    FROM pg_description JOIN pg_statistic_ext s ON s.oid = objoid AND classoid = 'pg_statistic_ext'::regclass WHERE stxnamespace = $1`;

/** Last: from here on, the objects may be out of reach for the user of the connection. */
const owners = `
  SELECT 'owner of ' || relname AS what, format('ALTER TABLE %I OWNER TO %I', relname, pg_get_userbyid(relowner)) AS sql
    FROM pg_class c WHERE relnamespace = $1 AND relkind IN ('r', 'p', 'v', 'm', 'S') AND pg_get_userbyid(relowner) <> current_user
     AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype IN ('a', 'i') AND relkind = 'S')
   UNION ALL
  SELECT 'owner of ' || proname, format('ALTER ROUTINE %s OWNER TO %I', oid::regprocedure, pg_get_userbyid(proowner))
    FROM pg_proc WHERE pronamespace = $1 AND prokind IN ('f', 'p') AND pg_get_userbyid(proowner) <> current_user
   UNION ALL
  SELECT 'owner of ' || typname, format('ALTER TYPE %I OWNER TO %I', typname, pg_get_userbyid(typowner))
    FROM pg_type t WHERE typnamespace = $1 AND pg_get_userbyid(typowner) <> current_user
     AND (typtype IN ('e', 'd', 'r') OR typtype = 'c' AND (SELECT relkind FROM pg_class WHERE oid = typrelid) = 'c')
   UNION ALL
  SELECT 'owner of ' || stxname, format('ALTER STATISTICS %I OWNER TO %I', stxname, pg_get_userbyid(stxowner))
    FROM pg_statistic_ext WHERE stxnamespace = $1 AND pg_get_userbyid(stxowner) <> current_user`;

/**
 * Privileges that one schema's objects have and the other's lack, as statements; `$1` is the model, `$2` the copy. What
 * default privileges gave to the copy alone is taken away.
 */
export const privilegeDifferences = `
  WITH acls AS (
    SELECT relnamespace AS namespace, format('%s %I', CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, relname) AS object, '' AS columns,
           coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner)) AS acl
      FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S')
    UNION ALL
    SELECT relnamespace, format('TABLE %I', relname), format(' (%I)', attname), attacl FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE attacl IS NOT NULL
    UNION ALL
    SELECT pronamespace, format('ROUTINE %I(%s)', proname,
             (SELECT string_agg(CASE WHEN typnamespace = pronamespace THEN quote_ident(typname) ELSE format_type(t.oid, NULL) END, ', ' ORDER BY at)
                FROM unnest(proargtypes::oid[]) WITH ORDINALITY a (type, at) JOIN pg_type t ON t.oid = type)), '', coalesce(proacl, acldefault('f', proowner))
      FROM pg_proc WHERE prokind IN ('f', 'p')
    UNION ALL
    SELECT typnamespace, format('TYPE %I', typname), '', coalesce(typacl, acldefault('T', typowner))
      FROM pg_type WHERE typtype IN ('e', 'd', 'r') OR typtype = 'c' AND (SELECT relkind FROM pg_class WHERE oid = typrelid) = 'c'
  ), granted AS (
    SELECT namespace, object, columns, privilege_type AS privilege, is_grantable AS grantable,
           CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS grantee
      FROM acls, aclexplode(acl) WHERE namespace IN ($1, $2)
  ), model AS (SELECT object, columns, privilege, grantable, grantee FROM granted WHERE namespace = $1),
     copy AS (SELECT object, columns, privilege, grantable, grantee FROM granted WHERE namespace = $2)
  SELECT format('REVOKE %s%s ON %s FROM %s', privilege, columns, object, grantee) AS sql FROM (SELECT * FROM copy EXCEPT SELECT * FROM model) gone
  UNION ALL
  SELECT format('GRANT %s%s ON %s TO %s%s', privilege, columns, object, grantee, CASE WHEN grantable THEN ' WITH GRANT OPTION' END)
    FROM (SELECT * FROM model EXCEPT SELECT * FROM copy) lacking
  ORDER BY 1 DESC`;
