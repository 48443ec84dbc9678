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
import { type Filling, type FillingDialect, fillingOf, placeholderOf } from '../placeholders.ts';
import { lineBreaksIn } from '../script.ts';
import {
  asksForNoTransaction,
  notCommitted,
  type OnStatement,
  onlyQuery,
  stillOpen,
  untrue,
} from '../scripts.ts';
import { sqlComment } from '../sql.ts';
import { Session, type Table } from './connection.ts';
import { firstLine, stateBehind } from './errors.ts';
import { literal, type Place, placeOf, quote } from './names.ts';
import type { PostgresOptions } from './options.ts';
import { loadParser, type Parser, unitsOf } from './parser.ts';
import { type Reach, reachOf, refuseForbidden, SchemaGuard } from './reach.ts';
import { MarkStore } from './run-mark.ts';
import { requireOwnServer } from './servers.ts';
import {
  calledProcedure,
  cannotBeWrapped,
  holdsCommit,
  leavesOpen,
  type ReadyStatement,
  readStatements,
  refusalOf,
  transactionKind,
} from './statements.ts';
import { noiseIn } from './unsteady.ts';

export function postgresScripts(options: PostgresOptions): ScriptRunner {
  return {
    open: (at, scriptOptions) => openSession(at, scriptOptions, options),
    lexis: standardLexis,
    noiseIn,
  };
}

/** A session on one place, and what every script of it is held against. */
interface Work {
  readonly session: Session;
  readonly parser: Parser;
  readonly place: Place;
  readonly write: boolean;
  /** Settings of the session that no script leaves to the next one. */
  readonly settings: string;
  readonly reach: Reach;
  /** What placeholders stand for; null: they are not looked at. */
  readonly fillings: ReadonlyMap<string, Filling> | null;
  readonly marks: MarkStore;
}

const purpose = 'script';

async function openSession(
  at: Location,
  { write, variables, forbidden, placeholders = false, utc = false }: ScriptOptions,
  options: PostgresOptions,
): Promise<ScriptSession> {
  const place = placeOf(at);
  requireOwnServer(place);
  const session = await Session.open(place.database, options, { purpose, readOnly: !write });
  try {
    const settings = settingsOf(place, { write, utc, variables }, options);
    await session.run(settings);
    const fillings = new Map(
      Object.entries(variables).map(([name, value]) => [
        placeholderOf(name),
        fillingOf(name, value, dialect),
      ]),
    );
    const work: Work = {
      session,
      parser: await loadParser(),
      place,
      write,
      settings,
      reach: reachOf(place, forbidden),
      fillings: placeholders ? fillings : null,
      marks: new MarkStore(session, place.schema),
    };
    return {
      run: (script, onStatement, mark) => run(work, script, onStatement, mark),
      check: (script) => check(work, script),
      query: (script) => query(work, script),
      readMark: () => work.marks.read(),
      writeMark: (mark) => work.marks.write(mark),
      dropMark: () => work.marks.drop(),
      close: () => session.close(),
    };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** The database's own settings, as every program that connects to it has them; what the product needs, beside. */
function settingsOf(
  { schema }: Place,
  { write, utc, variables }: Pick<ScriptOptions, 'write' | 'utc' | 'variables'>,
  { statementTimeoutMs }: PostgresOptions,
): string {
  return [
    'RESET SESSION AUTHORIZATION',
    'RESET ALL',
    `SET statement_timeout = ${statementTimeoutMs}`,
    'SET idle_in_transaction_session_timeout = 0',
    `SET default_transaction_read_only = ${write ? 'off' : 'on'}`,
    // Texts of values that come back; the order of day and month stays the database's.
    "SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres'; SET extra_float_digits = 1",
    ...(utc ? ["SET TimeZone = 'UTC'"] : []),
    ...(schema === null ? [] : [`SET search_path = ${quote(schema)}`]),
    ...Object.entries(variables).map(
      ([name, value]) =>
        `SET ${quote('greenlight')}.${quote(placeholderOf(name))} = ${literal(typeof value === 'string' ? value : value.text)}`,
    ),
  ].join('; ');
}

const dialect: FillingDialect = {
  literal,
  instant: (text) => `TIMESTAMPTZ ${literal(text)}`,
  plainType: /^[a-z_ ]+[0-9]*(\(\d+(,\d+)?\))?[a-z_ ]*$/,
};

/** @throws GreenlightError when one of them must not run; then none of them has. */
function readyStatements({ parser, reach, fillings, write }: Work, script: Script) {
  const statements = readStatements(parser, script, fillings);
  for (const statement of statements) {
    refuseForbidden(parser, script, statement, reach);
    const refusal = refusalOf(statement) ?? (write ? null : refusalToWrite(statement));
    if (refusal === null) continue;
    throw new GreenlightError({
      what: `This statement cannot run here:\n${excerpt(statement)}`,
      where: `${script.file}:${statement.line}`,
      help: refusal,
    });
  }
  return statements;
}

function refusalToWrite(statement: ReadyStatement): string | null {
  const outside = cannotBeWrapped(statement, []);
  return outside === null
    ? null
    : `${outside} is nothing that only reads: it runs in one read-only transaction.`;
}

// ---------------------------------------------------------------------------------------------
// Running

async function run(
  work: Work,
  script: Script,
  onStatement?: OnStatement,
  mark?: RunMark,
): Promise<ScriptReport> {
  const { session, place, marks, settings, reach } = work;
  const statements = readyStatements(work, script);
  await session.run(settings);
  const reason = asksForNoTransaction(script)
    ? 'it asks for no transaction'
    : await outsideReason(session, statements);
  const guard = place.schema === null ? null : await SchemaGuard.of(session, place.schema, reach);
  const plan = { work, script, statements, guard, onStatement };
  if (reason === null) await runWhole(plan, mark);
  else {
    const open = leavesOpen(statements);
    if (open !== null) throw stillOpen(script, open);
    await (mark && marks.write({ ...mark, done: mark.done - 1, begun: true }));
    await runOneByOne(plan);
    await (mark && marks.write(mark));
  }
  return { statements: statements.length, transactional: reason === null, reason };
}

/** `line 3: CREATE INDEX CONCURRENTLY cannot run in a transaction`; null: all of them can. */
async function outsideReason(
  session: Session,
  statements: readonly ReadyStatement[],
): Promise<string | null> {
  for (const [at, statement] of statements.entries()) {
    const what =
      cannotBeWrapped(statement, statements.slice(at + 1)) ??
      ((await callsCommit(session, statement)) ? 'CALL of a procedure that commits' : null);
    if (what !== null) return `line ${statement.line}: ${what} cannot run in our transaction`;
  }
  return null;
}

async function callsCommit(session: Session, statement: ReadyStatement): Promise<boolean> {
  const called = calledProcedure(statement);
  if (called === null) return false;
  const bodies = await session.rows(
    "SELECT prosrc FROM pg_catalog.pg_proc WHERE prokind = 'p' AND proname = $1",
    [String(called.at(-1))],
  );
  return bodies.some(({ prosrc }) => holdsCommit(String(prosrc)));
}

interface Plan {
  readonly work: Work;
  readonly script: Script;
  readonly statements: readonly ReadyStatement[];
  readonly guard: SchemaGuard | null;
  readonly onStatement: OnStatement | undefined;
}

async function runWhole(
  { work, script, statements, guard, onStatement }: Plan,
  mark: RunMark | undefined,
): Promise<void> {
  await inTransaction(work, script, async () => {
    for (const [at, statement] of statements.entries()) {
      await runStatement(work, script, statement);
      onStatement?.(at + 1, statements.length);
    }
    await guard?.check(script);
    if (mark === undefined) return;
    // The script may have taken another role.
    await work.session.run('RESET SESSION AUTHORIZATION');
    await work.marks.update(mark);
  });
}

/** Each on its own; what wrote outside of the schema is undone, unless it cannot run in a transaction at all. */
async function runOneByOne({ work, script, statements, guard, onStatement }: Plan): Promise<void> {
  const { session } = work;
  try {
    for (const [at, statement] of statements.entries()) {
      const isOpen = leavesOpen(statements.slice(0, at)) !== null;
      if (guard !== null && !isOpen && cannotBeWrapped(statement, []) === null) {
        await inTransaction(work, script, async () => {
          await runStatement(work, script, statement);
          await guard.check(script);
        });
      } else {
        if (/COMMIT|PREPARE$/.test(transactionKind(statement) ?? '')) await guard?.check(script);
        await leavingNoInvalidIndex(session, () => runStatement(work, script, statement));
      }
      onStatement?.(at + 1, statements.length);
    }
  } catch (error) {
    await session.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function inTransaction(
  { session, write }: Work,
  script: Script,
  work: () => Promise<void>,
): Promise<void> {
  await session.run(write ? 'BEGIN' : 'BEGIN READ ONLY');
  try {
    // After the first query, a transaction cannot be made one that writes.
    if (!write) await session.run('SELECT 1');
    await work();
  } catch (error) {
    await session.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
  try {
    await session.run('COMMIT');
  } catch (error) {
    await session.run('ROLLBACK').catch(() => undefined);
    throw notCommitted(script, causeOf(error));
  }
}

async function runStatement(
  { session, write }: Work,
  script: Script,
  statement: ReadyStatement,
): Promise<void> {
  try {
    await session.run(statement.sql);
  } catch (error) {
    throw failed(script, statement, error, write);
  }
}

/** A failed CREATE INDEX CONCURRENTLY leaves an index that nobody can use and every write has to feed. */
async function leavingNoInvalidIndex(session: Session, work: () => Promise<void>): Promise<void> {
  const before = new Set(await invalidIndexes(session));
  try {
    await work();
  } catch (error) {
    if (!(error instanceof GreenlightError)) throw error;
    const left = (await invalidIndexes(session).catch(() => [])).filter((one) => !before.has(one));
    if (left.length === 0) throw error;
    for (const index of left) await session.run(`DROP INDEX CONCURRENTLY IF EXISTS ${index}`);
    const { problem } = error;
    throw new GreenlightError({
      ...problem,
      help: `The index ${left.join(', ')} that it left behind was not valid, and has been dropped. ${problem.help ?? ''}`,
    });
  }
}

async function invalidIndexes(session: Session): Promise<string[]> {
  const rows = await session.rows(
    `SELECT pg_catalog.quote_ident(nspname) || '.' || pg_catalog.quote_ident(relname) AS name
     FROM pg_catalog.pg_index JOIN pg_catalog.pg_class c ON c.oid = indexrelid
       JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace
     WHERE NOT indisvalid AND relkind = 'i'`,
  );
  return rows.map(({ name }) => String(name));
}

// ---------------------------------------------------------------------------------------------
// Asking

async function check(work: Work, script: Script): Promise<string[]> {
  const statements = readyStatements(work, script);
  if (statements.length === 0) return [`${script.file}: holds no query`];
  const failures: string[][] = [];
  await asking(work, script, async () => {
    for (const statement of statements) {
      const table = await ask(work, script, statement);
      const isTrue = (value: string | null, column: number) =>
        table.types[column] === 'boolean' && value === 't';
      failures.push(untrue(`${script.file}:${statement.line}`, table, isTrue));
    }
  });
  return failures.flat();
}

async function query(work: Work, script: Script): Promise<QueryRows> {
  const statement = onlyQuery(script, readyStatements(work, script));
  let found: Table = { columns: [], types: [], rows: [] };
  await asking(work, script, async () => {
    found = await ask(work, script, statement);
  });
  const { columns, types, rows } = found;
  return { columns, types, rows: rows.map((row) => [...row]) };
}

async function asking(work: Work, script: Script, questions: () => Promise<void>): Promise<void> {
  await work.session.run(work.settings);
  await inTransaction(work, script, questions);
}

async function ask({ session, write }: Work, script: Script, statement: ReadyStatement) {
  try {
    return await session.table(statement.sql);
  } catch (error) {
    throw failed(script, statement, error, write);
  }
}

// ---------------------------------------------------------------------------------------------
// Faults

function failed(
  script: Script,
  statement: ReadyStatement,
  error: unknown,
  write: boolean,
): GreenlightError {
  const where = `${script.file}:${statement.line + lineIn(statement, error) - 1}`;
  const what = `A statement failed:\n${excerpt(statement)}`;
  const cause = causeOf(error);
  const help =
    error instanceof GreenlightError && !(stateBehind(error) === '25006' && !write)
      ? error.problem.help
      : undefined;
  return new GreenlightError({
    what,
    where,
    cause,
    help: help ?? 'Mend the statement, then run the same command again.',
  });
}

/** The line of the statement, from 1: the server tells a place in what was sent, our comment before it included. */
function lineIn({ sql }: ReadyStatement, error: unknown): number {
  const told = error instanceof GreenlightError ? error.cause : error;
  const position = Number((told as { position?: string } | undefined)?.position ?? Number.NaN);
  const at = position - 1 - sqlComment(purpose).length;
  return Number.isNaN(at) || at < 0 ? 1 : lineBreaksIn(sql.slice(0, unitsOf(sql, at))) + 1;
}

/** Class 22 quotes the value that did not fit; all other messages hold names only, or what the script itself raises. */
function causeOf(error: unknown): string {
  const message =
    error instanceof GreenlightError ? (error.problem.cause ?? error.message) : messageOf(error);
  const line = firstLine(message);
  return /^22/.test(stateBehind(error) ?? '') ? line.replace(/"[^"]*"/g, '"..."') : line;
}
