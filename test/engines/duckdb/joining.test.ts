import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Catalog, Engine } from '../../../src/engines/engine.ts';
import { createEngine } from '../../../src/engines/registry.ts';
import { duckdb } from '../../conformance/duckdb.ts';
import type { Scratch } from '../../conformance/harness.ts';
import { compare, createRowStore, pairOf, recordRows, target } from '../../conformance/pairs.ts';

/**
 * What is recorded is exactly the edits. Rows that stand nowhere beside their key are joined; with little memory in pieces,
 * and gathered in batches. In a copy that was edited, storage proves most of it.
 */
const rows = 350_000;
const labels = Array.from({ length: 11 }, (_, at) => `label_${at}`);
const table = `create table t as select id, id % 1000 as amount, ${labels
  .map((label) => `'x' as ${label}`)
  .join(', ')} from range(${rows}) as r(id)`;
const shuffled = (
  change: string,
) => `${change}; create table u as select * from t order by hash(id);
  drop table t; alter table u rename to t`;

/** What becomes of the table on the new side, and the ways that are taken in a copy that was edited. */
const changes = {
  'one value': { sql: 'update t set amount = -1 where id = 7', way: 'storage and position' },
  'values everywhere': { sql: 'update t set amount = amount + 1', way: 'storage and position' },
  'rows that one side has, and values': {
    sql: `delete from t where id % 100 = 3; insert into t select * replace (id + ${rows} as id) from t where id % 100 = 4;
     update t set amount = -1, label_3 = 'y' where id % 100 = 5; update t set label_5 = NULL where id % 100 = 6`,
    way: 'storage, position and join',
  },
  'rows of one row group, and values of the next': {
    sql: `delete from t where id between 1000 and 1099; update t set label_7 = 'y' where id between 130000 and 130009`,
    way: 'storage, position and join',
  },
} as const;

interface Pair {
  readonly old: string;
  readonly new: string;
  readonly catalogs: [Catalog, Catalog];
}

let scratch: Scratch;
let store: string;
const places = new Map<string, Record<'shuffled' | 'edited', Pair>>();

beforeAll(async () => {
  scratch = await duckdb.start();
  const { engine } = scratch;
  for (const [at, [name, { sql }]] of Object.entries(changes).entries()) {
    const old = engine.places.baseline(`r${at}`);
    const [shuffledAt, edited] = [
      engine.places.candidate(`r${at}`),
      engine.places.candidate(`e${at}`),
    ];
    await scratch.create(old, table);
    await scratch.create(shuffledAt, `${table}; ${shuffled(sql)}`);
    await engine.databases.clone(old, edited, { method: 'auto' });
    await scratch.sql(edited, `${sql}; checkpoint`);
    const pairWith = async (candidate: string): Promise<Pair> => ({
      old,
      new: candidate,
      catalogs: [await engine.catalog.read(old), await engine.catalog.read(candidate)],
    });
    places.set(name, { shuffled: await pairWith(shuffledAt), edited: await pairWith(edited) });
  }
  store = await createRowStore(engine);
}, 120_000);
afterAll(() => scratch?.dispose());

const kinds = [
  ['shuffled, with enough memory', 'shuffled', undefined],
  ['shuffled, with 32MB memory', 'shuffled', '32MB'],
  ['an edited copy', 'edited', undefined],
] as const;
const runs = Object.entries(changes).flatMap(([name, { way }]) =>
  kinds.map(
    ([how, kind, memory]) =>
      [name, how, { kind, memory, way: kind === 'edited' ? way : 'join' }] as const,
  ),
);

test.each(runs)('%s: %s', async (name, how, { kind, memory, way }) => {
  const {
    old,
    new: candidate,
    catalogs,
  } = (places.get(name) as NonNullable<ReturnType<typeof places.get>>)[kind];
  const comparison = runs.findIndex((run) => run[0] === name && run[1] === how);
  const { comparison: comparer } = await engineWith(memory);
  const session = await comparer.open({
    old,
    new: candidate,
    store,
    purpose: 'test',
    lineage: kind === 'edited',
  });
  try {
    const pair = pairOf(...catalogs, 'main', 't', { key: ['id'] });
    const found = await compare(session, pair);
    expect(found.way).toBe(way);
    await recordRows(session, pair, found, target(comparison, 'full'));
    await session.release('main', 't');
  } finally {
    await session.close();
  }
  const [differing] = await scratch.sql(
    store,
    `attach '${old}' as old_side (read_only); attach '${candidate}' as new_side (read_only); ${differencesTo(comparison)}`,
  );
  expect(differing).toEqual({ recorded: expect.anything(), wrong: '0' });
  expect(Number(differing?.recorded)).toBeGreaterThan(0);
});

function engineWith(memory: string | undefined): Promise<Engine> {
  const { settings } = scratch.recipe;
  return createEngine('duckdb', {
    ...settings,
    connection: memory === undefined ? {} : { memory_limit: memory },
  });
}

/** What is recorded against a full join written by hand: rows that only one of both has. */
function differencesTo(comparison: number): string {
  const columns = ['amount', ...labels];
  const changed = columns.map((name) => `o.${name} IS DISTINCT FROM n.${name}`);
  const names = columns.map((name, at) => `CASE WHEN ${changed[at]} THEN '"${name}"' END`);
  const values = (side: string) =>
    columns.map(
      (name, at) =>
        `CASE WHEN ${changed[at]} THEN '"${name}":' || coalesce('"' || ${side}.${name}::VARCHAR || '"', 'null') END`,
    );
  return `CREATE TEMP TABLE expected AS SELECT
      CASE WHEN o.id IS NULL THEN 'added' WHEN n.id IS NULL THEN 'removed' ELSE 'changed' END AS kind,
      '{"id":"' || coalesce(n.id, o.id) || '"}' AS row_key,
      CASE WHEN o.id = n.id THEN '[' || concat_ws(',', ${names.join(', ')}) || ']' END AS columns,
      CASE WHEN o.id = n.id THEN '{' || concat_ws(',', ${values('o').join(', ')}) || '}' END AS old_values,
      CASE WHEN o.id = n.id THEN '{' || concat_ws(',', ${values('n').join(', ')}) || '}' END AS new_values,
    FROM old_side.t AS o FULL JOIN new_side.t AS n USING (id)
    WHERE o.id IS NULL OR n.id IS NULL OR ${changed.join(' OR ')};
    CREATE TEMP TABLE recorded AS SELECT kind, row_key, columns,
      CASE WHEN kind = 'changed' THEN old_values::VARCHAR END AS old_values,
      CASE WHEN kind = 'changed' THEN new_values::VARCHAR END AS new_values
    FROM row_deviation WHERE comparison = ${comparison};
    SELECT (SELECT count(*) FROM recorded) AS recorded,
      (SELECT count(*) FROM (FROM recorded EXCEPT ALL FROM expected))
        + (SELECT count(*) FROM (FROM expected EXCEPT ALL FROM recorded)) AS wrong`;
}
