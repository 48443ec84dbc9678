import { whyUnmet } from '../compare/expectations.ts';
import type { ExpectationOutcome } from '../compare/outcome.ts';
import { visible } from '../format.ts';
import type { Annotation } from '../hosts/review.ts';

/** Points to the declarations that are not met. `toFile` makes the path that the host knows. */
export function annotationsOf(
  expectations: readonly ExpectationOutcome[],
  toFile: (file: string) => string,
): Annotation[] {
  return expectations
    .filter(({ status }) => status !== 'met')
    .map((outcome) => ({
      file: toFile(outcome.file),
      line: outcome.line,
      title: 'Expectation not met',
      text: `${visible(outcome.declares).slice(0, 500)}: ${whyUnmet(outcome)}`,
    }));
}
