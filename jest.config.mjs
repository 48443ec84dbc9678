/**
 * Minutes each: walks kill a step at each of its points, plays take a release the whole way with real clients, and some
 * parts need a whole release for each case. `npm test` leaves them out unless they are named on its command line;
 * `GREENLIGHT_TEST_LONG=1` runs them as well. `.ci/run` has half an hour: it runs them by `GREENLIGHT_TEST_LONG=gate`, but for the
 * slowest, and some of them in part (test/support/gate.ts).
 */
const slowest = [
  'test/conformance/postgres-schema\\.test\\.ts$',
  'test/conformance/snowflake-(comparison|schema)\\.test\\.ts$',
  'test/examples/snowflake\\.test\\.ts$',
  'test/faults/(input|killed(-catching-up|-publishing)?)\\.test\\.ts$',
  'test/hosts/jobs(-gitlab)?\\.test\\.ts$',
  'test/steps/(bitemporal|control|publish|simulate-periods)\\.test\\.ts$',
];
const long = [
  ...slowest,
  'test/conformance/snowflake\\.test\\.ts$',
  'test/conformance/postgres-15\\.test\\.ts$',
  'test/engines/duckdb/(chunks|joining|types|ways)\\.test\\.ts$',
  'test/engines/packages\\.test\\.ts$',
  'test/engines/(postgres|snowflake|sqlserver)/.+\\.test\\.ts$',
  'test/examples/(vault|customers)\\.test\\.ts$',
  'test/faults/.+\\.test\\.ts$',
  'test/hosts/jobs(-gitlab)?\\.test\\.ts$',
  'test/release-postgres\\.test\\.ts$',
  'test/steps/(bitemporal|compare-bad-input|compare-budget|control|doctor|drift|expectations|given-baseline|keeping|migrate|publish|rehearse|report|review|simulate-input)\\.test\\.ts$',
  'test/schemas/results\\.test\\.ts$',
  'test/.+/play(-\\w+)?\\.test\\.ts$',
];
const wanted = process.env.GREENLIGHT_TEST_LONG;
const isNamed = process.argv.some((word) => /^(\.\/)?test\//.test(word));
const left = { gate: slowest, 1: [] }[wanted] ?? (isNamed ? [] : long);

export default {
  testPathIgnorePatterns: left,
  testRegex: wanted === 'gate' ? long : ['test/.+\\.test\\.ts$'],
  // Folders with a package.json of their own that are not part of the source.
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  globalSetup: '<rootDir>/scripts/jest.setup.mjs',
  reporters: ['default', '<rootDir>/scripts/jest.reporter.mjs'],
  testTimeout: 60_000,
  // By default one processor stays idle; most of the time is spent in other processes anyway.
  maxWorkers: '100%',
  // A test that fails halfway may leave a process that it waits for; the run must end all the same.
  forceExit: true,
};
