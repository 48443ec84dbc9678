import { jest } from '@jest/globals';
import { conformSnowflake } from './snowflake-suite.ts';

// Each case has tables of its own, which are made first; the double takes some milliseconds a statement.
jest.setTimeout(600_000);

conformSnowflake('database', [
  'scripts',
  'bitemporal tables',
  'replay',
  'stores',
  'recorded deviations',
  'comparison: truth table',
  'comparison: recorded rows',
  'comparison: session',
  'comparison: patterns',
  'comparison: claims',
  'comparison: property',
]);
