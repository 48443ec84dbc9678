import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readRelations } from '../../../src/engines/sqlserver/catalog-relations.ts';
import type { Session } from '../../../src/engines/sqlserver/connection.ts';
import { typeNamed } from '../../../src/engines/sqlserver/types.ts';
import { incomparable } from '../../../src/engines/sqlserver/values.ts';
import { asDuckdb, tsqlFault } from '../../support/tsql-grammar.ts';

/**
 * What the catalog's statements mean, over tables that stand for the views of `sys` with the columns that Microsoft
 * documents. That SQL Server gives the same is for a server to show: test/conformance/sqlserver-own.ts.
 */

let instance: DuckDBInstance;
let connection: DuckDBConnection;
const statements: string[] = [];

beforeEach(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  statements.length = 0;
  await connection.run(`CREATE SCHEMA sys;
    CREATE MACRO COLUMNPROPERTY(a, b, c) AS NULL; CREATE MACRO SCHEMA_NAME(a) AS 'dbo'; CREATE MACRO QUOTENAME(a) AS a;
    CREATE TABLE sys.schemas AS SELECT 1 AS schema_id, 'dbo' AS name;
    CREATE TABLE sys.sql_modules (object_id INTEGER, definition VARCHAR);
    CREATE TABLE sys.indexes (object_id INTEGER, index_id INTEGER, is_primary_key BOOLEAN, is_unique INTEGER, is_disabled INTEGER, is_hypothetical INTEGER, has_filter INTEGER);
    CREATE TABLE sys.index_columns (object_id INTEGER, index_id INTEGER, column_id INTEGER, is_included_column INTEGER, key_ordinal INTEGER);
    CREATE TABLE sys.types AS SELECT * FROM (VALUES (56, 56, 'int'), (42, 42, 'datetime2'), (127, 127, 'bigint')) AS t(user_type_id, system_type_id, name),
      (SELECT 0 AS is_assembly_type, 0 AS is_user_defined, 1 AS schema_id);
    CREATE TABLE sys.objects AS SELECT *, 1 AS schema_id, 0 AS is_ms_shipped FROM (VALUES (1, 'prices', 'U'), (2, 'prices_history', 'U'), (3, 'plain', 'U'), (4, 'shown', 'V')) AS o(object_id, name, type);
    CREATE TABLE sys.tables AS SELECT * FROM (VALUES (1, 2), (2, NULL), (3, NULL)) AS t(object_id, history_table_id);
    CREATE TABLE sys.columns AS SELECT *, 0 AS is_column_set, 0 AS max_length, 27 AS precision, 7 AS scale, NULL AS encryption_type, FALSE AS is_nullable
      FROM (VALUES (1, 1, 'id', 56, 0, FALSE), (1, 2, 'twice', 56, 0, TRUE), (1, 3, 'since', 42, 1, FALSE), (1, 4, 'until', 42, 2, FALSE), (1, 5, 'ledger_start_transaction_id', 127, 7, FALSE),
                   (2, 1, 'id', 56, 0, FALSE), (2, 2, 'twice', 56, 0, FALSE), (2, 3, 'since', 42, 0, FALSE), (2, 4, 'until', 42, 0, FALSE), (2, 5, 'ledger_start_transaction_id', 127, 0, FALSE),
                   (3, 1, 'id', 56, 0, FALSE), (3, 2, 'since', 42, 0, FALSE), (4, 1, 'since', 42, 0, FALSE))
        AS c(object_id, column_id, name, system_type_id, generated_always_type, is_computed);
    ALTER TABLE sys.columns ADD COLUMN user_type_id INTEGER; UPDATE sys.columns SET user_type_id = system_type_id;`);
});
afterEach(async () => {
  connection.closeSync();
  instance.closeSync();
  for (const statement of statements) expect(await tsqlFault(statement)).toBeNull();
});

const session = {
  rows: async (sql: string) => {
    statements.push(sql);
    const translated = (await asDuckdb(sql))
      .replaceAll(/TEXT\(\d+\)/g, 'TEXT')
      .replaceAll(' + ', ' || ');
    return (await connection.runAndReadAll(translated)).getRowObjectsJson();
  },
} as unknown as Session;

async function typesOf(name: string): Promise<Record<string, string>> {
  const relations = await readRelations(session);
  const found = relations.find((one) => one.name === name);
  return Object.fromEntries((found?.columns ?? []).map((column) => [column.name, column.type]));
}

test.each(['prices', 'prices_history'])(
  '%s: what the server itself writes is told apart',
  async (table) => {
    expect(await typesOf(table)).toEqual({
      id: 'int',
      twice: 'int',
      since: 'datetime2(7) generated always',
      until: 'datetime2(7) generated always',
      ledger_start_transaction_id: 'bigint generated always',
    });
  },
);

test('columns of those names in other tables, and in views, are like all others', async () => {
  expect(await typesOf('plain')).toEqual({ id: 'int', since: 'datetime2(7)' });
  expect(await typesOf('shown')).toEqual({ since: 'datetime2(7)' });
});

test('what the server itself writes is not compared, for a reason; what it computes is', () => {
  expect(incomparable(typeNamed('datetime2(7) generated always'))).toMatch(
    /by its own clock .*tells writes, not values/,
  );
  expect(incomparable(typeNamed('datetime2(7)'))).toBeNull();
});
