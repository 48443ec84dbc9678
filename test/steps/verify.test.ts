import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import type { StepContext } from '../../src/steps/context.ts';
import { verifying } from '../../src/steps/verify.ts';
import { projects } from '../support/fork.ts';
import { approveLatest, doing } from '../support/late.ts';
import { defaultConfig, defaultFiles, makeProject, type Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

jest.setTimeout(240_000);

const quick = quickly();

/** Says how many customers there are with a note, asked by another process; or writes, when told to. */
const program = `
import { DuckDBInstance } from ${JSON.stringify(import.meta.resolve('@duckdb/node-api'))};
const access_mode = process.argv[2] === 'write' ? 'READ_WRITE' : 'READ_ONLY';
const instance = await DuckDBInstance.create(process.env.GREENLIGHT_DATABASE, { access_mode });
const connection = await instance.connect();
const sql = process.argv[2] === 'write' ? 'delete from marts.revenue' : 'select count(*) filter (note is null) from marts.revenue';
const [[customers]] = (await connection.runAndReadAll(sql)).getRows();
console.log('customers', String(customers));
process.exit(Number(customers) === 7 ? 0 : 5);
`;
const config = (verify: string) => `${defaultConfig}swap: { verify: [${verify}], timeout: 5s }\n`;

const bases = projects({
  simulated: async () => {
    const files = {
      ...defaultFiles,
      'checks/rows.sql': 'select count(*) = 7 as seven from marts.revenue;\n',
      'checks/check.mjs': program,
    };
    const project = await makeProject({ files, config: config('') });
    await quick.steps(project, 'simulate');
    return project;
  },
});
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

async function approved(verify: string): Promise<Project> {
  const project = await bases.fork('simulated');
  await project.write('greenlight.yml', config(verify));
  await quick.json(project, 'compare');
  await approveLatest(quick, project);
  return project;
}

describe('a command verifies live', () => {
  test.concurrent('and may read it while writers are fenced off', async () => {
    const project = await approved(
      `checks/*.sql, { command: node checks/check.mjs > said, paths: [checks/check.mjs] }`,
    );
    expect(await quick.json(project, 'swap')).toMatchObject({ state: 'swapped', verified: 2 });
    expect(await readFile(project.path('said'), 'utf8')).toBe('customers 7\n');
  });

  test.concurrent('and cannot write to it: that fails, and the old database is put back', async () => {
    const project = await approved('{ command: node checks/check.mjs write }');
    const before = await project.fingerprint();
    const { error, verification } = await quick.refusal<Refused>(1, project, 'swap');
    expect(error.what).toContain('node checks/check.mjs write: failed with exit code 1');
    expect(error.what).toContain('Conflicting lock');
    expect(verification).toEqual({
      failures: ['node checks/check.mjs write: failed with exit code 1'],
      returned: true,
    });
    expect(await project.fingerprint()).toBe(before);
  });

  for (const [what, command, told] of [
    [
      'fails',
      '{ command: echo so it goes; exit 7 }',
      'echo so it goes; exit 7: failed with exit code 7\n  | so it goes',
    ],
    [
      'does not end in time',
      '{ command: sleep 60, timeout: 200ms }',
      'sleep 60: did not end within 200 ms and was stopped',
    ],
  ] as const) {
    test.concurrent(`and when it ${what}, the old database is put back`, async () => {
      const project = await approved(`checks/*.sql, ${command}`);
      const before = await project.fingerprint();
      const { error, verification } = await quick.refusal<Refused>(1, project, 'swap');
      expect(error.what).toContain('The verification failed, so the old database was put back');
      expect(error.what).toContain(told);
      expect(error.live).toContain('live is the old database again');
      expect(verification.returned).toBe(true);
      expect(await project.fingerprint()).toBe(before);
      const swaps = await project.sql('greenlight.duckdb', 'select state, detail from swap');
      expect(swaps).toMatchObject([{ state: 'returned' }]);
      // What a command says may be data.
      expect(String(swaps[0]?.detail)).not.toContain('so it goes\\n');
      expect(JSON.parse(String(swaps[0]?.detail))).toEqual({ failures: verification.failures });
    });
  }

  test.concurrent('and a file that it depends on is part of what was reviewed', async () => {
    const project = await approved('{ command: node checks/check.mjs, paths: [checks/check.mjs] }');
    await project.write('checks/check.mjs', 'process.exit(0)');
    const { gate } = await quick.refusal(3, project, 'swap');
    expect(gate?.reasons).toMatchObject([{ condition: 'logic' }]);
    expect(gate?.reasons[0]?.found).toContain('~ checks/check.mjs');
  });
});

test.concurrent('the checks are read before live is exchanged', async () => {
  const project = await approved('checks/*.sql');
  const remove = doing('rm -r checks', '^rename .*/candidate/warehouse.duckdb$');
  const { exitCode, stdout } = await project.runWith(remove, 'swap', '--json');
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ state: 'swapped', verified: 1 });
});

test('a verification that breaks off is one that failed', async () => {
  const context = {
    engine: {
      places: { live: 'live' },
      scripts: {
        open: async () => {
          throw new Error('out of memory\nwith details');
        },
      },
    },
    ledger: { location: 'ledger' },
  } as unknown as StepContext;
  const verification = { release: { id: 'pr-1' }, at: 'live', checks: [] };
  expect(await verifying(context, verification, async (verified) => verified)).toEqual({
    checks: 0,
    failures: [{ what: 'the verification broke off: out of memory' }],
  });
});

interface Refused {
  readonly error: { readonly what: string; readonly live: string };
  readonly verification: { readonly failures: string[]; readonly returned: boolean };
}
