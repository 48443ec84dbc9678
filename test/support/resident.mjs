// Runs greenlight commands one after another in one process, as told by messages: { cwd, args, env } each, answered by
// { exitCode, stdout, stderr }. Quicker than a process each; what depends on processes is tested with real ones.

import { pathToFileURL } from 'node:url';

const [bundle] = process.argv.slice(2);
const write = process.stdout.write;
let run = 0;

process.on('message', async ({ cwd, args, env }) => {
  const taken = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    process[name].write = (text, ...rest) => {
      taken[name] += text;
      rest.findLast((argument) => typeof argument === 'function')?.();
      return true;
    };
  }
  process.env = env;
  process.argv = [process.argv[0], bundle, ...args];
  process.exitCode = undefined;
  process.chdir(cwd);
  try {
    // The number makes it a module of its own: it runs again. Not the entry, which does not wait for what it loads.
    await import(`${pathToFileURL(bundle.replace('index.js', 'main.js')).href}?${++run}`);
  } catch (error) {
    taken.stderr += String(error.stack);
    process.exitCode ??= 1;
  }
  process.stdout.write = write;
  // Each run adds its own.
  process.stdout.removeAllListeners('error');
  process.send({ exitCode: process.exitCode ?? 0, signal: null, ...taken });
});
