import { afterAll, describe, expect, jest, test } from '@jest/globals';
import {
  asOf,
  baseline,
  candidate,
  config,
  type Kind,
  kinds,
  logicOf,
  makeBitemporal,
  newNumbers,
  oldNumbers,
  parked,
  reportsOf,
  rowsOf,
} from '../support/bitemporal.ts';
import { projects } from '../support/fork.ts';
import type { Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// Five tests at a time share two processes.
jest.setTimeout(240_000);

const quick = quickly();
const bases = projects({
  cloned: async (): Promise<Project> => {
    const project = await makeBitemporal();
    await quick.json(project, 'clone', '--release', 'pr-1');
    return project;
  },
  simulated: async (): Promise<Project> => {
    const project = await bases.fork('cloned');
    await quick.json(project, 'simulate');
    return project;
  },
});
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

describe('simulate', () => {
  test.concurrent('parks the new rows and proves all others unchanged, whichever way a table writes its open end', async () => {
    const project = await bases.fork('cloned');
    const before = await project.fingerprint();
    const result = await quick.json(project, 'simulate');
    const counts = { superseded: 1, added: 1, unchanged: 4 };
    expect(result).toMatchObject({
      clock: parked,
      bitemporal: {
        parked,
        tables: [
          { table: 'vault.far', open_end: '9999-12-31', ...counts },
          { table: 'vault.infinity', open_end: 'infinity', ...counts },
          { table: 'vault.nothing', open_end: 'NULL', ...counts },
        ],
      },
    });
    for (const kind of Object.keys(kinds) as Kind[]) {
      // Old and new side by side, for dedicated queries.
      expect(await asOf(project, candidate, kind, '8999-12-31')).toEqual(oldNumbers);
      expect(await asOf(project, candidate, kind, '9000-01-01')).toEqual(newNumbers);
    }
    expect(await project.fingerprint()).toBe(before);
  });

  test.concurrent('leaves standard reports as they are, byte by byte', async () => {
    const project = await bases.fork('simulated');
    const reports = await reportsOf(project, candidate);
    expect(reports).toContain('2025-01-01,21.00');
    expect(reports).toBe(await reportsOf(project, baseline));
  });

  test.concurrent('says what it met, and what it proved', async () => {
    const project = await bases.fork('cloned');
    const { stdout, stderr } = await quick.run(project, 'simulate');
    expect(stderr).toContain('vault.far 9999-12-31, vault.infinity infinity, vault.nothing NULL');
    expect(stdout).toContain('Parked at 9000-01-01T00:00:00Z; proven: nothing else changed');
    expect(stdout).toMatch(/vault\.infinity +.*infinity +.*1 +.*1 +.*4/);
  });

  test.concurrent('applied twice gives what one run gives', async () => {
    const project = await bases.fork('simulated');
    const once = await rowsOf(project, candidate, 'infinity');
    await quick.json(project, 'simulate');
    expect(await rowsOf(project, candidate, 'infinity')).toEqual(once);
  });

  test.concurrent('shows the logic the now of the business beside the parked one', async () => {
    const project = await bases.fork('cloned');
    await project.write(
      'greenlight.yml',
      config.replace(
        'run: [logic/*.sql]',
        'run: [logic/*.sql, { command: "env > seen.txt" }], clock: 2025-06-30T12:00:00Z',
      ),
    );
    await project.write(
      'logic/now.sql',
      `create table vault.seen as select getvariable('greenlight_now')::varchar as now, getvariable('greenlight_business_now')::varchar as today;\n`,
    );
    await quick.json(project, 'simulate');
    expect(await project.sql(candidate, 'from vault.seen')).toEqual([
      { now: '9000-01-01 00:00:00+00', today: '2025-06-30 12:00:00+00' },
    ]);
    const [{ content } = {}] = await project.sql(
      'greenlight.duckdb',
      `select content from read_text('${project.path('seen.txt')}')`,
    );
    expect(content).toContain('GREENLIGHT_NOW=9000-01-01T00:00:00Z\n');
    expect(content).toContain('GREENLIGHT_BUSINESS_NOW=2025-06-30T12:00:00Z\n');
  });

  test.concurrent('parks at the same instant in every time zone', async () => {
    const project = await bases.fork('cloned');
    const { exitCode } = await project.runWith({ env: { TZ: 'Asia/Tokyo' } }, 'simulate');
    expect(exitCode).toBe(0);
    expect(
      await project.sql(
        candidate,
        `select tech_from::varchar as at from vault.nothing where tech_from > '2999-01-01'`,
      ),
    ).toEqual([{ at: '9000-01-01 00:00:00' }]);
  });

  const wrongLogic: [string, string, string[]][] = [
    [
      'deletes history',
      `delete from vault.infinity where tech_to < '2999-01-01';\n`,
      ['vault.infinity: 1 row of production changed or deleted'],
    ],
    [
      'changes a row instead of closing it',
      `update vault.nothing set bonus = bonus + 1 where customer = 1;\n`,
      [
        'vault.nothing: 3 rows of production changed or deleted',
        'vault.nothing: 3 rows that production does not have, and not beginning at the parked instant',
      ],
    ],
    [
      'takes the clock of the engine',
      `update vault.infinity set tech_to = now() where tech_to = 'infinity' and customer = 2;\n`,
      [
        'vault.infinity: 1 row of production changed or deleted',
        'vault.infinity: 1 row that production does not have, and not beginning at the parked instant',
        'vault.infinity: 1 row beginning at the parked instant and ending before it',
      ],
    ],
    [
      'writes another instant of the future',
      `insert into vault.far values (9, '2025-01-01', '2025-02-01', 1, '8000-01-01', '9999-12-31');\n`,
      [
        'vault.far: 1 row with a technical instant in the future that is not the parked one',
        'vault.far: 1 row that production does not have, and not beginning at the parked instant',
      ],
    ],
    [
      'ends a row before it begins',
      `insert into vault.far values (9, '2025-01-01', '2025-02-01', 1, '9000-01-01', '2025-01-01');\n`,
      ['vault.far: 1 row beginning at the parked instant and ending before it'],
    ],
    [
      'writes the open end in another way than production',
      `insert into vault.nothing values (9, '2025-01-01', '2025-02-01', 1, '9000-01-01', 'infinity');\n`,
      ['vault.nothing: open ends are written as infinity, production writes NULL'],
    ],
    [
      'closes a row that was closed before',
      `update vault.infinity set tech_to = getvariable('greenlight_now') where tech_to = '2025-03-05';\n`,
      ['vault.infinity: 1 row of production changed or deleted'],
    ],
  ];
  test.concurrent.each(wrongLogic)('names logic that %s', async (_, sql, faults) => {
    const project = await bases.fork('cloned');
    await project.write('logic/z.sql', sql);
    const { error } = await quick.refusal(1, project, 'simulate');
    expect(error.what).toContain('standard reports would change before the swap');
    for (const fault of faults) expect(error.what).toContain(`  ${fault}`);
    expect(error.live).toBe('live is unchanged');
    // Nobody compares what was not proven.
    expect((await quick.refusal(2, project, 'compare')).error.help).toContain(
      'greenlight simulate',
    );
  });

  test.concurrent('warns of the parked instant where the swap would leave it', async () => {
    const project = await bases.fork('cloned');
    await project.write(
      'logic/z.sql',
      `create table vault.loads (loaded timestamp); insert into vault.loads values (getvariable('greenlight_now'));\n`,
    );
    const { stderr, exitCode } = await quick.run(project, 'simulate');
    expect(exitCode).toBe(0);
    expect(stderr).toContain('vault.loads.loaded holds the parked instant in 1 row');
    expect(stderr).toContain('greenlight_business_now');
  });

  const wrongStart: [string, { live?: string; bitemporal?: string }, string][] = [
    [
      'the parked instant is in the data',
      {
        live: `update vault.infinity set tech_to = '9000-01-01 00:00:00+00' where tech_to = '2025-03-05'`,
      },
      'vault.infinity: held by 1 row already',
    ],
    [
      'a date before the parked instant stands for an open end',
      { live: `update vault.far set tech_to = '2999-12-31' where tech_to = '9999-12-31'` },
      'vault.far: 4 rows with a technical instant between the clone and the parked instant',
    ],
    [
      'a row begins after the parked instant',
      { live: `update vault.nothing set tech_from = '9500-01-01' where customer = 2` },
      'vault.nothing: 2 rows beginning after it',
    ],
    [
      'a table writes its open end in two ways',
      { live: `update vault.far set tech_to = null where customer = 2 and tech_to > '9000-01-01'` },
      'vault.far: its open end is written in two ways: NULL and 9999-12-31',
    ],
    [
      'a type does not hold the parked instant',
      { live: 'create table vault.fine (tech_from timestamp_ns, tech_to timestamp_ns)' },
      'vault.fine: TIMESTAMP_NS does not hold this instant',
    ],
    [
      'the parked instant is no future',
      { bitemporal: '{ technical: [tech_from, tech_to], parked: 2020-01-01T00:00:00Z }' },
      'The parked instant 2020-01-01T00:00:00Z is not in the future.',
    ],
    [
      'no table has the columns',
      { bitemporal: '{ technical: [tech_from, tech_until] }' },
      'No table of the candidate has both tech_from and tech_until.',
    ],
  ];
  test.concurrent.each(wrongStart)(
    'refuses to run when %s',
    async (_, { live: sql, bitemporal }, why) => {
      const project = await bases.fork('cloned');
      if (sql !== undefined) {
        await project.sql('warehouse.duckdb', `${sql}; checkpoint`);
        await quick.json(project, 'clone', '--release', 'pr-1');
      }
      if (bitemporal !== undefined)
        await project.write(
          'greenlight.yml',
          config.replace(/bitemporal: \{.*?\}/, `bitemporal: ${bitemporal}`),
        );
      const { error } = await quick.refusal(2, project, 'simulate');
      expect(error.what).toContain(why);
      expect(error.where).toContain('greenlight.yml: simulate.bitemporal');
      expect(await project.sql('greenlight.duckdb', 'from simulation')).toEqual([]);
    },
  );

  test.concurrent('goes over periods, all parked at one instant', async () => {
    const project = await bases.fork('cloned');
    await project.write(
      'greenlight.yml',
      config.replace(
        'run: [logic/*.sql],',
        'run: [logic/periods.sql], for each: SELECT DISTINCT month FROM raw.turnover ORDER BY month,',
      ),
    );
    await project.write(
      'logic/periods.sql',
      `update vault.infinity set tech_to = {{ now }} where tech_to = 'infinity' and valid_from = {{ month }};
       insert into vault.infinity select customer, month, month + 31, amount, {{ now }}, 'infinity' from raw.turnover where month = {{ month }};
       create table if not exists vault.days (day date);
       insert into vault.days values ({{ business_now }});\n`,
    );
    const counts = { superseded: 4, added: 4, unchanged: 1 };
    expect(await quick.json(project, 'simulate')).toMatchObject({
      clock: parked,
      periods: { total: 2 },
      bitemporal: { tables: [{}, { table: 'vault.infinity', ...counts }, {}] },
    });
    expect(
      await project.sql(candidate, `select count(*) as n from vault.days where day < '2999-01-01'`),
    ).toEqual([{ n: '2' }]);
  });

  test.concurrent('tells what the old logic did to the known past of the control', async () => {
    const project = await bases.fork('cloned');
    await project.write(
      'greenlight.yml',
      config.replace('run: [', 'control: { folder: old }, run: ['),
    );
    await project.write('old/greenlight.yml', config);
    for (const kind of Object.keys(kinds) as Kind[])
      await project.write(
        `old/logic/${kind}.sql`,
        logicOf(kind, kinds[kind]).replace('0.02', '0.01'),
      );
    await quick.json(project, 'simulate');
    const { tables, noise } = await quick.json<{ tables: { table: string }[]; noise: object }>(
      project,
      'compare',
    );
    expect(tables.find(({ table }) => table === 'vault.far')).toMatchObject({
      changed: 1,
      history: 3,
    });
    expect(noise).toMatchObject({ tables: [] });
    await project.write('old/logic/z.sql', `delete from vault.far where tech_to < '2999-01-01';\n`);
    const { stderr, exitCode } = await quick.run(project, 'simulate');
    expect(exitCode).toBe(0);
    expect(stderr).toContain(
      'In the control, the old logic did more than to park its rows: vault.far: 1 row of production changed or deleted.',
    );
  });

  test.concurrent('names tables that have half of a technical validity', async () => {
    const project = await bases.fork('cloned');
    await project.sql(
      'warehouse.duckdb',
      `create table vault.half (tech_from date); create table vault.texts (tech_from varchar, tech_to varchar); checkpoint`,
    );
    await quick.json(project, 'clone', '--release', 'pr-1');
    const { stderr, exitCode } = await quick.run(project, 'simulate');
    expect(exitCode).toBe(0);
    expect(stderr).toContain(
      'vault.half is not taken as bitemporal: it has tech_from and not tech_to',
    );
    expect(stderr).toContain('vault.texts is not taken as bitemporal: tech_from has type VARCHAR');
  });
});

describe('compare', () => {
  test.concurrent('takes old and new logic as slices of one table', async () => {
    const project = await bases.fork('simulated');
    await project.write('greenlight.yml', `${config}privacy: full\n`);
    const { tables, coverage, verdict } = await quick.json<{
      tables: { table: string }[];
      coverage: object;
      verdict: string;
    }>(project, 'compare');
    expect(verdict).toBe('unexplained');
    for (const kind of Object.keys(kinds)) {
      expect(tables.find(({ table }) => table === `vault.${kind}`)).toMatchObject({
        status: 'changed',
        key: ['customer', 'valid_from'],
        old_rows: 4,
        new_rows: 4,
        added: 0,
        removed: 0,
        changed: 1,
        // The corrected row, on both sides, and the superseded one.
        history: 3,
        proof: 'exact',
        columns: expect.arrayContaining([
          expect.objectContaining({ column: 'bonus', status: 'changed', changed: 1 }),
          expect.objectContaining({ column: 'valid_to', status: 'identical' }),
          expect.objectContaining({ column: 'tech_to', status: 'identical', changed: 0 }),
        ]),
      });
    }
    // Standard reports have not changed.
    expect(
      tables.filter(({ table }) => table.startsWith('reports.')).map((one) => ({ ...one })),
    ).toMatchObject(Array(3).fill({ status: 'identical' }));
    expect(coverage).toMatchObject({
      history: { tables: 3, rows: 9 },
      rows: { compared: 3 * 8 + 8 + 3 * 4 },
    });
    expect(
      await project.sql(
        'greenlight.duckdb',
        `select table_name, kind, row_key, old_values, new_values from row_deviation where table_name = 'vault.infinity'`,
      ),
    ).toEqual([
      {
        table_name: 'vault.infinity',
        kind: 'changed',
        row_key: '{"customer":"2","valid_from":"2025-01-01"}',
        old_values: '{"bonus":"12.00"}',
        new_values: '{"bonus":"24.00"}',
      },
    ]);
    const { stdout } = await quick.run(project, 'compare');
    expect(stdout).toContain(
      'Of 3 bitemporal tables, what is visible at the parked instant; the 9 rows of history are proven unchanged',
    );
  });

  test.concurrent('finds nothing where the logic is unchanged', async () => {
    const project = await bases.fork('cloned');
    for (const kind of Object.keys(kinds) as Kind[])
      await project.write(`logic/${kind}.sql`, logicOf(kind, kinds[kind]).replace('0.02', '0.01'));
    expect(await quick.json(project, 'simulate')).toMatchObject({
      bitemporal: { tables: Array(3).fill({ superseded: 0, added: 0, unchanged: 5 }) },
    });
    expect(await quick.json(project, 'compare')).toMatchObject({ verdict: 'identical' });
  });

  test.concurrent('finds rows that begin and end with the new logic, and a business validity that moved', async () => {
    const project = await bases.fork('cloned');
    await project.write(
      'logic/infinity.sql',
      `update vault.infinity set tech_to = getvariable('greenlight_now') where customer = 1 and tech_to = 'infinity';
       insert into vault.infinity values (7, '2025-01-01', '2025-02-01', 1, getvariable('greenlight_now'), 'infinity'),
         (1, '2025-01-01', '2025-01-16', 9, getvariable('greenlight_now'), 'infinity');\n`,
    );
    await quick.json(project, 'simulate');
    const { tables } = await quick.json<{ tables: { table: string }[] }>(project, 'compare');
    expect(tables.find(({ table }) => table === 'vault.infinity')).toMatchObject({
      added: 1,
      removed: 1,
      changed: 1,
      columns: expect.arrayContaining([
        expect.objectContaining({ column: 'valid_to', changed: 1 }),
      ]),
    });
  });

  test.concurrent('refuses a key that holds a technical column', async () => {
    const project = await bases.fork('simulated');
    await project.write(
      'greenlight.yml',
      config.replace(
        '[raw.*] }',
        '[raw.*], keys: { vault.far: [customer, valid_from, tech_from] } }',
      ),
    );
    const { error } = await quick.refusal(2, project, 'compare');
    expect(error.what).toContain('vault.far.tech_from belongs to the technical validity');
  });

  test.concurrent('takes a table of a migration whole, and still proves the history of a changed one', async () => {
    const project = bases.keep(
      await makeBitemporal({
        config: config.replace('simulate:', 'migrate: { scripts: migrations/ }\nsimulate:'),
        files: {
          'migrations/V1__more.sql': `alter table vault.far add column note varchar default 'n';
            create table vault.made (id integer primary key, tech_from date, tech_to date);`,
          'logic/made.sql': `insert into vault.made values (1, '9000-01-01', null);\n`,
        },
      }),
    );
    const { simulate, compare } = await quick.steps(project, 'compare');
    expect(simulate?.bitemporal).toMatchObject({
      tables: [{ table: 'vault.far' }, {}, { table: 'vault.made', open_end: null, added: 1 }, {}],
    });
    const tables = compare?.tables as { table: string }[];
    expect(tables.find(({ table }) => table === 'vault.made')).toMatchObject({
      status: 'added',
      new_rows: 1,
      history: null,
    });
    expect(tables.find(({ table }) => table === 'vault.far')).toMatchObject({
      changed: 1,
      history: 3,
    });
  });
});
