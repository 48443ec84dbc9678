import { createRequire } from 'node:module';
export const { hasSqlDetails, loadModule, parsePlPgSQLSync, parseSync } = createRequire(import.meta.url)('./postgres-parser.cjs');
