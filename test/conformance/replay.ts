import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Location, TablePair } from '../../src/engines/engine.ts';
import { GreenlightError } from '../../src/errors.ts';
import type { Harness, Scratch } from './harness.ts';

const table = `create schema s; create table s.t (a integer, b varchar(20), v double precision, "Odd "" name" decimal(9, 2),
  primary key (a, b)); create table s.other (a integer primary key)`;
const rows = `insert into s.t values (1, 'x', 1, 0.10), (2, 'x', 2, null), (2, 'y', null, 3), (4, 'x', 0, 4)`;

const pair: TablePair = {
  schema: 's',
  name: 't',
  oldKind: 'table',
  newKind: 'table',
  key: ['b', 'a'],
  keyEnforced: true,
  columns: [
    ['a', 'INTEGER'],
    ['b', 'VARCHAR'],
    ['v', 'DOUBLE'],
    ['Odd " name', 'DECIMAL(9,2)'],
  ].map(([name = '', type = '']) => ({ name, oldType: type, newType: type, tolerance: null })),
  mode: 'strict',
};

export function replayScenarios({ start, features }: Harness): void {
  let scratch: Scratch;
  let live: Location;
  let baseline: Location;
  beforeEach(async () => {
    scratch = await start();
    live = scratch.engine.places.live;
    baseline = scratch.engine.places.baseline('r');
    await scratch.create(live, `${table}; ${rows}`);
    await scratch.create(baseline, `${table}; ${rows}`);
  });
  afterEach(() => scratch.dispose());

  const bringOver = () => scratch.engine.replay.bringOver(live, baseline, [pair], 'replay r');
  const content = (at: Location) =>
    scratch.sql(
      at,
      'select a, b, cast(v as varchar(40)) as v, "Odd "" name" as odd from s.t order by a, b',
    );

  test('rows that came, went and changed are brought over; what is read is not written to', async () => {
    await scratch.sql(
      live,
      `delete from s.t where a = 1; update s.t set v = 7 where b = 'y'; update s.t set v = null where a = 2 and b = 'x';
       insert into s.t values (1, 'y', 9, null); insert into s.other values (1)`,
    );
    const before = await scratch.fingerprint(live);
    await bringOver();
    expect(await content(baseline)).toEqual(await content(live));
    expect(await scratch.fingerprint(live)).toBe(before);
    // Nothing but the tables that were named.
    expect(await scratch.sql(baseline, 'select a from s.other')).toEqual([]);
  });

  test('a key may change its row for another, and all rows may go', async () => {
    await scratch.sql(live, `update s.t set b = 'z' where b = 'y'`);
    await bringOver();
    expect(await content(baseline)).toEqual(await content(live));
    await scratch.sql(live, 'delete from s.t');
    await bringOver();
    expect(await content(baseline)).toEqual([]);
  });

  (features.has('interval') ? test : test.skip)(
    'a value that differs in its representation alone is brought over',
    async () => {
      const span = (days: string) =>
        `create table s.span (a integer primary key, i interval); insert into s.span values (1, interval '${days}')`;
      await scratch.sql(live, span('1 month'));
      await scratch.sql(baseline, span('30 days'));
      const columns = [
        ['a', 'INTEGER'],
        ['i', 'INTERVAL'],
      ].map(([name = '', type = '']) => ({ name, oldType: type, newType: type, tolerance: null }));
      const spans = { ...pair, name: 'span', key: ['a'], columns };
      await scratch.engine.replay.bringOver(live, baseline, [spans], 'replay r');
      const text = 'select cast(i as varchar(40)) as i from s.span';
      const found = await scratch.sql(baseline, text);
      expect(found).toEqual(await scratch.sql(live, text));
      expect(found).not.toEqual([{ i: '30 days' }]);
    },
  );

  test('done again, or with nothing to bring, it changes nothing', async () => {
    await scratch.sql(live, 'delete from s.t where a = 1');
    await bringOver();
    const before = await content(baseline);
    await bringOver();
    expect(await content(baseline)).toEqual(before);
  });

  (features.has('check') ? test : test.skip)('when one row is not taken, none is', async () => {
    await scratch.engine.databases.drop(baseline);
    await scratch.create(
      baseline,
      `${table.replace('decimal(9, 2)', 'decimal(9, 2) check ("Odd "" name" < 100)')}; ${rows}`,
    );
    await scratch.sql(live, `delete from s.t where a = 1; insert into s.t values (5, 'x', 0, 100)`);
    const before = await scratch.engine.databases.identify(baseline);
    await expect(bringOver()).rejects.toThrow(GreenlightError);
    expect(await scratch.engine.databases.identify(baseline)).toEqual(before);
    expect(await content(baseline)).toHaveLength(4);
  });
}
