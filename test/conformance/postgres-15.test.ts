import { conformPostgres } from './postgres-suite.ts';

conformPostgres(15, 'database');
