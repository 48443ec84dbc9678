import { expect } from '@jest/globals';

/** What a project of any engine can be told to do. */
interface Commands {
  write(path: string, text: string): Promise<void>;
  json<Result>(...command: string[]): Promise<Result>;
  run(...command: string[]): Promise<{ readonly exitCode: number | null; readonly stderr: string }>;
}

/** How live is looked at: all of it that matters, and one number of the new logic's result. */
interface Live {
  content(): Promise<unknown>;
  newRows(): Promise<unknown>;
}

const twice = `delete from marts.revenue;
insert into marts.revenue (customer, amount)
select customer, sum(amount) * 2 from staging.orders where customer <> 'customer 3' group by customer order by customer;
`;

/** From the clone to the swap and back, by way of a refusal and an approval; live changes at swap and rollback only. */
export async function goThereAndBack(project: Commands, live: Live): Promise<void> {
  await project.write('logic/01_revenue.sql', twice);
  const before = await live.content();
  for (const step of ['clone', 'migrate', 'simulate']) await project.json(step, '-r', 'pr-1');
  const compared = await project.json<{
    verdict: string;
    digest: string;
    tables: Record<string, unknown>[];
  }>('compare', '-r', 'pr-1');
  expect(compared.verdict).toBe('unexplained');
  expect(compared.tables.find(({ table }) => table === 'marts.revenue')).toMatchObject({
    status: 'changed',
    key: ['customer'],
    old_rows: 7,
    new_rows: 6,
    removed: 1,
    added: 0,
    changed: 6,
    proof: 'exact',
  });

  const refused = await project.run('swap', '-r', 'pr-1');
  expect(refused.exitCode).toBe(3);
  expect(refused.stderr).toContain('greenlight approve --release pr-1 --digest');
  await project.json('approve', '-r', 'pr-1', '--digest', compared.digest, '--by', 'alice');
  expect(await live.content()).toEqual(before);

  await project.json('swap', '-r', 'pr-1');
  expect(await live.newRows()).toEqual([{ n: '6' }]);
  await project.json('rollback');
  expect(await live.content()).toEqual(before);
}

/** Without a change there is no deviation, and nobody has to approve. */
export async function goWithoutChange(project: Commands, steps: readonly string[]): Promise<void> {
  for (const step of steps) await project.json(step, '-r', 'pr-1');
  expect(await project.json('compare', '-r', 'pr-1')).toMatchObject({
    verdict: 'identical',
    objects: [],
  });
  expect((await project.run('swap', '-r', 'pr-1')).exitCode).toBe(0);
}
