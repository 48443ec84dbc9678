import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Location, RowTarget, TablePair } from '../../src/engines/engine.ts';
import type { Harness, Scratch } from './harness.ts';
import { otherProcess } from './other-process.ts';
import {
  compare,
  countBoth,
  createRowStore,
  type PairOptions,
  pairOf,
  type RecordedRow,
  recordedRows,
  recordRows,
  target,
} from './pairs.ts';

const privacies = ['none', 'keys', 'masked', 'full'] as const;

const columns = `id integer, name varchar(40), amount decimal(10, 2), "a ""b""" date`;
const old = `insert into s.t values
  (1, 'Alice', 1.50, date '2020-01-01'), (2, 'Bob', 2.50, null), (3, 'Zoë 7', 3.50, date '2020-01-03'),
  (4, 'same', 4.50, null)`;
const changed = `insert into s.t values
  (1, 'Alice', 1.75, date '2020-01-01'), (2, null, 2.50, date '2021-12-31'),
  (4, 'same', 4.50, null), (5, 'Ünal "x"', -5.25, null)`;

/** What stands in the store for each deviating row. */
export function rowScenarios({ start, features, script }: Harness): void {
  let scratch: Scratch;
  let sides: { old: Location; new: Location };
  beforeEach(async () => {
    scratch = await start();
    const { places } = scratch.engine;
    sides = { old: places.baseline('r'), new: places.candidate('r') };
  });
  afterEach(() => scratch.dispose());

  const make = async (oldSql: string, newSql: string, definition = columns) => {
    const table = `create schema s; create table s.t (${definition})`;
    await scratch.create(sides.old, `${table}; ${oldSql}`);
    await scratch.create(sides.new, `${table}; ${newSql}`);
  };
  const pair = async (options: PairOptions = {}): Promise<TablePair> => {
    const { catalog } = scratch.engine;
    return pairOf(await catalog.read(sides.old), await catalog.read(sides.new), 's', 't', options);
  };
  const record = async (options: PairOptions, privacy: RowTarget['privacy'], store?: Location) => {
    const { engine } = scratch;
    const at = store ?? (await createRowStore(engine));
    const asked = await pair(options);
    const session = await engine.comparison.open({
      ...sides,
      store: at,
      purpose: 'test',
      lineage: true,
    });
    try {
      const found = await compare(session, asked);
      return await recordRows(session, asked, found, target(1, privacy));
    } finally {
      await session.close();
    }
  };
  const parsed = (row: RecordedRow) => ({
    kind: row.kind,
    key: row.row_key && JSON.parse(row.row_key),
    columns: row.columns && JSON.parse(row.columns),
    old: row.old_values && JSON.parse(row.old_values),
    new: row.new_values && JSON.parse(row.new_values),
    occurrences: row.occurrences,
  });
  const rows = async (comparison = 1) =>
    (await recordedRows(scratch.engine, comparison)).map(parsed);

  const date = '2020-01-03';
  const inFull = [
    {
      kind: 'added',
      key: { id: '5' },
      columns: null,
      old: null,
      new: { id: '5', name: 'Ünal "x"', amount: '-5.25', 'a "b"': null },
      occurrences: 1,
    },
    {
      kind: 'changed',
      key: { id: '1' },
      columns: ['amount'],
      old: { amount: '1.50' },
      new: { amount: '1.75' },
      occurrences: 1,
    },
    {
      kind: 'changed',
      key: { id: '2' },
      columns: ['name', 'a "b"'],
      old: { name: 'Bob', 'a "b"': null },
      new: { name: null, 'a "b"': '2021-12-31' },
      occurrences: 1,
    },
    {
      kind: 'removed',
      key: { id: '3' },
      columns: null,
      old: { id: '3', name: 'Zoë 7', amount: '3.50', 'a "b"': date },
      new: null,
      occurrences: 1,
    },
  ];

  test('privacy full: keys and values', async () => {
    await make(old, changed);
    expect(await record({ key: ['id'] }, 'full')).toMatchObject({
      added: 1,
      removed: 1,
      changed: 2,
    });
    expect(await rows()).toEqual(inFull);
  });

  test('privacy keys: keys and columns, no values', async () => {
    await make(old, changed);
    await record({ key: ['id'] }, 'keys');
    expect(await rows()).toEqual(inFull.map((row) => ({ ...row, old: null, new: null })));
  });

  test('privacy none: kinds and columns only', async () => {
    await make(old, changed);
    await record({ key: ['id'] }, 'none');
    const kinds = (await rows()).map(({ kind }) => kind);
    expect(kinds).toEqual(['added', 'changed', 'changed', 'removed']);
    for (const row of await rows()) expect(row).toMatchObject({ key: null, old: null, new: null });
  });

  test('privacy masked: names stay, letters and digits do not', async () => {
    await make(old, changed);
    await record({ key: ['id'] }, 'masked');
    const masked = await rows();
    const mask = (text: string) => text.replace(/\p{L}/gu, 'x').replace(/\p{N}/gu, '9');
    const maskAll = (values: Record<string, string | null> | null) =>
      values &&
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, value === null ? null : mask(value)]),
      );
    expect(masked).toEqual(
      inFull.map((row) => ({ ...row, old: maskAll(row.old), new: maskAll(row.new) })),
    );
    const values = masked
      .flatMap((row) => [row.old, row.new])
      .flatMap((row) => Object.values(row ?? {}));
    for (const value of values)
      expect(value ?? '').toMatch(/^[^\p{L}\p{N}]*([x9][^\p{L}\p{N}]*)*$/u);
  });

  test('masked hides letters that are written with marks', async () => {
    await make(
      `insert into s.t (id, name) values (1, 'Zoe\u0308 \u0928\u093f 五 Ⅷ')`,
      `insert into s.t (id, name) values (1, 'x')`,
    );
    await record({ key: ['id'] }, 'masked');
    const text = JSON.stringify(await rows());
    for (const leak of ['\u0308', '\u0928', '\u093f', '五', 'Ⅷ', 'Z'])
      expect(text).not.toContain(leak);
  });

  test('masked hides values of rows without key', async () => {
    await make(old, changed);
    await record({}, 'masked');
    const text = JSON.stringify((await rows()).map((row) => [row.old, row.new]));
    for (const leak of ['Alice', 'Zo', 'nal', '1.5', '2020']) expect(text).not.toContain(leak);
    expect(text).toContain('"name":"xxxxx"');
  });

  test('without a key: each row with how often it is missing or more', async () => {
    await make(
      "insert into s.t (id, name) values (1, 'a'), (1, 'a'), (1, 'a'), (2, 'é'), (3, 'c')",
      "insert into s.t (id, name) values (1, 'a'), (3, 'c'), (3, 'c'), (3, 'c'), (4, null)",
    );
    expect(await record({}, 'full')).toMatchObject({ added: 3, removed: 3, changed: 0 });
    const image = (id: string, name: string | null) => ({ id, name, amount: null, 'a "b"': null });
    const none = { key: null, columns: null };
    expect(await rows()).toEqual([
      { ...none, kind: 'added', occurrences: 2, old: null, new: image('3', 'c') },
      { ...none, kind: 'added', occurrences: 1, old: null, new: image('4', null) },
      { ...none, kind: 'removed', occurrences: 2, old: image('1', 'a'), new: null },
      { ...none, kind: 'removed', occurrences: 1, old: image('2', 'é'), new: null },
    ]);
  });

  test('a composite key names its columns in their order', async () => {
    await make(
      "insert into s.t (id, name, amount) values (1, 'x', 1)",
      "insert into s.t (id, name, amount) values (1, 'x', 2)",
    );
    await record({ key: ['id', 'name'] }, 'keys');
    expect((await rows())[0]?.key).toEqual({ id: '1', name: 'x' });
  });

  test('texts that look like JSON or SQL are texts', async () => {
    const name = `{"a": [1, null]}`;
    await make(
      `insert into s.t (id, name) values (1, '${name}'), (2, 'null'), (3, null)`,
      `insert into s.t (id, name) values (1, '''); drop table x; --'), (2, null), (3, 'null')`,
    );
    await record({ key: ['id'] }, 'full');
    expect((await rows()).map((row) => [row.old.name, row.new.name])).toEqual([
      [name, "'); drop table x; --"],
      ['null', null],
      [null, 'null'],
    ]);
  });

  // The fingerprint

  interface Variant {
    readonly old?: string;
    readonly new?: string;
    readonly privacy?: RowTarget['privacy'];
  }
  /** Fingerprints of many comparisons, all in one pair of databases: with the key, and without. */
  const fingerprints = async (variants: readonly Variant[]) => {
    const tables = (side: 'old' | 'new', rowsSql: string) =>
      variants
        .map((variant, at) => {
          const sql = (variant[side] ?? rowsSql).replaceAll('s.t', `s.t${at}`);
          return `create table s.t${at} (${columns}); ${sql}`;
        })
        .join(';\n');
    await scratch.create(sides.old, `create schema s; ${tables('old', old)}`);
    await scratch.create(sides.new, `create schema s; ${tables('new', changed)}`);
    const { catalog, comparison } = scratch.engine;
    const catalogs = [await catalog.read(sides.old), await catalog.read(sides.new)] as const;
    const store = await createRowStore(scratch.engine);
    const session = await comparison.open({ ...sides, store, purpose: 'test', lineage: true });
    const found: { keyed: string[]; keyless: string[] } = { keyed: [], keyless: [] };
    let comparisons = 0;
    for (const [at, { privacy = 'full' }] of variants.entries()) {
      for (const [list, key] of [
        [found.keyed, ['id']],
        [found.keyless, null],
      ] as const) {
        const asked = pairOf(...catalogs, 's', `t${at}`, { key });
        const result = await compare(session, asked);
        const recorded = await recordRows(session, asked, result, target(++comparisons, privacy));
        list.push(recorded.fingerprint);
      }
    }
    await session.close();
    return found;
  };

  test('the fingerprint does not depend on privacy or on the order of rows', async () => {
    const reversed = (sql: string) => `${sql}; create table s.tu as select * from s.t;
      delete from s.t; insert into s.t select * from s.tu order by id desc; drop table s.tu`;
    const { keyed, keyless } = await fingerprints([
      ...privacies.map((privacy) => ({ privacy })),
      { old: reversed(old) },
      { new: reversed(changed) },
    ]);
    expect([new Set(keyed).size, new Set(keyless).size]).toEqual([1, 1]);
  });

  test('the fingerprint differs when any recorded value differs', async () => {
    const news = [
      changed,
      changed.replace('1.75', '1.76'),
      changed.replace('2021-12-31', '2021-12-30'),
      changed.replace('Ünal', 'ünal'),
      changed.replace('(5,', '(6,'),
      changed.replace("(2, null, 2.50, date '2021-12-31')", "(2, 'date', 2.50, date '2021-12-31')"),
      `${changed}; insert into s.t values (7, null, null, null)`,
    ];
    const { keyed, keyless } = await fingerprints([
      ...news.map((sql) => ({ new: sql })),
      { old: old.replace('Bob', 'Bub') },
    ]);
    expect([new Set(keyed).size, new Set(keyless).size]).toEqual([8, 8]);
  });

  test('values that run together have another fingerprint', async () => {
    const one = (name: string, other: string) =>
      `insert into s.t (id, name) values (1, '${name}'), (2, '${other}')`;
    const pairs = ['a b', 'b a', 'ab ', ' ab', '"a" b', 'a,b null'].map((text) => text.split(' '));
    const { keyed, keyless } = await fingerprints(
      pairs.map(([a = '', b = '']) => ({ old: one('-', '-'), new: one(a, b) })),
    );
    expect([new Set(keyed).size, new Set(keyless).size]).toEqual([6, 6]);
  });

  test('a table of one side has a fingerprint of its rows, not of their order', async () => {
    const { engine } = scratch;
    const values = ["(1, 'a', null, null)", '(2, null, 1.5, null)', '(2, null, 1.5, null)'];
    const of = async (list: readonly string[]) => {
      for (const at of Object.values(sides)) await engine.databases.drop(at);
      const rowsSql = list.length === 0 ? 'select 1' : `insert into s.t values ${list.join()}`;
      await make('select 1', rowsSql);
      const session = await engine.comparison.open({
        ...sides,
        store: null,
        purpose: 'test',
        lineage: true,
      });
      const names = ['id', 'name', 'amount', 'a "b"'];
      const found = await session.fingerprint('new', 's', 't', 'table', names);
      await session.close();
      return found;
    };
    const whole = await of(values);
    expect(await of([...values].reverse())).toBe(whole);
    const others = [
      await of(values.slice(0, 2)),
      await of([]),
      await of(['(1, null, null, null)', ...values.slice(1)]),
    ];
    expect(new Set([whole, ...others]).size).toBe(4);
  });

  // Keys that cannot be used

  test('duplicate and NULL keys are found on either side', async () => {
    const faultOf = async (oldRows: string, newRows: string, key: string[]) => {
      for (const at of Object.values(sides)) await scratch.engine.databases.drop(at);
      await make(
        `insert into s.t (id, name) values ${oldRows}`,
        `insert into s.t (id, name) values ${newRows}`,
      );
      const asked = await pair({ key });
      const session = await scratch.engine.comparison.open({
        ...sides,
        store: null,
        purpose: 'test',
        lineage: true,
      });
      const found = await session.compareRows(
        asked,
        await countBoth(session, asked),
        () => undefined,
      );
      await session.close();
      return 'fault' in found ? found : null;
    };
    const fine = "(1, 'a'), (2, 'a'), (3, 'b')";
    expect(await faultOf(fine, fine, ['id'])).toBeNull();
    expect(await faultOf(fine, "(1, 'a'), (1, 'b'), (1, 'c'), (2, 'x'), (2, 'y')", ['id'])).toEqual(
      {
        side: 'new',
        fault: 'duplicate',
        count: 2,
      },
    );
    expect(await faultOf(fine, `${fine}, (4, 'c')`, ['name'])).toMatchObject({
      side: 'old',
      fault: 'duplicate',
    });
    expect(await faultOf("(null, 'a'), (2, 'b')", fine, ['id'])).toEqual({
      side: 'old',
      fault: 'null',
      count: 1,
    });
    expect(await faultOf(fine, "(1, null), (2, 'x')", ['id', 'name'])).toMatchObject({
      side: 'new',
      fault: 'null',
    });
    expect(await faultOf("(1, 'a'), (1, 'b')", "(1, 'a'), (1, 'b')", ['id', 'name'])).toBeNull();
    expect(await faultOf("(1, 'a'), (2, 'A')", "(1, 'a'), (2, 'a ')", ['name'])).toBeNull();
  });

  // The databases themselves

  test('equal databases are proven equal only when they are', async () => {
    const { engine } = scratch;
    await scratch.create(
      engine.places.live,
      `create schema s; create table s.t (${columns}); ${old}`,
    );
    await engine.databases.clone(engine.places.live, sides.old, { method: 'auto' });
    await engine.databases.clone(sides.old, sides.new, { method: 'auto' });
    const evidence = async () => {
      const session = await engine.comparison.open({
        ...sides,
        store: null,
        purpose: 'test',
        lineage: true,
      });
      await session.close();
      return session.sameBytes;
    };
    const same = await evidence();
    expect(same === null || same.length > 0).toBe(true);
    await scratch.sql(sides.new, 'update s.t set amount = 9 where id = 1');
    expect(await evidence()).toBeNull();
  });

  test('comparing writes to neither side', async () => {
    await make(old, changed);
    const before = [await scratch.fingerprint(sides.old), await scratch.fingerprint(sides.new)];
    await record({ key: ['id'] }, 'full');
    expect([await scratch.fingerprint(sides.old), await scratch.fingerprint(sides.new)]).toEqual(
      before,
    );
  });

  test('a relation that cannot be read is an error in the words of the engine', async () => {
    await make(old, changed);
    const session = await scratch.engine.comparison.open({
      ...sides,
      store: null,
      purpose: 'test',
      lineage: true,
    });
    await expect(session.countRows('new', 's', 'nothing', 'table')).rejects.toThrow(/nothing/);
    await session.close();
  });

  const whenInstants = features.has('timestamptz') ? test : test.skip;
  whenInstants('the zone of the machine does not matter', async () => {
    await make(
      "insert into s.t values (1, timestamp '2026-07-01 12:00:00'), (2, timestamp '2026-01-01 00:00:00')",
      '',
      'id integer, v timestamp',
    );
    await scratch.engine.databases.drop(sides.new);
    await scratch.create(
      sides.new,
      `create schema s; create table s.t (id integer, v timestamptz);
       insert into s.t values (1, '2026-07-01 12:00:00+00'), (2, '2026-01-01 00:00:00+00')`,
    );
    for (const key of [['id'], null]) {
      const asked = await pair({ key });
      const session = await scratch.engine.comparison.open({
        ...sides,
        store: null,
        purpose: 'test',
        lineage: true,
      });
      const counts = await countBoth(session, asked);
      await session.close();
      const task = { open: sides, pair: asked, rows: counts };
      const other = await otherProcess(scratch.recipe, 'compare', task, { TZ: 'America/New_York' });
      expect(other.answer).toEqual({ added: 0, removed: 0, cells: {} });
    }
  });

  const whenMacros = features.has('macro') ? test : test.skip;
  whenMacros('views are compared by what they give on their own side', async () => {
    const views = `create macro s.rate() as 2;
      create view s.v as select id, amount * s.rate() as twice from s.t`;
    await make(`${old}; ${views}`, `${old}; ${views.replace('as 2', 'as 3')}`);
    const { catalog, comparison } = scratch.engine;
    const asked = pairOf(await catalog.read(sides.old), await catalog.read(sides.new), 's', 'v', {
      key: ['id'],
    });
    const session = await comparison.open({
      ...sides,
      store: null,
      purpose: 'test',
      lineage: true,
    });
    expect(Object.fromEntries((await compare(session, asked)).cells)).toEqual({ twice: 4 });
    await session.close();
  });

  test.each(['old', 'new', 'store', 'memory', 'live', 'source', 'deviating'])(
    'a schema may be called %s',
    async (schema) => {
      const sql = (
        value: number,
      ) => `create schema ${schema}; create table ${schema}.t (id integer, v integer);
        insert into ${schema}.t values (1, ${value}); create view ${schema}.w as select id, v from ${schema}.t`;
      await scratch.create(sides.old, sql(1));
      await scratch.create(sides.new, sql(2));
      const { catalog, comparison, scripts } = scratch.engine;
      const catalogs = [await catalog.read(sides.old), await catalog.read(sides.new)] as const;
      const store = await createRowStore(scratch.engine);
      const session = await comparison.open({ ...sides, store, purpose: 'test', lineage: true });
      for (const [at, name] of ['t', 'w'].entries()) {
        const asked = pairOf(...catalogs, schema, name, { key: ['id'] });
        const found = await compare(session, asked);
        expect(Object.fromEntries(found.cells)).toEqual({ v: 1 });
        expect(await recordRows(session, asked, found, target(at, 'full'))).toMatchObject({
          changed: 1,
        });
        await session.release(asked.schema, asked.name);
      }
      await session.close();
      const check = await scripts.open(sides.new, { write: false, variables: {}, forbidden: [] });
      // Where a release takes a schema live, scripts name what is in it without one.
      const isShown = catalogs[1].relations.some((relation) => relation.schema === schema);
      const text = `select v = 2 as two from ${isShown ? `${schema}.w` : 'w'}`;
      expect(await check.check({ file: 'check.sql', text: script(text) })).toEqual([]);
      await check.close();
    },
  );
}
