import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { explain, NoSuchDatabase, withoutData } from '../../../src/engines/sqlserver/errors.ts';
import {
  databaseOf,
  fittingName,
  isDatabase,
  literal,
  quote,
} from '../../../src/engines/sqlserver/names.ts';
import { readOptions } from '../../../src/engines/sqlserver/options.ts';
import { textOf } from '../../../src/engines/sqlserver/received.ts';
import { tracesOf } from '../../../src/engines/sqlserver/traces.ts';
import { DatabaseInUse, GreenlightError } from '../../../src/errors.ts';
import { startDouble } from './double.ts';

const { Session } = await import('../../../src/engines/sqlserver/connection.ts');
const { readQuery } = await import('../../../src/engines/sqlserver/query-table.ts');
const { hold } = await import('../../../src/engines/sqlserver/hold.ts');
const { TYPES } = createRequire(import.meta.url)('mssql') as typeof import('mssql');

const optionsOf = (
  connection: Readonly<Record<string, string | number | boolean>>,
  env: NodeJS.ProcessEnv = {},
) => readOptions({ connection, root: '/project' }, env);
const login = { user: 'u', password: 'p' };

describe('options', () => {
  test('by default the connection is encrypted and the certificate verified', () => {
    expect(optionsOf(login)).toMatchObject({
      host: 'localhost',
      port: 1433,
      login: { way: 'sql', ...login },
      tls: { encrypt: true, trustsCertificate: false, authorities: null },
    });
  });

  test.each([
    ['db.example', { host: 'db.example', port: 1433, instance: null }],
    ['db.example,1444', { host: 'db.example', port: 1444 }],
    ['tcp:db.example,1444', { host: 'db.example', port: 1444 }],
    ['db.example\\SALES', { host: 'db.example', instance: 'SALES' }],
    ['(local)', { host: 'localhost' }],
  ])('a server as sqlcmd writes it: %s', (host, expected) => {
    expect(optionsOf({ ...login, host })).toMatchObject(expected);
    expect(optionsOf(login, { SQLCMDSERVER: host })).toMatchObject(expected);
  });

  test('a URL, whose parts written apart outweigh', () => {
    const url = 'sqlserver://u:p%40ss@db.example:80/?encrypt=strict';
    expect(optionsOf({ url })).toMatchObject({
      host: 'db.example',
      port: 80,
      login: { user: 'u', password: 'p@ss' },
      tls: { encrypt: 'strict' },
    });
    expect(optionsOf({ url, port: 1555 }).port).toBe(1555);
  });

  test.each([
    [{ token: 't' }, {}, { way: 'access-token', token: 't' }],
    [{ host: 'x.database.windows.net' }, {}, { way: 'entra-default', clientId: null }],
    [{ auth: 'managed-identity', client_id: 'c' }, {}, { way: 'managed-identity', clientId: 'c' }],
    [
      { auth: 'service-principal' },
      { AZURE_CLIENT_ID: 'c', AZURE_CLIENT_SECRET: 's', AZURE_TENANT_ID: 't' },
      { way: 'service-principal', clientId: 'c', clientSecret: 's', tenantId: 't' },
    ],
    [{}, { SQLCMDUSER: 'u', SQLCMDPASSWORD: 'p' }, { way: 'sql', ...login }],
  ])('logging in: %j %j', (connection, env, expected) => {
    expect(optionsOf(connection as Record<string, string>, env).login).toEqual(expected);
  });

  test.each([
    [{ ...login, databse: 'x' }, 'no connection option databse'],
    [{ ...login, encrypt: 'maybe' }, 'connection.encrypt'],
    [{ ...login, port: 0 }, 'connection.port'],
    [{ ...login, url: 'http://x' }, 'connection.url'],
    [{ ...login, url: 'sqlserver://x/?sslmode=require' }, 'connection.url'],
    [{ ...login, auth: 'kerberos' }, 'connection.auth'],
    [{ user: 'u' }, 'connection.password is missing'],
    [{ auth: 'service-principal', client_id: 'c' }, 'connection.client_secret is missing'],
    [{ ...login, encrypt: 'strict', trust_server_certificate: true }, 'trust_server_certificate'],
    [{ ...login, certificate_authority: 'none.pem' }, 'certificate_authority cannot be read'],
    [{ ...login, lock_timeout: 'long' }, 'connection.lock_timeout'],
  ])('refused: %j', (connection, what) => {
    expect(() => optionsOf(connection as Record<string, string>)).toThrow(what);
  });

  test.each<[Record<string, string>, number]>([
    [{}, 6 * 3_600_000],
    [{ statement_timeout: '24h' }, 24 * 3_600_000],
    [{ statement_timeout: '0' }, 0],
  ])('with %j, a statement has %i ms', (connection, ms) => {
    expect(optionsOf({ ...login, ...connection }).statementTimeoutMs).toBe(ms);
  });

  test('an error never shows a value', () => {
    for (const key of ['url', 'auth', 'encrypt', 'port', 'maxdop']) {
      try {
        optionsOf({ ...login, [key]: 'S3CRET' });
        throw new Error(`${key} was taken`);
      } catch (error) {
        expect(JSON.stringify((error as GreenlightError).problem)).not.toContain('S3CRET');
      }
    }
  });
});

describe('names', () => {
  test('are quoted, and literals keep their quotes', () => {
    expect(quote('a]b')).toBe('[a]]b]');
    expect(literal("o'neil")).toBe("N'o''neil'");
  });

  test('of databases', () => {
    expect(['shop', '[shop.eu]', 'my shop'].map(isDatabase)).toEqual([true, true, true]);
    expect(['shop.sales', '', '[a', 'a"b'].map(isDatabase)).toEqual([false, false, false, false]);
    expect(databaseOf('[shop.eu]]x]')).toBe('shop.eu]x');
  });

  test('that are too long stay different', () => {
    const long = (end: string) => fittingName('x'.repeat(200) + end);
    expect(long('a')).toHaveLength(128);
    expect(long('a')).not.toBe(long('b'));
    expect(fittingName('short')).toBe('short');
  });

  test('that lead a command to live', () => {
    const leads = (text: string) => tracesOf('shop').some((trace) => trace.test(text));
    for (const text of [
      'shop',
      '[Shop]',
      'Server=x;Database=shop;',
      'jdbc:sqlserver://h;databaseName=shop',
      'mssql://h/shop?x=1',
      '{"database": "shop"}',
    ])
      expect([text, leads(text)]).toEqual([text, true]);
    for (const text of ['/srv/shop/x', 'Database=shop__r__candidate;', 'https://shop.example/shop'])
      expect([text, leads(text)]).toEqual([text, false]);
  });
});

describe('values of the driver', () => {
  const column = (type: keyof typeof TYPES, more = {}) =>
    ({ name: 'x', type: TYPES[type], ...more }) as never;
  const at = (iso: string, finer = 0) => Object.assign(new Date(iso), { nanosecondsDelta: finer });

  test.each([
    [null, column('Int'), null],
    [42, column('Int'), '42'],
    ['9223372036854775807', column('BigInt'), '9223372036854775807'],
    [true, column('Bit'), true],
    [0.1, column('Float'), '0.1'],
    [-0, column('Float'), '-0'],
    [Math.fround(0.1), column('Real'), '0.1'],
    [Math.fround(16777217), column('Real'), '16777216'],
    [1.5, column('Decimal', { precision: 10, scale: 3 }), '1.500'],
    [Buffer.from([0, 255]), column('VarBinary'), '0x00FF'],
    [at('2026-01-31T00:00:00Z'), column('Date'), '2026-01-31'],
    [
      at('2026-01-31T06:07:08.123Z', 0.0004567),
      column('DateTime2', { scale: 7 }),
      '2026-01-31 06:07:08.1234567',
    ],
    [
      at('2026-01-31T06:07:08.123Z', 0.0004567),
      column('DateTime2', { scale: 0 }),
      '2026-01-31 06:07:08',
    ],
    [at('1970-01-01T06:07:08.5Z'), column('Time', { scale: 1 }), '06:07:08.5'],
    [at('2026-01-31T06:07:08.997Z'), column('DateTime'), '2026-01-31 06:07:08.997'],
  ])('%p', (value, type, expected) => {
    expect(textOf(value, type)).toBe(expected);
  });

  test.each([
    ['Decimal', { precision: 38, scale: 0 }],
    ['Money', {}],
    ['DateTimeOffset', { scale: 7 }],
    ['Variant', {}],
    ['Geography', {}],
  ] as const)('%s has lost digits there: refused, not guessed', (type, more) => {
    expect(() => textOf(1, column(type, more))).toThrow('loses digits');
  });
});

describe('queries of people', () => {
  test('come without a digit lost: SQL Server is told to give other types', async () => {
    const asked: string[] = [];
    const session = {
      rows: async (sql: string) => {
        asked.push(sql);
        return [
          { name: 'a', system_type_name: 'decimal(38,5)', is_hidden: false },
          { name: 'b', system_type_name: 'money', is_hidden: false },
          { name: 'c', system_type_name: 'datetimeoffset(7)', is_hidden: false },
          { name: 'd', system_type_name: 'int', is_hidden: false },
          { name: 'e', system_type_name: 'varchar(10)', is_hidden: false },
        ];
      },
      rowSet: async (sql: string) => {
        asked.push(sql);
        const row = [
          '123.45000',
          '0xFFFFFFFFFFFFFFFE',
          '2026-01-31 06:00:00.0000000 +02:00',
          '7',
          'x',
        ];
        return { columns: [], rows: [row, [null, '0x00000000000186A0', null, null, null]] };
      },
    };
    const found = await readQuery(session as never, "SELECT 'it''s'");
    expect(asked).toEqual([
      "EXECUTE sys.sp_describe_first_result_set @tsql = N'SELECT ''it''''s'''",
      "EXECUTE (N'SELECT ''it''''s''') WITH RESULT SETS ((c1 nvarchar(60) NULL, c2 varbinary(8) NULL, c3 nvarchar(60) NULL, c4 int NULL, c5 nvarchar(max) NULL))",
    ]);
    expect(found).toEqual({
      columns: ['a', 'b', 'c', 'd', 'e'],
      types: ['decimal(38,5)', 'money', 'datetimeoffset(7)', 'int', 'varchar(10)'],
      rows: [
        ['123.45000', '-0.0002', '2026-01-31 06:00:00.0000000 +02:00', '7', 'x'],
        [null, '10.0000', null, null, null],
      ],
    });
  });

  test('of a type without a text of its own are refused by name', async () => {
    const session = {
      rows: async () => [
        { name: 'spot', system_type_name: null, user_type_name: 'geography', is_hidden: false },
      ],
    };
    await expect(readQuery(session as never, 'SELECT spot FROM t')).rejects.toMatchObject({
      problem: { where: 'column spot' },
    });
  });
});

describe('errors', () => {
  const thrown = (number: number, message: string, severity = 14) =>
    Object.assign(new Error(message), { number, class: severity, code: 'EREQUEST' });

  test.each([
    [
      thrown(18456, "Login failed for user 'u'."),
      GreenlightError,
      'does not take the login',
      'connection.auth',
    ],
    [
      thrown(4064, 'Cannot open user default database.', 11),
      GreenlightError,
      'default database',
      'ALTER LOGIN',
    ],
    [
      thrown(916, 'The server principal "u" is not able to access the database "shop".'),
      GreenlightError,
      'is no user of',
      'CREATE USER',
    ],
    [
      thrown(262, "BACKUP DATABASE permission denied in database 'shop'."),
      GreenlightError,
      'does not allow',
      'ALTER ROLE db_backupoperator',
    ],
    [
      thrown(262, "CREATE DATABASE permission denied in database 'master'."),
      GreenlightError,
      'does not allow',
      'GRANT CREATE ANY DATABASE',
    ],
    [
      thrown(
        229,
        "The SELECT permission was denied on the object 'orders', database 'shop', schema 'dbo'.",
      ),
      GreenlightError,
      'does not allow',
      'GRANT SELECT ON [dbo].[orders] TO',
    ],
    [
      thrown(300, 'VIEW SERVER STATE permission was denied on object server'),
      GreenlightError,
      'does not allow',
      'GRANT VIEW SERVER STATE',
    ],
    [thrown(1205, 'was deadlocked', 13), GreenlightError, 'deadlock', 'again'],
    [
      thrown(1222, 'Lock request time out period exceeded.', 16),
      DatabaseInUse,
      'holds a lock',
      'dm_tran_locks',
    ],
    [
      thrown(5061, 'ALTER DATABASE failed because a lock could not be placed', 16),
      DatabaseInUse,
      'excludes us',
      'sessions',
    ],
    [
      thrown(5070, 'Database state cannot be changed while other users are using the database', 16),
      DatabaseInUse,
      'excludes us',
      'sessions',
    ],
    [thrown(3702, 'Cannot drop database', 16), DatabaseInUse, 'excludes us', 'sessions'],
    [
      thrown(924, 'is already open and can only have one user at a time.'),
      DatabaseInUse,
      'one session only',
      'MULTI_USER',
    ],
    [
      thrown(226, 'ALTER DATABASE statement not allowed within multi-statement transaction.', 16),
      GreenlightError,
      'in a transaction',
      'script of its own',
    ],
    [
      thrown(40613, 'Database is not currently available.', 17),
      GreenlightError,
      'fails over',
      'in a minute',
    ],
    [
      thrown(40615, 'Client with IP address is not allowed', 14),
      GreenlightError,
      'firewall',
      'rule',
    ],
    [thrown(9002, 'The transaction log is full', 17), GreenlightError, 'no room left', 'room'],
    [
      Object.assign(new Error('self signed certificate'), {
        code: 'ESOCKET',
        originalError: Object.assign(new Error('x'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
      }),
      GreenlightError,
      'certificate of the server',
      'certificate_authority',
    ],
    [
      Object.assign(new Error('Failed to connect to db:1433 in 15000ms'), { code: 'ETIMEOUT' }),
      GreenlightError,
      'no SQL Server to be reached',
      'connection.host',
    ],
    [
      Object.assign(new Error('Timeout: Request failed to complete in 1000ms'), {
        code: 'ETIMEOUT',
      }),
      GreenlightError,
      'took longer',
      'statement_timeout',
    ],
    [
      Object.assign(new Error('Connection lost'), { code: 'ESOCKET' }),
      GreenlightError,
      'was ended',
      'again',
    ],
  ])('%s', (error, kind, what, help) => {
    const explained = explain(error, 'shop') as GreenlightError;
    expect(explained).toBeInstanceOf(kind);
    expect(explained.problem.what).toContain(what);
    expect(explained.problem.help).toContain(help);
    expect(explained.cause).toBe(error);
  });

  test('that quote a value do not show it', () => {
    const duplicate = thrown(2627, 'Violation of PRIMARY KEY. The duplicate key value is (4711).');
    const conversion = thrown(
      245,
      "Conversion failed when converting the varchar value 'Smith' to data type int.",
      16,
    );
    expect(withoutData(duplicate)).not.toContain('4711');
    expect(withoutData(conversion)).not.toContain('Smith');
    expect(withoutData(thrown(208, "Invalid object name 'dbo.x'.", 16))).toContain('dbo.x');
  });

  test('that nobody knows stay as they are', () => {
    const error = thrown(8134, 'Divide by zero error encountered.', 16);
    expect(explain(error, 'shop')).toBe(error);
  });
});

describe('a session', () => {
  test('of a database that is not there says so: the driver tells the last message only', async () => {
    const { options } = startDouble();
    const opened = Session.open('nothing', options, { purpose: 'test' });
    await expect(opened).rejects.toBeInstanceOf(NoSuchDatabase);
    await expect(opened).rejects.toMatchObject({
      problem: { cause: expect.stringContaining('4060') },
    });
  });

  test('on a database that has its only one is told so', async () => {
    const { double, options } = startDouble();
    double.create('shop').access = 'SINGLE_USER';
    double.visit('shop');
    await expect(Session.open('shop', options, { purpose: 'test' })).rejects.toBeInstanceOf(
      DatabaseInUse,
    );
  });

  test('says on every statement what it is for, and gives way in a deadlock', async () => {
    const { double, options } = startDouble();
    await Session.use('master', options, { purpose: 'test */ DROP' }, (session) =>
      session.row('SELECT @@TRANCOUNT AS open_transactions'),
    );
    expect(double.texts.every((text) => text.startsWith('/* greenlight: test * / DROP'))).toBe(
      true,
    );
    expect(double.log).toEqual(
      expect.arrayContaining([
        'SET XACT_ABORT ON',
        'SET LOCK_TIMEOUT 20000',
        'SET DEADLOCK_PRIORITY LOW',
      ]),
    );
    expect(double.sessions).toEqual([]);
  });

  test('that holds a right keeps others from it, and they are told who', async () => {
    const { options } = startDouble();
    const first = await hold('master', options, 'live', 0);
    expect(first.held).toBe(true);
    const second = await hold('master', options, 'live', 0);
    expect(second).toMatchObject({ held: false, holder: expect.stringContaining('holds live') });
    if (first.held) await first.release();
    const third = await hold('master', options, 'live', 0);
    expect(third.held).toBe(true);
    if (third.held) await third.release();
  });
});
