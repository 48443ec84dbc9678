import { describe } from '@jest/globals';
import { bitemporalScenarios } from './bitemporal.ts';
import { catalogScenarios } from './catalog.ts';
import { claimScenarios } from './claims.ts';
import { databaseScenarios } from './databases.ts';
import { deviationScenarios } from './deviations.ts';
import type { Harness } from './harness.ts';
import { patternScenarios } from './patterns.ts';
import { propertyScenarios } from './property.ts';
import { replayScenarios } from './replay.ts';
import { rowScenarios } from './rows.ts';
import { scriptScenarios } from './scripts.ts';
import { sessionScenarios } from './sessions.ts';
import { storeScenarios } from './store.ts';
import { swapScenarios } from './swap.ts';
import { truthScenarios } from './truth.ts';
import { portableCases } from './truth-cases.ts';

export const sections = {
  databases: databaseScenarios,
  catalog: catalogScenarios,
  scripts: scriptScenarios,
  'bitemporal tables': bitemporalScenarios,
  swap: swapScenarios,
  replay: replayScenarios,
  stores: storeScenarios,
  'recorded deviations': deviationScenarios,
  'comparison: truth table': (harness: Harness) => truthScenarios(harness, portableCases),
  'comparison: recorded rows': rowScenarios,
  'comparison: session': sessionScenarios,
  'comparison: patterns': patternScenarios,
  'comparison: claims': claimScenarios,
  'comparison: property': propertyScenarios,
} as const;

export type Section = keyof typeof sections;

/** The same scenarios and the same expected deviations for every engine. `only` some sections of them; default: all. */
export function conformance(
  name: string,
  harness: Harness,
  only: readonly Section[] = Object.keys(sections) as Section[],
): void {
  describe(`${name} conforms`, () => {
    for (const section of only) describe(section, () => sections[section](harness));
  });
}
