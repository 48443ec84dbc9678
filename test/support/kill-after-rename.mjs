// Preloaded into the command line by a test: kills the process right after the candidate was renamed over live, or,
// with KILL_BEFORE_RETURN, right before the old database is renamed back.
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname } from 'node:path';

const { rename } = promises;
const beforeReturn = process.env.KILL_BEFORE_RETURN === '1';
promises.rename = async (from, to) => {
  const role = String(to).includes('.greenlight') ? null : basename(dirname(String(from)));
  if (beforeReturn && role === 'previous') process.kill(process.pid, 'SIGKILL');
  await rename(from, to);
  if (!beforeReturn && role === 'candidate') process.kill(process.pid, 'SIGKILL');
};
syncBuiltinESMExports();
