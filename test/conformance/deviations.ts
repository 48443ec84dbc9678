import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  DeviationQuery,
  RecordedComparison,
  RecordedRow,
  StoreRow,
} from '../../src/engines/engine.ts';
import { rowDeviationTable } from '../../src/release/tables.ts';
import type { Harness, Scratch } from './harness.ts';

const of = (
  id: number,
  privacy: RecordedComparison['privacy'] = 'full',
  tables = ['s.keyed', 's.keyless'],
): RecordedComparison => ({ id, privacy, tables });

/** A short name as a fingerprint of 128 bits, and back. */
const named = (name: string) => Buffer.from(name).toString('hex').padStart(32, '0');
const nameOf = (fingerprint: string | null) =>
  Buffer.from(fingerprint ?? '', 'hex')
    .toString()
    .replaceAll('\0', '');

/** A row as a comparison records it. */
const row = (comparison: number, fingerprint: string, more: StoreRow = {}): StoreRow => ({
  comparison,
  table_name: 's.keyed',
  kind: 'changed',
  row_key: `{"id":"${fingerprint.length}"}`,
  columns: '["amount"]',
  old_values: '{"amount":"1.50"}',
  new_values: '{"amount":"2.50"}',
  occurrences: 1,
  explained: false,
  fingerprint: named(fingerprint),
  ...more,
});
const keyless = (comparison: number, fingerprint: string, occurrences: number): StoreRow =>
  row(comparison, fingerprint, {
    table_name: 's.keyless',
    kind: 'added',
    row_key: null,
    columns: null,
    old_values: null,
    new_values: `{"Na me":"${fingerprint}","n":null}`,
    occurrences,
  });

/** What comparisons recorded comes back, with its standing against an earlier one. */
export function deviationScenarios({ start, translate, features }: Harness): void {
  let scratch: Scratch;

  /** One store for the tests of a group: nothing is written to it. */
  const given = (rows: readonly StoreRow[] | null) => {
    beforeAll(async () => {
      scratch = await start();
      if (rows !== null) await store(rows);
    });
    afterAll(() => scratch.dispose());
  };
  const store = async (rows: readonly StoreRow[]) => {
    const opened = await scratch.engine.stores.open({ create: true, purpose: 'test' });
    await opened?.write(async (writer) => {
      await writer.apply({ createTable: rowDeviationTable });
      for (const one of rows) await writer.insert(rowDeviationTable, one);
    });
    await opened?.close();
  };
  const read = async (query: Partial<DeviationQuery> = {}) => {
    const reader = await scratch.engine.stores.openDeviations({
      table: rowDeviationTable.name,
      comparison: of(2),
      against: of(1),
      standings: null,
      where: null,
      purpose: "test */ 'x'",
      ...query,
    });
    if (reader === null) throw new Error('no store');
    try {
      const counts = await reader.counts();
      const first = await reader.first('s.keyed', 2);
      const all: RecordedRow[] = [];
      for await (const page of reader.all()) all.push(...page);
      return { counts, first, all };
    } finally {
      await reader.close();
    }
  };
  const short = (rows: readonly RecordedRow[]) =>
    rows.map(
      ({ standing, fingerprint, occurrences, comparison }) =>
        `${standing} ${nameOf(fingerprint)} x${occurrences} of ${comparison}`,
    );
  const matching = async (where: string, query: Partial<DeviationQuery> = {}) =>
    short((await read({ where, ...query })).all);

  describe('without a store', () => {
    given(null);
    test('there is nothing to read', async () => {
      const reader = await scratch.engine.stores.openDeviations({
        table: 'row_deviation',
        comparison: of(1),
        against: null,
        standings: null,
        where: null,
        purpose: 'test',
      });
      expect(reader).toBeNull();
    });
  });

  describe('standing', () => {
    given([
      row(1, 'a'),
      row(1, 'bb'),
      row(1, 'ccc', { kind: 'removed' }),
      row(2, 'bb'),
      row(2, 'dddd'),
      row(2, 'ccc', { kind: 'added' }),
      row(3, 'a'),
      keyless(1, 'two', 2),
      keyless(2, 'two', 3),
      keyless(1, 'five', 5),
      keyless(2, 'five', 1),
      keyless(1, 'same', 4),
      keyless(2, 'same', 4),
      keyless(2, 'fresh', 2),
      keyless(1, 'past', 6),
    ]);

    test('is exact, also for rows that occur several times', async () => {
      const { all, counts, first } = await read();
      expect(short(all)).toEqual([
        'new ccc x1 of 2',
        'gone a x1 of 1',
        'still bb x1 of 2',
        'new dddd x1 of 2',
        'gone ccc x1 of 1',
        'new two x1 of 2',
        'still two x2 of 2',
        'gone five x4 of 1',
        'still five x1 of 2',
        'gone past x6 of 1',
        'still same x4 of 2',
        'new fresh x2 of 2',
      ]);
      expect(counts).toEqual([
        { table_name: 's.keyed', standing: 'gone', recorded: 2, rows: 2 },
        { table_name: 's.keyed', standing: 'new', recorded: 2, rows: 2 },
        { table_name: 's.keyed', standing: 'still', recorded: 1, rows: 1 },
        { table_name: 's.keyless', standing: 'gone', recorded: 2, rows: 10 },
        { table_name: 's.keyless', standing: 'new', recorded: 2, rows: 3 },
        { table_name: 's.keyless', standing: 'still', recorded: 3, rows: 7 },
      ]);
      expect(short(first)).toEqual(short(all.slice(0, 2)));
      // What the later comparison has is told whole: new and still.
      const own = counts.filter(({ standing }) => standing !== 'gone');
      expect(own.reduce((sum, { rows }) => sum + rows, 0)).toBe(3 + 3 + 1 + 4 + 2);
    });

    test('may be asked for', async () => {
      const { all, counts } = await read({ standings: ['gone'] });
      expect(short(all)).toEqual([
        'gone a x1 of 1',
        'gone ccc x1 of 1',
        'gone five x4 of 1',
        'gone past x6 of 1',
      ]);
      expect(counts).toHaveLength(6);
      expect(await matching("standing = 'gone' and table_name = 's.keyed'")).toEqual([
        'gone a x1 of 1',
        'gone ccc x1 of 1',
      ]);
    });

    test('is of the tables asked for, on each side', async () => {
      const { all } = await read({
        comparison: of(2, 'full', ['s.keyed']),
        against: of(1, 'full', []),
      });
      expect(short(all)).toEqual(['new ccc x1 of 2', 'new bb x1 of 2', 'new dddd x1 of 2']);
    });

    test('is not told without another comparison, nor without fingerprints', async () => {
      const own = ['null ccc x1 of 2', 'null bb x1 of 2', 'null dddd x1 of 2'];
      for (const query of [
        { against: null },
        { against: of(1, 'none') },
        { comparison: of(2, 'none') },
      ]) {
        const { all, counts } = await read(query);
        expect(short(all).slice(0, 3)).toEqual(own);
        expect(counts.map(({ standing, rows }) => `${standing} ${rows}`)).toEqual([
          'null 3',
          'null 10',
        ]);
        await expect(read({ ...query, where: "standing = 'new'" })).rejects.toMatchObject({
          problem: { cause: expect.stringContaining('standing cannot be told') },
        });
      }
    });
  });

  describe('a condition', () => {
    given([
      row(2, 'a', { row_key: '{"id":"10","the key":"it\'s"}' }),
      row(2, 'b', { row_key: '{"id":"9","the key":"x"}', explained: true }),
      row(2, 'c', { row_key: '{"id":"100","the key":"x"}', columns: '["amount","note"]' }),
      row(2, 'd', {
        row_key: '{"id":"5","the key":"y"}',
        kind: 'added',
        columns: null,
        old_values: null,
        new_values: '{"id":"5","amount":"7.50","note":null,"a/b~":"odd"}',
      }),
      keyless(2, 'e', 3),
    ]);

    test.each([
      ["kind = 'added'", 'd e'],
      ["table_name = 's.keyless'", 'e'],
      ['occurrences > 1', 'e'],
      ['explained', 'b'],
      ['NOT explained AND row_key IS NULL', 'e'],
      ["list_contains(columns, 'note')", 'c'],
      ["'note' IN columns", 'c'],
      ['len(columns) = 1', 'b a'],
      [`key."the key" = 'it''s'`, 'a'],
      [`KEY."THE KEY" = 'x'`, 'b c'],
      ['key.id::INTEGER > 9', 'a c'],
      ["key.id IN ('9', '5')", 'd b'],
      ['new.amount::DECIMAL(10, 2) > 2.50', 'd'],
      ['new.amount <> old.amount', 'b a c'],
      [`new."a/b~" = 'odd'`, 'd'],
      [`new."Na me" = 'e' or new."na me" = 'nobody'`, 'e'],
      ['new.n IS NULL AND occurrences = 3', 'e'],
      [`comparison = 2 AND fingerprint = '${named('a')}'`, 'a'],
      ["old_values LIKE '%1.50%' AND new_values IS NOT NULL", 'b a c'],
      ['NULL = 1', ''],
    ])('%s', async (where, expected) => {
      const { all } = await read({ where: translate(where), against: null });
      expect(all.map(({ fingerprint }) => nameOf(fingerprint)).join(' ')).toBe(expected);
    });

    test.each([
      ['kind = ', 'something is missing'],
      ['kind', 'gives VARCHAR, not true or false'],
      ['NULL', 'not true or false'],
      ['amount > 1', 'There is no amount. There are comparison, table_name, kind'],
      ["row_deviation.kind = 'added'", 'There is no row_deviation.kind'],
      ['old.a.b = 1', 'There is no old.a.b'],
      ['key.idd = 1', 'No recorded row has key.idd. There is key.id, key.the key'],
      ['old.amout = 1', 'No recorded row has old.amout. There is old.Na me, old.a/b~, old.amount'],
      ...(features.has('typed-comparisons')
        ? [
            ['kind + 1 > 1', 'Binder Error'],
            ['key.id > 9', 'VARCHAR'],
          ]
        : []),
      ['key."the key"::INTEGER > 1', 'Conversion Error'],
      ['max(occurrences) > 1', 'looks at many rows'],
      ['occurrences > (select 1)', 'a subquery'],
      ["fingerprint in (select 'a' from read_csv('/etc/passwd'))", 'a subquery'],
      ['true) UNION ALL SELECT (true', 'more than one condition'],
    ])('%s is refused: %s', async (where = '', cause = '') => {
      await expect(read({ where, against: null })).rejects.toMatchObject({
        exitCode: 2,
        problem: { where, cause: expect.stringContaining(translate(cause)) },
      });
    });

    test.each([
      ['none', "key.id = '9'", 'keys were not recorded by comparison 2 (privacy: none)'],
      ['keys', "old.amount = '1'", 'values were not recorded by comparison 2 (privacy: keys)'],
      ['none', "new.amount = '1'", 'values were not recorded by comparison 2 (privacy: none)'],
    ] as const)('with privacy %s: %s is refused', async (privacy, where, cause) => {
      const query = { comparison: of(2, privacy), against: null, where };
      await expect(read(query)).rejects.toMatchObject({
        problem: { cause: expect.stringContaining(cause) },
      });
    });

    test('over values of both comparisons needs both to have recorded them', async () => {
      const query = { against: of(1, 'keys'), where: "old.amount = '1.50'" };
      await expect(read(query)).rejects.toMatchObject({
        problem: { cause: expect.stringContaining('by comparison 1 (privacy: keys)') },
      });
      expect(await matching("key.id = '9'", { against: of(1, 'keys') })).toEqual(['new b x1 of 2']);
    });

    test('may name what is not there when there are no rows at all', async () => {
      expect(await matching("key.whatever = '9'", { comparison: of(7), against: of(8) })).toEqual(
        [],
      );
    });
  });

  describe('the order', () => {
    const key = (name: string, id: string) => `{"name":"${name}","id":"${id}"}`;
    given([
      row(2, 'f', { row_key: key('b', '2') }),
      row(2, 'f', { row_key: key('a', '10') }),
      row(2, 'f', { row_key: key('a', '9') }),
      row(2, 'f', { row_key: key('a', '-1.5') }),
    ]);

    test('is that of the values in the keys, and reading writes nothing', async () => {
      const { location } = scratch.engine.stores;
      const before = await scratch.fingerprint(location);
      const { all } = await read({ against: null });
      expect(all.map(({ row_key }) => row_key)).toEqual([
        key('a', '-1.5'),
        key('a', '9'),
        key('a', '10'),
        key('b', '2'),
      ]);
      expect(await scratch.fingerprint(location)).toBe(before);
    });

    test('does not matter to others who read', async () => {
      const reader = await scratch.client(scratch.engine.stores.location, 'read');
      expect((await read({ against: null })).all).toHaveLength(4);
      await reader.close();
    });

    const whenMany = features.has('range') ? test : test.skip;
    whenMany(
      'stays that of all rows when they are many, and the store is free meanwhile',
      async () => {
        const { stores } = scratch.engine;
        await scratch.sql(
          stores.location,
          translate(
            `insert into row_deviation select 9, 's.keyed', 'changed', '{"id":"' || i || '"}', '["amount"]', null, null, 1, false, i + 1000
           from range(12000) t(i) order by hash(i)`,
          ),
        );
        const reader = await stores.openDeviations({
          table: rowDeviationTable.name,
          comparison: of(9),
          against: of(2),
          standings: ['new', 'still'],
          where: "standing = 'new'",
          purpose: 'test',
        });
        if (reader === null) throw new Error('no store');
        let next = 0;
        for await (const page of reader.all()) {
          if (next === 0) {
            const writer = await scratch.client(stores.location, 'write');
            await writer.sql('create table written (i integer)');
            await writer.close();
          }
          for (const one of page) {
            if (one.row_key !== `{"id":"${next}"}`) throw new Error(`${one.row_key} for ${next}`);
            next += 1;
          }
        }
        await reader.close();
        expect(next).toBe(12_000);
      },
    );
  });
}
