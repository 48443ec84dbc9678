import { expect, test } from '@jest/globals';
import type { Engine } from '../../src/engines/engine.ts';
import { raiseFences } from '../../src/release/exchange.ts';
import type { Ledger } from '../../src/release/ledger.ts';

test('a fence that does not go away does not keep the others up', async () => {
  const standing = new Set<string>();
  const fence = async (at: string) => {
    standing.add(at);
    return {
      release: async () => {
        if (at === 'live') throw new Error('its pool does not resume');
        standing.delete(at);
      },
    };
  };
  const engine = { swap: { fence } } as unknown as Engine;
  const fences = await raiseFences({ engine, ledger: {} as Ledger }, ['live', 'candidate'], 1000);
  await expect(fences.release()).rejects.toThrow('does not resume');
  expect([...standing]).toEqual(['live']);
});
