import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ComparisonSession, Engine, TablePair } from '../../../src/engines/engine.ts';
import { createEngine } from '../../../src/engines/registry.ts';
import { rowDeviationTable } from '../../../src/release/tables.ts';
import { type SnowflakeDouble, startDouble } from '../../support/snowflake-double/server.ts';

type Node = Record<string, unknown>;
interface Polyglot {
  init(): Promise<void>;
  parse(sql: string, dialect: string): { ast: Node[] | null; error: string | null };
}
// Its module for import() does not load on Node 20.
const polyglot = createRequire(import.meta.url)('@polyglot-sql/sdk') as Polyglot;

/**
 * Every statement that this work sends is parsed by a grammar of Snowflake that is none of ours. What the grammar only
 * passes on (`raw`, `command`) is no proof: such a statement has one of the forms that Snowflake documents.
 */
const name = '"(?:[^"]|"")+"';
const place = `${name}(?:\\.${name})?`;
const documented: readonly RegExp[] = [
  new RegExp(
    `^CREATE (TRANSIENT )?(DATABASE|SCHEMA) ${place} CLONE ${place}( AT \\(TIMESTAMP => '[^']+'::TIMESTAMP_TZ\\))?$`,
  ),
  new RegExp(`^ALTER (DATABASE|SCHEMA) ${place} (SWAP WITH|RENAME TO) ${place}$`),
  new RegExp(`^ALTER (TASK|ALERT|DYNAMIC TABLE) ${place}\\.${name} (RESUME|SUSPEND)$`),
  new RegExp(
    `^ALTER (DATABASE|SCHEMA|VIEW) ${place}(\\.${name})?( MODIFY COLUMN ${name})? SET TAG ${place}\\.${name} = '[^']*'$`,
  ),
  new RegExp(`^ALTER TABLE ${place}\\.${name} (RESUME|SUSPEND) RECLUSTER$`),
  new RegExp(`^SHOW PARAMETERS LIKE '[A-Z_]+' IN (SESSION|WAREHOUSE ${name})$`),
  new RegExp(`^ALTER WAREHOUSE ${name} SET WAREHOUSE_SIZE = [A-Z0-9]+$`),
  new RegExp(`^DROP (DATABASE|SCHEMA) IF EXISTS ${place} CASCADE$`),
  new RegExp(`^SHOW GRANTS (ON (DATABASE|SCHEMA) ${place}|TO ROLE ${name})$`),
  new RegExp(
    `^GRANT [A-Z ]+ ON FUTURE [A-Z ]+ IN (DATABASE|SCHEMA) ${place} TO ROLE ${name}( WITH GRANT OPTION)?$`,
  ),
  new RegExp(`^GRANT OWNERSHIP ON (DATABASE|SCHEMA) ${place} TO ROLE ${name} COPY CURRENT GRANTS$`),
  new RegExp(`^DESCRIBE (MASKING|ROW ACCESS) POLICY ${place}\\.${name}$`),
  /^ALTER SESSION SET (\w+ = ('[^']*'|\w+) ?)+$/,
  /^USE (DATABASE|SCHEMA|WAREHOUSE|ROLE) "[^"]+"(\."[^"]+")?$/,
  /^USE SECONDARY ROLES NONE$/,
  /^SHOW (DATABASES|SCHEMAS) LIKE '[^']*'( IN DATABASE "[^"]+")?$/,
  /^(BEGIN TRANSACTION|COMMIT|ROLLBACK)$/,
  /^SET "[A-Z_]+" = .+$/s,
];

let double: SnowflakeDouble;
let engine: Engine;
let session: ComparisonSession;
const sides = { old: 'SHOP__R__BASELINE', new: 'SHOP__R__CANDIDATE' };

const columns = {
  ID: 'NUMBER(38,0)',
  NAME: 'VARCHAR(40)',
  'Odd " name': 'NUMBER(10,2)',
  RATE: 'FLOAT',
  DAY: 'DATE',
  AT: 'TIMESTAMP_NTZ(9)',
  SEEN: 'TIMESTAMP_TZ(9)',
  OPEN: 'BOOLEAN',
  DOC: 'VARIANT',
} as const;

const table = Object.entries(columns)
  .map(([name, type]) => `"${name.replaceAll('"', '""')}" ${type}`)
  .join(', ');
const rows = (amount: number) => `
  SELECT 1, 'Alice', ${amount}, 1.5, DATE '2020-01-01', '2020-01-01 00:00:00'::TIMESTAMP_NTZ, '2020-01-01 00:00:00+01:00'::TIMESTAMP_TZ, TRUE, PARSE_JSON('{"a": 1}')
  UNION ALL SELECT 2, 'Bob', ${amount + 1}, 0.1, NULL, NULL, NULL, FALSE, NULL
  UNION ALL SELECT ${amount}, 'only here', NULL, NULL, NULL, NULL, NULL, NULL, NULL`;

const pairOf = (more: Partial<TablePair> = {}): TablePair => ({
  schema: 'PUBLIC',
  name: 'T',
  oldKind: 'table',
  newKind: 'table',
  key: ['ID'],
  keyEnforced: false,
  mode: 'semantic',
  columns: Object.entries(columns).map(([name, type]) => ({
    name,
    oldType: type,
    newType: type,
    tolerance: null,
  })),
  ...more,
});

const engineOf = (live: string, more: Record<string, string | boolean> = {}) =>
  createEngine('snowflake', {
    root: '.',
    live,
    ledger: 'LEDGER',
    connection: {
      account: 'double',
      host: double.url,
      user: 'TESTER',
      password: 'secret',
      warehouse: 'WH',
      lease: '2s',
      ...more,
    },
  });

beforeAll(async () => {
  await polyglot.init();
  double = await startDouble();
  double.addUser({ name: 'TESTER', roles: ['ACCOUNTADMIN'], credential: { password: 'secret' } });
  engine = await engineOf('SHOP');
  for (const [at, amount] of [
    [sides.old, 10],
    [sides.new, 11],
  ] as const)
    await double.sql(
      `CREATE DATABASE ${at}; CREATE TABLE ${at}.PUBLIC.T (${table}); INSERT INTO ${at}.PUBLIC.T ${rows(amount)};
       CREATE TABLE ${at}.PUBLIC.H (ID NUMBER, TECH_FROM DATE, TECH_TO DATE);
       INSERT INTO ${at}.PUBLIC.H SELECT 1, '2025-01-01'::DATE, NULL UNION ALL SELECT 1, '9000-01-01'::DATE, NULL`,
    );
  const store = await engine.stores.open({ create: true, purpose: 'test' });
  await store?.write((writer) => writer.apply({ createTable: rowDeviationTable }));
  await store?.close();
});
afterAll(async () => {
  await double?.stop();
});

async function compareAll(proof: 'exact' | 'hash', pair: TablePair, comparison: number) {
  session = await engine.comparison.open({
    ...sides,
    store: engine.stores.location,
    purpose: 'compare r */ x',
    lineage: true,
    proof,
  });
  try {
    const counts = {
      old: await session.countRows('old', 'PUBLIC', 'T', 'table'),
      new: await session.countRows('new', 'PUBLIC', 'T', 'table'),
    };
    const found = await session.compareRows(pair, counts, () => undefined);
    if ('fault' in found) throw new Error(found.fault);
    const claims = [
      { kind: 'changed', column: 'Odd " name', where: 'new > old', holds: 'new = old + 1' },
      { kind: 'added', column: null, where: 'new.id > 1', holds: null },
    ] as const;
    const sidesColumns = pair.columns.map(({ name, newType: type }) => ({ name, type }));
    for (const claim of claims)
      expect(await session.claimFault(claim, { old: sidesColumns, new: sidesColumns })).toBeNull();
    const privacy = pair.mode === 'strict' ? 'masked' : 'full';
    const gathered = await session.gather(pair, found, { claims, privacy });
    await gathered.judge(claims);
    const into = { table: 'row_deviation', comparison, tableName: 'PUBLIC.T', privacy } as const;
    const recorded = await gathered.record(into, claims);
    await gathered.describe({ values: true });
    await gathered.discard();
    await session.countEqual(
      pair,
      { name: 'NAME', type: 'VARCHAR' },
      { name: 'NAME', type: 'VARCHAR' },
    );
    await session.fingerprint('new', 'PUBLIC', 'T', 'table', Object.keys(columns));
    return { found, recorded };
  } finally {
    await session.close();
  }
}

test('the work of a release is done, so that its statements are known', async () => {
  const { found, recorded } = await compareAll('exact', pairOf(), 1);
  expect(found).toMatchObject({ added: 1, removed: 1, proof: 'exact' });
  expect(Object.fromEntries(found.cells)).toEqual({ 'Odd " name': 2 });
  expect(recorded).toMatchObject({ added: 1, removed: 1, changed: 2, unexplained: 1 });
  const keyless = await compareAll('exact', pairOf({ key: null, mode: 'strict' }), 2);
  expect(keyless.found).toMatchObject({ added: 3, removed: 3, proof: 'exact' });
  const tolerant = pairOf({
    columns: pairOf().columns.map((column) =>
      column.name === 'RATE' || column.name.startsWith('Odd')
        ? { ...column, tolerance: { absolute: 2 } }
        : column,
    ),
  });
  expect(Object.fromEntries((await compareAll('hash', tolerant, 3)).found.cells)).toEqual({});

  const reader = await engine.stores.openDeviations({
    table: 'row_deviation',
    comparison: { id: 2, privacy: 'full', tables: ['PUBLIC.T'] },
    against: { id: 1, privacy: 'full', tables: ['PUBLIC.T'] },
    standings: null,
    where: "standing = 'new' and kind = 'added'",
    purpose: 'read',
  });
  expect(await reader?.counts()).toHaveLength(1);
  for await (const page of reader?.all() ?? []) expect(page.length).toBeGreaterThan(0);
  await reader?.close();

  const hold = await engine.stores.hold('r', 0);
  expect(hold.held).toBe(true);
  if (hold.held) await hold.release();

  const { tables } = await engine.bitemporal.find(sides.new, ['tech_from', 'tech_to']);
  const parked = '9000-01-01T00:00:00Z';
  const latest = '2026-01-01T00:00:00Z';
  expect(await engine.bitemporal.inspect(sides.new, tables, { parked, latest })).toMatchObject([
    { beginParked: 1, openEnds: [null] },
  ]);
  await engine.bitemporal.parkedElsewhere(sides.new, parked, ['tech_from']);
  await engine.bitemporal.publish(sides.new, tables, parked, '2026-01-01T00:00:00Z');
  await engine.bitemporal.withdraw(
    sides.old,
    tables.map((one) => ({ ...one, openEnd: null })),
    parked,
  );

  await engine.replay.bringOver(sides.new, sides.old, [pairOf()], 'replay r');
  expect(await double.sql(`SELECT COUNT(*) AS N FROM ${sides.old}.PUBLIC.T WHERE ID = 11`)).toEqual(
    [{ N: '1' }],
  );

  const scripts = await engine.scripts.open(sides.new, {
    write: true,
    variables: { greenlight_day: '2026-01-01' },
    forbidden: ['SHOP'],
    utc: true,
  });
  await scripts.writeMark({ run: 'r', done: 0, begun: false });
  const mark = { run: 'r', done: 1, begun: false };
  await scripts.run({ file: 'a.sql', text: 'insert into t (id) values (99)' }, undefined, mark);
  expect(await scripts.readMark()).toEqual(mark);
  await scripts.dropMark();
  await scripts.close();
});

const shop = `CREATE ROLE READER; CREATE DATABASE STOCK; CREATE SCHEMA STOCK.MARTS; CREATE TABLE STOCK.MARTS.T (ID NUMBER, NAME VARCHAR);
  INSERT INTO STOCK.MARTS.T VALUES (1, 'a'); CREATE VIEW STOCK.MARTS.V (ID COMMENT 'the key') COMMENT = 'all' AS SELECT ID FROM STOCK.MARTS.T;
  CREATE SECURE VIEW STOCK.MARTS.S AS SELECT ID FROM STOCK.MARTS.T; CREATE SEQUENCE STOCK.MARTS.IDS;
  CREATE STAGE STOCK.MARTS.BUCKET URL = 's3://bucket/'; CREATE PIPE STOCK.MARTS.LOAD AS COPY INTO STOCK.MARTS.T FROM @STOCK.MARTS.BUCKET;
  CREATE TASK STOCK.MARTS.NIGHTLY WAREHOUSE = WH SCHEDULE = '60 MINUTES' AS SELECT 1; ALTER TASK STOCK.MARTS.NIGHTLY RESUME;
  CREATE ALERT STOCK.MARTS.LATE WAREHOUSE = WH SCHEDULE = '60 MINUTE' IF (EXISTS (SELECT 1)) THEN SELECT 1; ALTER ALERT STOCK.MARTS.LATE RESUME;
  ALTER TABLE STOCK.MARTS.T CLUSTER BY (ID); CREATE DATABASE KEEP; CREATE TAG KEEP.PUBLIC.COST; ALTER DATABASE STOCK SET TAG KEEP.PUBLIC.COST = 'sales';
  ALTER TABLE STOCK.MARTS.T MODIFY COLUMN NAME SET TAG KEEP.PUBLIC.COST = 'name';
  ALTER VIEW STOCK.MARTS.V SET TAG KEEP.PUBLIC.COST = 'view'; ALTER VIEW STOCK.MARTS.V MODIFY COLUMN ID SET TAG KEEP.PUBLIC.COST = 'column';
  CREATE DYNAMIC TABLE STOCK.MARTS.D TARGET_LAG = '1 HOUR' WAREHOUSE = WH AS SELECT ID FROM STOCK.MARTS.T;
  CREATE MASKING POLICY STOCK.MARTS.HIDE AS (v VARCHAR) RETURNS VARCHAR -> v;
  CREATE ROW ACCESS POLICY STOCK.MARTS.OWN AS (i NUMBER) RETURNS BOOLEAN -> TRUE;
  ALTER TABLE STOCK.MARTS.T MODIFY COLUMN NAME SET MASKING POLICY STOCK.MARTS.HIDE;
  CREATE FUNCTION STOCK.MARTS.F(x NUMBER) RETURNS NUMBER AS $$ x + 1 $$; CREATE ROLE KEEPER;
  GRANT USAGE ON DATABASE STOCK TO ROLE READER; GRANT USAGE ON SCHEMA STOCK.MARTS TO ROLE READER WITH GRANT OPTION;
  GRANT SELECT ON FUTURE TABLES IN DATABASE STOCK TO ROLE READER; GRANT SELECT ON FUTURE VIEWS IN SCHEMA STOCK.MARTS TO ROLE READER;
  GRANT OWNERSHIP ON SCHEMA STOCK.MARTS TO ROLE KEEPER COPY CURRENT GRANTS; GRANT OWNERSHIP ON DATABASE STOCK TO ROLE KEEPER COPY CURRENT GRANTS`;

test('a release of a database and of a schema is cloned, examined, swapped and taken back', async () => {
  await double.sql(shop);
  await double.sql(
    'CREATE TABLE STOCK.MARTS.BARE (ID NUMBER); ALTER TABLE STOCK.MARTS.BARE SET DATA_RETENTION_TIME_IN_DAYS = 0',
  );
  for (const live of ['STOCK', 'STOCK.MARTS']) {
    const { catalog, costs, databases, examiner, places, swap } = await engineOf(live, {
      rewrite_references: true,
      warehouse_size: 'SMALL',
    });
    const [candidate, previous] = [places.candidate('r'), places.previous('r')];
    await databases.clone(places.live, candidate, { method: 'auto' });
    await double.sql('INSERT INTO STOCK.MARTS.BARE VALUES (1)');
    await catalog.read(candidate);
    for await (const _ of examiner.examine({ method: 'auto', copies: 2, replays: true }));
    await databases.identify(candidate);
    await databases.size(candidate);
    await swap.exchange(places.live, candidate, previous);
    await double.sql(
      live === 'STOCK'
        ? 'GRANT MONITOR ON DATABASE STOCK TO ROLE READER'
        : 'GRANT MONITOR ON SCHEMA STOCK.MARTS TO ROLE READER',
    );
    await swap.exchange(places.live, previous, candidate, 'back');
    await swap.finish?.(places.live, previous, candidate);
    await costs?.();
    await databases.drop(candidate);
  }
});

test('every statement is Snowflake, by an independent grammar or by a documented form', () => {
  // Not those of this file's own preparation, which have no comment of the product.
  const own = double.history
    .map(({ text }) => text)
    .filter((text) => text.startsWith('/* greenlight'));
  expect(own.length).toBeGreaterThan(100);
  const refused = own.flatMap((text) => {
    const plain = text.replace(/\/\*.*?\*\//gs, '').trim();
    if (documented.some((form) => form.test(plain))) return [];
    const { ast, error } = polyglot.parse(text, 'snowflake');
    if (ast === null) return [`${error}: ${text}`];
    const isParsed = ast.length === 1 && ast.every((one) => !isPassedOn(one));
    return isParsed ? [] : [plain];
  });
  expect([...new Set(refused)]).toEqual([]);
});

test('every statement says in its tag and in a comment what it is for', () => {
  const own = double.history.filter(({ text }) => text.startsWith('/* greenlight'));
  for (const { tag, text } of own) {
    expect(JSON.parse(tag)).toMatchObject({ app: 'greenlight' });
    expect(text.slice(text.indexOf('*/') + 2)).not.toMatch(/^[^/]*\*\//);
  }
});

/** Somewhere in the tree is text that the grammar has not understood. */
function isPassedOn(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(isPassedOn);
  if (typeof node !== 'object' || node === null) return false;
  return Object.entries(node).some(
    ([key, value]) => key === 'raw' || key === 'command' || isPassedOn(value),
  );
}
