import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { splitStatements } from '../../src/engines/script.ts';

const texts = (sql: string) => splitStatements(sql).map(({ text }) => text);

describe('statements', () => {
  test.each([
    ['', []],
    [';', []],
    [' \n\t; ;;\r\n', []],
    ['-- nothing', []],
    ['/* nothing; */ -- and nothing\n', []],
    ['\uFEFF', []],
    ['select 1', ['select 1']],
    ['select 1;;;select 2;', ['select 1', 'select 2']],
    ['select 1; -- the end', ['select 1']],
    ['-- first\nselect 1 -- last;\n;', ['select 1']],
    ['select /* ; */ 1; select 2', ['select /* ; */ 1', 'select 2']],
    ['select /* a /* b ; */ c; */ 1; select 2', ['select /* a /* b ; */ c; */ 1', 'select 2']],
    ["select ';--'; select 'it''s;'", ["select ';--'", "select 'it''s;'"]],
    ["select 'a\\'; select 2", ["select 'a\\'", 'select 2']],
    ["select E'it\\'s;'; select 2", ["select E'it\\'s;'", 'select 2']],
    ["select e'\\\\'; select 2", ["select e'\\\\'", 'select 2']],
    ["select E'it''s\\';'; select 2", ["select E'it''s\\';'", 'select 2']],
    ["select E'a' -- it's\n 'b\\';'; select 2", ["select E'a' -- it's\n 'b\\';'", 'select 2']],
    ["select E'a'\n-- it's; \nas x; select 2", ["select E'a'\n-- it's; \nas x", 'select 2']],
    ["select date'2020-01-01;'; select 2", ["select date'2020-01-01;'", 'select 2']],
    ["select typE'a\\'; select 2", ["select typE'a\\'", 'select 2']],
    ['select 1 as "a;""b;"; select 2', ['select 1 as "a;""b;"', 'select 2']],
    ['select $$a;b$$; select 2', ['select $$a;b$$', 'select 2']],
    ['select $t$a;$$;$u$;$t$; select 2', ['select $t$a;$$;$u$;$t$', 'select 2']],
    ['select $é$a;$é$; select 2', ['select $é$a;$é$', 'select 2']],
    ['select 1 as a$b$c; select 2 as a$b$c', ['select 1 as a$b$c', 'select 2 as a$b$c']],
    ['select $1, $2; select 2', ['select $1, $2', 'select 2']],
    ['select 8 / 4 - -2; select 2', ['select 8 / 4 - -2', 'select 2']],
    ["select 'süß;'; select 'né'", ["select 'süß;'", "select 'né'"]],
    ['select 1\u00a0;\u00a0select\u00a02\u3000;', ['select 1', 'select\u00a02']],
    ["select 'never closed; select 2", ["select 'never closed; select 2"]],
    ['select 1; /* never closed; select 2', ['select 1', '/* never closed; select 2']],
    ['select 1; /*/ never closed; select 2', ['select 1', '/*/ never closed; select 2']],
    ['/* /* */ select 1; */; select 2', ['select 2']],
    ['/* /* */ never closed', ['/* /* */ never closed']],
    ['/* /* */', ['/* /* */']],
    ['select $a$ never closed; select 2', ['select $a$ never closed; select 2']],
  ])('%j', (sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });
});

describe('positions', () => {
  test.each([
    ['line feeds', '\n'],
    ['carriage returns and line feeds', '\r\n'],
    ['carriage returns', '\r'],
  ])('with %s', (_, eol) => {
    const sql = ['-- one', '', '  select 1;', "select 'a", "b'; select 3;", '/* x', '*/ select 4'];
    expect(splitStatements(sql.join(eol))).toEqual([
      { text: 'select 1', line: 3, column: 3 },
      { text: `select 'a${eol}b'`, line: 4, column: 1 },
      { text: 'select 3', line: 5, column: 5 },
      { text: 'select 4', line: 7, column: 4 },
    ]);
  });

  test('a tab is one column, a byte order mark none', () => {
    expect(splitStatements('\uFEFFselect 1;\t\tselect 2')).toEqual([
      { text: 'select 1', line: 1, column: 1 },
      { text: 'select 2', line: 1, column: 12 },
    ]);
  });
});

test('takes time in proportion to the length', () => {
  const row = "insert into t values (1, 'a;b', $$c;d$$, E'\\';', 3.5); -- a row\n";
  const seconds = (rows: number): number => {
    const sql = row.repeat(rows);
    const start = performance.now();
    expect(splitStatements(sql)).toHaveLength(rows);
    return performance.now() - start;
  };
  seconds(1000);
  // 1.3 MB: far above what it takes, far below what a quadratic walk takes.
  expect(seconds(20_000)).toBeLessThan(3000);
});

describe("DuckDB's own lexer", () => {
  let connection: DuckDBConnection;
  beforeAll(async () => {
    connection = await (await DuckDBInstance.create(':memory:')).connect();
  });
  afterAll(() => connection.closeSync());

  // Pieces that mean something to a lexer, in any order. Each script is made of whole statements, so that the
  // parser accepts it; what is between them is up to chance.
  const blank = fc.constantFrom(' ', '\n', '\r\n', '\t', '-- it\'s; "\n', '/* ; /* \' */ " */', '');
  const inner = fc
    .array(fc.constantFrom('a', ';', '--', '/*', '*/', '"', '$', '\n', 'é', ' '), { maxLength: 6 })
    .map((pieces) => pieces.join(''));
  const value = fc.oneof(
    inner.map((content) => `'${content}'`),
    inner.map((content) => `'${content}''${content}'`),
    inner.map((content) => `E'${content}\\'${content}\\\\'`),
    inner.map((content) => `E'x'\n'${content}\\''`),
    inner.map((content) => `$tag$${content}$tag$`),
    inner.map((content) => `$é$${content.replaceAll('$', '')}'$é$`),
    fc.constantFrom('1', '(8/4)', '(3 - -2)', '1 as a$b$c', '2 as é$b$', "date'2020-01-01'"),
  );
  const statement = fc.tuple(blank, value, blank).map(([a, b, c]) => `select ${a}${b} ${c}`);
  const script = fc
    .array(fc.tuple(blank, statement, fc.constantFrom(';', ';;', '; ;')), {
      minLength: 1,
      maxLength: 5,
    })
    .map((parts) => parts.flat().join(''));

  test('finds the same statements', async () => {
    await fc.assert(
      fc.asyncProperty(script, async (sql) => {
        const { count } = await connection.extractStatements(sql);
        const ours = splitStatements(sql);
        expect(ours).toHaveLength(count);
        for (const { text } of ours) {
          expect((await connection.extractStatements(text)).count).toBe(1);
        }
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});
