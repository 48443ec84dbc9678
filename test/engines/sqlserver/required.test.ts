import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { absencesOf } from '../../conformance/sqlserver.ts';
import { tableOfTypes, tablesThatServersWrite } from '../../conformance/sqlserver-own.ts';
import { tsqlFault } from '../../support/tsql-grammar.ts';

const server = { lacking: { databases: 'no BACKUP: refused', swap: 'no SINGLE_USER: refused' } };

test('what a server lacks is skipped, unless it is required of this one', () => {
  const failures = (required: string | undefined) =>
    absencesOf(server, required).flatMap(({ section, isFailure }) => (isFailure ? [section] : []));
  expect(failures(undefined)).toEqual([]);
  expect(failures('swap')).toEqual(['swap']);
  expect(absencesOf({ lacking: {} }, 'swap')).toEqual([]);
  expect(() => failures('backup')).toThrow('GREENLIGHT_TEST_SQLSERVER_REQUIRED');
});

test('the server of CI has to have all that a probe looks for', async () => {
  const { jobs } = parse(await readFile('.github/workflows/ci.yml', 'utf8'));
  const [environment] = jobs.sqlserver.steps.flatMap(({ env }: { env?: object }) => env ?? []);
  const absences = absencesOf(server, environment.GREENLIGHT_TEST_SQLSERVER_REQUIRED);
  expect(absences.map(({ isFailure }) => isFailure)).toEqual([true, true]);
});

test('what the scenarios of SQL Server alone are made of is T-SQL', async () => {
  for (const statement of [
    ...tablesThatServersWrite,
    ...tableOfTypes('old'),
    ...tableOfTypes('new'),
  ])
    expect([statement, await tsqlFault(statement)]).toEqual([statement, null]);
});
