import type { Finding, Location } from '../engine.ts';
import { findingsOf } from '../examination.ts';
import { Session } from './connection.ts';
import { withoutData } from './errors.ts';
import { placeOf } from './names.ts';
import type { PostgresOptions } from './options.ts';
import { optionsAt, requireReadable } from './servers.ts';

/** A baseline that is given stands still: nothing is replayed there, and all of it can be read. */
export async function examineGiven(at: Location, options: PostgresOptions): Promise<Finding> {
  const { good, warning, fault, thrown } = findingsOf('databases');
  const subject = 'given baseline';
  const place = placeOf(at);
  const about = { purpose: 'doctor', readOnly: true };
  try {
    return await Session.use(place.database, optionsAt(options, place), about, async (session) => {
      await requireReadable(session, place);
      const { there, standby, replays } = await session.row(
        `SELECT $1::name IS NULL OR EXISTS (SELECT FROM pg_namespace WHERE nspname = $1) AS there, pg_is_in_recovery() AS standby,
           pg_is_in_recovery() AND NOT pg_is_wal_replay_paused() AS replays`,
        [place.schema],
      );
      if (there !== true)
        return fault(
          subject,
          `There is no schema ${place.schema} in database ${place.database} of server ${place.server}.`,
          'Check clone.baseline in greenlight.yml.',
        );
      if (replays === true)
        return warning(
          subject,
          `${at} is on a standby that follows live: it does not stand still.`,
          'Before the clone, on the standby: SELECT pg_wal_replay_pause();',
        );
      return good(
        subject,
        standby === true
          ? `${at} is on a standby whose replay is paused.`
          : `${at} can be read. Whoever writes to it makes the release unusable.`,
      );
    });
  } catch (error) {
    return thrown(subject, error, withoutData);
  }
}
