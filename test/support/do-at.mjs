// Preloaded into a greenlight process (node --import), this runs a command right before something that the process does:
// as if somebody else did it at that very moment.
//
//   DO_AT   a regular expression: the first statement of DuckDB, or `rename <file>`, `link <file>`, that it matches
//   DO      the command, for the shell; greenlight is its $PPID
//   DO_LOG  a file that takes what the command prints

import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, promises } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const { DO_AT = '', DO = '', DO_LOG } = process.env;
const wanted = new RegExp(DO_AT, 's');
let isDone = false;

function pass(text) {
  if (isDone || !wanted.test(text)) return;
  isDone = true;
  const { stdout, stderr } = spawnSync(DO, { shell: true, encoding: 'utf8' });
  if (DO_LOG !== undefined) appendFileSync(DO_LOG, `${stdout}${stderr}`);
}

for (const name of ['rename', 'link']) {
  const original = promises[name];
  promises[name] = (from, to) => {
    pass(`${name} ${from}`);
    return original(from, to);
  };
}
syncBuiltinESMExports();

const bundled = join(dirname(process.argv[1] ?? ''), 'duckdb.cjs');
for (const driver of [...(existsSync(bundled) ? [bundled] : []), '@duckdb/node-api']) {
  const { DuckDBConnection } = require(driver);
  const run = DuckDBConnection.prototype.run;
  DuckDBConnection.prototype.run = function (sql, ...rest) {
    pass(sql);
    return run.call(this, sql, ...rest);
  };
}
