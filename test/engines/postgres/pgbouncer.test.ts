import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { type PostgresOptions, readOptions } from '../../../src/engines/postgres/options.ts';
import { readPools } from '../../../src/engines/postgres/pgbouncer.ts';

/** A console that has no TLS. Whoever goes on without is hung up on, or let in and never answered. */
let server: Server;
const received: Buffer[] = [];
const sockets = new Set<Socket>();

async function start({ letsIn = false } = {}): Promise<number> {
  received.length = 0;
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      received.push(bytes);
      const asks = bytes.readInt32BE(4);
      if (asks === asksForTls) socket.write('N');
      else if (!letsIn) socket.destroy();
      else if (asks === asksToStart) socket.write(welcome);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((done) => server.close(done));
});

const [asksForTls, asksToStart] = [80_877_103, 196_608];
// AuthenticationOk and ReadyForQuery.
const welcome = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

function optionsFor(port: number, more: Readonly<Record<string, string>>): PostgresOptions {
  const connection = {
    host: '127.0.0.1',
    user: 'release',
    pgbouncer: `127.0.0.1:${port}`,
    ...more,
  };
  return readOptions({ connection, root: '.' }, {});
}

async function ask(options: PostgresOptions): Promise<readonly string[]> {
  const { pgbouncer } = options;
  if (pgbouncer === null) throw new Error('There is no console');
  await expect(readPools('shop', pgbouncer, options)).rejects.toThrow(
    'The console of PgBouncer cannot be reached',
  );
  return received.map((bytes) =>
    bytes.length === 8 && bytes.readInt32BE(4) === asksForTls ? 'TLS?' : bytes.toString('latin1'),
  );
}

test('the console is asked for TLS as connection.sslmode says', async () => {
  const port = await start();
  expect(await ask(optionsFor(port, { sslmode: 'require' }))).toEqual(['TLS?']);
});

test('by default it goes on without TLS where the console has none', async () => {
  const port = await start();
  expect(await ask(optionsFor(port, {}))).toEqual(['TLS?', expect.stringContaining('release')]);
});

test('pgbouncer_sslmode is about the console alone', async () => {
  const port = await start();
  const options = optionsFor(port, { sslmode: 'verify-full', pgbouncer_sslmode: 'disable' });
  expect(options.tls.mode).toBe('verify-full');
  expect(await ask(options)).toEqual([expect.stringContaining('release')]);
  expect(() => optionsFor(port, { pgbouncer_sslmode: 'maybe' })).toThrow('pgbouncer_sslmode');
});

test('a console that does not answer is given up', async () => {
  const port = await start({ letsIn: true });
  const options = optionsFor(port, { connect_timeout: '300ms' });
  const { pgbouncer } = options;
  if (pgbouncer === null) throw new Error('There is no console');
  await expect(readPools('shop', pgbouncer, options)).rejects.toThrow(
    'PgBouncer did not answer in time.',
  );
});
