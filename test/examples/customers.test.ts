import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cli } from '../support/project.ts';

const execute = promisify(execFile);
const example = join(process.cwd(), 'examples', 'customers');
let folder: string;
let server: ChildProcess;
let printed = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'greenlight-customers-'));
  await cp(example, folder, { recursive: true });
  await symlink(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  await mkdir(join(folder, 'bin'));
  const greenlight = join(folder, 'bin', 'greenlight');
  await writeFile(greenlight, `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
  await chmod(greenlight, 0o755);
  server = spawn(process.execPath, ['server.mjs'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const output of [server.stdout, server.stderr])
    output?.on('data', (text) => {
      printed += text;
    });
  while (!/^PGPASSWORD=.*$/m.test(printed)) {
    if (server.exitCode !== null) throw new Error(`server.mjs has ended: ${printed}`);
    await sleep(50);
  }
}, 120_000);
afterAll(async () => {
  if (server?.exitCode === null) {
    const ended = once(server, 'close');
    server.kill('SIGTERM');
    await ended;
  }
  await rm(folder, { recursive: true, force: true });
}, 60_000);

test('the commands of the README print what it says', async () => {
  const text = await readFile(join(example, 'README.md'), 'utf8');
  const variables = printed.matchAll(/^(PG\w+)=(.*)$/gm);
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    HOME: folder,
    GREENLIGHT_ACTOR: 'tester',
    CI: 'true',
    ...Object.fromEntries([...variables].map(([, name = '', value = '']) => [name, value])),
  };
  let said = 'node server.mjs';
  let shown = 0;
  for (const [, kind, block = ''] of text.matchAll(/^```(sh|text)\n([\s\S]*?)^```$/gm)) {
    if (kind === 'sh')
      said = (await execute('/bin/sh', ['-e', '-c', block], { cwd: folder, env })).stdout;
    else {
      expect(said).toContain(block.trimEnd());
      shown += 1;
    }
  }
  expect(shown).toBe(19);
}, 600_000);
