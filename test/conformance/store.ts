import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Store, StoreTable } from '../../src/engines/engine.ts';
import type { Harness, Scratch } from './harness.ts';
import { otherProcess } from './other-process.ts';

const table = {
  name: 'thing',
  columns: {
    id: 'integer',
    name: 'text',
    at: 'instant',
    done: 'boolean',
    detail: 'json',
  },
  key: ['id'],
} as const satisfies StoreTable;

const full = {
  id: 9_007_199_254_740_991,
  name: `it's "ü" \\ 日本 \u{1f600}\n; drop table thing; --`,
  at: '2026-03-29T01:30:00.123Z',
  done: false,
  detail: { list: [1, 2.5, null, 'x'], text: "it's", deep: { 'a b': true } },
};
const empty = { id: -1, name: null, at: null, done: null, detail: null };

export function storeScenarios({ start }: Harness): void {
  let scratch: Scratch;
  let store: Store | null = null;
  beforeEach(async () => {
    scratch = await start();
  });
  afterEach(async () => {
    await store?.close();
    store = null;
    await scratch.dispose();
  });

  const open = async (): Promise<Store> => {
    await store?.close();
    store = await scratch.engine.stores.open({ create: true, purpose: "test */ 'x'" });
    if (store === null) throw new Error('no store');
    return store;
  };

  test('a store that does not exist is opened only when it shall be created', async () => {
    const { stores } = scratch.engine;
    expect(await stores.open({ create: false, purpose: 'test' })).toBeNull();
    expect(await (await open()).tables()).toEqual([]);
    await store?.close();
    store = await stores.open({ create: false, purpose: 'test' });
    expect(store).not.toBeNull();
  });

  test('values of every type come back as they went in, also after a reopening', async () => {
    await (await open()).write(async (writer) => {
      await writer.apply({ createTable: table });
      await writer.insert(table, full);
      await writer.insert(table, empty);
    });
    const reopened = await open();
    expect(await reopened.tables()).toEqual(['thing']);
    expect(await reopened.select(table, {}, ['id'])).toEqual([empty, full]);
    expect(await reopened.max(table, 'id')).toBe(full.id);
  });

  test.each([
    ['a text', 'text'],
    ['a number', 0],
    ['false', false],
    ['an empty list', []],
    ['an empty object', {}],
  ])('json: %s', async (_, detail) => {
    const own = await open();
    await own.write(async (writer) => {
      await writer.apply({ createTable: table });
      await writer.insert(table, { id: 1, detail });
    });
    expect(await own.select(table, { id: 1 })).toEqual([{ ...empty, id: 1, detail }]);
  });

  test('select finds by every type, and NULL by NULL', async () => {
    const own = await open();
    await own.write(async (writer) => {
      await writer.apply({ createTable: table });
      await writer.insert(table, full);
      await writer.insert(table, empty);
      await writer.insert(table, { ...full, id: 3, name: '' });
    });
    for (const where of [{ id: full.id }, { name: full.name }, { at: full.at, id: full.id }])
      expect(await own.select(table, where)).toEqual([full]);
    expect(await own.select(table, { done: false }, ['id'])).toHaveLength(2);
    expect(await own.select(table, { name: null })).toEqual([empty]);
    expect(await own.select(table, { name: null, at: null, done: null })).toEqual([empty]);
    expect(await own.select(table, { name: '' })).toHaveLength(1);
    expect(await own.select(table, { name: 'nobody' })).toEqual([]);
  });

  test('update and delete touch the rows of their condition only', async () => {
    const own = await open();
    await own.write(async (writer) => {
      await writer.apply({ createTable: table });
      for (const id of [1, 2, 3]) await writer.insert(table, { id, name: `n${id}` });
      await writer.update(table, { name: 'new', detail: { at: 2 } }, { id: 2 });
      await writer.delete(table, { id: 3 });
    });
    expect(await own.select(table, {}, ['id'])).toEqual([
      { ...empty, id: 1, name: 'n1' },
      { ...empty, id: 2, name: 'new', detail: { at: 2 } },
    ]);
  });

  test('a write that fails leaves nothing behind, tables neither', async () => {
    const own = await open();
    await own.write((writer) => writer.apply({ createTable: table }));
    await own.write((writer) => writer.insert(table, { id: 1, name: 'kept' }));
    const failing = own.write(async (writer) => {
      await writer.insert(table, { id: 2 });
      await writer.update(table, { name: 'lost' }, { id: 1 });
      await writer.apply({ createTable: { ...table, name: 'other' } });
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    const doubled = own.write(async (writer) => {
      await writer.insert(table, { id: 3 });
      await writer.insert(table, { id: 1 });
    });
    await expect(doubled).rejects.toThrow();
    expect(await own.tables()).toEqual(['thing']);
    expect(await own.select(table, {})).toEqual([{ ...empty, id: 1, name: 'kept' }]);
    expect(await (await open()).select(table, {})).toHaveLength(1);
  });

  test('a write gives back what its work gives, and sees its own rows', async () => {
    const own = await open();
    const seen = await own.write(async (writer) => {
      await writer.apply({ createTable: table });
      await writer.insert(table, { id: 7 });
      return writer.max(table, 'id');
    });
    expect(seen).toBe(7);
  });

  test('max of an empty table is null', async () => {
    const own = await open();
    await own.write((writer) => writer.apply({ createTable: table }));
    expect(await own.max(table, 'id')).toBeNull();
  });

  test('an upgrade adds columns and keeps the rows', async () => {
    const own = await open();
    await own.write(async (writer) => {
      await writer.apply({ createTable: table });
      await writer.insert(table, full);
    });
    await own.write((writer) =>
      writer.apply({ addColumn: { table: 'thing', column: 'Extra "x"', type: 'json' } }),
    );
    const wider: StoreTable = { ...table, columns: { ...table.columns, 'Extra "x"': 'json' } };
    expect(await own.select(wider, {})).toEqual([{ ...full, 'Extra "x"': null }]);
    await own.write((writer) => writer.update(wider, { 'Extra "x"': [1] }, { id: full.id }));
    expect(await own.select(wider, { name: full.name })).toEqual([{ ...full, 'Extra "x"': [1] }]);
  });

  test('a table without a key takes equal rows', async () => {
    const own = await open();
    const keyless = { ...table, key: [] };
    await own.write(async (writer) => {
      await writer.apply({ createTable: keyless });
      await writer.insert(keyless, { id: 1 });
      await writer.insert(keyless, { id: 1 });
    });
    expect(await own.select(keyless, { id: 1 })).toHaveLength(2);
  });

  test('a hold excludes other processes until it is released', async () => {
    const { stores } = scratch.engine;
    const hold = await stores.hold('work', 0);
    expect(hold.held).toBe(true);
    const refused = await otherProcess(scratch.recipe, 'hold', { name: 'work', waitMs: 0 });
    expect(refused.answer).toEqual({ held: false });
    const other = await otherProcess(scratch.recipe, 'hold', { name: 'other work', waitMs: 0 });
    expect(other.answer).toEqual({ held: true });
    if (hold.held) await hold.release();
    const taken = await otherProcess(scratch.recipe, 'hold', { name: 'work', waitMs: 2000 });
    expect(taken.answer).toEqual({ held: true });
    await Promise.all([refused.kill(), other.kill(), taken.kill()]);
  });

  test('a hold ends with its process, even one that is killed', async () => {
    const { stores } = scratch.engine;
    const other = await otherProcess(scratch.recipe, 'hold', { name: 'work', waitMs: 0 });
    expect(other.answer).toEqual({ held: true });
    const refused = await stores.hold('work', 100);
    expect(refused).toMatchObject({ held: false, holder: expect.stringMatching(/./) });
    const waiting = stores.hold('work', 10_000);
    await other.kill();
    const hold = await waiting;
    expect(hold.held).toBe(true);
    if (hold.held) await hold.release();
  });
}
