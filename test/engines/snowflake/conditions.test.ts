import { describe, expect, test } from '@jest/globals';
import { ConditionFault } from '../../../src/engines/condition-fault.ts';
import { writeCondition } from '../../../src/engines/conditions.ts';
import { noneOf, readCondition } from '../../../src/engines/snowflake/conditions.ts';

const namesOf = (text: string) => readCondition(text, (parts) => parts.join('.')).names;
const faultOf = (text: string) => {
  try {
    readCondition(text, (parts) => parts);
    return null;
  } catch (error) {
    if (error instanceof ConditionFault) return error.message;
    throw error;
  }
};

describe('what is one condition over one row', () => {
  test.each<[string, string[]]>([
    ["new.currency = 'EUR'", ['new.currency']],
    ['new = round(old * 1.1, 2) -- why', ['new', 'old']],
    ['new."a ""b""" is not null', ['new.a "b"']],
    ['not coalesce((new = 1\n), false) and old is distinct from new', ['new', 'old', 'new']],
    [
      "case when old > 0 then new in (1, 2) else new like 'a%' escape '!' end",
      ['old', 'new', 'new'],
    ],
    [
      'cast(new.x as number(10, 2)) between -1 and 2.5e3 or try_to_number(new.y) is null',
      ['new.x', 'new.y'],
    ],
    ["new::timestamp_ntz(9) = old + interval '1 month'", ['new', 'old']],
    ["date_trunc('month', new) = date '2026-01-01'", ['new']],
    ["new.doc:a.b[0]::string = 'x'", ['new.doc']],
    ["array_contains('note'::variant, columns)", ['columns']],
    ["extract(year from new) = 2026 and new rlike '[a-z]+'", ['new', 'new']],
    ["new like any ('a%', 'b%') and new not ilike 'c'", ['new', 'new']],
    ["'it''s \\' new.x' = $$ old.y $$", []],
    ['1 = 2 /* old.x */ // new.y', []],
  ])('%s', (text, names) => {
    expect(faultOf(text)).toBeNull();
    expect(namesOf(text).map(({ name }) => name)).toEqual(names);
    for (const { from, to, name } of namesOf(text))
      expect(text.slice(from, to).replaceAll('""', '"').replaceAll('"a', 'a')).toContain(
        name.split('.')[0],
      );
  });

  test('is written with other names, and a comment at its end ends', () => {
    const read = readCondition('new.a > old.b -- c', (parts) => parts);
    expect(writeCondition(read, (parts) => `<${parts.join()}>`)).toBe('(<new,a> > <old,b> -- c\n)');
    expect(noneOf(['a = 1 -- x', 'b'])).toBe(
      'not coalesce((a = 1 -- x\n), false) and not coalesce((b\n), false)',
    );
  });
});

describe('what is not', () => {
  test.each([
    ['', 'Its end does not fit'],
    ['new =', 'Its end does not fit'],
    ['(new = 1', 'Its end does not fit'],
    ['new = 1)', 'Its end does not fit'],
    ['delete from s.t', 'syntax error at or near "from", at character 8: from s.t'],
    ['new new', 'syntax error at or near "new", at character 5: new'],
    ['true); select (true', 'more than one condition'],
    ['true) from s.t where (true', 'more than one condition'],
    ['true; drop table t', 'more than one condition'],
    ['true, false', 'a list of values'],
    ['(true, false)', 'a list of values'],
    ['new in (select 1)', 'a subquery'],
    ['new = (select max(a) from t)', 'a subquery'],
    ['exists (select 1)', 'a subquery'],
    ['new = any (select 1)', 'a subquery'],
    ['row_number() over () = 1', 'a window function'],
    ['sum(new) > 1', 'sum() looks at many rows'],
    ['count(*) > 1', 'count() looks at many rows'],
    ['count(distinct new) > 1', 'count() looks at many rows'],
    ['random() < 0.5', 'random() does not give the same'],
    ['uuid_string() = new', 'uuid_string() does not give the same'],
    ['current_timestamp() > new', 'current_timestamp() does not give the same'],
    ['current_date > new', 'the clock or the session'],
    ["system$wait(5) = ''", 'system$wait() does not give the same'],
    ['my.fun(new) = 1', 'my.fun() is no function'],
    ['new = $1', 'a parameter'],
    ['new = $name', 'a parameter'],
    ['new.* = 1', 'cannot hold *'],
    ["new = 'open", 'syntax error'],
  ])('%s', (text, fault) => {
    // A text that is never closed is the server's to refuse.
    if (text.endsWith("'open")) expect(faultOf(text)).toBeNull();
    else expect(faultOf(text)).toContain(fault);
  });
});
