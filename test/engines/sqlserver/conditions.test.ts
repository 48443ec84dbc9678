import { describe, expect, test } from '@jest/globals';
import { ConditionFault } from '../../../src/engines/condition-fault.ts';
import { writeCondition } from '../../../src/engines/conditions.ts';
import { noneOf } from '../../../src/engines/sqlserver/claims.ts';
import { readCondition } from '../../../src/engines/sqlserver/conditions.ts';
import { tsqlFault } from '../../support/tsql-grammar.ts';

const namesIn = (text: string) => {
  const names: string[] = [];
  readCondition(text, (parts) => names.push(parts.join('.')));
  return names.join(' ');
};

describe('the names in a condition', () => {
  test.each([
    ['new = old + 0.01', 'new old'],
    ['OLD.[a ]]b] LIKE N\'%x%\' AND new."c d" IS NOT NULL -- so', 'OLD.a ]b new.c d'],
    ['CAST(new.x AS decimal(10, 2)) > 1e3', 'new.x'],
    ['TRY_CONVERT(int, new.code, 1) BETWEEN 1 AND 2', 'new.code'],
    ['DATEADD(day, -1, new.at) = old.at AND DATEPART(year, new) = 2025', 'new.at old.at new'],
    ["new.name COLLATE Latin1_General_BIN2 = 'x'", 'new.name'],
    ['CASE WHEN old.a IN (1, 2) THEN new.b ELSE NULL END = 3', 'old.a new.b'],
    ["TRIM('0' FROM new.a) = ''", 'new.a'],
    ["new.at AT TIME ZONE 'UTC' > old.at", 'new.at old.at'],
    ['key.id = 7', 'key.id'],
    ['IIF(new.a IS NULL, 1, 0) = 1 AND NOT (COALESCE(NULLIF(new, old), 0) > 1)', 'new.a new old'],
    ['1 = 1', ''],
    ['true AND NOT (false OR new.true = 1)', 'new.true'],
  ])('%s', async (text, expected) => {
    expect(namesIn(text)).toBe(expected);
    const written = writeCondition(
      readCondition(text, (parts) => parts),
      () => '[o0]',
    );
    expect(
      await tsqlFault(`SELECT CASE WHEN ${written} THEN 1 ELSE 0 END AS condition FROM [#t]`),
    ).toBeNull();
  });
});

test.each([
  ['', /Its end does not fit/],
  ['(new = 1', /Its end does not fit/],
  ["new = 'a", /Its end does not fit/],
  ['true) union select (true', /more than one condition/],
  ['1 = 1; drop table t', /more than one condition/],
  ['new = 1, old = 2', /a list of values/],
  ['delete from s.t', /syntax error at or near "from", at character 8: from s\.t/],
  ['update', /syntax error at or near "update", at character 1/],
  ['new in (select 1)', /a subquery/],
  ['exists (select 1)', /a subquery/],
  ['row_number() over (order by new) = 1', /a window function/],
  ['sum(new) > 1', /sum\(\) looks at many rows/],
  ['count(*) > 1', /count\(\) looks at many rows/],
  ['new = *', /cannot hold \*/],
  ['newid() = new', /newid\(\) does not give the same/],
  ['getdate() > new', /getdate\(\) does not give the same/],
  ['rand(1) > new', /rand\(\) does not give the same/],
  ['current_timestamp > new', /the clock or the session/],
  ["session_context(N'x') = 1", /session_context\(\) does not give the same/],
  ['new = @x', /a parameter/],
  ['new = $1', /a parameter/],
  ['dbo.f(new) = 1', /dbo\.f\(\) is no function/],
  ['nofun(new) = 1', /nofun\(\) is no function/],
  ['new.place.STArea() > 1', /new\.place\.STArea\(\) is no function/],
  ["openrowset('a', 'b', 'c') = 1", /syntax error at or near "openrowset"/],
  ['xp_cmdshell(new) = 1', /no function/],
])('%s is refused', (text, fault) => {
  expect(() => namesIn(text)).toThrow(ConditionFault);
  expect(() => namesIn(text)).toThrow(fault);
});

test('none of several conditions is one that the same reader takes', async () => {
  const none = noneOf(['new.a = 1 -- only', 'new.b > old.b']);
  expect(namesIn(none)).toBe('new.a new.b old.b');
  expect(
    await tsqlFault(`SELECT 1 AS x FROM t AS new CROSS JOIN t AS old WHERE ${none}`),
  ).toBeNull();
});
