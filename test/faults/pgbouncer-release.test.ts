import { describe, expect, jest, test } from '@jest/globals';
import { versions } from '../engines/postgres/shop.ts';
import { findPgbench } from '../support/pgbench.ts';
import { findPgBouncer } from '../support/pgbouncer.ts';
import { releaseUnderLoad } from '../support/under-load.ts';

// What the clients write since the clone is brought over. As they never stop, they wait for the last of it, and for the
// exchange: behind PgBouncer they fail never, and lose nothing.

jest.setTimeout(400_000);

const [pgbouncer, pgbench] = [await findPgBouncer(), await findPgbench()];
const found = pgbouncer === null || pgbench === null ? [] : versions;
if (found.length === 0)
  test.skip('PgBouncer or pgbench cannot be had on this machine', () => undefined);

/** More than any machine should need: nobody waits for long unless something stands still. */
const longestWaitMs = 60_000;

describe.each(found)('on PostgreSQL %s', (version) => {
  test('no transaction of pgbench fails while a release goes live and back by its commands, and none is lost', async () => {
    if (pgbouncer === null || pgbench === null) throw new Error('no PgBouncer or pgbench');
    const programs = { pgbouncer, pgbench };
    const { swap, rollback, load, before, afterwards } = await releaseUnderLoad(version, programs, {
      clients: 8,
      thinkMs: 10,
    });
    for (const { run } of [swap, rollback]) if (run.exitCode !== 0) throw new Error(run.stderr);
    expect(JSON.parse(swap.run.stdout)).toMatchObject({
      verified: 1,
      caught_up: { policy: 'replay' },
    });
    expect(swap.run.stderr).toContain('from now on writers wait until the swap is over');
    expect(JSON.parse(rollback.run.stdout)).toMatchObject({ replayed: ['public.orders'] });
    expect([swap.hasNote, rollback.hasNote]).toEqual([true, false]);

    expect(load).toMatchObject({ complaint: '', exitCode: 0, failed: 0 });
    for (const { ended, ids } of [swap, rollback]) {
      expect(load.acknowledged(ended).filter((id) => !ids.has(id))).toEqual([]);
      expect(before.filter((id) => !ids.has(id))).toEqual([]);
    }
    const all = load.acknowledged(Number.POSITIVE_INFINITY);
    expect(all).toHaveLength(load.transactions);
    expect(afterwards).toEqual(new Set([...before, ...all]));

    const waits = [
      load.longest(swap.began, rollback.began),
      load.longest(rollback.began, Number.POSITIVE_INFINITY),
    ].map(Math.round);
    process.stderr.write(
      `PostgreSQL ${version}: none of ${load.transactions} transactions failed; they waited at most ${waits[0]} ms for the swap and ${waits[1]} ms for the rollback\n`,
    );
    for (const wait of waits) {
      expect(wait).toBeGreaterThan(50);
      expect(wait).toBeLessThan(longestWaitMs);
    }
  });
});
