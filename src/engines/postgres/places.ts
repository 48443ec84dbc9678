import { UsageError } from '../../errors.ts';
import type { Location, Places } from '../engine.ts';
import { placesByRole, unmistakable } from '../places.ts';
import { fittingName, isPlace, locationOf, type Place, placeOf } from './names.ts';
import type { PostgresOptions } from './options.ts';
import { optionsAt } from './servers.ts';

/**
 * Everything of a release stands beside live and is named after it: databases of the same cluster, or schemas of the
 * same database when live is a schema.
 */
export function postgresPlaces(liveWritten: string, options: PostgresOptions): Places {
  const live = placeOf(liveWritten);
  const place = (release: string, role: string): Location => {
    const own = fittingName(unmistakable(live.schema ?? live.database, release, role));
    return locationOf(
      live.schema === null
        ? { database: own, schema: null, server: null }
        : { database: live.database, schema: own, server: null },
    );
  };
  return {
    live: locationOf(live),
    ...placesByRole(place),
    given: {
      locate: (written) => givenPlace(written, live, options),
      has: (at) => placeOf(at).server !== null,
    },
    names: (at) => {
      const { database, schema } = placeOf(at);
      return [schema ?? database];
    },
    describe: (at) => at,
  };
}

/** @throws UsageError unless it is of another server that is known, and of live's level. */
function givenPlace(written: string, live: Place, options: PostgresOptions): Location {
  const place = placeOf(written);
  if (isPlace(written) && place.server !== null) {
    optionsAt(options, place);
    if ((place.schema === null) === (live.schema === null)) return locationOf(place);
  }
  const shown = live.schema === null ? 'shop@replica' : 'shop.sales@replica';
  throw new UsageError({
    what: `This is no ${live.schema === null ? 'database' : 'schema'} of another server: ${written}`,
    where: 'greenlight.yml: clone.baseline',
    help: `Write ${shown}, and under connection.servers how replica is reached; or auto.`,
  });
}
