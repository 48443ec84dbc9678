import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { filesBelow } from '../support/fork.ts';
import { doing, late, lateProjects, startWriter, writeOnce } from '../support/late.ts';
import type { Project, RunOptions } from '../support/project.ts';
import { quickly } from '../support/quick.ts';

// Others write to live while it is swapped. Whatever comes of the swap: each row that somebody was told is committed
// is in live afterwards.

jest.setTimeout(240_000);

const quick = quickly();
const bases = lateProjects(quick);
afterAll(async () => {
  quick.end();
  await bases.dispose();
});

async function idsIn(project: Project, from: number): Promise<number[]> {
  const rows = await project.sql(
    'warehouse.duckdb',
    `select id from staging.events where id >= ${from} order by id`,
  );
  return rows.map(({ id }) => Number(id));
}
const isNew = async (project: Project) =>
  (
    await project.sql(
      'warehouse.duckdb',
      `select 1 as one from duckdb_columns() where table_name = 'revenue' and column_name = 'note'`,
    )
  ).length > 0;

const fence = 'ATTACH .* AS "live"';
const exchange = '^link ';

describe('a row that is written', () => {
  test.concurrent('between the decision and the fence closes the gate', async () => {
    const project = await bases.fork('refuse');
    const run = await project.runWith(doing(writeOnce(100), fence, project.path('told')), 'swap');
    expect(await readFile(project.path('told'), 'utf8')).toBe('100\n');
    expect(run.stderr).toContain('- drift: live was changed since it was cloned');
    expect(run.exitCode).toBe(3);
    expect(await idsIn(project, 100)).toEqual([100]);
  });

  for (const policy of ['rebuild', 'replay'] as const) {
    test.concurrent(`between the decision and the fence goes live with ${policy}`, async () => {
      const project = await bases.fork(policy);
      const run = await project.runWith(doing(writeOnce(100), fence, project.path('told')), 'swap');
      expect(await readFile(project.path('told'), 'utf8')).toBe('100\n');
      expect(run.stdout).toContain(`${policy} was done 1 time before the swap`);
      expect(run.exitCode).toBe(0);
      expect(await isNew(project)).toBe(true);
      expect(await idsIn(project, 100)).toEqual([100]);
    });
  }

  test.concurrent('after the last look at live is not taken: the writer is locked out until the swap is over', async () => {
    const project = await bases.fork('refuse');
    const run = await project.runWith(
      doing(writeOnce(100), exchange, project.path('told')),
      'swap',
    );
    expect(await readFile(project.path('told'), 'utf8')).toBe('locked out\n');
    expect(run.exitCode).toBe(0);
    await project.sql('warehouse.duckdb', late(100));
    expect(await isNew(project)).toBe(true);
    expect(await idsIn(project, 100)).toEqual([100]);
  });
});

describe('somebody writes all through', () => {
  test('a swap that refuses drift: nothing is lost, and nothing goes live', async () => {
    const project = await bases.fork('refuse');
    const writer = startWriter(project, 100);
    await writer.past(0);
    const run = await project.run('swap');
    await writer.past(writer.acknowledged().length);
    await writer.end();
    expect(run.exitCode).toBe(3);
    expect(await isNew(project)).toBe(false);
    expect(await idsIn(project, 100)).toEqual(writer.acknowledged());
  });

  const askToPause = 'touch pause; while [ ! -f paused ]; do sleep 0.05; done';
  const all = 'every row that was committed is in the new live';

  /** Swaps while somebody writes, who pauses when asked. */
  async function swapWithWriter(project: Project, options: RunOptions): Promise<void> {
    const writer = startWriter(project, 100);
    await writer.past(3);
    let isOver = false;
    const swapping = project.runWith(options, 'swap').finally(() => {
      isOver = true;
    });
    const isThere = (name: string) => filesBelow(project).then((files) => files.includes(name));
    while (!isOver && !(await isThere('pause'))) await sleep(20);
    await writer.end();
    await project.write('paused', '');
    const { exitCode, stderr } = await swapping;
    if (exitCode !== 0) throw new Error(stderr);
    expect(await isNew(project)).toBe(true);
    expect(await idsIn(project, 100)).toEqual(writer.acknowledged());
  }

  test(`a swap with rebuild, until the logic has run again: ${all}`, async () => {
    const project = await bases.fork('rebuild');
    await project.write('again.sh', `[ -f paused ] || { ${askToPause}; }\n`);
    await swapWithWriter(project, {});
  });

  test(`a swap with replay, until rows are brought over: ${all}`, async () => {
    const project = await bases.fork('replay');
    await swapWithWriter(project, doing(askToPause, 'take out the rows that differ'));
  });
});
