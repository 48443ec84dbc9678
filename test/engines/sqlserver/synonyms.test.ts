import { beforeEach, describe, expect, test } from '@jest/globals';
import { ordersOf, startDouble } from './double.ts';

const { Synonyms } = await import('../../../src/engines/sqlserver/synonyms.ts');
const { throughSynonyms } = await import('../../../src/engines/sqlserver/through-synonyms.ts');
const { sqlserverDatabases } = await import('../../../src/engines/sqlserver/databases.ts');
const { sqlserverPlaces } = await import('../../../src/engines/sqlserver/places.ts');
const { sqlserverSwap } = await import('../../../src/engines/sqlserver/swap.ts');

const [front, live, candidate, previous] = [
  'front',
  'shop',
  'shop__r__candidate',
  'shop__r__previous',
];

describe('the swap by synonyms', () => {
  let world: ReturnType<typeof startDouble>;
  beforeEach(() => begin());

  function begin(edition = 3): void {
    world = startDouble({ edition }, { synonyms: front });
    world.double.create(live, { tables: [ordersOf(['old'])] });
    world.double.create(candidate, { tables: [ordersOf(['new'])] });
    world.double.create(front).synonyms = [
      {
        schema: 'dbo',
        name: 'orders',
        base: [live, 'dbo', 'orders'],
        grants: [
          { state: 'GRANT', permission: 'SELECT', grantee: 'readers' },
          { state: 'DENY', permission: 'DELETE', grantee: 'app' },
          { state: 'GRANT_WITH_GRANT_OPTION', permission: 'INSERT', grantee: 'app' },
        ],
      },
      { schema: 'dbo', name: 'elsewhere', base: ['other', 'dbo', 'x'], grants: [] },
    ];
  }
  /** As another process would come. */
  function fresh() {
    const { options } = world;
    const places = sqlserverPlaces(live);
    const parts = {
      places,
      databases: sqlserverDatabases(options, live),
      swap: sqlserverSwap(options),
    };
    return throughSynonyms(parts as never, new Synonyms(front, options));
  }
  const leadsTo = () => world.double.require(front).synonyms.find(({ name }) => name === 'orders');
  const idOf = async (at: string) => (await fresh().databases.glance(at))?.id ?? null;

  test('exchanges what the synonyms lead to; no database gets another name, nobody is ended', async () => {
    const visitor = world.double.visit(front);
    const [old, brought] = [await idOf(live), await idOf(candidate)];
    await fresh().swap.exchange(live, candidate, previous);
    expect(leadsTo()?.base).toEqual([candidate, 'dbo', 'orders']);
    expect([await idOf(live), await idOf(previous), await idOf(candidate)]).toEqual([
      brought,
      old,
      null,
    ]);
    expect(world.double.log.filter((line) => line.startsWith('ALTER DATABASE'))).toEqual([]);
    expect(visitor.isOpen).toBe(true);
    expect(fresh().places.live).toBe(live);
  });

  test('numbers that live has given are not given again', async () => {
    const ids = { schema: 'dbo', name: 'ids', start: 1, increment: 1 };
    world.double.require(live).sequences = [{ ...ids, last: 9 }];
    world.double.require(candidate).sequences = [{ ...ids, last: 4 }];
    await fresh().swap.exchange(live, candidate, previous);
    expect(world.double.require(candidate).sequences).toEqual([{ ...ids, last: 9 }]);
  });

  test('what is granted on a synonym stays', async () => {
    const before = new Set(leadsTo()?.grants.map((grant) => JSON.stringify(grant)));
    await fresh().swap.exchange(live, candidate, previous);
    expect(new Set(leadsTo()?.grants.map((grant) => JSON.stringify(grant)))).toEqual(before);
  });

  test('and back again; then every database stands for its own name but for what was released', async () => {
    const [old, brought] = [await idOf(live), await idOf(candidate)];
    await fresh().swap.exchange(live, candidate, previous);
    await fresh().swap.exchange(live, previous, 'shop__r__rolled-back');
    expect(leadsTo()?.base[0]).toBe(live);
    expect([await idOf(live), await idOf('shop__r__rolled-back')]).toEqual([old, brought]);
    expect([await idOf(previous), await idOf(candidate)]).toEqual([null, null]);
    await fresh().databases.drop('shop__r__rolled-back');
    expect(world.double.find(candidate)).toBeNull();
  });

  // Begins with the first drop; the sixth is the commit.
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9])(
    'cut off after statement %i, all of it has happened or nothing',
    async (cut) => {
      const [old, brought] = [await idOf(live), await idOf(candidate)];
      world.double.dieAfter(cut);
      await fresh()
        .swap.exchange(live, candidate, previous)
        .catch(() => undefined);
      world.double.revive();
      const now = await idOf(live);
      expect([old, brought]).toContain(now);
      expect(leadsTo()?.base[0]).toBe(now === old ? live : candidate);
      expect(leadsTo()?.grants).toHaveLength(3);
      await fresh().swap.exchange(live, candidate, previous);
      expect([await idOf(live), await idOf(previous)]).toEqual([brought, old]);
    },
  );

  test('a synonym that would lead to nothing is named, and nothing is done', async () => {
    world.double.require(candidate).tables = [];
    await expect(fresh().swap.exchange(live, candidate, previous)).rejects.toMatchObject({
      problem: { cause: 'dbo.orders' },
    });
    expect(leadsTo()?.base[0]).toBe(live);
  });

  test('without a synonym that leads to live there is nothing to swap by', async () => {
    world.double.require(front).synonyms = [];
    await expect(fresh().swap.exchange(live, candidate, previous)).rejects.toThrow(
      'nothing to swap by',
    );
  });

  test('what is kept from another swap is never replaced', async () => {
    world.double.create(previous);
    await expect(fresh().swap.exchange(live, candidate, previous)).rejects.toThrow(
      'Something else is where',
    );
  });

  test('Azure SQL Database has no such synonyms', async () => {
    begin(5);
    await expect(fresh().swap.exchange(live, candidate, previous)).rejects.toThrow(
      'leads to no other database',
    );
  });

  test('a definition that names the database behind live names live', async () => {
    await fresh().swap.exchange(live, candidate, previous);
    const engine = fresh();
    await engine.databases.glance(live);
    expect(engine.places.names(live)).toEqual([live, candidate]);
  });
});
