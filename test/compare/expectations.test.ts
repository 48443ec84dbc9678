import { describe, expect, test } from '@jest/globals';
import {
  explainObjects,
  explainTable,
  isAboutRows,
  judgeRows,
  type RowsExpectation,
} from '../../src/compare/expectations.ts';
import type { Comparison, TableOutcome } from '../../src/compare/outcome.ts';
import { proposeExpectations } from '../../src/compare/proposals.ts';
import { verdictOf } from '../../src/compare/verdict.ts';
import { readExpectations } from '../../src/config/expectations.ts';
import type { ClaimOutcome } from '../../src/engines/engine.ts';
import type { UsageError } from '../../src/errors.ts';

const read = (text: string) => readExpectations(text, 'e.yml');
const aboutAmount = (...claims: string[]) =>
  read(`tables: { a.b: { columns: { amount: [${claims.join(', ')}] } } }`) as RowsExpectation[];
const claimed = (more: Partial<ClaimOutcome> = {}): ClaimOutcome => ({
  claimed: 0,
  broken: 0,
  overlap: null,
  fault: null,
  ...more,
});
const noneOf = (conditions: readonly string[]) => `none of ${conditions.join('; ')}`;

describe('a declaration of rows', () => {
  test.each<[string, Partial<ClaimOutcome>, string]>([
    ['{}', { claimed: 1 }, 'met'],
    ['{}', {}, 'unmatched'],
    ['{ at_least: 0 }', {}, 'met'],
    ['{ at_least: 3 }', { claimed: 2 }, 'too-few'],
    ['{ at_least: 3 }', { claimed: 3 }, 'met'],
    ['{ at_most: 3 }', { claimed: 3 }, 'met'],
    ['{ at_most: 3 }', { claimed: 4 }, 'too-many'],
    ['{ at_least: 0, at_most: 0 }', { claimed: 1 }, 'too-many'],
    ['{ holds: x }', { claimed: 9, broken: 1 }, 'broken'],
    ['{ holds: x, at_most: 3 }', { claimed: 9, broken: 1 }, 'broken'],
  ])('%s with %j is %s', (text, found, status) => {
    const judged = judgeRows(aboutAmount(text), [claimed(found)]);
    expect(judged.outcomes.map((one) => one.status)).toEqual([status]);
    expect(judged.explaining).toHaveLength(status === 'met' ? 1 : 0);
  });

  test('where no row deviates, it matches nothing', () => {
    expect(judgeRows(aboutAmount('{}', '{ where: x, at_least: 0 }'), null).outcomes).toMatchObject([
      { status: 'unmatched' },
      { status: 'met' },
    ]);
  });

  test('of the same rows as another is refused, with both lines', () => {
    const expectations = read(
      'tables:\n  a.b:\n    columns:\n      amount:\n        - where: x\n        - where: y\n        - where: z\n',
    ) as RowsExpectation[];
    const judge = () =>
      judgeRows(expectations, [
        claimed({ claimed: 7 }),
        claimed({ claimed: 7 }),
        claimed({ claimed: 9, overlap: { claim: 0, rows: 5 } }),
      ]);
    let thrown: unknown;
    try {
      judge();
    } catch (error) {
      thrown = error;
    }
    expect((thrown as UsageError).problem.cause).toBe(
      'e.yml:5 and e.yml:7 both claim the same 5 rows of a.b.amount.',
    );
  });
});

const column = (name: string, more: object = {}) => ({
  column: name,
  status: 'identical',
  changed: 0,
  unexplained: 0,
  explained: false,
  patterns: [],
  condition: null,
  ...more,
});
const table = (more: object = {}) =>
  ({
    table: 'a.b',
    status: 'changed',
    skipped: null,
    added: 0,
    removed: 0,
    changed: 0,
    unexplained: 0,
    explained: false,
    structure: [],
    columns: [column('amount')],
    ...more,
  }) as unknown as TableOutcome;

describe('a table', () => {
  const declared = read(`tables:
  a.b:
    columns: { new: added, old: removed, type: retyped }
    definition: changed
`);
  const structure = (more: object = {}) =>
    table({
      structure: ['definition'],
      columns: [
        column('new', { status: 'added' }),
        column('old', { status: 'removed' }),
        column('type', { status: 'retyped' }),
        column('left', { status: 'skipped' }),
      ],
      ...more,
    });

  test('is explained when all that deviates is', () => {
    const { table: explained, outcomes } = explainTable(structure(), declared);
    expect(explained.explained).toBe(true);
    expect(explained.columns.every((one) => one.explained)).toBe(true);
    expect(outcomes.map(({ status, line }) => [status, line])).toEqual([
      ['met', 3],
      ['met', 3],
      ['met', 3],
      ['met', 4],
    ]);
  });

  test.each([0, 1, 2, 3])('is not without declaration %i', (missing) => {
    const rest = declared.filter((_, at) => at !== missing);
    expect(explainTable(structure(), rest).table.explained).toBe(false);
  });

  test('is not when a row, or the values of a retyped column, are left', () => {
    expect(explainTable(structure({ unexplained: 1 }), declared).table.explained).toBe(false);
    const retyped = [column('type', { status: 'retyped', changed: 3, unexplained: 1 })];
    expect(explainTable(structure({ columns: retyped }), declared).table).toMatchObject({
      explained: false,
      columns: [{ explained: false }],
    });
  });

  test('on one side is explained by its own declaration, with its rows', () => {
    const found = table({ status: 'added', added: 4, unexplained: 4, structure: [] });
    const added = explainTable(found, read('tables: { a.b: added }'));
    expect(added).toMatchObject({
      table: { explained: true, unexplained: 0, columns: [{ explained: true }] },
      outcomes: [{ status: 'met', claimed: 1 }],
    });
    const removed = explainTable(found, read('tables: { a.b: removed }'));
    expect(removed).toMatchObject({
      table: { explained: false, unexplained: 4 },
      outcomes: [{ status: 'unmatched', claimed: 0 }],
    });
  });

  test('that nobody could read is never explained; one that was left out is', () => {
    const skipped = (why: string) => table({ status: 'skipped', skipped: why });
    expect(explainTable(skipped('unreadable'), []).table.explained).toBe(false);
    expect(explainTable(skipped('configured'), []).table.explained).toBe(true);
  });
});

describe('the verdict', () => {
  const of = (
    tables: object[],
    expectations: { status: string }[] = [],
    objects: { explained: boolean }[] = [],
    tolerated: object[] = [],
  ) =>
    verdictOf({
      mode: 'semantic',
      tolerated,
      tables: tables.map((more) => explainTable(table(more), []).table),
      objects,
      expectations,
    } as unknown as Comparison);
  const equal = { status: 'identical' };
  const whole = { columns: [{ ...column('amount'), reason: null }] };

  test('is identical only when everything was compared and is equal', () => {
    expect(of([{ ...equal, ...whole }])).toBe('identical');
    const ignored = [{ ...column('amount', { status: 'skipped' }), reason: 'in compare.ignore' }];
    expect(of([{ ...equal, columns: ignored }])).toBe('explained');
    const within = [{ table: 'a.b', column: 'amount', within: 'absolute 1' }];
    expect(of([{ ...equal, ...whole }], [], [], within)).toBe('explained');
  });

  test('is explained when what deviates is', () => {
    const changed = [{ ...column('amount', { status: 'changed', changed: 2 }), reason: null }];
    expect(of([{ changed: 2, columns: changed }])).toBe('explained');
    expect(of([{ ...equal, ...whole }], [], [{ explained: true }])).toBe('explained');
  });

  test('is unexplained with anything else', () => {
    expect(of([{ changed: 2, unexplained: 1 }])).toBe('unexplained');
    expect(of([{ status: 'skipped', skipped: 'unreadable' }])).toBe('unexplained');
    expect(of([{ ...equal, ...whole }], [], [{ explained: false }])).toBe('unexplained');
    for (const status of ['unmatched', 'broken', 'too-few', 'too-many'])
      expect(of([{ ...equal, ...whole }], [{ status: 'met' }, { status }])).toBe('unexplained');
    expect(of([{ ...equal, ...whole }], [{ status: 'met' }])).toBe('identical');
  });
});

test('objects are declared by kind and name', () => {
  const found = [
    { kind: 'macro', name: 'a.f(x)', status: 'changed' },
    { kind: 'index', name: 'a.i', status: 'added' },
  ] as unknown as Comparison['objects'];
  const { objects, outcomes } = explainObjects(
    found,
    read('objects: { macro a.f(x): changed, index a.i: removed }'),
  );
  expect(objects.map(({ explained }) => explained)).toEqual([true, false]);
  expect(outcomes.map(({ status }) => status)).toEqual(['met', 'unmatched']);
});

describe('what is proposed', () => {
  const propose = (found: object, text = '', claims: Partial<ClaimOutcome>[] = []) => {
    const expectations = read(text);
    const { outcomes } = judgeRows(expectations.filter(isAboutRows), claims.map(claimed));
    const comparison = {
      mode: 'semantic',
      tables: [table(found)],
      objects: [],
      expectations: outcomes,
    } as unknown as Comparison;
    return proposeExpectations(comparison, expectations, { noneOf }).proposals.map(
      ({ declares }) => declares,
    );
  };
  const rows = { kind: 'rows', of: 'changed', column: 'amount', because: null };
  const pattern = (relation: string | null) => ({ pattern: 'p', detail: null, relation, rows: 1 });
  const amount = (more: object = {}) => ({
    unexplained: 9,
    columns: [column('amount', { status: 'changed', changed: 9, unexplained: 9, ...more })],
  });

  test('is the one relation that covers all, with the condition and the count', () => {
    const found = amount({ patterns: [pattern('new = old + 1')], condition: 'new.x = 1' });
    expect(propose(found)).toEqual([
      { ...rows, where: 'new.x = 1', holds: 'new = old + 1', atLeast: 9, atMost: 9 },
    ]);
  });

  test('is no relation where there are several patterns, or none with one', () => {
    for (const patterns of [[pattern('a'), pattern('b')], [pattern(null)], []])
      expect(propose(amount({ patterns }))).toEqual([
        { ...rows, where: null, holds: null, atLeast: 9, atMost: 9 },
      ]);
  });

  test('is what the declarations that are there leave', () => {
    const text = 'tables: { a.b: { columns: { amount: [{ where: x }, { where: y }] } } }';
    const found = amount({ patterns: [pattern('new = old + 1')], condition: 'new.x = 1' });
    expect(propose(found, text, [{ claimed: 2 }, { claimed: 3 }])).toEqual([
      { ...rows, where: 'none of x; y', holds: 'new = old + 1', atLeast: 4, atMost: 4 },
    ]);
    // They claim all of it, and one is wrong: that is for the author to mend.
    expect(propose(found, text, [{ claimed: 2 }, { claimed: 7, broken: 1 }])).toEqual([]);
  });

  test('is nothing for what cannot be read', () => {
    const found = { status: 'skipped', skipped: 'unreadable', reason: 'broken' };
    expect(propose(found)).toEqual([]);
  });
});
