// Fails when a generated file that is committed is not what its source gives now.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, inputsHash, root } from './build.mjs';

const hash = await inputsHash();
const fresh = join(root, 'build', 'dist');
await build(fresh);
const stale = await differences(join(root, 'dist'), fresh);
if (stale.length > 0) {
  console.error('dist/ is not what src/ gives:');
  for (const line of stale) {
    console.error(`  ${line}`);
  }
  console.error('Run `npm run build` and commit dist/.');
  process.exit(1);
}
// The tests take over this bundle while the source stays as it is: see jest.setup.mjs.
await writeFile(join(root, 'build', 'dist.hash'), hash);
console.log('Generated files are up to date.');

async function differences(committed, wanted) {
  const [before, after] = [await contents(committed), await contents(wanted)];
  const lines = [];
  for (const name of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [old, now] = [before.get(name), after.get(name)];
    if (!old) {
      lines.push(`missing: ${name}`);
    } else if (!now) {
      lines.push(`no longer made: ${name}`);
    } else if (!old.equals(now)) {
      lines.push(`differs: ${name}`);
    }
  }
  return lines;
}

async function contents(folder) {
  const files = new Map();
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    files.set(name, await readFile(join(folder, name)));
  }
  return files;
}
