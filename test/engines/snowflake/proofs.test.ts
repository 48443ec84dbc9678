import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { compareDatabases } from '../../../src/compare/compare.ts';
import { coverageOf, verdictOf } from '../../../src/compare/verdict.ts';
import type { CompareConfig } from '../../../src/config/config.ts';
import type { Engine } from '../../../src/engines/engine.ts';
import { createEngine } from '../../../src/engines/registry.ts';
import { defaultOf } from '../../../src/engines/snowflake/references.ts';
import { hashedText } from '../../../src/report/table-counts.ts';
import { request } from '../../compare/request.ts';
import { type SnowflakeDouble, startDouble } from '../../support/snowflake-double/server.ts';

jest.setTimeout(120_000);

let double: SnowflakeDouble;
const engineFor = (live: string, user = 'TESTER'): Promise<Engine> =>
  createEngine('snowflake', {
    root: '.',
    live,
    ledger: 'LEDGER',
    connection: { account: 'double', host: double.url, user, password: 'secret', warehouse: 'WH' },
  });

beforeAll(async () => {
  double = await startDouble();
  double.addUser({ name: 'TESTER', roles: ['ACCOUNTADMIN'], credential: { password: 'secret' } });
});
afterAll(() => double.stop());

async function compare(
  sides: { old: string; new: string },
  config: Partial<CompareConfig>,
  user?: string,
) {
  const engine = await engineFor('SHOP', user);
  const from = double.history.length;
  const { comparison } = await compareDatabases(request(engine, sides, config));
  const sent = double.history.slice(from).map(({ text }) => text);
  return {
    comparison,
    tables: Object.fromEntries(
      comparison.tables.map(({ table, status, proof, added, removed, changed }) => [
        table,
        { status, proof, counts: [added, removed, changed] },
      ]),
    ),
    /** Statements over both sides of a table. */
    about: (table: string) => sent.filter((sql) => sql.includes(` PUBLIC.${table} */`)),
  };
}

describe('equal hashes, where the user asks for them,', () => {
  const sides = { old: 'HASHED_OLD', new: 'HASHED_NEW' };
  const keys = { 'PUBLIC.SAME': ['ID'], 'PUBLIC.OTHER': ['ID'], 'PUBLIC.MORE': ['ID'] };

  beforeAll(async () => {
    for (const [at, other, more] of [
      [sides.old, 1, ''],
      [sides.new, 2, ', (3, 3)'],
    ] as const)
      await double.sql(
        `CREATE DATABASE ${at};
         CREATE TABLE ${at}.PUBLIC.SAME (ID NUMBER, V NUMBER(10,2));
         INSERT INTO ${at}.PUBLIC.SAME VALUES ${at === sides.old ? '(1, 1.5), (2, NULL)' : '(2, NULL), (1, 1.5)'};
         CREATE TABLE ${at}.PUBLIC.NO_KEY (V NUMBER); INSERT INTO ${at}.PUBLIC.NO_KEY VALUES (1), (1), (NULL);
         CREATE TABLE ${at}.PUBLIC.OTHER (ID NUMBER, V NUMBER); INSERT INTO ${at}.PUBLIC.OTHER VALUES (1, ${other}), (2, 2);
         CREATE TABLE ${at}.PUBLIC.MORE (ID NUMBER, V NUMBER); INSERT INTO ${at}.PUBLIC.MORE VALUES (1, 1), (2, 2)${more}`,
      );
  });

  test('are a verdict that is told as one, and nothing more is read', async () => {
    const { tables, about } = await compare(sides, { proof: 'hash', keys });
    expect(tables['PUBLIC.SAME']).toEqual({
      status: 'identical',
      proof: 'hash',
      counts: [0, 0, 0],
    });
    expect(tables['PUBLIC.NO_KEY']).toMatchObject({ status: 'identical', proof: 'hash' });
    expect(about('SAME').some((sql) => sql.includes('HASH_AGG'))).toBe(true);
    expect(about('SAME').filter((sql) => /JOIN|GROUP BY/.test(sql))).toEqual([]);
  });

  test('where they differ, and where the numbers of rows do, values decide', async () => {
    const { tables, about } = await compare(sides, { proof: 'hash', keys });
    expect(tables['PUBLIC.OTHER']).toEqual({
      status: 'changed',
      proof: 'exact',
      counts: [0, 0, 1],
    });
    expect(tables['PUBLIC.MORE']).toEqual({ status: 'changed', proof: 'exact', counts: [1, 0, 0] });
    expect(about('MORE').filter((sql) => sql.includes('HASH_AGG'))).toEqual([]);
  });

  test('are no proof: the verdict is at most explained, and coverage counts them apart', async () => {
    const only = { result: ['PUBLIC.SAME', 'PUBLIC.NO_KEY'], keys: { 'PUBLIC.SAME': ['ID'] } };
    const hashed = (await compare(sides, { ...only, proof: 'hash' })).comparison;
    const of = (tables: typeof hashed.tables) =>
      tables.filter(({ table }) => only.result.includes(table));
    const alone = { ...hashed, tables: of(hashed.tables) };
    expect(coverageOf(alone).hashed?.toSorted()).toEqual(['PUBLIC.NO_KEY', 'PUBLIC.SAME']);
    expect(verdictOf(alone)).toBe('explained');
    expect(hashedText(coverageOf(alone).hashed ?? [])).toEqual([
      'Of 2 tables nothing but a hash of 64 bits was compared (compare.proof: hash).',
    ]);
    const read = (await compare(sides, { ...only, proof: 'exact' })).comparison;
    const exact = { ...read, tables: of(read.tables) };
    expect(coverageOf(exact).hashed).toBeUndefined();
    expect(verdictOf(exact)).toBe('identical');
  });
});

test('a tolerance between exact numbers is exact, also where no type holds both', async () => {
  const sides = { old: 'NEAR_OLD', new: 'NEAR_NEW' };
  const rows = {
    [sides.old]: `(1, 123456789012345678.01, 12345678901234567890.25), (2, 123456789012345678.01, 1),
      (3, NULL, 999999999999999999999999999999999999.99), (4, 1, 9007199254740993.25), (5, 1, -0.25),
      (6, 1, 9007199254740993.25), (7, 1, -0.25)`,
    [sides.new]: `(1, 123456789012345678.0200, 2), (2, 123456789012345678.0201, 1.5), (3, 1, 1),
      (4, 1, 9007199254740992.75), (5, 1, 0.25), (6, 1, 9007199254740992.74), (7, 1, 0.26)`,
  };
  for (const [at, types] of [
    [sides.old, ['NUMBER(20,2)', 'NUMBER(38,2)']],
    [sides.new, ['NUMBER(24,4)', 'NUMBER(38,20)']],
  ] as const)
    await double.sql(
      `CREATE DATABASE ${at}; CREATE TABLE ${at}.PUBLIC.T (ID NUMBER, V ${types[0]}, W ${types[1]});
       INSERT INTO ${at}.PUBLIC.T VALUES ${rows[at]}`,
    );
  const { comparison } = await compare(sides, {
    keys: { 'PUBLIC.T': ['ID'] },
    tolerance: { 'PUBLIC.T': { V: { absolute: 0.01 }, W: { absolute: 0.5 } } },
  });
  const changed = comparison.tables[0]?.columns.map((column) => [column.column, column.changed]);
  // Floats would tell neither those of V nor the larger ones of W apart; those of W have no common type.
  expect(changed).toEqual([
    ['ID', 0],
    ['V', 2],
    ['W', 4],
  ]);
});

test.each(['WHOLE', 'WHOLE.SALES'])('a clone of %s reads like live', async (live) => {
  await double.sql(
    `CREATE OR REPLACE DATABASE WHOLE; CREATE SCHEMA WHOLE.SALES; CREATE ROLE IF NOT EXISTS READER;
     GRANT USAGE ON DATABASE WHOLE TO ROLE READER; GRANT USAGE ON SCHEMA WHOLE.SALES TO ROLE READER;
     CREATE SEQUENCE WHOLE.SALES.IDS START 5;
     CREATE TABLE WHOLE.SALES.T (ID NUMBER PRIMARY KEY, V NUMBER DEFAULT 7, W VARCHAR NOT NULL);
     CREATE VIEW WHOLE.SALES.TOP AS SELECT V FROM T;
     GRANT SELECT ON TABLE WHOLE.SALES.T TO ROLE READER;
     CREATE TASK WHOLE.SALES.ROOT WAREHOUSE = WH SCHEDULE = '1 MINUTE' AS SELECT 1;
     CREATE TASK WHOLE.SALES.NEXT WAREHOUSE = WH AFTER WHOLE.SALES.ROOT AS SELECT 2`,
  );
  const { catalog, databases, places } = await engineFor(live);
  await databases.clone(places.live, places.candidate('w'), { method: 'auto' });
  const [before, after] = [
    await catalog.read(places.live),
    await catalog.read(places.candidate('w')),
  ];
  expect(before.relations.map(({ schema, name }) => [schema, name])).toEqual([
    ['SALES', 'T'],
    ['SALES', 'TOP'],
  ]);
  expect(after.relations).toEqual(before.relations);
  expect(after.objects).toEqual(before.objects);
  expect(before.objects).toContainEqual(
    expect.objectContaining({ kind: 'task', name: 'SALES.NEXT' }),
  );
});

test.each([
  ['SHOP__R', null, 'SHOP__R.SALES.IDS.NEXTVAL', 'SALES.IDS.NEXTVAL'],
  ['SHOP', 'SALES__R', 'SHOP."SALES__R".IDS.NEXTVAL', 'IDS.NEXTVAL'],
  ['SHOP__R', null, 'SHOP.SALES.IDS.NEXTVAL', 'SHOP.SALES.IDS.NEXTVAL'],
  ['SHOP', null, "'SHOP.SALES.IDS'", "'SHOP.SALES.IDS'"],
  ['SHOP', null, null, null],
])('in %s.%s the default %s reads %s', (database, schema, text, expected) => {
  expect(defaultOf(text, { database, schema })).toBe(expected);
});

test('a view that does not say to the role what it is may lead to live: at most explained', async () => {
  await double.sql(`CREATE ROLE READS; CREATE DATABASE SECRET_OLD;
    CREATE TABLE SECRET_OLD.PUBLIC.T (ID NUMBER); INSERT INTO SECRET_OLD.PUBLIC.T VALUES (1);
    CREATE VIEW SECRET_OLD.PUBLIC.OPEN AS SELECT ID FROM PUBLIC.T;
    CREATE SECURE VIEW SECRET_OLD.PUBLIC.HIDDEN AS SELECT ID FROM SECRET_OLD.PUBLIC.T;
    CREATE DATABASE SECRET_NEW CLONE SECRET_OLD; CREATE DATABASE IF NOT EXISTS LEDGER;
    GRANT USAGE ON WAREHOUSE WH TO ROLE READS; GRANT OWNERSHIP ON DATABASE LEDGER TO ROLE READS`);
  for (const at of ['SECRET_OLD', 'SECRET_NEW'])
    await double.sql(`GRANT USAGE ON DATABASE ${at} TO ROLE READS; GRANT USAGE ON SCHEMA ${at}.PUBLIC TO ROLE READS;
      GRANT SELECT ON TABLE ${at}.PUBLIC.T TO ROLE READS; GRANT SELECT ON VIEW ${at}.PUBLIC.OPEN TO ROLE READS;
      GRANT SELECT ON VIEW ${at}.PUBLIC.HIDDEN TO ROLE READS`);
  double.addUser({ name: 'READER', roles: ['READS'], credential: { password: 'secret' } });
  const sides = { old: 'SECRET_OLD', new: 'SECRET_NEW' };
  const { comparison } = await compare(sides, {}, 'READER');
  expect(coverageOf(comparison).skipped).toMatchObject([
    {
      table: 'PUBLIC.HIDDEN',
      column: 'ID',
      reason: expect.stringContaining('is not shown to it, and may lead to live'),
    },
  ]);
  expect(verdictOf(comparison)).toBe('explained');
  const byOwner = await compare(sides, {});
  expect(verdictOf(byOwner.comparison)).toBe('identical');

  const { examiner } = await engineFor('SECRET_OLD', 'READER');
  const told = [];
  for await (const one of examiner.examine({ method: 'auto', copies: 2, replays: false }))
    if (one.subject === 'secure views') told.push(one);
  expect(told).toMatchObject([{ verdict: 'warning', part: 'catalog' }]);
  expect(JSON.stringify(told)).toContain('SECRET_OLD.PUBLIC.HIDDEN');
});

describe('policies', () => {
  const made = `CREATE DATABASE GUARDED; CREATE SCHEMA GUARDED.SALES; CREATE DATABASE RULES;
    CREATE TABLE GUARDED.SALES.PERSON (ID NUMBER, NAME VARCHAR, MAIL VARCHAR);
    CREATE VIEW GUARDED.SALES.NAMES AS SELECT NAME FROM GUARDED.SALES.PERSON;
    CREATE MASKING POLICY GUARDED.SALES.HIDE AS (v VARCHAR) RETURNS VARCHAR -> CASE WHEN CURRENT_ROLE() = 'HR' THEN v END;
    CREATE MASKING POLICY RULES.PUBLIC.CUT AS (v VARCHAR) RETURNS VARCHAR -> LEFT(v, 1);
    CREATE ROW ACCESS POLICY GUARDED.SALES.OWN AS (i NUMBER) RETURNS BOOLEAN -> EXISTS (SELECT 1 FROM GUARDED.SALES.PERSON WHERE ID = i);
    ALTER TABLE GUARDED.SALES.PERSON MODIFY COLUMN NAME SET MASKING POLICY GUARDED.SALES.HIDE;
    ALTER TABLE GUARDED.SALES.PERSON MODIFY COLUMN MAIL SET MASKING POLICY RULES.PUBLIC.CUT;
    ALTER TABLE GUARDED.SALES.PERSON ADD ROW ACCESS POLICY GUARDED.SALES.OWN ON (ID)`;
  beforeAll(() => double.sql(made));

  test.each(['GUARDED', 'GUARDED.SALES'])(
    'of %s are told, and those of its clone alike',
    async (live) => {
      const { catalog, databases, places } = await engineFor(live);
      const candidate = places.candidate('r');
      await databases.clone(places.live, candidate, {
        method: 'auto',
        onProgress: () => undefined,
      });
      const policiesAt = async (at: string) =>
        (await catalog.read(at)).objects.filter(({ kind }) => /policy/.test(kind));
      const before = await policiesAt(places.live);
      const own = (kind: string) =>
        before.filter((one) => one.kind === kind).map(({ name, definition }) => [name, definition]);
      expect(own('masking policy in force')).toEqual([
        ['SALES.PERSON.MAIL', 'RULES.PUBLIC.CUT'],
        ['SALES.PERSON.NAME', 'SALES.HIDE'],
      ]);
      expect(own('row access policy in force')).toEqual([
        ['SALES.PERSON', 'SALES.OWN with ["ID"]'],
      ]);
      expect(own('masking policy')).toEqual([
        ['SALES.HIDE', "(v VARCHAR) returns VARCHAR as CASE WHEN CURRENT_ROLE() = 'HR' THEN v END"],
      ]);
      expect(await policiesAt(candidate)).toEqual(before);
      const inClone = live === 'GUARDED' ? `${candidate}.SALES` : candidate;
      await double.sql(
        `ALTER TABLE ${inClone}.PERSON MODIFY COLUMN NAME UNSET MASKING POLICY;
       CREATE OR REPLACE MASKING POLICY ${inClone}.HIDE AS (v VARCHAR) RETURNS VARCHAR -> NULL`,
      );
      const after = await policiesAt(candidate);
      expect(after).not.toContainEqual(expect.objectContaining({ name: 'SALES.PERSON.NAME' }));
      expect(after).toContainEqual(
        expect.objectContaining({ definition: '(v VARCHAR) returns VARCHAR as NULL' }),
      );
    },
  );

  test('may hide what is compared: it is told column by column, and the verdict is at most explained', async () => {
    await double.sql(`CREATE DATABASE EYES_OLD; CREATE DATABASE EYES_PLAIN;
      CREATE TABLE EYES_PLAIN.PUBLIC.FREE (ID NUMBER);
      CREATE TABLE EYES_OLD.PUBLIC.MASKED (ID NUMBER, NAME VARCHAR); CREATE TABLE EYES_OLD.PUBLIC.FILTERED (ID NUMBER);
      CREATE TABLE EYES_OLD.PUBLIC.FREE (ID NUMBER); CREATE VIEW EYES_OLD.PUBLIC.SEEN AS SELECT NAME FROM PUBLIC.MASKED;
      CREATE MASKING POLICY EYES_OLD.PUBLIC.HIDE AS (v VARCHAR) RETURNS VARCHAR -> NULL;
      CREATE ROW ACCESS POLICY EYES_OLD.PUBLIC.OWN AS (i NUMBER) RETURNS BOOLEAN -> i = 1;
      ALTER TABLE EYES_OLD.PUBLIC.MASKED MODIFY COLUMN NAME SET MASKING POLICY EYES_OLD.PUBLIC.HIDE;
      ALTER TABLE EYES_OLD.PUBLIC.FILTERED ADD ROW ACCESS POLICY EYES_OLD.PUBLIC.OWN ON (ID);
      CREATE DATABASE EYES_NEW CLONE EYES_OLD`);
    const { comparison } = await compare({ old: 'EYES_OLD', new: 'EYES_NEW' }, {});
    expect(comparison.tables.map(({ status }) => status)).toEqual(Array(4).fill('identical'));
    const hidden = coverageOf(comparison).skipped.map(({ table, column, reason }) => [
      `${table}.${column}`,
      reason,
    ]);
    const asSeen = 'compared as the role of the connection sees it';
    expect(Object.fromEntries(hidden)).toEqual({
      'PUBLIC.MASKED.NAME': `${asSeen}: masking policy HIDE may hide values`,
      'PUBLIC.FILTERED.ID': `${asSeen}: row access policy OWN may hide rows`,
      'PUBLIC.SEEN.NAME': `${asSeen}: the view may read what policies guard`,
    });
    expect(verdictOf(comparison)).toBe('explained');
    const plain = await compare({ old: 'EYES_PLAIN', new: 'EYES_PLAIN' }, {});
    expect(verdictOf(plain.comparison)).toBe('identical');
  });

  test('that name their database lead out of a clone, and are found', async () => {
    const { catalog, places } = await engineFor('GUARDED');
    const { definitions } = await catalog.read(places.live);
    expect(definitions).toContainEqual(
      expect.objectContaining({
        kind: 'row access policy',
        name: 'SALES.OWN',
        databases: ['GUARDED'],
      }),
    );
  });
});
