import type { Location, Places } from '../engine.ts';
import { locationOf, nameOfRelease, placeOf, plain } from './names.ts';

/**
 * Everything of a release stands beside live and is named after it: databases of the same account, or schemas of the
 * same database when live is a schema.
 */
export function snowflakePlaces(written: string): Places {
  const live = placeOf(written);
  const place = (release: string, role: string): Location => {
    const own = nameOfRelease(live.schema ?? live.database, release, role);
    return locationOf(
      live.schema === null
        ? { database: own, schema: null }
        : { database: live.database, schema: own },
    );
  };
  return {
    live: locationOf(live),
    candidate: (release) => place(release, 'CANDIDATE'),
    baseline: (release) => place(release, 'BASELINE'),
    control: (release) => place(release, 'CONTROL'),
    published: (release) => place(release, 'PUBLISHED'),
    previous: (release) => place(release, 'PREVIOUS'),
    rolledBack: (release) => place(release, 'ROLLED_BACK'),
    rehearsal: (release) => ({
      live: place(release, 'REHEARSAL_LIVE'),
      candidate: place(release, 'REHEARSAL_CANDIDATE'),
      previous: place(release, 'REHEARSAL_PREVIOUS'),
    }),
    names: (at) => {
      const { database, schema } = placeOf(at);
      return [plain(schema ?? database)];
    },
    describe: (at) => at,
  };
}
