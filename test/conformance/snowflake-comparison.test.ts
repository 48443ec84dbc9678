import { conformSnowflake } from './snowflake-suite.ts';

conformSnowflake('database', [
  'scripts',
  'bitemporal tables',
  'replay',
  'stores',
  'recorded deviations',
  'comparison: truth table',
  'comparison: recorded rows',
  'comparison: patterns',
  'comparison: claims',
]);
