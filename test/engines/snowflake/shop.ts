import { jest } from '@jest/globals';
import type { Engine } from '../../../src/engines/engine.ts';
import { createEngine } from '../../../src/engines/registry.ts';
import { Session } from '../../../src/engines/snowflake/connection.ts';
import type { SnowflakeDouble } from '../../support/snowflake-double/server.ts';

export type Connection = Record<string, string | number | boolean>;

export const connectionOf = (double: SnowflakeDouble, more: Connection = {}): Connection => ({
  account: 'double',
  host: double.url,
  warehouse: 'WH',
  password: 'secret',
  ...more,
});

export const engineOf = (
  double: SnowflakeDouble,
  more: Connection,
  live = 'SHOP',
): Promise<Engine> =>
  createEngine('snowflake', {
    root: '.',
    live,
    ledger: 'LEDGER',
    connection: connectionOf(double, more),
  });

/** A clone of live, as a release makes it: from a baseline. Gives what the first one lacks. */
export async function cloneBoth({ databases, places }: Engine, release = 'r') {
  const how = { method: 'auto' } as const;
  const report = await databases.clone(places.live, places.baseline(release), how);
  await databases.clone(places.baseline(release), places.candidate(release), how);
  return report;
}

/** Does something before, or instead of, each statement that fits. */
export function meddle(form: RegExp, with_: (sql: string) => Promise<unknown>) {
  const { run } = Session.prototype;
  return jest.spyOn(Session.prototype, 'run').mockImplementation(async function (
    this: Session,
    sql,
    ...more
  ) {
    if (form.test(sql)) await with_(sql);
    return run.call(this, sql, ...more);
  });
}
