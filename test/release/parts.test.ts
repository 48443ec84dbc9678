import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Comparison } from '../../src/compare/outcome.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Relation } from '../../src/engines/engine.ts';
import { canonicalJson, digestOf } from '../../src/release/digest.ts';
import { migrationScripts, projectFiles, runSteps } from '../../src/release/files.ts';
import { inventoryChanges, inventoryOf, missingFrom } from '../../src/release/inventory.ts';
import type { LedgerReader } from '../../src/release/ledger.ts';
import { releasesInLive, scriptsInLive } from '../../src/release/lineage.ts';
import { changedParts, logicHash } from '../../src/release/logic-hash.ts';
import type { ScriptRecord, SwapRecord } from '../../src/release/records.ts';

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

const config = `engine: duckdb
live: warehouse.duckdb
migrate: { scripts: migrations/ }
simulate: { run: [logic/*.sql, { command: "dbt run", paths: [models/**] }] }
swap: { verify: [checks/*.sql] }
`;
const files = {
  'migrations/V1__a.sql': 'select 1;',
  'logic/b.sql': 'select 2;',
  'logic/a.sql': 'select 1;',
  'models/m.sql': 'select 1;',
  'checks/c.sql': 'select true;',
  'greenlight.expected.yml': 'tables: {}',
};

/** A project in a folder of its own, as its configuration. */
async function projectOf(text: string, written: Record<string, string> = files) {
  const folder = await mkdtemp(join(tmpdir(), 'greenlight-test-'));
  folders.push(folder);
  for (const [name, content] of Object.entries({ ...written, 'greenlight.yml': text })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return loadConfig(join(folder, 'greenlight.yml'), {});
}

describe('the hash of the logic', () => {
  const hashOf = async (text: string, written?: Record<string, string>) =>
    logicHash(await projectOf(text, written));

  test('is the same wherever the project stands, and whatever does not change the outcome', async () => {
    const { hash } = await hashOf(config);
    for (const same of [
      `# a comment\n${config}`,
      config.replace('warehouse.duckdb', 'other.duckdb'),
      `${config}connection: { threads: 2 }\n`,
      `${config}ledger: elsewhere.duckdb\n`,
      config.replace('engine: duckdb\n', 'engine:   "duckdb"\n'),
    ]) {
      expect((await hashOf(same)).hash).toBe(hash);
    }
    const more = { ...files, 'README.md': 'new', '.github/workflows/ci.yml': 'on: push' };
    expect((await hashOf(config, more)).hash).toBe(hash);
  });

  test('is the same whatever is said in comments of YAML files, and in files of CI', async () => {
    const expected = `tables:
  marts.t:
    columns: { amount: { where: "new.id > 7", because: vat } }
`;
    const all = config.replace('models/**', '"**"');
    const written = {
      ...files,
      'greenlight.expected.yml': expected,
      '.github/workflows/release.yml': 'on: push\n',
      '.gitlab-ci.yml': 'stages: [release]\n',
    };
    const { hash, parts } = await hashOf(all, written);
    expect(Object.keys(parts)).toContain('models/m.sql');
    const commented = `# why\n${expected.replace('columns: {', 'columns: { # here\n        ')}\n# end\n`;
    for (const changed of [
      { 'greenlight.expected.yml': commented },
      { '.github/workflows/release.yml': '# a comment\non: push\n' },
      { '.gitlab-ci.yml': '# a comment\nstages: [release]\n' },
    ])
      expect((await hashOf(all, { ...written, ...changed })).hash).toBe(hash);
    const remarks = `# a comment\n${all.replace('live:', '# another\nlive:')}`;
    expect((await hashOf(remarks, written)).hash).toBe(hash);
  });

  test.each([
    ['another value', 'tables: { marts.t: { rows: { added: { at_most: 8 } } } }'],
    ['another table', 'tables: { marts.u: { rows: { added: { at_most: 7 } } } }'],
    ['nothing', ''],
    ['no YAML', 'tables: { marts.t: { rows'],
    ['no YAML any more', 'tables: { marts.t: { rows: { added: { at_most: 7 } } }'],
  ])('changes with expectations that say %s', async (_, text) => {
    const written = 'tables: { marts.t: { rows: { added: { at_most: 7 } } } }';
    const of = (expected: string) =>
      hashOf(config, { ...files, 'greenlight.expected.yml': expected });
    const [before, after] = [await of(written), await of(text)];
    expect(changedParts(before.parts, after.parts)).toEqual(['~ greenlight.expected.yml']);
    expect(after.hash).not.toBe(before.hash);
  });

  test.each(Object.keys(files))('changes with %s, and says so', async (name) => {
    const before = await hashOf(config);
    const after = await hashOf(config, { ...files, [name]: 'select 99;' });
    expect(after.hash).not.toBe(before.hash);
    expect(changedParts(before.parts, after.parts)).toEqual([`~ ${name}`]);
    // The checks look at the candidate, and the expectations say what is right; they do not make it.
    const makes = !['checks/c.sql', 'greenlight.expected.yml'].includes(name);
    expect(after.candidate !== before.candidate).toBe(makes);
  });

  test('changes with a file that comes or goes', async () => {
    const before = await hashOf(config);
    const added = await hashOf(config, { ...files, 'logic/c.sql': 'select 1;' });
    expect(changedParts(before.parts, added.parts)).toEqual(['+ logic/c.sql']);
    expect(changedParts(added.parts, before.parts)).toEqual(['- logic/c.sql']);
    expect(added.hash).not.toBe(before.hash);
  });

  test.each([
    ['simulate', config.replace('dbt run', 'dbt build'), true],
    [
      'simulate',
      config
        .replace(' models/**]', ' models/**]')
        .replace('paths: [models/**]', 'paths: [models/**], timeout: 1s'),
      true,
    ],
    ['compare', `${config}compare: { ignore: [a.b.c] }\n`, false],
    ['compare', `${config}compare: { mode: strict }\n`, false],
    [
      'swap',
      config.replace('verify: [checks/*.sql]', 'verify: [checks/*.sql], timeout: 5s'),
      false,
    ],
    ['approvals', `${config}approvals: { required: 2 }\n`, false],
  ])('changes with the section %s of the configuration', async (section, text, makes) => {
    const [before, after] = [await hashOf(config), await hashOf(text)];
    expect(changedParts(before.parts, after.parts)).toEqual([`~ greenlight.yml: ${section}`]);
    expect(after.hash).not.toBe(before.hash);
    expect(after.candidate !== before.candidate).toBe(makes);
  });
});

describe('the digest', () => {
  test('comes from JSON that is the same for equal values', () => {
    expect(canonicalJson({ b: 1, a: [1, { d: null, c: 'x' }] })).toBe(
      '{"a":[1,{"c":"x","d":null}],"b":1}',
    );
    expect(canonicalJson({ a: 1, b: undefined })).toBe(canonicalJson({ a: 1 }));
    expect(canonicalJson([undefined, 1])).toBe('[null,1]');
    expect(canonicalJson('ü"\n')).toBe('"ü\\"\\n"');
    expect(canonicalJson(['1', 1])).not.toBe(canonicalJson([1, '1']));
    expect(canonicalJson(undefined)).toBe('null');
    expect(canonicalJson({ ä: 1, z: 2, Z: 3 })).toBe('{"Z":3,"z":2,"ä":1}');
  });

  const comparison = {
    mode: 'semantic',
    tolerated: [],
    tables: [
      {
        table: 'a.b',
        status: 'changed',
        changed: 3,
        fingerprint: 'f',
        proof: 'exact',
        way: 'join',
        columns: [{ column: 'c', status: 'changed', changed: 3 }],
      },
    ],
    objects: [{ kind: 'index', name: 'a.i', status: 'removed' }],
    expectations: [
      { file: 'e.yml', line: 3, declares: 'a.b rows added', status: 'met', because: 'why' },
    ],
  } as unknown as Comparison;
  const [table] = comparison.tables;
  const withTable = (more: object) =>
    ({ ...comparison, tables: [{ ...table, ...more }] }) as Comparison;

  test('does not depend on how the rows were brought together', () => {
    expect(digestOf(comparison)).toMatch(/^[0-9a-f]{64}$/);
    expect(digestOf(withTable({ proof: 'lineage', way: 'position' }))).toBe(digestOf(comparison));
  });

  test('does not depend on how many rows are equal on both sides', () => {
    const of = (old_rows: number | null, new_rows: number | null) =>
      digestOf(withTable({ old_rows, new_rows }));
    expect(of(12, 15)).toBe(of(10, 13));
    expect(of(10, 14)).not.toBe(of(10, 13));
    expect(of(null, 13)).not.toBe(of(null, 14));
  });

  test('does not depend on where an expectation stands, nor why', () => {
    const [expectation] = comparison.expectations;
    const moved = { ...expectation, file: 'f.yml', line: 9, because: null };
    expect(digestOf({ ...comparison, expectations: [moved] } as Comparison)).toBe(
      digestOf(comparison),
    );
  });

  const withExpectation = (more: object) =>
    ({
      ...comparison,
      expectations: [{ ...comparison.expectations[0], ...more }],
    }) as Comparison;

  test.each([
    withTable({ changed: 4 }),
    withTable({ unexplained: 1 }),
    withTable({ explained: true }),
    withExpectation({ status: 'broken' }),
    withExpectation({ declares: 'a.b rows removed' }),
    withExpectation({ claimed: 2 }),
    { ...comparison, expectations: [] },
    withTable({ fingerprint: 'g' }),
    withTable({ status: 'skipped' }),
    withTable({ table: 'a.c' }),
    { ...comparison, mode: 'strict' } as Comparison,
    // What it forgives may have been a deviation before.
    { ...comparison, tolerated: [{ table: 'a.d', column: 'e', within: 'absolute 1' }] },
    { ...comparison, objects: [] },
    { ...comparison, tables: [] },
  ])('changes with what was found: %#', (other) => {
    expect(digestOf(other)).not.toBe(digestOf(comparison));
  });
});

describe('files', () => {
  test('migrations are ordered by their versions as numbers, repeatable ones after', async () => {
    const names = [
      'V2__a',
      'V10__a',
      'V1_1__a',
      'V1.0.1__a',
      'V1__b',
      'R__b',
      'R__a',
      'V09__a',
      'x/V3__a',
    ];
    const project = await projectOf(config, {
      ...Object.fromEntries(names.map((name) => [`migrations/${name}.sql`, 'select 1;'])),
      'migrations/readme.md': 'not a script',
      'logic/a.sql': 'select 1;',
      'checks/c.sql': 'select true;',
    });
    const scripts = await migrationScripts(project);
    expect(scripts.map(({ name }) => name.replace('.sql', ''))).toEqual([
      'V1__b',
      'V1.0.1__a',
      'V1_1__a',
      'V2__a',
      'V3__a',
      'V09__a',
      'V10__a',
      'R__a',
      'R__b',
    ]);
    expect(scripts.at(0)).toMatchObject({ kind: 'versioned', file: 'migrations/V1__b.sql' });
    expect(scripts.at(-1)).toMatchObject({ kind: 'repeatable' });
  });

  test('the run list keeps its order; within a glob, paths are sorted', async () => {
    const project = await projectOf(
      config.replace('[logic/*.sql, ', '[logic/b.sql, logic/a*.sql, '),
      {
        ...files,
        'logic/a2.sql': 'select 1;',
        'logic/a10.sql': 'select 1;',
      },
    );
    expect((await runSteps(project)).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'sql logic/b.sql',
      'sql logic/a.sql',
      'sql logic/a10.sql',
      'sql logic/a2.sql',
      'command dbt run',
    ]);
  });

  test('the files of several globs come once each', async () => {
    const project = await projectOf(config);
    const found = await projectFiles(project, ['logic/*.sql', '**/a.sql']);
    expect(found.map(({ file }) => file)).toEqual(['logic/a.sql', 'logic/b.sql']);
    expect(found[0]).toMatchObject({
      text: 'select 1;',
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await projectFiles(project, [])).toEqual([]);
  });

  test('the checksum of a command changes with its files', async () => {
    const of = async (written: Record<string, string>) =>
      (await runSteps(await projectOf(config, written))).at(-1)?.checksum;
    expect(await of(files)).toBe(await of(files));
    expect(await of({ ...files, 'models/m.sql': 'select 2;' })).not.toBe(await of(files));
  });
});

describe('lineage', () => {
  const swap = (release: string, direction = 'swap', state = 'done') =>
    ({ release, direction, state }) as SwapRecord;

  test.each<[string, SwapRecord[], string[]]>([
    ['nothing went live', [], []],
    ['two releases', [swap('a'), swap('b')], ['a', 'b']],
    ['the last one was rolled back', [swap('a'), swap('b'), swap('b', 'rollback')], ['a']],
    ['another one came after the rollback', [swap('a'), swap('a', 'rollback'), swap('b')], ['b']],
    [
      'a swap that did not happen',
      [swap('a'), swap('b', 'swap', 'undone'), swap('c', 'swap', 'returned')],
      ['a'],
    ],
    ['a swap that is under way', [swap('a'), swap('b', 'swap', 'intended')], ['a']],
    ['a rollback that did not happen', [swap('a'), swap('a', 'rollback', 'undone')], ['a']],
  ])('of live when %s', (_, swaps, chain) => {
    expect(releasesInLive(swaps)).toEqual(chain);
  });

  test('gives the last run of each script that live holds', async () => {
    const runs: Record<string, Partial<ScriptRecord>[]> = {
      a: [
        { script: 'V1', checksum: '1', state: 'applied' },
        { script: 'R', checksum: 'old', state: 'applied' },
        { script: 'V2', checksum: '2', state: 'running' },
      ],
      b: [{ script: 'R', checksum: 'new', state: 'applied' }],
      gone: [{ script: 'V3', checksum: '3', state: 'applied' }],
    };
    const reader = {
      swaps: async () => [swap('a'), swap('b'), swap('gone'), swap('gone', 'rollback')],
      migrations: async (release: string) => runs[release] ?? [],
    } as unknown as LedgerReader;
    const scripts = await scriptsInLive(reader);
    expect([...scripts].map(([name, { checksum }]) => [name, checksum])).toEqual([
      ['V1', '1'],
      ['R', 'new'],
    ]);
  });
});

test('an inventory tells what is missing, and what changed', () => {
  const [before, after] = [
    { a: '1', b: '1', c: '1' },
    { a: '1', b: '2', d: '1' },
  ];
  expect(missingFrom(before, after)).toEqual(['c']);
  expect(inventoryChanges(before, after)).toEqual(['~ b', '- c', '+ d']);
  expect(inventoryChanges(before, before)).toEqual([]);
});

test('no object of an inventory hides another one that has the same name', () => {
  const inventory = (first: string, type: string) => {
    const table = (schema: string, name: string, of: string): Relation => {
      const columns = [{ name: 'id', type: of }];
      return { schema, name, kind: 'table', columns, keys: [], definition: null, fault: null };
    };
    return inventoryOf({
      relations: [table('a', 'b.c', type), table('a.b', 'c', 'integer')],
      objects: [first, 'the other'].map((definition) => {
        return { kind: 'index', name: 'a.b.c', definition };
      }),
      definitions: [],
    });
  };
  expect(inventoryChanges(inventory('one', 'bigint'), inventory('two', 'integer'))).toEqual([
    '~ index a.b.c',
    '~ table a."b.c"',
  ]);
});
