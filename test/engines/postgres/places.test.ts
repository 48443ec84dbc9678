import { expect, test } from '@jest/globals';
import { createEngine } from '../../../src/engines/registry.ts';
import { UsageError } from '../../../src/errors.ts';

const make = (live: string, ledger: string | null) =>
  createEngine('postgres', { root: '.', live, ledger, connection: {} });

test.each([
  ['shop', 'shop'],
  ['shop', 'shop.greenlight'],
  ['shop.sales', 'shop'],
  ['shop.sales', 'shop.sales'],
  ['shop.sales', 'shop."sales"'],
])('nothing of the ledger stands in live: %s, %s', async (live, ledger) => {
  const refused = await make(live, ledger).catch((error) => error);
  expect(refused).toBeInstanceOf(UsageError);
  expect(refused.problem.where).toBe('greenlight.yml: ledger');
});

test.each(['a.b.c', '', 'shop.', '.sales', 'sh"op'])(
  'what is no place is refused: %s',
  async (live) => {
    const refused = await make(live, null).catch((error) => error);
    expect(refused).toBeInstanceOf(UsageError);
    expect(refused.problem.where).toBe('greenlight.yml: live');
  },
);

test.each(['shop', 'shop.sales', '"sh.op".sales', 'shop."sa""les"', 'Shop-1'])(
  'what is one is taken: %s',
  async (live) => {
    expect((await make(live, 'ops.greenlight')).places.live).toBe(live);
  },
);

test('no two releases of any two lives share a place', async () => {
  const pairs = [
    ['a', 'b__c'],
    ['a__b', 'c'],
    ['a_', 'b'],
    ['a', '_b'],
    ['a', 'b'],
  ] as const;
  const names = await Promise.all(
    pairs.map(async ([live, release]) => (await make(live, null)).places.candidate(release)),
  );
  expect(new Set(names).size).toBe(pairs.length);
  expect(names.at(-1)).toBe('a__b__candidate');
});

test('what a URL asks for and nobody knows is named', async () => {
  const url = 'postgres://me:secret@db.example/?sslmode=require&target_session_attrs=any';
  const settings = { root: '.', live: 'shop', ledger: null, connection: { url } };
  const refused = await createEngine('postgres', settings).catch((error) => error);
  expect(refused).toBeInstanceOf(UsageError);
  expect(refused.problem.help).toContain('It has target_session_attrs;');
  expect(JSON.stringify(refused.problem)).not.toContain('secret');
});
