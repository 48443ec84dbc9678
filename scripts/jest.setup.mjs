// Makes build/dist from the source once, before the first test: what the tests start is never stale.

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildFast, inputsHash, root } from './build.mjs';

export default async function setup() {
  const mark = join(root, 'build', 'dist.hash');
  // After `npm run check`, build/dist is the very bundle that is shipped: test that one.
  if ((await readFile(mark, 'utf8').catch(() => '')) === (await inputsHash())) {
    return;
  }
  await rm(mark, { force: true });
  await buildFast(join(root, 'build', 'dist'));
}
