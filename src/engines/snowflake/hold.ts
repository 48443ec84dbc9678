import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Hold } from '../engine.ts';
import type { Session } from './connection.ts';
import type { Held, HeldRights } from './held.ts';
import { literal, qualified } from './names.ts';
import { lockStore, provideLock } from './store-lock.ts';
import type { StorePlace } from './store-place.ts';
import { rowsOf } from './workspace.ts';

/**
 * An exclusive right by name, as a lease: Snowflake has no lock that ends with the process that has it (a transaction
 * whose client has died lasts for minutes or hours). The lease is renewed while the process lives, and taken over when
 * its time is up. `session` is its own, apart from others, and ends with it; `rights` are told when the lease is lost.
 */
export async function hold(
  session: Session,
  place: StorePlace,
  { leaseMs, name, waitMs, rights }: Asked,
): Promise<Hold> {
  try {
    const lease = new Lease(session, place, leaseMs, name);
    await lease.provide();
    const end = Date.now() + waitMs;
    for (;;) {
      const holder = await lease.take();
      if (holder === null) return held(session, lease, leaseMs, rights);
      if (Date.now() >= end) {
        await session.close();
        return { held: false, holder };
      }
      await sleep(Math.min(pollMs, Math.max(1, end - Date.now())));
    }
  } catch (error) {
    await session.close();
    throw error;
  }
}

interface Asked {
  readonly leaseMs: number;
  readonly name: string;
  readonly waitMs: number;
  readonly rights: HeldRights;
}

const pollMs = 500;

function held(session: Session, lease: Lease, leaseMs: number, rights: HeldRights): Hold {
  rights.add(lease);
  let expiry: NodeJS.Timeout | undefined;
  /** Counted from before the server was asked, so that it ends here no later than there. */
  const endsAfter = (asked: number) => {
    clearTimeout(expiry);
    expiry = setTimeout(() => rights.lose(lease), leaseMs - (performance.now() - asked));
    expiry.unref();
  };
  const renew = async () => {
    const asked = performance.now();
    if (await lease.renew()) endsAfter(asked);
    else rights.lose(lease);
  };
  endsAfter(lease.taken);
  // Asked three times before the lease would end. It must not keep the process alive.
  const timer = setInterval(() => void renew().catch(() => undefined), leaseMs / 3);
  timer.unref();
  return {
    held: true,
    release: async () => {
      clearInterval(timer);
      clearTimeout(expiry);
      rights.remove(lease);
      await lease.giveBack().finally(() => session.close());
    },
  };
}

class Lease implements Held {
  readonly name: string;
  /** When it was asked for, by the clock of `performance`. */
  taken = 0;
  readonly #session: Session;
  readonly #place: StorePlace;
  readonly #table: string;
  readonly #ms: number;
  /** Tells this lease from every other one. */
  readonly #token = randomUUID();

  constructor(session: Session, place: StorePlace, ms: number, name: string) {
    this.#session = session;
    this.#place = place;
    this.#table = qualified(place.database, place.schema, 'GREENLIGHT_HOLD');
    this.#ms = ms;
    this.name = name;
  }

  async provide(): Promise<void> {
    await provideLock(this.#session, this.#place);
    await this.#session.run(
      `CREATE TABLE IF NOT EXISTS ${this.#table} (name VARCHAR, token VARCHAR, holder VARCHAR, ends_at TIMESTAMP_LTZ)`,
    );
  }

  /** Null: it is ours now. Else who has it. By the server's clock. */
  async take(): Promise<string | null> {
    this.taken = performance.now();
    return this.#session.transaction(async () => {
      await lockStore(this.#session, this.#place);
      const [other] = rowsOf(
        await this.#session.table(
          `SELECT holder FROM ${this.#table} WHERE name = ? AND ends_at > CURRENT_TIMESTAMP()`,
          [this.name],
        ),
      );
      if (other !== undefined) return String(other.holder);
      await this.#session.run(`DELETE FROM ${this.#table} WHERE name = ?`, [this.name]);
      await this.#session.run(
        `INSERT INTO ${this.#table} (name, token, holder, ends_at)
         SELECT ?, ?, ${literal(`process ${process.pid} on ${hostname()}`)}, ${this.#end}`,
        [this.name, this.#token],
      );
      return null;
    });
  }

  /** False: it has ended, and is not to be had back, for somebody may have seen that. */
  async renew(): Promise<boolean> {
    const renewed = await this.#session.run(
      `UPDATE ${this.#table} SET ends_at = ${this.#end} WHERE token = ? AND ends_at > CURRENT_TIMESTAMP()`,
      [this.#token],
    );
    return renewed > 0;
  }

  async isOurs(): Promise<boolean> {
    const { rows } = await this.#session.table(
      `SELECT 1 FROM ${this.#table} WHERE token = ? AND ends_at > CURRENT_TIMESTAMP()`,
      [this.#token],
    );
    return rows.length > 0;
  }

  async giveBack(): Promise<void> {
    await this.#session.run(`DELETE FROM ${this.#table} WHERE token = ?`, [this.#token]);
  }

  get #end(): string {
    return `DATEADD(MILLISECOND, ${this.#ms}, CURRENT_TIMESTAMP())`;
  }
}
