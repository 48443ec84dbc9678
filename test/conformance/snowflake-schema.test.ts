import { conformSnowflake } from './snowflake-suite.ts';

conformSnowflake('schema', ['databases', 'catalog', 'swap']);
