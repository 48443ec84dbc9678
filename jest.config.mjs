/**
 * Walks kill a step at each of its points, plays take a release the whole way with real clients, writers write all the while:
 * minutes each. `.ci/run` runs them; `GREENLIGHT_TEST_LONG=1 npm test` does it by hand.
 */
const long = [
  '<rootDir>/test/faults/',
  '/play(-\\w+)?\\.test\\.ts$',
  'packages\\.test\\.ts$',
  'vault\\.test\\.ts$',
];
const isLong = process.env.GREENLIGHT_TEST_LONG === '1';

export default {
  testPathIgnorePatterns: isLong ? [] : long,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
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
