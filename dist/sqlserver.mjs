import { createRequire } from 'node:module';
export const { ConnectionPool, MAX, Request, Table, TYPES } = createRequire(import.meta.url)('./sqlserver.cjs');
