import { createRequire } from 'node:module';
export const { DuckDBConnection, DuckDBInstance, version } = createRequire(import.meta.url)('./duckdb.cjs');
