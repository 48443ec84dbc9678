import type { Location, Places } from '../engine.ts';
import { placesByRole } from '../places.ts';
import { locationOf, nameOfRelease, placeOf, plain } from './names.ts';

/**
 * Everything of a release stands beside live and is named after it: databases of the same account, or schemas of the
 * same database when live is a schema.
 */
export function snowflakePlaces(written: string): Places {
  const live = placeOf(written);
  const place = (release: string, role: string): Location => {
    const part = role.toUpperCase().replaceAll('-', '_');
    const own = nameOfRelease(live.schema ?? live.database, release, part);
    return locationOf(
      live.schema === null
        ? { database: own, schema: null }
        : { database: live.database, schema: own },
    );
  };
  return {
    live: locationOf(live),
    ...placesByRole(place),
    names: (at) => {
      const { database, schema } = placeOf(at);
      return [plain(schema ?? database)];
    },
    describe: (at) => at,
  };
}
