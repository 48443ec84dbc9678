// Preloaded into the command line by a test: kills the process right after a file was renamed over live.

import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname } from 'node:path';

const { rename } = promises;
promises.rename = async (from, to) => {
  await rename(from, to);
  if (basename(dirname(String(from))) === 'candidate' && !String(to).includes('.greenlight')) {
    process.kill(process.pid, 'SIGKILL');
  }
};
syncBuiltinESMExports();
