import { conformPostgres } from './postgres-suite.ts';

// The other levels and versions: postgres-more.test.ts.
conformPostgres(18, 'database');
