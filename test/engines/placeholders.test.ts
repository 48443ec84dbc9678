import { describe, expect, test } from '@jest/globals';
import { type Lexis, standardLexis } from '../../src/engines/lexis.ts';
import { checkPlaceholders, fillPlaceholders } from '../../src/engines/placeholders.ts';
import { splitStatements } from '../../src/engines/script.ts';
import { lexis as snowflake } from '../../src/engines/snowflake/statements.ts';
import { lexis as sqlserver } from '../../src/engines/sqlserver/lexis.ts';
import { GreenlightError } from '../../src/errors.ts';

const values = new Map([
  ['now', { sql: "TIMESTAMPTZ '2026-01-31'", text: '2026-01-31' }],
  ['name', { sql: "'O''Hara'", text: "O'Hara" }],
  ['odd', { sql: "('a' || chr(0))", text: 'a\0' }],
]);
const fill = (sql: string) =>
  splitStatements(sql).map((statement) =>
    fillPlaceholders({ file: 'logic/a.sql', text: sql }, statement, values),
  );
const problemOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    if (error instanceof GreenlightError) return error.problem;
  }
  throw new Error('It went through');
};

describe('a placeholder', () => {
  test.each([
    ['in code is a literal', 'select {{ now }}', "select TIMESTAMPTZ '2026-01-31'"],
    ['needs no blanks', 'select {{now}},{{\tNAME\n}}', "select TIMESTAMPTZ '2026-01-31','O''Hara'"],
    ['in a text is plain text', "select '{{ now }}'::date", "select '2026-01-31'::date"],
    ['stands within a text', "select 'at {{ now }}; {{name}}'", "select 'at 2026-01-31; O''Hara'"],
    ['between doubled quotes', "select '''{{ name }}'''", "select '''O''Hara'''"],
    ['in a comment is none', 'select 1 /* {{ what }} */ -- {{ ever }}\n, 2', null],
    ['of another name in a text is data', "select 'Dear {{ you }}'", "select 'Dear {{ you }}'"],
    ['of another name elsewhere is data', 'select "{{ a }}", $${{ b }}$$', null],
    ['is not a struct', "select {'a': {'b': 1}}, map {'x': {'y': 2}}", null],
  ])('%s', (_, sql, expected) => {
    expect(fill(sql)).toEqual([expected ?? sql]);
  });

  test.each([
    [
      'is unknown',
      'select 1;\n\nselect\n  {{ nwo }}',
      'logic/a.sql:4',
      '{{ nwo }} is no placeholder',
    ],
    ['is no name', 'select {{ now + 1 }}', 'logic/a.sql:1', '{{ begins no placeholder'],
    ['is never closed', 'select {{ now', 'logic/a.sql:1', '{{ begins no placeholder'],
    ['is a name', 'select 1,\n"t_{{ name }}"', 'logic/a.sql:2', 'a quoted name'],
    ['is in E', "select E'\n{{ name }}'", 'logic/a.sql:2', 'a text of this kind'],
    ['is in dollars', 'select $a$\n\n{{ now }}$a$', 'logic/a.sql:3', 'a text of this kind'],
    ['would cut the text off', "select '{{ odd }}'", 'logic/a.sql:1', 'NUL'],
  ])('is refused when it %s', (_, sql, where, what) => {
    const problem = problemOf(() => fill(sql));
    expect(problem.where).toBe(where);
    expect(problem.what).toContain(what);
    expect(problem.help).toMatch(/\{\{/);
  });
});

test('a file is looked at before it runs, and texts that stay as they are are named', () => {
  const file = (text: string) => ({ file: 'logic/a.sql', text });
  const text = "select 1;\nselect 'a\n{{ you }}', {{ now }}, '{{ now }}', '{{ me }}';";
  expect(checkPlaceholders(file(text), ['now'], standardLexis)).toEqual([
    'logic/a.sql:3: {{ you }}',
    'logic/a.sql:3: {{ me }}',
  ]);
  expect(
    problemOf(() => checkPlaceholders(file('\nselect {{ later }}'), ['now'], standardLexis)).where,
  ).toBe('logic/a.sql:2');
});

describe('each engine reads its own SQL, and', () => {
  const check = (lexis: Lexis, text: string) =>
    checkPlaceholders({ file: 'logic/a.sql', text }, ['now'], lexis);

  test.each([
    // What stands where is not what it would be in PostgreSQL.
    ['a comment hides one', snowflake, "select 1 // {{ later }} it's\n, 2"],
    [
      'a text goes on behind a backslash',
      snowflake,
      "select 'it\\'s', {{ now }}, 'a\\\\', {{ now }}",
    ],
    ['a name in brackets', sqlserver, "select [it's {{ later }}], {{ now }}"],
    ['a batch', sqlserver, "select '{{ now }}'\nGO\nselect {{ now }} as [$$]"],
    ['a variable that has no value yet', sqlserver, 'select $(other), {{ now }}'],
  ])('%s is no fault', (_, lexis, sql) => {
    expect(check(lexis, sql)).toEqual([]);
  });

  test.each([
    [
      'behind a backslash',
      snowflake,
      "select 'it\\'s',\n {{ later }}, 'x'",
      2,
      '{{ later }} is no',
    ],
    ['in dollars', snowflake, "select 1;\n\nselect $$it's {{ now }}$$", 3, 'a text of this kind'],
    ['behind a name', sqlserver, "select [it's],\n{{ later }}, [it's]", 2, '{{ later }} is no'],
    ['in a name', sqlserver, 'select 1\nGO\nselect [{{ now }}]', 3, 'a quoted name'],
  ])('one %s is', (_, lexis, sql, line, what) => {
    const problem = problemOf(() => check(lexis, sql));
    expect(problem.where).toBe(`logic/a.sql:${line}`);
    expect(problem.what).toContain(what);
  });

  test('texts that stay as they are are named at their lines', () => {
    expect(check(snowflake, "select 'it\\'s\n {{ you }}'")).toEqual(['logic/a.sql:2: {{ you }}']);
    expect(check(sqlserver, "select [it's]\nGO\nselect N'{{ you }}'")).toEqual([
      'logic/a.sql:3: {{ you }}',
    ]);
  });
});
