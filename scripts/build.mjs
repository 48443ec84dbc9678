// Bundles src/main.ts and what it needs into one folder, so that `node <folder>/index.js` runs.
//
//   node scripts/build.mjs         writes dist/, which is committed
//   import { build, buildFast }    the same into another folder: see check-generated.mjs and jest.setup.mjs
//
// esbuild turns each TypeScript module into a JavaScript module under build/esm; ncc bundles those.
// (ncc's own TypeScript loader does not work with TypeScript 7.) What the source loads by `import()`
// becomes a file of its own beside index.js and is read only when it is used.

import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ncc from '@vercel/ncc';
import * as esbuild from 'esbuild';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

// What an engine needs is a file of its own, loaded by `import()` when that engine is used. In one file, a driver loads in
// half the time that its hundred files take. A native binding cannot be bundled: it is loaded from node_modules.
export const drivers = [
  {
    name: '@duckdb/node-api',
    file: 'duckdb',
    exports: ['DuckDBConnection', 'DuckDBInstance', 'version'],
    external: ['@duckdb/node-bindings'],
  },
  { name: 'pg', file: 'postgres', exports: ['Client'], external: ['pg-native'] },
  { name: 'pg-copy-streams', file: 'postgres-copy', exports: ['from'] },
  {
    name: 'libpg-query',
    file: 'postgres-parser',
    exports: ['hasSqlDetails', 'loadModule', 'parsePlPgSQLSync', 'parseSync'],
    // Read from beside the bundle.
    asset: 'wasm/libpg-query.wasm',
  },
  {
    name: 'mssql',
    file: 'sqlserver',
    exports: ['ConnectionPool', 'MAX', 'Request', 'Table', 'TYPES'],
  },
  { name: 'snowflake-sdk', file: 'snowflake', exports: ['configure', 'createConnection'] },
];
const driverNames = drivers.map(({ name }) => name);

const shebang = '#!/usr/bin/env node\n';

/** The bundle as it is shipped. The same source gives the same bytes. */
export async function build(out) {
  const esm = join(root, 'build', 'esm');
  await transpile(join(root, 'src'), esm);

  process.chdir(root); // ncc derives the names of modules from the working directory
  const { code, assets } = await ncc(join(esm, 'main.js'), {
    esm: true,
    filename: 'main.js',
    minify: true,
    target: 'es2022',
    license: 'licenses.txt',
    externals: driverNames,
    cache: false,
    quiet: true,
  });

  const files = new Map([...(await entry()), ['main.js', code]]);
  for (const [name, asset] of Object.entries(assets)) {
    files.set(name, name.endsWith('.js') ? await minify(String(asset.source)) : asset.source);
  }
  for (const driver of drivers) {
    const { code, packages } = await bundleDriver(driver);
    files.set(`${driver.file}.cjs`, code);
    files.set(`${driver.file}.mjs`, requiring(driver));
    if (driver.asset !== undefined) {
      const asset = await readFile(join(root, 'node_modules', driver.name, driver.asset));
      files.set(basename(driver.asset), asset);
    }
    for (const name of packages) {
      files.set('licenses.txt', `${files.get('licenses.txt')}${await licenseOf(name)}`);
    }
  }
  // As git keeps it, whatever line ends an author had.
  files.set('licenses.txt', String(files.get('licenses.txt')).replace(/\r\n?/g, '\n'));
  await writeFolder(out, files);
}

/** Says when Node is too old, and loads main.js. */
async function entry() {
  return [['index.js', shebang + (await readFile(join(root, 'src', 'index.js'), 'utf8'))]];
}

/** ncc makes only the main file small; the others are read at each start as well. */
async function minify(code) {
  return (await esbuild.transform(code, { format: 'esm', minify: true, target: common.target }))
    .code;
}

async function bundleDriver({ name, exports, external = [] }) {
  const result = await esbuild.build({
    ...common,
    format: 'cjs',
    stdin: { contents: `export { ${exports.join(', ')} } from '${name}';`, resolveDir: root },
    external,
    minify: true,
    // DuckDB's classes are known by their names.
    keepNames: true,
    metafile: true,
    write: false,
  });
  const packages = Object.keys(result.metafile.inputs).flatMap((file) => {
    const [, found] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file) ?? [];
    return found === undefined ? [] : [found];
  });
  return { code: result.outputFiles[0].text, packages: [...new Set(packages)].sort() };
}

/** Node looks through a CommonJS file for its exports before it imports it: that takes as long as loading it. */
function requiring({ file, exports }) {
  return `import { createRequire } from 'node:module';
export const { ${exports.join(', ')} } = createRequire(import.meta.url)('./${file}.cjs');
`;
}

async function licenseOf(name) {
  const folder = join(root, 'node_modules', name);
  const { license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((one) => /^licen[cs]e/i.test(one));
  const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8');
  return `\n\n${name}\n${license}\n${text}`;
}

/** A bundle for the tests: a fraction of a second instead of several, by esbuild alone. */
export async function buildFast(out) {
  const result = await esbuild.build({
    ...common,
    entryPoints: [join(root, 'src', 'main.ts')],
    outdir: out,
    write: false,
    splitting: true,
    external: driverNames,
    sourcemap: 'inline',
    banner: {
      js: "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);",
    },
  });
  const files = new Map([['package.json', '{"type":"module"}'], ...(await entry())]);
  for (const file of result.outputFiles) {
    files.set(file.path.slice(out.length + 1), file.text);
  }
  await writeFolder(out, files, { keepOthers: true });
}

/** A fingerprint of everything that the bundle is made from. */
export async function inputsHash() {
  const hash = createHash('sha256');
  const files = [
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'scripts/build.mjs',
    'src/index.js',
  ];
  for (const name of await modules(join(root, 'src'))) {
    files.push(join('src', name));
  }
  for (const file of files) {
    hash
      .update(`${file}\0`)
      .update(await readFile(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** @type {esbuild.BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  charset: 'utf8',
  logLevel: 'error',
};

async function modules(folder) {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts')).sort();
}

async function transpile(from, to) {
  const result = await esbuild.build({
    ...common,
    entryPoints: (await modules(from)).map((name) => join(from, name)),
    outbase: from,
    outdir: to,
    write: false,
    plugins: [oneFileAModule],
  });
  const files = new Map();
  for (const file of result.outputFiles) {
    // Without this mark ncc turns the import() of an external package into a static import, which
    // would load the native binding at every start.
    const text = file.text.replace(/\bimport\("([^"]+)"\)/g, (call, name) => {
      const driver = drivers.find((one) => one.name === name);
      return driver ? `import(/* webpackIgnore: true */ "./${driver.file}.mjs")` : call;
    });
    files.set(file.path.slice(to.length + 1), text);
  }
  await writeFolder(to, files);
}

/** Leaves every import where it is, and makes `./x.ts` of it `./x.js`. */
const oneFileAModule = {
  name: 'one-file-a-module',
  setup(builder) {
    builder.onResolve({ filter: /.*/ }, ({ path, kind, importer }) => {
      if (kind === 'entry-point') {
        return undefined;
      }
      if (driverNames.includes(path) && kind !== 'dynamic-import') {
        const text = `${relative(root, importer)} imports ${path} at start-up: use \`import type\` and \`await import('${path}')\``;
        return { errors: [{ text }] };
      }
      return { external: true, path: path.startsWith('.') ? path.replace(/\.ts$/, '.js') : path };
    });
  },
};

// Each file is replaced in one step, so a run that is under way never reads half a file.
async function writeFolder(folder, files, { keepOthers = false } = {}) {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of files) {
    const path = join(folder, name);
    const scratch = `${path}.${process.pid}.tmp`;
    const isMain = name === 'index.js';
    await mkdir(dirname(path), { recursive: true });
    await writeFile(scratch, content);
    await chmod(scratch, isMain ? 0o755 : 0o644);
    await rename(scratch, path);
  }
  if (keepOthers) {
    return;
  }
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile() && !files.has(path.slice(folder.length + 1))) {
      await rm(path, { force: true });
    }
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await build(join(root, 'dist'));
  } catch (error) {
    // esbuild has printed its errors already, each with its place.
    if (!error.errors) {
      console.error(error.message);
    }
    process.exit(1);
  }
}
