import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Catalog, Claim, ComparisonSession } from '../../../src/engines/engine.ts';
import { duckdb } from '../../conformance/duckdb.ts';
import type { Scratch } from '../../conformance/harness.ts';
import { compare, pairOf } from '../../conformance/pairs.ts';

const columns = `id integer, n integer, l integer[], j json, s struct(a integer, "b c" varchar),
  e enum ('x', 'y'), name varchar collate nocase, big hugeint, "old" integer, "at" timestamptz`;
const table = (rows: string) => `create schema s; create macro s.mine(x) as x;
create table s.t (${columns}); insert into s.t values ${rows}`;
const values = `[1, 2, 3], '{"a": {"b": 5}}', {'a': 1, 'b c': 'two'}, 'x', 'Zoë',
  170141183460469231731687303715884105727, 7, '2020-01-01 12:00:00+02'`;

let scratch: Scratch;
let session: ComparisonSession;
let catalogs: { old: Catalog; new: Catalog };

beforeAll(async () => {
  scratch = await duckdb.start();
  const { catalog, comparison, places } = scratch.engine;
  const [old, candidate] = [places.baseline('r'), places.candidate('r')];
  const loose = (types: string, rows: string) =>
    `create table s.loose (n integer, g geometry, ${types}); insert into s.loose values ${rows}`;
  await scratch.create(
    old,
    `${table(`(1, 1, ${values}), (2, 1, ${values})`)};
    create table s.upper (id integer, v varchar collate nocase); insert into s.upper values (1, 'Ab'), (2, 'Cd');
    create table s.lower as from s.upper;
    ${loose('t varchar, b blob, l integer[], m map(varchar, date)', "(1, null, 'ä', encode('ä'), [1], map {'k': date '2020-01-01'})")}`,
  );
  await scratch.create(
    candidate,
    `${table(`(1, 2, ${values}), (2, 1, ${values})`)};
    create table s.upper (id integer, v varchar collate nocase); insert into s.upper values (1, 'AB'), (2, 'CD');
    create table s.lower (id integer, v varchar collate nocase); insert into s.lower values (1, 'ab'), (2, 'cd');
    ${loose('t blob, b varchar, l bigint[], m map(varchar, timestamp)', "(2, 'POINT (1 2)', encode('ä'), 'ä', [2], map {'k': timestamp '2020-01-02'})")}`,
  );
  catalogs = { old: await catalog.read(old), new: await catalog.read(candidate) };
  session = await comparison.open({
    old,
    new: candidate,
    store: null,
    purpose: 'test',
    lineage: true,
  });
});
afterAll(async () => {
  await session?.close();
  await scratch?.dispose();
});

const claim = (where: string): Claim => ({ kind: 'changed', column: 'n', where, holds: null });
const columnsOf = ({ relations }: Catalog) =>
  relations.find(({ name }) => name === 't')?.columns ?? [];
const columnsOfSides = () => ({ old: columnsOf(catalogs.old), new: columnsOf(catalogs.new) });
const faultOf = (where: string) => session.claimFault(claim(where), columnsOfSides());

test('conditions are evaluated as they are written', async () => {
  const trueOnes = [
    'list_filter(new.l, lambda x: x > old) = [2, 3]',
    'list_filter(new.l, x -> x > old) = [2, 3]',
    '[id * 2 for id in new.l if id > new] = [6]',
    'list_transform(new.l, (x, i) -> x * i) = [1, 4, 9]',
    `new.j -> 'a' ->> 'b' = '5'`,
    `(new.j -> '$.a.b')::integer = 5`,
    'new.s.a = 1',
    `new.s."b c" = 'two'`,
    `new.s['b c'] = 'two'`,
    `new.e = 'x' and old.e < 'y'`,
    'new.big = 170141183460469231731687303715884105727',
    'old.old = 7',
    'old."old" = 7 and new."OLD" = 7',
    `split_part(new.name, 'o', 1) = 'Z' and nullif(new, 3) = 2`,
    'old between new - 1 and new and not new in (3, 4)',
    'case when new > old then true end',
    'try(cast(new.name as integer)) is null',
    `new."at" = timestamptz '2020-01-01 10:00:00Z' and extract(hour from new."at") = 10`,
    `new /* old.x */ = 2 -- and so on`,
    // The text of a constant looks like a piece of the tree.
    `'"column_names":["new"]' <> 'new.n'`,
    // The engine's own equality, with the collation of the column.
    `new.name = 'ZOË'`,
  ];
  for (const where of trueOnes) expect([where, await faultOf(where)]).toEqual([where, null]);
  expect(
    await session.claimFault(
      { ...claim(`new -> 'a' ->> 'b' = '5'`), column: 'j' },
      columnsOfSides(),
    ),
  ).toBeNull();
  const pair = pairOf(catalogs.old, catalogs.new, 's', 't', { key: ['id'] });
  const claims = trueOnes.map(claim);
  const rows = await session.gather(pair, await compare(session, pair), {
    claims,
    privacy: 'full',
  });
  const outcomes = await rows.judge(claims);
  await rows.discard();
  expect(outcomes.map(({ claimed }, at) => [trueOnes[at], claimed])).toEqual(
    trueOnes.map((where) => [where, 1]),
  );
});

test('without a key, a value is as it is stored, or not known at all', async () => {
  const pair = pairOf(catalogs.old, catalogs.new, 's', 'loose');
  const ofRows = (kind: 'added' | 'removed', where: string): Claim => {
    return { kind, column: null, where, holds: null };
  };
  const claims = [
    ofRows('added', 'new.g is null'),
    ofRows('added', `new.g::varchar = 'POINT (1 2)'`),
    ofRows('removed', 'old.g is null'),
    ofRows('removed', `old.t = 'ä' and old.b = encode('ä')`),
    ofRows('added', `new.t = encode('ä') and new.b = 'ä'`),
    ofRows('removed', 'old.l = [1]'),
    ofRows('added', 'new.m is null'),
    ofRows('removed', `old.m['k'] = date '2020-01-01'`),
  ];
  const rows = await session.gather(pair, await compare(session, pair), {
    claims,
    privacy: 'full',
  });
  const outcomes = await rows.judge(claims);
  await rows.discard();
  expect(outcomes.map(({ claimed, fault }, at) => [claims[at]?.where, claimed, fault])).toEqual(
    [0, 1, 1, 1, 1, 1, 0, 0].map((claimed, at) => [claims[at]?.where, claimed, null]),
  );
});

test('the relation of a pattern holds for what it says only, whatever the collation', async () => {
  const gathered = async (name: string, claims: readonly Claim[]) => {
    const pair = pairOf(catalogs.old, catalogs.new, 's', name, { key: ['id'] });
    return session.gather(pair, await compare(session, pair), { claims, privacy: 'full' });
  };
  const described = await gathered('upper', []);
  const [pattern] = (await described.describe({ values: true })).get('v')?.patterns ?? [];
  await described.discard();
  expect(pattern).toMatchObject({ pattern: 'case', detail: 'new = upper(old)', rows: 2 });
  const claims = [
    { kind: 'changed', column: 'v', where: null, holds: pattern?.relation ?? '' },
  ] as const;
  for (const [name, broken] of [
    ['upper', 0],
    ['lower', 2],
  ] as const) {
    const rows = await gathered(name, claims);
    expect([name, await rows.judge(claims)]).toMatchObject([name, [{ claimed: 2, broken }]]);
    await rows.discard();
  }
});

test.each<[string, RegExp]>([
  ['now() > new."at"', /now\(\) does not give the same/],
  ['ago(interval 1 day) > new."at"', /ago\(\) does not give the same/],
  ['uuid() is null', /uuid\(\) does not give the same/],
  [`nextval('s.q') = 1`, /nextval\(\) does not give the same/],
  [`current_setting('threads') = 1`, /current_setting\(\) does not give the same/],
  ['current_database() is null', /current_database\(\) does not give the same/],
  ['wavg(new, 1) = 1', /wavg\(\) looks at many rows/],
  ['unnest(new.l) = 1', /unnest\(\) gives tables/],
  ['columns(*) = 1', /cannot hold \*/],
  ['#1 = 1', /cannot hold a column by its number/],
  ['s.mine(new) = 1', /s\.mine\(\) is no function that DuckDB brings along/],
  ['"greenlight: old".s.mine(new) = 1', /s\.mine\(\) is no function/],
  ['list_filter(new.l, x -> y > 1) = []', /names y, which is no column here/],
  ['list_filter(new.l, x -> x > 1) = x', /names x, which is no column here/],
  ['new.s.z = 1', /does not fit/],
  ['list_filter(new.l, x -> x in (select 1)) = []', /cannot hold a subquery/],
])('%s is no condition', async (where, fault) => {
  expect(await faultOf(where)).toMatch(fault);
});
