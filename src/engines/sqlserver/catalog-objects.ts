import type { CatalogObject } from '../engine.ts';
import type { Session } from './connection.ts';
import { numberBehind } from './errors.ts';

/**
 * Everything of a database that is no table and no view: each statement gives kind, name and what it says. Identifiers
 * of the server (object_id, SIDs, dates) are left out: they differ in a copy that is the same. What the catalog calls
 * by words (`..._desc`) has a collation of its own, and cannot be joined with names without saying which one is meant.
 */
export async function readObjects(session: Session): Promise<CatalogObject[]> {
  const objects: CatalogObject[] = [];
  for (const { sql, optional = false } of statements) {
    try {
      const rows = await session.rows(sql);
      for (const { kind, name, definition } of rows) {
        objects.push({
          kind: String(kind),
          name: String(name),
          definition: definition === null ? '' : String(definition),
        });
      }
    } catch (error) {
      // Versions and kinds of server that have no such thing, or do not show it.
      if (
        !optional ||
        ![207, 208, 229, 262, 297, 300, 371, 40515].includes(numberBehind(error) ?? 0)
      )
        throw error;
    }
  }
  return numbered(objects);
}

interface Statement {
  readonly sql: string;
  /** Some versions of the server have no such thing. */
  readonly optional?: boolean;
}

/** Two of one kind and name are told apart by a number: an extended property of a parameter, a permission by two grantors. */
function numbered(objects: readonly CatalogObject[]): CatalogObject[] {
  const seen = new Map<string, number>();
  const ordered = [...objects].sort(
    (a, b) => order(a.kind, b.kind) || order(a.name, b.name) || order(a.definition, b.definition),
  );
  return ordered.map((object) => {
    const key = `${object.kind} ${object.name}`;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return count === 1 ? object : { ...object, name: `${object.name} (${count})` };
  });
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const name = (schema: string, object: string) => `${schema} + N'.' + ${object}`;
const tableOf = (id: string) => `OBJECT_SCHEMA_NAME(${id}) + N'.' + OBJECT_NAME(${id})`;
const flag = (column: string, word: string) =>
  `CASE WHEN ${column} = 1 THEN N' ${word}' ELSE N'' END`;
const own = 'o.is_ms_shipped = 0';

/** Columns of an index or key in their order, as one text. */
const indexColumns = (
  isIncluded: 0 | 1,
) => `COALESCE(STUFF((SELECT N', ' + c.name + CASE WHEN k.is_descending_key = 1 THEN N' DESC' ELSE N'' END
     FROM sys.index_columns AS k JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id
    WHERE k.object_id = i.object_id AND k.index_id = i.index_id AND k.is_included_column = ${isIncluded}
    ORDER BY k.key_ordinal, k.index_column_id FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), 1, 2, N''), N'')`;

const foreignColumns = (side: 'parent' | 'referenced') => `STUFF((SELECT N', ' + c.name
     FROM sys.foreign_key_columns AS k
     JOIN sys.columns AS c ON c.object_id = k.${side}_object_id AND c.column_id = k.${side}_column_id
    WHERE k.constraint_object_id = f.object_id ORDER BY k.constraint_column_id
      FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), 1, 2, N'')`;

const statements: readonly Statement[] = [
  {
    sql: `SELECT N'schema' AS kind, s.name AS name, N'owner ' + USER_NAME(s.principal_id) AS definition
            FROM sys.schemas AS s WHERE s.schema_id < 16384 AND s.name NOT IN (N'sys', N'INFORMATION_SCHEMA', N'guest')`,
  },
  {
    sql: `SELECT N'type' AS kind, ${name('SCHEMA_NAME(t.schema_id)', 't.name')} AS name,
                 CASE WHEN t.is_table_type = 1 THEN N'table' WHEN t.is_assembly_type = 1 THEN N'assembly'
                   ELSE TYPE_NAME(t.system_type_id) + N' ' + CONVERT(nvarchar(10), t.max_length) + N' ' + CONVERT(nvarchar(10), t.precision)
                     + N' ' + CONVERT(nvarchar(10), t.scale) END + ${flag('t.is_nullable', 'NULL')} AS definition
            FROM sys.types AS t WHERE t.is_user_defined = 1`,
  },
  {
    // What the list of a table's columns does not say.
    sql: `SELECT N'column' AS kind, ${tableOf('c.object_id')} + N'.' + c.name AS name,
                 CASE WHEN c.is_nullable = 1 THEN N'NULL' ELSE N'NOT NULL' END + COALESCE(N' COLLATE ' + c.collation_name COLLATE DATABASE_DEFAULT, N'')
                   + ${flag('c.is_identity', 'IDENTITY')} + COALESCE(N' SEED ' + CONVERT(nvarchar(50), i.seed_value) + N' BY ' + CONVERT(nvarchar(50), i.increment_value), N'')
                   + COALESCE(N' AS ' + m.definition, N'') + ${flag('m.is_persisted', 'PERSISTED')}
                   + ${flag('c.is_sparse', 'SPARSE')} + ${flag('c.is_rowguidcol', 'ROWGUIDCOL')} + ${flag('c.is_column_set', 'COLUMN_SET')}
                   + ${flag('c.is_hidden', 'HIDDEN')} + CASE c.generated_always_type WHEN 0 THEN N'' ELSE N' ' + c.generated_always_type_desc COLLATE DATABASE_DEFAULT END
                   + COALESCE(N' MASKED ' + k.masking_function, N'')
                   + COALESCE(N' ENCRYPTED ' + c.encryption_type_desc COLLATE DATABASE_DEFAULT, N'') AS definition
            FROM sys.columns AS c JOIN sys.objects AS o ON o.object_id = c.object_id
            LEFT JOIN sys.identity_columns AS i ON i.object_id = c.object_id AND i.column_id = c.column_id
            LEFT JOIN sys.computed_columns AS m ON m.object_id = c.object_id AND m.column_id = c.column_id
            LEFT JOIN sys.masked_columns AS k ON k.object_id = c.object_id AND k.column_id = c.column_id
           WHERE o.type = 'U' AND ${own}`,
  },
  {
    sql: `SELECT N'table option' AS kind, ${tableOf('t.object_id')} AS name,
                 t.temporal_type_desc COLLATE DATABASE_DEFAULT + COALESCE(N' history ' + ${tableOf('t.history_table_id')}, N'') + ${flag('t.is_memory_optimized', 'MEMORY_OPTIMIZED')}
                   + N' lock escalation ' + t.lock_escalation_desc COLLATE DATABASE_DEFAULT + ${flag('t.is_external', 'EXTERNAL')} + ${flag('t.is_filetable', 'FILETABLE')}
                   + ${flag('t.is_replicated', 'REPLICATED')} + ${flag('t.is_tracked_by_cdc', 'CDC')} AS definition
            FROM sys.tables AS t WHERE t.is_ms_shipped = 0`,
  },
  {
    sql: `SELECT N'default' AS kind, ${tableOf('d.parent_object_id')} + N'.' + COL_NAME(d.parent_object_id, d.parent_column_id) AS name,
                 d.definition + CASE WHEN d.is_system_named = 1 THEN N'' ELSE N' as ' + d.name END AS definition
            FROM sys.default_constraints AS d JOIN sys.objects AS o ON o.object_id = d.parent_object_id WHERE ${own}`,
  },
  {
    sql: `SELECT N'check' AS kind, ${tableOf('k.parent_object_id')} + N'.' + CASE WHEN k.is_system_named = 1 THEN k.definition ELSE k.name END AS name,
                 k.definition + ${flag('k.is_disabled', 'DISABLED')} + ${flag('k.is_not_trusted', 'NOT TRUSTED')} AS definition
            FROM sys.check_constraints AS k JOIN sys.objects AS o ON o.object_id = k.parent_object_id WHERE ${own}`,
  },
  {
    sql: `SELECT N'foreign key' AS kind, ${tableOf('f.parent_object_id')} + N'.' + CASE WHEN f.is_system_named = 1 THEN ${foreignColumns('parent')} ELSE f.name END AS name,
                 ${foreignColumns('parent')} + N' -> ' + ${tableOf('f.referenced_object_id')} + N' (' + ${foreignColumns('referenced')} + N')'
                   + N' ON DELETE ' + f.delete_referential_action_desc COLLATE DATABASE_DEFAULT + N' ON UPDATE ' + f.update_referential_action_desc COLLATE DATABASE_DEFAULT
                   + ${flag('f.is_disabled', 'DISABLED')} + ${flag('f.is_not_trusted', 'NOT TRUSTED')} AS definition
            FROM sys.foreign_keys AS f JOIN sys.objects AS o ON o.object_id = f.parent_object_id WHERE ${own}`,
  },
  {
    sql: `SELECT CASE WHEN i.is_primary_key = 1 THEN N'primary key' WHEN i.is_unique_constraint = 1 THEN N'unique' ELSE N'index' END AS kind,
                 ${tableOf('i.object_id')} + N'.' + CASE WHEN k.is_system_named = 1 THEN ${indexColumns(0)} ELSE i.name END AS name,
                 i.type_desc COLLATE DATABASE_DEFAULT + ${flag('i.is_unique', 'UNIQUE')} + N' (' + ${indexColumns(0)} + N')' + COALESCE(N' INCLUDE (' + NULLIF(${indexColumns(1)}, N'') + N')', N'')
                   + COALESCE(N' WHERE ' + i.filter_definition, N'') + ${flag('i.is_disabled', 'DISABLED')} + ${flag('i.ignore_dup_key', 'IGNORE_DUP_KEY')}
                   + COALESCE(N' ON ' + d.name, N'') AS definition
            FROM sys.indexes AS i JOIN sys.objects AS o ON o.object_id = i.object_id
            LEFT JOIN sys.key_constraints AS k ON k.parent_object_id = i.object_id AND k.unique_index_id = i.index_id
            LEFT JOIN sys.data_spaces AS d ON d.data_space_id = i.data_space_id
           WHERE o.type IN ('U', 'V') AND ${own} AND i.type > 0 AND i.is_hypothetical = 0`,
  },
  {
    sql: `SELECT N'statistics' AS kind, ${tableOf('s.object_id')} + N'.' + s.name AS name,
                 COALESCE(s.filter_definition, N'') + ${flag('s.no_recompute', 'NORECOMPUTE')} AS definition
            FROM sys.stats AS s JOIN sys.objects AS o ON o.object_id = s.object_id
           WHERE s.user_created = 1 AND o.type IN ('U', 'V') AND ${own}`,
  },
  {
    sql: `SELECT CASE o.type WHEN 'P' THEN N'procedure' WHEN 'TR' THEN N'trigger' WHEN 'R' THEN N'rule' WHEN 'D' THEN N'default object' ELSE N'function' END AS kind,
                 ${name('SCHEMA_NAME(o.schema_id)', 'o.name')} AS name,
                 COALESCE(m.definition, N'encrypted') + CASE WHEN m.uses_ansi_nulls = 0 THEN N' ANSI_NULLS OFF' ELSE N'' END
                   + CASE WHEN m.uses_quoted_identifier = 0 THEN N' QUOTED_IDENTIFIER OFF' ELSE N'' END
                   + COALESCE(N' EXECUTE AS ' + USER_NAME(NULLIF(m.execute_as_principal_id, -2)), N'')
                   + CASE WHEN OBJECTPROPERTY(o.object_id, 'ExecIsTriggerDisabled') = 1 THEN N' DISABLED' ELSE N'' END AS definition
            FROM sys.sql_modules AS m JOIN sys.objects AS o ON o.object_id = m.object_id
           WHERE o.type NOT IN ('V') AND ${own}`,
  },
  {
    sql: `SELECT N'database trigger' AS kind, t.name AS name, COALESCE(m.definition, N'encrypted') + ${flag('t.is_disabled', 'DISABLED')} AS definition
            FROM sys.triggers AS t LEFT JOIN sys.sql_modules AS m ON m.object_id = t.object_id
           WHERE t.parent_class = 0 AND t.is_ms_shipped = 0`,
  },
  {
    sql: `SELECT N'synonym' AS kind, ${name('SCHEMA_NAME(y.schema_id)', 'y.name')} AS name, y.base_object_name AS definition FROM sys.synonyms AS y`,
  },
  {
    // Not how far it has come: see sequences.ts.
    sql: `SELECT N'sequence' AS kind, ${name('SCHEMA_NAME(q.schema_id)', 'q.name')} AS name,
                 TYPE_NAME(q.user_type_id) + N' START ' + CONVERT(nvarchar(50), q.start_value) + N' BY ' + CONVERT(nvarchar(50), q.increment)
                   + N' FROM ' + CONVERT(nvarchar(50), q.minimum_value) + N' TO ' + CONVERT(nvarchar(50), q.maximum_value)
                   + ${flag('q.is_cycling', 'CYCLE')} + CASE WHEN q.is_cached = 1 THEN COALESCE(N' CACHE ' + CONVERT(nvarchar(20), q.cache_size), N' CACHE') ELSE N' NO CACHE' END AS definition
            FROM sys.sequences AS q`,
  },
  {
    // A user without a login of its SID is an orphan: nobody comes in as it.
    sql: `SELECT N'user' AS kind, p.name AS name,
                 p.type_desc COLLATE DATABASE_DEFAULT + N' ' + p.authentication_type_desc COLLATE DATABASE_DEFAULT + COALESCE(N' schema ' + p.default_schema_name, N'')
                   + CASE WHEN p.authentication_type_desc = N'INSTANCE' AND SUSER_SNAME(p.sid) IS NULL THEN N' orphaned: no login has its SID'
                          WHEN p.authentication_type_desc = N'INSTANCE' THEN N' for login ' + SUSER_SNAME(p.sid) ELSE N'' END AS definition
            FROM sys.database_principals AS p WHERE p.type NOT IN ('R', 'A') AND p.principal_id > 4
          UNION ALL
          SELECT CASE p.type WHEN 'A' THEN N'application role' ELSE N'role' END, p.name, N'owner ' + COALESCE(USER_NAME(p.owning_principal_id), N'none')
            FROM sys.database_principals AS p WHERE p.type IN ('R', 'A') AND p.is_fixed_role = 0 AND p.name <> N'public'
          UNION ALL
          SELECT N'role member', USER_NAME(m.role_principal_id) + N': ' + USER_NAME(m.member_principal_id), N'member' FROM sys.database_role_members AS m`,
  },
  {
    sql: `SELECT N'permission' AS kind,
                 p.permission_name COLLATE DATABASE_DEFAULT + N' on ' + p.class_desc COLLATE DATABASE_DEFAULT + N' '
                   + COALESCE(CASE p.class WHEN 0 THEN N'' WHEN 1 THEN ${tableOf('p.major_id')} + COALESCE(N'.' + COL_NAME(p.major_id, NULLIF(p.minor_id, 0)), N'')
                       WHEN 3 THEN SCHEMA_NAME(p.major_id) WHEN 4 THEN USER_NAME(p.major_id) WHEN 6 THEN TYPE_NAME(p.major_id)
                       ELSE CONVERT(nvarchar(20), p.major_id) END, N'?') + N' to ' + USER_NAME(p.grantee_principal_id) AS name,
                 p.state_desc COLLATE DATABASE_DEFAULT + N' by ' + COALESCE(USER_NAME(p.grantor_principal_id), N'?') COLLATE DATABASE_DEFAULT AS definition
            FROM sys.database_permissions AS p WHERE p.major_id >= 0`,
  },
  {
    // Those of our own are about the release, not of the database.
    sql: `SELECT N'extended property' AS kind,
                 e.name + N' of ' + e.class_desc COLLATE DATABASE_DEFAULT + N' '
                   + COALESCE(CASE e.class WHEN 0 THEN N'' WHEN 1 THEN ${tableOf('e.major_id')} + COALESCE(N'.' + COL_NAME(e.major_id, NULLIF(e.minor_id, 0)), N'')
                       WHEN 3 THEN SCHEMA_NAME(e.major_id) WHEN 4 THEN USER_NAME(e.major_id) WHEN 6 THEN TYPE_NAME(e.major_id)
                       WHEN 7 THEN ${tableOf('e.major_id')} + N' index ' + CONVERT(nvarchar(10), e.minor_id)
                       WHEN 2 THEN ${tableOf('e.major_id')} + N' parameter ' + CONVERT(nvarchar(10), e.minor_id)
                       ELSE CONVERT(nvarchar(20), e.major_id) END, N'') AS name,
                 CONVERT(nvarchar(4000), e.value) AS definition
            FROM sys.extended_properties AS e WHERE e.name NOT LIKE N'greenlight.%' AND e.name <> N'microsoft_database_tools_support'`,
    optional: true,
  },
  {
    sql: `SELECT N'partition function' AS kind, f.name AS name,
                 f.type_desc COLLATE DATABASE_DEFAULT + ${flag('f.boundary_value_on_right', 'RIGHT')} + COALESCE((SELECT N' ' + CONVERT(nvarchar(200), v.value)
                   FROM sys.partition_range_values AS v WHERE v.function_id = f.function_id ORDER BY v.boundary_id
                   FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), N'') AS definition
            FROM sys.partition_functions AS f
          UNION ALL
          SELECT N'partition scheme', s.name, f.name FROM sys.partition_schemes AS s JOIN sys.partition_functions AS f ON f.function_id = s.function_id`,
  },
  {
    sql: `SELECT N'change tracking' AS kind, ${tableOf('c.object_id')} AS name, N'on' + ${flag('c.is_track_columns_updated_on', 'columns')} AS definition
            FROM sys.change_tracking_tables AS c`,
  },
  {
    sql: `SELECT N'security policy' AS kind, ${name('SCHEMA_NAME(p.schema_id)', 'p.name')} + N'.' + ${tableOf('r.target_object_id')} + N'.' + r.predicate_type_desc COLLATE DATABASE_DEFAULT AS name,
                 r.predicate_definition + CASE WHEN p.is_enabled = 1 THEN N'' ELSE N' DISABLED' END AS definition
            FROM sys.security_policies AS p JOIN sys.security_predicates AS r ON r.object_id = p.object_id`,
  },
  {
    sql: `SELECT N'assembly' AS kind, a.name AS name, a.clr_name + N' ' + a.permission_set_desc COLLATE DATABASE_DEFAULT AS definition
            FROM sys.assemblies AS a WHERE a.is_user_defined = 1
          UNION ALL
          SELECT N'assembly module', ${name('SCHEMA_NAME(o.schema_id)', 'o.name')}, m.assembly_class + N'.' + m.assembly_method
            FROM sys.assembly_modules AS m JOIN sys.objects AS o ON o.object_id = m.object_id`,
    optional: true,
  },
  {
    sql: `SELECT N'xml schema collection' AS kind, ${name('SCHEMA_NAME(x.schema_id)', 'x.name')} AS name,
                 COALESCE((SELECT STRING_AGG(CONVERT(nvarchar(max), COALESCE(c.name, N'-')), N' ') WITHIN GROUP (ORDER BY c.xml_component_id)
                   FROM sys.xml_schema_components AS c WHERE c.xml_collection_id = x.xml_collection_id), N'') AS definition
            FROM sys.xml_schema_collections AS x WHERE x.xml_collection_id > 1`,
    optional: true,
  },
  {
    sql: `SELECT N'fulltext catalog' AS kind, f.name AS name, CASE WHEN f.is_default = 1 THEN N'default' ELSE N'' END AS definition FROM sys.fulltext_catalogs AS f
          UNION ALL
          SELECT N'fulltext index', ${tableOf('i.object_id')}, i.change_tracking_state_desc COLLATE DATABASE_DEFAULT FROM sys.fulltext_indexes AS i`,
    optional: true,
  },
  {
    sql: `SELECT N'queue' AS kind, ${name('SCHEMA_NAME(q.schema_id)', 'q.name')} AS name,
                 COALESCE(q.activation_procedure, N'') + ${flag('q.is_activation_enabled', 'ACTIVATED')} + ${flag('q.is_receive_enabled', 'RECEIVES')} AS definition
            FROM sys.service_queues AS q WHERE q.is_ms_shipped = 0`,
    optional: true,
  },
  {
    sql: `SELECT N'scoped configuration' AS kind, c.name AS name, CONVERT(nvarchar(400), c.value) AS definition FROM sys.database_scoped_configurations AS c`,
    optional: true,
  },
  {
    // What it has been told to do, not how full it is.
    sql: `SELECT N'query store' AS kind, N'' AS name,
                 o.desired_state_desc COLLATE DATABASE_DEFAULT + N' ' + o.query_capture_mode_desc COLLATE DATABASE_DEFAULT + N', ' + CONVERT(nvarchar(20), o.max_storage_size_mb) + N' MB, '
                   + CONVERT(nvarchar(20), o.stale_query_threshold_days) + N' days' AS definition
            FROM sys.database_query_store_options AS o`,
    optional: true,
  },
  {
    sql: `SELECT N'external data source' AS kind, x.name AS name, x.location COLLATE DATABASE_DEFAULT AS definition FROM sys.external_data_sources AS x
          UNION ALL
          SELECT N'scoped credential', d.name, d.credential_identity COLLATE DATABASE_DEFAULT FROM sys.database_scoped_credentials AS d`,
    optional: true,
  },
];
