import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from '@jest/globals';
import type { ComparedColumn } from '../../../src/engines/engine.ts';
import { judgeClaims, writtenClaim } from '../../../src/engines/judging.ts';
import { jsonObject } from '../../../src/engines/sqlserver/json-text.ts';
import { syntax } from '../../../src/engines/sqlserver/judge.ts';
import {
  countKeyFaults,
  type Differing,
  joinedRows,
  surplusRows,
} from '../../../src/engines/sqlserver/rows.ts';
import { typeNamed } from '../../../src/engines/sqlserver/types.ts';
import { parts } from '../../../src/engines/sqlserver/values.ts';
import { asDuckdb } from '../../support/tsql-grammar.ts';

/**
 * An additional check, and no more than that: what the statements mean, as far as DuckDB understands them when they are
 * brought into its words. That SQL Server gives the same is not shown by it.
 */
const meaning = `
  CREATE MACRO datalength(x) AS octet_length(encode(x::VARCHAR || '|')) * 2;
  CREATE MACRO as_text(x) AS x::VARCHAR;`;

async function run(setup: string, statement: string, ask: string) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const sql = (await asDuckdb(statement))
      .replaceAll(/ COLLATE \w+/g, '')
      .replaceAll(/\bDATALENGTH\(/gi, 'datalength(')
      .replaceAll(/(?:TEXT|VARCHAR|NVARCHAR)\((?:\d+|MAX)\)/gi, 'VARCHAR')
      .replaceAll(/\bCONVERT\(VARCHAR, /gi, 'as_text(');
    await connection.run(`${meaning} ${setup}; ${sql}`);
    const reader = await connection.runAndReadAll(ask);
    return reader.getRowsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const meeting = (
  name: string,
  oldType: string,
  newType = oldType,
  tolerance: ComparedColumn['tolerance'] = null,
) => ({
  column: { name, oldType, newType, tolerance },
  old: typeNamed(oldType),
  new: typeNamed(newType),
});

const differing = (more: Partial<Differing> = {}): Differing => ({
  table: 'differing',
  relations: { old: 'before', new: 'after' },
  pair: {
    schema: 's',
    name: 't',
    oldKind: 'table',
    newKind: 'table',
    key: ['id'],
    keyEnforced: true,
    columns: [],
    mode: 'semantic',
  },
  key: [meeting('id', 'int', 'bigint')],
  values: [
    meeting('name', 'nvarchar(20)'),
    meeting('amount', 'decimal(10,2)', 'decimal(12,4)'),
    meeting('rate', 'float', 'float', { absolute: 0.1 }),
    meeting('sum', 'decimal(10,2)', 'decimal(10,2)', { relative: 0.01 }),
  ],
  ...more,
});

const columns = 'name VARCHAR, amount DECIMAL(12,4), rate DOUBLE, sum DECIMAL(10,2)';
const setup = `
  CREATE TABLE before (id INTEGER, ${columns}); CREATE TABLE after (id BIGINT, ${columns});
  INSERT INTO before VALUES (1, 'a', 1.5, 1, 100), (2, 'a', 1.5, 1, 100), (3, NULL, NULL, NULL, NULL), (4, 'a', 1.5, 1, 100), (5, 'x', 0, 0, 0);
  INSERT INTO after VALUES (1, 'a', 1.50, 1.05, 100.5), (2, 'A', 1.51, 1.2, 102), (3, NULL, NULL, NULL, NULL), (4, 'a ', NULL, NULL, 100), (6, 'y', 0, 0, 0)`;

test('rows are brought together by key, and NULL is equal to NULL only', async () => {
  expect(
    await run(
      setup,
      joinedRows(differing()),
      'SELECT kind, ok0, nk0, d0::INT, d1::INT, d2::INT, d3::INT FROM differing ORDER BY coalesce(ok0, nk0)',
    ),
  ).toEqual([
    ['changed', 2, '2', 1, 1, 1, 1],
    ['changed', 4, '4', 1, 1, 1, 0],
    ['removed', 5, null, 0, 0, 0, 0],
    ['added', null, '6', 0, 0, 0, 0],
  ]);
});

test('rows without a key count as often as one side has them more often', async () => {
  const rows = `CREATE TABLE before (a INTEGER, b VARCHAR); CREATE TABLE after (a INTEGER, b VARCHAR);
    INSERT INTO before VALUES (1, 'a'), (1, 'a'), (1, 'a'), (2, NULL), (3, 'c');
    INSERT INTO after VALUES (1, 'a'), (3, 'c'), (3, 'c'), (2, NULL), (NULL, NULL), (1, 'A')`;
  const keyless = differing({
    key: [],
    values: [meeting('a', 'int'), meeting('b', 'nvarchar(5)')],
  });
  expect(
    await run(
      rows,
      surplusRows(keyless),
      'SELECT kind, surplus::INT, s0, s1 FROM differing ORDER BY kind, s0, s1',
    ),
  ).toEqual([
    ['added', 1, '1', 'A'],
    ['added', 1, '3', 'c'],
    ['added', 1, null, null],
    ['removed', 2, '1', 'a'],
  ]);
  const counted = differing({ key: [], values: [] });
  expect(await run(rows, surplusRows(counted), 'SELECT kind, surplus::INT FROM differing')).toEqual(
    [['added', 1]],
  );
});

test('keys with NULL and keys that are there twice are counted', async () => {
  const rows =
    'CREATE TABLE before (id INTEGER, n VARCHAR); INSERT INTO before VALUES (1, NULL), (NULL, NULL), (2, NULL), (2, NULL), (1, NULL)';
  expect(
    await run(
      rows,
      `SELECT * INTO found FROM (${countKeyFaults(differing(), 'old')}) AS f`,
      'SELECT nulls::INT, duplicates::INT FROM found',
    ),
  ).toEqual([[1, 2]]);
});

test('claims cover rows one by one, in the order of their conditions', async () => {
  const dirty = [meeting('amount', 'int').column];
  const claim = { kind: 'changed' as const, column: 'amount', where: null, holds: null };
  const written = writtenClaim(claim, dirty, '(o0 > 1)', '(n0 > o0)', syntax);
  const rows = `CREATE TABLE gathered (kind VARCHAR, occurrences BIGINT, d0 INTEGER, o0 INTEGER, n0 INTEGER);
    INSERT INTO gathered VALUES ('changed', 1, 1, 2, 3), ('changed', 1, 1, 2, 1), ('changed', 1, 1, 2, NULL), ('changed', 1, 1, NULL, 3), ('changed', 1, 0, 9, 9), ('added', 1, 0, NULL, 9)`;
  const statements: string[] = [];
  const judge = {
    syntax,
    ask: async (_: string, statement: string) => {
      statements.push(statement);
      const [row = []] = (await run(
        rows,
        `SELECT * INTO found FROM (${statement}) AS f`,
        'SELECT claimed0::INT, broken0::INT FROM found',
      )) as number[][];
      return { claimed0: row[0], broken0: row[1] };
    },
    isOfTheMachine: () => true,
    withoutData: String,
  };
  const id = JSON.stringify(['changed', 'amount', null, null]);
  const gathered = {
    table: 'gathered',
    pair: differing().pair,
    dirty,
    cells: new Map([['amount', 4]]),
    claims: new Map([[id, written]]),
  };
  expect(await judgeClaims(judge, gathered, [claim])).toEqual([
    { claimed: 3, broken: 2, overlap: null, fault: null },
  ]);
  expect(statements).toHaveLength(1);
});

test.each([
  ['a tab, NULL and a text', "'a'", 'NULL'],
  ['two texts', "'a'", "'b'"],
])('parts tell %s apart', async (_, one, other) => {
  const type = typeNamed('nvarchar(9)');
  const [a, b] = [parts(one, type, type, 'strict'), parts(other, type, type, 'strict')];
  expect(a).toHaveLength(2);
  const same = `SELECT CASE WHEN EXISTS (SELECT ${a.join(', ')} INTERSECT SELECT ${b.join(', ')}) THEN 1 ELSE 0 END AS same INTO found`;
  expect(await run('', same, 'SELECT same FROM found')).toEqual([[0]]);
});

test('texts of columns with different collations are put together in one', () => {
  const [name, code] = [
    { ...typeNamed('nvarchar(9)'), collation: 'Latin1_General_CI_AS' },
    { ...typeNamed('varchar(9)'), collation: 'Cyrillic_General_CI_AS' },
  ];
  const object = jsonObject([
    ['na"me', 'o0', name],
    ['code', 'o1', code],
  ]);
  expect(object).toMatch(
    /^CONCAT\(CONVERT\(nvarchar\(max\), N''\) COLLATE Latin1_General_100_BIN2, N'\{"na\\"me":', /,
  );
  const many = Array.from({ length: 300 }, (_, at) => [`c${at}`, `o${at}`, name] as const);
  // No function takes more than 254 arguments.
  expect(jsonObject(many).match(/COLLATE Latin1_General_100_BIN2/g)?.length).toBeGreaterThan(2);
});
