import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatName, isPattern, nameMatcher, parseName } from '../../src/config/names.ts';
import { UsageError } from '../../src/errors.ts';

describe('parseName', () => {
  test.each([
    ['marts.delay', ['marts', 'delay']],
    ['delay', ['delay']],
    [' marts . delay ', ['marts', 'delay']],
    ['"my schema"."odd.table".col', ['my schema', 'odd.table', 'col']],
    ['my schema.my table', ['my schema', 'my table']],
    ['"a""b"', ['a"b']],
    ['größe.naïve', ['größe', 'naïve']],
    ['"*"', ['*']],
  ])('%s', (text, parts) => {
    expect(parseName(text)).toEqual(parts);
  });

  test.each(['', ' ', '.', 'a.', '.a', 'a..b', '""', '"a', 'a"b', '"a"b', 'a."b'])(
    'refuses %j',
    (text) => {
      expect(() => parseName(text)).toThrow(UsageError);
    },
  );
});

describe('formatName', () => {
  test.each([
    [['marts', 'delay'], 'marts.delay'],
    [['_a1$', 'Größe'], '_a1$.Größe'],
    [['my schema', 'odd.table'], '"my schema"."odd.table"'],
    [['1st', ''], '"1st".""'],
    [['a"b', '*'], '"a""b"."*"'],
  ])('%j', (parts, text) => {
    expect(formatName(parts)).toBe(text);
  });

  test('is undone by parseName', () => {
    const part = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.constantFrom('a.b', '"', ' ', '*', '__proto__', 'Ü'),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        expect(parseName(formatName(parts))).toEqual(parts);
      }),
      { seed: 7 },
    );
  });
});

describe('nameMatcher', () => {
  const matches = (pattern: string, parts: string[], ignoreCase = false) =>
    nameMatcher([pattern], { ignoreCase })(parts);

  test.each([
    ['staging.*', ['staging', 'flights'], true],
    ['staging.*', ['staging', 'with.dot and\nmore'], true],
    ['staging.*', ['staging2', 'flights'], false],
    ['staging.*', ['staging', 'flights', 'x'], false],
    ['*.dim_*', ['marts', 'dim_carrier'], true],
    ['*.dim_*', ['marts', 'my_dim_carrier'], false],
    ['*.*', ['a', 'b'], true],
    ['a.b+c', ['a', 'b+c'], true],
    ['a."*"', ['a', '*'], true],
    ['a."*"', ['a', 'x'], false],
    ['"a.b".c', ['a.b', 'c'], true],
  ])('%s and %j: %s', (pattern, parts, expected) => {
    expect(matches(pattern, parts)).toBe(expected);
  });

  test('goes by case only when asked', () => {
    expect(matches('Marts.*', ['marts', 'a'])).toBe(false);
    expect(matches('Marts.*', ['marts', 'a'], true)).toBe(true);
  });

  test('of no pattern matches nothing', () => {
    expect(nameMatcher([], { ignoreCase: false })(['a', 'b'])).toBe(false);
  });

  test('a quoted star makes no pattern', () => {
    expect(isPattern('a.*')).toBe(true);
    expect(isPattern('a."*"')).toBe(false);
  });
});
