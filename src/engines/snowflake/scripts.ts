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
import { type Filling, type FillingDialect, fillingOf, placeholderOf } from '../placeholders.ts';
import { notCommitted, type OnStatement, onlyQuery, stillOpen, untrue } from '../scripts.ts';
import { messageBehind } from './claims.ts';
import { Session, type Table } from './connection.ts';
import { codeBehind, firstLine } from './errors.ts';
import { literal, type Place, placeOf, quote } from './names.ts';
import type { SnowflakeOptions } from './options.ts';
import { type Reach, reachOf, refuseForbidden } from './reach.ts';
import { MarkStore } from './run-mark.ts';
import {
  cannotBeWrapped,
  isReading,
  leavesOpen,
  leavesTraces,
  lexis,
  type ReadyStatement,
  readStatements,
} from './statements.ts';
import { noiseIn } from './unsteady.ts';
import { typeOfResult } from './workspace.ts';

export function snowflakeScripts(options: SnowflakeOptions): ScriptRunner {
  return {
    open: async (at, scriptOptions) => openSession(at, scriptOptions, options),
    lexis,
    noiseIn: async (sql) => noiseIn(sql),
  };
}

async function openSession(
  at: Location,
  scriptOptions: ScriptOptions,
  options: SnowflakeOptions,
): Promise<ScriptSession> {
  const work = new Work(placeOf(at), scriptOptions, options);
  // So that what is wrong with the connection or the place is told here.
  await work.session();
  return {
    run: (script, onStatement, mark) => run(work, script, onStatement, mark),
    check: (script) => check(work, script),
    query: (script) => query(work, script),
    readMark: async () => work.marks.read(await work.session()),
    writeMark: async (mark) => work.marks.write(await work.session(), mark),
    dropMark: async () => work.marks.drop(await work.session()),
    close: () => work.close(),
  };
}

/** A session on one place, and what every script of it is held against. */
class Work {
  readonly marks: MarkStore;
  readonly write: boolean;
  readonly #place: Place;
  readonly #reach: Reach;
  readonly #fillings: ReadonlyMap<string, Filling> | null;
  readonly #options: SnowflakeOptions;
  readonly #settings: readonly string[];
  #session: Session | undefined;

  constructor(
    place: Place,
    { write, variables, forbidden, placeholders = false, utc = false }: ScriptOptions,
    options: SnowflakeOptions,
  ) {
    const fillings = Object.entries(variables).map(
      ([name, value]) => [name, fillingOf(name, value, dialect)] as const,
    );
    this.marks = new MarkStore(place);
    this.write = write;
    this.#place = place;
    this.#reach = reachOf(place, forbidden);
    this.#fillings = placeholders
      ? new Map(fillings.map(([name, filling]) => [placeholderOf(name), filling]))
      : null;
    this.#options = options;
    this.#settings = [
      ...(utc ? ["ALTER SESSION SET TIMEZONE = 'UTC'"] : []),
      ...fillings
        // A longer text is no value of a session variable (docs: "SQL variables").
        .filter(([, { text }]) => Buffer.byteLength(text) <= 256)
        .map(([name, { sql }]) => `SET ${quote(name.toUpperCase())} = ${sql}`),
    ];
  }

  /** As the user and the account have it: what a script does must not depend on who runs it. */
  async session(): Promise<Session> {
    if (this.#session !== undefined) return this.#session;
    const session = await Session.open(this.#options, {
      purpose: 'script',
      at: this.#place,
      neutral: false,
    });
    this.#session = session;
    try {
      for (const setting of this.#settings) await session.run(setting);
      return session;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** What a script has set does not reach the next one: that gets a session of its own. */
  async leave(statements: readonly ReadyStatement[]): Promise<void> {
    if (statements.some(leavesTraces)) await this.close();
  }

  /** @throws GreenlightError when one of them must not run; then none of them has. */
  statementsOf(script: Script): ReadyStatement[] {
    const statements = readStatements(script, this.#fillings);
    for (const statement of statements) {
      refuseForbidden(script, statement, this.#reach);
      if (this.write || isReading(statement)) continue;
      throw new GreenlightError({
        what: `This statement cannot run here:\n${excerpt(statement)}`,
        where: `${script.file}:${statement.line}`,
        help: 'Here nothing is written: SELECT, WITH, VALUES, SHOW, DESCRIBE and EXPLAIN can run.',
      });
    }
    return statements;
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
  }
}

const dialect: FillingDialect = {
  literal,
  instant: (text) => `${literal(text)}::TIMESTAMP_TZ`,
  plainType: /^[A-Z_ ]+[0-9]*(\(\d+(, ?\d+)?\))?$/,
};

// ---------------------------------------------------------------------------------------------
// Running

const optOut = /^\s*(--|\/\/)\s*greenlight:\s*no transaction\s*$/im;

async function run(
  work: Work,
  script: Script,
  onStatement?: OnStatement,
  mark?: RunMark,
): Promise<ScriptReport> {
  const statements = work.statementsOf(script);
  const reason = optOut.test(script.text)
    ? 'it asks for no transaction'
    : outsideReason(statements);
  try {
    if (reason === null) await runWhole(work, script, { statements, onStatement, mark });
    else await runOneByOne(work, script, { statements, onStatement, mark });
  } finally {
    await work.leave(statements);
  }
  return { statements: statements.length, transactional: reason === null, reason };
}

/** `line 3: CREATE TABLE commits by itself`; null: all of them can run in one transaction. */
function outsideReason(statements: readonly ReadyStatement[]): string | null {
  for (const statement of statements) {
    const what = cannotBeWrapped(statement);
    if (what !== null)
      return `line ${statement.line}: ${what} commits by itself, so that no transaction can hold it`;
  }
  return null;
}

interface Plan {
  readonly statements: readonly ReadyStatement[];
  readonly onStatement: OnStatement | undefined;
  readonly mark: RunMark | undefined;
}

async function runWhole(
  work: Work,
  script: Script,
  { statements, onStatement, mark }: Plan,
): Promise<void> {
  const session = await work.session();
  await session.run('BEGIN TRANSACTION');
  try {
    await runEach(session, script, statements, onStatement);
    if (mark !== undefined) await work.marks.update(session, mark);
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

async function runOneByOne(
  work: Work,
  script: Script,
  { statements, onStatement, mark }: Plan,
): Promise<void> {
  const open = leavesOpen(statements);
  if (open !== null) throw stillOpen(script, open);
  const session = await work.session();
  if (mark !== undefined)
    await work.marks.write(session, { ...mark, done: mark.done - 1, begun: true });
  try {
    await runEach(session, script, statements, onStatement);
  } catch (error) {
    await session.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
  if (mark !== undefined) await work.marks.write(session, mark);
}

async function runEach(
  session: Session,
  script: Script,
  statements: readonly ReadyStatement[],
  onStatement: OnStatement | undefined,
): Promise<void> {
  for (const [at, statement] of statements.entries()) {
    await session.run(statement.sql).catch((error) => {
      throw failed(script, statement, error);
    });
    onStatement?.(at + 1, statements.length);
  }
}

// ---------------------------------------------------------------------------------------------
// Asking

async function check(work: Work, script: Script): Promise<string[]> {
  const statements = work.statementsOf(script);
  if (statements.length === 0) return [`${script.file}: holds no query`];
  const failures: string[][] = [];
  for (const statement of statements) {
    const { columns, rows } = await ask(work, script, statement);
    const names = columns.map(({ name }) => shown(name));
    const isTrue = (value: unknown, column: number) =>
      columns[column]?.type.toLowerCase() === 'boolean' && value === true;
    failures.push(untrue(`${script.file}:${statement.line}`, { columns: names, rows }, isTrue));
  }
  return failures.flat();
}

/** A name as it was written, most probably: without quotes Snowflake puts it in upper case. */
function shown(name: string): string {
  return /^[A-Z_][A-Z0-9_$]*$/.test(name) ? name.toLowerCase() : name;
}

async function query(work: Work, script: Script): Promise<QueryRows> {
  const statement = onlyQuery(script, work.statementsOf(script));
  const { columns, rows } = await ask(work, script, statement);
  return {
    columns: columns.map(({ name }) => shown(name)),
    types: columns.map(typeOfResult),
    rows: rows.map((row) => row.map((value) => (value === null ? null : String(value)))),
  };
}

async function ask(work: Work, script: Script, statement: ReadyStatement): Promise<Table> {
  const session = await work.session();
  return session.table(statement.sql).catch((error) => {
    throw failed(script, statement, error);
  });
}

// ---------------------------------------------------------------------------------------------
// Faults

function failed(script: Script, statement: ReadyStatement, error: unknown): GreenlightError {
  const where = `${script.file}:${statement.line + lineIn(error) - 1}`;
  const help = error instanceof GreenlightError ? error.problem.help : undefined;
  return new GreenlightError({
    what: `A statement failed:\n${excerpt(statement)}`,
    where,
    cause: causeOf(error),
    help: help ?? 'Mend the statement, then run the same command again.',
  });
}

/** The line of the statement, from 1: `error line 2 at position 4`. What stands before it in what was sent is on its first line. */
function lineIn(error: unknown): number {
  const [, line = '1'] = /(?:error )?line (\d+) at position/i.exec(messageBehind(error)) ?? [];
  return Math.max(1, Number(line));
}

/** 100...: quotes the value that did not fit; all other messages hold names only, or what the script itself raises. */
function causeOf(error: unknown): string {
  const message = messageBehind(error)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(0, 3)
    .join(' ');
  const told = message === '' ? firstLine(messageOf(error)) : message;
  return /^100/.test(codeBehind(error) ?? '') ? told.replace(/'[^']*'/g, "'...'") : told;
}
