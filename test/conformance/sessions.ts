import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compareDatabases } from '../../src/compare/compare.ts';
import type { TableOutcome } from '../../src/compare/outcome.ts';
import { relationName } from '../../src/config/names.ts';
import type {
  Catalog,
  Column,
  ComparisonSession,
  KeyFault,
  Location,
  TablePair,
} from '../../src/engines/engine.ts';
import { request } from '../compare/request.ts';
import type { Feature, Harness, Scratch } from './harness.ts';
import { compare, countBoth, createRowStore, pairOf, recordRows, target } from './pairs.ts';

/** Rows with a key that cannot be used, and what is found without it. */
const keyFaults: readonly {
  readonly name: string;
  readonly old: string;
  readonly new: string;
  readonly fault: KeyFault;
  readonly added: number;
  readonly removed: number;
}[] = [
  {
    name: 'a key twice on the new side, and NULL on both',
    old: "(1, 'a'), (2, 'b'), (null, 'c')",
    new: "(1, 'a'), (1, 'b'), (2, 'b'), (null, 'c')",
    fault: { side: 'old', fault: 'null', count: 1 },
    added: 1,
    removed: 0,
  },
  {
    name: 'a key twice on the old side only',
    old: "(1, 'a'), (1, 'a'), (2, 'b'), (2, 'c')",
    new: "(1, 'a'), (2, 'b'), (3, 'd')",
    fault: { side: 'old', fault: 'duplicate', count: 2 },
    added: 1,
    removed: 2,
  },
  {
    name: 'a key that becomes NULL',
    old: "(1, 'a'), (2, 'b')",
    new: "(1, 'a'), (null, 'b')",
    fault: { side: 'new', fault: 'null', count: 1 },
    added: 1,
    removed: 1,
  },
];

const renamed = { old: 'amount', new: 'fare' } as const;

/** What else a comparison asks of its session, and what the session does when it is ended or cannot read. */
export function sessionScenarios({ start, features, translate }: Harness): void {
  let scratch: Scratch;
  let sides: { old: Location; new: Location };
  let catalogs: readonly [Catalog, Catalog];
  let session: ComparisonSession;

  const tables = (side: 'old' | 'new') => {
    const isOld = side === 'old';
    return [
      'create schema s',
      `create table s.t (id integer, name varchar(20)); insert into s.t values (1, 'a'), (2, 'b'), ${isOld ? "(3, 'c')" : "(3, 'x'), (4, 'd')"}`,
      `create table s.renamed (id integer, ${renamed[side]} integer, same_${side} integer, few_${side} integer)`,
      `insert into s.renamed values (1, 10, 7, 1), (2, 20, 7, ${isOld ? '2' : '0'}), (3, null, 7, ${isOld ? '3' : '0'}), (4, ${isOld ? '40' : '41'}, 7, 4)`,
      `create table s.wide (id integer, ${renamed[side]} ${isOld ? 'integer' : 'bigint'}); insert into s.wide values (1, 10), (2, 20), (3, 30)`,
      `create table s.texts (id integer, name varchar(20)); insert into s.texts values (1, 'secret')`,
      `create view s.fails as select id, ${isOld ? 'id as v' : 'cast(name as integer) as v'} from s.texts`,
      ...keyFaults.map(
        (one, at) =>
          `create table s.k${at} (id integer, name varchar(20)); insert into s.k${at} values ${one[side]}`,
      ),
    ];
  };
  const open = async () =>
    scratch.engine.comparison.open({
      ...sides,
      store: await createRowStore(scratch.engine),
      purpose: 'test',
      lineage: true,
    });

  beforeAll(async () => {
    scratch = await start();
    const { places, catalog } = scratch.engine;
    sides = { old: places.baseline('r'), new: places.candidate('r') };
    const endless = features.has('range')
      ? [
          translate(
            `create view s.endless as select count(*) as n from (select i from range(1000000) t(i)) as a
             cross join (select i from range(1000000) t(i)) as b where (a.i + b.i) % 11 = 3`,
          ),
        ]
      : [];
    for (const side of ['old', 'new'] as const)
      await scratch.create(sides[side], [...tables(side), ...endless].join(';\n'));
    catalogs = [await catalog.read(sides.old), await catalog.read(sides.new)];
    session = await open();
  });
  afterAll(async () => {
    await session?.close();
    await scratch?.dispose();
  });
  const when = (...needs: Feature[]) =>
    needs.every((one) => features.has(one)) ? test : test.skip;

  const pair = (name: string, key: readonly string[] | null = ['id']): TablePair =>
    pairOf(...catalogs, 's', name, { key });
  /** The old and the new column that may be one. */
  const columnsOf = (table: string, old: string, candidate: string): [Column, Column] => {
    const [before, after] = [old, candidate].map((name, at) =>
      catalogs[at]?.relations
        .find((relation) => relation.name === table)
        ?.columns.find((column) => column.name === name),
    );
    if (before === undefined || after === undefined) throw new Error(`${table} lacks a column`);
    return [before, after];
  };
  /** What was found of each table and view, by its name. */
  const compareAll = async (): Promise<Map<string, TableOutcome>> => {
    // Where a release takes a schema live, all stands in that one.
    const shown = new Map(catalogs[0].relations.map((one) => [one.name, relationName(one)]));
    const named = (name: string) => shown.get(name) ?? '';
    const { comparison } = await compareDatabases({
      ...request(scratch.engine, sides, { keys: { [named('wide')]: ['id'] } }),
      tables: new Set(['t', 'fails', 'wide'].map(named)),
    });
    return new Map(
      comparison.tables.map((outcome) => [outcome.table.split('.').at(-1) ?? '', outcome]),
    );
  };

  // Likely renames

  test.each([
    ['equal but for a value', 'renamed', 'amount', 'fare', { rows: 4, equal: 3 }, false],
    ['equal in few rows', 'renamed', 'few_old', 'few_new', { rows: 4, equal: 2 }, false],
    ['constant', 'renamed', 'same_old', 'same_new', { rows: 4, equal: 4 }, true],
    ['equal, of a wider type', 'wide', 'amount', 'fare', { rows: 3, equal: 3 }, false],
  ])(
    'values of columns with other names: %s',
    async (_, table, old, candidate, counts, isConstant) => {
      const found = await session.countEqual(pair(table), ...columnsOf(table, old, candidate));
      expect(found).toEqual({ ...counts, isConstant });
    },
  );

  test('values of columns with other names say nothing without a key', async () => {
    const columns = columnsOf('renamed', 'amount', 'fare');
    expect(await session.countEqual(pair('renamed', null), ...columns)).toBeNull();
  });

  // Keys

  test.each(keyFaults.map((one, at) => [one.name, at, one] as const))(
    'without a key that is at fault the counts are right: %s',
    async (_, at, { fault, added, removed }) => {
      const asked = pair(`k${at}`);
      const rows = await countBoth(session, asked);
      expect(await session.compareRows(asked, rows, () => undefined)).toEqual(fault);
      const keyless = pair(`k${at}`, null);
      const found = await compare(session, keyless);
      expect([found.added, found.removed, found.cells.size]).toEqual([added, removed, 0]);
      const recorded = await recordRows(session, keyless, found, target(100 + at, 'keys'));
      expect([recorded.added, recorded.removed, recorded.changed]).toEqual([added, removed, 0]);
      await session.release('s', `k${at}`);
    },
  );

  // Ends and faults, after which the session goes on

  const expectToGoOn = async () => {
    const found = await compare(session, pair('t'));
    expect([found.added, found.removed, Object.fromEntries(found.cells)]).toEqual([
      1,
      0,
      { name: 1 },
    ]);
    await session.release('s', 't');
  };

  test('what is asked after the end of the budget is refused with its reason', async () => {
    const asked = pair('t');
    const rows = await countBoth(session, asked);
    const found = await compare(session, asked);
    const reason = new Error('the budget was used up');
    const signal = AbortSignal.abort(reason);
    const options = { claims: [], privacy: 'keys', signal } as const;
    for (const ask of [
      () => session.countRows('new', 's', 't', 'table', signal),
      () => session.fingerprint('new', 's', 't', 'table', ['id', 'name'], signal),
      () => session.gather(asked, found, options),
      () => session.compareRows(asked, rows, () => undefined, signal),
    ]) {
      const error = await ask().then(
        () => 'was answered',
        (thrown: unknown) => thrown,
      );
      expect(error).toBe(reason);
    }
    await session.release('s', 't');
    await expectToGoOn();
  });

  when('range')(
    'what takes too long is ended while it runs',
    async () => {
      const reason = new Error('the budget was used up');
      const budget = new AbortController();
      setTimeout(() => budget.abort(reason), 500);
      const endless = session.countRows('new', 's', 'endless', 'view', budget.signal).then(
        () => 'was answered',
        (thrown: unknown) => thrown,
      );
      expect(await endless).toBe(reason);
      await expectToGoOn();
    },
    60_000,
  );

  test('a view that fails when it is read fails on its own side, without a value of the data', async () => {
    const read = (side: 'old' | 'new') =>
      session.fingerprint(side, 's', 'fails', 'view', ['id', 'v']).then(
        () => null,
        (thrown: unknown) => String(thrown),
      );
    expect(await read('old')).toBeNull();
    const error = await read('new');
    expect(error).not.toBeNull();
    expect(error).not.toContain('secret');
    await session.release('s', 'fails');
    await expectToGoOn();
  });

  test('a comparison names the view that cannot be read and the likely rename, and compares the others', async () => {
    const found = await compareAll();
    expect(found.get('fails')).toMatchObject({ status: 'skipped', skipped: 'unreadable' });
    expect(found.get('fails')?.reason).toMatch(/^cannot be read: ./);
    expect(found.get('fails')?.reason).not.toContain('secret');
    expect(found.get('t')).toMatchObject({ status: 'changed', old_rows: 3, new_rows: 4 });
    const columns = new Map(found.get('wide')?.columns.map((one) => [one.column, one]));
    const evidence = '3 of 3 values are equal';
    expect(columns.get('amount')).toMatchObject({
      status: 'removed',
      likely_rename: { other: 'fare', evidence },
    });
    expect(columns.get('fare')).toMatchObject({
      status: 'added',
      likely_rename: { other: 'amount', evidence },
    });
  });
}
