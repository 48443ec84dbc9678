import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { isGate } from '../../support/gate.ts';
import { makePostgresProject, type PostgresProject } from '../../support/postgres-project.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { versions } from './shop.ts';

// By what a swap was told that live had not been written to, as its result says it and as the ledger keeps it.

jest.setTimeout(120_000);

interface Told {
  readonly by: string;
  readonly reason: string | null;
}
interface Swapped {
  readonly drift_told: { readonly since_clone: Told; readonly behind_fence: Told };
}

const byDecoding = { by: 'logical decoding', reason: null };
const byRowVersions = (reason: string | null) => ({
  by: 'row versions',
  reason: reason === null ? null : expect.stringContaining(reason),
});

describe.each(
  versions.flatMap((version) => [
    { version, walLevel: 'logical' },
    { version, walLevel: 'replica' },
  ]),
)('PostgreSQL $version with wal_level = $walLevel', ({ version, walLevel }) => {
  let server: PostgresServer;
  let project: PostgresProject;
  beforeAll(async () => {
    server = await startPostgres(version, { wal_level: walLevel });
  });
  afterEach(() => project?.dispose());
  afterAll(() => server.stop());

  const ways =
    {
      logical: [
        { slot: 'clone', clone: byDecoding, sinceClone: byDecoding, behindFence: byDecoding },
        {
          slot: 'auto',
          clone: byRowVersions('sets no limit'),
          sinceClone: byRowVersions(null),
          behindFence: byDecoding,
        },
        {
          slot: 'never',
          clone: byRowVersions('drift_slot is never'),
          sinceClone: byRowVersions('drift_slot is never'),
          behindFence: byRowVersions('drift_slot is never'),
        },
      ],
      replica: [
        {
          slot: 'clone',
          clone: byRowVersions('wal_level'),
          sinceClone: byRowVersions('wal_level'),
          behindFence: byRowVersions('wal_level'),
        },
      ],
    }[walLevel] ?? [];

  // Each takes a whole release.
  test.each(isGate ? ways.slice(0, 1) : ways)(
    'drift_slot: $slot',
    async ({ slot, clone, sinceClone, behindFence }) => {
      project = await makePostgresProject(server, {
        files: { 'logic/01_nothing.sql': 'select 1;\n' },
        config: `connection: { drift_slot: ${slot} }\nsimulate: { run: [logic/*.sql] }\n`,
      });
      expect((await project.json('clone', '-r', 'pr-1')).drift_told).toEqual(clone);
      for (const step of ['simulate', 'compare']) await project.json(step, '-r', 'pr-1');
      const { drift_told } = await project.json<Swapped>('swap', '-r', 'pr-1');
      expect(drift_told).toEqual({ since_clone: sinceClone, behind_fence: behindFence });
      const recorded = await project.sql(
        `select detail -> 'drift_told' as told from greenlight.swap where direction = 'swap'`,
        `${project.live}_ledger`,
      );
      expect(recorded.map(({ told }) => JSON.parse(String(told)))).toEqual([drift_told]);
      await project.json('rollback', '-r', 'pr-1');
    },
  );
});
