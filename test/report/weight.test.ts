import { expect, test } from '@jest/globals';
import { byWeight } from '../../src/report/weight.ts';

const none = { explained: false, unexplained: 0, changed: 0, added: 0, removed: 0 };

test('what is unexplained comes first, then what has most unexplained rows, then most rows', () => {
  const all = [
    { name: 'explained, big', ...none, explained: true, changed: 1000 },
    { name: 'explained, small', ...none, explained: true, changed: 5 },
    { name: 'few rows', ...none, unexplained: 3, changed: 3 },
    { name: 'in part explained', ...none, unexplained: 7, changed: 500 },
    { name: 'unexplained without a row', ...none },
    { name: 'rows of one side', ...none, unexplained: 7, added: 400, removed: 200 },
  ];
  expect(all.toSorted(byWeight).map(({ name }) => name)).toEqual([
    'rows of one side',
    'in part explained',
    'few rows',
    'unexplained without a row',
    'explained, big',
    'explained, small',
  ]);
});
