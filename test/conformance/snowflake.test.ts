import { conformSnowflake } from './snowflake-suite.ts';

conformSnowflake('database', ['databases', 'catalog', 'swap']);
