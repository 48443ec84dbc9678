import { describe, expect, test } from '@jest/globals';
import type { Engine, Physical } from '../../src/engines/engine.ts';
import type { Ledger } from '../../src/release/ledger.ts';
import type { SwapRecord } from '../../src/release/records.ts';
import {
  howFar,
  recoverExchange,
  settleCutOff,
  settleUnlessBusy,
} from '../../src/release/recover.ts';

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
function world(places: Record<string, string>, swaps: readonly SwapRecord[], isBusy = false) {
  const done: string[] = [];
  const look = async (at: string): Promise<Physical | null> =>
    places[at] === undefined ? null : { id: places[at], mark: '' };
  const engine = {
    capabilities: {},
    databases: {
      identify: look,
      glance: look,
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
        setState: async (release: string, state: string) => {
          done.push(`${release} is ${state}`);
        },
      }),
    hold: async (name: string) => ({
      held: !isBusy,
      holder: name,
      release: async () => {
        done.push(`let ${name} go`);
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

describe('what was cut off and needs no decision is ended:', () => {
  const back: SwapRecord = { ...record, direction: 'rollback', incoming: 'previous', kept: 'out' };

  test.each<[string, SwapRecord, Record<string, string>, string | null, string[]]>([
    [
      'a swap that had not happened',
      record,
      { live: 'old', previous: 'old' },
      'undone',
      ['drop previous', '3 undone'],
    ],
    ['a rollback that had not happened', back, { live: 'old' }, 'undone', ['3 undone']],
    [
      'a rollback that had happened',
      back,
      { live: 'new' },
      'done',
      ['3 done', 'pr-1 is rolled-back'],
    ],
    [
      'a swap that was taken back',
      { ...record, state: 'returning' },
      { live: 'old' },
      'returned',
      ['3 returned'],
    ],
    ['not a swap that had happened', record, { live: 'new' }, null, []],
    [
      'not a swap that is to be taken back',
      { ...record, state: 'returning' },
      { live: 'new' },
      null,
      [],
    ],
    ['nothing where live was replaced', record, { live: 'mine' }, null, []],
    ['nothing that is over', { ...record, state: 'done' }, { live: 'old' }, null, []],
  ])('%s', async (_, open, places, outcome, steps) => {
    const { done, parts } = world(places, [open]);
    const settled = await settleCutOff(parts);
    expect(settled.map((one) => one.outcome)).toEqual(outcome === null ? [] : [outcome]);
    expect(done).toEqual(steps);
  });

  test('of every release but the one that goes on by itself', async () => {
    const other = { ...record, id: 4, release: 'pr-2' };
    const { done, parts } = world({ live: 'old' }, [record, other]);
    expect(await settleCutOff(parts, 'pr-1')).toEqual([
      { release: 'pr-2', direction: 'swap', outcome: 'undone' },
    ]);
    expect(done).toEqual(['4 undone']);
  });

  test('and nothing while another process works on live', async () => {
    const busy = world({ live: 'old' }, [record], true);
    expect(await settleUnlessBusy(busy.parts)).toEqual([]);
    expect(busy.done).toEqual([]);
    const free = world({ live: 'old' }, [record]);
    expect(await settleUnlessBusy(free.parts)).toHaveLength(1);
    expect(free.done).toEqual(['3 undone', 'let live go']);
    const idle = world({ live: 'old' }, []);
    expect(await settleUnlessBusy(idle.parts)).toEqual([]);
    expect(idle.done).toEqual([]);
  });
});

test('how far it came is told by which database is live', () => {
  const at = (id: string) => ({ id, mark: '' });
  expect(howFar(record, at('old'))).toBe('live is as it was before');
  expect(howFar(record, at('new'))).toContain('is not verified yet');
  expect(howFar({ ...record, state: 'returning' }, at('new'))).toContain('the verification failed');
  expect(howFar({ ...record, direction: 'rollback' }, at('new'))).toContain('is live again');
  for (const live of [at('mine'), null]) expect(howFar(record, live)).toContain('neither');
});
