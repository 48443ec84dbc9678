import { createRequire } from 'node:module';
export const { Client } = createRequire(import.meta.url)('./postgres.cjs');
