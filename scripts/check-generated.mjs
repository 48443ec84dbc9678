// Fails when a generated file that is committed is not what its source gives now.

import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, inputsHash, root } from './build.mjs';

const generated = spawnSync(
  process.execPath,
  [join(root, 'scripts', 'run.mjs'), join(root, 'scripts', 'generate.ts'), '--check'],
  { cwd: root, stdio: 'inherit' },
);
if (generated.status !== 0) process.exit(1);

const hash = await inputsHash();
await build(join(root, 'build', 'dist'));
const stale = await differences(join(root, 'dist'), join(root, 'build', 'dist'));
if (stale.length > 0) {
  console.error(
    ['dist/ is not what src/ gives:', ...stale.map((line) => `  ${line}`)].join('\n'),
    '\nRun `npm run build` and commit dist/.',
  );
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
