import { expect, test } from '@jest/globals';
import type { ObjectOutcome } from '../../src/compare/outcome.ts';
import { standingOfObjects } from '../../src/compare/standing.ts';

const made: ObjectOutcome = {
  kind: 'sequence',
  name: 'main.ids',
  status: 'added',
  explained: false,
  old_definition: null,
  new_definition: 'START 1',
};

test('an object that is as it was stands still, also when it was declared meanwhile', () => {
  const declared = { ...made, explained: true };
  expect(standingOfObjects([declared], [made])).toEqual([{ ...declared, standing: 'still' }]);
});

test('an object that deviates otherwise than before is new, and the one of before gone', () => {
  const other = { ...made, new_definition: 'START 5' };
  expect(standingOfObjects([other], [made])).toEqual([
    { ...other, standing: 'new' },
    { ...made, standing: 'gone' },
  ]);
});

test('without an earlier comparison nothing has a standing', () => {
  expect(standingOfObjects([made], null)).toEqual([{ ...made, standing: null }]);
});
