import { describe, expect, test } from '@jest/globals';
import { bytes, count, duration, plural, visible } from '../src/format.ts';

test.each([
  [0, '0 ms'],
  [0.4, '0 ms'],
  [340, '340 ms'],
  [1000, '1 s'],
  [12_345, '12.3 s'],
  [59_940, '59.9 s'],
  [59_960, '1 min 0 s'],
  [125_000, '2 min 5 s'],
  [3_599_800, '1 h 0 min'],
  [3_780_000, '1 h 3 min'],
  [180_000_000, '50 h 0 min'],
])('%d milliseconds', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [999_949, '999.9 kB'],
  [999_950, '1.0 MB'],
  [1_440_000_000, '1.4 GB'],
])('%d bytes', (n, text) => {
  expect(bytes(n)).toBe(text);
});

test('counts', () => {
  expect(count(1_204_311)).toBe('1,204,311');
  expect(count(2n ** 64n)).toBe('18,446,744,073,709,551,616');
  expect(plural(1, 'row')).toBe('1 row');
  expect(plural(0, 'row')).toBe('0 rows');
  expect(plural(1n, 'row')).toBe('1 row');
  expect(plural(12_000, 'query', 'queries')).toBe('12,000 queries');
});

describe('visible', () => {
  test.each([
    ['plain, süß, 日本, 👩‍👩‍👧', 'plain, süß, 日本, 👩‍👩‍👧'],
    ['\x1b[31mred\x07', '\\x1b[31mred\\x07'],
    ['a\r\n\tb\u2028c', 'a\\r\\n\\tb\\u2028c'],
    ['\u009b2J', '\\x9b2J'],
    ['gnp.\u202etxt', 'gnp.\\u202etxt'],
    ['soft\u00adhyphen \ufeff', 'soft\\xadhyphen \\ufeff'],
  ])('%j', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });
});
