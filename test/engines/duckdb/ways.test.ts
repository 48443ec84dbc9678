import { copyFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { duckdbComparer } from '../../../src/engines/duckdb/comparison.ts';
import { type Portions, usualPortions } from '../../../src/engines/duckdb/portions.ts';
import type {
  Catalog,
  ComparisonSession,
  Location,
  RowComparison,
} from '../../../src/engines/engine.ts';
import { duckdb } from '../../conformance/duckdb.ts';
import { Generator } from '../../conformance/generated.ts';
import type { Harness, Scratch } from '../../conformance/harness.ts';
import {
  compare,
  createRowStore,
  pairOf,
  type RecordedRow,
  recordedRows,
  recordRows,
  target,
} from '../../conformance/pairs.ts';
import { propertyScenarios, seed } from '../../conformance/property.ts';
import { truthScenarios } from '../../conformance/truth.ts';
import { portableCases } from '../../conformance/truth-cases.ts';
import { isGate } from '../../support/gate.ts';

/**
 * However rows are brought together, the result is the same: by what storage proves in a copy that was edited, without
 * looking at storage, by position in a database that was made anew, and by key or as multisets where rows are shuffled.
 */
const ways = ['edited copy', 'edited copy, all read', 'made anew', 'shuffled'] as const;
type Way = (typeof ways)[number];

/** With few rows at a time, small tables have as many sections and pieces as large ones. */
const fewRows: Portions = { section: 5, piece: 4, copied: 3, inMemory: 6 };

interface Side {
  readonly session: ComparisonSession;
  readonly catalogs: readonly [Catalog, Catalog];
}

async function openWay(
  scratch: Scratch,
  old: Location,
  candidate: Location,
  lineage: boolean,
  portions: Portions = usualPortions,
  store: Location | null = null,
): Promise<Side> {
  const { catalog } = scratch.engine;
  const comparison = duckdbComparer({}, portions);
  return {
    catalogs: [await catalog.read(old), await catalog.read(candidate)],
    session: await comparison.open({ old, new: candidate, store, purpose: 'ways', lineage }),
  };
}

async function openWays(
  scratch: Scratch,
  at: Record<'old' | 'edited' | 'anew' | 'shuffled', Location>,
  portions: Portions = usualPortions,
  store: Location | null = null,
): Promise<Record<Way, Side>> {
  const open = (candidate: Location, lineage: boolean) =>
    openWay(scratch, at.old, candidate, lineage, portions, store);
  return {
    'edited copy': await open(at.edited, true),
    'edited copy, all read': await open(at.edited, false),
    'made anew': await open(at.anew, true),
    shuffled: await open(at.shuffled, true),
  };
}

/** `storage, position and join`: which of them were taken. */
const takenBy = ({ way }: Pick<RowComparison, 'way'>) => way.split(/, | and /);

function placesOf({ engine: { places } }: Scratch) {
  return {
    old: places.baseline('ways'),
    edited: places.candidate('edited'),
    anew: places.candidate('anew'),
    shuffled: places.candidate('shuffled'),
  };
}

async function copy(from: Location, to: Location): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
}

/** Several row groups of 122,880 rows. */
const rows = 250_000;
/** Strings of sixteen characters that DuckDB's hash() does not tell apart. */
const twin = (first: string, last: string) => `'abcdefg${first}hijklmn${last}'`;

interface Trap {
  readonly name: string;
  /** Of the column v, for the row number i. */
  readonly type: string;
  readonly value: string;
  /** What the new side does to the table t. */
  readonly edit: string;
  /** Nothing of it is left that storage could prove. */
  readonly isNew?: true;
  readonly expect: {
    readonly added?: number;
    readonly removed?: number;
    readonly changed?: number;
  };
}

const swap = (a: number, b: number) =>
  `update t set v = (select v from t as o where o.id = ${a} + ${b} - t.id) where id in (${a}, ${b})`;

const traps: readonly Trap[] = [
  { name: 'nothing at all', type: 'integer', value: 'i % 1000', edit: '', expect: {} },
  {
    name: 'two doubles of one block that change places: the same sum, the same minimum and maximum',
    type: 'double',
    value: 'i * 1.5',
    edit: swap(1000, 1001),
    expect: { changed: 2 },
  },
  {
    name: 'two rows of different row groups that change places',
    type: 'varchar',
    value: "'text ' || i",
    edit: swap(10, 240_000),
    expect: { changed: 2 },
  },
  {
    name: 'values that move on by one row',
    type: 'bigint',
    value: 'i * 7',
    edit: 'update t set v = case when id = 5000 then 5999 * 7 else v - 7 end where id between 5000 and 5999',
    expect: { changed: 1000 },
  },
  {
    name: 'texts with the same hash',
    type: 'varchar',
    value: `case when i % 2 = 0 then HASH_A else HASH_B end`,
    edit: 'update t set v = case when v = HASH_A then HASH_B else HASH_A end where id in (7, 150000)',
    expect: { changed: 2 },
  },
  {
    name: 'the halves of a huge integer change places',
    type: 'hugeint',
    value: '5::hugeint + i',
    edit: 'update t set v = v * 18446744073709551616::hugeint where id = 123',
    expect: { changed: 1 },
  },
  {
    name: 'an interval of a month and a day that becomes nothing',
    type: 'interval',
    value: "interval '1 month 1 day'",
    edit: "update t set v = interval '0 days' where id = 200000",
    expect: { changed: 1 },
  },
  {
    name: 'a constant that becomes another constant',
    type: 'integer',
    value: '1',
    edit: 'update t set v = 2',
    expect: { changed: rows },
  },
  {
    name: 'a constant text that becomes another one of the same length',
    type: 'varchar',
    value: "'aaaaaaaaaaaaaaaaaaaa'",
    edit: "update t set v = 'aaaaaaaaaaaaaaaaaaab' where id >= 122880",
    expect: { changed: rows - 122_880 },
  },
  {
    name: 'all NULL that becomes a constant',
    type: 'integer',
    value: 'null',
    edit: 'update t set v = 0 where id < 122880',
    expect: { changed: 122_880 },
  },
  {
    name: 'a constant that becomes all NULL',
    type: 'integer',
    value: '0',
    edit: 'update t set v = null',
    expect: { changed: rows },
  },
  {
    name: 'rows that were deleted without a new block',
    type: 'integer',
    value: 'i',
    edit: 'delete from t where id in (0, 122879, 122880, 249999)',
    expect: { removed: 4 },
  },
  {
    name: 'rows that were deleted and come back at the end',
    type: 'integer',
    value: 'i',
    edit: 'create temp table k as select * from t where id between 500 and 509; delete from t where id between 500 and 509; insert into t from k',
    expect: {},
  },
  {
    name: 'deleted, inserted and changed in one',
    type: 'decimal(10, 2)',
    value: 'i / 4.0',
    edit: 'delete from t where id % 50000 = 3; update t set v = v + 0.01 where id % 70000 = 9; insert into t select 1000000 + i, i from range(11) r(i)',
    expect: { added: 11, removed: 5, changed: 4 },
  },
  {
    name: 'deleted rows among changed keys',
    type: 'integer',
    value: 'i',
    edit: 'delete from t where id % 50000 = 3; update t set id = id + 1000000 where id in (777, 150000)',
    expect: { added: 2, removed: 7 },
  },
  {
    name: 'a whole row group deleted, the next one as it was',
    isNew: true,
    type: 'varchar',
    value: "'v' || (i % 77)",
    edit: 'delete from t where id < 122880',
    expect: { removed: 122_880 },
  },
  {
    name: 'an update that changes nothing',
    type: 'timestamp',
    value: "timestamp '2020-01-01' + interval (i) seconds",
    edit: 'update t set v = v where id % 3 = 0',
    expect: {},
  },
  {
    name: 'a table dropped and made again from other values, in blocks that were used before',
    isNew: true,
    type: 'integer',
    value: 'i % 512',
    edit: 'create table u as select id, (v + 1) % 512 as v from t; drop table t; checkpoint; create table t (id integer, v integer); insert into t from u; drop table u',
    expect: { changed: rows },
  },
];

/** Were a way not taken any more, all would still agree. */
function isWayTaken(way: Way, trap: Trap, found: RowComparison, isKeyless: boolean): boolean {
  const { added = 0, removed = 0, changed = 0 } = trap.expect;
  const taken = takenBy(found);
  const rest = isKeyless ? 'multiset' : 'join';
  if (way === 'shuffled') return taken.length === 1 && taken[0] === rest;
  if (way === 'edited copy') return trap.isNew || taken.includes('storage');
  if (way === 'edited copy, all read') return !taken.includes('storage');
  return taken.includes(added + removed + (isKeyless ? changed : 0) === 0 ? 'position' : rest);
}

/** Two of the texts that share a hash. */
const [hashA, hashB] = [twin('1', '!'), twin('>', '$')];
const twins = (sql: string) =>
  sql.replaceAll('HASH_A', () => hashA).replaceAll('HASH_B', () => hashB);

describe('traps', () => {
  let scratch: Scratch;
  let sides: Record<Way, Side>;

  beforeAll(async () => {
    scratch = await duckdb.start();
    const at = placesOf(scratch);
    const make = traps.map(
      ({ type, value }, nth) =>
        `create schema s${nth}; create table s${nth}.t (id integer, v ${type}); insert into s${nth}.t select i, ${twins(value)} from range(${rows}) r(i)`,
    );
    await scratch.create(at.old, make.join('; checkpoint;\n'));
    await copy(at.old, at.edited);
    for (const [nth, { edit }] of traps.entries())
      await scratch.create(at.edited, `use s${nth}; ${twins(edit)}`);
    const schemas = traps.map((_, nth) => `create schema s${nth}`).join('; ');
    const copies = (order: string) =>
      traps
        .map((_, nth) => `create table s${nth}.t as from edited.s${nth}.t order by ${order}`)
        .join(';\n');
    const attach = `attach '${at.edited}' as edited (read_only); ${schemas}`;
    await scratch.create(at.anew, `${attach}; ${copies('id')}`);
    await scratch.create(at.shuffled, `${attach}; ${copies('(id * 7919::bigint) % 250007')}`);
    sides = await openWays(scratch, at);
  }, 120_000);
  afterAll(async () => {
    for (const { session } of Object.values(sides ?? {})) await session.close();
    await scratch?.dispose();
  });

  test('the texts of the trap have one hash indeed', async () => {
    const [row] = await scratch.sql(':memory:', `select hash(${hashA}) = hash(${hashB}) as same`);
    expect(row?.same).toBe(true);
  });

  test.each(traps.map((trap, nth) => [trap.name, nth, trap] as const))(
    '%s',
    async (_, nth, trap) => {
      const { added = 0, removed = 0, changed = 0 } = trap.expect;
      for (const way of ways) {
        const { session, catalogs } = sides[way];
        for (const key of [['id'], null]) {
          const pair = pairOf(...catalogs, `s${nth}`, 't', { key });
          const found = await compare(session, pair);
          const keyed = { added, removed, cells: changed === 0 ? {} : { v: changed } };
          const keyless = { added: added + changed, removed: removed + changed, cells: {} };
          const { proof, way: taken } = found;
          const result = {
            added: found.added,
            removed: found.removed,
            cells: Object.fromEntries(found.cells),
          };
          expect([way, key, taken, proof, result]).toEqual([
            way,
            key,
            taken,
            proof,
            key === null ? keyless : keyed,
          ]);
          if (proof === 'lineage')
            expect([way, added + removed + changed]).toEqual(['edited copy', 0]);
          expect([way, key, taken, isWayTaken(way, trap, found, key === null)]).toEqual([
            way,
            key,
            taken,
            true,
          ]);
        }
      }
    },
  );
});

/**
 * A file that the same statements wrote has its values in the same blocks, at the same places, with the same statistics:
 * only the bytes of the blocks tell.
 */
describe('a file made by the same statements', () => {
  const swapped = (value: (i: string) => string) =>
    `case i when 1000 then ${value('200000')} when 200000 then ${value('1000')} else ${value('i')} end`;
  const number = (i: string) => `${i} * 1.5::double`;
  const text = (i: string) => `printf('text %06d', (${i} * 7919) % 250007)`;
  const fare = (i: string) => `((${i} * 7919) % 250007)::decimal(10, 2)`;
  const cases = [
    { name: 'the same values', old: number('i'), new: number('i'), changed: 0 },
    { name: 'two doubles', old: number('i'), new: swapped(number), changed: 2 },
    { name: 'two texts', old: text('i'), new: swapped(text), changed: 2 },
    { name: 'two decimals', old: fare('i'), new: swapped(fare), changed: 2 },
    { name: 'a constant', old: '5', new: '6', changed: rows },
    { name: 'a constant text', old: "'EUR'", new: "'USD'", changed: rows },
    { name: 'nothing but NULL', old: 'null::integer', new: '0', changed: rows },
  ];
  let scratch: Scratch;
  let side: Side;

  beforeAll(async () => {
    scratch = await duckdb.start();
    const { old, anew } = placesOf(scratch);
    const statements = (of: 'old' | 'new') =>
      cases.map(
        (one, nth) =>
          `create schema s${nth}; create table s${nth}.t as select i::integer as id, ${one[of]} as v from range(${rows}) r(i)`,
      );
    await scratch.create(old, statements('old').join('; checkpoint;\n'));
    await scratch.create(anew, statements('new').join('; checkpoint;\n'));
    side = await openWay(scratch, old, anew, true);
  }, 120_000);
  afterAll(async () => {
    await side?.session.close();
    await scratch?.dispose();
  });

  test.each(cases.map((one, nth) => [one.name, nth, one] as const))(
    '%s',
    async (_, nth, { changed }) => {
      for (const key of [['id'], null]) {
        const pair = pairOf(...side.catalogs, `s${nth}`, 't', { key });
        const { added, removed, cells } = await compare(side.session, pair);
        expect([key, added, removed, cells.get('v') ?? 0]).toEqual(
          key === null ? [key, changed, changed, 0] : [key, 0, 0, changed],
        );
      }
    },
  );
});

test.each([262_144, 16_384])(
  'values change places in a file with blocks of %i bytes',
  async (size) => {
    const scratch = await duckdb.start();
    const { old, anew } = placesOf(scratch);
    const value = (i: string) => `(hash(${i}) % 1000003) * 1.5::double`;
    const swapped = `case i when 60000 then ${value('60001')} when 60001 then ${value('60000')} else ${value('i')} end`;
    for (const [at, v] of [
      [old, value('i')],
      [anew, swapped],
    ] as const) {
      await mkdir(dirname(at), { recursive: true });
      // What stands behind the table is equal: were blocks counted in another size, all of the table's would be.
      await scratch.sql(
        ':memory:',
        `attach '${at}' as made (block_size ${size}); use made;
       create table t as select i::integer as id, ${v} as v from range(100000) r(i); checkpoint;
       create table filler as select hash(i) as a, hash(i + 1) as b from range(2000000) r(i); checkpoint;
       use memory; detach made`,
      );
    }
    const { session, catalogs } = await openWay(scratch, old, anew, true);
    try {
      for (const [name, changed] of [
        ['t', 2],
        ['filler', 0],
      ] as const) {
        const found = await compare(session, pairOf(...catalogs, 'main', name));
        const proof = changed === 0 ? 'lineage' : 'exact';
        expect([name, found.removed, found.added, found.proof]).toEqual([
          name,
          changed,
          changed,
          proof,
        ]);
      }
    } finally {
      await session.close();
      await scratch.dispose();
    }
  },
);

test.each([
  ['grew', 3, 40],
  ['shrank', 40, 3],
  ['was empty', 0, 40],
])('a table in the order of its key that %s, in pieces', async (_, before, after) => {
  const scratch = await duckdb.start();
  const { old, anew } = placesOf(scratch);
  const rowsOf = (count: number) =>
    `create table t as select i::integer as id, i as v from range(${count}) r(i)`;
  await scratch.create(old, rowsOf(before));
  await scratch.create(anew, rowsOf(after));
  const { session, catalogs } = await openWay(scratch, old, anew, false, fewRows);
  try {
    const found = await compare(session, pairOf(...catalogs, 'main', 't', { key: ['id'] }));
    expect([found.added, found.removed, found.cells.size]).toEqual([
      Math.max(0, after - before),
      Math.max(0, before - after),
      0,
    ]);
  } finally {
    await session.close();
    await scratch.dispose();
  }
});

describe('generated tables', () => {
  const generator = new Generator(duckdb.features);
  const count = Number(process.env.GREENLIGHT_PROPERTY_RUNS ?? 120) / 4;
  const tables = generator
    .sample(3 * count, seed + 1)
    .filter(({ structure }) => structure === 'same')
    .slice(0, count);
  const portions = { 'as usual': usualPortions, 'few rows at a time': fewRows };
  /** Writing rows costs more than counting them. */
  const recordedTables = 60;
  /** By some table with a key, and by some table without. */
  const wanted = {
    'edited copy': [
      ['lineage', 'storage', 'position', 'join'],
      ['storage', 'multiset'],
    ],
    'edited copy, all read': [
      ['position', 'join'],
      ['position', 'multiset'],
    ],
    'made anew': [
      ['position', 'join'],
      ['position', 'multiset'],
    ],
    shuffled: [['join'], ['multiset']],
  } as const;
  type Amount = keyof typeof portions;
  let scratch: Scratch;
  let sides: Record<Amount, Record<Way, Side>>;

  beforeAll(async () => {
    scratch = await duckdb.start();
    const at = placesOf(scratch);
    const make = (side: 'old' | 'new') => `create schema p; ${generator.tables('p', tables, side)}`;
    await scratch.create(at.old, make('old'));
    await scratch.create(at.anew, make('new'));
    await copy(at.old, at.edited);
    const edits = tables.map((table, nth) => {
      const [own, wanted] = [`p.t${nth}`, `wanted.p.t${nth}`];
      const key = generator.keyOf(table);
      const on = key?.map((name) => `o.${name} = n.${name}`).join(' and ');
      const set = table.columns.map((name) => `${name} = n.${name}`).join(', ');
      const columns = table.columns.join(', ');
      const isOther = table.columns.map((name) => `o.${name} is distinct from n.${name}`);
      const isSame = table.columns.map((name) => `o.${name} is not distinct from n.${name}`);
      // Cells in place, then whatever rows are still missing or too many: what is as it was stays where it is.
      const edit =
        on === undefined
          ? [
              `delete from ${own} where rowid in (
                 select row from (select *, rowid as row, row_number() over (partition by ${columns} order by rowid) as nr from ${own}) as o
                 left join (select ${columns}, count(*) as wanted from ${wanted} group by all) as n on ${isSame.join(' and ')}
                 where nr > coalesce(wanted, 0))`,
            ]
          : [
              `update ${own} as o set ${set} from ${wanted} as n where ${on} and (${isOther.join(' or ')})`,
              `delete from ${own} as o where not exists (from ${wanted} as n where ${on})`,
            ];
      return [...edit, `insert into ${own} from (from ${wanted} except all from ${own})`].join(
        ';\n',
      );
    });
    await scratch.create(
      at.edited,
      `attach '${at.anew}' as wanted (read_only);\nbegin;\n${edits.join(';\n')};\ncommit`,
    );
    const shuffled = tables.map(
      (_, nth) => `create table p.t${nth} as from wanted.p.t${nth} order by random()`,
    );
    await scratch.create(
      at.shuffled,
      `attach '${at.anew}' as wanted (read_only); create schema p; set threads = 1; select setseed(0.5);\n${shuffled.join(';\n')}`,
    );
    const store = await createRowStore(scratch.engine);
    sides = {
      'as usual': await openWays(scratch, at, usualPortions, store),
      'few rows at a time': await openWays(scratch, at, fewRows, store),
    };
  }, 600_000);
  afterAll(async () => {
    for (const { session } of Object.values(sides ?? {}).flatMap(Object.values<Side>))
      await session.close();
    await scratch?.dispose();
  });

  const all = ways.flatMap((way) =>
    (Object.keys(portions) as Amount[]).map((amount) => [way, amount] as const),
  );
  test.each(all)(
    '%s, %s',
    async (way, amount) => {
      const { session, catalogs } = sides[amount][way];
      const first = all.findIndex((one) => one[0] === way && one[1] === amount) * tables.length;
      const taken = [new Set<string>(), new Set<string>()];
      for (const [nth, table] of tables.entries()) {
        const pair = pairOf(...catalogs, 'p', `t${nth}`, {
          key: generator.keyOf(table),
          mode: table.mode,
        });
        const found = await compare(session, pair);
        const own = taken[pair.key === null ? 1 : 0];
        for (const one of [found.proof, ...takenBy(found)]) own?.add(one);
        const { added, removed, cells } = found;
        const { changed: _, ...expected } = generator.expected(table);
        expect([nth, table, { added, removed, cells: Object.fromEntries(cells) }]).toEqual([
          nth,
          table,
          expected,
        ]);
        if (nth < recordedTables && added + removed + cells.size > 0)
          await recordRows(session, pair, found, target(first + nth, 'full'));
        await session.release('p', `t${nth}`);
      }
      for (const [at, ways] of wanted[way].entries())
        expect([...(taken[at] ?? [])]).toEqual(expect.arrayContaining([...ways]));
      if (way === 'edited copy, all read')
        expect(taken.flatMap((ways) => [...ways])).not.toContain('storage');
      const rows = await recordedRows(scratch.engine, null);
      for (const [nth, table] of tables.slice(0, recordedTables).entries()) {
        const own = rows.filter(({ comparison }) => comparison === first + nth);
        const plain = own.map((row: RecordedRow) => generator.plain(row)).sort();
        expect([nth, table, plain]).toEqual([nth, table, generator.expectedRows(table).sort()]);
      }
    },
    900_000,
  );
});

/** With two rows at a time, small tables have as many sections and pieces as large ones. */
(isGate ? describe.skip : describe)('two rows at a time', () => {
  const twoRows: Portions = { section: 2, piece: 2, copied: 2, inMemory: 2 };
  const harness: Harness = {
    ...duckdb,
    start: async () => {
      const scratch = await duckdb.start();
      return { ...scratch, engine: { ...scratch.engine, comparison: duckdbComparer({}, twoRows) } };
    },
  };
  describe('truth table', () => truthScenarios(harness, portableCases));
  describe('recorded rows', () => propertyScenarios(harness));
});
