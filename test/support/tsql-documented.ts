/** A statement that the independent grammar cannot read, held against its whole form as Microsoft documents it. */
export interface Documented {
  readonly form: RegExp;
  /** Where the form stands. */
  readonly page: string;
  /** One of this form: the list's own test shows that the grammar cannot read it. */
  readonly such: string;
}

const name = String.raw`(?:\[(?:[^\]]|\]\])+\]|\w+)`;
const path = String.raw`${name}(?:\.${name}){0,2}`;
const text = `N'(?:[^']|'')*'`;
const file = String.raw`\(NAME = ${text}, FILENAME = ${text}\)`;

const statement = (page: string) =>
  `https://learn.microsoft.com/en-us/sql/t-sql/statements/${page}`;
const element = (page: string) =>
  `https://learn.microsoft.com/en-us/sql/t-sql/language-elements/${page}`;
const system = (page: string) =>
  `https://learn.microsoft.com/en-us/sql/relational-databases/${page}`;

const list: readonly (readonly [form: string, page: string, such: string])[] = [
  // Databases
  [
    `ALTER DATABASE ${name} SET (?:SINGLE_USER WITH ROLLBACK IMMEDIATE|MULTI_USER|AUTO_UPDATE_STATISTICS_ASYNC (?:ON|OFF)|TRUSTWORTHY ON|DB_CHAINING ON)`,
    statement('alter-database-transact-sql-set-options'),
    'ALTER DATABASE [shop] SET SINGLE_USER WITH ROLLBACK IMMEDIATE',
  ],
  [
    `ALTER DATABASE ${name} MODIFY NAME = ${name}`,
    statement('alter-database-transact-sql'),
    'ALTER DATABASE [shop] MODIFY NAME = [shop__r__previous]',
  ],
  [
    `ALTER AUTHORIZATION ON DATABASE::${name} TO ${name}`,
    statement('alter-authorization-transact-sql'),
    'ALTER AUTHORIZATION ON DATABASE::[shop] TO [app]',
  ],
  [
    String.raw`BACKUP DATABASE ${name} TO (?:DISK|URL) = ${text} WITH COPY_ONLY, FORMAT, INIT, CHECKSUM(?:, COMPRESSION)?, NAME = ${text}, STATS = \d+`,
    statement('backup-transact-sql'),
    `BACKUP DATABASE [shop] TO DISK = N'/a.bak' WITH COPY_ONLY, FORMAT, INIT, CHECKSUM, NAME = N'a', STATS = 5`,
  ],
  [
    String.raw`RESTORE DATABASE ${name} FROM (?:URL = ${text}|DISK = ${text} WITH (?:MOVE ${text} TO ${text}, )+CHECKSUM, RECOVERY, STATS = \d+)`,
    statement('restore-statements-transact-sql'),
    `RESTORE DATABASE [shop] FROM DISK = N'/a.bak' WITH MOVE N'a' TO N'/a.mdf', CHECKSUM, RECOVERY, STATS = 5`,
  ],
  [
    `CREATE DATABASE ${name} AS COPY OF ${name}`,
    `${statement('create-database-transact-sql')}?view=azuresqldb-current`,
    'CREATE DATABASE [candidate] AS COPY OF [shop]',
  ],
  [
    `CREATE DATABASE ${name} ON ${file}(?:, ${file})* AS SNAPSHOT OF ${name}`,
    statement('create-database-transact-sql'),
    `CREATE DATABASE [baseline] ON (NAME = N'a', FILENAME = N'/a.ss') AS SNAPSHOT OF [candidate]`,
  ],
  [
    String.raw`CREATE DATABASE ${name} COLLATE \w+`,
    statement('create-database-transact-sql'),
    'CREATE DATABASE [greenlight] COLLATE Latin1_General_100_BIN2',
  ],
  // Within a database
  [
    String.raw`UPDATE STATISTICS ${name}\.${name}`,
    statement('update-statistics-transact-sql'),
    'UPDATE STATISTICS [dbo].[orders]',
  ],
  [
    String.raw`DROP SYNONYM ${name}\.${name}`,
    statement('drop-synonym-transact-sql'),
    'DROP SYNONYM [dbo].[orders]',
  ],
  [
    String.raw`IF EXISTS \(SELECT 1 FROM sys\.extended_properties AS e WHERE e\.class = 0 AND e\.name = (${text})\) EXECUTE sys\.sp_dropextendedproperty @name = \1`,
    system('system-stored-procedures/sp-dropextendedproperty-transact-sql'),
    `IF EXISTS (SELECT 1 FROM sys.extended_properties AS e WHERE e.class = 0 AND e.name = N'a') EXECUTE sys.sp_dropextendedproperty @name = N'a'`,
  ],
  [
    String.raw`SELECT CHANGE_TRACKING_MIN_VALID_VERSION\(OBJECT_ID\(${text}\)\) AS least, MAX\(c\.SYS_CHANGE_VERSION\) AS last FROM CHANGETABLE\(CHANGES ${name}\.${name}, NULL\) AS c`,
    system('system-functions/changetable-transact-sql'),
    `SELECT CHANGE_TRACKING_MIN_VALID_VERSION(OBJECT_ID(N'[a].[b]')) AS least, MAX(c.SYS_CHANGE_VERSION) AS last FROM CHANGETABLE(CHANGES [a].[b], NULL) AS c`,
  ],
  [
    String.raw`IF CONVERT\(int, SERVERPROPERTY\('EngineEdition'\)\) = 5 SELECT [^;]+ ELSE EXECUTE sys\.sp_executesql ${text}`,
    system('system-stored-procedures/sp-executesql-transact-sql'),
    `IF CONVERT(int, SERVERPROPERTY('EngineEdition')) = 5 SELECT 1 ELSE EXECUTE sys.sp_executesql N'SELECT 2'`,
  ],
  [
    `IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION`,
    element('if-else-transact-sql'),
    'IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION',
  ],
  [
    `DISABLE TRIGGER ${name} ON ${path}`,
    statement('disable-trigger-transact-sql'),
    'DISABLE TRIGGER [a] ON [b].[c]',
  ],
  [
    `ENABLE TRIGGER ${name} ON ${path}`,
    statement('enable-trigger-transact-sql'),
    'ENABLE TRIGGER [a] ON [b].[c]',
  ],
  [
    `ALTER TABLE ${path} (?:NOCHECK|WITH (?:NO)?CHECK CHECK) CONSTRAINT ${name}`,
    statement('alter-table-transact-sql'),
    'ALTER TABLE [a].[b] NOCHECK CONSTRAINT [c]',
  ],
  // Rights
  [
    `CREATE LOGIN ${name} WITH PASSWORD = ${text}`,
    statement('create-login-transact-sql'),
    `CREATE LOGIN greenlight_release WITH PASSWORD = N'secret'`,
  ],
  [
    `CREATE USER ${name} FOR LOGIN ${name}`,
    statement('create-user-transact-sql'),
    'CREATE USER greenlight_release FOR LOGIN greenlight_release',
  ],
  [
    `GRANT (?:(?:CREATE|ALTER) ANY DATABASE|ALTER ANY CONNECTION|VIEW SERVER STATE) TO ${name}`,
    statement('grant-server-permissions-transact-sql'),
    'GRANT CREATE ANY DATABASE TO greenlight_release',
  ],
  [
    `GRANT (?:SELECT|VIEW DEFINITION|BACKUP DATABASE) TO ${name}`,
    statement('grant-database-permissions-transact-sql'),
    'GRANT VIEW DEFINITION TO greenlight_release',
  ],
  [
    `GRANT VIEW CHANGE TRACKING ON SCHEMA::${name} TO ${name}`,
    statement('grant-schema-permissions-transact-sql'),
    'GRANT VIEW CHANGE TRACKING ON SCHEMA::sales TO greenlight_release',
  ],
  // Rows that are brought over, and the ledger
  [
    String.raw`DBCC CHECKIDENT \(${text}, RESEED, -?\d+\) WITH NO_INFOMSGS`,
    'https://learn.microsoft.com/en-us/sql/t-sql/database-console-commands/dbcc-checkident-transact-sql',
    `DBCC CHECKIDENT (N'[a].[b]', RESEED, 7) WITH NO_INFOMSGS`,
  ],
  [
    String.raw`IF OBJECT_ID\(${text}, N'SO'\) IS NOT NULL ALTER SEQUENCE ${path} RESTART WITH -?\d+`,
    statement('alter-sequence-transact-sql'),
    `IF OBJECT_ID(N'[a].[b]', N'SO') IS NOT NULL ALTER SEQUENCE [a].[b] RESTART WITH 7`,
  ],
  [
    String.raw`IF SCHEMA_ID\(${text}\) IS NULL EXECUTE \(${text}\)`,
    element('execute-transact-sql'),
    `IF SCHEMA_ID(N'a') IS NULL EXECUTE (N'CREATE SCHEMA [a]')`,
  ],
];

export const documented: readonly Documented[] = list.map(([form, page, such]) => ({
  form: new RegExp(`^${form}$`),
  page,
  such,
}));
