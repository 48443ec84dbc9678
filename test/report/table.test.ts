import { expect, test } from '@jest/globals';
import { textTable } from '../../src/report/table.ts';

test('aligns texts on the left and numbers on the right', () => {
  const table = textTable(
    ['table', 'old', 'new', 'note'],
    [
      ['marts.delay', 1_204_311, 12n, 'changed'],
      ['größe', 7, null, ''],
    ],
  );
  expect(table.split('\n')).toEqual([
    'table              old  new  note',
    'marts.delay  1,204,311   12  changed',
    'größe                7',
  ]);
});

test('has a head without rows', () => {
  expect(textTable(['a', 'b'], [])).toBe('a  b');
});

test('counts wide characters as two', () => {
  expect(
    textTable(
      ['a', 'b'],
      [
        ['日本', 'x'],
        ['ab', 'y'],
      ],
    ).split('\n'),
  ).toEqual(['a     b', '日本  x', 'ab    y']);
});

test('cuts the widest columns to the width', () => {
  const table = textTable(['name', 'text'], [['short', 'x'.repeat(200)]], { width: 30 });
  expect(table.split('\n')).toEqual(['name   text', `short  ${'x'.repeat(22)}…`]);
});

test('gives up at eight characters a column', () => {
  const row = Array.from({ length: 20 }, () => 'abcdefghijkl');
  const [head] = textTable(row, [], { width: 50 }).split('\n');
  expect(head).toBe(Array.from({ length: 20 }, () => 'abcdefg…').join('  '));
});

test('a row is one line, whatever the data holds', () => {
  expect(textTable(['a'], [['x\ny\x1b[2J']]).split('\n')).toEqual(['a', 'x\\ny\\x1b[2J']);
});
