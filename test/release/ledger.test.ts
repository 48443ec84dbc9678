import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { StoreOperation } from '../../src/engines/engine.ts';
import { createEngine } from '../../src/engines/registry.ts';
import { Ledger } from '../../src/release/ledger.ts';
import { releaseTable, upgrades } from '../../src/release/tables.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'greenlight-ledger-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function ledgerOf(versions: readonly (readonly StoreOperation[])[]): Promise<Ledger> {
  const settings = { root: folder, live: 'live.duckdb', ledger: 'ledger.duckdb', connection: {} };
  const engine = await createEngine('duckdb', settings);
  return new Ledger(engine.stores, engine.places.live, versions);
}

async function begin(ledger: Ledger, id: string): Promise<void> {
  await ledger.write('test', (writer) =>
    writer.startRelease({ id, engine: 'duckdb', live: ledger.live }),
  );
}

const next: readonly StoreOperation[] = [
  { addColumn: { table: releaseTable.name, column: 'owner', type: 'text' } },
  { createTable: { name: 'later', columns: { id: 'integer' }, key: ['id'] } },
];

test('a newer version upgrades the ledger at its first use and keeps what is in it', async () => {
  await begin(await ledgerOf(upgrades), 'pr-1');
  const newer = await ledgerOf([...upgrades, next]);
  expect(await newer.read([], (reader) => reader.releases())).toMatchObject([{ id: 'pr-1' }]);
  await begin(newer, 'pr-2');
  expect(await newer.read([], (reader) => reader.releases())).toHaveLength(2);
});

test('an older version refuses a newer ledger and says which version is needed', async () => {
  await begin(await ledgerOf([...upgrades, next]), 'pr-1');
  const older = await ledgerOf(upgrades);
  await expect(begin(older, 'pr-2')).rejects.toThrow(/version 2.*up to 1/);
  await expect(older.read([], (reader) => reader.releases())).rejects.toThrow(/version 2/);
});

test('an upgrade that fails leaves the ledger as it was', async () => {
  await begin(await ledgerOf(upgrades), 'pr-1');
  const broken: StoreOperation[] = [
    ...next,
    { addColumn: { table: 'no such table', column: 'x', type: 'text' } },
  ];
  await expect(begin(await ledgerOf([...upgrades, broken]), 'pr-2')).rejects.toThrow();
  // Nothing of the broken upgrade is there: the right one finds its place free.
  const mended = await ledgerOf([...upgrades, next]);
  await begin(mended, 'pr-2');
  expect(await mended.read([], (reader) => reader.releases())).toHaveLength(2);
});

test('releases and exchanges of another live are not mixed in', async () => {
  await begin(await ledgerOf(upgrades), 'pr-1');
  const settings = { root: folder, live: 'other.duckdb', ledger: 'ledger.duckdb', connection: {} };
  const engine = await createEngine('duckdb', settings);
  const other = new Ledger(engine.stores, engine.places.live);
  expect(await other.read([], (reader) => reader.releases())).toEqual([]);
});
