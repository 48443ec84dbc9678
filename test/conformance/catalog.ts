import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Catalog, Relation } from '../../src/engines/engine.ts';
import type { Feature, Harness, Scratch } from './harness.ts';

export function catalogScenarios({ start, features, schemaOf }: Harness): void {
  let scratch: Scratch;
  beforeEach(async () => {
    scratch = await start();
  });
  afterEach(() => scratch.dispose());
  const when = (...needs: Feature[]) =>
    needs.every((one) => features.has(one)) ? test : test.skip;

  const read = async (sql: string): Promise<Catalog> => {
    const { places, catalog } = scratch.engine;
    await scratch.create(places.live, sql);
    return catalog.read(places.live);
  };
  const relation = (catalog: Catalog, schema: string, name: string): Relation => {
    const found = catalog.relations.find(
      (one) => one.schema === schemaOf(schema) && one.name === name,
    );
    if (found === undefined) throw new Error(`There is no ${schema}.${name}`);
    return found;
  };
  /** What a definition that names live would call it. */
  const liveName = () => scratch.engine.places.names(scratch.engine.places.live)[0] ?? '';

  test('tables and views with their columns in order', async () => {
    const catalog = await read(`create schema marts; create schema staging;
      create table staging.orders (z integer, a decimal(12, 2), m varchar(20), "Größe ""x""" date);
      create table marts."a table" (id integer);
      create view marts.top as select m, z from staging.orders where z > 1`);
    const [marts, staging] = [schemaOf('marts'), schemaOf('staging')];
    const own = catalog.relations.filter(({ schema }) => [marts, staging].includes(schema));
    expect(own.map(({ schema, name, kind }) => [schema, name, kind])).toEqual(
      [
        [marts, 'a table', 'table'],
        [marts, 'top', 'view'],
        [staging, 'orders', 'table'],
      ].sort(),
    );
    const orders = relation(catalog, 'staging', 'orders');
    expect(orders.columns.map(({ name }) => name)).toEqual(['z', 'a', 'm', 'Größe "x"']);
    expect(new Set(orders.columns.map(({ type }) => type)).size).toBe(4);
    expect(orders.definition).toBeNull();
    const top = relation(catalog, 'marts', 'top');
    expect(top.columns.map(({ name }) => name)).toEqual(['m', 'z']);
    expect(top.columns[1]?.type).toBe(orders.columns[0]?.type);
    expect(top.definition).toContain('> 1');
    expect([orders.fault, top.fault]).toEqual([null, null]);
  });

  test('keys: primary first, unique, and which are never null', async () => {
    const catalog = await read(`create schema s;
      create table s.one (u integer unique, a integer, b integer, n integer not null unique, primary key (b, a));
      create table s.none (id integer)`);
    const one = relation(catalog, 's', 'one').keys;
    const enforced = features.has('enforced-keys');
    expect(one[0]).toEqual({ columns: ['b', 'a'], primary: true, enforced, notNull: true });
    expect(one.slice(1)).toHaveLength(2);
    expect(one).toContainEqual({ columns: ['u'], primary: false, enforced, notNull: false });
    expect(one).toContainEqual({ columns: ['n'], primary: false, enforced, notNull: true });
    expect(relation(catalog, 's', 'none').keys).toEqual([]);
  });

  test('a view that is broken is there, with its fault', async () => {
    const catalog = await read(`create schema s; create table s.t (id integer, v integer);
      create view s.broken as select v from s.t; create view s.fine as select id from s.t;
      alter table s.t drop column v`).catch(() => null);
    if (catalog === null) return; // an engine that keeps views from breaking
    expect(relation(catalog, 's', 'broken').fault).toMatch(/v/);
    expect(relation(catalog, 's', 'fine').fault).toBeNull();
  });

  test('a view has the columns that it gives now', async () => {
    const catalog = await read(`create schema s; create table s.t (id integer);
      create view s.v as select id from s.t; alter table s.t alter column id type bigint`).catch(
      () => null,
    );
    if (catalog === null) return;
    expect(relation(catalog, 's', 'v').columns[0]?.type).toBe(
      relation(catalog, 's', 't').columns[0]?.type,
    );
  });

  when('index', 'check')('schemas, indexes, constraints and defaults are objects', async () => {
    const { objects } = await read(`create schema s;
      create table s.t (id integer primary key, v integer default 7, w integer not null, check (v > 0));
      create index by_w on s.t (w)`);
    const kinds = new Set(objects.map(({ kind }) => kind));
    for (const kind of ['schema', 'index', 'constraint', 'default']) expect(kinds).toContain(kind);
    expect(objects).toContainEqual({
      kind: 'default',
      name: `${schemaOf('s')}.t.v`,
      definition: '7',
    });
    const names = objects.map(({ kind, name }) => JSON.stringify([kind, name]));
    expect(new Set(names).size).toBe(names.length);
  });

  test('schemas, keys and defaults are objects', async () => {
    const { objects } = await read(`create schema s;
      create table s.t (id integer primary key, v integer default 7, w integer not null)`);
    const kinds = new Set(objects.map(({ kind }) => kind));
    for (const kind of ['schema', 'constraint', 'default']) expect(kinds).toContain(kind);
    expect(objects).toContainEqual({
      kind: 'default',
      name: `${schemaOf('s')}.t.v`,
      definition: '7',
    });
  });

  when(
    'sequence',
    'macro',
    'comment',
    'enum',
  )('sequences, macros, types and comments are objects', async () => {
    const { objects } = await read(`create schema s; create sequence s.ids start 5;
      create macro s.twice(x) as x * 2; create macro s.first_n(n) as table select * from range(n);
      create type s.mood as enum ('good', 'bad'); create table s.t (id integer);
      create view s.v as select 1 as one;
      comment on table s.t is 'a table'; comment on column s.t.id is 'a column'; comment on view s.v is 'a view'`);
    const texts = objects.map(({ kind, name, definition }) => `${kind} ${name}: ${definition}`);
    for (const part of [
      /^sequence s\.ids: .*5/i,
      /^macro s\.twice\(x\): .*2/,
      /^table macro s\.first_n\(n\): .*range/,
      /^type s\.mood: .*good.*bad/,
      /^comment table s\.t: a table/,
      /^comment column s\.t\.id: a column/,
      /^comment view s\.v: a view/,
    ])
      expect(texts).toContainEqual(expect.stringMatching(part));
  });

  test('two databases made alike have equal catalogs, and any change shows', async () => {
    const { places, catalog } = scratch.engine;
    const sql = `create schema s; create table s.t (id integer primary key, v integer default 7);
      create view s.v as select id from s.t${features.has('index') ? '; create index by_v on s.t (v)' : ''}`;
    await scratch.create(places.baseline('r'), sql);
    await scratch.create(places.candidate('r'), sql);
    const [a, b] = [
      await catalog.read(places.baseline('r')),
      await catalog.read(places.candidate('r')),
    ];
    expect(b).toEqual(a);
    const changed = features.has('changing-defaults') ? 'set default 8' : 'drop default';
    await scratch.sql(places.candidate('r'), `alter table s.t alter column v ${changed}`);
    expect((await catalog.read(places.candidate('r'))).objects).not.toEqual(a.objects);
  });

  test('reading the catalog writes nothing', async () => {
    const { places, catalog } = scratch.engine;
    await read('create schema s; create table s.t (id integer primary key)');
    const before = await scratch.fingerprint(places.live);
    await catalog.read(places.live);
    expect(await scratch.fingerprint(places.live)).toBe(before);
  });

  // Definitions that name a database

  when('stored-names')('a view that names its database is found', async () => {
    const own = liveName();
    const { definitions } = await read(`create schema marts; create table marts.t (id integer);
      create view marts.plain as select id from marts.t;
      create view marts.named as select id from ${own}.marts.t;
      create view marts."AS quoted" as select id from ${own}.marts.t;
      create view marts.nested as with a as (select id from marts.t) select * from a where id in (select id from "${own}".marts.t)`);
    const named = definitions
      .filter(({ databases }) => databases.includes(own))
      .map(({ name }) => name);
    expect(named.sort()).toEqual(['marts.AS quoted', 'marts.named', 'marts.nested']);
  });

  test('texts, aliases and columns that are called like the database are not flagged', async () => {
    const own = liveName();
    const { definitions } = await read(`create schema marts;
      create table marts.t (id integer, ${own} integer);
      create view marts.text as select '${own}.marts.t' as v from marts.t;
      create view marts.alias as select ${own}.id from marts.t as ${own};
      create view marts.col as select t.${own} from marts.t as t;
      create view marts.comment as select id /* ${own}.marts.t */ from marts.t -- ${own}.marts.t`);
    for (const { name, databases } of definitions) expect([name, databases]).toEqual([name, []]);
  });

  when('macro')('macros that name their database are found', async () => {
    const own = liveName();
    const { definitions } = await read(`create schema s; create table s.t (id integer);
      create macro s.plain(x) as x + (select max(id) from s.t);
      create macro s.named(x) as x + (select max(id) from ${own}.s.t);
      create macro s.rows(n) as table select * from ${own}.s.t where id > n;
      create macro s.calls(x) as ${own}.s.plain(x);
      create view s.used as select ${own}.s.plain(id) as v from s.t`);
    const named = definitions.filter(({ databases }) => databases.includes(own));
    expect(named.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
      'macro s.calls',
      'macro s.named',
      'table macro s.rows',
      'view s.used',
    ]);
  });

  when('sequence', 'stored-names')(
    'defaults and sequences that name their database are found',
    async () => {
      const own = liveName();
      const { definitions } = await read(`create schema s; create sequence s.ids;
      create table s.plain (id integer default nextval('s.ids'));
      create table s.named (id integer default nextval('${own}.s.ids'));
      create table s.text (v varchar(40) default '${own}.s.ids')`);
      const named = definitions.filter(({ databases }) => databases.includes(own));
      expect(named.map(({ name }) => name)).toEqual(['s.named.id']);
    },
  );

  test('a schema that is called like the database is not the database', async () => {
    const own = liveName();
    const { definitions } = await read(`create schema ${own}; create table ${own}.t (id integer);
      create view ${own}.v as select id from ${own}.t`).catch(() => ({ definitions: [] }));
    for (const { databases } of definitions) expect(databases).toEqual([]);
  });
}
