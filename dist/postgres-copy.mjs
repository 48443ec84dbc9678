import { createRequire } from 'node:module';
export const { from, to } = createRequire(import.meta.url)('./postgres-copy.cjs');
