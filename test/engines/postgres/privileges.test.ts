import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { clientsFor, type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { openShop, type Shop, versions } from './shop.ts';

/** The script of the documentation, word by word. */
const [, script = ''] =
  /## Privileges[\s\S]*?```sql\n([\s\S]*?)```/.exec(readFileSync('docs/postgres.md', 'utf8')) ?? [];

const tables = `
  create table orders (id serial primary key, item text); create table lines (id integer references orders);
  create function touched() returns trigger language plpgsql as 'begin return new; end';
  create trigger touching before insert on lines for each row execute function touched();
  alter table lines enable row level security; create view seen as select * from orders;
  insert into orders (item) values ('a'), ('b'); insert into lines values (1);
  create schema marts; create materialized view marts.total as select count(*) from orders`;

describe.each(versions)('PostgreSQL %s', (version) => {
  let server: PostgresServer;
  let shop: Shop;
  beforeAll(async () => {
    server = await startPostgres(version);
    await server.sql(
      'postgres',
      `create role shop_owner; create role app login password 'only for tests'; ${script}`,
    );
    await server.sql('postgres', `alter role release_user password 'only for tests'`);
  });
  afterEach(() => shop.dispose());
  afterAll(() => server.stop());

  test.each(clientsFor(version) === null ? ['template'] : ['template', 'dump'])(
    'what the documentation grants is enough, with a clone by %s',
    async (method) => {
      expect(script).toContain('CREATE ROLE release_user');
      shop = await openShop(server, `set role shop_owner; reset role`);
      await shop.sql(
        'postgres',
        `alter database ${shop.live} owner to shop_owner; grant connect on database ${shop.live} to app; alter database ${shop.live} set work_mem to '5MB'`,
      );
      await shop.sql(shop.live, `set role shop_owner; ${tables}`);
      const { databases, swap, replay, places } = await shop.engineWith({ user: 'release_user' });
      const baseline = places.baseline('r');
      const report = await databases.clone(shop.live, baseline, { method });
      expect(report.lacks).toEqual([]);
      expect(report.source).toEqual(await databases.identify(shop.live));
      await databases.clone(baseline, shop.candidate, { method: 'auto' });
      await shop.sql(
        shop.live,
        `insert into lines values (2); insert into orders (item) values ('c')`,
      );
      const pair = (name: string, columns: string[]) => ({
        schema: 'public',
        name,
        oldKind: 'table' as const,
        newKind: 'table' as const,
        key: ['id'],
        keyEnforced: true,
        mode: 'strict' as const,
        columns: columns.map((column) => ({
          name: column,
          oldType: '',
          newType: '',
          tolerance: null,
        })),
      });
      await replay.bringOver(
        shop.live,
        baseline,
        [pair('lines', ['id']), pair('orders', ['id', 'item'])],
        'replay r',
      );
      const web = await shop.session(shop.live, 'web', 'app');
      const fences = [await swap.fence(shop.live), await swap.fence(shop.candidate)];
      await swap.exchange(shop.live, shop.candidate, shop.previous);
      await swap.exchange(shop.live, shop.previous, places.rolledBack('r'));
      for (const fence of fences) await fence.release();
      await expect(web.query('select 1')).rejects.toThrow();
      expect(await databases.size(shop.live)).toBeGreaterThan(0);
      await databases.drop(places.rolledBack('r'));
      await databases.drop(baseline);
      expect(await databases.identify(baseline)).toBeNull();
    },
  );

  test('the same is enough for a schema', async () => {
    shop = await openShop(server, '');
    await shop.sql('postgres', `alter database ${shop.live} owner to shop_owner`);
    await shop.sql(
      shop.live,
      `set role shop_owner; create schema sales; set search_path = sales; ${tables.replaceAll('marts.', '').replace('create schema marts;', '')}`,
    );
    const { databases, swap, places } = await shop.engineFor(`${shop.live}.sales`, {
      user: 'release_user',
    });
    const [candidate, previous] = [places.candidate('r'), places.previous('r')];
    expect((await databases.clone(places.live, candidate, { method: 'auto' })).lacks).toEqual([]);
    const id = (await databases.identify(candidate))?.id;
    const fence = await swap.fence(places.live);
    await swap.exchange(places.live, candidate, previous);
    await fence.release();
    expect((await databases.identify(places.live))?.id).toBe(id);
    await databases.drop(previous);
  });
});
