import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { noiseIn, noisyFunctions } from '../../../src/engines/postgres/unsteady.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { versions } from './shop.ts';

/** Those that look at or change the server, files and large objects, and others that PostgreSQL calls volatile for caution. */
const quiet =
  /^(pg_|lo_|lo(read|write)$|loread|lowrite|binary_upgrade_|brin_|gin_|amvalidate|currtid2|.*handler$|bernoulli|system$|(cursor|query)_to_xml|set_config|setval|ts_rewrite|txid_status)/;

const short = async (sql: string) =>
  (await noiseIn(sql)).map(({ function: name, source, line }) => `${line} ${source} ${name}`);

test.each([
  ['select now(), pg_catalog.random()', ['1 clock now()', '1 random random()']],
  ['select\n  current_date,\n  "now"()', ['2 clock current_date', '3 clock now()']],
  ["select 'now()' -- random()", []],
  ["select 'now'::timestamptz, date 'today', 'now'::text", ["1 clock 'now'", "1 clock 'today'"]],
  ['select age(a), age(a, b) from t', ['1 clock age()']],
  [
    "select nextval('s'), current_user, pg_backend_pid()",
    ['1 sequence nextval()', '1 session current_user', '1 session pg_backend_pid()'],
  ],
  ['select 1 from t tablesample system (1)', ['1 random tablesample']],
  ['select 1 from t tablesample system (1) repeatable (7)', []],
  ["select current_setting('greenlight.now')", []],
  ['insert into t values ({{ now }},\n clock_timestamp())', ['2 clock clock_timestamp()']],
  ['create table t (id uuid default gen_random_uuid())', ['1 random gen_random_uuid()']],
  [
    'create function f() returns int language plpgsql as $$\nbegin\n  x := now();\n  return random();\nend $$',
    ['3 clock now()', '4 random random()'],
  ],
  ['create function f() returns int language sql as $$\nselect random() $$', ['2 random random()']],
  ['do $$ begin perform now(); end $$', ['1 clock now()']],
  ['select 1;\nselct now();\nselect random()', ['2 clock now()', '3 random random()']],
])('%s', async (sql, expected) => {
  expect(await short(sql)).toEqual(expected);
});

describe.each(versions)('PostgreSQL %s', (version) => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(version);
  });
  afterAll(() => server.stop());

  test('every volatile function that gives a value is known as noise, or as none', async () => {
    const rows = await server.sql(
      'postgres',
      `select distinct proname from pg_proc
       where provolatile = 'v' and prokind = 'f' and not proretset and pronamespace = 'pg_catalog'::regnamespace
         and prorettype not in ('trigger'::regtype, 'event_trigger'::regtype, 'internal'::regtype, 'void'::regtype)`,
    );
    const unknown = rows
      .map(({ proname }) => String(proname))
      .filter((name) => !Object.hasOwn(noisyFunctions, name) && !quiet.test(name));
    expect(unknown).toEqual([]);
  });
});
