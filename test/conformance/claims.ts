import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Catalog,
  Claim,
  ClaimOutcome,
  ComparisonSession,
  DeviatingRows,
  Side,
} from '../../src/engines/engine.ts';
import type { Harness, Scratch } from './harness.ts';
import {
  compare,
  createRowStore,
  type PairOptions,
  pairOf,
  recordedRows,
  target,
} from './pairs.ts';

const columns = `id integer, currency varchar(10), amount decimal(10, 2), "a ""b""" date, ignored integer, rate double precision default 10.4, base double precision default 9.5`;
const old = `create schema s;
create table s.t (${columns}, gone integer);
insert into s.t (id, currency, amount, "a ""b""", ignored, gone) values
  (1, 'EUR', 10.00, date '2020-01-01', 1, 100), (2, 'EUR', 20.00, null, 1, 200), (3, 'CAD', 30.00, null, 1, 300),
  (4, 'CAD', null, null, 1, 400), (5, 'USD', 50.00, null, 1, 500), (6, 'USD', 60.00, null, 1, 600),
  (9, 'out', 1.00, null, 1, 900), (10, 'out', 2.00, null, 1, null)`;
const changed = `create schema s;
create table s.t (${columns}, come integer);
insert into s.t (id, currency, amount, "a ""b""", ignored, come) values
  (1, 'EUR', 11.00, date '2020-01-01', 2, 1), (2, 'EUR', 22.00, null, 2, 2), (3, 'CAD', 33.00, null, 2, 3),
  (4, 'CAD', 44.00, date '2021-01-01', 2, 4), (5, 'USD', 50.00, null, 2, 5), (6, 'usd', 60.01, null, 2, 6),
  (7, 'in', 1.00, null, 2, 7), (8, 'in', 2.00, null, 2, null)`;

const ofAmount = (where: string | null = null, holds: string | null = null): Claim => ({
  kind: 'changed',
  column: 'amount',
  where,
  holds,
});
const ofRows = (kind: 'added' | 'removed', where: string | null = null): Claim => ({
  kind,
  column: null,
  where,
  holds: null,
});

/** What authors declare, judged on the deviating rows. */
export function claimScenarios({ start }: Harness): void {
  let scratch: Scratch;
  let session: ComparisonSession;
  let catalogs: Record<Side, Catalog>;
  let comparisons = 0;

  beforeAll(async () => {
    scratch = await start();
    const { catalog, comparison, places } = scratch.engine;
    const [before, after] = [places.baseline('claims'), places.candidate('claims')];
    await scratch.create(before, old);
    await scratch.create(after, changed);
    catalogs = { old: await catalog.read(before), new: await catalog.read(after) };
    const store = await createRowStore(scratch.engine);
    session = await comparison.open({
      old: before,
      new: after,
      store,
      purpose: 'claims',
      lineage: true,
    });
  });
  afterAll(async () => {
    await session?.close();
    await scratch?.dispose();
  });

  async function gathered<T>(
    claims: readonly Claim[],
    work: (rows: DeviatingRows) => Promise<T>,
    options: PairOptions = {},
  ): Promise<T> {
    const pair = pairOf(catalogs.old, catalogs.new, 's', 't', {
      key: ['id'],
      ignore: ['ignored'],
      ...options,
    });
    const rows = await session.gather(pair, await compare(session, pair), {
      claims,
      privacy: 'full',
    });
    try {
      return await work(rows);
    } finally {
      await rows.discard();
    }
  }
  const judge = (claims: readonly Claim[], options?: PairOptions) =>
    gathered(claims, (rows) => rows.judge(claims), options);
  const judged = async (claim: Claim, options?: PairOptions) =>
    ((await judge([claim], options)) as ClaimOutcome[])[0];
  const faultOf = (claim: Claim) =>
    session.claimFault(claim, {
      old: catalogs.old.relations[0]?.columns ?? [],
      new: catalogs.new.relations[0]?.columns ?? [],
    });

  describe('judging', () => {
    // Deviating amounts: 1, 2, 3, 4 (from NULL), 6.
    test.each<[string, Claim, number, number]>([
      ['all of a column', ofAmount(), 5, 0],
      ['what another column says', ofAmount(`new.currency = 'EUR'`), 2, 0],
      ['what it was before', ofAmount('old.amount < 25'), 2, 0],
      ['bare values', ofAmount('new - old = 0.01'), 1, 0],
      ['NULL does not claim', ofAmount('old > 0'), 4, 0],
      [
        'what must hold and does',
        ofAmount(`new.currency = 'EUR'`, 'new = round(old * 1.1, 2)'),
        2,
        0,
      ],
      ['what must hold and does not', ofAmount(null, 'new = round(old * 1.1, 2)'), 5, 2],
      ['NULL does not hold', ofAmount('old is null', 'new > old'), 1, 1],
      ['a column that was removed', ofAmount('old.gone >= 300'), 3, 0],
      ['a column that was added', ofAmount('new.come <= 2'), 2, 0],
      ['a column that is ignored', ofAmount('new.ignored > old.ignored'), 5, 0],
      ['a name that needs quotes', ofAmount(`new."a ""b""" is not null`), 2, 0],
      ['names in any case', ofAmount(`NEW.Currency = 'EUR' and OLD > 15`), 1, 0],
      ['a condition with a comment', ofAmount('new = 11 -- only this'), 1, 0],
      ['a condition about nothing', ofAmount('1 = 2'), 0, 0],
      ['another column', { ...ofAmount(), column: 'currency' }, 1, 0],
      ['a column that does not deviate', { ...ofAmount(), column: 'id' }, 0, 0],
      ['rows that were added', ofRows('added'), 2, 0],
      ['some of them', ofRows('added', `new.amount > 1.5`), 1, 0],
      ['some of them, by a column that was added', ofRows('added', 'new.come is null'), 1, 0],
      ['rows that were removed', ofRows('removed'), 2, 0],
      ['some of these', ofRows('removed', 'old.gone = 900'), 1, 0],
      ['rows that must hold something', { ...ofRows('added'), holds: 'new.amount > 1.5' }, 2, 1],
    ])('%s', async (_, claim, claimed, broken) => {
      expect(await faultOf(claim)).toBeNull();
      expect(await judged(claim)).toEqual({ claimed, broken, overlap: null, fault: null });
    });

    test('a condition does not see rows that an earlier one rules out', async () => {
      const claim = ofAmount(`new.currency = 'EUR'`, `cast(new.currency as integer) = 1`);
      const safe = ofAmount(`new.currency = '1'`, `cast(new.currency as integer) = 1`);
      expect(await judged(safe)).toEqual({ claimed: 0, broken: 0, overlap: null, fault: null });
      const failed = await judged(claim);
      expect(failed).toMatchObject({ claimed: 0, broken: 0, fault: expect.any(String) });
      expect(failed?.fault).not.toContain('EUR');
      // One that fails does not take others with it.
      expect(await judge([safe, claim, ofRows('added')])).toMatchObject([
        { fault: null },
        { fault: failed?.fault },
        { claimed: 2, fault: null },
      ]);
    });

    test('rows that two claims cover', async () => {
      const outcomes = await judge([
        ofAmount(`new.currency = 'EUR'`),
        ofRows('added'),
        ofAmount('old is null'),
        ofAmount('new < 40'),
        ofAmount('true'),
        { ...ofAmount(), column: 'currency' },
      ]);
      expect(outcomes.map(({ claimed, overlap }) => [claimed, overlap])).toEqual([
        [2, null],
        [2, null],
        [1, null],
        [3, { claim: 0, rows: 2 }],
        [5, { claim: 0, rows: 2 }],
        [1, null],
      ]);
    });

    test('more claims than one statement takes', async () => {
      const claims = Array.from({ length: 20 }, (_, at) => ofAmount(`new.id = ${at}`));
      const outcomes = await judge([...claims, ofRows('added'), ofRows('removed')]);
      expect(outcomes.map(({ claimed }) => claimed).join('')).toBe('011110100000000000002' + '2');
    });

    test('without a key: rows as often as they occur, as they were compared', async () => {
      const options = { key: null };
      expect(await judged(ofRows('added', `new.currency in ('in', 'usd')`), options)).toEqual({
        claimed: 3,
        broken: 0,
        overlap: null,
        fault: null,
      });
      expect(await judged(ofRows('removed'), options)).toMatchObject({ claimed: 7 });
      expect(await judged(ofAmount(), options)).toMatchObject({ claimed: 0 });
      // Nothing is known of columns that are not compared.
      expect(await judged(ofRows('added', 'new.ignored is null'), options)).toMatchObject({
        claimed: 0,
      });
      const strict = { key: null, mode: 'strict' } as const;
      expect(await judged(ofRows('added', 'new.amount > 22'), strict)).toMatchObject({
        claimed: 3,
      });
      // Compared by their texts, and numbers all the same.
      expect(await judged(ofRows('added', 'new.rate > new.base'), strict)).toMatchObject({
        claimed: 7,
        fault: null,
      });
    });
  });

  describe('recording', () => {
    const record = (claims: readonly Claim[], options?: PairOptions) => {
      comparisons += 1;
      const into = target(comparisons, 'keys');
      return gathered(claims, (rows) => rows.record(into, claims), options);
    };

    test('a row is explained when each of its deviating cells is', async () => {
      const recorded = await record([
        ofAmount(`new.currency <> 'EUR'`),
        { ...ofAmount(), column: 'a "b"' },
        ofRows('added', 'new.amount = 1'),
      ]);
      expect(recorded).toMatchObject({ added: 2, removed: 2, changed: 5, unexplained: 6 });
      expect([...recorded.unexplainedCells].sort()).toEqual([
        ['amount', 2],
        ['currency', 1],
      ]);
    });

    test('nothing is explained without a claim, and all with claims for all', async () => {
      const none = await record([]);
      expect(none.unexplained).toBe(9);
      expect(Object.fromEntries(none.unexplainedCells)).toEqual({
        amount: 5,
        currency: 1,
        'a "b"': 1,
      });
      const all = await record([
        ofAmount(),
        { ...ofAmount(), column: 'currency' },
        { ...ofAmount(), column: 'a "b"' },
        ofRows('added'),
        ofRows('removed'),
      ]);
      expect(all.unexplained).toBe(0);
      expect(all.unexplainedCells.size).toBe(0);
      // What was found does not depend on what explains it.
      expect(all.fingerprint).toBe(none.fingerprint);
    });

    test('without a key', async () => {
      const recorded = await record([ofRows('added')], { key: null });
      expect(recorded).toMatchObject({ added: 7, removed: 7, unexplained: 7 });
    });

    test('tells it row by row', async () => {
      await session.close();
      const rows = await recordedRows(scratch.engine, 1);
      expect(rows.map(({ row_key, explained }) => [row_key, explained])).toEqual([
        ['{"id":"7"}', true],
        ['{"id":"8"}', false],
        ['{"id":"1"}', false],
        ['{"id":"2"}', false],
        ['{"id":"3"}', true],
        ['{"id":"4"}', true],
        ['{"id":"6"}', false],
        ['{"id":"10"}', false],
        ['{"id":"9"}', false],
      ]);
      const { comparison, places } = scratch.engine;
      session = await comparison.open({
        old: places.baseline('claims'),
        new: places.candidate('claims'),
        store: null,
        purpose: 'claims',
        lineage: true,
      });
    });
  });

  describe('faults', () => {
    test.each<[string, Claim, RegExp]>([
      ['no expression', ofAmount('new ='), /`where`: Its end does not fit/],
      ['nothing', ofAmount(''), /Its end does not fit/],
      [
        'a statement',
        ofAmount('delete from s.t'),
        /syntax error at or near "from", at character 8: from s.t/,
      ],
      ['two statements', ofAmount('true); select (true'), /is more than one condition/],
      ['a table', ofAmount('true) from s.t where (true'), /is more than one condition/],
      ['a union', ofAmount('true) union select (true'), /is more than one condition/],
      ['a limit', ofAmount('true) limit (1'), /is more than one condition/],
      [
        'two expressions',
        ofAmount('true, false'),
        /gives STRUCT\(.*\), not true or false|cannot hold a list of values/,
      ],
      [
        'no condition',
        ofAmount('new'),
        /gives (DECIMAL|numeric|NUMBER)\(10,2\), not true or false/,
      ],
      ['in holds', ofAmount('true', 'old'), /`holds`: It gives/],
      ['NULL', ofAmount('null'), /It gives .*, not true or false/],
      [
        'a column without its side',
        ofAmount('amount = 1'),
        /names amount.*Write old.amount or new.amount/,
      ],
      [
        'an unknown column',
        ofAmount('new.amont = 1'),
        /no such column on the new side. There are id, currency/,
      ],
      ['a column of the other side', ofAmount('new.gone = 1'), /no such column on the new side/],
      ['a column of the other side', ofAmount('old.come = 1'), /no such column on the old side/],
      [
        'old of an added row',
        ofRows('added', 'old.id = 1'),
        /a row that was added has no old values/,
      ],
      [
        'new of a removed row',
        ofRows('removed', 'new.id = 1'),
        /a row that was removed has no new values/,
      ],
      ['a row without its column', ofRows('added', 'new = 1'), /says `new` without a column/],
      [
        'a wrong type',
        ofAmount('sqrt(new."a ""b""") = 1'),
        /does not fit: (Binder Error|function|.*Invalid argument types)/,
      ],
      ['a wrong constant', ofAmount(`new = cast('abc' as integer)`), /does not fit: .*abc/],
      ['an unknown function', ofAmount('nofun(new)'), /nofun\(\) is no function that/],
      ['a subquery', ofAmount('new in (select 1)'), /cannot hold a subquery/],
      [
        'a subquery as a value',
        ofAmount('new = (select max(amount) from s.t)'),
        /cannot hold a subquery/,
      ],
      ['a window', ofAmount('row_number() over () = 1'), /cannot hold a window function/],
      ['an aggregate', ofAmount('sum(new) > 1'), /sum\(\) looks at many rows/],
      ['chance', ofAmount('random() < 0.5'), /random\(\) does not give the same/],
      ['the clock', ofAmount('now() > new."a ""b"""'), /now\(\) does not give the same/],
      [
        'the clock as a word',
        ofAmount('current_date > new."a ""b"""'),
        /names current_date|cannot hold the clock/,
      ],
      ['a parameter', ofAmount('new = $1'), /cannot hold a parameter/],
      [
        'a setting',
        ofAmount(`current_setting('x') = '1'`),
        /current_setting\(\) does not give the same/,
      ],
    ])('%s', async (_, claim, fault) => {
      expect(await faultOf(claim)).toMatch(fault);
    });

    test('say nothing of a claim that can be judged', async () => {
      for (const where of [
        'true',
        'new.id = 1',
        'coalesce(nullif(new, old), 0) > 1',
        'new in (1, 2)',
      ])
        expect(await faultOf(ofAmount(where))).toBeNull();
    });
  });
}
