import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Session } from '../../../src/engines/snowflake/connection.ts';
import { readOptions } from '../../../src/engines/snowflake/options.ts';
import { type SnowflakeDouble, startDouble } from '../../support/snowflake-double/server.ts';
import { connectionOf } from './shop.ts';

jest.setTimeout(120_000);

let double: SnowflakeDouble;
beforeAll(async () => {
  double = await startDouble();
  double.addUser({ name: 'RELEASE', roles: ['ACCOUNTADMIN'], credential: { password: 'secret' } });
});
afterAll(() => double.stop());

const optionsOf = (more: Record<string, string | number> = {}) =>
  readOptions({ root: '.', connection: connectionOf(double, { user: 'RELEASE', ...more }) }, {});

/** How many of them ran in the account at the same time, at most. */
function mostAtOnce(statements: typeof double.history): number {
  const events = statements.flatMap(({ started, ended }) => [
    { at: started.getTime(), by: 1 },
    { at: (ended ?? new Date()).getTime(), by: -1 },
  ]);
  let [now, most] = [0, 0];
  for (const { by } of events.toSorted((a, b) => a.at - b.at || a.by - b.by)) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

test.each([1, 3])(
  'no more than %i statements run at once, of all sessions together',
  async (parallel) => {
    const options = optionsOf({ parallel });
    const slow =
      'SELECT COUNT(DISTINCT N % 100003) AS "n" FROM (SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 500000))) AS g';
    const sessions = await Promise.all(
      ['a', 'b'].map((purpose) => Session.open(options, { purpose })),
    );
    try {
      const from = double.history.length;
      await Promise.all(
        sessions.flatMap((session) => [
          ...[1, 2, 3].map(() => session.rows(slow)),
          ...[1, 2].map(() => session.later(slow)),
        ]),
      );
      const own = double.history.slice(from);
      expect(own).toHaveLength(10);
      expect(mostAtOnce(own)).toBe(parallel);
    } finally {
      await Promise.all(sessions.map((session) => session.close()));
    }
  },
);

test('a connection that breaks while a statement is waited for ends nothing; one that stays broken does', async () => {
  const waiting = (more: Record<string, string>) =>
    Session.use(optionsOf(more), { purpose: 'test' }, (session) =>
      session.later('SELECT 7 AS "n"').then(({ rows }) => rows),
    );
  try {
    double.breakStatus(2);
    expect(await waiting({})).toEqual([['7']]);
    double.breakStatus(1000);
    await expect(waiting({ connect_timeout: '2s' })).rejects.toThrow(/cannot be reached/);
  } finally {
    double.breakStatus(0);
  }
});

test('the warehouse gets the size that is asked for, once a process, and not from who only looks', async () => {
  const warehouse = double.account.warehouses.get('WH');
  const sized = () => double.history.filter(({ text }) => /SET WAREHOUSE_SIZE/.test(text)).length;
  expect(warehouse?.size).toBe('X-Small');
  await Session.use(
    optionsOf({ warehouse_size: 'large' }),
    { purpose: 'test', looksOnly: true },
    async () => undefined,
  );
  expect([warehouse?.size, sized()]).toEqual(['X-Small', 0]);
  const options = optionsOf({ warehouse_size: 'large' });
  for (const purpose of ['a', 'b'])
    await Session.use(options, { purpose }, async (session) => {
      const rows = await session.rows("SHOW WAREHOUSES LIKE 'WH'");
      expect(rows[0]?.size).toBe('LARGE');
    });
  expect(sized()).toBe(1);
  await Session.use(optionsOf(), { purpose: 'test' }, async () => undefined);
  expect([warehouse?.size, sized()]).toEqual(['LARGE', 1]);
});
