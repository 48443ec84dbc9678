import type { KeptTrail, Location, Trail } from '../engine.ts';
import { Session, toNumber } from './connection.ts';
import { placeOf } from './names.ts';
import type { PostgresOptions } from './options.ts';
import { beside } from './sessions.ts';
import { dropSlots, makeSlot, type Point, settleBeginning, slotOf } from './slots.ts';
import { writePoint } from './watch.ts';

/** A slot that was made before the clone instant, and stays until it is dropped. */
export interface BegunTrail {
  /** What is written after the clone instant is what `snapshot` did not see. */
  at(snapshot: string, undecoded: string): Trail;
  /** The clone failed. */
  giveUp(): Promise<void>;
}

/**
 * Has the server keep what is written to live from now on. As long as it does, it keeps all of its log: by default it
 * does so only where a limit is set to that.
 */
export async function beginTrail(
  live: Location,
  release: string,
  options: PostgresOptions,
): Promise<BegunTrail> {
  const slot = slotOf(live, release);
  const { database } = placeOf(live);
  const purpose = `clone ${release}`;
  return Session.use(database, options, { purpose, readOnly: true }, async (session) => {
    await dropSlots(session, [slot]);
    const { reason } =
      (await refusal(session, options)) ?? (await makeSlot(session, slot, { temporary: false }));
    if (reason !== null) {
      return {
        at: () => ({ point: null, by: 'row versions', reason }),
        giveUp: async () => undefined,
      };
    }
    const doubtful = await settleBeginning(session);
    return {
      at: (snapshot, undecoded) => {
        const point: Point = { snapshot, doubtful, undecoded };
        return { point: writePoint(slot, point), by: 'logical decoding', reason: null };
      },
      giveUp: async () => {
        await dropTrail(live, release, options);
      },
    };
  });
}

/** Null: nothing speaks against a slot. */
async function refusal(
  session: Session,
  { driftSlot }: PostgresOptions,
): Promise<{ readonly reason: string } | null> {
  if (driftSlot === 'clone') return null;
  if (driftSlot !== 'auto') return { reason: `connection.drift_slot is ${driftSlot}` };
  const { limit, free } = await session.row(
    `SELECT current_setting('max_slot_wal_keep_size') AS limit,
            current_setting('max_replication_slots')::integer - (SELECT count(*) FROM pg_replication_slots) AS free`,
  );
  if (limit === '-1')
    return { reason: 'max_slot_wal_keep_size sets no limit to the log that a slot keeps' };
  return toNumber(free) < 2 ? { reason: 'the last replication slot is left to others' } : null;
}

/** Null: nothing is kept. */
export async function readTrail(
  live: Location,
  release: string,
  options: PostgresOptions,
): Promise<KeptTrail | null> {
  return beside([], options, 'look for slots', async (session) => {
    const [found] = await session.rows(
      `SELECT slot_name AS name, coalesce(wal_status, '') <> 'lost' AS usable,
              coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0) AS bytes
         FROM pg_replication_slots WHERE slot_name = $1`,
      [slotOf(live, release)],
    );
    return found === undefined
      ? null
      : { name: String(found.name), bytes: toNumber(found.bytes), usable: found.usable === true };
  });
}

export async function dropTrail(
  live: Location,
  release: string,
  options: PostgresOptions,
): Promise<boolean> {
  return beside([], options, 'drop slots', (session) =>
    dropSlots(session, [slotOf(live, release)]),
  );
}
