import { createHash } from 'node:crypto';
import type { Location, Places } from '../engine.ts';
import { placesByRole } from '../places.ts';
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

/**
 * `shop__pr-42__candidate`. Where live or release hold what separates them, two of them could make one name: `a`, `b__c`
 * and `a__b`, `c`. Such a name ends with a digest of its parts.
 */
function unmistakable(live: string, release: string, role: string): string {
  const name = `${live}__${release}__${role}`;
  if (![live, release].some((part) => /__|^_|_$/.test(part))) return name;
  const digest = createHash('sha256')
    .update(JSON.stringify([live, release, role]))
    .digest('hex');
  return `${name}~${digest.slice(0, 10)}`;
}
