import { describe, test } from '@jest/globals';
import { absencesOf, probe, sqlserver } from './sqlserver.ts';
import { sqlserverScenarios } from './sqlserver-own.ts';
import { conformance, type Section } from './suite.ts';

const url = process.env.GREENLIGHT_TEST_SQLSERVER_URL;

const sections: readonly Section[] = [
  'databases',
  'catalog',
  'scripts',
  'bitemporal tables',
  'swap',
  'replay',
  'stores',
  'recorded deviations',
  'comparison: truth table',
  'comparison: recorded rows',
  'comparison: session',
  'comparison: patterns',
  'comparison: claims',
  'comparison: property',
];

// There is no SQL Server that could come with the packages: the suite runs where somebody names one.
if (url === undefined || url === '') {
  describe('SQL Server', () => {
    test.skip('no server is named: set GREENLIGHT_TEST_SQLSERVER_URL to sqlserver://user:password@host:1433', () =>
      undefined);
    sqlserverScenarios(null);
  });
} else {
  const server = await probe(url);
  describe(server.version, () => {
    const required = process.env.GREENLIGHT_TEST_SQLSERVER_REQUIRED;
    for (const { section, reason, isFailure } of absencesOf(server, required)) {
      const told = `${section}: this server has ${reason}`;
      if (!isFailure) test.skip(told, () => undefined);
      else
        test(section, () => {
          throw new Error(told);
        });
    }
    describe('what no other engine has', () => sqlserverScenarios(server));
    conformance(
      'sqlserver',
      sqlserver(server),
      sections.filter((section) => server.lacking[section] === undefined),
    );
  });
}
