import { duckdb } from './duckdb.ts';
import { conformance } from './suite.ts';

conformance('duckdb', duckdb);
