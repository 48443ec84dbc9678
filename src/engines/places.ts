import type { Location, Places } from './engine.ts';

/**
 * The places of a release by their roles: `candidate`, `baseline`, `control`, `published`, `previous`, `rolled-back`, and
 * of its rehearsal `live`, `candidate` and `previous`.
 */
export function placesByRole(
  place: (release: string, role: string) => Location,
  rehearsed: (role: string) => string = (role) => `rehearsal-${role}`,
): Pick<
  Places,
  'candidate' | 'baseline' | 'control' | 'published' | 'previous' | 'rolledBack' | 'rehearsal'
> {
  return {
    candidate: (release) => place(release, 'candidate'),
    baseline: (release) => place(release, 'baseline'),
    control: (release) => place(release, 'control'),
    published: (release) => place(release, 'published'),
    previous: (release) => place(release, 'previous'),
    rolledBack: (release) => place(release, 'rolled-back'),
    rehearsal: (release) => ({
      live: place(release, rehearsed('live')),
      candidate: place(release, rehearsed('candidate')),
      previous: place(release, rehearsed('previous')),
    }),
  };
}
