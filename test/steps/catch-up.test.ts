import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { GreenlightError } from '../../src/errors.ts';
import { catchingUp, DecisionOutdated } from '../../src/steps/catch-up.ts';
import type { StepContext } from '../../src/steps/context.ts';

/** A release that is compared, an engine that can read behind its fence, and what is told and done. */
function world(longestHoldMs: number) {
  const done: string[] = [];
  const release = { id: 'pr-1', state: 'compared', live: 'shop' };
  const reader = { release: async () => release, releases: async () => [release] };
  const context = {
    engine: {
      places: { live: 'shop' },
      capabilities: { readsBehindFence: true },
      swap: {
        fence: async () => {
          done.push('fence');
          return { release: async () => void done.push('let go') };
        },
      },
    },
    ledger: {
      live: 'shop',
      read: async (_: unknown, work: (from: unknown) => unknown) => work(reader),
    },
    host: { progress: { note: () => undefined, warn: () => undefined } },
    config: { swap: { drift: 'replay', timeoutMs: 1_000, longestHoldMs } },
  } as unknown as StepContext;
  return { context, done };
}

const outdated = new DecisionOutdated({ what: 'Live was written to.' });

test('writers are kept waiting until the swap is over, and go on', async () => {
  const { context, done } = world(60_000);
  let attempts = 0;
  const swapped = await catchingUp(context, 'pr-1', async () => {
    attempts += 1;
    if (attempts < 3) throw outdated;
    done.push('swapped');
    return 'swapped';
  });
  expect([swapped, done]).toEqual(['swapped', ['fence', 'swapped', 'let go']]);
});

test('writers who have waited for as long as they may go on, and the swap is given up', async () => {
  const { context, done } = world(1);
  const refused = await catchingUp(context, 'pr-1', async () => {
    while (done.at(-1) === 'fence') await sleep(1);
    throw outdated;
  }).catch((error) => error);
  expect(refused).toBeInstanceOf(GreenlightError);
  expect(refused.problem.cause).toContain('swap.longest_hold');
  expect(done).toEqual(['fence', 'let go']);
});
