import type { CatalogObject } from '../engine.ts';
import { scope, wholeDatabase } from './catalog-scope.ts';
import type { Session } from './connection.ts';

/** All that is neither table nor view, each with the text that tells two of them apart. */
export async function readObjects(
  session: Session,
  place: readonly (string | null)[],
): Promise<CatalogObject[]> {
  const rows = await session.rows(
    `${scope}${things}
    SELECT kind, name, coalesce(definition, '') AS definition FROM (
      ${[...ofSchemas, ...ofTables, ...ofDatabase, ...ofAll].join('\n      UNION ALL ')}
    ) AS found (kind, name, definition) ORDER BY kind COLLATE "C", name COLLATE "C", definition COLLATE "C"`,
    place,
  );
  return rows.map(({ kind, name, definition }) => ({
    kind: String(kind),
    name: String(name),
    definition: String(definition),
  }));
}

/**
 * What can have an owner, grants or a comment. `acl` is NULL where nothing was granted or revoked yet: then the
 * defaults hold, which `acl_kind` names.
 */
const things = `,
  thing (class, id, kind, name, owner, acl, acl_kind) AS MATERIALIZED (
    SELECT 'pg_namespace'::regclass, oid, 'schema', name, nspowner, nspacl, 'n' FROM space
    UNION ALL SELECT 'pg_class'::regclass, oid, kind, full_name, relowner, relacl,
      CASE relkind WHEN 'S' THEN 's' ELSE 'r' END FROM relation
    UNION ALL SELECT 'pg_proc'::regclass, oid, kind, full_name, proowner, proacl, 'f' FROM routine
    UNION ALL SELECT 'pg_type'::regclass, oid, 'type', full_name, typowner, typacl, 'T' FROM own_type
    UNION ALL SELECT 'pg_class'::regclass, c.oid, 'index', relation.schema || '.' || c.relname, NULL, NULL, NULL
      FROM pg_index JOIN relation ON relation.oid = indrelid JOIN pg_class c ON c.oid = indexrelid
    UNION ALL SELECT 'pg_constraint'::regclass, k.oid, 'constraint', full_name || '.' || conname, NULL, NULL, NULL
      FROM pg_constraint k JOIN relation ON relation.oid = conrelid
    UNION ALL SELECT 'pg_trigger'::regclass, t.oid, 'trigger', full_name || '.' || tgname, NULL, NULL, NULL
      FROM pg_trigger t JOIN relation ON relation.oid = tgrelid WHERE NOT tgisinternal
    UNION ALL SELECT 'pg_policy'::regclass, p.oid, 'policy', full_name || '.' || polname, NULL, NULL, NULL
      FROM pg_policy p JOIN relation ON relation.oid = polrelid
    UNION ALL SELECT 'pg_rewrite'::regclass, r.oid, 'rule', full_name || '.' || rulename, NULL, NULL, NULL
      FROM pg_rewrite r JOIN relation ON relation.oid = ev_class WHERE rulename <> '_RETURN'
    UNION ALL SELECT 'pg_constraint'::regclass, k.oid, 'constraint', full_name || '.' || conname, NULL, NULL, NULL
      FROM pg_constraint k JOIN own_type ON own_type.oid = contypid
    UNION ALL SELECT 'pg_statistic_ext'::regclass, s.oid, 'statistics', space.name || '.' || stxname, stxowner, NULL, NULL
      FROM pg_statistic_ext s JOIN space ON space.oid = stxnamespace
    UNION ALL SELECT 'pg_collation'::regclass, c.oid, 'collation', space.name || '.' || collname, collowner, NULL, NULL
      FROM pg_collation c JOIN space ON space.oid = collnamespace
    UNION ALL SELECT 'pg_extension'::regclass, oid, 'extension', extname, extowner, NULL, NULL
      FROM pg_extension WHERE ${wholeDatabase}
    UNION ALL SELECT 'pg_publication'::regclass, oid, 'publication', pubname, pubowner, NULL, NULL
      FROM pg_publication WHERE ${wholeDatabase}
    UNION ALL SELECT 'pg_event_trigger'::regclass, oid, 'event trigger', evtname, evtowner, NULL, NULL
      FROM pg_event_trigger WHERE ${wholeDatabase}
    UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, 'foreign data wrapper', fdwname, fdwowner, fdwacl, 'F'
      FROM pg_foreign_data_wrapper WHERE ${wholeDatabase}
    UNION ALL SELECT 'pg_foreign_server'::regclass, oid, 'foreign server', srvname, srvowner, srvacl, 'S'
      FROM pg_foreign_server WHERE ${wholeDatabase}
    UNION ALL SELECT 'pg_language'::regclass, oid, 'language', lanname, lanowner, lanacl, 'l'
      FROM pg_language WHERE ${wholeDatabase} AND lanispl),
  acl_text AS MATERIALIZED (
    SELECT acl::text AS acl, coalesce(string_agg(who || ': ' || privileges, '; ' ORDER BY who COLLATE "C"), 'nobody') AS text
    FROM (SELECT DISTINCT acl FROM (
        SELECT acl FROM thing UNION ALL SELECT acldefault(acl_kind::"char", owner) FROM thing WHERE acl IS NOT NULL
        UNION ALL SELECT attacl FROM pg_attribute WHERE attacl IS NOT NULL
        UNION ALL SELECT defaclacl FROM pg_default_acl) AS every) AS one LEFT JOIN LATERAL (
      SELECT coalesce(rolname::text, 'PUBLIC') AS who, string_agg(
        privilege_type || CASE WHEN is_grantable THEN ' with grant option' ELSE '' END, ', ' ORDER BY privilege_type) AS privileges
      FROM aclexplode(acl) LEFT JOIN pg_roles ON pg_roles.oid = grantee GROUP BY 1) AS by_role ON true
    WHERE acl IS NOT NULL GROUP BY acl::text)`;

const ofSchemas = [
  `SELECT 'schema', name, '' FROM space`,
  `SELECT 'sequence', relation.full_name, concat_ws(' ', 'AS', format_type(seqtypid, NULL), 'INCREMENT', seqincrement,
        'MINVALUE', seqmin, 'MAXVALUE', seqmax, 'START', seqstart, 'CACHE', seqcache, CASE WHEN seqcycle THEN 'CYCLE' END,
        CASE d.deptype WHEN 'i' THEN 'IDENTITY OF ' ELSE 'OWNED BY ' END || owner.full_name || '.' || attname)
        FROM relation JOIN pg_sequence ON seqrelid = relation.oid
        LEFT JOIN pg_depend d ON classid = 'pg_class'::regclass AND objid = relation.oid AND refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
        LEFT JOIN relation owner ON owner.oid = refobjid LEFT JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid`,
  `SELECT kind, full_name, CASE WHEN prokind = 'a' THEN (SELECT concat_ws(' ', 'STYPE', format_type(aggtranstype, NULL),
          'SFUNC', aggtransfn::oid::regprocedure, 'FINALFUNC ' || nullif(aggfinalfn::oid, 0)::regprocedure::text,
          'COMBINEFUNC ' || nullif(aggcombinefn::oid, 0)::regprocedure::text, 'MSFUNC ' || nullif(aggmtransfn::oid, 0)::regprocedure::text,
          'MFINALFUNC ' || nullif(aggmfinalfn::oid, 0)::regprocedure::text, 'SORTOP ' || nullif(aggsortop, 0)::regoperator::text,
          'KIND', aggkind, 'INITCOND ' || agginitval, 'MINITCOND ' || aggminitval, 'PARALLEL', proparallel)
          FROM pg_aggregate WHERE aggfnoid = routine.oid) ELSE pg_get_functiondef(oid) END FROM routine`,
  `SELECT 'type', full_name, CASE typtype
          WHEN 'e' THEN (SELECT 'ENUM (' || string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) || ')' FROM pg_enum WHERE enumtypid = t.oid)
          WHEN 'c' THEN (SELECT 'COMPOSITE (' || string_agg(concat_ws(' ', quote_ident(attname), format_type(atttypid, atttypmod)), ', ' ORDER BY attnum) || ')'
            FROM pg_attribute WHERE attrelid = typrelid AND attnum > 0 AND NOT attisdropped)
          WHEN 'd' THEN concat_ws(' ', 'DOMAIN', format_type(typbasetype, typtypmod), CASE WHEN typnotnull THEN 'NOT NULL' END, 'DEFAULT ' || typdefault)
          WHEN 'r' THEN (SELECT concat_ws(' ', 'RANGE OF', format_type(rngsubtype, NULL), 'CANONICAL ' || nullif(rngcanonical::oid, 0)::regprocedure::text,
            'DIFF ' || nullif(rngsubdiff::oid, 0)::regprocedure::text) FROM pg_range WHERE rngtypid = t.oid)
          ELSE concat_ws(' ', 'BASE', typinput::oid::regprocedure, typoutput::oid::regprocedure, typlen, typalign, typstorage) END
        FROM own_type t`,
  `SELECT 'constraint', full_name || '.' || conname, pg_get_constraintdef(k.oid, true)
        FROM pg_constraint k JOIN own_type ON own_type.oid = contypid WHERE contype <> 'n'`,
  `SELECT 'collation', space.name || '.' || collname, concat_ws(' ', collprovider, collcollate, collctype,
          CASE WHEN NOT collisdeterministic THEN 'not deterministic' END, collversion)
        FROM pg_collation c JOIN space ON space.oid = collnamespace
        WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_collation'::regclass AND objid = c.oid)`,
  `SELECT 'operator', space.name || '.' || oprname || '(' || concat_ws(', ', format_type(nullif(oprleft, 0), NULL), format_type(oprright, NULL)) || ')', concat_ws(' ', oprcode::oid::regprocedure, nullif(oprrest::oid, 0)::regproc, nullif(oprjoin::oid, 0)::regproc)
        FROM pg_operator o JOIN space ON space.oid = oprnamespace
        WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_operator'::regclass AND objid = o.oid)`,
  `SELECT 'operator class', space.name || '.' || opcname || ' using ' || amname, format_type(opcintype, NULL) || CASE WHEN opcdefault THEN ' DEFAULT' ELSE '' END
        FROM pg_opclass o JOIN space ON space.oid = opcnamespace JOIN pg_am ON pg_am.oid = opcmethod
        WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_opclass'::regclass AND objid = o.oid)`,
  `SELECT 'text search configuration', space.name || '.' || cfgname, (SELECT string_agg(maptokentype || ' ' || mapdict::regdictionary, ', ' ORDER BY maptokentype, mapseqno)
          FROM pg_ts_config_map WHERE mapcfg = c.oid)
        FROM pg_ts_config c JOIN space ON space.oid = cfgnamespace
        WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_ts_config'::regclass AND objid = c.oid)`,
  `SELECT 'text search dictionary', space.name || '.' || dictname, dictinitoption FROM pg_ts_dict d JOIN space ON space.oid = dictnamespace
        WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_ts_dict'::regclass AND objid = d.oid)`,
];

const ofTables = [
  `SELECT 'partition', full_name, 'OF ' || (SELECT parent.full_name FROM pg_inherits JOIN relation parent ON parent.oid = inhparent WHERE inhrelid = relation.oid)
          || ' ' || pg_get_expr(relpartbound, oid) FROM relation WHERE relispartition`,
  `SELECT 'storage', full_name, text FROM relation, LATERAL (SELECT concat_ws(', ',
          CASE relpersistence WHEN 'u' THEN 'UNLOGGED' END,
          'PARTITION BY ' || pg_get_partkeydef(oid),
          (SELECT 'INHERITS ' || string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno) FROM pg_inherits WHERE inhrelid = relation.oid AND NOT relispartition),
          CASE relreplident WHEN 'f' THEN 'REPLICA IDENTITY FULL' WHEN 'n' THEN CASE WHEN relkind IN ('r', 'p') THEN 'REPLICA IDENTITY NOTHING' END
            WHEN 'i' THEN 'REPLICA IDENTITY INDEX ' || (SELECT relname FROM pg_index JOIN pg_class i ON i.oid = indexrelid WHERE indrelid = relation.oid AND indisreplident) END,
          (SELECT 'USING ' || amname FROM pg_am WHERE pg_am.oid = relam AND amname <> 'heap'),
          (SELECT 'TABLESPACE ' || spcname FROM pg_tablespace WHERE pg_tablespace.oid = reltablespace),
          (SELECT string_agg(option, ', ' ORDER BY option) FROM unnest(reloptions) AS option)) AS text) AS told WHERE text <> ''`,
  `SELECT 'column storage', full_name || '.' || attname, concat_ws(', ',
          CASE WHEN attstattarget > 0 THEN 'STATISTICS ' || attstattarget END, array_to_string(attoptions, ', '),
          CASE WHEN attstorage <> typstorage THEN 'STORAGE ' || attstorage::text END, CASE WHEN attcompression <> '' THEN 'COMPRESSION ' || attcompression::text END)
        FROM relation JOIN pg_attribute ON attrelid = relation.oid JOIN pg_type ON pg_type.oid = atttypid
        WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p', 'm')
          AND (attstattarget > 0 OR attoptions IS NOT NULL OR attstorage <> typstorage OR attcompression <> '')`,
  `SELECT 'collation', full_name || '.' || attname, quote_ident(collname) FROM relation JOIN pg_attribute ON attrelid = relation.oid
        JOIN pg_type ON pg_type.oid = atttypid JOIN pg_collation ON pg_collation.oid = attcollation
        WHERE attnum > 0 AND NOT attisdropped AND attcollation <> typcollation AND relkind IN ('r', 'p', 'f')`,
  `SELECT 'populated', full_name, CASE WHEN relispopulated THEN 'yes' ELSE 'no' END FROM relation WHERE relkind = 'm'`,
  `SELECT 'index', relation.schema || '.' || c.relname, concat_ws(' ', pg_get_indexdef(indexrelid, 0, true),
          CASE WHEN NOT indisvalid THEN 'INVALID' END, CASE WHEN indisclustered THEN 'CLUSTERED' END,
          (SELECT 'TABLESPACE ' || spcname FROM pg_tablespace WHERE pg_tablespace.oid = c.reltablespace))
        FROM pg_index JOIN relation ON relation.oid = indrelid JOIN pg_class c ON c.oid = indexrelid`,
  `SELECT 'constraint', full_name || '.' || conname, pg_get_constraintdef(k.oid, true)
        FROM pg_constraint k JOIN relation ON relation.oid = conrelid WHERE contype NOT IN ('n', 't')`,
  `SELECT 'constraint', full_name || '.' || attname || ' NOT NULL', '' FROM relation JOIN pg_attribute ON attrelid = relation.oid
        WHERE attnum > 0 AND NOT attisdropped AND attnotnull AND relkind IN ('r', 'p', 'f')`,
  `SELECT CASE attgenerated WHEN '' THEN 'default' ELSE 'generated column' END, full_name || '.' || attname,
          pg_get_expr(adbin, adrelid) || CASE attgenerated WHEN 's' THEN ' STORED' WHEN 'v' THEN ' VIRTUAL' ELSE '' END
        FROM relation JOIN pg_attrdef ON adrelid = relation.oid JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum`,
  `SELECT 'identity column', full_name || '.' || attname, CASE attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END
        FROM relation JOIN pg_attribute ON attrelid = relation.oid WHERE attidentity <> '' AND NOT attisdropped`,
  `SELECT 'trigger', full_name || '.' || tgname, pg_get_triggerdef(t.oid, true) || CASE tgenabled
          WHEN 'D' THEN ' DISABLED' WHEN 'R' THEN ' ENABLED REPLICA' WHEN 'A' THEN ' ENABLED ALWAYS' ELSE '' END
        FROM pg_trigger t JOIN relation ON relation.oid = tgrelid WHERE NOT tgisinternal`,
  `SELECT 'rule', full_name || '.' || rulename, pg_get_ruledef(r.oid, true) || CASE ev_enabled
          WHEN 'D' THEN ' DISABLED' WHEN 'R' THEN ' ENABLED REPLICA' WHEN 'A' THEN ' ENABLED ALWAYS' ELSE '' END
        FROM pg_rewrite r JOIN relation ON relation.oid = ev_class WHERE rulename <> '_RETURN'`,
  `SELECT 'row-level security', full_name, CASE WHEN relforcerowsecurity THEN 'enabled, forced' ELSE 'enabled' END
        FROM relation WHERE relrowsecurity
      UNION ALL SELECT 'row-level security', full_name, 'forced, not enabled' FROM relation WHERE relforcerowsecurity AND NOT relrowsecurity`,
  `SELECT 'policy', full_name || '.' || polname, concat_ws(' ', CASE WHEN polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
          'FOR', CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
          'TO', (SELECT string_agg(coalesce(rolname::text, 'PUBLIC'), ', ' ORDER BY rolname) FROM unnest(polroles) AS role LEFT JOIN pg_roles ON pg_roles.oid = role),
          'USING (' || pg_get_expr(polqual, polrelid) || ')', 'WITH CHECK (' || pg_get_expr(polwithcheck, polrelid) || ')')
        FROM pg_policy JOIN relation ON relation.oid = polrelid`,
  `SELECT 'statistics', space.name || '.' || stxname, concat_ws(' ', array_to_string(stxkind, ''), 'ON', coalesce(pg_get_statisticsobjdef_columns(s.oid), ''),
          'FROM', full_name, 'STATISTICS ' || nullif(stxstattarget, -1)) FROM pg_statistic_ext s JOIN space ON space.oid = stxnamespace JOIN relation ON relation.oid = stxrelid`,
];

const ofDatabase = [
  `SELECT 'extension', extname, concat_ws(' ', 'version', extversion, 'schema', nspname) FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE ${wholeDatabase}`,
  `SELECT 'publication', pubname, concat_ws(' ', CASE WHEN puballtables THEN 'ALL TABLES' END,
          CASE WHEN pubinsert THEN 'insert' END, CASE WHEN pubupdate THEN 'update' END, CASE WHEN pubdelete THEN 'delete' END, CASE WHEN pubtruncate THEN 'truncate' END,
          CASE WHEN pubviaroot THEN 'via root' END,
          'generated columns ' || nullif(to_jsonb(p) ->> 'pubgencols', 'n'),
          (SELECT 'TABLES ' || string_agg(relation.full_name || coalesce(' (' || prattrs::text || ')', '') || coalesce(' WHERE ' || pg_get_expr(prqual, prrelid), ''), ', ' ORDER BY relation.full_name)
            FROM pg_publication_rel JOIN relation ON relation.oid = prrelid WHERE prpubid = p.oid),
          (SELECT 'SCHEMAS ' || string_agg(nspname, ', ' ORDER BY nspname) FROM pg_publication_namespace JOIN pg_namespace n ON n.oid = pnnspid WHERE pnpubid = p.oid))
        FROM pg_publication p WHERE ${wholeDatabase}`,
  `SELECT 'event trigger', evtname, concat_ws(' ', 'ON', evtevent, 'EXECUTE', evtfoid::regprocedure, array_to_string(evttags, ', '), 'state', evtenabled) FROM pg_event_trigger e
        WHERE ${wholeDatabase} AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_event_trigger'::regclass AND objid = e.oid)`,
  `SELECT 'foreign data wrapper', fdwname, concat_ws(' ', nullif(fdwhandler, 0)::regproc, nullif(fdwvalidator, 0)::regproc) FROM pg_foreign_data_wrapper f
        WHERE ${wholeDatabase} AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_foreign_data_wrapper'::regclass AND objid = f.oid)`,
  `SELECT 'foreign server', srvname, concat_ws(' ', 'USING', fdwname, srvtype, srvversion, (SELECT string_agg(option, ', ' ORDER BY option) FROM unnest(srvoptions) AS option WHERE option !~* '^pass'))
        FROM pg_foreign_server JOIN pg_foreign_data_wrapper f ON f.oid = srvfdw WHERE ${wholeDatabase}`,
  `SELECT 'user mapping', srvname || ' for ' || usename, 'there' FROM pg_user_mappings WHERE ${wholeDatabase}`,
  `SELECT 'cast', format_type(castsource, NULL) || ' as ' || format_type(casttarget, NULL), concat_ws(' ', castcontext, castmethod, nullif(castfunc, 0)::regprocedure) FROM pg_cast c
        WHERE ${wholeDatabase} AND c.oid >= 16384 AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_cast'::regclass AND objid = c.oid)`,
  `SELECT 'language', lanname, '' FROM pg_language l WHERE ${wholeDatabase} AND l.oid >= 16384
        AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_language'::regclass AND objid = l.oid)`,
  `SELECT 'large objects', 'number', count(*)::text FROM pg_largeobject_metadata WHERE ${wholeDatabase} HAVING count(*) > 0`,
];

const isMember = 'EXISTS (SELECT FROM member WHERE classid = class AND objid = id)';

const ofAll = [
  `SELECT 'owner', kind || ' ' || name, rolname FROM thing JOIN pg_roles ON pg_roles.oid = owner
        WHERE NOT ${isMember} AND (id >= 16384 OR kind = 'schema')`,
  `SELECT 'grants', kind || ' ' || name, granted.text FROM thing JOIN acl_text granted ON granted.acl = thing.acl::text
        LEFT JOIN acl_text usual ON usual.acl = acldefault(acl_kind::"char", owner)::text
        WHERE granted.text IS DISTINCT FROM usual.text AND NOT ${isMember}`,
  `SELECT 'grants', 'column ' || full_name || '.' || attname, granted.text FROM relation JOIN pg_attribute ON attrelid = relation.oid
        JOIN acl_text granted ON granted.acl = attacl::text WHERE NOT attisdropped`,
  `SELECT 'default privileges', concat_ws(' ', 'of', rolname, 'in ' || space.name, 'on', CASE defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences'
          WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE 'large objects' END), granted.text
        FROM pg_default_acl JOIN pg_roles ON pg_roles.oid = defaclrole LEFT JOIN space ON space.oid = defaclnamespace
        JOIN acl_text granted ON granted.acl = defaclacl::text
        WHERE space.oid IS NOT NULL OR (${wholeDatabase} AND defaclnamespace = 0)`,
  `SELECT 'comment', kind || ' ' || name, description FROM thing JOIN pg_description ON classoid = class AND objoid = id AND objsubid = 0
        WHERE NOT ${isMember} AND (id >= 16384 OR kind = 'schema')`,
  `SELECT 'comment', 'column ' || full_name || '.' || attname, description FROM relation JOIN pg_description ON classoid = 'pg_class'::regclass AND objoid = relation.oid
        JOIN pg_attribute ON attrelid = relation.oid AND attnum = objsubid`,
  `SELECT 'security label', kind || ' ' || name || ' by ' || provider, label FROM thing JOIN pg_seclabel ON classoid = class AND objoid = id AND objsubid = 0`,
];
