import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type {
  Claim,
  ComparedColumn,
  ComparisonSession,
  TablePair,
} from '../../../src/engines/engine.ts';
import { readOptions } from '../../../src/engines/sqlserver/options.ts';
import { Recorder } from '../../support/sqlserver-recorder.ts';
import { tsqlFault } from '../../support/tsql-grammar.ts';

/**
 * No SQL Server is at hand: every statement that a comparison sends is seen here, for every type, and parsed by an
 * independent grammar.
 */

let recorder: Recorder;
let session: ComparisonSession;

const options = readOptions(
  { connection: { host: 'h', user: 'u', password: 'p', maxdop: 4 }, root: '.' },
  {},
);

jest.unstable_mockModule('../../../src/engines/sqlserver/connection.ts', () => ({
  ...new Recorder().module(),
  Session: {
    open: (database: string) => recorder.module().Session.open(database),
    use: (database: string, a: unknown, b: unknown, work: (one: never) => Promise<unknown>) =>
      recorder.module().Session.use(database, a, b, work as never),
  },
}));

/** Name -> its row of sys.columns. */
const types: Readonly<Record<string, readonly [type: string, ...facts: (number | string)[]]>> = {
  id: ['int', 4],
  name: ['nvarchar', 40, 0, 0, 'Latin1_General_CI_AS'],
  code: ['varchar', 10, 0, 0, 'Cyrillic_General_CI_AS'],
  fixed: ['char', 10, 0, 0, 'Latin1_General_CI_AS'],
  amount: ['decimal', 9, 10, 2],
  price: ['money', 8, 19, 4],
  rate: ['float', 8, 53, 0],
  small: ['real', 4, 24, 0],
  flag: ['bit', 1],
  at: ['datetime2', 8, 27, 7],
  old_at: ['datetime', 8, 23, 3],
  zoned: ['datetimeoffset', 10, 34, 7],
  day: ['date', 3, 10, 0],
  time: ['time', 5, 16, 7],
  guid: ['uniqueidentifier', 16],
  bytes: ['varbinary', -1],
  picture: ['image', 16],
  long: ['text', 16, 0, 0, 'Latin1_General_CI_AS'],
  longer: ['ntext', 16, 0, 0, 'Latin1_General_CI_AS'],
  document: ['xml', -1],
  any: ['sql_variant', 8016],
  node: ['hierarchyid', 892],
  place: ['geography', -1],
  shape: ['geometry', -1],
  content: ['json', -1],
  'a "b] \'c': ['nvarchar', -1, 0, 0, 'Latin1_General_CI_AS'],
};

const column = (name: string): ComparedColumn => ({
  name,
  oldType: types[name]?.[0] ?? '',
  newType: types[name]?.[0] ?? '',
  tolerance: name === 'rate' ? { relative: 1e-9 } : name === 'amount' ? { absolute: 0.001 } : null,
});

const pair: TablePair = {
  schema: 'sales',
  name: 'order]s',
  oldKind: 'table',
  newKind: 'view',
  key: ['id', 'name'],
  keyEnforced: false,
  columns: Object.keys(types).map(column),
  mode: 'semantic',
};

beforeEach(async () => {
  recorder = new Recorder()
    .answer(/SERVERPROPERTY/, {
      engine_edition: '3',
      edition: 'Enterprise',
      version: '16.0.1.2',
      data_path: null,
      log_path: null,
      backup_path: null,
    })
    .answer(
      /sys\]\.\[all_columns\]/,
      ...Object.entries(types).map(
        ([name, [type, max_length, precision = 0, scale = 0, collation_name = null]]) => ({
          name,
          type,
          max_length: String(max_length),
          precision: String(precision),
          scale: String(scale),
          collation_name,
          is_hidden: false,
        }),
      ),
    )
    .answer(/AS stored_rows/, { masked: '0', unmasks: '0', policy: null, stored_rows: '0' })
    .answer(/AS nulls/, { nulls: '0', duplicates: '0' })
    .answer(/AS changed FROM/, { added: '1', removed: '2', changed: '3' })
    .answer(/COALESCE\(SUM\(CASE WHEN kind/, { added: '1', removed: '2' })
    .answer(
      /AS c0\b.*FROM \[#/,
      Object.fromEntries(Object.keys(types).map((_, at) => [`c${at}`, '3'])),
    );
  const { sqlserverComparer } = await import('../../../src/engines/sqlserver/comparison.ts');
  session = await sqlserverComparer(options, 'shop').open({
    old: 'shop__r__baseline',
    new: 'shop__r__candidate',
    store: 'greenlight',
    purpose: 'compare r */ DROP TABLE x',
    lineage: true,
  });
});
afterEach(() => session.close());

const rows = { old: 10, new: 9 };
const claims: Claim[] = [
  { kind: 'changed', column: 'amount', where: "new.name = N'x' -- so", holds: 'new > old' },
  { kind: 'changed', column: 'amount', where: null, holds: 'TRY_CAST(old.code AS int) IS NULL' },
  { kind: 'added', column: null, where: 'new.place IS NULL', holds: null },
];

/** Something for every clue, so that every kind of change is asked for. */
function clues() {
  const texts: Readonly<Record<string, string>> = {
    value: '7',
    offset: '0.01',
    'factor, 2 decimals': '1.19',
    'factor, 15 digits': '1.0000000000000002e-7',
    decimals: '2',
    months: '-3',
    microseconds: '90061000007',
    length: '5',
    first: '0',
    last: "'",
    'suffix added': " it's",
    'prefix removed': 'x',
  };
  return Object.keys(types).flatMap((_, at) =>
    Object.entries(texts).map(([name, text]) => ({ clue: `${name} of ${at}`, text, rows: '3' })),
  );
}

async function faultsOf(statements: readonly string[]): Promise<string[]> {
  const faults: string[] = [];
  for (const statement of statements) {
    const fault = await tsqlFault(statement);
    if (fault !== null) faults.push(`${fault}: ${statement}`);
  }
  return faults;
}

async function all(one: TablePair, privacy: 'full' | 'masked' | 'keys' | 'none') {
  const found = await session.compareRows(one, rows, () => undefined);
  if ('fault' in found) throw new Error('fault');
  recorder
    .answer(/AS claimed0/, {
      claimed0: '1',
      broken0: '0',
      claimed1: '1',
      broken1: '0',
      earlier1: '0',
      claimed2: '1',
      broken2: '0',
    })
    .answer(/AS counted_clues/, ...clues())
    .answer(
      /AS counted\s+FROM \(SELECT given\.at/,
      ...Object.keys(types).map((_, at) => ({ at, kinds: '1', more_kinds: '0', counted: '3' })),
    )
    .answer(/AS "rows"/, { rows: '1' })
    .answer(/AS unexplained/, {
      added: '1',
      removed: '2',
      changed: '3',
      unexplained: '6',
      fingerprint: 'ab',
    });
  const gathered = await session.gather(one, found, { claims, privacy });
  const outcomes = await gathered.judge(claims);
  const recorded = await gathered.record(
    { table: 'row_deviation', comparison: 7, tableName: "sales.o's", privacy },
    claims,
  );
  await gathered.describe({ values: true });
  await gathered.discard();
  return { found, outcomes, recorded };
}

test.each(['semantic', 'strict'] as const)(
  'with a key, %s: every statement is T-SQL',
  async (mode) => {
    await session.countRows('new', pair.schema, pair.name, 'view');
    const { found } = await all({ ...pair, mode }, mode === 'strict' ? 'masked' : 'full');
    expect(found).toMatchObject({ added: 1, removed: 2, way: 'join', proof: 'exact' });
    await session.countEqual(pair, { name: 'code', type: 'x' }, { name: 'name', type: 'y' });
    await session.fingerprint('old', pair.schema, pair.name, 'table', ['id', 'any', 'rate']);
    await session.release(pair.schema, pair.name);
    expect(await faultsOf(recorder.statements())).toEqual([]);
    expect(recorder.log.length).toBeGreaterThan(15);
  },
);

test.each(['keys', 'none', 'full'] as const)(
  'without a key, privacy %s: every statement is T-SQL',
  async (privacy) => {
    const { found } = await all({ ...pair, key: null }, privacy);
    expect(found).toMatchObject({ added: 1, removed: 2, way: 'multiset', proof: 'exact' });
    expect(await faultsOf(recorder.statements())).toEqual([]);
  },
);

test('both sides are named by their databases, in a session that is in neither', async () => {
  await all(pair, 'keys');
  const join = recorder.log.find(({ sql }) => sql.includes('FULL OUTER JOIN'));
  expect(join?.database).toBe('tempdb');
  expect(join?.sql).toContain('FROM [shop__r__baseline].[sales].[order]]s] AS one');
  // A view is read once.
  const taken = recorder.statements().filter((sql) => sql.includes('[shop__r__candidate].[sales]'));
  expect(taken).toHaveLength(1);
  expect(taken[0]).toMatch(
    /INTO \[#greenlight \d+\] FROM \[shop__r__candidate\]\.\[sales\]\.\[order\]\]s\] AS one OPTION \(MAXDOP 4\)$/,
  );
  expect(join?.sql).toMatch(/OPTION \(MAXDOP 4\)$/);
});

test('nothing is written but temporary tables and the ledger', async () => {
  await all(pair, 'full');
  await all({ ...pair, key: null }, 'none');
  const written = recorder
    .statements()
    .flatMap((sql) => [
      ...sql.matchAll(
        /\b(?:INTO|UPDATE|DELETE FROM|TABLE)\s+(?!WITH)(\[[^\]]+\](?:\.\[[^\]]+\])*)/g,
      ),
    ])
    .map(([, table]) => table ?? '');
  expect(written.length).toBeGreaterThan(5);
  for (const table of written)
    expect(table).toMatch(/^\[#greenlight \d+\]$|^\[greenlight\]\.\[dbo\]\.\[row_deviation\]$/);
});

test('a database of Azure is not joined: its rows come as texts, nothing of them lost', async () => {
  recorder.answer(/SERVERPROPERTY/, { engine_edition: '5', edition: 'SQL Azure', version: '12.0' });
  const { sqlserverComparer } = await import('../../../src/engines/sqlserver/comparison.ts');
  session = await sqlserverComparer(options, 'shop').open({
    old: 'shop__r__baseline',
    new: 'shop__r__candidate',
    store: 'greenlight',
    purpose: 'compare r',
    lineage: true,
  });
  recorder.log.length = 0;
  recorder.answer(/FROM \[shop__r__baseline\].* AS one$/, { t0: '1', t1: 'a' });
  await all(pair, 'full');
  expect(await faultsOf(recorder.statements())).toEqual([]);
  for (const { database, sql } of recorder.log) {
    const named = [...sql.matchAll(/\[(shop__r__\w+|greenlight)\]\./g)].map(([, name]) => name);
    expect([sql, ...new Set(named)]).toEqual([
      sql,
      ...new Set(named.length === 0 ? [] : [database]),
    ]);
  }
  expect(session.incomparable('sql_variant', 'sql_variant')).toMatch(/joins no databases/);
});

test('what cannot be compared says why', () => {
  expect(session.incomparable('timestamp', 'timestamp')).toMatch(/rowversion when it is written/);
  expect(session.incomparable('rowversion', 'rowversion')).toMatch(/rowversion/);
  expect(session.incomparable('sql_variant', 'xml')).toBeNull();
  expect(session.tellsWrites?.('rowversion')).toMatch(/rowversion when it is written/);
  expect(session.tellsWrites?.('datetime2(7) generated always')).toMatch(/GENERATED ALWAYS/);
  expect(session.tellsWrites?.('nvarchar(9) encrypted')).toBeNull();
  expect(
    ['int', 'decimal(10,2)', 'money', 'real', 'bit', 'nvarchar(3)', 'date'].map((type) =>
      session.takesTolerance(type),
    ),
  ).toEqual([true, true, true, true, false, false, false]);
});

test('a key with duplicates or NULL is told before anything is joined', async () => {
  recorder.answer(/AS nulls/, { nulls: '0', duplicates: '3' });
  expect(await session.compareRows(pair, rows, () => undefined)).toEqual({
    side: 'old',
    fault: 'duplicate',
    count: 3,
  });
  recorder.answer(/AS nulls/, { nulls: '2', duplicates: '3' });
  expect(await session.compareRows(pair, rows, () => undefined)).toEqual({
    side: 'old',
    fault: 'null',
    count: 2,
  });
  expect(recorder.statements().join()).not.toContain('FULL OUTER JOIN');
});
