import { link, mkdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Engine } from '../../../src/engines/engine.ts';
import { createEngine } from '../../../src/engines/registry.ts';
import { literalsOf, outlineOf } from '../../../src/engines/script.ts';
import { GreenlightError, UsageError } from '../../../src/errors.ts';
import { duckdb } from '../../conformance/duckdb.ts';
import type { Scratch } from '../../conformance/harness.ts';

/** What holds for DuckDB because its databases are files. */
let scratch: Scratch;
let engine: Engine;
beforeEach(async () => {
  scratch = await duckdb.start();
  engine = scratch.engine;
});
afterEach(() => scratch.dispose());

const made = 'create table t (id integer); insert into t values (1)';
const clone = (method: string) =>
  engine.databases.clone(engine.places.live, engine.places.candidate('r'), { method });

describe('swap', () => {
  test('an exchange that a crash cut in two is finished by the next one', async () => {
    const { places, swap, databases } = engine;
    await scratch.create(places.live, made);
    await clone('auto');
    const [live, candidate] = [
      await databases.identify(places.live),
      await databases.identify(places.candidate('r')),
    ];
    await mkdir(dirname(places.previous('r')), { recursive: true });
    await link(places.live, places.previous('r'));
    await swap.exchange(places.live, places.candidate('r'), places.previous('r'));
    expect(await databases.identify(places.live)).toEqual(candidate);
    expect(await databases.identify(places.previous('r'))).toEqual(live);
  });

  test('a link to live stays a link', async () => {
    const { root } = scratch.recipe.settings;
    const real = join(root, 'data', 'real.duckdb');
    await scratch.create(real, made);
    await symlink(real, join(root, 'linked.duckdb'));
    const linked = await createEngine('duckdb', {
      ...scratch.recipe.settings,
      live: 'linked.duckdb',
    });
    expect(linked.places.live).toBe(real);
    const { live } = linked.places;
    await linked.databases.clone(live, linked.places.candidate('r'), { method: 'auto' });
    await linked.swap.exchange(live, linked.places.candidate('r'), linked.places.previous('r'));
    expect(await readlink(join(root, 'linked.duckdb'))).toBe(real);
    expect(await scratch.sql(join(root, 'linked.duckdb'), 'select * from t')).toHaveLength(1);
  });
});

describe('a checkpoint that was cut off', () => {
  test.each(['checkpoint', 'recovery'])(
    'commits in .wal.%s are not left behind by a clone or a swap',
    async (kind) => {
      const { places, swap } = engine;
      await scratch.create(places.live, made);
      await clone('auto');
      const left = `${places.live}.wal.${kind}`;
      await writeFile(left, 'commits');
      const told = { what: expect.stringContaining('was ended while'), where: left };
      const exchanged = swap.exchange(places.live, places.candidate('r'), places.previous('r'));
      await expect(exchanged).rejects.toMatchObject({ problem: told });
      await expect(clone('auto')).rejects.toMatchObject({ problem: told });
      expect(await scratch.sql(places.live, 'select * from t')).toHaveLength(1);
    },
  );
});

describe('settings', () => {
  const settings = () => scratch.recipe.settings;
  test('live and ledger are two files', async () => {
    const same = createEngine('duckdb', { ...settings(), ledger: './warehouse.duckdb' });
    await expect(same).rejects.toThrow(UsageError);
  });
  test('an unknown connection option is refused by name', async () => {
    const unknown = createEngine('duckdb', { ...settings(), connection: { thread: 2 } });
    await expect(unknown).rejects.toThrow(/thread/);
  });
  test('threads and memory reach DuckDB', async () => {
    const own = await createEngine('duckdb', {
      ...settings(),
      connection: { threads: 1, memory_limit: '123MiB' },
    });
    await scratch.create(own.places.live, made);
    const session = await own.scripts.open(own.places.live, {
      write: false,
      variables: {},
      forbidden: [],
    });
    const { rows } = await session.query({
      file: 'settings.sql',
      text: "select current_setting('threads')::varchar, current_setting('memory_limit')",
    });
    expect(rows).toEqual([['1', '123.0 MiB']]);
    await session.close();
  });
});

describe('files that are no database', () => {
  test.each([
    ['a text', 'this is not a database, it only lies where one should be'],
    ['an empty file', ''],
  ])('%s', async (_, content) => {
    await writeFile(engine.places.live, content);
    const before = await scratch.fingerprint(engine.places.live);
    await clone('auto').catch(() => undefined);
    await engine.catalog.read(engine.places.live).catch(() => undefined);
    expect(await scratch.fingerprint(engine.places.live)).toBe(before);
    expect(await engine.databases.identify(engine.places.candidate('r'))).toBeNull();
  });

  test('the error says so', async () => {
    await writeFile(engine.places.live, 'x'.repeat(20_000));
    await expect(clone('auto')).rejects.toThrow('not a DuckDB database');
  });
});

test('a clone by copying and one by method reflink: made, or refused with the reason', async () => {
  await scratch.create(engine.places.live, made);
  expect(await clone('copy')).toMatchObject({ method: 'copy', reason: 'as configured' });
  const reflink = await clone('reflink').catch((error) => error);
  if (reflink instanceof GreenlightError) expect(reflink.problem.help).toContain('clone.method');
  else expect(reflink).toMatchObject({ method: 'reflink' });
});

describe('scripts: paths', () => {
  const run = async (text: string) => {
    const { live } = engine.places;
    await scratch.create(live, made);
    await clone('auto');
    const before = await scratch.fingerprint(live);
    const session = await engine.scripts.open(engine.places.candidate('r'), {
      write: true,
      variables: {},
      forbidden: [live],
    });
    try {
      await session.run({ file: 'a.sql', text: text.replaceAll('LIVE', live) });
    } finally {
      await session.close();
      expect(await scratch.fingerprint(live)).toBe(before);
    }
  };

  test.each([
    "copy (select 'a' as v) to 'LIVE'",
    'copy t to $$LIVE$$',
    'copy t to $x$LIVE$x$',
    "copy t to E'LIVE'",
    "copy t to E'\\x2ftmp/x'",
    'copy t to "LIVE"',
    "copy t to ('LIVE')",
    "copy t to ('/tmp' || '/x.duckdb')",
    "copy t to '/tmp'\n'/x.duckdb'",
    "set variable p = 'LIVE'",
    "copy t to (getvariable('p'))",
    "explain analyze copy t to ('/tmp' || '/x.duckdb')",
    "explain (analyze, format json) copy t to ('/tmp' || '/x.duckdb')",
    'prepare p as copy t to $1',
    'prepare p as attach $1',
    "attach or replace 'x.duckdb' as x",
    "attach 'duckdb:LIVE' as x",
    "export database 'LIVE'",
    "select * from read_blob('LIVE')",
    'select * from "LIVE"',
    "attach 'it''s.duckdb' as x; copy t to 'LIVE'",
  ])('refused: %s', async (text) => {
    await expect(run(text)).rejects.toMatchObject({ problem: { where: 'a.sql:1' } });
  });

  test.each([
    "attach ':memory:' as x; create table x.t (id integer)",
    "attach if not exists ':memory:' as x",
    "copy t to '/dev/null' (format csv)",
    "copy (select 'a to b' as v, id from t) to '/dev/null' (format csv, header)",
    'prepare p as select * from t where id = $1; execute p(1)',
    "select 'copy t to (x)', 'it''s', $$it's$$",
    `select 1 as "to", '${'~'}' as home`,
  ])('allowed: %s', async (text) => {
    await run(text);
  });

  test.each(["import database 'FOLDER'", "pragma import_database('FOLDER')"])(
    'refused, because it runs statements out of files: %s',
    async (text) => {
      const folder = join(scratch.recipe.settings.root, 'exported');
      await mkdir(folder);
      const write = `attach '${engine.places.live}' as prod; insert into prod.t values (2);`;
      await writeFile(join(folder, 'schema.sql'), write);
      await writeFile(join(folder, 'load.sql'), '');
      await expect(run(text.replaceAll('FOLDER', folder))).rejects.toMatchObject({
        problem: { where: 'a.sql:1' },
      });
    },
  );

  test('~ is the home folder', async () => {
    const { live } = engine.places;
    await scratch.create(live, made);
    const session = await engine.scripts.open(live, {
      write: false,
      variables: {},
      forbidden: [homedir()],
    });
    await expect(session.check({ file: 'a.sql', text: "select '~' <> ''" })).rejects.toThrow(
      GreenlightError,
    );
    await session.close();
  });
});

test('texts and quoted names of a statement', () => {
  const values = (sql: string) => literalsOf(sql).map(({ value }) => value);
  expect(values(`select 'a', "b", $$c$$, $x$d$x$, E'e' -- 'no'\n /* 'no' */ , 'f'`)).toEqual([
    'a',
    'b',
    'c',
    'd',
    'e',
    'f',
  ]);
  expect(values(`select 'it''s', "say ""x""", ''`)).toEqual(["it's", 'say "x"', '']);
  expect(outlineOf(`copy /* 'x' */ t to 'it''s' -- to 'y'`)).toMatch(/^copy +t to '' +$/);
});
