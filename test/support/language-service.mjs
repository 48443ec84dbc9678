// Holds workflows and actions against GitHub's own language service. A process of its own: the service is published in
// a form that Node does not load, so it is bundled first.
//
//   { files: { path: text }, actions: { 'owner/name/path': { inputs } } } on standard input
//   { path: ['line: message', ...] } on standard output

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const { files, actions } = JSON.parse(await text(process.stdin));
const folder = await mkdtemp(join(tmpdir(), 'greenlight-language-service-'));
try {
  const { registerLogger, TextDocument, validate } = await load(join(folder, 'service.mjs'));
  // What it cannot do it only logs, and then finds nothing.
  const unable = [];
  const log = (message) => unable.push(message);
  registerLogger({ log() {}, info() {}, warn: log, error: log });
  const actionsMetadataProvider = {
    fetchActionMetadata: async ({ owner, name, path }) =>
      actions[[owner, name, path].filter(Boolean).join('/')],
  };
  const found = {};
  for (const [path, content] of Object.entries(files)) {
    const document = TextDocument.create(`file:///${path}`, 'yaml', 0, content);
    const faults = await validate(document, { actionsMetadataProvider });
    found[path] = faults.map(({ range, message }) => `${range.start.line + 1}: ${message}`);
  }
  if (unable.length > 0) throw new Error(unable.join('\n'));
  process.stdout.write(JSON.stringify(found));
} finally {
  await rm(folder, { recursive: true });
}

async function load(file) {
  await build({
    stdin: {
      contents: `export { registerLogger, validate } from '@actions/languageservice';
        export { TextDocument } from 'vscode-languageserver-textdocument';`,
      resolveDir: import.meta.dirname ?? process.cwd(),
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: file,
    logLevel: 'error',
    // Some of its parts are CommonJS.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  return import(pathToFileURL(file).href);
}
