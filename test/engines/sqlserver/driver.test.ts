import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { Session } from '../../../src/engines/sqlserver/connection.ts';
import { readOptions } from '../../../src/engines/sqlserver/options.ts';

// The real driver: what it is configured with has to be what it takes.

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test.each([
  [{ user: 'u', password: 'p' }],
  [{ user: 'u', password: 'p', encrypt: false }],
  [{ user: 'u', password: 'p', encrypt: 'strict', certificate_name: 'db.example' }],
  [{ user: 'u', password: 'p', trust_server_certificate: true }],
  [{ token: 't' }],
  [{ auth: 'entra-default' }],
  [{ auth: 'entra-default', client_id: 'c' }],
  [{ auth: 'managed-identity' }],
  [{ auth: 'managed-identity', client_id: 'c' }],
  [{ auth: 'service-principal', client_id: 'c', client_secret: 's', tenant_id: 't' }],
])('a server that is not there, %j: what it says, and nothing secret', async (connection) => {
  const port = await freePort();
  const options = readOptions(
    {
      connection: { host: '127.0.0.1', port, connect_timeout: '5s', ...connection } as Record<
        string,
        string | number | boolean
      >,
      root: '/',
    },
    {},
  );
  await expect(Session.open('shop', options, { purpose: 'test' })).rejects.toMatchObject({
    problem: {
      what: 'There is no SQL Server to be reached here.',
      where: 'database shop',
      help: expect.stringContaining('connection.host'),
    },
  });
});

test('a server that ends the connection at once', async () => {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const options = readOptions(
    { connection: { host: '127.0.0.1', port, user: 'u', password: 'S3CRET' }, root: '/' },
    {},
  );
  const opened = Session.open('shop', options, { purpose: 'test' });
  await expect(opened).rejects.toMatchObject({
    problem: { what: expect.stringContaining('ended') },
  });
  await opened.catch((error) => expect(JSON.stringify(error.problem)).not.toContain('S3CRET'));
  await new Promise((resolve) => server.close(resolve));
});

/** What a connection of the layer below tells of one statement: columns, rows, and how many. */
interface Told {
  readonly columns: readonly (readonly [name: string, type: string, more?: object])[];
  readonly rows: readonly (readonly unknown[])[];
}

const require = createRequire(import.meta.url);
const tedious = require('tedious');
const { ConnectionPool } = require('mssql');

/** The driver as it is, over a connection that answers by itself. Gives what was sent. */
async function over(answers: readonly Told[], work: (session: Session) => Promise<void>) {
  const sent: { way: string; text: string; values: unknown[] }[] = [];
  const answer = (way: string) => (request: InstanceType<typeof tedious.Request>) => {
    sent.push({
      way,
      text: request.sqlTextOrProcedure,
      values: request.parameters.map(({ value }: { value: unknown }) => value),
    });
    const isFirst = sent.length === 1;
    const told = isFirst
      ? [
          {
            columns: [
              ['id', 'Int'],
              ['name', 'NVarChar'],
            ],
            rows: [[51, 'shop']],
          } as const,
        ]
      : answers;
    setImmediate(() => {
      for (const { columns, rows } of told) {
        const metadata = columns.map(([colName, type, more = {}]) => ({
          colName,
          type: tedious.TYPES[type],
          flags: 1,
          ...more,
        }));
        request.emit('columnMetadata', metadata);
        for (const row of rows)
          request.emit(
            'row',
            row.map((value, at) => ({ value, metadata: metadata[at] })),
          );
        request.emit(way === 'batch' ? 'done' : 'doneInProc', rows.length, false);
      }
      request.callback(null, 0, []);
    });
  };
  const connection = Object.assign(new EventEmitter(), {
    execSqlBatch: answer('batch'),
    execSql: answer('query'),
    close(this: EventEmitter) {
      this.emit('end');
    },
  });
  const own = ConnectionPool.prototype._poolCreate;
  ConnectionPool.prototype._poolCreate = async () => connection;
  try {
    const options = readOptions({ connection: { user: 'u', password: 'p' }, root: '/' }, {});
    await Session.use('shop', options, { purpose: 'test' }, work);
  } finally {
    ConnectionPool.prototype._poolCreate = own;
  }
  return sent;
}

const twoSets: readonly Told[] = [
  { columns: [['a', 'Int']], rows: [[1]] },
  {
    columns: [
      ['x', 'Bit'],
      ['x', 'NVarChar'],
      ['big', 'BigInt'],
    ],
    rows: [
      [true, 'one', '9223372036854775807'],
      [null, 'two', null],
    ],
  },
];

test('batches and queries come with their columns, also where two have one name', async () => {
  const expected = {
    columns: ['x', 'x', 'big'],
    rows: [
      [true, 'one', '9223372036854775807'],
      [null, 'two', null],
    ],
  };
  const sent = await over(twoSets, async (session) => {
    expect([session.id, session.database]).toEqual([51, 'shop']);
    expect(await session.rowSet('SELECT 1 AS a; SELECT 2')).toEqual(expected);
    expect(await session.rowSet('SELECT @p1', ['v'])).toEqual(expected);
    expect(await session.rowSets('SELECT 1 AS a; SELECT 2')).toHaveLength(2);
    expect(await session.run('SELECT @p1', [1n])).toBe(2);
  });
  expect(sent.map(({ way, values }) => [way, values])).toEqual([
    ['batch', []],
    ['batch', []],
    ['query', ['v']],
    ['batch', []],
    ['query', ['1']],
  ]);
  for (const { text } of sent) expect(text).toMatch(/^\/\* greenlight: test/);
});

test('a stream gives the rows in pieces', async () => {
  const rows = Array.from({ length: 25 }, (_, at) => [at]);
  await over([{ columns: [['n', 'Int']], rows }], async (session) => {
    const sizes: number[] = [];
    const seen: unknown[] = [];
    for await (const piece of session.stream('SELECT n FROM t', [], { size: 10 })) {
      sizes.push(piece.length);
      seen.push(...piece.map(([n]) => n));
    }
    expect(sizes).toEqual([10, 10, 5]);
    expect(seen).toEqual(rows.map(([at]) => String(at)));
  });
});
