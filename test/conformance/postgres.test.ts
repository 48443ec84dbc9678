import { conformPostgres } from './postgres-suite.ts';

// What counts most, every day. All of it: postgres-15.test.ts and postgres-schema.test.ts.
conformPostgres(18, 'database', ['swap', 'comparison: truth table', 'comparison: claims']);
