import { createHash } from 'node:crypto';
import { refuse } from './refused.ts';
import type { Double, DoubleDatabase, DoubleTable, Row, ServerSession } from './server.ts';
import { bare, type Form, unquoted } from './statements.ts';

/** A query that begins so, to its end. */
function query(begin: RegExp, run: Form['run']): Form {
  return { form: new RegExp(`${begin.source}[\\s\\S]*$`), run };
}

const known = (database: DoubleDatabase): Row => ({
  id: database.id,
  name: database.name,
  state: database.state,
  access: database.access,
  snapshot_of: database.snapshotOf?.name ?? null,
});

/** What the server shows only to those who may see the state of the server. */
function requireState(double: Double): void {
  if (double.missing.has('VIEW SERVER STATE'))
    throw refuse(
      300,
      'VIEW SERVER PERFORMANCE STATE permission was denied on object server, database master.',
      14,
    );
}

const tables = ({ database }: ServerSession) =>
  [...database.tables].sort((a, b) => (`${a.schema}.${a.name}` < `${b.schema}.${b.name}` ? -1 : 1));

const idOf = ({ schema, name }: DoubleTable) => `${schema}.${name}`;

/** Queries, each by how it begins; the answers come from what the double is made of. */
export const answers: readonly Form[] = [
  query(/SELECT @@SPID AS id, DB_NAME\(\) AS name/, (_, session) => [
    { id: session.id, name: session.database.name },
  ]),
  query(/SELECT @@TRANCOUNT AS open_transactions/, (_, session) => [
    { open_transactions: session.inTransaction ? '1' : '0' },
  ]),
  query(/SELECT 1 AS open_again/, () => []),
  query(
    /SELECT d\.database_id AS id, d\.name AS name, d\.state_desc AS state, .* FROM sys\.databases AS d WHERE d\.name = @p1/,
    (double, _, __, [name]) => {
      const found = double.find(String(name));
      if (found === null) return [];
      const row = known(found);
      if (found.state === 'COPYING') found.state = double.copying.states.shift() ?? 'ONLINE';
      return [row];
    },
  ),
  query(
    /SELECT d\.database_id AS id, .* FROM sys\.databases AS d WHERE LEFT\(d\.name, LEN\(@p1\)\) = @p1/,
    (double, _, __, [prefix]) =>
      double.databases.filter(({ name }) => name.startsWith(String(prefix))).map(known),
  ),
  query(
    /SELECT d\.database_id AS id, .* WHERE d\.source_database_id = DB_ID\(@p1\)/,
    (double, _, __, [name]) =>
      double.databases.filter(({ snapshotOf }) => snapshotOf?.name === name).map(known),
  ),
  query(/SELECT CONVERT\(int, SERVERPROPERTY\('EngineEdition'\)\) AS engine_edition/, (double) => {
    const { edition, version, backupPath } = double.options;
    const editions: Readonly<Record<number, string>> = {
      2: 'Standard Edition (64-bit)',
      3: 'Enterprise Edition (64-bit)',
      4: 'Express Edition (64-bit)',
      5: 'SQL Azure',
      8: 'SQL Azure',
    };
    return [
      {
        engine_edition: edition,
        edition: editions[edition],
        version,
        data_path: edition === 5 ? null : '/var/opt/mssql/data/',
        log_path: edition === 5 ? null : '/var/opt/mssql/data/',
        backup_path: backupPath,
      },
    ];
  }),
  query(/IF CONVERT\(int, SERVERPROPERTY\('EngineEdition'\)\) = 5 SELECT/, (_, { database }) => [
    { id: `${database.id}/${database.guid}` },
  ]),
  query(/SELECT SUSER_SNAME\(d\.owner_sid\) AS held_by/, (double, _, __, [name]) => {
    const { owner = null } = double.require(String(name)).properties;
    return [
      {
        held_by: owner,
        is_own: owner === 'release' ? 1 : 0,
        may_give: double.missing.has('IMPERSONATE') ? 0 : 1,
      },
    ];
  }),
  query(/SELECT SUSER_SNAME\(d\.owner_sid\) AS owner/, (double, _, __, [name]) => {
    const found = double.find(String(name));
    return found === null ? [] : [found.properties];
  }),
  query(/SELECT d\.is_auto_update_stats_async_on AS async/, (double, _, __, [name]) => [
    { async: double.require(String(name)).properties.auto_update_statistics_async === true },
  ]),
  // Files: one of data, one of log.
  query(/SELECT f\.file_id AS id, f\.name AS name/, (double, _, __, [name]) => {
    if (double.options.edition === 5) throw refuse(208, "Invalid object name 'sys.master_files'.");
    // Shown to who may make or alter databases, or see all definitions.
    const rights = ['CREATE ANY DATABASE', 'ALTER ANY DATABASE', 'VIEW ANY DEFINITION'];
    return double.find(String(name)) === null || rights.every((one) => double.missing.has(one))
      ? []
      : ['data', 'log'].map((file, at) => ({
          id: at + 1,
          name: file,
          type: file === 'log' ? 'LOG' : 'ROWS',
          path: `/var/opt/mssql/data/${name}_${file}`,
          bytes: String(double.fileBytes),
        }));
  }),
  query(/SELECT COALESCE\(SUM\(CONVERT\(bigint, f\.size\)\), 0\)/, () => [{ bytes: '16777216' }]),
  query(/SELECT r\.percent_complete AS percentage FROM sys\.dm_exec_requests/, (double) => {
    requireState(double);
    return [];
  }),
  query(/SELECT c\.percent_complete AS percentage FROM sys\.dm_database_copies/, () => [
    { percentage: 40 },
  ]),
  query(/SELECT c\.error_code AS code/, (double) =>
    double.copying.error === undefined ? [] : [{ code: 40563, description: double.copying.error }],
  ),
  // Locks by name.
  query(
    /DECLARE @taken int; EXECUTE @taken = sys\.sp_getapplock/,
    (double, session, __, [name]) => {
      const holder = double.locks.get(String(name));
      if (holder !== undefined && holder !== session) return [{ taken: '-1' }];
      double.locks.set(String(name), session);
      return [{ taken: '0' }];
    },
  ),
  query(/EXECUTE sys\.sp_releaseapplock/, (double, session, __, [name]) => {
    if (double.locks.get(String(name)) !== session)
      throw refuse(
        1223,
        `Cannot release the application lock '${name}' because it is not currently held.`,
      );
    double.locks.delete(String(name));
    return [];
  }),
  query(
    /SELECT TOP \(1\) s\.program_name AS program, s\.session_id AS id, s\.host_name AS host/,
    (double, _, __, [name]) => {
      requireState(double);
      const holder = double.locks.get(String(name));
      return holder === undefined
        ? []
        : [{ program: holder.program, id: holder.id, host: 'runner-1' }];
    },
  ),
  // Sessions.
  query(/SELECT s\.session_id AS id, s\.login_name AS login/, (double, session, __, [name]) => {
    requireState(double);
    return double.sessions
      .filter((one) => one.database.name === name && one !== session)
      .map(({ id, login, program }) => ({ id, login, program }));
  }),
  query(/SELECT DISTINCT s\.session_id AS id/, (double, session) => {
    requireState(double);
    return double
      .on(session.database)
      .filter((one) => one !== session && [...one.locks].some((lock) => lock.startsWith('write ')))
      .map(({ id, login, program }) => ({ id, login, program }));
  }),
  // What is tied to a database.
  query(/SELECT p\.name AS name FROM sys\.server_principals/, (double, _, __, [name]) =>
    double.logins.filter(({ database }) => database === name),
  ),
  query(/SELECT j\.name \+ N', step '/, (double, _, __, [name]) => {
    if (double.options.edition === 5)
      throw refuse(
        40515,
        "Reference to database and/or server name in 'msdb.dbo.sysjobsteps' is not supported in this version of SQL Server.",
      );
    if (double.missing.has('msdb'))
      throw refuse(
        229,
        "The SELECT permission was denied on the object 'sysjobsteps', database 'msdb', schema 'dbo'.",
        14,
      );
    return double.jobs
      .filter(({ database }) => database === name)
      .map(({ name: job, step }) => ({ name: `${job}, step ${step}` }));
  }),
  query(/SELECT CONVERT\(bit, CASE WHEN d\.replica_id IS NULL/, (double, _, __, [name]) => {
    const found = double.find(String(name));
    return found === null
      ? []
      : [
          {
            group: found.bound.has('availability group'),
            mirrored: found.bound.has('mirrored'),
            replicated: found.bound.has('replicated'),
            cdc: found.bound.has('cdc'),
            read_only: found.properties.read_only === true,
            state: found.state,
          },
        ];
  }),
  query(
    /SELECT l\.partner_server AS server FROM sys\.geo_replication_links/,
    (double, _, __, [name]) =>
      double.find(String(name))?.bound.has('geo-replicated') === true ? [{ server: 'north' }] : [],
  ),
  query(
    /SELECT l\.partner_server AS server FROM sys\.dm_geo_replication_link_status/,
    (_, { database }) => (database.bound.has('geo-replicated') ? [{ server: 'north' }] : []),
  ),
  // The intent.
  query(
    /SELECT CONVERT\(nvarchar\(3750\), e\.value\) AS (?:intent|standing)/,
    (_, { database }, [text]) => {
      const [, column = '', property = ''] = /AS (\w+) .* e\.name = N'([^']+)'/.exec(text) ?? [];
      const value = database.intent.get(property);
      return value === undefined ? [] : [{ [column]: value }];
    },
  ),
  // Synonyms.
  query(/SELECT DB_ID\(@p1\) AS id/, (double, _, __, [name]) => [
    { id: double.find(String(name))?.id ?? null },
  ]),
  query(/SELECT OBJECT_ID\(@p1\) AS id/, (double, _, __, [name]) => {
    const [database = '', schema, table] = [...String(name).matchAll(/\[((?:[^\]]|\]\])+)\]/g)].map(
      ([, part]) => bare(part),
    );
    const found = double
      .find(database)
      ?.tables.some((one) => one.schema === schema && one.name === table);
    return [{ id: found === true ? 1 : null }];
  }),
  query(
    /SELECT s\.name AS \[schema\], y\.name AS name, PARSENAME/,
    (_, { database }, __, [target]) =>
      database.synonyms
        .filter(({ base }) => base[0] === target)
        .map(({ schema, name, base }) => ({
          schema,
          name,
          base_schema: base[1],
          base_name: base[2],
        })),
  ),
  query(/SELECT COUNT\(\*\) AS count FROM sys\.synonyms/, (_, { database }, __, [target]) => [
    { count: String(database.synonyms.filter(({ base }) => base[0] === target).length) },
  ]),
  query(
    /SELECT p\.state_desc AS state, p\.permission_name AS permission/,
    (_, { database }, __, [own]) =>
      database.synonyms.find(({ schema, name }) => `[${schema}].[${name}]` === own)?.grants ?? [],
  ),
  query(
    /SELECT s\.name AS \[schema\], q\.name AS name, .* FROM \[(?:[^\]]|\]\])+\]\.\[sys\]\.\[sequences\]/,
    (double, _, [text]) => {
      const [, name] = /FROM \[((?:[^\]]|\]\])+)\]\.\[sys\]/.exec(text) ?? [];
      return double.require(bare(name)).sequences.map((one) => ({
        schema: one.schema,
        name: one.name,
        start_value: String(one.start),
        increment: String(one.increment),
        last_used_value: one.last === null ? null : String(one.last),
      }));
    },
  ),
  // The catalog.
  query(/SELECT o\.object_id AS id, s\.name AS \[schema\], o\.name AS name/, (_, session) =>
    tables(session).map((table) => ({
      id: idOf(table),
      schema: table.schema,
      name: table.name,
      kind: 'table',
      definition: null,
    })),
  ),
  query(/SELECT c\.object_id AS id, c\.name AS name, (?:CASE|COALESCE)/, (_, session) =>
    tables(session).flatMap((table) =>
      table.columns.map((column) => ({ id: idOf(table), ...column })),
    ),
  ),
  query(/SELECT i\.object_id AS id, i\.index_id AS \[index\]/, () => []),
  query(/SELECT (?:N'|CASE).* AS kind/, (_, { database }, [text]) => {
    const kinds = [...text.matchAll(/N'([a-z ]+)'(?= AS kind| WHEN| END AS kind| ELSE|,)/g)].map(
      ([, kind]) => kind,
    );
    return database.objects
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ kind, name, definition }) => ({ kind, name, definition }));
  }),
  query(/SELECT d\.name AS name FROM sys\.databases AS d$/, (double) =>
    double.databases.map(({ name }) => ({ name })),
  ),
  query(/SELECT OBJECT_SCHEMA_NAME\(d\.referencing_id\)/, () => []),
  query(/SELECT t\.object_id AS id, s\.name AS \[schema\], t\.name AS name/, (_, session) =>
    tables(session).map((table) => ({
      id: idOf(table),
      schema: table.schema,
      name: table.name,
      tracked: table.tracked !== undefined,
      rows: String(table.rows.length),
    })),
  ),
  query(/SELECT s\.name AS \[schema\], t\.name AS name, t\.is_memory_optimized/, (_, session) =>
    tables(session).map(({ schema, name, isInMemory = false }) => ({
      schema,
      name,
      in_memory: isInMemory,
    })),
  ),
  query(
    /SELECT s\.name AS \[schema\], t\.name AS name FROM sys\.tables AS t .* sys\.masked_columns/,
    (_, session) =>
      tables(session)
        .filter(({ masked, policy }) => masked !== undefined || policy !== undefined)
        .map(({ schema, name }) => ({ schema, name })),
  ),
  query(
    /SELECT \(SELECT COUNT\(\*\) FROM \[[^\]]+\]\.\[sys\]\.\[masked_columns\]/,
    (double, session, [text]) =>
      tables(session)
        .filter(({ name }) => text.includes(`o.name = N'${name}'`))
        .map(({ masked = 0, policy, rows }) => ({
          masked: String(masked),
          unmasks: double.missing.has('UNMASK') ? '0' : '1',
          policy: policy?.name ?? null,
          stored_rows: String(rows.length),
        })),
  ),
  query(/SELECT COUNT_BIG\(\*\) AS counted FROM/, (_, session, [text]) =>
    tables(session)
      .filter(({ schema, name }) => text.includes(`[${schema}].[${name}]`))
      .map(({ rows, policy }) => ({ counted: String(rows.length - (policy?.hides ?? 0)) })),
  ),
  query(/SELECT CHANGE_TRACKING_MIN_VALID_VERSION/, (_, session, [text]) => {
    const table = session.database.tables.find(({ schema, name }) =>
      text.includes(`CHANGES [${schema}].[${name}]`),
    );
    return [{ least: '0', last: String(table?.tracked) }];
  }),
  query(/SELECT 0 AS at, CONCAT_WS/, (_, session, [text]) => sums(session.database, text)),
  query(/SELECT 0 AS at, N'' AS sum WHERE 1 = 0/, () => []),
  query(/SELECT CONCAT_WS\(N'\/', SUM\(p\.rows\)/, (_, { database }) => [
    { stored: `${database.tables.reduce((sum, { rows }) => sum + rows.length, 0)}` },
  ]),
  query(/SELECT CONVERT\(nvarchar\(40\), SUM\(u\.user_updates\)\)/, (double) => {
    requireState(double);
    return [{ written: '0' }];
  }),
  query(/SELECT DISTINCT s\.name AS \[schema\], t\.name AS name FROM sys\.stats/, (_, session) =>
    tables(session).map(({ schema, name }) => ({ schema, name })),
  ),
  // Rights: what the login has not is listed.
  query(
    /SELECT HAS_PERMS_BY_NAME\((?:NULL, NULL|N'\[[^\]]+\]', N'DATABASE'), @p1\) AS granted/,
    (double, _, __, [right]) => [{ granted: double.missing.has(String(right)) ? 0 : 1 }],
  ),
  query(/SELECT IS_ROLEMEMBER\(@p1\) AS member/, (double, _, __, [role]) => [
    { member: double.missing.has(String(role)) ? 0 : 1 },
  ]),
  query(/SELECT DISTINCT v\.volume_mount_point AS volume/, (double) => {
    requireState(double);
    return [{ volume: '/', free: String(double.freeBytes) }];
  }),
  query(
    /SELECT OBJECT_SCHEMA_NAME\(m\.object_id\) \+ N'\.' \+ OBJECT_NAME\(m\.object_id\) AS name/,
    (_, { database }) =>
      database.objects
        .filter(({ definition }) => definition === 'encrypted')
        .map(({ name }) => ({ name })),
  ),
  query(/SELECT \(SELECT COUNT\(\*\) FROM sys\.masked_columns\) AS masked/, (_, session) => {
    const all = tables(session);
    const { objects } = session.database;
    const count = (kind: string) => String(objects.filter((one) => one.kind === kind).length);
    return [
      {
        masked: count('masked column'),
        policies: count('security policy'),
        encrypted: count('encrypted column'),
        tables: String(all.length),
        tracked: String(all.filter(({ tracked }) => tracked !== undefined).length),
      },
    ];
  }),
  query(/SELECT c\.retention_period AS period/, ({ retention }) =>
    retention === null
      ? []
      : [
          {
            period: String(retention.period),
            units: String(retention.units),
            cleans: retention.cleans ?? true,
          },
        ],
  ),
  query(
    /SELECT DISTINCT s\.name AS \[schema\] FROM sys\.change_tracking_tables/,
    (double, session) => {
      const tracked = tables(session).filter((table) => table.tracked !== undefined);
      return double.missing.has('VIEW CHANGE TRACKING')
        ? [...new Set(tracked.map(({ schema }) => schema))].map((schema) => ({ schema }))
        : [];
    },
  ),
  query(/SELECT s\.name \+ N'\.' \+ t\.name AS name FROM sys\.tables/, (_, session) =>
    tables(session)
      .filter(({ isInMemory }) => isInMemory === true)
      .map((table) => ({ name: idOf(table) })),
  ),
];

/** A digest of the rows stands for the sums: it differs when they do, whatever their order. */
function sums(database: DoubleDatabase, text: string): Row[] {
  return [
    ...text.matchAll(
      /SELECT (\d+) AS at, .*? FROM \[((?:[^\]]|\]\])+)\]\.\[((?:[^\]]|\]\])+)\] AS t/g,
    ),
  ].map(([, at, schema, name]) => {
    const table = database.tables.find(
      (one) => one.schema === bare(schema) && one.name === bare(name),
    );
    if (table === undefined) throw refuse(208, `Invalid object name '${unquoted(name)}'.`);
    const rows = [...table.rows].sort();
    return {
      at: Number(at),
      sum: `${rows.length}/${createHash('sha256').update(JSON.stringify(rows)).digest('hex')}`,
    };
  });
}
