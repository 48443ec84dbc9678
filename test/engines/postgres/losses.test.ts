import { expect, test } from '@jest/globals';
import { type Held, lossesOf } from '../../../src/engines/postgres/losses.ts';

const held = (...objects: (readonly [kind: string, name: string, definition: string])[]): Held => ({
  relations: [],
  objects: objects.map(([kind, name, definition]) => ({ kind, name, definition })),
});

test('the same loses nothing, in whatever order', () => {
  const [a, b] = [
    ['index', 's.i', 'on a'],
    ['comment', 'table s.t', 'x'],
  ] as const;
  expect(lossesOf(held(a, b), held(b, a))).toEqual([]);
});

test('missing, other and additional objects are told; the words of others are not', () => {
  const live = held(
    ['index', 's.i', ''],
    ['comment', 'index s.i', 'x'],
    ['default', 's.t.v', "'secret'"],
    ['owner', 't', 'app'],
  );
  const copy = held(['default', 's.t.v', '7'], ['owner', 't', 'me'], ['comment', 'table s.t', 'x']);
  expect(lossesOf(live, copy)).toEqual([
    'index s.i',
    'default s.t.v as live has it',
    'owner t as live has it (app; the clone: me)',
    'a state without comment table s.t',
  ]);
});

test('other words after a cast are other words', () => {
  const live = held(['policy', 's.t.p', 'USING (a::text = b AND c)']);
  const copy = held(['policy', 's.t.p', 'USING (a::text = b OR c)']);
  expect(lossesOf(live, copy)).toEqual(['policy s.t.p as live has it']);
  const cast = held(['policy', 's.t.p', 'USING (a::character varying(9) = b AND c)']);
  expect(lossesOf(live, cast)).toEqual([expect.stringMatching(/^the spelling of policy/)]);
});

test('a column of another type is told; casts and brackets are one line', () => {
  const table = (type: string) => ({
    ...({
      schema: 's',
      name: 't',
      kind: 'table',
      keys: [],
      definition: null,
      fault: null,
    } as const),
    columns: [{ name: 'a', type }],
  });
  const check = (name: string, text: string) => held(['constraint', name, text]).objects;
  const written = "CHECK (v::text = ANY (ARRAY['a'::character varying]::text[]))";
  const anew = "CHECK (v::text = ANY (ARRAY['a'::character varying::text]))";
  const live = {
    relations: [table('integer')],
    objects: [...check('k', written), ...check('l', written)],
  };
  const copy = {
    relations: [table('bigint')],
    objects: [...check('k', anew), ...check('l', anew)],
  };
  expect(lossesOf(live, copy)).toEqual([
    'table s.t as live has it',
    'the spelling of constraint k, constraint l: PostgreSQL has written it anew, from the same words',
  ]);
});
