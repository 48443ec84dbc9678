import { expect, test } from '@jest/globals';
import { fingerprintRows } from '../../../src/engines/sqlserver/fingerprints.ts';
import { typeNamed, typeOf } from '../../../src/engines/sqlserver/types.ts';
import { incomparable } from '../../../src/engines/sqlserver/values.ts';

const row = { type: 'nvarchar', max_length: 40, precision: 0, scale: 0, collation_name: 'x' };

test.each([
  ['nvarchar(20) encrypted', /Always Encrypted/],
  ['decimal(10,2) encrypted', /Always Encrypted/],
  ['rowversion', /tells writes/],
  ['timestamp', /tells writes/],
])('values that cannot be compared have a reason: %s', (type, reason) => {
  expect(incomparable(typeNamed(type))).toMatch(reason);
});

test.each([
  'nvarchar(20)',
  'xml',
  'json',
  'sql_variant',
  'varchar(9) collate x',
  '[dbo].[encrypted point]',
])('all others are compared: %s', (type) => {
  expect(incomparable(typeNamed(type))).toBeNull();
});

test('what the clients encrypt is in no expression of a fingerprint', () => {
  const types = new Map([
    ['id', typeOf({ ...row, encryption_type: null })],
    ['card', typeOf({ ...row, encryption_type: '2' })],
  ]);
  const statement = fingerprintRows('[dbo].[t]', ['id', 'card'], types);
  expect(statement).toContain('[id]');
  expect(statement).not.toContain('[card]');
});
