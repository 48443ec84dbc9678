import type { Session } from './connection.ts';

/** What kind of server it is: what it can do hangs on that. */
export interface Server {
  /** azure: Azure SQL Database. instance: Azure SQL Managed Instance. box: SQL Server itself. */
  readonly kind: 'azure' | 'instance' | 'box';
  readonly edition: string;
  readonly version: string;
  /** 16 for SQL Server 2022. */
  readonly major: number;
  readonly dataPath: string | null;
  readonly logPath: string | null;
  readonly backupPath: string | null;
  /** Backups can be compressed: all editions but Express. */
  readonly compresses: boolean;
  /** Bytes of data that one database may have; null: more than anybody has. */
  readonly largest: number | null;
}

export async function readServer(session: Session): Promise<Server> {
  const row = await session.row(
    `SELECT CONVERT(int, SERVERPROPERTY('EngineEdition')) AS engine_edition,
            CONVERT(nvarchar(128), SERVERPROPERTY('Edition')) AS edition,
            CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')) AS version,
            CONVERT(nvarchar(400), SERVERPROPERTY('InstanceDefaultDataPath')) AS data_path,
            CONVERT(nvarchar(400), SERVERPROPERTY('InstanceDefaultLogPath')) AS log_path,
            CONVERT(nvarchar(400), SERVERPROPERTY('InstanceDefaultBackupPath')) AS backup_path`,
  );
  const engineEdition = Number(row.engine_edition);
  const text = (value: unknown) => (value === null ? null : String(value));
  const major = Number.parseInt(String(row.version), 10) || 0;
  const isExpress = engineEdition === 4;
  return {
    kind: engineEdition === 5 ? 'azure' : engineEdition === 8 ? 'instance' : 'box',
    edition: String(row.edition),
    version: String(row.version),
    major,
    dataPath: text(row.data_path),
    logPath: text(row.log_path),
    backupPath: text(row.backup_path),
    compresses: !isExpress,
    largest: isExpress ? (major >= 17 ? 50 : 10) * 2 ** 30 : null,
  };
}

/** `SQL Server 16.0.4131.2, Standard Edition (64-bit)`. */
export function describeServer({ kind, version, edition }: Server): string {
  const name = {
    azure: 'Azure SQL Database',
    instance: 'Azure SQL Managed Instance',
    box: 'SQL Server',
  };
  return `${name[kind]} ${version}, ${edition}`;
}
