import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { BitemporalTable, TablePair } from '../../../src/engines/engine.ts';
import { readOptions } from '../../../src/engines/sqlserver/options.ts';
import { GreenlightError } from '../../../src/errors.ts';
import { rowDeviationTable, stepTable } from '../../../src/release/tables.ts';
import { Recorder } from '../../support/sqlserver-recorder.ts';
import { tsqlFault } from '../../support/tsql-grammar.ts';

/** What the store, scripts, replay and bitemporal tables say to a server, seen and parsed by an independent grammar. */

let recorder: Recorder;
const options = readOptions({ connection: { host: 'h', user: 'u', password: 'p' }, root: '.' }, {});

jest.unstable_mockModule('../../../src/engines/sqlserver/connection.ts', () => ({
  ...new Recorder().module(),
  Session: {
    open: (database: string) => recorder.module().Session.open(database),
    use: (database: string, a: unknown, b: unknown, work: (one: never) => Promise<unknown>) =>
      recorder.module().Session.use(database, a, b, work as never),
  },
}));
const { sqlserverStores, instantOf } = await import('../../../src/engines/sqlserver/store.ts');
const { sqlserverScripts } = await import('../../../src/engines/sqlserver/scripts.ts');
const { sqlserverReplay } = await import('../../../src/engines/sqlserver/replay.ts');
const { sqlserverBitemporal, readingOf } = await import(
  '../../../src/engines/sqlserver/bitemporal.ts'
);

beforeEach(() => {
  recorder = new Recorder();
});
afterEach(async () => {
  const faults: string[] = [];
  for (const statement of recorder.statements()) {
    const fault = await tsqlFault(statement);
    if (fault !== null) faults.push(`${fault}: ${statement}`);
  }
  expect(faults).toEqual([]);
});

const written = () => recorder.statements().join('\n');

describe('the store', () => {
  const stores = sqlserverStores('greenlight', options);
  const open = async () => {
    const store = await stores.open({ create: true, purpose: 'test' });
    if (store === null) throw new Error('no store');
    return store;
  };

  test('makes its tables, and finds texts by all of their characters', async () => {
    const store = await open();
    await store.write(async (writer) => {
      await writer.apply({ createTable: stepTable });
      await writer.apply({ createTable: rowDeviationTable });
      await writer.apply({
        addColumn: { table: 'step', column: 'Extra "x]', type: 'fingerprint' },
      });
      await writer.insert(stepTable, {
        id: 1,
        release: 'r',
        started_at: '2026-01-01T00:00:00Z',
        detail: {},
      });
      await writer.update(stepTable, { state: 'done' }, { id: 1, release: 'r', step: null });
      await writer.delete(stepTable, { id: 1 });
    });
    recorder.answer(/FROM \[dbo\]\.\[step\] AS one/, {
      id: '9007199254740991',
      detail: '{"a":[1]}',
      started_at: '2026-03-29 01:30:00.1230000',
    });
    expect(await store.select(stepTable, { release: 'r ' }, ['id', 'release'])).toMatchObject([
      { id: 9007199254740991, detail: { a: [1] }, started_at: '2026-03-29T01:30:00.123Z' },
    ]);
    await store.tables();
    expect(written()).toContain(
      '(one.[release] = CONVERT(nvarchar(max), @p1) AND DATALENGTH(one.[release]) = DATALENGTH(CONVERT(nvarchar(max), @p1)))',
    );
    expect(written()).toContain('[release] nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL');
    expect(written()).toContain("@LockOwner = 'Transaction'");
  });

  test('gives instants as they went in', () => {
    expect(
      [
        '2026-03-29 01:30:00.1230000',
        '2026-03-29 01:30:00.0000000',
        '2026-03-29 01:30:00.1000000',
        '0001-01-01 00:00:00.1234567',
      ].map(instantOf),
    ).toEqual([
      '2026-03-29T01:30:00.123Z',
      '2026-03-29T01:30:00Z',
      '2026-03-29T01:30:00.100Z',
      '0001-01-01T00:00:00.1234567Z',
    ]);
  });

  test('gives deviating rows back with their standing', async () => {
    recorder
      .answer(/snapshot_isolation_state/, { versions: 1 })
      .answer(/MIN\(row_key\)/, {
        table: "s.o'x",
        key: '{"id":"1","the key":"x"}',
        old: null,
        new: '{"a":"1"}',
        changed: '["[\\"a\\"]"]',
      })
      .answer(/COUNT_BIG\(\*\) AS recorded/, {
        table_name: "s.o'x",
        standing: 'new',
        recorded: '2',
        rows: '3',
      })
      .answer(/ORDER BY table_name, kind/, {
        comparison: '2',
        table_name: 's',
        kind: 'added',
        row_key: '{}',
        columns: null,
        old_values: null,
        new_values: null,
        occurrences: '1',
        explained: false,
        fingerprint: 'ab',
        standing: 'new',
      });
    const reader = await stores.openDeviations({
      table: 'row_deviation',
      comparison: { id: 2, privacy: 'full', tables: ["s.o'x", 's.t'] },
      against: { id: 1, privacy: 'full', tables: ['s.t'] },
      standings: ['new', 'gone'],
      where: `TRY_CAST(key.id AS int) > 1 AND key."the key" = 'x' AND new.a <> '2' AND standing = 'new' AND kind = 'added'`,
      purpose: 'test',
    });
    expect(await reader?.counts()).toEqual([
      { table_name: "s.o'x", standing: 'new', recorded: 2, rows: 3 },
    ]);
    expect(await reader?.first('s.t', 5)).toMatchObject([
      { comparison: 2, occurrences: 1, fingerprint: 'ab' },
    ]);
    const pages = [];
    for await (const page of reader?.all() ?? []) pages.push(page);
    expect(pages).toMatchObject([[{ kind: 'added', standing: 'new' }]]);
    await reader?.close();
    // Numbers by their value, in the order of the key.
    expect(written()).toMatch(
      /ORDER BY table_name, kind, CASE WHEN TRY_CONVERT\(decimal\(38,10\), CASE table_name WHEN N's\.o''x' THEN \(SELECT member\.\[value\] FROM OPENJSON\(row_key\)/,
    );
  });

  test('refuses what is no condition, before anything of it is sent', async () => {
    recorder.answer(/MIN\(row_key\)/);
    const query = {
      table: 'row_deviation',
      comparison: { id: 2, privacy: 'full' as const, tables: ['s.t'] },
      against: null,
      standings: null,
      purpose: 'test',
    };
    await expect(
      stores.openDeviations({ ...query, where: 'kind = (select 1)' }),
    ).rejects.toMatchObject({ exitCode: 2 });
    await expect(
      stores.openDeviations({ ...query, where: "standing = 'new'" }),
    ).rejects.toMatchObject({
      problem: { cause: expect.stringContaining('standing cannot be told') },
    });
    expect(written()).not.toContain('select 1');
  });
});

describe('scripts', () => {
  const runner = sqlserverScripts(options);
  const open = (more = {}) =>
    runner.open('shop__r__candidate', { write: true, variables: {}, forbidden: ['shop'], ...more });
  const script = (text: string) => ({ file: 'V1.sql', text });
  const failing = (number: number, lineNumber: number, message: string, more = {}) =>
    Object.assign(new Error(message), { number, lineNumber, class: 16, ...more });

  test('run in one transaction, batch by batch, with their mark', async () => {
    recorder.answer(/@@TRANCOUNT AS/, { open: '1' }).answer(/sys\.dm_tran/);
    const session = await open();
    const told: string[] = [];
    const report = await session.run(
      script('create table t (a int)\nGO\ninsert into t values (1)\nGO 2\n'),
      (done, total) => told.push(`${done}/${total}`),
      { run: 'r', done: 1, begun: false },
    );
    expect(report).toEqual({ statements: 3, transactional: true, reason: null });
    expect(told).toEqual(['1/3', '2/3', '3/3']);
    const order = recorder.statements().filter((sql) => !/@@TRANCOUNT|dm_tran|AS sees/.test(sql));
    expect(order).toEqual([
      'BEGIN TRANSACTION',
      'create table t (a int)',
      'insert into t values (1)',
      'insert into t values (1)',
      'UPDATE [greenlight: simulation].[mark] SET run = @p1, done = @p2, begun = @p3',
      'COMMIT TRANSACTION',
    ]);
  });

  test('an error has the line of the file, and the first message', async () => {
    recorder.answer(/@@TRANCOUNT AS/, { open: '1' }).fail(
      /nothing_like_this/,
      failing(11501, 1, 'The batch could not be analyzed.', {
        precedingErrors: [
          failing(207, 3, "Invalid column name 'nothing_like_this'.", { class: 16 }),
        ],
      }),
    );
    const session = await open();
    await expect(
      session.run(script('-- why\nGO\n\nselect 1,\n 2,\n nothing_like_this')),
    ).rejects.toMatchObject({
      problem: {
        where: 'V1.sql:6',
        cause: expect.stringContaining('nothing_like_this'),
        what: expect.stringContaining('6 |  nothing_like_this'),
      },
    });
    expect(recorder.statements().at(-1)).toBe('IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION');
  });

  test('what an error quotes of the data is not shown, what the script raises is', async () => {
    const session = await open();
    recorder
      .answer(/@@TRANCOUNT AS/, { open: '1' })
      .fail(
        /select a/,
        failing(
          245,
          1,
          "Conversion failed when converting the varchar value 'Alice' to data type int.",
        ),
      );
    const fault = await session.run(script('select a')).catch((error) => error);
    expect(fault).toBeInstanceOf(GreenlightError);
    expect(JSON.stringify(fault.problem)).not.toContain('Alice');
    recorder.fail(/select b/, failing(50001, 1, 'No such month'));
    await expect(session.run(script('select b'))).rejects.toMatchObject({
      problem: { cause: 'No such month' },
    });
  });

  test('a batch that ends the transaction is an error', async () => {
    recorder.answer(/@@TRANCOUNT AS/, { open: '0' });
    const session = await open();
    await expect(session.run(script('exec p\nGO\nselect 1'))).rejects.toMatchObject({
      problem: { what: expect.stringContaining('ended the transaction'), where: 'V1.sql:1' },
    });
    expect(written()).not.toContain('select 1');
  });

  test('what wrote to another database is not committed', async () => {
    recorder
      .answer(/@@TRANCOUNT AS/, { open: '1' })
      .answer(/dm_tran_database_transactions/, { name: 'shop' });
    const session = await open();
    await expect(
      session.run(script("exec ('update sh' + 'op.dbo.t set a = 1')")),
    ).rejects.toMatchObject({ problem: { what: expect.stringContaining('to shop') } });
    expect(written()).not.toContain('COMMIT');
  });

  test('a login that may not see transactions is not asked about them, which would undo the script', async () => {
    recorder.answer(/@@TRANCOUNT AS/, { open: '1' }).answer(/AS sees/, { sees: '0' });
    const session = await open();
    await session.run(script('select 1'));
    expect(written()).not.toContain('sys.dm_tran_');
    expect(written()).toContain('COMMIT');
  });

  test('statements that take no transaction run on their own, and are named', async () => {
    recorder.answer(/@@TRANCOUNT AS/, { open: '0' });
    const session = await open();
    expect(
      await session.run(script('select 1\nGO\ncreate fulltext catalog c'), undefined, {
        run: 'r',
        done: 4,
        begun: false,
      }),
    ).toEqual({
      statements: 2,
      transactional: false,
      reason: 'line 3: CREATE FULLTEXT cannot run in our transaction',
    });
    recorder.log.splice(
      0,
      recorder.log.length,
      ...recorder.log.filter(({ sql }) => !sql.startsWith('create fulltext')),
    );
  });

  test('have their variables and placeholders', async () => {
    recorder.answer(/@@TRANCOUNT AS/, { open: '1' }).answer(/sys\.dm_tran/);
    const variables = {
      greenlight_now: '2026-01-31T06:00:00Z',
      greenlight_day: { text: '2026-02-01', type: 'date' },
      greenlight_who: "O'Hara",
    };
    const session = await open({ variables, placeholders: true });
    await session.run(
      script(
        "insert into [it's] select {{ who }}, '{{ day }}', N'{{ who }}', '$(greenlight_day)' from [$(DatabaseName)].dbo.t where {{ day }} > {{ now }}",
      ),
    );
    expect(written()).toContain(
      "insert into [it's] select N'O''Hara', '2026-02-01', N'O''Hara', '2026-02-01' from [shop__r__candidate].dbo.t where CAST(N'2026-02-01' AS date) > CAST(N'2026-01-31T06:00:00Z' AS datetimeoffset(7))",
    );
    expect(written()).toContain("@key = N'greenlight.now', @value = @now, @read_only = 1");
    await expect(session.run(script('select 1\nGO\nselect {{ x }}'))).rejects.toMatchObject({
      problem: { where: 'V1.sql:3' },
    });
  });

  test('what only reads refuses to write, and leaves nothing', async () => {
    const session = await open({ write: false });
    await expect(session.run(script('select 1\nGO\n\nupdate t set a = 1'))).rejects.toMatchObject({
      problem: { where: 'V1.sql:4', cause: 'it holds UPDATE' },
    });
    expect(written()).toBe('');
    recorder.answer(/select cast/, { yes: true, no: false, number: '1' });
    expect(
      await session.check(
        script('\nselect cast(1 as bit) as yes, cast(0 as bit) as no, 1 as number;'),
      ),
    ).toEqual(['V1.sql:2: row 1: no is not true', 'V1.sql:2: row 1: number is not true']);
    expect(await session.check(script('-- nothing'))).toEqual(['V1.sql: holds no query']);
    expect(await session.query(script('select cast(1 as bit) as yes'))).toMatchObject({
      rows: [['1', '0', '1']],
    });
    expect(written()).not.toContain('COMMIT');
    await expect(session.query(script('select 1; select 2'))).rejects.toMatchObject({
      problem: { what: expect.stringMatching(/one query.*2 statements/) },
    });
  });

  test('marks are read, written and dropped', async () => {
    const session = await open();
    recorder.answer(/AS made/, { made: null });
    expect(await session.readMark()).toBeNull();
    recorder
      .answer(/AS made/, { made: '7' })
      .answer(/SELECT run/, { run: 'r', done: '3', begun: true });
    expect(await session.readMark()).toEqual({ run: 'r', done: 3, begun: true });
    await session.writeMark({ run: "it's", done: 2, begun: true });
    await session.dropMark();
    await session.close();
    expect(written()).toContain("EXECUTE (N'CREATE SCHEMA [greenlight: simulation]')");
  });
});

describe('rows that are brought over', () => {
  const pair: TablePair = {
    schema: 's',
    name: "o'r]d",
    oldKind: 'table',
    newKind: 'table',
    key: ['id', 'code'],
    keyEnforced: true,
    columns: ['id', 'code', 'sum', 'total', 'version', 'doc'].map((name) => ({
      name,
      oldType: '',
      newType: '',
      tolerance: null,
    })),
    mode: 'strict',
  };
  const sequence = (last: string) => ({
    schema: 's',
    name: 'q',
    start_value: '1',
    increment: '1',
    last_used_value: last,
  });
  const server = (edition: number) =>
    recorder
      .answer(/SERVERPROPERTY/, {
        engine_edition: String(edition),
        edition: 'x',
        version: '16.0',
        data_path: null,
        log_path: null,
        backup_path: null,
      })
      .answer(
        /all_columns/,
        ...[
          ['id', 'int', 4, null],
          ['code', 'varchar', 10, 'Latin1_General_CI_AS'],
          ['sum', 'decimal', 9, null],
          ['total', 'decimal', 9, null],
          ['version', 'timestamp', 8, null],
          ['doc', 'xml', -1, null],
        ].map(([name, type, max_length, collation_name]) => ({
          name,
          type,
          max_length,
          precision: 10,
          scale: 2,
          collation_name,
        })),
      )
      .answer(
        /is_made/,
        { name: 'id', is_identity: true, is_made: '0' },
        { name: 'total', is_identity: false, is_made: '1' },
      )
      .answer(/temporal_type/)
      .answer(
        /AS kind, o\.name/,
        { kind: 'trigger', name: 'tr]g', schema_name: 's', table_name: 't', is_not_trusted: '0' },
        { kind: 'key', name: 'fk', schema_name: 's', table_name: 't', is_not_trusted: '0' },
        { kind: 'key', name: 'fk2', schema_name: 's', table_name: 't', is_not_trusted: '1' },
      )
      .answer(/AS come/, { come: '3', there: '3', repeated: '0' })
      .answer(/identity_columns/, { value: '41' })
      .answer(/FROM \[shop\]\.\[sys\]\.\[sequences\]/, sequence('7'))
      .answer(/FROM \[shop__r__baseline\]\.\[sys\]\.\[sequences\]/, sequence('4'));

  test('come by sets, past triggers and foreign keys, with their identities and positions', async () => {
    server(3);
    await sqlserverReplay(options).bringOver('shop', 'shop__r__baseline', [pair], 'replay r');
    const said = written();
    expect(said).toContain(
      "SET IDENTITY_INSERT [s].[o'r]]d] ON; INSERT INTO [s].[o'r]]d] ([id], [code], [sum], [doc])",
    );
    expect(said).toContain("FROM [shop].[s].[o'r]]d] AS r");
    expect(said).toContain('DISABLE TRIGGER [tr]]g] ON [s].[t]');
    expect(said).toContain('ALTER TABLE [s].[t] WITH CHECK CHECK CONSTRAINT [fk]');
    expect(said).toContain('ALTER TABLE [s].[t] WITH NOCHECK CHECK CONSTRAINT [fk2]');
    expect(said).toContain("DBCC CHECKIDENT (N'[s].[o''r]]d]', RESEED, 41)");
    expect(said).toContain("@sequence_name = N'[s].[q]', @range_size = 3,");
    // What is read is live: nothing is written there.
    expect(said).not.toMatch(/(INTO|UPDATE|DELETE \w+ FROM|TABLE|ON) \[shop\]\./);
    const order = [
      'BEGIN',
      'DISABLE',
      'NOCHECK CONSTRAINT',
      'DELETE t',
      'SET IDENTITY',
      'ENABLE',
      'WITH CHECK',
      'COMMIT',
    ].map((word) => said.indexOf(word));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  test('come through us where the server joins no databases', async () => {
    server(5).answer(/AS one$/, { a: '1' });
    await sqlserverReplay(options).bringOver('shop', 'shop__r__baseline', [pair], 'replay r');
    expect(recorder.loaded).toEqual([['1']]);
    expect(written()).not.toContain('[shop].[s]');
  });

  test('do not come when the key is not unique, or SQL Server versions the table itself', async () => {
    server(3).answer(/AS come/, { come: '3', there: '3', repeated: '1' });
    const replay = sqlserverReplay(options);
    await expect(replay.bringOver('shop', 'b', [pair], 'r')).rejects.toMatchObject({
      problem: { what: expect.stringContaining('its key is not unique') },
    });
    server(3).answer(/temporal_type/, {
      schema_name: 's',
      name: 'o',
      kind: 'SYSTEM_VERSIONED_TEMPORAL_TABLE',
    });
    await expect(replay.bringOver('shop', 'b', [pair], 'r')).rejects.toMatchObject({
      problem: { cause: 's.o (system_versioned_temporal_table)' },
    });
  });
});

describe('technical validity', () => {
  const editor = sqlserverBitemporal(options);
  const [parked, goLive] = ['9000-01-01T00:00:00Z', '2025-06-30T12:00:00.000Z'];
  const table = (type: string): BitemporalTable => ({
    schema: 'v]x',
    name: 't',
    from: { name: 'tech_from', type },
    until: { name: 'tech_to', type },
    rows: 5,
  });

  test('is not what the server keeps by its own clock', async () => {
    recorder.answer(
      /AS begins/,
      ...['1', '0'].map((begins) => ({
        schema_name: 's',
        table_name: 'prices',
        column_name: begins === '1' ? 'since' : 'until',
        begins,
        is_written_by_server: '1',
        type: 'datetime2',
        max_length: 8,
        precision: 27,
        scale: 7,
        collation_name: null,
      })),
    );
    expect(await editor.find('c', ['since', 'until'])).toEqual({
      tables: [],
      others: [
        {
          schema: 's',
          name: 'prices',
          reason: 'since has type datetime2(7) generated always, which takes no instants',
        },
      ],
    });
    expect(written()).toMatch(/generated_always_type <> 0[\s\S]*history_table_id = c\.object_id/);
  });

  test('is found, looked at, published and withdrawn', async () => {
    recorder
      .answer(
        /AS begins/,
        ...[
          ['tech_from', '1'],
          ['Tech_To', '0'],
        ].map(([column_name, begins]) => ({
          schema_name: 'v',
          table_name: 't',
          column_name,
          begins,
          type: 'datetime2',
          max_length: 8,
          precision: 27,
          scale: 3,
          collation_name: null,
        })),
        {
          schema_name: 'v',
          table_name: 'u',
          column_name: 'tech_from',
          begins: '1',
          type: 'int',
          max_length: 4,
          precision: 10,
          scale: 0,
          collation_name: null,
        },
      )
      .answer(/AS counted/, { counted: '5' })
      .answer(/AS begin_parked/, {
        begin_parked: '2',
        end_parked: '1',
        too_late: '0',
        beyond: '0',
        inverted: '0',
        without_end: '1',
        first_open: null,
        last_open: null,
      })
      .answer(/temporal_type/)
      .answer(/AS kind, o\.name/, {
        kind: 'trigger',
        name: 'g',
        schema_name: 'v',
        table_name: 't',
        is_not_trusted: '0',
      });
    const found = await editor.find('c', ['tech_from', 'tech_to']);
    expect(found).toEqual({
      tables: [
        {
          schema: 'v',
          name: 't',
          from: { name: 'tech_from', type: 'datetime2(3)' },
          until: { name: 'Tech_To', type: 'datetime2(3)' },
          rows: 5,
        },
      ],
      others: [{ schema: 'v', name: 'u', reason: 'it has tech_from and not tech_to' }],
    });
    for (const type of ['date', 'datetime', 'datetime2(3)', 'datetimeoffset(7)', 'smalldatetime']) {
      const [facts] = await editor.inspect('c', [table(type)], { parked, latest: goLive });
      expect(facts?.holdsParked).toBe(type !== 'smalldatetime');
      if (facts?.holdsParked) expect(facts.openEnds).toEqual([null]);
    }
    await editor.publish('c', [table('datetimeoffset(7)'), table('date')], parked, goLive);
    await editor.withdraw(
      'c',
      [{ ...table('datetime2(3)'), openEnd: '9999-12-31 00:00:00.000' }],
      parked,
    );
    expect(written()).toContain(
      "UPDATE [v]]x].[t] SET [tech_to] = CONVERT(datetimeoffset(7), N'2025-06-30T12:00:00.000Z', 127)",
    );
    expect(written()).toContain(
      "SET [tech_to] = CONVERT(datetime2(3), N'9999-12-31 00:00:00.000', 121)",
    );
  });

  test('is read as it is visible, and as it was before it was parked', () => {
    const all = ['id', 'tech_from', 'tech_to'];
    recorder.log.push(
      ...(['visible', 'unparked'] as const).map((as) => ({
        database: 'c',
        sql: readingOf(
          as === 'visible'
            ? { ...table('date'), parked, as }
            : { ...table('date'), parked, as, openEnd: null },
          '[c].[v].[t]',
          all,
        ),
      })),
    );
    expect(written()).toMatch(/THEN CONVERT\(date, NULL\) ELSE \[tech_to\] END AS \[tech_to\]/);
  });

  test('found elsewhere is told', async () => {
    recorder
      .answer(/FROM sys\.columns/, {
        schema_name: 'v',
        table_name: 't',
        column_name: 'at',
        type: 'datetime',
        max_length: 8,
        precision: 23,
        scale: 3,
        collation_name: null,
      })
      .answer(/AS c0/, { c0: '2' });
    expect(await editor.parkedElsewhere('c', parked, ['tech_from'])).toEqual([
      { schema: 'v', name: 't', column: 'at', rows: 2 },
    ]);
  });
});
