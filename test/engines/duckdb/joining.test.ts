import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Catalog, Engine } from '../../../src/engines/engine.ts';
import { createEngine } from '../../../src/engines/registry.ts';
import { duckdb } from '../../conformance/duckdb.ts';
import type { Scratch } from '../../conformance/harness.ts';
import { compare, createRowStore, pairOf, recordRows, target } from '../../conformance/pairs.ts';

/** Rows that stand nowhere beside their key are joined; with little memory in pieces, and gathered in batches. */
const rows = 350_000;
const labels = Array.from({ length: 11 }, (_, at) => `label_${at}`);
const table = `create table t as select id, id % 1000 as amount, ${labels
  .map((label) => `'x' as ${label}`)
  .join(', ')} from range(${rows}) as r(id)`;
const shuffled = (
  change: string,
) => `${change}; create table u as select * from t order by hash(id);
  drop table t; alter table u rename to t`;

const changes = {
  'one value': 'update t set amount = -1 where id = 7',
  'values everywhere': 'update t set amount = amount + 1',
  'rows that one side has, and values': `delete from t where id % 100 = 3; insert into t select * replace (id + ${rows} as id) from t where id % 100 = 4;
     update t set amount = -1, label_3 = 'y' where id % 100 = 5; update t set label_5 = NULL where id % 100 = 6`,
} as const;

let scratch: Scratch;
let store: string;
const places = new Map<string, { old: string; new: string; catalogs: [Catalog, Catalog] }>();

beforeAll(async () => {
  scratch = await duckdb.start();
  const { engine } = scratch;
  for (const [at, [name, change]] of Object.entries(changes).entries()) {
    const sides = { old: engine.places.baseline(`r${at}`), new: engine.places.candidate(`r${at}`) };
    await scratch.create(sides.old, table);
    await scratch.create(sides.new, `${table}; ${shuffled(change)}`);
    const catalogs: [Catalog, Catalog] = [
      await engine.catalog.read(sides.old),
      await engine.catalog.read(sides.new),
    ];
    places.set(name, { ...sides, catalogs });
  }
  store = await createRowStore(engine);
}, 120_000);
afterAll(() => scratch?.dispose());

const runs = Object.keys(changes).flatMap((name) =>
  [undefined, '32MB'].map((memory) => [name, memory ?? 'enough', memory] as const),
);

test.each(runs)('%s, with %s memory', async (name, _, memory) => {
  const {
    old,
    new: candidate,
    catalogs,
  } = places.get(name) as NonNullable<ReturnType<typeof places.get>>;
  const comparison = runs.findIndex(([own, , limit]) => own === name && limit === memory);
  const { comparison: comparer } = await engineWith(memory);
  const session = await comparer.open({
    old,
    new: candidate,
    store,
    purpose: 'test',
    lineage: false,
  });
  try {
    const pair = pairOf(...catalogs, 'main', 't', { key: ['id'] });
    const found = await compare(session, pair);
    expect(found.way).toBe('join');
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
