import { afterAll, expect, jest, test } from '@jest/globals';
import { loadConfig } from '../../src/config/load.ts';
import type { Engine } from '../../src/engines/engine.ts';
import { createEngine } from '../../src/engines/registry.ts';
import type { Host } from '../../src/hosts/host.ts';
import { Ledger } from '../../src/release/ledger.ts';
import type { StepContext } from '../../src/steps/context.ts';
import { rollback } from '../../src/steps/rollback.ts';
import { swap } from '../../src/steps/swap.ts';
import { projects } from '../support/fork.ts';
import { defaultConfig, defaultFiles, makeProject, type Project } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

/** DuckDB as if it were an engine whose fence lets writers in until the exchange. */

jest.setTimeout(120_000);

const quick = quickly();
const bases = projects({
  approved: async (): Promise<Project> => {
    const project = await makeProject({ config: defaultConfig, files: defaultFiles });
    await quick.steps(project, 'simulate');
    const { digest } = await quick.json<{ digest: string }>(project, 'compare');
    await quick.json(project, 'approve', '--digest', digest, '--by', 'alice');
    return project;
  },
  swapped: async (): Promise<Project> => {
    const project = await bases.fork('approved');
    await quick.json(project, 'swap');
    return project;
  },
});
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

const previous = '.greenlight/pr-1/previous/warehouse.duckdb';
const candidate = '.greenlight/pr-1/candidate/warehouse.duckdb';
const rolledBack = '.greenlight/pr-1/rolled-back/warehouse.duckdb';
const late = `insert into staging.orders values (1000, 'late', 1)`;
const isLate = `select count(*)::integer as n from staging.orders where id = 1000`;
const released = `select count(*)::integer as n from information_schema.columns
  where table_name = 'revenue' and column_name = 'note'`;

interface Happens {
  /** Right before the next exchange; and before that back. */
  readonly before?: () => Promise<unknown>;
  readonly beforeReturn?: () => Promise<unknown>;
  /** Right after it, the process ends. */
  readonly isCutOff?: boolean;
}

async function unfenced(
  project: Project,
  { before = async () => undefined, beforeReturn = before, isCutOff = false }: Happens = {},
): Promise<{ context: StepContext; warnings: string[] }> {
  const config = await loadConfig(project.path('greenlight.yml'), {});
  const own = await createEngine(config.engine, config);
  const due = [before, beforeReturn];
  const engine: Engine = {
    ...own,
    capabilities: { ...own.capabilities, fenceKeepsWriters: false, readsBehindFence: false },
    swap: {
      ...own.swap,
      fence: async () => ({ release: async () => undefined }),
      exchange: async (...places) => {
        await due.shift()?.();
        await own.swap.exchange(...places);
        if (isCutOff) throw new Error('cut off');
      },
    },
  };
  const warnings: string[] = [];
  const task = { advance: () => undefined, done: () => undefined, failed: () => undefined };
  const progress = {
    note: () => undefined,
    warn: (text: string) => void warnings.push(text),
    task: () => task,
  };
  const host = { actor: 'tester', progress } as unknown as Host;
  const ledger = new Ledger(engine.stores, engine.places.live);
  return { context: { config, engine, ledger, host }, warnings };
}

async function count(project: Project, file: string, sql: string): Promise<unknown> {
  return (await project.sql(file, sql))[0]?.n;
}

test('a swap whose live was written to at the last moment is put back', async () => {
  const project = await bases.fork('approved');
  const { context } = await unfenced(project, {
    before: () => project.sql('warehouse.duckdb', late),
    beforeReturn: async () => undefined,
  });
  await expect(swap(context, {})).rejects.toMatchObject({
    problem: { what: expect.stringContaining('was written to while the swap was under way') },
    verification: { returned: true },
  });
  expect(await count(project, 'warehouse.duckdb', isLate)).toBe(1);
  expect(await count(project, 'warehouse.duckdb', released)).toBe(0);
});

test('so is one that was cut off right behind its exchange, by whoever goes on with it', async () => {
  const project = await bases.fork('approved');
  const cut = await unfenced(project, {
    before: () => project.sql('warehouse.duckdb', late),
    isCutOff: true,
  });
  await expect(swap(cut.context, {})).rejects.toThrow('cut off');
  expect(await count(project, previous, isLate)).toBe(1);
  const { context } = await unfenced(project);
  await expect(swap(context, {})).rejects.toMatchObject({
    problem: { what: expect.stringContaining('was written to while the swap was under way') },
    verification: { returned: true },
  });
  expect(await count(project, 'warehouse.duckdb', isLate)).toBe(1);
  expect(await count(project, 'warehouse.duckdb', released)).toBe(0);
});

test('one that nobody wrote to is finished', async () => {
  const project = await bases.fork('approved');
  const cut = await unfenced(project, { isCutOff: true });
  await expect(swap(cut.context, {})).rejects.toThrow('cut off');
  const { context } = await unfenced(project);
  expect(await swap(context, {})).toMatchObject({ state: 'swapped' });
  expect(await count(project, 'warehouse.duckdb', released)).toBe(1);
});

test('what is written to the released database before it is put back is told', async () => {
  const project = await bases.fork('approved');
  const { context } = await unfenced(project, {
    before: () => project.sql('warehouse.duckdb', late),
    beforeReturn: () => project.sql('warehouse.duckdb', 'delete from staging.orders where id = 1'),
  });
  await expect(swap(context, {})).rejects.toMatchObject({
    problem: { cause: expect.stringContaining('candidate') },
    verification: { returned: true },
  });
  expect(await count(project, candidate, 'select count(*)::integer as n from staging.orders')).toBe(
    99,
  );
});

test('a rollback tells what was written at the last moment', async () => {
  const project = await bases.fork('swapped');
  const { context, warnings } = await unfenced(project, {
    before: () => project.sql('warehouse.duckdb', late),
  });
  const { written_since_swap } = await rollback(context, {});
  expect(written_since_swap).toEqual([expect.stringContaining('the moment before the exchange')]);
  expect(warnings.join()).toContain('the moment before the exchange');
  expect(await count(project, rolledBack, isLate)).toBe(1);
});

test('so does whoever goes on with a rollback that was cut off', async () => {
  const project = await bases.fork('swapped');
  const cut = await unfenced(project, {
    before: () => project.sql('warehouse.duckdb', late),
    isCutOff: true,
  });
  await expect(rollback(cut.context, {})).rejects.toThrow('cut off');
  const { context } = await unfenced(project);
  const { written_since_swap } = await rollback(context, { release: 'pr-1' });
  expect(written_since_swap).toEqual([expect.stringContaining('the moment before the exchange')]);
});
