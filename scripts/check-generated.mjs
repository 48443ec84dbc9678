// Fails when a generated file that is committed is not what its source gives now.

import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, inputsHash, root } from './build.mjs';

const hash = await inputsHash();
await build(join(root, 'build', 'dist'));
generateSchemas(join(root, 'build', 'schemas'));

const stale = [
  ...(await staleLines('dist', 'src/', 'npm run build')),
  ...(await staleLines('schemas', 'src/config and src/report/results.ts', 'npm run generate')),
];
if (stale.length > 0) {
  console.error(stale.join('\n'));
  process.exit(1);
}
// The tests take over this bundle while the source stays as it is: see jest.setup.mjs.
await writeFile(join(root, 'build', 'dist.hash'), hash);
console.log('Generated files are up to date.');

function generateSchemas(folder) {
  const scripts = join(root, 'scripts');
  const { status } = spawnSync(
    process.execPath,
    [join(scripts, 'run.mjs'), join(scripts, 'generate-schemas.ts'), folder],
    { cwd: root, stdio: 'inherit' },
  );
  if (status !== 0) process.exit(1);
}

/** Compares a folder that is committed with what was made under build/ just now. */
async function staleLines(folder, source, command) {
  const lines = await differences(join(root, folder), join(root, 'build', folder));
  if (lines.length === 0) return [];
  return [
    `${folder}/ is not what ${source} gives:`,
    ...lines.map((line) => `  ${line}`),
    `Run \`${command}\` and commit ${folder}/.`,
  ];
}

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
