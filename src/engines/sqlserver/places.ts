import type { Location, Places } from '../engine.ts';
import { databaseOf, fittingName } from './names.ts';

/** Everything of a release is a database beside live, on the same server, and is named after it. */
export function sqlserverPlaces(written: string): Places {
  const live = databaseOf(written);
  const place = (release: string, role: string): Location =>
    fittingName(`${live}__${release}__${role}`);
  return {
    live,
    candidate: (release) => place(release, 'candidate'),
    baseline: (release) => place(release, 'baseline'),
    control: (release) => place(release, 'control'),
    published: (release) => place(release, 'published'),
    previous: (release) => place(release, 'previous'),
    rolledBack: (release) => place(release, 'rolled-back'),
    rehearsal: (release) => ({
      live: place(release, 'rehearsal-live'),
      candidate: place(release, 'rehearsal-candidate'),
      previous: place(release, 'rehearsal-previous'),
    }),
    names: (at) => [at],
    describe: (at) => at,
  };
}
