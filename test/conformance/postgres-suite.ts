import { afterAll, beforeAll, describe, test } from '@jest/globals';
import {
  hasPostgres,
  type PostgresServer,
  type PostgresVersion,
  startPostgres,
} from '../support/postgres-server.ts';
import { postgres } from './postgres.ts';
import { conformance, type Section } from './suite.ts';

/** The suite on a real server of this version. */
export function conformPostgres(
  version: PostgresVersion,
  level: 'database' | 'schema',
  only?: readonly Section[],
): void {
  describe(`PostgreSQL ${version}`, () => {
    if (!hasPostgres(version)) {
      test.skip('is not on this machine', () => undefined);
      return;
    }
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres(version);
    });
    afterAll(() => server.stop());
    conformance(
      `a ${level}`,
      postgres(() => server, level, version),
      only,
    );
  });
}
