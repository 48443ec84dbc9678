import type { Location, Places } from '../engine.ts';
import { placesByRole, unmistakable } from '../places.ts';
import { databaseOf, fittingName } from './names.ts';

/** Everything of a release is a database beside live, on the same server, and is named after it. */
export function sqlserverPlaces(written: string): Places {
  const live = databaseOf(written);
  const place = (release: string, role: string): Location =>
    fittingName(unmistakable(live, release, role, { ignoresCase: true }));
  return {
    live,
    ...placesByRole(place),
    names: (at) => [at],
    describe: (at) => at,
  };
}
