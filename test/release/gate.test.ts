import { describe, expect, test } from '@jest/globals';
import type { Drifted } from '../../src/release/drift.ts';
import { decideGate, type Evidence, gateBeforeClone } from '../../src/release/gate.ts';
import type { LogicHash } from '../../src/release/logic-hash.ts';
import type { Approval, ClonedRelease, ComparisonRecord } from '../../src/release/records.ts';

const release = {
  id: 'pr-1',
  state: 'approved',
  live_id: 'live 1',
  live_release: 'pr-0',
  candidate_id: 'candidate 1',
  author: null,
} as ClonedRelease;

const inventory = {
  'constraint marts.t: PRIMARY KEY(id)': 'a',
  'index marts.by_day': 'b',
  'table marts.t': 'c',
  'view marts.v': 'd',
};

const comparison = {
  id: 7,
  digest: 'd'.repeat(64),
  verdict: 'unexplained',
  logic_hash: 'logic 1',
  candidate_mark: 'mark 1',
  stopped: null,
  inventory,
} as unknown as ComparisonRecord;

const logic: LogicHash = { hash: 'logic 1', candidate: 'x', parts: { 'logic/a.sql': '1' } };
const approval = { digest: comparison.digest, approver: 'alice' } as Approval;

/** Everything is as it was reviewed. */
const good: Evidence = {
  release,
  comparison,
  comparedLogic: logic,
  unexplained: { deviations: ['marts.t: changed'], expectations: [] },
  approvals: [approval],
  approvalRules: { required: 1, byAuthor: false },
  logic,
  live: { id: 'live 1', mark: 'any' },
  liveRelease: 'pr-0',
  drift: [],
  driftPolicy: 'refuse',
  candidate: { id: 'candidate 1', mark: 'mark 1' },
  inventory: { migrated: inventory, now: inventory },
  namedDatabases: [],
  next: 'swap',
};

const drifted = (name: string): Drifted => ({
  kind: 'table',
  name,
  role: 'input',
  status: 'changed',
  added: 1,
  removed: 0,
  changed: 0,
  structural: false,
  key: null,
  reason: null,
});

const without = (name: keyof typeof inventory) =>
  Object.fromEntries(Object.entries(inventory).filter(([key]) => key !== name));

test('the gate is open when everything is as it was reviewed', () => {
  expect(decideGate(good)).toEqual({ open: true, reasons: [] });
  expect(decideGate({ ...good, release: { ...release, state: 'compared' } }).open).toBe(true);
});

test('the gate is closed for what was not cloned', () => {
  expect(gateBeforeClone({ id: 'pr-1' })).toMatchObject({
    open: false,
    reasons: [{ condition: 'comparison', help: 'greenlight clone --release pr-1' }],
  });
});

test.each(['identical', 'explained'] as const)('nobody has to approve what is %s', (verdict) => {
  expect(decideGate({ ...good, comparison: { ...comparison, verdict }, approvals: [] }).open).toBe(
    true,
  );
});

describe('one thing that is not as it was reviewed gives just its reason:', () => {
  const cases: Record<string, [Partial<Evidence>, condition: string, found: string, help: string]> =
    {
      'nothing was compared': [
        {
          release: { ...release, state: 'simulated' },
          comparison: null,
          approvals: [],
          next: 'compare',
        },
        'comparison',
        'the release is simulated',
        'greenlight compare --release pr-1',
      ],
      'it was simulated again': [
        { release: { ...release, state: 'simulated' }, next: 'compare' },
        'comparison',
        'the release is simulated',
        'greenlight compare --release pr-1',
      ],
      'the comparison ended early': [
        { comparison: { ...comparison, stopped: '--max-seconds 1 was used up' } },
        'comparison',
        'the comparison ended early: --max-seconds 1 was used up',
        'with a larger budget or none',
      ],
      'it was only cloned': [
        { release: { ...release, state: 'cloned' }, comparison: null, next: 'migrate' },
        'comparison',
        'the release is cloned',
        'greenlight migrate --release pr-1',
      ],
      'it was only migrated': [
        { release: { ...release, state: 'migrated' }, comparison: null, next: 'simulate' },
        'comparison',
        'the release is migrated',
        'greenlight simulate --release pr-1',
      ],
      'live is another database': [
        { live: { id: 'live 2', mark: 'any' } },
        'identity',
        'now it is live 2',
        'greenlight clone --release pr-1',
      ],
      'live is the database of a later release, and has the id of one that was dropped': [
        { liveRelease: 'pr-2' },
        'identity',
        'cloned was live 1 of pr-0, now it is live 1 of pr-2',
        'greenlight clone --release pr-1',
      ],
      'live is gone': [
        { live: null },
        'identity',
        'there is no live database any more',
        'greenlight clone --release pr-1',
      ],
      'live was written to': [
        { drift: [drifted('staging.orders')] },
        'drift',
        'staging.orders: 1 row added',
        'greenlight clone --release pr-1',
      ],
      'live was written to, and the swap will deal with it': [
        { drift: [drifted('staging.orders')], driftPolicy: 'rebuild' },
        'drift',
        'staging.orders: 1 row added',
        'greenlight swap --release pr-1: with nothing else in the way it does a rebuild first',
      ],
      'the logic is another one': [
        { logic: { ...logic, hash: 'logic 2', parts: { 'logic/a.sql': '2', 'logic/b.sql': '1' } } },
        'logic',
        '~ logic/a.sql',
        '--release pr-1',
      ],
      'the logic is another one, and nobody knows which parts': [
        { comparedLogic: null, logic: { ...logic, hash: 'logic 2' } },
        'logic',
        'not the one that was compared',
        '--release pr-1',
      ],
      'the candidate was written to': [
        { candidate: { id: 'candidate 1', mark: 'mark 2' } },
        'candidate',
        'changed after it was compared',
        'greenlight simulate --release pr-1',
      ],
      'the candidate is gone': [
        { candidate: null, inventory: null },
        'candidate',
        'the candidate is gone',
        'greenlight clone --release pr-1',
      ],
      'the candidate is another database': [
        { candidate: { id: 'candidate 2', mark: 'mark 1' }, inventory: null },
        'candidate',
        'another database took its place',
        'greenlight clone --release pr-1',
      ],
      'nobody approved': [
        { approvals: [] },
        'deviations',
        'this deviates, and nothing explains it; it is not approved:\n    marts.t: changed',
        `greenlight approve --release pr-1 --digest ${'d'.repeat(12)}`,
      ],
      'a declaration is not met, and nobody approved that': [
        {
          approvals: [],
          unexplained: { deviations: [], expectations: ['e.yml:3 marts.t added: matches nothing'] },
        },
        'expectations',
        'was declared, and is not met; it is not approved:\n    e.yml:3 marts.t added',
        `greenlight approve --release pr-1 --digest ${'d'.repeat(12)}`,
      ],
      'the ledger does not say what is unexplained': [
        { approvals: [], unexplained: { deviations: [], expectations: [] } },
        'deviations',
        'nothing explains it',
        'greenlight approve --release pr-1',
      ],
      'the logic lost a key': [
        lost(without('constraint marts.t: PRIMARY KEY(id)')),
        'inventory',
        '- constraint marts.t: PRIMARY KEY(id)',
        'let a migration change them',
      ],
      'the logic changed an index': [
        lost({ ...inventory, 'index marts.by_day': 'other' }),
        'inventory',
        '~ index marts.by_day',
        'let a migration change them',
      ],
      'an index vanished since the comparison': [
        {
          inventory: {
            migrated: without('index marts.by_day'),
            now: without('index marts.by_day'),
          },
        },
        'inventory',
        '- index marts.by_day',
        '--release pr-1',
      ],
      'a view came since the comparison': [
        { inventory: { migrated: inventory, now: { ...inventory, 'view marts.w': 'e' } } },
        'inventory',
        '+ view marts.w',
        '--release pr-1',
      ],
      'a view names a database': [
        { namedDatabases: ['  view marts.v names warehouse (live, candidate, baseline)'] },
        'definitions',
        'view marts.v names warehouse',
        'schema.table',
      ],
    };
  function lost(now: Record<string, string>): Partial<Evidence> {
    return {
      comparison: { ...comparison, inventory: now },
      inventory: { migrated: inventory, now },
    };
  }

  test.each(Object.entries(cases))('%s', (_, [broken, condition, found, help]) => {
    const { open, reasons } = decideGate({ ...good, ...broken });
    expect(open).toBe(false);
    expect(reasons.map((reason) => reason.condition)).toEqual([condition]);
    expect(reasons[0]?.found).toContain(found);
    expect(reasons[0]?.help).toContain(help);
  });
});

test.each(['swapped', 'rolled-back', 'retired'] as const)(
  'of a release that is %s there is nothing more to say than that',
  (state) => {
    const { open, reasons } = decideGate({
      ...good,
      release: { ...release, state },
      live: { id: 'candidate 1', mark: 'any' },
      candidate: null,
      inventory: null,
    });
    expect(open).toBe(false);
    expect(reasons).toEqual([
      {
        condition: 'comparison',
        found: `the release is ${state}: there is nothing to swap any more`,
        help: 'Begin a new release: greenlight clone --release ID',
        overridable: false,
      },
    ]);
  },
);

test('tables and views that the logic made anew are the business of the comparison', () => {
  const now = { ...inventory, 'table marts.t': 'other' };
  const made = without('view marts.v');
  for (const found of [now, made]) {
    const evidence = {
      ...good,
      comparison: { ...comparison, inventory: found },
      inventory: { migrated: inventory, now: found },
    };
    expect(decideGate(evidence)).toEqual({ open: true, reasons: [] });
  }
});

test('every reason is listed, and long lists are cut', () => {
  const { reasons } = decideGate({
    ...good,
    live: null,
    drift: Array.from({ length: 30 }, (_, at) => drifted(`staging.t${at}`)),
    logic: { ...logic, hash: 'logic 2' },
    candidate: null,
    approvals: [],
    inventory: { migrated: inventory, now: {} },
    namedDatabases: ['view v names x'],
  });
  expect(reasons.map(({ condition }) => condition)).toEqual([
    'identity',
    'drift',
    'logic',
    'candidate',
    'deviations',
    'inventory',
    'definitions',
  ]);
  expect(reasons[1]?.found.split('\n')).toHaveLength(22);
  expect(reasons[1]?.found).toContain('... 10 more');
});

describe('approvals', () => {
  const of = (approver: string, digest = comparison.digest) => ({ approver, digest }) as Approval;
  const stale = 'e'.repeat(64);
  const rules = { required: 1, byAuthor: false };
  const two = { ...rules, required: 2 };
  const byBob = { ...release, author: 'Bob' };

  test.each<[string, Partial<Evidence>]>([
    ['one person', { approvals: [of('alice')] }],
    ['one after an earlier digest', { approvals: [of('bob', stale), of('alice')] }],
    ['one again after another digest', { approvals: [of('alice'), of('alice', stale)] }],
    ['two of two', { approvalRules: two, approvals: [of('alice'), of('bob')] }],
    ['another one than the author', { release: byBob, approvals: [of('bob'), of('alice')] }],
    [
      'the author, where that counts',
      { release: byBob, approvals: [of('bob')], approvalRules: { ...rules, byAuthor: true } },
    ],
    ['whoever, where the author is unknown', { approvals: [of('bob')] }],
  ])('of %s open the gate', (_, given) => {
    expect(decideGate({ ...good, ...given })).toEqual({ open: true, reasons: [] });
  });

  test.each<[string, Partial<Evidence>, Record<string, string>]>([
    [
      'of another digest only',
      { approvals: [of('alice', stale), of('bob', stale), of('Alice', 'f'.repeat(64))] },
      {
        deviations: 'not approved',
        digest: `alice approved digest ${'e'.repeat(12)}, bob approved digest ${'e'.repeat(12)}, Alice approved digest ${'f'.repeat(12)}, but the latest comparison has ${'d'.repeat(12)}`,
      },
    ],
    [
      'of one where two are needed',
      { approvalRules: two, approvals: [of('alice')] },
      { deviations: 'not approved', approvals: '1 of 2 persons have approved: alice' },
    ],
    [
      'of one who writes the name in two ways',
      { approvalRules: two, approvals: [of('alice'), of(' ALICE ')] },
      { deviations: 'not approved', approvals: '1 of 2 persons have approved: alice' },
    ],
    [
      'of nobody where two are needed',
      { approvalRules: two, approvals: [] },
      { deviations: 'not approved', approvals: '0 of 2 persons have approved' },
    ],
    [
      'of two, one of them for another digest',
      { approvalRules: two, approvals: [of('bob', stale), of('alice')] },
      {
        deviations: 'not approved',
        digest: `bob approved digest ${'e'.repeat(12)}, but`,
        approvals: '1 of 2 persons have approved: alice',
      },
    ],
    [
      'of the author',
      { release: byBob, approvals: [of('bob ')] },
      { deviations: 'not approved', 'self-approval': 'is the author of this release' },
    ],
    [
      'of the author and one more, where two are needed',
      { release: byBob, approvalRules: two, approvals: [of('BOB'), of('alice')] },
      {
        deviations: 'not approved',
        approvals: '1 of 2 persons have approved: alice',
        'self-approval': 'BOB approved, but is the author',
      },
    ],
  ])('%s leave it closed, and say why', (_, given, told) => {
    const { open, reasons } = decideGate({ ...good, ...given });
    expect(open).toBe(false);
    expect(reasons.map(({ condition }) => condition)).toEqual(Object.keys(told));
    for (const { condition, found, help } of reasons) {
      expect(found).toContain(told[condition]);
      expect(help).toContain(`greenlight approve --release pr-1 --digest ${'d'.repeat(12)}`);
    }
  });
});

describe('a person may override', () => {
  const overridable = (given: Partial<Evidence>) =>
    decideGate({ ...good, ...given }).reasons.map((reason) => [
      reason.condition,
      reason.overridable,
    ]);

  test('what is a matter of judgement', () => {
    expect(
      overridable({
        release: { ...release, author: 'bob' },
        comparison: { ...comparison, stopped: '--max-seconds 1 was used up', inventory: {} },
        unexplained: { deviations: ['marts.t: changed'], expectations: ['e.yml:3 ...'] },
        approvals: [
          { approver: 'bob', digest: comparison.digest } as Approval,
          { approver: 'eve', digest: 'e'.repeat(64) } as Approval,
        ],
        approvalRules: { required: 2, byAuthor: false },
        drift: [drifted('staging.orders')],
        logic: { ...logic, hash: 'logic 2' },
        inventory: { migrated: inventory, now: {} },
      }),
    ).toEqual([
      ['comparison', true],
      ['drift', true],
      ['logic', true],
      ['deviations', true],
      ['expectations', true],
      ['digest', true],
      ['approvals', true],
      ['self-approval', true],
      ['inventory', true],
    ]);
  });

  test('nothing of which nobody knows what would go live, or onto what', () => {
    expect(overridable({ live: null })).toEqual([['identity', false]]);
    expect(overridable({ candidate: null })).toEqual([['candidate', false]]);
    expect(overridable({ candidate: { id: 'candidate 1', mark: 'mark 2' } })).toEqual([
      ['candidate', false],
    ]);
    expect(overridable({ namedDatabases: ['view v names x'] })).toEqual([['definitions', false]]);
    expect(overridable({ release: { ...release, state: 'simulated' } })).toEqual([
      ['comparison', false],
    ]);
    expect(overridable({ release: { ...release, state: 'swapped' } })).toEqual([
      ['comparison', false],
    ]);
    expect(overridable({ inventory: { migrated: inventory, now: {} } })).toEqual([
      ['inventory', false],
    ]);
  });
});
