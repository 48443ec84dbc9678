import { describe, expect, test } from '@jest/globals';
import { checkPlaceholders, fillPlaceholders } from '../../src/engines/placeholders.ts';
import { splitStatements } from '../../src/engines/script.ts';
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
  expect(checkPlaceholders(file(text), ['now'])).toEqual([
    'logic/a.sql:3: {{ you }}',
    'logic/a.sql:3: {{ me }}',
  ]);
  expect(problemOf(() => checkPlaceholders(file('\nselect {{ later }}'), ['now'])).where).toBe(
    'logic/a.sql:2',
  );
});
