import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type {
  Location,
  ScriptOptions,
  ScriptReport,
  ScriptSession,
} from '../../src/engines/engine.ts';
import { GreenlightError } from '../../src/errors.ts';
import type { Harness, Scratch } from './harness.ts';

const made =
  "create table t (id integer primary key, v varchar(20)); insert into t values (1, 'one')";

export function scriptScenarios({ start, translate, script, features }: Harness): void {
  let scratch: Scratch;
  let at: Location;
  beforeEach(async () => {
    scratch = await start();
    at = scratch.engine.places.candidate('r');
    await scratch.create(at, made);
  });
  afterEach(() => scratch.dispose());

  const plain: ScriptOptions = { write: true, variables: {}, forbidden: [] };
  const run = async (
    text: string,
    options: Partial<ScriptOptions> = {},
    onStatement?: (done: number, total: number) => void,
  ): Promise<ScriptReport> => {
    const session = await scratch.engine.scripts.open(at, { ...plain, ...options });
    try {
      return await session.run({ file: 'migrations/V1__x.sql', text: script(text) }, onStatement);
    } finally {
      await session.close();
    }
  };
  const problemOf = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => null,
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(GreenlightError);
    return (error as GreenlightError).problem;
  };
  const values = async () =>
    (await scratch.sql(at, 'select id, v from t order by id')).map(({ id, v }) => `${id} ${v}`);

  test('statements run in order, and are told', async () => {
    const told: string[] = [];
    const report = await run(
      `-- a comment; with a semicolon
       insert into t values (2, 'two;');
       update t set v = v || '!' where id = 2;

       delete from t where v = 'one';`,
      {},
      (done, total) => told.push(`${done}/${total}`),
    );
    expect(report).toEqual({ statements: 3, transactional: true, reason: null });
    expect(told).toEqual(['1/3', '2/3', '3/3']);
    expect(await values()).toEqual(['2 two;!']);
  });

  test('an empty script is no error', async () => {
    expect(await run('-- nothing\n;')).toMatchObject({ statements: 0 });
  });

  test('a script that fails is undone whole', async () => {
    const { transactionalDdl } = scratch.engine.capabilities;
    const failing = features.has('enforced-keys')
      ? "insert into t values (1, 'again')"
      : "insert into t values (cast('three' as integer), 'again')";
    await problemOf(
      run(`insert into t values (2, 'two'); create table u (id integer); ${failing}`),
    );
    if (transactionalDdl) expect(await values()).toEqual(['1 one']);
    if (transactionalDdl) await scratch.sql(at, 'create table u (id integer)');
  });

  test('the error names the file, the line and the statement', async () => {
    const problem = await problemOf(
      run(
        "insert into t values (2, 'two');\n\n-- why\nselect 1,\n  nothing_like_this\nfrom t;\nselect 2",
      ),
    );
    expect(problem.where).toMatch(/^migrations\/V1__x\.sql:[45]$/);
    expect(problem.what).toContain('nothing_like_this');
    expect(problem.cause).toMatch(/nothing_like_this/);
  });

  test('a syntax error and a text that is never closed name their line', async () => {
    expect((await problemOf(run('select 1;\nselct 2;'))).where).toBe('migrations/V1__x.sql:2');
    expect((await problemOf(run("select 1;\n\nselect 'open"))).where).toMatch(/:3$/);
    expect(await values()).toEqual(['1 one']);
  });

  test('a statement that the session goes on after: the next script runs', async () => {
    const session = await scratch.engine.scripts.open(at, plain);
    await problemOf(session.run({ file: 'a.sql', text: script('select nothing_like_this') }));
    await session.run({ file: 'b.sql', text: script("insert into t values (2, 'two')") });
    await session.close();
    expect(await values()).toEqual(['1 one', '2 two']);
  });

  test('a script may ask for no transaction: what ran before the failure stays', async () => {
    const text =
      "-- greenlight: no transaction\ninsert into t values (2, 'two'); select nothing_like_this";
    await problemOf(run(text));
    expect(await values()).toEqual(['1 one', '2 two']);
    expect(await run("-- greenlight: no transaction\ninsert into t values (3, 'three')")).toEqual({
      statements: 1,
      transactional: false,
      reason: expect.stringMatching(/./),
    });
  });

  test('a script that has its own transaction keeps it', async () => {
    const report = await run(
      "begin; insert into t values (2, 'two'); rollback; insert into t values (3, 'x')",
    );
    expect(report).toMatchObject({ statements: 4, transactional: false });
    expect(report.reason).toMatch(/line 1/);
    expect(await values()).toEqual(['1 one', '3 x']);
  });

  test('a transaction that the script leaves open does not survive it', async () => {
    await run("begin; insert into t values (2, 'two')").catch(() => undefined);
    expect(['1 one', '1 one,2 two']).toContain((await values()).join());
  });

  test('a session that only reads refuses to write', async () => {
    const before = await scratch.fingerprint(at);
    await problemOf(run("insert into t values (2, 'two')", { write: false }));
    await problemOf(run('create table u (id integer)', { write: false }));
    expect(await scratch.fingerprint(at)).toBe(before);
  });

  test('a query gives its rows as texts', async () => {
    const session = await scratch.engine.scripts.open(at, { ...plain, write: false });
    const text = 'select id, v, cast(null as varchar(5)) as n, 1.50 as d from t';
    expect(await session.query({ file: 'query.sql', text: script(text) })).toEqual({
      columns: ['id', 'v', 'n', 'd'],
      types: translate('INTEGER, VARCHAR, VARCHAR, DECIMAL(3,2)').split(', '),
      rows: [['1', 'one', null, '1.50']],
    });
    await session.close();
  });

  test('two sessions, one after the other, see what the first wrote', async () => {
    await run("insert into t values (2, 'two')");
    expect(await run("update t set v = 'zwei' where id = 2")).toMatchObject({ statements: 1 });
    expect(await values()).toEqual(['1 one', '2 zwei']);
  });

  test('a query that fails, and what is no query, are told with their place', async () => {
    const session = await scratch.engine.scripts.open(at, { ...plain, write: false });
    const problem = await problemOf(
      session.query({ file: 'q.sql', text: script('select\n  nothing_like_this') }),
    );
    expect(problem.where).toMatch(/^q\.sql:[12]$/);
    for (const text of ['', 'select 1; select 2'])
      expect((await problemOf(session.query({ file: 'q.sql', text }))).what).toMatch(/one query/);
    await session.close();
  });

  // Placeholders

  test('a placeholder is the value of the variable, in code and in texts', async () => {
    const variables = {
      greenlight_now: '2026-01-31T06:00:00Z',
      greenlight_day: { text: '2026-02-01', type: await typeOf("date '2026-02-01'") },
      greenlight_who: "O'Hara",
    };
    await run(
      `insert into t select 2, {{ who }} where {{ day }} > date '2026-01-31';
       insert into t select 3, '{{ day }}' where {{ now }} = timestamptz '2026-01-31 07:00:00+01';`,
      { variables, placeholders: true },
    );
    expect(await values()).toEqual(['1 one', "2 O'Hara", '3 2026-02-01']);
  });

  test('without being asked for, placeholders are not looked at', async () => {
    await run("insert into t values (2, '{{ day }}')", { variables: { greenlight_day: 'x' } });
    expect(await values()).toEqual(['1 one', '2 {{ day }}']);
  });

  test('an unknown placeholder is told before anything of the script runs', async () => {
    const text = "-- greenlight: no transaction\ninsert into t values (2, 'two');\nselect {{ x }}";
    expect((await problemOf(run(text, { placeholders: true }))).where).toBe(
      'migrations/V1__x.sql:3',
    );
    expect(await values()).toEqual(['1 one']);
  });

  test('a placeholder does not get around what is forbidden', async () => {
    const { live } = scratch.engine.places;
    await scratch.create(live, made);
    const name = scratch.nameWithin(live);
    const options = { variables: { greenlight_x: name }, placeholders: true, forbidden: [live] };
    const statements = ['{{ x }}', "'{{ x }}'"].flatMap(scratch.reaching);
    // A placeholder is no part of a text in dollar quotes.
    for (const text of statements.filter((one) => !one.includes('$$'))) {
      const problem = await problemOf(run(text, options));
      expect([text, problem.cause]).toEqual([text, expect.stringContaining(name)]);
    }
  });

  const typeOf = async (sql: string): Promise<string> => {
    const session = await scratch.engine.scripts.open(at, { ...plain, write: false });
    try {
      return (await session.query({ file: 'q.sql', text: `select ${sql}` })).types[0] ?? '';
    } finally {
      await session.close();
    }
  };

  // Marks

  const onMarks = async <T>(work: (session: ScriptSession) => Promise<T>): Promise<T> => {
    const session = await scratch.engine.scripts.open(at, plain);
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  };
  const readMark = () => onMarks((session) => session.readMark());
  const runMarked = (text: string, done: number) =>
    onMarks((session) =>
      session.run({ file: 'a.sql', text: script(text) }, undefined, {
        run: 'r',
        done,
        begun: false,
      }),
    );

  test('a mark changes with the script, and only with it', async () => {
    expect(await readMark()).toBeNull();
    await onMarks((session) => session.writeMark({ run: 'r', done: 0, begun: false }));
    await runMarked("insert into t values (2, 'two')", 1);
    expect(await readMark()).toEqual({ run: 'r', done: 1, begun: false });
    await problemOf(runMarked("insert into t values (3, 'three'); select nothing_like_this", 2));
    if (scratch.engine.capabilities.transactionalDdl)
      expect(await readMark()).toEqual({ run: 'r', done: 1, begun: false });
  });

  test('a script without a transaction is marked as begun, and as done when it has ended', async () => {
    await onMarks((session) => session.writeMark({ run: 'r', done: 3, begun: false }));
    const text = '-- greenlight: no transaction\ninsert into t values (2, null)';
    await problemOf(runMarked(`${text}; select nothing_like_this`, 4));
    expect(await readMark()).toEqual({ run: 'r', done: 3, begun: true });
    await runMarked(text.replace('2', '3'), 4);
    expect(await readMark()).toEqual({ run: 'r', done: 4, begun: false });
  });

  test('a mark that is dropped leaves no trace', async () => {
    const before = await scratch.engine.catalog.read(at);
    await onMarks((session) => session.writeMark({ run: "it's", done: 2, begun: true }));
    expect(await readMark()).toEqual({ run: "it's", done: 2, begun: true });
    await onMarks((session) => session.dropMark());
    await onMarks((session) => session.dropMark());
    expect(await readMark()).toBeNull();
    expect(await scratch.engine.catalog.read(at)).toEqual(before);
  });

  test("what looks at the engine's own clock is told by its place", async () => {
    expect(
      await scratch.engine.scripts.noiseIn("select 'current_timestamp',\n  current_timestamp"),
    ).toEqual([{ function: 'current_timestamp', source: 'clock', line: 2 }]);
  });

  // Checks

  const check = async (text: string, options: Partial<ScriptOptions> = {}): Promise<string[]> => {
    const session = await scratch.engine.scripts.open(at, { ...plain, write: false, ...options });
    try {
      return await session.check({ file: 'checks/a.sql', text: script(text) });
    } finally {
      await session.close();
    }
  };

  test('a check passes when every column of every row is true', async () => {
    expect(
      await check('select count(*) = 1 as one from t; select id > 0, v is not null from t'),
    ).toEqual([]);
  });

  test.each([
    ['false', 'select 1 = 2 as never', /checks\/a\.sql:1.*never/],
    ['NULL', 'select cast(null as boolean) as unknown_', /unknown_/],
    ['a number is not true', 'select 1 as one', /one/],
    ['a text is not true', "select 'true' as text_", /text_/],
    ['one of two columns', 'select true as yes, false as no', /no is not true/],
    [
      'one of two rows',
      'select id = 1 as first_ from (values (1), (2)) as r(id) order by id',
      /row 2/,
    ],
    ['the second query', 'select true;\n\nselect false as no', /checks\/a\.sql:3/],
    ['no query at all', '-- nothing', /holds no query/],
  ])('a check fails: %s', async (_, text, expected) => {
    const failures = await check(text);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatch(expected);
  });

  test('a check that cannot run is an error, not a pass', async () => {
    const problem = await problemOf(check('select true;\nselect nothing_like_this'));
    expect(problem.where).toBe('checks/a.sql:2');
  });

  // What a script must not reach

  test('no script names a forbidden location, however it is written', async () => {
    const { live } = scratch.engine.places;
    await scratch.create(live, made);
    const before = await scratch.fingerprint(live);
    const forbidden = [live];
    for (const path of [live, ...(await scratch.aliases(live))]) {
      const statements = scratch.reaching(`'${scratch.nameWithin(path)}'`);
      for (const statement of statements) {
        const text = `insert into t values (2, 'x');\n${statement}`;
        const problem = await problemOf(run(text, { forbidden }));
        expect([text, problem.where]).toEqual([text, 'migrations/V1__x.sql:2']);
      }
      for (const text of statements.filter((one) => one.startsWith('select')))
        await problemOf(check(text, { forbidden }));
    }
    expect(await scratch.fingerprint(live)).toBe(before);
    expect(await values()).toEqual(['1 one']);
    await run("select 'any other text', 'it''s'", { forbidden });
  });
}
