import { createHash } from 'node:crypto';
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

/**
 * `shop__pr-42__candidate`. Where live or release hold what separates them, two of them could make one name: `a`, `b__c`
 * and `a__b`, `c`; so could `PR-42` and `pr-42` where names have no case. Such a name ends with a digest of its parts.
 */
export function unmistakable(
  live: string,
  release: string,
  role: string,
  { ignoresCase = false }: { readonly ignoresCase?: boolean } = {},
): string {
  const name = `${live}__${release}__${role}`;
  const isMistakable =
    [live, release].some((part) => /__|^_|_$/.test(part)) ||
    (ignoresCase && release !== release.toLowerCase());
  if (!isMistakable) return name;
  const digest = createHash('sha256')
    .update(JSON.stringify([live, release, role]))
    .digest('hex');
  return `${name}~${digest.slice(0, 10)}`;
}
