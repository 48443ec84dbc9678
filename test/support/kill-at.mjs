// Preloaded into a greenlight process (node --import), this kills it at a chosen point: the process counts what it
// does to files and databases and ends by SIGKILL right before or after number KILL_AT of them.
//
//   KILL_AT     number of the point; without it, points are only listed
//   KILL_WHEN   before (default) or after
//   KILL_KINDS  the kinds of points that count, with commas: file, spawn; for databases open, commit and close where
//               they change a file, write for a statement within a transaction, read for all the rest
//   KILL_MATCH  a regular expression: only points whose text it matches count
//   KILL_LIST   a file that takes the list of all points, one line each

import { createRequire, syncBuiltinESMExports } from 'node:module';

const require = createRequire(import.meta.url);
const fs = require('node:fs');
const childProcess = require('node:child_process');
const { join, dirname } = require('node:path');

const { KILL_AT, KILL_WHEN = 'before', KILL_KINDS = '', KILL_MATCH = '', KILL_LIST } = process.env;
const match = new RegExp(KILL_MATCH);
const kinds = new Set(KILL_KINDS.split(',').filter((kind) => kind !== ''));
const { writeSync } = fs;
const list = KILL_LIST === undefined ? null : fs.openSync(KILL_LIST, 'a');
let passed = 0;

/** Wraps a function so that each call of it is a point. `describe` gives null for calls that change nothing. */
function point(owner, name, describe) {
  const original = owner[name];
  owner[name] = function (...args) {
    const described = describe.apply(this, args);
    if (described === null || !kinds.has(described.kind) || !match.test(described.text))
      return original.apply(this, args);
    const number = ++passed;
    const label = `${number} ${described.kind} ${described.text}`
      .replace(/\s+/g, ' ')
      .slice(0, 200);
    if (list !== null) writeSync(list, `${label}\n`);
    const due = number === Number(KILL_AT);
    if (due && KILL_WHEN === 'before') die(label);
    const result = original.apply(this, args);
    if (!due) return result;
    if (typeof result?.then !== 'function') die(label);
    return result.finally(() => die(label));
  };
}

function die(label) {
  writeSync(2, `\nkilled ${KILL_WHEN} ${label}\n`);
  process.kill(process.pid, 'SIGKILL');
  for (;;); // the signal is on its way
}

// Files --------------------------------------------------------------------------------------------

const mutations = [
  'rename',
  'link',
  'unlink',
  'rm',
  'rmdir',
  'mkdir',
  'writeFile',
  'copyFile',
  'truncate',
  'symlink',
];
const { existsSync, statSync } = fs;
for (const name of mutations) {
  const file = (path) => {
    // To make a folder that is there, or to remove a file that is not, changes nothing.
    const isIdle = name === 'mkdir' ? existsSync(path) : name === 'rm' && !existsSync(path);
    return { kind: isIdle ? 'read' : 'file', text: `${name} ${String(path)}` };
  };
  point(fs.promises, name, file);
  point(fs, `${name}Sync`, file);
}
const opening = (path, flags = 'r') =>
  /^r$|^rs$/.test(String(flags)) ? null : { kind: 'file', text: `open ${String(path)} ${flags}` };
point(fs.promises, 'open', opening);
point(fs, 'openSync', opening);
point(childProcess, 'spawn', (program) => ({ kind: 'spawn', text: String(program) }));
syncBuiltinESMExports();

// DuckDB -------------------------------------------------------------------------------------------

// The bundle that is shipped has the driver in a file of its own; the one that the tests make loads the package.
const bundled = join(dirname(process.argv[1] ?? ''), 'duckdb.cjs');
for (const driver of [...(fs.existsSync(bundled) ? [bundled] : []), '@duckdb/node-api'])
  watch(require(driver));

function watch({ DuckDBConnection, DuckDBInstance }) {
  const files = new WeakMap();
  const create = DuckDBInstance.create;
  DuckDBInstance.create = async function (file, ...rest) {
    const instance = await create.call(this, file, ...rest);
    files.set(instance, file);
    return instance;
  };
  const isFile = (file) => file !== undefined && file !== ':memory:';
  const hasLog = (file) => (statSync(`${file}.wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  // To open a database makes it, or replays its log; to close it works the log in.
  point(DuckDBInstance, 'create', (file) => {
    if (!isFile(file)) return null;
    return { kind: !existsSync(file) || hasLog(file) ? 'open' : 'read', text: `open ${file}` };
  });
  point(DuckDBInstance.prototype, 'closeSync', function () {
    const file = files.get(this);
    if (!isFile(file)) return null;
    return { kind: hasLog(file) ? 'close' : 'read', text: `close ${file}` };
  });

  const inTransaction = new WeakSet();
  /** Name, quoted -> file. */
  const attached = new Map();
  const changesNothing =
    /^(SELECT|FROM|WITH|SET|USE|BEGIN|ROLLBACK|DESCRIBE|PRAGMA|ATTACH (.*READ_ONLY|':memory:'))/i;
  point(DuckDBConnection.prototype, 'run', function (sql) {
    const text = sql
      .replace(/^\s*\/\*.*?\*\/\s*/s, '')
      .replace(/\s+/g, ' ')
      .trim();
    if (/^BEGIN/i.test(text)) inTransaction.add(this);
    if (/^(COMMIT|ROLLBACK)/i.test(text)) inTransaction.delete(this);
    if (changesNothing.test(text)) return { kind: 'read', text };
    const [, opened, name] = /^ATTACH '(.+)' AS (".+")$/i.exec(text) ?? [];
    if (opened !== undefined) {
      const file = opened.replaceAll("''", "'");
      attached.set(name, file);
      return { kind: !existsSync(file) || hasLog(file) ? 'open' : 'read', text };
    }
    const [, closed] = /^DETACH (".+")$/i.exec(text) ?? [];
    if (closed !== undefined)
      return { kind: hasLog(attached.get(closed)) ? 'close' : 'read', text };
    return { kind: inTransaction.has(this) ? 'write' : 'commit', text };
  });
}
