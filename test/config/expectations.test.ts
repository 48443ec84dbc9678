import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import {
  type Declared,
  describeExpectation,
  loadExpectations,
  readExpectations,
} from '../../src/config/expectations.ts';
import { addToExpectations, type Proposal } from '../../src/config/expectations-file.ts';
import { expectationsJsonSchema } from '../../src/config/expectations-schema.ts';
import { UsageError } from '../../src/errors.ts';

/** Everything that can be declared. */
const EVERYTHING = `version: 1
tables:
  marts.delay:
    columns:
      tax: added
      vat: removed
      amount:
        - where: new.currency = 'CAD'
          holds: new = round(old * 1.19, 2)
          at_least: 2
          at_most: 5000
          because: VAT since January
        - retyped
      '"a.b"': {}
    rows:
      added: { where: new.day >= date '2026-01-01', at_most: 100 }
      removed: [{ where: old.id = 1 }, { where: old.id = 2 }]
    definition: changed
    order: changed
    kind: changed
  marts.extra: added
  '"marts"."gone"': removed
objects:
  macro marts.f(x): changed
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'greenlight-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function mistakes(text: string): string[] {
  try {
    readExpectations(text, 'e.yml');
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(UsageError);
    return ((thrown as UsageError).problem.cause ?? '')
      .split('\n')
      .map((line) => line.replace('e.yml:', ''));
  }
  return [];
}

describe('a good file', () => {
  test('declares each with its line', () => {
    const expectations = readExpectations(EVERYTHING, 'e.yml');
    expect(expectations.map((one) => `${one.line} ${describeExpectation(one)}`)).toEqual([
      '5 marts.delay.tax added',
      '6 marts.delay.vat removed',
      "8 marts.delay.amount where new.currency = 'CAD' holds new = round(old * 1.19, 2)",
      '13 marts.delay.amount retyped',
      '14 marts.delay."a.b"',
      "16 marts.delay rows added where new.day >= date '2026-01-01'",
      '17 marts.delay rows removed where old.id = 1',
      '17 marts.delay rows removed where old.id = 2',
      '18 marts.delay definition changed',
      '19 marts.delay order changed',
      '20 marts.delay kind changed',
      '21 marts.extra added',
      '22 marts.gone removed',
      '24 macro marts.f(x) changed',
    ]);
    expect(expectations[2]?.declares).toMatchObject({
      atLeast: 2,
      atMost: 5000,
      because: 'VAT since January',
    });
    expect(expectations[4]?.declares).toEqual({
      kind: 'rows',
      of: 'changed',
      column: 'a.b',
      where: null,
      holds: null,
      atLeast: 1,
      atMost: null,
      because: null,
    });
  });

  test('may be empty, and need not be there unless the configuration names it', async () => {
    for (const text of ['', '# nothing yet\n', 'version: 1\n', 'tables: {}\n'])
      expect(readExpectations(text, 'e.yml')).toEqual([]);
    const expectations = { file: 'none.yml', mustExist: false };
    expect(await loadExpectations({ root: folder, expectations })).toEqual([]);
    await expect(
      loadExpectations({ root: folder, expectations: { ...expectations, mustExist: true } }),
    ).rejects.toMatchObject({ problem: { what: 'There is no expectations file.' } });
  });

  test('fits the schema that editors use', () => {
    const validate = new Ajv({ strict: false }).compile(expectationsJsonSchema());
    expect([validate(parse(EVERYTHING)), validate.errors]).toEqual([true, null]);
    expect(validate({ tables: { 'a.b': 'aded' } })).toBe(false);
    expect(validate({ tables: { 'a.b': { columns: { x: { wher: '1' } } } } })).toBe(false);
  });
});

describe('a mistake', () => {
  const inTable = (text: string) => `tables:\n  a.b: { ${text} }\n`;
  test.each<[string, string | RegExp]>([
    ['tables: [', /^1:/],
    ['- a', '1:1 the file must be a map, not a list.'],
    ['version: 2', '1:10 `version`: `2` is not allowed. Write `1`.'],
    ['tabels: {}', '1:1 `tabels` is not a known key. Did you mean `tables`?'],
    ['tables: { marts: added }', /must be schema.table/],
    ['tables: { a.b: changed }', /`changed` is not allowed. Write one of `added`, `removed`/],
    [
      'tables:\n  a.b: added\n  \'"a".b\': added',
      /^3:3 .* is a second spelling of a name above it/,
    ],
    [
      'tables:\n  a.b: added\n  a.b: removed',
      '3:3 this key is written twice. Keep one of the two.',
    ],
    ['objects: { macro f: dropped }', /Write one of `added`, `removed`, `changed`/],
    [inTable(''), /^2:3 `a.b` declares nothing/],
    [inTable('definition: yes'), /Write `changed`/],
    [inTable('colums: {}'), /Did you mean `columns`/],
    [
      inTable('columns: { x: aded }'),
      /`aded` is not allowed. Write one of `added`, `removed`, `retyped`/,
    ],
    [inTable('columns: { x: }'), /has no value. Write one of/],
    [inTable('columns: { x: [added] }'), /Write `retyped`/],
    [inTable('columns: { x: [] }'), /must not be empty/],
    [inTable('columns: { x: [retyped, retyped] }'), /more than once/],
    [inTable('columns: { x: { wher: 1 } }'), /Did you mean `where`/],
    [inTable('columns: { x: { where: 1 } }'), /must be a text, not a number/],
    [inTable('columns: { x: { where: "" } }'), /must not be empty/],
    [inTable('columns: { x: { at_least: -1 } }'), /must not be negative/],
    [inTable('columns: { x: { at_least: 1.5 } }'), /at_least/],
    [
      inTable('columns: { x: { at_least: 3, at_most: 2 } }'),
      /`.*at_most` is less than at_least, which is 3/,
    ],
    [inTable('columns: { x: { at_most: 0 } }'), /is less than at_least, which is 1/],
    [inTable('rows: { changed: {} }'), /`.*changed` is not a known key/],
    [
      inTable('columns: { x: [{}, { holds: y }] }'),
      /^2:29 this declaration and the one in line 2 both claim all rows/,
    ],
    [inTable('rows: { added: [{}, {}] }'), /both claim all rows/],
  ])('%j', (text, told) => {
    expect(mistakes(text)).toEqual([typeof told === 'string' ? told : expect.stringMatching(told)]);
  });

  test('does not hide another one', () => {
    expect(
      mistakes('tables:\n  a: added\n  a.b: { columns: { x: no, y: no } }\nobject: {}\n'),
    ).toHaveLength(4);
  });

  test('a file that is no text', async () => {
    await writeFile(join(folder, 'bad.yml'), Buffer.from([0xff, 0xfe, 0x00]));
    await expect(
      loadExpectations({ root: folder, expectations: { file: 'bad.yml', mustExist: false } }),
    ).rejects.toMatchObject({ problem: { cause: 'It is not text in UTF-8.' } });
  });
});

describe('proposals', () => {
  const rows = (column: string | null, more: object = {}): Declared => ({
    kind: 'rows',
    of: column === null ? 'added' : 'changed',
    column,
    where: null,
    holds: null,
    atLeast: 3,
    atMost: 3,
    because: null,
    ...more,
  });
  const proposals: Proposal[] = [
    { table: 'a.b', declares: { kind: 'column', column: 'size', status: 'retyped' } },
    { table: 'a.b', declares: rows('size', { where: `new."x y" = 'a: b'`, holds: 'new > old' }) },
    { table: 'a.b', declares: rows('a.b') },
    { table: 'a.b', declares: rows(null) },
    { table: 'a.b', declares: { kind: 'structure', part: 'order' } },
    { table: 'a."odd.one"', declares: { kind: 'table', status: 'added' } },
    { table: null, declares: { kind: 'object', object: 'macro a.f(x, y)', status: 'changed' } },
  ];
  let files = 0;
  const addTo = async (text: string | null) => {
    files += 1;
    const file = `expected-${files}.yml`;
    if (text !== null) await writeFile(join(folder, file), text);
    const expectations = { file, mustExist: false };
    const written = await addToExpectations({ root: folder, expectations }, proposals);
    const after = await readFile(join(folder, file), 'utf8');
    return { ...written, text: after, declared: readExpectations(after, file) };
  };

  test.each([null, '', '# mine\n', 'version: 1\n', 'tables:\nobjects:\n', 'tables: {}\n'])(
    'are read again as they were meant: %j',
    async (text) => {
      const { added, left, declared } = await addTo(text);
      expect({ added, left }).toEqual({ added: proposals.length, left: [] });
      expect(declared.map(({ table, declares }) => ({ table, declares }))).toEqual(proposals);
    },
  );

  test('join what is there, and leave it as it is', async () => {
    const { added, text, declared } = await addTo(`# mine
tables:
  '"a"."b"':
    columns:
      # the size
      size: { where: new.id = 1 } # so it is
    rows: { added: [ { where: new.id = 2, because: 'of this' } ] }
`);
    expect(added).toBe(proposals.length);
    for (const kept of ['# mine', '# the size', '{ where: new.id = 1 } # so it is', "'of this'"])
      expect(text).toContain(kept);
    expect(declared).toHaveLength(proposals.length + 2);
  });

  test('give way to what says something else', async () => {
    const { added, left, text } = await addTo(`tables:
  a.b: removed
  'a."odd.one"': removed
objects: { 'macro a.f(x, y)': added }
`);
    expect({ added, left }).toEqual({ added: 0, left: proposals });
    expect(text).toContain('a.b: removed');
    const column = {
      ...proposals[0],
      declares: { kind: 'column', column: 'size', status: 'added' },
    };
    for (const there of ['{ where: x }', '[{ where: x }]', 'removed']) {
      const file = 'taken.yml';
      await writeFile(join(folder, file), `tables: { a.b: { columns: { size: ${there} } } }`);
      const expectations = { file, mustExist: true };
      expect(
        await addToExpectations({ root: folder, expectations }, [column as Proposal]),
      ).toMatchObject({ added: 0, left: [column] });
    }
  });
});
