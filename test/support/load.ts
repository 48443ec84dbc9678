import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/**
 * Clients that write one transaction after the other, each with a number of its own, and come back when they are thrown
 * out: so they tell how many errors each one saw, and how soon it was back. pgbench ends a client at its first error.
 */
export interface Load {
  /** Numbers that were acknowledged as committed. */
  readonly acknowledged: number[];
  readonly clients: readonly ClientSeen[];
  /** Waits until so many more transactions have been committed. */
  more(transactions: number): Promise<void>;
  /** The longest transaction since the last time that it was asked for, in milliseconds. */
  longest(): number;
  stop(): Promise<void>;
}

export interface ClientSeen {
  /** SQLSTATEs, or what happened to the connection. */
  readonly errors: string[];
  /** From the first error to the next committed transaction, in milliseconds; the longest. */
  recoveredMs: number;
  /** Nothing of its was committed since its last error. */
  isOut: boolean;
}

/** `table` has the columns id and client. */
export function startLoad(config: pg.ClientConfig, table: string, count: number): Load {
  let isOver = false;
  let longest = 0;
  const acknowledged: number[] = [];
  const clients = Array.from(
    { length: count },
    (): ClientSeen => ({
      errors: [],
      recoveredMs: 0,
      isOut: false,
    }),
  );
  const working = clients.map(async (seen, at) => {
    let id = at * 10_000_000;
    let failedAt: number | null = null;
    while (!isOver) {
      const client = new pg.Client(config);
      client.on('error', () => undefined);
      try {
        await client.connect();
        while (!isOver) {
          const started = performance.now();
          id += 1; // never again: whether a failed one was committed, nobody told
          await client.query('begin');
          await client.query(`insert into ${table} values ($1, $2)`, [id, at]);
          await client.query('commit');
          acknowledged.push(id);
          longest = Math.max(longest, performance.now() - started);
          if (failedAt !== null)
            seen.recoveredMs = Math.max(seen.recoveredMs, performance.now() - failedAt);
          failedAt = null;
          seen.isOut = false;
        }
      } catch (error) {
        failedAt ??= performance.now();
        seen.isOut = true;
        seen.errors.push(String((error as { code?: string }).code ?? (error as Error).message));
      }
      await client.end().catch(() => undefined);
    }
  });
  return {
    acknowledged,
    clients,
    more: async (transactions) => {
      const enough = acknowledged.length + transactions;
      while (acknowledged.length < enough) await sleep(5);
    },
    longest: () => {
      const found = longest;
      longest = 0;
      return found;
    },
    stop: async () => {
      isOver = true;
      await Promise.all(working);
    },
  };
}
