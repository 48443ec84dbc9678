import { afterAll, beforeAll, describe, test } from '@jest/globals';
import {
  hasPostgres,
  type PostgresServer,
  type PostgresVersion,
  startPostgres,
} from '../support/postgres-server.ts';
import { postgres } from './postgres.ts';
import { conformance } from './suite.ts';

const levels = ['database', 'schema'] as const;

describe.each([18, 15] satisfies PostgresVersion[])('PostgreSQL %s', (version) => {
  if (!hasPostgres(version)) {
    test.skip(`is not on this machine`, () => undefined);
    return;
  }
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(version);
  });
  afterAll(() => server.stop());
  for (const level of levels)
    conformance(
      `a ${level}`,
      postgres(() => server, level, version),
    );
});
