import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { postgresComparer } from '../../../src/engines/postgres/comparison.ts';
import { readOptions } from '../../../src/engines/postgres/options.ts';
import { fastestWays, type Ways } from '../../../src/engines/postgres/rows.ts';
import type { Harness, Scratch } from '../../conformance/harness.ts';
import { postgres } from '../../conformance/postgres.ts';
import { truthScenarios } from '../../conformance/truth.ts';
import { portableCases } from '../../conformance/truth-cases.ts';
import { isGate } from '../../support/gate.ts';
import { hasPostgres, type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { wantedVersions } from './shop.ts';
import { postgresCases } from './truth-cases.ts';

describe.each(wantedVersions)('PostgreSQL %s', (version) => {
  if (!hasPostgres(version)) {
    test.skip(`is not on this machine`, () => undefined);
    return;
  }
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(version);
  });
  afterAll(() => server.stop());
  const harness = postgres(() => server, 'database', version);
  describe('truth table', () => truthScenarios(harness, postgresCases));

  if (version !== 18) return;
  const bothWays = [
    ['by bytes, all rows counted first', { ...fastestWays, roomFor: () => 0 }],
    ['by texts', { ...fastestWays, shapeOf: () => null }],
  ] as const;
  describe.each(bothWays)('truth table %s', (_, ways) =>
    truthScenarios({ ...harness, start: () => startWith(harness, ways) }, [
      // Those of all engines go the fastest ways in the conformance suite.
      ...(isGate ? [] : portableCases),
      ...postgresCases,
    ]),
  );

  async function startWith(harness: Harness, ways: Ways): Promise<Scratch> {
    const scratch = await harness.start();
    const { engine, recipe } = scratch;
    const comparison = postgresComparer(readOptions(recipe.settings, {}), engine.places.live, ways);
    return { ...scratch, engine: { ...engine, comparison } };
  }
});
