import { expect, test } from '@jest/globals';
import { compareDatabases } from '../../src/compare/compare.ts';
import type { CatalogObject, Location } from '../../src/engines/engine.ts';
import { databaseOf, literal, quote } from '../../src/engines/sqlserver/names.ts';
import { rowDeviationTable } from '../../src/release/tables.ts';
import { request } from '../compare/request.ts';
import type { Scratch } from './harness.ts';
import { createRowStore, recordedRows } from './pairs.ts';
import { runBatches, type Server, sqlserver } from './sqlserver.ts';
import type { Section } from './suite.ts';

/** What no other engine has: scenarios in SQL Server's own words, each with the section that it is a part of. */
interface Scenario {
  readonly name: string;
  readonly section: Section;
  run(scratch: Scratch, batch: Batch): Promise<void>;
}

/** Runs each text as a batch of its own, as it is written. */
type Batch = (at: Location, ...texts: readonly string[]) => Promise<unknown>;

export const ownScenarios: readonly Scenario[] = [
  {
    name: 'what the server itself writes is told and not compared, what it computes is',
    section: 'comparison: truth table',
    run: writtenByServer,
  },
  {
    name: 'xml, text, ntext, image, sql_variant, hierarchyid, geography and geometry: what differs shows, and nothing else',
    section: 'comparison: truth table',
    run: typesOfItsOwn,
  },
  {
    name: 'users without a login and the state of Query Store are in the inventory, and in a clone',
    section: 'databases',
    run: inventoryOfItsOwn,
  },
];

/** Where a server lacks what a scenario is a part of, or there is none, it is skipped by its name. */
export function sqlserverScenarios(server: Server | null): void {
  for (const { name, section, run } of ownScenarios) {
    if (server === null || server.lacking[section] !== undefined) {
      test.skip(name, () => undefined);
      continue;
    }
    test(name, async () => {
      const scratch = await sqlserver(server).start();
      try {
        await run(scratch, (at, ...texts) => runBatches(server.url, databaseOf(at), texts));
      } finally {
        await scratch.dispose();
      }
    });
  }
}

/** Made twice, the server's own columns differ in every row; a write in the second only shows by what it wrote. */
export const tablesThatServersWrite = [
  `CREATE TABLE dbo.prices (
     id int NOT NULL CONSTRAINT prices_pk PRIMARY KEY,
     amount decimal(10, 2) NOT NULL,
     since datetime2(7) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
     until datetime2(7) GENERATED ALWAYS AS ROW END NOT NULL,
     PERIOD FOR SYSTEM_TIME (since, until)
   ) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.prices_history))`,
  'INSERT INTO dbo.prices (id, amount) VALUES (1, 1), (2, 2)',
  'UPDATE dbo.prices SET amount = 3 WHERE id = 2',
  `CREATE TABLE dbo.sums (id int NOT NULL CONSTRAINT sums_pk PRIMARY KEY, amount int NOT NULL, doubled AS (amount * 2),
     kept AS (amount * 3) PERSISTED, stamp rowversion)`,
  'INSERT INTO dbo.sums (id, amount) VALUES (1, 1), (2, 2)',
];

async function writtenByServer({ engine, create }: Scratch, batch: Batch): Promise<void> {
  const sides = { old: engine.places.baseline('own'), new: engine.places.candidate('own') };
  for (const side of [sides.old, sides.new]) {
    await create(side, '');
    await batch(side, ...tablesThatServersWrite);
  }
  await batch(sides.new, 'UPDATE dbo.sums SET amount = 5 WHERE id = 2');
  const { comparison } = await compareDatabases(request(engine, sides));
  const found = new Map(comparison.tables.map((one) => [one.table, one]));
  const columns = (table: string) =>
    Object.fromEntries(
      (found.get(table)?.columns ?? []).map(({ column, status, changed }) => [
        column,
        status === 'changed' ? changed : status,
      ]),
    );
  expect(found.get('dbo.prices')).toMatchObject({ key: ['id'], added: 0, removed: 0, changed: 0 });
  expect(found.get('dbo.prices_history')).toMatchObject({ key: null, added: 0, removed: 0 });
  for (const table of ['dbo.prices', 'dbo.prices_history'])
    expect([table, columns(table)]).toEqual([
      table,
      { id: 'identical', amount: 'identical', since: 'incomparable', until: 'incomparable' },
    ]);
  expect(found.get('dbo.prices')?.columns.at(-1)?.reason).toMatch(/GENERATED ALWAYS/);
  // Where every write counts, it is: no row was written at the same moment.
  const { comparison: strict } = await compareDatabases({
    ...request(engine, sides, { mode: 'strict' }),
    everyWrite: true,
  });
  expect(strict.tables.map(({ table, changed, added }) => [table, changed, added])).toEqual([
    ['dbo.prices', 2, 0],
    ['dbo.prices_history', 0, 1],
    ['dbo.sums', expect.any(Number), 0],
  ]);
  expect(found.get('dbo.sums')).toMatchObject({ added: 0, removed: 0, changed: 1 });
  expect(columns('dbo.sums')).toEqual({
    id: 'identical',
    amount: 1,
    doubled: 1,
    kept: 1,
    stamp: 'incomparable',
  });
}

/** Type -> the values of row 1 (equal), and of row 2 on both sides; row 3 is NULL, row 4 was NULL. */
const types: Readonly<Record<string, readonly [equal: string, old: string, new: string]>> = {
  xml: [`N'<a>1</a>'`, `N'<a>1</a>'`, `N'<a>1 </a>'`],
  text: [`'one'`, `'one'`, `'One'`],
  ntext: [`N'one'`, `N'one'`, `N'öne'`],
  image: ['0x01', '0x01', '0x0100'],
  sql_variant: ['CAST(1 AS int)', 'CAST(1 AS int)', 'CAST(1 AS bigint)'],
  hierarchyid: [
    `CAST('/1/' AS hierarchyid)`,
    `CAST('/1/' AS hierarchyid)`,
    `CAST('/1/1/' AS hierarchyid)`,
  ],
  geography: [
    `CAST('POINT(-122.3 47.6)' AS geography)`,
    `CAST('POINT(-122.3 47.6)' AS geography)`,
    `CAST('POINT(-122.3 47.6000000001)' AS geography)`,
  ],
  geometry: [
    `CAST('POINT(1 2)' AS geometry)`,
    `CAST('POINT(1 2)' AS geometry)`,
    `CAST('POINT(2 1)' AS geometry)`,
  ],
};

export function tableOfTypes(side: 'old' | 'new'): string[] {
  const names = Object.keys(types);
  const values = (pick: (of: readonly [string, string, string]) => string) =>
    Object.values(types).map(pick).join(', ');
  const nothing = values(() => 'NULL');
  const second = values(([, old, candidate]) => (side === 'old' ? old : candidate));
  const fourth = side === 'old' ? nothing : values(([equal]) => equal);
  const insert = (id: number, row: string) =>
    `INSERT INTO dbo.kinds (id, ${names.map((name) => `of_${name}`).join(', ')}) VALUES (${id}, ${row})`;
  return [
    `CREATE TABLE dbo.kinds (id int NOT NULL CONSTRAINT kinds_pk PRIMARY KEY, ${names.map((name) => `of_${name} ${name} NULL`).join(', ')})`,
    insert(
      1,
      values(([equal]) => equal),
    ),
    insert(2, second),
    insert(3, nothing),
    insert(4, fourth),
  ];
}

async function typesOfItsOwn({ engine, create }: Scratch, batch: Batch): Promise<void> {
  const sides = { old: engine.places.baseline('own'), new: engine.places.candidate('own') };
  for (const side of ['old', 'new'] as const) {
    await create(sides[side], '');
    await batch(sides[side], ...tableOfTypes(side));
  }
  await createRowStore(engine);
  const { comparison } = await compareDatabases({
    ...request(engine, sides),
    record: { table: rowDeviationTable.name, comparison: 1, privacy: 'full' },
  });
  const kinds = comparison.tables.find(({ table }) => table === 'dbo.kinds');
  expect(kinds).toMatchObject({ key: ['id'], added: 0, removed: 0, changed: 2, proof: 'exact' });
  const changed = Object.fromEntries(
    (kinds?.columns ?? []).map(({ column, changed: rows }) => [column, rows]),
  );
  expect(changed).toEqual({
    id: 0,
    ...Object.fromEntries(Object.keys(types).map((name) => [`of_${name}`, 2])),
  });
  expect(await recordedRows(engine, 1)).toHaveLength(2);
}

async function inventoryOfItsOwn(scratch: Scratch, batch: Batch): Promise<void> {
  const { places, catalog, databases } = scratch.engine;
  const live = databaseOf(places.live);
  const login = `${live}_ghost`;
  await scratch.create(places.live, 'create table t (id integer primary key)');
  await batch(
    'master',
    `IF SUSER_ID(${literal(login)}) IS NULL CREATE LOGIN ${quote(login)} WITH PASSWORD = N'Ghost of a login, 1'`,
    `ALTER DATABASE ${quote(live)} SET QUERY_STORE = ON (OPERATION_MODE = READ_WRITE, CLEANUP_POLICY = (STALE_QUERY_THRESHOLD_DAYS = 7), MAX_STORAGE_SIZE_MB = 50, QUERY_CAPTURE_MODE = ALL)`,
  );
  await batch(places.live, `CREATE USER ghost FOR LOGIN ${quote(login)}`);
  const expected: CatalogObject[] = [
    { kind: 'user', name: 'ghost', definition: expect.stringContaining('orphaned') as never },
    { kind: 'query store', name: '', definition: 'READ_WRITE ALL, 50 MB, 7 days' },
    { kind: 'database property', name: 'query store', definition: 'true' },
  ];
  const { objects: before } = await catalog.read(places.live);
  expect(
    before.find(({ kind, name }) => kind === 'user' && name === 'ghost')?.definition,
  ).not.toMatch(/orphaned/);
  await batch('master', `DROP LOGIN ${quote(login)}`);
  const candidate = places.candidate('own');
  await databases.clone(places.live, candidate, { method: 'auto' });
  for (const at of [places.live, candidate])
    expect((await catalog.read(at)).objects).toEqual(expect.arrayContaining(expected));
}
