import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { SpentBudget } from '../../src/compare/budget.ts';

test('seconds that were used before are not given again', async () => {
  const budget = new SpentBudget({ seconds: 3600, used: 4000, deviations: null });
  expect(budget.spent).toBeNull();
  await once(budget.signal, 'abort');
  expect(budget.spent).toBe('--max-seconds 3600 was used up');
});

test('deviating rows are added up over the tables', () => {
  const budget = new SpentBudget({ seconds: null, deviations: 10 });
  expect([budget.add(6), budget.add(4), budget.spent]).toEqual([true, true, null]);
  expect([budget.add(1), budget.spent, budget.signal.aborted]).toEqual([
    false,
    '--max-deviations 10 was used up: 11 deviating rows so far',
    true,
  ]);
  budget.end();
});
