import { expect, test } from '@jest/globals';
import { isPlace, locationOf, placeOf } from '../../../src/engines/postgres/names.ts';
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

test.each([
  'shop',
  'shop.sales',
  '"sh.op"."sa""les"',
  'shop@replica',
  'a.b@"re@plica"',
  '"a@b"@c.d',
])('a place is written as it is read: %s', (written) => {
  expect(isPlace(written)).toBe(written !== '"a@b"@c.d');
  if (isPlace(written)) expect(locationOf(placeOf(written))).toBe(written);
});

test('an at sign in a name is no server', () => {
  const place = { database: 'sh@op', schema: 'a.b', server: 'c"d' };
  expect(locationOf(place)).toBe('"sh@op"."a.b"@"c""d"');
  expect(placeOf(locationOf(place))).toEqual(place);
});

test.each([
  ['shop@replica', 'ops', 'live'],
  ['shop', 'ops@replica', 'ledger'],
])('live and ledger are on the server of the connection: %s, %s', async (live, ledger, key) => {
  const servers = { replica: { host: 'b' } };
  const settings = { root: '.', live, ledger, connection: {}, servers };
  const refused = await createEngine('postgres', settings).catch((error) => error);
  expect(refused).toBeInstanceOf(UsageError);
  expect(refused.problem.where).toBe(`greenlight.yml: ${key}`);
});

test('a given database is one of another server that is known', async () => {
  const given = async (live: string, written: string) => {
    const servers = { replica: { host: 'b' } };
    const settings = { root: '.', live, ledger: 'ops.gl', connection: {}, servers };
    return (await createEngine('postgres', settings)).places.given?.locate(written);
  };
  expect(await given('shop', 'shop@replica')).toBe('shop@replica');
  expect(await given('shop.sales', '"shop".sales@replica')).toBe('shop.sales@replica');
  await expect(given('shop', 'shop@elsewhere')).rejects.toThrow('There is no server elsewhere.');
  for (const [live, written] of [
    ['shop', 'shop'],
    ['shop', 'shop.sales@replica'],
    ['shop.sales', 'shop@replica'],
    ['shop', '@replica'],
  ] as const)
    await expect(given(live, written)).rejects.toThrow('of another server');
});

test('engines without other servers refuse them', async () => {
  const servers = { replica: { host: 'b' } };
  const settings = { root: '.', live: 'a.duckdb', ledger: null, connection: {}, servers };
  const refused = await createEngine('duckdb', settings).catch((error) => error);
  expect(refused).toBeInstanceOf(UsageError);
  expect(refused.problem.where).toBe('greenlight.yml: connection.servers');
});

test('nothing is written on another server', async () => {
  const settings = {
    root: '.',
    live: 'shop',
    ledger: null,
    connection: { host: '127.0.0.1', port: 1 },
  };
  const engine = await createEngine('postgres', {
    ...settings,
    servers: { b: { host: '127.0.0.1', port: 1 } },
  });
  const there = 'shop@b';
  const work: (() => Promise<unknown>)[] = [
    () => engine.databases.drop(there),
    () => engine.databases.clone('shop', there, { method: 'auto' }),
    () => engine.databases.clone(there, 'copy', { method: 'auto' }),
    () => engine.databases.watch(there),
    async () => engine.swap.fence(there),
    async () => engine.swap.warm(there),
    async () => engine.swap.settle(there),
    async () => engine.swap.exchange('shop', there, 'kept'),
    async () => engine.swap.carryOn(there, 'shop'),
    () => engine.replay.bringOver('shop', there, [], 'test'),
    () => engine.bitemporal.publish(there, [], '', ''),
    () => engine.bitemporal.withdraw(there, [], ''),
    () => engine.scripts.open(there, { write: true, variables: {}, forbidden: [] }),
  ];
  for (const one of work) await expect(one()).rejects.toThrow('databases are only read');
});

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
