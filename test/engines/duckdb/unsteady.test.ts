import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from '@jest/globals';
import { noiseIn, noisyFunctions, quietFunctions } from '../../../src/engines/duckdb/unsteady.ts';

const ask = async (sql: string): Promise<string[]> => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const rows = (await connection.runAndReadAll(sql)).getRows();
  connection.closeSync();
  return rows.map(([value]) => String(value));
};

test("every function that is not steady by DuckDB's word is noise, or is said to be none", async () => {
  const unsteady = await ask(
    `select distinct function_name from duckdb_functions() where internal and stability <> 'CONSISTENT'`,
  );
  expect(unsteady.length).toBeGreaterThan(20);
  const known = [...Object.keys(noisyFunctions), ...quietFunctions];
  expect(unsteady.filter((name) => !known.includes(name))).toEqual([]);
});

test('every macro of DuckDB that calls one of them is noise, too', async () => {
  const called = Object.keys(noisyFunctions).filter((name) => name !== 'age');
  const macros = await ask(
    `select distinct function_name from duckdb_functions() where internal and function_type = 'macro'
       and regexp_matches(macro_definition, '\\b(${called.join('|')}|current_timestamp|current_time|localtime(stamp)?)\\b')`,
  );
  expect(macros).toContain('ago');
  expect(macros.filter((name) => !Object.hasOwn(noisyFunctions, name))).toEqual([]);
});

test('every function of the list exists', async () => {
  const all = await ask('select distinct function_name from duckdb_functions() where internal');
  const known = [...Object.keys(noisyFunctions), ...quietFunctions];
  expect(known.filter((name) => !all.includes(name))).toEqual([]);
});

test.each([
  ['select Now()', ['1 now() clock']],
  ['select 1,\n  "now" ()', ['2 now() clock']],
  ['select main.random() > 0.5, system.main.today()', ['1 random() random', '1 today() clock']],
  ['select current_date, CURRENT_TIMESTAMP', ['1 current_date clock', '1 current_timestamp clock']],
  ['select localtime,\nlocaltimestamp', ['1 localtime clock', '2 localtimestamp clock']],
  ['create table t (id bigint default nextval($$s$$))', ['1 nextval() sequence']],
  ['select age(a), age(f(a, b))', ['1 age() clock', '1 age() clock']],
  ['select age(a, [1]), age(f(a), b)', []],
  ['select 1 from t using sample 10%', ['1 sample random']],
  ['select 1 from t tablesample reservoir(3 rows)', ['1 tablesample random']],
  ['select 1 from t tablesample reservoir(3 rows) repeatable (42)', []],
  ['select 1 from t using sample 3 percent (bernoulli, 42)', []],
  ["select 'now()', $$random()$$ -- now()\n/* uuid() */", []],
  ['select now, t.current_date, "current_date", 1 as current_time from t', []],
  ['insert into random (a) values (1); create table uuid (a integer)', []],
  ['select nowhere(), is_now(), uuid from t', []],
  ["select getvariable('greenlight_now'), {{ now }}", []],
])('%s', (sql, expected) => {
  expect(
    noiseIn(sql).map(({ line, function: name, source }) => `${line} ${name} ${source}`),
  ).toEqual(expected);
});
