import { expect, test } from '@jest/globals';
import type { CatalogObject } from '../../../src/engines/engine.ts';
import { duckdb } from '../../conformance/duckdb.ts';

/** What changes between two databases, of which each has more than one object of a name or nearly so. */
test.each([
  [
    'types in schemas with dots',
    (first: string) =>
      `create schema a; create schema "a.b"; create type a."b.c" as enum ('${first}'); create type "a.b".c as enum ('y')`,
    ['type a."b.c"'],
  ],
  [
    'macros in schemas with dots',
    (first: string) =>
      `create schema a; create schema "a.b"; create macro a."b.c"(p := '${first}') as p; create macro "a.b".c(p := 'y') as p`,
    ['macro text a."b.c"'],
  ],
  [
    'macros with a bracket in their names',
    (first: string) =>
      `create macro "m (1"(p := '${first}') as p; create macro "m (2"(p := 'y') as p`,
    ['macro text "m (1"'],
  ],
  [
    'a macro and a table macro: the default of the one',
    (first: string) =>
      `create macro m(p := '${first}') as p || ') AS TABLE ('; create macro m(p := 'y') as table select p`,
    ['macro text m'],
  ],
  [
    'a macro and a table macro: the default of the other',
    (first: string) =>
      `create macro m(p := 'y') as p; create macro m(p := '${first}') as table select p`,
    ['table macro text m'],
  ],
  [
    'a macro and a table macro: the comment of the one',
    (first: string) =>
      `create macro m() as 1; create macro m() as table select 1; comment on macro m is '${first}'; comment on macro table m is 'z'`,
    ['comment macro main.m'],
  ],
])('%s', async (_, make, changed) => {
  const { engine, create, dispose } = await duckdb.start();
  try {
    const objects = async (at: string, first: string): Promise<readonly CatalogObject[]> => {
      await create(at, make(first));
      return (await engine.catalog.read(at)).objects;
    };
    const before = await objects(engine.places.baseline('names'), 'w');
    const after = await objects(engine.places.candidate('names'), 'x');
    const nameOf = ({ kind, name }: CatalogObject) => `${kind} ${name}`;
    expect(after.map(nameOf)).toEqual(before.map(nameOf));
    expect(new Set(after.map(nameOf)).size).toBe(after.length);
    const others = after.filter((object, at) => object.definition !== before[at]?.definition);
    expect(others.map(nameOf)).toEqual(changed);
  } finally {
    await dispose();
  }
});

test('a unique index over columns is a key, whatever they are called', async () => {
  const { engine, create, dispose } = await duckdb.start();
  try {
    await create(
      engine.places.live,
      `create table t (id integer not null, "a ""b"", c" integer not null, v integer, "v + 1" integer not null);
       create unique index of_two on t ("a ""b"", c", ID); create unique index of_null on t (v);
       create unique index expression on t ((v + 1)); create index plain on t (id);
       create table u (id integer, w integer not null unique, primary key (id)); create unique index first on u (w, id)`,
    );
    const { relations } = await engine.catalog.read(engine.places.live);
    const unique = { primary: false, enforced: true };
    expect(relations.map(({ name, keys }) => [name, keys])).toEqual([
      [
        't',
        [
          { ...unique, columns: ['v'], notNull: false },
          { ...unique, columns: ['a "b", c', 'id'], notNull: true },
        ],
      ],
      [
        'u',
        [
          { ...unique, columns: ['id'], primary: true, notNull: true },
          { ...unique, columns: ['w'], notNull: true },
          { ...unique, columns: ['w', 'id'], notNull: true },
        ],
      ],
    ]);
  } finally {
    await dispose();
  }
});
