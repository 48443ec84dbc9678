import { createRequire } from 'node:module';
export const { loadModule, parseSync, scanSync } = createRequire(import.meta.url)('./postgres-parser.cjs');
