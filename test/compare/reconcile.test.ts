import { expect, test } from '@jest/globals';
import { requireReconciled } from '../../src/compare/reconcile.ts';
import type { RecordedRows, RowComparison } from '../../src/engines/engine.ts';

const rows = { old: 10, new: 11 };
const found: RowComparison = {
  added: 2,
  removed: 1,
  cells: new Map([
    ['a', 3],
    ['b', 2],
  ]),
  way: 'join',
  proof: 'exact',
};
const recorded: RecordedRows = {
  added: 2,
  removed: 1,
  changed: 4,
  unexplained: 7,
  cells: found.cells,
  unexplainedCells: found.cells,
  fingerprint: '',
};

test('what agrees is let through', () => {
  expect(() => requireReconciled('main.t', rows, found, recorded)).not.toThrow();
  expect(() => requireReconciled('main.t', rows, found, null)).not.toThrow();
});

test.each([
  ['a row too many', { added: 1 }, {}, /10 old rows - 1 removed \+ 1 added is not 11 new rows/],
  [
    'a removed row not recorded',
    {},
    { removed: 0 },
    /2 added and 1 removed rows were counted, 2 and 0/,
  ],
  [
    'fewer changed rows than a column says',
    {},
    { changed: 2 },
    /2 changed rows were recorded for 5/,
  ],
  [
    'more changed rows than all columns say',
    {},
    { changed: 6 },
    /6 changed rows were recorded for 5/,
  ],
  [
    'a value not recorded',
    {},
    {
      cells: new Map([
        ['a', 3],
        ['b', 1],
      ]),
    },
    /2 changed values of b were counted, 1 recorded/,
  ],
  [
    'a column recorded that does not deviate',
    {},
    { cells: new Map([...found.cells, ['c', 1]]) },
    /0 changed values of c were counted, 1 recorded/,
  ],
] as const)('%s is no verdict', (_, ofFound, ofRecorded, cause) => {
  const wrong = () =>
    requireReconciled('main.t', rows, { ...found, ...ofFound }, { ...recorded, ...ofRecorded });
  expect(wrong).toThrow(/does not reconcile/);
  try {
    wrong();
  } catch (error) {
    expect((error as { problem: { cause: string } }).problem.cause).toMatch(cause);
  }
});
