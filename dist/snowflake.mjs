import { createRequire } from 'node:module';
export const { configure, createConnection } = createRequire(import.meta.url)('./snowflake.cjs');
