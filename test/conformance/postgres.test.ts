import { conformPostgres } from './postgres-suite.ts';

// What counts most, every day. All of it, on all versions and levels: postgres-whole.test.ts.
conformPostgres(18, 'database', ['swap', 'comparison: truth table', 'comparison: claims']);
