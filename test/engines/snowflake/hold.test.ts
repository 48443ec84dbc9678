import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Engine } from '../../../src/engines/engine.ts';
import { createEngine } from '../../../src/engines/registry.ts';
import { Session } from '../../../src/engines/snowflake/connection.ts';
import { HeldRights } from '../../../src/engines/snowflake/held.ts';
import { readOptions, type SnowflakeOptions } from '../../../src/engines/snowflake/options.ts';
import { snowflakeStores } from '../../../src/engines/snowflake/store.ts';
import { type SnowflakeDouble, startDouble } from '../../support/snowflake-double/server.ts';

let double: SnowflakeDouble;
let engine: Engine;

const connection = () => ({
  account: 'double',
  host: double.url,
  user: 'RELEASE',
  password: 'secret',
  warehouse: 'WH',
  parallel: 1,
});

const optionsWith = (lease: string) =>
  readOptions({ root: '.', connection: { ...connection(), lease } }, {});

beforeAll(async () => {
  double = await startDouble();
  double.addUser({ name: 'RELEASE', roles: ['ACCOUNTADMIN'], credential: { password: 'secret' } });
  await double.sql('create database shop; create table shop.public.t (id integer)');
  await double.sql('insert into shop.public.t values (1)');
});
beforeEach(async () => {
  engine = await createEngine('snowflake', {
    root: '.',
    live: 'SHOP',
    ledger: 'LEDGER',
    connection: { ...connection(), lease: '600s' },
  });
});
afterAll(() => double.stop());

const holdTable = 'ledger.greenlight.greenlight_hold';

/** A statement that waits for as long as somebody else's transaction has the table. */
async function whileWaiting(
  options: SnowflakeOptions,
  work: (waiting: Promise<unknown>) => Promise<void>,
): Promise<void> {
  const others = optionsWith('60s');
  await Session.use(others, { purpose: 'lock' }, async (locking) => {
    await locking.run('BEGIN TRANSACTION');
    await locking.run('UPDATE shop.public.t SET id = 2');
    await Session.use(options, { purpose: 'wait' }, async (session) => {
      const waiting = session.run('UPDATE shop.public.t SET id = 3');
      waiting.catch(() => undefined);
      await work(waiting);
    });
  });
}

const untilRenewed = async () => {
  const renewals = () =>
    double.history.filter(
      ({ text, status }) => text.includes('SET ends_at') && status === 'SUCCESS',
    ).length;
  const before = renewals();
  for (let asked = 0; renewals() === before; asked += 1) {
    if (asked > 400) throw new Error('nobody renews');
    await new Promise((resume) => setTimeout(resume, 50));
  }
};

test('a hold is renewed while a long statement has the only turn', async () => {
  const options = optionsWith('9s');
  const hold = await snowflakeStores('LEDGER', options).hold('release-r', 0);
  await whileWaiting(options, () => untilRenewed());
  if (hold.held) await hold.release();
});

test('when a hold is lost, what runs is ended and nothing else begins, until it is given back', async () => {
  const options = optionsWith('600s');
  const hold = await snowflakeStores('LEDGER', options).hold('release-r', 0);
  await whileWaiting(options, async (waiting) => {
    await double.sql(`update ${holdTable} set token = 'of another'`);
    await expect(HeldRights.of(options).require()).rejects.toThrow(/exclusive right/);
    await expect(waiting).rejects.toThrow(/exclusive right to work ended/);
    await expect(Session.open(options, { purpose: 'next' })).rejects.toThrow(/exclusive right/);
  });
  if (hold.held) await hold.release();
  const counted = Session.use(options, { purpose: 'next' }, (session) =>
    session.row('SELECT COUNT(*) AS "n" FROM shop.public.t'),
  );
  expect(await counted).toEqual({ n: '1' });
  await double.sql(`delete from ${holdTable}`);
});

test('a hold that somebody else has taken is noticed when it is renewed', async () => {
  const options = optionsWith('3s');
  const hold = await snowflakeStores('LEDGER', options).hold('release-r', 0);
  const { lost } = HeldRights.of(options);
  const noticed = lost.aborted ? lost : once(lost, 'abort');
  await double.sql(
    `update ${holdTable} set token = 'of another', ends_at = '2100-01-01'::timestamp_ltz`,
  );
  await noticed;
  if (hold.held) await hold.release();
  await double.sql(`delete from ${holdTable}`);
});

test('a swap asks whether the hold is still ours', async () => {
  const { places, databases, swap } = engine;
  const hold = await engine.stores.hold('live', 0);
  await databases.clone(places.live, places.candidate('r'), { method: 'auto' });
  const before = await databases.glance(places.live);
  await double.sql(`update ${holdTable} set ends_at = '2020-01-01 00:00:00'::timestamp_ltz`);
  await expect(
    swap.exchange(places.live, places.candidate('r'), places.previous('r')),
  ).rejects.toThrow(/exclusive right to work ended/);
  if (hold.held) await hold.release();
  expect(await databases.glance(places.live)).toEqual(before);
});

test('what is left of a swap that was cut off is done by whoever holds it only', async () => {
  const { places, databases, swap } = engine;
  const [live, incoming, kept] = [places.live, places.candidate('f'), places.previous('f')];
  await double.sql(`delete from ${holdTable}`);
  await databases.clone(live, incoming, { method: 'auto' });
  const hold = await engine.stores.hold('live', 0);
  await double.sql(`alter database ${live} swap with ${incoming}`);
  await double.sql(`update ${holdTable} set ends_at = '2020-01-01 00:00:00'::timestamp_ltz`);
  await expect(swap.finish?.(live, incoming, kept)).rejects.toThrow(/exclusive right to work/);
  if (hold.held) await hold.release();
  expect(await databases.glance(kept)).toBeNull();
});
