import { realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { GreenlightError, messageOf } from '../../errors.ts';
import type {
  Location,
  QueryRows,
  RunMark,
  Script,
  ScriptOptions,
  ScriptReport,
  ScriptRunner,
  ScriptSession,
} from '../engine.ts';
import { excerpt } from '../excerpt.ts';
import { standardLexis } from '../lexis.ts';
import {
  type Filling,
  type FillingDialect,
  fillingOf,
  fillPlaceholders,
  placeholderOf,
} from '../placeholders.ts';
import { literalsOf, outlineOf, type Statement, splitStatements } from '../script.ts';
import {
  asksForNoTransaction,
  notCommitted,
  type OnStatement,
  onlyQuery,
  untrue,
} from '../scripts.ts';
import { Duckdb, type DuckdbOptions, literal, quote } from './connection.ts';
import { logOf, requireNoLog } from './databases.ts';
import { explain, firstLine } from './errors.ts';
import { MarkStore } from './run-mark.ts';
import { noiseIn } from './unsteady.ts';

export function duckdbScripts(options: DuckdbOptions): ScriptRunner {
  return {
    open: (at, scriptOptions) => openSession(at, scriptOptions, options),
    lexis: standardLexis,
    noiseIn: async (sql) => noiseIn(sql),
  };
}

/** What every script of a session is held against. */
interface Rules {
  readonly forbidden: readonly Location[];
  /** What its placeholders stand for; null: they are not looked at. */
  readonly fillings: ReadonlyMap<string, Filling> | null;
}

async function openSession(
  at: Location,
  { write, variables, forbidden, placeholders = false, utc = false }: ScriptOptions,
  options: DuckdbOptions,
): Promise<ScriptSession> {
  const duckdb = await openAlone(at, write, options);
  if (utc) await duckdb.run("SET TimeZone = 'UTC'");
  const marks = await MarkStore.of(duckdb);
  const fillings = new Map<string, Filling>();
  for (const [name, value] of Object.entries(variables)) {
    const filling = fillingOf(name, value, dialect);
    await duckdb.run(`SET VARIABLE ${quote(name)} = ${filling.sql}`);
    fillings.set(placeholderOf(name), filling);
  }
  const rules = { forbidden, fillings: placeholders ? fillings : null };
  return {
    run: (script, onStatement, mark) =>
      run(duckdb, script, rules, onStatement, mark && { marks, mark }),
    check: (script) => check(duckdb, script, rules),
    query: (script) => query(duckdb, script, rules),
    readMark: () => marks.read(),
    writeMark: (mark) => marks.write(mark),
    dropMark: () => marks.drop(),
    close: async () => {
      try {
        if (write) await duckdb.run('CHECKPOINT');
      } catch (error) {
        throw explain(error, at);
      } finally {
        duckdb.close();
      }
      if (write) await requireNoLog(at);
    },
  };
}

const dialect: FillingDialect = {
  literal,
  instant: (text) => `TIMESTAMPTZ ${literal(text)}`,
  plainType: /^[A-Z_ ]+[0-9]*(\(\d+(, ?\d+)?\))?$/,
};

const readOnly = 'greenlight: read only';

/** For writing, the file is the only database of its instance; for reading, it is attached and made the default. */
async function openAlone(at: Location, write: boolean, options: DuckdbOptions): Promise<Duckdb> {
  if (write) return Duckdb.open(at, options);
  const duckdb = await Duckdb.open(null, options);
  await duckdb.attach(at, readOnly, 'read');
  await duckdb.run(`USE ${quote(readOnly)}`);
  return duckdb;
}

/** A statement as it is written, which people are told of, and as it runs. */
interface ReadyStatement extends Statement {
  readonly sql: string;
}

/** @throws GreenlightError when one of them must not run; then none of them has. */
function readyStatements(script: Script, { forbidden, fillings }: Rules): ReadyStatement[] {
  const statements = splitStatements(script.text).map((statement) => ({
    ...statement,
    sql: fillings === null ? statement.text : fillPlaceholders(script, statement, fillings),
  }));
  for (const statement of statements) refuseForbidden(script, statement, forbidden);
  return statements;
}

async function run(
  duckdb: Duckdb,
  script: Script,
  rules: Rules,
  onStatement?: OnStatement,
  marking?: { readonly marks: MarkStore; readonly mark: RunMark },
): Promise<ScriptReport> {
  const statements = readyStatements(script, rules);
  const outside = statements.find((statement) => cannotBeWrapped.test(statement.text));
  const transactional = outside === undefined && !asksForNoTransaction(script);
  if (!transactional)
    await marking?.marks.write({ ...marking.mark, done: marking.mark.done - 1, begun: true });
  if (transactional) await duckdb.run('BEGIN');
  let done = 0;
  try {
    for (const statement of statements) {
      await runStatement(duckdb, script, statement);
      done++;
      onStatement?.(done, statements.length);
    }
    if (transactional) await marking?.marks.update(marking.mark);
    if (transactional) await duckdb.run('COMMIT');
  } catch (error) {
    await duckdb.run('ROLLBACK').catch(() => undefined);
    if (error instanceof GreenlightError) throw error;
    throw notCommitted(script, firstLine(messageOf(error)));
  }
  if (!transactional) await marking?.marks.write(marking.mark);
  const reason =
    outside === undefined
      ? 'it asks for no transaction'
      : `line ${outside.line} cannot run in ours`;
  return { statements: done, transactional, reason: transactional ? null : reason };
}

/** Transaction control of the script's own, and what DuckDB refuses inside a transaction with changes. */
const cannotBeWrapped =
  /^(BEGIN|START\s+TRANSACTION|COMMIT|END|ROLLBACK|ABORT|(FORCE\s+)?CHECKPOINT|VACUUM|DETACH)\b/i;

async function runStatement(
  duckdb: Duckdb,
  script: Script,
  statement: ReadyStatement,
): Promise<void> {
  try {
    await duckdb.run(statement.sql);
  } catch (error) {
    throw failed(script, statement, error);
  }
}

async function check(duckdb: Duckdb, script: Script, rules: Rules): Promise<string[]> {
  const statements = readyStatements(script, rules);
  if (statements.length === 0) return [`${script.file}: holds no query`];
  const failures: string[][] = [];
  for (const statement of statements) {
    const table = await ask(duckdb, script, statement);
    const isTrue = (value: unknown) => value === true;
    failures.push(untrue(`${script.file}:${statement.line}`, table, isTrue));
  }
  return failures.flat();
}

async function query(duckdb: Duckdb, script: Script, rules: Rules): Promise<QueryRows> {
  const statement = onlyQuery(script, readyStatements(script, rules));
  const { columns, types, rows } = await ask(duckdb, script, statement);
  const text = (value: unknown) => (value === null ? null : String(value));
  return { columns, types, rows: rows.map((row) => row.map(text)) };
}

function ask(duckdb: Duckdb, script: Script, statement: ReadyStatement) {
  return duckdb.table(statement.sql).catch((error) => {
    throw failed(script, statement, error);
  });
}

function failed(script: Script, statement: Statement, error: unknown): GreenlightError {
  const message = messageOf(error);
  const inStatement = Number(/^LINE (\d+):/m.exec(message)?.[1] ?? 1);
  const where = `${script.file}:${statement.line + inStatement - 1}`;
  // Only what DuckDB says of files can be about a file.
  const explained = /^IO Error/.test(message) ? explain(error, where) : null;
  if (explained instanceof GreenlightError) return explained;
  return new GreenlightError({
    what: `A statement failed:\n${excerpt(statement)}`,
    where,
    cause: firstLine(message),
    help: 'Mend the statement, then run the same command again.',
  });
}

/**
 * A script could reach another database file by ATTACH, COPY TO or a reading function; all of them take the path as
 * a text or a quoted name. One that leads to a forbidden file is refused before anything runs,
 * and so is a statement that opens a file whose path does not stand in it.
 */
function refuseForbidden(
  script: Script,
  statement: ReadyStatement,
  forbidden: readonly Location[],
): void {
  const where = `${script.file}:${statement.line}`;
  const files = new Set(forbidden.flatMap((file) => [...identitiesOf(file), nameOf(logOf(file))]));
  for (const { value } of literalsOf(statement.sql)) {
    if (!identitiesOf(pathOf(value)).some((id) => files.has(id))) continue;
    throw new GreenlightError({
      what: 'The script names a database file that it must not touch.',
      where,
      cause: `it names ${value}, which is live, another one of the release, or the ledger`,
      help: 'Scripts work on the default database, the one that they run in. Remove the path.',
    });
  }
  const outline = outlineOf(statement.sql).replace(explaining, '');
  if (runsFiles.test(outline)) {
    throw new GreenlightError({
      what: 'The script runs statements out of other files, which nobody holds against what it must not touch.',
      where,
      help: 'Write the statements into the script itself, and load the data with COPY ... FROM.',
    });
  }
  if (!opensFile.test(outline) || plainPath.test(outline)) return;
  throw new GreenlightError({
    what: 'The script opens a file whose path cannot be read from the statement.',
    where,
    help: "Write the path as one plain text: ATTACH 'reference.duckdb' (READ_ONLY), COPY t TO 'export.csv'.",
  });
}

/** EXPLAIN ANALYZE runs what it explains. */
const explaining = /^EXPLAIN\b(\s+ANALYZE\b)?(\s*\([^)]*\))?\s*/i;
const runsFiles = /^(IMPORT|PRAGMA\s+import_database)\b/i;
const opensFile = /^(ATTACH|PREPARE)\b|^COPY\b.*\bTO\b/is;
/** The path directly behind ATTACH or the last TO, without escapes and without a second part on the next line. */
const plainPath =
  /^ATTACH\s+(DATABASE\s+)?(IF\s+NOT\s+EXISTS\s+)?''(?!\s*'')|^COPY\b(?!\s+FROM\s+DATABASE).*\bTO\s*''(?!\s*'')|^PREPARE\b(?!.*\b(COPY|ATTACH|EXPORT|CALL|PRAGMA)\b)|^COPY\s+FROM\s+DATABASE\b/is;

/** DuckDB takes `file:` addresses, a prefix that says which extension opens the file, and `~`. */
function pathOf(text: string): string {
  const path = text.replace(/^duckdb:/i, '').replace(/^file:(\/\/(localhost(?=\/))?)?/i, '');
  return path.startsWith('~') ? homedir() + path.slice(1) : path;
}

/** By name, and by what is there: a file may have several names, and a name may have no file yet. */
function identitiesOf(path: string): string[] {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return [nameOf(path), `${dev}:${ino}`];
  } catch {
    return [nameOf(path)];
  }
}

function nameOf(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
}
