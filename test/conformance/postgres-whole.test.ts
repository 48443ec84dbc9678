import { conformPostgres } from './postgres-suite.ts';

conformPostgres(18, 'database');
conformPostgres(18, 'schema');
conformPostgres(15, 'database');
conformPostgres(15, 'schema');
