import { expect, test } from '@jest/globals';
import type { Physical } from '../../src/engines/engine.ts';
import type { StepContext } from '../../src/steps/context.ts';
import { lookAtKept, type Swapped } from '../../src/steps/verify-live.ts';

const seen: Physical = { id: 'live', mark: 'as it was seen behind the fence' };
const swapped = {
  release: 'pr-1',
  live: 'shop',
  previous: 'shop__previous',
  verified: true,
  drift_told: null,
} as unknown as Swapped;

interface Kept {
  /** What is found at `previous`; thrown when it is an error. */
  readonly found: Physical | null | Error;
  readonly moved?: readonly string[];
}

/** What is told of the old database, and what the ledger keeps of it. */
async function look({ found, moved = [] }: Kept, before: Physical | null = seen) {
  const warnings: string[] = [];
  const carriedOn: string[][] = [];
  const updates: unknown[] = [];
  const writer = {
    swaps: async () => [{ id: 7, release: 'pr-1' }],
    updateSwap: async (id: number, change: unknown) => void updates.push([id, change]),
  };
  const context = {
    engine: {
      capabilities: {},
      places: { describe: (at: string) => `database ${at}` },
      databases: {
        dropTrail: async () => false,
        identify: async (at: string) => {
          expect(at).toBe('shop__previous');
          if (found instanceof Error) throw found;
          return found;
        },
      },
      swap: {
        carryOn: async (...places: string[]) => {
          carriedOn.push(places);
          return moved;
        },
      },
    },
    ledger: { write: async (_: string, work: (to: typeof writer) => unknown) => work(writer) },
    host: { progress: { warn: (text: string) => void warnings.push(text) } },
  } as unknown as StepContext;
  await lookAtKept(context, swapped, before);
  return { warnings, carriedOn, updates };
}

test('what went on in the old database after it was seen last is told, with the sequences that go on', async () => {
  const found = { ...seen, mark: 'a number was drawn' };
  const { warnings, carriedOn, updates } = await look({ found, moved: ['public.up', 's.down'] });
  expect(carriedOn).toEqual([['shop__previous', 'shop']]);
  expect(warnings).toEqual([
    expect.stringMatching(
      /It stays in database shop__previous\. Sequences go on from there in live: public\.up, s\.down\.$/,
    ),
  ]);
  expect(updates).toEqual([[7, { detail: { verified: true, kept_mark: 'a number was drawn' } }]]);
});

test('no sequence is named where none went on', async () => {
  const { warnings } = await look({ found: { ...seen, mark: 'a view was refreshed' } });
  expect(warnings).toEqual([expect.stringMatching(/It stays in database shop__previous\.$/)]);
});

test('nothing is told of an old database that is as it was seen, or that nobody had seen', async () => {
  const nothing = { warnings: [], carriedOn: [] };
  expect(await look({ found: seen })).toMatchObject(nothing);
  expect(await look({ found: { ...seen, mark: 'other' } }, null)).toMatchObject(nothing);
  expect(await look({ found: null })).toMatchObject({ ...nothing, updates: [] });
});

test('that it could not be looked at is a warning only: the swap has happened', async () => {
  const { warnings } = await look({ found: new Error('the server is gone') });
  expect(warnings).toEqual(['The old database could not be looked at: the server is gone']);
});
