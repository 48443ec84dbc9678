// Closes a test run with one plain line that any CI can read: `12 passed, 0 failed`.

import { writeSync } from 'node:fs';

export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const counts = [`${results.numPassedTests} passed`, `${failed} failed`];
    if (skipped > 0) {
      counts.push(`${skipped} skipped`);
    }
    if (process.env.GREENLIGHT_TEST_LONG === undefined) {
      counts.push('without the long ones (GREENLIGHT_TEST_LONG=1)');
    }
    // Jest prints its own summary after every reporter: wait until it has.
    process.once('exit', () => writeSync(1, `${counts.join(', ')}\n`));
  }
}
