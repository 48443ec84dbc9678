import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createEngine } from '../../../src/engines/registry.ts';
import type { GreenlightError } from '../../../src/errors.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { openShop, type Shop, versions } from './shop.ts';

/** Each statement is refused, the GRANT that is told is run as it stands, and the statement runs again. */
describe.each(versions)(
  'a missing privilege on PostgreSQL %s is told with the GRANT',
  (version) => {
    let server: PostgresServer;
    let shop: Shop;
    const engineAs = (user: string) =>
      createEngine('postgres', {
        ...shop.recipe.settings,
        connection: { ...server.connection, user },
      });
    const user = 'Plain "user"';
    const role = '"Plain ""user"""';
    beforeAll(async () => {
      server = await startPostgres(version);
      await server.sql(
        'postgres',
        `create role ${role} login password 'only for tests'; create role viewer`,
      );
      shop = await openShop(
        server,
        `create schema "Odd one"; create table "Odd one"."T t" (id serial primary key, v integer);
       create schema twin; create table twin."T t" (id integer); create table twin.kept (id integer primary key, v integer);
       create table twin.base (id integer); create view twin.seen as select * from twin.base;
       create view twin.own as select * from twin.kept; alter view twin.own owner to viewer;
       grant usage on schema twin to ${role}, viewer; grant select, insert on twin.seen, twin.own to ${role};
       create function twin.f(integer, text) returns integer language sql as 'select 1'; revoke all on function twin.f from public;
       create function twin.f(integer) returns integer language sql as 'select 1';
       create procedure twin.p() language sql as ''; revoke all on procedure twin.p from public;
       create function twin.writes() returns void language plpgsql as 'begin insert into twin.kept values (9, 9); end';
       create table twin.logged (at integer); create sequence twin.ids;
       create table twin.theirs (id integer); alter table twin.theirs owner to viewer`,
      );
    });
    afterAll(async () => {
      await shop?.dispose();
      await server.stop();
    });

    /** Does as the errors say, as the owner, until the statement passes. */
    const helped = async (text: string): Promise<string[]> => {
      const engine = await engineAs(user);
      const given: string[] = [];
      for (;;) {
        const options = { write: true, variables: {}, forbidden: [] };
        const session = await engine.scripts.open(shop.live, options);
        const problem = await session.run({ file: 'a.sql', text }).then(
          () => null,
          (error) => (error as GreenlightError).problem,
        );
        await session.close();
        if (problem === null) return given;
        const grants = problem.help?.match(/GRANT .*?;/g) ?? [];
        expect({ ...problem, given }).toMatchObject({
          where: 'a.sql:1',
          help: expect.stringContaining('GRANT '),
        });
        for (const grant of grants) {
          expect(given).not.toContain(grant);
          await shop.sql(shop.live, grant);
          given.push(grant);
        }
      }
    };
    const table = '"Odd one"."T t"';

    test.each<[sql: string, ...grants: string[]]>([
      [`select * from ${table}`, 'USAGE ON SCHEMA "Odd one"', `SELECT ON ${table}`],
      [
        `insert into ${table} (v) values (1)`,
        `INSERT ON ${table}`,
        'USAGE ON SEQUENCE "Odd one"."T t_id_seq"',
      ],
      [`update ${table} set v = 2`, `UPDATE ON ${table}`],
      [`delete from ${table} where id = 1`, `DELETE ON ${table}`],
      [`truncate ${table}`, `TRUNCATE ON ${table}`],
      [`select setval('"Odd one"."T t_id_seq"', 7)`, 'UPDATE ON SEQUENCE "Odd one"."T t_id_seq"'],
      ['select last_value from twin.ids', 'SELECT ON SEQUENCE "twin"."ids"'],
      [
        'insert into twin.kept values (1, 1) on conflict (id) do update set v = 2 returning id',
        'INSERT, SELECT, UPDATE ON "twin"."kept"',
      ],
      [
        'with gone as (delete from twin.base where id = 3 returning id) insert into twin.logged select id from gone',
        'DELETE, SELECT ON "twin"."base"',
        'INSERT ON "twin"."logged"',
      ],
      ["select twin.f(1, 'x')", 'EXECUTE ON FUNCTION twin.f(integer,text)'],
      ['call twin.p()', 'EXECUTE ON PROCEDURE twin.p()'],
      ['create table twin.new (id integer)', 'CREATE ON SCHEMA "twin"'],
      ['set session_replication_role = replica', 'SET ON PARAMETER session_replication_role'],
    ])('%s', async (sql, ...grants) => {
      const wanted = grants.map((grant) => `GRANT ${grant} TO ${role};`);
      // Servers of different versions look at the tables of a statement in different orders.
      expect((await helped(sql)).sort()).toEqual(wanted.sort());
    });

    test('of what a function does, what it does', async () => {
      await shop.sql(shop.live, `revoke all on twin.kept from ${role}`);
      expect(await helped('select twin.writes()')).toEqual([
        `GRANT INSERT ON "twin"."kept" TO ${role};`,
      ]);
    });

    test('of what a view reads or writes, to the owner of the view', async () => {
      expect(await helped('select * from twin.own')).toEqual([
        'GRANT SELECT ON "twin"."kept" TO "viewer";',
      ]);
      expect(await helped('insert into twin.own values (5, 5)')).toEqual([
        'GRANT INSERT ON "twin"."kept" TO "viewer";',
      ]);
    });

    test('in a database, and as an owner', async () => {
      expect(await helped('create schema fresh')).toEqual([
        `GRANT CREATE ON DATABASE "${shop.live}" TO ${role};`,
      ]);
      expect(await helped('drop table twin.theirs')).toEqual([`GRANT "viewer" TO ${role};`]);
    });

    test('to come in', async () => {
      await shop.sql('postgres', `revoke connect on database ${shop.live} from public`);
      const engine = await engineAs(user);
      const refused: GreenlightError = await engine.catalog
        .read(shop.live)
        .then(notRefused, (error) => error);
      const { help = '' } = refused.problem;
      expect(help).toContain(`GRANT CONNECT ON DATABASE "${shop.live}" TO ${role};`);
      await shop.sql('postgres', help.slice(help.indexOf('GRANT')));
      await engine.catalog.read(shop.live);
      await shop.sql('postgres', `grant connect on database ${shop.live} to public`);
    });
  },
);

function notRefused(): never {
  throw new Error('It was not refused');
}
