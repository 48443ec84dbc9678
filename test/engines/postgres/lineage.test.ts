import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ComparisonSession, TablePair } from '../../../src/engines/engine.ts';
import { vacuumLoaded } from '../../../src/engines/postgres/copied.ts';
import { withoutGap } from '../../../src/engines/postgres/lineage.ts';
import { readOptions } from '../../../src/engines/postgres/options.ts';
import { compare, pairOf } from '../../conformance/pairs.ts';
import { hasPostgres, type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { openShop, type Shop } from './shop.ts';

/** So large that the server copies files. */
const filler = `create table filler (v text); alter table filler alter v set storage plain;
  insert into filler select repeat('x', 8000) from generate_series(1, 9000)`;

const names = [
  ...['same', 'changed', 'deleted', 'inserted', 'touched', 'locked', 'rolled', 'emptied', 'wide'],
  ...['rewritten', 'based', 'added', 'replaced', 'retyped'],
];

const tables = `
  create type mood as enum ('sad', 'glad');
  ${names
    .map(
      (name) => `create table ${name} (id integer primary key, v text, m mood, w numeric[]);
        insert into ${name} select n, 'v' || n, 'sad', array[n] from generate_series(1, ${name === 'same' ? 12_000 : 500}) n;`,
    )
    .join('')}
  alter table wide alter v set storage external;
  update wide set v = repeat('w', 5000) where id < 50;
  create table named (id integer primary key, c regclass); insert into named values (1, 'same'::regclass);
  create table moody (id integer primary key, m mood); insert into moody values (1, 'sad');
  create unlogged table unlogged (id integer primary key, v text); insert into unlogged values (1, 'a');
  create table parted (id integer primary key, v text) partition by range (id);
  create table parted_1 partition of parted for values from (1) to (50);
  create table parted_2 partition of parted for values from (50) to (200);
  create table split (like parted including all) partition by range (id);
  create table split_1 partition of split for values from (1) to (50);
  create table split_2 partition of split for values from (50) to (200);
  insert into parted select n, 'p' || n from generate_series(1, 100) n;
  insert into split select * from parted;
  create view seen as select * from same`;

const changes = `
  update changed set v = 'other' where id = 7;
  delete from deleted where id = 7;
  insert into inserted values (0, 'new');
  update touched set v = v where id = 7;
  begin; select * from locked where id = 7 for update; commit;
  begin; update rolled set v = 'other'; rollback;
  begin; create temporary table kept as select * from emptied; truncate emptied; insert into emptied select * from kept where id <> 7; commit;
  update wide set v = repeat('v', 5000) where id = 7;
  alter table rewritten alter id type bigint;
  alter table added add extra integer default 5;
  alter table replaced drop v; alter table replaced add v text default 'v';
  alter table retyped alter v type varchar;
  update unlogged set v = 'b';
  update split set v = 'other' where id = 77;
  alter type mood rename value 'sad' to 'bad'`;

interface Part {
  readonly name: string;
  /** What is done after the copy. */
  readonly sides: Readonly<Partial<Record<'old' | 'new', readonly string[]>>>;
  readonly key?: null;
  readonly way?: string;
  readonly added?: number;
  readonly removed?: number;
  readonly cells?: Readonly<Record<string, number>>;
}

/** Each a table of 12,000 rows in which little is written. */
const parts: readonly Part[] = [
  {
    name: 'updated',
    sides: { new: [`update updated set v = 'other' where id between 3000 and 3400`] },
    cells: { v: 401 },
  },
  {
    name: 'missing',
    sides: { new: ['delete from missing where id between 3000 and 3100', 'vacuum missing'] },
    removed: 101,
  },
  {
    name: 'shortened',
    sides: {
      new: [
        'delete from shortened where id > 11000',
        'vacuum (truncate) shortened',
        `insert into shortened values (11999, 'v11999'), (20000, 'new')`,
      ],
    },
    added: 1,
    removed: 999,
  },
  {
    name: 'moved',
    sides: {
      new: [
        'with gone as (delete from moved where id between 500 and 600 returning *) insert into moved select * from gone',
      ],
    },
  },
  {
    name: 'refilled',
    sides: {
      new: [
        'delete from refilled where id <= 150',
        'vacuum refilled',
        `insert into refilled select n, 'v' from generate_series(20001, 20100) n`,
      ],
    },
    added: 100,
    removed: 150,
  },
  {
    name: 'exchanged',
    sides: {
      new: [
        'update exchanged set id = -id where id in (20, 11020)',
        'update exchanged set id = 11040 + id where id < 0',
      ],
    },
    cells: { v: 2 },
  },
  {
    name: 'both_sides',
    sides: {
      old: [`update both_sides set v = 'old' where id between 100 and 150`],
      new: [
        `update both_sides set v = 'new' where id between 9000 and 9010`,
        'delete from both_sides where id = 120',
      ],
    },
    removed: 1,
    cells: { v: 61 },
  },
  {
    name: 'copied_from',
    sides: { old: [`insert into copied_from values (0, 'old')`] },
    removed: 1,
  },
  {
    name: 'large',
    sides: { new: [`update large set w = repeat('x', 5000) where id = 7`] },
    cells: { w: 1 },
  },
  {
    name: 'keyless',
    sides: { new: [`update keyless set v = 'other' where id between 3000 and 3009`] },
    key: null,
    way: 'WAL summaries, multiset',
    added: 10,
    removed: 10,
  },
  {
    name: 'scattered',
    sides: { new: [`update scattered set v = 'other' where id % 50 = 0`] },
    way: 'ordered streams',
    cells: { v: 240 },
  },
  {
    name: 'rewritten_whole',
    sides: { new: ['vacuum full rewritten_whole'] },
    way: 'ordered streams',
  },
];

const whenThere = hasPostgres(18) ? describe : describe.skip;

whenThere('lineage by WAL summaries', () => {
  let server: PostgresServer;
  let shop: Shop;
  let session: ComparisonSession | undefined;

  beforeAll(async () => {
    server = await startPostgres(18);
  });
  beforeEach(async () => {
    shop = await openShop(server, tables);
    await shop.sql(shop.live, 'vacuum (freeze)');
    await shop.sql(shop.live, filler);
    const { databases } = shop.engine;
    await databases.clone(shop.live, baseline(), { method: 'template' });
    await databases.clone(baseline(), shop.candidate, { method: 'auto' });
  }, 120_000);
  afterEach(async () => {
    await session?.close();
    session = undefined;
    await shop.dispose();
  });
  afterAll(() => server.stop());

  const baseline = () => shop.engine.places.baseline('r');
  const open = async (old = baseline(), lineage = true) => {
    await session?.close();
    const sides = { old, new: shop.candidate };
    const about = { store: null, purpose: 'test', lineage };
    session = await shop.engine.comparison.open({ ...sides, ...about });
    return session;
  };
  const compared = async (name: string, options: Partial<TablePair> = {}, old = baseline()) => {
    const { catalog } = shop.engine;
    const sides = await Promise.all([catalog.read(old), catalog.read(shop.candidate)]);
    const pair = pairOf(...sides, 'public', name, { key: ['id'] });
    const found = await compare(session as ComparisonSession, { ...pair, ...options });
    const { proof, way, added, removed, rows } = found;
    return { proof, way, added, removed, rows, cells: Object.fromEntries(found.cells) };
  };
  const nothing = { added: 0, removed: 0, cells: {} };
  const exact = { ...nothing, proof: 'exact' };
  const proven = { ...nothing, proof: 'lineage', way: 'WAL summaries' };

  test('a table is proven equal, and every change is found', async () => {
    for (const statement of changes.split(/;\n/)) await shop.sql(shop.candidate, statement);
    await shop.sql(baseline(), `update based set v = 'other' where id = 7`);
    await open();
    const all = { old: 500, new: 500 };
    const enforced = { keyEnforced: true };
    // The labels of its column m have other names now.
    const plain = async (name: string) => {
      const columns = ['id', 'v', 'w'].map((column) => ({
        ...{ name: column, tolerance: null, newType: 'text' },
        oldType: 'text',
      }));
      return compared(name, { ...enforced, columns });
    };
    expect(await plain('same')).toEqual({ ...proven, rows: { old: 12_000, new: 12_000 } });
    expect(await plain('added')).toEqual({ ...proven, rows: all });
    expect(await compared('same')).toMatchObject({ ...exact, cells: { m: 12_000 } });
    expect(await compared('moody', enforced)).toMatchObject({ ...exact, cells: { m: 1 } });
    expect(await compared('named', enforced)).toMatchObject(exact);
    expect(await plain('changed')).toMatchObject({ ...exact, cells: { v: 1 } });
    expect(await plain('deleted')).toMatchObject({ ...exact, removed: 1 });
    expect(await plain('inserted')).toMatchObject({ ...exact, added: 1 });
    expect(await plain('emptied')).toMatchObject({ ...exact, removed: 1 });
    expect(await plain('wide')).toMatchObject({ ...exact, cells: { v: 1 } });
    expect(await plain('based')).toMatchObject({ ...exact, cells: { v: 1 } });
    expect(await plain('replaced')).toMatchObject({ ...exact, cells: { v: 500 } });
    expect(await compared('unlogged', enforced)).toMatchObject({ ...exact, cells: { v: 1 } });
    expect(await compared('split', enforced)).toMatchObject({ ...exact, cells: { v: 1 } });
    for (const name of ['touched', 'locked', 'rolled', 'rewritten', 'retyped'])
      expect([name, await plain(name)]).toMatchObject([name, { ...exact, rows: all }]);
    expect(await compared('parted', enforced)).toEqual({
      ...proven,
      rows: { old: 100, new: 100 },
    });
    expect((await compared('seen')).proof).toBe('exact');
  }, 120_000);

  test('without a key and strictly as well, not when every value is asked for', async () => {
    await open();
    expect(await compared('same', { key: null })).toMatchObject(proven);
    expect(await compared('same', { mode: 'strict' })).toMatchObject(proven);
    await open(baseline(), false);
    expect(await compared('same')).toMatchObject(exact);
  }, 120_000);

  test('of a table that was written in places, only these are read', async () => {
    for (const { name } of parts)
      await shop.sql(
        baseline(),
        `create table ${name} (id integer primary key, v text, w text); alter table ${name} alter w set storage external;
         insert into ${name} select n, 'v' || n, case n when 7 then repeat('w', 5000) end from generate_series(1, 12000) n`,
      );
    await shop.sql(baseline(), 'vacuum (freeze)');
    await shop.engine.databases.clone(baseline(), shop.candidate, { method: 'auto' });
    for (const { sides } of parts)
      for (const [side, statements] of Object.entries(sides))
        for (const statement of statements)
          await shop.sql(side === 'old' ? baseline() : shop.candidate, statement);
    const byLineage = async () => {
      const all = [];
      for (const { name, key = ['id'] } of parts)
        all.push([name, await compared(name, { key, keyEnforced: key !== null })] as const);
      return all;
    };
    await open();
    const found = await byLineage();
    await open(baseline(), false);
    const read = await byLineage();
    const withoutWay = (all: typeof found) => all.map(([name, { way, ...rest }]) => [name, rest]);
    expect(withoutWay(found)).toEqual(withoutWay(read));
    expect(found.map(([name, { way }]) => [name, way])).toEqual(
      parts.map(({ name, way }) => [name, way ?? 'WAL summaries, ordered streams']),
    );
    expect(found.map(([name, one]) => [name, one.added, one.removed, one.cells])).toEqual(
      parts.map(({ name, added = 0, removed = 0, cells = {} }) => [name, added, removed, cells]),
    );
  }, 120_000);

  test('what is written after a first comparison is found by the next one', async () => {
    await open();
    expect(await compared('same')).toMatchObject(proven);
    const writer = await shop.session(shop.candidate);
    await writer.query(`begin; update same set v = 'other' where id = 7`);
    await open();
    // Not yet committed: nothing differs, and nothing is proven.
    expect(await compared('same')).toMatchObject(exact);
    await writer.query('commit');
    await open();
    expect(await compared('same')).toMatchObject({ ...exact, cells: { v: 1 } });
  }, 120_000);

  test('two copies of one database, and one that only has the name of the first', async () => {
    const other = shop.engine.places.control('r');
    await shop.engine.databases.clone(baseline(), other, { method: 'auto' });
    await shop.sql(other, `update changed set v = 'other' where id = 7`);
    await shop.sql(baseline(), `delete from deleted where id = 7`);
    await open(other);
    expect(await compared('same', {}, other)).toMatchObject(proven);
    expect(await compared('changed', {}, other)).toMatchObject({ ...exact, cells: { v: 1 } });
    expect(await compared('deleted', {}, other)).toMatchObject(exact);
    await session?.close();
    await shop.sql('postgres', `drop database "${baseline()}"`);
    await shop.sql('postgres', `create database "${baseline()}" template "${other}"`);
    await shop.sql(baseline(), `update same set v = 'other' where id = 7`);
    await open();
    expect(await compared('same')).toMatchObject({ ...exact, cells: { v: 1 } });
  }, 120_000);

  test('what is kept about the copy is no part of it', async () => {
    const settings = `select setconfig from pg_db_role_setting where setdatabase = (select oid from pg_database where datname = '${shop.candidate}')`;
    const [kept] = await shop.sql('postgres', settings);
    expect(String(kept?.setconfig)).toContain('greenlight.copied=');
    const { objects } = await shop.engine.catalog.read(shop.candidate);
    expect(objects.filter(({ kind }) => kind === 'database setting')).toEqual([]);
    const { databases, swap } = shop.engine;
    const before = await databases.identify(shop.candidate);
    await swap.exchange(shop.live, shop.candidate, shop.previous);
    expect(await databases.identify(shop.live)).toEqual(before);
    const all = await shop.sql(
      'postgres',
      'select datname, setconfig from pg_db_role_setting join pg_database d on d.oid = setdatabase',
    );
    // The baseline is a copy as well, of what was live.
    expect(all.map(({ datname }) => datname)).toEqual([baseline()]);
  }, 120_000);

  test('what autovacuum would do to loaded rows is done before they are copied', async () => {
    await shop.sql(baseline(), 'create table loaded (id integer primary key)');
    await shop.sql(baseline(), 'insert into loaded select generate_series(1, 1000)');
    const before = await shop.engine.databases.identify(baseline());
    await vacuumLoaded(baseline(), readOptions({ connection: server.connection, root: '' }, {}));
    expect(await shop.engine.databases.identify(baseline())).toEqual(before);
    await shop.engine.databases.clone(baseline(), shop.candidate, { method: 'auto' });
    await shop.sql(baseline(), 'vacuum');
    await shop.sql(baseline(), 'analyze');
    await open();
    expect(await compared('loaded')).toMatchObject(proven);
  }, 120_000);

  test('a user who may not keep it or make a checkpoint goes without', async () => {
    const again = async () => {
      await session?.close();
      const engine = await shop.engineWith({ user: 'plain' });
      await engine.databases.clone(baseline(), shop.candidate, { method: 'auto' });
      const sides = { old: baseline(), new: shop.candidate };
      session = await engine.comparison.open({
        ...sides,
        ...{ store: null, purpose: 't', lineage: true },
      });
      return compared('same');
    };
    await shop.sql(
      'postgres',
      `create role plain login createdb password '${server.password}'; grant pg_read_all_data to plain`,
    );
    await shop.sql('postgres', `drop database "${shop.candidate}"`);
    await shop.sql('postgres', `alter database "${baseline()}" owner to plain`);
    try {
      expect(await again()).toMatchObject(exact);
      await shop.sql('postgres', 'grant set on parameter greenlight.copied to plain');
      expect(await again()).toMatchObject(exact);
      await shop.sql('postgres', 'grant pg_checkpoint to plain');
      expect(await again()).toMatchObject(proven);
    } finally {
      await session?.close();
      session = undefined;
      await shop.dispose();
      await shop.sql('postgres', 'drop owned by plain; drop role plain');
    }
  }, 120_000);

  test('a summary that is missing proves nothing', async () => {
    await shop.sql(shop.candidate, `update changed set v = 'other' where id = 7`);
    await shop.sql('postgres', 'checkpoint');
    await open();
    expect(await compared('same')).toMatchObject(proven);
    await shop.sql('postgres', `copy (select 1) to program 'rm pg_wal/summaries/*.summary'`);
    await open();
    expect(await compared('same')).toMatchObject(exact);
    expect(await compared('changed')).toMatchObject({ ...exact, cells: { v: 1 } });
  }, 120_000);
});

whenThere('without WAL summaries', () => {
  test('nothing is proven, whatever somebody wrote about a copy', async () => {
    const server = await startPostgres(18, { summarize_wal: 'off' });
    const shop = await openShop(server, `create table t (id integer primary key); ${filler}`);
    try {
      const { databases, comparison, catalog } = shop.engine;
      await databases.clone(shop.live, shop.candidate, { method: 'auto' });
      expect(await shop.sql('postgres', 'select * from pg_db_role_setting')).toEqual([]);
      const [oids] = await shop.sql(
        'postgres',
        `select (select system_identifier from pg_control_system()) as system, '1' as timeline, '0/1' as before,
           (select oid from pg_database where datname = '${shop.live}')::text as source,
           (select oid from pg_database where datname = '${shop.candidate}')::text as copy`,
      );
      await shop.sql(
        'postgres',
        `alter database "${shop.candidate}" set greenlight.copied to '${JSON.stringify({ ...oids, rows: {} })}'`,
      );
      await shop.sql(shop.candidate, 'insert into t values (1)');
      const sides = { old: shop.live, new: shop.candidate };
      const about = { store: null, purpose: 'test', lineage: true };
      const session = await comparison.open({ ...sides, ...about });
      const both = await Promise.all([catalog.read(sides.old), catalog.read(sides.new)]);
      for (const [name, added] of [['t', 1] as const, ['filler', 0] as const])
        expect(await compare(session, pairOf(...both, 'public', name))).toMatchObject({
          proof: 'exact',
          added,
        });
      await session.close();
    } finally {
      await shop.dispose();
      await server.stop();
    }
  }, 120_000);
});

test('summaries have to follow one another', () => {
  const summary = (start: string, end: string) => ({ start, end });
  const [first, second, third] = [
    summary('0/10', '0/20'),
    summary('0/20', '1/0'),
    summary('1/0', '1/30'),
  ];
  expect(withoutGap([third, first, second], '0/15', '1/25')).toEqual([second, third]);
  expect(withoutGap([first, second, third], '0/20', '1/30')).toEqual([third]);
  expect(withoutGap([first, second, third], '0/15', '1/31')).toBeNull();
  expect(withoutGap([first, third], '0/15', '1/25')).toBeNull();
  expect(withoutGap([second, third], '0/15', '1/25')).toBeNull();
  expect(withoutGap([], '0/15', '1/25')).toBeNull();
  // The same twice, once longer: whatever is in it counts.
  const longer = summary('0/10', '1/0');
  expect(withoutGap([first, longer, second, third], '0/15', '1/25')).toEqual([
    ...[longer, second, third],
  ]);
});
