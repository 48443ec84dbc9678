import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Engine, Location } from '../../../src/engines/engine.ts';
import { duckdb } from '../../conformance/duckdb.ts';
import type { Scratch } from '../../conformance/harness.ts';
import { compare, pairOf } from '../../conformance/pairs.ts';

/** The bytes of both files are looked at while their catalogs are read: before the comparison has locked them. */
let scratch: Scratch;
let engine: Engine;
let sides: { readonly old: Location; readonly new: Location };
beforeEach(async () => {
  scratch = await duckdb.start();
  engine = scratch.engine;
  sides = { old: engine.places.live, new: engine.places.candidate('r') };
  await scratch.create(
    sides.old,
    'create table t as select i as id, i % 7 as v from range(200000) r(i)',
  );
  await engine.databases.clone(sides.old, sides.new, { method: 'auto' });
});
afterEach(() => scratch.dispose());

const begin = () => engine.comparison.preview?.(sides.old, sides.new) ?? null;
const about = { store: null, purpose: 'test', lineage: true };

async function compareAfter(preview: ReturnType<typeof begin>) {
  const [old, candidate] = [
    await engine.catalog.read(sides.old),
    await engine.catalog.read(sides.new),
  ];
  const session = await engine.comparison.open({ ...sides, ...about, preview });
  try {
    const pair = pairOf(old, candidate, 'main', 't', { key: ['id'] });
    return { sameBytes: session.sameBytes, found: await compare(session, pair) };
  } finally {
    await session.close();
  }
}

test('what it saw proves equal files', async () => {
  const { sameBytes, found } = await compareAfter(begin());
  expect(sameBytes).toMatch(/equal, byte by byte/);
  expect(found).toMatchObject({ proof: 'lineage', added: 0, removed: 0, cells: new Map() });
});

test('what was written since voids it', async () => {
  const preview = begin();
  await scratch.sql(sides.new, 'update t set v = 100 where id = 150000');
  const { sameBytes, found } = await compareAfter(preview);
  expect(sameBytes).toBeNull();
  expect(found).toMatchObject({ proof: 'exact', cells: new Map([['v', 1]]) });
});

test('one that is not used is closed, and can be closed again', async () => {
  const preview = begin();
  await preview?.close();
  await preview?.close();
  expect((await compareAfter(null)).sameBytes).toMatch(/equal, byte by byte/);
});
