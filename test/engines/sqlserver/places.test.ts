import { expect, test } from '@jest/globals';
import { placeOfFile } from '../../../src/engines/sqlserver/backup.ts';
import { sqlserverPlaces } from '../../../src/engines/sqlserver/places.ts';
import type { Server } from '../../../src/engines/sqlserver/server.ts';

test('no two releases of any two lives share a database, whose name has no case', () => {
  const pairs = [
    ['a', 'b__c'],
    ['a__b', 'c'],
    ['a_', 'b'],
    ['a', '_b'],
    ['a', 'B'],
    ['a', 'b'],
  ] as const;
  const names = pairs.map(([live, release]) => sqlserverPlaces(live).candidate(release));
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(pairs.length);
  expect(names.at(-1)).toBe('a__b__candidate');
});

test('a name is one that SQL Server takes, and stays different where it had to be cut', () => {
  const places = sqlserverPlaces('l'.repeat(120));
  const names = [places.candidate('pr-1'), places.candidate('pr-2'), places.baseline('pr-1')];
  expect(names.map((name) => name.length)).toEqual([128, 128, 128]);
  expect(new Set(names).size).toBe(3);
});

test('databases with letters that file systems have not get files of their own', () => {
  const file = { id: 1, name: 'data', type: 'ROWS', path: '/data/shop.mdf', bytes: 1 };
  const server = { dataPath: null, logPath: null } as Server;
  const place = (database: string) =>
    placeOfFile(database, file, server, { files: { backup: null, data: null, log: null } });
  expect(place('shop__pr-1__candidate')).toBe('/data/shop__pr-1__candidate_1.mdf');
  expect(place('a b')).not.toBe(place('a_b'));
  expect(place('Склад')).not.toBe(place('Товар'));
});
