import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { DatabaseInUse } from '../../errors.ts';
import type { Hold } from '../engine.ts';
import { Session } from './connection.ts';
import type { PostgresOptions } from './options.ts';
import type { StorePlace } from './store-place.ts';

/**
 * An exclusive right that the server takes back when the process ends, however it ends: an advisory lock of a session
 * that does nothing else.
 */
export async function hold(
  { database, schema }: StorePlace,
  options: PostgresOptions,
  name: string,
  waitMs: number,
): Promise<Hold> {
  const key = lockKey(schema, `hold ${name}`);
  // In pg_stat_activity: `greenlight process 4711 on runner-1 holds swap`.
  const purpose = `process ${process.pid} on ${hostname()} holds ${name}`;
  const session = await Session.open(database, options, { purpose });
  try {
    // 0 would mean for ever.
    await session.run(`SET lock_timeout = ${Math.max(waitMs, 1)}`);
    await session.run('SELECT pg_advisory_lock($1::bigint)', [key]);
    return { held: true, release: () => session.close() };
  } catch (error) {
    try {
      if (!(error instanceof DatabaseInUse)) throw error;
      return { held: false, holder: await holderOf(session, key) };
    } finally {
      await session.close();
    }
  }
}

async function holderOf(session: Session, key: bigint): Promise<string> {
  const [holder] = await session.rows(
    `SELECT application_name AS name, pid, client_addr AS address
     FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND granted AND objsubid = 1
       AND (classid::bigint << 32) | objid::bigint = $1::bigint
       AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [key],
  );
  if (holder === undefined) return 'another process';
  const from = holder.address === null ? '' : ` from ${holder.address}`;
  return `${String(holder.name).replace(/^greenlight /, '')} (session ${holder.pid}${from})`;
}

/** The same number for the same words in every process; 64 bits, as advisory locks have them. */
export function lockKey(schema: string, name: string): bigint {
  const digest = createHash('sha256').update(`greenlight ${schema} ${name}`).digest();
  return digest.readBigInt64BE();
}
