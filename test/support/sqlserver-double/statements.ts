import { closed, refuse } from './refused.ts';
import type { Double, DoubleDatabase, Row, ServerSession } from './server.ts';

/** One documented form of a statement, and what the server does about it. */
export interface Form {
  /** Of the whole statement; white space is one blank. */
  readonly form: RegExp;
  /** It changes the server: a process may die right after it. */
  readonly changes?: boolean;
  run(
    double: Double,
    session: ServerSession,
    match: RegExpExecArray,
    values: readonly unknown[],
  ): readonly Row[] | undefined;
}

const name = String.raw`\[((?:[^\]]|\]\])+)\]`;
const text = `N'((?:[^']|'')*)'`;
const end = `(?=;| *$)`;

export const bare = (quoted = '') => quoted.replaceAll(']]', ']');
export const unquoted = (literal = '') => literal.replaceAll("''", "'");

const of = (pattern: string) => new RegExp(`${pattern}`);

/** Statements that are no queries. Each form stands in Microsoft's documentation of the statement. */
export const statements: readonly Form[] = [
  {
    form: of(`ALTER DATABASE ${name} SET SINGLE_USER WITH ROLLBACK IMMEDIATE${end}`),
    changes: true,
    run: (double, session, [, database]) => {
      const found = double.require(bare(database));
      requireAlterable(double, session, found);
      if (double.options.edition >= 5)
        throw refuse(
          40510,
          "Statement 'ALTER DATABASE' is not supported in this version of SQL Server.",
        );
      for (const other of double.on(found)) if (other !== session) double.logout(other);
      found.access = 'SINGLE_USER';
      return [];
    },
  },
  {
    form: of(`ALTER DATABASE ${name} SET MULTI_USER${end}`),
    changes: true,
    run: (double, session, [, database]) => {
      const found = double.require(bare(database));
      requireAlterable(double, session, found);
      found.access = 'MULTI_USER';
      return [];
    },
  },
  {
    form: of(`ALTER DATABASE ${name} SET AUTO_UPDATE_STATISTICS_ASYNC (ON|OFF)${end}`),
    changes: true,
    run: (double, session, [, database, value]) => {
      const found = double.require(bare(database));
      requireAlterable(double, session, found);
      found.properties.auto_update_statistics_async = value === 'ON';
      return [];
    },
  },
  {
    form: of(`ALTER DATABASE ${name} SET (TRUSTWORTHY|DB_CHAINING) ON${end}`),
    changes: true,
    run: (double, _, [, database, option = '']) => {
      if (double.missing.has(option))
        throw refuse(
          5011,
          `User does not have permission to alter database '${bare(database)}'.`,
          14,
        );
      double.require(bare(database)).properties[option.toLowerCase()] = true;
      return [];
    },
  },
  {
    form: of(`ALTER DATABASE ${name} MODIFY NAME = ${name}${end}`),
    changes: true,
    run: (double, session, [, from, to]) => {
      const found = double.require(bare(from));
      requireAlterable(double, session, found);
      if (double.find(bare(to)) !== null)
        throw refuse(
          1801,
          `Database '${bare(to)}' already exists. Choose a different database name.`,
        );
      if (double.on(found).some((other) => other !== session))
        throw refuse(
          5030,
          'The database could not be exclusively locked to perform the operation.',
        );
      if (found.bound.has('availability group'))
        throw refuse(
          1468,
          `The operation cannot be performed on database "${found.name}" because it is involved in a database mirroring session or an availability group.`,
        );
      found.name = bare(to);
      return [];
    },
  },
  {
    form: of(`ALTER AUTHORIZATION ON DATABASE::${name} TO ${name}${end}`),
    changes: true,
    run: (double, _, [, database, owner]) => {
      if (double.missing.has('IMPERSONATE'))
        throw refuse(
          15151,
          `Cannot find the principal '${bare(owner)}', because it does not exist or you do not have permission.`,
        );
      double.require(bare(database)).properties.owner = bare(owner);
      return [];
    },
  },
  {
    form: of(`DROP DATABASE (IF EXISTS )?${name}${end}`),
    changes: true,
    run: (double, session, [, ifExists, database]) => {
      const found = double.find(bare(database));
      if (found === null) {
        if (ifExists !== undefined) return [];
        throw refuse(
          3701,
          `Cannot drop the database '${bare(database)}', because it does not exist or you do not have permission.`,
          11,
        );
      }
      if (double.databases.some(({ snapshotOf }) => snapshotOf === found))
        throw refuse(
          3709,
          `Cannot drop the database while the database snapshot refers to it. Drop that database first.`,
        );
      const others = double.on(found).filter((other) => other !== session);
      if (double.options.edition === 5) for (const other of others) double.logout(other);
      else if (others.length > 0)
        throw refuse(3702, `Cannot drop database "${found.name}" because it is currently in use.`);
      double.databases.splice(double.databases.indexOf(found), 1);
      return [];
    },
  },
  {
    form: of(
      `BACKUP DATABASE ${name} TO (DISK|URL) = ${text} WITH COPY_ONLY, FORMAT, INIT, CHECKSUM(, COMPRESSION)?, NAME = ${text}, STATS = \\d+${end}`,
    ),
    changes: true,
    run: (double, _, [, database, medium, place, compression]) => {
      const { edition } = double.options;
      const found = double.require(bare(database));
      if (double.missing.has('BACKUP DATABASE'))
        throw refuse(262, `BACKUP DATABASE permission denied in database '${found.name}'.`, 14);
      if (edition === 5)
        throw refuse(
          40510,
          "Statement 'BACKUP DATABASE' is not supported in this version of SQL Server.",
        );
      if (edition === 8 && medium !== 'URL')
        throw refuse(
          41901,
          'One or more of the options (disk) are not supported for this statement in SQL Database Managed Instance.',
        );
      if (edition === 4 && compression !== undefined)
        throw refuse(
          1844,
          'BACKUP DATABASE WITH COMPRESSION is not supported on Express Edition (64-bit).',
        );
      if (found.snapshotOf !== null)
        throw refuse(3002, 'Cannot BACKUP or RESTORE a database snapshot.');
      double.backups.set(unquoted(place), copyOf(found));
      return [];
    },
  },
  {
    form: of(
      `RESTORE DATABASE ${name} FROM (?:DISK|URL) = ${text}( WITH ((?:MOVE ${text} TO ${text},? ?)+)CHECKSUM, RECOVERY, STATS = \\d+)?${end}`,
    ),
    changes: true,
    run: (double, _, [, database, place, options, moves]) => {
      const backup = double.backups.get(unquoted(place));
      if (backup === undefined)
        throw refuse(
          3201,
          `Cannot open backup device '${unquoted(place)}'. Operating system error 2.`,
        );
      if (double.missing.has('CREATE DATABASE'))
        throw refuse(262, "CREATE DATABASE permission denied in database 'master'.", 14);
      if (double.options.edition === 8 && options !== undefined)
        throw refuse(
          41901,
          'One or more of the options (move) are not supported for this statement in SQL Database Managed Instance.',
        );
      if (double.options.edition !== 8) requireMoves(backup, moves ?? '');
      const restored = double.create(bare(database));
      fill(restored, backup);
      // The restored database belongs to whoever restores it, and what could reach out of it is off.
      Object.assign(restored.properties, {
        owner: 'release',
        trustworthy: false,
        db_chaining: false,
        service_broker: false,
      });
      return [];
    },
  },
  {
    form: of(`CREATE DATABASE ${name} AS COPY OF ${name}${end}`),
    changes: true,
    run: (double, _, [, to, from]) => {
      if (double.options.edition !== 5) throw refuse(102, "Incorrect syntax near 'COPY'.", 15);
      const source = double.require(bare(from));
      const copy = double.create(bare(to));
      fill(copy, source);
      copy.state = double.copying.states.shift() ?? 'ONLINE';
      return [];
    },
  },
  {
    form: of(
      `CREATE DATABASE ${name} ON ((?:\\(NAME = ${text}, FILENAME = ${text}\\),? ?)+) ?AS SNAPSHOT OF ${name}${end}`,
    ),
    changes: true,
    run: (double, _, match) => {
      const [, snapshot, files = ''] = match;
      const source = double.require(bare(match.at(-1)));
      if (double.options.edition >= 5)
        throw refuse(
          40510,
          "Statement 'CREATE DATABASE' is not supported in this version of SQL Server.",
        );
      if (!files.includes("NAME = N'data'"))
        throw refuse(5127, 'All files must be specified for database snapshot creation.');
      const made = double.create(bare(snapshot));
      fill(made, source);
      made.guid = source.guid;
      made.snapshotOf = source;
      return [];
    },
  },
  {
    form: of(`KILL (\\d+)${end}`),
    changes: true,
    run: (double, session, [, id]) => {
      if (double.missing.has('ALTER ANY CONNECTION'))
        throw refuse(6102, 'User does not have permission to use the KILL statement.', 14);
      const other = double.sessions.find((one) => one.id === Number(id));
      if (other === undefined) throw refuse(6106, `Process ID ${id} is not an active process ID.`);
      if (other === session) throw refuse(6104, 'Cannot use KILL to kill your own process.');
      double.logout(other);
      return [];
    },
  },
  {
    form: of(
      `IF EXISTS \\(SELECT 1 FROM sys\\.extended_properties AS e WHERE e\\.class = 0 AND e\\.name = ${text}\\) EXECUTE sys\\.sp_dropextendedproperty @name = ${text}${end}`,
    ),
    changes: true,
    run: (_, { database }, [, property]) => {
      database.intent.delete(unquoted(property));
      return [];
    },
  },
  {
    form: of(`EXECUTE sys\\.sp_addextendedproperty @name = ${text}, @value = ${text}${end}`),
    changes: true,
    run: (_, { database }, [, property, value]) => {
      if (database.intent.has(unquoted(property)))
        throw refuse(
          15233,
          `Property cannot be added. Property '${unquoted(property)}' already exists for 'object specified'.`,
        );
      database.intent.set(unquoted(property), unquoted(value));
      return [];
    },
  },
  {
    form: of(`UPDATE STATISTICS ${name}\\.${name}${end}`),
    run: () => [],
  },
  {
    form: of(`SET (?:XACT_ABORT (?:ON|OFF)|LOCK_TIMEOUT \\d+|DEADLOCK_PRIORITY LOW)${end}`),
    run: () => [],
  },
  {
    form: of(`BEGIN TRANSACTION${end}`),
    run: (_, session) => {
      const { database } = session;
      const [synonyms, properties] = [[...database.synonyms], [...database.intent]];
      session.inTransaction = true;
      session.undo = () => {
        database.synonyms = synonyms;
        database.intent.clear();
        for (const [key, value] of properties) database.intent.set(key, value);
      };
      return [];
    },
  },
  {
    form: of(`COMMIT TRANSACTION${end}`),
    changes: true,
    run: (_, session) => {
      session.inTransaction = false;
      session.undo = null;
      return [];
    },
  },
  {
    form: of(`IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION${end}`),
    run: (_, session) => {
      session.inTransaction = false;
      session.undo?.();
      session.undo = null;
      return [];
    },
  },
  {
    form: of(`DROP SYNONYM ${name}\\.${name}${end}`),
    changes: true,
    run: (_, { database }, [, schema, synonym]) => {
      database.synonyms = database.synonyms.filter(
        (one) => one.schema !== bare(schema) || one.name !== bare(synonym),
      );
      return [];
    },
  },
  {
    form: of(`CREATE SYNONYM ${name}\\.${name} FOR ${name}\\.${name}\\.${name}${end}`),
    changes: true,
    run: (_, { database }, [, schema, synonym, ...base]) => {
      const [to, owner, object] = base.map(bare);
      if (to === undefined || owner === undefined || object === undefined)
        throw new Error('No base');
      const made = {
        schema: bare(schema),
        name: bare(synonym),
        base: [to, owner, object] as const,
        grants: [],
      };
      database.synonyms = [...database.synonyms, made];
      return [];
    },
  },
  {
    form: of(`(GRANT|DENY) (\\w+) ON ${name}\\.${name} TO ${name}( WITH GRANT OPTION)?${end}`),
    changes: true,
    run: (
      _,
      { database },
      [, verb = '', permission = '', schema, synonym, grantee, isPassedOn],
    ) => {
      const found = database.synonyms.find(
        (one) => one.schema === bare(schema) && one.name === bare(synonym),
      );
      if (found === undefined) throw refuse(15151, `Cannot find the object '${bare(synonym)}'.`);
      const state = isPassedOn === undefined ? verb : 'GRANT_WITH_GRANT_OPTION';
      found.grants.push({ state, permission, grantee: bare(grantee) });
      return [];
    },
  },
  { form: of(`DECLARE @row int${end}`), run: () => [] },
  { form: of(`DECLARE @first sql_variant${end}`), run: () => [] },
  {
    // Draws as many numbers at once; only who may UPDATE the sequence.
    form: of(
      `EXECUTE sys\\.sp_sequence_get_range @sequence_name = N'${name}\\.${name}', @range_size = (\\d+), @range_first_value = @first OUTPUT${end}`,
    ),
    changes: true,
    run: (double, { database }, [, schema, sequence, size]) => {
      if (double.missing.has('UPDATE'))
        throw refuse(
          229,
          `The UPDATE permission was denied on the object '${bare(sequence)}'.`,
          14,
        );
      database.sequences = database.sequences.map((one) => {
        if (one.schema !== bare(schema) || one.name !== bare(sequence)) return one;
        const given = one.last ?? one.start - one.increment;
        return { ...one, last: given + one.increment * Number(size) };
      });
      return [];
    },
  },
  {
    form: of(
      `SELECT TOP \\(1\\) @row = 1 FROM ${name}\\.${name} WITH \\(TABLOCK, HOLDLOCK\\)${end}`,
    ),
    run: (double, session, [, schema, table]) => {
      const key = `${bare(schema)}.${bare(table)}`;
      const writer = double
        .on(session.database)
        .find((other) => other !== session && other.locks.has(`write ${key}`));
      if (writer !== undefined) throw refuse(1222, 'Lock request time out period exceeded.');
      if (!session.inTransaction) throw new Error('The lock would not outlive its statement');
      session.locks.add(`read ${key}`);
      return [];
    },
  },
];

/** In a transaction SQL Server alters no database; while another one is its only user, neither. */
function requireAlterable(double: Double, session: ServerSession, database: DoubleDatabase): void {
  if (!session.isOpen) throw closed();
  if (session.inTransaction)
    throw refuse(226, 'ALTER DATABASE statement not allowed within multi-statement transaction.');
  if (double.missing.has('ALTER'))
    throw refuse(5011, `User does not have permission to alter database '${database.name}'.`, 14);
  const others = double.on(database).filter((other) => other !== session);
  if (database.access === 'SINGLE_USER' && others.length > 0)
    throw refuse(
      5064,
      `Changes to the state or options of database '${database.name}' cannot be made at this time. The database is in single-user mode, and a user is currently connected to it.`,
    );
}

/** Restored beside the original, each file needs another place. */
function requireMoves(backup: DoubleDatabase, moves: string): void {
  for (const file of ['data', 'log']) {
    const target = new RegExp(`MOVE N'${file}' TO N'([^']*)'`).exec(moves)?.[1];
    if (target === undefined || target === `/var/opt/mssql/data/${backup.name}_${file}`)
      throw refuse(
        1834,
        `The file cannot be overwritten. It is being used by database '${backup.name}'.`,
      );
  }
}

function copyOf(database: DoubleDatabase): DoubleDatabase {
  return {
    ...database,
    properties: { ...database.properties },
    tables: database.tables.map((table) => ({ ...table })),
    objects: [...database.objects],
    sequences: [...database.sequences],
    intent: new Map(database.intent),
  };
}

function fill(target: DoubleDatabase, source: DoubleDatabase): void {
  const { properties, tables, objects, sequences, intent } = copyOf(source);
  Object.assign(target, { properties, tables, objects, sequences });
  for (const [key, value] of intent) target.intent.set(key, value);
}
