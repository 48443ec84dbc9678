import type { Session } from './connection.ts';

/** A database as `sys.databases` knows it. */
export interface FoundDatabase {
  readonly id: number;
  readonly name: string;
  /** ONLINE, RESTORING, COPYING, SUSPECT, ... */
  readonly state: string;
  /** MULTI_USER, SINGLE_USER or RESTRICTED_USER. */
  readonly access: string;
  /** Of a database snapshot: that of which it is one. */
  readonly snapshotOf: string | null;
}

/** Runs on master, which knows all of them. */
export async function findDatabase(session: Session, name: string): Promise<FoundDatabase | null> {
  const [row] = await session.rows(`${known} WHERE d.name = @p1`, [name]);
  return row === undefined ? null : toFound(row);
}

/** Databases whose names begin so. */
export async function findDatabases(session: Session, prefix: string): Promise<FoundDatabase[]> {
  const rows = await session.rows(`${known} WHERE LEFT(d.name, LEN(@p1)) = @p1 ORDER BY d.name`, [
    prefix,
  ]);
  return rows.map(toFound);
}

export async function snapshotsOf(session: Session, database: string): Promise<FoundDatabase[]> {
  const rows = await session.rows(`${known} WHERE d.source_database_id = DB_ID(@p1)`, [database]);
  return rows.map(toFound);
}

const known = `SELECT d.database_id AS id, d.name AS name, d.state_desc AS state, d.user_access_desc AS access,
  DB_NAME(d.source_database_id) AS snapshot_of FROM sys.databases AS d`;

function toFound(row: Awaited<ReturnType<Session['row']>>): FoundDatabase {
  return {
    id: Number(row.id),
    name: String(row.name),
    state: String(row.state),
    access: String(row.access),
    snapshotOf: row.snapshot_of === null ? null : String(row.snapshot_of),
  };
}
