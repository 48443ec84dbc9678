import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { findClients } from '../../../src/engines/postgres/clients.ts';
import { readOptions } from '../../../src/engines/postgres/options.ts';
import { fakeClients } from '../../support/postgres-clients.ts';

let root: string;
let folders = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'greenlight-clients-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const install = (dump: string | null, restore?: string | null) => {
  folders += 1;
  const programs = restore === undefined ? { dump } : { dump, restore };
  return fakeClients(join(root, String(folders)), programs);
};
const find = async (server: number, client_path?: string) => {
  const connection = client_path === undefined ? {} : { client_path };
  const found = await findClients(server, readOptions({ connection, root }, {}));
  return found === null ? null : { folder: found.folder, version: found.version };
};

describe('the programs of connection.client_path', () => {
  test.each([
    ['of the same version', 18, '18.4', '18.4'],
    ['of the same version, as Debian writes it', 15, '15.18 (Debian 15.18-0+deb12u1)', '15.18'],
    ['newer', 17, '18.0', '18.0'],
    ['newer, and not released yet', 18, '19beta1', '19beta1'],
    ['newer, before 17', 15, '16.9', '16.9'],
    ['older', 18, '17.6', null],
    ['from 17 on, for a server that is older than that', 16, '17.6', null],
    ['much newer, for a server that is older than 17', 15, '18.4', null],
  ])('%s', async (_, server, installed, found) => {
    const folder = await install(installed);
    expect(await find(server, folder)).toEqual(found === null ? null : { folder, version: found });
  });

  test('pg_dump and pg_restore of two versions are none, nor is one of them', async () => {
    for (const folder of [
      await install('18.4', '17.6'),
      await install('17.6', '18.4'),
      await install('18.4', '18.3'),
      await install('18.4', null),
      await install(null, '18.4'),
      await install(null, null),
      join(root, 'nowhere'),
    ])
      expect(await find(18, folder)).toBeNull();
  });
});

describe('the programs in PATH', () => {
  const path = process.env.PATH;
  afterEach(() => {
    process.env.PATH = path;
  });
  // Newer than any that this machine could have installed.
  const server = 90;
  const inPath = (...found: readonly string[]) => {
    process.env.PATH = [...found, path].join(delimiter);
  };

  test('the same version is best, wherever it stands', async () => {
    const [newer, same] = [await install('92.1'), await install('90.3')];
    inPath(newer, same);
    expect(await find(server)).toEqual({ folder: same, version: '90.3' });
  });

  test('of newer ones the nearest is taken, and older ones never', async () => {
    const [far, near, older] = [
      await install('93.0'),
      await install('91.2'),
      await install('89.9'),
    ];
    inPath(older, far, near);
    expect(await find(server)).toEqual({ folder: near, version: '91.2' });
    inPath(older);
    expect(await find(server)).toBeNull();
  });

  test('a folder with two versions does not hide another one', async () => {
    const [mixed, whole] = [await install('90.3', '89.1'), await install('90.2')];
    inPath(mixed, whole);
    expect(await find(server)).toEqual({ folder: whole, version: '90.2' });
  });
});
