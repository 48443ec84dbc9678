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
