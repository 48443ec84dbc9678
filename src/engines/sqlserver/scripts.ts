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
  TypedText,
} from '../engine.ts';
import { excerpt } from '../excerpt.ts';
import { type Filling, type FillingDialect, fillingOf, placeholderOf } from '../placeholders.ts';
import {
  asksForNoTransaction,
  notCommitted,
  type OnStatement,
  onlyQuery,
  untrue,
} from '../scripts.ts';
import { list } from '../sql.ts';
import { lineIn } from './batches.ts';
import { Session } from './connection.ts';
import { firstLine, lineOf, withoutData } from './errors.ts';
import { lexis } from './lexis.ts';
import { databaseOf, literal } from './names.ts';
import type { SqlserverOptions } from './options.ts';
import type { QueryTable } from './query-table.ts';
import { runMarks } from './run-mark.ts';
import {
  outsideOf,
  queriesOf,
  type Reach,
  type ReadyBatch,
  reachOf,
  readBatches,
  refuseForbidden,
  writingIn,
} from './statements.ts';
import { noiseIn } from './unsteady.ts';

export function sqlserverScripts(options: SqlserverOptions): ScriptRunner {
  return {
    open: (at, scriptOptions) => openSession(at, scriptOptions, options),
    lexis,
    noiseIn,
  };
}

/** Where scripts run, and what every one of them is held against. */
interface Work {
  readonly at: Location;
  readonly options: SqlserverOptions;
  readonly write: boolean;
  readonly variables: ScriptOptions['variables'];
  /** Those of sqlcmd. */
  readonly given: ReadonlyMap<string, string>;
  /** What placeholders stand for; null: they are not looked at. */
  readonly fillings: ReadonlyMap<string, Filling> | null;
  readonly reach: Reach;
}

const purpose = 'script';

async function openSession(
  at: Location,
  { write, variables, forbidden, placeholders = false }: ScriptOptions,
  options: SqlserverOptions,
): Promise<ScriptSession> {
  const texts = Object.entries(variables).map(
    ([name, value]) => [name, typeof value === 'string' ? value : value.text] as const,
  );
  const fillings = new Map(
    Object.entries(variables).map(([name, value]) => [
      placeholderOf(name),
      fillingOf(name, value, dialect),
    ]),
  );
  const database = databaseOf(at);
  const work: Work = {
    at,
    options,
    write,
    variables,
    given: new Map([...texts, ['DatabaseName', database], ['SQLCMDDBNAME', database]]),
    fillings: placeholders ? fillings : null,
    reach: reachOf(at, forbidden),
  };
  // For marks; each script has a session of its own, so that none leaves tables or settings to the next one.
  const own = await Session.open(at, options, { purpose });
  return {
    run: (script, onStatement, mark) => run(work, own, script, onStatement, mark),
    check: (script) => check(work, script),
    query: (script) => query(work, script),
    readMark: () => runMarks.read(own),
    writeMark: (mark) => runMarks.write(own, mark),
    dropMark: () => runMarks.drop(own),
    close: () => own.close(),
  };
}

function inSession<T>(work: Work, use: (session: Session) => Promise<T>): Promise<T> {
  return Session.use(work.at, work.options, { purpose }, async (session) => {
    const variables = Object.entries(work.variables);
    if (variables.length > 0)
      await session.run(list(variables, ([name, value]) => setting(name, value), '; '));
    return use(session);
  });
}

/** `SESSION_CONTEXT(N'greenlight.now')`; no script can change it. */
function setting(name: string, value: string | TypedText): string {
  const { sql } = fillingOf(name, value, dialect);
  return `DECLARE @${placeholderOf(name)} sql_variant = ${sql}; EXECUTE sys.sp_set_session_context @key = ${literal(`greenlight.${placeholderOf(name)}`)}, @value = @${placeholderOf(name)}, @read_only = 1`;
}

const dialect: FillingDialect = {
  literal,
  instant: (text) => `CAST(${literal(text)} AS datetimeoffset(7))`,
  plainType: /^[a-z][a-z0-9]*(\((\d+(,\d+)?)\))?$/,
};

/** @throws GreenlightError when one of them must not run; then none of them has. */
function readyBatches(work: Work, script: Script): ReadyBatch[] {
  const batches = readBatches(script, work.given, work.fillings);
  for (const batch of batches) {
    refuseForbidden(script, batch, work.at, work.reach);
    const writes = work.write ? null : writingIn(batch);
    if (writes === null) continue;
    throw new GreenlightError({
      what: `This batch does more than read:\n${excerpt(batch)}`,
      where: `${script.file}:${writes.line}`,
      cause: `it holds ${writes.what}`,
      help: 'What only reads here may hold queries, DECLARE and SET of variables.',
    });
  }
  return batches;
}

// ---------------------------------------------------------------------------------------------
// Running

async function run(
  work: Work,
  own: Session,
  script: Script,
  onStatement?: OnStatement,
  mark?: RunMark,
): Promise<ScriptReport> {
  const batches = readyBatches(work, script);
  const reason = asksForNoTransaction(script)
    ? 'it asks for no transaction'
    : outsideReason(batches, work.write);
  const plan = { work, script, runs: batches.flatMap(repeated), onStatement };
  if (reason === null) await runWhole(plan, mark);
  else {
    await (mark && runMarks.write(own, { ...mark, done: mark.done - 1, begun: true }));
    await runOneByOne(plan);
    await (mark && runMarks.write(own, mark));
  }
  return { statements: plan.runs.length, transactional: reason === null, reason };
}

/** `GO 5`. */
function repeated(batch: ReadyBatch): ReadyBatch[] {
  return Array.from({ length: batch.times }, () => batch);
}

/** `line 3: ALTER DATABASE cannot run in our transaction`; null: all of them can. */
function outsideReason(batches: readonly ReadyBatch[], write: boolean): string | null {
  if (!write) return null;
  for (const batch of batches) {
    const outside = outsideOf(batch);
    if (outside !== null)
      return `line ${outside.line}: ${outside.what} cannot run in our transaction`;
  }
  return null;
}

interface Plan {
  readonly work: Work;
  readonly script: Script;
  readonly runs: readonly ReadyBatch[];
  readonly onStatement: OnStatement | undefined;
}

async function runWhole(plan: Plan, mark: RunMark | undefined): Promise<void> {
  const { work, script, runs, onStatement } = plan;
  await inTransaction(work, script, async (session) => {
    for (const [at, batch] of runs.entries()) {
      await runBatch(session, script, batch);
      // A trigger or a procedure that rolls back ends our transaction, too: what came next would be committed.
      const { open } = await session.row('SELECT @@TRANCOUNT AS [open]');
      if (Number(open) !== 1) throw ended(script, batch);
      onStatement?.(at + 1, runs.length);
    }
    await refuseOtherDatabases(session, script);
    if (mark !== undefined) await runMarks.update(session, mark);
  });
}

/** Each on its own. */
async function runOneByOne({ work, script, runs, onStatement }: Plan): Promise<void> {
  await inSession(work, async (session) => {
    for (const [at, batch] of runs.entries()) {
      await runBatch(session, script, batch);
      onStatement?.(at + 1, runs.length);
    }
    const { open } = await session.row('SELECT @@TRANCOUNT AS [open]');
    if (Number(open) === 0) return;
    await session.run('ROLLBACK TRANSACTION');
    throw new GreenlightError({
      what: 'The script begins a transaction that it never ends; what it did in it is undone.',
      where: script.file,
      help: 'Write COMMIT at its end, or leave the transaction to Greenlight.',
    });
  });
}

async function runBatch(session: Session, script: Script, batch: ReadyBatch): Promise<void> {
  try {
    await session.run(batch.sql);
  } catch (error) {
    throw failed(script, batch, error);
  }
}

/** What only reads leaves nothing, whatever runs in it. */
async function inTransaction(
  work: Work,
  script: Script,
  use: (session: Session) => Promise<void>,
): Promise<void> {
  await inSession(work, async (session) => {
    await session.run('BEGIN TRANSACTION');
    try {
      await use(session);
    } catch (error) {
      await session.run('IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION').catch(() => undefined);
      throw error;
    }
    try {
      await session.run(
        work.write ? 'COMMIT TRANSACTION' : 'IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION',
      );
    } catch (error) {
      await session.run('IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION').catch(() => undefined);
      throw notCommitted(script, causeOf(error));
    }
  });
}

/**
 * Names in texts that a script puts together when it runs show in nothing else than the databases that its transaction
 * has written to. A login that may not see these is not held up.
 */
async function refuseOtherDatabases(session: Session, script: Script): Promise<void> {
  // Asked first: an error, also one for want of a right, would undo the transaction.
  const { sees } = await session.row(seesTransactions);
  const rows = Number(sees) === 1 ? await session.rows(writtenDatabases) : [];
  if (rows.length === 0) return;
  throw new GreenlightError({
    what: `The script writes outside of its database: to ${list(rows, ({ name }) => String(name))}.`,
    where: script.file,
    cause: `it runs in the database ${session.database}, and nothing of the script was committed`,
    help: 'Let it work on its own database only.',
  });
}

const seesTransactions = `SELECT CASE WHEN HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE') = 1
    OR HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER PERFORMANCE STATE') = 1 THEN 1 ELSE 0 END AS sees`;

/** 2 is tempdb; 32767 is that of the server's own procedures. */
const writtenDatabases = `SELECT DB_NAME(d.database_id) AS name
  FROM sys.dm_tran_database_transactions AS d JOIN sys.dm_tran_current_transaction AS c ON c.transaction_id = d.transaction_id
  WHERE d.database_transaction_log_record_count > 0 AND d.database_id NOT IN (DB_ID(), 2, 32767)`;

// ---------------------------------------------------------------------------------------------
// Asking

async function check(work: Work, script: Script): Promise<string[]> {
  const queries = readyBatches(work, script).flatMap(queriesOf);
  if (queries.length === 0) return [`${script.file}: holds no query`];
  const failures: string[][] = [];
  await asking(work, script, async (session) => {
    for (const { sql, line } of queries) {
      const { columns, types, rows } = await ask(session, script, sql, line);
      const shown = columns.map((name, at) => name || `column ${at + 1}`);
      const isTrue = (value: string | boolean | null, column: number) =>
        types[column] === 'bit' && value === true;
      failures.push(untrue(`${script.file}:${line}`, { columns: shown, rows }, isTrue));
    }
  });
  return failures.flat();
}

async function query(work: Work, script: Script): Promise<QueryRows> {
  const { sql, line } = onlyQuery(script, readyBatches(work, script).flatMap(queriesOf));
  let answer: QueryTable = { columns: [], types: [], rows: [] };
  await asking(work, script, async (session) => {
    answer = await ask(session, script, sql, line);
  });
  const { columns, types, rows } = answer;
  return { columns, types, rows: rows.map((row) => row.map(asText)) };
}

/** As SQL Server writes a bit. */
function asText(value: string | boolean | null): string | null {
  return typeof value === 'boolean' ? (value ? '1' : '0') : value;
}

/** Always in a transaction that leaves nothing. */
function asking(
  work: Work,
  script: Script,
  questions: (session: Session) => Promise<void>,
): Promise<void> {
  return inTransaction({ ...work, write: false }, script, questions);
}

async function ask(
  session: Session,
  script: Script,
  sql: string,
  line: number,
): Promise<QueryTable> {
  try {
    return await session.table(sql);
  } catch (error) {
    throw failed(script, { text: sql, line, times: 1 }, error);
  }
}

// ---------------------------------------------------------------------------------------------
// Faults

function failed(
  script: Script,
  batch: Pick<ReadyBatch, 'text' | 'line' | 'times'>,
  error: unknown,
): GreenlightError {
  const first = firstOf(error);
  const line = lineIn(batch, lineOf(first) ?? lineOf(error));
  return new GreenlightError({
    what: `A batch failed:\n${excerpt(around(batch, line))}`,
    where: `${script.file}:${line}`,
    cause: causeOf(error),
    help:
      (error instanceof GreenlightError ? error.problem.help : undefined) ??
      'Mend the statement, then run the same command again.',
  });
}

/** A batch may be long: from the line before the one that failed. */
function around({ text, line }: Pick<ReadyBatch, 'text' | 'line'>, failedAt: number) {
  const from = Math.max(line, failedAt - 1);
  return {
    text: text
      .split(/\r\n|\r|\n/)
      .slice(from - line)
      .join('\n'),
    line: from,
  };
}

/** SQL Server says the reason first, and that there was one last. */
function firstOf(error: unknown): unknown {
  const thrown = error instanceof GreenlightError ? (error.cause ?? error) : error;
  const { precedingErrors } = (thrown ?? {}) as { precedingErrors?: readonly unknown[] };
  return precedingErrors?.[0] ?? thrown;
}

/** What a script itself raises is shown; of what comes from data, what holds none. */
function causeOf(error: unknown): string {
  const first = firstOf(error);
  if (first instanceof GreenlightError) return first.problem.cause ?? first.message;
  const { number } = first as { number?: number };
  // RAISERROR with a text, and THROW.
  const isRaised = number !== undefined && number >= 50_000;
  return isRaised ? firstLine(messageOf(first)) : withoutData(first);
}

function ended(script: Script, batch: ReadyBatch): GreenlightError {
  return new GreenlightError({
    what: `A batch ended the transaction that the script runs in; what ran before it is undone:\n${excerpt(batch)}`,
    where: `${script.file}:${batch.line}`,
    help: 'A procedure or a trigger rolls back or commits. Write `-- greenlight: no transaction` into the script, and it keeps its own transactions.',
  });
}
