// Writes the files that are made from others, but for dist/: npm run generate [-- --check]
//
// With --check it writes nothing, and fails when one that is committed is not what its source gives now.

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { manifestFiles, manifestFolders } from './manifest/files.ts';
import { schemaFiles } from './schemas.ts';

const wanted = new Map([...(await manifestFiles()), ...schemaFiles()]);
const stale: string[] = [];
for (const [file, text] of wanted) {
  const now = await readFile(file, 'utf8').catch(() => null);
  if (now !== text) stale.push(`${now === null ? 'missing' : 'differs'}: ${file}`);
}
const leftOver = (await filesIn([...manifestFolders, 'schemas'])).filter(
  (file) => !wanted.has(file),
);
stale.push(...leftOver.map((file) => `no longer made: ${file}`));

if (process.argv.includes('--check')) {
  if (stale.length > 0) {
    console.error(`${stale.join('\n')}\nRun \`npm run generate\` and commit what it writes.`);
    process.exitCode = 1;
  }
} else {
  for (const [file, text] of wanted) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  for (const file of leftOver) await rm(file);
}

async function filesIn(folders: readonly string[]): Promise<string[]> {
  const files = [];
  for (const folder of folders) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.isFile()) files.push(join(entry.parentPath ?? entry.path, entry.name));
    }
  }
  return files;
}
