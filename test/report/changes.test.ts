import { expect, test } from '@jest/globals';
import { changesInWords } from '../../src/compare/changes.ts';
import type { ColumnOutcome, TableOutcome } from '../../src/compare/outcome.ts';
import type { ChangePattern } from '../../src/engines/engine.ts';
import { compareText } from '../../src/report/text.ts';

const pattern = (name: string, rows: number, detail: string | null = null): ChangePattern => ({
  pattern: name,
  detail,
  relation: null,
  rows,
});
const inWords = (patterns: readonly ChangePattern[], condition: string | null = null) =>
  changesInWords({
    patterns,
    condition: condition === null ? null : { detail: condition, relation: `new.${condition}` },
  });

test('one pattern stands without its share, with what it holds and where', () => {
  expect(inWords([pattern('sign', 5)])).toBe('sign');
  expect(inWords([pattern('constant offset', 5, 'new = old + 0.01')], "currency = 'CAD'")).toBe(
    "constant offset (new = old + 0.01); only currency = 'CAD'",
  );
});

test('several patterns stand with their shares, and no share is rounded to none or all', () => {
  expect(
    inWords([
      pattern('null to value', 600),
      pattern('rounding', 300, 'new = round(old, 2)'),
      pattern('free change', 100),
    ]),
  ).toBe('null to value 60 %, rounding (new = round(old, 2)) 30 %, free change 10 %');
  expect(inWords([pattern('case', 99_999), pattern('free change', 1)])).toBe(
    'case > 99 %, free change < 1 %',
  );
});

test('tables and columns stand in the order of what matters', () => {
  const text = compareText({
    release: 'pr-1',
    state: 'compared',
    comparison: 1,
    digest: 'd',
    verdict: 'unexplained',
    stopped: null,
    expectations: [],
    noise: {
      comparison: 0,
      objects: [{ kind: 'sequence', name: 'm.ids', status: 'changed' }],
      tables: [
        {
          ...table('m.big', 0, 0, []),
          ...{ role: 'input', added: 1, removed: 0, changed: 7 },
          columns: [{ column: 'small', status: 'changed', changed: 7, pattern: 'case' }],
        },
      ],
    },
    proposed: null,
    coverage: {
      tables: { compared: 3, total: 3 },
      columns: { compared: 3, total: 3 },
      rows: { compared: 3, total: 3 },
      history: { tables: 0, rows: 0 },
      skipped: [],
      tolerated: [],
    },
    tables: [
      table('m.explained', 0, 900, []),
      table('m.small', 5, 5, []),
      table('m.big', 70, 90, [
        column('explained', 0, 80),
        column('small', 10, 10),
        column('big', 60, 60),
        column('same', 0, 0),
      ]),
    ],
    objects: [],
  } as unknown as Parameters<typeof compareText>[0]);
  const at = (words: string) => text.indexOf(words);
  const places = ['m.big ', 'm.small ', 'm.explained ', 'm.big.big', 'm.big.small'].map(at);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places[0]).toBeGreaterThan(0);
  expect(at('m.big.small')).toBeLessThan(at('m.big.explained'));
  expect(text).toContain('m.big.big: 60 rows changed: case');
  expect(text).not.toContain('m.big.same');
  expect(text).toMatch(
    /m\.big\.small: 10 rows changed.* \(noisy: the old logic itself gives 7 rows/,
  );
  expect(text).not.toMatch(/m\.big\.big: .*noisy/);
  expect(text).toContain(
    '  m.big (input!): 1 row added, 7 rows changed\n    m.big.small: 7 rows changed: case\n  changed sequence m.ids\n',
  );
});

function table(
  name: string,
  unexplained: number,
  changed: number,
  columns: readonly ColumnOutcome[],
): Partial<TableOutcome> {
  const rows = { old_rows: 1, new_rows: 1, added: 0, removed: 0, changed, unexplained };
  return {
    ...rows,
    table: name,
    role: 'result',
    status: 'changed',
    skipped: null,
    reason: null,
    key: ['id'],
    old_definition: null,
    new_definition: null,
    proof: 'exact',
    likely_rename: null,
    columns,
  };
}

function column(name: string, unexplained: number, changed: number): ColumnOutcome {
  return {
    column: name,
    status: changed > 0 ? 'changed' : 'identical',
    changed,
    unexplained,
    pattern: changed > 0 ? 'case' : null,
    likely_rename: null,
  } as ColumnOutcome;
}
