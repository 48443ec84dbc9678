import { afterAll, expect, jest, test } from '@jest/globals';
import { holdDatabase } from '../support/holder.ts';
import { defaultConfig, makeProject, type Project } from '../support/project.ts';

jest.setTimeout(120_000);

let project: Project;
afterAll(() => project?.dispose());

test('readers see the whole old or the whole new database, through swap and rollback, and never an error', async () => {
  // Two tables that agree with each other in the old database, and in the new one, but not across them.
  project = await makeProject({
    live: `create schema marts;
      create table marts.a as select i as id, 1 as version, repeat('x', 200) as filler from range(20000) t(i);
      create table marts.b as select * from marts.a`,
    config: defaultConfig.replace(/migrate.*\n/, '').replace(/compare.*\n/, ''),
    files: { 'logic/01.sql': 'update marts.a set version = 2; update marts.b set version = 2;' },
  });
  for (const step of ['clone', 'simulate']) await project.json(step, '--release', 'pr-1');
  const { digest } = await project.json<{ digest: string }>('compare');
  await project.json('approve', '--digest', digest, '--by', 'alice');

  const live = project.path('warehouse.duckdb');
  const query = `select (select list(distinct version)::varchar || count(*) from marts.a),
                        (select list(distinct version)::varchar || count(*) from marts.b)`;
  const [old, released] = [1, 2].map((version) => `[["[${version}]20000","[${version}]20000"]]`);
  const staying = await holdDatabase('read', live, query);
  const coming = [
    await holdDatabase('reopen', live, query),
    await holdDatabase('reopen', live, query),
  ];
  try {
    for (const [step, before, after] of [
      ['swap', old, released],
      ['rollback', released, old],
    ] as const) {
      const seen = coming.map((reader) => reader.said.length);
      await project.json(step);
      const asked = coming.map((reader) => reader.said.length);
      await Promise.all(coming.map((reader, at) => reader.until((asked[at] ?? 0) + 3)));
      coming.forEach((reader, at) => {
        const lines = reader.said.slice(seen[at]);
        expect(lines.filter((line) => line !== before && line !== after)).toEqual([]);
        expect(lines.at(-1)).toBe(after);
        // Once it has seen the new one, it never sees the old one again.
        expect(lines.slice(lines.indexOf(String(after))).includes(String(before))).toBe(false);
      });
    }
    await staying.until(staying.said.length + 3);
    expect([...new Set(staying.said)]).toEqual([old]);
  } finally {
    await Promise.all([staying, ...coming].map((reader) => reader.end()));
  }
});
