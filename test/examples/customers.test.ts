import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { cli } from '../support/project.ts';

const execute = promisify(execFile);
const example = join(process.cwd(), 'examples', 'customers');
let folder: string;
let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres(18);
  folder = await mkdtemp(join(tmpdir(), 'greenlight-customers-'));
  await cp(example, folder, { recursive: true });
  await symlink(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  await mkdir(join(folder, 'bin'));
  const greenlight = join(folder, 'bin', 'greenlight');
  await writeFile(greenlight, `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
  await chmod(greenlight, 0o755);
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('the commands of the README print what it says', async () => {
  const text = await readFile(join(example, 'README.md'), 'utf8');
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    HOME: folder,
    GREENLIGHT_ACTOR: 'tester',
    CI: 'true',
    PGHOST: server.host,
    PGPORT: String(server.port),
    PGUSER: server.user,
    PGPASSWORD: server.password,
  };
  let printed = 'node server.mjs';
  let shown = 0;
  for (const [, kind, block = ''] of text.matchAll(/^```(sh|text)\n([\s\S]*?)^```$/gm)) {
    if (kind === 'sh')
      printed = (await execute('/bin/sh', ['-e', '-c', block], { cwd: folder, env })).stdout;
    else {
      expect(printed).toContain(block.trimEnd());
      shown += 1;
    }
  }
  expect(shown).toBe(14);
}, 300_000);
