import type { Location, Places } from '../engine.ts';
import { placesByRole, unmistakable } from '../places.ts';
import { fittingName, locationOf, placeOf } from './names.ts';

/**
 * Everything of a release stands beside live and is named after it: databases of the same cluster, or schemas of the
 * same database when live is a schema.
 */
export function postgresPlaces(written: string): Places {
  const live = placeOf(written);
  const place = (release: string, role: string): Location => {
    const own = fittingName(unmistakable(live.schema ?? live.database, release, role));
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
      return [schema ?? database];
    },
    describe: (at) => at,
  };
}
