import { describe, expect, test } from '@jest/globals';
import type { Engine, Physical } from '../../src/engines/engine.ts';
import type { Ledger } from '../../src/release/ledger.ts';
import type { SwapRecord } from '../../src/release/records.ts';
import { recoverExchange } from '../../src/release/recover.ts';

const record: SwapRecord = {
  id: 3,
  release: 'pr-1',
  direction: 'swap',
  state: 'intended',
  live: 'live',
  live_id: 'old',
  incoming: 'candidate',
  incoming_mark: 'as exchanged',
  incoming_id: 'new',
  kept: 'previous',
  intended_at: '2026-01-01T00:00:00Z',
  finished_at: null,
  exchange_ms: null,
  live_mark_after: null,
  actor: 'alice',
  detail: null,
};

/** An engine and a ledger of a few lines: which database stands where, and what is done to them. */
function world(places: Record<string, string>, swaps: readonly SwapRecord[]) {
  const done: string[] = [];
  const engine = {
    databases: {
      identify: async (at: string): Promise<Physical | null> =>
        places[at] === undefined ? null : { id: places[at], mark: '' },
      drop: async (at: string) => {
        done.push(`drop ${at}`);
      },
    },
    swap: {
      exchange: async (...at: string[]) => {
        done.push(`exchange ${at.join(' ')}`);
      },
    },
  } as unknown as Engine;
  const ledger = {
    read: async (_: unknown, work: (reader: unknown) => unknown) =>
      work({ swaps: async () => swaps }),
    write: async (_: unknown, work: (writer: unknown) => unknown) =>
      work({
        updateSwap: async (id: number, { state }: { state: string }) => {
          done.push(`${id} ${state}`);
        },
      }),
  } as unknown as Ledger;
  return { done, parts: { engine, ledger } };
}

describe('an exchange that was cut off', () => {
  test.each<[string, SwapRecord['state'], Record<string, string>, string | null, string[]]>([
    ['had not begun', 'intended', { live: 'old', candidate: 'new' }, 'undone', ['3 undone']],
    [
      'had given the old database its second name',
      'intended',
      { live: 'old', candidate: 'new', previous: 'old' },
      'undone',
      ['drop previous', '3 undone'],
    ],
    [
      'had found another database where the old one is kept',
      'intended',
      { live: 'old', candidate: 'new', previous: 'mine' },
      'undone',
      ['3 undone'],
    ],
    ['had come to its end', 'intended', { live: 'new', previous: 'old' }, 'done', []],
    [
      'was about to go back',
      'returning',
      { live: 'new', previous: 'old' },
      // The caller puts it back, behind a fence.
      'returning',
      [],
    ],
    ['was back', 'returning', { live: 'old', candidate: 'new' }, 'returned', ['3 returned']],
    ['is over: done', 'done', { live: 'new' }, null, []],
    ['is over: undone', 'undone', { live: 'old' }, null, []],
    ['is over: returned', 'returned', { live: 'old' }, null, []],
  ])('and %s', async (_, state, places, outcome, steps) => {
    const { done, parts } = world(places, [{ ...record, state }]);
    const recovered = await recoverExchange(parts, { id: 'pr-1' });
    expect(recovered?.state ?? null).toBe(outcome);
    expect(done).toEqual(steps);
  });

  test.each(['intended', 'returning'] as const)(
    'is left alone when live is neither: %s',
    async (state) => {
      for (const places of [{ live: 'mine', previous: 'old' }, { previous: 'old' }]) {
        const { done, parts } = world(places as Record<string, string>, [{ ...record, state }]);
        await expect(recoverExchange(parts, { id: 'pr-1' })).rejects.toMatchObject({
          problem: {
            what: expect.stringContaining('neither the old database nor the new one'),
            live: 'live was replaced by somebody else',
          },
        });
        expect(done).toEqual([]);
      }
    },
  );

  test('of another release is not touched', async () => {
    const { done, parts } = world({ live: 'old' }, [{ ...record, release: 'pr-2' }]);
    expect(await recoverExchange(parts, { id: 'pr-1' })).toBeNull();
    expect(done).toEqual([]);
  });
});
