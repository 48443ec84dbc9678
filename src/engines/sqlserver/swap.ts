import type { Fence, Swapper } from '../engine.ts';
import { Session } from './connection.ts';
import { exchangeDatabases } from './exchange.ts';
import { type Locked, lockTables } from './fence.ts';
import { finishInterrupted } from './interrupted.ts';
import { databaseOf, qualified } from './names.ts';
import type { SqlserverOptions } from './options.ts';
import { beside } from './sessions.ts';

export function sqlserverSwap(options: SqlserverOptions): Swapper {
  const held = new Set<HeldFence>();
  return {
    settle: (live) =>
      beside(options, 'settle', (session) => finishInterrupted(session, databaseOf(live), options)),
    warm: (incoming) => warm(databaseOf(incoming), options),
    fence: (at) => fence(databaseOf(at), held, options),
    exchange: (live, incoming, kept) =>
      exchangeDatabases(
        { live: databaseOf(live), incoming: databaseOf(incoming), kept: databaseOf(kept) },
        held,
        options,
      ),
    // The exchange has done it, while nobody else was in either database.
    carryOn: async () => [],
  };
}

/** Statistics of the tables that were written to since they were gathered last, or never were. */
async function warm(database: string, options: SqlserverOptions): Promise<number> {
  return Session.use(database, options, { purpose: 'warm up before the swap' }, async (session) => {
    const stale = await session.rows(
      `SELECT DISTINCT s.name AS [schema], t.name AS name
         FROM sys.stats AS a JOIN sys.tables AS t ON t.object_id = a.object_id JOIN sys.schemas AS s ON s.schema_id = t.schema_id
        CROSS APPLY sys.dm_db_stats_properties(a.object_id, a.stats_id) AS p
        WHERE t.is_ms_shipped = 0 AND (p.modification_counter > 0 OR p.last_updated IS NULL) ORDER BY s.name, t.name`,
    );
    for (const { schema, name } of stale)
      await session.run(`UPDATE STATISTICS ${qualified(String(schema), String(name))}`);
    return stale.length;
  });
}

/** A fence that stands, or that has to stand again under another name. */
export interface HeldFence {
  database: string;
  /** How often it was asked for and not yet let go: a fence within a fence is the same one. */
  holders: number;
  locked: Locked;
}

async function fence(
  database: string,
  held: Set<HeldFence>,
  options: SqlserverOptions,
): Promise<Fence> {
  const standing = [...held].find((one) => one.database === database);
  if (standing !== undefined) {
    standing.holders += 1;
    return { release: () => letGo(standing, held) };
  }
  const own: HeldFence = { database, holders: 1, locked: await lockTables(database, options) };
  held.add(own);
  return { release: () => letGo(own, held) };
}

async function letGo(own: HeldFence, held: Set<HeldFence>): Promise<void> {
  own.holders -= 1;
  if (own.holders > 0) return;
  held.delete(own);
  await own.locked.session.close();
}
