// Runs a TypeScript file of this repository on a Node that cannot: node scripts/run.mjs bench/run.ts [arguments]
//
// The file and its siblings become one module under build/run; packages are loaded from node_modules.
// `import.meta.url` therefore names the folder build/run: find files from the working directory instead.

import { rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import { root } from './build.mjs';

const [file, ...args] = process.argv.slice(2);
if (!file) {
  console.error('Usage: node scripts/run.mjs <file.ts> [arguments]');
  process.exit(2);
}
const entry = resolve(file);
const out = join(root, 'build', 'run', `${basename(file, '.ts')}-${process.pid}.mjs`);
await esbuild.build({
  entryPoints: [entry],
  outfile: out,
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: 'inline',
  logLevel: 'error',
});
process.on('exit', () => rmSync(out, { force: true }));
process.setSourceMapsEnabled(true);
process.argv = [process.argv[0], entry, ...args];
await import(pathToFileURL(out).href);
