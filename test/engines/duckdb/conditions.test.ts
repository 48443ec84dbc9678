import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConditionFault } from '../../../src/engines/condition-fault.ts';
import { Conditions } from '../../../src/engines/duckdb/conditions.ts';
import { Duckdb } from '../../../src/engines/duckdb/connection.ts';

let duckdb: Duckdb;
let conditions: Conditions;
beforeAll(async () => {
  duckdb = await Duckdb.open(null, { threads: 1 });
  conditions = new Conditions((statement, bound) => duckdb.rows(statement, bound));
});
afterAll(() => duckdb.close());

const values: Record<string, string> = {
  'old.x': '1',
  'new.x': '2',
  'old.a b': "'it''s'",
  'old.list': '[1, 5]',
  'old.json': `'{"y": 3}'::JSON`,
  x: 'NULL',
};
const resolve = (names: readonly string[]): string => {
  const value = values[names.join('.')];
  if (value === undefined) throw new ConditionFault(`There is no ${names.join('.')}.`);
  return `(${value})`;
};
const parse = async (text: string) =>
  conditions.write(await conditions.read(text, resolve), (sql) => sql);

describe('a condition means what it says', () => {
  test.each([
    ['old.x < new.x', true],
    ['OLD.x = 1', null],
    [`old."a b" = 'it''s' -- a comment`, true],
    ['x IS NULL and old.x between 0 and 1', true],
    ['x = 1', undefined],
    ['new.x in (2, 3) and not (old.x = 2)', true],
    ['9007199254740993::BIGINT = 9007199254740992 + old.x', true],
    ['123456789012345678901234567890 > old.x', true],
    ['new.x = 2.00', true],
    ['len(list_filter(old.list, lambda v: v > new.x)) = 1', true],
    ['len([v for v in old.list if v > new.x]) = 1', true],
    ['list_transform(old.list, lambda v, i: v + i) = [2, 7]', true],
    ['list_transform(old.list, (V, i) -> v + i) = [2, 7]', true],
    [`list_filter([old.json -> '$.y'], v -> (v -> '$')::INTEGER > new.x) = ['3']`, true],
    [`(old.json -> '$.y')::INTEGER = 3 and (old.json ->> 'y') = '3'`, true],
    ["case when old.x = 1 then new.x::VARCHAR = '2' end", true],
    [`'"column_names":["x"]' = '"column_names":["x"]'`, true],
    [`'"greenlight name 0"' like '"greenlight name _"' and old.x = 1`, true],
    ["'a' collate nocase = 'A'", true],
    ["date '2020-01-31' + interval 1 day = '2020-02-01'", true],
    ['old.x = 1) or (old.x = 3', true],
  ])('%s', async (text, expected) => {
    if (expected === null) {
      await expect(parse(text)).rejects.toThrow('There is no OLD.x.');
      return;
    }
    const { result } = await duckdb.row(`SELECT (${await parse(text)}) AS result`);
    expect(result ?? undefined).toBe(expected);
  });
});

describe('what is no plain condition is refused', () => {
  test.each([
    ['old.x >', 'something is missing'],
    ['old.x = = 1', 'at character 9: = 1'],
    ["'ü\u{1f600}' = = 1", 'at character 8: = 1'],
    ['', 'something is missing'],
    ['delete from t', 'syntax error'],
    ['1); DROP TABLE t', 'a bracket is too many'],
    ['1); DROP TABLE t; SELECT (1', 'more than one'],
    ['1), (2', 'more than one'],
    ['1) AS y, (2', 'more than one'],
    ['old.x) FROM range(3', 'more than one'],
    ['old.x) LIMIT (1', 'more than one'],
    ['old.x) UNION SELECT (1', 'more than one'],
    ['exists (select 1)', 'a subquery'],
    ["old.x = (select count(*) from read_csv('/etc/passwd'))", 'a subquery'],
    ['old.x in (select 1)', 'a subquery'],
    ['max(old.x) > 1', 'max() looks at many rows'],
    ['COUNT(*) > 1', 'count_star() looks at many rows'],
    ['row_number() over () > 1', 'a window function'],
    ['old.x = $1', 'a parameter'],
    ['old.x = ?', 'a parameter'],
    ['#1 = 1', 'a column by its number'],
    ['*', 'cannot hold *'],
    ["COLUMNS('x')", 'cannot hold *'],
    ["read_text('/etc/passwd') = ''", 'read_text() gives tables'],
    ['unnest([1]) = 1', 'unnest() gives tables'],
    ['random() > 0.5', 'random() does not give the same'],
    ["now() > '2020-01-01'", 'does not give the same'],
    ["nextval('s') = 1", 'does not give the same'],
    ["getvariable('v') = 1", 'does not give the same'],
    ['frobnicate(old.x)', 'frobnicate() is no function'],
    ['other.f(old.x)', 'other.f() is no function'],
    ['old.nothing = 1', 'There is no old.nothing.'],
    ['lambda v: nothing', 'There is no nothing.'],
    ["(v -> '$.y') = '3'", 'There is no v.'],
    ['list_filter(old.list, v -> v > 1) = v', 'There is no v.'],
    ['wavg(old.x, 1) = 1', 'wavg() looks at many rows'],
    ["ago(interval 1 day) > '2020-01-01'", 'ago() does not give the same'],
    ['pg_sleep(1) is null', 'pg_sleep() does not give the same'],
    ['other.main.round(old.x) = 1', 'other.main.round() is no function'],
    ['1e999 > old.x', 'a number that is too large'],
  ])('%s', async (text, expected) => {
    const refused = parse(text);
    await expect(refused).rejects.toThrow(ConditionFault);
    await expect(refused).rejects.toThrow(expected);
  });
});
