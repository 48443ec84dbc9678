import { conformSnowflake } from './snowflake-suite.ts';

conformSnowflake('database', [
  'scripts',
  'bitemporal tables',
  'replay',
  'stores',
  'recorded deviations',
  'comparison: recorded rows',
  'comparison: claims',
]);
