import { isGate } from '../support/gate.ts';
import { conformPostgres } from './postgres-suite.ts';
import { type Section, sections } from './suite.ts';

/** What takes longest, and does not depend on the version of the server. */
const slowest: readonly Section[] = [
  'bitemporal tables',
  'comparison: recorded rows',
  'comparison: patterns',
  'comparison: property',
];
const all = Object.keys(sections) as Section[];

conformPostgres(15, 'database', isGate ? all.filter((one) => !slowest.includes(one)) : all);
