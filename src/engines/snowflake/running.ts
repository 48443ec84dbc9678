import { GreenlightError, messageOf } from '../../errors.ts';
import { Scope } from './catalog-scope.ts';
import type { Row, Session } from './connection.ts';
import { codeBehind, firstLine } from './errors.ts';
import { type Place, qualified } from './names.ts';

interface Ends {
  /** Where it ran until now. */
  readonly from: Place;
  readonly to: Place;
}

/**
 * What works by itself in the database that was live goes on in the one that is live now, and rests in the old one.
 * Resumed first, then suspended: cut off in between, the next run sees what still has to be carried over. What did not
 * run before is left as it is, and so is what the new logic has not. Gives the statements that failed, with the cause;
 * nothing rests then that does not go on.
 */
export async function carryRunning(session: Session, { from, to }: Ends): Promise<string[]> {
  const tasks = await started(session, { from, to });
  const tables = await active(session, { from, to });
  const failed = await attempt(session, [
    ...tasks.resume.map((row) => `ALTER TASK ${nameOf(to, row)} RESUME`),
    ...tables.resume.map((row) => `ALTER DYNAMIC TABLE ${nameOf(to, row)} RESUME`),
  ]);
  if (failed.length > 0) return failed;
  return attempt(session, [
    ...tasks.suspend.map((row) => `ALTER TASK ${nameOf(from, row)} SUSPEND`),
    ...tables.suspend.map((row) => `ALTER DYNAMIC TABLE ${nameOf(from, row)} SUSPEND`),
  ]);
}

async function attempt(session: Session, statements: readonly string[]): Promise<string[]> {
  const failed: string[] = [];
  for (const sql of statements) {
    try {
      await session.run(sql);
    } catch (error) {
      if (codeBehind(error) === null) throw error;
      failed.push(`${sql}; (${causeOf(error)})`);
    }
  }
  return failed;
}

function causeOf(error: unknown): string {
  const told = error instanceof GreenlightError ? error.problem.cause : undefined;
  return told ?? firstLine(messageOf(error));
}

interface Carried {
  readonly resume: readonly Row[];
  readonly suspend: readonly Row[];
}

/**
 * A root is resumed after the others of its graph, and suspended before them: Snowflake changes no task of a graph whose
 * root runs. One that runs already, because an earlier run came so far, is left alone for the same reason.
 */
async function started(session: Session, { from, to }: Ends): Promise<Carried> {
  const running = (await new Scope(session, from).shownIfAny('TASKS')).filter(isStarted);
  const there = await new Scope(session, to).shownIfAny('TASKS');
  const roots = running.filter(isRoot);
  const others = running.filter((row) => !isRoot(row));
  const rests = (row: Row) =>
    there.some((one) => isSame(one, row, { from, to }) && !isStarted(one));
  return { resume: [...others, ...roots].filter(rests), suspend: [...roots, ...others] };
}

async function active(session: Session, { from, to }: Ends): Promise<Carried> {
  const [was, is] = [await dynamicTables(session, from), await dynamicTables(session, to)];
  const running = was.filter(isActive);
  const rests = (row: Row) => is.some((one) => isSame(one, row, { from, to }) && !isActive(one));
  return { resume: running.filter(rests), suspend: running };
}

function dynamicTables(session: Session, place: Place): Promise<Row[]> {
  return new Scope(session, place).shownIfAny('DYNAMIC TABLES');
}

function isStarted({ state }: Row): boolean {
  return String(state).toLowerCase() === 'started';
}

function isActive({ scheduling_state }: Row): boolean {
  return /^(ACTIVE|RUNNING)$/i.test(String(scheduling_state));
}

/** A finalizer comes after its root, without naming it as a predecessor. */
function isRoot({ predecessors, task_relations }: Row): boolean {
  if (/"FinalizedRootTask"\s*:\s*"/.test(String(task_relations ?? ''))) return false;
  return ['', '[]', 'null'].includes(String(predecessors ?? '').trim());
}

function isSame(one: Row, other: Row, { from, to }: Ends): boolean {
  const isThere = one.name === other.name;
  return to.schema === null && from.schema === null
    ? isThere && one.schema_name === other.schema_name
    : isThere;
}

function nameOf({ database, schema }: Place, row: Row): string {
  return qualified(database, schema ?? String(row.schema_name), String(row.name));
}
