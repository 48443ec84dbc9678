// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the notation of the configuration file is meant.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { configJsonSchema } from '../../src/config/schema.ts';
import { EXIT, UsageError } from '../../src/errors.ts';

/** The example of the design, without what this version does not have. */
const EXAMPLE = `
version: 1
engine: duckdb
live: warehouse.duckdb
connection: { host: db.example, user: release, password: \${DB_PASSWORD} }
ledger: greenlight.duckdb           # its own file or database
clone: { method: auto, baseline: auto }
migrate: { scripts: migrations/ }
simulate:
  run: [logic/*.sql]                # SQL files and commands, in order
  clock: 2026-01-31T06:00:00Z
  control: true
compare:
  input: [staging.*]
  result: [marts.*]
  keys: { marts.delay: [carrier, day] }
  ignore: [marts.delay.loaded_at]
  tolerance: { marts.delay.mean: { absolute: 0.001 } }
  mode: semantic
expectations: expected.yml
privacy: keys
swap: { drift: refuse, verify: [checks/*.sql], timeout: 30s }
approvals: { required: 2, by_author: true }
retire: { keep_previous: 2d }
`;

const MINIMAL = 'engine: duckdb\nlive: w.duckdb\nmigrate: { scripts: m/ }\n';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'greenlight-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function load(text: string | Uint8Array, env: NodeJS.ProcessEnv = {}) {
  const file = join(folder, 'greenlight.yml');
  await writeFile(file, text);
  return loadConfig(file, env);
}

/** What the loader has to say: one line for each mistake, without the folder. */
async function mistakes(text: string | Uint8Array, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const error = await load(text, env).then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(UsageError);
  expect(error.exitCode).toBe(EXIT.usage);
  return (error.problem.cause as string)
    .split('\n')
    .map((line) => line.replace(`${join(folder, 'greenlight.yml')}:`, ''));
}

describe('a good file', () => {
  test('the example of the design', async () => {
    expect(await load(EXAMPLE, { DB_PASSWORD: 'hunter2' })).toEqual({
      version: 1,
      file: join(folder, 'greenlight.yml'),
      root: folder,
      engine: 'duckdb',
      live: 'warehouse.duckdb',
      connection: { host: 'db.example', user: 'release', password: 'hunter2' },
      servers: {},
      ledger: 'greenlight.duckdb',
      clone: { method: 'auto', baseline: null },
      migrate: { kind: 'scripts', folder: 'migrations/' },
      simulate: {
        run: [{ kind: 'sql', glob: 'logic/*.sql' }],
        clock: '2026-01-31T06:00:00Z',
        forEach: null,
        bitemporal: null,
        control: { kind: 'merge-base' },
      },
      compare: {
        input: ['staging.*'],
        result: ['marts.*'],
        keys: { 'marts.delay': ['carrier', 'day'] },
        ignore: ['marts.delay.loaded_at'],
        tolerance: { 'marts.delay': { mean: { absolute: 0.001 } } },
        mode: 'semantic',
      },
      expectations: { file: 'expected.yml', mustExist: true },
      privacy: 'keys',
      swap: {
        drift: 'refuse',
        branch: null,
        verify: [{ kind: 'sql', glob: 'checks/*.sql' }],
        timeoutMs: 30_000,
        longestHoldMs: 300_000,
      },
      approvals: { required: 2, byAuthor: true },
      retire: { keepPreviousMs: 172_800_000 },
      variables: ['DB_PASSWORD'],
    });
  });

  test('a baseline may be given', async () => {
    const { clone } = await load(`${MINIMAL}clone: { baseline: shop@replica }`);
    expect(clone).toEqual({ method: 'auto', baseline: 'shop@replica' });
  });

  test('three keys are enough', async () => {
    expect(await load(MINIMAL)).toEqual({
      version: 1,
      file: join(folder, 'greenlight.yml'),
      root: folder,
      engine: 'duckdb',
      live: 'w.duckdb',
      connection: {},
      servers: {},
      ledger: null,
      clone: { method: 'auto', baseline: null },
      migrate: { kind: 'scripts', folder: 'm/' },
      simulate: null,
      compare: {
        input: [],
        result: null,
        keys: {},
        ignore: [],
        tolerance: {},
        mode: 'semantic',
      },
      expectations: { file: 'greenlight.expected.yml', mustExist: false },
      privacy: 'keys',
      swap: {
        drift: 'refuse',
        branch: null,
        verify: [],
        timeoutMs: 30_000,
        longestHoldMs: 300_000,
      },
      approvals: { required: 1, byAuthor: false },
      retire: { keepPreviousMs: 604_800_000 },
      variables: [],
    });
  });

  test('commands', async () => {
    const config = await load(`
engine: duckdb
live: w.duckdb
migrate: { command: flyway migrate, paths: [sql/**], timeout: 2h }
simulate:
  run:
    - staging/*.sql
    - command: dbt build
    - { command: make marts, paths: [Makefile], timeout: 1.5m }
`);
    expect(config.migrate).toEqual({
      kind: 'command',
      command: 'flyway migrate',
      paths: ['sql/**'],
      timeoutMs: 7_200_000,
    });
    expect(config.simulate).toEqual({
      clock: null,
      forEach: null,
      control: null,
      bitemporal: null,
      run: [
        { kind: 'sql', glob: 'staging/*.sql' },
        { kind: 'command', command: 'dbt build', paths: [], timeoutMs: 3_600_000 },
        { kind: 'command', command: 'make marts', paths: ['Makefile'], timeoutMs: 90_000 },
      ],
    });
  });

  test.each([
    ['false', null],
    ['true', { kind: 'merge-base' }],
    ['{ ref: v1.4 }', { kind: 'ref', ref: 'v1.4' }],
    ['{ folder: ../released }', { kind: 'folder', folder: '../released' }],
  ])('a control: %s', async (written, control) => {
    const { simulate } = await load(`${MINIMAL}simulate: { run: [a.sql], control: ${written} }`);
    expect(simulate?.control).toEqual(control);
  });

  test('a technical validity', async () => {
    const { simulate } = await load(`engine: duckdb
live: w.duckdb
simulate: { run: [a.sql], bitemporal: { technical: [tech_from, '"tech to"'] } }
`);
    expect(simulate?.bitemporal).toEqual({
      technical: ['tech_from', 'tech to'],
      publish: 'at-swap',
      parked: '9000-01-01T00:00:00Z',
    });
  });

  test('names are written as in SQL and become canonical', async () => {
    const { compare } = await load(`${MINIMAL}
compare:
  input: ['"my schema".*']
  keys: { '"marts"."odd.table"': ['"a.b"', my column, Größe] }
  ignore: ['"marts".delay . "loaded at"']
  tolerance:
    my schema.t.c: { relative: 0.1 }
    '"my schema".t."d.e"': { absolute: 1 }
`);
    expect(compare).toMatchObject({
      input: ['"my schema".*'],
      keys: { 'marts."odd.table"': ['a.b', 'my column', 'Größe'] },
      ignore: ['marts.delay."loaded at"'],
      tolerance: { '"my schema".t': { c: { relative: 0.1 }, 'd.e': { absolute: 1 } } },
    });
  });

  test.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5 m', 300_000],
    ['0.5h', 1_800_000],
  ])('a time limit of %s', async (written, ms) => {
    const { swap } = await load(`${MINIMAL}swap: { timeout: ${written} }`);
    expect(swap.timeoutMs).toBe(ms);
  });

  test('a byte order mark, and lines that end as on Windows', async () => {
    const { live } = await load(`\uFEFF${MINIMAL.replaceAll('\n', '\r\n')}`);
    expect(live).toBe('w.duckdb');
  });
});

describe('variables', () => {
  test('come from the environment, in every text value', async () => {
    const { live, ledger, migrate, variables } = await load(
      'engine: duckdb\nlive: "${DIR}/${NAME}.duckdb"\nledger: ${DIR}/l.duckdb\nmigrate: {scripts: ${DIR}}\nconnection: {a: ${NAME}}',
      { DIR: '/data', NAME: 'w' },
    );
    expect({ live, ledger, migrate }).toEqual({
      live: '/data/w.duckdb',
      ledger: '/data/l.duckdb',
      migrate: { kind: 'scripts', folder: '/data' },
    });
    expect(variables).toEqual(['NAME']);
  });

  test('a value changes nothing but its own text', async () => {
    const config = await load(`${MINIMAL}connection: { password: \${P}, user: "\${P}" }`, {
      P: 'a", b: {c}\nprivacy: full # ${Q} $& \uFDD0',
    });
    expect(config.connection).toEqual({
      password: 'a", b: {c}\nprivacy: full # ${Q} $& \uFDD0',
      user: 'a", b: {c}\nprivacy: full # ${Q} $& \uFDD0',
    });
    expect(config.privacy).toBe('keys');
  });

  test('of other servers are those of the connection as well', async () => {
    const { connection, servers, variables } = await load(
      `${MINIMAL}connection: { user: a, servers: { b: { host: c, password: "\${P}", port: 5433 } } }`,
      { P: 'hunter2' },
    );
    expect(connection).toEqual({ user: 'a' });
    expect(servers).toEqual({ b: { host: 'c', password: 'hunter2', port: 5433 } });
    expect(variables).toEqual(['P']);
  });

  test('$${ is ${', async () => {
    const config = await load(`${MINIMAL}connection: { a: $\${X}, b: "$\${", c: "$\${X}\${Y}$" }`, {
      Y: 'y',
    });
    expect(config.connection).toEqual({ a: '${X}', b: '${', c: '${X}y$' });
  });

  test('of a command are for its shell', async () => {
    const { migrate } = await load(
      'engine: duckdb\nlive: a\nmigrate: { command: "for f in *; do echo ${f%.sql} ${TOKEN}; done" }',
      { TOKEN: '$(rm -rf /)' },
    );
    expect(migrate).toMatchObject({ command: 'for f in *; do echo ${f%.sql} ${TOKEN}; done' });
  });

  test('that are missing are all named, each with its place', async () => {
    expect(
      await mistakes(
        'engine: duckdb\nlive: ${LIVE}\nmigrate: {scripts: a}\nconnection: { x: "a ${B}${C}" }\nswap: { timeout: ${T} }',
      ),
    ).toEqual([
      '2:7 the environment variable LIVE is not set. Set it, or write `$${LIVE}` for the text itself.',
      '4:21 the environment variable B is not set. Set it, or write `$${B}` for the text itself.',
      '4:25 the environment variable C is not set. Set it, or write `$${C}` for the text itself.',
      '5:18 the environment variable T is not set. Set it, or write `$${T}` for the text itself.',
    ]);
  });

  test('are not what JavaScript objects have by themselves', async () => {
    expect(await mistakes(`${MINIMAL}ledger: "\${constructor}"`)).toEqual([
      '4:10 the environment variable constructor is not set. Set it, or write `$${constructor}` for the text itself.',
    ]);
  });

  test('a half-written one is a mistake', async () => {
    expect(await mistakes(`${MINIMAL}ledger: "\${"\nconnection: {a: "\${a-b}"}`)).toEqual([
      '4:10 `${` is not followed by a name and `}`. Write `${NAME}`, or `$${` for the text itself.',
      '5:18 `${` is not followed by a name and `}`. Write `${NAME}`, or `$${` for the text itself.',
    ]);
  });
});

test('what is no number, or leaves nothing to compare, is told as what it is', async () => {
  expect(
    await mistakes(
      `${MINIMAL}compare:\n  result: []\n  tolerance: { a.b.c: { absolute: .inf }, a.b.d: { relative: .nan } }\n`,
    ),
  ).toEqual([
    '5:11 `compare.result` must name at least one table; without it, every table and view that is not input is compared. Example: `result: [marts.*]`',
    '6:35 `compare.tolerance["a.b.c"].absolute` must be a number, not Infinity. Example: `absolute: 0.001`',
    '6:62 `compare.tolerance["a.b.d"].relative` must be a number, not NaN. Example: `relative: 0.000001`',
  ]);
});

describe('a secret is in no error', () => {
  test('when the environment fills in something wrong', async () => {
    const told = await mistakes(
      'engine: ${S}\nlive: ${S}\nmigrate: {scripts: a}\nprivacy: "${S}"\nswap: {timeout: ${S}}\ncompare: {ignore: ["${S}"]}',
      { S: 'hunter2' },
    );
    expect(told).toHaveLength(4);
    expect(told.join('\n')).not.toContain('hunter2');
  });

  test.each([
    'connection: { password: [hunter2] }',
    'connection: { password: {hunter2: hunter2} }',
    'connection: { servers: hunter2 }',
    'connection: { servers: { a: hunter2 } }',
    'connection: { servers: { a: { password: [hunter2] } } }',
    'connection: { servers: { a: { password: {hunter2: hunter2} } } }',
    'connection: { password: "hunter2 }',
    'connection: { password: "hunter2" hunter2 }',
    'connection: { password: @hunter2 }',
    'connection: { password: *hunter2 }',
    'connection: { password: !hunter2 hunter2 }',
    'connection: { password: "hunter2\\q" }',
    'connection: { password: hunter2, password: hunter2 }',
    'connection: { password: "hunter2${" }',
    'connection: hunter2',
    'password: hunter2',
  ])('%s', async (line) => {
    expect((await mistakes(MINIMAL + line)).join('\n')).not.toContain('hunter2');
  });
});

describe('mistakes', () => {
  test('are told all at once, in their order', async () => {
    expect(
      await mistakes(`engin: duckdb
live:
ledgr: x
privacy: secret
clone: { method: fast }
simulate:
  run: [1, '', { comand: x }, { command: x, timeout: 5 days }]
  clock: 2026-01-31
compare:
  input: staging.*
  result: [marts, 'x"y.z']
  keys: { marts.a: [], marts.b: [a.b], marts.*: [a], marts.c: [a], '"marts".c': [b] }
  ignore: [marts.delay, marts.*.a]
  tolerance: { a.b.c: { absolute: -1 }, a.b.d: {}, a.b.e: 3, a.b: { relative: 1 } }
swap: { timeout: 30, verify: checks }
swap: { timeout: 1000h }
`),
    ).toEqual([
      '1:1 `engine` is missing. Example: `engine: duckdb`',
      '1:1 `engin` is not a known key. Did you mean `engine`?',
      '2:1 `live` must be a text, and has no value. Example: `live: warehouse.duckdb`',
      '3:1 `ledgr` is not a known key. Did you mean `ledger`?',
      '4:10 `privacy`: `secret` is not allowed. Write one of `keys`, `masked`, `full`, `none`.',
      '5:18 `clone.method`: `fast` is not allowed. Write one of `auto`, `reflink`, `copy`, `template`, `dump`, `backup`, `snapshot`.',
      '7:9 `simulate.run[0]` must be a text or a map, not a number. Example: `run: [logic/*.sql]`',
      '7:12 `simulate.run[1]` must not be empty. Example: `run: [logic/*.sql]`',
      '7:16 `simulate.run[2].command` is missing. Example: `command: dbt build --target candidate`',
      '7:18 `simulate.run[2].comand` is not a known key. Did you mean `command`?',
      '7:54 `simulate.run[3].timeout` must be a number with its unit: ms, s, m, h or d. Example: `timeout: 30m`',
      '8:10 `simulate.clock` must be an instant with its offset from UTC. Example: `clock: 2026-01-31T06:00:00Z`',
      '10:10 `compare.input` must be a list, not a text. Example: `input: [staging.*]`',
      '11:12 `compare.result[0]` must be schema.table. Example: `result: [marts.*]`',
      '11:19 `compare.result[1]` must be schema.table; a part that holds a dot or a quote is quoted as in SQL. Example: `result: [marts.*]`',
      '12:20 `compare.keys["marts.a"]` must name at least one column.',
      '12:34 `compare.keys["marts.b"][0]` must be one column; a name that holds a dot or a quote is quoted as in SQL.',
      '12:40 `compare.keys["marts.*"]` must be one schema.table, without *.',
      '12:68 `compare.keys["\\"marts\\".c"]` is a second spelling of a name above it.',
      '13:12 `compare.ignore[0]` must be schema.table.column. Example: `ignore: [marts.delay.loaded_at]`',
      '13:25 `compare.ignore[1]` must be one schema.table.column, without *. Example: `ignore: [marts.delay.loaded_at]`',
      '14:35 `compare.tolerance["a.b.c"].absolute` must not be negative. Example: `absolute: 0.001`',
      '14:48 `compare.tolerance["a.b.d"]` needs either absolute or relative.',
      '14:59 `compare.tolerance["a.b.e"]` must be a map, not a number.',
      '14:62 `compare.tolerance["a.b"]` must be schema.table.column.',
      '16:1 this key is written twice. Keep one of the two.',
      '16:18 `swap.timeout` must be between 1ms and 576h. Example: `timeout: 30s`',
    ]);
  });

  test('the summary counts them', async () => {
    const file = join(folder, 'greenlight.yml');
    await expect(load('engine: duckdb')).rejects.toThrow(`${file} has 2 mistakes.`);
    await expect(load(`${MINIMAL}foo: 1`)).rejects.toThrow(`${file} has a mistake.`);
  });

  test.each([
    ['', '1:1 the file names nothing to release: write migrate, simulate or both.'],
    ['# nothing', '1:1 `live` is missing. Example: `live: warehouse.duckdb`'],
    ['[1]', '1:1 the file must be a map, not a list.'],
    ['text', '1:1 the file must be a map, not a text.'],
    [
      'engine: duckdb\nlive: 1',
      '2:7 `live` must be a text, not a number. Example: `live: warehouse.duckdb`',
    ],
    ['version: 2', '1:10 `version`: `2` is not allowed. Write `1`.'],
    [
      'migrate: {}',
      '1:10 `migrate` needs scripts (a folder) or command (your own tool). Example: `migrate: {scripts: migrations/}`',
    ],
    [
      'migrate: { scripts: a, paths: [b] }',
      '1:10 `migrate` has either scripts, or command with paths and timeout, not both. Example: `migrate: {scripts: migrations/}`',
    ],
    ['simulate: {}', '1:1 `simulate.run` is missing. Example: `run: [logic/*.sql]`'],
    [
      'simulate: { run: [] }',
      '1:18 `simulate.run` must not be empty. Example: `run: [logic/*.sql]`',
    ],
    [
      'simulate: { control: yes }',
      '1:22 `simulate.control` must be true/false or a map, not a text. Example: `control: {ref: v1.4}`',
    ],
    [
      'simulate: { control: { ref: a, folder: b } }',
      '1:22 `simulate.control` needs either ref or folder. Example: `control: {ref: v1.4}`',
    ],
    [
      'simulate: { control: { ref: --all } }',
      '1:29 `simulate.control.ref` must not begin with a dash. Example: `ref: v1.4`',
    ],
    [
      'simulate: { control: { branch: main } }',
      '1:24 `simulate.control.branch` is not a known key. Known are `ref`, `folder`.',
    ],
    [
      'connection: { a: null }',
      '1:15 `connection.a` must be a text, a number or true/false, and has no value.',
    ],
    [
      'swap: { privacy: keys }',
      '1:9 `swap.privacy` is not a known key. Known are `drift`, `verify`, `branch`, `timeout`, `longest_hold`.',
    ],
    [
      'simulate: { bitemporal: {} }',
      '1:13 `simulate.bitemporal.technical` is missing. Example: `technical: [tech_from, tech_to]`',
    ],
    [
      'simulate: { bitemporal: { technical: [a, a] } }',
      '1:38 `simulate.bitemporal.technical` must be two columns. Example: `technical: [tech_from, tech_to]`',
    ],
    [
      'simulate: { bitemporal: { technical: [a, b], parked: 9000-01-01T00:00:00.5Z } }',
      '1:54 `simulate.bitemporal.parked` must be an instant in whole seconds, with its offset from UTC. Example: `parked: 9000-01-01T00:00:00Z`',
    ],
    [
      'simulate: { bitemporal: { technical: [a, b], publish: later } }',
      '1:55 `simulate.bitemporal.publish`: `later` is not allowed. Write one of `at-swap`, `never`.',
    ],
    ['compare: { tolerance: { __proto__: {} } }', '1:25 `__proto__` cannot be a key.'],
  ])('%j', async (text, expected) => {
    expect(await mistakes(text)).toContain(expected);
  });

  test.each([
    ['a: [1\nb: 2', '2:1 the indentation is wrong.'],
    ['a:\n\tb: 1', '2:1 a tab indents this line. Use spaces.'],
    ['a: "x', '1:6 a closing quote or bracket, or a comma, is missing here.'],
    ['a: b: c', '1:4 a second key is on this line.'],
    ['a: 1\n---\nb: 1', '2:1 a second document begins here'],
    ['a: @x', '1:4 a value cannot start with this character. Put the value in quotes.'],
    [
      'result: [*.*]',
      '1:10 `*` at the start of a value is an alias in YAML. Put a pattern in quotes',
    ],
    ['engine: !x duckdb', '1:9 tags (!name) have no meaning here.'],
    ['}', '1:1 this does not belong here.'],
  ])('in YAML itself: %j', async (text, expected) => {
    const told = await mistakes(text);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(expected);
  });

  test.each([
    [
      'engine: oracle',
      '1:9 `engine`: `oracle` is not allowed. Write one of `duckdb`, `postgres`, `snowflake`, `sqlserver`.',
    ],
  ])('of the future: %s', async (text, expected) => {
    expect(await mistakes(text)).toContain(expected);
  });

  test('a file that is not there', async () => {
    const missing = join(folder, 'none.yml');
    await expect(loadConfig(missing, {})).rejects.toMatchObject({
      exitCode: EXIT.usage,
      problem: { where: missing, help: expect.stringContaining('greenlight init') },
    });
  });

  test('a file that cannot be read', async () => {
    await expect(loadConfig(folder, {})).rejects.toBeInstanceOf(UsageError);
    await expect(load(new Uint8Array([0x61, 0x3a, 0xff]))).rejects.toMatchObject({
      problem: { cause: 'It is not text in UTF-8.' },
    });
  });

  test('a few lines that stand for millions', async () => {
    const doubled = Array.from({ length: 20 }, (_, i) => `k${i + 1}: &k${i + 1} [*k${i}, *k${i}]`);
    await expect(load(['k0: &k0 [x]', ...doubled].join('\n'))).rejects.toBeInstanceOf(UsageError);
  });
});

describe('the JSON Schema for editors', () => {
  const schema = configJsonSchema();
  const isValid = new Ajv({ allowUnionTypes: true }).compile(schema);

  test('accepts what the loader accepts', () => {
    expect(isValid(parse(EXAMPLE.replace('${DB_PASSWORD}', '"${DB_PASSWORD}"')))).toBe(true);
    expect(isValid(parse(MINIMAL))).toBe(true);
  });

  test.each([
    'engine: duckdb\nlive: a',
    'engine: duckdb\nlive: a\nmigrate: {}',
    'engine: duckdb\nlive: a\nmigrate: {scripts: a, command: b}',
    'engine: duckdb\nlive: a\nmigrate: {scripts: a, timeout: 3s}',
    'engine: duckdb\nlive: a\nmigrate: {command: a, timeout: 3}',
    'engine: duckdb\nlive: a\nsimulate: {run: []}',
    'engine: duckdb\nlive: a\nsimulate: {run: [b], control: {}}',
    'engine: duckdb\nlive: a\nsimulate: {run: [b], control: {ref: c, folder: d}}',
    `${MINIMAL}compare: {tolerance: {a.b.c: {absolute: 1, relative: 1}}}`,
    `${MINIMAL}foo: 1`,
  ])('refuses what the loader refuses: %j', async (text) => {
    expect(isValid(parse(text))).toBe(false);
    expect(await mistakes(text)).not.toEqual([]);
  });

  test('describes every key and gives a valid example of it', () => {
    const undescribed: string[] = [];
    const walk = (described: typeof schema, path: string): void => {
      for (const [key, value] of Object.entries(described.properties ?? {})) {
        if (!value.description || !value.examples) undescribed.push(`${path}.${key}`);
        for (const example of value.examples ?? []) {
          expect([`${path}.${key}`, new Ajv({ strict: false }).validate(value, example)]).toEqual([
            `${path}.${key}`,
            true,
          ]);
        }
        walk(value, `${path}.${key}`);
      }
      for (const variant of described.anyOf ?? []) walk(variant, path);
      if (described.items) walk(described.items, `${path}[]`);
      if (typeof described.additionalProperties === 'object') {
        walk(described.additionalProperties, `${path}.*`);
      }
    };
    walk(schema, '');
    expect(undescribed).toEqual([]);
  });
});
