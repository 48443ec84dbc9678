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
import { storeScenarios } from './store.ts';
import { swapScenarios } from './swap.ts';
import { truthScenarios } from './truth.ts';
import { portableCases } from './truth-cases.ts';

/** The same scenarios and the same expected deviations for every engine. */
export function conformance(name: string, harness: Harness): void {
  describe(`${name} conforms`, () => {
    describe('databases', () => databaseScenarios(harness));
    describe('catalog', () => catalogScenarios(harness));
    describe('scripts', () => scriptScenarios(harness));
    describe('bitemporal tables', () => bitemporalScenarios(harness));
    describe('swap', () => swapScenarios(harness));
    describe('replay', () => replayScenarios(harness));
    describe('stores', () => storeScenarios(harness));
    describe('recorded deviations', () => deviationScenarios(harness));
    describe('comparison: truth table', () => truthScenarios(harness, portableCases));
    describe('comparison: recorded rows', () => rowScenarios(harness));
    describe('comparison: patterns', () => patternScenarios(harness));
    describe('comparison: claims', () => claimScenarios(harness));
    describe('comparison: property', () => propertyScenarios(harness));
  });
}
