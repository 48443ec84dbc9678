import { expect, test } from '@jest/globals';
import { hiddenBy, requireVisible } from '../../../src/engines/sqlserver/visible.ts';
import { GreenlightError } from '../../../src/errors.ts';
import { tsqlFault } from '../../support/tsql-grammar.ts';

const found = { masked: '0', unmasks: '0', policy: null, stored_rows: '7' };
const check = (more: Partial<Record<keyof typeof found, string>>, seen = '7') =>
  requireVisible({ ...found, ...more }, 's.t', async () => seen);

test('a table of which all is seen can be compared', async () => {
  await check({});
  await check({ masked: '2', unmasks: '1' });
  await check({ policy: 'tenants' });
  await requireVisible(undefined, 's.t', async () => '1');
});

test.each([
  ['masked values', { masked: '2' }, /masked columns/],
  [
    'rows that a policy hides',
    { policy: 'tenants', stored_rows: '8' },
    /security policy tenants hides rows/,
  ],
])('%s are told', async (_, more, what) => {
  const error = await check(more).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(GreenlightError);
  expect(error.problem.what).toMatch(what);
});

test('what is asked is T-SQL', async () => {
  expect(await tsqlFault(hiddenBy('a]b', "s'", 't'))).toBeNull();
});
