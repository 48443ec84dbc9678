import { createRequire } from 'node:module';
export const { from } = createRequire(import.meta.url)('./postgres-copy.cjs');
