import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compareDatabases } from '../../src/compare/compare.ts';
import { coverageOf } from '../../src/compare/verdict.ts';
import type { Config } from '../../src/config/config.ts';
import type { ComparisonSession, Engine } from '../../src/engines/engine.ts';
import { describeDrift, findDifferences } from '../../src/release/drift.ts';
import { proveInput } from '../../src/release/input-proof.ts';
import type { ClonedRelease } from '../../src/release/records.ts';
import { request } from '../compare/request.ts';
import { newFiles } from '../conformance/duckdb.ts';
import type { Scratch } from '../conformance/harness.ts';

/** An engine whose columns of type USMALLINT are written by nobody but itself, whenever it writes their row. */
function stamping(engine: Engine): Engine {
  const told = (type: string) => (type === 'USMALLINT' ? 'it tells writes, not values' : null);
  const open: Engine['comparison']['open'] = async (options) => {
    const session = await engine.comparison.open({ ...options, lineage: false });
    const own: Partial<ComparisonSession> = {
      sameBytes: null,
      tellsWrites: told,
      incomparable: (old, candidate) => told(old) ?? session.incomparable(old, candidate),
    };
    return new Proxy(session, {
      get: (target, name) => {
        const found = Reflect.get(own, name) ?? Reflect.get(target, name);
        return typeof found === 'function' ? found.bind(target) : found;
      },
      has: (target, name) => name in own || name in target,
    });
  };
  return { ...engine, comparison: { ...engine.comparison, open } };
}

let scratch: Scratch;
let engine: Engine;
let release: ClonedRelease;
const silent = { advance: () => undefined, done: () => undefined, failed: () => undefined };
const progress = { task: () => silent, note: () => undefined, warn: () => undefined };
const input = ['s.untouched', 's.touched', 's.grown'];
const config = { compare: { keys: {}, input }, swap: { timeoutMs: 1000 } } as unknown as Config;

const tables = `create schema s;
  create table s.untouched (id integer primary key, stamp usmallint); insert into s.untouched values (1, 1);
  create table s.touched (id integer primary key, stamp usmallint); insert into s.touched values (1, 1);
  create table s.grown (id integer primary key, stamp usmallint); insert into s.grown values (1, 1)`;

beforeAll(async () => {
  scratch = await newFiles.start();
  engine = stamping(scratch.engine);
  const [baseline, candidate] = [engine.places.baseline('r'), engine.places.candidate('r')];
  await scratch.create(baseline, tables);
  await scratch.create(
    candidate,
    `${tables}; update s.touched set stamp = 2; insert into s.grown values (2, 2)`,
  );
  release = { id: 'r', baseline, candidate } as ClonedRelease;
});
afterAll(() => scratch?.dispose());

test('what tells writes is not compared where results are', async () => {
  const sides = { old: release.baseline, new: release.candidate };
  const { comparison } = await compareDatabases(request(engine, sides));
  expect(comparison.tables.map(({ changed }) => changed)).toEqual([0, 0, 0]);
  expect(coverageOf(comparison).skipped).toHaveLength(3);
});

test('where every write counts, it proves that a table was not written to', async () => {
  const proofs = await proveInput({ engine, config }, release, progress);
  expect(proofs?.map(({ table, outcome, changed }) => [table, outcome, changed])).toEqual([
    ['s.grown', 'unequal', 0],
    ['s.touched', 'unequal', 1],
    ['s.untouched', 'equal', 0],
  ]);
  const sides = { old: release.baseline, new: release.candidate };
  const drift = await findDifferences({ engine, config }, sides, 'drift', progress);
  expect(drift.map(describeDrift)).toEqual([
    's.grown: 1 row added, 0 removed, 0 changed; stamp cannot be brought over: it tells writes, not values',
    's.touched: 0 rows added, 0 removed, at least 1 changed; stamp cannot be brought over: it tells writes, not values',
  ]);
});
