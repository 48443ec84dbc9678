import { createRequire } from 'node:module';
export const { DuckDBConnection, DuckDBInstance } = createRequire(import.meta.url)('./duckdb.cjs');
