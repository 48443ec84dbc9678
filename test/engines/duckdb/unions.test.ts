import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Catalog, ComparisonSession } from '../../../src/engines/engine.ts';
import { duckdb } from '../../conformance/duckdb.ts';
import type { Scratch } from '../../conformance/harness.ts';
import {
  compare,
  createRowStore,
  pairOf,
  recordedRows,
  recordRows,
  target,
} from '../../conformance/pairs.ts';

/** Types that hold a union, and a value of each with a member of it. */
const union = 'union(a integer, b integer, c integer)';
const cases = [
  ['a union', union, (tag: string) => `union_value(${tag} := 1)::${union}`],
  ['a list', `${union}[]`, (tag: string) => `[union_value(${tag} := 1)::${union}]`],
  [
    'a struct',
    `struct(u ${union}, n integer)`,
    (tag: string) => `{'u': union_value(${tag} := 1)::${union}, 'n': 2}`,
  ],
  [
    'a map',
    `map(integer, ${union})`,
    (tag: string) => `map {1: union_value(${tag} := 1)::${union}}`,
  ],
] as const;

let scratch: Scratch;
let session: ComparisonSession;
let catalogs: readonly [Catalog, Catalog];

beforeAll(async () => {
  scratch = await duckdb.start();
  const { places, catalog, comparison } = scratch.engine;
  const sides = { old: places.baseline('r'), new: places.candidate('r') };
  const tables = (tagOf: (tag: string) => string) =>
    cases.flatMap(([, type, value], at) =>
      ['b', 'c'].map(
        (tag) =>
          `create table ${tag}${at} (id integer, v ${type}); insert into ${tag}${at} values (1, ${value(tagOf(tag))}), (2, null)`,
      ),
    );
  await scratch.create(sides.old, tables(() => 'a').join(';\n'));
  await scratch.create(sides.new, tables((tag) => tag).join(';\n'));
  catalogs = [await catalog.read(sides.old), await catalog.read(sides.new)];
  const store = await createRowStore(scratch.engine);
  session = await comparison.open({ ...sides, store, purpose: 'test', lineage: true });
});
afterAll(async () => {
  await session?.close();
  await scratch?.dispose();
});

/** Old and new differ in the tag only, and so do two comparisons. */
test.each(cases.map(([name], at) => [name, at] as const))(
  '%s is recorded with its tag',
  async (_, at) => {
    for (const key of [['id'], null]) {
      const fingerprints = new Set<string>();
      for (const [nth, tag] of ['b', 'c'].entries()) {
        const pair = pairOf(...catalogs, 'main', `${tag}${at}`, { key });
        const found = await compare(session, pair);
        const comparison = 10 * at + 2 * nth + (key === null ? 1 : 0);
        const recorded = await recordRows(session, pair, found, target(comparison, 'full'));
        fingerprints.add(recorded.fingerprint);
        const [first] = await recordedRows(scratch.engine, comparison);
        const shown = JSON.parse(first?.new_values ?? '{}') as { v?: string };
        expect(shown.v).toContain(`${tag}: 1`);
        await session.release('main', `${tag}${at}`);
      }
      expect(fingerprints.size).toBe(2);
    }
    const ofRows = ['b', 'c'].map((tag) =>
      session.fingerprint('new', 'main', `${tag}${at}`, 'table', ['id', 'v']),
    );
    expect(new Set(await Promise.all(ofRows)).size).toBe(2);
  },
);
