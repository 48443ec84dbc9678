import { GreenlightError } from '../../errors.ts';
import { type Row, Session } from './connection.ts';
import { numberBehind } from './errors.ts';
import type { SqlserverOptions } from './options.ts';
import type { Server } from './server.ts';

/**
 * Why a database cannot get another name here; null: it can. What binds it by its name to another server, or to a part
 * of this one, would be torn.
 */
export async function obstacleToSwap(
  session: Session,
  database: string,
  { kind }: Pick<Server, 'kind'>,
  options: SqlserverOptions,
): Promise<string | null> {
  if (kind === 'azure') return geoReplication(session, database);
  if (kind === 'instance') {
    const link = await Session.use(database, options, { purpose: 'swap' }, linkOfInstance);
    if (link !== undefined)
      return `it is replicated to ${link.server}: take it out of its failover group, or end the link, swap, and begin it anew`;
  }
  const [row] = await session.rows(
    `SELECT CONVERT(bit, CASE WHEN d.replica_id IS NULL AND d.group_database_id IS NULL THEN 0 ELSE 1 END) AS [group],
            CONVERT(bit, CASE WHEN m.mirroring_guid IS NULL THEN 0 ELSE 1 END) AS mirrored,
            CONVERT(bit, CASE WHEN d.is_published = 1 OR d.is_merge_published = 1 OR d.is_subscribed = 1 OR d.is_distributor = 1 THEN 1 ELSE 0 END) AS replicated,
            d.is_cdc_enabled AS cdc, d.is_read_only AS read_only, d.state_desc AS state
       FROM sys.databases AS d LEFT JOIN sys.database_mirroring AS m ON m.database_id = d.database_id WHERE d.name = @p1`,
    [database],
  );
  if (row === undefined) return null;
  if (row.state !== 'ONLINE') return `it is ${row.state}`;
  // A Managed Instance keeps its own replicas in groups that nobody sees.
  if (row.group === true && kind === 'box')
    return 'it is in an availability group: take it out (ALTER AVAILABILITY GROUP ... REMOVE DATABASE), swap, and add the new one';
  if (row.mirrored === true)
    return 'it is mirrored: end the mirroring (ALTER DATABASE ... SET PARTNER OFF), swap, and begin it anew';
  if (row.replicated === true)
    return 'it takes part in replication, whose agents know it by its name';
  if (row.cdc === true)
    return 'change data capture is on, whose jobs know it by its name, and a copy has it not';
  if (row.read_only === true) return 'it is read-only';
  return null;
}

/** Each database knows its own alone (docs: sys.dm_geo_replication_link_status). */
async function linkOfInstance(session: Session): Promise<Row | undefined> {
  const [link] = await whereAllowed(
    session.rows(`SELECT l.partner_server AS server FROM sys.dm_geo_replication_link_status AS l`),
  );
  return link;
}

/** Nothing where the login may not look, or an older version has no such view. */
async function whereAllowed(rows: Promise<Row[]>): Promise<Row[]> {
  return rows.catch((error) => {
    if ([208, 229, 262, 297, 300].includes(numberBehind(error) ?? 0)) return [];
    throw error;
  });
}

async function geoReplication(session: Session, database: string): Promise<string | null> {
  const [link] = await whereAllowed(
    session.rows(
      `SELECT l.partner_server AS server FROM sys.geo_replication_links AS l JOIN sys.databases AS d ON d.database_id = l.database_id
        WHERE d.name = @p1`,
      [database],
    ),
  );
  return link === undefined
    ? null
    : `it is geo-replicated to ${link.server}: end that (ALTER DATABASE ... REMOVE SECONDARY ON SERVER), swap, and begin it anew`;
}

/** @throws GreenlightError, before anybody is disturbed. */
export async function requireSwappable(
  session: Session,
  databases: readonly string[],
  server: Server,
  options: SqlserverOptions,
): Promise<void> {
  for (const database of databases) {
    const obstacle = await obstacleToSwap(session, database, server, options);
    if (obstacle === null) continue;
    throw new GreenlightError({
      what: 'This database cannot be swapped, because it cannot get another name.',
      where: `database ${database}`,
      cause: obstacle,
      live: 'live is unchanged',
      help: 'docs/sqlserver.md says what stands in the way of a swap, and how `connection.synonyms` does without new names.',
    });
  }
}
