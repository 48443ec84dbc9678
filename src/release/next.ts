import type { Config } from '../config/config.ts';
import type { Release, Verdict } from './records.ts';

/** The step that comes next for a release; null when there is none. What the project does not have is left out. */
export function nextStep(
  { state }: Pick<Release, 'state'>,
  config: Pick<Config, 'migrate' | 'simulate'>,
  verdict: Verdict | null,
): string | null {
  const made = config.simulate === null ? 'compare' : 'simulate';
  switch (state) {
    case 'new':
      return 'clone';
    case 'cloned':
      return config.migrate === null ? made : 'migrate';
    case 'migrated':
      return made;
    case 'simulated':
      return 'compare';
    case 'compared':
      return verdict === 'unexplained' ? 'approve' : 'swap';
    case 'approved':
      return 'swap';
    case 'rolled-back':
      return 'retire';
    case 'swapped':
    case 'retired':
      return null;
  }
}
