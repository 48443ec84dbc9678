import { stat } from 'node:fs/promises';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { approveLatest, doing, late, lateProjects, lateRows, writeOnce } from '../support/late.ts';
import type { Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

jest.setTimeout(240_000);

const quick = quickly();
const bases = lateProjects(quick);
const baseline = '.greenlight/pr-1/baseline/warehouse.duckdb';
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

const steps = async (project: Project) => {
  const rows = await project.sql('greenlight.duckdb', 'select step, state from step order by id');
  return rows.map(({ step, state }) => (state === 'done' ? step : `${step} ${state}`));
};
const stepsSinceApproval = async (project: Project) => {
  const all = await steps(project);
  return all.slice(all.indexOf('approve') + 1);
};
const drift = (project: Project) =>
  project.sql(
    'greenlight.duckdb',
    'select object_name, role, status, added, removed, changed, policy, state from drift order by found_at, object_name',
  );
const liveRows = async (project: Project) => (await project.sql('warehouse.duckdb', lateRows))[0];

interface Swapped {
  readonly caught_up: { policy: string; rounds: number; drift: { name: string }[] } | null;
}

describe('what changed in live since the clone', () => {
  test('is in the ledger, table by table, when the swap is refused', async () => {
    const project = await bases.fork('refuse');
    await project.sql(
      'warehouse.duckdb',
      `${late(100)}; delete from staging.events where id = 2; delete from staging.events where id = 3; insert into staging.events values (3, 'early', '-0.0'::double);
       insert into marts.revenue values ('new', 1)`,
    );
    const { gate } = await quick.refusal(3, project, 'swap');
    expect(gate?.reasons).toMatchObject([{ condition: 'drift' }]);
    expect(gate?.reasons[0]?.found).toContain(
      'staging.events: 1 row added, 1 removed, at least 1 changed',
    );
    const common = { policy: 'refuse', state: 'refused', status: 'changed' };
    expect(await drift(project)).toEqual(
      [
        { object_name: 'marts.revenue', role: 'result', added: '1', removed: '0', changed: '0' },
        { object_name: 'staging.events', role: 'input', added: '1', removed: '1', changed: '1' },
        { object_name: 'staging.recent', role: 'input', added: '1', removed: '0', changed: '0' },
      ].map((row) => ({ ...row, ...common })),
    );
  });

  test('is not looked for in a baseline that somebody wrote to', async () => {
    const project = await bases.fork('refuse');
    // Both now have the row, the candidate does not.
    await project.sql('warehouse.duckdb', late(100));
    await project.sql(baseline, late(100));
    const { gate } = await quick.refusal(3, project, 'swap');
    expect(gate?.reasons).toMatchObject([{ condition: 'drift' }]);
    expect(gate?.reasons[0]?.found).toContain('so was the baseline');
  });
});

describe('rebuild', () => {
  test.concurrent('goes on when the new comparison has the digest that was approved', async () => {
    const project = await bases.fork('rebuild');
    await project.sql('warehouse.duckdb', late(100));
    const { caught_up } = await quick.json<Swapped>(project, 'swap');
    expect(caught_up).toMatchObject({ policy: 'rebuild', rounds: 1 });
    expect(caught_up?.drift.map(({ name }) => name)).toEqual(['staging.events', 'staging.recent']);
    expect(await liveRows(project)).toEqual({ n: 1 });
    expect(await stepsSinceApproval(project)).toEqual([
      'swap refused',
      'clone',
      'migrate',
      'simulate',
      'compare',
      'swap',
    ]);
    expect((await drift(project)).map(({ state }) => state)).toEqual(['caught-up', 'caught-up']);
  });

  test.concurrent('ends refused when the results deviate in another way, and waits for the review', async () => {
    const project = await bases.fork('rebuild');
    await project.sql(
      'warehouse.duckdb',
      `insert into staging.orders values (1000, 'customer 1', 9)`,
    );
    const before = await project.fingerprint();
    const { gate, error } = await quick.refusal(3, project, 'swap');
    expect(gate?.reasons.map(({ condition }) => condition)).toEqual(['deviations', 'digest']);
    expect(error.cause).toContain('its new comparison waits for review');
    expect(error.help).toBe('greenlight report --release pr-1');
    expect(await project.fingerprint()).toBe(before);
    const report = await quick.json<{ comparison: number }>(project, 'report');
    expect(report.comparison).toBe(2);
    await approveLatest(quick, project);
    expect(await quick.json<Swapped>(project, 'swap')).toMatchObject({ caught_up: null });
    expect(
      await project.sql(
        'warehouse.duckdb',
        `select sum(amount) = (select sum(amount) from staging.orders) as all from marts.revenue`,
      ),
    ).toEqual([{ all: true }]);
  });

  test.concurrent('is not done for a live that was replaced', async () => {
    const project = await bases.fork('rebuild');
    await project.sql('warehouse.duckdb', late(100));
    await quick.json(project, 'status'); // nothing holds live any more
    await project.write('copy.sh', 'cp warehouse.duckdb x && mv x warehouse.duckdb');
    const { exitCode, stderr } = await project.runWith(
      // Just when it is about to be cloned.
      doing('sh copy.sh', 'ATTACH .* AS "source"'),
      'swap',
    );
    expect(stderr).toContain('Live was replaced by another database');
    expect(exitCode).toBe(3);
    // The same once more: nobody has decided to release onto that one.
    const { gate } = await quick.refusal(3, project, 'swap');
    expect(gate?.reasons.map(({ condition }) => condition)).toContain('comparison');
    expect(await stepsSinceApproval(project)).toEqual(['swap refused', 'clone', 'swap refused']);
  });

  test.concurrent('is not done when a person overrides the drift, who is told what stays behind', async () => {
    const project = await bases.fork('rebuild');
    await project.sql('warehouse.duckdb', late(100));
    const override = ['--override', 'it cannot wait', '--by', 'bob'];
    const { exitCode, stderr } = await quick.run(project, 'swap', ...override);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('bob overrides the gate, drift: live was changed since it was cloned');
    expect(stderr).toContain(
      'What was written to live since the clone is not in the database that goes live. It stays in .greenlight/pr-1/previous/warehouse.duckdb. No rebuild is done.',
    );
    expect((await drift(project)).map(({ state }) => state)).toEqual(['overridden', 'overridden']);
    expect(await liveRows(project)).toEqual({ n: 0 });
    const previous = await project.sql('.greenlight/pr-1/previous/warehouse.duckdb', lateRows);
    expect(previous).toEqual([{ n: 1 }]);
  });

  test.concurrent('is not done when there are other reasons against the swap', async () => {
    const project = await bases.fork('rebuild');
    await project.sql('warehouse.duckdb', late(100));
    await project.write('logic/02_more.sql', 'select 1;\n');
    const { gate } = await quick.refusal(3, project, 'swap');
    expect(gate?.reasons.map(({ condition }) => condition)).toEqual(['drift', 'logic']);
    expect(await stepsSinceApproval(project)).toEqual(['swap refused']);
  });

  test.concurrent('takes in what is written while it works', async () => {
    const project = await bases.fork('rebuild');
    await project.write('again.sh', `[ -f told ] || ${writeOnce(500)} > told`);
    await project.sql('warehouse.duckdb', late(100));
    const { caught_up } = await quick.json<Swapped>(project, 'swap');
    expect(caught_up?.rounds).toBe(2);
    expect(await liveRows(project)).toEqual({ n: 2 });
  });

  test.concurrent('gives up when live is written to each time', async () => {
    const project = await bases.fork('rebuild');
    await project.write('again.sh', `echo . >> runs; ${writeOnce('$((1000 + $(wc -l < runs)))')}`);
    await project.sql('warehouse.duckdb', late(100));
    const { gate, error } = await quick.refusal(3, project, 'swap');
    expect(gate?.reasons.map(({ condition }) => condition)).toEqual(['drift']);
    expect(error.cause).toBe('live was written to during each of 3 times rebuild');
    expect(await liveRows(project)).toEqual({ n: 4 });
    expect((await steps(project)).filter((step) => step === 'clone')).toHaveLength(4);
  });

  test.concurrent('is finished by the next swap when it was killed in the middle', async () => {
    const project = await bases.fork('rebuild');
    await project.sql('warehouse.duckdb', late(100));
    const atTheLogic = doing('kill -9 $PPID', '^delete from marts.revenue');
    expect((await project.runWith(atTheLogic, 'swap')).signal).toBe('SIGKILL');
    expect(await quick.json<Swapped>(project, 'swap')).toMatchObject({
      caught_up: { policy: 'rebuild', rounds: 1 },
    });
    expect(await liveRows(project)).toEqual({ n: 1 });
    expect((await drift(project)).map(({ state }) => state)).toEqual(['caught-up', 'caught-up']);
  });
});

describe('replay', () => {
  const changes = `${late(100)}; delete from staging.events where id = 2;
    delete from staging.events where id = 3; insert into staging.events values (3, 'early', '-0.0'::double); update staging.events set what = null where id = 4`;
  const content = 'select id, what, share::varchar as share from staging.events order by id';

  test.concurrent('brings rows over that came, went and changed, into baseline and candidate', async () => {
    const project = await bases.fork('replay');
    await project.sql('warehouse.duckdb', changes);
    const wanted = await project.sql('warehouse.duckdb', content);
    const { ino } = await stat(project.path(baseline));
    const { caught_up } = await quick.json<Swapped>(project, 'swap');
    expect(caught_up).toMatchObject({ policy: 'replay', rounds: 1 });
    expect(await project.sql('warehouse.duckdb', content)).toEqual(wanted);
    expect(await project.sql(baseline, content)).toEqual(wanted);
    expect((await stat(project.path(baseline))).ino).toBe(ino);
    expect(await stepsSinceApproval(project)).toEqual([
      'swap refused',
      'replay',
      'migrate',
      'simulate',
      'compare',
      'swap',
    ]);
  });

  test.concurrent('runs the logic on the rows that it has brought', async () => {
    const project = await bases.fork('replay');
    await project.sql(
      'warehouse.duckdb',
      `insert into staging.orders values (1000, 'customer 1', 9)`,
    );
    const { gate, error } = await quick.refusal(3, project, 'swap');
    expect(gate?.reasons.map(({ condition }) => condition)).toEqual(['deviations', 'digest']);
    expect(error.cause).toContain('a replay has brought the release up');
    await approveLatest(quick, project);
    await quick.json(project, 'swap');
    expect(
      await project.sql(
        'warehouse.duckdb',
        `select sum(amount) = (select sum(amount) from staging.orders) as all from marts.revenue`,
      ),
    ).toEqual([{ all: true }]);
  });

  for (const [what, sql, reasons] of [
    [
      'what are not rows of input tables with a key',
      `insert into marts.revenue values ('new', 1); insert into staging.loose values ('x');
       alter table staging.orders add column more integer; create sequence staging.ids`,
      [
        'marts.revenue: 1 row added, 0 removed, 0 changed: it is not among compare.input',
        'staging.loose: 1 row added, 0 removed, 0 changed: it has no key',
        'staging.orders: its structure changed: only rows can be brought over',
        'sequence staging.ids: added: it is not rows of an input table',
      ],
    ],
    [
      'rows that the engine does not take',
      'insert into staging.made values (1)',
      ['The rows could not be brought over. Binder Error'],
    ],
  ] as const) {
    test.concurrent(`falls back to a refusal for ${what}, and leaves all as it was`, async () => {
      const project = await bases.fork('replay');
      await project.sql('warehouse.duckdb', `${late(100)}; ${sql}`);
      const before = [await project.fingerprint(), await project.fingerprint(baseline)];
      const { gate, error } = await quick.refusal(3, project, 'swap');
      expect(gate?.reasons.map(({ condition }) => condition)).toEqual(['drift']);
      expect(error.cause).toContain('this cannot be replayed');
      for (const reason of reasons) expect(error.cause).toContain(reason);
      expect(error.help).toContain('swap.drift: rebuild');
      expect([await project.fingerprint(), await project.fingerprint(baseline)]).toEqual(before);
      const { releases } = await quick.json<{ releases: object[] }>(project, 'status');
      expect(releases).toMatchObject([{ state: 'approved', approved_by: ['alice'] }]);
      expect((await drift(project)).map(({ state }) => state)).not.toContain('caught-up');
    });
  }

  for (const [when, at] of [
    ['before its rows were committed', 'bring over the rows'],
    ['after its rows were committed', 'CHECKPOINT "greenlight: old"'],
  ] as const) {
    test.concurrent(`is finished by the next swap when it was killed ${when}`, async () => {
      const project = await bases.fork('replay');
      await project.sql('warehouse.duckdb', changes);
      const wanted = await project.sql('warehouse.duckdb', content);
      const killed = await project.runWith(doing('kill -9 $PPID', at), 'swap');
      expect(killed.signal).toBe('SIGKILL');
      // Nothing that lacks the rows can go live by another way either.
      expect((await quick.run(project, 'compare')).exitCode).not.toBe(0);
      const { caught_up } = await quick.json<Swapped>(project, 'swap');
      expect(caught_up?.policy).toBe('replay');
      expect(await project.sql('warehouse.duckdb', content)).toEqual(wanted);
    });
  }
});
