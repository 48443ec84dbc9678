import type { PatternCase } from './patterns.ts';

/** Texts as rows: (1, 'a'), (2, 'b'), ... */
function rows(...values: readonly string[]): string {
  return values.map((value, at) => `(${at + 1}, ${value})`).join(', ');
}

function texts(...values: readonly string[]): string {
  return rows(...values.map((value) => `'${value.replaceAll("'", "''")}'`));
}

/** One for each kind of change, and one in which a row does not fit. */
export const patternCases: readonly PatternCase[] = [
  // All types
  {
    name: 'null to several values, value to null',
    columns: 'id integer, v integer, w integer',
    old: '(1, null, 5), (2, null, 6), (3, null, 7)',
    new: '(1, 3, null), (2, 4, null), (3, 9, null)',
    patterns: { v: { 'null to value': 3 }, w: { 'value to null': 3 } },
  },
  {
    name: 'null to one value',
    type: 'integer',
    old: rows('null', 'null', 'null'),
    new: rows('0', '0', '0'),
    patterns: { v: { 'null to value: new = 0': 3 } },
  },
  {
    name: 'null to one value but for one row',
    type: 'integer',
    old: rows('null', 'null', 'null'),
    new: rows('0', '0', '1'),
    patterns: { v: { 'null to value': 3 } },
  },
  {
    name: 'a default appears',
    columns: 'id integer, v varchar(20), n integer, d date',
    old: "(1, 'a', 7, date '2020-01-01'), (2, 'b', 9, date '2021-05-05'), (3, 'it''s', -3, date '1999-12-31')",
    new: "(1, 'n/a', 0, date '1970-01-01'), (2, 'n/a', 0, date '1970-01-01'), (3, 'n/a', 0, date '1970-01-01')",
    patterns: {
      v: { "default: new = 'n/a'": 3 },
      n: { 'default: new = 0': 3 },
      d: { "default: new = DATE '1970-01-01'": 3 },
    },
  },
  {
    name: 'a default but for one row',
    type: 'varchar(20)',
    old: texts('a', 'b', 'c', 'd'),
    new: texts('n/a', 'n/a', 'n/a', 'x'),
    patterns: { v: { "default: new = 'n/a'": 3, 'free change': 1 } },
  },
  {
    name: 'free change',
    columns: 'id integer, v varchar(20), n integer, d date',
    old: "(1, 'a', 7, date '2020-01-01'), (2, 'b', 9, date '2021-05-05'), (3, 'c', -3, date '1999-12-31')",
    new: "(1, 'x', 8, date '2020-01-04'), (2, 'yy', 13, date '2021-05-02'), (3, 'zab', 44, date '2020-12-30')",
    patterns: { v: { 'free change': 3 }, n: { 'free change': 3 }, d: { 'free change': 3 } },
  },
  {
    name: 'two of five numbers as far apart by chance',
    type: 'integer',
    old: rows('100', '250', '3', '77', '41'),
    new: rows('131', '281', '16', '1', '904'),
    patterns: { v: { 'free change': 5 } },
  },
  {
    name: 'one row alone',
    columns: 'id integer, v varchar(20), n integer, d date',
    old: "(1, 'a', 7, date '2020-01-01')",
    new: "(1, 'x', 9, date '2020-01-04')",
    patterns: {
      v: { 'free change': 1 },
      n: { 'constant offset: new = old + 2': 1 },
      d: { 'date shift: new = old + INTERVAL 3 DAY': 1 },
    },
  },
  {
    name: 'a mix, most rows first',
    type: 'decimal(10, 3)',
    old: rows('null', 'null', 'null', '1.234', '9.876', '5.000'),
    new: rows('1', '2', '3', '1.230', '9.880', '7.123'),
    patterns: {
      v: { 'null to value': 3, 'rounding: new = round(old, 2)': 2, 'free change': 1 },
    },
  },
  {
    name: 'swapped columns',
    columns: 'id integer, a varchar(20), b varchar(20), c varchar(20)',
    old: "(1, 'Ada', 'Lovelace', 'x'), (2, 'Alan', 'Turing', 'y'), (3, 'Kurt', null, 'z')",
    new: "(1, 'Lovelace', 'Ada', 'q'), (2, 'Turing', 'Alan', 'qq'), (3, null, 'Kurt', 'z')",
    patterns: { a: { 'swapped columns: with b': 3 }, b: { 'swapped columns: with a': 3 } },
  },
  {
    name: 'swapped columns but for one row',
    columns: 'id integer, a integer, "b ""b""" integer',
    old: '(1, 10, 20), (2, 35, 47), (3, 5, 6)',
    new: '(1, 20, 10), (2, 47, 35), (3, 6, 7)',
    patterns: {
      a: { 'swapped columns: with b "b"': 2, 'free change': 1 },
      'b "b"': { 'swapped columns: with a': 2, 'free change': 1 },
    },
  },
  {
    name: 'booleans',
    needs: ['boolean'],
    type: 'boolean',
    old: rows('false', 'false', 'true', 'null'),
    new: rows('true', 'true', 'false', 'true'),
    patterns: {
      v: { 'false to true': 2, 'null to value': 1, 'true to false': 1 },
    },
  },
  {
    name: 'values of any other type',
    needs: ['uuid', 'interval'],
    columns: 'id integer, u uuid, i interval',
    old: `(1, '00000000-0000-0000-0000-000000000001', interval '1 day'), (2, '00000000-0000-0000-0000-000000000002', null),
      (3, '00000000-0000-0000-0000-000000000003', interval '1 day')`,
    new: `(1, '00000000-0000-0000-0000-000000000000', interval '2 days'), (2, '00000000-0000-0000-0000-000000000000', interval '3 days'),
      (3, '00000000-0000-0000-0000-000000000000', null)`,
    patterns: {
      u: { "default: new = '00000000-0000-0000-0000-000000000000'::UUID": 3 },
      i: { 'null to value': 1, 'value to null': 1, 'free change': 1 },
    },
  },
  {
    name: 'a type of which nothing can be guessed',
    needs: ['interval'],
    type: 'interval',
    old: rows("interval '1 day'", "interval '2 days'"),
    new: rows("interval '3 days'", "interval '3 days'"),
    patterns: { v: { 'free change': 2 } },
  },
  {
    name: 'retyped: numbers as numbers, others by what is NULL or constant',
    columns: 'id integer, v integer, w varchar(20)',
    old: "(1, 1, '5'), (2, 2, null), (3, 3, '7')",
    new: "(1, 2, '5'), (2, 3, '6'), (3, 4, null)",
    patterns: {
      v: { 'constant offset: new = old + 1': 3 },
      w: { 'null to value': 1, 'value to null': 1 },
    },
  },

  // Numbers
  {
    name: 'sign',
    type: 'decimal(10, 2)',
    old: rows('1.50', '-2.25', '3'),
    new: rows('-1.50', '2.25', '-3'),
    patterns: { v: { sign: 3 } },
  },
  {
    name: 'sign but for one row',
    type: 'bigint',
    old: rows('1', '-2', '3'),
    new: rows('-1', '2', '-4'),
    patterns: { v: { sign: 2, 'free change': 1 } },
  },
  {
    name: 'rounding, also to whole numbers and of doubles',
    columns: 'id integer, v decimal(10, 3), w decimal(10, 3), f double precision',
    old: '(1, 1.234, 1.500, 1.2345), (2, 9.995, -1.500, -7.77777)',
    new: '(1, 1.230, 2.000, 1.235), (2, 10.000, -2.000, -7.778)',
    patterns: {
      v: { 'rounding: new = round(old, 2)': 2 },
      w: { 'rounding: new = round(old, 0)': 2 },
      f: { 'rounding: new = round(old, 3)': 2 },
    },
  },
  {
    name: 'truncation towards zero',
    columns: 'id integer, v decimal(10, 3), f double precision',
    old: '(1, 1.239, 2.99), (2, -9.999, -1.75), (3, 4.567, 6.5)',
    new: '(1, 1.230, 2), (2, -9.990, -1), (3, 4.560, 6)',
    patterns: {
      v: { 'truncation: new = trunc(old, 2)': 3 },
      f: { 'truncation: new = trunc(old, 0)': 3 },
    },
  },
  {
    name: 'constant offset, exact and up to the noise of floating point',
    columns: 'id integer, v decimal(10, 2), n integer, f double precision, g double precision',
    old: '(1, 1.00, 1, 0.1, 0.7), (2, 2.50, 5, 2.5, 1.1), (3, -3.00, 100, 1000000, 123456.7)',
    new: '(1, 1.01, 0, 0.6, 0.8), (2, 2.51, 4, 3.0, 1.2), (3, -2.99, 99, 1000000.5, 123456.8)',
    patterns: {
      v: { 'constant offset: new = old + 0.01': 3 },
      n: { 'constant offset: new = old - 1': 3 },
      f: { 'constant offset: new = old + 0.5': 3 },
      g: { 'constant offset: new = old + 0.1': 3 },
    },
  },
  {
    name: 'constant offset but for one row',
    columns: 'id integer, v decimal(10, 2), f double precision',
    old: '(1, 1.00, 1), (2, 2.50, 2), (3, 3.00, 3)',
    new: '(1, 1.01, 1.25), (2, 2.51, 2.25), (3, 3.02, 3.26)',
    patterns: {
      v: { 'constant offset: new = old + 0.01': 2, 'free change': 1 },
      f: { 'constant offset: new = old + 0.25': 2, 'free change': 1 },
    },
  },
  {
    name: 'small changes of large doubles are no constant offset',
    type: 'double precision',
    old: rows('1e15', '2e15', '3e15'),
    new: rows('1e15 + 1', '2e15 + 5', '3e15 - 7'),
    patterns: { v: { 'free change': 3 } },
  },
  {
    name: 'what is no number has no distance',
    needs: ['not-a-number'],
    type: 'double precision',
    old: rows("cast('nan' as double precision)", "cast('inf' as double precision)", '1', '2'),
    new: rows('1', '2', "cast('nan' as double precision)", "cast('-inf' as double precision)"),
    patterns: { v: { 'free change': 4 } },
  },
  {
    name: 'what is no number is near to no other',
    needs: ['not-a-number'],
    type: 'double precision',
    old: rows(
      "cast('nan' as double precision)",
      "cast('inf' as double precision)",
      '1.1',
      '2.2',
      '4.3',
    ),
    new: rows('5', '7', '1.2', '2.3', '4.4'),
    patterns: { v: { 'constant offset: new = old + 0.1': 3, 'free change': 2 } },
  },
  {
    name: 'a product that overflows in one row',
    type: 'bigint',
    old: rows('1', '2', '9000000000000000000'),
    new: rows('2', '4', '7'),
    fails: true,
    patterns: { v: { 'constant factor: new = old * 2': 2, 'free change': 1 } },
  },
  {
    name: 'constant factor, exact and rounded',
    columns: 'id integer, v decimal(10, 2), n integer, f double precision, c decimal(12, 2)',
    old: '(1, 10.00, 3, 0.1, 12345.67), (2, 33.33, 5, 2.5, 999.99), (3, 123.45, 100, 1000, 20.10), (4, 777.77, 7, 3, 4242.42)',
    new: '(1, 11.90, 6, 0.11, 123.46), (2, 39.66, 10, 2.75, 10.00), (3, 146.91, 200, 1100, 0.20), (4, 925.55, 14, 3.3, 42.42)',
    patterns: {
      v: { 'constant factor: new = round(old * 1.19, 2)': 4 },
      n: { 'constant factor: new = old * 2': 4 },
      f: { 'constant factor: new = old * 1.1': 4 },
      c: { 'constant factor: new = round(old * 0.01, 2)': 4 },
    },
  },
  {
    name: 'constant factor but for one row',
    type: 'decimal(10, 2)',
    old: rows('10.00', '33.33', '123.45', '200.00'),
    new: rows('11.90', '39.66', '146.91', '239.00'),
    patterns: { v: { 'constant factor: new = round(old * 1.19, 2)': 3, 'free change': 1 } },
  },
  {
    name: 'integers at their limits',
    columns: 'id integer, v bigint, w smallint',
    old: '(1, 9223372036854775807, 32767), (2, -9223372036854775808, -32768)',
    new: '(1, -9223372036854775808, -32768), (2, 9223372036854775807, 32767)',
    patterns: { v: { 'free change': 2 }, w: { 'free change': 2 } },
  },

  // Dates and timestamps
  {
    name: 'date shift by days and by months',
    columns: 'id integer, d date, m date, y date',
    old: "(1, date '2020-02-28', date '2020-01-31', date '2020-02-29'), (2, date '2020-03-31', date '2020-02-15', date '2021-05-05'), (3, date '2021-12-31', date '2020-03-01', date '2022-07-01')",
    new: "(1, date '2020-02-29', date '2020-02-29', date '2019-02-28'), (2, date '2020-04-01', date '2020-03-15', date '2020-05-05'), (3, date '2022-01-01', date '2020-04-01', date '2021-07-01')",
    patterns: {
      d: { 'date shift: new = old + INTERVAL 1 DAY': 3 },
      m: { 'date shift: new = old + INTERVAL 1 MONTH': 3 },
      y: { 'date shift: new = old - INTERVAL 12 MONTH': 3 },
    },
  },
  {
    name: 'date shift but for one row',
    type: 'date',
    old: rows("date '2020-01-10'", "date '2020-02-10'", "date '2020-03-10'"),
    new: rows("date '2020-01-17'", "date '2020-02-17'", "date '2020-03-16'"),
    patterns: { v: { 'date shift: new = old + INTERVAL 7 DAY': 2, 'free change': 1 } },
  },
  {
    name: 'a time zone, with its summer time',
    type: 'timestamp',
    old: rows(
      "timestamp '2026-07-01 12:00:00'",
      "timestamp '2026-07-02 23:30:00'",
      "timestamp '2026-07-03 12:00:00'",
      "timestamp '2026-01-01 00:00:00'",
      "timestamp '2026-01-02 00:00:00'",
    ),
    new: rows(
      "timestamp '2026-07-01 14:00:00'",
      "timestamp '2026-07-03 01:30:00'",
      "timestamp '2026-07-03 14:00:00'",
      "timestamp '2026-01-01 01:00:00'",
      "timestamp '2026-01-02 01:00:00'",
    ),
    patterns: {
      v: {
        'constant offset: new = old + INTERVAL 2 HOUR': 3,
        'constant offset: new = old + INTERVAL 1 HOUR': 2,
      },
    },
  },
  {
    name: 'instants shift as well',
    needs: ['timestamptz'],
    type: 'timestamptz',
    old: rows("'2026-07-01 12:00:00+00'", "'2026-01-01 00:00:00+00'"),
    new: rows("'2026-07-01 11:30:00+00'", "'2025-12-31 23:30:00+00'"),
    patterns: { v: { 'constant offset: new = old - INTERVAL 30 MINUTE': 2 } },
  },
  {
    name: 'timestamps cut off to the day',
    type: 'timestamp',
    old: rows("timestamp '2026-07-01 12:00:00'", "timestamp '2026-07-02 23:30:01'"),
    new: rows("timestamp '2026-07-01 00:00:00'", "timestamp '2026-07-02 00:00:00'"),
    patterns: { v: { "truncation: new = date_trunc('day', old)": 2 } },
  },

  // Texts
  {
    name: 'whitespace',
    columns: 'id integer, v varchar(20), w varchar(20), x varchar(20)',
    old: "(1, ' a ', 'a', 'a b'), (2, 'b  ', ' b', 'c\u00a0 d'), (3, ' c d', 'c', 'ef')",
    new: "(1, 'a', ' a', 'a  b'), (2, 'b', 'b  ', 'c d'), (3, 'c d', 'c ', 'e f')",
    patterns: {
      v: { 'whitespace: new = trim(old)': 3 },
      w: { 'whitespace: trim(new) = trim(old)': 3 },
      x: { whitespace: 3 },
    },
  },
  {
    name: 'whitespace but for one row',
    type: 'varchar(20)',
    old: texts(' a', 'b ', 'c '),
    new: texts('a', 'b', 'C'),
    patterns: { v: { 'whitespace: new = trim(old)': 2, 'free change': 1 } },
  },
  {
    name: 'case',
    columns: 'id integer, u varchar(20), l varchar(20), v varchar(20)',
    old: "(1, 'aé', 'AÉ', 'ab'), (2, 'Bc', 'Bc', 'CD')",
    new: "(1, 'AÉ', 'aé', 'Ab'), (2, 'BC', 'bc', 'Cd')",
    patterns: {
      u: { 'case: new = upper(old)': 2 },
      l: { 'case: new = lower(old)': 2 },
      v: { case: 2 },
    },
  },
  {
    name: 'case but for one row',
    type: 'varchar(20)',
    old: texts('ab', 'cd', 'ef'),
    new: texts('AB', 'CD', 'EG'),
    patterns: { v: { 'case: new = upper(old)': 2, 'free change': 1 } },
  },
  {
    name: 'padding',
    columns: 'id integer, v varchar(20), w varchar(20), z varchar(20)',
    old: "(1, '7', 'a', '007'), (2, '12', 'bcd', '0012'), (3, '123', 'ef', '01')",
    new: "(1, '00007', 'a---', '7'), (2, '00012', 'bcd-', '12'), (3, '00123', 'ef--', '1')",
    patterns: {
      v: { "padding: new = lpad(old, 5, '0')": 3 },
      w: { "padding: new = rpad(old, 4, '-')": 3 },
      z: { 'padding: leading zeros': 3 },
    },
  },
  {
    name: 'padding but for one row',
    type: 'varchar(20)',
    old: texts('7', '12', '5'),
    new: texts('0007', '0012', '0006'),
    patterns: { v: { "padding: new = lpad(old, 4, '0')": 2, 'free change': 1 } },
  },
  {
    name: 'truncation to a length, and to any',
    columns: 'id integer, v varchar(20), w varchar(20)',
    old: "(1, 'abcdef', 'abcdef'), (2, 'wxyz', 'xyz'), (3, 'Zoë und', 'Zoë und')",
    new: "(1, 'abc', 'abcd'), (2, 'wxy', 'xy'), (3, 'Zoë', 'Z')",
    patterns: { v: { 'truncation: new = left(old, 3)': 3 }, w: { truncation: 3 } },
  },
  {
    name: 'truncation but for one row, and no text left',
    columns: 'id integer, v varchar(20), w varchar(20)',
    old: "(1, 'abcdef', 'abcdef'), (2, 'wxyz', 'xyz'), (3, 'abcde', 'q')",
    new: "(1, 'abc', ''), (2, 'wxy', ''), (3, 'xbc', '')",
    patterns: {
      v: { 'truncation: new = left(old, 3)': 2, 'free change': 1 },
      w: { "default: new = ''": 3 },
    },
  },
  {
    name: 'a prefix or a suffix',
    columns: 'id integer, v varchar(20), w varchar(20)',
    old: "(1, 'a', 'DE-1'), (2, 'b', 'DE-22'), (3, 'c', 'DE-3')",
    new: "(1, 'a''s', '1'), (2, 'b''s', '22'), (3, 'c''s', '3')",
    patterns: {
      v: { "suffix added: new = old || '''s'": 3 },
      w: { "prefix removed: old = 'DE-' || new": 3 },
    },
  },
  {
    name: 'encoding damage: UTF-8 read as something else, and back',
    columns: 'id integer, l varchar(40), w varchar(40), r varchar(40)',
    old: `(1, 'é', '10 €', 'ZoÃ«'), (2, 'Grüße', 'à – œ', 'naÃ¯ve')`,
    new: `(1, 'Ã©', '10 â‚¬', 'Zoë'), (2, 'GrÃ¼Ã\u009fe', 'Ã\u00a0 â€“ Å“', 'naïve')`,
    patterns: {
      l: { 'encoding damage: UTF-8 read as Latin-1': 2 },
      w: { 'encoding damage: UTF-8 read as Windows-1252': 2 },
      r: { 'encoding repair: UTF-8 was read as Latin-1': 2 },
    },
  },
  {
    name: 'encoding damage: letters are lost',
    columns: 'id integer, q varchar(40), f varchar(40), b varchar(40)',
    old: `(1, 'é', 'é', 'é'), (2, 'Grüße', 'Grüße', 'Grüße')`,
    new: `(1, '?', '\ufffd', '\ufffd\ufffd'), (2, 'Gr??e', 'Gr\ufffd\ufffde', 'Gr\ufffd\ufffd\ufffd\ufffde')`,
    patterns: {
      q: { 'encoding damage: letters became ?': 2 },
      f: { 'encoding damage: letters became U+FFFD': 2 },
      b: { 'encoding damage: letters became U+FFFD': 2 },
    },
  },
  {
    name: 'letters in another form, and without their accents',
    needs: ['unicode-forms'],
    columns: 'id integer, n varchar(40), s varchar(40)',
    old: `(1, 'caf\u00e9', 'é'), (2, '\u00fc', 'Zoë')`,
    new: `(1, 'cafe\u0301', 'e'), (2, 'u\u0308', 'Zoe')`,
    patterns: {
      n: { 'normalization: composed or decomposed letters': 2 },
      s: { 'accents removed': 2 },
    },
  },
  {
    name: 'encoding damage but for one row',
    type: 'varchar(20)',
    old: texts('é', 'ü', 'ö'),
    new: texts('Ã©', 'Ã¼', '?!'),
    patterns: { v: { 'encoding damage: UTF-8 read as Latin-1': 2, 'free change': 1 } },
  },

  // Conditions
  {
    name: 'only one value of another column',
    columns: 'id integer, currency varchar(3), amount decimal(10, 2)',
    old: "(1, 'CAD', 1), (2, 'EUR', 2), (3, 'CAD', 3), (4, null, 4), (5, 'USD', 5)",
    new: "(1, 'CAD', 1.01), (2, 'EUR', 2), (3, 'CAD', 3.01), (4, null, 4), (5, 'USD', 5)",
    patterns: { amount: { 'constant offset: new = old + 0.01': 2 } },
    conditions: { amount: "currency = 'CAD'" },
  },
  {
    name: 'a name that is no plain word is quoted',
    columns: 'id integer, "a ""b""" integer, v integer',
    old: '(1, 7, 0), (2, 8, 0), (3, 7, 0)',
    new: '(1, 7, 1), (2, 8, 0), (3, 7, 1)',
    conditions: { v: '"a ""b""" = 7' },
  },
  {
    name: 'near miss: another row inside',
    columns: 'id integer, c varchar(3), v integer',
    old: "(1, 'CAD', 1), (2, 'EUR', 2), (3, 'CAD', 3), (4, 'CAD', 4)",
    new: "(1, 'CAD', 2), (2, 'EUR', 2), (3, 'CAD', 3), (4, 'CAD', 5)",
    conditions: { v: null },
  },
  {
    name: 'near miss: a deviating row outside',
    columns: 'id integer, c varchar(3), v integer',
    old: "(1, 'CAD', 1), (6, null, 2), (3, 'CAD', 3), (4, 'EUR', 4)",
    new: "(1, 'CAD', 2), (6, null, 3), (3, 'CAD', 4), (4, 'EUR', 4)",
    conditions: { v: null },
  },
  {
    name: 'added and removed rows are no matter',
    columns: 'id integer, c varchar(3), v integer',
    old: "(1, 'CAD', 1), (2, 'EUR', 2), (3, 'CAD', 3), (5, 'CAD', 9)",
    new: "(1, 'CAD', 2), (2, 'EUR', 2), (3, 'CAD', 4), (4, 'CAD', 9), (6, 'EUR', 9)",
    conditions: { v: "c = 'CAD'" },
  },
  {
    name: 'near miss: another row inside, and as many added rows outside',
    columns: 'id integer, c varchar(3), v integer',
    old: "(1, 'CAD', 1), (2, 'CAD', 2), (3, 'CAD', 3)",
    new: "(1, 'CAD', 2), (2, 'CAD', 2), (3, 'CAD', 4), (4, 'EUR', 9)",
    conditions: { v: null },
  },
  {
    name: 'a few values, NULL, and a boolean',
    needs: ['boolean'],
    columns:
      'id integer, c varchar(3), n integer, b boolean, v integer, w integer, x integer, y integer',
    old: `(1, 'a', 1, true, 0, 0, 0, 0), (2, 'b', 2, false, 0, 0, 0, 0), (3, 'a', null, false, 0, 0, 0, 0),
      (4, 'b', null, true, 0, 0, 0, 0), (5, 'c', 5, true, 0, 0, 0, 0)`,
    new: `(1, 'a', 1, true, 1, 0, 1, 1), (2, 'b', 2, false, 2, 0, 0, 1), (3, 'a', null, false, 3, 5, 0, 0),
      (4, 'b', null, true, 4, 6, 1, 0), (5, 'c', 5, true, 0, 0, 1, 1)`,
    conditions: { v: "c IN ('a', 'b')", w: 'n IS NULL', x: 'b = true', y: 'n IS NOT NULL' },
  },
  {
    name: 'ranges, also of the key',
    columns: 'id integer, d date, v integer, w integer, x integer, y integer',
    old: `(1, date '2020-01-05', 0, 0, 0, 0), (2, date '2020-01-03', 0, 0, 0, 0), (3, date '2020-01-01', 0, 0, 0, 0),
      (4, date '2020-01-04', 0, 0, 0, 0), (5, date '2020-01-02', 0, 0, 0, 0)`,
    new: `(1, date '2020-01-05', 0, 1, 0, 4), (2, date '2020-01-03', 0, 2, 3, 6), (3, date '2020-01-01', 7, 0, 4, 9),
      (4, date '2020-01-04', 8, 6, 5, 0), (5, date '2020-01-02', 9, 0, 0, 0)`,
    conditions: {
      v: 'id >= 3',
      w: "d >= DATE '2020-01-03'",
      x: 'id BETWEEN 2 AND 4',
      y: 'id <= 3',
    },
  },
  {
    name: 'near miss: a hole in the range',
    columns: 'id integer, v integer',
    old: '(1, 0), (2, 0), (3, 0), (4, 0), (5, 0)',
    new: '(1, 0), (2, 5), (3, 0), (4, 6), (5, 7)',
    conditions: { v: null },
  },
  {
    name: 'no condition on what deviates, is ignored, has a tolerance or another type',
    columns: 'id integer, a integer, b integer, c integer, d integer, v integer',
    newColumns: 'id integer, a integer, b integer, c integer, d decimal(20, 2), v integer',
    old: '(1, 1, 1, 1, 1, 0), (4, 2, 2, 2, 2, 0), (5, 1, 1, 1, 1, 0), (9, 2, 2, 2, 2, 0), (11, 1, 1, 1, 1, 0)',
    new: '(1, 1, 1, 1, 1, 7), (4, 3, 2, 2, 2, 0), (5, 1, 1, 1, 1, 8), (9, 2, 2, 2, 2, 0), (11, 1, 1, 1, 1, 9)',
    ignore: ['b'],
    tolerance: { c: { absolute: 1 } },
    conditions: { v: null },
  },
  {
    name: 'no condition where every row deviates, nor for one row',
    columns: 'id integer, c varchar(3), v integer, w integer',
    old: "(1, 'a', 0, 0), (2, 'a', 0, 0), (3, 'b', 0, 0)",
    new: "(1, 'a', 1, 0), (2, 'a', 2, 0), (3, 'b', 3, 5)",
    conditions: { v: null, w: null },
  },
  {
    name: 'many rows: kinds that fit a part of them',
    columns: 'id integer, v integer, t varchar(20)',
    old: "select i, i, 'name ' || i from generate_series(1, 30000) r(i)",
    new: `select i, case when i % 30 = 0 then 2 * i when i % 3 = 0 then i + 5 when i = 1 then null else i end,
      case when i >= 12345 then upper('name ' || i) else 'name ' || i end from generate_series(1, 30000) r(i)`,
    patterns: {
      v: { 'constant offset: new = old + 5': 9000, 'free change': 1001 },
      t: { 'case: new = upper(old)': 17656 },
    },
    conditions: { v: null, t: 'id >= 12345' },
  },
  {
    name: 'many rows: the range of all, not of a sample, and an added row inside',
    columns: 'id integer, c varchar(3), v integer, w integer',
    old: "select i, case when i % 3 = 0 then 'CAD' else 'EUR' end, 0, 0 from generate_series(1, 30000) r(i)",
    new: `select i, case when i % 3 = 0 then 'CAD' else 'EUR' end, case when i between 777 and 22221 then 1 else 0 end,
      case when i % 3 = 0 then i else 0 end from generate_series(1, 30000) r(i)
      union all select 90000, 'CAD', 1, 0`,
    patterns: { v: { 'default: new = 1': 21445 }, w: { 'free change': 10000 } },
    conditions: { v: 'id BETWEEN 777 AND 22221', w: "c = 'CAD'" },
  },
  {
    name: 'many rows: near miss by one row outside, that the sample does not hold',
    columns: 'id integer, c varchar(3), v integer',
    old: "select i, case when i % 3 = 0 then 'CAD' else 'EUR' end, 0 from generate_series(1, 30000) r(i)",
    new: `select i, case when i % 3 = 0 then 'CAD' else 'EUR' end, case when i % 3 = 0 or i = 301 then i else 0 end
      from generate_series(1, 30000) r(i) union all select 90000, 'CAD', 0`,
    conditions: { v: null },
  },
];
