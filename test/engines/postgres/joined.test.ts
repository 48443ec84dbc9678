import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ComparisonSession } from '../../../src/engines/engine.ts';
import type { Scratch } from '../../conformance/harness.ts';
import { compare, createRowStore, pairOf, target } from '../../conformance/pairs.ts';
import { postgres } from '../../conformance/postgres.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';

/** Tables of several ranges. Of a view over them the server joins nothing: its rows come as ordered streams. */
interface Table {
  readonly name: string;
  readonly columns: string;
  readonly key: readonly string[];
  readonly old: string;
  readonly new: string;
  readonly expect: {
    readonly added: number;
    readonly removed: number;
    readonly cells: Readonly<Record<string, number>>;
  };
}

const rows = 105_000;

const tables: readonly Table[] = [
  {
    name: 'ordered',
    columns: 'id bigint primary key, v integer, note text, amount numeric',
    key: ['id'],
    old: `select i, i, 'n' || i, i::numeric from generate_series(1, ${rows}) i where i <> 7`,
    // Much differs at first, little later on; 1.0 is 1.00.
    new: `select i, case when i % 25000 = 3 then null else i end, case when i < 80000 then 'N' else 'n' end || i, i * 1.00
      from generate_series(-4, ${rows - 3}) i where i not between 30000 and 30009`,
    expect: { added: 5 + 1, removed: 3 + 10, cells: { v: 5, note: 80_000 - 1 - 1 - 10 } },
  },
  {
    name: 'scattered',
    columns: 'id uuid primary key, v integer',
    key: ['id'],
    old: 'select md5(i::text)::uuid, i from generate_series(1, 30000) i',
    new: 'select md5(i::text)::uuid, case i % 1000 when 9 then 0 else i end from generate_series(30100, 11, -1) i',
    expect: { added: 100, removed: 10, cells: { v: 29 } },
  },
  {
    name: 'texts',
    columns: 'id text primary key, v integer',
    key: ['id'],
    old: `select 'key ' || i, i from generate_series(1, 30000) i`,
    new: `select case i when 77 then 'KEY ' else 'key ' end || i, i / 2 * 2 from generate_series(1, 30000) i`,
    expect: { added: 1, removed: 1, cells: { v: 14_999 } },
  },
  {
    name: 'composed',
    columns: 'a smallint, b text, v integer, primary key (a, b)',
    key: ['a', 'b'],
    old: 'select i % 3, i::text, i from generate_series(1, 30000) i',
    new: 'select i % 3, i::text, i + (i = 500)::integer from generate_series(2, 30002) i',
    expect: { added: 2, removed: 1, cells: { v: 1 } },
  },
  {
    name: 'numbers',
    columns: 'id numeric primary key, v integer',
    key: ['id'],
    old: 'select i / 10.0, i from generate_series(1, 30000) i',
    new: 'select (i / 10.0)::numeric(12, 5), i from generate_series(1, 30000) i where i <> 15000',
    expect: { added: 0, removed: 1, cells: {} },
  },
];

describe('joined by the server', () => {
  let server: PostgresServer;
  let scratch: Scratch;
  let session: ComparisonSession;
  let comparisons = 0;

  beforeAll(async () => {
    server = await startPostgres(18);
    scratch = await postgres(() => server, 'schema', 18).start();
    const { places, comparison } = scratch.engine;
    const sides = { old: places.baseline('x'), new: places.candidate('x') };
    for (const side of ['old', 'new'] as const)
      await scratch.create(
        sides[side],
        tables
          .map(
            ({ name, columns, ...table }) =>
              `create table ${name} (${columns}); insert into ${name} ${table[side]}; create view ${name}_view as select * from ${name}`,
          )
          .join(';\n'),
      );
    const store = await createRowStore(scratch.engine);
    session = await comparison.open({ ...sides, store, purpose: 'test', lineage: true });
  }, 240_000);
  afterAll(async () => {
    await session?.close();
    await scratch?.dispose();
    await server?.stop();
  });

  const pairBy = async (name: string, key: readonly string[], mode: 'semantic' | 'strict') => {
    const { catalog, places } = scratch.engine;
    const catalogs = [
      await catalog.read(places.baseline('x')),
      await catalog.read(places.candidate('x')),
    ] as const;
    return { ...pairOf(...catalogs, 'public', name, { key, mode }), keyEnforced: true };
  };
  const look = async (name: string, key: readonly string[]) => {
    const pair = await pairBy(name, key, 'semantic');
    const found = await compare(session, pair);
    const deviating = await session.gather(pair, found, { claims: [], privacy: 'keys' });
    comparisons += 1;
    const recorded = await deviating.record(target(comparisons, 'keys'), []);
    await deviating.discard();
    await session.release(pair.schema, pair.name);
    expect(recorded).toMatchObject({ added: found.added, removed: found.removed });
    return { ...recorded, way: found.way, cells: Object.fromEntries(found.cells) };
  };

  test.each(tables.map((table) => [table.name, table] as const))(
    'what streams find: %s',
    async (name, { key, expect: expected }) => {
      const joined = await look(name, key);
      expect(joined).toMatchObject({ ...expected, way: 'join' });
      const { way, ...streamed } = await look(`${name}_view`, key);
      expect(way).toBe('ordered streams');
      expect(joined).toEqual({ ...streamed, way: 'join' });
    },
    120_000,
  );

  test('and so strictly', async () => {
    for (const name of ['numbers', 'numbers_view'])
      expect(await compare(session, await pairBy(name, ['id'], 'strict'))).toMatchObject({
        way: name === 'numbers' ? 'join' : 'ordered streams',
        added: 29_999,
        removed: 30_000,
      });
  }, 120_000);
});
